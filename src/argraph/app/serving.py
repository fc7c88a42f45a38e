"""The server as a process: what it opens, keeps and closes, from its port to its end."""

from __future__ import annotations

import errno
import logging
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final

import uvicorn

from argraph import keeping, resources
from argraph.app.api import create_app
from argraph.app.connection import MAX_HEAD, Connection
from argraph.app.desk import Records
from argraph.app.endpoint import Limits
from argraph.app.follow import Follower
from argraph.app.gate import Care
from argraph.app.memory import share_one_heap
from argraph.app.reception import Quota
from argraph.argument.scores import Scores
from argraph.contribution.archive import Archive
from argraph.contribution.files import signature
from argraph.contribution.history import Chronicle
from argraph.errors import ServerFailed, StoreFailed
from argraph.keeping import Keeper
from argraph.progress import Report, silent
from argraph.rdf.snapshots import Publisher
from argraph.rdf.states import Publishing
from argraph.workspace import Workspace

_LOG: Final = logging.getLogger("argraph.server")


def serve(
    graph: Path | None,
    *,
    host: str,
    port: int,
    announce: Callable[[str], None],
    queries: Path | None = None,
    store: Callable[[], Publishing] = Publisher.open,
    limits: Limits | None = None,
    scores: Path | None = None,
    data: Path | None = None,
    anonymous: bool = False,
    quota: Quota | None = None,
    care: Care | None = None,
    as_of: datetime | None = None,
    follow: float | None = None,
    load: Callable[[], None] | None = None,
    report: Report = silent,
) -> None:
    """Serve a debate until the process is told to stop (Ctrl+C or SIGTERM).

    Args:
        graph: Folder of Turtle files; None for the shipped debate.
        host: Name or address to listen on, IPv4 or IPv6.
        port: Port to listen on; 0 takes a free one.
        announce: Is told the address as soon as connections are accepted.
        queries: Folder of saved queries beside the shipped ones, which may change meanwhile.
        store: Opens the store that queries are answered from; by default a temporary one.
        limits: What may be spent on queries.
        scores: Turtle file with base scores to use instead of the shipped ones.
        data: Folder where contributions are kept; without one, none are taken. Needs `graph`, which those
            that are accepted are written into.
        anonymous: Whether contributions are taken from people without a token.
        quota: How much of checking and handing in one client may do.
        care: What may be spent on checking files.
        as_of: Show the debate as it was then, and take no contributions.
        follow: Seconds after which the folder is looked at again, to show what others have changed there;
            `data` is then the folder of the server that takes contributions, and is only read.
        load: Is called when the files are as they shall be, before the store is opened: may fill it.
        report: Is told how far it is with what takes long.

    Raises:
        ResourceMissing: The folder is not there or holds no Turtle file, or there is no file of scores.
        BrokenGraph: A file in it is not valid Turtle, or the file of scores cannot be used.
        StoreFailed: The store cannot be used.
        LedgerFailed: The folder of contributions cannot be used.
        GraphNotWritable: The folder of the debate cannot be written, and contributions are to be taken.
        ServerFailed: The port is taken, the host is not an address of this machine, or another server has the
            folder of contributions.
    """
    if data is not None and graph is None:
        raise ServerFailed(
            "The debate that ships with argraph is never written into: name a folder with --graph as well."
        )
    share_one_heap()
    with _listen(host, port) as listener, ExitStack() as stack:
        seen = signature(graph) if follow and graph else None  # before anything is read
        records, chronicle = None, None
        if data is not None and graph is not None and as_of is None:
            if follow is None:  # before the debate is read, since it may be repaired
                records = Records.open(data, graph)
                stack.callback(records.close)
            chronicle = Chronicle.of(records.ledger) if records else Chronicle.read(data)
        if load is not None:
            load()
        publisher = store()
        stack.callback(publisher.close)
        keeper = None
        if isinstance(publisher, Publisher) and publisher.lasting is not None and as_of is None:
            keeper = Keeper(publisher.lasting, report)
        workspace = None
        if keeper is not None:
            workspace = _restored(keeper, publisher, graph, scores, queries, chronicle, report)
        if workspace is None:
            workspace = Workspace.open(
                graph,
                scores=scores,
                queries=queries,
                chronicle=chronicle,
                data=data,
                as_of=as_of,
                report=report,
            )
            workspace.prepare(report, index=keeper is None)
            if isinstance(publisher, Publisher):
                publisher.outdate()
        follower = Follower(workspace, seen, seconds=follow, data=data) if follow and seen else None
        app = create_app(
            workspace,
            publisher=publisher,
            limits=limits,
            records=records,
            anonymous=anonymous,
            quota=quota,
            care=care,
            eager=records is not None,
            follower=follower,
            report=report,
        )
        if keeper is not None:
            _keep(keeper, workspace, publisher)
        config = uvicorn.Config(
            app,
            http=Connection,
            h11_max_incomplete_event_size=MAX_HEAD,
            log_level="warning",
            timeout_graceful_shutdown=3,
            server_header=False,
        )
        shown = f"[{host}]" if ":" in host else host
        titles = ", ".join(f"“{debate.title}”" for debate in workspace.debates) or "a debate"
        titles += f" as of {as_of:%Y-%m-%d %H:%M} UTC" if as_of else ""
        del workspace, follower  # goes when another state is shown
        announce(f"argraph serves {titles} on http://{shown}:{listener.getsockname()[1]}/ (stop with Ctrl+C)")
        with _stopping_quietly():
            uvicorn.Server(config).run(sockets=[listener])


