"""A Turtle file as it was read: its triples, each term with its place."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

import pyoxigraph as ox

from argraph.diagnostics import Diagnostic, Location

Node: TypeAlias = ox.NamedNode | ox.BlankNode
Term: TypeAlias = Node | ox.Literal
Span: TypeAlias = tuple[int, int]
"""Half-open offsets into the decoded text, in code points."""

_LINE_END = re.compile(r"\r\n?|\n")


class PositionedTriple(NamedTuple):
    """A triple and where its terms stand.

    A term that is written stands where it is written, a text with its language or datatype, a `[ … ]` or
    `( … )` with its brackets. Inside the brackets, the node that they make stands at the opening bracket.
    A further cell of a list, and the `rdf:first` and `rdf:rest` that nobody writes, stand at the item.
    """

    subject: Node
    predicate: ox.NamedNode
    object: Term
    subject_span: Span
    predicate_span: Span
    object_span: Span


class Lines:
    """Offsets into a text as lines and columns; a line ends with LF, CR LF or CR."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._starts = [0, *(match.end() for match in _LINE_END.finditer(text))]

    def place(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset, both from 1; the column counts code points."""
        number = bisect_right(self._starts, offset)
        return number, offset - self._starts[number - 1] + 1

    def location(self, name: str, span: Span) -> Location:
        """The place of a span in the file of this name."""
        return Location(name, *self.place(span[0]), *self.place(span[1]))

    def line(self, number: int) -> str:
        """The text of a line, from 1, without its line end; empty where there is no such line."""
        if not 1 <= number <= len(self._starts):
            return ""
        end = self._starts[number] if number < len(self._starts) else len(self.text)
        return self.text[self._starts[number - 1] : end].rstrip("\r\n")


@dataclass(frozen=True, slots=True)
class Document:
    """What one Turtle file says.

    Attributes:
        name: The path as it is shown to people.
        text: The decoded text, without a byte order mark. Empty when the bytes are no text to read.
        triples: The triples of all statements without a fault, in the order of the file.
        prefixes: Namespaces by declared prefix, as they are at the end of the file.
        base: What relative IRIs are resolved against at the end of the file.
        diagnostics: Every fault, in the order of the file. Empty means: this is valid Turtle.
    """

    name: str
    text: str
    triples: tuple[PositionedTriple, ...]
    prefixes: dict[str, str]
    base: str | None
    diagnostics: tuple[Diagnostic, ...]
    _lines: Lines = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_lines", Lines(self.text))

    def location(self, span: Span) -> Location:
        """The lines and columns of a span."""
        return self._lines.location(self.name, span)

    def line(self, number: int) -> str:
        """The text of a line, from 1, without its line end; empty where there is no such line."""
        return self._lines.line(number)
