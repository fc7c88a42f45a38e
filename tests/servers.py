"""Real servers on ports of their own: argraph's, and the one that it is compared with."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import uvicorn

from argraph.app.api import create_app
from argraph.app.desk import Records
from argraph.app.endpoint import Limits
from argraph.app.reception import Quota
from argraph.workspace import Workspace

from .conftest import absent


@contextmanager
def served(
    workspace: Workspace,
    *,
    limits: Limits | None = None,
    records: Records | None = None,
    anonymous: bool = False,
    quota: Quota | None = None,
) -> Iterator[httpx.Client]:
    """A client of a real server: the framework's test client decodes addresses twice."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(128)  # who connects before the server is up waits, and is not refused
        app = create_app(workspace, limits=limits, records=records, anonymous=anonymous, quota=quota)
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{listener.getsockname()[1]}", timeout=60) as client:
                yield client
        finally:
            server.should_exit = True
            thread.join(30)


@contextmanager
def oxigraph() -> Iterator[httpx.Client]:
    """A client of an empty `oxigraph serve`, which answers at `/query`, `/update`, `/store` and `/sparql`."""
    program = Path(sys.executable).with_name("oxigraph")
    if not program.exists():
        absent("oxigraph is not installed: pip install oxigraph")
    process, place = _bound(program)
    try:
        with httpx.Client(base_url=f"http://{place}", timeout=60) as client:
            yield client
    finally:
        process.kill()
        process.wait()


def _bound(program: Path) -> tuple[subprocess.Popen[bytes], str]:
    """A server that answers, and where; its port may be taken by somebody else before it comes to bind it."""
    for _ in range(5):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            place = f"127.0.0.1:{free.getsockname()[1]}"
        process = subprocess.Popen(
            [program, "serve", "--bind", place], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        end = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < end:
            # Asked before looking once more whether it lives: else the one that answers may be another.
            with suppress(httpx.TransportError):
                httpx.get(f"http://{place}/query", params={"query": "ASK {}"}, timeout=60).raise_for_status()
                time.sleep(0.1)
                if process.poll() is None:
                    return process, place
            time.sleep(0.05)
        process.kill()
        process.wait()
    raise AssertionError("oxigraph does not start")
