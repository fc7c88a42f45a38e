"""The gate for contributed files: each is examined in a process that can be killed, against a warm debate.

The server's own process never reads a contributed byte as anything but bytes. It hands them to a process that
has the debate loaded (`argraph.app.examiner`), which examines each file in a child of its own. What takes too
long is killed there; where that process itself does not answer in time, it is killed from here.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from argraph.app import examiner
from argraph.app.examined import Examined
from argraph.budget import MIB
from argraph.errors import ArgraphError, BudgetExceeded, EngineFailed, Overloaded, ResourceMissing
from argraph.query.worker import FRAME
from argraph.workspace import Workspace

_LOG: Final = logging.getLogger("argraph.gate")
_BOOT: Final = 120.0  # seconds in which the debate has to be loaded, and besides:
_PACE: Final = 5_000.0  # triples that are loaded in a second at least, where nothing is kept
_GRACE: Final = 0.25  # seconds for the examining process to tell that it has killed
_LATE: Final = 10.0  # seconds after which one that does not answer is taken for dead
_RETRY: Final = 5
_PATIENCE: Final = 30.0  # seconds in which the debate has to follow a change
_MOST: Final = 64 * MIB  # bytes of changed files; with more, the debate is loaded anew
_QUIET: Final = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
"""Only a process with one thread can be copied safely."""


@dataclass(frozen=True, slots=True)
class Care:
    """What the gate spends.

    Attributes:
        seconds: For one file, waiting included.
        memory: Bytes that its examination may take beside the debate.
        at_once: Files examined at the same time.
        waiting: Files that may wait for that.
    """

    seconds: float = 10.0
    memory: int = 1024 * MIB
    at_once: int = 2
    waiting: int = 16


class Gate:
    """Examines files against one state of the debate at a time.

    All methods belong to one event loop. Where the gate was not started, the first file starts it.

    Attributes:
        care: What it spends.
    """

    def __init__(self, workspace: Workspace, care: Care | None = None, *, kept: Path | None = None) -> None:
        """Take a debate.

        Args:
            workspace: The first state.
            care: What is spent.
            kept: Folder of a store in which it may be kept; see `keeping`.
        """
        self.care = care or Care()
        self._kept = kept
        self._source = workspace
        self._process: _Process | None = None
        self._starting: asyncio.Task[_Process] | None = None
        self._leaving: set[asyncio.Task[None]] = set()
        self._slots = asyncio.Semaphore(self.care.at_once)
        self._waiting = 0
        self._current = asyncio.Event()
        self._current.set()
        self._closed = False

    async def start(self) -> None:
        """Have the debate loaded and warm.

        Raises:
            EngineFailed: The debate cannot be loaded, or no process can be started.
        """
        await self._ready()

    async def reload(self, workspace: Workspace) -> None:
        """Examine against another state, read from its folder, from now on.

        Files that are being examined are examined against the old one to the end. Those that come in the
        meantime wait for the new one, if that does not take too long. When it cannot be loaded, the old one
        stays.

        Raises:
            EngineFailed: As `start`.
        """
        self._current.clear()
        try:
            fresh = await _Process.hire(workspace, self.care, self._kept)
        finally:
            self._current.set()
        before, self._process, self._source = self._process, fresh, workspace
        self._starting = None
        if before is not None:
            self._leave(before)
        if self._closed:
            await fresh.dismiss()

    async def follow(self, workspace: Workspace) -> None:
        """The same for a state of which most files are those of now: only the others are read anew.

        Where the examining process cannot take them, this is `reload`.

        Raises:
            EngineFailed: As `start`.
        """
        self._current.clear()
        try:
            done = await self._amended(workspace)
        finally:
            self._current.set()
        if not done:
            await self.reload(workspace)

    async def _amended(self, workspace: Workspace) -> bool:
        """Have the examining process take the files that changed; whether it did."""
        if self._starting is not None:
            await asyncio.wait([self._starting])
            await asyncio.sleep(0)  # it is adopted now
        process = self._process
        if process is None:
            self._source = workspace  # it starts with the next file, and reads the folder then
            return True
        if not process.alive or not process.files:
            return False
        changes = await asyncio.to_thread(_changes, process.files, workspace)
        if changes is None:
            return False
        sizes = [(path, None if data is None else len(data)) for path, data in changes.items()]
        body = b"".join(data for data in changes.values() if data)
        try:
            async with asyncio.timeout(_PATIENCE):
                fault, told = await process.do({"files": sizes}, body, _PATIENCE, kind=examiner.AMEND)
        except (TimeoutError, _Died):
            fault, told = "time", b""
        if fault or told.decode() != workspace.store.digest:
            _LOG.info("The process that checks files is replaced, since it cannot follow: %s", fault or told)
            return False
        process.files, self._source = workspace.store.files, workspace
        return True

    async def stop(self) -> None:
        """End everything at once."""
        self._closed = True
        if self._starting is not None:
            self._starting.cancel()
            await asyncio.gather(self._starting, return_exceptions=True)
        for task in self._leaving:
            task.cancel()
        await asyncio.gather(*self._leaving, return_exceptions=True)
        if self._process is not None:
            await self._process.dismiss()

    async def examine(
        self, name: str, data: bytes, *, instead_of: str | None = None, fresh: bool = False
    ) -> Examined:
        """Everything that is to be known of a file that is to join the debate, whatever its bytes.

        Args:
            name: What it is called in findings; a path in it is left away.
            data: Its bytes.
            instead_of: A file whose place it takes whatever it says, within the folder of the debate.
            fresh: Rather refuse than examine against a state that `reload` is about to replace.

        Raises:
            BudgetExceeded: It takes too long.
            ResourceMissing: The file that it is to take the place of is not there.
            EngineFailed: It takes too much memory, or its examination ended otherwise; or the gate does not
                start.
            Overloaded: Too many wait, or the debate changes.
        """
        plain = name.replace("\\", "/").rpartition("/")[2] or "contribution.ttl"
        return await self._run({"name": plain, "instead_of": instead_of}, data, fresh=fresh)

    async def removal(self, path: str, *, fresh: bool = False) -> Examined:
        """What it would mean for the debate if one of its files were not there.

        Args:
            path: The file, within the folder of the debate.
            fresh: As in `examine`.

        Raises:
            ArgraphError: As `examine`.
        """
        return await self._run({"path": path}, b"", fresh=fresh)

    async def _run(self, head: dict[str, Any], data: bytes, *, fresh: bool) -> Examined:
        loop = asyncio.get_running_loop()
        end = loop.time() + self.care.seconds
        if self._waiting >= self.care.waiting:
            raise Overloaded("Too many files are waiting to be checked.", _RETRY)
        self._waiting += 1
        try:
            async with asyncio.timeout_at(end - self.care.seconds / 2):
                await self._settled(fresh)
                await self._slots.acquire()
                try:
                    process = await self._ready()
                except BaseException:
                    self._slots.release()
                    raise
        except TimeoutError:
            raise Overloaded(
                "The server is busy, or still reads the debate: ask again in a moment.",
                _RETRY,
            ) from None
        finally:
            self._waiting -= 1
        try:
            return await self._answer(process, head, data, end)
        finally:
            self._slots.release()

    async def _settled(self, fresh: bool) -> None:
        """Wait for the state that is being loaded; not for long where the one before will do."""
        if fresh:
            await self._current.wait()
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(self.care.seconds / 4):
                await self._current.wait()

    async def _answer(self, process: _Process, head: dict[str, Any], data: bytes, end: float) -> Examined:
        try:
            async with asyncio.timeout_at(end + _GRACE):
                fault, told = await process.do(head, data, end - asyncio.get_running_loop().time())
        except TimeoutError:
            self._send(self._verify(process))  # it should have told that it has killed
            raise _too_long(self.care) from None
        except _Died:
            self._lose(process)
            raise EngineFailed("The check of this file was interrupted. Hand it in again.") from None
        if fault:
            raise _failure(fault, told, self.care)
        return await asyncio.to_thread(lambda: Examined.of_data(json.loads(told)))

    async def _ready(self) -> _Process:
        """The process that examines now; started anew where it has ended."""
        if self._process is not None and self._process.alive:
            return self._process
        if self._starting is None or self._starting.done():
            self._starting = asyncio.create_task(_Process.hire(self._source, self.care, self._kept))
            self._starting.add_done_callback(self._adopt)
        await asyncio.shield(self._starting)
        assert self._process is not None  # noqa: S101 - it, or the one of `reload`
        return self._process

    def _adopt(self, starting: asyncio.Task[_Process]) -> None:
        """Take a process that has started, also when all that waited for it have left."""
        if starting.cancelled() or starting.exception() is not None:
            return
        if self._starting is starting:
            self._process, self._starting = starting.result(), None
        else:  # `reload` was faster
            self._send(starting.result().dismiss())

    async def _verify(self, process: _Process) -> None:
        """Give a process up that does not answer any more, and not one that is only late."""
        try:
            async with asyncio.timeout(_LATE):
                await process.do({"ping": True}, b"", _LATE)
        except (TimeoutError, _Died):
            self._lose(process)

    def _lose(self, process: _Process) -> None:
        """Give up a process that does not do what it should."""
        if self._process is process:
            self._process = None
        self._send(process.dismiss())

    def _leave(self, process: _Process) -> None:
        """End a process when it has nothing more to do."""

        async def end() -> None:
            await process.idle()
            await process.dismiss()

        self._send(end())

    def _send(self, errand: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(errand)
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)


class _Died(Exception):
    pass


@dataclass(eq=False)
class _Process:
    """One examining process; see `examiner`."""

    process: Process
    jobs: dict[int, asyncio.Future[tuple[str, bytes]]] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)  # SHA-256 of what it has read; nothing if unknown
    count: int = 0
    listening: asyncio.Task[None] | None = None

    @classmethod
    async def hire(cls, workspace: Workspace, care: Care, kept: Path | None) -> _Process:
        """Start it, and wait until the debate is loaded.

        Raises:
            EngineFailed: It cannot be loaded, or no process can be started.
        """
        scores = workspace.scores
        setup = {
            "graph": str(workspace.folder),
            "scores": {
                "grades": dict(scores.grades),
                "factors": dict(scores.factors),
                "assumed": scores.assumed,
            },
            "kept": str(kept) if kept is not None else None,
            "memory": care.memory,
            "parent": os.getpid(),
        }
        paths = [os.path.abspath(path) for path in sys.path if path]
        command = (sys.executable, "-S", "-I", str(examiner.__file__), json.dumps(setup), *paths)
        one = None
        try:
            process = await asyncio.create_subprocess_exec(
                *command, stdin=PIPE, stdout=PIPE, env=os.environ | _QUIET
            )
            one = cls(process)
            async with asyncio.timeout(_BOOT + len(workspace.store.raw) / _PACE):
                _, head, _ = await one._receive()
        except (_Died, OSError, TimeoutError) as error:
            if one is not None:
                await one.dismiss()
            raise EngineFailed("The process that checks files does not start.") from error
        except asyncio.CancelledError:
            if one is not None:
                await one.dismiss()
            raise
        if fault := head.get("fault"):
            await one.dismiss()
            raise EngineFailed(f"Files cannot be checked now: {fault}")
        if head["digest"] == workspace.store.digest:
            one.files = workspace.store.files
        if head["threads"] != 1:
            _LOG.warning("The process that checks files has %d threads.", head["threads"])
        one.listening = asyncio.create_task(one._listen())
        return one

    @property
    def alive(self) -> bool:
        """Whether it can take a job."""
        return self.process.returncode is None and self.listening is not None and not self.listening.done()

    async def do(
        self, head: Mapping[str, Any], data: bytes, seconds: float, *, kind: int = examiner.JOB
    ) -> tuple[str, bytes]:
        """Have a job done; returns the fault, empty for none, and the answer."""
        self.count += 1
        job = self.count
        done = self.jobs[job] = asyncio.get_running_loop().create_future()
        try:
            await self._send(kind, {**head, "job": job, "seconds": max(0.05, seconds)}, data)
            fault, told = await done
            return fault, told
        except asyncio.CancelledError:
            with suppress(_Died):
                await self._send(examiner.CANCEL, {"job": job}, b"")
            raise
        finally:
            del self.jobs[job]

    async def idle(self) -> None:
        """Wait for all jobs."""
        await asyncio.gather(*self.jobs.values(), return_exceptions=True)

    async def dismiss(self) -> None:
        """Kill it and its children, and wait for its end."""
        if self.process.returncode is None:
            # Not `process.kill()`: that asks for the exit code, and then nobody else gets it.
            with suppress(ProcessLookupError):
                os.kill(self.process.pid, signal.SIGKILL)
        await self.process.wait()
        if self.listening is not None:
            await asyncio.gather(self.listening, return_exceptions=True)

    async def _listen(self) -> None:
        try:
            while True:
                _, head, body = await self._receive()
                done = self.jobs.get(head["job"])
                if done is not None and not done.done():
                    done.set_result((head["fault"], body))
        except _Died:
            for done in self.jobs.values():
                if not done.done():
                    done.set_exception(_Died())

    async def _send(self, kind: int, head: Mapping[str, Any], body: bytes) -> None:
        told = json.dumps(head).encode() + b"\n"
        assert self.process.stdin is not None  # noqa: S101 - it was asked for
        try:
            self.process.stdin.write(FRAME.pack(len(told) + len(body), kind) + told + body)
            await self.process.stdin.drain()
        except ConnectionError:
            raise _Died from None

    async def _receive(self) -> tuple[int, dict[str, Any], bytes]:
        assert self.process.stdout is not None  # noqa: S101 - likewise
        try:
            size, kind = FRAME.unpack(await self.process.stdout.readexactly(FRAME.size))
            head, _, body = (await self.process.stdout.readexactly(size)).partition(b"\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            raise _Died from None
        return kind, json.loads(head), body


def _changes(files: Mapping[str, str], workspace: Workspace) -> dict[str, bytes | None] | None:
    """The bytes of the files that differ from others; None where they are not those of the folder, or many.

    Args:
        files: The SHA-256 of each of the others, by path.
        workspace: What they are to become.
    """
    wanted = workspace.store.files
    found: dict[str, bytes | None] = {}
    size = 0
    for path in files.keys() | wanted.keys():
        if (digest := wanted.get(path)) != files.get(path):
            try:
                data = None if digest is None else Path(path).read_bytes()
            except OSError:
                return None
            size += len(data or b"")
            if size > _MOST or (data is not None and sha256(data).hexdigest() != digest):
                return None
            found[os.path.abspath(path)] = data
    return found


def _failure(fault: str, told: bytes, care: Care) -> ArgraphError:
    """What a fault of an examination means for who handed the file in."""
    if fault == "deadline":
        return _too_long(care)
    if fault == "refused":
        return ResourceMissing(told.decode())
    if fault == "memory":
        return EngineFailed(
            f"The check of this file needs more than the {care.memory // MIB:,} MiB of memory allowed. "
            "Hand it in as several smaller files."
        )
    if fault == "mistake":
        _LOG.error("The check of a file failed:\n%s", told.decode("utf-8", "replace"))
    else:
        _LOG.warning("The check of a file ended: %s.", fault)
    return EngineFailed(
        "The check did not survive this file. Hand it in as several smaller files, with less nesting."
    )


def _too_long(care: Care) -> BudgetExceeded:
    return BudgetExceeded("The check of this file", care.seconds, "Hand it in as several smaller files.")
