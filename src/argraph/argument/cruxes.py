"""What a status hangs on: the smallest sets of withdrawals that change it, and of answers that restore it.

And how that differs between two states of a debate: what a status newly hangs on, and no longer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any

from argraph.argument.evaluation import Framework
from argraph.argument.graph import ArgumentGraph
from argraph.argument.scores import Scores
from argraph.argument.withdrawal import Found, Search
from argraph.argument.wording import STANDING, capital, counted, listed, name

_LEAST = 10
EFFORT = 1_000
"""Labellings that one search may compute before it says how far it came."""


@dataclass(frozen=True, slots=True)
class Crux:
    """A set no part of which would do.

    Attributes:
        items: IRIs of what would have to be withdrawn, or answered, together.
        instead: For each item, IRIs of those whose withdrawal in its place would come to the same.
        status: The status that the node would have.
        lower: Its strength would be at least this.
        upper: Its strength would be at most this.
        change: How far the middle of its strength would move, in [-1, 1].
    """

    items: tuple[str, ...]
    instead: tuple[tuple[str, ...], ...]
    status: str
    lower: float
    upper: float
    change: float

    @property
    def classes(self) -> frozenset[frozenset[str]]:
        """Each item with those that come to the same: equal for equal sets under different names."""
        return frozenset(frozenset(same) for same in self.alternatives)

    @property
    def alternatives(self) -> tuple[tuple[str, ...], ...]:
        """Each item, followed by those that come to the same."""
        return tuple((item, *others) for item, others in zip(self.items, self.instead, strict=True))


@dataclass(frozen=True, slots=True)
class Answer:
    """What a search found.

    Attributes:
        sets: Smallest first, then by change of strength.
        exact_up_to: Every set of up to this many items is here.
        complete: Whether there are none besides, of whatever size.
    """

    sets: tuple[Crux, ...]
    exact_up_to: int
    complete: bool


@dataclass(frozen=True, slots=True)
class Cruxes:
    """What the status of a node hangs on.

    Attributes:
        iri: The node or step.
        status: Its status now.
        flips: Withdrawals that change its status, to whatever.
        restores: For what does not stand or is open: attacking statements and attacks to answer so that it
            stands; empty for what stands.
    """

    iri: str
    status: str
    flips: Answer
    restores: Answer


def cruxes(
    argument: ArgumentGraph,
    scores: Scores,
    iri: str,
    *,
    largest: int = 2,
    effort: int = EFFORT,
    work: int | None = None,
    framework: Framework | None = None,
) -> Cruxes:
    """The smallest sets that decide the status of a node or step, each without needless parts.

    Where no set of up to `largest` items is enough, larger ones are tried until the first size with a
    result, as far as the effort allows.

    Args:
        argument: The debate.
        scores: Base scores, by which sets of one size are ranked.
        iri: The node or step; its own withdrawal does not count.
        largest: All sets of up to this size are wanted.
        effort: Labellings to spend on either search at most.
        work: Items to label on either search at most; the more bears on the node, the fewer labellings that
            is, but at least ten. No more sets are found than that, and so weighed.
        framework: The debate as numbered items, where there is one already.

    Raises:
        UnknownNode: The graph says nothing of it.
    """
    search = Search(argument, framework or Framework.of(argument, scores), iri)
    if work is not None:
        effort = min(effort, max(_LEAST, work // search.size))
    restores = Answer((), largest, complete=True)
    if search.status != "accepted":
        restores = _answer(search, search.restores(largest, effort), search.attackers_first)
    return Cruxes(
        iri=iri,
        status=search.status,
        flips=_answer(search, search.flips(largest, effort), search.kind),
        restores=restores,
    )


def _answer(search: Search, found: Found, order: Callable[[int], Any]) -> Answer:
    """What was found, with names and strengths."""
    middle = sum(search.strength_without(())) / 2
    sets = []
    for heads in found.sets:
        named = search.named(heads, order)
        items = tuple(best for best, *_ in named)
        lower, upper = search.strength_without(items)
        crux = Crux(
            items=items,
            instead=tuple(tuple(others) for _, *others in named),
            status=search.status_without(items),
            lower=lower,
            upper=upper,
            change=(lower + upper) / 2 - middle,
        )
        sets.append(crux)
    sets.sort(key=lambda crux: (len(crux.items), -abs(crux.change), crux.items))
    return Answer(tuple(sets), found.exact_up_to, found.complete)


@dataclass(frozen=True, slots=True)
class CruxChange:
    """How two states of a debate differ in what a status hangs on.

    What stands in the second state would fall if all items of a set were withdrawn; what does not stand there
    would stand if all were answered. Each set is given by the names of its items.

    Attributes:
        iri: The node.
        before: Its status in the first state.
        after: Its status in the second.
        new: Smallest sets of the second state that do not have this effect in the first; all of them where
            the node stands in only one of the two.
        gone: Smallest sets of the first state that do not have this effect in the second.
        exact_up_to: No such set of up to this many items is missing.
        complete: Whether none is missing, of whatever size.
    """

    iri: str
    before: str
    after: str
    new: tuple[tuple[str, ...], ...]
    gone: tuple[tuple[str, ...], ...]
    exact_up_to: int
    complete: bool


def compare(
    before: Search, after: Search, *, largest: int = 2, limit: int = 5, effort: int = EFFORT
) -> CruxChange:
    """What a status newly hangs on in a second state of a debate, and no longer.

    Every set that is found in one state is tried in the other, so that what is said of it is certain even
    where the search was cut short.

    Args:
        before: A search for a node in the first state.
        after: A search for the same node in the second.
        largest: All sets of up to this size are wanted.
        limit: Larger sets, tried where these do not suffice, have at most this size.
        effort: Labellings to spend on the search of either state at most.
    """
    stands = after.status == "accepted"
    comparable = stands == (before.status == "accepted")

    def sets(search: Search) -> tuple[list[tuple[str, ...]], Found]:
        find = search.flips if stands else search.restores
        order = search.kind if stands else search.attackers_first
        found = find(largest, effort, limit=limit)
        named = [tuple(best for best, *_ in search.named(heads, order)) for heads in found.sets]
        return sorted(named, key=lambda items: (len(items), items)), found

    def suffices(search: Search, items: tuple[str, ...]) -> bool:
        return (search.status_without(items) == "accepted") != stands

    new, found = sets(after)
    exact, complete, gone = found.exact_up_to, found.complete, []
    if comparable:
        new = [items for items in new if not suffices(before, items)]
        known, earlier = sets(before)
        gone = [items for items in known if not suffices(after, items)]
        exact, complete = min(exact, earlier.exact_up_to), complete and earlier.complete
    return CruxChange(after.iri, before.status, after.status, tuple(new), tuple(gone), exact, complete)


def to_text(argument: ArgumentGraph, result: Cruxes, *, limit: int = 5) -> str:
    """What a status hangs on, in words: `This thesis would fall if …`.

    A set with a step in it is not told where the same set with a premise of that step is.

    Args:
        argument: The debate.
        result: What `cruxes` found in it.
        limit: No more sets than this are told for either question.
    """
    node = argument.nodes.get(result.iri)
    this = f"This {node.kind}" if node and node.kind != "evidence" else "It"
    lines = [f"{capital(name(argument, result.iri))} {STANDING[result.status]}."]
    if result.status == "accepted":
        lines += _told(argument, result.flips, f"{this} would fall", "withdrawn", limit)
    else:
        lines += _told(argument, result.restores, f"{this} would stand", "answered", limit)
        # What is answered is withdrawn in effect: only what goes beyond that is news.
        known = {crux.classes for crux in result.restores.sets}
        others = tuple(crux for crux in result.flips.sets if crux.classes not in known)
        if others:
            rest = Answer(others, result.flips.exact_up_to, result.flips.complete)
            lines += _told(argument, rest, "Its status would also change", "withdrawn", limit)
    return "\n".join(lines)


def _told(argument: ArgumentGraph, answer: Answer, would: str, done: str, limit: int) -> list[str]:
    size = answer.exact_up_to
    if not answer.sets:
        if answer.complete:
            return [f"Nothing that is {done} would change that."]
        return [f"Nothing {done} would change that, up to {counted(size, 'item')} at once."]
    coarse = set(without_finer(argument, [crux.items for crux in answer.sets]))
    told = [crux for crux in answer.sets if crux.items in coarse]
    one = "this were" if len(told[0].items) == 1 else "these were"
    lines = [f"{would} if {one if len(told) == 1 else f'any of these {len(told)} were'} {done}:"]
    for crux in told[:limit]:
        names = listed(name(argument, item) for item in crux.items)
        many = {1: "", 2: "both "}.get(len(crux.items), f"all {len(crux.items)}: ")
        open_then = " (it would then be open)" if crux.status == "undecided" else ""
        lines.append(f"  - {many}{names}{open_then}")
    if len(told) > limit:
        lines.append(f"  - and {len(told) - limit} more")
    least = len(answer.sets[0].items)
    if least > 1:
        lines.append(f"Fewer than {least} together would not do.")
    if not answer.complete:
        lines.append(f"Up to {size} at once, there are no others; larger sets were not tried.")
    if len(told) < len(answer.sets):
        lines.append("Left out: the same with only a step given up instead of what it starts from.")
    return lines


def without_finer(argument: ArgumentGraph, sets: Iterable[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Sets of items less those with a step for which there is the same set with a premise of that step."""
    given = list(sets)
    known = {frozenset(items) for items in given}

    def finer(items: tuple[str, ...]) -> bool:
        return any(
            frozenset({*items} - {item} | {premise}) in known
            for item in items
            if item in argument.steps
            for premise in argument.steps[item].premises
        )

    return [items for items in given if not finer(items)]


def to_json(result: Cruxes) -> dict[str, Any]:
    """The result as plain data, with the attributes of `Cruxes`, `Answer` and `Crux` as keys."""
    return asdict(result)
