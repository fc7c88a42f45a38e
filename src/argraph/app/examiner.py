"""A process that has a debate loaded and warm, and examines each contributed file in a child of its own.

It runs as `python -S -I examiner.py SETUP PATH…`, with a JSON object as SETUP and the entries of `sys.path`
as PATHs, and speaks the frames of `argraph.query.worker` over standard input and output. The payload of a
frame is a line of JSON, then bytes as they are.

Hostile bytes are only ever read in a child, which begins as a copy of everything that is warm, can write
nothing and reach nobody, and is killed at its deadline. This process itself has one thread, reads no such
byte, and so can kill.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import selectors
import signal
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, BinaryIO, Final

if TYPE_CHECKING:
    from pathlib import Path

    from argraph.workspace import Workspace

JOB, CANCEL, READY, DONE, AMEND = range(5)
"""Kinds of frames: what the server sends, and what it is sent."""
MOST: Final = 8 * 2**20
"""Bytes of one answer at most."""
_CHUNK: Final = 2**16
_MEMORY, _NESTED, _MISTAKE, _REFUSED = 3, 4, 5, 6  # exit codes


@dataclass(slots=True)
class _Child:
    """One examination."""

    job: int
    pid: int
    pipe: int
    deadline: float
    answer: bytearray = field(default_factory=bytearray)


class Examiner:
    """Forks, listens, kills.

    Args:
        workspace: The debate, warm.
        memory: Bytes that one examination may take.
    """

    def __init__(self, workspace: Workspace, memory: int) -> None:
        self._workspace = workspace
        self._memory = memory
        self._own = os.getpid()
        self._children: dict[int, _Child] = {}
        self._selector = selectors.DefaultSelector()
        self._source, self._out = sys.stdin.fileno(), sys.stdout.buffer
        self._received = bytearray()

    def run(self) -> None:
        """Take jobs until standard input ends."""
        self._selector.register(self._source, selectors.EVENT_READ)
        going = True
        while going:
            for key, _ in self._selector.select(self._patience()):
                if key.fd == self._source:
                    going = self._listen()
                elif key.fd in self._children:
                    self._hear(self._children[key.fd])
            now = time.monotonic()
            for child in [child for child in self._children.values() if child.deadline <= now]:
                self._end(child, "deadline")
        for child in list(self._children.values()):
            self._end(child, None)

    def _patience(self) -> float | None:
        ends = [child.deadline for child in self._children.values()]
        return max(0.0, min(ends) - time.monotonic()) if ends else None

    def _listen(self) -> bool:
        """Take what the server sent; whether there may be more."""
        from argraph.query.worker import FRAME

        data = os.read(self._source, _CHUNK)
        self._received += data
        while len(self._received) >= FRAME.size:
            size, kind = FRAME.unpack_from(self._received)
            end = FRAME.size + size
            if len(self._received) < end:
                break
            payload = bytes(self._received[FRAME.size : end])
            del self._received[:end]
            head, _, body = payload.partition(b"\n")
            self._take(kind, json.loads(head), body)
        return bool(data)

    def _take(self, kind: int, head: dict[str, Any], body: bytes) -> None:
        if kind == CANCEL:
            for child in [child for child in self._children.values() if child.job == head["job"]]:
                self._end(child, None)
            return
        if kind == AMEND:
            self._amend(head, body)
            return
        if "ping" in head:
            _send(self._out, DONE, {"job": head["job"], "fault": ""})
            return
        ours, theirs = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(ours)
            self._be_child(theirs, head, body)
        os.close(theirs)
        os.set_blocking(ours, False)
        self._children[ours] = _Child(head["job"], pid, ours, time.monotonic() + head["seconds"])
        self._selector.register(ours, selectors.EVENT_READ)

    def _amend(self, head: dict[str, Any], body: bytes) -> None:
        """Examine against the debate with other files from now on; children go on with what they have.

        These files are the debate's own by now, like those that were read at the start.
        """
        changes: dict[str, bytes | None] = {}
        for path, size in head["files"]:
            changes[path] = None if size is None else body[:size]
            body = body[size or 0 :]
        try:
            workspace = self._workspace.amended(changes)
            _try(workspace)
        except Exception:  # the server then starts another process, which tells what is wrong
            import traceback

            told = traceback.format_exc()[-8000:].encode("utf-8", "replace")
            _send(self._out, DONE, {"job": head["job"], "fault": "mistake"}, told)
            return
        self._workspace = workspace
        _freeze()
        _send(self._out, DONE, {"job": head["job"], "fault": ""}, workspace.store.digest.encode())

    def _hear(self, child: _Child) -> None:
        with suppress(BlockingIOError):
            while data := os.read(child.pipe, _CHUNK):
                child.answer += data
                if len(child.answer) > MOST:
                    self._end(child, "size")
                    return
            self._end(child, "")

    def _end(self, child: _Child, fault: str | None) -> None:
        """Bury a child, and tell the server what became of it unless it does not want to know."""
        self._selector.unregister(child.pipe)
        del self._children[child.pipe]
        os.close(child.pipe)
        if fault != "":
            os.kill(child.pid, signal.SIGKILL)  # it is not buried yet, so nobody else has its number
        _, status = os.waitpid(child.pid, 0)
        if fault is None:
            return
        fault = fault or _cause(os.waitstatus_to_exitcode(status))
        _send(self._out, DONE, {"job": child.job, "fault": fault}, b"" if _mute(fault) else child.answer)

    def _be_child(self, pipe: int, head: dict[str, Any], body: bytes) -> None:
        """Examine one file, tell, and end; never returns."""
        from argraph.errors import ArgraphError
        from argraph.query.worker import confine

        code = _MISTAKE
        try:
            for fd in (self._source, self._out.fileno(), *self._children):
                os.close(fd)
            seconds = int(head["seconds"]) + 2
            resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
            confine(self._memory)
            if os.getppid() != self._own:
                os._exit(0)  # nobody is there any more to kill this one
            answer = examination(self._workspace, head, body)
            _write(pipe, json.dumps(answer, ensure_ascii=True).encode())
            code = 0
        except ArgraphError as error:
            _write(pipe, str(error).encode())
            code = _REFUSED
        except MemoryError:
            code = _MEMORY
        except RecursionError:
            code = _NESTED
        except BaseException:  # reported by the server; nothing may return into the loop of the parent
            import traceback

            with suppress(OSError):
                _write(pipe, traceback.format_exc()[-8000:].encode("utf-8", "replace"))
        finally:
            os._exit(code)


def _cause(code: int) -> str:
    """What the end of a child means: an allocation that fails aborts the engine."""
    named = {0: "", _MEMORY: "memory", _NESTED: "nesting", _MISTAKE: "mistake", _REFUSED: "refused"}
    by_signal = {-signal.SIGABRT: "memory", -signal.SIGXCPU: "deadline", -signal.SIGKILL: "memory"}
    return {**named, **by_signal}.get(code, "crash")


def _mute(fault: str) -> bool:
    """Whether what a child has said is no answer."""
    return fault not in {"", "mistake", "refused"}


def examination(workspace: Workspace, head: Mapping[str, Any], body: bytes) -> dict[str, Any]:
    """What is to be said of a file that is to join the debate, or of one that is to leave it; as JSON.

    Args:
        workspace: The debate.
        head: `name` of the file and, where it is known, the file `instead_of` which it comes; or `path` of
            the file that is to leave. Paths are within the folder of the debate.
        body: Bytes of the file.
    """
    from argraph.app import examined

    if "path" in head:
        return examined.removal(workspace, head["path"]).as_data()
    return examined.arrival(workspace, head["name"], body, instead_of=head["instead_of"]).as_data()


def main(setup: Mapping[str, Any]) -> None:
    """Load, warm up, say so, and take jobs.

    Args:
        setup: `graph`: folder of the debate; `scores`: base scores by kind; `kept`: folder of a store where
            it may be kept, or null; `memory`: bytes; `parent`: number of the process that starts this one.
    """
    from pathlib import Path

    from argraph.errors import ArgraphError
    from argraph.query.worker import end_with_parent

    end_with_parent()
    if os.getppid() != setup["parent"]:
        return  # it ended before
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the server, which ends this one
    try:
        workspace = _warm(Path(setup["graph"]), setup["scores"], setup["kept"])
    except ArgraphError as error:
        _send(sys.stdout.buffer, READY, {"fault": str(error)})
        return
    os.chdir("/")  # so that the name of a contributed file is never the path of one of the debate's
    _freeze()
    threads = _threads() if sys.platform == "linux" else 1
    _send(sys.stdout.buffer, READY, {"digest": workspace.store.digest, "threads": threads})
    Examiner(workspace, setup["memory"]).run()


def _threads() -> int:
    """Threads of this process, without those of the engine, which wait and hold nothing."""
    names = (open(f"/proc/self/task/{task}/comm").read() for task in os.listdir("/proc/self/task"))  # noqa: SIM115
    return sum(not name.startswith("rocksdb") for name in names)


def _warm(folder: Path, scores: Mapping[str, Any] | None, kept: str | None) -> Workspace:
    """The debate with all that an examination needs: that of a small objection has been done once."""
    import ctypes  # noqa: F401 - `confine` needs it
    from pathlib import Path

    from argraph.argument.scores import Scores
    from argraph.query import worker  # noqa: F401 - likewise
    from argraph.workspace import Workspace

    base = Scores(**scores) if scores is not None else None
    workspace = None
    if kept is not None:
        from argraph.keeping import Keeper

        workspace = Keeper(Path(kept)).restored(folder, base, absolute=True)
    if workspace is None:
        workspace = Workspace.open(Path(os.path.abspath(folder)))
        if base is not None:
            workspace = Workspace(workspace.folder, workspace.store, base)
    _try(workspace)
    return workspace


def _try(workspace: Workspace) -> None:
    """Examine a small objection, so that all that an examination needs has been found out once."""
    from argraph.app import examined
    from argraph.contribution import scaffold

    workspace.framework  # noqa: B018 - computed and kept; a large one loads the compiled kernels
    workspace.ground.warm()
    text = "<urn:argraph:nothing> a <urn:argraph:Nothing> ."
    if workspace.debates:
        end = next((thesis.iri for thesis in workspace.argument.theses), None)
        text = scaffold.fill(workspace.scaffold("objection", name="warm-up", end=end))
    examined.arrival(workspace, "warm-up.ttl", text.encode())


def _freeze() -> None:
    """Never collect what is here from now on, so that children share its pages."""
    gc.collect()
    gc.freeze()


def _write(pipe: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(pipe, view) :]


def _send(out: BinaryIO, kind: int, head: Mapping[str, Any], body: bytes | bytearray = b"") -> None:
    from argraph.query.worker import FRAME

    told = json.dumps(head).encode() + b"\n"
    out.write(FRAME.pack(len(told) + len(body), kind) + told)
    out.write(body)
    out.flush()


if __name__ == "__main__":
    sys.path.extend(sys.argv[2:])
    try:
        main(json.loads(sys.argv[1]))
    except BrokenPipeError:
        os._exit(0)  # the server is gone
