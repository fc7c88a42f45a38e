"""Where things are in the browser, from numbers: nothing overlaps, nothing is cut off, nothing jumps."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import combinations, pairwise
from typing import TYPE_CHECKING, NamedTuple

import httpx
import pytest

from argraph.workspace import Workspace

from ..servers import served
from .conftest import calm, steady, visit

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

THESIS = "/t/th-open-must-win"
OPENED = (
    f"{THESIS}?view=map&open=pil-safety.ob-malicious-use.pil-innovation.pil-economics&evidence=pil-safety"
)
BOXES = """es => es.map(e => { const b = e.getBoundingClientRect();
  return [e.dataset.id ?? e.dataset.joint, b.left, b.top, b.right, b.bottom]; })"""
TEXTS = """() => [...document.querySelectorAll('.node')].map(e => {
  const part = name => e.querySelector(name), box = e => e.getBoundingClientRect();
  const words = part('.words'), head = part('.head'), badge = part('.badge');
  const chip = part('.chip span:last-child');
  const card = box(part('.pick')), text = box(words), status = box(badge);
  return {
    id: e.dataset.id,
    cut: words.scrollHeight > words.clientHeight + 1,
    wide: words.scrollWidth > words.clientWidth + 1,
    outside: text.bottom > card.bottom + .5 || text.right > card.right + .5 || status.right > card.right + .5,
    status: badge.scrollWidth > badge.clientWidth + 1,
    head: head.scrollHeight > head.clientHeight + 1,
    chip: chip !== null && box(chip).top < text.bottom - 1,
  };
})"""
# A target is what answers where one points, so it is tried at the ends of a cross of 24 px, put to several
# places. What the edge of a pane or something that lies over the pane cuts off is not counted: it moves into
# sight. Nor are links in running text.
SMALL = """() => {
  const over = '.legend, .zoom, .trail, .details, .bar, .drop, .found-list, .note-line, dialog';
  const layer = e => e.closest(over);
  const pane = e => {
    const cuts = p => getComputedStyle(p).overflowY !== 'visible' && !p.matches('.pick');
    for (let p = e.parentElement; p; p = p.parentElement) if (cuts(p)) return p.getBoundingClientRect();
    return new DOMRect(0, 0, innerWidth, innerHeight);
  };
  const parts = [.5, .25, .75], ends = [[-11.5, 0], [11.5, 0], [0, -11.5], [0, 11.5]];
  const small = e => {
    const visible = e.checkVisibility({visibilityProperty: true, opacityProperty: true});
    if (!visible || e.disabled || e.matches('.hidden, .skip')) return false;
    if (getComputedStyle(e).display === 'inline') return false;
    if (e.matches('input') && e.closest('label')) e = e.closest('label');
    const b = e.getBoundingClientRect(), room = pane(e);
    const seen = (x, y) => x > Math.max(room.left, 0) && y > Math.max(room.top, 0)
      && x < Math.min(room.right, innerWidth) && y < Math.min(room.bottom, innerHeight);
    const own = (x, y) => {
      const at = document.elementFromPoint(x, y);
      return !at || e === at || e.contains(at) || (layer(at) !== null && layer(at) !== layer(e));
    };
    if (!seen(b.left + b.width / 2, b.top + b.height / 2)) return false;
    return !parts.some(across => parts.some(down => ends.every(([dx, dy]) => {
      const [x, y] = [b.left + b.width * across + dx, b.top + b.height * down + dy];
      return !seen(x, y) || own(x, y);
    })));
  };
  const targets = 'a[href], button, summary, input, select, textarea, [role=treeitem], [role=option]';
  return [...document.querySelectorAll(targets)].filter(small).map(e => {
    const {x, y, width, height} = e.getBoundingClientRect();
    return `${[x, y, width, height].map(Math.round)} ${e.className} ${e.textContent.slice(0, 60)}`;
  });
}"""


class Box(NamedTuple):
    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: Box) -> bool:
        """By more than the half pixel that is lost in rounding."""
        across = min(self.right, other.right) - max(self.left, other.left)
        down = min(self.bottom, other.bottom) - max(self.top, other.top)
        return across > 0.5 and down > 0.5


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    """A server on the shipped debate."""
    with served(Workspace.open()) as client:
        yield client


@pytest.fixture(scope="module")
def address(client: httpx.Client) -> str:
    """Where it is."""
    return str(client.base_url).rstrip("/")


def begin(page: Page, path: str) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.goto(path)
    page.locator("body.live").wait_for()
    page.locator(".node, [role=treeitem]").first.wait_for()


def boxes(page: Page, what: str = ".node") -> dict[str, Box]:
    return {name: Box(*sides) for name, *sides in page.locator(what).evaluate_all(BOXES)}


def everything(client: httpx.Client) -> str:
    rows = client.get(
        "/api/nodes/th-open-must-win/outline?depth=100&limit=2000&opening=2000&evidence=*"
    ).json()
    return ".".join(sorted({row["id"] for row in rows}))


@pytest.mark.parametrize("width", [1440, 390])
def test_no_card_overlaps_another_and_no_joint_lies_on_a_card(
    browser: Browser, client: httpx.Client, address: str, width: int
) -> None:
    opened = everything(client)
    with visit(browser, address, width=width) as page:
        for path in (f"{THESIS}?view=map", OPENED, f"{THESIS}?view=map&open={opened}&evidence={opened}"):
            begin(page, path)
            cards, joints = boxes(page), boxes(page, ".joint")
            assert len(cards) > 5
            found = [(a, b) for a, b in combinations(cards, 2) if cards[a].overlaps(cards[b])]
            found += [(a, b) for a in joints for b in cards if joints[a].overlaps(cards[b])]
            found += [(a, b) for a, b in combinations(joints, 2) if joints[a].overlaps(joints[b])]
            assert found == [], path[:60]
    assert len(cards) == 240


def test_what_folds_cards_open_covers_no_other_card(browser: Browser, address: str) -> None:
    with visit(browser, address) as page:
        begin(page, OPENED)
        cards = boxes(page)
        pills = page.locator(".node:has(.pills)").evaluate_all(
            "es => es.map(e => { const b = e.querySelector('.pills').getBoundingClientRect();"
            "return [e.dataset.id, b.left, b.top, b.right, b.bottom]; })"
        )
        assert len(pills) > 5
        for name, *sides in pills:
            for other, box in cards.items():
                assert other == name or not Box(*sides).overlaps(box), (name, other)


@pytest.mark.parametrize("width", [1440, 390])
def test_no_text_runs_out_of_its_card(
    browser: Browser, client: httpx.Client, address: str, width: int
) -> None:
    opened = everything(client)
    scene = client.get(f"{THESIS}?format=json&open={opened}&evidence={opened}").json()
    shortened = {card["id"] for card in scene["nodes"] if card["wrapped"][-1].endswith("…")}
    with visit(browser, address, width=width) as page:
        begin(page, f"{THESIS}?view=map&open={opened}&evidence={opened}")
        told = page.evaluate(TEXTS)
    assert len(told) == 240
    wrong = [
        card
        for card in told
        if card["outside"] or card["wide"] or card["status"] or card["head"] or card["chip"]
        or (card["cut"] and card["id"] not in shortened)
    ]  # fmt: skip
    assert wrong == []


def test_cards_keep_their_order_and_what_is_opened_its_place(browser: Browser, address: str) -> None:
    with visit(browser, address) as page:
        begin(page, f"{THESIS}?view=map")
        for name in ("pil-safety", "ob-malicious-use", "pil-innovation"):
            before = boxes(page)
            page.locator(f'.node[data-id="{name}"] .more:not(.findings)').click()
            page.locator(f'.node[data-id="{name}"] .more.less').wait_for()
            after = boxes(page)
            assert len(after) > len(before)
            assert set(before) <= set(after)
            columns: dict[int, list[str]] = {}
            for card in sorted(before, key=lambda card: before[card].top):
                columns.setdefault(round(before[card].left), []).append(card)
            for column in columns.values():
                for above, below in pairwise(column):
                    assert after[above].bottom <= after[below].top + 0.5, (name, above, below)
            page.locator(f'.node[data-id="{name}"] .more.less:not(.findings)').click()
            page.locator(f'.node[data-id="{name}"] .more.less:not(.findings)').wait_for(state="detached")
            folded = boxes(page)
            assert set(folded) == set(before)
            shift = folded[name].left - before[name].left, folded[name].top - before[name].top
            for card, box in before.items():
                assert abs(folded[card].left - box.left - shift[0]) < 1, card
                assert abs(folded[card].top - box.top - shift[1]) < 1, card
            page.locator(f'.node[data-id="{name}"] .more:not(.findings)').click()
            page.locator(f'.node[data-id="{name}"] .more.less').wait_for()


def test_the_same_address_gives_the_same_picture_twice(browser: Browser, address: str) -> None:
    seen = []
    for _ in range(2):
        with visit(browser, address) as page:
            begin(page, OPENED)
            seen.append(
                (boxes(page), page.locator(".edge").evaluate_all("es => es.map(e => e.getAttribute('d'))"))
            )
    assert seen[0] == seen[1]
    assert len(seen[0][1]) > 20


@pytest.mark.parametrize(
    "chosen",
    ["pil-safety", "ob-malicious-use", "ev-arora2010-patch", "su-safety-open-must-win&open=pil-safety"],
)
def test_on_a_phone_what_is_selected_is_above_the_sheet(browser: Browser, address: str, chosen: str) -> None:
    with visit(browser, address, width=390) as page:
        begin(page, f"{THESIS}?view=map&c={chosen}")
        page.locator("#details h2").wait_for()
        sheet = steady(page, page.locator("#details").bounding_box)
        ((name, box),) = steady(page, lambda: boxes(page, ".node.chosen, .joint.chosen")).items()
        assert sheet
        assert name == chosen.partition("&")[0]
        assert box.bottom <= sheet["y"] + 1
        assert box.top >= 0
        assert box.left >= 0
        assert box.right <= 390


@pytest.mark.parametrize(("width", "height"), [(320, 640), (720, 450), (390, 844), (1440, 900)])
def test_every_target_is_24_px_or_more(browser: Browser, address: str, width: int, height: int) -> None:
    found = {}
    with visit(browser, address, width=width) as page:
        page.set_viewport_size({"width": width, "height": height})
        for path in (
            f"{THESIS}?view=map",
            OPENED,
            f"{THESIS}?view=map&c=su-safety-open-must-win&open=pil-safety",
            f"{THESIS}?view=outline&c=pil-safety",
            f"{THESIS}?view=map&show=rejected",
        ):
            begin(page, path)
            calm(page)
            if told := steady(page, lambda: page.evaluate(SMALL)):
                found[path] = told
            assert page.evaluate("document.documentElement.scrollWidth") == width, path
        for path in ("/", "/id/pil-safety", "/id/study-arora2010-patch", "/search?q=openness"):
            page.goto(path)
            if told := page.evaluate(SMALL):
                found[path] = told
            assert page.evaluate("document.documentElement.scrollWidth") == width, path
    assert not found, json.dumps(found, indent=1, ensure_ascii=False)
