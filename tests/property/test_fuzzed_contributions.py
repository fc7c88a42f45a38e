"""Whatever is handed in, the server answers: with findings, in time, and it is there for the next one."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argraph import resources
from argraph.app.gate import Care
from argraph.app.reception import Quota
from argraph.diagnostics import Report

from ..contract.app.receiving import House, house

_MANY = 10**9
_FILES = sorted(resources.graph().rglob("*.ttl"))
_SLACK = 30.0  # seconds beyond the budget, for a machine that does other things; what never ends takes longer
_PIECES = st.sampled_from(
    [
        *(
            '"',
            "'",
            '"""',
            "'''",
            "<",
            ">",
            "[",
            "]",
            "(",
            ")",
            "{",
            "}",
            ".",
            ";",
            ",",
            "^^",
            "@",
            "#",
            "\\",
            "_:",
        ),
        *(
            "@prefix",
            "@base",
            "a",
            "true",
            "1e400",
            "-0",
            "\n",
            "\r",
            "\t",
            " ",
            "\x00",
            "\x7f",
            "\ufeff",
            "\u202e",
        ),
        *(
            "\\u0000",
            "\\uD800",
            "\\U0010FFFF",
            "%",
            "%ZZ",
            ":",
            "::",
            "osai:",
            "arg:",
            "<urn:x>",
            "<file:///etc/passwd>",
        ),
        *(
            "osai:pil-safety",
            "arg:target",
            "arg:premise",
            "arg:Objection",
            "arg:supports",
            "owl:imports",
            "sh:targetNode",
        ),
        *(
            '"x"@en',
            '"x"@',
            '"x"^^xsd:date',
            '"9999-99-99"^^xsd:date',
            "<http://[>",
            "<//>",
            "<>",
            "\U0001f600",
        ),
    ]
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    quota = Quota(seconds=_MANY, anonymous_seconds=_MANY, files=_MANY, anonymous_files=_MANY)
    with house(tmp_path_factory.mktemp("house"), quota=quota) as place:
        place.secret("ada")
        yield place
        # After everything, a good file is still a good file.
        assert place.hand_in(place.objection("in-the-end"), "ada").status_code == 201
        assert place.client.get("/healthz").status_code == 200


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A valid file with a few stretches of it taken out, said twice, moved, or replaced."""
    data = draw(st.sampled_from(_FILES)).read_bytes() if draw(st.booleans()) else _OBJECTION
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.integers(0, 200)))
        kind = draw(st.sampled_from(["cut", "twice", "move", "text", "bytes"]))
        if kind == "cut":
            data = data[:start] + data[end:]
        elif kind == "twice":
            data = data[:end] + data[start:end] * draw(st.integers(1, 20)) + data[end:]
        elif kind == "move":
            rest = data[:start] + data[end:]
            to = draw(st.integers(0, len(rest)))
            data = rest[:to] + data[start:end] + rest[to:]
        elif kind == "text":
            data = data[:start] + "".join(draw(st.lists(_PIECES, max_size=4))).encode() + data[end:]
        else:
            data = data[:start] + draw(st.binary(max_size=20)) + data[end:]
    return data


_OBJECTION = b"""\
@prefix arg: <https://w3id.org/argraph/ns#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix osai: <https://w3id.org/argraph/open-source-ai/> .
@prefix schema: <https://schema.org/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
osai:contribution-fuzzed a arg:Contribution ;
    dcterms:isPartOf <https://w3id.org/argraph/open-source-ai/> ;
    dcterms:title "A fuzzed objection"@en ; dcterms:creator <https://example.org/me> ;
    dcterms:created "2026-11-25"^^xsd:date ;
    dcterms:license <https://creativecommons.org/licenses/by/4.0/> .
osai:ob-fuzzed a arg:Objection ; skos:prefLabel "Fuzzed"@en ; schema:text "It is fuzzed."@en .
osai:at-fuzzed-safety a arg:Attack ; arg:premise osai:ob-fuzzed ; arg:target osai:pil-safety .
"""


FORMS = st.sampled_from(["json", "json", "sarif", "html", "turtle"])


def examined(place: House, data: bytes, dry_run: bool, form: str) -> None:
    began = time.monotonic()
    answer = place.hand_in(data, "ada", dry_run=int(dry_run), format=form)
    assert time.monotonic() - began < Care().seconds + _SLACK
    assert answer.status_code in {200, 201, 409, 422, 504}, answer.text
    assert "Traceback" not in answer.text
    if answer.status_code == 409:
        assert place.client.get(answer.json()["contribution"]["href"]).status_code == 200
    elif form == "json" and answer.status_code != 504:
        told = answer.json()
        assert Report.from_data(told["report"]).ok is (answer.status_code != 422)


@given(mutated(), st.booleans(), FORMS)
@settings(max_examples=30)
def test_a_file_that_was_tampered_with_is_answered(
    place: House, data: bytes, dry_run: bool, form: str
) -> None:
    examined(place, data, dry_run, form)


@given(st.binary(max_size=400), st.booleans(), FORMS)
@settings(max_examples=15)
def test_any_bytes_are_answered(place: House, data: bytes, dry_run: bool, form: str) -> None:
    examined(place, data, dry_run, form)


@given(st.text(max_size=200) | st.lists(_PIECES, max_size=60).map(" ".join), st.booleans(), FORMS)
@settings(max_examples=25)
def test_any_text_is_answered(place: House, text: str, dry_run: bool, form: str) -> None:
    examined(place, text.encode("utf-8", "surrogatepass"), dry_run, form)


@pytest.mark.parametrize(
    "unit",
    [
        b"[",
        b"(",
        b"<x> <y> [ ",
        b'"',
        b"@prefix a: <x> .\n",
        b"<x> <y> (",
        b";",
        b"_:b <p> _:c , ",
        b"\\u0041",
        b"#\n",
    ],
)
def test_as_much_as_there_may_be_of_one_thing_is_answered(place: House, unit: bytes) -> None:
    examined(place, unit * (1024 * 1024 // len(unit)), True, "json")
