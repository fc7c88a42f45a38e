"""GraphML, as Gephi, yEd and Cytoscape open it: statements, evidence, studies and steps as nodes.

A step is a node, so that an attack on a step or on an attack is an edge like any other; what it means stands
in the node's `kind` and the edge's `role`. Graphs of other programs are read too: an edge between two
statements is then a step of its own, of the kind that the edge names.
"""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as ElementTree
from collections import defaultdict
from typing import Any, Final

import networkx as nx

from argraph.errors import FormatError
from argraph.exchange.model import Ledger, LossReport, Model
from argraph.exchange.table import STEPS, Row, columns, model_of, rows

_UNWRITABLE: Final = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_OF_NODES: Final = ("id", "kind", "label", "text")


def load(data: bytes, name: str) -> tuple[Model, LossReport]:
    """Read a graph.

    Raises:
        FormatError: It is no GraphML.
    """
    graph = _graph(data, name)
    ledger = Ledger()
    nodes: list[tuple[str, Row]] = []
    steps: dict[str, dict[str, str]] = {}
    for key, attributes in graph.nodes(data=True):
        row = _row(attributes, "type")
        row["id"] = str(key)
        if row.pop("unlabelled", ""):
            row.pop("label", None)
        if row.get("kind", "").strip().casefold() in STEPS:
            steps[str(key)] = row
        else:
            nodes.append((f"node {key}", row))
    links = _links(graph, steps, ledger)
    model, found = model_of(nodes, links)
    ledger.extend(found.report().losses)
    return model, ledger.report()


def _graph(data: bytes, name: str) -> Any:
    if b"<!DOCTYPE" in data[:4096] or b"<!ENTITY" in data:
        raise FormatError("It declares entities, which no graph needs. Save it without them.", name=name)
    try:
        graph = nx.read_graphml(io.BytesIO(data), force_multigraph=True)
    except ElementTree.ParseError as fault:
        raise FormatError(f"This is no XML: {fault}.", name=name, line=fault.position[0]) from None
    except Exception as fault:  # networkx raises whatever a malformed attribute leads to
        raise FormatError(f"This is no GraphML that can be read: {str(fault)[:200]}", name=name) from None
    return graph


def _row(attributes: dict[str, Any], kind: str) -> dict[str, str]:
    said = {k: _cell(v) for k, v in attributes.items() if v is not None}
    heads = columns(list(said), _OF_NODES)
    row = {head: value for head, value in zip(heads, said.values(), strict=True) if value}
    if "kind" not in row and kind in row and row[kind].strip().casefold() in {*STEPS, "i"}:
        row["kind"] = row.pop(kind)
    return row


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else ""
    return str(value)


def _links(graph: Any, steps: dict[str, dict[str, str]], ledger: Ledger) -> list[tuple[str, Row]]:
    premises: defaultdict[str, list[str]] = defaultdict(list)
    ends: defaultdict[str, list[str]] = defaultdict(list)
    links: list[tuple[str, Row]] = []
    for number, (start, end, attributes) in enumerate(graph.edges(data=True)):
        start, end, said = str(start), str(end), _row(attributes, "role")
        role = said.get("role", "").casefold()
        place = f"edge {said.get('id', number)}"
        if start in steps and (role == "end" or role != "premise"):
            ends[start].append(end)
        elif end in steps:
            premises[end].append(start)
        elif role in {"reported in", "about"}:
            continue  # said by the node itself as well
        else:
            words = (
                said.get(key, "").strip().casefold() for key in ("kind", "relation", "role", "type", "label")
            )
            kind = next((word for word in words if word in STEPS), "")
            if kind:
                links.append((place, {"kind": kind, "source": start, "target": end}))
            else:
                reason = "nothing says whether it is a support or an attack, and that is not guessed"
                ledger.add(place, f"edge from {start[:40]} to {end[:40]}", reason)
    for name, row in steps.items():
        for end in ends.get(name, ())[1:]:
            ledger.add(
                f"node {name}", f"end {end}", f"a step has one end, and {ends[name][0]} is given first"
            )
        if not ends.get(name) or not premises.get(name):
            missing = "leads nowhere" if not ends.get(name) else "starts from nothing"
            ledger.add(f"node {name}", row["kind"], f"it {missing}")
            continue
        about = {key: value for key, value in row.items() if key not in {"id", "label"}}
        for premise in premises[name]:
            link = about | {"step": name, "source": premise, "target": ends[name][0]}
            links.append((f"node {name}", link))
    return links


def dump(model: Model) -> bytes:
    """Write a graph; signs that XML cannot hold are replaced."""
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    nodes, links = rows(model)
    for row in nodes:
        about = {key: _writable(value) for key, value in row.items() if key != "id" and value}
        about.setdefault("label", _writable(row.get("label") or row.get("text", "")[:60]))
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
    written = io.BytesIO()
    nx.write_graphml_xml(graph, written, encoding="utf-8", named_key_ids=True)
    return written.getvalue()


def _writable(text: str) -> str:
    return _UNWRITABLE.sub("\N{REPLACEMENT CHARACTER}", text)
