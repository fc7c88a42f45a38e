"""Text exports of Kialo as a model: claims by their place in a tree, for or against what is above them.

Kialo takes no files in, so there is nothing to write. The form of its exports is laid down nowhere; there are
two, told apart by the first claim. The older has a claim on its line, with links in Markdown:

    Discussion Title: Should fuel be dearer?

    1. Fuel should be dearer.
    1.1. Pro: Roads wear out.
    1.1.1. Con: Rain wears them, [studies](https://example.org/rain) say.
    1.2. Con: -> See 1.1.1.

The newer has it below its number, indented, and the sources at the end, with what is quoted from them:

    Discussion Name:
    Should fuel be dearer?

    1. Thesis:
    Fuel should be dearer.

      1.1. Pro:
      Roads wear out [1].

    Sources:
    [1] https://example.org/roads
    "Each year, roads …"

In a discussion with several theses, `1.` is its question, and the theses are 1.1., 1.2. and so on.
"""

from __future__ import annotations

import re
import textwrap
from collections import Counter
from dataclasses import dataclass
from typing import Final

from argraph.argument.graph import Node, Step
from argraph.errors import FormatError
from argraph.exchange.model import Ledger, LossReport, Model

KEPT: Final = "kialo"
"""Where a model keeps what only Kialo knows."""

_TITLE = re.compile(r"\s*discussion (?:title|name):[ \t]*(.*)", re.IGNORECASE)
_CLAIM = re.compile(
    r"\s*((?:\d{1,6}\.)+)(?:[ \t]+(?:(Pro|Con|Contra|Thesis|Question):(?=\s|\Z))?[ \t]*(.*))?\Z",
    re.IGNORECASE,
)
_SEE = re.compile(r"->[ \t]*see[ \t]+((?:\d{1,6}\.)*\d{1,6})\.?[ \t]*\Z", re.IGNORECASE)
_LINK = re.compile(r"(?<!\\)\[((?:[^\[\]\\]|\\.)*)\]\(([^()\s]*(?:\([^()\s]*\)[^()\s]*)*)\)")
_SOURCES = re.compile(r"sources:[ \t]*\Z", re.IGNORECASE)
_SOURCE = re.compile(r"\[(\d{1,6})\][ \t]+(\S.*)")
_NUMBERED = re.compile(r"[ \t]*\[\d{1,6}\]")
_FOOTNOTE = re.compile(r"\[(\d{1,6})\]")
_THESES: Final = frozenset({"", "thesis"})
"""What a claim says of itself that is neither for nor against what is above it."""


@dataclass(slots=True)
class _Claim:
    position: tuple[int, ...]
    stance: str
    lines: list[str]
    line: int
    name: str = ""

    @property
    def text(self) -> str:
        return "\n".join(part.strip() for part in self.lines).strip()


