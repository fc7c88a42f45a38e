"""A real browser, and what must hold of every page in it."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal, TypeVar

import pytest

from ..conftest import absent

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page, Route

T = TypeVar("T")
ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
CONTRAST = """() => {
  const channel = v => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
  const parse = c => c.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => .2126 * channel(r) + .7152 * channel(g) + .0722 * channel(b);
  const opaque = c => c.length < 4 || c[3] === 1;
  const drawn = e => { const style = getComputedStyle(e, '::before');  // ground smaller than its target
    return style.content !== 'none' && style.zIndex === '-1' ? parse(style.backgroundColor) : [0, 0, 0, 0]; };
  const behind = e => { for (; e; e = e.parentElement)
    for (const c of [drawn(e), parse(getComputedStyle(e).backgroundColor)]) if (opaque(c)) return c;
    return [255, 255, 255]; };
  const faint = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const e = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !e.checkVisibility() || e.closest('.hidden, .skip')) continue;
    const style = getComputedStyle(e), size = parseFloat(style.fontSize);
    const [a, b] = [light(parse(style.color)), light(behind(e))].sort((x, y) => y - x);
    const needed = size >= 24 || (size >= 18.66 && style.fontWeight >= 700) ? 3 : 4.5;
    const told = walker.currentNode.data.trim().slice(0, 40) + ' ' + style.color;
    if ((a + .05) / (b + .05) < needed) faint.push(told);
  }
  return faint;
}"""
POLICY = """addEventListener('securitypolicyviolation', event =>
  console.error(`policy: ${event.violatedDirective} of ${event.blockedURI}`))"""
FOCUS = """() => {
  const e = document.activeElement, own = getComputedStyle(e), after = getComputedStyle(e, '::after');
  return {text: e.innerText || e.value || '', href: e.href || '',
          seen: [own, after].some(s => s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2)};
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium; closed with the module, since it keeps an event loop running in this thread."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        absent("The Python package playwright is not installed.")
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if path is None:
        absent("Neither Chromium nor Chrome is installed.")
    assert path
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield browser
        browser.close()


@contextmanager
def visit(
    browser: Browser,
    address: str,
    *,
    width: int = 1440,
    scheme: Literal["light", "dark"] = "light",
    scripts: bool = True,
    lax: bool = False,
) -> Iterator[Page]:
    """A page that has no way out to other origins; what it should not do is raised at the end.

    Where it is `lax`, the page's policy against scripts of others is not kept: only escaping holds them off.
    """
    context = browser.new_context(
        base_url=address,
        viewport={"width": width, "height": 844},
        color_scheme=scheme,
        java_script_enabled=scripts,
        bypass_csp=lax,
    )
    page = context.new_page()
    faults: list[str] = []
    allowed = "Failed to load resource: the server responded with a status of 4"  # our own refusals

    def console(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not message.text.startswith(allowed):
            faults.append(message.text)

    def dialog(shown: Dialog) -> None:
        faults.append(f"dialog: {shown.message}")
        shown.dismiss()

    def outward(route: Route) -> None:
        faults.append(f"request to {route.request.url}")
        route.abort()

    page.on("console", console)
    page.on("dialog", dialog)
    page.on("pageerror", lambda error: faults.append(str(error)))
    context.route(lambda url: not url.startswith(address), outward)
    context.add_init_script(POLICY)
    try:
        yield page
    finally:
        context.close()
    assert faults == []


def tab_to(page: Page, text: str) -> dict[str, str]:
    """Press Tab until a link with this text has the focus; on the way every stop must be visible."""
    page.wait_for_load_state()  # a page can have the focus before it has its styles
    for _ in range(300):
        page.keyboard.press("Tab")
        focus: dict[str, str] = page.evaluate(FOCUS)
        assert focus["seen"], focus
        if focus["text"].strip().startswith(text):
            return focus
    raise AssertionError(f"no way by Tab to {text}")


def until(page: Page, condition: str, *, seconds: float = 60) -> None:
    """Wait for a condition in the page, whose policy forbids the `eval` of the driver's own waiting."""
    end = time.monotonic() + seconds
    while not page.evaluate(condition):
        assert time.monotonic() < end, f"never came true: {condition}"
        page.wait_for_timeout(30)


def calm(page: Page) -> None:
    """Wait until nothing in the page moves or changes its colour any more."""
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    until(page, "document.getAnimations().every(one => one.playState !== 'running')")


def steady(page: Page, look: Callable[[], T]) -> T:
    """What is seen when one has looked twice and seen the same."""
    seen = look()
    for _ in range(200):
        page.wait_for_timeout(150)
        before, seen = seen, look()
        if seen == before:
            return seen
    raise AssertionError(f"never at rest: {seen}")


def comes(page: Page, look: Callable[[], T], expected: T) -> None:
    """Wait until what is seen is as expected."""
    end = time.monotonic() + 60
    while (seen := look()) != expected:
        if time.monotonic() > end:
            assert seen == expected
        page.wait_for_timeout(30)
