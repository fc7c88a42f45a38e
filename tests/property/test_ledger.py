"""Whatever is done to a ledger, in any order: states are allowed, the history is whole, nothing is lost."""

from __future__ import annotations

import os
import shutil
import tempfile
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule

from argraph.contribution import lifecycle
from argraph.contribution.files import Staged, place
from argraph.contribution.ledger import MARKS, Actor, Event, Ledger
from argraph.errors import AlreadySubmitted, ArgraphError, NotAllowed, UnknownContribution, WrongState

from ..ledgers import ADA, ANYBODY, BEN, REPORT, RUTH, SAUL, START, Clock

PEOPLE = st.sampled_from([ADA, BEN, RUTH, SAUL, ANYBODY])
REVIEWERS = st.sampled_from([RUTH, RUTH, SAUL, RUTH, BEN])  # as good as always
ALLOWED = {
    ("pending", "accepted"),
    ("pending", "rejected"),
    ("pending", "withdrawn"),
    ("pending", "superseded"),
    ("accepted", "superseded"),
    ("accepted", "withdrawn"),
}


class Contributions(RuleBasedStateMachine):
    """Contributors, reviewers and crashes, in any order, beside a plain model of what must come of it."""

    ids = Bundle("ids")

    @initialize()
    def begin(self) -> None:
        # In memory where that can be had: what a flush does to a disk is tested elsewhere.
        memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
        self.folder = Path(tempfile.mkdtemp(prefix="argraph-property-", dir=memory))
        self.graph = self.folder / "graph"
        self.graph.mkdir()
        self.clock = Clock()
        self.ledger = Ledger.open(self.folder, clock=self.clock)
        self.data: dict[str, bytes] = {}
        self.states: dict[str, str] = {}
        self.standing: dict[str, str] = {}  # the contribution that stands in each file
        self.waiting: set[str] = set()  # accepted, not yet written
        self.told: list[Event] = []

    def teardown(self) -> None:
        if hasattr(self, "ledger"):
            self.ledger.close()
            shutil.rmtree(self.folder)

    # -- what people do -------------------------------------------------------------------------------------

    @rule(target=ids, number=st.integers(0, 30), by=PEOPLE)
    def submit(self, number: int, by: Actor) -> object:
        data = b"file %d" % number
        try:
            entry = self._submit(data, by, None)
        except AlreadySubmitted as error:
            known = error.entry
            self._same(self.data[known.id], data)
            self._same(known.state, self.states[known.id])
            return multiple()
        assert data not in self.data.values()
        self.data[entry], self.states[entry] = data, "pending"
        return entry

    @rule(target=ids, older=ids, number=st.integers(0, 30), by=PEOPLE)
    def revise(self, older: str, number: int, by: Actor) -> object:
        data = b"file %d" % number
        before = self.ledger.entry(older)
        mine = by.name == before.submitter.name and by is not ANYBODY
        try:
            entry = self._submit(data, by, older)
        except AlreadySubmitted:
            assert data in self.data.values()
            return multiple()
        except NotAllowed:
            assert not mine or before.kind == "retraction"
            return multiple()
        except WrongState:
            assert before.state == "superseded"
            return multiple()
        assert mine
        assert before.kind == "file"
        self.data[entry], self.states[entry] = data, "pending"
        if before.state == "pending":
            self.states[older] = "superseded"
        return entry

    @rule(target=ids, aim=ids, by=PEOPLE)
    def retract(self, aim: str, by: Actor) -> object:
        before = self.ledger.entry(aim)
        try:
            entry = self.ledger.request_retraction(aim, submitter=by, comment="why")
        except ArgraphError:
            asked = [e for e in self.ledger.entries(state="pending") if e.retracts == aim]
            assert asked or before.state != "accepted" or before.kind != "file" or not self._may(by, aim)
            return multiple()
        assert before.state == "accepted"
        assert self._may(by, aim)
        self.data[entry.id], self.states[entry.id] = self.ledger.content(entry.id), "pending"
        return entry.id

    @rule(id=ids, by=PEOPLE)
    def withdraw(self, id: str, by: Actor) -> None:
        before = self.ledger.entry(id)
        allowed = by is not ANYBODY and by.name == before.submitter.name
        if allowed and before.state == "pending":
            self.ledger.withdraw(id, by)
            self.states[id] = "withdrawn"
        else:
            with pytest.raises(WrongState if allowed else NotAllowed):
                self.ledger.withdraw(id, by)

    @rule(
        id=ids,
        by=PEOPLE,
        marks=st.sets(st.sampled_from(sorted(MARKS)), max_size=3),
        words=st.text(max_size=20),
    )
    def reject(self, id: str, by: Actor, marks: set[str], words: str) -> None:
        reason = bool(marks or lifecycle.checked_comment(words))
        if by.role == "reviewer" and self.states[id] == "pending" and reason:
            entry = self.ledger.reject(id, by, comment=words, marks=sorted(marks))
            assert set(entry.marks) == marks
            self.states[id] = "rejected"
        else:
            with pytest.raises((WrongState, NotAllowed)):
                self.ledger.reject(id, by, comment=words, marks=sorted(marks))

    @rule(id=ids, by=PEOPLE, words=st.text(max_size=20))
    def comment(self, id: str, by: Actor, words: str) -> None:
        try:
            self.ledger.comment(id, by, words)
        except NotAllowed:
            assert not lifecycle.checked_comment(words) or not self._may(by, id)

    @rule(
        id=ids,
        by=REVIEWERS,
        name=st.sampled_from(["one", "two"]),
        written=st.sampled_from([True, True, True, False]),
    )
    def accept(self, id: str, by: Actor, name: str, written: bool) -> None:
        before = self.ledger.entry(id)
        path = self.ledger.destination(id) or f"{name}.ttl"
        file = self.graph / path
        prior = file.read_bytes() if file.exists() else None
        try:
            self.ledger.accept(id, by, path=path, prior=prior, report=REPORT, impact=None)
        except NotAllowed:
            assert by.role != "reviewer"
            return
        except WrongState as error:
            gone = before.retracts is not None and self.states[before.retracts] != "accepted"
            self._same(before.state != "pending" or error.entry.id in self.waiting or gone, True)
            return
        assert by.role == "reviewer"
        assert before.state == "pending"
        assert self.ledger.prior(id) == prior
        self.states[id] = "accepted"
        holder = self.standing.pop(path, None)
        if before.kind == "file":
            self.standing[path] = id
            if holder is not None:
                self.states[holder] = "superseded"
        else:
            assert holder is not None
            assert holder == before.retracts
            self.states[holder] = "withdrawn"
        self.waiting.add(id)
        if written:
            self._write()

    @rule(target=ids, number=st.integers(0, 30), name=st.sampled_from(["one", "two"]))
    def submit_and_accept(self, number: int, name: str) -> object:
        id = self.submit(number, ADA)
        if isinstance(id, str):
            self.accept(id, RUTH, name, True)
        return id

    @rule(target=ids, aim=ids)
    def retract_and_accept(self, aim: str) -> object:
        id = self.retract(aim, RUTH)
        if isinstance(id, str):
            self.accept(id, SAUL, "", True)
        return id

    # -- what happens to the server -------------------------------------------------------------------------

    @rule(back=st.integers(0, 10**6))
    def put_the_clock_back(self, back: int) -> None:
        self.clock.now = START - timedelta(seconds=back)

    @rule()
    def start_again(self) -> None:
        self.ledger.close()
        self.ledger = Ledger.open(self.folder, clock=self.clock)
        assert list(self.ledger.events())[: len(self.told)] == self.told
        self._write()

    # -- what always holds ----------------------------------------------------------------------------------

    @invariant()
    def states_are_as_they_must_be(self) -> None:
        if not hasattr(self, "ledger"):
            return
        entries = self.ledger.entries(limit=1000)
        assert {e.id: e.state for e in entries} == self.states
        assert {e.id: self.ledger.content(e.id) for e in entries} == self.data
        assert {e.path: e.id for e in entries if e.kind == "file" and e.state == "accepted"} == self.standing
        assert {e.id for e in self.ledger.unwritten()} == self.waiting
        assert sum(self.ledger.counts().values()) == len(entries)

    @invariant()
    def history_only_grows_and_leads_to_the_states(self) -> None:
        if not hasattr(self, "ledger"):
            return
        events = list(self.ledger.events())
        assert events[: len(self.told)] == self.told
        assert [e.sequence for e in events] == list(range(1, len(events) + 1))
        assert [e.at for e in events] == sorted(e.at for e in events)
        self.told = events
        for id in self.states:
            history = [e for e in events if e.contribution == id]
            assert self.ledger.history(id) == history
            assert lifecycle.replay(history) == self.ledger.entry(id)
            steps = [lifecycle.replay(history[:n]) for n in range(1, len(history) + 1)]
            path = [step.state for step in steps if step is not None]
            assert all(a == b or (a, b) in ALLOWED for a, b in pairwise(path))
            kinds = [e.kind for e in history]
            assert kinds[0] == "submitted"
            assert all(kinds.count(kind) <= 1 for kind in ("submitted", "accepted", "rejected", "written"))

    @invariant()
    def what_is_written_stands_in_the_folder(self) -> None:
        if not hasattr(self, "ledger") or self.waiting:
            return
        standing = {path: self.data[id] for path, id in self.standing.items()}
        assert {p.name: p.read_bytes() for p in self.graph.iterdir()} == standing

    def _submit(self, data: bytes, by: Actor, supersedes: str | None) -> str:
        return self.ledger.submit(
            data,
            name="x.ttl",
            title="x",
            submitter=by,
            report=REPORT,
            impact=None,
            graph=None,
            supersedes=supersedes,
        ).id

    def _same(self, found: object, expected: object) -> None:
        assert found == expected

    def _may(self, by: Actor, id: str) -> bool:
        submitter = self.ledger.entry(id).submitter
        return by.role == "reviewer" or (by is not ANYBODY and by.name == submitter.name)

    def _write(self) -> None:
        for entry in self.ledger.unwritten():
            assert entry.path is not None
            with Staged(
                self.graph, entry.path, self.data[entry.id] if entry.kind == "file" else None
            ) as staged:
                staged.commit()
            self.ledger.written(entry.id)
            self.waiting.discard(entry.id)
        assert not self.waiting


