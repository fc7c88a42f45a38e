"""How fast a map is answered on a generated debate: choosing, placing and writing what is around a card.

    python benchmarks/view.py [--statements N] [--samples N]

The debate hangs together as debates do: most statements bear on one before them, some on two; one step in
twenty is undercut; a few statements draw hundreds of arguments; every other statement has a finding. Times
are those of one call each, in milliseconds, from the argument graph in memory to JSON, the first time that a
card is asked for; `again` is the second time. The table is Markdown.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Callable, Iterable
from dataclasses import replace

from argraph.argument.evaluation import Framework
from argraph.argument.graph import ArgumentGraph, Node, Step
from argraph.argument.scores import Scores
from argraph.view.layout import place
from argraph.view.stage import Extent, Stage

WORDS = ["openness", "lets", "many", "people", "test", "a", "model", "before", "it", "is", "used", "anywhere"]


def generated(statements: int, seed: int = 5) -> ArgumentGraph:
    rng = random.Random(seed)
    nodes = [Node("t", "thesis", "Models should be open", "")]
    steps: list[Step] = []
    hubs = [0]
    for i in range(1, statements):
        label = " ".join(rng.choices(WORDS, k=rng.randint(5, 14)))
        kind = rng.choice(["claim", "claim", "objection", "rebuttal"])
        nodes.append(Node(f"n{i}", kind, label, label * 2))
        if rng.random() < 0.0005:
            hubs.append(i)
        for _ in range(1 if rng.random() < 0.7 else 2):
            target = rng.choice(hubs) if rng.random() < 0.08 else rng.randrange(max(0, i - 5000), i)
            kind, favourable = ("support", True) if rng.random() < 0.6 else ("attack", False)
            end = nodes[target].iri
            if rng.random() < 0.05 and steps:
                kind, favourable, end = "attack", False, rng.choice(steps[-2000:]).iri
            premises = (f"n{i}", nodes[rng.randrange(i)].iri) if rng.random() < 0.05 else (f"n{i}",)
            steps.append(Step(f"s{len(steps)}", kind, premises, end, favourable))
    for i in range(statements // 2):
        nodes.append(Node(f"e{i}", "evidence", f"e{i}", " ".join(rng.choices(WORDS, k=20)), grade="High"))
        steps.append(
            Step(
                f"s{len(steps)}",
                "evidence line",
                (f"e{i}",),
                f"n{rng.randrange(1, statements)}",
                rng.random() < 0.8,
            )
        )
    return ArgumentGraph(nodes, steps)


def timed(run: Callable[[str], object], roots: Iterable[str]) -> list[float]:
    found = []
    for root in roots:
        start = time.perf_counter()
        run(root)
        found.append((time.perf_counter() - start) * 1e3)
    return sorted(found)


def row(name: str, cold: list[float], warm: list[float]) -> str:
    def at(times: list[float], part: float) -> str:
        return f"{times[min(len(times) - 1, int(part * len(times)))]:.1f}"

    cells = [
        name,
        str(len(cold)),
        at(cold, 0.5),
        at(cold, 0.95),
        at(cold, 1.0),
        at(warm, 0.5),
        at(warm, 0.95),
    ]
    return "| " + " | ".join(cells) + " |"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--statements", type=int, default=100_000)
    parser.add_argument("--samples", type=int, default=500)
    wanted = parser.parse_args()
    argument = generated(wanted.statements)
    start = time.perf_counter()
    verdicts = Framework.of(argument, Scores({"High": 0.9}, {})).verdicts
    print(
        f"{len(argument.nodes):,} statements and findings, {len(argument.steps):,} steps; "
        f"all verdicts in {time.perf_counter() - start:.1f} s, once\n"
    )
    rng = random.Random(7)
    statements = [node.iri for node in argument.nodes.values() if node.kind != "evidence"]
    chosen = rng.sample(statements, min(wanted.samples, len(statements)))
    busiest = sorted(statements, key=lambda iri: -len(argument.incoming(iri)))[: wanted.samples // 5]
    print("| what | calls | median ms | p95 | worst | again: median | p95 |")
    print("|---|---|---|---|---|---|---|")
    for where, roots in (("any card", chosen), ("the busiest cards", busiest)):
        for kind in ("tree", "layered"):
            stage = Stage(argument, verdicts)  # remembers nothing yet

            def neighbourhood(root: str, stage: Stage = stage, kind: str = kind) -> str:
                return json.dumps(place(stage.scene(root), kind).as_data())  # type: ignore[arg-type]

            cold = timed(neighbourhood, roots)
            print(row(f"{kind}, {where}", cold, timed(neighbourhood, roots)), flush=True)
        stage = Stage(argument, verdicts)

        def opened(root: str, stage: Stage = stage) -> str:
            first = stage.scene(root, Extent(depth=1))
            more = Extent(limit=200, open=tuple(card.iri for card in first.cards[1:8]), evidence=(root,))
            return json.dumps(place(stage.scene(root, replace(more, depth=1))).as_data())

        def outline(root: str, stage: Stage = stage) -> str:
            return json.dumps([line.as_data() for line in stage.outline(root, Extent())])

        print(
            row(f"tree with 7 cards opened, {where}", timed(opened, roots), timed(opened, roots)), flush=True
        )
        print(row(f"outline, {where}", timed(outline, roots), timed(outline, roots)), flush=True)


if __name__ == "__main__":
    main()
