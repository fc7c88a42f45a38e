"""A disk that is full, damaged or not to be written: one clear line, nothing lost, nothing wrong told."""

from __future__ import annotations

import os
import random
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from argraph.contribution.files import Staged, sweep
from argraph.contribution.ledger import Hold, Ledger
from argraph.contribution.tokens import Tokens
from argraph.errors import GraphNotWritable, LedgerFailed

from ...ledgers import ADA, RUTH, Clock, accept, submit

ROOT = Path(__file__).parents[3]


def fill(folder: Path) -> None:
    """A ledger with some of everything, on pages of every kind."""
    with Ledger.open(folder, clock=Clock()) as ledger:
        secret = ledger.tokens.create("ada", "contributor")
        ledger.tokens.check(secret)
        for n in range(12):
            data = f"# contribution {n}\n".encode() * (400 * (n % 3) + 1)
            entry = submit(ledger, data, impact={"numbers": list(range(n * 100))})
            if n % 2:
                accept(ledger, entry.id, f"{n}.ttl", prior=b"prior" * n)
                ledger.written(entry.id)
            ledger.comment(entry.id, RUTH, "Why? " * n + "?", ["unclear"])


def everything(ledger: Ledger) -> dict[str, Any]:
    """All that a ledger says."""
    entries = ledger.entries()
    return {
        "entries": entries,
        "counts": ledger.counts(),
        "states": {s: ledger.entries(state=s) for s in ledger.counts()},
        "of": ledger.entries(submitter="ada"),
        "content": [ledger.content(e.id) for e in entries],
        "report": [ledger.report(e.id) for e in entries],
        "impact": [ledger.impact(e.id) for e in entries],
        "prior": [ledger.prior(e.id) for e in entries],
        "history": [ledger.history(e.id) for e in entries],
        "events": list(ledger.events()),
        "unwritten": ledger.unwritten(),
        "tokens": ledger.tokens.list(),
    }


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("filled")
    fill(folder)
    return folder


@pytest.fixture(scope="module")
def said(filled: Path) -> dict[str, Any]:
    with Ledger.open(filled, clock=Clock()) as ledger:
        return everything(ledger)


def says_so_or_is_right(folder: Path, said: dict[str, Any]) -> bool:
    """Whether it was refused; what is given out must be right."""
    try:
        with Ledger.open(folder, clock=Clock()) as ledger:
            found = everything(ledger)
    except LedgerFailed as error:
        line = str(error)
        if str(folder) not in line or "\n" in line:
            raise
        return True
    assert found == said
    return False


# -- damage -------------------------------------------------------------------------------------------------

PATTERNS: dict[str, Callable[[bytes], bytes]] = {
    "zeros": lambda page: bytes(len(page)),
    "ones": lambda page: b"\xff" * len(page),
    "zeros in the middle": lambda page: page[:2016] + bytes(64) + page[2080:],
    "text at the end": lambda page: page[:-64] + b"not what was written here, at all!".ljust(64),
    "noise in the head": lambda page: page[:8] + random.Random(1).randbytes(24) + page[32:],
}


@pytest.mark.parametrize("how", PATTERNS)
def test_no_damaged_page_makes_the_ledger_say_what_is_wrong(
    filled: Path, said: dict[str, Any], tmp_path: Path, how: str
) -> None:
    whole = (filled / "ledger.sqlite").read_bytes()
    size = 4096
    assert len(whole) % size == 0
    refused = 0
    for start in range(0, len(whole), size):
        page = PATTERNS[how](whole[start : start + size])
        (tmp_path / "ledger.sqlite").write_bytes(whole[:start] + page + whole[start + size :])
        refused += says_so_or_is_right(tmp_path, said)
    assert refused > 0.5 * len(whole) / size, "most pages hold something there"


