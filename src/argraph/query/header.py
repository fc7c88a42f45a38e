"""The header of a saved query: what it answers, what it takes and what it gives."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias, cast

import pyoxigraph as ox

from argraph import vocab
from argraph.errors import QueryRefused
from argraph.query.engine import Term

Type: TypeAlias = Literal["iri", "string", "integer", "decimal", "boolean"]

RESERVED: Final = ("format", "timeout")
"""What an address says beside the parameters of a saved query."""

_DATATYPES: Final[dict[str, tuple[str, str, str]]] = {
    "integer": (vocab.XSD + "integer", r"[+-]?[0-9]+", "a whole number, such as 3"),
    "decimal": (vocab.XSD + "decimal", r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)", "a number, such as 0.5"),
    "boolean": (vocab.XSD + "boolean", r"true|false", "true or false"),
}
"""Datatype, wording and description of the values of each type that is written as a plain word."""

DATATYPES: Final[dict[Type, frozenset[str]]] = {
    "string": frozenset({vocab.XSD + "string", vocab.RDF + "langString"}),
    "integer": frozenset({vocab.XSD + "integer"}),
    "decimal": frozenset({vocab.XSD + "decimal"}),
    "boolean": frozenset({vocab.XSD + "boolean"}),
}
"""Datatypes of the literals in a column of each type; a column of the type `iri` holds none."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """What a saved query can be told; it is at the same time one of its columns.

    Attributes:
        name: Name of the variable that it binds, without “?”.
        type: What its values are.
        required: Whether the query cannot be asked without it.
        default: Value where none is given; where None, the variable stays free: the query answers for all.
        example: A value to show or try the query with; where None, the default is one, if there is any.
    """

    name: str
    type: Type
    required: bool = False
    default: str | None = None
    example: str | None = None

    @property
    def sample(self) -> str | None:
        """The value that the query is shown and tried with; where None, the variable is left free."""
        return self.example if self.required else self.default

    def term(self, value: str, resolve: Callable[[str], str]) -> Term:
        """The RDF term that a value given as text stands for.

        Args:
            value: As the user wrote it.
            resolve: Turns a name for a node into an IRI; may raise UnknownNode.

        Raises:
            QueryRefused: The value is not of this parameter's type.
        """
        if self.type == "string":
            return ox.Literal(value)
        if self.type == "iri":
            iri = resolve(value)
            try:
                return ox.NamedNode(iri)
            except ValueError:
                raise QueryRefused(
                    f"Parameter {self.name} must be the name of a node; “{value}” is none."
                ) from None
        datatype, wording, description = _DATATYPES[self.type]
        if not re.fullmatch(wording, value.strip(), re.ASCII):
            raise QueryRefused(f"Parameter {self.name} must be {description}; “{value}” is not.")
        return ox.Literal(value.strip(), datatype=ox.NamedNode(datatype))


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the answer and what its values are; any cell may also be empty."""

    name: str
    type: Type

    def holds(self, value: Term | None) -> bool:
        """Whether a cell may have this value.

        >>> Column("n", "integer").holds(ox.Literal(3)), Column("n", "integer").holds(ox.Literal("3"))
        (True, False)
        """
        if value is None:
            return True
        if isinstance(value, ox.Literal):
            return self.type != "iri" and value.datatype.value in DATATYPES[self.type]
        return self.type == "iri" and isinstance(value, ox.NamedNode)


_LINE = re.compile(r"#\+ ?(.*)")
_ENTRY = re.compile(r"(title|summary): *(\S.*)|param +(\w+): *(\S.*)|column +(\w+): *(\S.*)")
_PARAMETER = re.compile(r"(\w+), *(?:(required)|optional)(?:, *example +(\S.*))?|(\w+), *default +(\S.*)")
_TYPES = ("iri", "string", "integer", "decimal", "boolean")


@dataclass(slots=True)
class Header:
    """The header of one saved query.

    It is made of the lines that begin with `#+`, one entry each; a line indented by three or more blanks
    continues the one above:

        #+ title: What speaks for a statement?
        #+ summary: A row is …
        #+ param node: iri, optional
        #+ column node: iri

    A parameter is `required`, `optional`, either with `, example VALUE` behind it, or has a `default VALUE`.

    Attributes:
        title: The question.
        summary: What a row of the answer is.
        parameters: By name.
        columns: By name.
        lines: Where each entry stands, from 1, by what it begins with, such as `param node`.
    """

    title: str = ""
    summary: str = ""
    parameters: dict[str, Parameter] = field(default_factory=dict)
    columns: dict[str, Column] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)

    @classmethod
    def read(cls, text: str) -> Header:
        """Read the header from the text of a file.

        Raises:
            QueryRefused: It is faulty; carries the line.
        """
        header, entries = cls(), dict[int, str]()
        for number, line in enumerate(text.splitlines(), start=1):
            if (match := _LINE.match(line)) is None:
                continue
            entry = match[1].rstrip()
            if entry.startswith("   ") and entries:
                entries[max(entries)] += " " + entry.strip()
            else:
                entries[number] = entry
        for number, entry in entries.items():
            header._take(number, entry)
        for needed in ("title", "summary"):
            if needed not in header.lines:
                raise fault(1, f"The header lacks its {needed}: add a line “#+ {needed}: …”.")
        return header

    def _take(self, number: int, entry: str) -> None:
        match = _ENTRY.fullmatch(entry)
        if match is None:
            raise fault(
                number,
                f"“{entry.strip()}” is no header entry. Write title: …, summary: …, "
                "param NAME: TYPE, required (or optional, or default VALUE), or column NAME: TYPE.",
            )
        kind, text, parameter, described, column, type_ = match.groups()
        key = kind or f"{'param' if parameter else 'column'} {parameter or column}"
        if key in self.lines:
            raise fault(number, f"{key} is given twice.")
        self.lines[key] = number
        if kind == "title":
            self.title = text.strip()
        elif kind == "summary":
            self.summary = text.strip()
        elif parameter:
            self.parameters[parameter] = _parameter(number, parameter, described)
        else:
            self.columns[column] = Column(column, _type(number, type_))


def fault(line: int, reason: str) -> QueryRefused:
    """A fault in the file of a saved query."""
    return QueryRefused(reason, line=line, column=1)


def _parameter(number: int, name: str, described: str) -> Parameter:
    if name in RESERVED:
        raise fault(
            number, f"A parameter cannot be named {name}: an address says so of the answer. Rename ?{name}."
        )
    match = _PARAMETER.fullmatch(described)
    if match is None:
        raise fault(
            number,
            f"param {name} must read TYPE, required; or TYPE, optional; either may go on with "
            "“, example VALUE”; or TYPE, default VALUE.",
        )
    type_ = _type(number, match[1] or match[4])
    parameter = Parameter(name, type_, bool(match[2]), default=match[5], example=match[3])
    value = parameter.default or parameter.example
    if value is not None and parameter.type != "iri":
        try:
            parameter.term(value, resolve=str)
        except QueryRefused as error:
            raise fault(number, str(error)) from None
    return parameter


def _type(number: int, name: str) -> Type:
    if name not in _TYPES:
        raise fault(number, f"“{name}” is no type; the types are {', '.join(_TYPES)}.")
    return cast(Type, name)
