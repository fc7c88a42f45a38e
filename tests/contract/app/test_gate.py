"""Any bytes get an answer: findings and impact, or a clear refusal in time; and no file reaches anything."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from argraph import resources
from argraph.app.examined import Examined
from argraph.app.gate import Care, Gate
from argraph.errors import ArgraphError, BudgetExceeded, EngineFailed, Overloaded, ResourceMissing
from argraph.workspace import Workspace

from ...contributed import objection
from ...hostile import listening
from ...hostile_files import HEAD, files
from .serving import PATIENCE, state, within

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are looked up in /proc")

SECONDS = 1.0
GRACE = 10.0
"""Seconds over the budget that a busy machine may take; a quiet one takes less than half a second, and what
is not killed takes minutes."""
HOSTILE = files()
SLOW = HOSTILE["steps in a ring"]


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="module")
def space() -> Workspace:
    return Workspace.open()


@pytest.fixture(scope="module")
def gate(runner: asyncio.Runner, space: Workspace) -> Iterator[Gate]:
    gate = Gate(space, Care(seconds=SECONDS, waiting=2))
    runner.run(gate.start())
    yield gate
    runner.run(gate.stop())


@pytest.fixture(scope="module")
def patient(runner: asyncio.Runner, space: Workspace) -> Iterator[Gate]:
    """With the time that everybody has."""
    gate = Gate(space)
    runner.run(gate.start())
    yield gate
    runner.run(gate.stop())


def children(parent: int) -> list[int]:
    found: list[int] = []
    with suppress(FileNotFoundError, ProcessLookupError):  # threads and processes come and go
        for task in Path(f"/proc/{parent}/task").iterdir():
            with suppress(FileNotFoundError):  # a thread of it has ended meanwhile
                found += map(int, (task / "children").read_text().split())
    return found


def alive(processes: list[int]) -> list[int]:
    return [pid for pid in processes if state(pid) not in {"Z", ""}]


def examiners() -> list[int]:
    """The processes of gates of this one."""
    return [pid for pid in alive(children(os.getpid())) if b"examiner.py" in command(pid)]


def command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


@pytest.mark.parametrize("name", HOSTILE)
def test_a_file_that_means_harm_gets_an_answer_in_time(name: str, gate: Gate, runner: asyncio.Runner) -> None:
    async def ask() -> tuple[Examined | ArgraphError, float]:
        await gate.start()
        began = asyncio.get_running_loop().time()
        try:
            told: Examined | ArgraphError = await gate.examine("bomb.ttl", HOSTILE[name])
        except (BudgetExceeded, EngineFailed) as error:
            told = error
        return told, asyncio.get_running_loop().time() - began

    told, seconds = runner.run(ask())
    assert seconds < SECONDS + GRACE
    if isinstance(told, Examined):
        assert len(json.dumps(told.as_data())) < 4 * 2**20
        assert all(found.location.path == "bomb.ttl" for found in told.report)
    else:
        assert "smaller files" in str(told)


def test_a_file_calls_nobody(space: Workspace, patient: Gate, runner: asyncio.Runner) -> None:
    with listening() as (address, called):
        text = HEAD + (
            f"<{address}> a arg:Study ; schema:url <{address}> . osai:x owl:imports <{address}> ; "
            f"rdfs:seeAlso <{address}> ; prov:hadPrimarySource <{address}> ."
        )
        told = runner.run(patient.examine("call.ttl", text.encode()))
    assert told.title == "A file that means harm"
    assert not called


def test_the_gate_says_what_the_workspace_says(
    space: Workspace, patient: Gate, runner: asyncio.Runner
) -> None:
    data = objection("gate")
    told = runner.run(patient.examine("my.ttl", data))
    assert told.report == space.check_files({"my.ttl": data})
    edit, _ = space.edit({"my.ttl": data})
    change = space.impact_of(edit)
    assert told.impact is not None
    assert told.impact["flips"] == json.loads(json.dumps(change.as_data()["flips"]))
    assert told.impact["flips"]
    assert told.graph == "https://w3id.org/argraph/open-source-ai/contribution-gate"
    assert told.replaces == ()
    assert {(one.what, one.kind) for one in told.difference} == {
        ("added", "contribution"),
        ("added", "objection"),
        ("added", "attack"),
    }
    assert Examined.of_data(json.loads(json.dumps(told.as_data()))) == told


def test_other_base_scores_count_at_the_gate(tmp_path: Path, runner: asyncio.Runner) -> None:
    scores = tmp_path / "scores.ttl"
    scores.write_text(
        "PREFIX arg: <https://w3id.org/argraph/ns#> arg:Low arg:baseScore 0.9 . arg:High arg:baseScore 1.0 .",
        encoding="utf-8",
    )
    space = Workspace.open(scores=scores)

    async def ask() -> Examined:
        gate = Gate(space)
        try:
            await gate.start()
            return await gate.examine("my.ttl", objection("gate"))
        finally:
            await gate.stop()

    told = runner.run(ask())
    assert told.impact is not None
    before = {change["iri"]: change["before"] for change in told.impact["flips"]}
    assert before
    for iri, verdict in before.items():
        assert verdict["upper"] == space.verdicts[iri].upper


@pytest.mark.parametrize("name", ["../../etc/my.ttl", "C:\\my.ttl", "/my.ttl", "my.ttl"])
def test_the_name_of_a_file_leads_nowhere(name: str, patient: Gate, runner: asyncio.Runner) -> None:
    told = runner.run(patient.examine(name, b"nonsense"))
    assert {found.location.path for found in told.report} == {"my.ttl"}


def test_a_file_with_the_name_of_one_of_the_debate_takes_no_place(
    space: Workspace, patient: Gate, runner: asyncio.Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(next(iter(space.folder.iterdir())))
    told = runner.run(patient.examine("education.ttl", objection("gate")))
    assert told.replaces == ()


def test_a_newer_version_is_compared_with_the_one_it_replaces(
    space: Workspace, patient: Gate, runner: asyncio.Runner
) -> None:
    text = (space.folder / "open-source-ai" / "education.ttl").read_text(encoding="utf-8")
    old, new = "Examining real models gives genuine understanding", "Real models teach"
    assert old in text
    told = runner.run(patient.examine("new.ttl", text.replace(old, new).encode()))
    assert told.replaces == ("open-source-ai/education.ttl",)
    (one,) = told.difference
    assert (one.what, one.kind, one.label) == ("changed", "claim", new)
    (label,) = one.properties
    assert label.name == "label"
    assert [value.text for value in label.before] == [old]
    assert [value.text for value in label.after] == [new]


def test_the_removal_of_a_file_is_examined_too(patient: Gate, runner: asyncio.Runner) -> None:
    told = runner.run(patient.removal("open-source-ai/education.ttl"))
    assert told.graph == "https://w3id.org/argraph/open-source-ai/contribution-education"
    assert told.title == "Education and learning"
    assert {one.what for one in told.difference} == {"removed"}
    assert {(found.code, found.location.path) for found in told.report} == {
        ("removed-node", "open-source-ai/education.ttl")
    }
    with pytest.raises(ResourceMissing, match=r"no file nothing\.ttl"):
        runner.run(patient.removal("nothing.ttl"))


def test_a_file_comes_in_the_place_of_a_named_one_with_nothing_in_common(
    space: Workspace, patient: Gate, runner: asyncio.Runner
) -> None:
    data, place = objection("gate"), "open-source-ai/education.ttl"
    told = runner.run(patient.examine("my.ttl", data, instead_of=place))
    assert told.replaces == (place,)
    assert told.graph == "https://w3id.org/argraph/open-source-ai/contribution-gate"
    assert {one.what for one in told.difference} == {"added", "removed"}
    assert ("removed-node", "my.ttl") in {(found.code, found.location.path) for found in told.report}


def test_too_many_at_once_are_told_when_to_come_again(gate: Gate, runner: asyncio.Runner) -> None:
    async def crowd() -> list[Any]:
        await gate.start()
        return await asyncio.gather(*(gate.examine("s.ttl", SLOW) for _ in range(8)), return_exceptions=True)

    told = runner.run(crowd())
    turned_away = [error for error in told if isinstance(error, Overloaded)]
    assert len(turned_away) >= 4  # two are examined, two may wait
    assert all(error.seconds > 0 for error in turned_away)
    assert all(isinstance(error, Overloaded | BudgetExceeded) for error in told)


def test_who_leaves_ends_the_examination(patient: Gate, runner: asyncio.Runner) -> None:
    async def leave() -> list[int]:
        await patient.start()
        task = asyncio.create_task(patient.examine("s.ttl", SLOW))
        while not (found := [child for pid in examiners() for child in children(pid)]):
            await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        end = asyncio.get_running_loop().time() + PATIENCE
        while alive(found) and asyncio.get_running_loop().time() < end:
            await asyncio.sleep(0.02)
        return alive(found)

    assert runner.run(leave()) == []


def test_a_file_is_examined_where_no_file_can_be_made_changed_or_removed(
    patient: Gate, runner: asyncio.Runner
) -> None:
    """That the filter of system calls denies all of these is tested with the workers of queries."""

    async def look() -> tuple[str, str]:
        await patient.start()
        task = asyncio.create_task(patient.examine("s.ttl", SLOW))
        told, limits = "", ""
        while "Seccomp:\t2" not in told and not task.done():  # before, the child is not confined yet
            for pid in (child for parent in examiners() for child in children(parent)):
                with suppress(FileNotFoundError, ProcessLookupError):
                    told = Path(f"/proc/{pid}/status").read_text()
                    limits = Path(f"/proc/{pid}/limits").read_text()
            await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return told, limits

    told, limits = runner.run(look())
    assert "Seccomp:\t2" in told
    assert "NoNewPrivs:\t1" in told
    (line,) = (line for line in limits.splitlines() if line.startswith("Max file size"))
    assert line.split()[3:5] == ["0", "0"]


def test_an_examiner_has_one_thread_and_one_that_is_killed_is_replaced(
    space: Workspace, runner: asyncio.Runner
) -> None:
    async def kill() -> Examined:
        before = set(examiners())
        gate = Gate(space)
        try:
            await gate.start()
            (pid,) = set(examiners()) - before
            assert len(list(Path(f"/proc/{pid}/task").iterdir())) == 1
            task = asyncio.create_task(gate.examine("s.ttl", SLOW))
            while not children(pid):
                await asyncio.sleep(0.01)
            (child,) = children(pid)
            os.kill(pid, signal.SIGKILL)
            with pytest.raises(EngineFailed, match="again"):
                await task
            await gate.start()
            told = await gate.examine("my.ttl", objection("gate"))
            within(lambda: state(child) in {"Z", ""})  # it does not outlive its parent
            return told
        finally:
            await gate.stop()

    assert runner.run(kill()).report.ok


def test_after_a_change_of_the_folder_the_gate_can_follow(tmp_path: Path, runner: asyncio.Runner) -> None:
    graph = tmp_path / "graph"
    shutil.copytree(resources.graph(), graph)
    space = Workspace.open(graph)
    answer = objection("first")

    async def follow() -> tuple[Examined, Examined, Examined]:
        gate = Gate(space)
        try:
            await gate.start()
            (graph / "first.ttl").write_bytes(answer)
            before = await gate.examine("second.ttl", answer.replace(b"first", b"second"))
            again = space.reopened()
            await gate.reload(again)
            after = await gate.removal("first.ttl")
            (graph / "broken.ttl").write_bytes(b"broken")
            with pytest.raises(EngineFailed, match=r"broken\.ttl"):
                await gate.reload(space)
            return before, after, await gate.removal("first.ttl")
        finally:
            await gate.stop()

    before, after, still = runner.run(follow())
    assert before.impact is not None
    assert before.impact["flips"]
    assert after.graph is not None
    assert after.graph.endswith("contribution-first")
    assert still == after


def test_a_gate_that_starts_for_somebody_who_leaves_serves_the_next_and_ends_with_the_rest(
    space: Workspace, runner: asyncio.Runner
) -> None:
    before = set(examiners())

    async def leave(gate: Gate) -> None:
        asking = asyncio.create_task(gate.examine("mine.ttl", objection("mine")))
        await asyncio.sleep(0.01)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)

    async def visit() -> tuple[set[int], set[int]]:
        gate = Gate(space)
        await leave(gate)
        assert gate._starting is not None
        await asyncio.wait([gate._starting])
        first = set(examiners()) - before
        assert (await gate.examine("mine.ttl", objection("mine"))).report.ok
        second = set(examiners()) - before
        await gate.stop()
        unused = Gate(space)
        await leave(unused)
        assert unused._starting is not None
        await asyncio.wait([unused._starting])
        await unused.stop()
        return first, second

    first, second = runner.run(visit())
    assert len(first) == 1
    assert second == first
    within(lambda: set(examiners()) == before)
