"""Tokens: who may hand in and who may decide, by a secret that is shown once and kept as its SHA-256 only.

A secret has 256 bits from the system's source of randomness, so a plain digest of it cannot be guessed from.
"""

from __future__ import annotations

import hmac
import json
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, Literal, Self

from argraph.contribution.database import Database, damaged
from argraph.contribution.lifecycle import ROLES, Actor, Role
from argraph.errors import NotAllowed, UnknownToken

BEGINNING: Final = "argraph_"
"""How every secret begins, so that people and scanners see what it is."""

_SECRET: Final = re.compile(r"argraph_[A-Za-z0-9_-]{43}")
_NAME: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._@+-]{0,62}[A-Za-z0-9])?")
_RESERVED: Final = frozenset({"anonymous", "argraph", "system"})
_GRANTED: Final = ("contributor", "reviewer")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Token:
    """What is known of a token; its secret is not.

    Attributes:
        name: Whose it is; what is handed in with it is handed in by this name.
        expires: From when it is refused; None for never.
        revoked: Since when it is refused.
        used: The last day on which it was accepted, in UTC.
        valid: Whether it is accepted now.
    """

    name: str
    role: Role
    created: datetime
    expires: datetime | None
    revoked: datetime | None
    used: date | None
    valid: bool


class Tokens:
    """The tokens of a data folder; every method is one transaction, from any thread."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    @classmethod
    def open(cls, folder: Path, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Tokens:
        """The tokens of a folder that no ledger is open for in this process; beside a running server, too.

        Raises:
            LedgerFailed: The folder cannot be used, or its records are damaged, not argraph's, or newer.
        """
        return cls(Database.open(folder), clock)

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def create(
        self, name: str, role: Literal["contributor", "reviewer"], expires: timedelta | None = None
    ) -> str:
        """Make a token and return its secret, which is kept nowhere.

        Args:
            name: Whose it is. The name of a token that was revoked or has expired may be given again, to the
                same person: what was handed in under it is theirs.
            role: What it allows.
            expires: After how long it is refused; never, by default.

        Raises:
            NotAllowed: The name, the role or the time cannot be had, or a token with this name is in use.
            LedgerFailed: It cannot be recorded.
        """
        if not _NAME.fullmatch(name) or name.lower() in _RESERVED:
            raise NotAllowed(
                f"“{name[:80]}” cannot be the name of a token: use 1 to 64 letters, digits, “.”, “_”, “-”, "
                f"“+” and “@”, a letter or digit first and last, and none of {', '.join(sorted(_RESERVED))}."
            )
        if role not in _GRANTED:
            raise NotAllowed(f"There is no role “{role}”: use {' or '.join(_GRANTED)}.")
        if expires is not None and expires <= timedelta(0):
            raise NotAllowed("A token has to be valid for some time: give a longer one.")
        secret = BEGINNING + secrets.token_urlsafe(32)
        with self._database.writing() as db:
            now = self._now()
            for row in db.execute(f"SELECT {_COLUMNS} FROM token WHERE lower(name) = lower(?)", (name,)):  # noqa: S608
                if _valid(row, now):
                    raise NotAllowed(
                        f"A token with the name “{row[1]}” is in use already: revoke it first, or take "
                        "another name."
                    )
            try:
                until = None if expires is None else now + expires // timedelta(microseconds=1)
                _EPOCH + timedelta(microseconds=until or 0)
            except OverflowError:
                raise NotAllowed(
                    "A token cannot be valid for so long: give a shorter time, or none."
                ) from None
            values = (_digest(secret), name, role, now, until, None)
            db.execute("INSERT INTO token VALUES (?, ?, ?, ?, ?, ?, NULL, ?)", (*values, _seal(values)))
        return secret

    def check(self, secret: str) -> Actor | None:
        """Who has this secret; None if nobody, or the token has expired or was revoked.

        Raises:
            LedgerFailed: The record cannot be read, or is damaged.
        """
        return self.check_digest(_digest(secret)) if _SECRET.fullmatch(secret) else None

    def check_digest(self, digest: bytes) -> Actor | None:
        """The same for those who have kept the SHA-256 of a secret, and not the secret.

        Raises:
            LedgerFailed: As `check`.
        """
        with self._database.reading() as db:
            row = db.execute(f"SELECT {_COLUMNS} FROM token WHERE digest = ?", (digest,)).fetchone()  # noqa: S608
        # The digest of what was sent is looked up: how long that takes tells nothing of any other's secret.
        if row is None or not hmac.compare_digest(row[0], digest):
            return None
        self._verify(row)
        now = self._now()
        if not _valid(row, now):
            return None
        if row[6] is None or now // _DAY > row[6]:
            self._used(digest, now // _DAY)
        return Actor(row[1], row[2])

    def list(self) -> list[Token]:
        """All tokens, the newest first, those that are refused among them.

        Raises:
            LedgerFailed: The record cannot be read, or is damaged.
        """
        with self._database.reading() as db:
            rows = db.execute(f"SELECT {_COLUMNS} FROM token ORDER BY created DESC, name").fetchall()  # noqa: S608
        now = self._now()
        for row in rows:
            self._verify(row)
        return [
            Token(
                name=name,
                role=role,
                created=_time(created),
                expires=None if expires is None else _time(expires),
                revoked=None if revoked is None else _time(revoked),
                used=None if used is None else _time(used * _DAY).date(),
                valid=_valid(row, now),
            )
            for row in rows
            for _, name, role, created, expires, revoked, used, _ in [row]
        ]

    def revoke(self, name: str) -> None:
        """Refuse a token from now on.

        Raises:
            UnknownToken: No token with this name is in use.
            LedgerFailed: It cannot be recorded.
        """
        with self._database.writing() as db:
            now = self._now()
            rows = db.execute(f"SELECT {_COLUMNS} FROM token").fetchall()  # noqa: S608
            found = [row for row in rows if row[1].lower() == name.lower() and row[5] is None]
            if not found:
                raise UnknownToken(name, tuple(sorted({row[1] for row in rows if _valid(row, now)})[:5]))
            for row in found:
                self._verify(row)
                values = (*row[:5], now)
                db.execute(
                    "UPDATE token SET revoked = ?, seal = ? WHERE digest = ?", (now, _seal(values), row[0])
                )

    def _used(self, digest: bytes, day: int) -> None:
        """Note the day; once a day, so that reading with a token costs no flush of the disk."""
        with self._database.writing() as db:
            db.execute("UPDATE token SET used = max(ifnull(used, 0), ?) WHERE digest = ?", (day, digest))

    def _verify(self, row: tuple[Any, ...]) -> None:
        if _seal(row[:6]) != row[7] or row[2] not in ROLES:
            raise damaged(self._database.folder, f"the token “{row[1]}” is not as it was recorded")

    def _now(self) -> int:
        return (self._clock() - _EPOCH) // timedelta(microseconds=1)


_COLUMNS: Final = "digest, name, role, created, expires, revoked, used, seal"
_DAY: Final = timedelta(days=1) // timedelta(microseconds=1)


def _digest(secret: str) -> bytes:
    return sha256(secret.encode()).digest()


def _seal(values: tuple[Any, ...]) -> bytes:
    return sha256(json.dumps([values[0].hex(), *values[1:]]).encode()).digest()


def _valid(row: tuple[Any, ...], now: int) -> bool:
    """Whether a token is accepted."""
    expires, revoked = row[4], row[5]
    return revoked is None and (expires is None or now < expires)


def _time(microseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=microseconds)
