"""A debate as one file that opens from disk: a map drawn by pyvis, the same as an outline, no requests."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import Any, Final
from urllib.parse import urlsplit

import pyvis
from jinja2 import Environment, PackageLoader, StrictUndefined
from pyvis.network import Network

from argraph.view.drawing import DARK, FONTS, ICONS, LIGHT, LINES, MARKS, SIGNS, WORDS, describe, hidden
from argraph.view.layout import place
from argraph.view.lines import clean
from argraph.view.routes import GAP
from argraph.view.scene import WIDTH, Card, Edge, Row, Scene
from argraph.view.stage import WHOLE, Extent, Stage

_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
)
_STRETCH: Final = 1.55
"""Of the distance between columns: the curves that pyvis draws need more room to arrive from the side."""
_OPTIONS: Final[dict[str, Any]] = {
    "physics": {"enabled": False},
    "layout": {"improvedLayout": False},
    "interaction": {"dragNodes": False, "hover": True, "tooltipDelay": 200, "zoomView": False},
    "nodes": {
        "shape": "box",
        "margin": 12,
        "borderWidth": 2,
        "borderWidthSelected": 3,
        "shapeProperties": {"borderRadius": 10},
        "widthConstraint": {"minimum": WIDTH - 24},
        "font": {"face": FONTS, "size": 14, "align": "left"},
    },
    "edges": {"smooth": {"enabled": True, "type": "cubicBezier", "forceDirection": "horizontal"}},
    "groups": {
        f"{kind} {status}": {
            "color": {
                "background": LIGHT["card"],
                "border": LIGHT[kind],
                "highlight": {"background": LIGHT["card"], "border": LIGHT["thesis"]},
                "hover": {"background": LIGHT["paper"], "border": LIGHT[kind]},
            },
            "font": {"color": LIGHT["soft" if status == "rejected" else "ink"]},
            "shapeProperties": {"borderDashes": dashes, "borderRadius": 10},
        }
        for kind in ICONS
        for status, dashes in (("accepted", False), ("rejected", [5, 4]), ("undecided", [2, 3]))
    }
    | {
        f"joint {relation}": {
            "shape": "circle",
            "margin": 3,
            "widthConstraint": {"minimum": 16},
            "color": {"background": LIGHT["paper"], "border": LIGHT[colour]},
            "font": {"color": LIGHT[colour], "size": 15},
        }
        for relation, (colour, _, _) in LINES.items()
    },
}
_RELATIONS: Final[dict[str, dict[str, Any]]] = {
    relation: {
        "color": {"color": LIGHT[name], "highlight": LIGHT[name], "hover": LIGHT[name]},
        "width": thick,
        "dashes": [float(part) for part in dashes.split()] or False,
        "font": {"color": LIGHT[name], "size": 16, "strokeWidth": 5, "strokeColor": LIGHT["paper"]},
    }
    for relation, (name, thick, dashes) in LINES.items()
}


def html(stage: Stage, root: str, extent: Extent = WHOLE, *, title: str = "", credit: str = "") -> str:
    """A page that needs nothing but a browser: the map, and below it the outline with texts and sources.

    Args:
        stage: The debate.
        root: IRI of a statement or evidence item.
        extent: How much is shown.
        title: Of the page; by default the label of the root.
        credit: Source and licence in a line.

    Raises:
        UnknownNode: The debate has no such statement or evidence item.
    """
    scene = place(stage.scene(root, extent))
    rows = stage.outline(root, extent)
    near = {card.id: _near(stage, card) for card in scene.cards if card.open or card.evidence_open}
    network = to_pyvis(near.get(scene.root, scene))
    network.heading = clean(title or scene.cards[0].label)
    network.templateEnv.globals.update(
        credit=clean(credit),
        cards={
            card.id: _card(_folded(stage, card)) | {"row": f"row-{i}"} for i, card in enumerate(scene.cards)
        },
        views=_views(scene, near),
        lead=scene.cards[0].text,
        rows=[*_rows(stage, scene, rows)],
        legend=[
            (relation, WORDS[relation]) for relation in LINES if any(r.relation == relation for r in rows)
        ],
    )
    return str(network.generate_html("page.html"))


def to_pyvis(scene: Scene) -> Network:
    """A placed scene as a network of pyvis, with fixed positions and a template that is safe and offline.

    Steps that have a joint are nodes of their own, named `step KEY`; cards are named by their keys.
    """
    network = Network(height="100%", width="100%", directed=True, cdn_resources="in_line")
    # pyvis's own methods for adding look through all that is there already, twice for each edge.
    network.nodes = [*_nodes(scene)]
    network.node_ids = [node["id"] for node in network.nodes]
    network.node_map = {node["id"]: node for node in network.nodes}
    network.edges = [_RELATIONS[line["relation"]] | line for line in _lines(scene)]
    network.options = _OPTIONS
    network.heading = scene.cards[0].label
    network.path = "page.html"
    network.templateEnv = Environment(
        loader=PackageLoader("argraph.view"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    scripts = _library(), _own("page.js")
    network.templateEnv.globals.update(
        policy=f"{_POLICY}; script-src {' '.join(map(_digest, scripts))}",
        library=scripts[0],
        script=scripts[1],
        style=_own("page.css"),
        settings=_OPTIONS,
        relations=_RELATIONS,
        dark={LIGHT[name]: DARK[name] for name in LIGHT},
        root=scene.root,
        cards={},
        views={},
        described=describe(scene),
        credit="",
        lead=scene.cards[0].text,
        rows=[],
        legend=[(name, WORDS[name]) for name in LINES if any(edge.relation == name for edge in scene.edges)],
    )
    return network


def _digest(script: str) -> str:
    """How a content security policy names a script that may run: what is not named never does."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


