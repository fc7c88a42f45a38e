"""What an engine leaves out, refuses or does not survive becomes an error that says so, never an answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pyoxigraph as ox
import pytest

from argraph.errors import (
    AnswerTooLarge,
    BudgetExceeded,
    EndpointFailed,
    Overloaded,
    QueryRefused,
    StoreFailed,
)
from argraph.query.pool import Question
from argraph.rdf.remote import Engine, Graphs
from argraph.rdf.replica import MARKS, Replica
from argraph.rdf.transport import Credentials

from .conftest import Place, emptied
from .engines import MOST, Running

EX = "http://example.org/"
COUNT = Question("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", rows="csv")
SLOW = (
    "SELECT (COUNT(*) AS ?n) "
    "{ ?a ?p ?x . ?b ?q ?y . ?c ?r ?z FILTER(STR(?x) > STR(?y) || STR(?y) < STR(?z)) }"
)


def triple(number: int) -> ox.Triple:
    return ox.Triple(ox.NamedNode(f"{EX}n{number}"), ox.NamedNode(f"{EX}p"), ox.Literal(f"value {number}"))


def quads(number: int, graph: str = "g") -> list[ox.Quad]:
    """So many triples, different ones in each graph."""
    start = ord(graph[-1]) * 1_000_000
    return [ox.Quad(*_parts(triple(start + i)), ox.NamedNode(EX + graph)) for i in range(number)]


def _parts(one: ox.Triple) -> tuple[ox.NamedNode, ox.NamedNode, ox.Literal]:
    return one.subject, one.predicate, one.object  # type: ignore[return-value]


@pytest.fixture
def engine(running: Running, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """An empty engine."""
    for name, value in running.environment().items():
        monkeypatch.setenv(name, value)
    emptied(running)
    engine = running.engine()
    yield engine
    engine.close()


def test_rows_that_an_engine_would_leave_out_are_missed(place: Place) -> None:
    place.hold(quads(MOST + 500), "many")
    texts = ("SELECT ?s { ?s ?p ?o }", "CONSTRUCT WHERE { ?s ?p ?o }")
    for text in texts:
        (found,) = place.answers(Question(text, rows="csv", graph="ntriples"))
        if place.kind == "virtuoso":
            assert isinstance(found, AnswerTooLarge), text
            assert (found.limit, found.allowed) == ("rows", MOST)
        else:
            assert not isinstance(found, Exception)
            assert found.total == MOST + 500


def test_rows_beyond_what_is_allowed_here_are_refused_alike(place: Place) -> None:
    place.hold(quads(300), "some")
    place.budget = type(place.budget)(seconds=20, rows=299)
    for text in ("SELECT ?s { ?s ?p ?o }", "CONSTRUCT WHERE { ?s ?p ?o }"):
        with pytest.raises(AnswerTooLarge, match="299 rows"):
            place.answer(Question(text))


def test_an_answer_of_as_many_rows_as_an_engine_is_known_to_give_is_none(engine: Engine) -> None:
    engine.put(EX + "g", map(triple, range(50)))
    known = Engine.find(engine.address.query, cap=50)
    with pytest.raises(AnswerTooLarge, match="50 rows"):
        known.select("SELECT ?s { ?s ?p ?o }", Graphs((EX + "g",)))
    assert len(known.graph(EX + "g")) == 50  # read page by page
    assert len(known.select("SELECT ?s { ?s ?p ?o } LIMIT 49", Graphs((EX + "g",))).rows) == 49
    known.close()


def test_a_query_that_takes_too_long_is_given_up(place: Place) -> None:
    place.hold(quads(3_000), "slow")
    (slow,) = place.answers(Question(SLOW), seconds=2.0)
    assert isinstance(slow, BudgetExceeded)
    assert slow.seconds == 2.0
    assert place.answer(COUNT) == b"n\r\n3000\r\n"


def test_wrong_credentials_are_told_without_telling_them(engine: Engine, running: Running) -> None:
    wrong = Credentials("dba", "a-secret-word")
    if running.name == "oxigraph":
        pytest.skip("oxigraph serve knows no credentials.")
    with Engine_(running, wrong) as outside:
        actions: tuple[Callable[[], None], ...] = (
            lambda: outside.put(EX + "g", [triple(1)]),
            lambda: outside.update(f"INSERT DATA {{ GRAPH <{EX}g> {{ {triple(1)} }} }}"),
            lambda: outside.delete(EX + "g"),
            lambda: outside.put(EX + "g", map(triple, range(20_000))),
        )
        for action in actions:
            with pytest.raises(EndpointFailed, match="ARGRAPH_STORE_PASSWORD") as raised:
                action()
            assert raised.value.status in {401, 403}
            assert "a-secret-word" not in str(raised.value)
        with pytest.raises(StoreFailed, match="ARGRAPH_STORE_PASSWORD"):
            Replica(outside).publish(quads(1), "one")
    assert engine.count(EX + "g") == 0


class Engine_:  # noqa: N801
    """An engine that is hung up on at the end."""

    def __init__(self, running: Running, credentials: Credentials) -> None:
        self._engine = running.engine(credentials)

    def __enter__(self) -> Engine:
        return self._engine

    def __exit__(self, *_: object) -> None:
        self._engine.close()


def test_what_an_engine_refuses_is_told_in_its_words(engine: Engine) -> None:
    with pytest.raises(QueryRefused, match="does not take this query"):
        engine.select("SELECT garbage")
    with pytest.raises(EndpointFailed, match="does not take what it was given"):
        engine.update("INSERT garbage")


def test_a_place_that_is_no_endpoint_is_told(engine: Engine, running: Running) -> None:
    root = running.url.rpartition("/")[0]
    with pytest.raises(EndpointFailed, match=r"HTTP 404|no complete answer"):
        Engine.find(f"{root}/nothing-here")
    with pytest.raises(EndpointFailed, match="nothing listens there"):
        Engine.find("http://127.0.0.1:1/sparql")
    with pytest.raises(EndpointFailed, match="is not the address"):
        Engine.find("ftp://example.org/sparql")
    with pytest.raises(EndpointFailed, match="Credentials do not belong") as raised:
        Engine.find(running.url.replace("://", "://dba:a-secret-word@"))
    assert "a-secret-word" not in str(raised.value)


def test_only_what_differs_is_written(engine: Engine) -> None:
    writer = Replica(engine)
    first = [*quads(10, "a"), *quads(10, "b")]
    writer.publish(first, "1")
    assert {*writer.written} == {EX + "a", EX + "b"}
    second = Replica(engine)
    state = second.publish(iter(()), "1")  # what it would be asked to write is not even looked at
    assert second.written == []
    assert engine.count(str(state.place["merged"])) == 20
    third = Replica(engine)
    state = third.publish([*quads(10, "a"), *quads(9, "b"), *quads(3, "c")], "2")
    assert {*third.written} == {EX + "b", EX + "c"}
    assert engine.count(str(state.place["merged"])) == 22
    state = Replica(engine).publish(quads(10, "a"), "3")
    assert (engine.count(EX + "b"), engine.count(EX + "c"), engine.count(EX + "a")) == (0, 0, 10)
    assert engine.count(str(state.place["merged"])) == 10
    kept = engine.select("SELECT ?g { ?g <urn:argraph:store#number> ?n }", Graphs((MARKS,)))
    assert len(kept.rows) == 2  # this state and the one before


def test_blank_nodes_of_a_graph_stay_together_and_cost_no_rewriting(engine: Engine) -> None:
    text = f"<{EX}a> <{EX}list> ( 1 2 3 ) ; <{EX}part> [ <{EX}of> [ <{EX}of> <{EX}b> ] ] ."

    def read() -> list[ox.Quad]:
        parsed = ox.parse(text, format=ox.RdfFormat.TURTLE, rename_blank_nodes=True)
        return [ox.Quad(q.subject, q.predicate, q.object, ox.NamedNode(EX + "g")) for q in parsed]

    Replica(engine).publish(read(), "1")
    again = Replica(engine)
    again.publish(read(), "2")
    assert again.written == []
    dataset = ox.Dataset(ox.Quad(t.subject, t.predicate, t.object) for t in engine.graph(EX + "g"))
    expected = ox.Dataset(ox.Quad(q.subject, q.predicate, q.object) for q in read())
    for one in (dataset, expected):
        one.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    assert dataset == expected


def test_a_state_is_changed_by_a_few_quads(place: Place) -> None:
    first = quads(10, "a")
    place.hold([*first, *quads(5, "b")], "1")
    place.state = place.publisher.amend(first[:3], quads(4, "c"), "2")
    everywhere = Question("SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }", rows="csv")
    merged, named = place.answers(COUNT, everywhere)
    assert not isinstance(merged, Exception)
    assert not isinstance(named, Exception)
    assert (merged.body, named.body) == (b"n\r\n16\r\n", b"n\r\n16\r\n")
    place.hold([*first, *quads(5, "b")], "1")  # and back
    assert place.answer(COUNT) == b"n\r\n15\r\n"


def test_graphs_of_others_are_not_overwritten(engine: Engine) -> None:
    engine.put(EX + "a", [triple(1)])
    with pytest.raises(StoreFailed, match="argraph has not written"):
        Replica(engine).publish(quads(10, "a"), "1")
    assert engine.graph(EX + "a") == (triple(1),)
    state = Replica(engine, rebuild=True).publish(quads(10, "a"), "1")
    assert engine.count(EX + "a") == engine.count(str(state.place["merged"])) == 10


def test_an_answer_is_from_one_state_or_there_is_none(place: Place) -> None:
    if place.running is None:
        pytest.skip("A snapshot does not change.")
    place.hold(quads(10, "a"), "1")
    named = Question("SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }", rows="csv")
    other = Replica(place.running.engine())
    other.publish(quads(20, "a"), "2")
    merged, graphs = place.answers(COUNT, named)
    assert not isinstance(merged, Exception)
    assert merged.body == b"n\r\n10\r\n"  # the merged graph of the state before is still there
    assert isinstance(graphs, Overloaded)  # the named graphs are of the newer one
    other.publish(quads(30, "a"), "3")
    (gone,) = place.answers(COUNT)
    assert isinstance(gone, Overloaded)
    with pytest.raises(StoreFailed, match="another server has published"):
        place.publisher.amend([], quads(1, "b"), "4")
    other.close()


def test_a_writer_that_died_is_taken_over(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("argraph.rdf.replica._STALE", 1.0)
    engine.update(f'INSERT DATA {{ GRAPH <{MARKS}> {{ <{MARKS}> <{MARKS}#writer> "dead" }} }}')
    engine.put(f"{MARKS}:merged:half", [triple(1)])
    engine.update(f'INSERT DATA {{ GRAPH <{MARKS}> {{ <{MARKS}:merged:half> <{MARKS}#version> "0" }} }}')
    state = Replica(engine).publish(quads(10, "a"), "1")
    assert engine.count(str(state.place["merged"])) == 10
    assert engine.count(f"{MARKS}:merged:half") == 0
    assert not engine.ask(f"ASK {{ <{MARKS}> <{MARKS}#writer> ?anyone }}", Graphs((MARKS,)))


def test_an_engine_that_stops_and_starts_again_answers_again(place: Place) -> None:
    if place.running is None:
        pytest.skip("The embedded store ends with the server.")
    place.hold(quads(100, "a"), "1")
    assert place.answer(COUNT) == b"n\r\n100\r\n"
    place.running.stop()
    try:
        (gone,) = place.answers(COUNT, seconds=5)
        assert isinstance(gone, EndpointFailed)
        assert "cannot be reached: nothing listens there" in str(gone)
        with pytest.raises(StoreFailed, match="cannot be reached"):
            place.publisher.publish(quads(10, "b"), "2")
    finally:
        place.running.start()
    assert place.answer(COUNT) == b"n\r\n100\r\n"
    place.hold(quads(10, "b"), "2")
    assert place.answer(COUNT) == b"n\r\n10\r\n"