def load(data: bytes, name: str) -> tuple[Model, LossReport]:
    """Read a text export.

    Raises:
        FormatError: It is no text in UTF-8, or there is no claim in it.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = data.count(b"\n", 0, fault.start) + 1
        raise FormatError(
            "This is not UTF-8 text. Export it from Kialo again.", name=name, line=line
        ) from None
    reader = _Reader()
    reader.read(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    if not reader.claims:
        raise FormatError(
            "There is no claim in this file. An export of Kialo has lines such as: 1.1. Pro: Roads wear out.",
            name=name,
        )
    return reader.model(), reader.ledger.report()


class _Reader:
    """Claims first, then what they are for or against: a reference may mean a claim that comes later."""

    def __init__(self) -> None:
        self.ledger = Ledger()
        self.claims: list[_Claim] = []
        self._first: dict[tuple[int, ...], _Claim] = {}
        self._title = ""
        self._newer = False
        self._sources: dict[str, str] = {}
        self._quoted: dict[str, str] = {}
        self._used: Counter[str] = Counter()
        self._known: dict[int, _Claim | None] = {}
        """What each reference leads to in the end."""

    def read(self, lines: list[str]) -> None:
        awaited = False  # the title may stand below its heading
        for number, line in enumerate(lines, start=1):
            if self._begins_sources(lines, number - 1):
                self._read_sources(lines[number:], number + 1)
                return
            if claim := self._claim(line, number):
                self.claims.append(claim)
                self._first.setdefault(claim.position, claim)
            elif self.claims:
                self.claims[-1].lines.append(line)
            elif title := _TITLE.match(line):
                self._title = title[1].strip()
                awaited = not self._title
            elif awaited and line.strip():
                self._title, awaited = line.strip(), False
            elif line.strip():
                reason = "it stands before the first claim, and is not the title"
                self.ledger.add(f"line {number}", f"“{line.strip()[:60]}”", reason)

    def _claim(self, line: str, number: int) -> _Claim | None:
        """A claim that begins with a line; a numbered list within a claim begins none."""
        found = _CLAIM.match(line)
        if found is None:
            return None
        position = tuple(map(int, found[1].rstrip(".").split(".")))
        stance, text = (found[2] or "").casefold(), found[3] or ""
        if self.claims and self._newer and (not stance or text):
            return None
        root = self.claims[0].position[0] if self.claims else position[0]
        if position[0] != root or (len(position) == 1 and self.claims):
            return None
        if not self.claims:
            self._newer = stance in {"thesis", "question"} and not text
        return _Claim(position, stance, [text], number)

    def _begins_sources(self, lines: list[str], index: int) -> bool:
        """Whether this is the heading of the list of sources, and no part of a claim."""
        if not self.claims or not _SOURCES.match(lines[index]):
            return False
        following = (lines[i] for i in range(index + 1, len(lines)) if lines[i].strip())
        first = _SOURCE.match(next(following, ""))
        return first is not None and int(first[1]) == 1

    def _read_sources(self, lines: list[str], start: int) -> None:
        """Sources by number; what stands below one until the next is quoted from it."""
        quoted: dict[str, list[str]] = {}
        last = ""
        for line in lines:
            found = _SOURCE.match(line)
            if found and int(found[1]) == len(quoted) + 1:  # a quotation may hold such numbers too
                last = found[1]
                self._sources[last] = found[2].strip()
                quoted[last] = []
            elif last:
                quoted[last].append(line)
        self._quoted = {n: text for n, said in quoted.items() if (text := "\n".join(said).strip())}
        place = f"line {start}"
        self.ledger.tally(place, "list of sources", "each claim's note names those that it refers to", "kept")
        for _ in self._quoted:
            self.ledger.tally(place, "quotation from a source", "kept as data beside its address", "kept")

    def model(self) -> Model:
        model = Model(title=self._title)
        root = self.claims[0]
        below = {claim.stance for claim in self.claims if len(claim.position) == 2}
        question = len(root.position) == 1 and root.stance != "thesis" and bool(below)
        question = question and (root.stance == "question" or below <= {"", "thesis"})
        for claim in self.claims:
            if claim is root and question:
                self._question(claim, model)
            elif not _SEE.match(claim.text):
                depth = 2 if question else 1
                self._node(claim, model, thesis=len(claim.position) == depth and claim.stance in _THESES)
        for claim in self.claims:
            if not (claim is root and question):
                self._step(claim, model, question)
        if self._sources:
            model.kept.setdefault(KEPT, {})["sources"] = [
                {"number": number, "address": address}
                | ({"quoted": self._quoted[number]} if number in self._quoted else {})
                for number, address in self._sources.items()
            ]
        return model

    def _question(self, claim: _Claim, model: Model) -> None:
        text, _ = _unlinked(claim.text)
        if not model.title:
            model.title = " ".join(text.split())
        elif text and text != model.title:
            model.kept[KEPT] = {"question": text}
            self.ledger.tally(
                f"line {claim.line}", "question of the discussion", "the title stands for it", "kept"
            )

    def _node(self, claim: _Claim, model: Model, *, thesis: bool) -> None:
        name = wanted = ".".join(map(str, claim.position))
        self._used[wanted] += 1
        if self._used[wanted] > 1:
            name = f"{wanted} ({self._used[wanted]})"
            reason = f"that place in the tree is taken; its name is “{name}” here"
            self.ledger.add(f"line {claim.line}", f"claim {wanted}.", reason, "changed")
        claim.name = name
        text, links = _unlinked(claim.text)
        note = "; ".join(f"{words} ({address})" if words else address for words, address in links)
        if links:
            reason = "its words stay in the text, its address stands in a note"
            self.ledger.tally(f"line {claim.line}", "link", reason, "kept")
        numbers = dict.fromkeys(n for n in _FOOTNOTE.findall(text) if n in self._sources)
        named = "; ".join(f"[{number}] {self._sources[number]}" for number in numbers)
        label = textwrap.shorten(_NUMBERED.sub("", text), 60, placeholder="…").rstrip(".") if numbers else ""
        notes = [f"Links: {note}"] * bool(note) + [f"Sources: {named}"] * bool(named)
        model.nodes[name] = Node(name, "thesis" if thesis else "", label, text, note=". ".join(notes))

    def _step(self, claim: _Claim, model: Model, question: bool) -> None:
        place = f"line {claim.line}"
        start = self._meant(claim)
        if start is None or not start.name:
            self.ledger.add(place, f"“{claim.text[:60]}”", "there is no claim with that number")
            return
        if claim.stance in _THESES and len(claim.position) <= (2 if question else 1):
            return
        if len(claim.position) == 1:  # nothing is above it
            return
        what = {"pro": "support", "con": "attack", "contra": "attack"}.get(claim.stance, "relation")
        if what == "relation":
            reason = "it says neither Pro nor Con: the claim is kept, and is neither for nor against"
            self.ledger.add(place, what, reason)
            return
        above = self._first.get(claim.position[:-1])
        end = self._meant(above) if above else None
        if end is None or not end.name:
            number = ".".join(map(str, claim.position[:-1]))
            self.ledger.add(place, what, f"there is no claim {number}. that it could be about")
            return
        name = f"{what}-{start.name}-{end.name}"
        if name in model.steps:
            self.ledger.add(
                place, what, "the same claim speaks there for or against the same already", "changed"
            )
            return
        model.steps[name] = Step(name, what, (start.name,), end.name, what == "support")

    def _meant(self, claim: _Claim) -> _Claim | None:
        """The claim itself, or the one that it refers to, through references to references."""
        path: list[int] = []
        found: _Claim | None = claim
        while found is not None and id(found) not in self._known and (see := _SEE.match(found.text)):
            self._known[id(found)] = None  # should it come round to itself
            path.append(id(found))
            found = self._first.get(tuple(map(int, see[1].split("."))))
        if found is not None:
            found = self._known.get(id(found), found)
        self._known.update(dict.fromkeys(path, found))
        return found


def _unlinked(text: str) -> tuple[str, list[tuple[str, str]]]:
    """A text with the words of its links only, without marks of escape, and the links."""
    links = [(_plain(link[1]), _plain(link[2])) for link in _LINK.finditer(text)]
    return _plain(_LINK.sub(lambda link: link[1], text)), links


def _plain(text: str) -> str:
    return re.sub(r"\\([\[\]()\\*_])", r"\1", text)
