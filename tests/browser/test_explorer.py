"""The explorer in a real browser: by keyboard, by hand, on a phone, without scripts, with what means harm."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest

from argraph.workspace import Workspace

from ..contract.app.conftest import HERE
from ..servers import served
from .conftest import CONTRAST, FOCUS, calm, comes, steady, until, visit

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytestmark = pytest.mark.browser

THESIS = "/t/th-open-must-win"
BOX = "document.querySelector('.node[data-id=pil-safety]').getBoundingClientRect()"
TOP, WIDTH = f"{BOX}.top", f"{BOX}.width"
SIZES: list[tuple[int, Literal["light", "dark"]]] = [(1440, "light"), (390, "dark")]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Where the shipped debate is served."""
    with served(Workspace.open()) as client:
        yield str(client.base_url).rstrip("/")


def begin(page: Page, path: str = THESIS) -> None:
    """Open the explorer and wait until it has taken over."""
    page.goto(path)
    page.locator("body.live").wait_for()
    page.locator(".node, [role=treeitem]").first.wait_for()


def card(page: Page, name: str) -> Locator:
    return page.locator(f'.node[data-id="{name}"]')


def line(page: Page, name: str) -> Locator:
    return page.locator(f'[role=treeitem][data-id="{name}"]')


def focus(page: Page) -> str:
    """What has the focus, in words; it must be seen."""
    found: dict[str, str] = page.evaluate(FOCUS)
    assert found["seen"], found
    assert page.evaluate("document.activeElement !== document.body"), "the focus is lost"
    return found["text"]


def press(page: Page, *keys: str) -> None:
    """Press keys; after each, the focus is somewhere and seen."""
    for key in keys:
        page.keyboard.press(key)
        page.wait_for_timeout(60)  # what the key brings about may take the focus along
        comes(
            page, lambda: page.evaluate(f"({FOCUS})().seen && document.activeElement !== document.body"), True
        )


def said(page: Page, text: str) -> None:
    """Wait until those who hear the page are told something."""
    page.locator("#said").filter(has_text=text).wait_for(state="attached")


def state(page: Page) -> dict[str, object]:
    """What the view shows, told in a way that two visits can be compared by."""
    shown: dict[str, object] = page.evaluate(
        """() => ({
          view: document.body.dataset.view,
          cards: [...document.querySelectorAll('.node')].map(e =>
            [e.dataset.id, e.dataset.status, e.style.translate]),
          lines: [...document.querySelectorAll('[role=treeitem]')].map(e =>
            [e.dataset.id ?? '', e.ariaLevel, e.ariaExpanded, e.ariaSelected]),
          chosen: [...document.querySelectorAll('.chosen')].map(e => e.dataset.id ?? e.dataset.joint),
          recede: [...document.querySelectorAll('.recede[data-id]')].map(e => e.dataset.id),
          title: document.querySelector('#details h2')?.textContent,
          details: !document.querySelector('#details').hidden,
        })"""
    )
    return shown


def shown(page: Page) -> dict[str, object]:
    """What the view shows when it has come to rest."""
    return steady(page, lambda: state(page))


