"""Real servers on ports of their own: argraph's, and the one that it is compared with."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
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
            with httpx.Client(base_url=f"http://127.0.0.1:{listener.getsockname()[1]}", timeout=30) as client:
                yield client
        finally:
            server.should_exit = True
            thread.join(10)


@contextmanager
def oxigraph() -> Iterator[httpx.Client]:
    """A client of an empty `oxigraph serve`, which answers at `/query`, `/update`, `/store` and `/sparql`."""
    program = Path(sys.executable).with_name("oxigraph")
    if not program.exists():
        absent("oxigraph is not installed: pip install oxigraph")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{free.getsockname()[1]}"
    process = subprocess.Popen(
        [program, "serve", "--bind", place], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        with httpx.Client(base_url=f"http://{place}", timeout=30) as client:
            _wait(client, process)
            yield client
    finally:
        process.kill()
        process.wait()


def _wait(client: httpx.Client, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 20
    while True:
        try:
            client.get("/query", params={"query": "ASK {}"}).raise_for_status()
            return
        except httpx.TransportError:
            if process.poll() is not None or time.monotonic() > end:
                raise
            time.sleep(0.05)
