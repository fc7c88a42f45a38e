"""Commands of a contributor: new, check, impact."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from argraph.app.cli.base import format_option, graph_option, main, operation, scores_option
from argraph.errors import ResourceMissing

if TYPE_CHECKING:
    from argraph.workspace import Workspace

_places = click.argument(
    "places", metavar="FILE|DIR…", type=click.Path(path_type=Path), nargs=-1, required=True
)
_against = click.option(
    "--against",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Graph that the files would join (default: the debate that ships with argraph; none where the files "
    "describe a debate of their own).",
)


@main.command()
@click.argument("kind", type=click.Choice(["claim", "objection", "rebuttal", "evidence", "study"]))
@click.option("--name", default="", metavar="NAME", help="Name of the new node, in lower case with hyphens.")
@click.option(
    "--against",
    "--to",
    "end",
    metavar="NODE",
    help="What it is put forward against, or for; for evidence, what it bears on.",
)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="Write there; never over a file."
)
@graph_option
@operation
def new(kind: str, name: str, end: str | None, output: Path | None, graph: Path | None) -> None:
    """Print a commented Turtle scaffold for a contribution; fill its blanks, then check it.

    \b
    Examples:
      argraph new objection --against pil-safety > my-objection.ttl
      argraph new evidence --to cl-many-eyes --name smith2026 -o smith2026.ttl
    """
    from argraph.workspace import Workspace

    text = Workspace.open(graph).scaffold(kind, name=name, end=end)
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        with output.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except OSError as error:
        raise ResourceMissing(f"{output} cannot be written: {error.strerror}.") from error
    click.echo(f"Wrote {output}. Fill its blanks, then: argraph check {output}")


def _joined(
    places: tuple[Path, ...], against: Path | None, scores: Path | None = None, *, whole: bool = False
) -> Workspace:
    """The graph that files would join: an empty one where they are, or are said to be, a whole debate."""
    from argraph.contribution import check
    from argraph.rdf.store import Store, read_files
    from argraph.workspace import Workspace

    if whole:
        return Workspace(places[0], Store())
    workspace = Workspace.open(against, scores=scores)
    if against is None:
        known = {debate.base for debate in workspace.debates}
        if check.debates(read_files(*places)) - known:
            return Workspace(places[0], Store(), workspace.scores)
    return workspace


@main.command()
@_places
@_against
@format_option(
    text="people",
    json="programs",
    sarif="code scanning",
    github="annotations of a pull request",
    turtle="SHACL tools, as a validation report",
)
@click.option("--whole", is_flag=True, help="The files are the whole graph: they join no other.")
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    metavar="N",
    help="Processes that share the work (default: as many as there are processors, and one where the files "
    "are few). What is found does not depend on it.",
)
@operation
def check(places: tuple[Path, ...], against: Path | None, form: str, whole: bool, jobs: int | None) -> None:
    """Check Turtle files: every fault with its place and a fix.

    Exit code 0: nothing stands in the way (there may be warnings). 1: violations. 2: wrong usage.
    3: the check could not run.

    \b
    Examples:
      argraph check my-contribution.ttl
      argraph check graph/ --whole --format sarif > faults.sarif
    """
    from argraph.app.cli.progress import Lines
    from argraph.contribution import report
    from argraph.contribution.workers import Workers

    if whole and against is not None:
        raise click.UsageError("With --whole the files join no other graph: leave out --against.")
    found = _joined(places, against, whole=whole).check(*places, workers=Workers(jobs, Lines()))
    click.echo(report.render(found, form, color=form == "text" and sys.stdout.isatty()))  # type: ignore[arg-type]
    sys.exit(0 if found.ok else 1)


@main.command()
@_places
@_against
@format_option(text="people", json="programs", markdown="a comment on a pull request")
@click.option("--whole", is_flag=True, help="The files are the whole graph as it would be: others would go.")
@scores_option
@operation
def impact(
    places: tuple[Path, ...], against: Path | None, form: str, whole: bool, scores: Path | None
) -> None:
    """Show what files would change: what would stand or fall, by which path, and what it would hang on.

    Exit code 1: a file cannot be read as Turtle.

    \b
    Examples:
      argraph impact my-contribution.ttl
      argraph impact my-contribution.ttl --format markdown
      argraph impact graph/ --whole --against graph-before/
    """
    from argraph.contribution import impact_report, report

    workspace = _joined(places, against, scores)
    change, faults = workspace.impact(*places, whole=whole)
    if change is None:
        click.echo(report.render(faults, "text", color=sys.stderr.isatty()), err=True)
        sys.exit(1)
    click.echo(impact_report.render(change, form))  # type: ignore[arg-type]
