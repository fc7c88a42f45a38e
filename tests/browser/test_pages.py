"""The pages in a real browser: by keyboard, on a phone, in the dark, without scripts."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

import pytest

from argraph.workspace import Workspace

from ..contract.app.conftest import HERE
from ..servers import served
from .conftest import CONTRAST, FOCUS, tab_to, visit

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

KINDS = {
    "start": "/",
    "statement": "/id/pil-safety",
    "objection": "/id/ob-malicious-use",
    "unanswered objection": "/id/ob-hidden-backdoors",
    "undercut inference": "/id/su-many-eyes-safety",
    "attack": "/id/at-malicious-use-safety",
    "evidence": "/id/ev-arora2010-patch",
    "line of evidence": "/id/el-arora2010-patch-oss-fast-fixes",
    "study": "/id/study-arora2010-patch",
    "theme": "/id/theme-transparency",
    "article": "/id/article",
    "contribution": "/id/contribution-safety",
    "history": "/id/pil-safety/history",
    "questions": "/queries",
    "question": "/queries/most-objected",
    "question with parameters": "/queries/attack?node=pil-safety",
    "question with an unknown node": "/queries/evidence-for?node=pil-safty-of-a-kind",
    "query form": "/sparql",
    "query answer": "/sparql?query=SELECT+*+%7B+%3Fs+%3Fp+%3Fo+%7D+LIMIT+9",
    "query fault": "/sparql?query=SELECT+%3Fx+%7B+%3Fx+a+%7D",
    "vocabulary": "/ontology",
    "search": "/search?q=malicous+use",
    "nothing found": "/search?q=qqqzzz",
    "not found": "/id/pil-safty",
}


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Where the shipped debate is served."""
    with served(Workspace.open()) as client:
        yield str(client.base_url).rstrip("/")


def test_from_the_thesis_to_a_study_by_keyboard_alone(browser: Browser, address: str) -> None:
    with visit(browser, address) as page:
        page.goto("/")
        for text, heading in (
            ("Transparency makes AI safer", "Transparency makes AI safer"),
            ("Releasing weights enables malicious use", "Releasing weights enables malicious use"),
            ("Wan et al. 2024", None),
        ):
            tab_to(page, text)
            with page.expect_navigation():
                page.keyboard.press("Enter")
            if heading:
                assert page.get_by_role("heading", level=1).inner_text() == heading
        assert "/id/study-" in page.url
        assert tab_to(page, "Read it")["href"] == "https://arxiv.org/abs/2408.01605"


def test_the_skip_link_is_the_first_stop_and_leads_to_the_content(browser: Browser, address: str) -> None:
    with visit(browser, address, width=390) as page:
        page.goto("/id/pil-safety")
        page.keyboard.press("Tab")
        assert page.evaluate(FOCUS)["text"] == "Skip to the content"
        box = page.locator(".skip").bounding_box()
        assert box is not None
        assert box["y"] >= 0
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "content"
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.closest('main') !== null")


def test_no_page_scrolls_sideways_from_the_smallest_phone_to_a_wide_screen(
    browser: Browser, address: str
) -> None:
    too_wide = {}
    with visit(browser, address) as page:
        for kind, path in KINDS.items():
            page.goto(path)
            for width in (320, 390, 720, 1440, 2560):  # 720 is also a screen of 1440 at a zoom of 200 %
                page.set_viewport_size({"width": width, "height": 844})
                if (found := page.evaluate("document.documentElement.scrollWidth")) != width:
                    too_wide[kind, width] = found
    assert too_wide == {}


def test_every_text_stands_out_from_its_ground(browser: Browser, address: str) -> None:
    faint = {}
    schemes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    for scheme in schemes:
        with visit(browser, address, width=390, scheme=scheme) as page:
            for kind, path in KINDS.items():
                page.goto(path)
                if found := page.evaluate(CONTRAST):
                    faint[kind, scheme] = found
    assert faint == {}


