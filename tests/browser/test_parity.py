"""Map, outline, interface and the page without scripts tell the same, of every thesis."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import httpx
import pytest

from argraph.workspace import Workspace

from ..servers import served
from .conftest import visit

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

HERE = Path(__file__).parent
Told = set[tuple[str, str, str]]
"""What a statement does, and what its status is."""
ALL = "depth=100&limit=2000&opening=2000&evidence=*"
READ = "es => es.map(e => [e.dataset.id, e.dataset.relation, e.dataset.status])"
CARDS = """() => {
  const status = new Map([...document.querySelectorAll('.node')].map(e => [e.dataset.id, e.dataset.status]));
  const relations = ['supports', 'attacks', 'undercuts', 'bears-on', 'weighs-against'];
  return [...document.querySelectorAll('.edge')].map(e =>
    [e.dataset.source, relations.find(one => e.classList.contains(one)), status.get(e.dataset.source)]);
}"""


@pytest.fixture(scope="module", params=["shipped", "circles"])
def client(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[httpx.Client]:
    """A server with the shipped debate, and one with a debate that turns in circles."""
    folder = None
    if request.param == "circles":
        folder = tmp_path_factory.mktemp("graph")
        shutil.copy(HERE / "circles.ttl", folder)
    with served(Workspace.open(folder)) as client:
        yield client


def outlined(client: httpx.Client, thesis: str) -> list[dict[str, str]]:
    rows: list[dict[str, str]] = client.get(f"/api/nodes/{thesis}/outline?{ALL}").json()
    return rows


def mapped(page: Page, thesis: str, rows: list[dict[str, str]], expected: Told) -> Told:
    """What the map tells when everything in it is opened, and what has further links is selected.

    A map holds 240 cards; what does not fit is looked at from the cards under the root, one by one. Where
    there are many cards, those are selected of which something that is expected has not been told yet.
    """
    everything = ".".join(
        quote(name, safe="").replace(".", "%2E") for name in sorted({row["id"] for row in rows})
    )
    told: Told = {(rows[0]["id"], "", rows[0]["status"])}
    waiting, seen = [thesis], {thesis}
    while waiting:
        root = waiting.pop(0)
        focus = "" if root == thesis else f"&focus={root}"
        page.goto(f"/t/{thesis}?view=map&open={everything}&evidence={everything}{focus}")
        page.locator("body.live").wait_for()
        page.locator(f'.node.root[data-id="{root}"]').wait_for()
        told |= {(one[0], one[1], one[2]) for one in page.evaluate(CARDS)}
        linked = page.locator(".node:has(.chip)").evaluate_all("es => es.map(e => e.dataset.id)")
        for name in linked:
            if len(rows) > 100 and all(one in told for one in expected if one[0] == name):
                continue
            page.locator(f'.node[data-id="{name}"] .pick').dispatch_event("click")
            page.locator(f'.node.chosen[data-id="{name}"]').wait_for()
            told |= {(one[0], one[1], one[2]) for one in page.evaluate(CARDS)}
        if "at most" in page.locator("#note").inner_text():
            page.goto(f"/t/{thesis}?view=map&open=&evidence={root}{focus}")
            page.locator(f'.node.root[data-id="{root}"]').wait_for()
            told |= {(one[0], one[1], one[2]) for one in page.evaluate(CARDS)}
            under = [row["id"] for row in rows if row["parent"] == root and row["id"] not in seen]
            waiting.extend(dict.fromkeys(under))
            seen.update(under)
    return told


def test_map_outline_interface_and_plain_page_tell_the_same(browser: Browser, client: httpx.Client) -> None:
    address = str(client.base_url).rstrip("/")
    theses = [thesis["id"] for thesis in client.get("/api/theses").json()]
    assert theses
    for thesis in theses:
        rows = outlined(client, thesis)
        expected: Told = {(row["id"], row["relation"], row["status"]) for row in rows}
        scene = client.get(f"/api/nodes/{thesis}/neighbourhood?{ALL}").json()
        status = {card["id"]: card["status"] for card in scene["nodes"]}
        drawn = {(edge["source"], edge["relation"], status[edge["source"]]) for edge in scene["edges"]}
        assert drawn | {(thesis, "", status[thesis])} == expected
        for row in {row["id"]: row for row in rows}.values():
            if row["kind"] != "evidence":
                assert client.get(f"/api/nodes/{row['id']}").json()["status"] == row["status"], row["id"]
        opened = ".".join(sorted({row["id"] for row in rows}))
        with visit(browser, address, scripts=False) as page:
            page.goto(f"/t/{thesis}")
            plain = page.locator("#outline-plain li[data-id]").evaluate_all(READ)
            assert {tuple(one) for one in plain} == expected
            assert len(plain) == len(rows)
        with visit(browser, address) as page:
            page.emulate_media(reduced_motion="reduce")
            page.goto(f"/t/{thesis}?view=outline&open={opened}&evidence={opened}")
            page.locator("[role=treeitem]").first.wait_for()
            lines = page.locator("[role=treeitem][data-id]").evaluate_all(READ)
            assert {tuple(one) for one in lines} == expected
            assert mapped(page, thesis, rows, expected) == expected


def test_the_words_of_the_plain_page_are_those_of_its_data(browser: Browser, client: httpx.Client) -> None:
    """What is read aloud says the same as the attributes that the other tests compare."""
    verbs: dict[str, str | tuple[str, ...]] = {
        "supports": "supports",
        "attacks": ("objects to", "answers", "attacks"),
        "undercuts": "disputes",
    }
    standing = {"accepted": "stands", "rejected": "does not stand", "undecided": "is open"}
    thesis = client.get("/api/theses").json()[0]["id"]
    with visit(browser, str(client.base_url).rstrip("/"), scripts=False) as page:
        page.goto(f"/t/{thesis}")
        lines = page.locator("#outline-plain li[data-id]").evaluate_all(
            "es => es.map(e => [e.dataset.relation, e.dataset.status, e.querySelector('.row').textContent])"
        )
    assert lines
    for relation, status, text in lines:
        words = " ".join(text.lower().split())
        if relation in verbs:
            assert words.lstrip("+−⊘ ").startswith(verbs[relation]), text
        assert f"{'✓✕?'[[*standing].index(status)]} {standing[status]}" in words, text
