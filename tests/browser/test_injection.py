"""Nothing in a debate is ever more than text: on no page, in no answer, picture or file."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import httpx
import pytest

from argraph.view.stage import Extent
from argraph.workspace import Workspace

from ..injection import ATTACKS, STRUCK, write
from ..servers import served
from .conftest import comes, visit

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

CARRIERS = (
    *("claim", "objection", "rebuttal", "evidence", "study", "study-iri", "theme", "scheme"),
    *("article", "passage", "support", "attack", "answer", "line"),
)
# What none of our pages has, so that it can only come from a text.
FOREIGN = """() => {
  const found = [], tell = e => found.push(e.outerHTML.slice(0, 300));
  const elements = /^(iframe|object|embed|base|frame|portal|applet|animate|foreignobject)$/i;
  const addresses = /^(href|src|srcset|action|formaction|xlink:href|data|poster)$/i;
  const running = /^\\s*(javascript|data|vbscript|blob):/i, outward = /^\\s*\\/\\/evil\\.example/;
  for (const e of document.querySelectorAll('*')) {
    if (elements.test(e.tagName)) tell(e);
    if (e.tagName === 'META' && e.httpEquiv && e.httpEquiv !== 'Content-Security-Policy') tell(e);
    for (const {name, value} of e.attributes) {
      if (/^on/i.test(name) || name === 'autofocus' || name === 'srcdoc') tell(e);
      if (addresses.test(name) && (running.test(value) || outward.test(value)) && e.rel !== 'icon') tell(e);
    }
    if (e.tagName === 'LINK' && /evil\\.example/.test(e.href)) tell(e);
  }
  if (window.struck !== undefined) found.push('struck');
  return found;
}"""


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The debate that carries the attacks."""
    folder = tmp_path_factory.mktemp("graph")
    write(folder)
    return Workspace.open(folder)


@pytest.fixture(scope="module")
def client(workspace: Workspace) -> Iterator[httpx.Client]:
    """A client of a server on it."""
    with served(workspace) as client:
        yield client


@pytest.fixture(scope="module")
def address(client: httpx.Client) -> str:
    """Where it is served."""
    return str(client.base_url).rstrip("/")


def names() -> list[str]:
    return ["thesis", "contribution", *(f"{carrier}-{attack}" for attack in ATTACKS for carrier in CARRIERS)]


def stirred(page: Page) -> list[str]:
    """What is foreign on a page, once pointer and keyboard have been over it."""
    page.mouse.move(300, 200)
    page.mouse.move(320, 400)
    page.keyboard.press("Tab")
    found: list[str] = page.evaluate(FOREIGN)
    return found


def struck(page: Page) -> bool:
    """Whether something foreign is on a page; not as long as it loads once more, as some attacks make it."""
    from playwright.sync_api import Error

    try:
        return bool(page.evaluate(FOREIGN))
    except Error as error:
        if "context was destroyed" in error.message:
            return False
        raise


def test_the_sentinel_is_set_by_what_is_not_escaped(browser: Browser, tmp_path: Path) -> None:
    """The other tests would notice: each attack that is markup is found where it is not escaped."""
    for attack in ("script", "image", "svg", "end-of-title", "object", "frame"):
        file = tmp_path / f"{attack}.html"
        file.write_text(f"<!doctype html><title>x</title><p>{ATTACKS[attack]}", encoding="utf-8")
        page = browser.new_page()
        page.route(lambda url: not url.startswith("file:"), lambda route: route.abort())
        page.goto(file.as_uri())
        comes(page, partial(struck, page), True)
        page.close()


def test_no_page_of_any_node_runs_or_holds_what_a_text_says(browser: Browser, address: str) -> None:
    found = {}
    with visit(browser, address, lax=True) as page:
        for name in names():
            answer = page.goto(f"/id/{name}", wait_until="domcontentloaded")
            assert answer
            assert answer.status == 200, name
            if told := stirred(page):
                found[name] = told
    assert found == {}


