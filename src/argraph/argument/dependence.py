"""What statements hang on: every item whose withdrawal alone changes the status of one that stands.

To withdraw means the same as in `cruxes`: to reject an item whatever speaks for it. Where `cruxes` searches
the sets for one node, this finds all single items for all statements together. A status has a proof, and only
what the proof uses can matter, so nothing else is withdrawn. Each withdrawal is then carried forward: the
well-founded model can be computed one strongly connected part at a time, each from the statuses of those
before it (splitting: Lifschitz and Turner 1994; for argument graphs Baroni, Giacomin and Guida 2005,
doi:10.1016/j.artint.2005.05.006), and where a part comes out as it was, nothing behind it is looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from argraph.argument.evaluation import Framework, among, renumbered
from argraph.argument.graph import ArgumentGraph
from argraph.argument.labelling import ALL, ANY, BASE, Arcs, Ints, Status, compiled_for, label
from argraph.argument.parts import Parts
from argraph.argument.propagation import DONE, FULL, SPENT, carry, prove

EFFORT: Final = 200_000
"""Items that may be looked at again before the search gives up, in a small debate."""
EACH: Final = 10
"""The same for each item of a large one. Debates as people write them take about two."""

SMALL: Final = 16
"""Parts of so many items that depend on each other are settled by trying, larger ones as a whole graph is."""


class Trial(NamedTuple):
    """What came of withdrawing items one by one; see `Dependence`."""

    tried: Ints
    looks: Ints
    changed: Ints
    withdrawn: Ints


class Dependence(Mapping[str, tuple[str, ...]]):
    """For statements that stand, by IRI, the nodes and steps without any one of which they would not.

    Attributes:
        goals: The numbers of those statements, in order.
        complete: Whether these are all.
        tried: What was withdrawn, by number: all that proofs of goals use, in order.
        looks: How many items were looked at again for each of `tried`.
        changed: What comes out otherwise when one item is withdrawn: numbers, in order; whatever it is.
        withdrawn: For each of `changed` what is withdrawn then, in order among equal ones.
        circles: Items that depend on others that depend on them, in order, and a number for each such part.
    """

    def __init__(
        self,
        names: tuple[str, ...],
        goals: Ints,
        circles: tuple[Ints, Ints],
        trial: Trial | None = None,
        *,
        complete: bool = False,
    ) -> None:
        self._names = names
        self.goals, self.circles, self.complete = goals, circles, complete
        nothing = np.zeros(0, np.int32)
        self.tried, self.looks, self.changed, self.withdrawn = trial or Trial(*[nothing] * 4)

    def of_each(self, items: Ints) -> Iterator[list[int]]:
        """What each of some items hangs on, by number; what is no goal may hang on something, too."""
        first, last = (np.searchsorted(self.changed, items, side).tolist() for side in ("left", "right"))
        for item, i, k in zip(items.tolist(), first, last, strict=True):
            found = self.withdrawn[i:k].tolist() if i < k else []
            yield [other for other in found if other != item]

    @property
    def pairs(self) -> tuple[Ints, Ints]:
        """Goals and what they hang on, by number: in order of these, then of those."""
        told = (self.changed != self.withdrawn) & among(self.changed, self.goals)
        return self.changed[told], self.withdrawn[told]

    def __getitem__(self, name: str) -> tuple[str, ...]:
        (items,) = self.of_each(np.array([self._numbers[name]], dtype=np.int32))
        return tuple(self._names[item] for item in items)

    def __iter__(self) -> Iterator[str]:
        return iter(self._numbers)

    def __len__(self) -> int:
        return len(self.goals)

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {self._names[goal]: goal for goal in self.goals.tolist()}


def dependence(argument: ArgumentGraph, framework: Framework, *, effort: int | None = None) -> Dependence:
    """For each statement that stands, the nodes and steps without any one of which it would not.

    A statement with nothing to its name stands whichever single item is withdrawn. One that is missing was
    not examined: where all statements together are too much, only theses and statements with a role are,
    and where these are too much, none.

    Args:
        argument: The debate.
        framework: The same, as numbered items.
        effort: Items to look at again at most; a larger graph asks for less.
    """
    names = framework.names
    if effort is None:
        effort = max(EFFORT, EACH * len(names))
    accepted = np.asarray(framework.labelling.status) == Status.ACCEPTED
    candidates = np.flatnonzero(accepted & (np.asarray(framework.needs) != ALL))
    standing = _statements(argument, framework, candidates)
    search = _Withdrawals(framework)
    for complete in (True, False):
        goals = standing if complete else _main(argument, framework, standing)
        trial = search.carried(search.used(goals), effort)
        if trial is not None:
            return Dependence(names, goals, search.circles, trial, complete=complete)
    return Dependence(names, np.zeros(0, np.int32), search.circles)


def edited(
    known: Dependence,
    was: ArgumentGraph,
    now: ArgumentGraph,
    before: Framework,
    after: Framework,
    *,
    effort: int | None = None,
) -> Dependence:
    """The same as `dependence` of a debate that was edited, from what was known of it before.

    A withdrawal is carried forward anew only if that met, or would meet, something that the edit touches:
    an item with other arcs, another need or another status, a neighbour behind such a status, and all that
    are in one strongly connected part with one of these, before or after. Where none was met, what was looked
    at depends on the same as before, and nothing else is reached.

    Args:
        known: What statements hung on before.
        was: The debate before.
        now: The debate as edited.
        before: The debate before, as numbered items.
        after: The same as edited.
        effort: As in `dependence`.
    """
    if not known.complete:
        return dependence(now, after, effort=effort)
    if effort is None:
        effort = max(EFFORT, EACH * len(after.names))
    number = renumbered(before.names, after.names)
    old, search = _Withdrawals(before), _Withdrawals(after)
    gone, touched, flipped = _touched(old, search, number, known.circles)

    # Those whose withdrawal an edited item may have felt, or may feel now.
    near = _into(search, touched)
    back = np.flatnonzero(number >= 0)
    met = gone.copy()
    met[back] |= touched[number[back]]
    near_before = met | _into(old, met)
    near_before[back] |= near[number[back]]
    again = touched.copy()
    felt = number[known.withdrawn[near_before[known.changed]]]
    again[felt[felt >= 0]] = True

    accepted = np.asarray(after.labelling.status) == Status.ACCEPTED
    asked = flipped.copy()
    asked[[after.index[iri] for iri in now.differences(was)[0] if iri in after.index]] = True
    goals = number[known.goals]
    goals = goals[goals >= 0]
    goals = goals[accepted[goals] & ~asked[goals]]
    asked &= accepted & (np.asarray(after.needs) != ALL)
    goals = np.sort(np.concatenate([goals, _statements(now, after, np.flatnonzero(asked))]))

    used = search.used(goals)
    items = number[known.tried]
    stays = (items >= 0) & among(items, used)
    stays[stays] = ~again[items[stays]]
    looks = known.looks[stays]
    rest = np.setdiff1d(used, items[stays], assume_unique=True).astype(np.int32)
    left = effort - int(looks.sum())
    trial = search.carried(rest, left) if left >= 0 else None
    if trial is None:
        return dependence(now, after, effort=effort)
    kept = np.zeros(len(before.names), np.bool_)
    kept[known.tried[stays]] = True
    pairs = kept[known.withdrawn]
    order = np.argsort(np.concatenate([items[stays], rest]), kind="stable")
    found = np.concatenate(
        [
            number[known.changed[pairs]].astype(np.int64) << 32 | number[known.withdrawn[pairs]],
            trial.changed.astype(np.int64) << 32 | trial.withdrawn,
        ]
    )
    found.sort()
    return Dependence(
        after.names,
        goals,
        search.circles,
        Trial(
            used,
            np.concatenate([looks, trial.looks])[order],
            (found >> 32).astype(np.int32),
            (found & 0xFFFFFFFF).astype(np.int32),
        ),
        complete=True,
    )


def _statements(argument: ArgumentGraph, framework: Framework, candidates: npt.NDArray[Any]) -> Ints:
    """Those of some items, by number, that are statements."""
    names, nodes = framework.names, argument.nodes
    found = [
        number
        for number in candidates.tolist()
        if (node := nodes.get(names[number])) is not None and node.kind != "evidence"
    ]
    return np.array(found, dtype=np.int32)


def _main(argument: ArgumentGraph, framework: Framework, statements: Ints) -> Ints:
    """Those that are theses or have a role."""
    nodes = {number: argument.nodes[framework.names[number]] for number in statements.tolist()}
    found = [number for number, node in nodes.items() if node.kind == "thesis" or node.role]
    return np.array(found, dtype=np.int32)


def _into(search: _Withdrawals, items: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """What helps or harms some items."""
    found = np.zeros(len(items), np.bool_)
    for arcs in (search.framework.supports, search.framework.attacks):
        found[arcs.starts[items[arcs.ends]]] = True
    return found


def _touched(
    old: _Withdrawals, new: _Withdrawals, number: Ints, circles: tuple[Ints, Ints]
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """What an edit touches: what goes, by its old number; what looks otherwise; what is new or flipped."""
    back = np.flatnonzero(number >= 0)
    there = number[back]
    gone = number < 0
    flipped = np.ones(len(new.framework.names), np.bool_)
    flipped[there] = _status(old)[back] != _status(new)[there]
    touched = flipped.copy()
    touched[there] |= np.asarray(old.framework.needs)[back] != np.asarray(new.framework.needs)[there]
    for was, now in (
        (old.framework.supports, new.framework.supports),
        (old.framework.attacks, new.framework.attacks),
    ):
        starts, ends = number[was.starts].astype(np.int64), number[was.ends].astype(np.int64)
        touched[ends[(ends >= 0) & (starts < 0)]] = True
        arcs = (starts << 32 | ends)[(starts >= 0) & (ends >= 0)]
        others = now.starts.astype(np.int64) << 32 | now.ends
        arcs, others = (keys[np.append(True, keys[1:] != keys[:-1])[: len(keys)]] for keys in (arcs, others))
        touched[np.setxor1d(arcs, others, assume_unique=True) & 0xFFFFFFFF] = True
        touched[now.ends[flipped[now.starts]]] = True
    count = -1
    while count != (count := int(np.count_nonzero(touched))):
        # What depends on itself together with something touched is touched too, as it was and as it is.
        items, part = new.circles
        touched[items[np.isin(part, part[touched[items]])]] = True
        items, part = number[circles[0]], circles[1]
        met = items < 0
        met[~met] = touched[items[~met]]
        items = items[np.isin(part, part[met])]
        touched[items[items >= 0]] = True
    return gone, touched, flipped


def _status(search: _Withdrawals) -> npt.NDArray[np.int8]:
    return np.asarray(search.framework.labelling.status, np.int8)


@dataclass(frozen=True)
class _Withdrawals:
    """A labelled framework, cut into parts that depend on each other."""

    framework: Framework

    @cached_property
    def _onward(self) -> Arcs:
        """All arcs by their start; those of attacks lead to the complement of their end."""
        supports, attacks = self.framework.supports, self.framework.attacks
        ends = np.empty(len(supports.ends) + len(attacks.ends), np.int32)
        ends[np.arange(len(supports.ends)) + attacks.offsets[supports.starts]] = supports.ends
        ends[np.arange(len(attacks.ends)) + supports.offsets[attacks.starts + 1]] = ~attacks.ends
        return Arcs(supports.offsets + attacks.offsets, ends)

    @cached_property
    def parts(self) -> Parts:
        """Its strongly connected parts."""
        ends = self._onward.ends
        return Parts.of(Arcs(self._onward.offsets, np.maximum(ends, ~ends)))

    @cached_property
    def _backward(self) -> tuple[Arcs, Arcs]:
        """Supports and attacks, by their end."""
        n = len(self.framework.names)
        both = (self.framework.supports, self.framework.attacks)
        helping, harming = (Arcs.of(n, arcs.ends, arcs.starts) for arcs in both)
        return helping, harming

    @cached_property
    def _circular(self) -> npt.NDArray[np.int8]:
        """For each part whether it depends on itself."""
        onward = self._onward
        circular = np.diff(self.parts.offsets) > 1
        ends = np.maximum(onward.ends, ~onward.ends)
        circular[self.parts.part[ends[ends == onward.starts]]] = True
        return circular.astype(np.int8)

    @cached_property
    def circles(self) -> tuple[Ints, Ints]:
        """The items of parts of more than one, and the numbers of these."""
        part = self.parts.part
        items = np.flatnonzero(np.diff(self.parts.offsets)[part] > 1).astype(np.int32)
        return items, part[items]

    def used(self, goals: Ints) -> Ints:
        """What the proofs of accepted goals use: what stands in them. All that they meet is decided."""
        framework, labelling = self.framework, self.framework.labelling
        helping, harming = self._backward
        n = len(framework.names)
        given: list[Any] = [
            np.asarray(framework.needs, np.int8),
            np.asarray(labelling.reason, np.int8),
            np.asarray(labelling.decider, np.int32),
            *(helping.offsets, helping.ends, harming.offsets, harming.ends),
            np.asarray(goals, np.int32),
        ]
        met: Any = np.zeros(n, np.int8)
        queue: Any = np.zeros(2 * n, np.int32)
        if (kernel := compiled_for(prove, n)) is not None:
            kernel(*given, met, queue)
        else:
            met, queue = met.tolist(), queue.tolist()
            plain: Callable[..., None] = prove
            plain(*(array.tolist() for array in given), met, queue)
        return np.flatnonzero(np.asarray(met, np.int8) & 1).astype(np.int32)

    def carried(self, items: Ints, effort: int) -> Trial | None:
        """What changes when each of some items is withdrawn; nothing when the effort is spent."""
        framework, parts = self.framework, self.parts
        n = len(framework.names)
        status = np.asarray(framework.labelling.status, np.int8)
        given: list[Any] = [
            np.asarray(items, np.int32),
            np.asarray(framework.needs, np.int8),
            status,
            *(self._onward.offsets, self._onward.ends),
            *(parts.part, parts.offsets, parts.members, self._circular),
            *(array for arcs in self._backward for array in (arcs.offsets, arcs.ends)),
        ]
        room: list[Any] = [
            *(status.copy(), status.copy(), self._counts(status)),
            *(np.zeros(n, np.int32), np.zeros(n, np.int32)),
        ]
        changed: Any = np.zeros(n, np.int32)
        by: Any = np.zeros(n, np.int32)
        looks: Any = np.zeros(len(items), np.int32)
        state: Any = np.array([0, 0, 0, 0, -1, effort], np.int64)
        kernel: Callable[..., Any] = carry
        if (ready := compiled_for(carry, n)) is not None:
            kernel = ready
        else:
            given, room = ([array.tolist() for array in arrays] for arrays in (given, room))
            changed, by, looks, state = (array.tolist() for array in (changed, by, looks, state))
        while (asked := kernel(SMALL, *given, *room, changed, by, looks, state)) != DONE:
            if asked == SPENT:
                return None
            if asked == FULL:
                more = np.zeros(len(changed), np.int32)
                grown = (np.append(kept, more) for kept in (changed, by))
                changed, by = grown if ready is not None else (kept.tolist() for kept in grown)
                continue
            members = parts.members[parts.offsets[asked] : parts.offsets[asked + 1]]
            now, fresh = room[:2]
            for item, came_out in zip(members, self._settle(members, now, items[state[0]]), strict=True):
                fresh[item] = came_out
        found = np.asarray(changed[: state[2]], np.int64) << 32 | np.asarray(by[: state[2]], np.int64)
        found.sort()
        return Trial(
            items,
            np.asarray(looks, np.int32),
            (found >> 32).astype(np.int32),
            (found & 0xFFFFFFFF).astype(np.int32),
        )

    def _counts(self, status: npt.NDArray[np.int8]) -> Ints:
        """For each item how many of those that help are open, accepted, rejected; then of those that harm."""
        n = len(status)
        counts = np.zeros(6 * n, np.int32)
        for first, arcs in ((0, self.framework.supports), (3, self.framework.attacks)):
            counts += np.bincount(6 * arcs.ends + first + status[arcs.starts], minlength=6 * n).astype(
                np.int32
            )
        return counts

    def _settle(self, members: Ints, now: Any, withdrawn: int) -> Any:
        """The statuses of items that depend on each other, from those before them.

        What is before them is put in by three more items, one of each status; the withdrawn item is attacked
        by the one that stands.
        """
        size = len(members)
        inside = np.full(len(self.framework.names), -1, np.int32)
        inside[members] = np.arange(size, dtype=np.int32)
        stand_in = np.array([size + 2, size, size + 1], np.int32)  # by status
        # What attacks itself alone is open.
        more = [size + 2, *([size] if inside[withdrawn] >= 0 else [])]
        hit = [size + 2, *([int(inside[withdrawn])] if inside[withdrawn] >= 0 else [])]
        arcs = []
        for before, starts, ends in zip(self._backward, ([], more), ([], hit), strict=True):
            counts = before.offsets[members + 1] - before.offsets[members]
            first = np.repeat(before.offsets[members] - np.cumsum(counts) + counts, counts)
            sources = before.ends[first + np.arange(len(first))]
            outside = np.array([now[source] for source in sources[inside[sources] < 0].tolist()], np.int32)
            places = inside[sources]
            places[places < 0] = stand_in[outside]
            ends = [*np.repeat(np.arange(size), counts).tolist(), *ends]
            arcs.append(Arcs.of(size + 3, [*places.tolist(), *starts], ends))
        needs = np.append(
            np.asarray(self.framework.needs, np.int8)[members], np.array([BASE, ANY, BASE], np.int8)
        )
        return np.asarray(label(needs, *arcs).status)[:size].tolist()
