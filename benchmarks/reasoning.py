"""How fast status and strength are computed on generated graphs, beside clingo, networkx and rustworkx.

    python benchmarks/reasoning.py [--largest N] [--peers-up-to N] [--cap SECONDS] [--shape NAME …]

Graphs have five arcs a node, a third of them supports; two nodes in five are statements, two steps, one
is evidence. The time of a status run includes sorting the arcs, for all alike, and is the best of three
for argraph, of one for the others, which run in a process of their own and are stopped at the cap.
Nanoseconds an arc are those of labelling and of sweeping alone, with the arcs sorted already. Beside them
stands what no method can do without on this machine at this moment: `walk` reads one byte of the end of
every arc, node by node in the order in which they were settled; `gather` reads the two bounds of the
start of every arc. networkx and rustworkx hold the graph; the linear labelling on top is the one below.
clingo is given a definite program without the check for unfounded support loops, so it does less than the
others; what it decides must be decided likewise.

Above the table stands how long it took to load the compiled kernels, or to compile them where that had
not been done before, and how long the plain kernels take for the packaged debate. The compiled ones, once
loaded, serve graphs of any size, so also those of 10,000 nodes here; a process that never meets a large
graph uses the plain ones, whose time at 10,000 nodes stands there as well.

Install `argraph[scale,extensions]` and rustworkx first. The table is Markdown.
"""

from __future__ import annotations

import argparse
import multiprocessing
import time
import tracemalloc
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from timing import best

from argraph.argument.evaluation import Framework
from argraph.argument.labelling import ALL, ANY, BASE, LARGE, Arcs, Labelling, Status, compiled, label
from argraph.argument.strength import Strengths, strengths
from argraph.workspace import Workspace

DEGREE = 5
Array = npt.NDArray[Any]


class Graph(NamedTuple):
    needs: Array
    base: Array
    supports: tuple[Array, Array]
    attacks: tuple[Array, Array]


def random(rng: np.random.Generator, n: int) -> tuple[Array, Array]:
    return rng.integers(0, n, DEGREE * n), rng.integers(0, n, DEGREE * n)


