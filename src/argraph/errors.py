"""Operations that cannot go on.

    ArgraphError
    ├── ResourceMissing   packaged data or a named folder is not there
    ├── BrokenGraph       a graph folder or a file of scores does not load; carries the diagnostics
    ├── UnknownNode       no such node; carries the nearest ones
    ├── UnknownQuery      no saved query of that name; carries the nearest ones
    ├── UnknownFormat     no exchange format of that name; carries the nearest ones
    ├── QueryRefused      a query that is malformed or not permitted
    ├── MissingExtra      an optional library is not installed; names the extra
    ├── BudgetExceeded    the time allowed ran out
    ├── AnswerTooLarge    an answer has more rows, bytes or needs more memory than allowed
    ├── WorkerLost        a process that did part of the work ended before it was done; names the files
    ├── EngineFailed      the query engine did not survive a query
    ├── Overloaded        too many ask at once; says when to come again
    ├── StoreFailed       a store on disk cannot be used
    ├── FormatError       a file of another format is malformed; names file and line
    ├── EndpointFailed    a server that was asked cannot be reached, or cannot answer now
    ├── FoundingRefused   a new debate cannot be started so
    ├── ServerFailed      the server cannot start
    ├── LedgerFailed      the record of contributions cannot be used; says whether the disk is full
    ├── GraphNotWritable  the folder of the debate cannot be written; says whether the disk is full
    ├── AlreadySubmitted  these very bytes were handed in before; carries that contribution
    ├── UnknownContribution  no contribution has this identifier
    ├── UnknownToken      no token in use has this name
    ├── WrongState        what is wanted cannot happen to a contribution in its state; carries it
    └── NotAllowed        whoever asks may not do this, or not in this way

A contributor's mistake is never one of these: it is a `diagnostics.Diagnostic`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Protocol

if TYPE_CHECKING:
    from argraph.diagnostics import Report


class ArgraphError(Exception):
    """Base of every error that argraph raises on purpose; its text is fit for a person."""


class ResourceMissing(ArgraphError):
    """A file or folder that the operation needs is not there."""


class BrokenGraph(ArgraphError):
    """A graph folder, or a file of scores, cannot be loaded.

    Attributes:
        report: What is wrong in which file.
    """

    def __init__(self, message: str, report: Report) -> None:
        super().__init__(message)
        self.report = report


class Unknown(ArgraphError):
    """A name that stands for nothing.

    Attributes:
        name: The name as given.
        nearest: Existing names that resemble it, best first.
    """

    what = "name"

    def __init__(self, name: str, nearest: tuple[str, ...] = ()) -> None:
        hint = f" Did you mean {' or '.join(nearest)}?" if nearest else ""
        super().__init__(f"There is no {self.what} “{name}”.{hint}")
        self.name = name
        self.nearest = nearest


class UnknownNode(Unknown):
    """No node of the debate has this name."""

    what = "node"


class UnknownQuery(Unknown):
    """No saved query has this name."""

    what = "saved query"


class UnknownFormat(Unknown):
    """No exchange format has this name."""

    what = "format"


class QueryRefused(ArgraphError):
    """A query is malformed, asks for something not permitted, or has a wrong parameter.

    Attributes:
        line: Line of the query text that is at fault, from 1; None where the fault is not in its text.
        column: Column in that line, from 1, in Unicode code points; None likewise.
    """

    def __init__(self, message: str, *, line: int | None = None, column: int | None = None) -> None:
        super().__init__(message)
        self.line = line
        self.column = column


class FormRefused(QueryRefused):
    """An answer cannot be written in any of the formats that were asked for."""


class MissingExtra(ArgraphError):
    """An optional library is not installed.

    Attributes:
        extra: Name of the extra that brings it.
    """

    def __init__(self, purpose: str, extra: str) -> None:
        super().__init__(f"{purpose} needs a library that is not installed: pip install 'argraph[{extra}]'")
        self.extra = extra


class BudgetExceeded(ArgraphError):
    """The time allowed ran out before the answer was complete.

    Attributes:
        seconds: The time that was allowed.
    """

    def __init__(
        self,
        purpose: str,
        seconds: float,
        advice: str = "Allow more time, or ask about a smaller part.",
    ) -> None:
        super().__init__(
            f"{purpose} took longer than the {seconds:g} s allowed, so there is no complete answer. {advice}"
        )
        self.seconds = seconds


class AnswerTooLarge(ArgraphError):
    """An answer would be larger than one query may ask for.

    Attributes:
        limit: What it has too much of: `rows`, `bytes` or `memory`.
        allowed: How much is allowed; bytes for `bytes` and `memory`.
    """

    def __init__(self, limit: str, allowed: int) -> None:
        amount = (
            f"{allowed:,} rows"
            if limit == "rows"
            else f"{allowed // 2**20:,} MiB"
            if allowed >= 2**20
            else f"{allowed:,} bytes"
        )
        what = "The query needs more memory than" if limit == "memory" else "The answer has more than"
        super().__init__(
            f"{what} the {amount} allowed, so there is no answer rather than part of one. Ask for less: add "
            "a LIMIT, or narrow the patterns."
        )
        self.limit = limit
        self.allowed = allowed


class WorkerLost(ArgraphError):
    """A process that checked some of the files ended before it was done, so that nothing can be said.

    Attributes:
        files: The files that it was at.
    """

    def __init__(self, files: str, why: str) -> None:
        super().__init__(
            f"The process that checked {files} {why}, so the check is not complete. Check these files by "
            "themselves, or with --jobs 1, which needs less memory."
        )
        self.files = files


class EngineFailed(ArgraphError):
    """The process that evaluated a query ended before it had answered."""


class Overloaded(ArgraphError):
    """Too many queries wait already.

    Attributes:
        seconds: When it is worth asking again.
    """

    def __init__(self, message: str, seconds: int) -> None:
        super().__init__(message)
        self.seconds = seconds


class StoreFailed(ArgraphError):
    """A store on disk is damaged, in use, or not one of argraph's."""


