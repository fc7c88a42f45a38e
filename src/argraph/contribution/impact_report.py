"""An impact in words: for a terminal, for a comment on a pull request, or as data."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal, TypeAlias

from argraph.argument.cruxes import CruxChange, without_finer
from argraph.argument.evaluation import Verdict
from argraph.argument.wording import STANDING, capital, counted, listed, name, strength, void
from argraph.contribution.impact import STEPS, Change, Impact

Form: TypeAlias = Literal["text", "markdown", "json"]

REASONS = {
    "supported": "something that speaks for it holds",
    "assumed": "nothing speaks against it",
    "unsupported": "nothing that speaks for it holds",
    "unfounded": "it is held up only by itself",
    "refuted": "an objection to it stands",
    "undercut": "an objection to this inference stands",
    "open-attack": "an objection to it is open itself",
    "withdrawn": "it is withdrawn",
}
_LONGEST = 200  # characters of a name; a label may be a whole page
_MOST, _MOVES, _SETS = 50, 10, 3  # lines of a section, lines about strength, sets told of one statement
_OPEN = 5  # lines of a section that are not folded in Markdown
_NOTHING = "This changes no status and no strength."


def render(impact: Impact, form: Form) -> str:
    """The report: `text` for a terminal, `markdown` for a pull request, `json` for programs.

    Labels are other people's text: in Markdown they cannot bring in HTML, links, pictures or mentions.
    """
    if form == "json":
        return json.dumps(impact.as_data(), indent=2, ensure_ascii=False)
    told = _Told(impact)
    return told.markdown() if form == "markdown" else told.text()


def sentence(impact: Impact, change: Change) -> str:
    """One change of status or strength in words, with its path."""
    told = _Told(impact)
    return told.flip(change) if change.flips else told.moved(change)


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a sentence: plain text, or what a node or step is called there.

    Attributes:
        text: As it is read.
        node: IRI of the node or step; empty for plain text.
    """

    text: str
    node: str = ""


Line: TypeAlias = tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """Sentences of one kind.

    Attributes:
        title: Its heading.
        lines: The sentences, each of parts that are read one after the other.
    """

    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Telling:
    """The report for a page that links what it names.

    Attributes:
        headline: What would change, in one sentence without a full stop.
        sections: What there is to be told of; none of them is empty.
    """

    headline: str
    sections: tuple[Section, ...]


def telling(impact: Impact) -> Telling:
    """The report as sentences whose nodes can be linked."""
    told = _Linked(impact)
    if not impact.changes and not told.cruxes:
        return Telling(_NOTHING.removesuffix("."), ())
    flips = ("What would change", _first([told.flip(change) for change in told.flips], _MOST))
    sections = (
        Section(title, tuple(map(told.parts, lines))) for title, lines in (flips, *told.sections()) if lines
    )
    return Telling(told.headline(), tuple(sections))


