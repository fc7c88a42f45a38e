"""GraphML, as Gephi, yEd and Cytoscape open it: statements, evidence, studies and steps as nodes.

A step is a node, so that an attack on a step or on an attack is an edge like any other; what it means stands
in the node's `kind` and the edge's `role`. Graphs of other programs are read too: an edge between two
statements is then a step of its own, of the kind that the edge names; and maps of AIF that are drawn in yEd,
whose nodes have a `nodeType` such as RA-node and their words in `description`.
"""

from __future__ import annotations

import html
import io
import re
import textwrap
import warnings
import xml.etree.ElementTree as ElementTree
from collections import Counter, defaultdict
from typing import Any, Final

import networkx as nx
from networkx.readwrite.graphml import GraphMLWriter

from argraph.errors import FormatError
from argraph.exchange import yed
from argraph.exchange.model import Ledger, LossReport, Model
from argraph.exchange.table import STEPS, Row, columns, model_of, rows

_TAG: Final = re.compile(r"<[^<>]{0,200}>")
_UNWRITABLE: Final = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_OF_NODES: Final = ("id", "kind", "label", "text")
_DRAWN: Final = frozenset({"nodegraphics", "edgegraphics", "shape_type", "x", "y"})
"""What networkx makes of yEd's drawings."""
_OF_AIF: Final = {
    "l": "locution",
    "ya": "illocution",
    "ta": "transition",
    "ma": "rephrase",
    "pa": "preference",
}
"""Kinds of nodes in maps of AIF that are neither statements nor steps."""
_BARE: Final = frozenset({"RA", "CA", *(kind.upper() for kind in _OF_AIF if kind != "l")})
"""What such maps write into a box that has no words of its own."""


def load(data: bytes, name: str) -> tuple[Model, LossReport]:
    """Read a graph.

    Raises:
        FormatError: It is no GraphML.
    """
    graph = _graph(data, name)
    ledger = Ledger()
    nodes: list[tuple[str, Row]] = []
    steps: dict[str, dict[str, str]] = {}
    left_out: set[str] = set()
    for key, attributes in graph.nodes(data=True):
        row = _row(attributes, "type")
        if row.get("id", str(key)) != str(key):
            reason = "nodes are named as the edges name them"
            ledger.tally(f"node {key}", "id beside the name of the node", reason, "dropped")
        row["id"] = str(key)
        if (kind := row.get("kind", "").strip().casefold()) in _OF_AIF:
            left_out.add(str(key))
            reason = "it is no part of the argument, and only AIF itself keeps it"
            ledger.add(f"node {key}", f"{_OF_AIF[kind]} “{row.get('label', '')[:40]}”", reason)
            continue
        if row.pop("unlabelled", ""):
            row.pop("label", None)
        if row.get("kind", "").strip().casefold() in STEPS:
            steps[str(key)] = row
        else:
            nodes.append((f"node {key}", row))
    edges = _Edges(steps, left_out, ledger)
    for start, end, name, attributes in graph.edges(keys=True, data=True):
        edges.take(f"edge {name}", str(start), str(end), _row(attributes, "role"))
    links = edges.links()
    model, found = model_of(nodes, links)
    ledger.extend(found.report().losses)
    return model, ledger.report()


def _graph(data: bytes, name: str) -> Any:
    if b"<!DOCTYPE" in data[:4096] or b"<!ENTITY" in data:
        raise FormatError("It declares entities, which no graph needs. Save it without them.", name=name)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns of keys without a type, which it takes for texts
            graph = nx.read_graphml(io.BytesIO(data), force_multigraph=True)
    except ElementTree.ParseError as fault:
        raise FormatError(f"This is no XML: {fault}.", name=name, line=fault.position[0]) from None
    except Exception as fault:  # networkx raises whatever a malformed attribute leads to
        raise FormatError(f"This is no GraphML that can be read: {str(fault)[:200]}", name=name) from None
    return graph


def _row(attributes: dict[str, Any], kind: str) -> dict[str, str]:
    said = {k: _cell(v) for k, v in attributes.items() if v is not None and k not in _DRAWN}
    said = {k: v for k, v in said.items() if v.strip()}
    if said.get("label", "").startswith("<html>"):
        said["label"] = " ".join(html.unescape(_TAG.sub(" ", said["label"])).split())
    heads = columns(list(said), _OF_NODES)
    row = {head: value for head, value in zip(heads, said.values(), strict=True) if value}
    if "nodetype" in row and "kind" not in row:
        row["kind"] = row.pop("nodetype").strip().casefold().removesuffix("-node")
    elif (
        kind == "type" and "text" not in row and row.get("label", "") in {"RA", "CA", "MA", "YA", "TA", "PA"}
    ):
        row.setdefault("kind", row["label"])
    if "description" in row and "text" not in row:
        row["text"] = row.pop("description")
    if "kind" not in row and kind in row and row[kind].strip().casefold() in {*STEPS, "i"}:
        row["kind"] = row.pop(kind)
    return row


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else ""
    return str(value)


