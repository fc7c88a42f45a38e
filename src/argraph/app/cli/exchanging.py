"""Commands that bring arguments in and take them out: import, export, formats."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from argraph.app.cli.base import graph_option, main, operation
from argraph.errors import ArgraphError, ResourceMissing

if TYPE_CHECKING:
    from argraph.exchange.model import Imported, LossReport

_strict = click.option(
    "--strict", is_flag=True, help="Write nothing when anything would be dropped or changed."
)
_report = click.option(
    "--report",
    metavar="text|json|FILE",
    help="The full report of losses: on standard error as text or json, or into a file (.json or text).",
)


@main.command("import")
@click.argument("form", metavar="FORMAT")
@click.argument("files", metavar="FILE…", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), metavar="DIR", help="Write the debate there."
)
@click.option("--base", metavar="IRI", help="What the addresses of its nodes begin with.")
@click.option(
    "--title", default="", metavar="TEXT", help="Title of the debate (default: what the file says)."
)
@click.option("--language", default="en", show_default=True, metavar="TAG", help="Language of the texts.")
@click.option("--creator", metavar="IRI", help="Who answers for the import, such as https://orcid.org/…")
@click.option("--licence", metavar="IRI", help="Licence of the source (default: copyright not evaluated).")
@_strict
@_report
@operation
def import_(
    form: str,
    files: tuple[Path, ...],
    output: Path | None,
    base: str | None,
    title: str,
    language: str,
    creator: str | None,
    licence: str | None,
    strict: bool,
    report: str | None,
) -> None:
    """Read files of another format and write them as a debate in Turtle.

    What is not carried over as it was stands in a report of losses. Exit code 1: --strict, and something
    would be lost. See “argraph formats” for the names of formats.

    \b
    Examples:
      argraph import aif nodeset123.json -o my-debate
      argraph import csv nodes.csv links.csv -o my-debate --base https://example.org/my-debate/
      argraph import aif nodeset123.json --report losses.json > debate.ttl
    """
    from argraph.exchange import registry, turtle
    from argraph.exchange.model import Ledger

    if output is None and len(files) > 1 and registry.get(form).bundle is None:
        raise click.UsageError("Several files become several contributions: name a folder with -o DIR.")
    found = _read(form, files)
    place = turtle.Place(
        base=base or f"https://example.org/{turtle.stem_of(files[0].name)}/",
        title=title,
        creator=creator or turtle.IMPORTER,
        licence=licence or turtle.NOT_EVALUATED,
        language=language,
    )
    written, settled = turtle.contributions(found, place, single=output is None)
    ledger = Ledger()
    for imported in found:
        where = f"{Path(imported.name).name}: " if len(found) > 1 else ""
        for loss in (*imported.losses.losses, *settled[imported.name]):
            ledger.extend([replace(loss, place=where + loss.place)])
    losses = ledger.report()
    _tell(losses, report)
    if strict and not losses.ok:
        sys.exit(1)
    if base is None:
        click.echo(f"argraph: the nodes live under {place.base}: choose an address with --base.", err=True)
    if output is None:
        click.echo(b"".join(written.values()), nl=False)
        return
    for name, data in written.items():
        _write(output / name, data, parents=True)
    click.echo(
        f"Wrote {len(written)} files to {output}. Check them: argraph check {output} --against {output}"
    )


def _read(form: str, files: tuple[Path, ...]) -> list[Imported]:
    from argraph.exchange import registry

    contents = {}
    for path in files:
        try:
            contents[str(path)] = path.read_bytes()
        except OSError as error:
            raise ResourceMissing(f"{path} cannot be read: {error.strerror}.") from error
    bundle = registry.get(form).bundle
    if bundle is not None and len(contents) > 1:
        contents = {f"{Path(files[0]).parent.name or 'tables'}.zip": bundle(contents)}
    return [registry.load(data, name, form) for name, data in contents.items()]


@main.command()
@click.argument("form", metavar="FORMAT")
@click.option(
    "--focus",
    metavar="NODE",
    help="Only what leads to this statement, finding or step; of a study, the study.",
)
@click.option(
    "--depth", type=click.IntRange(0, 1000), metavar="K", help="So many steps from the focus (default: all)."
)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write here."
)
@graph_option
@_strict
@_report
@operation
def export(
    form: str,
    focus: str | None,
    depth: int | None,
    output: Path | None,
    graph: Path | None,
    strict: bool,
    report: str | None,
) -> None:
    """Write a debate, or the part around a node, in another format.

    What the format cannot say stands in a report of losses. Exit code 1: --strict, and something would be
    lost.

    \b
    Examples:
      argraph export aif -o debate.json
      argraph export csv -o debate.zip --report losses.txt
      argraph export graphml --focus pil-safety --depth 2 > safety.graphml
    """
    from argraph.workspace import Workspace

    if depth is not None and focus is None:
        raise click.UsageError("A depth is counted from somewhere: name a node with --focus.")
    exported = Workspace.open(graph).exported(form, focus=focus, depth=depth)
    _tell(exported.losses, report)
    if strict and not exported.losses.ok:
        sys.exit(1)
    if output is not None:
        _write(output, exported.data)
        click.echo(f"{output}: {len(exported.data) / 1024:,.0f} kB", err=True)
    elif exported.data[:2] == b"PK" and sys.stdout.isatty():
        raise click.UsageError("An archive is nothing for a terminal: name a file with -o FILE.")
    else:
        click.echo(exported.data, nl=False)


@main.command()
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def formats(form: str) -> None:
    """List the formats that import reads and export writes.

    \b
    Examples:
      argraph formats
      argraph formats --format json
    """
    from argraph.exchange.registry import FORMATS

    if form == "json":
        listed = [
            {
                "name": f.name,
                "about": f.about,
                "extensions": f.extensions,
                "media": f.media,
                "written": f.dump is not None,
            }
            for f in FORMATS.values()
        ]
        click.echo(json.dumps(listed, indent=2))
        return
    for known in FORMATS.values():
        click.echo(f"{known.name:<9} {known.about} ({', '.join(known.extensions)})")
    click.echo(f"{'dot':<9} a diagram for Graphviz; export only (.dot)")


def _tell(losses: LossReport, report: str | None) -> None:
    """The summary on standard error, or the whole report where it is wanted."""
    if report == "json":
        click.echo(losses.json(), err=True)
    elif report == "text":
        click.echo(losses.text(), err=True)
    else:
        if report is not None:
            text = losses.json() if report.endswith(".json") else losses.text()
            _write(Path(report), (text + "\n").encode("utf-8", "replace"))
        summary = losses.text().rpartition("\n")[2]
        where = f" (see {report})" if report else "" if not losses.losses else " (--report text tells which)"
        click.echo(f"argraph: {summary}{where}", err=True)


def _write(path: Path, data: bytes, *, parents: bool = False) -> None:
    try:
        if parents:
            path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    except OSError as error:
        raise ArgraphError(f"{path} cannot be written: {error.strerror}.") from error
