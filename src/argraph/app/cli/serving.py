"""Commands of a host: serve, and load for what is large."""

from __future__ import annotations

import logging
import re
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from argraph.app.cli.base import (
    as_of_option,
    data_option,
    graph_option,
    main,
    operation,
    queries_option,
    scores_option,
)
from argraph.app.cli.progress import Lines
from argraph.app.cli.shares import shares_of_contributing
from argraph.rdf.addresses import KINDS, PASSWORD, TOKEN, USER

if TYPE_CHECKING:
    from argraph.app.gate import Care
    from argraph.app.reception import Quota
    from argraph.rdf.states import Publishing

_ADDRESS: Final = re.compile(r"https?://", re.IGNORECASE)
LARGE: Final = 16 * 2**20
"""Bytes of Turtle, about 300,000 triples, from which on a process of its own reads them."""


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="Port; 0 takes a free one."
)
@click.option(
    "--store",
    metavar="DIR|URL",
    help="Keep the store that queries are answered from there (default: in a temporary folder). With the "
    "address of the query endpoint of a SPARQL 1.1 engine, that engine answers them; credentials are taken "
    f"from {USER} and {PASSWORD}, or {TOKEN}.",
)
@click.option("--rebuild", is_flag=True, help="Make that store anew from the files of the debate.")
@click.option("--store-update", metavar="URL", help="Update endpoint of the engine, where not the usual one.")
@click.option("--store-graphs", metavar="URL", help="Graph Store of the engine, where not the usual one.")
@click.option(
    "--engine",
    type=click.Choice([*KINDS]),
    help="What the engine is; by default, it is asked. Says where it takes updates, and how it limits time.",
)
@click.option(
    "--store-rows",
    default=0,
    type=click.IntRange(0),
    metavar="N",
    help="Rows at which the engine silently cuts an answer, where it does; such answers become errors.",
)
@click.option(
    "--workers", default=2, show_default=True, type=click.IntRange(1, 64), help="Queries evaluated at a time."
)
@click.option(
    "--seconds", default=20.0, show_default=True, type=click.FloatRange(0.1), help="Time for one query."
)
@click.option(
    "--rows", default=100_000, show_default=True, type=click.IntRange(1), help="Rows of one answer at most."
)
@click.option(
    "--megabytes", default=32, show_default=True, type=click.IntRange(1), help="Size of one answer at most."
)
@click.option(
    "--memory",
    default=1024,
    show_default=True,
    type=click.IntRange(64),
    help="Memory for one query, in megabytes.",
)
@click.option(
    "--client-seconds",
    default=60.0,
    show_default=True,
    type=click.FloatRange(1),
    help="Seconds of query processing for one client in a minute.",
)
@click.option(
    "--client-errors",
    default=30,
    show_default=True,
    type=click.IntRange(1),
    help="Queries of one client that may fail in a minute.",
)
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Take contributions, and keep the record of them there; those accepted are written into --graph.",
)
@click.option("--anonymous", is_flag=True, help="Take contributions from people without a token, too.")
@click.option(
    "--follow",
    type=click.FloatRange(0.1),
    metavar="SECONDS",
    help="Look at --graph every so many seconds, and show what others have changed there. --data is then the "
    "folder of the server that takes contributions, and is only read.",
)
@shares_of_contributing
@as_of_option
@queries_option
@graph_option
@scores_option
@operation
def serve(
    host: str,
    port: int,
    graph: Path | None,
    folder: Path | None,
    scores: Path | None,
    store: str | None,
    rebuild: bool,
    store_update: str | None,
    store_graphs: str | None,
    engine: str | None,
    store_rows: int,
    workers: int,
    seconds: float,
    rows: int,
    megabytes: int,
    memory: int,
    client_seconds: float,
    client_errors: int,
    data: Path | None,
    anonymous: bool,
    as_of: datetime | None,
    follow: float | None,
    care: Care,
    quota: Quota,
) -> None:
    """Serve a debate: pages, node data and SPARQL.

    No query can hang or crash the server: each runs in a process of its own, within these limits.

    \b
    Examples:
      argraph serve
      argraph serve --port 8123 --graph my-debate/
      argraph serve --store /var/lib/argraph --workers 4 --seconds 10
      argraph serve --store http://localhost:8890/sparql
      argraph serve --queries my-queries/        a file put there is served at once
      argraph serve --graph my-debate/ --data /var/lib/argraph-data
      argraph serve --graph my-debate/ --data /var/lib/argraph-data --follow 2   beside the one above
      argraph serve --graph my-debate/ --data data/ --anonymous --anonymous-files 2
      argraph serve --graph my-debate/ --data /var/lib/argraph-data --as-of 2026-01-31
    """
    _contributes(graph, data, anonymous=anonymous)
    if follow is not None:
        _follows(graph, as_of, anonymous=anonymous)
    remote = store is not None and _ADDRESS.match(store) is not None
    if not remote and (store_update or store_graphs or engine or store_rows):
        raise click.UsageError(
            "--store-update, --store-graphs, --engine and --store-rows are about an engine: name one, such "
            "as --store http://localhost:8890/sparql"
        )
    from argraph.app.endpoint import Limits
    from argraph.app.serving import serve as run
    from argraph.argument.scores import Scores
    from argraph.budget import MIB, Budget
    from argraph.keeping import Keeper
    from argraph.rdf.remote import Engine
    from argraph.rdf.replica import Replica
    from argraph.rdf.snapshots import Publisher

    budget = Budget(seconds=seconds, rows=rows, bytes=megabytes * MIB, memory=memory * MIB)
    limits = Limits(
        workers=workers, budget=budget, client_seconds=client_seconds, client_errors=client_errors
    )
    _log()

    def opened() -> Publishing:
        if not remote or store is None:
            again = rebuild and not _is_large(graph)  # else it was done by `loaded`
            return Publisher.open(Path(store) if store else None, rebuild=again)
        found = Engine.find(
            store, update=store_update or "", graphs=store_graphs or "", kind=engine or "", cap=store_rows
        )
        return Replica(found, rebuild=rebuild, yields=follow is not None)

    def loaded() -> None:
        """Have what is large read and computed by a process that gives back all the memory it took."""
        if graph is None or remote or not store or as_of is not None or not _is_large(graph):
            return
        base = Scores.read(scores) if scores else None
        if not rebuild and Keeper(Path(store), Lines()).fits(graph, base):
            return
        options = {"--graph": graph, "--store": store, "--scores": scores, "--data": data}
        given = [str(word) for option in options.items() if option[1] for word in option]
        again = ["--rebuild"] if rebuild else []
        process = subprocess.run([sys.executable, "-m", "argraph", "load", *given, *again], check=False)  # noqa: S603
        if process.returncode:
            sys.exit(process.returncode if process.returncode > 0 else 3)

    run(
        graph,
        scores=scores,
        host=host,
        port=port,
        load=loaded,
        report=Lines(),
        announce=click.echo,
        queries=folder,
        store=opened,
        limits=limits,
        data=data,
        anonymous=anonymous,
        as_of=as_of,
        follow=follow,
        care=care,
        quota=quota,
    )


