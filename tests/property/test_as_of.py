"""Whatever was accepted, revised and taken back: each earlier state of a folder can be had, to the byte."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from argraph.contribution.history import Chronicle
from argraph.contribution.provenance import statements
from argraph.contribution.versions import describes
from argraph.rdf.store import Store
from argraph.workspace import Workspace

from ..debates import contribution, debate
from ..ledgers import BEN, RUTH

STEPS = st.lists(
    st.tuples(st.sampled_from(["submit", "retract", "reject", "wait"]), st.integers(0, 3), st.booleans()),
    max_size=14,
)


@settings(max_examples=30)
@given(steps=STEPS)
def test_the_folder_as_of_each_moment_is_what_it_was_then(steps: list[tuple[str, int, bool]]) -> None:
    with debate() as made:
        for what, number, late in steps:
            if what == "submit":
                # A date of the contributor's own, even a wrong one, does not hide what was accepted.
                made.submit(number, "2031-12-31" if late else "2026-01-31")
            elif what == "retract":
                made.retract(number)
            elif what == "reject":
                data = f"# {len(made.moments)}".encode()
                entry = made.ledger.submit(
                    data, name="x", title="x", submitter=BEN, report={}, impact=None, graph=None
                )
                made.ledger.reject(entry.id, RUTH, comment="No.")
            made.remember()
        now = made.files()
        chronicle = Chronicle.of(made.ledger)
        for moment, files in made.moments:
            assert chronicle.at(now, moment) == files
            workspace = Workspace.open(made.graph, data=made.data, as_of=moment)
            held = {Path(p).relative_to(made.graph).as_posix(): g for p, g in workspace.store.graphs.items()}
            assert held.keys() == files.keys()
            assert workspace.archive.files(tuple(workspace.store.graphs)) == files
            assert workspace.store.digest == Store.of(dict(sorted(files.items())), made.graph).digest


@settings(max_examples=30)
@given(steps=STEPS)
def test_the_story_of_each_node_leads_to_what_is_said_of_it_now(steps: list[tuple[str, int, bool]]) -> None:
    with debate() as made:
        for what, number, _ in steps:
            if what == "submit":
                made.submit(number, "2026-01-31")
            elif what == "retract":
                made.retract(number)
        files = made.files()
        chronicle = Chronicle.of(made.ledger)
        nodes = {iri for data in files.values() for iri in describes(data)} | chronicle.touched.keys()
        for iri in nodes:
            said: dict[str, set[str]] = {}
            there = False
            speak = {path: data for path, data in files.items() if iri in describes(data)}
            for happening in chronicle.of_node(iri, speak):
                assert there == (happening.act != "added")
                for change in happening.differences:
                    values = said.setdefault(change.property, set())
                    assert values >= set(change.gone)
                    assert values.isdisjoint(change.new)
                    values -= set(change.gone)
                    values |= set(change.new)
                there = happening.act != "removed"
            told = {name: tuple(sorted(values)) for name, values in said.items() if values}
            (found,) = [describes(data)[iri] for data in speak.values()] or [{}]
            assert (told, there) == (found, bool(speak))
        turns = chronicle.turns(files)
        came = [iri for turn in turns for iri in turn.added]
        went = [iri for turn in turns for iri in turn.removed]
        assert sorted(iri for iri in nodes if came.count(iri) > went.count(iri)) == sorted(
            iri for data in files.values() for iri in describes(data)
        )
        quads = list(statements(chronicle.changes))
        assert len(set(quads)) == len(quads)


def test_what_was_accepted_and_is_not_written_yet_counts_as_accepted() -> None:
    with debate() as made:
        made.submit(1, "2026-01-31")
        made.remember()
        made.submit(1, "2026-01-31", write=False)
        chronicle = Chronicle.of(made.ledger)
        before = contribution(1, 0, "2026-01-31")
        assert made.files()["mine-1.ttl"] == before
        assert chronicle.at(made.files(), made.clock.now)["mine-1.ttl"] == contribution(1, 1, "2026-01-31")
        assert chronicle.at(made.files(), made.moments[-1][0])["mine-1.ttl"] == before
