"""What reading and computing a debate gave, kept beside its published store: a restart reads that instead.

It is taken only for exactly the files, scores and release that it came from: all files are hashed each time,
and every part of what is kept as well. What does not fit or cannot be read is left aside, and all is made
anew; nothing in it is ever executed.
"""

from __future__ import annotations

import gc
import json
import logging
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, NamedTuple, Protocol

import pyoxigraph as ox

from argraph import __version__, progress
from argraph.argument import recorded
from argraph.argument.scores import Scores
from argraph.contribution.archive import Archive
from argraph.errors import StoreFailed
from argraph.progress import Report, silent
from argraph.query.search import Index
from argraph.rdf import counted
from argraph.rdf.asserted import Asserted
from argraph.rdf.snapshots import KEPT, Publisher
from argraph.rdf.states import State
from argraph.rdf.statistics import Statistics
from argraph.rdf.store import Filed, Store, digests, file_digest, fingerprint
from argraph.workspace import Workspace, fingerprint_of

_LOG: Final = logging.getLogger("argraph.keeping")
FEW, PART = 10, 20
"""More changed files than so many, or than one in so many of all, are not followed: all is made anew."""
ON_DISK: Final = 300_000
"""Triples of the files from which on they are not held in memory, where each takes some 400 bytes."""
_LAYOUT: Final = 1
_MANIFEST, _STATE, _NUMBERS, _WORDS = "kept.json", "state", "statistics.npz", "index.sqlite"
_RELEASE: Final = (
    f"argraph {__version__}, pyoxigraph {ox.__version__}"  # the statistics use hashes of the latter
)


class Kept(NamedTuple):
    """What is kept, before it is read.

    Attributes:
        folder: Where.
        filed: The files that it came from.
        told: The rest of the manifest.
    """

    folder: Path
    filed: tuple[Filed, ...]
    told: Mapping[str, Any]


class _Found(NamedTuple):
    """What was read back."""

    computed: recorded.Recorded
    statistics: Statistics
    words: Index
    raw: ox.Store | Asserted


