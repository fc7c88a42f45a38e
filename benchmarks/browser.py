"""How soon the first map is seen and how smoothly it moves, beside pyvis's stock page and Cytoscape.js.

    npm install --prefix benchmarks/peers --ignore-scripts --no-package-lock
    python benchmarks/browser.py [--statements N] [--folder DIR] [--times N] [--chromium PATH]

`first map` is the time from the start of the navigation until two frames after the first card or the first
drawing, in a fresh browser profile each time, the server or the file on this machine; `steady` is when
nothing moves any more by itself. `frame` is the time between two frames while the map is dragged by 150 moves
of the mouse. The peers draw what the map shows (cards, edges, labels), in pages that load from disk: pyvis as
it comes, with its physics; Cytoscape.js with the positions of our own layout, which is the best case for it.
Times are in milliseconds. The table is Markdown.
"""

from __future__ import annotations

import argparse
import html
import json
import shutil
import statistics
import tempfile
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from explorer import served
from generate import generate
from playwright.sync_api import Browser, Page, sync_playwright
from pyvis.network import Network

PEER = Path(__file__).parent / "peers" / "node_modules" / "cytoscape" / "dist" / "cytoscape.min.js"
OFFLINE = (
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"  # pyvis's stock page asks for files of others
)
WATCH = """(() => {
  const look = () => {
    const there = window.seen ? window.seen() : document.querySelector('.node .pick');
    if (!there) return requestAnimationFrame(look);
    requestAnimationFrame(() => requestAnimationFrame(() => { window.first = performance.now(); }));
  };
  requestAnimationFrame(look);
})()"""
FRAMES = """() => { window.frames_ = []; let last = performance.now();
  const next = now => { window.frames_.push(now - last); last = now; again(); };
  const again = () => { window.going = requestAnimationFrame(next); };
  again(); }"""
CYTOSCAPE = """<!doctype html><meta charset="utf-8"><title>Cytoscape.js</title>
<style>html, body, #cy { margin: 0; height: 100%; }</style><div id="cy"></div><script>PEER</script><script>
const cy = cytoscape({container: document.getElementById('cy'), elements: ELEMENTS,
  layout: {name: 'preset', fit: false},
  style: [{selector: 'node', style: {shape: 'round-rectangle', width: 252, height: 'data(h)',
    label: 'data(label)', 'text-wrap': 'wrap', 'text-max-width': 220, 'text-valign': 'center',
    'font-size': 14, 'background-color': '#fff', 'border-width': 1}},
    {selector: 'edge', style: {'curve-style': 'bezier', 'target-arrow-shape': 'triangle', width: 2}}]});
cy.on('render', () => { window.drawn = true; });
window.seen = () => window.drawn;
</script>"""


def pyvis(scene: dict[str, Any], folder: Path) -> Path:
    network = Network(height="844px", width="100%", directed=True, cdn_resources="in_line")
    for card in scene["nodes"]:
        network.add_node(card["id"], label="\n".join(card["wrapped"]), shape="box")
    for edge in scene["edges"]:
        network.add_edge(edge["source"], edge["target"])
    page = network.generate_html()
    watch = (
        "<script>(() => { const wait = () => {"
        "if (typeof network === 'undefined' || !network) return setTimeout(wait, 5);"
        "network.once('afterDrawing', () => { window.drawn = true; });"
        "network.once('stabilized', () => { window.steady = performance.now(); }); }; wait(); })();"
        "window.seen = () => window.drawn;</script>"
    )
    file = folder / "pyvis.html"
    file.write_text(page.replace("<head>", "<head>" + watch, 1), encoding="utf-8")
    return file


def cytoscape(scene: dict[str, Any], folder: Path) -> Path:
    cards = [
        {
            "data": {"id": card["id"], "label": "\n".join(card["wrapped"]), "h": card["h"]},
            "position": {"x": card["x"] + card["w"] / 2, "y": card["y"] + card["h"] / 2},
        }
        for card in scene["nodes"]
    ]
    edges = [
        {"data": {"id": f"{edge['id']} {edge['source']}", "source": edge["source"], "target": edge["target"]}}
        for edge in scene["edges"]
    ]
    elements = [*cards, *edges]
    text = CYTOSCAPE.replace("ELEMENTS", html.escape(json.dumps(elements), quote=False))
    file = folder / "cytoscape.html"
    file.write_text(
        text.replace("PEER", PEER.read_text(encoding="utf-8").replace("</script", r"<\/script")),
        encoding="utf-8",
    )
    return file


