"""How yEd draws a graph of GraphML: it shows boxes, words and arrows only where the file describes them.

What is drawn stands beside the data and says nothing that they do not. yEd lays a graph out at a command
(Layout, Hierarchical); until then, what leads to a thesis stands in rows below it.
"""

from __future__ import annotations

import textwrap
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping
from typing import Any, Final

NODES: Final = "d3"
EDGES: Final = "d7"
"""The keys that yEd's drawings stand under. Gephi takes what stands under keys of these names for labels, as
yEd used to name them so; under any other name it would complain that they have no type."""

_NAMESPACE: Final = "http://www.yworks.com/xml/graphml"
_SCHEMA: Final = (
    "http://graphml.graphdrawing.org/xmlns http://www.yworks.com/xml/schema/graphml/1.1/ygraphml.xsd"
)
_SHAPES: Final = {
    "thesis": ("roundrectangle", "#fff3c4"),
    "claim": ("roundrectangle", "#ffffff"),
    "objection": ("roundrectangle", "#fbe0dd"),
    "rebuttal": ("roundrectangle", "#dcebfb"),
    "evidence": ("rectangle", "#e4f2e1"),
    "study": ("rectangle", "#eeeeee"),
    "support": ("ellipse", "#cfe8cf"),
    "attack": ("ellipse", "#f3c7c2"),
    "evidence for": ("ellipse", "#cfe8cf"),
    "evidence against": ("ellipse", "#f3c7c2"),
}
_STEPS: Final = frozenset({"support", "attack", "evidence for", "evidence against"})
_LINES: Final = {"ellipse#cfe8cf": "#2f7d32", "ellipse#f3c7c2": "#b3261e"}
_LETTERS: Final = 30
"""Letters in a line of a box."""


def draw(
    root: ElementTree.Element,
    nodes: Mapping[str, Mapping[str, Any]],
    places: Mapping[str, tuple[int, int]],
) -> None:
    """Add to a file what yEd needs to draw its nodes and edges.

    Args:
        root: The element `graphml`, as networkx makes it: names without a namespace.
        nodes: What its nodes say: a `kind` and a `label`.
        places: Row and column of each.
    """
    root.set("xmlns:y", _NAMESPACE)
    root.set("xsi:schemaLocation", _SCHEMA)
    for key, what in ((EDGES, "edge"), (NODES, "node")):
        declared = {"id": key, "for": what, "yfiles.type": f"{what}graphics"}
        root.insert(0, ElementTree.Element("key", declared))
    for node in root.iter("node"):
        name = node.get("id", "")
        node.insert(0, _box(nodes[name], *places[name]))
    for edge in root.iter("edge"):
        ends = (nodes[edge.get(end, "")].get("kind", "") for end in ("source", "target"))
        step = next((kind for kind in ends if kind in _STEPS), "")
        edge.insert(0, _arrow(step, nodes[edge.get("target", "")].get("kind", "")))


def _box(about: Mapping[str, Any], row: int, column: int) -> ElementTree.Element:
    kind = str(about.get("kind", ""))
    shape, fill = _SHAPES.get(kind, ("rectangle", "#f6f6f6"))
    lines = textwrap.wrap(str(about.get("label", "")), _LETTERS) or [""]
    width = 110 if kind in _STEPS else 230
    place = {"x": str(column * 260.0), "y": str(row * 130.0)}
    data = ElementTree.Element("data", {"key": NODES})
    box = ElementTree.SubElement(data, "y:ShapeNode")
    size = {"width": f"{width}.0", "height": str(16.0 * len(lines) + 14)}
    ElementTree.SubElement(box, "y:Geometry", place | size)
    ElementTree.SubElement(box, "y:Fill", {"color": fill, "transparent": "false"})
    ElementTree.SubElement(box, "y:BorderStyle", {"color": "#555555", "type": "line", "width": "1.0"})
    ElementTree.SubElement(box, "y:NodeLabel", {"fontSize": "12"}).text = "\n".join(lines)
    ElementTree.SubElement(box, "y:Shape", {"type": shape})
    return data


def _arrow(step: str, target: str) -> ElementTree.Element:
    """An arrow into what a step leads to; a line from what it starts from."""
    shape, fill = _SHAPES.get(step, ("", ""))
    data = ElementTree.Element("data", {"key": EDGES})
    line = ElementTree.SubElement(data, "y:PolyLineEdge")
    style = {"color": _LINES.get(shape + fill, "#888888"), "type": "line", "width": "1.5"}
    ElementTree.SubElement(line, "y:LineStyle", style)
    ElementTree.SubElement(
        line, "y:Arrows", {"source": "none", "target": "none" if target == step else "standard"}
    )
    return data
