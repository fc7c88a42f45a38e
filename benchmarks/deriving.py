"""What it costs to read a debate, to compute what follows from it, and to bring that up to date.

    python benchmarks/deriving.py [--statements N …] [--seed N]

Debates are those of `generate.py`. Beside the seconds of each stage, which are those of the processor, stand
the bytes that it leaves behind for each statement, as tracemalloc counts them in a run of its own. `read` is
the argument graph out of a store, `number` the same as numbered items, `judge` status and strength,
`hang` what each statement hangs on, `chains` the strongest chains and the sides towards each thesis, `quads`
all of it as triples.

The second table is one accepted file: an objection with a finding of its own against a statement near the
thesis. `whole` is to compute all of that anew from the edited graph and to compare all triples; the others
bring what was known up to date: `judge`, which is done anew, `hang` and `difference`, the triples that go and
come. Both give the same triples, or the run ends with an error.

Install `argraph[scale]` first. The tables are Markdown.
"""

from __future__ import annotations

import argparse
import gc
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyoxigraph as ox
from generate import BASE, generate

from argraph import vocab
from argraph.argument import derived
from argraph.argument.dependence import dependence, edited
from argraph.argument.derived import Derivation
from argraph.argument.evaluation import Framework
from argraph.argument.graph import ArgumentGraph
from argraph.argument.labelling import compile_kernels
from argraph.argument.scores import Scores
from argraph.rdf.store import Store

STAGES = ("read", "number", "judge", "hang", "chains", "quads")


class Debate:
    """A debate on which each stage builds on those before."""

    def __init__(self, folder: Path) -> None:
        self.store = Store.load(folder)
        self.scores = Scores.declared()
        self.argument: ArgumentGraph
        self.framework: Framework
        self.state: Derivation

    def read(self) -> None:
        self.argument = ArgumentGraph.of(self.store.raw)

    def number(self) -> None:
        self.framework = Framework.of(self.argument, self.scores)

    def judge(self) -> None:
        assert self.framework.labelling
        assert self.framework.strengths

    def hang(self) -> None:
        hangs_on = dependence(self.argument, self.framework)
        self.state = self.derivation(self.argument, self.framework, hangs_on)

    def derivation(self, argument: ArgumentGraph, framework: Framework, hangs_on: Any) -> Derivation:
        return Derivation(argument, framework, hangs_on, frozenset(self.store.graphs.values()), "", "")

    def chains(self) -> None:
        assert self.state.columns
        assert len(self.state.sides)

    def quads(self) -> int:
        return sum(1 for _ in derived.statements(self.state))


def seconds(run: Callable[[], Any]) -> tuple[float, Any]:
    gc.collect()
    start = time.process_time()
    result = run()
    return time.process_time() - start, result


def stages(folder: Path, count: int) -> tuple[Debate, list[str]]:
    """A row of the first table, and the debate with everything computed."""
    debate = Debate(folder)
    times = [seconds(getattr(debate, stage)) for stage in STAGES]
    measured = Debate(folder)
    kept = []
    tracemalloc.start()
    for stage in STAGES[:-1]:
        before = tracemalloc.get_traced_memory()[0]
        getattr(measured, stage)()
        gc.collect()
        kept.append(f"{(tracemalloc.get_traced_memory()[0] - before) / count:.0f}")
    tracemalloc.stop()
    taken = [f"{time:.2f}" for time, _ in times]
    return debate, [f"{count:,}", f"{times[-1][1]:,}", *taken, *kept]


def objection() -> list[ox.Triple]:
    """A file that is accepted: an objection to a statement near the thesis, with a finding for it."""
    names = {name: ox.NamedNode(BASE + name) for name in ("new", "step", "finding", "line", "s3")}
    said = [
        ("new", vocab.TYPE, vocab.OBJECTION),
        ("step", vocab.TYPE, vocab.ATTACK),
        ("step", vocab.PREMISE, "new"),
        ("step", vocab.TARGET, "s3"),
        ("finding", vocab.TYPE, vocab.EVIDENCE),
        ("finding", vocab.ARG + "grade", vocab.ARG + "High"),
        ("line", vocab.TYPE, vocab.EVIDENCE_LINE),
        ("line", vocab.EVIDENCE_OF, "finding"),
        ("line", vocab.BEARS_ON, "new"),
        ("line", vocab.DIRECTION, vocab.ARG + "For"),
    ]
    return [
        ox.Triple(names[subject], ox.NamedNode(predicate), names.get(value) or ox.NamedNode(value))
        for subject, predicate, value in said
    ]


def edit(debate: Debate, count: int) -> list[str]:
    """A row of the second table."""
    now, known = debate.framework, debate.state
    argument = debate.argument.edited(debate.store.raw, without=(), triples=objection())
    numbering, framework = seconds(lambda: now.edited(debate.argument, argument, debate.scores))
    judging, _ = seconds(lambda: (framework.labelling, framework.strengths))
    hanging, hangs_on = seconds(lambda: edited(known.dependence, debate.argument, argument, now, framework))
    becomes = debate.derivation(argument, framework, hangs_on)
    differing, (gone, new) = seconds(lambda: derived.difference(known, becomes))

    def whole() -> tuple[set[ox.Quad], set[ox.Quad]]:
        framework = Framework.of(argument, debate.scores)
        anew = debate.derivation(argument, framework, dependence(argument, framework))
        was, comes = {*derived.statements(known)}, {*derived.statements(anew)}
        return was - comes, comes - was

    comparing, expected = seconds(whole)
    if (set(gone), set(new)) != expected:
        raise SystemExit("The difference is not that of both as a whole.")
    parts = [numbering + judging, hanging, differing]
    return [
        f"{count:,}",
        f"{len(gone)} + {len(new)}",
        *(f"{part * 1e3:.0f}" for part in parts),
        f"{comparing * 1e3:.0f}",
        f"{comparing / sum(parts):.0f}x",
    ]


def table(heads: list[str], rows: list[list[str]]) -> None:
    print("| " + " | ".join(heads) + " |")
    print("|---" * len(heads) + "|")
    for row in rows:
        print("| " + " | ".join(row) + " |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--statements", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--seed", type=int, default=20)
    options = parser.parse_args()
    compile_kernels()
    whole, edits = [], []
    for count in (500, *options.statements):  # the first loads what is compiled
        with tempfile.TemporaryDirectory() as name:
            generate(Path(name), count, seed=options.seed)
            debate, row = stages(Path(name), count)
        whole.append(row)
        edits.append(edit(debate, count))
        del debate
    print("## What is computed\n")
    print(
        "Seconds of the processor for each stage, and the bytes that it leaves behind for each statement.\n"
    )
    table(["statements", "quads", *(f"{s} s" for s in STAGES), *(f"{s} B" for s in STAGES[:-1])], whole[1:])
    print("\nMilliseconds after one accepted file, beside computing and comparing everything.\n")
    heads = [
        "statements",
        "quads gone + new",
        "judge ms",
        "hang ms",
        "difference ms",
        "whole ms",
        "whole takes",
    ]
    table(heads, edits[1:])


if __name__ == "__main__":
    main()
