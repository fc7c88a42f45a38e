"""Published states of a graph: read-only folders for the processes that answer queries.

One process writes a store on disk. Each state that it publishes is a folder of hard links to that store's
files: made in milliseconds, never changed, deleted when the last reader has left and a newer one is there.
The store holds nothing that cannot be made anew from the files of the debate.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from argraph.errors import StoreFailed

_LAYOUT: Final = 1
_MARKER, _STORE, _SNAPSHOTS = "argraph-store.json", "store", "snapshots"
_TEMPORARY: Final = "argraph-store-"
KEPT: Final = "kept"
"""Name of a folder beside the store for more that was made of the same files; goes when that is rebuilt."""
BATCH: Final = 500_000
"""Quads that the engine takes at a time: it sorts each batch in memory, in about 1.3 kB for a quad."""
_AGAIN: Final = (
    "Let argraph make it anew from the files of the debate with --rebuild, or name another folder."
)


def with_union(quads: Iterable[ox.Quad]) -> Iterator[ox.Quad]:
    """Quads of named graphs, and each of their triples in the default graph as well.

    So the default graph is the merge of all graphs, and counts a triple once that several of them state.
    """
    for quad in quads:
        yield quad
        yield ox.Quad(quad.subject, quad.predicate, quad.object)


def in_memory(quads: Iterable[ox.Quad]) -> ox.Store:
    """A store of quads of named graphs, with their union as default graph, for queries in this process."""
    store = ox.Store()
    fill(store, quads)
    return store


def fill(store: ox.Store, quads: Iterable[ox.Quad], *, batch: int = BATCH) -> None:
    """Add quads of named graphs, and their union as default graph, to a store, in bounded memory."""
    both = with_union(quads)
    while first := next(both, None):
        store.bulk_extend(chain((first,), islice(both, batch - 1)))


class Snapshot:
    """One published state.

    Attributes:
        folder: To be opened with `pyoxigraph.Store.read_only`.
        version: Names the content: equal for equal states.
    """

    def __init__(self, folder: Path, version: str) -> None:
        self.folder = folder
        self.version = version
        self._readers = 0
        self._retired = False

    @property
    def place(self) -> Mapping[str, str]:
        """See `states.State`."""
        return {"folder": str(self.folder)}

    def enter(self) -> None:
        """One more reader."""
        self._readers += 1

    def leave(self) -> None:
        """One reader less; the last one to leave a retired state deletes it."""
        self._readers -= 1
        self._delete_if_done()

    def retire(self) -> None:
        """A newer state is there."""
        self._retired = True
        self._delete_if_done()

    def _delete_if_done(self) -> None:
        if self._retired and not self._readers:
            shutil.rmtree(self.folder, ignore_errors=True)


class Publisher:
    """The one writer of a store on disk.

    Attributes:
        current: The newest state; None before anything was published.
    """

    def __init__(self, folder: Path, store: ox.Store, version: str, *, temporary: bool) -> None:
        self.current: Snapshot | None = None
        self._folder = folder
        self._store = store
        self._stored = version
        self._temporary = temporary
        self._count = 0

    @classmethod
    def open(cls, folder: Path | None = None, *, rebuild: bool = False) -> Publisher:
        """Open or begin a store.

        A store that was left in the middle of a change, as by a power cut, is begun anew without asking.

        Args:
            folder: Where to keep it; without one, in a temporary folder that goes with this process.
            rebuild: Throw away what an earlier store left in the folder, and what is kept beside it; nothing
                else in it is touched.

        Raises:
            StoreFailed: The folder holds something else, a damaged store, or one that is in use.
        """
        if folder is None:
            _sweep()
            return cls(
                *_begin(Path(tempfile.mkdtemp(prefix=f"{_TEMPORARY}{os.getpid()}-", dir=_memory()))),
                temporary=True,
            )
        try:
            folder.mkdir(parents=True, exist_ok=True)
            version = "" if rebuild else _version(folder)
            shutil.rmtree(folder / _SNAPSHOTS, ignore_errors=True)
            if rebuild:
                shutil.rmtree(folder / KEPT, ignore_errors=True)
            if not version:
                return cls(*_begin(folder), temporary=False)
            return cls(folder, _opened(folder), version, temporary=False)
        except (OSError, RuntimeError) as error:  # the engine tells damage as either
            raise _failed(folder, error) from error

    def publish(self, quads: Iterable[ox.Quad], version: str) -> Snapshot:
        """Make quads of named graphs, and their union as default graph, the store's content and publish it.

        Where the store holds that version already, it is published as it is.

        Raises:
            StoreFailed: It cannot be written.
        """
        try:
            if version != self._stored:
                with self._changing(version):
                    self._replace(quads)
            return self._issue(version)
        except (OSError, RuntimeError) as error:
            raise _failed(self._folder, error) from error

    def amend(self, gone: Iterable[ox.Quad], new: Iterable[ox.Quad], version: str) -> Snapshot:
        """Take a few quads of named graphs out of the content, add others, and publish it.

        Raises:
            StoreFailed: It cannot be written.
        """
        if not self._stored:
            raise StoreFailed(f"The store in {self._folder} is not complete: a change to it failed before.")
        try:
            with self._changing(version):
                for quad in gone:
                    self._store.remove(quad)
                    triple = quad.subject, quad.predicate, quad.object
                    left = self._store.quads_for_pattern(*triple, None)
                    if all(isinstance(other.graph_name, ox.DefaultGraph) for other in left):
                        self._store.remove(ox.Quad(*triple))
                self._store.extend(with_union(new))
            return self._issue(version)
        except (OSError, RuntimeError) as error:
            raise _failed(self._folder, error) from error

    def _replace(self, quads: Iterable[ox.Quad]) -> None:
        stored = len(self._store)
        if stored > BATCH:  # comparing takes longer than writing, and gigabytes
            del self._store
            _, self._store, _ = _begin(self._folder)
        if not stored or stored > BATCH:  # an empty store takes them as they come
            fill(self._store, quads)
            return
        wanted = set(with_union(quads))
        for quad in list(self._store):
            if quad in wanted:
                wanted.discard(quad)
            else:
                self._store.remove(quad)
        self._store.bulk_extend(wanted)

    @contextmanager
    def _changing(self, version: str) -> Iterator[None]:
        _mark(self._folder, "")  # until all is written, the store must not be taken for a complete one
        self._stored = ""
        yield
        self._store.flush()
        _mark(self._folder, version)
        self._stored = version

    def _issue(self, version: str) -> Snapshot:
        self._count += 1
        place = self._folder / _SNAPSHOTS / str(self._count)
        place.parent.mkdir(exist_ok=True)
        self._store.backup(str(place))
        before, self.current = self.current, Snapshot(place, version)
        if before is not None:
            before.retire()
        return self.current

    @property
    def lasting(self) -> Path | None:
        """The folder that it is kept in; None for a temporary one."""
        return None if self._temporary else self._folder

    @property
    def stored(self) -> str:
        """The version that is stored; empty for none."""
        return self._stored

    def outdate(self) -> None:
        """Have the next `publish` write even the version that is stored: its blank nodes have other names.

        What was read from files anew names them anew; only with the same names can a state be amended.
        """
        self._stored = ""

    def copy(self, place: Path) -> None:
        """Put what is stored now into another folder on the same disk, which is there to stay.

        It shares the files of the store, and so takes no more room until the store has changed much.

        Raises:
            StoreFailed: It cannot be written.
        """
        try:
            self._store.flush()
            self._store.backup(str(place))
        except (OSError, RuntimeError) as error:
            raise _failed(self._folder, error) from error

    def close(self) -> None:
        """Leave the store to others; a temporary one is deleted. It may be closed already."""
        if not hasattr(self, "_store"):
            return
        del self._store
        shutil.rmtree(self._folder if self._temporary else self._folder / _SNAPSHOTS, ignore_errors=True)


def _begin(folder: Path) -> tuple[Path, ox.Store, str]:
    """An empty store in a folder, in place of one of argraph's."""
    _mark(folder, "")
    shutil.rmtree(folder / _STORE, ignore_errors=True)
    return folder, ox.Store(str(folder / _STORE)), ""


