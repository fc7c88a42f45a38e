"""The saved queries: SPARQL files whose headers say what they answer, what they take and what they give."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from threading import Lock
from types import MappingProxyType
from typing import Any, Final, Literal, TypeAlias

import pyoxigraph as ox
from rapidfuzz import fuzz, process

from argraph import vocab
from argraph.diagnostics import Diagnostic, Location, Report, Severity
from argraph.errors import ArgraphError, QueryRefused, ResourceMissing, UnknownNode, UnknownQuery
from argraph.query import engine
from argraph.query.admission import MAX_BYTES
from argraph.query.engine import Dataset, Solutions, Term
from argraph.query.header import Column, Header, Parameter, fault

Kind: TypeAlias = Literal["explore", "audit"]

MOST: Final = 500
"""Files in one folder of saved queries that are looked at."""

_CODE: Final = "saved-query"
_NAME: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LONGEST_NAME: Final = 64


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

    @property
    def truths(self) -> tuple[str, ...]:
        """Names of the columns that hold yes or no."""
        return tuple(column.name for column in self.columns if column.type == "boolean")

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

    def samples(self, *, resolve: Callable[[str], str]) -> dict[str, Term]:
        """The values that it is shown and tried with: of each parameter the default, else a needed example.

        Raises:
            QueryRefused: One of them names no node; carries the line of the header.
        """
        values = {}
        for parameter in self.parameters:
            if parameter.sample is not None:
                try:
                    values[parameter.name] = parameter.term(parameter.sample, resolve)
                except (QueryRefused, UnknownNode) as error:
                    line = Header.read(self.text).lines[f"param {parameter.name}"]
                    raise fault(line, f"The value of {parameter.name} cannot be used here: {error}") from None
        return values


class Catalogue(Mapping[str, StoredQuery]):
    """Saved queries by name, in the order of kind and name.

    Attributes:
        faults: Files that are no saved queries though they ought to be, and why.
    """

    def __init__(self, queries: Mapping[str, StoredQuery], faults: Report | None = None) -> None:
        self._queries = dict(sorted(queries.items(), key=lambda item: (item[1].kind != "explore", item[0])))
        self.faults = faults or Report()

    def __getitem__(self, name: str) -> StoredQuery:
        return self._queries[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._queries)

    def __len__(self) -> int:
        return len(self._queries)

    def beside(self, found: Found) -> Catalogue:
        """These and what is found in a folder of others, with its faults."""
        others = {stored.name: stored for stored in found.queries.values()}
        return Catalogue({**self, **others}, found.faults)

    def get(self, name: str, default: object = None) -> StoredQuery:
        """The saved query of a name; no default stands in for it.

        Raises:
            QueryRefused: There is a file of that name, and it is faulty; carries the line.
            UnknownQuery: There is none of that name; carries the nearest names.
        """
        if name in self._queries:
            return self._queries[name]
        for found in self.faults:
            if Path(found.location.path).stem == name:
                place = f"{found.location.path}:{found.location.line}"
                raise QueryRefused(f"The file {place} is not taken as a saved query: {found.message}")
        near = process.extract(name, list(self._queries), scorer=fuzz.WRatio, limit=3, score_cutoff=60)
        raise UnknownQuery(name, tuple(match[0] for match in near))


def load(folder: Path) -> Catalogue:
    """Read the saved queries of a folder, all of which must be without fault.

    Raises:
        ResourceMissing: There is no such folder, or no query in it.
        QueryRefused: A header or a query is faulty; the message begins with the file and the line.
    """
    found = Folder(folder).look() if folder.is_dir() else Found()
    for one in found.faults:
        place = f"{folder / one.location.path}:{one.location.line}"
        raise QueryRefused(f"{place}: {one.message}", line=one.location.line, column=one.location.column)
    if not found.queries:
        raise ResourceMissing(
            f"There is no saved query in {folder}: they are files explore/*.rq and audit/*.rq."
        )
    return Catalogue({stored.name: stored for stored in found.queries.values()})


def parse(
    text: str, *, name: str, kind: Kind, prefixes: Mapping[str, str] = MappingProxyType(vocab.PREFIXES)
) -> StoredQuery:
    """Read a saved query from the text of its file; see `Header` for what that begins with.

    Args:
        text: Of the file.
        name: Of the query.
        kind: Of the query.
        prefixes: Those that it need not declare.

    Raises:
        QueryRefused: The header or the query is faulty; carries the line.
    """
    header = Header.read(text)
    stored = StoredQuery(
        name=name,
        kind=kind,
        title=header.title,
        summary=header.summary,
        parameters=tuple(header.parameters.values()),
        columns=tuple(header.columns.values()),
        text=text,
    )
    _check_projection(stored, header, prefixes)
    return stored


def _check_projection(stored: StoredQuery, header: Header, prefixes: Mapping[str, str]) -> None:
    """Hold the header against the columns that the query has when an empty dataset answers it."""
    answer = engine.run(ox.Store(), stored.text, prefixes=prefixes, dataset=Dataset())
    if not isinstance(answer, Solutions):
        raise fault(1, "A saved query must be a SELECT query.")
    declared = tuple(header.columns)
    if declared != answer.columns:
        raise fault(
            next((line for key, line in header.lines.items() if key.startswith("column")), 1),
            f"The header declares the columns {', '.join(declared) or 'none'}; "
            f"the query gives {', '.join(answer.columns) or 'none'}. Make them the same, in the same order.",
        )
    for parameter in stored.parameters:
        column = header.columns.get(parameter.name)
        if column is None or column.type != parameter.type:
            raise fault(
                header.lines[f"param {parameter.name}"],
                f"The parameter {parameter.name} must be a column of type {parameter.type} as well: its "
                "value is given to that variable of the answer.",
            )


@dataclass(frozen=True, slots=True)
class Found:
    """What a look into a folder found.

    Attributes:
        queries: Those without fault, by their path below the folder.
        faults: What is wrong with the other files.
    """

    queries: Mapping[str, StoredQuery] = field(default_factory=dict)
    faults: Report = field(default_factory=Report)


class Folder:
    """A folder of saved queries, to be looked at again and again; safe to use from several threads.

    They are the files `explore/*.rq` and `audit/*.rq` in it, and `*.rq` at its top, which count as `explore`.

    Args:
        path: The folder.
        taken: Names of saved queries from elsewhere.
        prefixes: Those that a query need not declare.
        resolve: Turns a name for a node into an IRI, or raises UnknownNode; for values in headers.
    """

    def __init__(
        self,
        path: Path,
        *,
        taken: Collection[str] = (),
        prefixes: Mapping[str, str] = MappingProxyType(vocab.PREFIXES),
        resolve: Callable[[str], str] | None = None,
    ) -> None:
        self.path = path
        self._taken = frozenset(taken)
        self._prefixes = prefixes
        self._resolve = resolve
        self._lock = Lock()
        self._seen: object = None
        self._found = Found()

    def look(self) -> Found:
        """What is in the folder now; the same object as long as no file has changed."""
        with self._lock:
            try:
                files = self._files()
                seen = [(name, _print(self.path / name)) for name in files]
            except OSError as error:
                self._seen = None
                reason = f"The folder cannot be read: {error.strerror}."
                return Found(faults=Report.of([diagnostic(".", QueryRefused(reason))]))
            if seen != self._seen:
                self._found = self._read(files)
                self._seen = seen
            return self._found

    def _files(self) -> list[str]:
        """Paths below the folder, in order, those at its top first."""
        found = [e.name for e in os.scandir(self.path) if _wanted(e.name)]
        for kind in ("explore", "audit"):
            if (self.path / kind).is_dir():
                found += [f"{kind}/{e.name}" for e in os.scandir(self.path / kind) if _wanted(e.name)]
        return sorted(found, key=lambda name: (name.count("/"), name))

    def _read(self, files: list[str]) -> Found:
        queries: dict[str, StoredQuery] = {}
        faults = []
        places = dict.fromkeys(self._taken, "")
        for path in files[:MOST]:
            text = ""
            try:
                name = _name(path)
                if name in places:
                    raise _twice(name, places[name])
                text = self._text(path)
                queries[path] = self._parsed(path, name, text)
                places[name] = path
            except QueryRefused as error:
                faults.append(diagnostic(path, error, text))
        if len(files) > MOST:
            reason = f"There are more than {MOST} files: from this one on they are not looked at."
            faults.append(diagnostic(files[MOST], QueryRefused(reason)))
        return Found(MappingProxyType(queries), Report.of(faults))

    def _parsed(self, path: str, name: str, text: str) -> StoredQuery:
        kind: Kind = "audit" if path.startswith("audit/") else "explore"
        stored = parse(text, name=name, kind=kind, prefixes=self._prefixes)
        if self._resolve is not None:
            stored.samples(resolve=self._resolve)
        return stored

    def _text(self, path: str) -> str:
        try:
            place = (self.path / path).resolve(strict=True)
            if not place.is_relative_to(self.path.resolve()):
                raise QueryRefused("It is a link that leads out of the folder: put the file itself here.")
            if not place.is_file():
                raise QueryRefused("It is not a file.")
            with place.open("rb") as file:
                data = file.read(MAX_BYTES + 1)
        except (OSError, RuntimeError) as error:  # a link that leads to itself is a RuntimeError
            reason = getattr(error, "strerror", None) or "it is a link that leads to itself"
            raise QueryRefused(f"It cannot be read: {reason}.") from None
        if len(data) > MAX_BYTES:
            raise QueryRefused(f"It is longer than {MAX_BYTES:,} bytes, the most that a query may have.")
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            raise fault(line, "It is not a text in UTF-8: save it as one.") from None
        if "\0" in text:
            raise QueryRefused("It is not a text: it holds a null character.")
        return text


def _wanted(name: str) -> bool:
    return not name.startswith(".") and name.lower().endswith((".rq", ".sparql"))


def _name(path: str) -> str:
    """The name of the query in a file.

    Raises:
        QueryRefused: The file is not named as it must be.
    """
    file = path.rpartition("/")[2]
    stem, _, ending = file.rpartition(".")
    if _NAME.fullmatch(stem) and len(stem) <= _LONGEST_NAME and ending == "rq":
        return stem
    better = re.sub(r"[^a-z0-9]+", "-", stem.lower()).strip("-")[:_LONGEST_NAME].strip("-") or "my-question"
    raise QueryRefused(
        f"A saved query is named with at most {_LONGEST_NAME} small letters, digits and hyphens, and its "
        f"file ends in .rq: rename it, for example to {better}.rq."
    )


def _twice(name: str, other: str) -> QueryRefused:
    if not other:
        return QueryRefused(f"argraph has a saved query named {name} already: give this file another name.")
    return QueryRefused(f"{other} is another saved query named {name}: rename one of them.")


def _print(path: Path) -> tuple[int, ...]:
    """What tells that a file, or the file behind a link, is another one than before."""
    told = []
    for status in (os.lstat, os.stat):
        try:
            found = status(path)
            told += [found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns]
        except OSError:
            told.append(0)
    return tuple(told)


def diagnostic(path: str, error: ArgraphError, text: str = "") -> Diagnostic:
    """What keeps a file from being a saved query.

    Args:
        path: Of the file, below its folder.
        error: What happened; its place is used where it has one.
        text: Of the file, as far as it is known.
    """
    line, column = 1, 1
    if isinstance(error, QueryRefused):
        line, column = error.line or 1, error.column or 1
    lines = text.split("\n")
    return Diagnostic(
        code=_CODE,
        severity=Severity.VIOLATION,
        message=str(error).partition("\n")[0],  # what follows repeats the line
        location=Location(path.encode("utf-8", "backslashreplace").decode(), line, column, line, column + 1),
        source=lines[line - 1] if line <= len(lines) else "",
    )
