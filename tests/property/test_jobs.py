"""A check that several processes share finds what one process finds, to the byte."""

from __future__ import annotations

import json
import random
import re
import threading
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argraph import resources
from argraph.contribution import case, report
from argraph.contribution.check import check
from argraph.contribution.shapes import ShapeSet
from argraph.contribution.workers import Workers
from argraph.diagnostics import Report
from argraph.rdf.store import Store, read_files

FORMS: Final = ("text", "json", "sarif", "github", "turtle")
SHIPPED: Final = read_files(resources.graph())
SPOILT: Final = [
    (rb"arg:premise", b"arg:premiss"),
    (rb"arg:direction arg:For", b"arg:direction arg:Fro"),
    (rb'"@en', b'"'),
    (rb" a arg:Claim", b" a arg:Objection"),
    (rb" a arg:Claim ;", b" "),
    (rb"arg:grade arg:\w+", b"arg:grade arg:High, arg:Low"),
    (rb"osai:(cl|ob|ev)-(\w)", rb"osai:\1-\2\2"),
    (rb"arg:conclusion osai:[\w-]+", b"arg:conclusion osai:th-open-must-win"),
    (rb'schema:text "[^"]+"', b'schema:text "One and the same sentence is written in several places."'),
    (rb" \.\n", b" \n"),
    (rb'skos:prefLabel "', b'skos:prefLabel "\xff'),
    (rb"dcterms:license <[^>]+> ;?", b""),
    (rb"a arg:Contribution", b"a arg:Contribution, arg:Theme"),
]
HOSTILE: Final = {
    "empty.ttl": b"",
    "zip.ttl": b"PK\x03\x04 no Turtle",
    "utf16.ttl": '<a> <b> "c" .'.encode("utf-16"),
    "deep.ttl": b"<urn:a> <urn:b> " + b"[ <urn:c> " * 500 + b"1" + b"]" * 500 + b" .",
    "cycle.ttl": b"@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> . _:a rdf:rest _:a ; rdf:first 1 .",
    "twice.ttl": next(iter(SHIPPED.values())),
    "classes.ttl": b"""@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
        @prefix arg: <https://w3id.org/argraph/ns#> .
        arg:Claim rdfs:subClassOf arg:Study . <urn:x> a rdfs:Resource, arg:Claim .""",
}


@pytest.fixture(scope="module")
def shapes() -> ShapeSet:
    return ShapeSet.load(resources.shapes(), resources.ontology())


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each file is a part of the work."""
    monkeypatch.setattr(case, "_PART", 1)
    if threading.active_count() > 1:
        pytest.skip("other threads run in this process, beside which nothing is forked")


def spoilt(seed: int) -> dict[str, bytes]:
    """Some files of the shipped debate, in some order, each with some faults; and some that are no such thing."""
    rng = random.Random(seed)
    found = {}
    for path in rng.sample(sorted(SHIPPED), k=rng.randint(2, len(SHIPPED))):
        data = SHIPPED[path]
        for pattern, other in rng.sample(SPOILT, k=rng.randint(0, 4)):
            places = list(re.finditer(pattern, data))
            for match in rng.sample(places, k=min(len(places), rng.randint(1, 3)))[:1]:
                data = data[: match.start()] + match.expand(other) + data[match.end() :]
        found[Path(path).name] = data
    for name in rng.sample(sorted(HOSTILE), k=rng.randint(0, 3)):
        found[name] = HOSTILE[name]
    return found


def equal(files: dict[str, bytes], against: Store, shapes: ShapeSet) -> Report:
    one = check(files, against=against, shapes=shapes, workers=Workers(1))
    two = check(files, against=against, shapes=shapes, workers=Workers(2))
    for form in FORMS:
        assert report.render(two, form) == report.render(one, form)  # type: ignore[arg-type]
    assert two == one
    return one


@settings(max_examples=8)
@given(seed=st.integers(0, 10**6), whole=st.booleans())
def test_faulty_files_are_told_alike(shapes: ShapeSet, seed: int, whole: bool) -> None:
    equal(spoilt(seed), Store() if whole else Store.load(resources.graph()), shapes)


def test_files_that_clash_and_refer_to_each_other_are_told_alike(shapes: ShapeSet) -> None:
    files = spoilt(3) | HOSTILE
    copy = {f"copy-{name}": data for name, data in list(files.items())[:3]}
    found = equal(files | copy, Store(), shapes)
    codes = {finding.code for finding in found}
    assert {"already-defined", "turtle-encoding", "turtle-other-format", "vocabulary-changed"} & codes
    assert len(codes) > 5


def test_the_shipped_debate_is_told_alike(shapes: ShapeSet) -> None:
    found = equal(dict(SHIPPED), Store(), shapes)
    assert json.loads(report.render(found, "json"))["ok"]
