"""Command that draws: view."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from argraph.app.cli.base import graph_option, main, operation, past_options
from argraph.errors import ResourceMissing

if TYPE_CHECKING:
    from argraph.view.drawing import Form, Scheme

_ENDINGS = {
    "": "html",
    ".html": "html",
    ".htm": "html",
    ".svg": "svg",
    ".png": "png",
    ".dot": "dot",
    ".gv": "dot",
} | {
    ".mmd": "mermaid",
    ".mermaid": "mermaid",
}


@main.command()
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write here."
)
@click.option("--thesis", metavar="T", help="The thesis to begin at (default: the first one).")
@click.option("--focus", metavar="NODE", help="A statement or finding to begin at instead.")
@click.option(
    "--depth",
    type=click.IntRange(0, 1000),
    metavar="K",
    help="Levels of arguments (default: 2 in a picture, else all).",
)
@click.option("--evidence", is_flag=True, help="Show findings in a picture or diagram; a page always does.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["html", "svg", "png", "dot", "mermaid"]),
    help="By default what the name of FILE ends in, else html.",
)
@click.option(
    "--scheme",
    type=click.Choice(["auto", "light", "dark"]),
    default="auto",
    show_default=True,
    help="Colours of an SVG or PNG; auto follows the reader's system.",
)
@graph_option
@past_options
@operation
def view(
    output: Path | None,
    thesis: str | None,
    focus: str | None,
    depth: int | None,
    evidence: bool,
    form: Form | None,
    scheme: Scheme,
    graph: Path | None,
    as_of: datetime | None,
    data: Path | None,
) -> None:
    """Draw a debate: a page that opens from disk without a network, a picture, or a diagram as text.

    \b
    Examples:
      argraph view -o debate.html
      argraph view -o safety.svg --focus pil-safety --depth 1
      argraph view --format mermaid --focus cl-many-eyes
    """
    from argraph.view.stage import Extent
    from argraph.workspace import Workspace

    ending = output.suffix.lower() if output else ""
    if ending not in _ENDINGS and not form:
        raise click.UsageError(
            f"No format is written to files ending in {ending}: take one of "
            f"{', '.join(filter(None, _ENDINGS))}, or say which with --format."
        )
    wanted = form or _ENDINGS[ending]
    if output is None and wanted in {"html", "png"} and sys.stdout.isatty():
        raise click.UsageError(f"A {wanted.upper()} file is nothing for a terminal: name one with -o FILE.")
    workspace = Workspace.open(graph, data=data, as_of=as_of)
    if not (focus or thesis or workspace.argument.theses):
        raise ResourceMissing(f"{workspace.folder} has no thesis to begin at: name a statement with --focus.")
    picture = wanted in {"svg", "png"}
    extent = Extent(
        depth=2 if depth is None and picture else depth,
        limit=None,
        opening=None,
        evidence=evidence or wanted == "html",
        beside=True,
    )
    root = focus or thesis or workspace.argument.theses[0].iri
    content = workspace.drawing(root, wanted, extent, scheme=scheme)  # type: ignore[arg-type]
    if output is None:
        click.echo(content, nl=False)
        return
    try:
        output.write_bytes(content)
    except OSError as error:
        raise ResourceMissing(f"{output} cannot be written: {error.strerror}.") from error
    click.echo(f"{output}: {len(content) / 1024:,.0f} kB", err=True)
