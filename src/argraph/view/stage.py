"""Which part of a debate is shown: a scene around a root, and the same as an outline."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeAlias

from argraph.argument import wording
from argraph.argument.evaluation import Verdict
from argraph.argument.graph import ArgumentGraph, Node, Step, local_name
from argraph.errors import UnknownNode
from argraph.view import scene as look
from argraph.view.lines import wrap
from argraph.view.scene import Also, Card, Edge, More, Row, Scene, Stop

OPENING: Final = 60
"""Cards that a view opens with at most, whatever is opened afterwards."""
_Rank: TypeAlias = tuple[int, bool, float, bool, str]
_GROUPS: Final = {"supports": 0, "attacks": 1, "bears-on": 2, "weighs-against": 3, "undercuts": 4}


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is shown around a root.

    Attributes:
        depth: Levels of arguments to open with; None for all.
        limit: Cards at most; None for no limit.
        opening: Cards at most before anything is opened; None for no other limit than `limit`.
        open: IRIs of cards whose arguments are shown although they lie at that depth, in the order in which
            they were opened; what is not shown itself is passed over.
        closed: IRIs of cards whose arguments are not shown.
        evidence: IRIs of cards whose evidence is shown after all else, or True for all evidence.
        beside: Whether what undercuts the steps of the last level is shown too.
    """

    depth: int | None = 2
    limit: int | None = OPENING
    opening: int | None = OPENING
    open: tuple[str, ...] = ()
    closed: frozenset[str] = frozenset()
    evidence: tuple[str, ...] | bool = ()
    beside: bool = False


WHOLE: Final = Extent(depth=None, limit=None, opening=None, evidence=True)
"""All that leads to a root."""


@dataclass(slots=True)
class _Place:
    """Where a card stands: under which card, by which step."""

    parent: str
    step: str
    level: int


@dataclass(slots=True)
class _Selection:
    """What is shown, by IRI: cards in the order in which they were reached."""

    root: str
    cards: dict[str, _Place]
    expanded: set[str] = field(default_factory=set)  # cards and steps
    evidence: set[str] = field(default_factory=set)
    steps: dict[str, Step] = field(default_factory=dict)
    into: dict[str, list[Step]] = field(default_factory=dict)


