"""Command that tells what became of a debate: log."""

from __future__ import annotations

import json
from pathlib import Path

import click

from argraph.app.cli.base import data_option, form_option, graph_option, main, operation


@main.command()
@click.argument("node", metavar="[NODE]", required=False)
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1), help="Events at most.")
@form_option
@graph_option
@data_option
@operation
def log(node: str | None, limit: int, form: str, graph: Path | None, data: Path | None) -> None:
    """Tell what happened to a NODE, or to the debate: what was added, changed and removed, newest first.

    With --data, from the record of contributions: who handed in what, who accepted it, and when. Without it,
    from what the files say of themselves.

    \b
    Examples:
      argraph log pil-safety
      argraph log --graph my-debate/graph --data my-debate/data
    """
    from argraph import resources
    from argraph.app import history
    from argraph.app.cards import Cards
    from argraph.app.vocabulary import Vocabulary
    from argraph.workspace import Workspace

    workspace = Workspace.open(graph, data=data)
    histories = history.Histories(Cards(workspace, Vocabulary(resources.ontology())))
    if node is None:
        passages = histories.turns(limit)
    else:
        story = histories.story(histories.find(node) or workspace.resolve(node))
        passages = story.passages[:limit]
    if form == "json":
        click.echo(json.dumps(history.listing(passages), indent=2, ensure_ascii=False))
        return
    for passage in passages:
        click.echo(passage.text)
        for line in passage.changes:
            click.echo(f"  {line.text}")
