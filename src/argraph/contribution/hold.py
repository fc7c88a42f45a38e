"""One server on a data folder, and one that writes into a debate's folder."""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from pathlib import Path
from typing import Final, Self

from argraph.contribution.database import explained
from argraph.errors import GraphNotWritable, ServerFailed

FILE: Final = "server.lock"
"""Stands in the data folder and names the process; that it is locked counts, and not that it is there."""


class Hold:
    """The right to be the one server of a data folder, and the one that writes into the debate's folder.

    It goes with the process, however that ends.
    """

    def __init__(self, folder: Path, graph: Path | None = None) -> None:
        """Take it.

        Args:
            folder: The data folder; made where it is missing.
            graph: The debate's folder.

        Raises:
            ServerFailed: Another process has one of them.
            LedgerFailed: The data folder cannot be used.
            GraphNotWritable: The debate's folder cannot be used.
        """
        self._files: list[int] = []
        # A forked child has the locks as well, and would keep them when this process is gone.
        os.register_at_fork(after_in_child=self.release)
        try:
            with explained(folder):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                named = os.open(folder / FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
                self._files.append(named)
                if not _locked(named):
                    holder = os.pread(named, 20, 0).decode(errors="replace").strip()
                    whose = f" (process {holder})" if holder.isdecimal() else ""
                    raise ServerFailed(
                        f"Another argraph{whose} serves with the data folder {folder} already. Stop it, or "
                        "give this one a folder of its own with --data."
                    )
                with suppress(OSError):  # on a full disk the lock holds all the same, only without a name
                    os.ftruncate(named, 0)
                    os.pwrite(named, f"{os.getpid()}\n".encode(), 0)
            if graph is not None:
                self._take(graph)
        except BaseException:
            self.release()
            raise

    def _take(self, graph: Path) -> None:
        try:
            self._files.append(os.open(graph, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC))
            free = _locked(self._files[-1])
        except OSError as error:
            raise GraphNotWritable(
                f"The debate's folder {graph} cannot be used for contributions: {error.strerror}. Name a "
                "folder on a local disk with --graph."
            ) from error
        if not free:
            raise ServerFailed(
                f"Another argraph writes contributions into {graph} already, with a data folder of its own. "
                "Stop it, or let this one show the folder without --data."
            )

    def release(self) -> None:
        """Give it back; a second time does nothing."""
        while self._files:
            os.close(self._files.pop())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


def _locked(file: int) -> bool:
    """Whether this process has the lock of a file or folder now."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
