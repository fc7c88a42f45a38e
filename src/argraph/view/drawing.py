"""A placed scene as a picture with real text: SVG, and PNG from it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from html import escape
from string import Template
from typing import Final, Literal, TypeAlias

from argraph.argument.wording import counted
from argraph.errors import MissingExtra, ResourceMissing
from argraph.view import scene as look
from argraph.view.lines import clean, width, wrap
from argraph.view.scene import Card, Edge, More, Point, Scene, path

Scheme: TypeAlias = Literal["auto", "light", "dark"]
Form: TypeAlias = Literal["html", "svg", "png", "dot", "mermaid"]
"""What a debate can be drawn as."""

SIGNS: Final = {"supports": "+", "attacks": "−", "undercuts": "⊘", "bears-on": "+", "weighs-against": "−"}
MARKS: Final = {"accepted": "✓", "rejected": "✕", "undecided": "?"}
ICONS: Final = {
    "thesis": "M5 18V3m0 0h10l-2.6 3.6L15 10H5",
    "claim": "M3 4h14v9.5H9L5.5 17v-3.5H3z",
    "objection": "M10 3 18 17H2zM10 8v4.5M10 14.6v.4",
    "rebuttal": "M7.5 4 3 8.5 7.5 13M3 8.5h9a5 5 0 0 1 5 5V16",
    "evidence": "M8 3v5L3.5 16.2q-.5 1.3 1 1.3h11q1.5 0 1-1.3L12 8V3M6.5 3h7M6 12.5h8",
}
"""Outlines in a box of 20 by 20."""
LIGHT: Final = {
    "paper": "#f7f6f2",
    "card": "#ffffff",
    "ink": "#1b1b20",
    "soft": "#55555f",
    "line": "#c9c5b8",
    "thesis": "#4632b8",
    "claim": "#1d5a94",
    "objection": "#a52a1c",
    "rebuttal": "#8a4b00",
    "evidence": "#0a6a4a",
    "support": "#0a6a4a",
    "attack": "#b02a1b",
    "undercut": "#7434a4",
    "finding": "#5d6b66",
    "contrary": "#8f5a52",
}
DARK: Final = {
    "paper": "#141519",
    "card": "#1e2027",
    "ink": "#eceaf0",
    "soft": "#b3b2bd",
    "line": "#454855",
    "thesis": "#b8abff",
    "claim": "#86bdf5",
    "objection": "#ff9a88",
    "rebuttal": "#f0b566",
    "evidence": "#63d3a4",
    "support": "#63d3a4",
    "attack": "#ff9080",
    "undercut": "#d7a3f7",
    "finding": "#9fb3ab",
    "contrary": "#d3a59d",
}
LINES: Final = {
    "supports": ("support", 2.0, ""),
    "attacks": ("attack", 2.2, "8 5"),
    "undercuts": ("undercut", 3.0, "0.1 6"),
    "bears-on": ("finding", 1.5, ""),
    "weighs-against": ("contrary", 1.5, "4 4"),
}
"""Colour, thickness in px and dashes of each relation."""
FONTS: Final = (
    "Inter, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, "
    "'Liberation Sans', 'Noto Sans', 'DejaVu Sans', sans-serif"
)
_PAD: Final = 17  # from a card's left edge to its text
WORDS: Final = {
    "supports": "supports",
    "attacks": "attacks",
    "undercuts": "undercuts an inference",
    "bears-on": "a finding for",
    "weighs-against": "a finding against",
}
"""Each relation in a legend."""


def svg(scene: Scene, *, title: str, credit: str = "", scheme: Scheme = "auto") -> str:
    """A picture that stands for itself: cards with their text, edges, a legend, and where it comes from.

    Args:
        scene: A placed scene.
        title: Its name.
        credit: Source and licence in a line.
        scheme: `light`, `dark`, or as the reader's system has it.
    """
    title = clean(title)
    quiet = [edge for edge in scene.edges if edge.quiet]
    drawn = [edge for edge in scene.edges if not edge.quiet]
    relations = [relation for relation in LINES if any(edge.relation == relation for edge in drawn)]
    legend = list(_legend(scene, relations))
    room = max(scene.width, 560.0)
    rows = _rows(legend, room - 2 * _MARGIN)
    below = scene.height + 30 * len(rows) + (40 if credit else 16)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{room:g}" height="{below:g}" '
        f'viewBox="0 0 {room:g} {below:g}" role="img" aria-labelledby="argraph-title argraph-desc">',
        f'<title id="argraph-title">{escape(title)}</title>',
        f'<desc id="argraph-desc">{escape(describe(scene))}</desc>',
        f"<style>{_style(scheme)}</style>",
        "<defs>",
        *(_arrow(relation) for relation in relations),
        "</defs>",
        f'<rect class="paper" width="{room:g}" height="{below:g}"/>',
    ]
    parts += [part for edge in drawn for part in _edge(edge)]
    parts += [part for card in scene.cards for part in _card(card, bool(quiet))]
    parts += [part for edge in drawn for part in _sign(edge)]
    for i, row in enumerate(rows):
        x = float(_MARGIN)
        for entry in row:
            parts.append(f'<g transform="translate({x:g} {scene.height + 30 * i:g})">{entry[1]}</g>')
            x += entry[0]
    if credit:
        line = wrap(credit, room - 2 * _MARGIN, 12, most=1)[0]
        parts.append(f'<text class="credit" x="{_MARGIN}" y="{below - 18:g}">{escape(line)}</text>')
    return "\n".join([*parts, "</svg>", ""])


_MARGIN: Final = 32


def describe(scene: Scene) -> str:
    """What a scene shows, in two or three sentences, for those who cannot see it."""
    root = scene.cards[0]
    kinds = Counter(card.kind for card in scene.cards[1:])
    words = {"evidence": ("finding", "findings"), "thesis": ("thesis", "theses")}
    shown = [counted(n, *words.get(kind, (kind,))) for kind, n in kinds.items()]
    text = f"“{root.label}” {root.standing}."
    if shown:
        text += f" Around it: {', '.join(shown)}."
    near = [c for c in scene.cards[1:] if c.level == 1]
    for side, verb in (("for", "For it"), ("against", "Against it")):
        labels = [f"“{card.label}” ({card.standing})" for card in near if card.side == side]
        if labels:
            text += f" {verb}: {'; '.join(labels)}."
    return clean(text)


def hidden(more: More, *, short: bool = False) -> str:
    """What is not shown of a card, in words; nothing where all is.

    >>> hidden(More(favour=3, undercuts=1, evidence=14))
    '3 for · 1 undercut · 14 findings'
    >>> hidden(More(favour=3, evidence=14), short=True)
    '17 more'
    """
    if short:
        total = more.favour + more.against + more.undercuts + more.evidence
        return f"{total} more" if total else ""
    told = (
        (more.favour, f"{more.favour} for"),
        (more.against, f"{more.against} against"),
        (more.undercuts, counted(more.undercuts, "undercut")),
        (more.evidence, counted(more.evidence, "finding")),
    )
    return " · ".join(text for number, text in told if number)


def further(card: Card, *, shown: bool) -> str:
    """The further links of a card in a line.

    Args:
        card: A card.
        shown: Whether those that the scene has as edges are told too.
    """
    links = [link for link in card.also if shown or not link.shown]
    if len(links) == 1:
        return f"also {links[0].relation.replace('-', ' ')} “{links[0].label}”"
    counts = Counter(link.relation.replace("-", " ") for link in links)
    return "also " + ", ".join(f"{relation} {number}" for relation, number in counts.items()) if links else ""


def _style(scheme: Scheme) -> str:
    light, dark = _STYLE.substitute(LIGHT), _STYLE.substitute(DARK)
    if scheme != "auto":
        return light if scheme == "light" else dark
    return f"{light}@media (prefers-color-scheme:dark){{{dark}}}"


_STYLE: Final = Template(
    "text{fill:$ink;font-family:" + FONTS + "}.paper,.disc{fill:$paper}.disc{stroke-width:1.2px}"
    ".card{fill:$card;stroke:$line}.rejected .card{stroke:$attack;stroke-dasharray:5 4}"
    ".undecided .card{stroke:$undercut;stroke-dasharray:2 3}"
    ".root .card{stroke:$thesis;stroke-width:2;stroke-dasharray:none}"
    f".words{{font-size:{look.SIZE}px}}.root .words{{font-size:{look.SIZE_LARGE}px;font-weight:600}}"
    ".rejected .words{fill:$soft}.kind{font-size:11.5px;font-weight:700}.mark{font-size:11px;font-weight:700}"
    ".credit,.chip,.key{font-size:12px;fill:$soft}.pill{fill:$ink}"
    ".hidden{font-size:10.5px;font-weight:600;fill:$paper;text-anchor:middle}"
    ".icon{fill:none;stroke-width:1.7;stroke-linecap:round;stroke-linejoin:round}"
    ".edge{fill:none;stroke-linecap:round}.fails{stroke-opacity:.55}"
    ".sign{font-size:13px;font-weight:700;text-anchor:middle}.ring{fill:$paper;stroke-width:2}"
    + "".join(f".of-{kind}{{fill:${kind}}}.icon-{kind}{{stroke:${kind}}}" for kind in ICONS)
    + "".join(
        f".is-{status}{{fill:${colour}}}"
        f".ring-{status}{{fill:none;stroke:${colour};stroke-width:1.3;stroke-dasharray:{dashes}}}"
        for status, colour, dashes in (
            ("accepted", "support", "none"),
            ("rejected", "attack", "3 2"),
            ("undecided", "undercut", "1.5 2"),
        )
    )
    + "".join(
        f".{relation}{{stroke:${colour}}}.fill-{relation}{{fill:${colour}}}"
        f".edge.{relation}{{stroke-width:{thick:g}px;stroke-dasharray:{dashes or 'none'}}}"
        for relation, (colour, thick, dashes) in LINES.items()
    )
)


def _arrow(relation: str) -> str:
    return (
        f'<marker id="argraph-{relation}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="11" '
        'markerHeight="11" markerUnits="userSpaceOnUse" orient="auto">'
        f'<path class="fill-{relation}" d="M0 .8 10 5 0 9.2z"/></marker>'
    )


def _edge(edge: Edge) -> Iterator[str]:
    fails = "" if edge.status == "accepted" else " fails"
    arrow = f' marker-end="url(#argraph-{edge.relation})"'
    ends = "" if edge.joined else arrow
    yield f'<path class="edge {edge.relation}{fails}" d="{path(edge.points)}"{ends}/>'
    if edge.trunk:
        yield f'<path class="edge {edge.relation}{fails}" d="{path(edge.trunk)}"{arrow}/>'


def _sign(edge: Edge) -> Iterator[str]:
    """The relation as a sign: in the joint, else near the premise."""
    if edge.joint:
        if edge.trunk:
            yield _disc(edge.joint, edge.relation, look.JOINT / 2, ring=True)
        return
    (x, y), after = edge.points[0], edge.points[1]
    ahead = -15.0 if after[0] < x else 15.0
    yield _disc((x + ahead, y), edge.relation, 7.5, ring=False)


def _disc(centre: Point, relation: str, radius: float, *, ring: bool) -> str:
    x, y = centre
    circle = (
        f'<circle class="{f"ring {relation}" if ring else "disc"}" cx="{x:g}" cy="{y:g}" r="{radius:g}"/>'
    )
    return f'{circle}<text class="sign fill-{relation}" x="{x:g}" y="{y + 4.5:g}">{SIGNS[relation]}</text>'


def _card(card: Card, quiet: bool) -> Iterator[str]:
    """The parts of a card."""
    root = " root" if card.side == "root" else ""
    yield f'<g class="{card.status}{root}" transform="translate({card.x:g} {card.y:g})">'
    whole = clean(f"{card.kind.capitalize()}, {card.standing}: {card.text or card.label}")
    yield f"<title>{escape(whole)}</title>"
    w, h = card.w, card.h
    yield f'<rect class="card" width="{w:g}" height="{h:g}" rx="10"/>'
    yield (
        f'<path class="of-{card.kind}" '
        f'd="M10 0Q0 0 0 10v{h - 20:g}q0 10 10 10Q5 {h - 2:g} 5 {h - 10:g}V10Q5 2 10 0z"/>'
    )
    base = look.PADDING + 13
    yield (
        f'<path class="icon icon-{card.kind}" transform="translate({_PAD} {look.PADDING + 1}) scale(.8)" '
        f'd="{ICONS[card.kind]}"/>'
    )
    mark = (0.0, "") if _unquestioned(card) else _mark(card.status, card.standing)
    space = w - _PAD - 22 - mark[0] - 18
    word = card.role if card.role in {"Pillar", "Branch"} else card.kind.capitalize()
    yield f'<text class="kind of-{card.kind}" x="{_PAD + 21}" y="{base}">{escape(word)}</text>'
    if card.kind == "evidence" and card.label != card.words:
        taken = width(word, 11.5, bold=True) + 8
        source = wrap(card.label, space - taken, 11.5, most=1)[0] if space - taken > 40 else ""
        yield f'<text class="chip" x="{_PAD + 21 + taken:g}" y="{base}">{escape(source)}</text>'
    yield f'<g transform="translate({w - 12 - mark[0]:g} {look.PADDING})">{mark[1]}</g>'
    line = look.LINE_LARGE if root else look.LINE
    top = look.PADDING + look.HEAD + look.GAP
    yield f'<text class="words" x="{_PAD}" y="{top + 14}">'
    for i, words in enumerate(card.wrapped):
        yield f'<tspan x="{_PAD}" y="{top + 14 + i * line}">{escape(words)}</tspan>'
    yield "</text>"
    chip = further(card, shown=quiet)
    if chip:
        told = wrap(chip, look.ROOM, 12, most=1)[0]
        yield f'<text class="chip" x="{_PAD}" y="{h - look.PADDING - 2:g}">{escape(told)}</text>'
    left = hidden(card.more)
    if left:
        size = width(left, 10.5, bold=True) + 18
        if size > w - 20:
            left = hidden(card.more, short=True)
            size = width(left, 10.5, bold=True) + 18
        yield f'<rect class="pill" x="{w - size - 8:g}" y="{h - 8:g}" width="{size:g}" height="17" rx="8.5"/>'
        yield f'<text class="hidden" x="{w - 8 - size / 2:g}" y="{h + 4.2:g}">{left}</text>'
    yield "</g>"


def _unquestioned(card: Card) -> bool:
    """Whether it goes without saying that a card stands: a finding does until something attacks it."""
    return card.kind == "evidence" and card.status == "accepted"


def _mark(status: str, standing: str) -> tuple[float, str]:
    """A status as sign and word in a ring, with its width."""
    size = width(standing, 11, bold=True) + 30
    return size, (
        f'<rect class="ring-{status}" width="{size:g}" height="18" rx="9"/>'
        f'<text class="mark is-{status}" x="9" y="13">{MARKS[status]}</text>'
        f'<text class="mark is-{status}" x="22" y="13">{standing}</text>'
    )


def _legend(scene: Scene, relations: Iterable[str]) -> Iterator[tuple[float, str]]:
    """Entries of the legend with their widths: only what the picture shows."""
    for relation in relations:
        text = WORDS[relation]
        yield (
            80 + width(text, 12),
            f'<path class="edge {relation}" d="M0 14H44" marker-end="url(#argraph-{relation})"/>'
            f"{_disc((20, 14), relation, 7.5, ring=False)}"
            f'<text class="key" x="54" y="18.5">{text}</text>',
        )
    if any(edge.joined for edge in scene.edges):
        text = "an inference that is itself disputed, or has several premises"
        yield (
            62 + width(text, 12),
            f'<circle class="ring supports" cx="13" cy="14" r="11"/>'
            '<text class="sign fill-supports" x="13" y="18.5">+</text>'
            f'<text class="key" x="34" y="18.5">{text}</text>',
        )
    standing = {card.status: card.standing for card in scene.cards if not _unquestioned(card)}
    for status in MARKS:
        if status in standing:
            size, mark = _mark(status, standing[status])
            yield size + 20, f'<g transform="translate(0 5)">{mark}</g>'


def _rows(entries: Iterable[tuple[float, str]], room: float) -> list[list[tuple[float, str]]]:
    rows: list[list[tuple[float, str]]] = [[]]
    for entry in entries:
        if rows[-1] and sum(size for size, _ in rows[-1]) + entry[0] > room:
            rows.append([])
        rows[-1].append(entry)
    return rows


def png(picture: str, *, zoom: float = 2.0) -> bytes:
    """A picture of `svg` with a fixed scheme as PNG.

    Args:
        picture: The SVG.
        zoom: Pixels for each px, less where it would have more than `MOST_PIXELS`.

    Raises:
        MissingExtra: resvg is not installed.
        ResourceMissing: This machine has no font to draw text with.
    """
    try:
        import resvg_py
    except ImportError as error:
        raise MissingExtra("A PNG", "png") from error

    def render(text: str, scale: float) -> bytes:
        return bytes(
            resvg_py.svg_to_bytes(
                svg_string=text, zoom=scale, font_family=_LAST_FONT, sans_serif_family=_LAST_FONT
            )
        )

    if render(_PROBE.format("A"), 1.0) == render(_PROBE.format(""), 1.0):
        raise ResourceMissing("A PNG needs a font, and this machine has none: install DejaVu Sans or Arial.")
    size = re.search(r'width="([\d.]+)" height="([\d.]+)"', picture)
    area = float(size[1]) * float(size[2]) if size else 1.0
    return render(picture, min(zoom, (MOST_PIXELS / area) ** 0.5))


_PROBE: Final = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20">'
    f'<text y="15" font-family="{FONTS}">{{}}</text></svg>'
)
MOST_PIXELS: Final = 60_000_000
_LAST_FONT: Final = "DejaVu Sans"  # where the system has none of those named