def part(times: list[float], share: float) -> float:
    return sorted(times)[min(len(times) - 1, round(share * (len(times) - 1)))]


def opened(browser: Browser, address: str) -> Page:
    page = browser.new_context(viewport={"width": 1440, "height": 844}).new_page()
    page.add_init_script(WATCH)
    page.goto(address)
    page.wait_for_function("() => window.first !== undefined", timeout=120_000)
    return page


def dragged(page: Page) -> list[float]:
    page.wait_for_timeout(500)
    page.mouse.move(620, 820)
    page.mouse.down()
    page.evaluate(FRAMES)
    for i in range(150):
        page.mouse.move(620 - (i % 75) * 4, 820 - (i % 75) * 4)
    frames: list[float] = page.evaluate(
        "() => { cancelAnimationFrame(window.going); return window.frames_; }"
    )
    page.mouse.up()
    return frames[1:]


def row(browser: Browser, name: str, address: str, cards: str, times: int, steady: str = "") -> None:
    firsts, page = [], None
    for _ in range(times):
        if page:
            page.context.close()
        page = opened(browser, address)
        firsts.append(float(page.evaluate("window.first")))
    assert page
    settled = "at once"
    if steady:
        try:
            page.wait_for_function(f"() => window.{steady} !== undefined", timeout=60_000)
            settled = f"{page.evaluate(f'window.{steady}'):,.0f}"
        except Exception:
            settled = "never in 60 s"
    count = page.evaluate(cards)
    frames = dragged(page)
    page.context.close()
    print(
        f"| {name} | {count} | {statistics.median(firsts):,.0f} | {max(firsts):,.0f} | {settled} | "
        f"{statistics.median(frames):.1f} | {part(frames, 0.95):.1f} |",
        flush=True,
    )


def sixty(ask: Callable[[str], Any], thesis: str, want: int) -> str:
    """The query of a map with so many cards or a few more: the nearest to the root are opened first."""
    whole = ask(f"/api/nodes/{thesis}/neighbourhood?depth=9&limit=400&opening=400")
    query, names = "", []
    for card in sorted(whole["nodes"], key=lambda card: card["level"]):
        if not card["open"]:
            continue
        names.append(card["id"].replace(".", "%2E"))
        query = "view=map&open=" + ".".join(names)
        if len(ask(f"/t/{thesis}?{query}&format=json")["nodes"]) >= want:
            break
    return query


def compare(
    browser: Browser, port: int, thesis: str, name: str, times: int, folder: Path, *, peers: bool
) -> None:
    base = f"http://127.0.0.1:{port}"

    def ask(path: str) -> Any:
        with urllib.request.urlopen(base + path, timeout=120) as answer:
            return json.load(answer)

    cards = "document.querySelectorAll('.node').length"
    row(browser, f"argraph, {name}, as it opens", f"{base}/t/{thesis}?view=map", cards, times)
    for want in (60, 240):
        query = sixty(ask, thesis, want)
        row(browser, f"argraph, {name}, opened further", f"{base}/t/{thesis}?{query}", cards, times)
        if not peers:
            continue
        scene = ask(f"/t/{thesis}?{query}&format=json")
        row(browser, f"pyvis stock, the same {len(scene['nodes'])}", pyvis(scene, folder).as_uri(),
            "nodes.length", min(times, 3), "steady")  # fmt: skip
        if PEER.exists():
            row(
                browser,
                f"Cytoscape.js, the same {len(scene['nodes'])}",
                cytoscape(scene, folder).as_uri(),
                "cy.nodes().length",
                times,
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--statements", type=int, default=100_000)
    parser.add_argument("--folder", type=Path, help="a generated debate to use again, or where to put it")
    parser.add_argument("--times", type=int, default=7)
    parser.add_argument("--chromium", default=shutil.which("chromium"))
    options = parser.parse_args()
    print("| map | cards | first map: median | worst | steady | frame: median | p95 |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as temporary, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=options.chromium, args=["--no-sandbox", "--disable-gpu", OFFLINE]
        )
        with served(None) as (port, _, _):
            compare(
                browser,
                port,
                "th-open-must-win",
                "shipped debate",
                options.times,
                Path(temporary),
                peers=True,
            )
        folder = options.folder or Path(temporary) / "graph"
        folder.mkdir(exist_ok=True)
        if not any(folder.glob("*.ttl")):
            generate(folder, options.statements)
        with served(folder) as (port, _, _):
            name = f"{options.statements:,} statements"
            compare(browser, port, "s0", name, options.times, Path(temporary), peers=False)
        browser.close()


if __name__ == "__main__":
    main()
