"""Nanopublications: what is refused and why, Trusty URIs, signatures, and the arguments in them."""

from __future__ import annotations

import base64
import hashlib
import sys
from datetime import UTC, datetime

import pyoxigraph as ox
import pytest

from argraph.argument.graph import Node, Step, Study
from argraph.errors import ArgraphError, FormatError, ResourceMissing
from argraph.exchange import nanoarguments, nanopub, registry, trusty
from argraph.exchange.bibliography import BLANK
from argraph.exchange.model import Loss, Model
from argraph.exchange.settling import settle

PREFIXES = """
@prefix : <http://example.org/np1/> . @prefix np: <http://www.nanopub.org/nschema#> .
@prefix npx: <http://purl.org/nanopub/x/> . @prefix prov: <http://www.w3.org/ns/prov#> .
@prefix schema: <https://schema.org/> . @prefix cito: <http://purl.org/spar/cito/> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix hycl: <http://purl.org/petapico/o/hycl#> . @prefix ex: <http://example.org/> .
"""
HEAD = """:Head { : a np:Nanopublication ; np:hasAssertion :a ; np:hasProvenance :p ;
    np:hasPublicationInfo :i . }"""
ASSERTION = ":a { ex:tea ex:contains ex:caffeine . }"
PROVENANCE = ":p { :a prov:wasDerivedFrom ex:book . }"
INFO = ":i { : prov:wasAttributedTo ex:somebody . }"


def trig(*parts: str, number: int = 1) -> bytes:
    text = PREFIXES + "\n".join(parts)
    return text.replace("http://example.org/np1/", f"http://example.org/np{number}/").encode()


def about(assertion: str, info: str = "", number: int = 1) -> bytes:
    return trig(HEAD, f":a {{ {assertion} }}", PROVENANCE, INFO, f":i {{ {info} }}", number=number)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (trig(HEAD, PROVENANCE, INFO), "the graph of its assertion, <http://example.org/np1/a>, is empty"),
        (trig(HEAD, ASSERTION, INFO), "the graph of its provenance"),
        (trig(HEAD, ASSERTION, PROVENANCE), "the graph of its publication info"),
        (trig(HEAD.replace("np:hasAssertion :a ;", ""), PROVENANCE, INFO), "names 0 graphs as assertion"),
        (
            trig(HEAD, ASSERTION, ":p { ex:x prov:wasDerivedFrom ex:book . }", INFO),
            "nothing about its assertion",
        ),
        (trig(HEAD, ASSERTION, PROVENANCE, ":i { ex:x ex:y ex:z . }"), "nothing about the nanopublication"),
        (
            trig(HEAD, ASSERTION, PROVENANCE, INFO, ":z { ex:x ex:y ex:z . }"),
            "is no part of a nanopublication",
        ),
        (trig(HEAD, ASSERTION, PROVENANCE, INFO, "ex:x ex:y ex:z ."), "stands in no graph"),
        (
            trig(HEAD.replace(":p ;", ":a ;"), ASSERTION, PROVENANCE.replace(":p {", ":a {"), INFO),
            "four graphs",
        ),
        (
            trig(HEAD.replace(":a ;", "ex:a ;"), ASSERTION.replace(":a {", "ex:a {"), PROVENANCE, INFO),
            "does not begin with its own address",
        ),
        (about('ex:tea ex:cups "two"^^xsd:integer .'), "is none of its datatype"),
        (
            trig(HEAD, ":Head { ex:np2 a np:Nanopublication . }", ASSERTION, PROVENANCE, INFO),
            "speaks of several nanopublications",
        ),
        (trig(ASSERTION), "Nothing in this file is an np:Nanopublication"),
        (trig(HEAD, "{"), "This is no RDF"),
    ],
)
def test_a_nanopublication_that_is_not_in_order_is_refused_with_the_reason(data: bytes, reason: str) -> None:
    with pytest.raises(FormatError, match=r"x\.trig") as refused:
        nanopub.read(data, "x.trig")
    assert reason in str(refused.value)


