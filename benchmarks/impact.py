"""How long a contribution's impact takes on generated debates: derived, and by reading everything anew.

    python benchmarks/impact.py [--largest N]

A debate has as many statements, findings and steps together as the table says, in files of 200 statements;
each statement bears on one of those that came long before it, and one in fifty attacks another besides. The
contribution is an objection with a finding against a statement near the thesis. "Opened" is the time to load
the files and to evaluate them, once for a server; "derived" is what the impact then takes, cruxes left out;
"anew" is loading and evaluating once more with the file in place; the other columns show where the derived
time goes. The best of three, in milliseconds. The table is Markdown.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from pathlib import Path
from typing import Any

from timing import best

from argraph.contribution import check
from argraph.rdf.store import read_files
from argraph.workspace import Workspace

HEAD = """@prefix arg: <https://w3id.org/argraph/ns#> . @prefix : <https://example.org/d/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix void: <http://rdfs.org/ns/void#> .
<https://example.org/d/> a void:Dataset ; void:uriSpace "https://example.org/d/" .
"""
OBJECTION = """:objection a arg:Objection ; skos:prefLabel "One more objection"@en .
:finding a arg:Evidence ; arg:grade arg:High ; arg:verification arg:Verified .
:line a arg:EvidenceLine ; arg:evidence :finding ; arg:bearsOn :objection ; arg:direction arg:For .
:attack a arg:Attack ; arg:premise :objection ; arg:target :s1 .
"""
ITEMS_PER_STATEMENT = 3.04


def statement(rng: random.Random, i: int, count: int) -> str:
    kind = rng.choice(["Claim", "Claim", "Objection", "Rebuttal"]) if i else "Thesis"
    lines = [f':s{i} a arg:{kind} ; skos:prefLabel "Statement number {i} of this debate"@en .']
    if i:
        end = rng.randrange(max(0, i // 4 - 3), i // 4 + 1) if i > 5 else 0
        step = "Support ; arg:conclusion" if kind == "Claim" else "Attack ; arg:target"
        lines.append(f":p{i} a arg:{step} :s{end} ; arg:premise :s{i} .")
        if rng.random() < 0.02:
            lines.append(f":x{i} a arg:Attack ; arg:target :s{rng.randrange(count)} ; arg:premise :s{i} .")
    if i % 2:
        grade = rng.choice(["High", "Moderate", "Low", "VeryLow"])
        lines.append(f":e{i} a arg:Evidence ; arg:grade arg:{grade} ; arg:verification arg:Verified .")
        lines.append(
            f":l{i} a arg:EvidenceLine ; arg:evidence :e{i} ; arg:bearsOn :s{i} ; arg:direction arg:For ."
        )
    return "\n".join(lines)


def generate(folder: Path, items: int) -> None:
    rng = random.Random(20)
    count = round(items / ITEMS_PER_STATEMENT)
    texts = [statement(rng, i, count) for i in range(count)]
    for start in range(0, count, 200):
        text = HEAD + "\n".join(texts[start : start + 200])
        (folder / f"part-{start:07}.ttl").write_text(text + "\n", encoding="utf-8")


def opened(folder: Path) -> Workspace:
    workspace = Workspace.open(folder)
    workspace.verdicts  # noqa: B018 - worked out on first use
    return workspace


def row(items: int) -> str:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "debate"
        folder.mkdir()
        generate(folder, items)
        file = Path(name) / "objection.ttl"
        file.write_text(HEAD + OBJECTION, encoding="utf-8")
        opening, now = best(lambda: opened(folder), 2)

        def impact() -> Any:
            found, _ = now.impact(file)
            assert found is not None
            return found.changes

        derived, _ = best(impact)
        reading, (edit, _) = best(lambda: check.edit(read_files(file), against=now.ground))
        graph, after = best(
            lambda: now.argument.edited(now.store.raw, without=edit.without, triples=edit.triples)
        )
        numbering, then = best(lambda: now.framework.edited(now.argument, after, now.scores))

        def kernels() -> None:
            fresh = now.framework.edited(now.argument, after, now.scores)
            start = time.perf_counter()
            fresh.labelling, fresh.strengths  # noqa: B018 - worked out on first use
            spent.append(time.perf_counter() - start)

        spent: list[float] = []
        best(kernels)
        (folder / file.name).write_bytes(file.read_bytes())
        anew, whole = best(lambda: opened(folder), 1)
        assert whole.verdicts == then.verdicts
        number = len(now.argument.nodes) + len(now.argument.steps)
    times = (opening, derived, anew, reading, graph, numbering, min(spent))
    told = " | ".join(f"{seconds * 1e3:,.0f}" for seconds in times)
    return f"| {number:,} | {len(now.store.raw):,} | {told} |"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--largest", type=int, default=100_000, help="leave out larger debates")
    wanted = parser.parse_args()
    heads = ("items", "triples", "opened", "derived", "anew", "file", "graph", "numbering", "kernels")
    print(f"| {' | '.join(heads)} |\n{'|---' * len(heads)}|")
    for items in (1_000, 10_000, 100_000):
        if items <= wanted.largest:
            print(row(items), flush=True)


if __name__ == "__main__":
    main()
