"""The desk: takes contributed files, has them examined, records what is decided, and changes the debate.

The record comes first, then the file, then what is shown. So a crash between any two steps loses nothing that
was decided: what was recorded and not yet written is written when the server starts again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, TypeVar
from weakref import WeakValueDictionary

from argraph.app.examined import Examined
from argraph.app.gate import Gate
from argraph.contribution.files import Signature, Staged, changes, place, signature, sweep
from argraph.contribution.history import Chronicle
from argraph.contribution.ledger import Actor, Entry, Hold, Ledger
from argraph.contribution.lifecycle import SAID
from argraph.contribution.tokens import Tokens
from argraph.diagnostics import Severity
from argraph.errors import (
    AlreadySubmitted,
    ArgraphError,
    NotAllowed,
    ServerFailed,
    UnknownContribution,
    WrongState,
)
from argraph.workspace import Workspace

T = TypeVar("T")

_LOG: Final = logging.getLogger("argraph.contributions")
_PROBE: Final = "argraph-probe.ttl"
_AGAIN: Final = 30.0  # seconds after which it is tried again to show what is accepted


class Refused(ArgraphError):
    """A file has violations, so that it is not taken.

    Attributes:
        examined: What was found.
    """

    def __init__(self, examined: Examined) -> None:
        number = examined.report.count(Severity.VIOLATION)
        super().__init__(
            f"This file has {number} violation{'' if number == 1 else 's'}, so it is not taken. "
            "Each is told with its place and what to write instead."
        )
        self.examined = examined


class Records:
    """The data folder, held by this server alone, and the debate's folder as the record says it is to be.

    Attributes:
        ledger: What was handed in and decided.
        tokens: Who may do what.
        graph: The debate's folder.
        seen: What `signature` told when they were opened, before anything was read from the folder.
        staged: Files of the folder that changes were prepared for.
    """

    def __init__(self, hold: Hold, ledger: Ledger, graph: Path) -> None:
        self.ledger = ledger
        self.graph = graph
        self.seen: Signature = frozenset()
        self.staged: set[str] = set()
        self._hold = hold

    @property
    def tokens(self) -> Tokens:
        """Who may do what."""
        return self.ledger.tokens

    @classmethod
    def open(cls, data: Path, graph: Path) -> Records:
        """Open both, and do what an earlier server has recorded but no longer come to do.

        Args:
            data: The data folder; made where it is missing.
            graph: The debate's folder, before anything is read from it.

        Raises:
            ServerFailed: Another server has one of the folders, or the debate is not one.
            LedgerFailed: The data folder cannot be used, or what it holds is damaged.
            GraphNotWritable: The debate's folder cannot be written.
        """
        if not graph.is_dir():
            raise ServerFailed(
                f"Contributions are written into the folder of the debate, and {graph} is none: name a "
                "folder of Turtle files with --graph."
            )
        hold = Hold(data, graph)
        try:
            ledger = Ledger.open(data)
            try:
                records = cls(hold, ledger, graph)
                records._recover()
                records.seen = records.signature()
            except BaseException:
                ledger.close()
                raise
        except BaseException:
            hold.release()
            raise
        return records

    def _recover(self) -> None:
        sweep(self.graph)
        Staged(self.graph, _PROBE, b"").discard()  # that it can be written shows now, not at a decision
        for entry in self.ledger.unwritten():
            self.write(entry)
            _LOG.warning("Contribution %s was accepted and not yet written; it is now.", entry.id)

    def stage(self, entry: Entry, path: str) -> Staged:
        """The change that accepting a contribution means for the debate's folder, prepared.

        Raises:
            GraphNotWritable: There is no space or no permission.
        """
        data = None if entry.kind == "retraction" else self.ledger.content(entry.id)
        self.staged.add(str(self.graph / path))
        return Staged(self.graph, path, data)

    def write(self, entry: Entry) -> None:
        """Make the change for an accepted contribution, and record that it is made.

        Raises:
            GraphNotWritable: There is no space or no permission.
            LedgerFailed: It cannot be recorded.
        """
        assert entry.path is not None  # noqa: S101 - it is accepted
        with self.stage(entry, entry.path) as staged:
            staged.commit()
        self.ledger.written(entry.id)

    def prior(self, path: str) -> bytes | None:
        """What a file of the debate holds; None where there is none."""
        with suppress(FileNotFoundError):
            return (self.graph / path).read_bytes()
        return None

    def signature(self) -> Signature:
        """Which files the debate's folder has; it differs when somebody changes one."""
        return signature(self.graph)

    def close(self) -> None:
        """Let go of both."""
        self.ledger.close()
        self._hold.release()


