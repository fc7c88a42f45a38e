"""A scene in the languages of other programs: DOT for Graphviz, and Mermaid."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from argraph.view.drawing import LIGHT, LINES, MARKS
from argraph.view.lines import clean
from argraph.view.scene import Edge, Scene


def dot(scene: Scene, *, title: str) -> str:
    """A scene in the language of Graphviz, steps with a joint as points of their own."""
    names = {card.id: f"n{i}" for i, card in enumerate(scene.cards)}
    joints = {step: f"s{i}" for i, step in enumerate(dict.fromkeys(e.id for e in scene.edges if e.joined))}
    text = [
        "digraph argraph {",
        f"  graph [rankdir=RL, label={_quoted(title)}, labelloc=t, fontname=Helvetica];",
        '  node [shape=box, style="rounded,filled", fillcolor=white, fontname=Helvetica, fontsize=11];',
        "  edge [fontname=Helvetica, fontsize=9];",
    ]
    for card in scene.cards:
        style = {"accepted": "solid", "rejected": "dashed", "undecided": "dotted"}[card.status]
        head = f"{card.kind.capitalize()} · {MARKS[card.status]} {card.standing}"
        label = "\n".join([head, *card.wrapped])
        text.append(
            f"  {names[card.id]} [label={_quoted(label)}, tooltip={_quoted(card.text or card.label)}, "
            f'style="rounded,filled,{style}", color={_quoted(LIGHT[card.kind])}];'
        )
    for joint in joints.values():
        text.append(f"  {joint} [shape=point, width=0.08];")
    for start, end, edge, arrow in _links(scene, names, joints):
        colour, thick, dashes = LINES[edge.relation]
        style = {"": "solid", "0.1 6": "dotted"}.get(dashes, "dashed")
        label = f", label={_quoted(edge.relation.replace('-', ' '))}" if arrow else ", arrowhead=none"
        text.append(
            f"  {start} -> {end} [color={_quoted(LIGHT[colour])}, style={style}, penwidth={thick:g}{label}];"
        )
    return "\n".join([*text, "}", ""])


def mermaid(scene: Scene, *, title: str) -> str:
    """A scene as a Mermaid flowchart."""
    names = {card.id: f"n{i}" for i, card in enumerate(scene.cards)}
    joints = {step: f"s{i}" for i, step in enumerate(dict.fromkeys(e.id for e in scene.edges if e.joined))}
    text = ["---", f"title: {_yaml(title)}", "---", "flowchart RL"]
    for card in scene.cards:
        head = f"{card.kind.capitalize()}, {card.standing}"
        text.append(
            f'  {names[card.id]}["{_entities(head)}<br>{_entities(clean(card.words))}"]:::{card.status}'
        )
    for joint in joints.values():
        text.append(f'  {joint}((" "))')
    arrows = {"": ("---", "-->"), "0.1 6": ("-.-", "-.->")}
    styles = []
    for i, (start, end, edge, arrow) in enumerate(_links(scene, names, joints)):
        colour, thick, dashes = LINES[edge.relation]
        plain, pointed = arrows.get(dashes, ("---", "-->"))
        if arrow:
            text.append(f"  {start} {pointed}|{edge.relation.replace('-', ' ')}| {end}")
        else:
            text.append(f"  {start} {plain} {end}")
        dashed = f",stroke-dasharray:{dashes}" if dashes else ""
        styles.append(f"  linkStyle {i} stroke:{LIGHT[colour]},stroke-width:{thick:g}px{dashed}")
    for status, line, ink, dashes in (
        ("accepted", "support", "ink", "none"),
        ("rejected", "attack", "soft", "5 4"),
        ("undecided", "undercut", "ink", "2 3"),
    ):
        look = f"fill:{LIGHT['card']},stroke:{LIGHT[line]},color:{LIGHT[ink]},stroke-dasharray:{dashes}"
        text.append(f"  classDef {status} {look}")
    return "\n".join([*text, *styles, ""])


def _links(
    scene: Scene, names: Mapping[str, str], joints: Mapping[str, str]
) -> Iterator[tuple[str, str, Edge, bool]]:
    """Every line of a scene as two names, its edge, and whether it ends in an arrow."""
    begun = set()
    for edge in scene.edges:
        end = joints[edge.target_step] if edge.target_step else names[edge.target]
        if edge.id in joints:
            yield names[edge.source], joints[edge.id], edge, False
            if edge.id in begun:
                continue
            begun.add(edge.id)
            yield joints[edge.id], end, edge, True
        else:
            yield names[edge.source], end, edge, True


def _quoted(text: str) -> str:
    r"""A string of DOT, in which a backslash begins an escape.

    >>> print(_quoted('a "b"\n\\N'))
    "a \"b\"\n\\N"
    """
    lines = (clean(line).replace("\\", "\\\\").replace('"', '\\"') for line in text.split("\n"))
    return '"' + "\\n".join(lines) + '"'


def _entities(text: str) -> str:
    """Text within quotation marks of Mermaid, which reads `#name;` as an entity and Markdown in backticks.

    >>> _entities('<b> "x" #1')
    '#60;b#62; #34;x#34; #35;1'
    """
    return "".join(f"#{ord(c)};" if c in _SPECIAL else c for c in text)


_SPECIAL: Final = frozenset("\"#&<>`'\\;{}[]()|%*_$~")


def _yaml(text: str) -> str:
    """A title for the head of a Mermaid file: a YAML string in double quotation marks."""
    return '"' + clean(text).replace("\\", "\\\\").replace('"', '\\"') + '"'
