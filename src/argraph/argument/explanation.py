"""Why a node has its status: the deciding tree, in words and as data.

The tree holds only what decides. What stands is traced through the strongest step that holds it up and
through why every attack on it fails; what does not stand, through one attack that stands or through what it
lacks; what is open, to the circle of attacks that keeps it open. Everything but circles is traced to what
does not depend on it, or towards lower ranks of the labelling, so the tree ends in evidence, in assumptions,
in things that nothing is put forward for, or in a cut that is named.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from textwrap import wrap
from typing import Any

from argraph import vocab
from argraph.argument.evaluation import Verdict
from argraph.argument.graph import ArgumentGraph, Node, Step
from argraph.argument.wording import CHECKS, STANDING, capital, counted, listed, name, relation, void
from argraph.errors import UnknownNode

_GRADES = {"High": "high", "Moderate": "moderate", "Low": "low", "VeryLow": "very low"}
_BESIDES = 2  # further supports that are named
_QUOTED = 160  # characters of a finding that are quoted
_CIRCLE = 500  # items searched for a circle through one item before the way to a nearer one is taken


@dataclass(frozen=True, slots=True)
class Explanation:
    """One node of a deciding tree.

    Attributes:
        iri: What is explained: a statement, evidence item or step.
        status: `accepted`, `rejected` or `undecided`.
        reason: As in its verdict.
        sentence: The status and what decides it, in plain words.
        children: What decides it, explained in turn.
        cut: Why nothing follows although something could: `cycle`, `seen above`, `depth`; else empty.
        relation: What it does to its parent: `supports`, `attacks`, `undercuts`, `bears on`, `needed for`;
            empty at the root.
        step: IRI of the step by which it does so; the same as `iri` where the step has a node of its own.
        omitted: How many more children of the same kind as the last are left out.
    """

    iri: str
    status: str
    reason: str
    sentence: str
    children: tuple[Explanation, ...] = ()
    cut: str = ""
    relation: str = ""
    step: str = ""
    omitted: int = 0

    def walk(self) -> Iterator[Explanation]:
        """This node and all below it, in reading order."""
        yield self
        for child in self.children:
            yield from child.walk()


def explain(
    argument: ArgumentGraph, verdicts: Mapping[str, Verdict], iri: str, *, depth: int = 8, breadth: int = 4
) -> Explanation:
    """The deciding tree of a node or step.

    Args:
        argument: The debate.
        verdicts: Its verdicts: those of the framework of this very graph.
        iri: What to explain.
        depth: No more than this many nodes are explained below one another, at most 100.
        breadth: No more than this many children of a node are explained; `omitted` counts the rest.

    Raises:
        UnknownNode: The graph says nothing of it.
    """
    if iri not in verdicts:
        raise UnknownNode(iri)
    return _Explainer(argument, verdicts, breadth).tree(iri, min(depth, 100))


def summary(argument: ArgumentGraph, verdicts: Mapping[str, Verdict], iri: str) -> str:
    """The status of a node or step and what decides it, in one sentence.

    Raises:
        UnknownNode: The graph says nothing of it.
    """
    if iri not in verdicts:
        raise UnknownNode(iri)
    return _Explainer(argument, verdicts, 1).sentence(iri)


class _Explainer:
    """Explains items of one graph, each once."""

    def __init__(self, argument: ArgumentGraph, verdicts: Mapping[str, Verdict], breadth: int) -> None:
        self.argument = argument
        self.verdicts = verdicts
        self.breadth = max(1, breadth)
        self.explained: set[str] = set()
        self.open_above: set[str] = set()

    def status(self, iri: str) -> str:
        return self.verdicts[iri].status

    def name(self, iri: str) -> str:
        return name(self.argument, iri)

    def premises(self, step: Step) -> str:
        return listed(self.name(premise) for premise in step.premises)

    # What there is around an item.

    def attacks(self, iri: str) -> list[Step]:
        return [step for step in self.argument.incoming(iri) if step.kind == "attack"]

    def supports(self, iri: str) -> list[Step]:
        return [step for step in self.argument.incoming(iri) if step.favourable and not self.is_void(iri)]

    def needs(self, iri: str) -> tuple[str, ...]:
        """Everything a step needs to hold: its premises, and steps for it should there be any."""
        return (*self.argument.steps[iri].premises, *(step.iri for step in self.supports(iri)))

    def is_base(self, iri: str) -> bool:
        node = self.argument.nodes.get(iri)
        if iri in self.argument.steps or node is None or self.is_void(iri):
            return False
        return node.kind == "evidence" or node.assumed

    def is_void(self, iri: str) -> bool:
        """Whether it is a finding that does not stand for itself, because it was retracted."""
        node = self.argument.nodes.get(iri)
        return node is not None and node.kind == "evidence" and self.verdicts[iri].reason == "unsupported"

    def by_strength(self, steps: Iterable[Step]) -> list[Step]:
        return sorted(steps, key=lambda s: (-self.verdicts[s.iri].lower, self.verdicts[s.iri].rank, s.iri))

    # What decides an item.

    def holder(self, iri: str) -> Step:
        """The step that holds an accepted statement up: the strongest, then the least far from evidence.

        Not one that may rest on the statement in turn, unless it was settled before the statement was.
        """
        verdicts, rank = self.verdicts, self.verdicts[iri].rank
        held = [
            step
            for step in self.supports(iri)
            if self.status(step.iri) == "accepted"
            and (verdicts[step.iri].rank < rank or not self.argument.depend_on_each_other(step.iri, iri))
        ]
        return min(held, key=lambda s: (-round(verdicts[s.iri].lower, 2), verdicts[s.iri].rank, s.iri))

    def defeater(self, iri: str) -> Step:
        """The attack that defeats an item: one that stands whatever becomes of the item, the strongest."""
        rank = self.verdicts[iri].rank
        hits = [
            step
            for step in self.attacks(iri)
            if self.status(step.iri) == "accepted" and self.verdicts[step.iri].rank < rank
        ]
        return self.by_strength(hits)[0]

    def lacking(self, iri: str) -> str:
        """The premise for want of which a step fails."""
        rank, why = self.verdicts[iri].rank, self.verdicts[iri].reason
        return min(
            (
                need
                for need in self.needs(iri)
                if self.status(need) == "rejected"
                and (self.verdicts[need].rank < rank or (why == "unfounded" == self.verdicts[need].reason))
            ),
            key=lambda need: (self.verdicts[need].rank, need),
        )

    def deciders(self, iri: str) -> list[str]:
        """Neighbours that decide an item's status, the most telling first."""
        verdict, step = self.verdicts[iri], self.argument.steps.get(iri)
        if verdict.status == "undecided":
            following = self.way_to_circle(iri)
            return [following] if following else []
        if verdict.reason in {"refuted", "undercut"}:
            return [self.defeater(iri).iri]
        if verdict.status == "rejected":
            return [self.lacking(iri)] if step else [s.iri for s in self.by_strength(self.supports(iri))]
        failing = [attack.iri for attack in self.by_strength(self.attacks(iri))]
        if step:
            return [*self.needs(iri), *failing]
        return failing if self.is_base(iri) else [self.holder(iri).iri, *failing]

    # Circles.

    def open_inputs(self, iri: str) -> Iterator[tuple[str, bool]]:
        """Open items that keep an item open, each with whether it does so by attack."""
        for attack in self.attacks(iri):
            if self.status(attack.iri) == "undecided":
                yield attack.iri, True
        if not self.is_base(iri):
            helpers = self.needs(iri) if iri in self.argument.steps else [s.iri for s in self.supports(iri)]
            for helper in helpers:
                if self.status(helper) == "undecided":
                    yield helper, False

    def circle(self, iri: str) -> list[str]:
        """The shortest circle that keeps an item open and that it is part of, in the order of argument.

        It contains an attack. Empty when there is none, or none near.
        """
        start, goal = (iri, False), (iri, True)
        origin: dict[tuple[str, bool], tuple[str, bool]] = {}
        queue = deque([start])
        while queue and len(origin) < _CIRCLE:
            item = queue.popleft()
            for after, by_attack in self.open_inputs(item[0]):
                state = (after, item[1] or by_attack)
                if state in origin or state == start:
                    continue
                origin[state] = item
                if state == goal:
                    way = [goal]
                    while way[-1] != start:
                        way.append(origin[way[-1]])
                    return [item for item, _ in way[:-1]]
                queue.append(state)
        return []

    def way_to_circle(self, iri: str) -> str:
        """The next item on the way to what keeps an item open; empty when the item is in a circle itself."""
        if self.circle(iri):
            return ""
        origin, queue = {iri: ""}, deque([iri])
        while queue:
            item = queue.popleft()
            for after, by_attack in self.open_inputs(item):
                # An open attack is a way towards a circle; mere support need not be, so look on behind it.
                if by_attack:
                    while origin[item]:
                        item, after = origin[item], item
                    return after
                if after not in origin:
                    origin[after] = item
                    queue.append(after)
        raise AssertionError(f"{iri} is undecided, but nothing keeps it open")

    def loop(self, iri: str) -> list[str]:
        """A circle of statements and steps that only hold each other up, from which an item hangs."""
        seen: dict[str, int] = {}
        way: list[str] = []
        while iri not in seen:
            seen[iri] = len(way)
            way.append(iri)
            inputs = self.needs(iri) if iri in self.argument.steps else [s.iri for s in self.supports(iri)]
            iri = next(item for item in inputs if self.verdicts[item].reason == "unfounded")
        return way[seen[iri] :][::-1]

    def told(self, circle: list[str]) -> str:
        """A circle in words: `“A” and “B” attack each other`."""
        hops = [self.argument.steps[item] for item in circle if item in self.argument.steps]
        relations = [relation(self.argument, step) for step in hops]
        ends = [self.name(step.end) for step in hops]
        starts = [self.name(next((p for p in s.premises if p in circle), s.premises[0])) for s in hops]
        if len(hops) == 1:
            return f"{starts[0]} {relations[0]} itself"
        if relations == ["attacks", "attacks"]:
            return f"{starts[0]} and {starts[1]} attack each other"
        clauses = [f"{s} {r} {e}" for s, r, e in zip(starts, relations, ends, strict=True)]
        return listed(clauses)

    # Words.

    def sentence(self, iri: str) -> str:
        verdict = self.verdicts[iri]
        words = {"accepted": self._stands, "rejected": self._falls, "undecided": self._open}[verdict.status]
        return f"{capital(self.name(iri))} {STANDING[verdict.status]}{words(iri)}."

    def _stands(self, iri: str) -> str:
        step, node = self.argument.steps.get(iri), self.argument.nodes.get(iri)
        attacks = len(self.attacks(iri))
        noun = "attempt to undercut it" if step else "attack on it"
        number = "both" if attacks == 2 else f"all {attacks}"
        fails = f"the one {noun} fails" if attacks == 1 else f"{number} {_plural(noun)} fail"
        if node and self.is_base(iri):
            why = fails if attacks else "nothing attacks it"
            if node.kind == "evidence":
                return f"{self._particulars(node)}, as {why}{_quotation(node)}"
            return f": it is taken as given, and {why}"
        if step:
            why = f"{listed(self.name(need) for need in self.needs(iri))} stand"
            why += "s" if len(self.needs(iri)) == 1 else ""
        else:
            holder = self.holder(iri)
            why = self._does(holder) + self._besides(iri, holder)
        return f": {why}" + (f", and {fails}" if attacks else "")

    def _particulars(self, node: Node) -> str:
        grade = f"{_GRADES.get(node.grade, node.grade)} grade" if node.grade else ""
        state = CHECKS.get(self.argument.verification(node), "")
        known = [word for word in (grade, state) if word]
        return f" ({', '.join(known)})" if known else ""

    def _besides(self, iri: str, holder: Step) -> str:
        """What else speaks for an accepted statement; it would stand without, so this is not traced."""
        held = [s for s in self.by_strength(self.supports(iri)) if self.status(s.iri) == "accepted"]
        named = list(dict.fromkeys(self.premises(step) for step in held if step is not holder))
        if not named:
            return ""
        more = [f"{len(named) - _BESIDES} more"] if len(named) > _BESIDES else []
        verb = "support" if len(named) > 1 else "supports"
        return f"; {listed([*named[:_BESIDES], *more])} {verb} it too"

    def _does(self, step: Step) -> str:
        """What a step does to the end it is mentioned with."""
        if step.kind == "evidence line":
            return f"{self.premises(step)} bears it out"
        verb = relation(self.argument, step)
        verb = f"together {verb.removesuffix('s')}" if len(step.premises) > 1 else verb
        return f"{self.premises(step)} {verb} it"

    def _falls(self, iri: str) -> str:
        verdict = self.verdicts[iri]
        if verdict.reason in {"refuted", "undercut"}:
            attack = self.defeater(iri)
            answered = any(self.attacks(hit) for hit in (attack.iri, *attack.premises))
            others = sum(self.status(other.iri) == "accepted" for other in self.attacks(iri)) - 1
            return (
                f": {self._does(attack)} and nobody has answered "
                + ("that successfully" if answered else "that")
                + (
                    f"; {counted(others, 'more attack')} on it stand{'s' * (others == 1)} too"
                    if others
                    else ""
                )
            )
        if verdict.reason == "unfounded":
            loop = self.loop(iri)
            inside = "it is part of a circle that only holds itself up"
            outside = "what is put forward for it only holds itself up"
            return f": {inside if iri in loop else outside} ({self.told(loop)})"
        if iri in self.argument.steps:
            return f": {self.name(self.lacking(iri))} does not stand"
        if self.is_void(iri):
            return f": {void(self.argument, self.argument.nodes[iri])}"
        supports = self.supports(iri)
        if not supports:
            described = "put forward for it" if iri in self.argument.nodes else "said about it in the graph"
            return f": nothing is {described}"
        if len(supports) == 1:
            step = supports[0]
            if self.verdicts[step.iri].reason == "undercut":
                return f": the one thing put forward for it, {self.premises(step)}, does not carry over to it"
            lack = self.lacking(step.iri)
            return f": it rests on {self.name(lack)}, which does not stand"
        return f": none of the {len(supports)} things put forward for it holds"

    def _open(self, iri: str) -> str:
        following = self.way_to_circle(iri)
        if not following:
            return f": {self.told(self.circle(iri))}, and nothing settles it"
        step = self.argument.steps.get(following)
        if step is None:
            return f": {self.name(following)} is open"
        if step.kind == "attack" and step.end == iri:
            return f": {self._does(step)}, and whether that succeeds is open"
        return f": {self._does(step)}, but whether that holds is open"

    # The tree.

    def tree(self, iri: str, depth: int) -> Explanation:
        verdict = self.verdicts[iri]
        made = Explanation(iri, verdict.status, verdict.reason, "")
        if iri in self.open_above:
            words = f"{capital(self.name(iri))} {STANDING[verdict.status]}: here the circle closes."
            return replace(made, sentence=words, cut="cycle")
        if iri in self.explained:
            words = f"{capital(self.name(iri))} {STANDING[verdict.status]}, as explained above."
            return replace(made, sentence=words, cut="seen above")
        sentence, deciders = self.sentence(iri), self.deciders(iri)
        if verdict.status == "undecided" and not deciders:
            self.explained.add(iri)
            return replace(made, sentence=sentence, cut="cycle")
        if deciders and depth <= 0:
            return replace(made, sentence=sentence, cut="depth")
        self.explained.add(iri)
        self.open_above.add(iri)
        # What a step needs is never left out: only among attacks, or among supports, do the first suffice.
        kept = self.breadth + (verdict.status == "accepted") * (len(deciders) - len(self.attacks(iri)))
        children = tuple(self._child(decider, iri, depth - 1) for decider in deciders[:kept])
        self.open_above.discard(iri)
        omitted = len(deciders) - len(children)
        return replace(made, sentence=sentence, children=children, omitted=omitted)

    def _child(self, iri: str, parent: str, depth: int) -> Explanation:
        """Explain a decider; a step whose fate is that of one premise gives way to that premise."""
        step = self.argument.steps.get(iri)
        if step is None or step.end != parent:
            return replace(self.tree(iri, depth), relation="needed for", step=parent)
        below, verdict = iri, self.verdicts[iri]
        if verdict.reason in {"unsupported", "unfounded"}:
            below = self.lacking(iri)
        elif verdict.status == "undecided":
            following = self.way_to_circle(iri)
            below = following if following in step.premises else iri
        elif verdict.status == "accepted" and len(self.needs(iri)) == 1 and not self.attacks(iri):
            below = step.premises[0]
        return replace(self.tree(below, depth), relation=relation(self.argument, step), step=iri)