@cache
def _library() -> str:
    """The script of vis-network that pyvis brings, in its newest version."""
    found = sorted((files(pyvis) / "templates" / "lib").iterdir(), key=lambda folder: folder.name)
    folder = [folder for folder in found if folder.name.startswith("vis-")][-1]
    text = (folder / "vis-network.min.js").read_text(encoding="utf-8")
    return text.replace("</script", r"<\/script").replace("<!--", r"<\!--")


@cache
def _own(name: str) -> str:
    return (files("argraph.view") / "templates" / name).read_text(encoding="utf-8")


def _nodes(scene: Scene) -> Iterator[dict[str, Any]]:
    for card in scene.cards:
        yield _card(card) | {"x": round((card.x + card.w / 2) * _STRETCH, 1), "y": card.y + card.h / 2}
    for edge in scene.edges:
        if edge.joint and edge.trunk:
            yield {
                "id": _joint(edge.id),
                "label": SIGNS[edge.relation],
                "title": f"{edge.relation.replace('-', ' ')}; this inference {edge.standing}",
                "group": f"joint {edge.relation}",
                "x": round(edge.joint[0] * _STRETCH, 1),
                "y": edge.joint[1],
            }


def _card(card: Card) -> dict[str, Any]:
    more = hidden(card.more)
    head = f"{card.role or card.kind.capitalize()} · {MARKS[card.status]} {card.standing}"
    source = f" ({card.label})" if card.kind == "evidence" and card.text else ""
    whole = clean(f"{card.kind.capitalize()}, {card.standing}: {card.text or card.label}{source}")
    return {
        "id": card.id,
        "label": "\n".join([head, *card.wrapped, *([f"▸ {more}"] if more else [])]),
        "title": whole,
        "group": f"{card.kind} {card.status}",
    }


def _joint(step: str) -> str:
    """The name of a step's joint; no key has a space in it."""
    return f"step {step}"


def _lines(scene: Scene) -> Iterator[dict[str, Any]]:
    """Every line between two nodes, without what all lines of its relation have in common."""
    begun: set[str] = set()
    for edge in scene.edges:
        end = _joint(edge.target_step) if edge.target_step else edge.target
        if edge.joined:
            yield _line(edge, edge.source, _joint(edge.id)) | {"arrows": ""}
            if edge.id not in begun:
                begun.add(edge.id)
                yield _line(edge, _joint(edge.id), end)
        else:
            yield _line(edge, edge.source, end) | {"label": SIGNS[edge.relation]}


