"""Command of a maintainer: token."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import click

from argraph.app.cli.base import form_option, main, operation

if TYPE_CHECKING:
    from argraph.contribution.tokens import Token

_UNITS: Final = {"m": 60, "h": 3600, "d": 86_400, "w": 7 * 86_400, "y": 365 * 86_400}

_data = click.option(
    "--data",
    type=click.Path(path_type=Path),
    metavar="DIR",
    required=True,
    help="Folder where the server keeps contributions; it may be running.",
)


def _span(context: click.Context, parameter: click.Parameter, value: str | None) -> timedelta | None:
    """A duration such as 90d."""
    if value is None:
        return None
    found = re.fullmatch(r"([0-9]{1,6})([mhdwy])", value.strip().lower())
    if found is None or int(found[1]) == 0:
        raise click.BadParameter(f"“{value}” is not a time such as 12h, 90d, 8w or 1y.")
    return timedelta(seconds=int(found[1]) * _UNITS[found[2]])


@main.group()
def token() -> None:
    """Say who may hand contributions in to a server, and who may decide about them.

    \b
    Examples:
      argraph token create ada --data data/
      argraph token list --data data/
    """


@token.command()
@click.argument("name")
@click.option(
    "--role",
    type=click.Choice(["contributor", "reviewer"]),
    default="contributor",
    show_default=True,
    help="A contributor hands in and withdraws what is theirs; a reviewer decides, too.",
)
@click.option(
    "--expires",
    callback=_span,
    metavar="TIME",
    help="After how long it is refused, such as 90d (default: never).",
)
@_data
@form_option
@operation
def create(
    name: str,
    role: Literal["contributor", "reviewer"],
    expires: timedelta | None,
    data: Path,
    form: str,
) -> None:
    """Make a token for NAME and show it, this once: only a digest of it is kept.

    It alone goes to standard output, so that it can be sent on without being seen.

    \b
    Examples:
      argraph token create ada --data data/ --expires 90d
      argraph token create grace --role reviewer --data data/ > token.txt
    """
    from argraph.contribution.tokens import Tokens

    with Tokens.open(data) as tokens:
        secret = tokens.create(name, role, expires)
        (made,) = (told for told in tokens.list() if told.name == name and told.valid)
    if form == "json":
        click.echo(json.dumps({**_told(made), "token": secret}, indent=2))
        return
    until = f"until {made.expires:%Y-%m-%d %H:%M} UTC" if made.expires else "until it is revoked"
    click.echo(f"The token of {name}, a {role}, {until}. It is not shown again:", err=True)
    click.echo(secret)


@token.command("list")
@_data
@form_option
@operation
def list_(data: Path, form: str) -> None:
    """List the tokens: whose, what they allow, and until when. Secrets are kept nowhere.

    \b
    Example:
      argraph token list --data data/ --format json
    """
    from argraph.contribution.tokens import Tokens

    with Tokens.open(_existing(data)) as tokens:
        found = tokens.list()
    if form == "json":
        click.echo(json.dumps([_told(one) for one in found], indent=2))
        return
    if not found:
        click.echo(f"There are no tokens: argraph token create NAME --data {data}")
    for one in found:
        until = f"until {one.expires:%Y-%m-%d}" if one.expires else "without end"
        state = until if one.valid else "revoked" if one.revoked else "expired"
        used = f"last used {one.used}" if one.used else "never used"
        click.echo(f"{one.name:<20} {one.role:<12} {state:<18} {used}")


@token.command()
@click.argument("name")
@_data
@form_option
@operation
def revoke(name: str, data: Path, form: str) -> None:
    """Refuse the token of NAME from now on, and end the sessions that it began.

    \b
    Example:
      argraph token revoke ada --data data/
    """
    from argraph.contribution.tokens import Tokens

    with Tokens.open(_existing(data)) as tokens:
        tokens.revoke(name)
    click.echo(
        json.dumps({"revoked": name}) if form == "json" else f"The token of {name} is refused from now on."
    )


def _existing(data: Path) -> Path:
    """A data folder that is there: only `create` makes one."""
    from argraph.errors import ResourceMissing

    if not data.is_dir():
        raise ResourceMissing(f"There is no folder {data}: “argraph token create” makes it, or the server.")
    return data


def _told(one: Token) -> dict[str, Any]:
    def time(at: datetime | None) -> str | None:
        return at.isoformat() if at else None

    return {
        "name": one.name,
        "role": one.role,
        "valid": one.valid,
        "created": time(one.created),
        "expires": time(one.expires),
        "revoked": time(one.revoked),
        "used": one.used.isoformat() if one.used else None,
    }