def test_a_journey_by_keyboard_alone_over_the_map(browser: Browser, address: str) -> None:
    with visit(browser, address) as page:
        page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=address)
        begin(page)
        page.keyboard.press("/")
        until(page, "document.activeElement.id === 'q'")
        page.keyboard.type("transparency makes ai saf")
        page.get_by_role("option").first.wait_for()
        press(page, "ArrowDown", "Enter")
        card(page, "pil-safety").and_(page.locator(".chosen")).wait_for()
        said(page, "Pillar, does not stand: Transparency makes AI safer")
        until(page, "document.activeElement.closest('[data-id]')?.dataset.id === 'pil-safety'")
        press(page, "e")
        said(page, "Opened: 9 for, 8 against, 1 undercutting")
        card(page, "ob-malicious-use").wait_for()
        press(page, "v")
        said(page, "Opened: 3 findings")
        assert page.locator('.node.evidence[data-relation="bears-on"]').count() > 0
        press(page, "]")
        said(page, "Objection 1 of ")
        until(page, "document.activeElement.closest('[data-id]')?.dataset.id.startsWith('ob-')")
        first = page.evaluate("document.activeElement.closest('[data-id]').dataset.id")
        press(page, "]")
        said(page, "2 of ")
        until(page, f"(document.activeElement.closest('[data-id]')?.dataset.id ?? '{first}') !== '{first}'")
        assert page.get_by_role("region", name="Why").inner_text().startswith("Why")
        press(page, "[")
        said(page, "Objection 1 of ")
        until(page, f"document.activeElement.closest('[data-id]')?.dataset.id === '{first}'")
        for _ in range(20):
            press(page, "Tab")
            if focus(page) == "Copy link":
                break
        press(page, "Enter")
        said(page, "Link copied")
        copied = page.evaluate("navigator.clipboard.readText()")
        assert f"c={first}" in copied
        before = shown(page)
    with visit(browser, address) as page:
        begin(page, copied.removeprefix(address))
        comes(page, lambda: state(page)["cards"], before["cards"])
        assert state(page)["chosen"] == [first]


def test_a_journey_by_keyboard_alone_over_the_outline(browser: Browser, address: str) -> None:
    with visit(browser, address) as page:
        begin(page, f"{THESIS}?view=outline")
        for _ in range(30):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.role") == "treeitem":
                break
        assert focus(page).startswith("Open source AI should prevail")
        press(page, "ArrowRight")
        assert "Collaboration accelerates AI innovation" in focus(page)
        page.keyboard.type("transp")
        assert "Transparency makes AI safer" in focus(page)
        press(page, "ArrowRight")
        said(page, "Opened: 9 for, 8 against, 1 undercutting")
        assert line(page, "pil-safety").get_attribute("aria-expanded") == "true"
        page.keyboard.type("releasing")
        assert "Releasing weights enables malicious use" in focus(page)
        press(page, "Enter")
        said(page, "Objection, does not stand")
        assert line(page, "ob-malicious-use").get_attribute("aria-selected") == "true"
        press(page, "ArrowRight", "End")
        press(page, "Home")
        assert focus(page).startswith("Open source AI")
        page.keyboard.type("releasing")
        press(page, "ArrowLeft")
        assert line(page, "ob-malicious-use").get_attribute("aria-expanded") == "false"
        press(page, "ArrowLeft")
        assert "Transparency makes AI safer" in focus(page)
        press(page, "*")
        press(page, "ArrowLeft")
        press(page, "Escape")
        assert page.locator('[aria-selected="true"]').count() == 0


def test_lines_tell_their_place_among_their_siblings(browser: Browser, address: str) -> None:
    with visit(browser, address, width=390) as page:
        begin(page, f"{THESIS}?view=outline&open=pil-safety.ob-malicious-use&evidence=pil-safety")
        told = page.evaluate(
            """() => [...document.querySelectorAll('[role=treeitem]')].map(e =>
                 [Number(e.ariaLevel), Number(e.ariaPosInSet), Number(e.ariaSetSize)])"""
        )
    assert told[0] == [1, 1, 1]
    last: dict[int, tuple[int, int]] = {}
    for level, place, size in told:
        assert 1 <= place <= size
        before = last.get(level)
        assert place == (1 if before is None else before[0] + 1), (level, place)
        assert before is None or before[1] == size
        last = {key: value for key, value in last.items() if key < level} | {level: (place, size)}
    assert max(level for level, _, _ in told) >= 4


