"""Command of a host: serve."""

from __future__ import annotations

from pathlib import Path

import click

from argraph.app.cli.base import graph_option, main, operation, scores_option


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="Port; 0 takes a free one."
)
@graph_option
@scores_option
@operation
def serve(host: str, port: int, graph: Path | None, scores: Path | None) -> None:
    """Serve a debate: pages, node data and SPARQL.

    \b
    Examples:
      argraph serve
      argraph serve --port 8123 --graph my-debate/
    """
    from argraph.app.api import serve as run

    run(graph, scores=scores, host=host, port=port, announce=click.echo)
