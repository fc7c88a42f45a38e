"""Work shared among processes: in order, whole, or an error that names the files."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from argraph.contribution.workers import WORTH, Files, Workers, available, undisturbed
from argraph.errors import ArgraphError, FormatError, WorkerLost
from argraph.progress import Advance

PARTS: list[tuple[Files, int]] = [((f"part-{n}.ttl",), n) for n in range(7)]


@pytest.fixture(autouse=True)
def no_other_threads() -> None:
    """Some plugins of pytest start threads, beside which nothing is forked."""
    if threading.active_count() > 1:
        pytest.skip("other threads run in this process")


def each(workers: Workers, function: object, parts: list[tuple[Files, int]] = PARTS) -> list[int]:
    return workers.each("Testing", function, parts, weight=1)  # type: ignore[arg-type]


@pytest.mark.parametrize("jobs", [1, 2, 3, 50])
def test_answers_come_in_the_order_of_the_parts(jobs: int) -> None:
    def slowly(number: int) -> int:
        time.sleep(0.01 * (7 - number))
        return number * number

    assert each(Workers(jobs), slowly) == [0, 1, 4, 9, 16, 25, 36]


def test_several_processes_do_the_work_and_this_one_does_not() -> None:
    def who(number: int) -> int:
        time.sleep(0.02)
        return os.getpid()

    found = set(each(Workers(2), who))
    assert len(found) == 2
    assert os.getpid() not in found


def test_one_process_is_this_one() -> None:
    assert set(each(Workers(1), lambda _number: os.getpid())) == {os.getpid()}


def test_workers_see_what_was_there_and_change_nothing() -> None:
    seen = {"a": 1}

    def changes(number: int) -> int:
        seen["a"] += 1
        return seen["a"]

    assert min(each(Workers(2), changes)) == 2
    assert seen == {"a": 1}


def test_small_work_stays_in_one_process_unless_told_otherwise() -> None:
    assert Workers(None).several(WORTH - 1) == 1
    assert Workers(None).several(WORTH) == available()
    assert Workers(3).several(1) == 3


def test_nothing_is_forked_beside_other_threads() -> None:
    over = threading.Event()
    other = threading.Thread(target=over.wait)
    other.start()
    try:
        assert Workers(4).several(10 * WORTH) == 1
    finally:
        over.set()
        other.join()


def test_a_killed_process_is_an_error_that_names_its_file() -> None:
    def dies(number: int) -> int:
        if number == 3:
            os.kill(os.getpid(), signal.SIGKILL)
        return number

    with pytest.raises(WorkerLost, match=r"part-3\.ttl was killed, perhaps for want of memory"):
        each(Workers(2), dies)
    assert not children()


def test_a_process_that_ends_by_itself_is_an_error_too() -> None:
    with pytest.raises(WorkerLost, match="ended with code 7"):
        each(Workers(2), lambda number: os._exit(7) if number == 0 else number)


def test_a_machine_that_starts_no_process_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def full() -> int:
        raise OSError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(os, "fork", full)
    with pytest.raises(ArgraphError, match=r"No process can be started .* use --jobs 1"):
        each(Workers(2), lambda number: number)


def test_a_process_without_memory_says_so() -> None:
    def hungry(number: int) -> int:
        if number == 5:
            raise MemoryError
        return number

    with pytest.raises(WorkerLost, match=r"part-5\.ttl ran out of memory"):
        each(Workers(2), hungry)


def test_an_error_of_ours_comes_through_in_its_words_and_another_with_its_name() -> None:
    def fails(number: int) -> int:
        if number == 2:
            raise FormatError("malformed", name="x.ttl", line=3)
        return number

    with pytest.raises(ArgraphError, match=r"^x\.ttl:3: malformed$"):
        each(Workers(2), fails)
    with pytest.raises(WorkerLost, match=r"part-0.ttl failed \(ZeroDivisionError"):
        each(Workers(2), lambda number: 1 // number)


def test_a_part_of_several_files_is_named_by_its_first_and_last() -> None:
    parts: list[tuple[Files, int]] = [(("a.ttl", "b.ttl", "c.ttl"), 0), ((), 1)]
    with pytest.raises(WorkerLost, match=r"a.ttl … c.ttl \(3 files\) failed"):
        each(Workers(2), lambda number: 1 // number, parts)


def test_each_file_is_reported_once_it_is_done() -> None:
    told: list[object] = []

    @contextmanager
    def report(what: str, /, *, total: int | None = None, unit: str = "") -> Iterator[Advance]:
        told.append((what, total, unit))
        yield told.append

    for jobs in (1, 2):
        told.clear()
        each(Workers(jobs, report), lambda number: number)
        assert told == [("Testing", 7, "files"), *[1] * 7]


def test_ctrl_c_ends_all_processes(tmp_path: Path) -> None:
    script = """if True:
        import signal, time
        from argraph.contribution.workers import Workers
        signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored where tests run in the background
        def slow(number):
            print("begun", flush=True)
            time.sleep(120)
        Workers(2).each("x", slow, [((f"{n}.ttl",), n) for n in range(4)], weight=1)
    """
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert [process.stdout.readline() for _ in range(2)] == [b"begun\n"] * 2
    began = children(process.pid)
    assert len(began) == 2
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=60)
    assert b"KeyboardInterrupt" in told
    assert not [pid for pid in began if Path(f"/proc/{pid}").exists()]


def children(pid: int | None = None) -> list[int]:
    pid = pid or os.getpid()
    return list(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))


def test_the_collector_of_garbage_is_as_it_was() -> None:
    def fails() -> None:
        with undisturbed():
            assert not gc.isenabled()
            raise ValueError("x")

    assert gc.isenabled()
    with pytest.raises(ValueError, match="x"):
        fails()
    assert gc.isenabled()
