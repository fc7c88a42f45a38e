"""What every command shares: the group, the folder of the graph, and what becomes of errors."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import ParamSpec, TypeVar

import click

from argraph import __version__
from argraph.errors import ArgraphError, BrokenGraph

P = ParamSpec("P")
Command = TypeVar("Command", bound=Callable[..., None])


def operation(command: Callable[P, None]) -> Callable[P, None]:
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


def format_option(**forms: str) -> Callable[[Command], Command]:
    """The option `--format`: each form with what it is for, the first by default."""
    return click.option(
        "--format",
        "form",
        type=click.Choice(list(forms)),
        default=next(iter(forms)),
        show_default=True,
        help=", ".join(f"{form} for {use}" for form, use in forms.items()) + ".",
    )


def semantics_option(note: str) -> Callable[[Command], Command]:
    """The option `--semantics`, with a note for its help."""
    return click.option(
        "--semantics",
        type=click.Choice(["grounded", "complete", "preferred", "stable"]),
        default="grounded",
        show_default=True,
        help=note,
    )


def seconds_option(default: float) -> Callable[[Command], Command]:
    """The option `--seconds`: the time allowed."""
    return click.option(
        "--seconds", type=click.FloatRange(min=0.01), default=default, show_default=True, help="Time allowed."
    )


form_option = format_option(text="people", json="programs")

graph_option = click.option(
    "--graph",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Folder of the debate's Turtle files (default: the debate that ships with argraph).",
)

data_option = click.option(
    "--data",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Folder in which a server keeps the record of contributions.",
)


class _Moment(click.ParamType[datetime]):
    """A day or a moment, as `history.moment` reads it."""

    name = "date"

    def convert(
        self, value: str | datetime, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """See click."""
        if isinstance(value, datetime):
            return value
        from argraph.contribution.history import moment

        try:
            return moment(value)
        except ValueError:
            shown = "".join(c if c.isprintable() else "�" for c in value[:40])
            self.fail(
                f"“{shown}” is no day or time: write 2026-01-31, or 2026-01-31T12:00 (UTC).", param, ctx
            )


as_of_option = click.option(
    "--as-of",
    type=_Moment(),
    metavar="DATE",
    help="The graph as it was at the end of that day, or at that time (UTC); with --data, to the byte. A "
    "server that shows the past takes no contributions.",
)


def past_options(command: Command) -> Command:
    """The options `--as-of` and `--data`: the graph as it was."""
    return as_of_option(data_option(command))


scores_option = click.option(
    "--scores",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Turtle file with base scores to use instead, such as: arg:High arg:baseScore 0.95 .",
)

queries_option = click.option(
    "--queries",
    "folder",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Folder of saved queries (*.rq) beside those that ship with argraph.",
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