class _Told:
    """The sections of a report, as plain sentences."""

    def __init__(self, impact: Impact) -> None:
        self.impact = impact

    @cached_property
    def flips(self) -> list[Change]:
        return [change for change in self.impact.flips if change.kind not in STEPS]

    @cached_property
    def cruxes(self) -> list[str]:
        return [line for line in map(self._crux, self.impact.cruxes) if line]

    def text(self) -> str:
        if not self.impact.changes and not self.cruxes:
            return _NOTHING
        flips = ("What would change", _first([self.flip(change) for change in self.flips], _MOST))
        sections = [
            f"{title}:\n" + "\n".join(f"  {line}" for line in lines)
            for title, lines in (flips, *self.sections())
            if lines
        ]
        return "\n\n".join(sections if self.flips else ["No statement changes its status.", *sections])

    def markdown(self) -> str:
        if not self.impact.changes and not self.cruxes:
            return f"### {_NOTHING}"
        parts = [f"### {self.headline()}"]
        if self.flips:
            parts.append(self._table(self.flips[:_MOST]))
        if len(self.flips) > _MOST:
            parts.append(f"and {len(self.flips) - _MOST} more.")
        for title, lines in self.sections():
            items = "\n".join(f"- {markdown(line)}" for line in lines)
            if len(lines) > _OPEN:
                summary = f"{title} ({len(lines)})"
                parts.append(f"<details>\n<summary>{summary}</summary>\n\n{items}\n\n</details>")
            elif lines:
                parts.append(f"#### {title}\n\n{items}")
        return "\n\n".join(parts)

    def headline(self) -> str:
        impact, parts = self.impact, []
        if self.flips:
            parts.append(f"{counted(len(self.flips), 'statement')} would change status")
        if impact.unanswered:
            parts.append(f"{counted(len(impact.unanswered), 'objection')} would newly stand")
        changed = sum(bool(change.new or change.gone) for change in impact.cruxes)
        if changed:
            parts.append(f"{counted(changed, 'statement')} would hang on something else")
        if not self.flips:
            parts.insert(0, "no statement would change its status")
        return capital(listed(parts))

    def _table(self, flips: Iterable[Change]) -> str:
        rows = [
            (
                self._named(change),
                _standing(change.before),
                _standing(change.after),
                self._why(change),
                " → ".join(self._way(change)),
            )
            for change in flips
        ]
        heads = ("Statement", "Now", "Then", "Why", "By way of")
        lines = [heads, ("---",) * len(heads), *(tuple(map(markdown, row)) for row in rows)]
        return "\n".join(f"| {' | '.join(line)} |" for line in lines)

    def sections(self) -> Iterator[tuple[str, list[str]]]:
        """All but the flips, as headings with their lines; steps are left to the machine-readable form."""
        impact = self.impact

        def told(changes: Iterable[Change], line: Callable[[Change], str], most: int = _MOST) -> list[str]:
            return _first([line(change) for change in changes if change.kind not in STEPS], most)

        yield "What statements would hang on", [*_first(self.cruxes, _MOST), *self._limits()]
        yield (
            "Objections that would stand and do not now",
            _first([f"{self._called(iri)}." for iri in impact.unanswered], _MOST),
        )
        yield "New", told(impact.added, self._added)
        yield "Gone", told(impact.removed, lambda change: f"{self._named(change)}.")
        yield "Strength that would move", told(impact.moves, self.moved, _MOVES)

    # Statuses and strengths.

    def flip(self, change: Change) -> str:
        via = self._way(change)
        way = f" By way of {' → '.join(via)}." if via else ""
        return (
            f"{self._named(change)} {_standing(change.before)} now; "
            f"then it {_standing(change.after)}: {self._why(change)}.{way}"
        )

    def _added(self, change: Change) -> str:
        return f"{self._named(change)}. It {_standing(change.after)}: {self._why(change)}."

    def moved(self, change: Change) -> str:
        return f"{self._named(change)}: {strength(change.before)} now, then {strength(change.after)}."

    def _why(self, change: Change) -> str:
        verdict, node = change.after, self.impact.after.nodes.get(change.iri)
        if verdict is None:
            return "it is removed"
        if node and node.kind == "evidence" and verdict.reason == "unsupported":
            return void(self.impact.after, node)
        return REASONS[verdict.reason]

    def _way(self, change: Change) -> list[str]:
        """The statements and findings on the path; a step that it begins with is told by its premises."""
        steps = self.impact.after.steps
        via = [self._called(iri) for iri in change.path if iri not in steps]
        if change.path and change.path[0] in steps:
            via.insert(0, listed(map(self._called, steps[change.path[0]].premises)))
        return via if len(via) > 1 else []

    # Cruxes.

    def _crux(self, change: CruxChange) -> str:
        """What one statement would newly hang on and what no longer; empty where nothing differs."""
        stands, stood = change.after == "accepted", change.before == "accepted"
        effect, done = ("fall", "withdrawn") if stands else ("stand", "answered")
        called = f"the {self.impact.after.nodes[change.iri].kind} {self._called(change.iri)}"
        told = []
        if change.new:
            would = f"also {effect}" if stands == stood else f"{effect} again" if stood else effect
            told.append(f"With this, {called} would {would} if {self._sets(change.new, done)}.")
        if change.gone:
            who = "It" if told else capital(called)
            sets = self._sets(change.gone, done, alone=True)
            told.append(f"{who} would no longer {effect} if {sets}.")
        return " ".join(told)

    def _sets(self, sets: tuple[tuple[str, ...], ...], done: str, *, alone: bool = False) -> str:
        coarse = without_finer(self.impact.after, sets)
        told = []
        for items in coarse[:_SETS]:
            many = "" if alone else {1: "", 2: "both "}.get(len(items), "all of ")
            told.append(f"{many}{listed(map(self._called, items))}{' alone' * alone}")
        more = len(coarse) - len(told)
        rest = f", or for {counted(more, 'more such set')}" if more else ""
        return f"{', or if '.join(f'{names} were {done}' for names in told)}{rest}"

    def _limits(self) -> Iterator[str]:
        """What was not tried, where that matters."""
        impact = self.impact
        exact = min((c.exact_up_to for c in impact.cruxes if not c.complete), default=None)
        if exact == 0:
            yield "Not all single withdrawals or answers could be tried."
        elif exact is not None and self.cruxes:
            yield f"Up to {exact} at once, nothing is missing here; not all larger sets were tried."
        if impact.not_compared:
            yield f"Not looked at, for lack of time: {counted(len(impact.not_compared), 'more statement')}."

    # Names.

    def _named(self, change: Change) -> str:
        called = self._plain(change.iri)
        if called.startswith("the "):
            return self._shown(change.iri, capital(called))
        return f"The {change.kind} {self._shown(change.iri, called)}"

    def _called(self, iri: str) -> str:
        return self._shown(iri, self._plain(iri))

    def _plain(self, iri: str) -> str:
        called = name(self.impact.after if iri in self.impact.becomes else self.impact.before, iri)
        return called if len(called) <= _LONGEST else f"{called[: _LONGEST - 1].rstrip()}…"

    def _shown(self, iri: str, called: str) -> str:
        """What stands in a sentence for a node or step."""
        return called


