"""Where contributions are received: who may do what, how much of it, and what is logged of refusals.

The pages and the programming interface both come through here, so that neither allows what the other refuses.
One reception lives as long as the server, whatever state of the debate is shown.
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from starlette.requests import Request

from argraph.app.allowance import Share
from argraph.app.desk import Desk, Refused
from argraph.app.examined import Examined
from argraph.app.gate import Gate
from argraph.app.identity import Caller, Identity
from argraph.app.protocol import Problem
from argraph.contribution.ledger import Entry, Event, Ledger, State
from argraph.errors import (
    AlreadySubmitted,
    ArgraphError,
    BudgetExceeded,
    EngineFailed,
    GraphNotWritable,
    LedgerFailed,
    NotAllowed,
    Overloaded,
    UnknownContribution,
    WrongState,
)

T = TypeVar("T")

LARGEST: Final = 1024 * 1024
"""Bytes of a file at most."""
CLOSED: Final = (
    "This server takes no contributions: it checks files (dry_run=1) and shows what they would change. Hand "
    "yours in where the debate is kept."
)
_LOG: Final = logging.getLogger("argraph.contributions")
_UPFRONT: Final = 1.0  # seconds booked for an examination until it is known how long it took
_ID: Final = re.compile(r"[0-9a-f]{16,64}")
_PUBLIC: Final = frozenset({"accepted", "superseded"})  # states in which what was accepted is for everybody


@dataclass(frozen=True, slots=True)
class Quota:
    """What the server allows.

    Attributes:
        seconds: Of checking for one client in a minute.
        anonymous_seconds: The same for those without a token.
        files: Handed in with one token in an hour.
        anonymous_files: Handed in by one client without a token in an hour.
    """

    seconds: float = 60.0
    anonymous_seconds: float = 30.0
    files: int = 120
    anonymous_files: int = 5


class Reception:
    """Receives contributions and decisions about them.

    Attributes:
        gate: Checks files.
        desk: Where contributions are dealt with; None where the server takes none.
        identity: Who asks.
        quota: How much one client may do.
    """

    def __init__(
        self,
        gate: Gate,
        desk: Desk | None,
        quota: Quota | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.gate = gate
        self.desk = desk
        self.quota = quota or Quota()
        self.identity = Identity(desk.tokens if desk is not None else None, clock=clock)
        self._clock = clock
        told = "seconds of checking"
        self._seconds = Share(self.quota.seconds, told, clock=clock)
        self._anonymous_seconds = Share(self.quota.anonymous_seconds, told, clock=clock)
        hour = 3600.0
        many, one = "files handed in", "file handed in"
        self._files = Share(self.quota.files, many, one=one, period=hour, clock=clock)
        without, many, one = self.quota.anonymous_files, f"{many} without a token", f"{one} without a token"
        self._anonymous_files = Share(without, many, one=one, period=hour, clock=clock)

    @asynccontextmanager
    async def door(self, request: Request, what: str) -> AsyncIterator[None]:
        """Let a request do something: what goes wrong becomes a refusal, and every refusal is logged.

        Of the request, the log has who sent it and, where it concerns one, which contribution; never what it
        contains, and no secret.

        Args:
            request: The request.
            what: It wants to do, as a verb.

        Raises:
            Problem: Whatever went wrong.
            Refused: A file does not pass; for the caller to show.
        """
        cause = ""
        try:
            try:
                yield
            except Refused:
                _log(request, what, 422, "violations")
                raise
            except ArgraphError as error:
                cause = type(error).__name__
                refusal = _problem(error)
                if refusal.status_code in {503, 507} and not isinstance(error, Overloaded):
                    _LOG.error("%s failed: %s", what, error)  # for whoever keeps the server
                raise refusal from None
        except Problem as problem:
            _log(request, what, problem.status_code, cause)
            raise

    # -- handing in -----------------------------------------------------------------------------------------

    async def examine(self, caller: Caller, name: str, data: bytes) -> Examined:
        """Check a file, and see what it would change."""
        return await self._booked(caller, self.gate.examine(name, data))

    async def submit(self, caller: Caller, name: str, data: bytes, *, supersedes: str | None = None) -> Entry:
        """Put a file into the queue.

        Raises:
            Refused: It has violations.
            Problem: The caller may not hand in, or not so much.
        """
        desk = self._open()
        known = caller.may("contributor")
        if not desk.anonymous:
            caller.need("contributor")
        if supersedes is not None:
            caller.need("contributor")
            _known(supersedes)
        share = self._files if known else self._anonymous_files
        with _counted(share, caller):
            work = desk.submit(name, data, by=caller.actor, supersedes=supersedes)
            entry = await self._booked(caller, work)
        _LOG.info("submitted: contribution %s by %s", entry.id, _who(caller))
        return entry

    async def retract(self, caller: Caller, id: str, *, comment: str) -> Entry:
        """Ask for an accepted contribution to be taken out of the debate: of one's own, or as a reviewer."""
        desk = self._open()
        caller.need("contributor")
        with _counted(self._files, caller):
            work = desk.retract(_known(id), by=caller.actor, comment=comment)
            return await self._booked(caller, work)

    async def withdraw(self, caller: Caller, id: str, *, comment: str = "") -> Entry:
        """Take one's own contribution out of the queue."""
        desk = self._open()
        caller.need("contributor")
        return await desk.withdraw(_known(id), by=caller.actor, comment=comment)

    async def comment(self, caller: Caller, id: str, text: str, marks: Sequence[str] = ()) -> Entry:
        """Say something without deciding: as a reviewer, or about one's own."""
        desk = self._open()
        caller.need("contributor")
        return await desk.comment(_known(id), by=caller.actor, text=text, marks=marks)

    # -- deciding -------------------------------------------------------------------------------------------

    async def accept(self, caller: Caller, id: str, *, comment: str = "", marks: Sequence[str] = ()) -> Entry:
        """Make a contribution part of the debate, after a check against the debate of now.

        Raises:
            Refused: It does not pass any more.
        """
        desk = self._open()
        caller.need("reviewer")
        work = desk.accept(_known(id), by=caller.actor, comment=comment, marks=marks)
        entry = await self._booked(caller, work)
        _LOG.info("accepted: contribution %s by %s", entry.id, _who(caller))
        return entry

    async def reject(self, caller: Caller, id: str, *, comment: str, marks: Sequence[str] = ()) -> Entry:
        """Decide that a contribution does not become part of the debate."""
        desk = self._open()
        caller.need("reviewer")
        entry = await desk.reject(_known(id), by=caller.actor, comment=comment, marks=marks)
        _LOG.info("rejected: contribution %s by %s", entry.id, _who(caller))
        return entry

    async def recheck(self, caller: Caller, id: str) -> Examined:
        """Check a contribution in the queue against the debate of now."""
        desk = self._open()
        caller.need("reviewer")
        return await self._booked(caller, desk.recheck(_known(id)))

    # -- reading --------------------------------------------------------------------------------------------

    async def entry(self, id: str) -> Entry:
        """A contribution, for whoever knows its identifier."""
        return await self._read(lambda ledger: ledger.entry(_known(id)))

    async def outcome(self, id: str) -> Examined | None:
        """What was found out about it when it was handed in or, of one accepted, right before that."""
        return await self._open().examined(_known(id))

    async def history(self, id: str) -> list[Event]:
        """What happened to it, for whoever knows its identifier."""
        return await self._read(lambda ledger: ledger.history(_known(id)))

    async def content(self, caller: Caller, id: str) -> bytes:
        """Its bytes: for its submitter, for reviewers, and for everybody once it was accepted.

        Raises:
            Problem: 401 or 403 for all others.
        """
        entry = await self.entry(id)
        if not may_read(caller, entry):
            caller.need("reviewer")
        return await self._read(lambda ledger: ledger.content(id))

    async def entries(
        self, caller: Caller, *, state: State | None = None, limit: int = 100, offset: int = 0
    ) -> tuple[list[Entry], dict[State, int]]:
        """The newest contributions, for reviewers with how many are in each state; for others, their own."""
        self._open()
        caller.need("contributor")
        submitter = None if caller.may("reviewer") else caller.actor.name

        def read(ledger: Ledger) -> tuple[list[Entry], dict[State, int]]:
            found = ledger.entries(state=state, submitter=submitter, limit=limit, offset=offset)
            return found, ledger.counts() if submitter is None else {}

        return await self._read(read)

    # -------------------------------------------------------------------------------------------------------

    async def _read(self, read: Callable[[Ledger], T]) -> T:
        return await asyncio.to_thread(read, self._open().ledger)

    async def _booked(self, caller: Caller, work: Coroutine[Any, Any, T]) -> T:
        share = self._seconds if caller.may("contributor") else self._anonymous_seconds
        began = self._clock()
        try:
            share.check(caller.client)
            share.charge(caller.client, _UPFRONT)
            try:
                return await work
            finally:
                share.charge(caller.client, self._clock() - began - _UPFRONT)
        finally:
            work.close()

    def _open(self) -> Desk:
        if self.desk is None:
            raise Problem(403, CLOSED)
        return self.desk


