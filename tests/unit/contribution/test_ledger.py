"""What is handed in, said and decided is recorded, by those who may, in an order that makes sense."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from argraph.contribution.ledger import MARKS, Actor, Entry, Ledger
from argraph.contribution.lifecycle import LONGEST_COMMENT, cleaned_name
from argraph.errors import AlreadySubmitted, LedgerFailed, NotAllowed, UnknownContribution, WrongState

from ...ledgers import ADA, ANYBODY, BEN, REPORT, RUTH, SAUL, START, Clock, accept, submit


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ledger(tmp_path: Path, clock: Clock) -> Iterator[Ledger]:
    with Ledger.open(tmp_path / "data", clock=clock) as ledger:
        yield ledger


def kinds(ledger: Ledger, id: str) -> list[str]:
    return [event.kind for event in ledger.history(id)]


# -- handing in ---------------------------------------------------------------------------------------------


def test_what_is_handed_in_waits_and_keeps_its_bytes_report_and_impact(ledger: Ledger) -> None:
    data = bytes(range(256))
    entry = ledger.submit(
        data,
        name="../../objections\\my\x00 file\n.ttl",
        title="  An\tobjection \u202e",
        submitter=ADA,
        report={"ok": True, "told": ["\ud800 “x”"]},
        impact={"flips": 1.5},
        graph="https://example.org/d/c",
    )
    digest = sha256(data).hexdigest()
    assert entry == Entry(
        id=digest[:16],
        digest=digest,
        kind="file",
        name="my file .ttl",
        title="An objection",
        size=256,
        submitter=ADA,
        submitted=START + timedelta(seconds=1),
        state="pending",
        decided=None,
        reviewer=None,
        comment="",
        marks=(),
        supersedes=None,
        retracts=None,
        path=None,
        graph="https://example.org/d/c",
        written=False,
    )
    assert ledger.entry(entry.id) == entry
    assert ledger.content(entry.id) == data
    assert ledger.report(entry.id) == {"ok": True, "told": ["\ud800 “x”"]}
    assert ledger.impact(entry.id) == {"flips": 1.5}
    assert ledger.prior(entry.id) is None


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("", "contribution.ttl"),
        ("..", "contribution.ttl"),
        ("a/b/", "contribution.ttl"),
        ("C:\\tmp\\x.ttl", "x.ttl"),
        ("ü" * 200 + ".ttl", "ü" * 116 + ".ttl"),
        ("x" * 200, "x" * 120),
        ("\ud800.ttl", ".ttl"),
    ],
)
def test_a_file_name_is_kept_without_folders_and_needless_length(given: str, kept: str) -> None:
    assert cleaned_name(given) == kept


def test_the_same_bytes_are_recorded_once_whatever_became_of_them(ledger: Ledger) -> None:
    waiting, accepted, rejected, withdrawn = (submit(ledger, bytes([n])) for n in range(4))
    accept(ledger, accepted.id)
    ledger.reject(rejected.id, RUTH, comment="no")
    ledger.withdraw(withdrawn.id, ADA)
    replaced = submit(ledger, b"old")
    submit(ledger, b"new", supersedes=replaced.id)
    for first, told in {
        waiting.id: "waits for its review",
        accepted.id: "is part of the debate",
        rejected.id: "not accepted. Change the file as its review asks",
        withdrawn.id: "withdrawn. To bring it back, change the file",
        replaced.id: "a newer version has taken its place",
    }.items():
        with pytest.raises(AlreadySubmitted, match=f"as contribution {first}: .*{told}") as caught:
            submit(ledger, ledger.content(first), BEN)
        assert caught.value.entry == ledger.entry(first)
    assert len(ledger.entries()) == 6


def test_files_that_share_the_beginning_of_their_digest_have_different_names(
    ledger: Ledger, tmp_path: Path
) -> None:
    first = submit(ledger, b"a")
    other = sha256(b"b").hexdigest()
    with sqlite3.connect(tmp_path / "data" / "ledger.sqlite") as db:
        # As if somebody had found two such files: 2^32 attempts are enough for 16 digits.
        db.execute("UPDATE entry SET id = ? WHERE id = ?", (other[:16], first.id))
    db.close()
    second = submit(ledger, b"b", BEN)
    assert second.id == other[:24]
    assert ledger.content(second.id) == b"b"


def test_an_unknown_contribution_is_said_to_be_unknown(ledger: Ledger) -> None:
    for id in ("0123456789abcdef", "", "\ud800", "x\x00y", "ä"):
        with pytest.raises(UnknownContribution, match="There is no contribution"):
            ledger.entry(id)
        with pytest.raises(UnknownContribution):
            ledger.history(id)
        with pytest.raises(UnknownContribution):
            submit(ledger, b"new", supersedes=id)
    assert ledger.entries() == []


# -- deciding -----------------------------------------------------------------------------------------------


def test_an_acceptance_is_unwritten_until_it_is_said_to_be_written(ledger: Ledger) -> None:
    entry = submit(ledger, b"x")
    accepted = ledger.accept(
        entry.id,
        RUTH,
        path="sub/mine.ttl",
        prior=b"before",
        comment="Thank you",
        marks=["unclear", "duplicate", "unclear"],
        report={"now": True},
        impact={"now": 1},
    )
    assert (accepted.state, accepted.reviewer, accepted.path) == ("accepted", "ruth", "sub/mine.ttl")
    assert (accepted.comment, accepted.marks) == ("Thank you", ("unclear", "duplicate"))
    assert accepted.decided == START + timedelta(seconds=2)
    assert not accepted.written
    assert ledger.unwritten() == [accepted]
    assert ledger.prior(entry.id) == b"before"
    assert ledger.report(entry.id) == {"now": True}
    assert ledger.impact(entry.id) == {"now": 1}

    written = ledger.written(entry.id)
    assert written.written
    assert ledger.unwritten() == []
    assert ledger.written(entry.id) == written, "once more changes nothing"
    assert kinds(ledger, entry.id) == ["submitted", "accepted", "written"]
    assert ledger.history(entry.id)[-1].actor == Actor("argraph", "system")


def test_a_report_or_an_impact_that_is_gone_at_the_acceptance_is_not_replaced_by_an_older_one(
    ledger: Ledger,
) -> None:
    entry = submit(ledger, b"x", impact={"then": 1})
    assert ledger.impact(entry.id) == {"then": 1}
    accept(ledger, entry.id, impact=None)
    assert ledger.impact(entry.id) is None


def test_a_rejection_gives_a_reason(ledger: Ledger) -> None:
    entry = submit(ledger, b"x")
    with pytest.raises(NotAllowed, match="needs a reason: give a comment or a mark"):
        ledger.reject(entry.id, RUTH, comment="  \n")
    assert ledger.entry(entry.id) == entry
    rejected = ledger.reject(entry.id, RUTH, comment="", marks=["unsupported"])
    assert (rejected.state, rejected.marks, rejected.path) == ("rejected", ("unsupported",), None)


def test_only_reviewers_decide(ledger: Ledger) -> None:
    entry = submit(ledger, b"x")
    for who in (ADA, BEN, ANYBODY, Actor("argraph", "system")):
        with pytest.raises(NotAllowed, match="accepted by reviewers: use a reviewer's token"):
            accept(ledger, entry.id, by=who)
        with pytest.raises(NotAllowed, match="rejected by reviewers"):
            ledger.reject(entry.id, who, comment="no")
    assert kinds(ledger, entry.id) == ["submitted"]


def test_what_is_decided_is_not_decided_again(ledger: Ledger) -> None:
    entry = submit(ledger, b"x")
    accept(ledger, entry.id)
    with pytest.raises(WrongState, match="was accepted already, so it cannot be rejected now") as caught:
        ledger.reject(entry.id, SAUL, comment="no")
    assert caught.value.entry.state == "accepted"
    with pytest.raises(WrongState, match="cannot be accepted now"):
        accept(ledger, entry.id, by=SAUL)
    with pytest.raises(WrongState, match="cannot be withdrawn now"):
        ledger.withdraw(entry.id, ADA)
    assert kinds(ledger, entry.id) == ["submitted", "accepted"]


@pytest.mark.parametrize("path", ["/etc/x.ttl", "../x.ttl", "a/../../x.ttl", "", ".", "\udcff.ttl"])
def test_nothing_is_accepted_for_a_path_outside_the_folder(ledger: Ledger, path: str) -> None:
    entry = submit(ledger, b"x")
    with pytest.raises(NotAllowed, match="is not a file inside the debate's folder"):
        accept(ledger, entry.id, path)
    assert ledger.entry(entry.id) == entry


def test_what_is_not_accepted_is_not_written(ledger: Ledger) -> None:
    entry = submit(ledger, b"x")
    with pytest.raises(WrongState, match="waits for its review, so it is not written"):
        ledger.written(entry.id)


# -- taking back, revising ----------------------------------------------------------------------------------


def test_one_withdraws_ones_own_while_it_waits(ledger: Ledger) -> None:
    entry = submit(ledger, b"x")
    for who in (BEN, RUTH, ANYBODY, Actor("ada", "anonymous")):
        with pytest.raises(NotAllowed, match="by its submitter only"):
            ledger.withdraw(entry.id, who)
    withdrawn = ledger.withdraw(entry.id, ADA, comment="My mistake")
    assert (withdrawn.state, withdrawn.comment, withdrawn.reviewer) == ("withdrawn", "My mistake", None)
    assert withdrawn.decided == START + timedelta(seconds=2)


def test_whoever_is_anonymous_is_nobody_in_particular(ledger: Ledger) -> None:
    entry = submit(ledger, b"x", ANYBODY)
    with pytest.raises(NotAllowed, match="with the same token"):
        ledger.withdraw(entry.id, ANYBODY)
    with pytest.raises(NotAllowed, match="without a token"):
        submit(ledger, b"y", ANYBODY, supersedes=entry.id)
    accept(ledger, entry.id)
    with pytest.raises(NotAllowed, match="only its submitter, with the same token, or a reviewer"):
        ledger.request_retraction(entry.id, submitter=ANYBODY, comment="")
    assert [e.id for e in ledger.entries()] == [entry.id]


def test_a_revision_takes_the_place_of_what_waits(ledger: Ledger) -> None:
    older = submit(ledger, b"1")
    newer = submit(ledger, b"2", supersedes=older.id)
    assert newer.supersedes == older.id
    assert ledger.entry(older.id).state == "superseded"
    assert ledger.history(older.id)[-1].detail == {"by": newer.id}
    assert [e.id for e in ledger.entries(state="pending")] == [newer.id]
    with pytest.raises(WrongState, match="replaced by a newer version already"):
        accept(ledger, older.id)
    with pytest.raises(WrongState, match="revise that one instead"):
        submit(ledger, b"3", supersedes=older.id)


def test_a_revision_of_what_is_accepted_replaces_it_when_it_is_accepted_itself(ledger: Ledger) -> None:
    older = submit(ledger, b"1")
    accept(ledger, older.id)
    ledger.written(older.id)
    newer = submit(ledger, b"2", supersedes=older.id)
    assert ledger.entry(older.id).state == "accepted"
    with pytest.raises(NotAllowed, match=r"concerns the file mine.ttl, so .* for other.ttl"):
        accept(ledger, newer.id, "other.ttl")
    accept(ledger, newer.id, prior=b"1")
    replaced = ledger.entry(older.id)
    assert (replaced.state, replaced.reviewer) == ("superseded", "ruth")
    assert kinds(ledger, older.id) == ["submitted", "accepted", "written", "revised", "superseded"]
    assert [e.id for e in ledger.unwritten()] == [newer.id]


def test_a_revision_of_a_revision_keeps_the_file(ledger: Ledger) -> None:
    first = submit(ledger, b"1")
    accept(ledger, first.id)
    ledger.written(first.id)
    second = submit(ledger, b"2", supersedes=first.id)
    third = submit(ledger, b"3", supersedes=second.id)
    with pytest.raises(NotAllowed, match=r"the file mine.ttl"):
        accept(ledger, third.id, "third.ttl")
    accept(ledger, third.id)
    assert [ledger.entry(e.id).state for e in (first, second, third)] == [
        "superseded",
        "superseded",
        "accepted",
    ]


def test_a_revision_of_what_was_taken_out_goes_where_it_likes(ledger: Ledger) -> None:
    first = submit(ledger, b"1")
    accept(ledger, first.id)
    ledger.written(first.id)
    second = submit(ledger, b"2", supersedes=first.id)
    retraction = ledger.request_retraction(first.id, submitter=ADA, comment="")
    accept(ledger, retraction.id)
    ledger.written(retraction.id)
    assert accept(ledger, second.id, "second.ttl").path == "second.ttl"


def test_one_revises_ones_own(ledger: Ledger) -> None:
    entry = submit(ledger, b"1")
    with pytest.raises(NotAllowed, match="as a contribution of its own"):
        submit(ledger, b"2", BEN, supersedes=entry.id)
    rejected = ledger.reject(entry.id, RUTH, comment="no source")
    assert submit(ledger, b"2", supersedes=entry.id).state == "pending"
    assert ledger.entry(entry.id) == rejected, "a revision does not undo a rejection"


def test_whoever_is_accepted_for_a_file_replaces_what_stood_there(ledger: Ledger) -> None:
    first, second = submit(ledger, b"1"), submit(ledger, b"2", BEN)
    accept(ledger, first.id)
    with pytest.raises(WrongState, match="is not written there yet") as caught:
        accept(ledger, second.id)
    assert caught.value.entry.id == first.id
    ledger.written(first.id)
    accept(ledger, second.id)
    assert ledger.entry(first.id).state == "superseded"


def test_a_retraction_is_reviewed_like_a_file_and_withdraws_what_it_names(ledger: Ledger) -> None:
    entry = submit(ledger, b"x")
    with pytest.raises(WrongState, match="waits for its review, so there is nothing to take out"):
        ledger.request_retraction(entry.id, submitter=ADA, comment="")
    accept(ledger, entry.id)
    ledger.written(entry.id)
    with pytest.raises(NotAllowed, match="handed in by somebody else"):
        ledger.request_retraction(entry.id, submitter=BEN, comment="")
    asked = ledger.request_retraction(entry.id, submitter=ADA, comment="The study was withdrawn")
    text = f"retract {entry.id} 0".encode()
    assert (asked.kind, asked.retracts, asked.state) == ("retraction", entry.id, "pending")
    assert asked.id == sha256(text).hexdigest()[:16]
    assert asked.title == "Retraction of “On b'x'”"
    assert asked.comment == "The study was withdrawn"
    assert ledger.content(asked.id) == text
    assert ledger.report(asked.id) == {}
    with pytest.raises(AlreadySubmitted) as caught:
        ledger.request_retraction(entry.id, submitter=RUTH, comment="")
    assert caught.value.entry == asked
    with pytest.raises(NotAllowed, match="which has no newer version"):
        submit(ledger, b"y", supersedes=asked.id)

    with pytest.raises(NotAllowed, match=r"concerns the file mine.ttl"):
        accept(ledger, asked.id, "other.ttl")
    accept(ledger, asked.id, prior=b"x")
    assert ledger.entry(entry.id).state == "withdrawn"
    assert [e.id for e in ledger.unwritten()] == [asked.id]
    ledger.written(asked.id)
    with pytest.raises(WrongState, match="itself a request to retract"):
        ledger.request_retraction(asked.id, submitter=ADA, comment="")
    assert kinds(ledger, entry.id) == [
        "submitted",
        "accepted",
        "written",
        "retraction-requested",
        "withdrawn",
    ]


def test_a_retraction_can_be_asked_for_again_after_it_was_rejected(ledger: Ledger) -> None:
    entry = submit(ledger, b"x")
    accept(ledger, entry.id)
    first = ledger.request_retraction(entry.id, submitter=ADA, comment="")
    ledger.reject(first.id, RUTH, comment="no")
    second = ledger.request_retraction(entry.id, submitter=RUTH, comment="")
    assert second.id == sha256(f"retract {entry.id} 1".encode()).hexdigest()[:16]


def test_a_retraction_of_what_was_replaced_meanwhile_is_not_accepted(ledger: Ledger) -> None:
    entry = submit(ledger, b"x")
    accept(ledger, entry.id)
    ledger.written(entry.id)
    asked = ledger.request_retraction(entry.id, submitter=ADA, comment="")
    newer = submit(ledger, b"y", supersedes=entry.id)
    accept(ledger, newer.id)
    ledger.written(newer.id)
    with pytest.raises(WrongState, match="replaced by a newer version already: reject the request"):
        accept(ledger, asked.id)
    assert ledger.entry(newer.id).state == "accepted"


# -- saying something ---------------------------------------------------------------------------------------


def test_reviewers_and_the_submitter_comment(ledger: Ledger) -> None:
    entry = submit(ledger, b"x")
    said = ledger.comment(entry.id, RUTH, "Which study?\r\nAnd \x1b[31mwhy?\u2028", ["unsupported"])
    assert (said.comment, said.marks, said.state) == (
        "Which study?\nAnd [31mwhy?",
        ("unsupported",),
        "pending",
    )
    answered = ledger.comment(entry.id, ADA, "It follows.")
    assert answered == said, "what a submitter says stands in the history"
    assert [e.comment for e in ledger.history(entry.id)] == [
        "",
        "Which study?\nAnd [31mwhy?",
        "It follows.",
    ]
    for who, marks in ((BEN, ()), (ANYBODY, ()), (ADA, ("unclear",))):
        with pytest.raises(NotAllowed, match="Only reviewers mark"):
            ledger.comment(entry.id, who, "hello", marks)
    with pytest.raises(NotAllowed, match="needs words or a mark"):
        ledger.comment(entry.id, RUTH, "\x00 ")
    with pytest.raises(NotAllowed, match=r"There is no review mark “silly”. There are: unsupported, "):
        ledger.comment(entry.id, RUTH, "", ["silly"])
    with pytest.raises(NotAllowed, match=r"has 10,001 characters, and 10,000 are allowed"):
        ledger.comment(entry.id, RUTH, "x" * (LONGEST_COMMENT + 1))
    assert len(ledger.history(entry.id)) == 3


def test_each_mark_has_words_for_people() -> None:
    assert len(MARKS) == 8
    assert all(words and words != mark for mark, words in MARKS.items())


# -- lists and history --------------------------------------------------------------------------------------


def test_lists_are_newest_first_and_can_be_narrowed(ledger: Ledger) -> None:
    ids = [submit(ledger, bytes([n]), ADA if n % 2 else BEN).id for n in range(6)]
    ledger.reject(ids[2], RUTH, comment="no")
    assert [e.id for e in ledger.entries()] == ids[::-1]
    assert [e.id for e in ledger.entries(state="rejected")] == [ids[2]]
    assert [e.id for e in ledger.entries(submitter="ben")] == [ids[4], ids[2], ids[0]]
    assert [e.id for e in ledger.entries(submitter="ben", state="pending")] == [ids[4], ids[0]]
    assert [e.id for e in ledger.entries(limit=2, offset=1)] == [ids[4], ids[3]]
    assert ledger.entries(limit=0) == []
    assert [e.id for e in ledger.entries(limit=2**70, offset=-3)] == ids[::-1]
    assert ledger.entries(submitter="nobody\ud800") == []
    assert ledger.counts() == {"pending": 5, "accepted": 0, "rejected": 1, "withdrawn": 0, "superseded": 0}


def test_events_are_told_in_order_also_those_that_come_while_reading(ledger: Ledger) -> None:
    for n in range(700):
        submit(ledger, str(n).encode())
    events = ledger.events(since=10)
    first = next(events)
    assert first.sequence == 11
    submit(ledger, b"late")
    assert [e.sequence for e in events] == list(range(12, 702))


def test_times_never_run_backwards(ledger: Ledger, clock: Clock) -> None:
    submit(ledger, b"1")
    clock.now = START - timedelta(days=400)
    submit(ledger, b"2")
    clock.now = START + timedelta(hours=1)
    submit(ledger, b"3")
    times = [event.at for event in ledger.events()]
    assert times == [START + timedelta(seconds=1)] * 2 + [START + timedelta(hours=1, seconds=1)]
    assert all(time.tzinfo is UTC for time in times)


def test_a_clock_in_another_zone_tells_the_same_time(tmp_path: Path) -> None:
    zone = datetime.fromisoformat("2026-01-31T14:00:00+02:00")
    with Ledger.open(tmp_path, clock=lambda: zone) as ledger:
        assert submit(ledger, b"x").submitted == START


def test_everything_is_there_after_closing_and_opening(tmp_path: Path) -> None:
    with Ledger.open(tmp_path) as ledger:
        kept = submit(ledger, b"x", impact={"a": [1, 2]})
        accept(ledger, kept.id, prior=b"old")
        told = list(ledger.events())
    ledger.close()
    with Ledger.open(tmp_path) as ledger:
        assert list(ledger.events()) == told
        assert ledger.unwritten() == [ledger.entry(kept.id)]
        assert ledger.content(kept.id) == b"x"
        assert ledger.prior(kept.id) == b"old"


def test_bytes_named_in_the_history_can_be_had(ledger: Ledger) -> None:
    entry = submit(ledger, b"x")
    accept(ledger, entry.id, prior=b"old")
    detail = ledger.history(entry.id)[-1].detail
    assert ledger.stored(detail["prior"]) == b"old"
    with pytest.raises(UnknownContribution):
        ledger.stored("0" * 64)


def test_what_is_recorded_cannot_be_changed_even_by_hand(ledger: Ledger, tmp_path: Path) -> None:
    submit(ledger, b"x")
    db = sqlite3.connect(tmp_path / "data" / "ledger.sqlite")
    for statement in (
        "DELETE FROM event",
        "UPDATE event SET kind = 'accepted'",
        "DELETE FROM content",
        "UPDATE content SET data = x'00'",
    ):
        with pytest.raises(sqlite3.IntegrityError, match="what is recorded is never changed"):
            db.execute(statement)
    db.close()


TAMPERING = {
    "a changed event": ("UPDATE event SET body = replace(body, 'ada', 'eve')", "not as it was recorded"),
    "a removed event": ("DELETE FROM event WHERE sequence = 2", "event 2 is missing"),
    "an event of another ledger": (
        "UPDATE event SET previous = zeroblob(32), seal = zeroblob(32) WHERE sequence = 3",
        "event 3 is not as it was recorded",
    ),
    "a state that nobody decided": (
        "UPDATE entry SET state = 'accepted'",
        "does not follow from its history",
    ),
    "a contribution that was never handed in": (
        "INSERT INTO entry VALUES ('x', 'y', 9, 'pending', 'eve', NULL, NULL, 0)",
        "not as many contributions",
    ),
    "a contribution that is gone": ("DELETE FROM entry", "not as many contributions"),
}


@pytest.mark.parametrize("how", TAMPERING)
def test_a_history_that_was_tampered_with_is_not_taken_for_the_record(tmp_path: Path, how: str) -> None:
    statement, told = TAMPERING[how]
    with Ledger.open(tmp_path) as ledger:
        for n in range(3):
            submit(ledger, bytes([n]))
    db = sqlite3.connect(tmp_path / "ledger.sqlite")
    triggers = db.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
    for name, _ in triggers:
        db.execute(f"DROP TRIGGER {name}")
    db.execute(statement)
    for _, sql in triggers:
        db.execute(sql)
    db.commit()
    db.close()
    with pytest.raises(LedgerFailed, match=rf"(?s)The ledger in {tmp_path} is damaged .*{told}"):
        Ledger.open(tmp_path)


def test_bytes_that_were_tampered_with_are_not_given_out(tmp_path: Path) -> None:
    with Ledger.open(tmp_path) as ledger:
        entry = submit(ledger, b"x", report=REPORT)
        db = sqlite3.connect(tmp_path / "ledger.sqlite")
        db.execute("DROP TRIGGER content_update")
        db.execute("UPDATE content SET data = x'79' WHERE digest = ?", (entry.digest,))
        db.commit()
        db.close()
        with pytest.raises(LedgerFailed, match="not as they were recorded"):
            ledger.content(entry.id)
        assert ledger.report(entry.id) == REPORT