_OPEN_MARK, _MARK, _CLOSE_MARK = "\ue000", "\ue001", "\ue002"  # private use: no label keeps them
_MARKED: Final = re.compile(f"{_OPEN_MARK}([^{_MARK}]*){_MARK}([^{_CLOSE_MARK}]*){_CLOSE_MARK}")
_MARKS: Final = re.compile(f"[{_OPEN_MARK}{_MARK}{_CLOSE_MARK}]")


class _Linked(_Told):
    """The same with marks around what nodes are called."""

    def _shown(self, iri: str, called: str) -> str:
        if _MARKS.search(iri):
            return called
        return f"{_OPEN_MARK}{iri}{_MARK}{_MARKS.sub('', called)}{_CLOSE_MARK}"

    def parts(self, line: str) -> Line:
        """A sentence in parts."""
        told, last = [], 0
        for found in _MARKED.finditer(line):
            told += [Part(line[last : found.start()]), Part(found[2], found[1])]
            last = found.end()
        return tuple(part for part in (*told, Part(line[last:])) if part.text)


def _standing(verdict: Verdict | None) -> str:
    return STANDING[verdict.status] if verdict else "is not there"


def _first(lines: list[str], most: int) -> list[str]:
    rest = len(lines) - most
    return [*lines[:most], f"and {rest} more."] if rest > 0 else lines


_ACTIVE = re.compile(r"[@#!$%&~^:](?=[\w/])|\bwww(?=\.)|\bGH-", re.IGNORECASE)
"""What begins a mention, a reference, an address or an emoji on the usual forges."""
_SIGNS = re.compile(r"[\\`*_{}\[\]()|~$!#]")
_INVISIBLE = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]+")


def markdown(text: str) -> str:
    r"""A text as inline Markdown that shows as it is, on one line, and does nothing else.

    HTML and Markdown are escaped. An invisible word joiner (U+2060) breaks what forges look for in the text
    that a reader sees, where escapes no longer count: mentions, references, addresses, emoji.

    >>> print(markdown("<b>*Hi*</b>"))
    &lt;b&gt;\*Hi\*&lt;/b&gt;
    """
    text = _INVISIBLE.sub(" ", text).strip()
    text = _ACTIVE.sub("\\g<0>\u2060", text)
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _SIGNS.sub(r"\\\g<0>", text)