def plain(data: bytes) -> list[ox.Quad]:
    return list(ox.parse(data, format=ox.RdfFormat.TRIG))


def test_a_trusty_uri_is_made_of_the_content_and_verified_by_it() -> None:
    made = nanopub.published(plain(trig(HEAD, ASSERTION, PROVENANCE, INFO)), "http://example.org/np1/")
    start = "http://example.org/np1/ "  # with a blank where the hash will stand
    schema, rdf = "http://www.nanopub.org/nschema#", "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
    said = [
        f"{start}/Head\n{start}\n{schema}hasAssertion\n{start}/a\n",
        f"{start}/Head\n{start}\n{schema}hasProvenance\n{start}/p\n",
        f"{start}/Head\n{start}\n{schema}hasPublicationInfo\n{start}/i\n",
        f"{start}/Head\n{start}\n{rdf}type\n{schema}Nanopublication\n",
        f"{start}/a\nhttp://example.org/tea\nhttp://example.org/contains\nhttp://example.org/caffeine\n",
        f"{start}/i\n{start}\nhttp://www.w3.org/ns/prov#wasAttributedTo\nhttp://example.org/somebody\n",
        f"{start}/p\n{start}/a\nhttp://www.w3.org/ns/prov#wasDerivedFrom\nhttp://example.org/book\n",
    ]
    digest = hashlib.sha256("".join(said).encode()).digest()
    assert made.code == "RA" + base64.urlsafe_b64encode(digest).decode().rstrip("=")
    assert made.iri == "http://example.org/np1/" + made.code
    assert made.parts["assertion"] == made.iri + "/a"
    written = nanopub.written(made.quads)
    assert nanopub.read(written, "x.trig") == (made,)
    with pytest.raises(FormatError, match="its content is not what its Trusty URI says"):
        nanopub.read(written.replace(b"example.org/tea", b"example.org/mate"), "x.trig")


def test_the_hash_does_not_depend_on_the_order_of_what_is_said_or_on_repetition() -> None:
    quads = plain(about('ex:a ex:b "x\\\\y\\nz"@en, "1"^^xsd:integer, "x", ex:c .'))
    codes = {trusty.minted(trusty.prepared(order, "http://example.org/np1/")[0])[1] for order in
             (quads, quads[::-1], [*quads, *quads])}  # fmt: skip
    assert len(codes) == 1


def test_blank_nodes_get_addresses_before_they_are_hashed() -> None:
    made = nanopub.published(plain(about("ex:a ex:b [ ex:c ex:d ] .")), "http://example.org/np1/")
    assert not any(isinstance(q.object, ox.BlankNode) for q in made.quads)
    assert any(q.object == ox.NamedNode(made.iri + "/_1") for q in made.quads)


# -- signatures ---------------------------------------------------------------------------------------------