@pytest.mark.parametrize("view", ["map", "outline"])
def test_the_explorer_shows_every_attack_as_text(browser: Browser, address: str, view: str) -> None:
    opened = ".".join(f"claim-{attack}.objection-{attack}" for attack in ATTACKS)
    found = {}
    with visit(browser, address, lax=True) as page:
        page.emulate_media(reduced_motion="reduce")
        page.goto(f"/t/thesis?view={view}&open={opened}&evidence={opened}")
        page.locator("body.live").wait_for()
        shown = page.locator(".node .pick" if view == "map" else "[role=treeitem] .words")
        shown.nth(100).wait_for()
        for attack in ATTACKS:
            for carrier in ("claim", "objection", "rebuttal", "evidence"):
                card = page.locator(
                    f'.node[data-id="{carrier}-{attack}"], [role=treeitem][data-id="{carrier}-{attack}"]'
                ).first
                with page.expect_response(lambda answer: "/api/nodes/" in answer.url):
                    card.locator(".pick, .words").first.dispatch_event("click")
                page.locator("#details .iri", has_text=f"{carrier}-{attack}").wait_for()
                if carrier == "claim":
                    page.locator("details.lazy").evaluate_all("es => es.forEach(e => { e.open = true; })")
                    page.get_by_text("Working it out").first.wait_for(state="detached")
                if told := page.evaluate(FOREIGN):
                    found[attack, carrier] = told
        for attack in ("script", "image", "attribute", "direction", "long"):
            page.get_by_role("combobox", name="Search").fill(ATTACKS[attack][:200])
            page.locator("#found [role=option], #found .none").first.wait_for()
            if told := page.evaluate(FOREIGN):
                found[attack, "search"] = told
        assert page.evaluate("document.documentElement.scrollWidth") == 1440
    assert found == {}


def test_other_pages_take_nothing_from_their_address(browser: Browser, address: str) -> None:
    found = {}
    with visit(browser, address, lax=True) as page:
        for attack, text in ATTACKS.items():
            if len(text) > 1_000:
                continue
            code = quote(text, safe="")
            for path in (
                f"/search?q={code}",
                f"/t/thesis?c={code}&open={code}&show={code}&view={code}&focus={code}",
                f"/id/{code}",
                f"/queries/{code}",
                f"/queries/attack?node={code}",
                f"/sparql?query={code}",
                f"/sparql?query=SELECT+*+%7B+%3Fs+skos%3AprefLabel+%3Fo+%7D&format={code}",
            ):
                page.goto(path, wait_until="domcontentloaded")
                if told := stirred(page):
                    found[attack, path[:20]] = told
        for path in (
            *("/", "/queries", "/queries/theses", "/queries/attack?node=claim-script", "/ontology"),
            *("/t/thesis/network", "/workbench", "/sparql?query=SELECT+*+%7B+%3Fs+%3Fp+%3Fo+%7D+LIMIT+900"),
        ):
            page.goto(path)
            if told := stirred(page):
                found["", path] = told
    assert found == {}


def test_answers_of_the_interface_are_data_that_no_browser_takes_for_a_page(client: httpx.Client) -> None:
    for attack, text in ATTACKS.items():
        code = quote(text[:200], safe="")
        for path in (
            f"/api/nodes/claim-{attack}",
            f"/api/nodes/claim-{attack}/neighbourhood?evidence=*",
            f"/api/nodes/claim-{attack}/outline?evidence=*",
            f"/api/nodes/claim-{attack}/why",
            f"/api/chain?from=rebuttal-{attack}",
            f"/api/cruxes?node=claim-{attack}",
            f"/api/whatif?without=objection-{attack}",
            f"/api/search?q={code}",
            f"/api/nodes/{code}",
            f"/api/search?kind={code}",
        ):
            answer = client.get(
                path, headers={"accept": "text/html,*/*"} if "/api/nodes/%" not in path else {}
            )
            assert answer.headers["x-content-type-options"] == "nosniff", path
            assert answer.headers["content-type"].partition(";")[0] in {
                "application/json",
                "application/problem+json",
            } or (
                answer.status_code >= 400
                and "default-src 'none'" in answer.headers["content-security-policy"]
            ), (path, answer.headers["content-type"])
            assert "set-cookie" not in answer.headers, path
        told = client.get(f"/api/nodes/claim-{attack}").json()
        assert told["label"].strip() in {text.strip(), f"claim-{attack}"} or attack in {
            "lines",
            "header",
            "reference",
        }, attack


