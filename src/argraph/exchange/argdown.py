"""Argdown as a model: titled statements are statements, inferences and relations are steps.

A statement is all that has one title. An argument with a premise-conclusion structure is its inferences; one
without is a statement of its own, which supports or attacks through steps, and an undercut hits those steps.
What argraph knows beyond Argdown stands in YAML data (`argdown_data`).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from argraph.argument.graph import Step
from argraph.errors import FormatError
from argraph.exchange import argdown_data as data
from argraph.exchange import schemes
from argraph.exchange.argdown_syntax import (
    Document,
    Element,
    Heading,
    Inference,
    Relation,
    Structure,
    parsed,
    place,
)
from argraph.exchange.model import JSON, LossReport, Model

KEPT: Final = "argdown"
"""Where a model keeps what only Argdown knows."""

_MEANT: Final = {
    "+": "support",
    "+>": "support",
    "-": "attack",
    "->": "attack",
    "_": "undercut",
    "_>": "undercut",
}


def load(content: bytes, name: str) -> tuple[Model, LossReport]:
    """Read a file of Argdown; what breaks its rules is told with its line, and the rest is read.

    Raises:
        FormatError: It is no text in UTF-8, or says nothing.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = content.count(b"\n", 0, fault.start) + 1
        raise FormatError(
            "This is not UTF-8 text. Save the file in that encoding.", name=name, line=line
        ) from None
    document = parsed(text)
    if not document.blocks and not document.front:
        raise FormatError(
            "There is no statement in this file. Begin with, say, [Title]: a sentence.", name=name
        )
    reader = _Reader(document)
    return reader.model(), document.ledger.report()


@dataclass(slots=True)
class _Held:
    """What is said under one title, wherever it is said."""

    title: str
    line: int
    sort: str = "argument"
    texts: list[str] = field(default_factory=list)
    tags: dict[str, None] = field(default_factory=dict)
    data: dict[str, JSON] = field(default_factory=dict)
    section: str = ""
    structures: list[Structure] = field(default_factory=list)
    name: str = ""
    end: str = ""
    """Of an argument: the statement that it comes down to."""
    steps: list[str] = field(default_factory=list)
    """Of an argument: the steps that an attack on its reasoning hits."""
    premises: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Link:
    meant: str
    start: _Held
    end: _Held | Inference
    line: int