@pytest.mark.parametrize("view", ["map", "outline"])
def test_back_and_reload_and_a_shared_link_give_the_same_view(
    browser: Browser, address: str, view: str
) -> None:
    with visit(browser, address) as page:
        begin(page, f"{THESIS}?view={view}")
        first = shown(page)
        if view == "map":
            card(page, "pil-safety").locator(".more").first.click()
            card(page, "ob-malicious-use").wait_for()
            second = shown(page)
            card(page, "ob-malicious-use").locator(".pick").click()
        else:
            line(page, "pil-safety").locator(".toggle").click()
            line(page, "ob-malicious-use").wait_for()
            second = shown(page)
            line(page, "ob-malicious-use").locator(".words").click()
        page.locator("#details h2", has_text="Releasing weights").wait_for()
        third = shown(page)
        assert first != second != third
        page.go_back()
        comes(page, lambda: state(page), second)
        page.go_back()
        comes(page, lambda: state(page), first)
        page.go_forward()
        page.go_forward()
        page.locator("#details h2", has_text="Releasing weights").wait_for()
        comes(page, lambda: state(page), third)
        page.reload()
        page.locator("#details h2", has_text="Releasing weights").wait_for()
        comes(page, lambda: state(page), third)
        shared = page.url
    with visit(browser, address) as page:
        begin(page, shared.removeprefix(address))
        page.locator("#details h2", has_text="Releasing weights").wait_for()
        comes(page, lambda: state(page), third)


def test_a_filter_lets_the_rest_step_back_and_says_how_many(browser: Browser, address: str) -> None:
    with visit(browser, address) as page:
        begin(page)
        page.get_by_text("Filter", exact=True).click()
        page.get_by_label("does not stand").check()
        cards = page.locator(".node")
        back = page.locator(".node.recede")
        standing = page.locator('.node[data-status="accepted"]')
        assert back.count() == standing.count() > 0
        note = page.locator("#note").inner_text()
        faint = page.locator(".edge.recede").evaluate_all("es => es.map(e => e.dataset.source)")
        gone = set(back.evaluate_all("es => es.map(e => e.dataset.id)"))
        assert set(faint) == gone - {"th-open-must-win"}  # the lines of what steps back do so too
        assert note.startswith(f"{back.count()} of {cards.count()} step back")
        assert "show=rejected" in page.url
        entries = page.evaluate("history.length")
        page.get_by_label("objection").check()
        assert page.evaluate("history.length") == entries
        page.locator("#note").get_by_role("button", name="Show all equally").click()
        assert back.count() == 0
        assert "show" not in page.url


def test_an_undercut_ends_on_the_inference_and_the_inference_is_told(browser: Browser, address: str) -> None:
    with visit(browser, address) as page:
        begin(page, f"{THESIS}?open=pil-safety")
        joint = page.locator('.joint[data-joint="su-safety-open-must-win"]')
        assert page.locator('.edge.undercuts[data-source="ob-openwashing"]').count() == 1
        joint.click()
        page.locator("#details h2", has_text="supports").wait_for()
        details = page.locator("#details")
        assert details.get_by_role("heading", name="Against this inference").is_visible()
        assert details.get_by_role("link", name="Most so-called open models are not transparent").count() >= 1
        assert "c=su-safety-open-must-win" in page.url
        assert joint.get_attribute("aria-pressed") == "true"


def test_an_inference_that_nobody_disputes_is_marked_where_it_is_drawn(
    browser: Browser, address: str
) -> None:
    with visit(browser, address) as page:
        begin(page, f"{THESIS}?c=su-innovation-open-must-win")
        marked = page.locator(".edge.chosen")
        marked.wait_for(state="attached")
        assert marked.evaluate_all("es => es.map(e => [e.dataset.step, e.dataset.source])") == [
            ["su-innovation-open-must-win", "pil-innovation"]
        ]
        assert page.locator(".halo").get_attribute("d") == marked.get_attribute("d")
        full = page.locator(".node:not(.recede)").evaluate_all("es => es.map(e => e.dataset.id)")
        assert sorted(full) == ["pil-innovation", "th-open-must-win"]
        card(page, "pil-innovation").locator(".pick").click()
        page.locator("#details h2", has_text="Collaboration").wait_for()
        assert page.locator(".halo").count() == 0
        page.locator("#details").get_by_role("link", name="the inference").last.click()
        page.locator(".halo").wait_for(state="attached")