class Stage:
    """A debate set up to be shown. It remembers the reading order of what has been looked at.

    Args:
        argument: The debate.
        verdicts: Status and strength of all that is in it.
        key: The name of an IRI in a scene, such as `Workspace.key`.
        digest: Of the files that the debate was read from.
    """

    def __init__(
        self,
        argument: ArgumentGraph,
        verdicts: Mapping[str, Verdict],
        *,
        key: Callable[[str], str] = str,
        digest: str = "",
    ) -> None:
        self.argument = argument
        self.verdicts = verdicts
        self.digest = digest
        self._key = key
        self._keys: dict[str, str] = {}
        self._ranks: dict[str, _Rank] = {}
        self._arguments: dict[str, tuple[Step, ...]] = {}
        self._lines: dict[str, tuple[Step, ...]] = {}
        self._wrapped: dict[tuple[str, bool], tuple[str, ...]] = {}
        self._counts: dict[str, Counter[str]] = {}

    def scene(self, root: str, extent: Extent = Extent()) -> Scene:
        """The cards around a root, without positions.

        First the root's surroundings are shown, breadth-first; then what is opened, in the order given. So a
        view that one more card is opened in holds all that it held before, at its old place. A step is shown
        whole or not at all.

        Args:
            root: IRI of a statement or evidence item.
            extent: How much.

        Raises:
            UnknownNode: The debate has no such statement or evidence item.
        """
        chosen = self._select(root, extent)
        children = self._children(chosen)
        cards = []
        stack = [root]
        while stack:
            iri = stack.pop()
            cards.append(self._card(chosen, iri))
            stack.extend(
                premise
                for step in reversed(children[iri])
                for premise in reversed(_premises(step))
                if chosen.cards[premise].step == step.iri
            )
        return Scene(
            root=self.key(root),
            cards=tuple(cards),
            edges=tuple(self._edges(chosen)),
            path=self.path(root),
            truncated=self._truncated(chosen),
            digest=self.digest,
        )

    def outline(self, root: str, extent: Extent = WHOLE) -> tuple[Row, ...]:
        """The same as `scene` line by line, by default for all that leads to the root.

        Every step of the scene is a row for each of its premises; a statement stands in full where it is
        placed in the scene, and as a pointer to that place elsewhere.
        """
        chosen = self._select(root, extent)
        children = self._children(chosen)
        rows: list[Row] = []
        full: dict[str, int] = {}
        # Each entry: premise, step, row above (-1 for none), place and number among its siblings.
        stack: list[tuple[str, Step | None, int, int, int]] = [(root, None, -1, 1, 1)]
        while stack:
            iri, step, above, place, size = stack.pop()
            whole = step is None or chosen.cards[iri].step == step.iri
            below = [(premise, s) for s in children[iri] for premise in _premises(s)] if whole else []
            if whole:
                full[iri] = len(rows)
            more = self._more(chosen, iri)
            rows.append(
                Row(
                    **self._named(iri),
                    step=self.key(step.iri) if step else "",
                    relation=self._relation(step) if step else "",
                    target_step=self.key(step.end) if step and step.end in self.argument.steps else "",
                    level=rows[above].level + 1 if above >= 0 else 1,
                    posinset=place,
                    setsize=size,
                    parent=rows[above].id if above >= 0 else "",
                    expandable=whole and (bool(below) or more != More()),
                    open=whole and bool(below),
                    more=more if whole else More(),
                    seen_above=not whole,
                    elsewhere="",
                )
            )
            here = len(rows) - 1
            stack.extend(
                (premise, s, here, i + 1, len(below)) for i, (premise, s) in reversed([*enumerate(below)])
            )
        places = {self.key(iri): place for iri, place in full.items()}
        return tuple(
            replace(row, elsewhere="above" if places[row.id] < i else "below") if row.seen_above else row
            for i, row in enumerate(rows)
        )

    def path(self, iri: str) -> tuple[Stop, ...]:
        """The shortest way to a thesis over premises, both ends included; the start alone without one."""
        before: dict[str, tuple[str, Step] | None] = {iri: None}
        queue = deque([iri])
        goal = iri
        while queue:
            here = queue.popleft()
            if self.argument.nodes[here].kind == "thesis":
                goal = here
                break
            for step in self._made(here):
                if self._sound(step):
                    there = self._anchor(step.end)
                    if there not in before:
                        before[there] = (here, step)
                        queue.append(there)
        stops = [Stop(self.key(goal), self._label(goal), "")]
        came = before[goal]
        while came is not None:
            stops.append(Stop(self.key(came[0]), self._label(came[0]), self._relation(came[1])))
            came = before[came[0]]
        return tuple(reversed(stops))

    def key(self, iri: str) -> str:
        """The name of an IRI in a scene."""
        if iri not in self._keys:
            self._keys[iri] = self._key(iri)
        return self._keys[iri]

    def arguments(self, end: str) -> tuple[Step, ...]:
        """Supports and attacks on a node, or attacks on a step, in reading order."""
        if end not in self._arguments:
            wanted = {"attack"} if end in self.argument.steps else {"support", "attack"}
            found = (s for s in self.argument.incoming(end) if s.kind in wanted and self._sound(s))
            self._arguments[end] = self.ordered(found)
        return self._arguments[end]

    def lines(self, end: str) -> tuple[Step, ...]:
        """Lines of evidence on a node, in reading order."""
        if end not in self._lines:
            lines = (s for s in self.argument.incoming(end) if s.kind == "evidence line" and self._sound(s))
            self._lines[end] = self.ordered(lines) if end in self.argument.nodes else ()
        return self._lines[end]

    def ordered(self, steps: Iterable[Step]) -> tuple[Step, ...]:
        """Steps in reading order, the same on map, outline and pages.

        By relation, then the main reasons (pillars), the strongest, direct before indirect, by name.
        """
        return tuple(sorted(steps, key=self._rank))

    def _sound(self, step: Step) -> bool:
        """Whether all parts of a step are described: what is not is left out rather than guessed."""
        nodes, steps = self.argument.nodes, self.argument.steps
        return all(premise in nodes for premise in step.premises) and (
            step.end in nodes or (step.kind == "attack" and self._grounded(steps.get(step.end)))
        )

    def _grounded(self, step: Step | None) -> bool:
        """Whether attacks on steps come to an end at a node, with all their parts described."""
        passed = set()
        while step is not None and step.iri not in passed:
            passed.add(step.iri)
            if not all(premise in self.argument.nodes for premise in step.premises):
                return False
            if step.end in self.argument.nodes:
                return True
            step = self.argument.steps.get(step.end) if step.kind == "attack" else None
        return False

    def _rank(self, step: Step) -> _Rank:
        if step.iri not in self._ranks:
            premises = [self.argument.nodes[p] for p in step.premises if p in self.argument.nodes]
            pillar, indirect = any(p.role == "Pillar" for p in premises), step.directness == "Indirect"
            strength = round(self.verdicts[step.iri].lower, 6)
            group = _GROUPS[self._relation(step)]
            self._ranks[step.iri] = (group, not pillar, -strength, indirect, step.iri)
        return self._ranks[step.iri]

    def _made(self, iri: str) -> Iterable[Step]:
        """The steps that a node is a premise of, each once."""
        return {step.iri: step for step in self.argument.outgoing(iri)}.values()

    def _relation(self, step: Step) -> str:
        return wording.relation(self.argument, step).replace(" ", "-")

    def _anchor(self, end: str) -> str:
        """The node that what is against an end is placed under: the first premise of a step."""
        step = self.argument.steps.get(end)
        return end if step is None else step.premises[0]

    def _select(self, root: str, extent: Extent) -> _Selection:
        if root not in self.argument.nodes:
            raise UnknownNode(self.key(root))
        size = len(self.argument.nodes)
        most = size if extent.limit is None else max(1, extent.limit)
        first = most if extent.opening is None else min(most, max(1, extent.opening))
        chosen = _Selection(root, {root: _Place("", "", 0)})
        queue = deque([root])
        while queue:
            end = queue.popleft()
            anchor = self._anchor(end)
            level = chosen.cards[anchor].level - (extent.beside and end != anchor)
            deep = extent.depth is not None and level >= extent.depth
            if deep or anchor in extent.closed:
                continue
            queue.extend(self._expand(chosen, end, self.arguments(end), first))
            if extent.evidence is True and end == anchor:
                chosen.evidence.add(end)
                queue.extend(self._expand(chosen, end, self.lines(end), first))
        self._settle(chosen, first)
        self._open(chosen, extent, most)
        for step in chosen.steps.values():
            chosen.into.setdefault(step.end, []).append(step)
        for steps in chosen.into.values():
            steps.sort(key=self._rank)
        return chosen

    def _open(self, chosen: _Selection, extent: Extent, most: int) -> None:
        """Show what is under the cards that are opened, one after the other, as soon as they are shown."""
        waiting = [iri for iri in dict.fromkeys(extent.open) if iri not in extent.closed]
        asked = () if isinstance(extent.evidence, bool) else extent.evidence
        done: set[str] = set()
        while True:
            ready = next((i for i in waiting if i in chosen.cards and i not in done), None)
            if ready is not None:
                done.add(ready)
                self._expand(chosen, ready, self.arguments(ready), most)
                for step in [step for step in chosen.steps.values() if step.premises[0] == ready]:
                    self._expand(chosen, step.iri, self.arguments(step.iri), most)
            else:
                ready = next((i for i in asked if i in chosen.cards and i not in chosen.evidence), None)
                if ready is None:
                    break
                chosen.evidence.add(ready)
                self._show(chosen, ready, self.lines(ready), most)
            self._settle(chosen, most)

    def _expand(self, chosen: _Selection, end: str, steps: Iterable[Step], most: int) -> list[str]:
        """Show what is for and against an end as far as there is room; what can be expanded next."""
        chosen.expanded.add(end)
        return self._show(chosen, end, steps, most)

    def _show(self, chosen: _Selection, end: str, steps: Iterable[Step], most: int) -> list[str]:
        """Show steps as far as there is room; their premises, and themselves."""
        anchor = self._anchor(end)
        level = chosen.cards[anchor].level + 1
        following: list[str] = []
        for step in steps:
            new = [premise for premise in _premises(step) if premise not in chosen.cards]
            if len(chosen.cards) >= most:
                break
            if len(chosen.cards) + len(new) > most:
                continue
            for premise in new:
                chosen.cards[premise] = _Place(anchor, step.iri, level)
            following += [*new, step.iri]
        return following

    def _settle(self, chosen: _Selection, most: int) -> None:
        """Find every step between the cards shown, with what is against it where its premise is open."""
        while True:
            chosen.steps = self._between(chosen.cards)
            new = [
                iri
                for iri, step in chosen.steps.items()
                if iri not in chosen.expanded and step.premises[0] in chosen.expanded
            ]
            if not new:
                return
            for iri in new:
                self._expand(chosen, iri, self.arguments(iri), most)

    def _between(self, cards: Collection[str]) -> dict[str, Step]:
        """All steps whose premises and end are shown."""
        found: dict[str, Step] = {}
        against: defaultdict[str, list[Step]] = defaultdict(list)
        queue: list[Step] = []
        for iri in cards:
            for step in self._made(iri):
                if step.premises[0] == iri and self._sound(step) and all(p in cards for p in step.premises):
                    (queue if step.end in self.argument.nodes else against[step.end]).append(step)
        queue = [step for step in queue if step.end in cards]
        for step in queue:
            found[step.iri] = step
            queue.extend(against.pop(step.iri, ()))
        return found

    def _children(self, chosen: _Selection) -> dict[str, list[Step]]:
        """For each card, the shown steps that what stands under it is a premise of, in reading order."""
        children = {iri: list(chosen.into.get(iri, ())) for iri in chosen.cards}
        for step in sorted(chosen.steps.values(), key=lambda s: (not self._primary(chosen, s), s.iri)):
            children[step.premises[0]] += chosen.into.get(step.iri, ())
        return children

    def _primary(self, chosen: _Selection, step: Step) -> bool:
        return chosen.cards[step.premises[0]].step == step.iri

    def _card(self, chosen: _Selection, iri: str) -> Card:
        place, root = chosen.cards[iri], iri == chosen.root
        named, verdict = self._named(iri), self.verdicts[iri]
        size, line = (look.SIZE_LARGE, look.LINE_LARGE) if root else (look.SIZE, look.LINE)
        wrapped = self._wrapped.get((iri, root))
        if wrapped is None:
            wrapped = wrap(named["words"], look.ROOM, size, most=look.MOST_LINES, bold=root)
            self._wrapped[iri, root] = wrapped
        also = tuple(self._also(chosen, iri))
        height = 2 * look.PADDING + look.HEAD + look.GAP + len(wrapped) * line + bool(also) * look.CHIPS
        return Card(
            **named,
            iri=iri,
            text=self.argument.nodes[iri].text,
            wrapped=wrapped,
            role=self.argument.nodes[iri].role,
            lower=verdict.lower,
            upper=verdict.upper,
            parent=None if root else self.key(place.parent),
            step="" if root else self.key(place.step),
            level=place.level,
            side="root" if root else look.SIDES[self._relation(self.argument.steps[place.step])],
            more=self._more(chosen, iri),
            open=iri in chosen.expanded,
            evidence_open=iri in chosen.evidence,
            also=also,
            w=look.WIDTH,
            h=height,
        )

    def _named(self, iri: str) -> dict[str, Any]:
        node, status = self.argument.nodes[iri], self.verdicts[iri].status
        label = self._label(iri)
        return {
            "id": self.key(iri),
            "kind": node.kind,
            "label": label,
            "words": node.text or label if node.kind == "evidence" else label,
            "status": status,
            "standing": wording.STANDING[status],
        }

    def _label(self, iri: str) -> str:
        node = self.argument.nodes[iri]
        if node.kind == "evidence" and node.label == local_name(iri):
            studies = self.argument.studies
            return (
                wording.listed(self._citations(node))
                if any(s in studies for s in node.studies)
                else node.label
            )
        return node.label

    def _citations(self, node: Node) -> Iterator[str]:
        return (self.argument.studies[s].citation for s in node.studies if s in self.argument.studies)

    def _also(self, chosen: _Selection, iri: str) -> Iterator[Also]:
        for step in self._made(iri):
            if step.iri != chosen.cards[iri].step and self._sound(step):
                target = self._anchor(step.end)
                yield Also(
                    step=self.key(step.iri),
                    relation=self._relation(step),
                    target=self.key(target),
                    label=self._label(target),
                    shown=step.iri in chosen.steps,
                )

    def _more(self, chosen: _Selection, iri: str) -> More:
        hidden = self._totals(iri)
        hidden.subtract(self._relation(step) for step in chosen.into.get(iri, ()))
        for step in self._made(iri):
            if step.iri in chosen.steps and step.premises[0] == iri:
                hidden["undercuts"] += len(self.arguments(step.iri)) - len(chosen.into.get(step.iri, ()))
        return More(
            favour=hidden["supports"],
            against=hidden["attacks"],
            undercuts=hidden["undercuts"],
            evidence=hidden["bears-on"] + hidden["weighs-against"],
        )

    def _totals(self, iri: str) -> Counter[str]:
        if iri not in self._counts:
            every = filter(self._sound, self.argument.incoming(iri))
            self._counts[iri] = Counter(map(self._relation, every))
        return Counter(self._counts[iri])

    def _truncated(self, chosen: _Selection) -> bool:
        """Whether a step that was asked for is not shown."""
        asked = {end: len(self.arguments(end)) for end in chosen.expanded}
        for iri in chosen.evidence:
            asked[iri] = asked.get(iri, 0) + len(self.lines(iri))
        return any(
            number
            > sum(s.kind != "evidence line" or end in chosen.evidence for s in chosen.into.get(end, ()))
            for end, number in asked.items()
        )

    def _edges(self, chosen: _Selection) -> Iterator[Edge]:
        for step in chosen.steps.values():
            status = self.verdicts[step.iri].status
            premises = _premises(step)
            for premise in premises:
                yield Edge(
                    id=self.key(step.iri),
                    relation=self._relation(step),
                    source=self.key(premise),
                    target=self.key(self._anchor(step.end)),
                    status=status,
                    standing=wording.STANDING[status],
                    target_step=self.key(step.end) if step.end in self.argument.steps else "",
                    joined=len(premises) > 1 or bool(chosen.into.get(step.iri)),
                    further=chosen.cards[premise].step != step.iri,
                )


def _premises(step: Step) -> tuple[str, ...]:
    """The premises of a step; a graph that names one in two files lists it twice."""
    return tuple(dict.fromkeys(step.premises))