def test_pictures_are_well_formed_and_hold_nothing_that_runs(
    browser: Browser, client: httpx.Client, address: str
) -> None:
    opened = ".".join(f"claim-{attack}" for attack in ATTACKS)
    path = f"/t/thesis?format=svg&open={opened}&evidence={opened}"
    answer = client.get(path)
    assert answer.headers["content-type"].startswith("image/svg+xml")
    assert answer.headers["x-content-type-options"] == "nosniff"
    tree = ET.fromstring(answer.text)
    tags = {element.tag.rpartition("}")[2] for element in tree.iter()}
    assert tags <= {
        *(
            "svg",
            "title",
            "desc",
            "style",
            "g",
            "rect",
            "path",
            "text",
            "tspan",
            "circle",
            "defs",
            "marker",
            "line",
            "metadata",
        ),
        *("a", "polygon", "clipPath", "use", "symbol"),
    }, tags
    for element in tree.iter():
        for name, value in element.attrib.items():
            assert not name.rpartition("}")[2].lower().startswith("on"), name
            if name.rpartition("}")[2] == "href":
                assert value.startswith(("#", "https://", "http://", "/")), value
    with visit(browser, address, lax=True) as page:
        page.goto(path)
        assert page.evaluate("window.struck") is None
        assert page.evaluate("document.documentElement.tagName") == "svg"


def test_the_exported_file_runs_nothing_but_its_own(
    browser: Browser, workspace: Workspace, tmp_path: Path
) -> None:
    extent = Extent(depth=None, limit=None, opening=None, evidence=True, beside=True)
    content = workspace.drawing("thesis", "html", extent).decode()
    strict = tmp_path / "strict.html"
    strict.write_text(content, encoding="utf-8")
    # Only escaping is to hold the attacks off, so the policy that the file carries is taken out.
    lax = tmp_path / "lax.html"
    lax.write_text(re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", content), encoding="utf-8")
    for file in (strict, lax):
        with visit(browser, file.as_uri(), lax=file is lax) as page:
            page.goto(file.as_uri())
            page.locator("canvas").wait_for()
            for button in ("Findings", "Whole map", "Start"):
                page.get_by_role("button", name=button).click()
            box = page.locator("canvas").bounding_box()
            assert box
            for across in range(8):
                for down in range(6):
                    page.mouse.move(
                        box["x"] + (across + 0.5) * box["width"] / 8,
                        box["y"] + (down + 0.5) * box["height"] / 6,
                    )
            page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
            page.wait_for_timeout(300)
            assert page.evaluate(FOREIGN) == [], file.name
            assert page.locator("script").count() == 3


def test_citations_that_are_copied_are_text_and_their_bibtex_is_whole(
    browser: Browser, client: httpx.Client, address: str
) -> None:
    for attack in ATTACKS:
        told = client.get(f"/api/nodes/evidence-{attack}").json()
        studies = told["finding"]["citations"]
        assert studies
        for study in studies:
            depth = 0
            for sign in re.sub(r"\\.", "", study["bibtex"]):
                depth += {"{": 1, "}": -1}.get(sign, 0)
                assert depth >= 0, (attack, study["bibtex"])
            assert depth == 0, (attack, study["bibtex"])
            assert len(re.findall(r"^@\w+\{", study["bibtex"], flags=re.M)) == 1, (attack, study["bibtex"])
            assert not re.search(r"(?<!\\)\\(input|write)\b", study["bibtex"]), study["bibtex"]
    with visit(browser, address, lax=True) as page:
        page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=address)
        for attack in ("script", "reference", "direction"):
            page.goto(f"/t/thesis?c=evidence-{attack}")
            for button in ("Copy citation", "Copy BibTeX"):
                page.get_by_role("button", name=button).first.click()
                page.locator("#said", has_text="copied").wait_for(state="attached")
                copied = page.evaluate("navigator.clipboard.readText()")
                assert copied
                assert STRUCK in copied or attack != "script"
            assert page.evaluate(FOREIGN) == []
