"""Every page and every state of it, looked at by axe-core; and what a screen reader is told of a thesis."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest

from argraph.app import workbench
from argraph.view.stage import Extent
from argraph.workspace import Workspace

from ..conftest import ROOT, absent
from ..servers import served
from .conftest import calm, visit

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

HERE = Path(__file__).parent
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Two parts of the query editor from npm are its own affair: a button among its tabs, how its text scrolls.
# What the open legend half covers is not to be hit there, and is looked at in other states.
RUN = """async ([tags, rules]) => {
  const only = rules ? {type: 'rule', values: rules} : {type: 'tag', values: tags};
  const apart = ['.yasgui .tabsList', '.yasgui .CodeMirror-scroll', '.stage:has(#legend[open]) .cards'];
  const exclude = apart.filter(one => document.querySelector(one)).map(one => [one]);
  const options = {runOnly: only, resultTypes: ['violations']};
  const {violations} = await axe.run({include: [['html']], exclude}, options);
  const told = node => {
    const why = [...node.any, ...node.all, ...node.none].map(check => check.message);
    return `${node.html.slice(0, 160)} (${why.join('; ')})`;
  };
  return violations.map(one => `${one.id}: ${one.nodes.slice(0, 4).map(told).join(' | ')}`);
}"""

Act = Callable[["Page"], object]


def nothing(page: Page) -> None:
    """The page as it opens."""


def live(page: Page) -> None:
    page.locator("body.live").wait_for()
    page.locator(".node, [role=treeitem]").first.wait_for()
    page.locator("#details h2").first.wait_for(state="attached")


def looked_for(text: str) -> Act:
    def search(page: Page) -> None:
        live(page)
        page.get_by_role("combobox", name="Search").fill(text)
        page.locator("#found [role=option], #found .none").first.wait_for()

    return search


def opened(name: str) -> Act:
    def open_menu(page: Page) -> None:
        live(page)
        page.locator(f"#{name} > summary").click()

    return open_menu


def helped(page: Page) -> None:
    live(page)
    page.keyboard.press("?")
    page.locator("#keys[open]").wait_for()


def asked(page: Page) -> None:
    live(page)
    for box in page.locator("details.lazy > summary").all():
        box.click()
    page.get_by_text("Working it out").last.wait_for(state="detached")


def queried(page: Page) -> None:
    page.get_by_role("button", name="Copy link").wait_for()
    page.get_by_label("Begin with a saved question").select_option("theses")
    page.get_by_role("button", name="Open").click()
    page.get_by_role("heading", name="1 row").wait_for()


def described(page: Page) -> None:
    page.get_by_text("Answer a saved question").wait_for()


T = "/t/th-open-must-win"
STATES: dict[str, tuple[str, Act]] = {
    "home": ("/", nothing),
    "map": (f"{T}?view=map", live),
    "node selected": (f"{T}?view=map&c=pil-safety&open=pil-safety&evidence=pil-safety", live),
    "objection selected": (f"{T}?view=map&c=ob-malicious-use", live),
    "undercut selected": (f"{T}?view=map&c=su-safety-open-must-win&open=pil-safety", live),
    "finding selected": (f"{T}?view=map&c=ev-arora2010-patch", live),
    "one alone": (f"{T}?view=map&focus=pil-safety", live),
    "outline": (f"{T}?view=outline", live),
    "outline opened": (f"{T}?view=outline&c=ob-malicious-use&open=pil-safety&evidence=pil-safety", live),
    "what it hangs on": (f"{T}?view=map&c=pil-economics", asked),
    "search": (T, looked_for("transparency")),
    "search without results": (T, looked_for("qqqqzzzz")),
    "filters": (f"{T}?view=map&show=rejected", opened("filter")),
    "sharing": (f"{T}?view=map", opened("sharing")),
    "legend": (f"{T}?view=map", opened("legend")),
    "keys": (f"{T}?view=map", helped),
    "not found": ("/id/pil-safty", nothing),
    "statement": ("/id/pil-safety", nothing),
    "inference": ("/id/su-many-eyes-safety", nothing),
    "finding": ("/id/ev-arora2010-patch", nothing),
    "study": ("/id/study-arora2010-patch", nothing),
    "contribution": ("/id/contribution-safety", nothing),
    "history": ("/id/pil-safety/history", nothing),
    "questions": ("/queries", nothing),
    "question": ("/queries/attack?node=pil-safety", nothing),
    "vocabulary": ("/ontology", nothing),
    "query form": ("/sparql", nothing),
    "query answer": ("/sparql?query=SELECT+*+%7B+%3Fs+%3Fp+%3Fo+%7D+LIMIT+9", nothing),
    "query fault": ("/sparql?query=SELECT+%3Fx+%7B+%3Fx+a+%7D", nothing),
    "plain workbench": ("/workbench?editor=plain", queried),
    "workbench": ("/workbench", queried),
    "interface": ("/docs", described),
}


@pytest.fixture(scope="module")
def axe() -> str:
    """The checker, from npm."""
    if not AXE.is_file():
        absent("axe-core is not in node_modules (npm install).")
    return AXE.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def workspace() -> Workspace:
    """The debate that ships with argraph."""
    return Workspace.open()


@pytest.fixture(scope="module")
def address(workspace: Workspace) -> Iterator[str]:
    """Where it is served."""
    with served(workspace) as client:
        yield str(client.base_url).rstrip("/")


def violations(page: Page, axe: str) -> dict[str, list[str]]:
    """What axe finds: by all its rules in the light, by those that look at colours in the dark."""
    page.evaluate(axe)
    found: dict[str, list[str]] = {}
    schemes: tuple[tuple[Literal["light", "dark"], list[str] | None], ...] = (
        ("light", None),
        ("dark", ["color-contrast", "link-in-text-block"]),
    )
    for scheme, rules in schemes:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        calm(page)  # what changes with the scheme by script or transition
        if told := page.evaluate(RUN, [RULES, rules]):
            found[scheme] = told
    return found


@pytest.mark.parametrize("width", [1440, 390])
def test_no_state_of_any_page_violates_a_rule(browser: Browser, address: str, axe: str, width: int) -> None:
    found = {}
    with visit(browser, address, width=width) as page:
        for name, (path, act) in STATES.items():
            if name == "workbench" and not workbench.YASGUI.is_dir():
                continue
            page.emulate_media(color_scheme="light", reduced_motion="reduce")
            answer = page.goto(path)
            assert answer, name
            assert answer.status == (404 if name == "not found" else 400 if name == "query fault" else 200), (
                name
            )
            act(page)
            if told := violations(page, axe):
                found[name] = told
    assert not found, json.dumps(found, indent=1, ensure_ascii=False)


@pytest.mark.parametrize("width", [1440, 390])
def test_the_exported_file_violates_no_rule(
    browser: Browser, workspace: Workspace, axe: str, width: int, tmp_path: Path
) -> None:
    file = tmp_path / "debate.html"
    extent = Extent(depth=None, limit=None, opening=None, evidence=True, beside=True)
    file.write_bytes(workspace.drawing("th-open-must-win", "html", extent))
    found = {}
    with visit(browser, file.as_uri(), width=width) as page:
        page.emulate_media(reduced_motion="reduce")
        page.goto(file.as_uri())
        page.locator("canvas").wait_for()
        for state in ("Start", "Findings", "Whole map"):
            page.get_by_role("button", name=state).click()
            if told := violations(page, axe):
                found[state] = told
            page.emulate_media(color_scheme="light")
    assert not found, json.dumps(found, indent=1, ensure_ascii=False)


@pytest.mark.parametrize("view", ["map", "outline"])
def test_a_screen_reader_is_told_what_was_reviewed(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory, view: str
) -> None:
    """The accessibility tree is kept beside this file; `RENEW=1` writes it anew, to be read and committed."""
    folder = tmp_path_factory.mktemp("graph")
    shutil.copy(HERE / "circles.ttl", folder)
    kept = HERE / f"{view}.aria.yaml"
    with served(Workspace.open(folder)) as client, visit(browser, str(client.base_url).rstrip("/")) as page:
        page.emulate_media(reduced_motion="reduce")
        page.goto(f"/t/trains?view={view}&c=comfort&open=comfort.climate.ob-cost&evidence=comfort")
        live(page)
        page.locator("#details h2", has_text="People sleep well").wait_for()
        told = page.locator("body").aria_snapshot() + "\n"
    if os.environ.get("RENEW"):
        kept.write_text(told, encoding="utf-8")
    assert told == kept.read_text(encoding="utf-8")


def test_the_exported_file_asks_for_nothing_and_says_all_of_it(
    browser: Browser, workspace: Workspace, tmp_path: Path
) -> None:
    file = tmp_path / "debate.html"
    extent = Extent(depth=None, limit=None, opening=None, evidence=True, beside=True)
    file.write_bytes(workspace.drawing("th-open-must-win", "html", extent))
    asked: list[str] = []
    with visit(browser, file.as_uri()) as page:
        page.context.set_offline(True)
        page.on("request", lambda request: asked.append(request.url))
        page.goto(file.as_uri())
        page.locator("canvas").wait_for()
        painted = page.locator("canvas").evaluate(
            """e => e.getContext('2d').getImageData(0, 0, e.width, e.height).data
              .some((value, i) => i % 4 === 3 && value)"""
        )
        assert painted
        page.get_by_role("button", name="Whole map").click()
        for width in (320, 390, 720, 1440):
            page.set_viewport_size({"width": width, "height": 844})
            assert page.evaluate("document.documentElement.scrollWidth") == width
        rows = page.locator(".outline li").count()
    assert asked == [file.as_uri()]
    assert rows == len(workspace.outline("th-open-must-win"))