def test_no_changed_byte_makes_the_ledger_say_what_is_wrong(
    filled: Path, said: dict[str, Any], tmp_path: Path
) -> None:
    whole = (filled / "ledger.sqlite").read_bytes()
    chance = random.Random(6)
    for _ in range(150):
        place, bit = chance.randrange(len(whole)), 1 << chance.randrange(8)
        changed = bytearray(whole)
        changed[place] ^= bit
        (tmp_path / "ledger.sqlite").write_bytes(changed)
        says_so_or_is_right(tmp_path, said)


@pytest.mark.parametrize("share", [0, 0.0001, 0.3, 0.5, 0.9])
def test_a_ledger_that_was_cut_off_is_refused(
    filled: Path, said: dict[str, Any], tmp_path: Path, share: float
) -> None:
    whole = (filled / "ledger.sqlite").read_bytes()
    for length in {int(len(whole) * share), int(len(whole) * share) // 4096 * 4096}:
        (tmp_path / "ledger.sqlite").write_bytes(whole[:length])
        assert says_so_or_is_right(tmp_path, said)
        assert (tmp_path / "ledger.sqlite").read_bytes() == whole[:length], (
            "it is left for whoever repairs it"
        )


def test_a_damaged_write_ahead_log_never_loses_events_silently(tmp_path: Path) -> None:
    # A process that is killed leaves its log behind; here its files are copied while it is open.
    with Ledger.open(tmp_path / "living", clock=Clock()) as ledger:
        for n in range(8):
            entry = submit(ledger, str(n).encode() * 1000)
            ledger.reject(entry.id, RUTH, comment="no")
        said = everything(ledger)
        whole = {path.name: path.read_bytes() for path in (tmp_path / "living").iterdir()}
    log = whole["ledger.sqlite-wal"]
    refused = 0
    places = range(0, len(log), len(log) // 40)
    for place in places:
        copy = tmp_path / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        copy.mkdir()
        for name, data in whole.items():
            if name != "ledger.sqlite-shm":
                (copy / name).write_bytes(data)
        (copy / "ledger.sqlite-wal").write_bytes(log[:place] + b"\x55" * 16 + log[place + 16 :])
        refused += says_so_or_is_right(copy, said)
    assert refused > 0.9 * len(places)


def test_an_older_copy_is_not_taken_for_the_newest_unless_somebody_says_so(tmp_path: Path) -> None:
    with Ledger.open(tmp_path) as ledger:
        submit(ledger, b"1")
    older = (tmp_path / "ledger.sqlite").read_bytes()
    with Ledger.open(tmp_path) as ledger:
        submit(ledger, b"2")
    (tmp_path / "ledger.sqlite").write_bytes(older)
    told = r"has 1 events, and not the one that was recorded as number 2; .* remove ledger.head beside it"
    with pytest.raises(LedgerFailed, match=told):
        Ledger.open(tmp_path)
    (tmp_path / "ledger.head").unlink()
    with Ledger.open(tmp_path) as ledger:
        assert [ledger.content(e.id) for e in ledger.entries()] == [b"1"]


@pytest.mark.parametrize("content", [b"", b"\x00" * 85, b"nonsense", b"00000000000000000001 zz"])
def test_what_tells_how_far_the_record_goes_is_not_needed(tmp_path: Path, content: bytes) -> None:
    with Ledger.open(tmp_path) as ledger:
        submit(ledger, b"1")
    (tmp_path / "ledger.head").write_bytes(content)
    with Ledger.open(tmp_path) as ledger:
        assert len(ledger.entries()) == 1


def test_damage_that_happens_while_it_is_open_shows_at_the_first_use(filled: Path, tmp_path: Path) -> None:
    for path in filled.iterdir():
        shutil.copy(path, tmp_path)
    with Ledger.open(tmp_path, clock=Clock()) as ledger:
        ids = [e.id for e in ledger.entries()]
        content = {id: ledger.content(id) for id in ids}
        size = (tmp_path / "ledger.sqlite").stat().st_size
        with (tmp_path / "ledger.sqlite").open("r+b") as file:
            for start in range(4096, size, 4096):
                file.seek(start + 1000)
                file.write(b"\xaa" * 2000)
    with Ledger.open(filled) as whole:  # the same on another connection is as it was
        assert {id: whole.content(id) for id in ids} == content
    with pytest.raises(LedgerFailed, match="damaged"):
        Ledger.open(tmp_path)


# -- not argraph's, or newer --------------------------------------------------------------------------------


@pytest.mark.parametrize("content", [b"Dear diary", b"\x00" * 8192, b"SQLite format 3\x00" + b"\x00" * 5000])
def test_a_file_that_is_no_ledger_is_refused_and_left_alone(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "ledger.sqlite").write_bytes(content)
    with pytest.raises(LedgerFailed, match=rf"The ledger(\.sqlite)? in {tmp_path} is damaged"):
        Ledger.open(tmp_path)
    assert (tmp_path / "ledger.sqlite").read_bytes() == content


def test_another_program_s_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    db = sqlite3.connect(tmp_path / "ledger.sqlite")
    db.execute("CREATE TABLE diary (day, entry)")
    db.commit()
    db.close()
    before = (tmp_path / "ledger.sqlite").read_bytes()
    with pytest.raises(LedgerFailed, match=r"or not one of argraph's: .* name another folder with --data"):
        Ledger.open(tmp_path)
    assert (tmp_path / "ledger.sqlite").read_bytes() == before


def test_a_ledger_of_a_newer_layout_is_refused_and_left_alone(tmp_path: Path) -> None:
    fill(tmp_path)
    db = sqlite3.connect(tmp_path / "ledger.sqlite")
    db.execute("PRAGMA user_version = 7")
    db.close()
    before = (tmp_path / "ledger.sqlite").read_bytes()
    told = r"written by a newer argraph \(layout 7, and this one knows 1\): use the newer argraph"
    with pytest.raises(LedgerFailed, match=told):
        Ledger.open(tmp_path)
    with pytest.raises(LedgerFailed, match=told):
        Tokens.open(tmp_path)
    assert (tmp_path / "ledger.sqlite").read_bytes() == before


def test_a_ledger_that_is_gone_and_left_its_log_is_not_begun_anew(tmp_path: Path) -> None:
    with Ledger.open(tmp_path / "a") as ledger:
        submit(ledger, b"x")
        log = (tmp_path / "a" / "ledger.sqlite-wal").read_bytes()
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "ledger.sqlite-wal").write_bytes(log)
    with pytest.raises(LedgerFailed, match=r"ledger.sqlite is missing, and its ledger.sqlite-wal is there"):
        Ledger.open(tmp_path / "b")
    assert [p.name for p in (tmp_path / "b").iterdir()] == ["ledger.sqlite-wal"]


def test_what_a_killed_process_left_of_a_new_ledger_is_no_hindrance(tmp_path: Path) -> None:
    for rest in ("", "-wal", "-shm", "-journal"):
        (tmp_path / f"ledger.sqlite.new{rest}").write_bytes(b"half of it")
    with Ledger.open(tmp_path) as ledger:
        submit(ledger, b"x")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["ledger.head", "ledger.sqlite"]


# -- no space -----------------------------------------------------------------------------------------------


@contextmanager
def no_space() -> Iterator[None]:
    """No file of this process may grow; the system then refuses like a full disk does.

    No fixture, since what pytest reports may go into a file, too.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_ledger_says_so_and_goes_on_when_there_is_space(tmp_path: Path) -> None:
    with Ledger.open(tmp_path) as ledger:
        kept = submit(ledger, b"kept")
        db = ledger._database._writer.connection
        (pages,) = db.execute("PRAGMA page_count").fetchone()
        db.execute(f"PRAGMA max_page_count = {pages + 2}")
        before = everything(ledger)
        for _ in range(3):
            with pytest.raises(LedgerFailed, match=rf"no space left for the ledger in {tmp_path}") as caught:
                submit(ledger, b"large" * 10_000)
            assert caught.value.full
            with pytest.raises(LedgerFailed, match="no space left"):
                accept(ledger, kept.id, prior=b"large" * 10_000)
        assert everything(ledger) == before
        db.execute("PRAGMA max_page_count = 100000")
        submit(ledger, b"large" * 10_000)
        assert accept(ledger, kept.id).state == "accepted"
    with Ledger.open(tmp_path) as ledger:
        assert ledger.counts()["pending"] == ledger.counts()["accepted"] == 1


def limited(code: str, *arguments: str) -> list[str]:
    """What a process says, line by line, of which no file may grow beyond what `limit` allows."""
    head = (
        "import resource, sys; from pathlib import Path; from tests.ledgers import *; from argraph.errors "
        "import *\nfrom argraph.contribution.files import Staged\n"
        "def limit(size): resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", head + code, *arguments],
        check=True,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([*filter(None, sys.path)])},
    )
    assert done.stderr == ""
    return done.stdout.splitlines()


def test_a_disk_that_takes_no_more_loses_nothing_that_was_recorded(tmp_path: Path) -> None:
    code = (
        "ledger = Ledger.open(Path(sys.argv[1]))\n"
        "for n in range(5): print(submit(ledger, b'x' * 500 + str(n).encode()).id)\n"
        "limit((Path(sys.argv[1]) / 'ledger.sqlite-wal').stat().st_size + 5000)\n"
        "for n in range(5, 10):\n"
        "    try: print(submit(ledger, b'x' * 500 + str(n).encode()).id)\n"
        "    except LedgerFailed as error: print(error)\n"
        "print(len(ledger.entries()))\n"
        "limit(resource.RLIM_INFINITY)\n"
        "print(submit(ledger, b'after').id)\n"
    )
    told = limited(code, str(tmp_path))
    ids = [line for line in told if len(line) == 16]
    faults = [line for line in told if "ledger in" in line]
    assert faults
    assert all(line.startswith("The disk did not take or give what the ledger in") for line in faults)
    assert int(told[-2]) == len(ids) - 1
    with Ledger.open(tmp_path) as ledger:
        assert {e.id for e in ledger.entries()} == set(ids)


def test_a_ledger_that_cannot_be_begun_leaves_nothing_that_looks_like_one(tmp_path: Path) -> None:
    code = (
        "limit(int(sys.argv[2]))\n"
        "try: Ledger.open(Path(sys.argv[1])); print('opened')\n"
        "except LedgerFailed as error: print(error)\n"
    )
    for size in (0, 4096, 20_000, 40_000):
        (told,) = limited(code, str(tmp_path), str(size))
        assert "ledger in" in told
        assert not (tmp_path / "ledger.sqlite").exists()
    with Ledger.open(tmp_path) as ledger:
        submit(ledger, b"x")


def test_a_full_disk_shows_before_a_file_of_the_debate_is_touched(tmp_path: Path) -> None:
    told = r"There is no space left for mine.ttl in .*: make space"
    with no_space(), pytest.raises(GraphNotWritable, match=told) as caught:
        Staged(tmp_path, "mine.ttl", b"mine")
    assert caught.value.full
    assert list(tmp_path.iterdir()) == []


# -- not to be written --------------------------------------------------------------------------------------


def test_a_data_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"mine")
    for folder in (tmp_path / "file", tmp_path / "file" / "deep"):
        for opened in (Ledger.open, Tokens.open, Hold):
            told = rf"The data folder {folder} cannot be used: .*another one with --data"
            with pytest.raises(LedgerFailed, match=told):
                opened(folder)
    assert (tmp_path / "file").read_bytes() == b"mine"


@pytest.fixture
def public() -> Iterator[Path]:
    """A folder that every user may enter, unlike those of pytest."""
    folder = Path(tempfile.mkdtemp(prefix="argraph-test-", dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def as_nobody(code: str, *arguments: str) -> list[str]:
    """The same as `limited`, done by a user that permissions bind."""
    become = "import os\nif os.geteuid() == 0: os.setgid(65534); os.setuid(65534)\n"
    return limited(become + code, *arguments)


def test_folders_that_may_not_be_written_are_named(public: Path) -> None:
    data, graph = public / "data", public / "graph"
    graph.mkdir()
    (graph / "mine.ttl").write_bytes(b"mine")
    with Ledger.open(data) as ledger:
        submit(ledger, b"x")
    (data / "ledger.sqlite").chmod(0o444)
    (data / "ledger.head").chmod(0o444)
    for folder in (data, graph):
        folder.chmod(0o555)
    code = (
        "for call in (lambda: Ledger.open(Path(sys.argv[1])),\n"
        "             lambda: Staged(Path(sys.argv[2]), 'mine.ttl', b'new'),\n"
        "             lambda: Staged(Path(sys.argv[2]), 'mine.ttl', None)):\n"
        "    try: call(); print('done')\n"
        "    except ArgraphError as error: print(type(error).__name__, error)\n"
    )
    ledger_told, write_told, remove_told = as_nobody(code, str(data), str(graph))
    assert ledger_told.startswith(f"LedgerFailed The ledger in {data} cannot be written: let the user")
    for told in (write_told, remove_told):
        assert told.startswith(f"GraphNotWritable mine.ttl in {graph} cannot be changed: Permission denied.")
    for folder in (data, graph):
        folder.chmod(0o755)
    assert [p.name for p in graph.iterdir()] == ["mine.ttl"]
    assert (graph / "mine.ttl").read_bytes() == b"mine"


def test_a_folder_whose_writing_is_taken_away_between_staging_and_renaming_keeps_its_file(
    public: Path,
) -> None:
    (public / "mine.ttl").write_bytes(b"mine")
    public.chmod(0o777)
    code = (
        "staged = Staged(Path(sys.argv[1]), 'mine.ttl', b'new')\n"
        "print('staged', flush=True); sys.stdin.readline()\n"
        "try: staged.commit(); print('done')\n"
        "except GraphNotWritable as error: print(error)\n"
        "sys.stdin.readline(); staged.commit(); print('again')\n"
    )
    become = "import os\nif os.geteuid() == 0: os.setgid(65534); os.setuid(65534)\n"
    head = "import sys; from pathlib import Path; from argraph.contribution.files import *\n"
    process = subprocess.Popen(
        [sys.executable, "-c", head + "from argraph.errors import *\n" + become + code, str(public)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([*filter(None, sys.path)])},
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stdout.readline() == "staged\n"
    public.chmod(0o555)
    process.stdin.write("\n")
    process.stdin.flush()
    assert "cannot be changed: Permission denied" in process.stdout.readline()
    assert (public / "mine.ttl").read_bytes() == b"mine"
    public.chmod(0o777)
    assert process.communicate("\n", timeout=60)[0] == "again\n"
    assert (public / "mine.ttl").read_bytes() == b"new"
    sweep(public)
    assert [p.name for p in public.iterdir()] == ["mine.ttl"]


def test_only_its_own_user_reads_the_data_folder(tmp_path: Path) -> None:
    with Hold(tmp_path / "data"), Ledger.open(tmp_path / "data") as ledger:
        submit(ledger, b"x", ADA)
        modes = {p.name: p.stat().st_mode & 0o777 for p in (tmp_path / "data").iterdir()}
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700
    assert set(modes) == {
        "ledger.sqlite",
        "ledger.sqlite-wal",
        "ledger.sqlite-shm",
        "ledger.head",
        "server.lock",
    }
    assert set(modes.values()) == {0o600}