class _Edges:
    """What the edges of a graph mean, by the nodes that they join."""

    def __init__(self, steps: dict[str, dict[str, str]], left_out: set[str], ledger: Ledger) -> None:
        self._steps, self._left_out, self._ledger = steps, left_out, ledger
        self._premises: defaultdict[str, list[str]] = defaultdict(list)
        self._ends: defaultdict[str, list[str]] = defaultdict(list)
        self._links: list[tuple[str, Row]] = []

    def take(self, place: str, start: str, end: str, said: Row) -> None:
        role = said.get("role", "").casefold()
        if start in self._left_out or end in self._left_out:
            what = f"edge from {start[:40]} to {end[:40]}"
            self._ledger.add(place, what, "one of its ends is left out")
        elif start in self._steps and (role == "end" or role != "premise"):
            self._ends[start].append(end)
        elif end in self._steps:
            self._premises[end].append(start)
        elif role not in {"reported in", "about"}:  # these the node itself says as well
            self._step(place, start, end, said)

    def _step(self, place: str, start: str, end: str, said: Row) -> None:
        """An edge between two statements, which is a step of its own."""
        told = (said.get(key, "").strip().casefold() for key in ("kind", "relation", "role", "type", "label"))
        if kind := next((word for word in told if word in STEPS), ""):
            self._links.append((place, {"kind": kind, "source": start, "target": end}))
        else:
            reason = "nothing says whether it is a support or an attack, and that is not guessed"
            self._ledger.add(place, f"edge from {start[:40]} to {end[:40]}", reason)

    def links(self) -> list[tuple[str, Row]]:
        """A row for each premise of each step."""
        for name, row in self._steps.items():
            premises, ends, place = self._premises[name], self._ends[name], f"node {name}"
            for end in ends[1:]:
                self._ledger.add(place, f"end {end}", f"a step has one end, and {ends[0]} is given first")
            if not ends or not premises:
                missing = "leads nowhere" if not ends else "starts from nothing"
                self._ledger.add(place, row["kind"], f"it {missing}")
                continue
            about = {key: value for key, value in row.items() if key not in {"id", "label"}}
            if (label := row.get("label", "")).casefold() not in STEPS and not about.get("text"):
                about["text"] = label
            for premise in premises:
                self._links.append((place, about | {"step": name, "source": premise, "target": ends[0]}))
        return self._links


def dump(model: Model) -> bytes:
    """Write a graph; signs that XML cannot hold are replaced."""
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    nodes, links = rows(model)
    for row in nodes:
        about = {key: _writable(value) for key, value in row.items() if key != "id" and value}
        about.setdefault("label", textwrap.shorten(_writable(row.get("text", "")), 60, placeholder=" …"))
        if not row.get("label"):
            about["unlabelled"] = "true"
        graph.add_node(_writable(row["id"]), **about)
    edges: list[tuple[str, str, str]] = []
    for row in links:
        step = _writable(row["step"])
        if step not in graph:
            about = {
                key: _writable(row[key])
                for key in ("kind", "scheme", "directness", "grade", "text")
                if row[key]
            }
            graph.add_node(step, label=row["kind"], **about)
            edges.append((step, _writable(row["target"]), "end"))
        edges.append((_writable(row["source"]), step, "premise"))
    edges += [
        (_writable(node.iri), _writable(study), "reported in")
        for node in model.nodes.values()
        for study in node.studies
        if study in model.studies
    ]
    for number, (start, end, role) in enumerate(edges):
        graph.add_edge(start, end, key=str(number), role=role)
    writer = GraphMLWriter(encoding="utf-8", named_key_ids=True)
    writer.add_graph_element(graph)
    _told_apart(writer.xml)
    yed.draw(writer.xml, {name: graph.nodes[name] for name in graph}, _places(graph))
    written = io.BytesIO()
    writer.dump(written)
    return written.getvalue()


def _told_apart(root: ElementTree.Element) -> None:
    """Name the keys of edges otherwise: nodes have a `role`, too, and no two keys may be named alike."""
    for key in root.iter("key"):
        if key.get("for") == "edge":
            key.set("id", f"edge-{key.get('id')}")
    for edge in root.iter("edge"):
        for data in edge.iter("data"):
            data.set("key", f"edge-{data.get('key')}")


def _places(graph: nx.MultiDiGraph[str]) -> dict[str, tuple[int, int]]:
    """Row and column of each node in a drawing: what leads to something stands below it."""
    above = [name for name in graph if not graph.out_degree(name)]
    rows: dict[str, int] = {}
    for row, layer in enumerate(nx.bfs_layers(graph.reverse(copy=False), above) if above else ()):
        rows.update(dict.fromkeys(layer, row))
    used: Counter[int] = Counter()
    places = {}
    for name in graph:
        row = rows.get(name, 0)
        places[name] = row, used[row]
        used[row] += 1
    return places


def _writable(text: str) -> str:
    return _UNWRITABLE.sub("\N{REPLACEMENT CHARACTER}", text)
