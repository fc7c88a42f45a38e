"""Queries that mean harm, for the tests and the benchmarks of the endpoint.

Each asks for more time, memory, rows, bytes or depth than a public endpoint can give, or for a call to
another server. Nesting stays at what `argraph.query.admission` lets pass: no query here is there to crash an
engine. A correct and complete answer is as good as a refusal, where the engine finds one in time.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Final, NamedTuple

from argraph.query.admission import MAX_BRANCHES, MAX_NESTING

REFUSED, TOO_LARGE, TOO_LONG, ANSWERED = 400, 422, 504, 200


class Hostile(NamedTuple):
    """A query, and the HTTP status codes that are right for it."""

    name: str
    text: str
    statuses: tuple[int, ...]


CALLED: Final = "{{ADDRESS}}"
"""Stands in the queries for the address of a server that must not be called."""

_TRIPLES: Final = "?a ?b ?c . ?d ?e ?f . ?g ?h ?i ."
_STEPS: Final = "arg:supports|arg:attacks|arg:premise|arg:conclusion|arg:target|arg:evidence|arg:bearsOn"
_BACK: Final = "|".join("^" + step for step in _STEPS.split("|"))
_PREFIXES: Final = """\
PREFIX arg: <https://w3id.org/argraph/ns#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX schema: <https://schema.org/>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
"""


CHAINS: Final[dict[str, Callable[[int], str]]] = {
    "or": lambda n: "ASK { FILTER(" + " || ".join(["true"] * (n // 2)) + ") }",
    "union": lambda n: "ASK { " + "UNION".join(["{}"] * (n // 2)) + "}",
    "bind": lambda n: "ASK { " + "".join(f"BIND(1 AS ?x{i})" for i in range(n // 3)) + "}",
    "path": lambda n: "ASK { ?s " + "/".join(["<urn:x:y>"] * n) + " ?o }",
    "alternatives": lambda n: "ASK { ?s " + "|".join(["<urn:x:y>"] * n) + " ?o }",
    "in": lambda n: "ASK { FILTER(1 IN (" + ",".join(["1"] * n) + ")) }",
    "having": lambda n: "ASK { } HAVING " + "(true)" * n,
}
"""Queries with a number of branches in a row, which the engine takes for as many levels."""


def queries() -> Iterator[Hostile]:
    """All of them."""
    for made in (_products, _sorts, _paths, _nested, _lists, _texts, _graphs, _calls):
        for name, text, *statuses in made():
            yield Hostile(name, _PREFIXES + text, tuple(statuses))


def _products() -> Iterator[tuple[str, str, *tuple[int, ...]]]:
    yield "product: rows without end", f"SELECT * {{ {_TRIPLES} }}", TOO_LARGE, TOO_LONG
    yield "product: counted", f"SELECT (COUNT(*) AS ?n) {{ {_TRIPLES} }}", TOO_LONG
    yield (
        "product: distinct rows counted",
        f"SELECT (COUNT(DISTINCT *) AS ?n) {{ {_TRIPLES} }}",
        TOO_LARGE,
        TOO_LONG,
    )
    yield (
        "product: distinct rows skipped",
        f"SELECT DISTINCT * {{ {_TRIPLES} }} OFFSET 900000000000",
        TOO_LARGE,
        TOO_LONG,
    )
    yield "product: rows skipped", f"SELECT * {{ {_TRIPLES} }} OFFSET 900000000000", TOO_LONG
    yield "product: nothing passes the filter", f"ASK {{ {_TRIPLES} FILTER(?a = ?d && ?a != ?d) }}", TOO_LONG
    yield (
        "product: anti-join",
        "SELECT ?a { ?a ?b ?c FILTER NOT EXISTS { ?d ?e ?f . ?f ?g ?h FILTER(?c = ?h && ?a = ?b) } }",
        TOO_LONG,
    )
    yield (
        "product: MINUS of products",
        f"SELECT (COUNT(*) AS ?n) {{ {_TRIPLES} MINUS {{ ?a ?b ?c . ?x ?y ?z . ?u ?v ?w }} }}",
        TOO_LARGE,
        TOO_LONG,
    )
    yield (
        "product: OPTIONAL upon OPTIONAL",
        "SELECT (COUNT(*) AS ?n) { ?a ?b ?c "
        + "".join(f"OPTIONAL {{ ?s{n} ?p{n} ?o{n} }} " for n in range(8))
        + "}",
        TOO_LARGE,
        TOO_LONG,
    )
    yield (
        "product: groups",
        f"SELECT ?a ?d ?g (COUNT(*) AS ?n) {{ {_TRIPLES} }} GROUP BY ?a ?d ?g",
        TOO_LARGE,
        TOO_LONG,
    )
    yield (
        "product: subqueries",
        "SELECT (COUNT(*) AS ?n) { "
        + "".join(f"{{ SELECT DISTINCT ?s{n} {{ ?s{n} ?p ?o{n} }} }} " for n in range(6))
        + "}",
        TOO_LARGE,
        TOO_LONG,
    )


def _sorts() -> Iterator[tuple[str, str, *tuple[int, ...]]]:
    yield "sort: a product", f"SELECT * {{ {_TRIPLES} }} ORDER BY ?a ?f ?i LIMIT 1", TOO_LARGE, TOO_LONG
    yield "sort: by chance", f"SELECT ?a {{ {_TRIPLES} }} ORDER BY RAND()", TOO_LARGE, TOO_LONG
    keys = " ".join(f"SHA512(CONCAT(STR(?a), STR(?f), '{n}'))" for n in range(20))
    yield "sort: by costly keys", f"SELECT ?a {{ ?a ?b ?c . ?d ?e ?f }} ORDER BY {keys}", TOO_LARGE, TOO_LONG


def _paths() -> Iterator[tuple[str, str, *tuple[int, ...]]]:
    everywhere = f"({_STEPS}|{_BACK})*"
    yield (
        "path: from everywhere to everywhere",
        f"SELECT * {{ ?x {everywhere} ?y }}",
        TOO_LARGE,
        TOO_LONG,
    )
    yield (
        "path: from everywhere to everywhere, counted",
        f"SELECT (COUNT(*) AS ?n) {{ ?x {everywhere} ?y }}",
        TOO_LARGE,
        TOO_LONG,
    )
    yield (
        "path: upon path",
        f"SELECT (COUNT(*) AS ?n) {{ ?x {everywhere}/{everywhere}/{everywhere} ?y }}",
        TOO_LARGE,
        TOO_LONG,
    )
    yield (
        "path: any property, both ways",
        "SELECT (COUNT(*) AS ?n) { ?x (!arg:none|^(!arg:none))* ?y . ?y (!arg:none|!^arg:none)+ ?z }",
        TOO_LARGE,
        TOO_LONG,
    )
    nested = "arg:supports|arg:attacks|^arg:supports|^arg:attacks"
    for _ in range(20):
        nested = f"({nested})*"
    yield (
        "path: repetition of repetition",
        f"SELECT (COUNT(*) AS ?n) {{ ?x {nested}/{nested} ?y . ?y {nested} ?z }}",
        TOO_LARGE,
        TOO_LONG,
    )
    long_ = "/".join(["(skos:broader|arg:supports|^arg:supports|arg:attacks|^arg:attacks)"] * 60)
    yield "path: sixty steps", f"SELECT (COUNT(*) AS ?n) {{ ?x {long_} ?y }}", TOO_LARGE, TOO_LONG
    optional = "/".join(["(arg:supports|^arg:supports|arg:attacks|^arg:attacks)?"] * 60)
    yield "path: sixty optional steps", f"SELECT (COUNT(*) AS ?n) {{ ?x {optional} ?y }}", TOO_LARGE, TOO_LONG


def _nested() -> Iterator[tuple[str, str, *tuple[int, ...]]]:
    deep = MAX_NESTING - 1
    anything = (ANSWERED, REFUSED, TOO_LARGE, TOO_LONG)
    yield (
        "nesting: groups, as deep as permitted",
        f"SELECT * {'{' * deep} ?a a arg:Thesis {'}' * deep}",
        *anything,
    )
    yield (
        "nesting: groups, deeper",
        f"SELECT * {'{' * (deep + 2)} ?a a arg:Thesis {'}' * (deep + 2)}",
        REFUSED,
    )
    optional = "OPTIONAL { ?a ?b ?c " * (deep - 1) + "}" * (deep - 1)
    yield "nesting: OPTIONAL in OPTIONAL", f"SELECT * {{ {optional} }}", *anything
    brackets = "(" * (deep - 2) + "1" + ")" * (deep - 2)
    yield "nesting: brackets in an expression", f"SELECT * {{ FILTER({brackets} = 1) }}", *anything
    yield "nesting: negations", f"ASK {{ FILTER({'!' * (deep - 3)}true) }}", *anything
    lists = "(" * (deep - 2) + "1" + ")" * (deep - 2)
    yield "nesting: lists of lists", f"ASK {{ {lists} ?p ?o }}", *anything
    blanks = "[ arg:premise " * (deep - 2) + "?x" + " ]" * (deep - 2)
    yield "nesting: blank nodes", f"SELECT * {{ {blanks} }}", *anything
    selects = "{ SELECT * " * (deep // 2) + "{ ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }" + " }" * (deep // 2)
    yield "nesting: subqueries", f"SELECT (COUNT(*) AS ?n) {{ {selects} }}", TOO_LONG
    exists = "?a ?b ?c FILTER EXISTS { " * (deep // 2) + "?a ?b ?c" + " }" * (deep // 2)
    yield "nesting: EXISTS in EXISTS", f"SELECT (COUNT(*) AS ?n) {{ {exists} }}", *anything
    unions = " UNION ".join(["{ ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"] * (MAX_BRANCHES // 6))
    yield "branches: a union of products", f"SELECT (COUNT(*) AS ?n) {{ {unions} }}", TOO_LARGE, TOO_LONG
    sums = "+".join("1" for _ in range(MAX_BRANCHES * 2))
    yield "branches: a sum without end", f"SELECT ({sums} AS ?n) {{}}", *anything
    ors = " || ".join(f"?c = {n}" for n in range(MAX_BRANCHES))
    yield "branches: more alternatives than permitted", f"SELECT * {{ ?a ?b ?c FILTER({ors}) }}", REFUSED


def _lists() -> Iterator[tuple[str, str, *tuple[int, ...]]]:
    items = ",".join(map(str, range(MAX_BRANCHES - 60)))
    yield (
        "list: IN, as long as permitted, over a product",
        f"SELECT (COUNT(*) AS ?n) {{ {_TRIPLES} FILTER(STRLEN(STR(?a)) * 0.5 IN ({items})) }}",
        TOO_LONG,
    )
    many = ",".join(map(str, range(10_000)))
    yield "list: IN, longer", f"SELECT * {{ ?a ?b ?c FILTER(?c IN ({many})) }}", REFUSED
    rows = " ".join(map(str, range(4_000)))
    yield (
        "list: VALUES by VALUES by VALUES",
        f"SELECT (COUNT(*) AS ?n) {{ VALUES ?a {{ {rows} }} VALUES ?b {{ {rows} }} VALUES ?c {{ {rows} }} }}",
        TOO_LARGE,
        TOO_LONG,
    )
    short = " ".join(map(str, range(30)))
    values = " ".join(f"VALUES ?v{n} {{ {short} }}" for n in range(40))
    yield "list: forty VALUES", f"SELECT (COUNT(*) AS ?n) {{ {values} }}", TOO_LARGE, TOO_LONG
    yield (
        "list: VALUES that joins with nothing",
        f"SELECT * {{ ?a ?b ?c . ?d ?e ?f VALUES ?x {{ {rows} }} }}",
        TOO_LARGE,
        TOO_LONG,
    )


def _texts() -> Iterator[tuple[str, str, *tuple[int, ...]]]:
    anything = (ANSWERED, REFUSED, TOO_LARGE, TOO_LONG)
    yield (
        "text: a regular expression for each row of a product",
        f"SELECT (COUNT(*) AS ?n) {{ {_TRIPLES} "
        'FILTER(REGEX(CONCAT(STR(?a), STR(?f)), "(a|aa|a.a)*b(.*)*c$")) }',
        TOO_LONG,
    )
    yield (
        "text: counted repetition of counted repetition",
        'SELECT * { ?a schema:text ?t FILTER(REGEX(?t, "((((.{1,100}){1,100}){1,100}){1,100})x")) }',
        *anything,
    )
    yield (
        "text: a new regular expression for each row",
        "SELECT (COUNT(*) AS ?n) { ?a schema:text ?t . ?b schema:text ?u . ?c ?p ?o "
        'FILTER(REGEX(?t, CONCAT("(", STR(?b), "|", STR(?o), ")*.{1,99}$"))) }',
        TOO_LARGE,
        TOO_LONG,
    )
    yield (
        "text: all of a product in one",
        f"SELECT (GROUP_CONCAT(CONCAT(STR(?a), STR(?f), STR(?i))) AS ?t) {{ {_TRIPLES} }}",
        TOO_LARGE,
        TOO_LONG,
    )
    doubled = " ".join(f"BIND(CONCAT(?t{n}, ?t{n}) AS ?t{n + 1})" for n in range(45))
    yield (
        "text: doubled forty-five times",
        f'SELECT (STRLEN(?t45) AS ?n) {{ BIND("0123456789" AS ?t0) {doubled} }}',
        TOO_LARGE,
        TOO_LONG,
    )
    replaced = "'ab'"
    for _ in range(30):
        replaced = f"REPLACE({replaced}, '.', '$0$0$0$0')"
    yield "text: quadrupled by REPLACE", f"SELECT (STRLEN({replaced}) AS ?n) {{}}", TOO_LARGE, TOO_LONG
    binds = " ".join(f"BIND(ENCODE_FOR_URI(REPLACE(?t{n}, '.', '%')) AS ?t{n + 1})" for n in range(40))
    yield (
        "text: tripled by ENCODE_FOR_URI",
        f"SELECT (STRLEN(?t40) AS ?n) {{ BIND('%' AS ?t0) {binds} }}",
        TOO_LARGE,
        TOO_LONG,
    )
    yield (
        "text: a page in each row",
        "SELECT ?a (CONCAT(?t, ?t) AS ?u) { ?a ?p ?o . "
        '{ SELECT (GROUP_CONCAT(?l; separator=" ") AS ?t) { ?s schema:text ?l } } } LIMIT 9000',
        TOO_LARGE,
        TOO_LONG,
    )
    binds = " ".join(f"BIND(SHA512(CONCAT(?h{n}, STR(?f))) AS ?h{n + 1})" for n in range(60))
    yield (
        "text: sixty digests for each row of a product",
        f"SELECT (COUNT(?h60) AS ?n) {{ {_TRIPLES} BIND(STR(?a) AS ?h0) {binds} }}",
        TOO_LONG,
    )
    yield "text: an IRI of sixty thousand characters", f"SELECT * {{ <urn:{'x' * 60_000}> ?p ?o }}", ANSWERED


def _graphs() -> Iterator[tuple[str, str, *tuple[int, ...]]]:
    made = "?a arg:made ?f . ?d arg:made ?i . [] arg:made ?g"
    yield "graph: made of a product", f"CONSTRUCT {{ {made} }} WHERE {{ {_TRIPLES} }}", TOO_LARGE, TOO_LONG
    yield (
        "graph: of new blank nodes",
        f"CONSTRUCT {{ [] arg:made [] }} WHERE {{ {_TRIPLES} }}",
        TOO_LARGE,
        TOO_LONG,
    )
    yield (
        "graph: one triple made again and again",
        f"CONSTRUCT {{ arg:a arg:b arg:c }} WHERE {{ {_TRIPLES} }}",
        TOO_LONG,
    )
    yield "graph: everything described", "DESCRIBE * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }", TOO_LARGE, TOO_LONG
    yield (
        "graph: every graph by every graph",
        "SELECT (COUNT(*) AS ?n) { GRAPH ?x { ?a ?b ?c } GRAPH ?y { ?d ?e ?f } GRAPH ?z { ?g ?h ?i } }",
        TOO_LARGE,
        TOO_LONG,
    )


def _calls() -> Iterator[tuple[str, str, *tuple[int, ...]]]:
    call = f"SERVICE <{CALLED}> {{ ?s ?p ?o }}"
    yield "call: plain", f"SELECT * {{ {call} }}", REFUSED
    yield "call: silent", f"SELECT * {{ SERVICE SILENT <{CALLED}> {{ ?s ?p ?o }} }}", REFUSED
    yield "call: in other letters", f"SELECT * {{ sErViCe <{CALLED}> {{ ?s ?p ?o }} }}", REFUSED
    yield "call: by variable", f"SELECT * {{ BIND(<{CALLED}> AS ?g) SERVICE ?g {{ ?s ?p ?o }} }}", REFUSED
    yield "call: by VALUES", f"SELECT * {{ VALUES ?g {{ <{CALLED}> }} SERVICE ?g {{ ?s ?p ?o }} }}", REFUSED
    yield (
        "call: by prefix",
        f"PREFIX out: <{CALLED}/> SELECT * {{ SERVICE out:sparql {{ ?s ?p ?o }} }}",
        REFUSED,
    )
    yield "call: by base", f"BASE <{CALLED}> SELECT * {{ SERVICE <sparql> {{ ?s ?p ?o }} }}", REFUSED
    yield "call: in a subquery", f"SELECT * {{ {{ SELECT * {{ {call} }} }} }}", REFUSED
    yield "call: in EXISTS", f"ASK {{ FILTER EXISTS {{ {call} }} }}", REFUSED
    yield "call: in OPTIONAL", f"SELECT * {{ OPTIONAL {{ {call} }} }}", REFUSED
    yield "call: in MINUS", f"SELECT * {{ ?s ?p ?o MINUS {{ {call} }} }}", REFUSED
    yield "call: in GRAPH", f"SELECT * {{ GRAPH ?g {{ {call} }} }}", REFUSED
    yield "call: without a blank before it", f"SELECT * {{ FILTER(1<2){call} }}", REFUSED
    yield "call: glued to a word", f"SELECT * {{ FILTER(true = true{call} ) }}", REFUSED
    yield "call: behind a comment that looks open", f"SELECT * {{ ?s ?p '#' . {call} }}", REFUSED
    yield "call: behind an IRI with a hash sign", f"SELECT * {{ ?s <urn:x#> ?o . {call} }}", REFUSED
    yield "call: on the line after a comment", f"SELECT * {{ # harmless\r {call} }}", REFUSED
    yield "call: behind what looks like a string", f"SELECT * {{ ?s ?p '''\\'''' . {call} }}", REFUSED
    yield "call: behind “less than”", f"SELECT * {{ ?s ?p ?o FILTER(?o<?s){call} FILTER(?s>?o) }}", REFUSED
    yield "call: as code points", f"SELECT * {{ \\u0053ERVICE <{CALLED}> {{ ?s ?p ?o }} }}", REFUSED
    yield "call: in a graph to be made", f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ {call} }}", REFUSED
    yield "call: for a description", f"DESCRIBE ?s {{ {call} }}", REFUSED
    yield "call: LATERAL", f"SELECT * {{ ?s ?p ?o LATERAL {{ {call} }} }}", REFUSED
    yield "call: from a dataset", f"SELECT * FROM <{CALLED}> {{ ?s ?p ?o }}", REFUSED
    yield "call: from a named graph", f"SELECT * FROM NAMED <{CALLED}> {{ GRAPH ?g {{ ?s ?p ?o }} }}", REFUSED
    yield "call: a load", f"LOAD <{CALLED}>", REFUSED
    yield "call: an insertion", f"INSERT {{ ?s ?p ?o }} WHERE {{ {call} }}", REFUSED
    yield "call: an update after a query", f"SELECT * {{ ?s ?p ?o }} ; LOAD <{CALLED}>", REFUSED


@contextmanager
def listening() -> Iterator[tuple[str, list[str]]]:
    """The address of a server on this machine, and who has called it."""
    called: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept() -> None:
            with suppress(OSError):
                while True:
                    caller, _ = listener.accept()
                    called.append(caller.recv(200).decode(errors="replace"))
                    caller.close()

        threading.Thread(target=accept, daemon=True).start()
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/sparql"
        yield address, called
        listener.shutdown(socket.SHUT_RDWR)