class Keeper:
    """Keeps one debate at a time in the folder of a store.

    Args:
        folder: The store's.
        report: Is told how far it is.

    Attributes:
        before: What was kept, where `restored` amended it by files that changed since.
    """

    def __init__(self, folder: Path, report: Report = silent) -> None:
        self._folder = folder
        self._report = report
        self._read_back: Kept | None = None
        self.before: Workspace | None = None

    @property
    def place(self) -> Path:
        """Where it is kept."""
        return self._folder / KEPT

    def restored(
        self,
        graph: Path,
        scores: Scores | None = None,
        *,
        queries: Path | None = None,
        archive: Archive | None = None,
        absolute: bool = False,
    ) -> Workspace | None:
        """The debate from what is kept; None where that is not what its files say now, but for a few.

        Those that changed since are read, and what follows from them is found by the difference.

        Args:
            graph: Folder of the debate, as it was named when it was kept.
            scores: Base scores in place of the declared ones.
            queries: As for `Workspace.open`.
            archive: The files with the changes that led to them.
            absolute: Have it name its folder and files by absolute paths.

        Raises:
            ResourceMissing: The folder cannot be read.
        """
        kept, changed = self._fitting(graph, scores)
        if kept is None or (found := self._read(kept)) is None:
            return None
        filed = kept.filed
        if absolute:
            graph = Path(os.path.abspath(graph))
            filed = tuple(one._replace(path=os.path.abspath(one.path)) for one in filed)
        store = Store.published(found.raw, filed, graph)
        workspace = Workspace(graph, store, scores, queries=queries, archive=archive)
        workspace.argument, workspace.framework, workspace.dependence = found.computed
        workspace.statistics, workspace.index = found.statistics, found.words
        self._read_back = kept
        if not changed:
            return workspace
        self.before = workspace
        with self._report("Following the files that changed"):
            changes = {path: Path(path).read_bytes() if there else None for path, there in changed.items()}
            return workspace.amended(changes, archive.chronicle if archive else None)

    def fits(self, graph: Path, scores: Scores | None = None) -> bool:
        """Whether what is kept is whole, and is what the files of a folder say now, or nearly.

        Raises:
            ResourceMissing: The folder cannot be read.
        """
        kept, _ = self._fitting(graph, scores)
        if kept is None:
            return False
        try:
            for name, digest in kept.told["parts"].items():
                _compare(kept.folder / name, digest)
            Asserted(kept.folder / _STATE, (), 0)
        except (OSError, RuntimeError, ValueError, TypeError, AttributeError) as error:
            self._damaged(error)
            return False
        return True

    def _fitting(self, graph: Path, scores: Scores | None) -> tuple[Kept | None, Mapping[str, bool]]:
        """What is kept, where it serves; and for the paths of files that changed, whether they are there."""
        if (kept := self._found()) is None:
            return None, {}
        then = {filed.path: filed.digest for filed in kept.filed}
        if fingerprint_of(fingerprint(then), scores or Scores.declared()) != kept.told["computed"]:
            return None, {}
        with self._report("Comparing the files"):
            now = digests(graph)
        changed = {path for path in then.keys() | now.keys() if then.get(path) != now.get(path)}
        if len(changed) > max(FEW, len(then) // PART):
            return None, {}
        return kept, {path: path in now for path in changed}

    def _found(self) -> Kept | None:
        """The manifest of what is kept by this release, if it is whole."""
        try:
            told = dict(json.loads((self.place / _MANIFEST).read_bytes()))
            sealed = told.pop("sealed")
            if sealed != _seal(told):
                raise ValueError("it has changed")
            if (told["layout"], told["release"]) != (_LAYOUT, _RELEASE):
                _LOG.info("What is kept in %s is of another release: it is made anew.", self.place)
                return None
            return Kept(self.place, tuple(Filed(*map(str, row)) for row in told["files"]), told)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError, LookupError) as error:
            self._damaged(error)
            return None

    def _read(self, kept: Kept) -> _Found | None:
        """What is kept, whatever the files say now; None where it is damaged."""
        try:
            with self._report("Reading what is kept"), _undisturbed():
                computed = recorded.read(kept.folder, kept.told["parts"])
                numbers, words = kept.folder / _NUMBERS, kept.folder / _WORDS
                for part in (numbers, words):
                    _compare(part, kept.told["parts"][part.name])
                statistics = counted.read(numbers, kept.told["statistics"])
                index = Index.opened(words, computed.argument, kept.told["computed"])
                return _Found(computed, statistics, index, _quads(kept))
        except (
            recorded.Damaged,
            StoreFailed,
            OSError,
            RuntimeError,
            ValueError,
            TypeError,
            LookupError,
        ) as error:
            self._damaged(error)
            return None

    def _damaged(self, error: Exception) -> None:
        _LOG.warning("What is kept in %s is damaged (%s): it is made anew.", self.place, error)

    def keep(self, workspace: Workspace, publisher: Publisher) -> None:
        """Keep a debate in place of what was kept, and its search index; a crash leaves that, or nothing.

        Nothing happens where it did not come from files, or was restored from what is kept: that is still
        read from there.

        Args:
            workspace: The debate.
            publisher: What its current state was published by.

        Raises:
            StoreFailed: It cannot be written.
        """
        filed = workspace.store.filed
        if not workspace.store.digest or not all(one.digest for one in filed):
            return
        if self._read_back is not None:
            return
        fresh = self.place.with_name(f"{KEPT}.new")
        old = self.place.with_name(f"{KEPT}.old")
        try:
            with self._report("Keeping what was computed"):
                for left in (fresh, old):
                    shutil.rmtree(left, ignore_errors=True)
                fresh.mkdir()
                told: dict[str, Any] = {
                    "layout": _LAYOUT,
                    "release": _RELEASE,
                    "computed": workspace.digest,
                    "triples": len(workspace.store.raw),
                    "files": filed,
                    "statistics": counted.write(fresh / _NUMBERS, workspace.statistics),
                    "parts": recorded.write(
                        fresh, workspace.argument, workspace.framework, workspace.dependence
                    ),
                }
                Index(workspace.argument, workspace.verdicts, fresh / _WORDS, workspace.digest)
                told["parts"] |= {name: file_digest(fresh / name) for name in (_NUMBERS, _WORDS)}
                publisher.copy(fresh / _STATE)
                with (fresh / _MANIFEST).open("w", encoding="utf-8") as file:
                    json.dump({**told, "sealed": _seal(told)}, file)
                for path in (*fresh.iterdir(), fresh):
                    _settle(path)
                if self.place.exists():
                    self.place.rename(old)
                fresh.rename(self.place)
                _settle(self._folder)
                shutil.rmtree(old, ignore_errors=True)
            workspace.index = Index.opened(self.place / _WORDS, workspace.argument, workspace.digest)
        except OSError as error:
            shutil.rmtree(fresh, ignore_errors=True)
            raise StoreFailed(
                f"What was computed cannot be kept in {self._folder}: {error.strerror or error}."
            ) from error