class _Reader:
    def __init__(self, document: Document) -> None:
        self._document = document
        self._ledger = document.ledger
        self._statements: dict[str, _Held] = {}
        self._arguments: dict[str, _Held] = {}
        self._of: dict[int, _Held] = {}
        self._links: list[_Link] = []
        self._from: defaultdict[int, list[_Link]] = defaultdict(list)
        self._ends: set[int] = set()
        self._gone: set[int] = set()
        self._against: list[tuple[_Held, _Link]] = []
        """Attacks with the relation of their conclusion, which says what they are against."""
        self._section = ""
        settings = document.front.get("model")
        self._strict = isinstance(settings, dict) and settings.get("mode") == "strict"
        self._untitled = 0
        self._taken: set[str] = set()
        self._numbers: Counter[str] = Counter()
        self._inferences: dict[int, str] = {}
        self._model = Model()
        self._more: dict[str, JSON] = {}
        """YAML data that argraph has no use for, by title."""

    def model(self) -> Model:
        self._blocks()
        data.of_front(self._document.front, self._model)
        for held in self._statements.values():
            self._statement(held)
        for link in self._links:
            self._from[id(link.start)].append(link)
            self._ends.add(id(link.end))
        for held in self._arguments.values():
            if held.structures:
                self._reconstructed(held)
        for held in self._arguments.values():
            if not held.structures:
                self._sketched(held)
        self._relations()
        self._keep()
        return self._model

    # -- what stands where ----------------------------------------------------------------------------------

    def _blocks(self) -> None:
        blocks = self._document.blocks
        heads = [block for block in blocks if isinstance(block, Heading)]
        first = heads[0] if heads and heads[0].level == 1 else None
        named = bool(data.word(self._document.front, "title"))
        titled = (
            not named and bool(first) and sum(head.level == 1 for head in heads) == 1 and blocks[0] is first
        )
        before: Element | None = None
        for block in blocks:
            if isinstance(block, Heading):
                if titled and block is first:
                    self._model.title = block.text
                else:
                    self._section = block.text
                if block.tags:
                    reason = "they are the section's and not of what stands in it; kept as data"
                    told = f"tags {', '.join(block.tags)} of a heading"
                    self._ledger.add(place(block.line), told, reason, "kept")
                if block.data or block.tags:
                    tags = {"tags": list(block.tags)} if block.tags else {}
                    self._more[f"# {block.text}"] = {**block.data, **tags}
                before = None
            elif isinstance(block, Structure):
                self._structure(block, before)
                before = None
            else:
                self._take(block)
                before = block

    def _take(self, element: Element) -> _Held:
        """An element with all that is indented under it, however deep that goes."""
        held = self._held(element)
        waiting = [(held, relation) for relation in reversed(element.relations)]
        while waiting:
            above, relation = waiting.pop()
            child = self._held(relation.child)
            self._relate(above, relation, child)
            waiting += [(child, further) for further in reversed(relation.child.relations)]
        return held

    def _held(self, element: Element) -> _Held:
        known = self._arguments if element.sort == "argument" else self._statements
        title = element.title
        if not title:
            self._untitled += 1
            title = f"\n{self._untitled}"  # no title of a file holds a line feed
        held = known.setdefault(title, _Held(element.title, element.line, element.sort))
        if element.text and element.text not in held.texts:
            held.texts.append(element.text)
        held.tags.update(dict.fromkeys(element.tags))
        held.data.update({key: value for key, value in element.data.items() if key not in held.data})
        if element.text or not held.section:
            held.section = held.section or self._section
        self._of[id(element)] = held
        return held

    def _relate(
        self, above: _Held, relation: Relation, child: _Held, inference: Inference | None = None
    ) -> None:
        symbol = relation.symbol
        contrary = symbol in {"-", "->"} and self._strict and above.sort == child.sort == "statement"
        if symbol == "><" or contrary:
            self._links.append(_Link("attack", above, child, relation.line))
            self._links.append(_Link("attack", child, above, relation.line))
            reason = "it is two attacks, one each way"
            what = "contrary, in strict mode" if contrary else "contradiction"
            self._ledger.tally(place(relation.line), what, reason, "changed")
            return
        meant = _MEANT[symbol]
        if symbol.endswith(">"):
            self._links.append(_Link(meant, above, child, relation.line))
        else:
            end = inference if inference is not None and meant == "undercut" else above
            self._links.append(_Link(meant, child, end, relation.line))

    def _structure(self, structure: Structure, before: Element | None) -> None:
        if not structure.finished and not any(isinstance(part, Inference) for part in structure.parts):
            self._ledger.add(
                place(structure.line), "premise-conclusion structure", "no inference stands in it", "changed"
            )
        if before is not None and before.sort == "argument":
            held = self._of[id(before)]
        else:
            self._untitled += 1
            held = self._arguments.setdefault(f"\n{self._untitled}", _Held("", structure.line))
        if held.structures:
            reason = f"the argument “{held.title}” has one already; this counts as another argument"
            self._ledger.add(place(structure.line), "premise-conclusion structure", reason, "changed")
            self._untitled += 1
            held = self._arguments.setdefault(f"\n{self._untitled}", _Held(held.title, structure.line))
        held.structures.append(structure)
        inference: Inference | None = None
        for part in structure.parts:
            if isinstance(part, Inference):
                inference = part
                for relation in part.relations:
                    child = self._take(relation.child)
                    if relation.symbol == "_":
                        self._links.append(_Link("undercut", child, part, relation.line))
                    else:
                        reason = "under an inference, only undercuts (<_) are possible"
                        self._ledger.add(place(relation.line), f"relation {relation.symbol}", reason)
                continue
            statement = self._held(part[1])
            for relation in part[1].relations:
                self._relate(statement, relation, self._take(relation.child), inference)
            inference = None

    # -- statements -----------------------------------------------------------------------------------------

    def _statement(self, held: _Held) -> None:
        self._name(held, held.title or f"untitled-{held.line}")
        if not held.texts:
            self._ledger.tally(
                place(held.line), "statement with a title only", "the title is its text", "added"
            )
        node, used = data.statement(held.name, held.title, held.data)
        themes = node.themes if "themes" in held.data else tuple(held.tags)
        if left := [tag for tag in held.tags if tag not in themes]:
            self._ledger.add(place(held.line), f"tags {', '.join(left)}", "the data name other themes")
        themes = themes or ((held.section,) if held.section else ())
        for theme in themes:
            self._model.themes.setdefault(theme, theme)
        text = held.texts[0] if held.texts else held.title
        self._model.nodes[held.name] = replace(node, text=text, themes=themes)
        self._rest(held, used)

    def _sketched(self, held: _Held) -> None:
        """An argument without a structure: what it says in short is a statement."""
        self._statement(held)
        held.end = held.name

    def _name(self, held: _Held, wanted: str) -> None:
        name = data.word(held.data, "id") or wanted
        if name in self._taken and held.sort == "argument" and f"{name} (argument)" not in self._taken:
            name += " (argument)"
        held.name = self._free(name)

    def _rest(self, held: _Held, used: set[str]) -> None:
        more = {key: value for key, value in held.data.items() if key not in used}
        if more:
            self._more[held.name] = more
            self._ledger.tally(place(held.line), "YAML data", "argraph has no use for it", "kept")
        if len(held.texts) > 1:
            self._model.kept.setdefault(KEPT, {}).setdefault("wordings", {})[held.name] = held.texts[1:]
            reason = "the first is its text, the others are kept as data"
            self._ledger.tally(place(held.line), "statement with several wordings", reason, "kept")

    # -- arguments with a structure -------------------------------------------------------------------------

    def _reconstructed(self, held: _Held) -> None:
        parts = [part for structure in held.structures for part in structure.parts]
        self._name(held, held.title or f"argument-{held.line}")
        if held.tags:
            reason = "here only statements have themes, and this argument is inferences"
            self._ledger.add(place(held.line), f"tags {', '.join(held.tags)}", reason)
        last = max((i for i, part in enumerate(parts) if isinstance(part, Inference)), default=-1)
        numbered: dict[str, str] = {}
        given: list[str] = []
        for index, part in enumerate(parts):
            if not isinstance(part, Inference):
                name = self._of[id(part[1])].name
                numbered[part[0]] = name
                if not (index and isinstance(parts[index - 1], Inference)):
                    given.append(name)
                continue
            after = parts[index + 1] if index + 1 < len(parts) else part
            if isinstance(after, Inference):
                self._ledger.add(place(part.line), "inference", "no conclusion stands under it")
                continue
            end = self._of[id(after[1])].name
            uses = self._uses(part, numbered)
            premises = tuple(sorted(set(uses or given)))
            held.end, given = end, [end]
            if not premises:
                self._ledger.add(place(part.line), "inference", "no premise stands above it")
                continue
            step = held.name if index == last else self._free(f"{held.name} ({after[0]})")
            self._inferences[id(part)] = step
            self._infer(held if index == last else _Held("", held.line), part, step, premises, end)
            held.steps, held.premises = [step], (*held.premises, *premises)
        if not held.steps:
            held.end = given[-1] if given else ""
        self._rest(replace(held, texts=[]), set(data.STEP))
        self._declared(held, parts)

    def _uses(self, inference: Inference, numbered: Mapping[str, str]) -> list[str]:
        said = inference.data.get("uses")
        if said is None:
            return []
        found = []
        for number in said if isinstance(said, list) else [said]:
            number = str(number).strip("() ")
            if number in numbered:
                found.append(numbered[number])
            else:
                reason = f"it uses ({number}), and no statement above it has that number"
                self._ledger.add(place(inference.line), "premise of an inference", reason)
        return found

    def _infer(self, held: _Held, part: Inference, step: str, premises: tuple[str, ...], end: str) -> None:
        scheme = data.word(held.data, "scheme")
        if not scheme and part.rules:
            scheme = schemes.key_of(part.rules)
            if scheme not in schemes.ours():
                self._model.schemes.setdefault(scheme, part.rules)
        more = {key: value for key, value in part.data.items() if key != "uses"}
        if more:
            self._more[f"{step} ----"] = more
            self._ledger.tally(place(part.line), "YAML data", "argraph has no use for it", "kept")
        self._model.steps[step] = Step(
            iri=step,
            kind="support",
            premises=premises,
            end=end,
            favourable=True,
            text=held.texts[0] if held.texts else "",
            scheme=scheme,
            directness=data.word(held.data, "directness"),
            grade=data.word(held.data, "grade"),
        )

    def _declared(self, held: _Held, parts: list[tuple[str, Element] | Inference]) -> None:
        """An argument whose data says that it is an attack: its conclusion only says against what."""
        kind = data.word(held.data, "kind")
        step = self._model.steps.get(held.name)
        if kind not in data.STEPS or step is None:
            return
        favourable = kind == "support" or (kind == "evidence line" and held.data.get("favourable") != "false")
        step = self._model.steps[held.name] = replace(step, kind=kind, favourable=favourable)
        last = parts[-1]
        if favourable or isinstance(last, Inference):
            return
        against = self._of[id(last[1])]
        links = self._from.get(id(against), [])
        if len(links) != 1 or against.title or id(against) in self._ends:
            self._model.steps[held.name] = replace(step, kind="support", favourable=True)
            reason = "an attack has an untitled conclusion with one relation; it counts as a support"
            self._ledger.add(place(held.line), f"argument that is called an {kind}", reason, "changed")
            return
        held.end = step.premises[0]
        self._gone.add(id(links[0]))
        del self._model.nodes[against.name]
        self._taken.discard(against.name)
        self._against.append((held, links[0]))

    # -- relations ------------------------------------------------------------------------------------------

    def _relations(self) -> None:
        named: list[tuple[_Link, str, str]] = []
        seen: dict[tuple[str, str, object], str] = {}
        for link in self._links:
            if id(link) in self._gone:
                continue
            start = self._start(link.start)
            what = "support" if link.meant == "support" else "attack"
            end = link.end
            known = (link.meant, start, id(end))
            if known in seen or self._follows(link, start):
                continue
            title = self._inferences.get(id(end), "") if isinstance(end, Inference) else end.name
            name = self._free(f"{what}-{start}-{title}") if start and title else ""
            seen[known] = name
            if not name:
                self._ledger.add(place(link.line), link.meant, "one of its ends says nothing")
                continue
            if self._is_sketched(link.start):
                link.start.steps.append(name)
            named.append((link, name, start))
        for link, name, start in named:
            self._add(link, name, start)
        for held, link in self._against:
            step = self._model.steps[held.name]
            self._model.steps[held.name] = replace(step, end=self._targets(link)[0])

    def _is_sketched(self, held: _Held) -> bool:
        return held.end == held.name and not held.structures and bool(held.end)

    def _start(self, held: _Held) -> str:
        return held.end if held.structures else held.name

    def _follows(self, link: _Link, start: str) -> bool:
        """Whether a relation only repeats what an argument's structure says."""
        end = link.end
        if link.meant != "support" or isinstance(end, Inference):
            return False
        return (start == end.name and not end.structures) or (bool(end.structures) and start in end.premises)

    def _targets(self, link: _Link) -> list[str]:
        """What an attack or undercut hits."""
        end = link.end
        if isinstance(end, Inference):
            return [self._inferences.get(id(end), "")]
        if end.structures:
            return end.steps[:1] or [end.end]
        return end.steps or [end.name] if link.meant == "undercut" else [end.name]

    def _add(self, link: _Link, name: str, start: str) -> None:
        end = link.end
        at = place(link.line)
        favourable = link.meant == "support"
        targets = self._targets(link)
        if not targets[0]:
            self._ledger.add(at, link.meant, "what it is about says nothing")
            return
        if not isinstance(end, Inference):
            if link.meant == "support" and end.structures:
                if len(set(end.premises)) != 1:
                    reason = f"it does not say which premise of “{end.title}” it supports"
                    self._ledger.add(at, f"support of the argument “{end.title}”", reason)
                    return
                targets = [end.premises[0]]
            elif link.meant == "attack" and end.structures:
                reason = "it does not say what in it: it counts as an attack on its last inference"
                self._ledger.add(at, f"attack on the argument “{end.title}”", reason, "changed")
            elif link.meant == "undercut" and targets == [end.name]:
                reason = "no inference of it is stated: it counts as an attack on what it says"
                self._ledger.add(at, f"undercut of “{end.title}”", reason, "changed")
            elif len(targets) > 1:
                reason = f"it reasons to {len(targets)} ends: there is one attack for each"
                self._ledger.add(at, f"undercut of the argument “{end.title}”", reason, "changed")
        for number, target in enumerate(targets):
            part = name if not number else self._free(f"{name} ({number + 1})")
            kind = "support" if favourable else "attack"
            self._model.steps[part] = Step(part, kind, (start,), target, favourable)

    def _free(self, wanted: str) -> str:
        name = wanted
        while name in self._taken:
            self._numbers[wanted] += 1
            name = f"{wanted} ({self._numbers[wanted] + 1})"
        self._taken.add(name)
        return name

    def _keep(self) -> None:
        kept: dict[str, JSON] = self._model.kept.pop(KEPT, {})
        front = {key: value for key, value in self._document.front.items() if key not in {"title", data.OURS}}
        found: dict[str, JSON] = {"front": front, "data": self._more, "comments": self._document.comments}
        kept.update({key: value for key, value in found.items() if value})
        if self._document.comments:
            self._ledger.tally("comments", "comment", "no part of the argument", "kept")
        if front:
            self._ledger.tally(
                "line 1", "settings and data of the whole file", "argraph has no use for them", "kept"
            )
        if kept:
            self._model.kept[KEPT] = kept