@pytest.mark.parametrize("width", [1280, 1440, 1920])
def test_a_map_opens_at_a_size_that_can_be_read(browser: Browser, address: str, width: int) -> None:
    with visit(browser, address, width=width) as page:
        begin(page)
        size = """e => parseFloat(getComputedStyle(e).fontSize) * e.getBoundingClientRect().width
            / e.offsetWidth"""
        assert min(page.locator(".node .words").evaluate_all(f"es => es.map({size})")) >= 12.99
        window = page.locator("#map").bounding_box()
        assert window
        column = card(page, "pil-innovation").bounding_box()
        root = card(page, "th-open-must-win").bounding_box()
        for box in (root, column):
            assert box
            assert window["x"] <= box["x"]
            assert box["x"] + box["width"] <= window["x"] + window["width"]
        assert root
        assert window["y"] <= root["y"]
        assert root["y"] + root["height"] <= window["y"] + window["height"]
        page.get_by_role("button", name="Fit all into the window").click()
        for box in (one.bounding_box() for one in page.locator(".node").all()):
            assert box
            assert window["y"] <= box["y"]
            assert box["y"] + box["height"] <= window["y"] + window["height"]


def test_what_is_selected_is_not_covered_by_the_way_to_it(browser: Browser, address: str) -> None:
    with visit(browser, address) as page:
        for name in ("cl-many-eyes", "pil-safety", "pil-innovation"):
            begin(page, f"{THESIS}?c={name}&open=pil-safety&view=map")
            card(page, name).and_(page.locator(".chosen")).wait_for()
            box = steady(page, card(page, name).bounding_box)
            trail = page.locator("#trail").bounding_box()
            assert box
            assert trail
            assert box["y"] >= trail["y"] + trail["height"], name


def test_one_statement_is_looked_at_alone_and_back(browser: Browser, address: str) -> None:
    with visit(browser, address) as page:
        begin(page, f"{THESIS}?c=pil-safety")
        page.get_by_role("button", name="Look at this alone").click()
        page.locator('.node.root[data-id="pil-safety"]').wait_for()
        assert "Only what speaks about this one" in page.locator("#note").inner_text()
        assert page.locator("#trail").get_by_role("link").first.inner_text().startswith("Open source AI")
        page.locator("#note").get_by_role("button", name="Show the whole thesis").click()
        page.locator('.node.root[data-id="th-open-must-win"]').wait_for()


def test_cards_move_by_drag_and_wheel_and_a_drag_selects_nothing(browser: Browser, address: str) -> None:
    with visit(browser, address) as page:
        begin(page)
        box = card(page, "pil-safety").bounding_box()
        assert box
        page.mouse.move(box["x"] + 60, box["y"] + 20)
        page.mouse.down()
        page.mouse.move(box["x"] + 10, box["y"] - 60, steps=5)
        page.mouse.up()
        after = card(page, "pil-safety").bounding_box()
        assert after
        assert (round(after["x"] - box["x"]), round(after["y"] - box["y"])) == (-50, -80)
        assert page.locator(".chosen").count() == 0
        assert page.evaluate("getComputedStyle(document.querySelector('.world')).willChange") == "auto"
        page.mouse.wheel(0, 100)
        until(page, f"{TOP} < {after['y'] - 50}")
        rolled = steady(page, card(page, "pil-safety").bounding_box)
        assert rolled
        assert round(after["y"] - rolled["y"]) == 100
        page.keyboard.down("Control")
        page.mouse.wheel(0, -200)
        page.keyboard.up("Control")
        until(page, f"{WIDTH} > {box['width'] * 1.1}")
        nearer = steady(page, card(page, "pil-safety").bounding_box)
        assert nearer
        assert nearer["width"] > box["width"] * 1.2
        page.get_by_role("button", name="Fit all into the window").click()
        corners = page.evaluate(
            """() => { const m = document.querySelector('#map').getBoundingClientRect();
              return [...document.querySelectorAll('.node')].every(e => { const b = e.getBoundingClientRect();
                return b.left >= m.left && b.right <= m.right && b.top >= m.top && b.bottom <= m.bottom;
              }); }"""
        )
        assert corners is True


