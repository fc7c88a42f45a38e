"""Commands of an analyst: query, queries, stats, audit."""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from argraph.app.cli.base import (
    form_option,
    graph_option,
    main,
    operation,
    past_options,
    queries_option,
    scores_option,
)

if TYPE_CHECKING:
    from argraph.query.header import Parameter


@main.command()
@click.argument("name", required=False)
@click.argument("arguments", metavar="[PARAMETER=VALUE]…", nargs=-1)
@click.option(
    "-e",
    "--expression",
    metavar="SPARQL",
    help="A query given on the spot; “-” reads it from standard input.",
)
@click.option(
    "--format",
    "form",
    default="table",
    show_default=True,
    help="table, csv, tsv, json, xml for rows; turtle, ntriples, jsonld, rdfxml for graphs.",
)
@queries_option
@graph_option
@scores_option
@past_options
@operation
def query(
    name: str | None,
    arguments: tuple[str, ...],
    expression: str | None,
    form: str,
    folder: Path | None,
    graph: Path | None,
    scores: Path | None,
    as_of: datetime | None,
    data: Path | None,
) -> None:
    """Ask a saved query by NAME, or a SPARQL query with -e.

    Standard prefixes, arg: and the debate's own are declared already.

    \b
    Examples:
      argraph query attack node=pil-safety
      argraph query -e 'SELECT ?label { ?x a arg:Objection ; skos:prefLabel ?label }'
      argraph query unanswered-objections --format csv
    """
    from argraph.query import formats
    from argraph.workspace import Workspace

    if (name is None) == (expression is None):
        raise click.UsageError("Give the NAME of a saved query (see “argraph queries”) or a query with -e.")
    workspace = Workspace.open(graph, scores=scores, queries=folder, data=data, as_of=as_of)
    if expression is not None:
        result = workspace.query(sys.stdin.read() if expression == "-" else expression)
    else:
        given = {}
        for argument in arguments:
            key, equals, value = argument.partition("=")
            if not equals:
                raise click.UsageError(f"“{argument}” is not PARAMETER=VALUE, such as node=pil-safety.")
            if key in given:
                raise click.UsageError(f"The parameter {key} is given more than once: give one value.")
            given[key] = value
        result = workspace.ask(name or "", given)
    width = shutil.get_terminal_size((100, 24)).columns
    text = formats.render(result, form, prefixes=workspace.prefixes, width=width)
    click.echo(text, nl=not text.endswith("\n"))


@main.command()
@form_option
@queries_option
@graph_option
@operation
def queries(form: str, folder: Path | None, graph: Path | None) -> None:
    """List the saved queries with their parameters.

    With --queries, each query in that folder is run once, as a server does before it takes it; whatever keeps
    a file from being taken is told, and the exit code is then 1.

    \b
    Examples:
      argraph queries
      argraph queries --queries my-queries/
    """
    from argraph.contribution import report
    from argraph.diagnostics import Report
    from argraph.workspace import Workspace

    workspace = Workspace.open(graph, queries=folder)
    faults = workspace.tried()
    faulty = {fault.location.path for fault in faults}
    kept = workspace.dropped.look().queries if workspace.dropped else {}
    taken = [*workspace.shipped.values(), *(one for path, one in kept.items() if path not in faulty)]
    if form == "json":
        described = [stored.as_data() for stored in taken]
        click.echo(json.dumps(described, indent=2, ensure_ascii=False))
    else:
        for kind, heading in (("explore", "Questions"), ("audit", "What wants a look")):
            click.echo(f"{heading}:")
            for stored in taken:
                if stored.kind == kind:
                    usage = " ".join([stored.name, *(_usage(p) for p in stored.parameters)])
                    click.echo(f"  {click.style(usage, bold=True)}\n      {stored.title}")
    if faults and folder is not None:
        placed = (
            replace(f, location=replace(f.location, path=str(folder / f.location.path))) for f in faults
        )
        click.echo(report.render(Report.of(placed), "text", color=sys.stderr.isatty()), err=True)
        sys.exit(1)


def _usage(parameter: Parameter) -> str:
    """How a parameter is given: `node=IRI`, in brackets where it may be left out."""
    given = f"{parameter.name}={parameter.default or parameter.type.upper()}"
    return given if parameter.required else f"[{given}]"


@main.command()
@form_option
@graph_option
@past_options
@operation
def stats(form: str, graph: Path | None, as_of: datetime | None, data: Path | None) -> None:
    """Count what a graph holds.

    \b
    Example:
      argraph stats --format json
    """
    from argraph.workspace import Workspace

    numbers = Workspace.open(graph, data=data, as_of=as_of).stats()
    if form == "json":
        click.echo(json.dumps(numbers, indent=2))
        return
    for what, number in numbers.items():
        click.echo(f"{number:>8,}  {what}")


@main.command()
@click.option("--all", "everything", is_flag=True, help="List every row, not only the first five.")
@form_option
@graph_option
@past_options
@operation
def audit(everything: bool, form: str, graph: Path | None, as_of: datetime | None, data: Path | None) -> None:
    """List what wants a look: coverage, fairness and open ends, in one report.

    \b
    Examples:
      argraph audit
      argraph audit --format json
    """
    from argraph.workspace import Workspace

    findings = Workspace.open(graph, data=data, as_of=as_of).audit()
    if form == "json":
        described = [
            {"query": f.name, "title": f.title, "summary": f.summary, "columns": f.columns, "rows": f.rows}
            for f in findings
        ]
        click.echo(json.dumps(described, indent=2, ensure_ascii=False))
        return
    for finding in findings:
        count = f"{len(finding.rows)} found" if finding.rows else "none"
        click.echo(f"{click.style(finding.title, bold=True)} {count}")
        shown = finding.rows if everything else finding.rows[:5]
        for row in shown:
            click.echo("  " + " · ".join(cell for cell in row if cell))
        if len(shown) < len(finding.rows):
            click.echo(f"  and {len(finding.rows) - len(shown)} more: argraph query {finding.name}")