def _contributes(graph: Path | None, data: Path | None, *, anonymous: bool) -> None:
    """Refuse to take contributions with nowhere to put them."""
    if data is not None and graph is None:
        raise click.UsageError(
            "--data needs --graph: contributions that are accepted are written there, and never into the "
            "debate that ships with argraph. Such as: argraph serve --graph my-debate/ --data data/"
        )
    if anonymous and data is None:
        raise click.UsageError("--anonymous needs --data: without it, no contributions are taken.")


def _follows(graph: Path | None, as_of: datetime | None, *, anonymous: bool) -> None:
    """Refuse what says nothing together with --follow."""
    if graph is None:
        raise click.UsageError(
            "--follow needs --graph: the debate that ships with argraph does not change. Such as: argraph "
            "serve --graph my-debate/ --follow 2"
        )
    if graph.is_file():
        raise click.UsageError(f"--follow looks at a folder, and {graph} is a file: name its folder.")
    if as_of is not None:
        raise click.UsageError("--follow and --as-of exclude each other: what was does not change any more.")
    if anonymous:
        raise click.UsageError(
            "--follow and --anonymous exclude each other: a server that follows takes no contributions."
        )


@main.command()
@click.option(
    "--store", metavar="DIR", required=True, type=click.Path(path_type=Path), help="Folder of the store."
)
@click.option("--rebuild", is_flag=True, help="Begin anew whatever is in the store.")
@data_option
@graph_option
@scores_option
@operation
def load(store: Path, rebuild: bool, data: Path | None, graph: Path | None, scores: Path | None) -> None:
    """Read a debate, compute all that follows and fill a store, without serving it.

    A server that is then started with that store is ready in seconds, as long as the files stay as they are.
    For large debates, serve does this by itself.

    \b
    Examples:
      argraph load --store /var/lib/argraph --graph my-debate/
      argraph load --store /var/lib/argraph --graph my-debate/ --data /var/lib/argraph-data
    """
    from argraph import keeping, resources

    _log()
    keeping.load(graph or resources.graph(), store, scores=scores, data=data, rebuild=rebuild, report=Lines())


def _is_large(graph: Path | None) -> bool:
    """Whether a debate's files are so many bytes that reading them is better left to another process."""
    if graph is None or not graph.is_dir():
        return False
    size = 0
    for path in graph.rglob("*.ttl"):
        size += path.stat().st_size
        if size >= LARGE:
            return True
    return False


def _log() -> None:
    """Write what is refused, decided and failed to standard error, each line with its time in UTC."""
    form = logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%SZ")
    form.converter = time.gmtime
    handler = logging.StreamHandler()
    handler.setFormatter(form)
    log = logging.getLogger("argraph")
    log.handlers[:] = [handler]
    log.setLevel(logging.INFO)
