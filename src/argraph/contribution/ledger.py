"""The record of contributions: what was handed in, what was said of it, and what was decided.

Here stand the rules of who may do what and when; `lifecycle` has the states, `record` the events, `database`
the file. Nothing is ever changed or removed: what happens is added.

An acceptance is recorded before the debate's folder is changed. `unwritten` tells what a crash in between
left to be done; `written` says that it is done.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Any, Final, Self

from argraph.contribution import lifecycle
from argraph.contribution.database import Database, Hold
from argraph.contribution.lifecycle import MARKS, Actor, Entry, Event, Mark, State
from argraph.contribution.record import Record, new_id, plain
from argraph.contribution.tokens import Tokens
from argraph.errors import AlreadySubmitted, NotAllowed, UnknownContribution, WrongState

__all__ = ["MARKS", "Actor", "Entry", "Event", "Hold", "Ledger", "Mark", "State"]

_PORTION: Final = 500  # events that are read at once
_MOST: Final = 2**31  # of anything that a page may ask for


class Ledger:
    """The record in a data folder; every method is one transaction, from any thread."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self.tokens = Tokens(database, clock)
        self._database = database
        self._record = Record(database.folder, clock)

    @classmethod
    def open(cls, folder: Path, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Ledger:
        """Open the record in a folder, or begin one; all its events are read and compared.

        Args:
            folder: Made where it is missing.
            clock: Tells the time, with its time zone.

        Raises:
            LedgerFailed: The folder cannot be used, or the record is damaged, not argraph's, or newer.
        """
        ledger = cls(Database.open(folder), clock)
        try:
            with ledger._database.reading() as db:
                ledger._record.compare(db)
        except BaseException:
            ledger.close()
            raise
        return ledger

    def close(self) -> None:
        """Let go of the file; a second time does nothing."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- reading --------------------------------------------------------------------------------------------

    def entry(self, id: str) -> Entry:
        """A contribution as it stands.

        Raises:
            UnknownContribution: There is none.
            LedgerFailed: The record cannot be read, or is damaged; so with every method here.
        """
        with self._database.reading() as db:
            return self._record.entry(db, id)

    def entries(
        self, *, state: State | None = None, submitter: str | None = None, limit: int = 100, offset: int = 0
    ) -> list[Entry]:
        """Contributions, newest first.

        Args:
            state: Only those in this state.
            submitter: Only those of the one with this name.
            limit: At most so many.
            offset: After so many that are passed over.
        """
        wanted = {"state": state, "submitter": None if submitter is None else plain(submitter)}
        where = " AND ".join(f"{column} = :{column}" for column, value in wanted.items() if value is not None)
        with self._database.reading() as db:
            rows = db.execute(
                f"SELECT id FROM entry WHERE {where or 'TRUE'} "  # noqa: S608
                "ORDER BY first DESC LIMIT :limit OFFSET :offset",
                {**wanted, "limit": min(max(0, limit), _MOST), "offset": min(max(0, offset), _MOST)},
            ).fetchall()
            return [self._record.entry(db, id) for (id,) in rows]

    def counts(self) -> dict[State, int]:
        """How many contributions are in each state."""
        with self._database.reading() as db:
            found = dict(db.execute("SELECT state, count(*) FROM entry GROUP BY state").fetchall())
        return {state: found.get(state, 0) for state in lifecycle.STATES}

    def content(self, id: str) -> bytes:
        """The bytes that were handed in; of a request to retract, its text.

        Raises:
            UnknownContribution: There is none.
        """
        with self._database.reading() as db:
            return self._record.content(db, self._record.entry(db, id).digest)

    def report(self, id: str) -> Mapping[str, Any]:
        """What the gate said: when it was handed in or, of one accepted, right before that.

        Raises:
            UnknownContribution: There is none.
        """
        with self._database.reading() as db:
            return self._record.document(db, id, "report") or {}

    def impact(self, id: str) -> Mapping[str, Any] | None:
        """What it would change, as of the same time; None where that was not found out.

        Raises:
            UnknownContribution: There is none.
        """
        with self._database.reading() as db:
            return self._record.document(db, id, "impact")

    def prior(self, id: str) -> bytes | None:
        """What its file held before it was accepted; None where there was no file, or it is not accepted.

        Raises:
            UnknownContribution: There is none.
        """
        with self._database.reading() as db:
            for event in self._record.history(db, id):
                if event.kind == "accepted" and event.detail["prior"] is not None:
                    return self._record.content(db, event.detail["prior"])
        return None

    def stored(self, digest: str) -> bytes:
        """The bytes that an event's detail names by their SHA-256.

        Raises:
            UnknownContribution: None of them are recorded.
        """
        with self._database.reading() as db:
            if db.execute("SELECT 1 FROM content WHERE digest = ?", (digest,)).fetchone() is None:
                raise UnknownContribution(digest)
            return self._record.content(db, digest)

    def history(self, id: str) -> list[Event]:
        """What happened to a contribution, in order.

        Raises:
            UnknownContribution: There is none.
        """
        with self._database.reading() as db:
            return self._record.history(db, id)

    def events(self, *, since: int = 0) -> Iterator[Event]:
        """What happened to all contributions, in order, after the event with that number.

        They are read in portions, so a reader may take its time; events that are recorded meanwhile are among
        them.
        """
        while True:
            with self._database.reading() as db:
                portion = self._record.portion(db, since, _PORTION)
            yield from portion
            if len(portion) < _PORTION:
                return
            since = portion[-1].sequence

    def unwritten(self) -> list[Entry]:
        """What was accepted, and the debate's folder not yet changed accordingly; in the order of acceptance.

        No two of them concern the same file.
        """
        with self._database.reading() as db:
            rows = db.execute(
                "SELECT entry.id FROM entry JOIN event ON event.contribution = entry.id "
                "WHERE unwritten AND kind = 'accepted' ORDER BY sequence"
            ).fetchall()
            return [self._record.entry(db, id) for (id,) in rows]

    # -- handing in -----------------------------------------------------------------------------------------

    def submit(
        self,
        data: bytes,
        *,
        name: str,
        title: str,
        submitter: Actor,
        report: Mapping[str, Any],
        impact: Mapping[str, Any] | None,
        graph: str | None,
        supersedes: str | None = None,
    ) -> Entry:
        """Put a file into the queue.

        Args:
            data: The file.
            name: Its name as handed in; only kept to be shown.
            title: Of the contribution.
            submitter: Whoever hands it in.
            report: What the gate says, as data.
            impact: What it would change, as data.
            graph: IRI of the contribution that it describes.
            supersedes: The contribution of the same submitter of which this is a newer version. If that one
                is waiting for its review, this one takes its place in the queue.

        Raises:
            AlreadySubmitted: These bytes were handed in before, whatever became of them.
            UnknownContribution: There is none that it could be a newer version of.
            NotAllowed: That one is somebody else's, or a request to retract.
            WrongState: A newer version has taken its place already.
        """
        digest = sha256(data).hexdigest()
        with self._database.writing() as db:
            self._refuse_again(db, digest)
            older = self._record.entry(db, supersedes) if supersedes is not None else None
            if older is not None:
                self._check_revision(older, submitter)
            id = new_id(db, digest)
            detail = {
                "kind": "file",
                "name": lifecycle.cleaned_name(name),
                "title": lifecycle.cleaned_title(title),
                "size": len(data),
                "digest": self._record.keep(db, data),
                "supersedes": supersedes,
                "retracts": None,
                "graph": graph,
                "report": self._record.keep_document(db, report),
                "impact": self._record.keep_document(db, impact),
            }
            entry = self._record.add(db, id, "submitted", submitter, detail=detail)
            if older is not None:
                kind = "superseded" if older.state == "pending" else "revised"
                self._record.add(db, older.id, kind, submitter, detail={"by": id})
            return entry

    def request_retraction(self, target: str, *, submitter: Actor, comment: str) -> Entry:
        """Ask for an accepted contribution to be taken out of the debate; reviewed like a file.

        Raises:
            UnknownContribution: There is no such contribution.
            NotAllowed: It is somebody else's, and the one who asks is no reviewer.
            WrongState: It is not part of the debate.
            AlreadySubmitted: This was asked for already, and waits for its review.
        """
        comment = lifecycle.checked_comment(comment)
        with self._database.writing() as db:
            aim = self._record.entry(db, target)
            if not (submitter.is_submitter_of(aim) or submitter.reviews):
                raise NotAllowed(
                    f"Contribution {aim.id} was handed in by somebody else: only its submitter, with the "
                    "same token, or a reviewer may ask to take it back."
                )
            if aim.kind != "file" or aim.state != "accepted":
                raise WrongState(
                    f"Contribution {aim.id} {lifecycle.SAID[aim.state]}, so there is nothing to take out of "
                    "the debate."
                    if aim.kind == "file"
                    else f"Contribution {aim.id} is itself a request to retract: hand the file in again "
                    "instead.",
                    aim,
                )
            earlier = db.execute("SELECT id, state FROM entry WHERE retracts = ?", (target,)).fetchall()
            for id, state in earlier:
                if state == "pending":
                    raise AlreadySubmitted(self._record.entry(db, id))
            data = f"retract {target} {len(earlier)}".encode()
            digest = sha256(data).hexdigest()
            self._refuse_again(db, digest)
            id = new_id(db, digest)
            detail = {
                "kind": "retraction",
                "name": aim.name,
                "title": lifecycle.cleaned_title(f"Retraction of “{aim.title}”"),
                "size": len(data),
                "digest": self._record.keep(db, data),
                "supersedes": None,
                "retracts": target,
                "graph": aim.graph,
                "report": None,
                "impact": None,
            }
            entry = self._record.add(db, id, "submitted", submitter, comment, detail=detail)
            self._record.add(db, target, "retraction-requested", submitter, comment, detail={"by": id})
            return entry

    def withdraw(self, id: str, by: Actor, *, comment: str = "") -> Entry:
        """Take one's own contribution out of the queue.

        Raises:
            UnknownContribution: There is none.
            NotAllowed: It is somebody else's, or was handed in anonymously.
            WrongState: It was decided or withdrawn already.
        """
        comment = lifecycle.checked_comment(comment)
        with self._database.writing() as db:
            entry = self._record.entry(db, id)
            if not by.is_submitter_of(entry):
                raise NotAllowed(
                    f"Contribution {id} can be withdrawn by its submitter only, with the same token; a "
                    "reviewer can reject it."
                )
            self._want_pending(entry, "be withdrawn")
            return self._record.add(db, id, "withdrawn", by, comment)

    # -- reviewing ------------------------------------------------------------------------------------------

    def comment(self, id: str, by: Actor, text: str, marks: Sequence[str] = ()) -> Entry:
        """Say something about a contribution without deciding.

        Raises:
            UnknownContribution: There is none.
            NotAllowed: The one who comments is neither reviewer nor submitter; a mark is none, or not given
                by a reviewer; there are no words, or too many.
        """
        text, kept = lifecycle.checked_comment(text), lifecycle.checked_marks(marks)
        with self._database.writing() as db:
            entry = self._record.entry(db, id)
            if not by.reviews and (kept or not by.is_submitter_of(entry)):
                raise NotAllowed(
                    "Only reviewers mark contributions, and only they and the submitter comment on them: use "
                    "the token that it was handed in with, or a reviewer's."
                )
            if not text and not kept:
                raise NotAllowed("A comment needs words or a mark: say what is meant.")
            return self._record.add(db, id, "commented", by, text, kept)

    def accept(
        self,
        id: str,
        by: Actor,
        *,
        path: str,
        prior: bytes | None,
        comment: str = "",
        marks: Sequence[str] = (),
        report: Mapping[str, Any],
        impact: Mapping[str, Any] | None,
    ) -> Entry:
        """Decide that a contribution becomes part of the debate; the debate's folder is to be changed next.

        Whatever was accepted for the same file before is superseded by it. Of a request to retract, the
        contribution that it retracts is withdrawn.

        Args:
            id: The contribution.
            by: A reviewer.
            path: Its file in the debate's folder, relative to that, with “/”.
            prior: What this file held so far; kept, so that the debate as of an earlier day can be had.
            comment: Words to the submitter.
            marks: Review marks.
            report: What the gate says now, as data.
            impact: What it changes now, as data.

        Raises:
            UnknownContribution: There is none.
            NotAllowed: The one who decides is no reviewer; the path is not the one that it must have.
            WrongState: It was decided or withdrawn already; what it retracts is not part of the debate any
                more; an earlier acceptance for the same file waits to be written.
        """
        comment, kept = lifecycle.checked_comment(comment), lifecycle.checked_marks(marks)
        with self._database.writing() as db:
            entry = self._decidable(db, id, by, "accepted")
            self._want_inside(path)
            holders = db.execute(
                "SELECT id, unwritten FROM entry WHERE path = ? AND state = 'accepted' ORDER BY first",
                (path,),
            ).fetchall()
            for holder, unwritten in holders:
                if unwritten:
                    other = self._record.entry(db, holder)
                    raise WrongState(
                        f"Contribution {other.id} was accepted for {path}, and is not written there yet: "
                        "start the server again, which writes it, and accept this one then.",
                        other,
                    )
            told: dict[str, tuple[str, Mapping[str, Any]]] = {}
            if entry.retracts is not None:
                target = self._record.entry(db, entry.retracts)
                if target.state != "accepted":
                    raise WrongState(
                        f"Contribution {target.id}, which this would take out of the debate, "
                        f"{lifecycle.SAID[target.state]}: reject the request.",
                        target,
                    )
                self._want_path(path, target.path)
                told[target.id] = ("withdrawn", {"by": id})
            else:
                self._want_path(path, self._inherited(db, entry))
                kind_of = ((self._record.entry(db, holder), holder) for holder, _ in holders)
                told = {h: ("superseded", {"by": id}) for e, h in kind_of if e.kind == "file"}
            detail = {
                "path": path,
                "prior": None if prior is None else self._record.keep(db, prior),
                "report": self._record.keep_document(db, report),
                "impact": self._record.keep_document(db, impact),
            }
            accepted = self._record.add(db, id, "accepted", by, comment, kept, detail=detail)
            for other_id, (kind, reason) in told.items():
                self._record.add(db, other_id, kind, by, detail=reason)
            return accepted

    def written(self, id: str) -> Entry:
        """Record that the debate's folder has been changed as its acceptance asks; more than once is no harm.

        Raises:
            UnknownContribution: There is none.
            WrongState: It is not accepted.
        """
        with self._database.writing() as db:
            entry = self._record.entry(db, id)
            if entry.written:
                return entry
            if not lifecycle.may("written", entry.state):
                raise WrongState(
                    f"Contribution {id} {lifecycle.SAID[entry.state]}, so it is not written.", entry
                )
            return self._record.add(db, id, "written", Actor("argraph", "system"))

    def reject(self, id: str, by: Actor, *, comment: str, marks: Sequence[str] = ()) -> Entry:
        """Decide that a contribution does not become part of the debate.

        Raises:
            UnknownContribution: There is none.
            NotAllowed: The one who decides is no reviewer, or gives no reason.
            WrongState: It was decided or withdrawn already.
        """
        comment, kept = lifecycle.checked_comment(comment), lifecycle.checked_marks(marks)
        with self._database.writing() as db:
            self._decidable(db, id, by, "rejected")
            if not comment and not kept:
                raise NotAllowed("A rejection needs a reason: give a comment or a mark.")
            return self._record.add(db, id, "rejected", by, comment, kept)

    # -- conditions -----------------------------------------------------------------------------------------

    def _refuse_again(self, db: sqlite3.Connection, digest: str) -> None:
        row = db.execute("SELECT id FROM entry WHERE digest = ?", (digest,)).fetchone()
        if row is not None:
            raise AlreadySubmitted(self._record.entry(db, row[0]))

    def _check_revision(self, older: Entry, submitter: Actor) -> None:
        if older.kind != "file":
            raise NotAllowed(f"Contribution {older.id} is a request to retract, which has no newer version.")
        if not submitter.is_submitter_of(older):
            raise NotAllowed(
                f"Contribution {older.id} was handed in by somebody else, or without a token: hand the newer "
                "version in with the same token, or as a contribution of its own."
            )
        if not lifecycle.may("revised", older.state):
            raise WrongState(
                f"Contribution {older.id} {lifecycle.SAID[older.state]}: revise that one instead.", older
            )

    def _decidable(self, db: sqlite3.Connection, id: str, by: Actor, how: str) -> Entry:
        entry = self._record.entry(db, id)
        if not by.reviews:
            raise NotAllowed(f"Contributions are {how} by reviewers: use a reviewer's token.")
        self._want_pending(entry, f"be {how}")
        return entry

    def _want_pending(self, entry: Entry, what: str) -> None:
        if entry.state != "pending":
            raise WrongState(
                f"Contribution {entry.id} {lifecycle.SAID[entry.state]}, so it cannot {what} now.", entry
            )

    def _want_inside(self, path: str) -> None:
        parts = PurePosixPath(path).parts
        if not parts or parts[0] == "/" or ".." in parts or plain(path) != path:
            raise NotAllowed(
                f"“{plain(path)}” is not a file inside the debate's folder, with a name in UTF-8: accept it "
                "for another path."
            )

    def _want_path(self, path: str, wanted: str | None) -> None:
        if wanted is not None and path != wanted:
            raise NotAllowed(f"This concerns the file {wanted}, so it cannot be accepted for {path}.")

    def _inherited(self, db: sqlite3.Connection, entry: Entry) -> str | None:
        """The file of the nearest earlier version that had one, while a contribution still stands there."""
        while entry.supersedes is not None:
            entry = self._record.entry(db, entry.supersedes)
            if entry.path is not None:
                stands = "SELECT 1 FROM entry WHERE path = ? AND state = 'accepted' AND retracts IS NULL"
                return entry.path if db.execute(stands, (entry.path,)).fetchone() else None
        return None
