"""How fast the explorer's interface answers over HTTP, on a generated debate.

    python benchmarks/explorer.py [--statements N] [--folder DIR]

The debate is one of `generate.py`. The server runs in a process of its own with its usual settings;
one client asks one thing after another on a kept connection. Times are in milliseconds, of the client;
memory is what the server's process holds. The table is Markdown.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import quote, urlencode

from generate import Language, generate


@contextmanager
def served(folder: Path | None) -> Iterator[tuple[int, int, float]]:
    """Port and process of a server on a debate, or on the shipped one, and the seconds until it answers."""
    began = time.perf_counter()
    command = [sys.executable, "-m", "argraph", "serve", "--port", "0"]
    command += ["--graph", str(folder)] if folder else []
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as server:
        assert server.stdout
        line = server.stdout.readline()
        if "http://" not in line:
            raise SystemExit(line + server.stdout.read())
        port = int(line.split("http://")[1].split("/")[0].rpartition(":")[2])
        try:
            yield port, server.pid, time.perf_counter() - began
        finally:
            server.terminate()


def resident(pid: int) -> int:
    """MB of memory that a process holds."""
    fields = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return int(fields["VmRSS"].split()[0]) // 1024


def timed(port: int, paths: list[str]) -> tuple[list[float], list[int]]:
    times, sizes = [], []
    connection = HTTPConnection("127.0.0.1", port, timeout=120)
    for path in paths:
        began = time.perf_counter()
        connection.request("GET", path, headers={"accept": "application/json"})
        answer = connection.getresponse()
        body = answer.read()
        times.append((time.perf_counter() - began) * 1e3)
        sizes.append(len(body))
        if answer.status != 200:
            raise SystemExit(f"{path}: {answer.status} {body[:300]!r}")
        json.loads(body)
    return times, sizes


def slipped(rng: random.Random, word: str) -> str:
    at = rng.randrange(len(word))
    return word[:at] + rng.choice("abcdefghijklmnop") + word[at + 1 :]


def asked(count: int) -> dict[str, list[str]]:
    """What is asked, by the name of its row."""
    rng = random.Random(7)
    language = Language(random.Random(20))
    node: Callable[[], str] = lambda: f"s{rng.randrange(count)}"  # noqa: E731
    hub: Callable[[], str] = lambda: f"s{rng.randrange(min(count, 200))}"  # noqa: E731

    def search(texts: list[str], **more: str) -> list[str]:
        return ["/api/search?" + urlencode({"q": text, **more}) for text in texts]

    prefixes = [language.word()[: rng.randint(2, 6)] for _ in range(200)]
    slips = [slipped(rng, rng.choice(language.words)) for _ in range(100)]
    return {
        "search: beginning of a word": search(prefixes),
        "search: one word": search([language.word() for _ in range(200)]),
        "search: two words": search([f"{language.word()} {language.word()}" for _ in range(200)]),
        "search: a slip of the pen": search(slips),
        "search: a sentence of twelve words": search([language.text(12) for _ in range(50)]),
        "search: kind, status and theme": search(
            [language.word() for _ in range(100)], kind="objection", status="rejected", theme="theme-3"
        ),
        "neighbourhood, 60 cards at most": [f"/api/nodes/{node()}/neighbourhood" for _ in range(200)],
        "neighbourhood of a hub": [f"/api/nodes/{hub()}/neighbourhood?depth=4" for _ in range(200)],
        "neighbourhood of a hub, layered": [
            f"/api/nodes/{hub()}/neighbourhood?depth=4&layout=layered" for _ in range(100)
        ],
        "neighbourhood, 400 cards": [
            f"/api/nodes/{hub()}/neighbourhood?depth=9&limit=400&opening=400&evidence=*" for _ in range(20)
        ],
        "outline": [f"/api/nodes/{hub()}/outline?depth=4" for _ in range(200)],
        "node": [f"/api/nodes/{node()}" for _ in range(200)],
        "study": [f"/api/nodes/study-{rng.randrange(count // 4)}" for _ in range(100)],
        "why": [f"/api/nodes/{hub()}/why" for _ in range(100)],
        "chain to the thesis": [f"/api/chain?from={node()}&to=s0" for _ in range(20)],
        "cruxes of a statement": [f"/api/cruxes?node={node()}" for _ in range(50)],
        "cruxes of the thesis": ["/api/cruxes?node=s0"] * 3,
        "what if a statement were withdrawn": [f"/api/whatif?without={node()}" for _ in range(20)],
        "what if a pillar were withdrawn": [f"/api/whatif?without=s{i}" for i in range(1, 6)],
        "theses": ["/api/theses"] * 20,
        "unknown name": [f"/api/search?{urlencode({'q': quote('x' * 40)})}"] * 5,
    }


def table(port: int, questions: dict[str, list[str]]) -> None:
    print("| asked | times | median ms | p95 ms | most ms | kB |")
    print("|---|---:|---:|---:|---:|---:|")
    for name, paths in questions.items():
        timed(port, paths[:1])  # what is worked out on first use is not what is measured
        times, sizes = timed(port, paths)
        times.sort()
        middle, high = times[len(times) // 2], times[min(len(times) - 1, round(0.95 * len(times)))]
        size = sum(sizes) / len(sizes) / 1000
        print(
            f"| {name} | {len(times)} | {middle:.1f} | {high:.1f} | {times[-1]:.1f} | {size:.1f} |",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--statements", type=int, default=100_000)
    parser.add_argument("--folder", type=Path, help="a generated debate to use again, or where to put it")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        folder.mkdir(exist_ok=True)
        if not any(folder.glob("*.ttl")):
            generate(folder, options.statements)
        with served(folder) as (port, pid, seconds):
            print(f"{options.statements:,} statements; ready after {seconds:.1f} s, {resident(pid):,} MB\n")
            table(port, asked(options.statements))
            print(f"\nafterwards {resident(pid):,} MB")


if __name__ == "__main__":
    main()