def _plural(noun: str) -> str:
    first, _, rest = noun.partition(" ")
    return f"{first}s {rest}"


def _quotation(node: Node) -> str:
    text = node.text.strip().rstrip(".")
    if len(text) > _QUOTED:
        text = text[:_QUOTED].rsplit(" ", 1)[0].rstrip(",;:") + " …"
    return f": “{text}”" if text else ""


def to_text(explanation: Explanation, width: int = 100) -> str:
    """The tree as an indented outline; lines are at most `width` characters where words allow."""
    lines: list[str] = []

    def put(text: str, level: int) -> None:
        first = "  " * level + ("- " if level else "")
        lines.extend(
            wrap(
                text,
                max(width, len(first) + 20),
                initial_indent=first,
                subsequent_indent=" " * len(first),
                break_long_words=False,
                break_on_hyphens=False,
            )
        )

    def visit(part: Explanation, level: int) -> None:
        note = " (Its own reasons are left out here.)" if part.cut == "depth" else ""
        put(part.sentence + note, level)
        for child in part.children:
            visit(child, level + 1)
        if part.omitted:
            noun = "attack" if part.status == "accepted" else "support"
            fail = "fails" if part.omitted == 1 else "fail"
            put(f"and {counted(part.omitted, f'more {noun}')} that {fail}.", level + 1)

    visit(explanation, 0)
    return "\n".join(lines)