def _known(id: str) -> str:
    """An identifier, if it can be one."""
    if not _ID.fullmatch(id):
        raise Problem(404, "There is no such contribution: an identifier has 16 or more hexadecimal digits.")
    return id


@contextmanager
def _counted(share: Share, caller: Caller) -> Iterator[None]:
    """Book one before it is done, so that many at once do not all pass, and give it back where it fails."""
    share.take(caller.client)
    try:
        yield
    except BaseException:
        share.charge(caller.client, -1)
        raise


def may_read(caller: Caller, entry: Entry) -> bool:
    """Whether one may read the bytes of a contribution."""
    public = entry.path is not None and entry.state in _PUBLIC
    return public or caller.may("reviewer") or caller.actor.is_submitter_of(entry)


def actions(caller: Caller, entry: Entry) -> list[str]:
    """What one may do with a contribution in its state."""
    own, reviewer, pending = (
        caller.actor.is_submitter_of(entry),
        caller.may("reviewer"),
        entry.state == "pending",
    )
    allowed = {
        "accept": reviewer and pending,
        "reject": reviewer and pending,
        "withdraw": own and pending,
        "comment": own or reviewer,
        "retract": (own or reviewer) and entry.state == "accepted" and entry.kind == "file",
        "supersede": own and entry.kind == "file" and entry.state != "superseded",
    }
    return [action for action, may in allowed.items() if may]