class Desk:
    """Where files are handed in and decided about.

    All methods belong to one event loop. What changes the debate happens one after the other; what was begun
    is done to the end, also when the one who asked has left.

    Args:
        workspace: The debate, opened after `records`.
        gate: Examines files.
        records: Ledger and folder; the desk closes them.
        anonymous: Whether files are taken from people without a token.

    Attributes:
        ledger: What was handed in and decided.
        tokens: Who may do what.
        gate: Examines files.
        anonymous: Whether files are taken from people without a token.
    """

    def __init__(
        self, workspace: Workspace, gate: Gate, records: Records, *, anonymous: bool = False
    ) -> None:
        self.gate = gate
        self.ledger = records.ledger
        self.tokens = records.tokens
        self.anonymous = anonymous
        self._records = records
        self._workspace = workspace
        self._signature = records.seen
        self._behind = False  # what is shown or examined against is older than the folder
        self._publish: Callable[[Workspace], Awaitable[None]] | None = None
        self._reloading: asyncio.Task[None] | None = None
        self._retrying: asyncio.Task[None] | None = None
        self._deciding = asyncio.Lock()
        self._entering: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._work: set[asyncio.Task[Any]] = set()

    def start(self, publish: Callable[[Workspace], Awaitable[None]]) -> None:
        """Begin.

        Args:
            publish: Shows a new state of the debate.
        """
        self._publish = publish

    async def stop(self) -> None:
        """Finish what was begun, and let go of ledger and folder."""
        if self._retrying is not None:
            self._retrying.cancel()
            await asyncio.gather(self._retrying, return_exceptions=True)
        while self._work:
            await asyncio.gather(*self._work, return_exceptions=True)
        await asyncio.to_thread(self._records.close)

    # -- handing in -----------------------------------------------------------------------------------------

    async def dry_run(self, name: str, data: bytes) -> Examined:
        """What would be said of a file; nothing is kept.

        Raises:
            ArgraphError: As `Gate.examine`.
        """
        return await self.gate.examine(name, data)

    async def submit(self, name: str, data: bytes, *, by: Actor, supersedes: str | None = None) -> Entry:
        """Put a file into the queue.

        Raises:
            Refused: It has violations.
            AlreadySubmitted: It was handed in before.
            UnknownContribution: There is none that it could supersede.
            NotAllowed: That one is somebody else's.
            WrongState: That one was superseded or taken back before.
            ArgraphError: As `Gate.examine`; LedgerFailed.
        """
        async with self._alone(sha256(data).hexdigest()):
            await asyncio.to_thread(self._refuse_again, data)
            instead = await asyncio.to_thread(self._inherited, supersedes)
            examined = await self.gate.examine(name, data, instead_of=instead, fresh=True)
            if not examined.report.ok:
                raise Refused(examined)
            told = examined.as_data()
            return await self._finish(
                asyncio.to_thread(
                    self.ledger.submit,
                    data,
                    name=name,
                    title=examined.title,
                    submitter=by,
                    impact=told.pop("impact"),
                    report=told,
                    graph=examined.graph,
                    supersedes=supersedes,
                )
            )

    @asynccontextmanager
    async def _alone(self, digest: str) -> AsyncIterator[None]:
        """Let those who hand in the same bytes at once wait for the first, so that they are examined once."""
        lock = self._entering.get(digest)
        if lock is None:  # forgotten when nobody holds it or waits for it
            lock = self._entering[digest] = asyncio.Lock()
        async with lock:
            yield

    async def retract(self, target: str, *, by: Actor, comment: str) -> Entry:
        """Ask for an accepted contribution to be taken out of the debate; a reviewer decides.

        Raises:
            ArgraphError: As `Ledger.request_retraction`.
        """
        return await asyncio.to_thread(self.ledger.request_retraction, target, submitter=by, comment=comment)

    async def withdraw(self, id: str, *, by: Actor, comment: str = "") -> Entry:
        """Take one's own contribution out of the queue.

        Raises:
            ArgraphError: As `Ledger.withdraw`.
        """
        return await asyncio.to_thread(self.ledger.withdraw, id, by, comment=comment)

    async def examined(self, id: str) -> Examined | None:
        """What was found when a contribution was handed in, or accepted; None where nothing was recorded.

        Raises:
            UnknownContribution: There is none.
        """

        def read() -> Examined | None:
            report, impact = self.ledger.report(id), self.ledger.impact(id)
            return Examined.of_data({**report, "impact": impact}) if report else None

        return await asyncio.to_thread(read)

    # -- reviewing ------------------------------------------------------------------------------------------

    async def comment(self, id: str, *, by: Actor, text: str, marks: Sequence[str] = ()) -> Entry:
        """Say something about a contribution.

        Raises:
            ArgraphError: As `Ledger.comment`.
        """
        return await asyncio.to_thread(self.ledger.comment, id, by, text, marks)

    async def reject(self, id: str, *, by: Actor, comment: str, marks: Sequence[str] = ()) -> Entry:
        """Decide that a contribution does not become part of the debate.

        Raises:
            ArgraphError: As `Ledger.reject`.
        """
        return await asyncio.to_thread(self.ledger.reject, id, by, comment=comment, marks=marks)

    async def recheck(self, id: str) -> Examined:
        """Examine a contribution against the debate of now.

        Raises:
            UnknownContribution: There is none.
            ArgraphError: As `Gate.examine`.
        """
        entry = await asyncio.to_thread(self.ledger.entry, id)
        if entry.retracts is not None:
            target = await asyncio.to_thread(self.ledger.entry, entry.retracts)
            if target.path is None:
                raise NotAllowed(f"Contribution {target.id} has no file in the debate.")
            return await self.gate.removal(target.path, fresh=True)
        data = await asyncio.to_thread(self.ledger.content, id)
        instead = await asyncio.to_thread(self._inherited, entry.supersedes)
        return await self.gate.examine(entry.name, data, instead_of=instead, fresh=True)

    async def accept(self, id: str, *, by: Actor, comment: str = "", marks: Sequence[str] = ()) -> Entry:
        """Make a contribution part of the debate; when this returns, it is on the disk and shown.

        Raises:
            Refused: Against the debate of now it has violations.
            UnknownContribution: There is none.
            WrongState: It was decided about before.
            NotAllowed: The one who asks may not decide.
            GraphNotWritable: There is no space or no permission; nothing was decided.
            ArgraphError: As `Gate.examine`; LedgerFailed; BrokenGraph where somebody else broke the folder.
        """
        return await self._finish(self._accept(id, by, comment, marks))

    async def _accept(self, id: str, by: Actor, comment: str, marks: Sequence[str]) -> Entry:
        async with self._deciding:
            await asyncio.to_thread(self._decidable, id, by)
            await self._catch_up()
            examined = await self.recheck(id)
            if not examined.report.ok:
                raise Refused(examined)
            self._behind = True  # also where a step after the decision fails
            entry = await asyncio.to_thread(self._decide, id, by, comment, marks, examined)
            try:
                await self._show()
            except Exception:  # whatever it is, the contribution is accepted, and that is the answer
                _LOG.exception("Contribution %s is accepted and written, but cannot be shown yet.", id)
                self._retrying = self._retrying or asyncio.create_task(self._show_later())
            return entry

    async def _show_later(self) -> None:
        """Try again to show what is decided, until it succeeds here or at the next decision."""
        while self._behind:
            await asyncio.sleep(_AGAIN)
            async with self._deciding:
                try:
                    await self._catch_up()
                except ArgraphError as error:
                    _LOG.error("What was accepted cannot be shown yet: %s", error)
        self._retrying = None

    def _decidable(self, id: str, by: Actor) -> None:
        """Refuse at once what the ledger would refuse after a long examination."""
        entry = self.ledger.entry(id)
        if not by.reviews:
            raise NotAllowed("Contributions are accepted by reviewers: use a reviewer's token.")
        if entry.state != "pending":
            raise WrongState(f"Contribution {id} {SAID[entry.state]}.", entry)

    def _decide(self, id: str, by: Actor, comment: str, marks: Sequence[str], examined: Examined) -> Entry:
        entry = self.ledger.entry(id)
        path = self._path(entry, examined)
        told = examined.as_data()
        with self._records.stage(entry, path) as staged:
            self.ledger.accept(
                id,
                by,
                path=path,
                prior=self._records.prior(path),
                comment=comment,
                marks=marks,
                impact=told.pop("impact"),
                report=told,
            )
            staged.commit()
        return self.ledger.written(id)

    def _path(self, entry: Entry, examined: Examined) -> str:
        """The file in the debate's folder that an acceptance changes."""
        path = self.ledger.destination(entry.id)
        if path is None:
            graphs = self._workspace.store.graphs
            path = place(self._records.graph, graph=examined.graph, name=entry.name, taken=graphs)
        others = [other for other in examined.replaces if other != path]
        if others:
            raise NotAllowed(
                f"This file would take the place of {', '.join(others)} beside {path}: hand in one file for "
                "each, with one contribution in it."
            )
        return path

    def _inherited(self, supersedes: str | None) -> str | None:
        """The file of the nearest earlier version that has one in the debate."""
        while supersedes is not None:
            earlier = self.ledger.entry(supersedes)
            if earlier.path is not None:
                return earlier.path if (self._records.graph / earlier.path).exists() else None
            supersedes = earlier.supersedes
        return None

    def _refuse_again(self, data: bytes) -> None:
        """Refuse bytes that are known before they are examined."""
        with suppress(UnknownContribution):
            entry = self.ledger.entry(sha256(data).hexdigest()[:16])
            if entry.digest == sha256(data).hexdigest():
                raise AlreadySubmitted(entry)

    # -- showing --------------------------------------------------------------------------------------------

    async def _catch_up(self) -> None:
        """Have the gate examine against the folder of now, whoever changed it."""
        if self._reloading is not None:
            await asyncio.gather(self._reloading, return_exceptions=True)
        changed = await asyncio.to_thread(self._records.signature) != self._signature
        if self._behind or changed:
            await asyncio.to_thread(self._write_the_rest)
            await self._show()
            assert self._reloading is not None  # noqa: S101 - `_show` has begun it
            await self._reloading

    def _write_the_rest(self) -> None:
        for entry in self.ledger.unwritten():
            self._records.write(entry)

    async def _show(self) -> None:
        """Show the folder as it is now; the gate follows."""
        now = await asyncio.to_thread(self._records.signature)
        staged = frozenset(self._records.staged)
        workspace = await asyncio.to_thread(self._followed, now, staged)
        self._reloading = self._begin(self._reload(workspace))
        if self._publish is not None:
            await self._publish(workspace)
        self._workspace, self._signature, self._behind = workspace, now, False
        self._records.staged -= staged

    def _followed(self, now: Signature, staged: Iterable[str]) -> Workspace:
        """The state of the folder, from the one that is shown and the files that differ from it."""
        before = self._workspace
        chronicle = Chronicle.of(self.ledger, after=before.archive.chronicle)
        if before.folder == self._records.graph:
            changed = changes(before.store.files, self._signature, now, written=staged)
            if changed is not None:
                return before.amended(changed, chronicle)
        return before.reopened(chronicle)

    async def _reload(self, workspace: Workspace) -> None:
        try:
            await self.gate.follow(workspace)
        except ArgraphError:
            self._behind = True
            raise

    # -- what is done to the end ----------------------------------------------------------------------------

    def _begin(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        task = asyncio.create_task(work)
        self._work.add(task)
        task.add_done_callback(self._done)
        return task

    async def _finish(self, work: Coroutine[Any, Any, T]) -> T:
        return await asyncio.shield(self._begin(work))

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._work.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _LOG.debug("Not done: %s", error)