def load(
    graph: Path,
    folder: Path,
    *,
    scores: Path | None = None,
    data: Path | None = None,
    rebuild: bool = False,
    report: Report = silent,
) -> Path:
    """Read a debate, compute all that follows, publish it in a store and keep it there; returns what is kept.

    Nothing happens where that is there already, but for a few files that changed since.

    Args:
        graph: Folder of the debate.
        folder: The store's.
        scores: As for `Workspace.open`.
        data: Likewise.
        rebuild: Begin anew whatever is in the store.
        report: Is told how far it is.

    Raises:
        ArgraphError: As `Workspace.open` and `Publisher.open`.
    """
    publisher = Publisher.open(folder, rebuild=rebuild)
    try:
        keeper = Keeper(folder, report)
        if publisher.stored and keeper.fits(graph, Scores.read(scores) if scores else None):
            return keeper.place
        with _undisturbed():
            workspace = Workspace.open(graph, scores=scores, data=data, report=report)
            workspace.prepare(report, index=False)
            publisher.outdate()
            publish(workspace, publisher, report)
            keeper.keep(workspace, publisher)
        return keeper.place
    finally:
        publisher.close()


class Publishes(Protocol):
    """What takes a state to be asked about; see `states.Publishing`."""

    def publish(self, quads: Iterable[ox.Quad], version: str) -> State:
        """Publish it."""


def follow(workspace: Workspace, before: Workspace, publisher: Publisher) -> None:
    """Bring a store that holds what a debate was made from to what it is; nothing happens to any other.

    Raises:
        StoreFailed: It cannot be written.
    """
    if publisher.stored == before.version != workspace.version:
        publisher.amend(*workspace.difference(before), workspace.version)


def publish(workspace: Workspace, publisher: Publishes, report: Report = silent) -> State:
    """Publish all that can be asked about a debate, where that is not done already.

    Raises:
        StoreFailed: It cannot be written.
    """

    def quads() -> Iterator[ox.Quad]:  # begins only where they are asked for
        about = sum(workspace.statistics.graphs.values())
        yield from progress.counted(report, "Publishing", workspace.quads(), total=about, unit="quads")

    return publisher.publish(quads(), workspace.version)


def _compare(part: Path, digest: str) -> None:
    if file_digest(part) != digest:
        raise ValueError(f"{part.name} has changed")


def _quads(kept: Kept) -> ox.Store | Asserted:
    """What the files say: on disk, or in memory where that takes little of it and makes pages faster."""
    graphs, size = [one.graph for one in kept.filed], int(kept.told["triples"])
    raw = Asserted(kept.folder / _STATE, graphs, size)
    if size >= ON_DISK:
        return raw
    store = ox.Store()
    store.bulk_extend(raw)
    if len(store) != size:
        raise ValueError("there are other triples than were kept")
    return store


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Without the collector of cycles, which would look at millions of fresh objects again and again."""
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()


def _seal(told: Mapping[str, Any]) -> str:
    return sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def _settle(path: Path) -> None:
    """Have a file or folder on the disk."""
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
