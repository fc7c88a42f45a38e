"""The saved queries: SPARQL files whose headers say what they answer, what they take and what they give."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias, cast

import pyoxigraph as ox
from rapidfuzz import fuzz, process

from argraph import vocab
from argraph.errors import QueryRefused, ResourceMissing, UnknownQuery
from argraph.query import engine
from argraph.query.engine import Solutions, Term

Kind: TypeAlias = Literal["explore", "audit"]
Type: TypeAlias = Literal["iri", "string", "integer", "decimal", "boolean"]

_DATATYPES: dict[str, tuple[str, str, str]] = {
    "integer": (vocab.XSD + "integer", r"[+-]?[0-9]+", "a whole number, such as 3"),
    "decimal": (vocab.XSD + "decimal", r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)", "a number, such as 0.5"),
    "boolean": (vocab.XSD + "boolean", r"true|false", "true or false"),
}
"""Datatype, wording and description of the values of each type that is written as a plain word."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """What a saved query can be told; it is at the same time one of its columns.

    Attributes:
        name: Name of the variable that it binds, without “?”.
        type: What its values are.
        required: Whether the query cannot be asked without it.
        default: Value where none is given; where None, the variable stays free: the query answers for all.
    """

    name: str
    type: Type
    required: bool = False
    default: str | None = None

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


@dataclass(frozen=True, slots=True)
class StoredQuery:
    """A saved query.

    Attributes:
        name: Name of its file without the ending.
        kind: `explore` for questions of an analyst, `audit` for lists that a maintainer must look at.
        title: The question that it answers.
        summary: What a row of the answer is.
        parameters: What it can be told.
        columns: What it gives, in this order.
        text: The whole file.
    """

    name: str
    kind: Kind
    title: str
    summary: str
    parameters: tuple[Parameter, ...]
    columns: tuple[Column, ...]
    text: str

    def as_data(self) -> dict[str, Any]:
        """What can be told of it in JSON: everything but its text."""
        described = asdict(self)
        del described["text"]
        return described

    def bind(self, arguments: Mapping[str, str], *, resolve: Callable[[str], str]) -> dict[str, Term]:
        """Values of the query's variables from arguments given as text, for `engine.run`.

        Args:
            arguments: Value of each parameter by name; those with a default and optional ones may be missing.
            resolve: Turns a name for a node into an IRI; may raise UnknownNode.

        Raises:
            QueryRefused: An argument is missing, unknown, or of the wrong type.
        """
        known = {parameter.name: parameter for parameter in self.parameters}
        for name in arguments:
            if name not in known:
                takes = f"It takes {', '.join(known)}." if known else "It takes none."
                raise QueryRefused(f"The saved query {self.name} has no parameter “{name}”. {takes}")
        bindings = {}
        for name, parameter in known.items():
            value = arguments.get(name, parameter.default)
            if value is not None:
                bindings[name] = parameter.term(value, resolve)
            elif parameter.required:
                raise QueryRefused(
                    f"The saved query {self.name} needs a value: {name}={parameter.type.upper()}."
                )
        return bindings


class Catalogue(Mapping[str, StoredQuery]):
    """Saved queries by name, in the order of kind and name."""

    def __init__(self, queries: Mapping[str, StoredQuery]) -> None:
        self._queries = dict(sorted(queries.items(), key=lambda item: (item[1].kind != "explore", item[0])))

    def __getitem__(self, name: str) -> StoredQuery:
        return self._queries[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._queries)

    def __len__(self) -> int:
        return len(self._queries)

    def get(self, name: str, default: object = None) -> StoredQuery:
        """The saved query of a name; no default stands in for it.

        Raises:
            UnknownQuery: There is none of that name; carries the nearest names.
        """
        if name in self._queries:
            return self._queries[name]
        found = process.extract(name, list(self._queries), scorer=fuzz.WRatio, limit=3, score_cutoff=60)
        raise UnknownQuery(name, tuple(match[0] for match in found))


def load(folder: Path) -> Catalogue:
    """Read the `*.rq` files of the folders `explore` and `audit` in a folder.

    Raises:
        ResourceMissing: There is no such folder, or no query in it.
        QueryRefused: A header or a query is faulty; the message begins with the file and the line.
    """
    queries: dict[str, StoredQuery] = {}
    kinds: tuple[Kind, ...] = ("explore", "audit")
    for kind in kinds:
        for path in sorted((folder / kind).glob("*.rq")):
            if path.stem in queries:
                raise QueryRefused(
                    f"{path}: there is another saved query named {path.stem}: rename one of them."
                )
            try:
                text = path.read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError) as error:
                raise QueryRefused(f"{path}: the file cannot be read: {error}") from error
            queries[path.stem] = parse(text, name=path.stem, kind=kind, path=str(path))
    if not queries:
        raise ResourceMissing(
            f"There is no saved query in {folder}: they are files explore/*.rq and audit/*.rq."
        )
    return Catalogue(queries)


_HEADER = re.compile(r"#\+ ?(.*)")
_ENTRY = re.compile(r"(title|summary): *(\S.*)|param +(\w+): *(\S.*)|column +(\w+): *(\S.*)")
_PARAMETER = re.compile(r"(\w+), *(required|optional|default +(\S.*))")
_TYPES = ("iri", "string", "integer", "decimal", "boolean")


def parse(text: str, *, name: str, kind: Kind, path: str) -> StoredQuery:
    """Read a saved query from the text of its file.

    The header is made of the lines that begin with `#+`, one entry each; a line indented by three or more
    blanks continues the one above:

        #+ title: What speaks for a statement?
        #+ summary: A row is …
        #+ param node: iri, optional
        #+ column node: iri

    A parameter is `required`, `optional` or has a `default VALUE`.

    Raises:
        QueryRefused: The header or the query is faulty; the message begins with the file and the line.
    """
    reader = _Header(path)
    for number, line in enumerate(text.splitlines(), start=1):
        if match := _HEADER.match(line):
            reader.take(number, match[1].rstrip())
    reader.finish()
    stored = StoredQuery(
        name=name,
        kind=kind,
        title=reader.texts["title"],
        summary=reader.texts["summary"],
        parameters=tuple(reader.parameters.values()),
        columns=tuple(reader.columns.values()),
        text=text,
    )
    _check_projection(stored, reader)
    return stored


class _Header:
    """The entries of one header, collected line by line."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.texts: dict[str, str] = {}
        self.parameters: dict[str, Parameter] = {}
        self.columns: dict[str, Column] = {}
        self.lines: dict[str, int] = {}
        self._open = ""

    def fault(self, line: int, reason: str) -> QueryRefused:
        return QueryRefused(f"{self.path}:{line}: {reason}", line=line, column=1)

    def take(self, number: int, entry: str) -> None:
        if entry.startswith("   ") and self._open:
            self.texts[self._open] += " " + entry.strip()
            return
        self._open = ""
        match = _ENTRY.fullmatch(entry)
        if match is None:
            raise self.fault(
                number,
                f"“{entry.strip()}” is no header entry. Write title: …, summary: …, "
                "param NAME: TYPE, required (or optional, or default VALUE), or column NAME: TYPE.",
            )
        title, text, parameter, described, column, type_ = match.groups()
        key = title or f"{'param' if parameter else 'column'} {parameter or column}"
        if key in self.lines:
            raise self.fault(number, f"{key} is given twice.")
        self.lines[key] = number
        if title:
            self._open = title
            self.texts[title] = text.strip()
        elif parameter:
            self.parameters[parameter] = self._parameter(number, parameter, described)
        else:
            self.columns[column] = Column(column, self._type(number, type_))

    def _parameter(self, number: int, name: str, described: str) -> Parameter:
        match = _PARAMETER.fullmatch(described)
        if match is None:
            raise self.fault(
                number, f"param {name} must read TYPE, required; or TYPE, optional; or TYPE, default VALUE."
            )
        parameter = Parameter(name, self._type(number, match[1]), match[2] == "required", match[3])
        if parameter.default is not None and parameter.type != "iri":
            try:
                parameter.term(parameter.default, resolve=str)
            except QueryRefused as error:
                raise self.fault(number, str(error)) from None
        return parameter

    def _type(self, number: int, name: str) -> Type:
        if name not in _TYPES:
            raise self.fault(number, f"“{name}” is no type; the types are {', '.join(_TYPES)}.")
        return cast(Type, name)

    def finish(self) -> None:
        for needed in ("title", "summary"):
            if needed not in self.texts:
                raise self.fault(1, f"The header lacks its {needed}: add a line “#+ {needed}: …”.")


def _check_projection(stored: StoredQuery, header: _Header) -> None:
    """Hold the header against the columns that the query has when an empty store answers it."""
    try:
        answer = engine.run(ox.Store(), stored.text)
    except QueryRefused as error:
        raise header.fault(error.line or 1, str(error)) from error
    if not isinstance(answer, Solutions):
        raise header.fault(1, "A saved query must be a SELECT query.")
    declared = tuple(column.name for column in stored.columns)
    if declared != answer.columns:
        raise header.fault(
            next((line for key, line in header.lines.items() if key.startswith("column")), 1),
            f"The header declares the columns {', '.join(declared) or 'none'}; "
            f"the query gives {', '.join(answer.columns) or 'none'}. Make them the same, in the same order.",
        )
    types = {column.name: column.type for column in stored.columns}
    for parameter in stored.parameters:
        if types.get(parameter.name) != parameter.type:
            raise header.fault(
                header.lines[f"param {parameter.name}"],
                f"The parameter {parameter.name} must be a column of type {parameter.type} as well: its "
                "value is given to that variable of the answer.",
            )
