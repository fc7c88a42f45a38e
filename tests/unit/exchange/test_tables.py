"""CSV as a spreadsheet gives it, GraphML as other programs write it."""

from __future__ import annotations

import zipfile
from io import BytesIO
from xml.etree import ElementTree

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


DRAWN = """<?xml version="1.0"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns" xmlns:y="http://www.yworks.com/xml/graphml">
  <key attr.name="nodeType" attr.type="string" for="node" id="d4"/>
  <key attr.name="description" attr.type="string" for="node" id="d5"/>
  <key attr.name="id" attr.type="string" for="node" id="d7"/>
  <key attr.name="url" attr.type="string" for="node" id="d8"/>
  <key for="node" id="d6" yfiles.type="nodegraphics"/>
  <graph edgedefault="directed" id="G">
    {nodes}
    <edge id="e0" source="n1" target="n2"/>
    <edge id="e1" source="n2" target="n0"/>
    <edge id="e2" source="n3" target="n4"/>
    <edge id="e3" source="n4" target="n2"/>
    <edge id="e4" source="n5" target="n0"/>
  </graph>
</graphml>"""


def boxed(name: str, label: str, **data: str) -> str:
    said = "".join(f'<data key="{key}">{value}</data>' for key, value in data.items())
    box = f"<y:ShapeNode><y:Geometry x='1.0' y='2.0'/><y:NodeLabel>{label}</y:NodeLabel></y:ShapeNode>"
    return f'<node id="{name}">{said}<data key="d6">{box}</data></node>'


def test_a_map_of_aif_that_is_drawn_in_yed_is_read_with_its_undercut() -> None:
    nodes = (
        boxed("n0", "Fuel", d4="I-node", d5="Fuel should be dearer.", d8="https://example.org/fuel"),
        boxed("n1", "Roads", d4="I-node", d5="Roads are worn down.", d7="R1"),
        boxed("n2", "Expert opinion", d4="RA-node"),
        boxed("n3", "&lt;html&gt;Rain &lt;b&gt;wears&lt;/b&gt; &amp;amp; tears.&lt;/html&gt;"),
        boxed("n4", "CA"),
        boxed("n5", "MA", d4="MA-node"),
    )
    imported = read(DRAWN.replace("{nodes}", "".join(nodes)), "x.graphml", "graphml")
    assert steps(imported) == {("support", ("n1",), "n0"), ("attack", ("n3",), "n2")}
    assert imported.model.steps["n2"].text == "Expert opinion"
    assert {n: (node.label, node.text) for n, node in imported.model.nodes.items()} == {
        "n0": ("Fuel", "Fuel should be dearer."),
        "n1": ("Roads", "Roads are worn down."),
        "n3": ("Rain wears & tears.", "Rain wears & tears."),
    }
    assert [(loss.place, loss.what) for loss in imported.losses.losses] == [
        ("node n1", "id beside the name of the node"),
        ("node n5", "rephrase “MA”"),
        ("edge e4", "edge from n5 to n0"),
        ("node n0", "column “url” of a statement"),
    ]


def test_a_graph_shows_its_words_in_yed_and_in_gephi() -> None:
    text = "Fuel should be dearer, since whoever uses the roads most should pay for most of them."
    imported = read(f'source,kind,target\nRoads wear out.,support,"{text}"\n')
    root = ElementTree.fromstring(registry.dump(imported.model, "graphml").data)
    graph, drawn = "{http://graphml.graphdrawing.org/xmlns}", "{http://www.yworks.com/xml/graphml}"
    keys = {key.get("id"): key.attrib for key in root.iter(f"{graph}key")}
    assert len(keys) == len(list(root.iter(f"{graph}key")))
    assert keys["label"] == {"id": "label", "for": "node", "attr.name": "label", "attr.type": "string"}
    assert keys["d3"] == {"id": "d3", "for": "node", "yfiles.type": "nodegraphics"}
    labels, boxes = {}, {}
    for node in root.iter(f"{graph}node"):
        said = {data.get("key"): data for data in node.iter(f"{graph}data")}
        assert list(said).index("d3") < list(said).index("label")  # the last one counts for Gephi
        labels[node.get("id")] = said["label"].text
        (label,) = said["d3"].iter(f"{drawn}NodeLabel")
        boxes[node.get("id")] = label.text
    assert labels[text] == "Fuel should be dearer, since whoever uses the roads most …"
    assert boxes[text] == "Fuel should be dearer, since\nwhoever uses the roads most …"
    assert boxes[f"support-Roads wear out.-{text}"] == "support"
    arrows = [arrow.get("target") for arrow in root.iter(f"{drawn}Arrows")]
    assert sorted(map(str, arrows)) == ["none", "standard"]
    places = [(box.get("x"), box.get("y")) for box in root.iter(f"{drawn}Geometry")]
    assert len(set(places)) == 3
