"""A process that is killed while it publishes leaves a store that opens, and nothing in its way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyoxigraph as ox

from argraph.rdf.snapshots import Publisher, in_memory

WRITER = """
import sys
import pyoxigraph as ox
from pathlib import Path
from argraph.rdf.snapshots import Publisher
publisher = Publisher.open(Path(sys.argv[1]))
n = ox.NamedNode
for state in range(10**6):
    names = [f"http://example.org/{i}" for i in range(state, state + 500)]
    publisher.publish([ox.Quad(n(i), n("urn:p"), n("urn:o"), n("urn:g")) for i in names], str(state))
    print(state, flush=True)
"""


def test_a_writer_killed_at_any_moment_leaves_a_store_that_opens(tmp_path: Path) -> None:
    for pause in (0.0, 0.011, 0.023, 0.031, 0.047, 0.003):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE
        ) as writer:
            assert writer.stdout is not None
            assert writer.stdout.readline().strip() == b"0"
            time.sleep(pause)
            writer.send_signal(signal.SIGKILL)
        publisher = Publisher.open(tmp_path)
        last = ox.Quad(*map(ox.NamedNode, ("urn:z", "urn:p", "urn:o", "urn:g")))
        snapshot = publisher.publish([last], "after")
        assert set(ox.Store.read_only(str(snapshot.folder))) == set(in_memory([last]))
        assert len(list((tmp_path / "snapshots").iterdir())) == 1, "what the killed one had published is gone"
        publisher.close()
        del publisher


def test_what_a_killed_process_kept_in_a_temporary_folder_is_swept_away() -> None:
    code = WRITER.replace("Publisher.open(Path(sys.argv[1]))", "Publisher.open()") + "\n"
    code = code.replace("print(state, flush=True)", "print(publisher.current.folder, flush=True)")
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        folder = Path(writer.stdout.readline().decode().strip()).parents[1]
        assert folder.exists()
        writer.kill()
    assert folder.name.startswith(f"argraph-store-{writer.pid}-")
    assert not Path("/proc", str(writer.pid)).exists() or os.name != "posix"
    Publisher.open().close()
    assert not folder.exists()
