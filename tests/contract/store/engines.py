"""Real SPARQL engines on loopback, each a process that can be stopped and started again."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from argraph.rdf.remote import Engine
from argraph.rdf.transport import Credentials

from ...conftest import absent

PACKAGES = (
    *("virtuoso-opensource-7-bin", "virtuoso-opensource-7-common", "libltdl7", "libminizip1"),
    *("libodbcinst2", "libpcre3", "libwbxml2-1"),
)
MOST = 10_000
"""Rows that the Virtuoso of these tests gives at most; its own setting on many public servers."""
INI = """\
[Database]
DatabaseFile = {folder}/virtuoso.db
ErrorLogFile = {folder}/virtuoso.log
LockFile = {folder}/virtuoso.lck
TransactionFile = {folder}/virtuoso.trx
xa_persistent_file = {folder}/virtuoso.pxa
FileExtend = 200
[TempDatabase]
DatabaseFile = {folder}/virtuoso-temp.db
TransactionFile = {folder}/virtuoso-temp.trx
[Parameters]
ServerPort = 127.0.0.1:{sql}
DisableUnixSocket = 1
ServerThreads = 10
CheckpointInterval = 60
NumberOfBuffers = 10000
MaxDirtyBuffers = 6000
CaseMode = 2
DirsAllowed = {folder}
[HTTPServer]
ServerPort = 127.0.0.1:{http}
ServerRoot = {folder}
ServerThreads = 10
HTTPProxyEnabled = 0
[SPARQL]
ResultSetMaxRows = {most}
MaxQueryExecutionTime = 30
"""


class Running:
    """An engine on a port of its own.

    Attributes:
        name: `oxigraph` or `virtuoso`.
        url: Its query endpoint.
        credentials: Of somebody who may change everything.
    """

    def __init__(
        self,
        name: str,
        command: list[str],
        url: str,
        *,
        credentials: Credentials | None = None,
        libraries: str = "",
    ) -> None:
        self.name = name
        self.url = url
        self.credentials = credentials or Credentials()
        self._command = command
        self._environment = {**os.environ, "LD_LIBRARY_PATH": libraries} if libraries else None
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self._process = subprocess.Popen(
            self._command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=self._environment,
        )
        end = time.monotonic() + 90
        while True:
            try:
                urlopen(f"{self.url}?query=ASK%7B%7D", timeout=10).close()
                return
            except HTTPError as error:
                error.close()
                return
            except (URLError, OSError):
                assert self._process.poll() is None, f"{self.name} ends by itself"
                assert time.monotonic() < end, f"{self.name} does not start"
                time.sleep(0.1)

    def stop(self) -> None:
        """Stop it in order."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(30)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None

    def engine(self, credentials: Credentials | None = None) -> Engine:
        """A way to ask it."""
        return Engine.find(self.url, credentials=credentials or self.credentials)

    def environment(self) -> dict[str, str]:
        """What a server of argraph is told of who may write."""
        given = self.credentials
        if not given.user:
            return {}
        return {"ARGRAPH_STORE_USER": given.user, "ARGRAPH_STORE_PASSWORD": given.password}


@contextmanager
def oxigraph(folder: Path) -> Iterator[Running]:
    """`oxigraph serve`, with its data in a folder."""
    program = Path(sys.executable).with_name("oxigraph")
    if not program.exists():
        absent("oxigraph is not installed: pip install oxigraph")
    (port,) = _free(1)
    command = [str(program), "serve", "--location", str(folder / "data"), "--bind", f"127.0.0.1:{port}"]
    with _run(Running("oxigraph", command, f"http://127.0.0.1:{port}/query")) as running:
        yield running


@contextmanager
def virtuoso(folder: Path) -> Iterator[Running]:
    """Debian's Virtuoso, unpacked but not installed: it listens on loopback only and needs no root."""
    root = _unpacked()
    sql, http = _free(2)
    settings = folder / "virtuoso.ini"
    settings.write_text(INI.format(folder=folder, sql=sql, http=http, most=MOST), encoding="utf-8")
    command = [str(root / "usr/bin/virtuoso-t"), "+foreground", "+configfile", str(settings)]
    libraries = f"{root}/usr/lib/x86_64-linux-gnu:{root}/lib/x86_64-linux-gnu"
    running = Running(
        "virtuoso",
        command,
        f"http://127.0.0.1:{http}/sparql",
        credentials=Credentials("dba", "dba"),
        libraries=libraries,
    )
    with _run(running):
        yield running


@contextmanager
def _run(running: Running) -> Iterator[Running]:
    try:
        running.start()
        yield running
    finally:
        running.stop()


def _unpacked() -> Path:
    """The folder outside of the checkout that Virtuoso is unpacked in; fetched the first time."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "argraph-tests"
    root = cache / "virtuoso"
    if (root / "usr/bin/virtuoso-t").exists():
        return root
    if os.uname().machine != "x86_64" or not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        absent("Virtuoso is fetched with apt-get, for Debian on x86_64.")
    fresh = cache / f"virtuoso.{os.getpid()}"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    download, update = ["apt-get", "download", "-qq", *PACKAGES], ["apt-get", "update", "-qq"]
    if _quietly(download, fresh) and (_quietly(update, fresh) or _quietly(download, fresh)):
        shutil.rmtree(fresh)
        absent(f"Virtuoso cannot be fetched: apt-get download {' '.join(PACKAGES)}")
    for package in fresh.glob("*.deb"):
        assert not _quietly(["dpkg-deb", "-x", package.name, "."], fresh)
        package.unlink()
    try:
        fresh.rename(root)
    except OSError:  # another run was quicker
        shutil.rmtree(fresh)
    return root


def _quietly(command: list[str], folder: Path) -> int:
    return subprocess.run(command, cwd=folder, capture_output=True, timeout=300, check=False).returncode


def _free(number: int) -> list[int]:
    """Ports that nobody has."""
    sockets = [socket.socket() for _ in range(number)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()
