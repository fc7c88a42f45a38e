"""Asking a debate from Python and notebooks: a folder in this process, or a server over HTTP."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias, cast, overload
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlencode, urljoin, urlsplit
from urllib.request import Request, urlopen

import pyoxigraph as ox

from argraph import vocab
from argraph.errors import EndpointFailed, MissingExtra, QueryRefused, UnknownQuery
from argraph.query.engine import Result, Solutions, Term
from argraph.query.formats import ROWS, shorten
from argraph.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd

SHOWN: Final = 50
"""Rows that a notebook shows of an answer."""

_ACCEPT = f"{ROWS['json']}, application/n-triples;q=0.9"
_TRIPLE = ("subject", "predicate", "object")
_SAVED = re.compile(r"[\w-]+", re.ASCII)
_SERVER = re.compile(r"https?://", re.IGNORECASE)


class IRI(str):
    """The name of a thing. A string, so that it can be compared and printed as one.

    >>> IRI("https://w3id.org/argraph/ns#Claim").local
    'Claim'
    """

    __slots__ = ()

    @property
    def local(self) -> str:
        """What follows the last `#` or `/`."""
        return re.split(r"[#/]", self.rstrip("#/"))[-1]


class BlankNode(str):
    """A thing without a name, under a label that holds within one answer."""

    __slots__ = ()


Value: TypeAlias = IRI | BlankNode | str | int | Decimal | float | bool | date | None
Row: TypeAlias = dict[str, Value]


@dataclass(frozen=True, slots=True)
class Answer(Sequence[Row]):
    """Rows of a SELECT query, or the triples of a CONSTRUCT or DESCRIBE query.

    In a notebook it shows as a table.

    Attributes:
        columns: Their names, in order; `subject`, `predicate`, `object` for triples.
        rows: A value for each column; None where a variable is unbound.
    """

    columns: tuple[str, ...]
    rows: tuple[Row, ...] = field(repr=False)

    def __len__(self) -> int:
        return len(self.rows)

    @overload
    def __getitem__(self, at: int) -> Row: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[Row, ...]: ...
    def __getitem__(self, at: int | slice) -> Row | tuple[Row, ...]:
        return self.rows[at]

    def frame(self) -> pd.DataFrame:
        """The rows as a pandas DataFrame; decimal numbers become floats, since pandas calculates with those.

        Raises:
            MissingExtra: pandas is not installed.
        """
        try:
            import pandas as pd
        except ImportError:
            raise MissingExtra("A DataFrame", "notebook") from None
        cells = {
            column: [float(v) if isinstance(v := row[column], Decimal) else v for row in self.rows]
            for column in self.columns
        }
        return pd.DataFrame(cells, columns=list(self.columns))

    def _repr_html_(self) -> str:
        """See IPython: the first rows as a table; names of things are links."""
        head = "".join(f"<th>{html.escape(column)}</th>" for column in self.columns)
        body = "".join(
            f"<tr>{''.join(f'<td>{_cell(row[column])}</td>' for column in self.columns)}</tr>"
            for row in self.rows[:SHOWN]
        )
        left = f"<p>… and {len(self) - SHOWN:,} more rows</p>" if len(self) > SHOWN else ""
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{left}"


class Session:
    """A debate to be asked; made by `argraph.connect`.

    Attributes:
        place: The folder or the address that it was made for.
    """

    def __init__(self, place: str, source: _Source) -> None:
        self.place = place
        self._source = source

    def __repr__(self) -> str:
        return f"argraph.connect({self.place!r})"

    def query(self, query: str, **parameters: object) -> Answer | bool:
        """Ask a SPARQL query, or a saved question by its name.

        Integers, decimal and floating numbers, truth values and dates become values of Python, names of
        things become `IRI`; all other literals become strings, without their language. A number too
        malformed to be one stays a string.

        Args:
            query: SPARQL, or the name of a saved question, such as `evidence-for`.
            parameters: Of a saved question; nodes by name, as in their address.

        Returns:
            True or False for an ASK query.

        Raises:
            QueryRefused: The query or a parameter is at fault; carries the place in the query's text.
            UnknownQuery: There is no saved question of that name.
            UnknownNode: A parameter names no node; from a server this is a `QueryRefused`.
            EndpointFailed: The server cannot be reached, or cannot answer now.
        """
        if not _SAVED.fullmatch(query):
            if parameters:
                raise QueryRefused("Parameters go with saved questions: write values into the query itself.")
            return _plain(self._source.ask(query))
        given = {name: _written(value) for name, value in parameters.items() if value is not None}
        return _plain(self._source.ask_saved(query, given))

    def questions(self) -> Answer:
        """The saved questions: name, title and what a row of the answer is."""
        return Answer(("name", "title", "summary"), tuple(self._source.saved()))


def connect(place: str | Path | None = None) -> Session:
    """See `argraph.connect`."""
    if isinstance(place, str) and _SERVER.match(place):
        return Session(place, _Server(place))
    workspace = Workspace.open(Path(place) if place is not None else None)
    return Session(str(workspace.folder), _Folder(workspace))


class _Source(Protocol):
    """Where answers come from."""

    def ask(self, text: str) -> Result: ...

    def ask_saved(self, name: str, arguments: Mapping[str, str]) -> Result: ...

    def saved(self) -> Iterator[Row]: ...


class _Folder:
    """A folder, evaluated in this process."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self.ask: Callable[[str], Result] = workspace.query
        self.ask_saved: Callable[[str, Mapping[str, str]], Result] = workspace.ask

    def saved(self) -> Iterator[Row]:
        for stored in self._workspace.catalogue.values():
            yield {"name": stored.name, "title": stored.title, "summary": stored.summary}