class FormatError(ArgraphError):
    """A file of an exchange format is malformed.

    Attributes:
        line: Line at fault, from 1; 0 for the file as a whole.
    """

    def __init__(self, message: str, *, name: str, line: int = 0) -> None:
        super().__init__(f"{name}:{line}: {message}" if line else f"{name}: {message}")
        self.line = line


class EndpointFailed(ArgraphError):
    """A server that was asked cannot be reached, or cannot answer now.

    Attributes:
        status: Its HTTP status; None where it cannot be reached.
        nearest: Names that it has instead of the one asked for.
    """

    def __init__(self, message: str, *, status: int | None = None, nearest: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.status = status
        self.nearest = nearest


class FoundingRefused(ArgraphError):
    """A new debate cannot be started with these values, or in this folder."""


class ServerFailed(ArgraphError):
    """The server cannot start, for example because its port is taken."""


class LedgerFailed(ArgraphError):
    """The record of contributions is damaged, in use, cannot be written, or is of a newer argraph.

    Attributes:
        full: Whether the disk has no space left, so that asking again helps once somebody made some.
    """

    def __init__(self, message: str, *, full: bool = False) -> None:
        super().__init__(message)
        self.full = full


class GraphNotWritable(ArgraphError):
    """A file of the debate cannot be written, replaced or removed; nothing was decided.

    Attributes:
        full: Whether the disk has no space left.
    """

    def __init__(self, message: str, *, full: bool = False) -> None:
        super().__init__(message)
        self.full = full


class Contributed(Protocol):
    """What these errors know of a contribution: an entry of the ledger has all of it."""

    @property
    def id(self) -> str:
        """Its identifier."""

    @property
    def state(self) -> str:
        """What became of it so far: pending, accepted, rejected, withdrawn or superseded."""


class AlreadySubmitted(ArgraphError):
    """These very bytes were handed in before.

    Attributes:
        entry: That contribution.
    """

    _FATE: ClassVar = {
        "pending": "it waits for its review",
        "accepted": "it was accepted and is part of the debate",
        "rejected": "it was not accepted. Change the file as its review asks, and hand in the changed one",
        "withdrawn": "it was withdrawn. To bring it back, change the file, and hand in the changed one",
        "superseded": "a newer version has taken its place. Hand in a changed file if that is not as meant",
    }

    def __init__(self, entry: Contributed) -> None:
        super().__init__(f"This was handed in before, as contribution {entry.id}: {self._FATE[entry.state]}.")
        self.entry = entry


class UnknownContribution(Unknown):
    """No contribution has this identifier."""

    what = "contribution"


class UnknownToken(Unknown):
    """No token in use has this name."""

    what = "token in use with the name"


class WrongState(ArgraphError):
    """What is wanted cannot happen to a contribution in the state that it is in.

    Attributes:
        entry: The contribution whose state is in the way.
    """

    def __init__(self, message: str, entry: Contributed) -> None:
        super().__init__(message)
        self.entry = entry


class NotAllowed(ArgraphError):
    """Whoever asks may not do this, or not in this way."""