TestContributions = Contributions.TestCase
TestContributions.settings = settings(max_examples=30, stateful_step_count=50, deadline=None)


def met(text: str) -> str:
    """A text whose two halves of one character have become that character where they meet, as in JSON."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


# With what UTF-8 cannot write, and what steers a terminal or the direction of text.
ANYTHING = st.lists(
    st.characters() | st.sampled_from("\ud800\udfff\x00\x1b\n\u2028\u202e/\\."), max_size=300
).map(lambda signs: met("".join(signs)))


@given(
    data=st.binary(max_size=300),
    name=ANYTHING,
    title=ANYTHING,
    who=ANYTHING,
    graph=ANYTHING,
    words=ANYTHING,
    report=st.dictionaries(
        ANYTHING, st.recursive(st.none() | st.integers() | ANYTHING, st.lists, max_leaves=5)
    ),
)
def test_whatever_is_handed_in_comes_back_as_it_was(
    data: bytes, name: str, title: str, who: str, graph: str, words: str, report: dict[str, object]
) -> None:
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        with Ledger.open(Path(folder)) as ledger:
            entry = ledger.submit(
                data,
                name=name,
                title=title,
                submitter=Actor(who, "contributor"),
                report=report,
                impact=report,
                graph=graph,
            )
            assert entry.submitter.name == who
            assert entry.graph == graph
            for text in (entry.name, entry.title):
                assert text == text.strip()
                assert text.isprintable() or not {c for c in text if ord(c) < 32 or 0xD800 <= ord(c) < 0xE000}
            ledger.comment(entry.id, RUTH, words, ["unclear"])
            told = list(ledger.events())
            for id in (who, name, words):
                with pytest.raises(UnknownContribution):
                    ledger.entry(id)
                with pytest.raises(UnknownContribution):
                    ledger.stored(id)
        with Ledger.open(Path(folder)) as ledger:
            assert list(ledger.events()) == told
            assert ledger.content(entry.id) == data
            assert ledger.report(entry.id) == ledger.impact(entry.id) == report
            assert [e.id for e in ledger.entries(submitter=who)] == [entry.id]


@given(
    name=st.text(max_size=80),
    taken=st.dictionaries(
        st.from_regex(r"([a-z]{1,3}/){0,2}[A-Za-z0-9-]{1,4}\.ttl", fullmatch=True),
        st.sampled_from(["urn:a", "urn:b"]),
    ),
    graph=st.sampled_from([None, "urn:a", "urn:new"]),
)
def test_a_place_is_a_plain_new_name_inside_or_the_file_that_is_there(
    name: str, taken: dict[str, str], graph: str | None
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = place(Path(folder), graph=graph, name=name, taken=taken)
        if graph is not None and graph in taken.values():
            assert taken[path] == graph
        else:
            assert path.casefold() not in {p.casefold() for p in taken}
            assert lifecycle.checked_path(path) == path
            assert path.isascii()
            assert path.endswith(".ttl")
            assert Path(path).name[0] not in ".-"