def layered(rng: np.random.Generator, n: int, layers: int = 50) -> tuple[Array, Array]:
    starts = np.repeat(np.arange(n), DEGREE)
    width = n // layers
    ends = (starts // width + 1) * width + rng.integers(0, width, len(starts))
    inside = ends < n
    return starts[inside], ends[inside]


def chain(rng: np.random.Generator, n: int) -> tuple[Array, Array]:
    """Every node leads to the next one and to four of the twenty that follow."""
    starts = np.repeat(np.arange(n), DEGREE)
    ends = starts + rng.integers(1, 21, len(starts))
    ends[::DEGREE] = starts[::DEGREE] + 1
    inside = ends < n
    return starts[inside], ends[inside]


def back(rng: np.random.Generator, n: int) -> tuple[Array, Array]:
    """Arcs lead forward to any later node, one in five backward."""
    a, b = random(rng, n)
    forward = rng.random(len(a)) >= 0.2
    low, high = np.minimum(a, b), np.maximum(a, b)
    return np.where(forward, low, high), np.where(forward, high, low)


SHAPES = {"random": random, "layered": layered, "long chain": chain, "20 % back": back}


def generated(shape: str, n: int, *, shuffled: bool) -> Graph:
    rng = np.random.default_rng(20)
    starts, ends = SHAPES[shape](rng, n)
    needs = rng.choice(np.array([ANY, ANY, ALL, ALL, BASE], dtype=np.int8), n)
    base = np.where(needs == BASE, rng.choice([0.9, 0.7, 0.5, 0.3], n), np.where(needs == ALL, 1.0, 0.0))
    supports = rng.random(len(starts)) < 1 / 3
    if shuffled:
        new = rng.permutation(n)
        starts, ends = new[starts], new[ends]
        needs[new], base[new] = needs.copy(), base.copy()
    return Graph(needs, base, (starts[supports], ends[supports]), (starts[~supports], ends[~supports]))


def argraph_label(graph: Graph) -> list[int]:
    n = len(graph.needs)
    result = label(graph.needs, Arcs.of(n, *graph.supports), Arcs.of(n, *graph.attacks))
    return list(np.asarray(result.status).tolist())


def networkx_label(graph: Graph) -> list[int]:
    import networkx as nx

    halves = []
    for starts, ends in (graph.supports, graph.attacks):
        half: nx.MultiDiGraph[int] = nx.MultiDiGraph()
        half.add_nodes_from(range(len(graph.needs)))
        half.add_edges_from(zip(starts.tolist(), ends.tolist(), strict=True))
        halves.append(half)
    supports, attacks = halves

    def following(half: nx.MultiDiGraph[int]) -> Callable[[int], Iterable[int]]:
        return lambda u: [v for v, parallel in half.adj[u].items() for _ in parallel]

    return linear(graph, following(supports), following(attacks))


def rustworkx_label(graph: Graph) -> list[int]:
    import rustworkx as rx

    halves = []
    for starts, ends in (graph.supports, graph.attacks):
        half = rx.PyDiGraph(multigraph=True)
        half.add_nodes_from(range(len(graph.needs)))
        half.extend_from_edge_list(list(zip(starts.tolist(), ends.tolist(), strict=True)))
        halves.append(half)

    def following(half: Any) -> Callable[[int], Iterable[int]]:
        return lambda u: [v for _, v, _ in half.out_edges(u)]

    return linear(graph, following(halves[0]), following(halves[1]))


def linear(  # noqa: C901 - a straightforward version, in one piece
    graph: Graph, supported: Callable[[int], Iterable[int]], attacked: Callable[[int], Iterable[int]]
) -> list[int]:
    """Well-founded status by counters and a queue, with a neighbour at a time asked of the library."""
    needs = graph.needs.tolist()
    n = len(needs)
    lacking = np.bincount(graph.supports[1], minlength=n).tolist()
    hits = np.bincount(graph.attacks[1], minlength=n).tolist()
    held = [need == BASE for need in needs]
    status = [Status.UNDECIDED] * n

    def look(v: int) -> None:
        if status[v] == Status.UNDECIDED:
            if needs[v] == ANY and lacking[v] == 0:
                status[v] = Status.REJECTED
            elif hits[v] == 0 and (held[v] or (needs[v] == ALL and lacking[v] == 0)):
                status[v] = Status.ACCEPTED
            else:
                return
            queue.append(v)

    def reject(v: int) -> None:
        if status[v] == Status.UNDECIDED:
            status[v] = Status.REJECTED
            queue.append(v)

    queue: deque[int] = deque()
    for v in range(n):
        look(v)
    while queue:
        while queue:
            u = queue.popleft()
            accepted = status[u] == Status.ACCEPTED
            for v in supported(u):
                if needs[v] == ALL:
                    if not accepted:
                        reject(v)
                        continue
                    lacking[v] -= 1
                elif needs[v] == ANY and accepted:
                    held[v] = True
                else:
                    lacking[v] -= 1
                look(v)
            for v in attacked(u):
                if accepted:
                    reject(v)
                else:
                    hits[v] -= 1
                    look(v)
        missing = [lacking[v] if needs[v] == ALL else 1 for v in range(n)]
        founded = [
            v
            for v in range(n)
            if status[v] == Status.UNDECIDED and (held[v] or (needs[v] == ALL and lacking[v] == 0))
        ]
        reached = set(founded)
        while founded:
            for v in supported(founded.pop()):
                missing[v] -= 1
                if missing[v] == 0 and status[v] == Status.UNDECIDED and v not in reached:
                    reached.add(v)
                    founded.append(v)
        for v in range(n):
            if v not in reached:
                reject(v)
    return [int(s) for s in status]


RULES = """
in(V) :- base(V), out(U) : att(U,V).
in(V) :- all(V), in(U) : sup(U,V); out(U) : att(U,V).
in(V) :- any(V), sup(W,V), in(W), out(U) : att(U,V).
out(V) :- att(U,V), in(U).
out(V) :- all(V), sup(U,V), out(U).
out(V) :- any(V), out(U) : sup(U,V).
"""


def clingo_label(graph: Graph) -> list[int]:
    import clingo

    kinds = {BASE: "base", ALL: "all", ANY: "any"}
    facts = [f"{kinds[need]}({v})." for v, need in enumerate(graph.needs.tolist())]
    for name, (starts, ends) in (("sup", graph.supports), ("att", graph.attacks)):
        pairs = zip(starts.tolist(), ends.tolist(), strict=True)
        facts += [f"{name}({start},{end})." for start, end in pairs]
    control: Any = clingo.Control(["--warn=none"])
    control.add("base", [], "".join(facts) + RULES)
    control.ground([("base", [])])
    status = [0] * len(graph.needs)
    with control.solve(yield_=True) as answers:
        for model in answers:
            for atom in model.symbols(atoms=True):
                if atom.name in ("in", "out"):
                    status[atom.arguments[0].number] = 1 if atom.name == "in" else 2
    return status


PEERS = {"clingo": clingo_label, "networkx": networkx_label, "rustworkx": rustworkx_label}


def in_child(peer: str, graph: Graph, answer: Any) -> None:
    start = time.perf_counter()
    status = PEERS[peer](graph)
    answer.send((time.perf_counter() - start, status))


def peer_seconds(peer: str, graph: Graph, expected: list[int], cap: float) -> float | None:
    """Seconds that a peer takes, or nothing when it was stopped at the cap."""
    here, there = multiprocessing.Pipe(duplex=False)
    child = multiprocessing.get_context("fork").Process(target=in_child, args=(peer, graph, there))
    child.start()
    there.close()
    try:
        if not here.poll(cap):
            return None
        seconds, status = here.recv()
    finally:
        child.kill()
        child.join()
    undecided = 0 if peer == "clingo" else -1  # what clingo leaves open, the check for loops may settle
    differing = sum(a != b and a != undecided for a, b in zip(status, expected, strict=True))
    if differing:
        raise SystemExit(f"{peer} labels {differing} items differently")
    return float(seconds)


def walk(order: Array, at: Array, to: Array, byte: Array) -> int:
    total = 0
    for i in range(len(order)):
        for e in range(at[order[i]], at[order[i] + 1]):
            total += byte[to[e]]
    return total


def gather(to: Array, bounds: Array) -> float:
    total = 0.0
    for e in range(len(to)):
        total += bounds[to[e], 0] + bounds[to[e], 1]
    return total


def least(graph: Graph, labelling: Labelling, strength: Strengths) -> tuple[float, float]:
    """Seconds that a bare walk over all arcs takes, in the order of settlement, and a bare gather."""
    n = len(graph.needs)
    starts, ends = (np.concatenate(pair) for pair in zip(graph.supports, graph.attacks, strict=True))
    onward, back = Arcs.of(n, starts, ends), Arcs.of(n, ends, starts)
    order = np.argsort(labelling.rank, kind="stable").astype(np.int32)
    bounds = np.stack([strength.lower, strength.upper], axis=1)
    walking, gathering = compiled(walk), compiled(gather)
    if walking is None or gathering is None:
        raise SystemExit("Install argraph[scale] first.")
    byte = np.ones(n, np.int8)
    walking(order[:1], onward.offsets, onward.ends, byte)
    gathering(back.ends[:1], bounds)
    return (
        best(lambda: walking(order, onward.offsets, onward.ends, byte))[0],
        best(lambda: gathering(back.ends, bounds))[0],
    )


def peak_bytes(run: Callable[[], Any]) -> int:
    tracemalloc.start()
    run()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def row(shape: str, n: int, *, shuffled: bool, peers: bool, cap: float) -> str:
    graph = generated(shape, n, shuffled=shuffled)
    arcs = len(graph.supports[0]) + len(graph.attacks[0])
    whole, expected = best(lambda: argraph_label(graph))
    supports, attacks = Arcs.of(n, *graph.supports), Arcs.of(n, *graph.attacks)
    status, labelling = best(lambda: label(graph.needs, supports, attacks))
    sweeping, strength = best(lambda: strengths(graph.needs, graph.base, supports, attacks), 2)
    walking, gathering = least(graph, labelling, strength)
    held = sum(a.offsets.nbytes + a.ends.nbytes for a in (supports, attacks))
    bytes_status = (held + peak_bytes(lambda: label(graph.needs, supports, attacks))) / n
    bytes_strength = (held + peak_bytes(lambda: strengths(graph.needs, graph.base, supports, attacks))) / n
    ratios = []
    for peer in PEERS:
        seconds = peer_seconds(peer, graph, expected, cap) if peers else None
        if seconds is not None:
            ratios.append(f"{seconds / whole:.0f}x")
        else:
            ratios.append(f">{cap / whole:.0f}x" if peers else "–")
    cells = [
        shape,
        f"{n:,}",
        "shuffled" if shuffled else "creation",
        f"{settled(labelling):.0%}",
        f"{whole * 1e3:.0f}",
        f"{status / arcs * 1e9:.0f}",
        f"{walking / arcs * 1e9:.1f}",
        f"{bytes_status:.0f}",
        *ratios,
        str(strength.sweeps),
        f"{sweeping * 1e3:.0f}",
        f"{sweeping / arcs / strength.sweeps * 1e9:.1f}",
        f"{gathering / arcs * 1e9:.1f}",
        f"{bytes_strength:.0f}",
    ]
    return "| " + " | ".join(cells) + " |"


def settled(labelling: Labelling) -> float:
    return float(np.mean(np.asarray(labelling.status) != Status.UNDECIDED))


HEADS = [
    *("graph", "nodes", "ids", "settled", "status ms", "ns/arc", "walk", "B/node"),
    *(f"{peer} takes" for peer in PEERS),
    *("sweeps", "strength ms", "ns/arc/sweep", "gather", "B/node"),
]


def plain() -> None:
    """Time the kernels that are used as long as no others have been loaded."""
    workspace = Workspace.open()
    debate = Framework.of(workspace.argument, workspace.scores)
    small = generated("20 % back", 10_000, shuffled=False)
    arcs = [Arcs.of(10_000, *pairs) for pairs in (small.supports, small.attacks)]
    for name, (needs, base, supports, attacks, contrary) in {
        "the packaged debate": (debate.needs, debate.base, debate.supports, debate.attacks, debate.contrary),
        "20 % back": (small.needs, small.base, *arcs, arcs[1]),
    }.items():
        status = best(lambda n=needs, s=supports, a=attacks: label(n, s, a))[0]
        strength = best(lambda n=needs, b=base, s=supports, c=contrary: strengths(n, b, s, c))[0]
        print(
            f"{name}, {len(needs):,} nodes, {len(supports.ends) + len(contrary.ends):,} arcs, plain kernels: "
            f"status {status * 1e3:.1f} ms, strength {strength * 1e3:.1f} ms"
        )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--largest", type=int, default=1_000_000, help="leave out graphs of more nodes")
    parser.add_argument("--peers-up-to", type=int, default=100_000, help="compare up to this many nodes")
    parser.add_argument("--cap", type=float, default=60.0, help="stop a peer after so many seconds")
    parser.add_argument("--shape", nargs="+", choices=[*SHAPES], default=[*SHAPES])
    wanted = parser.parse_args()
    plain()
    warm = generated("random", LARGE, shuffled=False)
    start = time.perf_counter()
    argraph_label(warm)
    strengths(warm.needs, warm.base, Arcs.of(LARGE, *warm.supports), Arcs.of(LARGE, *warm.attacks))
    seconds = time.perf_counter() - start
    print(f"loading the compiled kernels, and a first graph of {LARGE:,} nodes: {seconds:.2f} s\n")
    print("| " + " | ".join(HEADS) + " |")
    print("|---" * len(HEADS) + "|")
    for n in (10_000, 100_000, 1_000_000):
        for shape in wanted.shape:
            for shuffled in (False, True):
                if n <= wanted.largest:
                    compare = n <= wanted.peers_up_to
                    print(row(shape, n, shuffled=shuffled, peers=compare, cap=wanted.cap), flush=True)


if __name__ == "__main__":
    main()
