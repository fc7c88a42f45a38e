"""Whatever was accepted, revised and taken back: each earlier state of a folder can be had, to the byte."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from argraph.contribution.files import Staged, place
from argraph.contribution.history import Chronicle
from argraph.contribution.ledger import Ledger
from argraph.contribution.lifecycle import Entry
from argraph.contribution.provenance import statements
from argraph.contribution.versions import describes
from argraph.rdf.store import Store, read_files
from argraph.workspace import Workspace

from ..ledgers import ADA, BEN, RUTH, Clock

BASE = "https://example.org/d/"
FIRST = {
    "debate.ttl": f"""@prefix arg: <https://w3id.org/argraph/ns#> .
<{BASE}contribution-debate> a arg:Contribution ;
    <http://purl.org/dc/terms/created> "2026-01-01"^^<http://www.w3.org/2001/XMLSchema#date> .
<{BASE}th-d> a arg:Thesis .
""",
    "below/old.ttl": f'<{BASE}cl-old> <https://schema.org/text> "It was here before the record."@en .\n',
}


def contribution(number: int, version: int, dated: str) -> bytes:
    """A file; two versions differ in what they say, and a node comes or goes with each second one."""
    claim = f'<{BASE}cl-{number}> a arg:Claim ; <https://schema.org/text> "Version {version}."@en .\n'
    extra = f"<{BASE}cl-{number}-more> a arg:Claim .\n" if version % 2 else ""
    return (
        "@prefix arg: <https://w3id.org/argraph/ns#> .\n"
        f"<{BASE}contribution-{number}> a arg:Contribution ; "
        f'<http://purl.org/dc/terms/created> "{dated}"^^<http://www.w3.org/2001/XMLSchema#date> .\n'
        f"{claim}{extra}"
    ).encode()


class Debate:
    """A folder, changed through the ledger only, that remembers what it was at each moment."""

    def __init__(self, folder: Path) -> None:
        self.graph, self.data = folder / "graph", folder / "data"
        for name, text in FIRST.items():
            path = self.graph / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        self.clock = Clock()
        self.ledger = Ledger.open(self.data, clock=self.clock)
        self.moments: list[tuple[datetime, dict[str, bytes]]] = []
        self.versions: dict[int, list[Entry]] = {}
        self.remember()

    def files(self) -> dict[str, bytes]:
        found = read_files(self.graph)
        return {Path(path).relative_to(self.graph).as_posix(): data for path, data in found.items()}

    def remember(self) -> None:
        self.moments.append((self.clock.now, self.files()))
        self.clock.now += timedelta(minutes=1)

    def accept(self, entry: Entry, path: str, data: bytes | None, *, write: bool = True) -> None:
        target = self.graph / path
        prior = target.read_bytes() if target.exists() else None
        self.ledger.accept(entry.id, RUTH, path=path, prior=prior, report={}, impact=None)
        if write:
            with Staged(self.graph, path, data) as staged:
                staged.commit()
            self.ledger.written(entry.id)

    def submit(self, number: int, dated: str, *, write: bool = True) -> None:
        """A new contribution or a newer version of it, or once more one that was taken back."""
        earlier = self.versions.setdefault(number, [])
        data = contribution(number, len(earlier), dated)
        last = self.ledger.entry(earlier[-1].id) if earlier else None
        entry = self.ledger.submit(
            data,
            name=f"mine {number}.ttl",
            title=f"On {number}",
            submitter=ADA,
            report={},
            impact=None,
            graph=f"{BASE}contribution-{number}",
            supersedes=last.id if last else None,
        )
        taken = Store.load(self.graph).graphs
        path = place(self.graph, graph=entry.graph, name=entry.name, taken=taken)
        self.accept(entry, path, data, write=write)
        earlier.append(entry)

    def retract(self, number: int) -> bool:
        earlier = self.versions.get(number, [])
        if not earlier or self.ledger.entry(earlier[-1].id).state != "accepted":
            return False
        aim = self.ledger.entry(earlier[-1].id)
        assert aim.path is not None
        request = self.ledger.request_retraction(aim.id, submitter=ADA, comment="It was wrong.")
        self.accept(request, aim.path, None)
        return True


@contextmanager
def debate() -> Iterator[Debate]:
    folder = Path(tempfile.mkdtemp(prefix="argraph-as-of-"))
    made = Debate(folder)
    try:
        yield made
    finally:
        made.ledger.close()
        shutil.rmtree(folder)


STEPS = st.lists(
    st.tuples(st.sampled_from(["submit", "retract", "reject", "wait"]), st.integers(0, 3), st.booleans()),
    max_size=14,
)


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
            assert workspace.files() == files
            assert workspace.store.digest == Store.of(dict(sorted(files.items())), made.graph).digest


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
