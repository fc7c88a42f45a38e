"""What a visit costs: bytes and requests, never seconds."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from typing import TYPE_CHECKING

import httpx
import pytest

from argraph.app.site import STATIC
from argraph.workspace import Workspace

from ..servers import served
from .conftest import visit

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Response

pytestmark = pytest.mark.browser

THESIS = "/t/th-open-must-win"
KILO = 1_000


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    """A server on the shipped debate."""
    with served(Workspace.open()) as client:
        yield client


@pytest.mark.parametrize(
    "path", [f"{THESIS}?view=map", f"{THESIS}?view=outline", f"{THESIS}?c=pil-safety&open=pil-safety"]
)
def test_the_explorer_is_light(browser: Browser, client: httpx.Client, path: str) -> None:
    answers: list[Response] = []
    address = str(client.base_url).rstrip("/")
    with visit(browser, address) as page:
        page.on("response", lambda answer: answers.append(answer))
        page.goto(path)
        page.locator("body.live").wait_for()
        page.locator(".node, [role=treeitem]").first.wait_for()
        page.locator("#details h2").wait_for()
        page.wait_for_load_state("networkidle")
        sizes = {answer.url.removeprefix(address): len(gzip.compress(answer.body(), 9)) for answer in answers}
    assert len(answers) <= 10, sizes
    script = {url: size for url, size in sizes.items() if url.partition("?")[0].endswith(".js")}
    style = {url: size for url, size in sizes.items() if url.partition("?")[0].endswith(".css")}
    assert len(script) >= 5
    assert sum(script.values()) <= 60 * KILO, script
    assert sum(style.values()) <= 15 * KILO, style
    assert sum(sizes.values()) <= 200 * KILO, sizes


def test_all_our_modules_together_are_light() -> None:
    own = [file for file in STATIC.rglob("*.js") if not file.is_relative_to(STATIC / "yasgui")]
    sizes = {file.name: len(gzip.compress(file.read_bytes(), 9)) for file in own}
    assert len(sizes) >= 15
    assert sum(sizes.values()) <= 60 * KILO, sizes


def test_what_a_browser_reads_comes_compressed(client: httpx.Client) -> None:
    for path in (
        THESIS,
        "/",
        "/id/pil-safety",
        "/api/nodes/pil-safety/neighbourhood",
        "/static/explorer/map.js",
        "/static/explorer.css",
    ):
        answer = client.get(path, headers={"accept-encoding": "gzip"})
        assert answer.headers["content-encoding"] == "gzip", path
        assert "Accept-Encoding" in answer.headers["vary"], path
        plain = client.get(path, headers={"accept-encoding": "identity"})
        assert "content-encoding" not in plain.headers, path
        assert plain.content == answer.content, path
        assert "set-cookie" not in answer.headers, (
            path
        )  # compressed pages with secrets would tell them by their size