def test_two_fingers_bring_the_map_nearer(browser: Browser, address: str) -> None:
    with visit(browser, address, width=390) as page:
        begin(page, f"{THESIS}?view=map")
        before = card(page, "th-open-must-win").bounding_box()
        page.evaluate(
            """() => { const m = document.querySelector('#map'), box = m.getBoundingClientRect();
              const fire = (type, id, x, y) => m.dispatchEvent(new PointerEvent(type, {pointerId: id,
                bubbles: true, button: 0, clientX: box.left + x, clientY: box.top + y}));
              m.setPointerCapture = () => undefined;
              fire('pointerdown', 1, 150, 300); fire('pointerdown', 2, 200, 300);
              for (let i = 1; i <= 10; i++) {
                fire('pointermove', 1, 150 - i * 2, 300); fire('pointermove', 2, 200 + i * 2, 300);
              }
              fire('pointerup', 1, 130, 300); fire('pointerup', 2, 220, 300); }"""
        )
        after = card(page, "th-open-must-win").bounding_box()
        assert before
        assert after
        assert after["width"] > before["width"] * 1.3


def test_who_wants_no_motion_sees_none(browser: Browser, address: str) -> None:
    with visit(browser, address) as page:
        page.emulate_media(reduced_motion="reduce")
        begin(page)
        page.evaluate(
            "() => { window.moves = 0; const a = Element.prototype.animate;"
            "Element.prototype.animate = function (...x) { moves++; return a.apply(this, x); } }"
        )
        card(page, "pil-safety").locator(".more").first.click()
        card(page, "ob-malicious-use").wait_for()
        assert page.evaluate("window.moves") == 0
        assert page.locator(".gliding").count() == 0


@pytest.mark.parametrize("width", [320, 390, 720, 1440])
def test_no_state_scrolls_sideways(browser: Browser, address: str, width: int) -> None:
    with visit(browser, address, width=width) as page:
        for query in (
            "",
            "?view=map",
            "?view=map&c=pil-safety&open=pil-safety",
            "?view=outline&c=ob-malicious-use",
            "?show=rejected",
        ):
            begin(page, THESIS + query)
            assert page.evaluate("document.documentElement.scrollWidth") == width, query
            tools = page.locator("#tools").bounding_box()
            assert tools
            assert tools["x"] + tools["width"] <= width, query
            for button in page.locator("#tools > .seg > button, #tools > details > summary").all():
                box = button.bounding_box()
                assert box
                assert box["x"] >= 0
                assert box["x"] + box["width"] <= width, query


def test_on_a_phone_the_sheet_does_not_cover_what_is_selected(browser: Browser, address: str) -> None:
    with visit(browser, address, width=390) as page:
        begin(page)
        assert page.evaluate("document.body.dataset.view") == "outline"
        assert not page.locator("#details").is_visible()
        for view, chosen in (("outline", line(page, "br-momentum")), ("map", card(page, "br-momentum"))):
            begin(page, f"{THESIS}?view={view}&c=br-momentum")
            page.locator("#details h2").wait_for()
            box = steady(page, chosen.bounding_box)
            sheet = steady(page, page.locator("#details").bounding_box)
            assert box
            assert sheet
            assert box["y"] + box["height"] <= sheet["y"] + 1, view
            assert box["y"] >= 90, view
        page.get_by_role("button", name="Larger").click()
        larger = page.locator("#details").bounding_box()
        assert larger
        assert larger["height"] > 700
        page.get_by_role("button", name="Close the details").press("Enter")
        assert not page.locator("#details").is_visible()
        assert focus(page).startswith("Branch")