def _restored(
    keeper: Keeper,
    publisher: Publishing,
    graph: Path | None,
    scores: Path | None,
    queries: Path | None,
    chronicle: Chronicle | None,
    report: Report,
) -> Workspace | None:
    """The debate from what is kept beside the store, which follows it; None where that does not serve."""
    folder, base = graph or resources.graph(), Scores.read(scores) if scores else None
    archive = Archive(folder, chronicle)
    workspace = keeper.restored(folder, base, queries=queries, archive=archive)
    if workspace is not None and keeper.before is not None and isinstance(publisher, Publisher):
        workspace.prepare(report)
        keeping.follow(workspace, keeper.before, publisher)
    return workspace


def _keep(keeper: Keeper, workspace: Workspace, publisher: Publishing) -> None:
    """Keep what was computed for the next start; where that fails, it takes longer."""
    if isinstance(publisher, Publisher):
        try:
            keeper.keep(workspace, publisher)
        except StoreFailed as error:
            _LOG.warning("%s", error)
    keeper.before = None


def _listen(host: str, port: int) -> socket.socket:
    """A socket that accepts connections already: who reads the announcement may connect.

    It names its protocol (TCP), since asyncio turns off Nagle's algorithm only on sockets that do; with it,
    each answer on a kept connection would wait 40 ms.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except (socket.gaierror, UnicodeError):
        raise ServerFailed(
            f"There is no host “{host}”: use --host with a name or address of this machine."
        ) from None
    listener = socket.socket(family, kind, protocol)
    try:
        if os.name == "posix":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(128)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise ServerFailed(
                f"Port {port} is taken by another program: use --port with another number, such as "
                f"--port {port + 1 if port < 65535 else 8000}, or --port 0 for any free one."
            ) from None
        if error.errno == errno.EACCES:
            raise ServerFailed(f"Port {port} is reserved: use --port with a number from 1024.") from None
        raise ServerFailed(f"argraph cannot listen on {host}, port {port}: {error.strerror}.") from None
    return listener


@contextmanager
def _stopping_quietly() -> Iterator[None]:
    """Let the signals that stop the server end it like a return.

    uvicorn raises a signal that it has caught once more when it is done; here nothing more is to happen then.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # signals arrive in the main thread only
        return
    before = {number: signal.signal(number, lambda *_: None) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
