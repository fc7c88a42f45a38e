"""Which sets of items can stand together: complete, preferred and stable extensions, found by clingo.

Where the well-founded labelling leaves an item open, these semantics take sides, each extension in its own
way. Without supports they are Dung's (1995, doi:10.1016/0004-3702(94)00041-X). With supports they are read
off the logic program whose well-founded model is the labelling: stable extensions are its stable models,
complete ones its partial stable models (Przymusinski 1990, doi:10.3233/FI-1990-13404), preferred ones those
with a greatest set of accepted items. An item that is accepted or rejected in the labelling is so in every
extension; hence only the open ones are searched, and where none is open no search is needed.

Three values are put into clingo's two by an atom "accepted" and an atom "not rejected" for each item
(Janhunen et al. 2006, ACM TOCL 7(1), 1–37).
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from argraph.argument.labelling import ALL, ANY, BASE, Arcs, Status
from argraph.errors import BudgetExceeded, MissingExtra

if TYPE_CHECKING:
    from clingo import Control

    from argraph.argument.evaluation import Framework

Semantics: TypeAlias = Literal["grounded", "complete", "preferred", "stable"]

SECONDS = 30.0
"""Time allowed unless the caller says otherwise."""


class Extension(NamedTuple):
    """One way to take sides, as item numbers in ascending order; all other items are rejected in it."""

    accepted: tuple[int, ...]
    undecided: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Extensions:
    """Extensions of a framework.

    Attributes:
        found: In ascending order of what they accept.
        more: Whether there are others beyond those found.
    """

    found: tuple[Extension, ...]
    more: bool


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What extensions agree on.

    Attributes:
        credulous: Items that some extension accepts.
        sceptical: Items that every extension accepts; where there is no extension, all items.
        exists: Whether there is any extension; only under stable semantics there may be none.
    """

    credulous: frozenset[int]
    sceptical: frozenset[int]
    exists: bool


def extensions(
    framework: Framework, semantics: Semantics, *, limit: int = 1000, seconds: float = SECONDS
) -> Extensions:
    """The extensions of a framework, at most `limit` of them.

    Raises:
        BudgetExceeded: The time ran out; nothing is returned rather than a part.
        MissingExtra: There are open items to search, and clingo is not installed.
    """
    found: list[Extension] = []
    for extension in _Search(framework, semantics, seconds).models():
        if len(found) == limit:
            return Extensions(tuple(sorted(found)), more=True)
        found.append(extension)
    return Extensions(tuple(sorted(found)), more=False)


def witness(
    framework: Framework,
    semantics: Semantics,
    item: int | None = None,
    *,
    accepts: bool = True,
    seconds: float = SECONDS,
) -> Extension | None:
    """An extension that accepts an item, or with `accepts=False` one that does not; None where there is none.

    Without an item, any extension. Errors as for `extensions`.
    """
    return _Search(framework, semantics, seconds).witness(item, accepts=accepts)


def acceptance(framework: Framework, semantics: Semantics, *, seconds: float = SECONDS) -> Acceptance:
    """Which items are accepted in some and in all extensions. Errors as for `extensions`."""
    search = _Search(framework, semantics, seconds)
    first = search.witness()
    if first is None:
        return Acceptance(frozenset(), frozenset(range(len(framework.needs))), exists=False)
    credulous, sceptical = set(first.accepted), set(first.accepted)
    for item in search.open:
        if item not in credulous and (other := search.witness(item)):
            credulous.update(other.accepted)
            sceptical.intersection_update(other.accepted)
        if item in sceptical and (other := search.witness(item, accepts=False)):
            credulous.update(other.accepted)
            sceptical.intersection_update(other.accepted)
    return Acceptance(frozenset(credulous), frozenset(sceptical), exists=True)


