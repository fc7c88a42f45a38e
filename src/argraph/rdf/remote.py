"""An existing SPARQL 1.1 engine: queries, updates and whole graphs, complete or an error.

Engines differ in where they take updates and graphs, in how they are told a time limit, and in how quietly
they leave something out. What is known of them stands in `addresses`; what is not known is asked for, and
counted.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias, cast
from urllib.parse import urlencode, urlsplit

import pyoxigraph as ox

from argraph import vocab
from argraph.errors import AnswerTooLarge, BudgetExceeded, EndpointFailed, QueryRefused
from argraph.rdf.addresses import KINDS, Address, check, recognised
from argraph.rdf.transport import Credentials, Reply, Transport

Term: TypeAlias = ox.NamedNode | ox.BlankNode | ox.Literal
Row: TypeAlias = tuple[Term | None, ...]

JSON: Final = "application/sparql-results+json"
NTRIPLES: Final = "application/n-triples"
BATCH: Final = 20_000
"""Triples in one request."""
PAGE: Final = 5_000
"""Rows in one answer, where a whole graph is read."""
_JSON: Final = frozenset({JSON, "application/json"})
_NTRIPLES: Final = frozenset({NTRIPLES, "text/plain"})  # the latter by engines from before RDF 1.1
_TURTLE: Final = b"@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n"
"""Without a line that is Turtle and nothing else, Virtuoso takes a document that begins with a long text for
plain text, whatever its media type says."""
_STATEMENTS: Final = 300.0  # seconds for a request that writes
_TRUTH: Final = {"1": "true", "0": "false"}  # as the embedded store writes them, too
_LABEL: Final = re.compile(r"[^A-Za-z0-9]")


@dataclass(frozen=True, slots=True)
class Table:
    """Rows as an engine gave them; values in the order of `columns`, None where unbound."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Graphs:
    """The graphs that a query is asked of, by IRI. Without any, the engine's own default graph."""

    default: tuple[str, ...] = ()
    named: tuple[str, ...] = ()


