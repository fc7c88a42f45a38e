"""What is admitted does not exhaust the stack of the process that evaluates it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from argraph.query.admission import MAX_BRANCHES

from ...hostile import CHAINS


@pytest.mark.parametrize("kind", CHAINS)
def test_chains_up_to_the_limit_do_not_exhaust_the_stack(kind: str) -> None:
    # In a process of its own with half of the usual stack: what fails there ends the process.
    query = CHAINS[kind](MAX_BRANCHES - 8)
    program = (
        "import sys, threading, pyoxigraph as ox\n"
        "from argraph.query import engine\n"
        "threading.stack_size(4 << 20)\n"
        "thread = threading.Thread(target=engine.run, args=(ox.Store(), sys.argv[1]))\n"
        "thread.start(); thread.join(); print('alive')"
    )
    done = subprocess.run([sys.executable, "-c", program, query], capture_output=True, text=True, timeout=120)
    assert done.stdout == "alive\n", done.stderr
