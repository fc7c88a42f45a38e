"""Commands of a contributor and a reviewer who work through a server: submit, review."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, NoReturn, TypeVar

import click

from argraph.app.cli.base import form_option, format_option, main, operation
from argraph.app.cli.remote import Remote, Reply, server_option, token_option
from argraph.contribution.printable import visible
from argraph.diagnostics import Diagnostic, Report
from argraph.errors import EndpointFailed, ResourceMissing

T = TypeVar("T")

_LARGEST: Final = 1024 * 1024
_QUEUE: Final = "/api/contributions"
_DONE: Final = frozenset({"pending", "accepted"})  # where the same file need not be handed in again
_MARKS: Final = (
    *("unsupported", "not-a-claim", "unclear", "duplicate", "unrelated"),
    *("more-than-one-claim", "move-elsewhere", "abusive"),
)

_id = click.argument("id")
_comment = click.option("--comment", default="", metavar="TEXT", help="Words to the submitter.")
_marks = click.option(
    "--mark", "marks", multiple=True, type=click.Choice(_MARKS), help="A review mark; repeatable."
)


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@server_option
@click.option("--supersedes", metavar="ID", help="The contribution of yours that this is a newer version of.")
@click.option("--dry-run", is_flag=True, help="Only check it; needs no token.")
@token_option
@format_option(text="people", json="programs", sarif="code scanning")
@operation
def submit(
    file: Path, address: str, supersedes: str | None, dry_run: bool, token_file: Path | None, form: str
) -> None:
    """Hand FILE in to a server, where a reviewer decides about it; faults are shown as “argraph check” does.

    Your token comes from the environment variable ARGRAPH_TOKEN or from --token-file. Exit code 0: it is in
    the queue, or was before, or the check found nothing in the way. 1: violations. 2: wrong usage. 3: the
    server cannot be reached, or does not take it.

    \b
    Examples:
      argraph submit my-objection.ttl --to https://debates.example/ --dry-run
      argraph submit my-objection.ttl --to https://debates.example/ --token-file token.txt
    """
    if dry_run and supersedes:
        raise click.UsageError("A dry run hands nothing in: leave out --supersedes.")
    data = _content(file)
    remote = Remote.of(address, token_file)
    given = {"dry_run": "1"} if dry_run else {"supersedes": supersedes}
    reply = remote.post(_QUEUE, data, "text/turtle", name=file.name, **given)
    if reply.status == 409 and (known := reply.told.get("contribution")):
        _known(remote, reply, _object(known), form)
    if reply.status not in {200, 201, 422} or (found := _findings(reply, file, data)) is None:
        raise EndpointFailed(reply.detail, status=reply.status)
    if form == "json":
        _print(reply.told)
    elif form == "sarif":
        click.echo(_rendered(found, "sarif"))
    else:
        # What has nothing to report is told by what comes of it.
        if reply.status != 201 or len(found):
            click.echo(_rendered(found, "text"))
        if found.ok:
            click.echo(_impact(reply.told.get("impact")), nl=False)
        if reply.status == 201:
            click.echo(f"It waits for its review: {remote.page(_text(reply.told, 'page'))}")
    sys.exit(0 if found.ok else 1)


def _known(remote: Remote, reply: Reply, known: Mapping[str, Any], form: str) -> NoReturn:
    """What becomes of a file that was handed in before: no fault as long as it waits, or is in the debate."""
    done = known.get("state") in _DONE
    if form == "json":
        _print(reply.told)
    else:
        page = remote.page(f"/contributions/{_text(known, 'id')}")
        click.echo(f"{'' if done else 'argraph: '}{visible(reply.detail)} {page}", err=not done)
    sys.exit(0 if done else 3)


@main.group()
def review() -> None:
    """Follow contributions that were handed in to a server, and decide about them with a reviewer's token.

    \b
    Examples:
      argraph review list --to https://debates.example/ --state pending
      argraph review accept 3f0c9a52be71d604 --to https://debates.example/
    """


@review.command("list")
@server_option
@click.option(
    "--state",
    type=click.Choice(["pending", "accepted", "rejected", "withdrawn", "superseded"]),
    help="Only those in this state.",
)
@click.option(
    "--limit", type=click.IntRange(1, 1000), default=100, show_default=True, help="At most so many."
)
@token_option
@form_option
@operation
def list_(address: str, state: str | None, limit: int, token_file: Path | None, form: str) -> None:
    """List contributions, newest first; without the token of a reviewer, your own.

    \b
    Example:
      argraph review list --to https://debates.example/ --state pending
    """
    reply = _taken(Remote.of(address, token_file).get(_QUEUE, state=state, limit=limit))
    if form == "json":
        _print(reply.told)
        return
    entries = [_object(entry) for entry in _list(reply.told.get("contributions"))]
    for entry in entries:
        who = _text(_object(entry.get("submitter")), "name")
        told = (_text(entry, "id"), f"{_text(entry, 'state'):<10}", _text(entry, "submitted")[:10], who)
        click.echo("  ".join((*told, _text(entry, "title"))))
    if not entries:
        click.echo("There are none.")
    elif reply.told.get("next"):
        click.echo("and more: ask for more with --limit.")


@review.command()
@_id
@server_option
@click.option("--check", is_flag=True, help="Check it against the debate of now (reviewers).")
@token_option
@form_option
@operation
def show(id: str, address: str, check: bool, token_file: Path | None, form: str) -> None:
    """Show a contribution: its findings, what it would change, and what was said and decided.

    \b
    Examples:
      argraph review show 3f0c9a52be71d604 --to https://debates.example/
      argraph review show 3f0c9a52be71d604 --check --to https://debates.example/
    """
    remote = Remote.of(address, token_file)
    place = _place(id)
    entry = dict(_taken(remote.get(place)).told)
    if check:
        fresh = _taken(remote.get(f"{place}/check")).told
        entry |= {name: fresh.get(name) for name in ("report", "impact", "difference")}
    events = _list(_taken(remote.get(f"{place}/history")).told.get("events"))
    if form == "json":
        _print({**entry, "events": events})
        return
    click.echo(
        f"{_text(entry, 'title')}\n{_text(entry, 'name')}, {_text(entry, 'kind')}, {_text(entry, 'state')}"
    )
    for event in map(_object, events):
        who = _text(_object(event.get("actor")), "name")
        marks = ", ".join(visible(str(mark)) for mark in _list(event.get("marks")))
        told = f"  {_text(event, 'at')[:16]}  {_text(event, 'kind')} by {who}"
        click.echo(": ".join(filter(None, (told, marks, _text(event, "comment")))))
    for difference in map(_object, _list(entry.get("difference"))):
        kind = _text(difference, "kind")
        click.echo(
            f"  {_text(difference, 'what')}: {f'{kind} ' if kind else ''}“{_text(difference, 'label')}”"
        )
    click.echo(_impact(entry.get("impact")), nl=False)
    if isinstance(entry.get("report"), dict):
        click.echo(_rendered(_report(entry["report"]), "text"))


@review.command()
@_id
@server_option
@_comment
@_marks
@token_option
@form_option
@operation
def accept(
    id: str, address: str, comment: str, marks: tuple[str, ...], token_file: Path | None, form: str
) -> None:
    """Make a contribution part of the debate, once it has passed a check against the debate of now.

    Exit code 1: it has violations by now, which are shown.

    \b
    Example:
      argraph review accept 3f0c9a52be71d604 --to https://debates.example/
    """
    _decide("accept", id, address, comment, marks, token_file, form)


@review.command()
@_id
@server_option
@click.option("--comment", required=True, metavar="TEXT", help="Why, in words to the submitter.")
@_marks
@token_option
@form_option
@operation
def reject(
    id: str, address: str, comment: str, marks: tuple[str, ...], token_file: Path | None, form: str
) -> None:
    """Keep a contribution out of the debate, and say why.

    \b
    Example:
      argraph review reject 3f0c9a52be71d604 --comment "Which study says so?" --mark unsupported --to URL
    """
    _decide("reject", id, address, comment, marks, token_file, form)


@review.command()
@_id
@server_option
@_comment
@_marks
@token_option
@form_option
@operation
def comment(
    id: str, address: str, comment: str, marks: tuple[str, ...], token_file: Path | None, form: str
) -> None:
    """Say something about a contribution without deciding, as a reviewer or about your own.

    \b
    Example:
      argraph review comment 3f0c9a52be71d604 --comment "Which study says so?" --to URL
    """
    _decide("comment", id, address, comment, marks, token_file, form)


@review.command()
@_id
@server_option
@_comment
@token_option
@form_option
@operation
def withdraw(id: str, address: str, comment: str, token_file: Path | None, form: str) -> None:
    """Take a contribution of your own back, as long as nobody has decided about it.

    \b
    Example:
      argraph review withdraw 3f0c9a52be71d604 --to https://debates.example/
    """
    _decide("withdraw", id, address, comment, (), token_file, form)


@review.command()
@_id
@server_option
@click.option("--comment", required=True, metavar="TEXT", help="Why.")
@token_option
@form_option
@operation
def retract(id: str, address: str, comment: str, token_file: Path | None, form: str) -> None:
    """Ask for an accepted contribution to be taken out of the debate; a reviewer decides about that.

    \b
    Example:
      argraph review retract 3f0c9a52be71d604 --comment "The study was withdrawn." --to URL
    """
    _decide("retract", id, address, comment, (), token_file, form)


def _decide(
    what: str,
    id: str,
    address: str,
    comment: str,
    marks: tuple[str, ...],
    token_file: Path | None,
    form: str,
) -> None:
    said = json.dumps({"comment": comment, "marks": marks}).encode()
    reply = Remote.of(address, token_file).post(f"{_place(id)}/{what}", said, "application/json")
    if reply.status == 422 and isinstance(reply.told.get("report"), dict):
        if form == "json":
            _print(reply.told)
        else:
            click.echo(_rendered(_report(reply.told["report"]), "text"))
        sys.exit(1)
    _taken(reply)
    if form == "json":
        _print(reply.told)
        return
    where = f", in {_text(reply.told, 'path')}" if reply.told.get("path") else ""
    click.echo(f"“{_text(reply.told, 'title')}” is {_text(reply.told, 'state')}{where}.")


# -- what a server says -------------------------------------------------------------------------------------


def _taken(reply: Reply) -> Reply:
    """An answer that is no refusal."""
    if reply.status >= 400:
        raise EndpointFailed(reply.detail, status=reply.status)
    return reply


def _findings(reply: Reply, file: Path, data: bytes) -> Report | None:
    """The findings about a file with its path as given, and with its own lines where the server cuts them."""
    told = reply.told.get("report")
    if not isinstance(told, dict):
        return None
    lines = data.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n").split("\n")

    def here(found: Diagnostic) -> Diagnostic:
        place = replace(found.location, path=str(file))
        line = lines[place.line - 1] if place.line <= len(lines) else ""
        whole = line if line.startswith(found.source) else found.source
        return replace(found, location=place, source=whole if found.source else "")

    return Report.of(map(here, _report(told)))


def _report(told: Mapping[str, Any]) -> Report:
    return _understood(lambda: Report.from_data(told))


def _rendered(found: Report, form: str) -> str:
    from argraph.contribution import report

    return report.render(found, form, color=form == "text" and sys.stdout.isatty())  # type: ignore[arg-type]


def _impact(told: object) -> str:
    """What a file would change, in sentences."""
    said = _object(_object(told or {}).get("told") or {})
    lines = [f"{_text(said, 'headline')}."] if said else []
    for section in map(_object, _list(said.get("sections") or [])):
        lines.append(f"{_text(section, 'title')}:")
        for line in map(_list, _list(section.get("lines"))):
            lines.append("  " + "".join(_text(_object(part), "text") for part in line))
    return "".join(f"{line}\n" for line in lines)


def _understood(read: Callable[[], T]) -> T:
    try:
        return read()
    except (ValueError, TypeError, LookupError):
        raise EndpointFailed("The server's answer cannot be understood: it is of another release.") from None


def _object(told: object) -> Mapping[str, Any]:
    return _understood(lambda: {str(name): value for name, value in dict(told).items()})  # type: ignore[call-overload]


def _list(told: object) -> list[Any]:
    if not isinstance(told, list):
        raise EndpointFailed("The server's answer cannot be understood: it is of another release.")
    return told


def _text(told: Mapping[str, Any], name: str) -> str:
    """A text that is safe on one line of a terminal."""
    return visible(str(told.get(name) or ""))


def _place(id: str) -> str:
    if not id.isascii() or not id.isalnum():
        raise click.UsageError(f"“{id}” is not the identifier of a contribution, such as 3f0c9a52be71d604.")
    return f"{_QUEUE}/{id}"


def _content(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            data = opened.read(_LARGEST + 1)
    except FileNotFoundError:
        raise ResourceMissing(f"There is no file or folder {file}.") from None
    except OSError as error:
        raise ResourceMissing(f"{file} cannot be read: {error.strerror}.") from None
    if len(data) > _LARGEST:
        raise ResourceMissing(f"{file} is longer than {_LARGEST:,} bytes: hand it in as several files.")
    return data


def _print(told: object) -> None:
    click.echo(json.dumps(told, indent=2, ensure_ascii=True))
