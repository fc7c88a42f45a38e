"""The syntax of Argdown: from text to statements, arguments, relations and premise-conclusion structures.

Total on any text: what breaks the rules of https://argdown.org/syntax/ is noted with its line, and the rest
is read. Written from that description; the parsers that exist for Python are under the AGPL. Two things are
read as people mean them and not as Argdown's own tools do: an address with `//` is no comment, and braces
that hold no YAML are text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple, TypeAlias

import yaml

from argraph.exchange.model import JSON, Ledger

Sort: TypeAlias = Literal["statement", "argument"]

LARGEST: Final = 65_536
LARGEST_FRONT: Final = 16_777_216
"""So many characters an element of YAML data, and the front matter, may have."""

_MARK = "\x1a"  # stands around the number of an element of data, while lines are read
_FRONT = re.compile(r"\A\s*={3,}[ \t]*\n(.*?)(?:\n={3,}[ \t]*(?=\n|\Z)|\Z)", re.DOTALL)
_SPECIAL = re.compile(
    r"\\.|\[[^\[\]\n]*\](?:\([^()\s]*\))?|<!--|<(?![-+_])[^<>\n]*>|/\*|(?<!:)//|\{|\n|[^\\\[<{/\n]+|."
)
_AFTER_DATA = re.compile(r"[ \t]*(?:\n|\Z|--|//|/\*|<!--)")
_RELATION = re.compile(
    r"([ \t]+(?:\+>|->|<\+|<-|<_|_>|><|\+|-(?!-)|_(?=\s|\Z))"
    r"|(?:\+>|->|<\+|<-|<_|_>|><|[-+](?=[\s\[<]|\Z)|_(?=\s|\Z)))"
)
_NUMBER = re.compile(r"[ \t]*\((\d{1,9})\)")
_BULLET = re.compile(r"[ \t]*(?:\*|\d{1,9}\.)(?=\s)")
_RULE = re.compile(r"[ \t]*--")
_HEADING = re.compile(r"(#+) ")
_BLOCK = re.compile(r"[ \t]*(?:[\[<(*+-]|\d+\.\s)")
_BRACKETED = re.compile(r"\[([^\[\]]*(?:\[[^\[\]]*\][^\[\]]*)*)\]")
_ANGLED = re.compile(r"<(?![-+_!])([^<>]+)>")
_TAG = re.compile(r"(?<![\w\\&])#(?:\(([^()]+)\)|([\w-]+))")
_DATA = re.compile(rf"{_MARK}(\d+){_MARK}")


@dataclass(slots=True)
class Relation:
    """A relation as it is written: `+ +> - -> _ _> ><`, from the parent above it to a child."""

    symbol: str
    child: Element
    line: int


@dataclass(slots=True)
class Element:
    """A statement or an argument at one place.

    Attributes:
        sort: Which of both.
        title: Its title; empty for a statement without one.
        text: What it says, without marks of escape; empty where it only refers to a title.
        tags: Its tags.
        data: Its YAML data; every scalar is text.
        line: Its line.
        relations: What stands indented under it.
    """

    sort: Sort
    title: str
    text: str
    tags: tuple[str, ...]
    data: dict[str, JSON]
    line: int
    relations: list[Relation] = field(default_factory=list)


@dataclass(slots=True)
class Inference:
    """A line between premises and a conclusion."""

    rules: str
    data: dict[str, JSON]
    line: int
    relations: list[Relation] = field(default_factory=list)


@dataclass(slots=True)
class Structure:
    """A premise-conclusion structure: numbered statements, and inferences between them."""

    parts: list[tuple[str, Element] | Inference]
    line: int

    @property
    def finished(self) -> bool:
        """Whether it ends with a conclusion."""
        return len(self.parts) > 1 and isinstance(self.parts[-2], Inference)


@dataclass(slots=True)
class Heading:
    """A heading, which begins a section."""

    level: int
    text: str
    tags: tuple[str, ...]
    data: dict[str, JSON]
    line: int


Block: TypeAlias = Element | Structure | Heading


@dataclass(slots=True)
class Document:
    """All of a text.

    Attributes:
        front: The front matter.
        blocks: What stands between blank lines, in order.
        comments: The comments, without their marks.
        ledger: What breaks the rules.
    """

    front: dict[str, JSON] = field(default_factory=dict)
    blocks: list[Block] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    ledger: Ledger = field(default_factory=Ledger)


class _Line(NamedTuple):
    number: int
    text: str


def parsed(text: str) -> Document:
    """Read a text; lines count from 1 and end in a line feed, a carriage return, or both."""
    document = Document()
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace(_MARK, "\N{REPLACEMENT CHARACTER}")
    front = _FRONT.match(text)
    start = 0
    if front:
        start = front.end()
        found = _yaml(front[1], LARGEST_FRONT)
        if isinstance(found, dict):
            document.front = found
        elif front[1].strip():
            reason = found if isinstance(found, str) else "it is no list of keys and values"
            document.ledger.add("line 1", "front matter", reason)
    reader = _Blocks(document, *_cleaned(text, start, document))
    reader.read()
    return document


def place(line: int) -> str:
    """A line as the place of a loss."""
    return f"line {line}"


# -- comments and data --------------------------------------------------------------------------------------


def _cleaned(text: str, start: int, document: Document) -> tuple[list[_Line], list[dict[str, JSON]]]:
    """Lines without comments, with a mark for each element of data; a line of comments only is none."""
    closing = _closing(text, start)
    lines: list[_Line] = []
    data: list[dict[str, JSON]] = []
    words: list[str] = []
    number = first = text.count("\n", 0, start) + 1
    commented = False
    never: set[str] = set()
    at, literal = start, start
    while at < len(text):
        found = _SPECIAL.match(text, at)
        sign, after = (found[0], found.end()) if found else (text[at], at + 1)
        if sign == "\n":
            line = "".join(words)
            if line.strip() or not commented:
                lines.append(_Line(first, line))
            words, commented = [], False
            number += 1
            first = number
        elif sign in {"//", "/*", "<!--"} and sign not in never:
            end = {"//": "\n", "/*": "*/", "<!--": "-->"}[sign]
            until = text.find(end, after)
            if until < 0 and sign != "//":
                never.add(sign)
                document.ledger.add(place(number), f"comment {sign}", "it has no end, and is read as text")
                words.append(sign)
            else:
                until = len(text) if until < 0 else until
                document.comments.append(text[after:until].strip())
                after = until if sign == "//" else until + len(end)
                number += text.count("\n", at, after)
                commented = True
        elif sign == "{" and at >= literal and at in closing and _AFTER_DATA.match(text, closing[at]):
            value = _yaml(text[at : closing[at]])
            if isinstance(value, dict):
                words.append(f"{_MARK}{len(data)}{_MARK}")
                data.append(value)
                after = closing[at]
                number += text.count("\n", at, after)
            else:
                reason = value if isinstance(value, str) else "it is no list of keys and values"
                document.ledger.add(
                    place(number), "data in braces", f"{reason}: it is read as text", "changed"
                )
                literal = closing[at]
                words.append(sign)
        else:
            words.append(sign)
        at = after
    if words:
        lines.append(_Line(first, "".join(words)))
    return lines, data


def _closing(text: str, start: int) -> dict[int, int]:
    """Where each brace that opens is closed, behind the brace that closes it."""
    found: dict[int, int] = {}
    opened: list[int] = []
    for brace in re.finditer(r"[{}]", text[start:]):
        if brace[0] == "{":
            opened.append(brace.start() + start)
        elif opened:
            found[opened.pop()] = brace.end() + start
    return found


class _Loader(yaml.BaseLoader):  # type: ignore[misc]  # every scalar is text; no aliases, since a few can stand for billions
    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("aliases are not taken")
        return super().compose_node(parent, index)


def _yaml(text: str, largest: int = LARGEST) -> JSON:
    """What YAML says; why not, as text, where it cannot be read."""
    if len(text) > largest:
        return f"it has more than {largest:,} characters"
    try:
        found = yaml.load(text, _Loader)  # noqa: S506  – the loader above makes texts, lists and mappings only
    except yaml.MarkedYAMLError as error:
        return f"it is no YAML ({error.problem or error.context or 'not readable'})"
    except (yaml.YAMLError, RecursionError, ValueError, TypeError) as error:
        return f"it is no YAML ({str(error).splitlines()[0][:80] if str(error) else 'not readable'})"
    return None if isinstance(found, str) else found


# -- blocks -------------------------------------------------------------------------------------------------


class _Blocks:
    def __init__(self, document: Document, lines: list[_Line], data: list[dict[str, JSON]]) -> None:
        self._document = document
        self._ledger = document.ledger
        self._lines = lines
        self._data = data

    def read(self) -> None:
        blocks = self._document.blocks
        for lines in self._paragraphs():
            first = lines[0].text
            if heading := _HEADING.match(first):
                words, tags, data = self._split(
                    " ".join(line.text.strip() for line in lines)[heading.end() :]
                )
                blocks.append(Heading(len(heading[1]), _plain(words), tags, data, lines[0].number))
            elif _NUMBER.match(first) or _RULE.match(first):
                self._structure(lines)
            elif _BULLET.match(first):
                self._items(lines, _BULLET)
            else:
                self._items(lines, None)

    def _paragraphs(self) -> Iterator[list[_Line]]:
        """Lines between blank lines; a heading ends before what is clearly a block of its own."""
        found: list[_Line] = []
        for line in self._lines:
            heading = _HEADING.match(line.text)
            ended = found and _HEADING.match(found[0].text) and _BLOCK.match(line.text)
            if found and (not line.text.strip() or heading or ended):
                yield found
                found = []
            if line.text.strip():
                found.append(line)
        if found:
            yield found

    def _items(self, lines: list[_Line], bullet: re.Pattern[str] | None) -> None:
        """Statements and arguments, each with what is indented under it."""
        tree = _Tree(self)
        for line in lines:
            mark = bullet.match(line.text) if bullet else None
            if mark:
                tree.root(line.text[mark.end() :], line.number)
            elif not tree.relation(line):
                if _RULE.match(line.text):
                    reason = "premises are numbered, (1) and so on, up to the line of an inference"
                    self._ledger.add(place(line.number), "line of an inference", reason)
                else:
                    tree.more(line)
        self._document.blocks += tree.elements()

    def _structure(self, lines: list[_Line]) -> None:
        blocks = self._document.blocks
        before = blocks[-1] if blocks else None
        if isinstance(before, Structure) and not before.finished:
            reason = "a blank line divides it; it is read as one"
            self._ledger.add(place(lines[0].number), "premise-conclusion structure", reason, "changed")
            structure = before
        else:
            structure = Structure([], lines[0].number)
            blocks.append(structure)
        tree = _Tree(self)
        order: list[tuple[str, int] | Inference] = []
        index = 0
        while index < len(lines):
            line = lines[index]
            index += 1
            if number := _NUMBER.match(line.text):
                order.append((number[1], tree.root(line.text[number.end() :], line.number)))
            elif _RULE.match(line.text):
                inference, index = self._inference(lines, index - 1)
                order.append(inference)
                tree.under(inference)
            elif not tree.relation(line):
                tree.more(line)
        elements = dict(tree.numbered())
        for part in order:
            if isinstance(part, Inference):
                structure.parts.append(part)
            elif part[1] in elements:
                structure.parts.append((part[0], elements[part[1]]))

    def _inference(self, lines: list[_Line], index: int) -> tuple[Inference, int]:
        """An inference with the rules and data that stand within its line or between two of them."""
        line = lines[index]
        rest = line.text.strip()[2:]
        words: list[str] = []
        if rest.strip("- \t"):
            said, closed, after = rest.partition("--")
            words.append(said)
            if not closed:
                words += self._until_closed(lines, index)
                index += len(words) - 1
            elif after.strip("- \t"):
                self._ledger.add(
                    place(line.number), f"“{after.strip()[:60]}”", "it stands behind an inference"
                )
        elif not rest:
            words = self._until_closed(lines, index)
            index += len(words)
        text, _, data = self._split(" ".join(words))
        return Inference(_plain(text), data, line.number), index + 1

    def _until_closed(self, lines: list[_Line], index: int) -> list[str]:
        for end in range(index + 1, len(lines)):
            if "--" in lines[end].text:
                return [*(line.text for line in lines[index + 1 : end]), lines[end].text.partition("--")[0]]
            if _NUMBER.match(lines[end].text):
                break
        self._ledger.add(
            place(lines[index].number), "line of an inference", "no second -- closes it", "changed"
        )
        return []

    # -- elements -------------------------------------------------------------------------------------------

    def element(self, words: list[str], line: int) -> Element | None:
        """A statement or an argument from its words; None, and noted, where there are none."""
        text = " ".join(word.strip() for word in words).strip()
        if text.startswith("@include("):
            self._ledger.add(place(line), f"“{text[:60]}”", "the other file is not read: import it too")
            return None
        sort: Sort = "argument" if text.startswith("<") else "statement"
        title = (_ANGLED if sort == "argument" else _BRACKETED).match(text)
        if title is None or (sort == "statement" and text.startswith("(", title.end())):
            said, tags, data = self._split(text)
            if not said:
                self._ledger.add(place(line), "statement", "it says nothing")
                return None
            return Element("statement", "", _plain(said), tags, data, line)
        name = " ".join(title[1].split())
        rest = text[title.end() :]
        defined = rest.startswith(":")
        said, tags, data = self._split(rest[1:] if defined else rest)
        if said and not defined:
            reason = f"text follows the title “{name[:60]}” without a colon"
            self._ledger.add(place(line), f"“{said[:60]}”", reason)
            said = ""
        if not name:
            self._ledger.add(place(line), f"{sort} without a title", "its brackets are empty")
            return Element("statement", "", _plain(said), tags, data, line) if said else None
        return Element(sort, name, _plain(said), tags, data, line)

    def _split(self, text: str) -> tuple[str, tuple[str, ...], dict[str, JSON]]:
        """Words, tags and data; tags within a sentence stay part of its words."""
        data: dict[str, JSON] = {}
        for mark in _DATA.finditer(text):
            data |= self._data[int(mark[1])]
        text = _DATA.sub(" ", text).strip()
        found = list(_TAG.finditer(text))
        tags = dict.fromkeys(" ".join((tag[1] or tag[2]).split()) for tag in found)
        end = len(text)
        for tag in reversed(found):
            if text[tag.end() : end].strip():
                break
            end = tag.start()
        return " ".join(text[:end].split()), tuple(tag for tag in tags if tag), data

    def fault(self, line: int, what: str, reason: str) -> None:
        """Note something with its line."""
        self._ledger.add(place(line), what, reason)


class _Tree:
    """Elements by their indentation, while the lines of a block are read."""

    def __init__(self, blocks: _Blocks) -> None:
        self._blocks = blocks
        self._words: list[tuple[list[str], int]] = []
        self._links: list[tuple[int | Inference | None, str, int]] = []
        """For each entry, what it belongs to and how: an entry, an inference, or nothing."""
        self._path: list[tuple[int, int | Inference]] = []

    def root(self, text: str, line: int) -> int:
        return self._entry(text, line, None, "", -1)

    def under(self, inference: Inference) -> None:
        """What is indented from here on belongs to an inference."""
        self._path = [(-1, inference)]

    def relation(self, line: _Line) -> bool:
        """Take a line that begins with the sign of a relation, or say that it does not."""
        found = _RELATION.match(line.text)
        if found is None:
            return False
        sign = found[1].strip()
        depth = len(found[1]) - len(sign)
        symbol = sign.lstrip("<")
        while len(self._path) > 1 and self._path[-1][0] >= depth:
            self._path.pop()
        if not self._path:
            reason = "a relation stands under what it belongs to, with no blank line between"
            self._blocks.fault(line.number, f"relation {symbol}", reason)
        parent = self._path[-1][1] if self._path else None
        self._entry(line.text[found.end() :], line.number, parent, symbol, depth)
        return True

    def more(self, line: _Line) -> None:
        """A further line of the last element."""
        if self._words and self._path and not isinstance(self._path[-1][1], Inference):
            self._words[-1][0].append(line.text)
        else:
            self.root(line.text, line.number)

    def _entry(self, text: str, line: int, parent: int | Inference | None, symbol: str, depth: int) -> int:
        self._words.append(([text], line))
        self._links.append((parent, symbol, line))
        index = len(self._words) - 1
        if parent is None:
            self._path = []
        self._path.append((depth, index))
        return index

    def numbered(self) -> Iterator[tuple[int, Element]]:
        """The elements that belong to no other, with their numbers; the others hang under them."""
        made: list[Element | None] = []
        for index, (words, line) in enumerate(self._words):
            element = self._blocks.element(words, line)
            made.append(element)
            parent, symbol, at = self._links[index]
            above = made[parent] if isinstance(parent, int) else parent
            if element is None:
                continue
            if above is not None:
                above.relations.append(Relation(symbol, element, at))
            else:
                if symbol and parent is not None:
                    self._blocks.fault(at, f"relation {symbol}", "what it belongs to says nothing")
                yield index, element

    def elements(self) -> list[Element]:
        return [element for _, element in self.numbered()]


def _plain(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)