def test_what_a_thumb_must_hit_is_large_enough(browser: Browser, address: str) -> None:
    with visit(browser, address, width=390) as page:
        begin(page, f"{THESIS}?c=pil-safety")
        targets = page.locator(
            "#tools button:visible, #tools summary:visible, [role=treeitem], #q, .details .close, .brand"
        )
        small = [
            (one.inner_text(), box)
            for one in targets.all()
            if (box := one.bounding_box()) and box["height"] < 44 and "finding" not in one.inner_text()
        ]
        assert small == []


@pytest.mark.parametrize(("width", "scheme"), SIZES)
def test_every_text_stands_out_from_its_ground(
    browser: Browser, address: str, width: int, scheme: Literal["light", "dark"]
) -> None:
    faint = {}
    with visit(browser, address, width=width, scheme=scheme) as page:
        for query in (
            "?view=map",
            "?view=map&c=ob-malicious-use&open=pil-safety&evidence=pil-safety",
            "?view=outline&c=pil-safety&open=pil-safety",
            "?view=map&show=rejected",
            "?view=outline&show=rejected",
        ):
            begin(page, THESIS + query)
            calm(page)
            if found := page.evaluate(CONTRAST):
                faint[query] = found
    assert faint == {}


def test_the_page_is_whole_without_scripts(browser: Browser, address: str) -> None:
    with visit(browser, address, scripts=False) as page:
        page.goto(f"{THESIS}?c=ob-malicious-use")
        assert (
            page.get_by_role("heading", level=1).inner_text()
            == "Open source AI should prevail over closed systems"
        )
        assert page.get_by_role("heading", name="What this link points at").is_visible()
        assert page.get_by_text("“Releasing weights enables malicious use” does not stand").first.is_visible()
        lines = page.locator("#outline-plain li")
        assert lines.count() > 700
        link = page.locator('#outline-plain li[data-id="rb-marginal-risk"]').first.get_by_role("link").first
        assert link.get_attribute("href") == "/id/rb-marginal-risk"
        assert not page.locator("#tools").is_visible()
        assert not page.locator("#shell").is_visible()
        linked = json.loads(page.locator('script[type="application/ld+json"]').inner_text())
        assert linked["@type"] == "Claim"
        assert page.evaluate("document.documentElement.scrollWidth") == 1440


def test_outline_and_page_and_data_tell_the_same(browser: Browser, address: str) -> None:
    workspace = Workspace.open()
    told = {(row.id, row.relation, row.status) for row in workspace.outline("th-open-must-win")}
    everything = ".".join(sorted({row.id for row in workspace.outline("th-open-must-win")}))
    read = "es => es.map(e => [e.dataset.id, e.dataset.relation, e.dataset.status])"
    with visit(browser, address) as page:
        begin(page, f"{THESIS}?view=outline&open={everything}&evidence={everything}")
        plain = page.locator("#outline-plain li[data-id]").evaluate_all(read)
        lines = page.locator("[role=treeitem][data-id]").evaluate_all(read)
    assert {tuple(one) for one in plain} == told
    assert {tuple(one) for one in lines} == told


def test_print_shows_the_outline_and_the_details(browser: Browser, address: str) -> None:
    with visit(browser, address) as page:
        begin(page, f"{THESIS}?c=pil-safety")
        page.emulate_media(media="print")
        assert page.locator("#outline-plain").is_visible()
        assert page.locator("#details h2").is_visible()
        assert not page.locator("#map").is_visible()
        assert not page.locator("#tools").is_visible()