class Engine:
    """An engine, for one thread."""

    def __init__(self, address: Address, credentials: Credentials | None = None) -> None:
        self.address = address
        self._kind = KINDS[address.kind]
        self._transport = Transport(credentials or Credentials.from_environment())

    @classmethod
    def find(
        cls,
        url: str,
        *,
        update: str = "",
        graphs: str = "",
        kind: str = "",
        cap: int = 0,
        credentials: Credentials | None = None,
    ) -> Engine:
        """The engine that answers queries at an address.

        Args:
            url: Its query endpoint.
            update: Its update endpoint, where that is not where engines of its kind have it.
            graphs: Its Graph Store, likewise.
            kind: A name of `addresses.KINDS`, where it is not to be found out.
            cap: Rows that it silently cuts an answer at.
            credentials: Who asks; by default from the environment.

        Raises:
            EndpointFailed: It cannot be reached, is no SPARQL endpoint, or an address is not one.
            BudgetExceeded: It does not answer.
        """
        for address in filter(None, (url, update, graphs)):
            check(address)
        engine = cls(Address(url, update or url, graphs, "other", cap), credentials)
        try:
            reply = engine._ask("ASK {}", Graphs(), JSON, 20.0)
            engine._boolean(reply)
            kind = kind or recognised(reply.headers.get("server", ""), url)
            if kind == "virtuoso" and not cap:
                cap = engine._cap()
        finally:
            engine.close()
        found = Address.usual(url, kind, update=update, graphs=graphs, cap=cap)
        return cls(found, credentials)

    @property
    def host(self) -> str:
        """The engine's host and port, for messages."""
        return urlsplit(self.address.query).netloc

    def close(self) -> None:
        """Hang up."""
        self._transport.close()

    def select(self, text: str, graphs: Graphs | None = None, *, seconds: float = 60.0) -> Table:
        """Rows of a SELECT query, all of them.

        Raises:
            QueryRefused: The engine does not take the query.
            AnswerTooLarge: It would not give all rows.
            BudgetExceeded: It took too long, or says that it gave up.
            EndpointFailed: It cannot be reached, or answers something that is no complete answer.
        """
        reply = self._ask(text, graphs or Graphs(), JSON, seconds)
        told = self._json(reply)
        try:
            columns = tuple(told["head"]["vars"])
            rows = tuple(
                tuple(_term(row[name]) if name in row else None for name in columns)
                for row in told["results"]["bindings"]
            )
        except (KeyError, TypeError, ValueError) as error:
            raise self._strange(reply) from error
        if self.address.cap and len(rows) >= self.address.cap:
            raise AnswerTooLarge("rows", self.address.cap)
        return Table(columns, rows)

    def _cap(self) -> int:
        """Rows that Virtuoso cuts at, found by asking for more; it says so of rows, but not of triples."""
        graph = "http://www.openlinksw.com/schemas/virtrdf#"
        try:
            self.select(f"SELECT ?a {{ GRAPH <{graph}> {{ ?a ?b ?c . ?d ?e ?f }} }}", seconds=2.0)
        except AnswerTooLarge as error:
            return error.allowed if error.limit == "rows" else 0
        except (BudgetExceeded, EndpointFailed, QueryRefused):
            return 0  # it has millions to give, or none of these
        return 0

    def ask(self, text: str, graphs: Graphs | None = None, *, seconds: float = 60.0) -> bool:
        """The answer of an ASK query.

        Raises:
            As `select`.
        """
        return self._boolean(self._ask(text, graphs or Graphs(), JSON, seconds))

    def construct(
        self, text: str, graphs: Graphs | None = None, *, seconds: float = 60.0
    ) -> tuple[ox.Triple, ...]:
        """The triples of a DESCRIBE or CONSTRUCT query, as the engine gives them.

        Some engines cut graphs without a word. Where it matters, ask for rows: see `graph`.

        Raises:
            As `select`.
        """
        reply = self._ask(text, graphs or Graphs(), f"{NTRIPLES}, text/plain;q=0.5", seconds)
        if reply.media not in _NTRIPLES:
            raise self._strange(reply)
        if not reply.bounded:
            raise EndpointFailed(
                f"The engine at {self.host} does not say where its answer ends, so it may be cut off: "
                "there is none."
            )
        try:
            quads = ox.parse(reply.body, format=ox.RdfFormat.N_TRIPLES, rename_blank_nodes=True)
            triples = tuple(dict.fromkeys(quad.triple for quad in quads))
        except (SyntaxError, ValueError) as error:
            raise self._strange(reply) from error
        if self.address.cap and len(triples) >= self.address.cap:
            raise AnswerTooLarge("rows", self.address.cap)
        return triples

    def count(self, graph: str, *, seconds: float = 60.0) -> int:
        """Triples of a named graph; 0 where there is none."""
        found = self.select("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", Graphs((graph,)), seconds=seconds)
        value = found.rows[0][0] if found.rows else None
        if not isinstance(value, ox.Literal):
            raise EndpointFailed(f"The engine at {self.host} does not count the triples of <{graph}>.")
        return int(value.value)

    def graph(self, graph: str, *, seconds: float = 60.0) -> tuple[ox.Triple, ...]:
        """All triples of a named graph, page by page; as many as the engine counts.

        Raises:
            EndpointFailed: They are not, or the engine fails.
            BudgetExceeded: It took too long.
        """
        total = self.count(graph, seconds=seconds)
        patterns = ("{ ?s ?p ?o }", "{ { SELECT ?s ?p ?o { ?s ?p ?o } ORDER BY ?s ?p ?o } }")
        for pattern in patterns:  # in the order that is quick; where that is none, in one that is slow
            found: dict[ox.Triple, None] = {}
            page, offset = PAGE, 0
            while offset < total:
                text = f"SELECT ?s ?p ?o {pattern} LIMIT {page} OFFSET {offset}"
                try:
                    table = self.select(text, Graphs((graph,)), seconds=seconds)
                except AnswerTooLarge as error:
                    if error.limit != "rows" or not 1 < error.allowed <= page:
                        raise
                    page = error.allowed - 1
                    continue
                found.update(dict.fromkeys(ox.Triple(*row) for row in table.rows))  # type: ignore[arg-type]
                offset += page
            if len(found) == total:
                return tuple(found)
        raise EndpointFailed(
            f"The engine at {self.host} counts {total:,} triples in <{graph}> and gives {len(found):,} of "
            "them: it is being changed, or leaves some out."
        )

    def update(self, text: str, *, seconds: float = _STATEMENTS) -> None:
        """Carry out an update; never sent twice unless it certainly was not carried out.

        Raises:
            EndpointFailed: It is refused, or it is not known whether it was carried out.
            BudgetExceeded: The time ran out; likewise.
        """
        reply = self._transport.send(
            "POST",
            self.address.update,
            headers={"content-type": "application/x-www-form-urlencoded", "accept": f"{JSON}, */*;q=0.1"},
            body=urlencode({"update": text}).encode(),
            seconds=seconds,
            repeatable=False,
        )
        self._check_written(reply)

    def put(
        self,
        graph: str,
        triples: Iterable[ox.Triple],
        *,
        seconds: float = _STATEMENTS,
        between: Callable[[], None] = lambda: None,
    ) -> None:
        """Make a named graph hold these triples and no others; in batches, so not at one moment.

        Args:
            graph: Its IRI.
            triples: What it is to hold.
            seconds: Time for one batch.
            between: Called before each batch.

        Raises:
            EndpointFailed: It is refused, or the graph does not hold them afterwards.
            BudgetExceeded: The time for one batch ran out.
        """
        triples = tuple(dict.fromkeys(triples))
        first = True
        for batch in batches(triples):
            between()
            self._write(graph, batch, replace=first, seconds=seconds)
            first = False
        if first:
            self.delete(graph, seconds=seconds)
        held = self.count(graph, seconds=seconds)
        least = len({(triple.subject, triple.predicate) for triple in triples})
        if not least <= held <= len(triples):  # equal values of one property may become one
            raise EndpointFailed(
                f"The engine at {self.host} was given {len(triples):,} triples for <{graph}> and holds "
                f"{held:,} of them: it leaves some out, or somebody else writes to it."
            )

    def _write(self, graph: str, batch: Sequence[ox.Triple], *, replace: bool, seconds: float) -> None:
        body = cast(bytes, ox.serialize(batch, format=ox.RdfFormat.N_TRIPLES))
        if not self.address.graphs:
            if replace:
                self.update(f"DROP SILENT GRAPH <{graph}>", seconds=seconds)
            self.update(f"INSERT DATA {{ GRAPH <{graph}> {{\n{body.decode()}}} }}", seconds=seconds)
            return
        reply = self._transport.send(
            "PUT" if replace else "POST",
            self._graph_address(graph),
            headers={"content-type": "text/turtle"},
            body=_TURTLE + body,
            seconds=seconds,
            repeatable=False,
        )
        self._check_written(reply)

    def delete(self, graph: str, *, seconds: float = _STATEMENTS) -> None:
        """Delete a named graph; nothing happens where there is none.

        Raises:
            As `update`.
        """
        if not self.address.graphs:
            self.update(f"DROP SILENT GRAPH <{graph}>", seconds=seconds)
            return
        reply = self._transport.send(
            "DELETE", self._graph_address(graph), headers={}, seconds=seconds, repeatable=False
        )
        if reply.status != 404:
            self._check_written(reply)

    def _graph_address(self, graph: str) -> str:
        joint = "&" if "?" in self.address.graphs else "?"
        return f"{self.address.graphs}{joint}{urlencode({'graph': graph})}"

    def _ask(self, text: str, graphs: Graphs, accept: str, seconds: float) -> Reply:
        form = [("query", text)]
        form += [("default-graph-uri", graph) for graph in graphs.default]
        form += [("named-graph-uri", graph) for graph in graphs.named]
        if self._kind.timeout:
            form.append((self._kind.timeout, str(max(1, round(seconds * self._kind.per_second)))))
        reply = self._transport.send(
            "POST",
            self.address.query,
            headers={"content-type": "application/x-www-form-urlencoded", "accept": accept},
            body=urlencode(form).encode(),
            seconds=seconds + 1.0,  # so that an engine that keeps to its limit can say so
            repeatable=True,
        )
        state, most = reply.headers.get("x-sql-state", ""), reply.headers.get("x-sparql-maxrows", "")
        said = reply.body[:4000].decode("utf-8", "replace")
        if state or (reply.status >= 400 and _GAVE_UP.search(said)):
            raise BudgetExceeded("The query in the engine", seconds)
        if most:
            raise AnswerTooLarge("rows", int(most) if most.isdecimal() else 0)
        if reply.status == 400:
            raise QueryRefused(f"The engine does not take this query: {_line(said)}")
        if reply.status != 200:
            raise EndpointFailed(
                f"The engine at {self.host} answers with HTTP {reply.status}: {_line(said)}",
                status=reply.status,
            )
        return reply

    def _json(self, reply: Reply) -> Any:
        if reply.media not in _JSON:
            raise self._strange(reply)
        try:
            return json.loads(reply.body)
        except ValueError as error:
            raise self._strange(reply) from error

    def _boolean(self, reply: Reply) -> bool:
        told = self._json(reply)
        if not isinstance(told, dict) or not isinstance(told.get("boolean"), bool):
            raise self._strange(reply)
        return bool(told["boolean"])

    def _strange(self, reply: Reply) -> EndpointFailed:
        """An answer that is called a success and is none."""
        said = _line(reply.body[-300:].decode("utf-8", "replace"))
        return EndpointFailed(
            f"The engine at {self.host} answers with something that is no complete answer "
            f"({reply.media or 'of no type'}, ending in “{said[-120:]}”): it broke off, or this is not its "
            "SPARQL endpoint."
        )

    def _check_written(self, reply: Reply) -> None:
        said = reply.body[:4000].decode("utf-8", "replace")
        if reply.status in {200, 201, 202, 204} and not reply.headers.get("x-sql-state"):
            return
        raise EndpointFailed(
            f"The engine at {self.host} does not take what it was given (HTTP {reply.status}): {_line(said)}",
            status=reply.status,
        )


