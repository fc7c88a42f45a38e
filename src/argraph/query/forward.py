"""A query answered by an engine elsewhere, as the engine in this process would answer it.

Admission and syntax are ours, before anything is sent: the query is read on an empty store that knows the
names of the graphs. What is sent declares its prefixes, holds its values, and names its graphs by the
protocol, not in FROM clauses, which engines combine in different ways. CONSTRUCT is asked as rows, since
engines say of rows when some are left out, and not of triples; the triples are made here.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, cast

import pyoxigraph as ox

from argraph.errors import AnswerTooLarge, EndpointFailed, Overloaded, QueryRefused
from argraph.query import engine
from argraph.query.admission import Admitted, Lexeme, refused
from argraph.query.engine import Dataset, Result, Solutions, Term, Triples
from argraph.rdf.addresses import Address
from argraph.rdf.remote import Engine, Graphs, Table
from argraph.rdf.replica import MARKS, NOTHING, still_there

_BLANK: Final = "urn:argraph:blank:"
_ROWS: Final = 2_000  # of a CONSTRUCT query that become triples at a time
_AGAIN: Final = 5
_OWN: Final = re.compile(r"<(?:bif|sql):", re.IGNORECASE)
_TRUTH: Final = {"1": "true", "0": "false"}
_INTEGER: Final = ox.Literal(1).datatype
_BOOLEAN: Final = ox.Literal(True).datatype


@dataclass(slots=True)
class Remote:
    """A state on an engine, as `replica.RemoteState.place` describes it.

    Attributes:
        engine: Where it is.
        version: Of the state.
        merged: Graph that holds what all graphs hold.
        graphs: The named graphs.
        merges: Whether the engine counts a triple once that two graphs state.
    """

    engine: Engine
    version: str
    merged: str
    graphs: tuple[str, ...]
    merges: bool
    _names: ox.Store = field(default_factory=ox.Store)

    @classmethod
    def of(cls, place: Mapping[str, Any]) -> Remote:
        """Connect, with credentials from the environment."""
        address = Address(**place["engine"])
        remote = cls(
            Engine(address), place["version"], place["merged"], tuple(place["graphs"]), place["merges"]
        )
        for graph in remote.graphs:
            remote._names.add_graph(ox.NamedNode(graph))
        return remote

    def run(
        self,
        text: str,
        *,
        bindings: Mapping[str, Term],
        prefixes: Mapping[str, str],
        dataset: Dataset | None,
        base: str | None,
        rows: int | None,
        seconds: float,
        truths: frozenset[str] = frozenset(),
    ) -> Result:
        """Have a query answered.

        Args:
            text: As `engine.run` takes it, and so the next five.
            bindings: Values of variables.
            prefixes: Prefixes that need not be declared.
            dataset: Graphs to ask.
            base: For relative IRIs.
            rows: How many there may be.
            seconds: Time for the engine.
            truths: Columns that hold yes or no; an engine without truth values gives numbers there.

        Raises:
            QueryRefused: The query is malformed or not permitted, or the engine does not take it.
            AnswerTooLarge: It has more rows, or the engine would not give all.
            BudgetExceeded: It took too long.
            EndpointFailed: The engine cannot be reached, or gives no complete answer.
            Overloaded: Another state is being written.
        """
        query = engine.admitted(text)
        _check_plain(query)
        found, clauses = engine.begun(
            self._names, query, bindings=bindings, prefixes=prefixes, dataset=dataset, base=base
        )
        sent = _Sent(query, bindings, prefixes, base)
        graphs = self._asked(query, dataset, clauses)
        result: Result
        if isinstance(found, ox.QueryBoolean):
            result = self.engine.ask(sent.text, graphs, seconds=seconds)
        elif isinstance(found, ox.QuerySolutions):
            columns = engine.columns_of(found, query)
            table = self.engine.select(sent.text, graphs, seconds=seconds)
            result = Solutions(columns, tuple(_ordered(table, columns, truths)))
        elif template := sent.template:
            table = self.engine.select(template.rows, graphs, seconds=seconds)
            result = _constructed(template.triples, table)
        else:
            result = self.engine.construct(sent.text, graphs, seconds=seconds)
        self._check_state(bool(graphs.named), seconds)
        size = (
            len(result.rows)
            if isinstance(result, Solutions)
            else 1
            if isinstance(result, bool)
            else len(result)
        )
        if rows is not None and size > rows:
            raise AnswerTooLarge("rows", rows)
        return result

    def whole(self, graph: str, seconds: float) -> Triples | None:
        """All triples of a named graph, or of the default graph for an empty name; None where there is none.

        Raises:
            EndpointFailed: As `run`, and so are the others.
        """
        if graph and graph not in self.graphs:
            return None
        triples = self.engine.graph(graph or self.merged, seconds=seconds)
        self._check_state(bool(graph), seconds)
        return triples

    def quads(self, without: Collection[str], seconds: float) -> Iterator[ox.Quad]:
        """All named graphs but some."""
        for graph in self.graphs:
            if graph not in without:
                for triple in self.engine.graph(graph, seconds=seconds):
                    subject, predicate, value = triple
                    yield ox.Quad(subject, predicate, value, ox.NamedNode(graph))
        self._check_state(True, seconds)

    def _check_state(self, named: bool, seconds: float) -> None:
        question = still_there(self.merged, self.version, named=named)
        if not self.engine.ask(question, Graphs((MARKS,)), seconds=seconds):
            raise Overloaded(
                "What is asked is being replaced by a newer state, so there is no answer. If this lasts, "
                "another server has published other files: restart this one (--follow does without).",
                _AGAIN,
            )

    def _asked(self, query: Admitted, dataset: Dataset | None, clauses: tuple[str, ...]) -> Graphs:
        """The graphs that are named to the engine: never any but ours, whatever else it holds."""
        default: tuple[str, ...] = (self.merged,)
        named = self.graphs
        if dataset is not None:
            default, named = (
                tuple(graph for graph in given if graph in self._known)
                for given in (dataset.default, dataset.named)
            )
        elif clauses:
            which = [*zip(_clauses(query), clauses, strict=True)]
            default = tuple(graph for clause, graph in which if not clause.named)
            named = tuple(graph for clause, graph in which if clause.named)
        default = tuple(dict.fromkeys(default)) or (NOTHING,)
        if len(default) > 1 and not self.merges:
            if set(default) != set(self.graphs):
                raise QueryRefused(
                    "The engine behind this server counts a triple twice that two of the graphs state. Ask "
                    "one graph by FROM, or all by leaving FROM out, or name the graphs with GRAPH."
                )
            default = (self.merged,)
        if "graph" not in query.text.lower():
            return Graphs(default)
        return Graphs(default, tuple(dict.fromkeys(named)) or (NOTHING,))

    @property
    def _known(self) -> frozenset[str]:
        return frozenset(self.graphs)


@dataclass(frozen=True, slots=True)
class _Clause:
    """A FROM clause: where it stands, and whether it is a FROM NAMED."""

    start: int
    end: int
    named: bool


def _clauses(query: Admitted) -> Iterator[_Clause]:
    starts = {graph.start for graph in query.graphs}
    lexemes = query.lexemes
    for place, lexeme in enumerate(lexemes):
        if lexeme.start in starts:
            first = place
            while lexemes[first - 1].text.upper() in {"FROM", "NAMED", "FROMNAMED"}:
                first -= 1
            words = [word.text.upper() for word in lexemes[first:place]]
            yield _Clause(lexemes[first].start, lexeme.end, bool({"NAMED", "FROMNAMED"} & {*words}))


def _check_plain(query: Admitted) -> None:
    """Refuse what some engines take for commands or functions of their own."""
    for lexeme in query.lexemes:
        if lexeme.kind == "iri" and "\\" in lexeme.text:
            raise refused(query.text, lexeme.start, "Write the IRI without escapes (\\u…).")
        if _OWN.match(lexeme.text):
            raise refused(
                query.text,
                lexeme.start,
                f"{lexeme.text} is not permitted: it may be a function of the engine.",
            )


@dataclass(frozen=True, slots=True)
class _Template:
    """A CONSTRUCT query in two: the rows that it needs, and the triples that become of each."""

    rows: str
    triples: str


class _Sent:
    """A query as it is sent: the same lines, with all that it takes for granted written out."""

    def __init__(
        self, query: Admitted, bindings: Mapping[str, Term], prefixes: Mapping[str, str], base: str | None
    ) -> None:
        self._query = query
        known = [name for name in query.prefixes if name in prefixes]
        self._head = (f"BASE <{base}> " if base else "") + "".join(
            f"PREFIX {name}: <{prefixes[name]}> " for name in known
        )
        body = query.text
        for clause in _clauses(query):
            body = body[: clause.start] + " " * (clause.end - clause.start) + body[clause.end :]
        self._body = body
        values = "".join(f" VALUES ?{name} {{ {term} }}" for name, term in bindings.items())
        at = query.opening if values else 0
        self.text = f"{self._head}{body[:at]}{values}{body[at:]}"

    @property
    def template(self) -> _Template | None:
        """The two parts of a CONSTRUCT query; None for other queries."""
        rest = [lexeme for lexeme in self._query.lexemes if lexeme.start >= self._query.prologue]
        if rest[0].text.upper() != "CONSTRUCT":
            return None
        short = next((x for x in rest[1:] if x.text == "{"), rest[-1])
        before = {word.text.upper() for word in rest if word.start < short.start}
        inside = [*_within(rest, short)]
        end = inside[-1].end if inside else short.end
        triples = self._body[short.end : end]
        variables = dict.fromkeys(lexeme.text[1:] for lexeme in inside if lexeme.kind == "variable")
        selected = " ".join(f"?{name}" for name in variables) or "(1 AS ?one)"
        closing = next(x.end for x in rest if x.start >= end)
        # CONSTRUCT WHERE { … }: the pattern is the template as well.
        pattern = self._body[rest[1].start if "WHERE" in before else closing :]
        prologue = self._head + self._body[: self._query.prologue]
        return _Template(f"{prologue}SELECT {selected} {pattern}", f"{prologue}CONSTRUCT {{ {triples} }}")


def _within(lexemes: list[Lexeme], opening: Lexeme) -> Iterator[Lexeme]:
    depth = 0
    for lexeme in lexemes:
        if lexeme.start <= opening.start:
            continue
        depth += (lexeme.text == "{") - (lexeme.text == "}")
        if depth < 0:
            return
        yield lexeme


def _ordered(
    table: Table, columns: tuple[str, ...], truths: frozenset[str]
) -> Iterator[tuple[Term | None, ...]]:
    places = {name: place for place, name in enumerate(table.columns)}
    if missing := [name for name in columns if name not in places]:
        if table.rows:
            raise EndpointFailed(f"The engine leaves the column {missing[0]} out of its answer.")
        return
    for row in table.rows:
        cells = ((name, row[places[name]]) for name in columns)
        yield tuple(_truth(value) if name in truths else value for name, value in cells)


def _truth(value: Term | None) -> Term | None:
    if isinstance(value, ox.Literal) and value.datatype == _INTEGER and value.value in _TRUTH:
        return ox.Literal(_TRUTH[value.value], datatype=_BOOLEAN)
    return value


def _constructed(construct: str, table: Table) -> Triples:
    """The triples that a template makes of rows. Blank nodes of the rows travel as IRIs and come back."""
    made: dict[ox.Triple, None] = {}
    empty = ox.Store()
    names = " ".join(f"?{name}" for name in table.columns)
    for start in range(0, len(table.rows), _ROWS):
        rows = "\n".join(f"({' '.join(map(_told, row))})" for row in table.rows[start : start + _ROWS])
        text = f"{construct} WHERE {{ VALUES ({names}) {{\n{rows}\n}} }}"
        for triple in cast(ox.QueryTriples, empty.query(text)):
            made[ox.Triple(*map(_back, triple))] = None
    return tuple(made)


def _told(term: Term | None) -> str:
    if isinstance(term, ox.BlankNode):
        return f"<{_BLANK}{term.value}>"
    return "UNDEF" if term is None else str(term)


def _back(term: Any) -> Any:
    if isinstance(term, ox.NamedNode) and term.value.startswith(_BLANK):
        return ox.BlankNode(term.value.removeprefix(_BLANK))
    return term
