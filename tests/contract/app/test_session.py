"""Asking from Python: a folder and a server give the same values, and errors say what to do."""

from __future__ import annotations

import html
import socket
import subprocess
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path

import httpx
import pandas as pd
import pytest

import argraph
from argraph.errors import EndpointFailed, QueryRefused, ResourceMissing, UnknownNode, UnknownQuery
from argraph.session import IRI, Answer, BlankNode, Session

from ...conftest import ROOT

VALUES = """SELECT ?int ?short ?decimal ?double ?yes ?day ?text ?tagged ?odd ?iri ?blank ?none {
  VALUES (?int ?short ?decimal ?double ?yes ?day ?text ?tagged ?odd ?iri ?none) {
    (42 "-7"^^xsd:short 0.50 1.5e3 true "2026-11-25"^^xsd:date
     "<b>&" "Grüße"@de "x"^^xsd:integer arg:Claim UNDEF)
  }
  BIND(BNODE() AS ?blank)
}"""
OSAI = "https://w3id.org/argraph/open-source-ai/"


@pytest.fixture(params=["folder", "server"])
def debate(request: pytest.FixtureRequest, client: httpx.Client) -> Session:
    """The shipped debate, asked in this process and over HTTP."""
    return argraph.connect() if request.param == "folder" else argraph.connect(str(client.base_url))


def rows(debate: Session, query: str, **parameters: object) -> Answer:
    answer = debate.query(query, **parameters)
    assert isinstance(answer, Answer)
    return answer


def test_literals_become_values_of_python(debate: Session) -> None:
    answer = rows(debate, VALUES)
    (row,) = answer
    blank = row.pop("blank")
    assert isinstance(blank, BlankNode)
    assert blank
    assert row == {
        "int": 42,
        "short": -7,
        "decimal": Decimal("0.50"),
        "double": 1500.0,
        "yes": True,
        "day": date(2026, 11, 25),
        "text": "<b>&",
        "tagged": "Grüße",
        "odd": "x",
        "iri": "https://w3id.org/argraph/ns#Claim",
        "none": None,
    }
    assert [type(row[name]) for name in ("int", "decimal", "double", "yes", "text", "iri")] == [
        int,
        Decimal,
        float,
        bool,
        str,
        IRI,
    ]


def test_columns_keep_the_order_of_the_query(debate: Session) -> None:
    assert rows(debate, VALUES).columns[:4] == ("int", "short", "decimal", "double")
    assert list(rows(debate, VALUES)[0])[:4] == ["int", "short", "decimal", "double"]


def test_an_ask_query_is_answered_yes_or_no(debate: Session) -> None:
    assert debate.query("ASK { ?x a arg:Thesis }") is True
    assert debate.query("ASK { ?x a arg:Nothing }") is False


def test_a_graph_is_answered_as_its_triples(debate: Session) -> None:
    answer = rows(
        debate, "CONSTRUCT { ?t a arg:Thesis ; skos:prefLabel ?l } { ?t a arg:Thesis ; skos:prefLabel ?l }"
    )
    assert answer.columns == ("subject", "predicate", "object")
    assert {row["predicate"].local for row in answer if isinstance(row["predicate"], IRI)} == {
        "type",
        "prefLabel",
    }
    assert "Open source AI should prevail over closed systems" in [row["object"] for row in answer]


def test_a_saved_question_is_asked_by_name_with_its_parameters(debate: Session) -> None:
    answer = rows(debate, "objections-and-rebuttals", node="pil-safety")
    assert OSAI + "ob-malicious-use" in [row["objection"] for row in answer]
    assert {row["node"] for row in answer} == {OSAI + "pil-safety"}
    assert rows(debate, "pillars", thesis=None) == rows(debate, "pillars")
    assert len(rows(debate, "mentions", word="zzzz")) == 0


def test_folder_and_server_answer_alike(client: httpx.Client) -> None:
    here, there = argraph.connect(), argraph.connect(f"{client.base_url}/sparql")
    for name in ("theses", "most-objected", "studies-by-year", "evidence-by-grade"):
        assert here.query(name) == there.query(name)
    assert here.questions() == there.questions()
    assert here.questions()[0]["name"] == "answered-rebuttals"