_GAVE_UP: Final = re.compile(r"\bS1TAT\b|\bS1T00\b|estimated execution time|time(?:d)? ?out", re.IGNORECASE)
_TAG: Final = re.compile(r"</?[A-Za-z!][^>:]*>")


def _line(said: str) -> str:
    """What an engine says of an error, in one line of printable characters."""
    words = " ".join(_TAG.sub(" ", said.partition("SPARQL query:")[0]).split())
    return "".join(c if c.isprintable() else " " for c in words)[:300] or "it does not say why."


def batches(triples: Sequence[ox.Triple], size: int = BATCH) -> Iterator[list[ox.Triple]]:
    """Triples in portions, those with the same blank node together: its name holds within one request only.

    >>> [len(batch) for batch in batches([], 10)]
    []
    """
    leader = _leaders(triples)
    groups: dict[ox.BlankNode, list[ox.Triple]] = {}
    batch: list[ox.Triple] = []
    for triple in triples:
        if nodes := _blank(triple):
            groups.setdefault(leader(nodes[0]), []).append(triple)
            continue
        batch.append(triple)
        if len(batch) >= size:
            yield batch
            batch = []
    for group in groups.values():
        if batch and len(batch) + len(group) > size:
            yield batch
            batch = []
        batch.extend(group)
    if batch:
        yield batch