def new_key() -> bytes:
    pytest.importorskip("cryptography", reason="Signatures need the extra argraph[nanopub].")
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    return rsa.generate_private_key(65537, 2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def test_a_signature_is_of_the_content_and_of_the_key() -> None:
    pem = new_key()
    bare = b"".join(line for line in pem.splitlines() if b"-----" not in line)
    key, same = nanopub.private_key(pem, "id"), nanopub.private_key(bare, "id")
    quads = plain(trig(HEAD, ASSERTION, PROVENANCE, INFO))
    made = nanopub.published(quads, "http://example.org/np1/", key=key, signer="https://example.org/me")
    assert made == nanopub.published(
        quads, "http://example.org/np1/", key=same, signer="https://example.org/me"
    )
    assert nanopub.check_signature(made)
    assert not nanopub.check_signature(nanopub.published(quads, "http://example.org/np1/"))
    text = nanopub.written(made.quads).decode()
    changed = text.replace("caffeine", "sugar").replace(made.code, trusty.PLACEHOLDER)
    forged, _ = trusty.minted(plain(changed.encode()))
    with pytest.raises(ArgraphError, match="signature"):
        nanopub.check_signature(nanopub.read(nanopub.written(forged), "x.trig")[0])


def test_without_the_library_a_signature_is_left_unchecked_and_that_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    key = nanopub.private_key(new_key(), "id")
    signed = nanopub.published(plain(about(TEA)), "http://example.org/np1/", key=key)
    monkeypatch.setitem(sys.modules, "cryptography.exceptions", None)
    model, losses = load(nanopub.written(signed.quads))
    assert len(model.nodes) == 1
    assert [(loss.what, loss.kind) for loss in losses] == [("signature", "kept")]
    assert "pip install 'argraph[nanopub]'" in losses[0].reason
    with pytest.raises(ResourceMissing):
        nanopub.private_key(b"", "id")


def test_what_is_no_key_is_refused() -> None:
    pytest.importorskip("cryptography", reason="Signatures need the extra argraph[nanopub].")
    for data in (b"", b"no key", b"-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----", b"AAAA"):
        with pytest.raises(FormatError, match="no private key"):
            nanopub.private_key(data, "id_rsa")


# -- arguments ----------------------------------------------------------------------------------------------

TEA = 'ex:s1 a schema:Statement ; rdf:value "Tea keeps people awake." .'


def load(*files: bytes) -> tuple[Model, list[Loss]]:
    model, losses = nanoarguments.load(b"\n".join(files), "x.trig")
    return model, list(losses.losses)


@pytest.mark.parametrize(
    ("relation", "kind", "premise"),
    [
        ("ex:s2 cito:supports ex:s1", "support", "s2"),
        ("ex:s2 cito:agreesWith ex:s1", "support", "s2"),
        ("ex:s2 cito:disputes ex:s1", "attack", "s2"),
        ("ex:s2 cito:refutes ex:s1", "attack", "s2"),
        ("ex:s2 cito:isDisputedBy ex:s1", "attack", "s1"),
        ("ex:s2 cito:obtainsSupportFrom ex:s1", "support", "s1"),
        ("ex:s2 cito:disputes <http://example.org/np3/>", "attack", "s2"),
    ],
)
def test_what_cito_says_of_statements_is_a_step(relation: str, kind: str, premise: str) -> None:
    answer = f'ex:s2 a schema:Statement ; rdf:value "Many sleep well after it." . {relation} .'
    model, losses = load(about(answer, number=2), about(TEA, number=3))
    assert losses == []
    assert model.nodes["http://example.org/s1"].text == "Tea keeps people awake."
    ((_, step),) = model.steps.items()
    end = "s1" if premise == "s2" else "s2"
    assert (step.kind, step.premises) == (kind, (f"http://example.org/{premise}",))
    assert step.end == f"http://example.org/{end}"


def test_what_is_neither_for_nor_against_and_what_is_elsewhere_is_told_and_kept() -> None:
    said = f"{TEA} ex:s1 cito:extends ex:s9 ; cito:supports ex:s9 ; ex:about ex:tea ."
    question = 'ex:q a schema:Question ; rdf:value "Does it?" .'
    model, losses = load(about(said), about(question, number=2))
    assert set(model.nodes) == {"http://example.org/s1"}
    assert {(loss.what, loss.kind) for loss in losses} == {
        ("statement with about", "kept"),
        ("question", "dropped"),
        ("relation cito:extends to <http://example.org/s9>", "dropped"),
        ("relation cito:supports", "dropped"),
    }
    assert len(model.kept["nanopub"]) == 2


@pytest.mark.parametrize(
    "assertion",
    [
        "<http://purl.org/aida/Tea+contains+caffeine.> a hycl:AIDA-Sentence .",
        "<http://purl.org/aida/Tea%20contains%20caffeine.> a hycl:AIDA-Sentence .",
        ":a npx:asSentence <http://purl.org/aida/Tea+contains+caffeine.> .",
    ],
)
def test_a_sentence_in_an_address_is_a_statement(assertion: str) -> None:
    model, losses = load(about(assertion))
    assert [node.text for node in model.nodes.values()] == ["Tea contains caffeine."]
    assert losses == []


@pytest.mark.parametrize("relation", ["supersedes", "retracts"])
def test_what_is_superseded_or_retracted_counts_no_more(relation: str) -> None:
    later = about(
        'ex:s2 a schema:Statement ; rdf:value "Tea keeps some awake." .',
        f": npx:{relation} <http://example.org/np3/> .",
        number=2,
    )
    model, losses = load(about(TEA, number=3), later)
    assert set(model.nodes) == {"http://example.org/s2"}
    assert [(loss.place, loss.kind) for loss in losses] == [("http://example.org/np3/", "dropped")]


def test_nobody_retracts_what_another_has_signed() -> None:
    mine, theirs = (nanopub.private_key(new_key(), "id") for _ in range(2))
    signed = nanopub.published(plain(about(TEA, number=3)), "http://example.org/np3/", key=theirs)
    said = about("ex:me ex:says ex:so .", f": npx:retracts <{signed.iri}> .", number=2)
    for key, counts in ((mine, True), (theirs, False), (None, True)):
        retraction = nanopub.published(plain(said), "http://example.org/np2/", key=key)
        model, losses = load(nanopub.written([*signed.quads, *retraction.quads]))
        assert bool(model.nodes) is counts
        assert [loss.place for loss in losses if loss.kind == "dropped"] == [
            retraction.iri if counts else signed.iri
        ]


def debate() -> Model:
    study = Study(
        **BLANK
        | {"iri": "st-1", "title": "On tea", "authors": ("A, B", "C, D"), "year": "2020", "type": "Book"}
        | {"doi": "10.1000/tea"}
    )
    model = Model(
        nodes={
            "th-1": Node("th-1", "thesis", "Tea", "Tea should be free."),
            "ob-1": Node("ob-1", "objection", "Cost", "Somebody pays for it.", assumed=True),
            "ev-1": Node(
                "ev-1",
                "evidence",
                "",
                "They drank it.",
                studies=("st-1",),
                grade="Low",
                verification="Verified",
            ),
        },
        steps={
            "el-1": Step("el-1", "evidence line", ("ev-1",), "th-1", True, directness="Direct"),
            "at-1": Step("at-1", "attack", ("ob-1",), "el-1", False),
        },
        studies={"st-1": study},
        title="Tea",
        declared=True,
    )
    return settle(model).model


def test_a_debate_with_evidence_and_an_undercut_comes_back_whole() -> None:
    exported = registry.dump(debate(), "nanopub", base="https://example.org/tea/")
    assert exported.losses.losses == ()
    model = registry.load(exported.data, "x.trig").model
    assert (model.nodes, model.steps, model.studies) == (debate().nodes, debate().steps, debate().studies)
    assert b"cito:citesAsEvidence <https://doi.org/10.1000/tea>" in exported.data
    assert len(nanopub.read(exported.data, "x.trig")) == 7


def test_what_has_changed_is_published_anew_and_supersedes_the_old() -> None:
    data = nanoarguments.dump(debate(), "https://example.org/tea/", created=datetime(2026, 1, 31, tzinfo=UTC))
    model, _ = nanoarguments.load(data, "x.trig")
    model.nodes["ob-1"] = Node("ob-1", "objection", "Cost", "Everybody pays for it.", assumed=True)
    again = nanoarguments.dump(model, "https://example.org/tea/")
    before = {np.iri for np in nanopub.read(data, "x.trig")}
    after = {np.iri: np for np in nanopub.read(again, "x.trig")}
    (gone,) = before - set(after)
    (new,) = set(after) - before
    assert ox.NamedNode(gone) in {
        q.object for q in after[new].quads if q.predicate.value == nanopub.NPX + "supersedes"
    }
    assert nanoarguments.load(again, "x.trig")[0].nodes["ob-1"].text == "Everybody pays for it."


def test_what_others_have_signed_is_written_as_it_was() -> None:
    made = nanopub.published(plain(about(TEA)), "http://example.org/np1/")
    model, _ = nanoarguments.load(nanopub.written(made.quads), "x.trig")
    exported = registry.dump(model, "nanopub")
    assert exported.losses.losses == ()
    assert nanopub.read(exported.data, "x.trig") == (made,)
