"""A small debate that changes through the record of contributions only, and remembers what it was."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from argraph.contribution.files import Staged, place
from argraph.contribution.ledger import Actor, Ledger
from argraph.contribution.lifecycle import Entry
from argraph.rdf.store import Store, read_files

from .ledgers import ADA, RUTH, Clock

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

    def submit(
        self,
        number: int,
        dated: str = "2026-01-31",
        *,
        data: bytes | None = None,
        title: str = "",
        by: Actor = ADA,
        write: bool = True,
    ) -> None:
        """A new contribution or a newer version of it, or once more one that was taken back."""
        earlier = self.versions.setdefault(number, [])
        data = data or contribution(number, len(earlier), dated)
        last = self.ledger.entry(earlier[-1].id) if earlier else None
        entry = self.ledger.submit(
            data,
            name=f"mine {number}.ttl",
            title=title or f"On {number}",
            submitter=by,
            report={},
            impact=None,
            graph=f"{BASE}contribution-{number}",
            supersedes=last.id if last else None,
        )
        taken = Store.load(self.graph).graphs
        path = place(self.graph, graph=entry.graph, name=entry.name, taken=taken)
        self.accept(entry, path, data, write=write)
        earlier.append(entry)

    def retract(self, number: int, by: Actor = ADA) -> bool:
        earlier = self.versions.get(number, [])
        if not earlier or self.ledger.entry(earlier[-1].id).state != "accepted":
            return False
        aim = self.ledger.entry(earlier[-1].id)
        assert aim.path is not None
        request = self.ledger.request_retraction(aim.id, submitter=by, comment="It was wrong.")
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