def test_every_page_is_whole_without_scripts(browser: Browser, address: str) -> None:
    landmarks: tuple[Literal["banner", "main", "contentinfo"], ...] = ("banner", "main", "contentinfo")
    with visit(browser, address, scripts=False) as page:
        for kind, path in KINDS.items():
            page.goto(path)
            for role in landmarks:
                assert page.get_by_role(role).count() == 1, (kind, role)
            assert page.get_by_role("navigation", name="Site").count() == 1, kind
            assert page.get_by_role("heading", level=1).count() == 1, kind
            assert page.locator("html").get_attribute("lang") == "en", kind
            assert page.title().endswith("– argraph"), kind
            assert page.locator("meta[name=description]").get_attribute("content"), kind
            assert page.locator("meta[name=viewport]").count() == 1, kind
            assert page.locator("script:not([type='application/ld+json'])").count() == 0, kind


def test_relations_are_told_in_words_and_by_line_as_well_as_by_colour(browser: Browser, address: str) -> None:
    with visit(browser, address) as page:
        page.goto("/id/pil-safety")
        styles = {}
        for relation, words in (
            ("support", {"supports", "speaks for"}),
            ("attack", {"objects to", "answers", "speaks against"}),
            ("undercut", {"disputes"}),
        ):
            every = page.locator(f".argument.{relation}")
            assert every.count() > 0
            for told in every.locator("> .how").all_inner_texts():
                assert told.lower().startswith(tuple(words)), told
            styles[relation] = every.first.evaluate("e => getComputedStyle(e, '::before').borderLeftStyle")
        assert styles == {"support": "solid", "attack": "dashed", "undercut": "dotted"}


def test_what_a_thumb_must_hit_is_large_enough(browser: Browser, address: str) -> None:
    with visit(browser, address, width=390) as page:
        page.goto("/id/pil-safety")
        for target in [*page.locator(".bar a").all(), *page.locator(".jump a").all()]:
            box = target.bounding_box()
            assert box is not None
            assert box["height"] >= 44


def test_print_leaves_out_the_menu_and_writes_addresses_out(browser: Browser, address: str) -> None:
    with visit(browser, address) as page:
        page.goto("/id/study-arora2010-patch")
        page.emulate_media(media="print")
        assert not page.get_by_role("navigation", name="Site").is_visible()
        written = page.locator(".button").evaluate("e => getComputedStyle(e, '::after').content")
        assert "https://doi.org/10.1287/isre.1080.0226" in written or "attr(href)" in written


def test_signs_and_lines_remain_in_forced_colours(browser: Browser, address: str) -> None:
    with visit(browser, address) as page:
        page.emulate_media(forced_colors="active")
        page.goto("/id/pil-safety")
        width = page.locator(".argument").first.evaluate(
            "e => getComputedStyle(e, '::before').borderLeftWidth"
        )
        assert width == "2px"


def test_nothing_in_a_hostile_debate_is_executed(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("graph")
    shutil.copy(HERE / "hostile.ttl", folder)
    with served(Workspace.open(folder)) as client:
        address = str(client.base_url).rstrip("/")
        listed = client.get("/id/contribution", headers={"accept": "text/html"}).text
        assert "/id/thesis" in listed
        with visit(browser, address) as page:
            for name in ("thesis", "contribution", "study", "evidence", "article", "many"):
                page.goto(f"/id/{name}")
                page.mouse.move(200, 200)
                page.keyboard.press("Tab")
                assert page.get_by_role("heading", level=1).count() == 1


def test_a_question_is_asked_by_filling_its_form(browser: Browser, address: str) -> None:
    with visit(browser, address, width=390) as page:
        page.goto("/queries/attack")
        page.get_by_label("node").fill("pil-safety")
        page.get_by_role("button", name="Ask").click()
        assert page.get_by_role("link", name="osai:ob-malicious-use").first.is_visible()
        page.goto("/sparql")
        page.get_by_label("Query").fill("SELECT ?t { ?t a arg:Thesis }")
        page.get_by_role("button", name="Ask").click()
        page.get_by_role("link", name="osai:th-open-must-win").click()
        assert (
            page.get_by_role("heading", level=1).inner_text()
            == "Open source AI should prevail over closed systems"
        )
