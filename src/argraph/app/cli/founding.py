"""Command of who starts a debate: init."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from argraph.app.cli.base import main, operation


@main.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--thesis", metavar="TEXT", help="The first thesis, as a full sentence.")
@click.option("--label", metavar="TEXT", help="The thesis in a few words (default: its sentence, shortened).")
@click.option("--title", metavar="TEXT", help="Name of the debate (default: the label).")
@click.option(
    "--base",
    metavar="IRI",
    help="What the addresses of its nodes begin with (default: https://example.org/DIR/).",
)
@click.option("--prefix", metavar="NAME", help="Prefix for the base (default: made from its last part).")
@click.option("--language", metavar="CODE", help="Language of thesis and title (default: en).")
@click.option("--creator", metavar="IRI", help="Your ORCID iD or home page.")
@click.option("--licence", metavar="IRI", help="Terms of the debate (default: CC BY 4.0).")
@click.option("--copy", is_flag=True, help="Start from the debate that ships with argraph instead.")
@click.option(
    "--install",
    "requirement",
    metavar="REQUIREMENT",
    help="What the workflow for pull requests tells pip to install, such as git+https://…@v1 "
    "(default: what this argraph was installed from, where others can get it there).",
)
@operation
def init(folder: Path, copy: bool, requirement: str | None, **given: str | None) -> None:
    """Start a new debate in DIR: a graph with a first thesis, queries, and a check for pull requests.

    DIR must be new, or empty but for .git; nothing is ever written over.

    \b
    Examples:
      argraph init naps --base https://example.org/naps/ --thesis "Schools should allow naps at noon."
      argraph init my-copy --copy
    """
    from argraph.contribution import founding
    from argraph.workspace import Workspace

    values = {name: value for name, value in given.items() if value is not None}
    requirement = requirement or founding.obtainable()
    if copy:
        if values:
            raise click.UsageError(f"--copy takes the debate as it is: leave out --{next(iter(values))}.")
        shipped = Workspace.open()
        thesis = shipped.key(shipped.argument.theses[0].iri)
        files = founding.copied(shipped.debates[0], thesis, requirement=requirement)
    else:
        if not values.get("thesis"):
            raise click.UsageError(
                'Give the first thesis, such as --thesis "Schools should allow naps at noon."'
            )
        if "base" not in values:
            values["base"] = founding.example(folder)
        planned = founding.plan(**values)  # type: ignore[arg-type]
        thesis, files = planned.thesis, founding.begun(planned, requirement=requirement)
    founding.write(folder, files)
    place = shlex.quote(str(folder))
    click.echo(f"Started a debate in {folder}:")
    for name in sorted(files)[:12]:
        click.echo(f"  {name}")
    if len(files) > 12:
        click.echo(f"  and {len(files) - 12} more files")
    if "example.org" in values.get("base", ""):
        click.echo(f"Its nodes live under {values['base']}, an example: choose an address of yours early.")
    click.echo(
        "Next:\n"
        f"  argraph check {place}/graph --whole\n"
        f"  argraph serve --graph {place}/graph --queries {place}/queries\n"
        f"  argraph new claim --to {thesis} --name my-claim --graph {place}/graph "
        f"-o {place}/graph/my-claim.ttl\n"
        "  README.md tells contributors the rest"
        + (f"; the workflow installs “{requirement}”." if requirement else ".")
    )
    if not requirement:
        click.echo(
            "This argraph was not installed from a place that others can reach. So the workflow cannot know "
            "what to install, and ends with that message: write it into ARGRAPH in "
            ".github/workflows/argraph.yml."
        )