def _leaders(triples: Sequence[ox.Triple]) -> Callable[[ox.BlankNode], ox.BlankNode]:
    """For each blank node, one that stands for all that it is connected with by blank nodes."""
    leaders: dict[ox.BlankNode, ox.BlankNode] = {}

    def leader(node: ox.BlankNode) -> ox.BlankNode:
        while (above := leaders.setdefault(node, node)) != node:
            leaders[node] = node = leaders[above]
        return node

    for triple in triples:
        nodes = _blank(triple)
        if len(nodes) == 2:
            leaders[leader(nodes[0])] = leader(nodes[1])
    return leader


def _blank(triple: ox.Triple) -> list[ox.BlankNode]:
    return [node for node in (triple.subject, triple.object) if isinstance(node, ox.BlankNode)]


def _term(told: Mapping[str, str]) -> Term:
    """A term of SPARQL 1.1 Query Results JSON, or of what Virtuoso makes of it (`typed-literal`)."""
    value = told["value"]
    if told["type"] == "uri":
        return ox.NamedNode(value)
    if told["type"] == "bnode":
        return ox.BlankNode("b" + _LABEL.sub(lambda c: f"x{ord(c[0]):x}", value))
    if told["type"] not in {"literal", "typed-literal"}:
        raise ValueError(told["type"])
    if "xml:lang" in told:
        return ox.Literal(value, language=told["xml:lang"])
    datatype = told.get("datatype", vocab.XSD + "string")
    if datatype == vocab.XSD + "boolean":
        value = _TRUTH.get(value, value)
    return ox.Literal(value, datatype=ox.NamedNode(datatype))