class _Search:
    """Extensions of what the labelling leaves open.

    Attributes:
        open: The undecided items.
    """

    def __init__(self, framework: Framework, semantics: Semantics, seconds: float) -> None:
        self._semantics = semantics
        self._seconds = seconds
        self._deadline = time.monotonic() + seconds
        status = np.asarray(framework.labelling.status)
        self._status = status
        self.open: list[int] = np.flatnonzero(status == Status.UNDECIDED).tolist()
        self._grounded = self._extension((), self.open)
        self._control: Control | None = None
        self._accepted: dict[int, int] = {}
        self._possible: dict[int, int] = {}
        if self.open and semantics != "grounded":
            self._control = _control(semantics)
            self._state(self._control, framework)

    def models(self, assumptions: Sequence[int] = ()) -> Iterator[Extension]:
        """All extensions in which the literals assumed are true."""
        if self._control is None:
            yield self._grounded
            return
        with self._control.solve(assumptions, yield_=True, async_=True) as handle:
            while True:
                handle.resume()
                if not handle.wait(self._time_left()):
                    handle.cancel()
                    raise self._exceeded()
                model = handle.model()
                if model is None:
                    return
                accepted = [v for v in self.open if model.is_true(self._accepted[v])]
                taken = set(accepted)
                possible = [v for v in self.open if v not in taken and model.is_true(self._possible[v])]
                yield self._extension(accepted, possible)

    def witness(self, item: int | None = None, *, accepts: bool = True) -> Extension | None:
        """The first extension found that does or does not accept an item."""
        if self._control is None or item not in self._accepted:
            settled = item is None or (self._status[item] == Status.ACCEPTED) == accepts
            return next(self.models(), None) if settled else None
        if accepts:
            return next(self.models([self._accepted[item]]), None)
        if self._semantics == "complete":
            return self._grounded
        if self._semantics == "stable":
            return next(self.models([-self._accepted[item]]), None)
        # To be greatest among those without the item is not to be greatest: all preferred ones are tried.
        return next((found for found in self.models() if item not in found.accepted), None)

    def _extension(self, accepted: Sequence[int], undecided: Sequence[int]) -> Extension:
        settled = np.flatnonzero(self._status == Status.ACCEPTED).tolist()
        return Extension(tuple(sorted([*settled, *accepted])), tuple(undecided))

    def _state(self, control: Control, framework: Framework) -> None:
        """State the rules of the open items."""
        from clingo.backend import HeuristicType

        with control.backend() as backend:
            for v in self.open:
                self._accepted[v], self._possible[v] = backend.add_atom(), backend.add_atom()
            for v, ways, attackers in _rules(framework, self.open, self._status):
                self._time_left()
                # Accepted needs every attacker rejected; possible needs none of them accepted.
                for mine, theirs in (self._accepted, self._possible), (self._possible, self._accepted):
                    hit = backend.add_atom()
                    for u in attackers:
                        backend.add_rule([hit], [theirs[u]])
                    for way in ways:
                        backend.add_rule([mine[v]], [-hit, *(mine[u] for u in way)])
                backend.add_rule([self._possible[v]], [self._accepted[v]])
                if self._semantics == "stable":
                    backend.add_rule([], [self._possible[v], -self._accepted[v]])
                elif self._semantics == "preferred":
                    backend.add_heuristic(self._accepted[v], HeuristicType.True_, 1, 1, [])

    def _time_left(self) -> float:
        left = self._deadline - time.monotonic()
        if left <= 0.0:
            raise self._exceeded()
        return left

    def _exceeded(self) -> BudgetExceeded:
        return BudgetExceeded(f"The search for {self._semantics} extensions", self._seconds)


_Rule: TypeAlias = tuple[int, list[list[int]], list[int]]


def _rules(framework: Framework, items: list[int], status: npt.NDArray[np.integer[Any]]) -> Iterator[_Rule]:
    """For each open item the ways in which it can stand, each as open items, and its open attackers."""
    helpers, attackers = _open(framework.supports, status), _open(framework.attacks, status)
    standing = status[framework.supports.starts] == Status.ACCEPTED
    upheld = set(framework.supports.ends[standing].tolist())
    for v in items:
        need, beside = framework.needs[v], helpers.get(v, [])
        if need == BASE or (need == ANY and v in upheld):
            ways: list[list[int]] = [[]]
        else:
            ways = [beside] if need == ALL else [[u] for u in beside]
        yield v, ways, attackers.get(v, [])


def _open(arcs: Arcs, status: npt.NDArray[np.integer[Any]]) -> dict[int, list[int]]:
    """The open items from which arcs lead to an open item, each once, by that item."""
    starts, ends = arcs.starts, arcs.ends
    both = (status[starts] == Status.UNDECIDED) & (status[ends] == Status.UNDECIDED)
    found: dict[int, list[int]] = {}
    for end, start in sorted(set(zip(ends[both].tolist(), starts[both].tolist(), strict=True))):
        found.setdefault(end, []).append(start)
    return found


def _control(semantics: Semantics) -> Control:
    """A solver that yields all models; for preferred semantics those that accept a greatest set of items."""
    try:
        import clingo
    except ImportError:
        raise MissingExtra(f"The search for {semantics} extensions", "extensions") from None
    greatest = ["--heuristic=Domain", "--enum-mode=domRec"] if semantics == "preferred" else []
    return clingo.Control(["--models=0", *greatest], logger=lambda _code, _text: None)