class _Server:
    """A server of argraph."""

    def __init__(self, address: str, seconds: float = 60.0) -> None:
        self._base = address.rstrip("/").removesuffix("/sparql") + "/"
        self._seconds = seconds

    def ask(self, text: str) -> Result:
        form = urlencode({"query": text}).encode()
        return _result(*self._fetch("sparql", _ACCEPT, form))

    def ask_saved(self, name: str, arguments: Mapping[str, str]) -> Result:
        where = f"queries/{quote(name)}?{urlencode(arguments)}"
        try:
            return _result(*self._fetch(where, ROWS["json"]))
        except EndpointFailed as error:
            if error.status != 404:
                raise
            raise UnknownQuery(name, error.nearest) from None

    def saved(self) -> Iterator[Row]:
        body, media = self._fetch("queries", "application/json")
        if media != "application/json":
            raise _stranger(media)
        for stored in json.loads(body)["queries"]:
            yield {name: stored[name] for name in ("name", "title", "summary")}

    def _fetch(self, where: str, accept: str, form: bytes | None = None) -> tuple[bytes, str]:
        address = urljoin(self._base, where)
        request = Request(address, form, {"accept": accept, "user-agent": "argraph"})  # noqa: S310  # http only
        try:
            with cast(HTTPResponse, urlopen(request, timeout=self._seconds)) as answer:  # noqa: S310
                return answer.read(), answer.headers.get_content_type()
        except HTTPError as error:
            with error:
                raise _refusal(error.code, error.read()) from None
        except (URLError, HTTPException, OSError) as error:
            reason = getattr(error, "reason", None) or error or type(error).__name__
            host = urlsplit(address).netloc
            raise EndpointFailed(f"The server {host} cannot be reached: {reason}.") from None


def _refusal(status: int, body: bytes) -> QueryRefused | EndpointFailed:
    """What a server's problem document (RFC 9457) says, as error."""
    try:
        problem = json.loads(body)
        detail = str(problem["detail"])
    except (ValueError, TypeError, LookupError):
        return EndpointFailed(f"The server answered {status} and did not say why.", status=status)
    if status == 400:
        return QueryRefused(detail, line=problem.get("line"), column=problem.get("column"))
    nearest = tuple(str(link["href"]).rpartition("/")[2] for link in problem.get("nearest", ()))
    return EndpointFailed(detail, status=status, nearest=nearest)


def _stranger(media: str) -> EndpointFailed:
    return EndpointFailed(f"The server answered with {media}; it is not argraph, or not at this address.")


def _result(body: bytes, media: str) -> Result:
    """The answer of a server, as the engine in this process would have given it."""
    if media == "application/n-triples":
        return tuple(quad.triple for quad in ox.parse(body, format=ox.RdfFormat.N_TRIPLES))
    if media != ROWS["json"]:
        raise _stranger(media)
    found = ox.parse_query_results(body, format=ox.QueryResultsFormat.JSON)
    if isinstance(found, ox.QueryBoolean):
        return bool(found)
    columns = tuple(variable.value for variable in found.variables)
    return Solutions(columns, tuple(cast(tuple[Term | None, ...], tuple(row)) for row in found))


def _plain(result: Result) -> Answer | bool:
    if isinstance(result, bool):
        return result
    if not isinstance(result, Solutions):
        rows = tuple((t.subject, t.predicate, t.object) for t in result)
        result = Solutions(_TRIPLE, rows)  # type: ignore[arg-type]
    return Answer(
        result.columns,
        tuple(dict(zip(result.columns, map(_value, row), strict=True)) for row in result.rows),
    )


_INTEGERS = (
    "integer long int short byte nonNegativeInteger positiveInteger nonPositiveInteger negativeInteger "
    "unsignedLong unsignedInt unsignedShort unsignedByte"
)
_READERS: Final[Mapping[str, Callable[[str], Value]]] = {
    **{vocab.XSD + name: int for name in _INTEGERS.split()},
    vocab.XSD + "decimal": Decimal,
    vocab.XSD + "double": float,
    vocab.XSD + "float": float,
    vocab.XSD + "boolean": {"true": True, "1": True, "false": False, "0": False}.__getitem__,
    vocab.XSD + "date": date.fromisoformat,
}


def _value(term: Term | None) -> Value:
    if term is None:
        return None
    if isinstance(term, ox.NamedNode):
        return IRI(term.value)
    if isinstance(term, ox.BlankNode):
        return BlankNode(term.value)
    read = _READERS.get(term.datatype.value)
    try:
        return read(term.value) if read else term.value
    except (ValueError, ArithmeticError, KeyError):
        return term.value


def _written(value: Any) -> str:
    """A parameter as the command line would take it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _cell(value: Value) -> str:
    if value is None:
        return ""
    if not isinstance(value, IRI):
        return html.escape(str(value))
    short = shorten(value, vocab.PREFIXES)
    text = html.escape(short if short != value else value.local or value)
    return f'<a href="{html.escape(value)}">{text}</a>' if _SERVER.match(value) else html.escape(value)
