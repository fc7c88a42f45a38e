"""Several threads and several processes use one ledger: one outcome, and everybody sees the same."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

from argraph.contribution.ledger import Hold, Ledger
from argraph.contribution.tokens import Tokens
from argraph.errors import (
    AlreadySubmitted,
    ArgraphError,
    GraphNotWritable,
    LedgerFailed,
    ServerFailed,
    WrongState,
)

from ...ledgers import ADA, RUTH, SAUL, accept, submit

T = TypeVar("T")


def at_once(*calls: Callable[[], T]) -> list[T | ArgraphError]:
    """What each call returns or raises, when each starts in its own thread at the same moment."""
    results: dict[int, T | ArgraphError] = {}
    barrier = threading.Barrier(len(calls))

    def run(number: int, call: Callable[[], T]) -> None:
        barrier.wait()
        try:
            results[number] = call()
        except ArgraphError as error:
            results[number] = error

    threads = [threading.Thread(target=run, args=(n, call)) for n, call in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [results[n] for n in range(len(calls))]


def processes(code: str, *arguments: str, count: int) -> list[str]:
    """What processes print that start their work at the same moment."""
    head = "import sys; from pathlib import Path; from tests.ledgers import *; from argraph.errors import *\n"
    started = [
        subprocess.Popen(
            [sys.executable, "-c", f"{head}print('ready', flush=True); input()\n{code}", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[3],
            env={**os.environ, "PYTHONPATH": os.pathsep.join([*filter(None, sys.path)])},
        )
        for _ in range(count)
    ]
    for process in started:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in started:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    told = [process.communicate(timeout=60)[0].strip() for process in started]
    assert [process.returncode for process in started] == [0] * count
    return told


def test_the_same_file_from_fifty_threads_at_once_is_one_contribution(tmp_path: Path) -> None:
    with Ledger.open(tmp_path) as ledger:
        results = at_once(*[lambda: submit(ledger, b"the same")] * 50)
        refused = [r for r in results if isinstance(r, AlreadySubmitted)]
        assert len(refused) == 49
        (entry,) = ledger.entries()
        assert {r.entry.id for r in refused} == {entry.id}
        assert [event.kind for event in ledger.events()] == ["submitted"]


def test_different_files_from_fifty_threads_at_once_are_all_recorded(tmp_path: Path) -> None:
    with Ledger.open(tmp_path) as ledger:
        calls = [lambda n=n: submit(ledger, str(n).encode()) for n in range(50)]
        results = at_once(*calls)
        assert not [r for r in results if isinstance(r, Exception)]
        assert {ledger.content(e.id) for e in ledger.entries()} == {str(n).encode() for n in range(50)}
        assert [event.sequence for event in ledger.events()] == list(range(1, 51))


@pytest.mark.parametrize("_", range(10))
def test_of_two_reviewers_at_once_one_decides(tmp_path: Path, _: int) -> None:
    with Ledger.open(tmp_path) as ledger:
        entry = submit(ledger, b"x")
        results = at_once(
            lambda: accept(ledger, entry.id, by=RUTH), lambda: ledger.reject(entry.id, SAUL, comment="no")
        )
        (lost,) = (r for r in results if isinstance(r, WrongState))
        final = ledger.entry(entry.id)
        assert final in results
        assert lost.entry == final
        assert len(ledger.history(entry.id)) == 2
        assert [e.id for e in ledger.unwritten()] == ([entry.id] if final.state == "accepted" else [])


@pytest.mark.parametrize("_", range(10))
def test_of_acceptance_and_withdrawal_at_once_one_happens(tmp_path: Path, _: int) -> None:
    with Ledger.open(tmp_path) as ledger:
        entry = submit(ledger, b"x")
        results = at_once(
            lambda: ledger.withdraw(entry.id, ADA),
            lambda: accept(ledger, entry.id),
            lambda: submit(ledger, b"y", supersedes=entry.id),
        )
        final = ledger.entry(entry.id)
        kinds = [event.kind for event in ledger.history(entry.id)]
        # A revision may be handed in of what is accepted or withdrawn, so it may come second.
        if final.state == "superseded":
            assert kinds == ["submitted", "superseded"]
            assert sum(isinstance(r, WrongState) for r in results) == 2
        else:
            decision, revision = kinds[1:]
            assert (decision, revision) == (final.state, "revised")
            assert sum(isinstance(r, WrongState) for r in results) == 1


def test_the_same_file_from_several_processes_at_once_is_one_contribution(tmp_path: Path) -> None:
    code = (
        "with Ledger.open(Path(sys.argv[1])) as ledger:\n"
        "    try: print(submit(ledger, b'the same').id)\n"
        "    except AlreadySubmitted as error: print('again', error.entry.id)"
    )
    # None of them finds a ledger there: one of them makes it.
    told = processes(code, str(tmp_path / "deep" / "data"), count=6)
    with Ledger.open(tmp_path / "deep" / "data") as ledger:
        (entry,) = ledger.entries()
    assert Counter(told) == {entry.id: 1, f"again {entry.id}": 5}


def test_processes_that_write_at_once_wait_for_each_other(tmp_path: Path) -> None:
    code = (
        "with Ledger.open(Path(sys.argv[1])) as ledger:\n"
        "    for n in range(15):\n"
        "        entry = submit(ledger, f'{os.getpid()} {n}'.encode())\n"
        "        accept(ledger, entry.id, f'{entry.id}.ttl'); ledger.written(entry.id)\n"
        "print('done')"
    )
    assert processes("import os\n" + code, str(tmp_path), count=4) == ["done"] * 4
    with Ledger.open(tmp_path) as ledger:
        assert ledger.counts()["accepted"] == 60
        assert len(list(ledger.events())) == 180
        times = [event.at for event in ledger.events()]
        assert times == sorted(times)


def test_tokens_are_made_and_revoked_beside_a_running_server(tmp_path: Path) -> None:
    with Ledger.open(tmp_path) as ledger:
        code = (
            "from argraph.contribution.tokens import Tokens\n"
            "with Tokens.open(Path(sys.argv[1])) as tokens: print(tokens.create('ada', 'contributor'))"
        )
        (secret,) = processes(code, str(tmp_path), count=1)
        actor = ledger.tokens.check(secret)
        assert actor == ADA
        with Tokens.open(tmp_path) as tokens:
            tokens.revoke("ada")
        assert ledger.tokens.check(secret) is None


def test_a_process_that_keeps_the_ledger_busy_is_waited_for_and_then_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("argraph.contribution.database._PATIENCE", 0.2)
    with Ledger.open(tmp_path) as ledger, Ledger.open(tmp_path) as other:
        with (
            other._database.writing(),
            pytest.raises(LedgerFailed, match=r"Another process has kept the ledger .* for more than 0.2 s"),
        ):
            submit(ledger, b"x")
        assert submit(ledger, b"x").state == "pending"


def test_reading_does_not_wait_for_a_writer(tmp_path: Path) -> None:
    with Ledger.open(tmp_path) as ledger:
        entry = submit(ledger, b"x")
        secret = ledger.tokens.create("ada", "contributor")
        ledger.tokens.check(secret)
        with ledger._database.writing() as db:  # as long as a slow disk takes
            db.execute("UPDATE token SET name = 'eve'")
            found = at_once(lambda: ledger.entry(entry.id), lambda: ledger.tokens.check(secret))
            assert found == [entry, ADA], "what is not recorded yet is not seen"
            db.execute("UPDATE token SET name = 'ada'")


# -- one server on a data folder ----------------------------------------------------------------------------


def test_one_server_holds_a_data_folder_and_the_other_is_told_which(tmp_path: Path) -> None:
    with Hold(tmp_path):
        told = rf"Another argraph \(process {os.getpid()}\) serves with the data folder {tmp_path} already"
        with pytest.raises(ServerFailed, match=told):
            Hold(tmp_path)
        code = (
            "from argraph.contribution.ledger import Hold\n"
            "try: Hold(Path(sys.argv[1]))\nexcept ServerFailed as error: print(error)"
        )
        (line,) = processes(code, str(tmp_path), count=1)
        assert f"(process {os.getpid()})" in line
        assert line.endswith("Stop it, or give this one a folder of its own with --data.")
    Hold(tmp_path).release()


def test_two_servers_do_not_write_into_one_debate(tmp_path: Path) -> None:
    graph = tmp_path / "graph"
    graph.mkdir()
    with Hold(tmp_path / "a", graph):
        with pytest.raises(ServerFailed, match=rf"writes contributions into {graph} already"):
            Hold(tmp_path / "b", graph)
        Hold(tmp_path / "b").release()
    Hold(tmp_path / "b", graph).release()
    with pytest.raises(GraphNotWritable, match=r"nowhere cannot be used for contributions: No such file"):
        Hold(tmp_path / "b", tmp_path / "nowhere")
    Hold(tmp_path / "b", graph).release()
    assert list(graph.iterdir()) == []


def test_a_killed_server_holds_nothing_even_if_its_children_live_on(tmp_path: Path) -> None:
    code = (
        "import os, pathlib, sys, time; from argraph.contribution.ledger import Hold\n"
        "hold = Hold(pathlib.Path(sys.argv[1]))\n"
        "child = os.fork()\n"
        # The child says so itself: until it runs, it has not given up what it inherited.
        "if not child: print(os.getpid(), flush=True)\n"
        "time.sleep(60)"
    )
    server = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    child = int(server.stdout.readline())
    try:
        with pytest.raises(ServerFailed, match=rf"process {server.pid}\)"):
            Hold(tmp_path)
        server.kill()
        server.wait()
        os.kill(child, 0)
        Hold(tmp_path).release()
    finally:
        os.kill(child, 9)
        server.stdout.close()


def test_a_forked_copy_of_a_ledger_is_not_used(tmp_path: Path) -> None:
    code = (
        "import os, pathlib, sys; from tests.ledgers import *; from argraph.errors import *\n"
        "ledger = Ledger.open(pathlib.Path(sys.argv[1]))\n"
        "submit(ledger, b'before')\n"
        "if not os.fork():\n"
        "    try: submit(ledger, b'child')\n"
        "    except LedgerFailed as error: print(error, flush=True)\n"
        "    ledger.close(); os._exit(0)\n"
        "os.wait(); submit(ledger, b'after'); ledger.close()"
    )
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([*filter(None, sys.path)])}
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        check=True,
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[3],
        env=env,
    )
    assert "was opened by another process: open it anew" in done.stdout
    with Ledger.open(tmp_path) as ledger:
        assert [ledger.content(e.id) for e in ledger.entries()] == [b"after", b"before"]
