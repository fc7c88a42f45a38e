"""CSV as a spreadsheet gives it, GraphML as other programs write it."""

from __future__ import annotations

import zipfile
from io import BytesIO

import pytest

from argraph.errors import FormatError
from argraph.exchange import csv_tables, registry
from argraph.exchange.model import Imported


def read(text: str, name: str = "x.csv", form: str = "csv") -> Imported:
    return registry.load(text.encode(), name, form)


def steps(imported: Imported) -> set[tuple[str, tuple[str, ...], str]]:
    return {(step.kind, step.premises, step.end) for step in imported.model.steps.values()}


def test_links_alone_make_a_debate() -> None:
    imported = read("From;To;Relation\nRoads wear out;Tax fuel;pro\nRain wears them;Roads wear out;con\n")
    assert steps(imported) == {
        ("support", ("Roads wear out",), "Tax fuel"),
        ("attack", ("Rain wears them",), "Roads wear out"),
    }
    assert [node.text for node in imported.model.nodes.values()] == [
        "Roads wear out",
        "Tax fuel",
        "Rain wears them",
    ]
    assert {loss.kind for loss in imported.losses.losses} == {"added"}


def test_rows_that_name_a_step_are_its_premises_and_an_attack_may_come_before_it() -> None:
    imported = read("step,kind,source,target\nu,attack,c,s\ns,support,a,t\ns,support,b,t\n")
    assert steps(imported) == {("attack", ("c",), "s"), ("support", ("a", "b"), "t")}


@pytest.mark.parametrize(
    ("rows", "place", "reason"),
    [
        ("s,support,a,t\ns,support,b,z", "x.csv:3", "in its first row"),
        (",likes,a,t", "x.csv:2", "its kind is “likes”"),
        (",,a,t", "x.csv:2", "its kind is missing"),
        (",support,,t", "x.csv:2", "no source"),
        (",support,a,", "x.csv:2", "no target"),
    ],
)
def test_a_link_that_cannot_be_read_is_told_with_its_line(rows: str, place: str, reason: str) -> None:
    losses = [
        loss for loss in read(f"step,kind,source,target\n{rows}\n").losses.losses if loss.kind == "dropped"
    ]
    assert [(loss.place, reason in loss.reason) for loss in losses] == [(place, True)]


def test_two_tables_are_read_from_one_archive_and_odd_columns_are_told() -> None:
    nodes = b"id,kind,text,colour\nt,thesis,Fuel should be dearer.,red\na,claim,Roads wear out.,\n"
    packed = csv_tables.bundle({"nodes.csv": nodes, "links.csv": b"source,kind,target\na,support,t\n"})
    imported = registry.load(packed, "x.zip", "csv")
    assert {n: node.kind for n, node in imported.model.nodes.items()} == {"t": "thesis", "a": "claim"}
    assert [(loss.place, loss.what) for loss in imported.losses.losses] == [
        ("nodes.csv:2", "column “colour”")
    ]
    assert packed == csv_tables.bundle(
        {"nodes.csv": nodes, "links.csv": b"source,kind,target\na,support,t\n"}
    )


def test_what_is_written_opens_in_a_spreadsheet() -> None:
    data = registry.dump(read("source,kind,target\nå,support,b\n").model, "csv").data
    with zipfile.ZipFile(BytesIO(data)) as archive:
        assert archive.namelist() == ["nodes.csv", "links.csv"]
        assert archive.read("links.csv").decode("utf-8-sig").splitlines()[1] == "support-å-b,support,å,b,,,,"
        assert archive.read("nodes.csv").startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize(
    ("data", "line", "words"),
    [
        (b"a,b\n1,2\n", 1, "names neither"),
        (b"id,text\n\xff,x\n", 2, "not UTF-8"),
        (b"PK\x03\x04damaged", 0, "damaged"),
        (csv_tables.bundle({"readme.txt": b""}), 0, "no table"),
        (csv_tables.bundle({"a.csv": b"x" * (csv_tables.LARGEST // 64)})[:-10], 0, "damaged"),
    ],
)
def test_what_is_no_table_is_refused(data: bytes, line: int, words: str) -> None:
    with pytest.raises(FormatError, match=words) as refused:
        registry.load(data, "x.csv", "csv")
    assert refused.value.line == line


FOREIGN = """<?xml version="1.0"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
  <key id="l" for="node" attr.name="label" attr.type="string"/>
  <key id="r" for="edge" attr.name="type" attr.type="string"/>
  <graph edgedefault="directed">
    <node id="n0"><data key="l">Fuel should be dearer</data></node>
    <node id="n1"><data key="l">Roads wear out</data></node>
    <node id="n2"><data key="l">Rain wears them</data></node>
    <edge source="n1" target="n0"><data key="r">support</data></edge>
    <edge source="n2" target="n1"><data key="r">attack</data></edge>
    <edge source="n2" target="n0"/>
  </graph>
</graphml>"""


def test_a_graph_of_another_program_is_read_and_an_edge_without_a_kind_is_not_guessed() -> None:
    imported = read(FOREIGN, "x.graphml", "graphml")
    assert steps(imported) == {("support", ("n1",), "n0"), ("attack", ("n2",), "n1")}
    assert imported.model.nodes["n0"].text == "Fuel should be dearer"
    assert [(loss.kind, loss.what) for loss in imported.losses.losses] == [("dropped", "edge from n2 to n0")]


def test_a_graph_that_declares_entities_is_refused() -> None:
    with pytest.raises(FormatError, match="entities"):
        read('<!DOCTYPE g [<!ENTITY a "aaaa">]><graphml/>', "x.graphml", "graphml")


def test_a_framework_of_attacks_comes_and_goes_and_supports_are_told() -> None:
    imported = read("arg(a). arg(b). att(a,b).", "x.apx", "iccma")
    exported = registry.dump(imported.model, "iccma")
    assert exported.data == b"arg(a).\narg(b).\natt(a,b).\n"
    given = read("source,kind,target\na,support,b\n")
    assert ("support-a-b", "support") in {
        (x.place, x.what) for x in registry.dump(given.model, "iccma").losses.losses
    }


def test_tables_that_unpack_to_more_than_is_allowed_are_refused_before_they_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(csv_tables, "LARGEST", 1000)
    packed = csv_tables.bundle(
        {"nodes.csv": b"id\n" + b"x" * 600, "links.csv": b"source,target\n" + b"x" * 600}
    )
    with pytest.raises(FormatError, match="more than 1,000 bytes together"):
        registry.load(packed, "x.zip", "csv")
