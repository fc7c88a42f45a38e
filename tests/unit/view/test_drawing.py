"""Pictures and diagrams: what they say, and that no text of a debate becomes anything but text."""

from __future__ import annotations

import re
import struct
import sys
from xml.etree import ElementTree

import pytest

from argraph.errors import MissingExtra
from argraph.view import drawing
from argraph.view.diagram import dot, mermaid
from argraph.view.layout import Kind, place
from argraph.view.scene import Scene
from argraph.view.stage import WHOLE, Extent
from argraph.workspace import Workspace

from .graphs import stage

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = (
    "</text><script>alert(1)</script>\" onload='x' \\\" #quot; `md` --> \x00\x1b\u202e ]]> %% {} |x| <b>&amp;"
)


def hostile(kind: Kind = "tree") -> Scene:
    found = stage("1: a,b > t", "2: c ! 1", "3: a ! c", t=HOSTILE, a=HOSTILE, b="\n" + HOSTILE, c="C" * 5000)
    return place(found.scene("t", WHOLE), kind)


def texts(picture: str) -> list[str]:
    """All text of a picture, group by group."""
    root = ElementTree.fromstring(picture)
    return [" ".join(t.strip() for t in text.itertext() if t.strip()) for text in root.iter(f"{SVG}text")]


def test_a_picture_says_what_every_card_says() -> None:
    scene = Workspace.open().scene("pil-safety", Extent(depth=1, beside=True), layout="layered")
    picture = drawing.svg(scene, title="Safety", credit="A debate · CC BY 4.0")
    told = texts(picture)
    for card in scene.cards:
        assert " ".join(card.wrapped) in told
    assert {"✓", "✕", "stands", "does not stand"} <= set(told)
    assert {"supports", "attacks", "undercuts an inference", "A debate · CC BY 4.0"} <= set(told)
    assert "a finding for" not in told
    assert "Objection" in told
    assert "Branch" in told
    root = ElementTree.fromstring(picture)
    assert root.find(f"{SVG}title").text == "Safety"  # type: ignore[union-attr]
    description = root.find(f"{SVG}desc").text or ""  # type: ignore[union-attr]
    assert description.startswith("“Transparency makes AI safer” does not stand. Around it: ")
    assert "Against it: “" in description
    assert root.get("aria-labelledby") == "argraph-title argraph-desc"


def test_a_picture_tells_what_it_leaves_out() -> None:
    told = texts(
        drawing.svg(place(stage("1: a > t", "2: b ! a", "3: e ~ a").scene("t", Extent(depth=1))), title="")
    )
    assert "1 against · 1 finding" in told


def test_colours_follow_the_reader_unless_they_are_fixed() -> None:
    scene = place(stage("1: a > t").scene("t"))
    auto, light, dark = (drawing.svg(scene, title="", scheme=s) for s in ("auto", "light", "dark"))
    assert "prefers-color-scheme:dark" in auto
    assert "prefers-color-scheme" not in light + dark
    assert drawing.LIGHT["paper"] in light
    assert drawing.LIGHT["paper"] not in dark
    assert "$" not in auto


@pytest.mark.parametrize("kind", ["tree", "layered"])
def test_hostile_text_stays_text_in_a_picture(kind: Kind) -> None:
    picture = drawing.svg(hostile(kind), title=HOSTILE, credit=HOSTILE)
    names = {element.tag.removeprefix(SVG) for element in ElementTree.fromstring(picture).iter()}
    assert names <= {
        *("svg", "title", "desc", "style", "defs", "marker", "path", "rect", "g", "text", "tspan", "circle")
    }
    attributes = {name for e in ElementTree.fromstring(picture).iter() for name in e.attrib}
    assert not any(name.startswith("on") or "href" in name for name in attributes)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\u202a-\u202e]", picture)
    assert "url(" not in re.sub(r'marker-end="url\(#argraph-[a-z-]+\)"', "", picture)


def test_a_png_is_the_picture_at_twice_its_size_and_never_larger_than_a_browser_takes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    picture = drawing.svg(place(stage("1: a > t").scene("t")), title="", scheme="light")
    width, height = re.search(r'width="(\d+)" height="(\d+)"', picture).groups()  # type: ignore[union-attr]
    data = drawing.png(picture)
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", data[16:24]) == (2 * int(width), 2 * int(height))
    huge = picture.replace(f'width="{width}" height="{height}"', 'width="20000" height="20000"', 1)
    monkeypatch.setattr(drawing, "MOST_PIXELS", 1_000_000)  # as many take seconds to draw
    across, down = struct.unpack(">II", drawing.png(huge)[16:24])
    assert 0.9 * drawing.MOST_PIXELS < across * down <= 1.001 * drawing.MOST_PIXELS


def test_a_png_without_what_draws_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    with pytest.raises(MissingExtra, match=r"pip install 'argraph\[png\]'"):
        drawing.png("<svg/>")


def test_a_diagram_for_graphviz_has_one_line_for_each_way_and_quotes_every_text() -> None:
    text = dot(place(stage("1: a,b > t", "2: c ! 1", "3: a ! c").scene("t", WHOLE)), title='A "title"')
    assert 'label="A \\"title\\""' in text
    ways = re.findall(r"^  (\w+) -> (\w+) ", text, re.M)
    assert sorted(ways) == [("n1", "n2"), ("n1", "s0"), ("n2", "s0"), ("n3", "s0"), ("s0", "n0")]
    for line in dot(hostile(), title=HOSTILE).splitlines():
        outside = re.sub(r'"(?:[^"\\]|\\.)*"', "", line)
        assert '"' not in outside
        assert not re.search(r"[<>]", outside.replace("->", ""))


def test_a_diagram_in_mermaid_keeps_its_syntax_free_of_the_debates_text() -> None:
    lines = mermaid(hostile(), title=HOSTILE).splitlines()
    head, body = lines[:3], lines[3:]
    assert head[0] == head[2] == "---"
    assert re.fullmatch(r'title: "(?:[^"\\]|\\.)*"', head[1])
    assert body[0] == "flowchart RL"
    shape = (
        r'  n\d+\["[^"<>`|{}\[\]%]*<br>[^"<>`|{}\[\]%]*"\]:::(accepted|rejected|undecided)'
        r'|  s\d+\(\(" "\)\)|  [ns]\d+ (-->|-\.->)\|[a-z ]+\| [ns]\d+|  [ns]\d+ (---|-\.-) s\d+'
        r"|  (classDef|linkStyle) [\w# :,.-]+"
    )
    for line in body[1:]:
        assert re.fullmatch(shape, line), line
