"""An argument graph and what is computed of it as two files, and back: reading it from Turtle costs far more.

The files hold numbers, words and nothing that is ever executed: lines of JSON, and arrays in numpy's own
format, whose pickles are refused. Wordings that recur and all IRIs are told once and meant by number.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from hashlib import file_digest, sha256
from io import BufferedRandom, BufferedReader
from itertools import islice
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from argraph.argument.dependence import Dependence, Trial
from argraph.argument.evaluation import NOWHERE, Framework, Numbers
from argraph.argument.graph import ArgumentGraph, Node, Step, Study
from argraph.argument.labelling import Arcs, Labelling
from argraph.argument.strength import Strengths

T = TypeVar("T")

GRAPH: Final = "argument.jsonl"
ARRAYS: Final = "computed.npz"
FILES: Final = (GRAPH, ARRAYS)
"""Names of the files within their folder."""
_LINE: Final = 1_000  # items on one line: few enough to be read at once
_ARCS: Final = ("supports", "attacks", "contrary")
_SETTLED: Final = ("status", "reason", "decider", "rank")
_BOUNDS: Final = ("lower", "upper")


class Damaged(Exception):
    """A file is not what was written."""


class Recorded(NamedTuple):
    """What was read back.

    Attributes:
        argument: The graph.
        framework: The same as numbered items, labelled and with strengths.
        dependence: What statements hang on, as `argument.dependence` finds it.
    """

    argument: ArgumentGraph
    framework: Framework
    dependence: Dependence


def write(
    folder: Path,
    argument: ArgumentGraph,
    framework: Framework,
    dependence: Dependence,
) -> dict[str, str]:
    """Write `FILES` into a folder; returns the SHA-256 of each, as hexadecimal digits.

    Args:
        folder: Where there is none of them.
        argument: The graph.
        framework: The same; nothing may be withdrawn in it.
        dependence: What statements hang on.

    Raises:
        OSError: They cannot be written.
    """
    return {
        GRAPH: _write_graph(folder / GRAPH, argument, framework.names),
        ARRAYS: _write_arrays(folder / ARRAYS, framework, dependence),
    }


def read(folder: Path, digests: Mapping[str, str]) -> Recorded:
    """Read `FILES` back.

    Args:
        folder: Where they are.
        digests: The SHA-256 of each, as `write` returned them.

    Raises:
        Damaged: One is missing, or is not what was written.
    """
    try:
        argument, names = _read_graph(folder / GRAPH, digests[GRAPH])
        framework, dependence = _read_arrays(folder / ARRAYS, digests[ARRAYS], names)
    except (OSError, ValueError, TypeError, LookupError, zipfile.BadZipFile) as error:
        raise Damaged(f"{type(error).__name__}: {error}") from error
    return Recorded(argument, framework, dependence)


class _Words:
    """Strings by number; those of some names first."""

    def __init__(self, names: Iterable[str]) -> None:
        self.numbers = {name: number for number, name in enumerate(names)}

    def number(self, word: str) -> int:
        return self.numbers.setdefault(word, len(self.numbers))

    def all(self, words: Iterable[str]) -> list[int]:
        return [self.number(word) for word in words]


def _write_graph(place: Path, argument: ArgumentGraph, names: Sequence[str]) -> str:
    """Items, then the words that they mean by number: which these are is known when all items are written."""
    words = _Words(names)

    def node(item: Node) -> list[Any]:
        short = words.all((item.iri, item.kind, item.role, item.grade, item.verification))
        lists = [words.all(item.themes), words.all(item.sources), words.all(item.studies)]
        return [*short, *lists, item.assumed, item.label, item.text, item.note]

    def step(item: Step) -> list[Any]:
        short = words.all((item.iri, item.kind, item.end, item.scheme, item.directness, item.grade))
        return [*short, words.all(item.premises), item.favourable, item.text]

    def study(item: Study) -> list[Any]:
        short = words.all((item.iri, item.year, item.venue, item.type, item.method, item.verification))
        lists = [words.all(item.authors), words.all(item.themes)]
        texts = [item.title, item.doi, item.arxiv, item.url, item.note]
        return [*short, *lists, item.more_authors, *texts]

    with place.open("w+b") as file:
        writing = _Writing(file)
        items = (map(node, argument.nodes.values()), map(step, argument.steps.values()))
        for kind, rows in zip("ns", items, strict=True):
            writing.lines(kind, rows)
        writing.lines("y", map(study, argument.studies.values()))
        writing.lines("w", words.numbers)
        writing.lines("c", [len(names)])
        return writing.digest()


class _Writing:
    """Lines of JSON, each a letter and a list."""

    def __init__(self, file: BufferedReader | BufferedRandom) -> None:
        self._file = file
        self._sum = sha256()

    def lines(self, kind: str, items: Iterable[Any]) -> None:
        rest = iter(items)
        while part := list(islice(rest, _LINE)):
            line = json.dumps([kind, part], ensure_ascii=False, separators=(",", ":")).encode(
                "utf-8", "surrogatepass"
            )
            self._sum.update(line + b"\n")
            self._file.write(line + b"\n")

    def digest(self) -> str:
        return self._sum.hexdigest()


def _read_graph(place: Path, digest: str) -> tuple[ArgumentGraph, tuple[str, ...]]:
    with place.open("rb") as file:
        if _digest(file) != digest:
            raise ValueError(f"{place.name} has changed")
        words: list[str] = []
        count = 0
        for kind, part in _lines(file, "wc"):
            if kind == "w":
                words.extend(part)
            else:
                (count,) = part
        if not all(isinstance(word, str) for word in words) or not 0 <= count <= len(words):
            raise ValueError("words are expected")
        nodes: list[Node] = []
        steps: list[Step] = []
        studies: list[Study] = []
        for kind, part in _lines(file, "nsy"):
            if kind == "n":
                nodes.extend(_nodes(part, words))
            elif kind == "s":
                steps.extend(_steps(part, words))
            else:
                studies.extend(_studies(part, words))
    return ArgumentGraph(nodes, steps, studies), tuple(words[:count])


def _lines(file: BufferedReader | BufferedRandom, kinds: str) -> Iterator[tuple[str, list[Any]]]:
    """The lines of some kinds, from the start."""
    file.seek(0)
    beginnings = tuple(f'["{kind}",'.encode() for kind in kinds)
    for line in file:
        if line.startswith(beginnings):
            kind, part = json.loads(line.decode("utf-8", "surrogatepass"))
            yield kind, part


def _nodes(rows: Iterable[list[Any]], words: list[str]) -> Iterator[Node]:
    for iri, kind, role, grade, state, themes, sources, studies, assumed, label, text, note in rows:
        yield Node(
            words[iri],
            words[kind],
            label,
            text,
            words[role],
            tuple([words[n] for n in themes]),
            tuple([words[n] for n in sources]),
            tuple([words[n] for n in studies]),
            words[grade],
            words[state],
            assumed,
            note,
        )


def _steps(rows: Iterable[list[Any]], words: list[str]) -> Iterator[Step]:
    for iri, kind, end, scheme, directness, grade, premises, favourable, text in rows:
        yield Step(
            words[iri],
            words[kind],
            tuple([words[n] for n in premises]),
            words[end],
            favourable,
            text,
            words[scheme],
            words[directness],
            words[grade],
        )


def _studies(rows: Iterable[list[Any]], words: list[str]) -> Iterator[Study]:
    for row in rows:
        iri, year, venue, sort, method, state, authors, themes, more, title, doi, arxiv, url, note = row
        yield Study(
            iri=words[iri],
            title=title,
            authors=tuple([words[n] for n in authors]),
            more_authors=more,
            year=words[year],
            venue=words[venue],
            type=words[sort],
            method=words[method],
            doi=doi,
            arxiv=arxiv,
            url=url,
            verification=words[state],
            themes=tuple([words[n] for n in themes]),
            note=note,
        )


def _write_arrays(place: Path, framework: Framework, dependence: Dependence) -> str:
    arrays: dict[str, npt.ArrayLike] = {
        "needs": np.asarray(framework.needs, np.int8),
        "base": np.asarray(framework.base, np.float64),
        "towards": framework.towards,
        "sweeps": np.asarray([framework.strengths.sweeps], np.int64),
    }
    for name in ("goals", *Trial._fields):
        arrays[name] = getattr(dependence, name)
    arrays["complete"] = np.asarray([dependence.complete], np.bool_)
    arrays["circle-items"], arrays["circle-numbers"] = dependence.circles
    for name in _ARCS:
        arcs: Arcs = getattr(framework, name)
        arrays[f"{name}-offsets"], arrays[f"{name}-ends"] = arcs.offsets, arcs.ends
    for name in _SETTLED:
        arrays[name] = np.asarray(getattr(framework.labelling, name), np.int32)
    for name in _BOUNDS:
        arrays[name] = np.asarray(getattr(framework.strengths, name), np.float64)
    with place.open("w+b") as file:
        np.savez(file, **arrays)  # type: ignore[arg-type] # names of arrays, not of options
        file.seek(0)
        return _digest(file)


def _read_arrays(place: Path, digest: str, names: tuple[str, ...]) -> tuple[Framework, Dependence]:
    size = len(names)
    with place.open("rb") as file:
        if _digest(file) != digest:
            raise ValueError(f"{place.name} has changed")
        file.seek(0)
        with np.load(file, allow_pickle=False) as arrays:

            def take(name: str, kind: type[T], *, among: tuple[int, int] | None = None) -> Any:
                found = arrays[name]
                if found.ndim != 1 or found.dtype != np.dtype(kind):
                    raise ValueError(f"{name} is not the array expected")
                if among is not None and len(found) and not among[0] <= found.min() <= found.max() < among[1]:
                    raise ValueError(f"{name} is out of range")
                return found

            def arcs(name: str) -> Arcs:
                ends = take(f"{name}-ends", np.int32, among=(0, size))
                offsets = take(f"{name}-offsets", np.int32, among=(0, len(ends) + 1))
                if len(offsets) != size + 1 or offsets[-1] != len(ends) or (np.diff(offsets) < 0).any():
                    raise ValueError(f"{name} is no list of arcs")
                return Arcs(offsets, ends)

            framework = Framework(
                names=names,
                needs=take("needs", np.int8),
                supports=arcs("supports"),
                attacks=arcs("attacks"),
                contrary=arcs("contrary"),
                base=take("base", np.float64),
                index=Numbers(names),
                towards=take("towards", np.int32, among=(NOWHERE, max(1, size))),
            )
            settled = [take(name, np.int32, among=(-1, max(size, 8))) for name in _SETTLED]
            lower, upper = (take(name, np.float64) for name in _BOUNDS)
            for column in (framework.needs, framework.base, framework.towards, lower, upper, *settled):
                if len(column) != size:
                    raise ValueError("an array has another length")
            (sweeps,) = take("sweeps", np.int64).tolist()
            # Both are computed when they are first asked for, unless they are there.
            vars(framework)["labelling"] = Labelling(*settled)
            vars(framework)["strengths"] = Strengths(lower, upper, sweeps)
            hanging = _dependence(names, take)
    return framework, hanging


def _dependence(names: tuple[str, ...], take: Callable[..., Any]) -> Dependence:
    """What statements hang on, from arrays that are taken by name."""

    def numbers(name: str) -> Any:
        return take(name, np.int32, among=(0, max(1, len(names))))

    circles = numbers("circle-items"), numbers("circle-numbers")
    looks = take("looks", np.int32, among=(0, np.iinfo(np.int32).max))
    trial = Trial(numbers("tried"), looks, numbers("changed"), numbers("withdrawn"))
    for one, other in (circles, trial[:2], trial[2:]):
        if len(one) != len(other):
            raise ValueError("an array has another length")
    (complete,) = take("complete", np.bool_).tolist()
    return Dependence(names, numbers("goals"), circles, trial, complete=complete)


def _digest(file: BufferedReader | BufferedRandom) -> str:
    return file_digest(file, "sha256").hexdigest()