def _line(edge: Edge, start: str, end: str) -> dict[str, Any]:
    return {
        "from": start,
        "to": end,
        "arrows": "to",
        "relation": edge.relation,
        "title": f"{edge.relation.replace('-', ' ')}; this step {edge.standing}",
        "hidden": edge.quiet,
    }


def _folded(stage: Stage, card: Card) -> Card:
    """The card with counts of all that is for and against it."""
    return replace(card, more=stage.scene(card.iri, Extent(depth=0)).cards[0].more)


def _near(stage: Stage, card: Card) -> Scene:
    """A card with what is for and against it, its evidence, and what is against these steps."""
    return place(
        stage.scene(card.iri, Extent(depth=1, limit=None, opening=None, evidence=(card.iri,), beside=True))
    )


def _views(scene: Scene, near: dict[str, Scene]) -> dict[str, dict[str, Any]]:
    """What the map shows around each card, with the card it is placed under, and the whole under no name."""
    views = {key: _view(view) for key, view in near.items() if len(view.cards) > 1}
    steps = {(edge.source, edge.id): edge for edge in scene.edges}
    for card in scene.cards:
        if card.id in views and card.parent is not None:
            x, y = views[card.id]["places"][card.id]
            views[card.id]["places"].setdefault(card.parent, (x - (WIDTH + GAP) * _STRETCH, y))
            up = _line(steps[card.id, card.step], card.id, card.parent)
            views[card.id] |= {"up": card.parent, "lines": [*views[card.id]["lines"], up]}
    return views | {"": _view(scene)}


def _view(scene: Scene) -> dict[str, Any]:
    nodes = [*_nodes(scene)]
    return {
        "places": {node["id"]: (node["x"], node["y"]) for node in nodes},
        "joints": {node["id"]: node for node in nodes if node["group"].startswith("joint")},
        "lines": [*_lines(scene)],
        "up": None,
    }


def _rows(stage: Stage, scene: Scene, rows: tuple[Row, ...]) -> Iterator[dict[str, Any]]:
    """The outline as the template wants it: each row with what it opens and how many lists it closes."""
    cards = {card.id: (i, card) for i, card in enumerate(scene.cards)}
    for row, following in zip(rows, [*rows[1:], None], strict=True):
        number, card = cards[row.id]
        children = following is not None and following.level > row.level
        evidence = card.kind == "evidence"
        yield {
            "place": "" if row.seen_above else f"row-{number}",
            "seen": f"row-{number}" if row.seen_above else "",
            "elsewhere": row.elsewhere,
            "relation": row.relation,
            "sign": SIGNS.get(row.relation, ""),
            "status": row.status,
            "standing": row.standing,
            "mark": MARKS[row.status],
            "finding": evidence,
            "told": not evidence or row.status != "accepted",
            "label": clean(row.words) or row.id,
            "text": "" if row.seen_above or evidence or card.text == row.label else clean(card.text),
            "sources": [] if row.seen_above or not evidence else [*_sources(stage, card.iri)],
            "hidden": "" if row.seen_above else hidden(row.more),
            "children": children,
            "open": row.level < 3,
            "closes": 0 if children else row.level - (following.level if following else 1),
        }


def _sources(stage: Stage, iri: str) -> Iterator[dict[str, str]]:
    """The studies that report a finding, with links to the web where they have them."""
    for name in stage.argument.nodes[iri].studies:
        study = stage.argument.studies.get(name)
        if study is not None:
            title = clean(f"{study.citation}: {study.title}")
            yield {"text": title, "href": study.link if _on_the_web(study.link) else ""}


def _on_the_web(url: str) -> bool:
    """Whether an address may be linked to: http or https, with a host.

    >>> _on_the_web("https://doi.org/10.1/x"), _on_the_web("javascript:alert(1)")
    (True, False)
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(host) and url.isprintable() and " " not in url
