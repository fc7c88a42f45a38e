"""The page in one file and the picture, opened from disk in a real browser without a network."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest

from argraph.argument.evaluation import Framework
from argraph.argument.graph import ArgumentGraph, Node, Step, Study
from argraph.argument.scores import Scores
from argraph.view import drawing, page
from argraph.view.layout import place
from argraph.view.stage import WHOLE, Stage
from argraph.workspace import Workspace

from ..contract.app.conftest import HERE
from .conftest import CONTRAST, until

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Request

pytestmark = pytest.mark.browser

Colours = Literal["light", "dark"]
CORPUS = (
    "<img src=x onerror=pwned=1>",
    "</script><script>pwned=1</script>",
    "</title></style></textarea><svg onload=pwned=1>",
    "\"><details open ontoggle=pwned=1>'><a href=javascript:pwned=1>href</a>",
    "javascript:pwned=1",
    'href="javascript:pwned=1"',
    "{{ 7*7 }}{% raw %}{{ cycler.__init__ }}",
    "${pwned=1}`+pwned+`",
    "]]><!--<script>pwned=1</script>-->",
    "&lt;script&gt;pwned=1&lt;/script&gt;",
    "\u202eright to left\u202c \u200bnothing\u200d \x00\x08 😀",
    "W" * 5000,
    "__proto__",
    "constructor",
)
DRAWN = """() => {
  const canvas = document.querySelector('#network canvas');
  const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
  const seen = new Set();
  for (let i = 0; i < data.length; i += 40) seen.add(data.slice(i, i + 4).join());
  return seen.size;
}"""
NODES = "document.getElementById('network').network.body.data.nodes"
TITLE = "Open source AI should prevail over closed systems"
TOO_WIDE = """() => [...document.querySelectorAll('tspan')].flatMap(t => {
  const box = t.closest('g').querySelector('.card').getBoundingClientRect(), text = t.getBoundingClientRect();
  return text.right > box.right - 8 || text.bottom > box.bottom ? [t.textContent] : [];
})"""


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of the shipped debate."""
    file = tmp_path_factory.mktemp("page") / "debate.html"
    file.write_bytes(Workspace.open().drawing("th-open-must-win", "html"))
    return file


@contextmanager
def opened(
    browser: Browser, file: Path, *, width: int = 1440, scheme: Colours = "light", scripts: bool = True
) -> Iterator[Page]:
    """A file opened from disk; requests, messages, dialogs and executed text are raised at the end."""
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme=scheme,
        java_script_enabled=scripts,
        offline=True,
    )
    tab = context.new_page()
    faults: list[str] = []

    def requested(request: Request) -> None:
        if request.url.partition("#")[0] != file.as_uri() and not request.url.startswith("data:"):
            faults.append(f"request to {request.url}")

    tab.on("request", requested)
    tab.on("console", lambda message: faults.append(message.text))
    tab.on("pageerror", lambda error: faults.append(str(error)))
    tab.on("dialog", lambda dialog: faults.append(dialog.message))
    try:
        tab.goto(file.as_uri())
        yield tab
        if scripts:
            assert tab.evaluate("typeof pwned") == "undefined"
    finally:
        context.close()
    assert faults == []


def select(tab: Page, name: str) -> None:
    """Click the card in the map whose text begins with a name."""
    place = tab.evaluate(
        """name => { const { network } = document.getElementById('network'), { nodes } = network.body.data;
        const [{ id }] = nodes.get({ filter: node => node.title.includes(name) });
        return network.canvasToDOM(network.getPosition(id)); }""",
        name,
    )
    tab.locator("#network").click(position=place)


def test_the_map_leads_from_card_to_card_and_each_is_told_in_full(browser: Browser, shipped: Path) -> None:
    with opened(browser, shipped) as tab:
        assert tab.evaluate(DRAWN) > 20
        up = tab.get_by_role("button", name="One step up")
        assert up.is_disabled()
        select(tab, "safer")
        assert "Pillar" not in tab.get_by_role("status").inner_text()
        assert tab.get_by_role("status").inner_text().startswith("Claim, does not stand: ")
        assert up.is_enabled()
        shown = tab.evaluate(f"{NODES}.getIds()")
        assert {"pil-safety", "th-open-must-win", "ob-malicious-use"} <= set(shown)
        up.click()
        assert up.is_disabled()
        tab.get_by_role("button", name="Whole map").click()
        shown = tab.evaluate(f"{NODES}.length")
        assert shown >= len(Workspace.open().argument.nodes)


def test_a_selected_card_is_found_in_the_outline(browser: Browser, shipped: Path) -> None:
    with opened(browser, shipped) as tab:
        select(tab, "safer")
        tab.get_by_role("link", name="in the outline").click()
        row = tab.locator(":target")
        assert row.locator("strong").first.inner_text() == "Transparency makes AI safer"
        assert row.is_visible()


def test_findings_are_shown_in_the_map_on_demand(browser: Browser, shipped: Path) -> None:
    count = f"{NODES}.get().filter(node => node.group.startsWith('evidence')).length"
    with opened(browser, shipped) as tab:
        assert tab.evaluate(count) == 0
        findings = tab.get_by_role("button", name="Findings")
        findings.click()
        assert findings.get_attribute("aria-pressed") == "true"
        assert tab.evaluate(count) == 3