def to_json(explanation: Explanation) -> dict[str, Any]:
    """The tree as nested dictionaries, with the attributes of `Explanation` as keys."""
    return {
        "iri": explanation.iri,
        "status": explanation.status,
        "reason": explanation.reason,
        "sentence": explanation.sentence,
        "relation": explanation.relation,
        "step": explanation.step,
        "cut": explanation.cut,
        "omitted": explanation.omitted,
        "children": [to_json(child) for child in explanation.children],
    }


def to_turtle(explanation: Explanation) -> str:
    """Status and reason of everything in the tree, and what it does to what it decides, as Turtle.

    The links are the derived ones of the vocabulary; sentences and cuts have no term there and are left out.
    """
    links = {"supports": vocab.SUPPORTS, "bears on": vocab.SUPPORTS}
    links |= {"attacks": vocab.ATTACKS, "undercuts": vocab.UNDERCUTS}
    lines: dict[str, None] = {}

    def visit(part: Explanation) -> None:
        lines[f'<{part.iri}> arg:status "{part.status}" ; arg:reason "{part.reason}" .'] = None
        for child in part.children:
            if child.relation in links and child.iri != child.step:
                lines[f"<{child.iri}> <{links[child.relation]}> <{part.iri}> ."] = None
            visit(child)

    visit(explanation)
    return "\n".join([f"@prefix arg: <{vocab.ARG}> .", "", *lines, ""])
