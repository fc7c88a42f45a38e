"""What tests of the ledger share: people, and contributions that are quickly made."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from argraph.contribution.ledger import Actor, Entry, Ledger

ADA, BEN = Actor("ada", "contributor"), Actor("ben", "contributor")
RUTH, SAUL = Actor("ruth", "reviewer"), Actor("saul", "reviewer")
ANYBODY = Actor("anonymous", "anonymous")
START = datetime(2026, 1, 31, 12, tzinfo=UTC)
REPORT: dict[str, Any] = {"ok": True, "diagnostics": []}


class Clock:
    """Goes on by a second whenever it is read, and can be put to any time."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


def submit(
    ledger: Ledger,
    data: bytes,
    by: Actor = ADA,
    *,
    supersedes: str | None = None,
    report: dict[str, Any] = REPORT,
    impact: dict[str, Any] | None = None,
) -> Entry:
    return ledger.submit(
        data,
        name="mine.ttl",
        title=f"On {data!r}",
        submitter=by,
        report=report,
        impact=impact,
        graph="https://example.org/d/mine",
        supersedes=supersedes,
    )


def accept(
    ledger: Ledger,
    id: str,
    path: str = "mine.ttl",
    by: Actor = RUTH,
    *,
    prior: bytes | None = None,
    report: dict[str, Any] = REPORT,
    impact: dict[str, Any] | None = None,
) -> Entry:
    return ledger.accept(id, by, path=path, prior=prior, report=report, impact=impact)
