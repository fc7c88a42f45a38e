"""The command line. Exit codes: 0 clean, 1 violations, 2 usage, 3 an operation that cannot go on."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec

import click

from argraph import __version__
from argraph.errors import ArgraphError, BrokenGraph, ResourceMissing

if TYPE_CHECKING:
    from argraph.query.catalogue import Parameter

P = ParamSpec("P")


def _operation(command: Callable[P, None]) -> Callable[P, None]:
    """Turn an operation that cannot go on into a clear line on standard error and exit code 3."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except BrokenGraph as error:
            from argraph.contribution import report

            click.echo(report.render(error.report, "text", color=sys.stderr.isatty()), err=True)
            click.echo(f"argraph: {error}", err=True)
            sys.exit(3)
        except ArgraphError as error:
            click.echo(f"argraph: {error}", err=True)
            sys.exit(3)
        except BrokenPipeError:
            sys.stderr.close()  # the reader of our output left, as `head` does: nothing to say
            sys.exit(0)

    return run


_graph = click.option(
    "--graph",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Folder of the debate's Turtle files (default: the debate that ships with argraph).",
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="argraph")
def main() -> None:
    """A knowledge graph of claims, evidence and objections.

    \b
    Examples:
      argraph serve                        look at the debate in a browser
      argraph check my-file.ttl            what is wrong with my contribution?
      argraph query unanswered-objections  ask a saved question
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


@main.command()
@click.argument("places", metavar="FILE|DIR…", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.option(
    "--against",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Graph that the files link into (default: the debate that ships with argraph).",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "sarif", "github"]),
    default="text",
    show_default=True,
    help="text for people, json for programs, sarif for code scanning, github for pull-request annotations.",
)
@_operation
def check(places: tuple[Path, ...], against: Path | None, form: str) -> None:
    """Check Turtle files: every fault with its place and a fix.

    Exit code 0: nothing stands in the way (there may be warnings). 1: violations. 2: wrong usage.
    3: the check could not run.

    \b
    Examples:
      argraph check my-contribution.ttl
      argraph check graph/ --format sarif > faults.sarif
    """
    from argraph.contribution import report
    from argraph.workspace import Workspace

    found = Workspace.open(against).check(*places)
    click.echo(report.render(found, form, color=form == "text" and sys.stdout.isatty()))  # type: ignore[arg-type]
    sys.exit(0 if found.ok else 1)


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
@_graph
@_operation
def query(
    name: str | None, arguments: tuple[str, ...], expression: str | None, form: str, graph: Path | None
) -> None:
    """Ask a saved query by NAME, or a SPARQL query with -e.

    Standard prefixes, arg: and the debate's own are declared already.

    \b
    Examples:
      argraph query what-attacks node=pil-safety
      argraph query -e 'SELECT ?label { ?x a arg:Objection ; skos:prefLabel ?label }'
      argraph query unanswered-objections --format csv
    """
    from argraph.query import formats
    from argraph.workspace import Workspace

    if (name is None) == (expression is None):
        raise click.UsageError("Give the NAME of a saved query (see “argraph queries”) or a query with -e.")
    workspace = Workspace.open(graph)
    if expression is not None:
        result = workspace.query(sys.stdin.read() if expression == "-" else expression)
    else:
        given = {}
        for argument in arguments:
            key, equals, value = argument.partition("=")
            if not equals:
                raise click.UsageError(f"“{argument}” is not PARAMETER=VALUE, such as node=pil-safety.")
            given[key] = value
        result = workspace.ask(name or "", given)
    width = shutil.get_terminal_size((100, 24)).columns
    text = formats.render(result, form, prefixes=workspace.prefixes, width=width)
    click.echo(text, nl=not text.endswith("\n"))


@main.command()
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@_operation
def queries(form: str) -> None:
    """List the saved queries with their parameters.

    \b
    Example:
      argraph queries
    """
    from argraph import resources
    from argraph.query import catalogue

    saved = catalogue.load(resources.queries())
    if form == "json":
        described = [
            {
                "name": stored.name,
                "kind": stored.kind,
                "title": stored.title,
                "summary": stored.summary,
                "parameters": [
                    {"name": p.name, "type": p.type, "required": p.required, "default": p.default}
                    for p in stored.parameters
                ],
                "columns": [{"name": c.name, "type": c.type} for c in stored.columns],
            }
            for stored in saved.values()
        ]
        click.echo(json.dumps(described, indent=2, ensure_ascii=False))
        return
    for kind, heading in (("explore", "Questions"), ("audit", "What wants a look")):
        click.echo(f"{heading}:")
        for stored in saved.values():
            if stored.kind == kind:
                usage = " ".join([stored.name, *(_usage(p) for p in stored.parameters)])
                click.echo(f"  {click.style(usage, bold=True)}\n      {stored.title}")


def _usage(parameter: Parameter) -> str:
    """How a parameter is given: `node=IRI`, in brackets where it may be left out."""
    given = f"{parameter.name}={parameter.default or parameter.type.upper()}"
    return given if parameter.required else f"[{given}]"


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
@_graph
@_operation
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


@main.command()
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@_graph
@_operation
def stats(form: str, graph: Path | None) -> None:
    """Count what a graph holds.

    \b
    Example:
      argraph stats --format json
    """
    from argraph.workspace import Workspace

    numbers = Workspace.open(graph).stats()
    if form == "json":
        click.echo(json.dumps(numbers, indent=2))
        return
    for what, number in numbers.items():
        click.echo(f"{number:>8,}  {what}")


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="Port; 0 takes a free one."
)
@_graph
@_operation
def serve(host: str, port: int, graph: Path | None) -> None:
    """Serve a debate: pages, node data and SPARQL.

    \b
    Examples:
      argraph serve
      argraph serve --port 8123 --graph my-debate/
    """
    from argraph.app.api import serve as run

    run(graph, host=host, port=port, announce=click.echo)
