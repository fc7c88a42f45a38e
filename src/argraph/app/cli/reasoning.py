"""Commands that say what stands: status, explain, chain, cruxes, solve."""

from __future__ import annotations

import json
import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from argraph.app.cli.base import (
    form_option,
    format_option,
    graph_option,
    main,
    operation,
    past_options,
    scores_option,
    seconds_option,
    semantics_option,
)

_node = click.argument("node", metavar="NODE")


def _print(data: Any) -> None:
    click.echo(json.dumps(data, indent=2, ensure_ascii=False))


@main.command()
@click.argument("node", metavar="[NODE]", required=False)
@semantics_option("grounded is what argraph says everywhere; the others need argraph[extensions].")
@seconds_option(30.0)
@form_option
@graph_option
@scores_option
@past_options
@operation
def status(
    node: str | None,
    semantics: str,
    seconds: float,
    form: str,
    graph: Path | None,
    scores: Path | None,
    as_of: datetime | None,
    data: Path | None,
) -> None:
    """Say what stands: one NODE, or every statement.

    \b
    Examples:
      argraph status pil-safety
      argraph status --format json
      argraph status th-open-must-win --semantics preferred
    """
    from argraph.workspace import Workspace

    workspace = Workspace.open(graph, scores=scores, data=data, as_of=as_of)
    iri = workspace.resolve(node) if node else None
    if semantics != "grounded":
        accepted = workspace.acceptance(semantics, seconds=seconds, iri=iri)  # type: ignore[arg-type]
        if form == "json":
            _print(accepted)
            return
        for one, (some, every) in accepted.items():
            word = "in every extension" if every else "in some extension" if some else "in no extension"
            click.echo(f"{word:20}  {workspace.label(one)}")
        return
    rows = workspace.statuses(iri)
    if form == "json":
        _print(rows)
        return
    for row in rows:
        click.echo(f"{row['standing']:14}  {row['strength']:>22}  {row['label']}  ({row['reason']})")


@main.command()
@_node
@format_option(text="people", json="programs", turtle="the web of data")
@graph_option
@scores_option
@past_options
@operation
def explain(
    node: str, form: str, graph: Path | None, scores: Path | None, as_of: datetime | None, data: Path | None
) -> None:
    """Say why a NODE stands or does not: what decides it, down to the evidence.

    \b
    Example:
      argraph explain pil-safety
    """
    from argraph.argument import explanation
    from argraph.workspace import Workspace

    workspace = Workspace.open(graph, scores=scores, data=data, as_of=as_of)
    found = explanation.explain(workspace.argument, workspace.verdicts, workspace.resolve(node))
    if form == "json":
        _print(explanation.to_json(found))
    elif form == "turtle":
        click.echo(explanation.to_turtle(found), nl=False)
    else:
        click.echo(explanation.to_text(found, shutil.get_terminal_size((100, 24)).columns))


@main.command()
@_node
@click.argument("end", metavar="[OTHER]", required=False)
@click.option("--to-thesis", is_flag=True, help="Lead to every thesis instead of to OTHER.")
@click.option("--limit", default=10, show_default=True, type=click.IntRange(1, 1000), help="Chains at most.")
@click.option("--longest", default=12, show_default=True, type=click.IntRange(1, 100), help="Steps at most.")
@form_option
@graph_option
@past_options
@operation
def chain(
    node: str,
    end: str | None,
    to_thesis: bool,
    limit: int,
    longest: int,
    form: str,
    graph: Path | None,
    as_of: datetime | None,
    data: Path | None,
) -> None:
    """Show how a NODE bears on OTHER: chains of support and attack, shortest first.

    \b
    Examples:
      argraph chain rb-marginal-risk pil-safety
      argraph chain cl-many-eyes --to-thesis
    """
    from argraph.argument import chains
    from argraph.workspace import Workspace

    if (end is None) != to_thesis:
        raise click.UsageError("Give the OTHER end of the chain, or --to-thesis.")
    workspace = Workspace.open(graph, data=data, as_of=as_of)
    start = workspace.resolve(node)
    goal = workspace.resolve(end) if end else None
    found = chains.chains(workspace.argument, start, goal, limit=limit, longest=longest)
    if form == "json":
        _print(chains.to_json(workspace.verdicts, found))
    else:
        click.echo(chains.to_text(workspace.argument, workspace.verdicts, found, start=start, end=goal))


@main.command()
@_node
@click.option(
    "--largest",
    default=2,
    show_default=True,
    type=click.IntRange(1, 5),
    help="Size of sets to be complete for.",
)
@form_option
@graph_option
@scores_option
@past_options
@operation
def cruxes(
    node: str,
    largest: int,
    form: str,
    graph: Path | None,
    scores: Path | None,
    as_of: datetime | None,
    data: Path | None,
) -> None:
    """Say what a NODE hangs on: the smallest withdrawals that would change its status.

    For what does not stand, also the smallest sets of objections whose answering would restore it.

    \b
    Example:
      argraph cruxes th-open-must-win
    """
    from argraph.argument import cruxes as search
    from argraph.workspace import Workspace

    workspace = Workspace.open(graph, scores=scores, data=data, as_of=as_of)
    found = search.cruxes(workspace.argument, workspace.scores, workspace.resolve(node), largest=largest)
    if form == "json":
        _print(search.to_json(found))
    else:
        click.echo(search.to_text(workspace.argument, found))


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@semantics_option("All but grounded need argraph[extensions].")
@click.option(
    "--task",
    type=click.Choice(["EE", "SE", "DC", "DS"]),
    default="SE",
    show_default=True,
    help="EE: every extension; SE: one; DC: is ARG in some; DS: is ARG in all.",
)
@click.option("--arg", "argument", metavar="ARG", help="The argument that DC and DS ask about.")
@seconds_option(600.0)
@operation
def solve(file: Path, semantics: str, task: str, argument: str | None, seconds: float) -> None:
    """Solve an abstract framework of the argumentation competition (.af, .apx, .tgf).

    \b
    Example:
      argraph solve instance.af --semantics preferred --task DC --arg 7
    """
    from argraph.exchange import iccma
    from argraph.rdf.store import read_files

    ((name, data),) = read_files(file).items()
    answer = iccma.solve(iccma.read(data, name=name), semantics, task, argument, seconds=seconds)  # type: ignore[arg-type]
    click.echo(answer, nl=False)
