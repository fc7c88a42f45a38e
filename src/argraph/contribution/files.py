"""Files of the debate's folder: where a contribution goes, and how it gets there whole or not at all.

A change is staged first: its bytes stand on the disk under a name that no reader takes for a file of the
debate. Then `commit` renames. A full disk or a folder that may not be written shows while nothing is decided
yet, and whoever reads the folder, at any moment, sees the file as it was or as it is to be.
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
import stat
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import takewhile
from pathlib import Path, PurePath, PurePosixPath
from typing import Final, Self, TypeAlias

from argraph.contribution.database import FULL
from argraph.errors import GraphNotWritable
from argraph.rdf.store import read_files

ENDING: Final = ".argraph-staged"
"""How the names of staged files end; they begin with a dot."""

Signature: TypeAlias = frozenset[tuple[str, int, int, int, int]]
"""Files by path, size, times of change of content and of all else, and number."""

_LONGEST: Final = 60
_DEVICES: Final = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)")  # no file can have these names on Windows


def place(folder: Path, *, graph: str | None, name: str, taken: Mapping[str, str]) -> str:
    """Where a contribution goes in a debate's folder: a path relative to it, with “/”.

    That is the file that holds this contribution already; else a new one, beside the files there are, with a
    name in small letters, digits and hyphens that no other file has, however letters are compared.

    Args:
        folder: The debate's folder.
        graph: IRI of the contribution.
        name: The name that it was handed in with; any text.
        taken: The IRI of the graph of each file, by its path: relative to the folder, or beginning with it.

    Raises:
        GraphNotWritable: The file that holds it already is not inside the folder.
    """
    graphs = {_relative(folder, path): iri for path, iri in taken.items()}
    if graph is not None:
        for path, iri in sorted(graphs.items()):
            if iri == graph:
                _inside(folder, path)
                return path
    beside = _common(graphs)
    used = {path.casefold() for path in graphs}
    with suppress(OSError):
        used.update(f"{beside}{entry}".casefold() for entry in os.listdir(folder / beside))
    stem = _stem(name)
    number = 1
    while (path := f"{beside}{stem}{f'-{number}' if number > 1 else ''}.ttl") in used:
        number += 1
    return path


class Staged:
    """One change of a debate's folder, prepared: a file to be written or, without bytes, to be removed."""

    def __init__(self, folder: Path, path: str, data: bytes | None) -> None:
        """Bring the bytes to the disk, in the file's own folder but under another name.

        Args:
            folder: The debate's folder.
            path: The file, relative to it.
            data: What it is to hold; None to remove it.

        Raises:
            GraphNotWritable: There is no space or no permission, or the path does not lie in the folder.
        """
        self._shown = f"{path} in {folder}"
        with self._explained():
            self._target = _inside(folder, path)
            self._folder = os.open(self._target.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            self._data = data
            self._file = -1
            self._temporary = f".{self._target.name[:100]}.{os.urandom(8).hex()}{ENDING}"
            try:
                self._stage()
            except BaseException:
                self.discard()
                raise

    def _stage(self) -> None:
        """Also to remove a file, an empty one is staged: so it shows that the folder can be changed."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        while self._file < 0 or not os.fstat(self._file).st_nlink:  # swept before it had its lock
            if self._file >= 0:
                os.close(self._file)
            self._file = os.open(self._temporary, flags, 0o666, dir_fd=self._folder)
            fcntl.flock(self._file, fcntl.LOCK_EX)  # tells `sweep` that this one is not left over
        rest = memoryview(self._data or b"")
        while rest:
            rest = rest[os.write(self._file, rest) :]
        with suppress(FileNotFoundError):  # a file that is replaced keeps who may read it
            mode = self._target.stat().st_mode
            if stat.S_ISDIR(mode):
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
            os.fchmod(self._file, stat.S_IMODE(mode))
        os.fsync(self._file)

    def commit(self) -> None:
        """Make the change; when this returns, it is on the disk.

        To remove a file that is not there, or to write the same again, is no fault: so a change can be made
        again when nobody knows whether it was.

        Raises:
            GraphNotWritable: It cannot be made; as long as the process lives, it may be tried again.
        """
        if self._folder < 0:
            raise GraphNotWritable(f"The change of {self._shown} was given up: stage it anew.")
        with self._explained():
            if self._data is not None:
                os.rename(
                    self._temporary, self._target.name, src_dir_fd=self._folder, dst_dir_fd=self._folder
                )
            else:
                with suppress(FileNotFoundError):
                    os.unlink(self._target.name, dir_fd=self._folder)
            os.fsync(self._folder)
        self.discard()

    def discard(self) -> None:
        """Give the change up, or tidy up after it; a second time does nothing."""
        if self._folder < 0:
            return
        if self._file >= 0:
            with suppress(OSError):
                os.unlink(self._temporary, dir_fd=self._folder)
            os.close(self._file)
        os.close(self._folder)
        self._file = self._folder = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.discard()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if error.errno in FULL:
                raise GraphNotWritable(
                    f"There is no space left for {self._shown}: make space on that disk, and try again.",
                    full=True,
                ) from error
            raise GraphNotWritable(
                f"{self._shown} cannot be changed: {error.strerror}. Let the user that argraph runs as write "
                "this folder, and try again."
            ) from error


def signature(folder: Path) -> Signature:
    """Which Turtle files a debate has, a folder or one file; it differs when somebody changes one.

    Nothing is read.
    """
    found = []
    for path in folder.rglob("*.ttl") if folder.is_dir() else [folder]:
        with suppress(OSError):
            told = path.stat()
            if stat.S_ISREG(told.st_mode):
                times = told.st_mtime_ns, told.st_ctime_ns
                found.append((str(path), told.st_size, *times, told.st_ino))
    return frozenset(found)


def changes(
    known: Collection[str], before: Signature, now: Signature, *, written: Iterable[str]
) -> dict[str, bytes | None] | None:
    """What became of the files of a folder since they were read; None where that cannot be told.

    Args:
        known: The paths of the files that were read.
        before: What `signature` told before that.
        now: What it tells now.
        written: Files that are looked at however they seem.

    Raises:
        ResourceMissing: A file cannot be read.
    """
    found: dict[str, bytes | None] = {}
    for path in {*written, *(one[0] for one in before ^ now)}:
        found[path] = next(iter(read_files(Path(path)).values())) if Path(path).is_file() else None
    there = {path for path in {*known, *found} if found.get(path, b"") is not None}
    return found if there == {one[0] for one in now} else None


def sweep(folder: Path) -> None:
    """Remove staged files that a process left behind when it was killed; those of a living one stay.

    Raises:
        GraphNotWritable: One cannot be removed.
    """
    for path in folder.rglob(f".*{ENDING}"):
        try:
            file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            continue  # gone meanwhile, or a link
        try:
            if not stat.S_ISREG(os.fstat(file).st_mode):
                continue
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink(missing_ok=True)
        except BlockingIOError:
            continue
        except OSError as error:
            raise GraphNotWritable(
                f"{path}, left behind by a server that was killed, cannot be removed: {error.strerror}. Let "
                "the user that argraph runs as write this folder, or remove it."
            ) from error
        finally:
            os.close(file)


def _relative(folder: Path, path: str) -> str:
    pure = PurePath(path)
    return pure.relative_to(folder).as_posix() if pure.is_relative_to(folder) else pure.as_posix()


def _inside(folder: Path, path: str) -> Path:
    """The file of a path; its folder lies in the debate's folder, also when links are followed."""
    pure = PurePosixPath(path)
    root = folder.resolve()
    target = folder / path
    if (
        pure.is_absolute()
        or not pure.name
        or ".." in pure.parts
        or "\0" in path
        or not target.parent.resolve().is_relative_to(root)
    ):
        raise GraphNotWritable(
            f"“{path}” does not lie in the debate's folder {folder}, so it is not changed. Move the file "
            "into it."
        )
    return target


def _common(paths: Mapping[str, str]) -> str:
    """The folder that all files lie in, with “/” at its end; empty where that is the debate's own."""
    if not paths:
        return ""
    parts = [PurePosixPath(path).parts[:-1] for path in paths]
    shared = [names[0] for names in takewhile(lambda names: len(set(names)) == 1, zip(*parts, strict=False))]
    return "/".join([*shared, ""]) if not {"..", "/"} & {*shared} else ""


def _stem(name: str) -> str:
    last = re.split(r"[/\\]", name)[-1]
    plain = unicodedata.normalize("NFKD", re.sub(r"(?i)\.(ttl|turtle|txt)$", "", last))
    plain = plain.encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_LONGEST].strip("-")
    return f"{stem}-1" if _DEVICES.fullmatch(stem) else stem or "contribution"