def test_the_page_is_whole_without_scripts(browser: Browser, shipped: Path) -> None:
    with opened(browser, shipped, scripts=False) as tab:
        assert tab.get_by_role("heading", level=1).inner_text() == TITLE
        assert tab.locator("html").get_attribute("lang") == "en"
        assert tab.title() == TITLE
        assert tab.get_by_text("The map needs scripts.").is_visible()
        assert not tab.get_by_role("button").first.is_visible()
        assert tab.get_by_text("Transparency makes AI safer").first.is_visible()
        assert tab.get_by_role("contentinfo").inner_text().startswith("Should open source AI prevail")


def test_the_page_fits_every_screen_and_its_text_stands_out(browser: Browser, shipped: Path) -> None:
    schemes: tuple[Colours, ...] = ("light", "dark")
    for scheme in schemes:
        with opened(browser, shipped, scheme=scheme) as tab:
            for width in (320, 390, 720, 1440):
                tab.set_viewport_size({"width": width, "height": 844})
                assert tab.evaluate("document.documentElement.scrollWidth") == width
            assert tab.evaluate(CONTRAST) == []


def test_the_map_follows_the_colours_of_the_reader(browser: Browser, shipped: Path) -> None:
    border = "document.getElementById('network').network.body.nodes['pil-economics'].options.color.border"
    for scheme, expected in (("light", drawing.LIGHT), ("dark", drawing.DARK)):
        with opened(browser, shipped, scheme=scheme) as tab:  # type: ignore[arg-type]
            assert tab.evaluate(border) == expected["claim"]
    with opened(browser, shipped) as tab:
        tab.emulate_media(color_scheme="dark")
        until(tab, f"{border} === '{drawing.DARK['claim']}'")


def corpus() -> Stage:
    """A debate whose every text, name and address is hostile."""
    nodes = [Node("root", "thesis", CORPUS[1], CORPUS[0], role=CORPUS[2])]
    steps = []
    studies = []
    for i, text in enumerate(CORPUS):
        nodes.append(Node(text, "claim", text, f"{text} {CORPUS[i - 1]}", role=text))
        nodes.append(Node(f"{i} {text}", "evidence", f"{i} {text}", text, studies=(f"study {i}",)))
        steps.append(Step(f"step {text}", "support", (text,), "root", True, text=text))
        steps.append(Step(f"line {text}", "evidence line", (f"{i} {text}",), text, True))
        steps.append(Step(f"hit {text}", "attack", (CORPUS[i - 1],), f"step {text}", False))
        studies.append(
            Study(
                f"study {i}", text, (text,), False, text, text, text, text, text, text, text, text, (), text
            )
        )
    argument = ArgumentGraph(nodes, steps, studies)
    return Stage(argument, Framework.of(argument, Scores({"High": 0.9}, {})).verdicts)


def test_nothing_in_a_hostile_debate_is_executed(browser: Browser, tmp_path: Path) -> None:
    folder = tmp_path / "graph"
    folder.mkdir()
    shutil.copy(HERE / "hostile.ttl", folder)
    shipped = Workspace.open(folder)
    stages = {"shared": (shipped.stage, shipped.resolve("thesis")), "corpus": (corpus(), "root")}
    for name, (stage, root) in stages.items():
        file = tmp_path / f"{name}.html"
        file.write_text(page.html(stage, root, title=CORPUS[1], credit=CORPUS[1]), encoding="utf-8")
        with opened(browser, file) as tab:
            for label in ("Findings", "Whole map", "Start"):
                tab.get_by_role("button", name=label).click()
            box = tab.locator("#network").bounding_box()
            assert box is not None
            for across in range(40, 1400, 120):  # over cards and edges, whose texts are shown then
                tab.mouse.move(across, box["y"] + 300)
            tab.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
            tab.wait_for_timeout(300)
            assert tab.locator("script").count() == 3
            assert tab.locator("img, svg, iframe, a[href^=javascript]").count() == 0
            assert tab.get_by_role("heading", level=1).inner_text() == CORPUS[1]
        for kind in ("tree", "layered"):
            scene = place(stage.scene(root, WHOLE), kind)
            file = tmp_path / f"{name}-{kind}.svg"
            file.write_text(drawing.svg(scene, title=CORPUS[1], credit=CORPUS[1]), encoding="utf-8")
            with opened(browser, file) as tab:
                assert tab.locator("script").count() == 0
                assert tab.locator("text").count() > len(scene.cards)


def test_the_text_of_a_picture_stays_within_its_cards(browser: Browser, tmp_path: Path) -> None:
    workspace = Workspace.open()
    scenes = {
        "shipped": workspace.scene("th-open-must-win", WHOLE),
        "hostile": place(corpus().scene("root", WHOLE)),
    }
    for name, scene in scenes.items():
        file = tmp_path / f"{name}.svg"
        file.write_text(drawing.svg(scene, title=name), encoding="utf-8")
        with opened(browser, file) as tab:
            assert tab.evaluate(TOO_WIDE) == []
            assert tab.locator("tspan").count() == sum(len(card.wrapped) for card in scene.cards)
