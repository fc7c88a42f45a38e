"""Following: shows what others change in the debate's folder, such as a server that takes contributions.

Files are looked at by name, size and time; only when these differ is anything read. Who writes in place, or
changes many files as git does, is waited for until the folder is quiet for a moment; a file that argraph
renames into place is whole at any. What cannot be shown is told in the log, and the state before shown on.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from argraph.contribution.files import Signature, changes, signature
from argraph.contribution.history import Chronicle
from argraph.errors import ArgraphError, BrokenGraph
from argraph.rdf.replica import Overtaken
from argraph.workspace import Workspace

_LOG: Final = logging.getLogger("argraph.follow")
_QUIET: Final = 0.3  # seconds without a change after which the folder is read
_TRIES: Final = 10  # looks at a folder that changes all the time, before it is read all the same
_AGAIN: Final = 30.0  # seconds after which it is tried again to show what could not be shown


class Follower:
    """Looks at the folder from time to time, and has each new state of it shown.

    Args:
        workspace: What is shown first.
        seen: What `signature` told of its folder before it was read.
        seconds: From one look to the next.
        data: Folder of the ledger in which the server that takes contributions records them.
    """

    def __init__(
        self, workspace: Workspace, seen: Signature, *, seconds: float, data: Path | None = None
    ) -> None:
        self._workspace = workspace
        self._seen = seen
        self._seconds = seconds
        self._data = data
        self._broken: Signature | None = None  # of a folder that cannot be read, however often it is tried
        self._told = ""
        self._task: asyncio.Task[None] | None = None

    def start(self, publish: Callable[[Workspace], Awaitable[None]]) -> None:
        """Begin; belongs to the event loop.

        Args:
            publish: Shows a new state of the debate.
        """
        self._task = asyncio.create_task(self._follow(publish))

    async def stop(self) -> None:
        """Look no more; what is being shown may be given up."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _follow(self, publish: Callable[[Workspace], Awaitable[None]]) -> None:
        pause = self._seconds
        while True:
            await asyncio.sleep(pause)
            pause = self._seconds
            try:
                seen = await self._settled()
                if seen in {self._seen, self._broken}:
                    continue
                workspace = await asyncio.to_thread(self._read, seen)
                if workspace is None:  # changed again meanwhile
                    continue
                await publish(workspace)
                self._workspace, self._seen = workspace, seen
                _LOG.info("Showing the debate as others have changed it: %s.", workspace.version[:10])
                self._told = ""
            except Overtaken as error:
                _LOG.info("%s This one reads its files again.", error)
            except BrokenGraph as error:
                self._broken = seen
                self._tell(str(error))
            except ArgraphError as error:
                self._tell(str(error))
                pause = max(self._seconds, min(_AGAIN, 10 * self._seconds))
            except Exception:
                _LOG.exception("What others have changed cannot be shown.")
                pause = max(self._seconds, _AGAIN)

    def _tell(self, fault: str) -> None:
        """Tell the log of a fault once, for as long as it lasts."""
        if fault != self._told:
            self._told = fault
            _LOG.error(
                "What others have changed cannot be shown yet, the state before is shown on: %s", fault
            )

    async def _settled(self) -> Signature:
        """The folder's signature, once it does not change from one moment to the next."""
        found = await asyncio.to_thread(signature, self._workspace.folder)
        for _ in range(_TRIES):
            if found in {self._seen, self._broken}:
                break
            await asyncio.sleep(_QUIET)
            before, found = found, await asyncio.to_thread(signature, self._workspace.folder)
            if found == before:
                break
        return found

    def _read(self, seen: Signature) -> Workspace | None:
        """The state of a signature; None where files changed while they were read.

        Files and record are read one after the other, so that each alone could be of another moment. A state
        is taken when no file changed from before the first to after the last, and all that is recorded as
        accepted is written.
        """
        chronicle = Chronicle.read(self._data) if self._data is not None else None
        if chronicle is not None and not all(change.entry.written for change in chronicle.changes):
            return None
        before = self._workspace
        changed = changes(before.store.files, self._seen, seen, written=())
        # None where what is shown was not read from these files.
        workspace = before.reopened(chronicle) if changed is None else before.amended(changed, chronicle)
        return workspace if signature(workspace.folder) == seen else None
