"""JSON-LD: what it says is what the Turtle says."""

from __future__ import annotations

import json

import pyoxigraph as ox
import pytest

from argraph.errors import FormatError
from argraph.exchange import jsonld, registry
from argraph.workspace import Workspace

BASE = "https://w3id.org/argraph/open-source-ai/"


@pytest.fixture(scope="module")
def shipped() -> Workspace:
    return Workspace.open()


def test_what_is_written_holds_the_triples_of_the_files(shipped: Workspace) -> None:
    data = shipped.exported("jsonld", focus="pil-safety").data
    written = {
        (str(q.subject), str(q.predicate), str(q.object)) for q in ox.parse(data, format=ox.RdfFormat.JSON_LD)
    }
    said = {(str(q.subject), str(q.predicate), str(q.object)) for q in shipped.store.raw}
    ours = {triple for triple in written if not any("_:" in term for term in triple)}
    added = {triple for triple in ours - said if "paragraph-" not in triple[0]}
    assert added == set()
    assert len(ours) > 500


def test_names_are_short_and_the_context_is_in_the_file(shipped: Workspace) -> None:
    document = json.loads(shipped.exported("jsonld", focus="pil-safety", depth=1).data)
    assert document["@context"]["@base"] == BASE
    (pillar,) = (node for node in document["@graph"] if node["@id"] == "pil-safety")
    assert pillar["@type"] == "arg:Claim"
    assert pillar["arg:role"] == {"@id": "arg:Pillar"}
    assert pillar["skos:prefLabel"] == "Transparency makes AI safer"
    studies = [node for node in document["@graph"] if node["@type"] == "arg:Study"]
    assert all(isinstance(study["bibo:authorList"], str | list) for study in studies)


def test_the_same_comes_back(shipped: Workspace) -> None:
    exported = shipped.exported("jsonld", focus="th-open-must-win")
    model = registry.load(exported.data, "x.jsonld", "jsonld").model
    assert registry.dump(model, "jsonld", base=BASE).data == exported.data


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"{", "no JSON-LD"),
        (b'{"@context": "https://example.org/c", "a": 1}', "Put the context into the file"),
        (b"{}", "No statement"),
        (b'{"@id": "urn:a", "urn:b": "c"}', "No statement"),
    ],
)
def test_what_holds_no_debate_is_refused(data: bytes, words: str) -> None:
    with pytest.raises(FormatError, match=words):
        jsonld.load(data, "x.jsonld")