def test_signs_and_rings_remain_in_forced_colours(browser: Browser, address: str) -> None:
    with visit(browser, address) as page:
        page.emulate_media(forced_colors="active")
        begin(page, f"{THESIS}?c=pil-safety")
        assert (
            card(page, "pil-safety").locator(".pick").evaluate("e => getComputedStyle(e).outlineWidth")
            == "3px"
        )
        dashes = page.locator(".edge.supports").first.evaluate("e => getComputedStyle(e).strokeDasharray")
        assert dashes == "none"
        assert card(page, "pil-safety").locator(".badge").inner_text().split() == [
            "✕",
            "does",
            "not",
            "stand",
        ]


def test_what_is_shown_is_taken_along_as_picture_and_data(browser: Browser, address: str) -> None:
    with visit(browser, address) as page:
        begin(page, f"{THESIS}?open=pil-safety")
        for name, begins in (
            ("Picture (SVG)", b"<svg xmlns"),
            ("Picture (PNG)", b"\x89PNG"),
            ("Data (Turtle)", b"@prefix"),
            ("Data (JSON)", b'{"root"'),
        ):
            if not page.get_by_role("link", name=name).is_visible():
                page.get_by_text("Share", exact=True).click()
            with page.expect_download() as waiting:
                page.get_by_role("link", name=name).click()
            content = Path(waiting.value.path()).read_bytes()
            assert content.startswith(begins), name
            if begins != b"\x89PNG":
                assert b"malicious" in content, name


def test_a_search_that_finds_nothing_says_so_and_what_to_do(browser: Browser, address: str) -> None:
    with visit(browser, address) as page:
        begin(page)
        page.get_by_role("combobox", name="Search").fill("qqqqzzzz")
        told = page.locator("#found .none")
        told.wait_for()
        assert "Try another word" in told.inner_text()
        page.keyboard.press("Escape")
        assert not page.locator("#found").is_visible()


def test_an_unknown_selection_is_refused_with_what_may_be_meant(browser: Browser, address: str) -> None:
    with visit(browser, address) as page:
        answer = page.goto(f"{THESIS}?c=pil-safty")
        assert answer
        assert answer.status == 404
        assert page.get_by_role("link", name="Transparency makes AI safer").is_visible()


def test_statements_whose_names_are_dots_are_told_like_others(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("graph")
    shutil.copy(HERE / "hostile.ttl", folder)
    with (
        served(Workspace.open(folder)) as client,
        visit(browser, str(client.base_url).rstrip("/")) as page,
    ):
        begin(page, "/t/thesis?view=map")
        for label in ("odd 5", "odd 6"):
            page.locator(".node .pick", has_text=label).dispatch_event("click")
            page.locator("#details h2", has_text=label).wait_for()
        page.locator("#details").get_by_role("link", name="Its page").click()
        page.get_by_role("heading", level=1, name="odd 6").wait_for()


def test_nothing_in_a_hostile_debate_is_executed(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("graph")
    shutil.copy(HERE / "hostile.ttl", folder)
    workspace = Workspace.open(folder)
    with served(workspace) as client, visit(browser, str(client.base_url).rstrip("/")) as page:
        for view in ("map", "outline"):
            begin(page, f"/t/thesis?view={view}&open=h.no-label.many&evidence=thesis")
            page.locator("#details h2", has_text="script").wait_for()
            names = page.locator(".node, [role=treeitem][data-id]").evaluate_all(
                "es => es.map(e => e.dataset.id)"
            )
            assert len(names) > 15
            for name in names:
                found = page.locator(".node .pick, [role=treeitem] .words").nth(names.index(name))
                found.dispatch_event("click")
                page.wait_for_timeout(30)
            page.get_by_role("combobox", name="Search").fill("script")
            page.get_by_role("option").first.wait_for()
            page.keyboard.press("Escape")
        for link in page.locator("main a[href]").all():
            href = link.get_attribute("href") or ""
            assert href.startswith(("/", "#", "?", "http://", "https://")), href
        assert page.locator("main img, main iframe, main object").count() == 0