def _problem(error: ArgraphError) -> Problem:
    """What a failure means for who asks; what it says of this machine stays in the log."""
    if isinstance(error, AlreadySubmitted | WrongState):
        href = f"/api/contributions/{error.entry.id}"
        known = {"id": error.entry.id, "state": error.entry.state, "href": href}
        headers = {"location": href} if isinstance(error, AlreadySubmitted) else {}
        return Problem(409, str(error), headers=headers, extra={"contribution": known})
    if isinstance(error, UnknownContribution):
        return Problem(404, str(error))
    if isinstance(error, NotAllowed):
        return Problem(403, str(error))
    if isinstance(error, LedgerFailed | GraphNotWritable):
        told = "The server cannot record this now; nothing was changed. The reason is in its log."
        return Problem(507 if error.full else 503, told, headers={"retry-after": "60"})
    if isinstance(error, Overloaded):
        return Problem(503, str(error), headers={"retry-after": str(error.seconds)})
    if isinstance(error, BudgetExceeded):
        return Problem(504, str(error), extra={"limit": "seconds", "allowed": error.seconds})
    if isinstance(error, EngineFailed):
        return Problem(503, f"{error} Nothing was changed.", headers={"retry-after": "60"})
    return Problem(503, "The server cannot do this now; nothing was changed.", headers={"retry-after": "60"})


def _who(caller: Caller | None) -> str:
    if caller is None or caller.actor.role == "anonymous":
        return "unknown" if caller is None else "anonymous"
    return f"{caller.actor.role} {caller.actor.name}"


def _log(request: Request, what: str, status: int, cause: str) -> None:
    id = request.path_params.get("id", "")
    host = request.client.host if request.client else ""
    _LOG.warning(
        "refused: %s%s with %d%s (client %s, %s)",
        what,
        f" of contribution {id}" if isinstance(id, str) and _ID.fullmatch(id) else "",
        status,
        f" {cause}" if cause else "",
        host if re.fullmatch(r"[\w.:%-]{1,64}", host, re.ASCII) else "unknown",  # a proxy may tell anything
        _who(getattr(request.state, "caller", None)),
    )