def _version(folder: Path) -> str:
    """What is stored according to the marker; nothing for a new or half-written store."""
    marker = folder / _MARKER
    if not marker.exists():
        if any(folder.iterdir()):
            raise StoreFailed(f"The folder {folder} holds something that is not a store of argraph. {_AGAIN}")
        return ""
    try:
        told = json.loads(marker.read_bytes())
        layout, version = int(told["layout"]), str(told["version"])
    except (ValueError, KeyError, TypeError):
        raise StoreFailed(f"The store in {folder} is damaged: {_MARKER} cannot be read. {_AGAIN}") from None
    if layout != _LAYOUT:
        raise StoreFailed(f"The store in {folder} was made by another release of argraph. {_AGAIN}")
    return version


def _opened(folder: Path) -> ox.Store:
    store = ox.Store(str(folder / _STORE))
    if not len(store):  # reads the whole index, and with it the check sums of its blocks
        raise StoreFailed(f"The store in {folder} is damaged: it is empty. {_AGAIN}")
    return store


def _mark(folder: Path, version: str) -> None:
    """Write the marker so that a crash leaves the old one or the new one."""
    fresh = folder / f"{_MARKER}.new"
    with fresh.open("w", encoding="utf-8") as file:
        json.dump({"layout": _LAYOUT, "version": version}, file)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(folder / _MARKER)


def _failed(folder: Path, error: Exception) -> StoreFailed:
    text = str(error)
    if "lock" in text.lower():
        return StoreFailed(
            f"The store in {folder} is in use by another process: stop that one, or name another folder."
        )
    if isinstance(error, OSError) and error.strerror:
        return StoreFailed(f"The store in {folder} cannot be used: {error.strerror}.")
    return StoreFailed(f"The store in {folder} is damaged ({text.splitlines()[0][:200]}). {_AGAIN}")


def _memory() -> str | None:
    """A folder in memory where the system has one with room; else the usual place for temporary files."""
    shared = Path("/dev/shm")  # noqa: S108 - mkdtemp makes a folder there that is ours alone
    if shared.is_dir() and os.access(shared, os.W_OK) and shutil.disk_usage(shared).free > 2**30:
        return str(shared)
    return None


def _sweep() -> None:
    """Delete temporary stores of processes that were killed."""
    for place in {_memory() or tempfile.gettempdir(), tempfile.gettempdir()}:
        for left in Path(place).glob(f"{_TEMPORARY}*-*"):
            process = left.name.removeprefix(_TEMPORARY).partition("-")[0]
            if process.isdigit() and not Path("/proc", process).exists() and Path("/proc").is_dir():
                shutil.rmtree(left, ignore_errors=True)