def test_a_fault_in_the_query_is_told_with_its_place(debate: Session) -> None:
    with pytest.raises(QueryRefused, match="“nope:” is not declared") as caught:
        debate.query("SELECT * {\n  '🦀' nope:x ?y }")
    assert (caught.value.line, caught.value.column) == (2, 7)


def test_a_parameter_that_does_not_fit_is_refused(debate: Session) -> None:
    with pytest.raises(QueryRefused, match="no parameter “nod”"):
        debate.query("objections-and-rebuttals", nod="pil-safety")
    with pytest.raises((UnknownNode, QueryRefused), match="no node “pil-safty”"):
        debate.query("objections-and-rebuttals", node="pil-safty")
    with pytest.raises(QueryRefused, match="Parameters go with saved questions"):
        debate.query("ASK {}", node="pil-safety")


def test_a_misspelt_question_is_refused_with_the_nearest(debate: Session) -> None:
    with pytest.raises(UnknownQuery, match="Did you mean objections-and-rebuttals") as caught:
        debate.query("objections-and-rebutals")
    assert caught.value.nearest[0] == "objections-and-rebuttals"


def test_a_server_that_is_not_there_is_an_error_that_names_it() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    with pytest.raises(EndpointFailed, match=f"127.0.0.1:{port} cannot be reached") as caught:
        argraph.connect(f"http://127.0.0.1:{port}").query("ASK {}")
    assert caught.value.status is None


def test_a_server_of_something_else_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "queries").write_text("hello")
    with subprocess.Popen(
        [sys.executable, "-u", "-m", "http.server", "0", "--bind", "127.0.0.1", "--directory", str(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout
        port = process.stdout.readline().split(" port ")[1].split()[0]
        debate = argraph.connect(f"http://127.0.0.1:{port}/")
        with pytest.raises(EndpointFailed, match="answered 501") as caught:
            debate.query("ASK {}")
        with pytest.raises(EndpointFailed, match="not argraph"):
            debate.questions()
        process.terminate()
    assert caught.value.status == 501


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ResourceMissing):
        argraph.connect(tmp_path / "nowhere")


def test_the_frame_has_numbers_to_calculate_with(debate: Session) -> None:
    frame = rows(debate, VALUES).frame()
    assert isinstance(frame, pd.DataFrame)
    assert list(frame.columns)[:3] == ["int", "short", "decimal"]
    assert frame["decimal"].sum() == 0.5
    assert frame["int"].dtype.kind == "i"
    assert rows(debate, "mentions", word="zzzz").frame().empty


def test_without_pandas_the_frame_says_how_to_get_it() -> None:
    code = (
        "import sys; sys.modules['pandas'] = None\n"
        "import argraph\n"
        "try: argraph.connect().query('theses').frame()\n"
        "except argraph.errors.MissingExtra as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert (
        done.stdout == "A DataFrame needs a library that is not installed: pip install 'argraph[notebook]'\n"
    )


def test_a_notebook_shows_a_table_with_links_and_nothing_that_is_executed(debate: Session) -> None:
    shown = rows(debate, VALUES)._repr_html_()
    assert "<th>decimal</th>" in shown
    assert '<td><a href="https://w3id.org/argraph/ns#Claim">arg:Claim</a></td>' in shown
    assert "<td>&lt;b&gt;&amp;</td>" in shown
    hostile = IRI("javascript:alert(1)")
    assert "<a" not in Answer(("<x>",), ({"<x>": hostile},))._repr_html_()
    quoted = IRI('https://example.org/"onmouseover="x')
    assert html.escape(quoted) in Answer(("x",), ({"x": quoted},))._repr_html_()


def test_a_long_answer_is_shown_in_part(debate: Session) -> None:
    answer = rows(debate, "SELECT ?s { ?s a arg:Evidence } LIMIT 60")
    assert answer._repr_html_().count("<tr>") == 51
    assert "… and 10 more rows" in answer._repr_html_()
    assert len(answer) == 60
    assert len(answer[:5]) == 5


def test_a_session_tells_how_it_was_made(client: httpx.Client) -> None:
    address = str(client.base_url)
    assert repr(argraph.connect(address)) == f"argraph.connect('{address}')"
