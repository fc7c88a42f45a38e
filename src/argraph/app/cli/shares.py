"""Options of `serve`: what is spent on contributions, and how much of it one client may have."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Final

import click

_OPTIONS: Final = (
    click.option(
        "--checks", default=2, show_default=True, type=click.IntRange(1, 64), help="Files checked at a time."
    ),
    click.option(
        "--check-seconds",
        default=10.0,
        show_default=True,
        type=click.FloatRange(1),
        help="Time for the check of one file, waiting included.",
    ),
    click.option(
        "--check-memory",
        default=1024,
        show_default=True,
        type=click.IntRange(64),
        help="Memory for the check of one file beside the debate, in megabytes.",
    ),
    click.option(
        "--client-check-seconds",
        default=60.0,
        show_default=True,
        type=click.FloatRange(1),
        help="Seconds of checking in a minute for one client with a token.",
    ),
    click.option(
        "--client-files",
        default=120,
        show_default=True,
        type=click.IntRange(1),
        help="Files that one client with a token may hand in within an hour.",
    ),
    click.option(
        "--anonymous-check-seconds",
        default=30.0,
        show_default=True,
        type=click.FloatRange(1),
        help="Seconds of checking in a minute for one client without a token.",
    ),
    click.option(
        "--anonymous-files",
        default=5,
        show_default=True,
        type=click.IntRange(1),
        help="Files that one client without a token may hand in within an hour; with --anonymous.",
    ),
)


def shares_of_contributing(command: Callable[..., None]) -> Callable[..., None]:
    """The options; the command is given `care` (`argraph.app.gate.Care`) and `quota` (`…reception.Quota`)."""

    @wraps(command)
    def run(
        *given: Any,
        checks: int,
        check_seconds: float,
        check_memory: int,
        client_check_seconds: float,
        client_files: int,
        anonymous_check_seconds: float,
        anonymous_files: int,
        **named: Any,
    ) -> None:
        from argraph.app.gate import Care
        from argraph.app.reception import Quota
        from argraph.budget import MIB

        care = Care(seconds=check_seconds, memory=check_memory * MIB, at_once=checks)
        quota = Quota(
            seconds=client_check_seconds,
            anonymous_seconds=anonymous_check_seconds,
            files=client_files,
            anonymous_files=anonymous_files,
        )
        command(*given, care=care, quota=quota, **named)

    for option in reversed(_OPTIONS):
        run = option(run)
    return run
