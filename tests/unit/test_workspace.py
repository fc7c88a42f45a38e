"""Workspace: names in and out, and the graph behind them."""

from __future__ import annotations

from pathlib import Path

import pytest

from argraph.errors import UnknownNode
from argraph.workspace import Workspace

BASE = "https://w3id.org/argraph/open-source-ai/"


@pytest.fixture(scope="module")
def shipped() -> Workspace:
    return Workspace.open()


@pytest.mark.parametrize(
    "name",
    [
        "pil-safety",
        "osai:pil-safety",
        "open-source-ai/pil-safety",
        BASE + "pil-safety",
        f"<{BASE}pil-safety>",
        " pil-safety ",
    ],
)
def test_node_is_found_by_each_of_its_names(shipped: Workspace, name: str) -> None:
    assert shipped.resolve(name) == BASE + "pil-safety"


@pytest.mark.parametrize("name", ["pil-sfety", "", "no such thing", "<>", "http://["])
def test_unknown_name_is_refused(shipped: Workspace, name: str) -> None:
    with pytest.raises(UnknownNode):
        shipped.resolve(name)


def test_nearest_names_are_offered(shipped: Workspace) -> None:
    with pytest.raises(UnknownNode) as caught:
        shipped.resolve("pil-sfety")
    assert "pil-safety" in caught.value.nearest


def test_key_and_resolve_are_inverse_on_every_node(shipped: Workspace) -> None:
    argument = shipped.argument
    for iri in (*argument.nodes, *argument.steps, *argument.studies):
        assert shipped.resolve(shipped.key(iri)) == iri


def test_debate_names_its_prefix_and_base(shipped: Workspace) -> None:
    (debate,) = shipped.debates
    assert (debate.prefix, debate.base) == ("osai", BASE)
    assert shipped.prefixes["osai"] == BASE


def test_name_used_in_two_debates_keeps_them_apart(tmp_path: Path) -> None:
    for name in ("tea", "milk"):
        (tmp_path / f"{name}.ttl").write_text(
            f"""@prefix : <https://example.org/{name}/> . @prefix arg: <https://w3id.org/argraph/ns#> .
            @prefix void: <http://rdfs.org/ns/void#> . @prefix dcterms: <http://purl.org/dc/terms/> .
            <https://example.org/{name}/> a void:Dataset ; dcterms:title "{name}"@en ;
                void:uriSpace "https://example.org/{name}/" .
            :both a arg:Claim . :only-{name} a arg:Claim .""",
            encoding="utf-8",
        )
    workspace = Workspace.open(tmp_path)
    both = "https://example.org/tea/both"
    assert workspace.key(both) == "tea/both"
    assert workspace.resolve("tea/both") == both
    assert workspace.key("https://example.org/milk/only-milk") == "only-milk"


def test_names_that_browsers_take_out_of_addresses_are_not_used(tmp_path: Path) -> None:
    (tmp_path / "dots.ttl").write_text(
        """@prefix arg: <https://w3id.org/argraph/ns#> . @prefix void: <http://rdfs.org/ns/void#> .
        <https://example.org/tea/> a void:Dataset ; void:uriSpace "https://example.org/tea/" .
        <https://example.org/tea/..> a arg:Claim . <https://example.org/tea/.> a arg:Claim .
        <https://example.org/tea/...> a arg:Claim .""",
        encoding="utf-8",
    )
    workspace = Workspace.open(tmp_path)
    for name, key in (
        (".", "https://example.org/tea/."),
        ("..", "https://example.org/tea/.."),
        ("...", "..."),
    ):
        assert workspace.key(f"https://example.org/tea/{name}") == key
        assert workspace.resolve(key) == f"https://example.org/tea/{name}"


def test_derived_links_answer_in_one_hop(shipped: Workspace) -> None:
    assert shipped.query("ASK { osai:ob-malicious-use arg:attacks osai:pil-safety }") is True
    assert shipped.query("ASK { osai:pil-safety arg:supports osai:th-open-must-win }") is True


def test_a_debate_is_shown_by_name_as_scene_outline_and_drawing() -> None:
    workspace = Workspace.open()
    scene = workspace.scene("osai:pil-safety", layout="layered")
    assert (scene.root, scene.layout, scene.digest) == ("pil-safety", "layered", workspace.store.digest)
    assert [row.id for row in workspace.outline("pil-safety")][:1] == ["pil-safety"]
    picture = workspace.drawing("pil-safety").decode()
    assert "Should open source AI prevail over closed systems? · CC BY 4.0 · argraph" in picture
    assert workspace.drawing("pil-safety", "mermaid").startswith(b'---\ntitle: "Transparency makes AI safer"')
    with pytest.raises(UnknownNode, match="Did you mean pil-safety"):
        workspace.scene("pil-safty")


def test_the_credit_of_a_debate_names_its_terms(tmp_path: Path) -> None:
    (tmp_path / "a.ttl").write_text(
        "@prefix dcterms: <http://purl.org/dc/terms/> . @prefix void: <http://rdfs.org/ns/void#> ."
        "<urn:d> a void:Dataset ; dcterms:title 'Naps' ; void:uriSpace 'urn:d:' ;"
        " dcterms:license <urn:terms> ."
        "<urn:e> a void:Dataset ; dcterms:title 'Buses' ; void:uriSpace 'urn:e:' .",
        encoding="utf-8",
    )
    assert [debate.credit for debate in Workspace.open(tmp_path).debates] == ["Naps · urn:terms", "Buses"]


def test_a_node_belongs_to_the_debate_with_the_longest_base(tmp_path: Path) -> None:
    (tmp_path / "a.ttl").write_text(
        "@prefix void: <http://rdfs.org/ns/void#> . @prefix arg: <https://w3id.org/argraph/ns#> ."
        "<urn:a> a void:Dataset ; void:uriSpace 'urn:tea:' ."
        "<urn:b> a void:Dataset ; void:uriSpace 'urn:tea:green:' ."
        "<urn:tea:green:one> a arg:Claim .",
        encoding="utf-8",
    )
    workspace = Workspace.open(tmp_path)
    for iri, debate in (("urn:tea:green:one", "urn:b"), ("urn:tea:one", "urn:a")):
        found = workspace.debate_of(iri)
        assert found is not None
        assert found.iri == debate
    assert workspace.debate_of("urn:milk:one") is None


def test_what_is_only_pointed_at_is_mentioned_and_what_is_no_iri_is_not(shipped: Workspace) -> None:
    assert shipped.mentions("https://w3id.org/argraph/#editors")
    assert not shipped.knows("https://w3id.org/argraph/#editors")
    assert not shipped.mentions("http://[")
