"""What can happen to a contribution: who does what, which states there are, and which event leads where.

`after` is the whole state machine. The ledger asks it before it records an event, and when it reads one, so
that what is recorded and what is read back follow the same rules.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, Literal, TypeAlias, get_args

from argraph.errors import NotAllowed

State: TypeAlias = Literal["pending", "accepted", "rejected", "withdrawn", "superseded"]
Role: TypeAlias = Literal["anonymous", "contributor", "reviewer", "system"]
Kind: TypeAlias = Literal["file", "retraction"]
Mark: TypeAlias = Literal[
    "unsupported",
    "not-a-claim",
    "unclear",
    "duplicate",
    "unrelated",
    "more-than-one-claim",
    "move-elsewhere",
    "abusive",
]

STATES: Final[tuple[State, ...]] = get_args(State)
ROLES: Final[tuple[Role, ...]] = get_args(Role)
MARKS: Final[Mapping[Mark, str]] = MappingProxyType(
    {
        "unsupported": "no evidence is given",
        "not-a-claim": "not something that can be true or false",
        "unclear": "it cannot be told what is meant",
        "duplicate": "the debate says this already",
        "unrelated": "it does not bear on this debate",
        "more-than-one-claim": "more than one claim in one statement",
        "move-elsewhere": "it belongs to another place of the debate",
        "abusive": "it attacks people, or is spam",
    }
)
"""What reviewers mark, in words for people."""

LONGEST_COMMENT: Final = 10_000
"""Characters."""

_LONGEST_NAME: Final = 120
_LONGEST_TITLE: Final = 300
_TURNING: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

_NEXT: Final[Mapping[str, Mapping[State, State]]] = {
    "commented": {state: state for state in STATES},
    "revised": {state: state for state in STATES if state != "superseded"},
    "retraction-requested": {"accepted": "accepted"},
    "accepted": {"pending": "accepted"},
    "written": {"accepted": "accepted"},
    "rejected": {"pending": "rejected"},
    "withdrawn": {"pending": "withdrawn", "accepted": "withdrawn"},
    "superseded": {"pending": "superseded", "accepted": "superseded"},
}
"""For each kind of event, but the first: in which states it may happen, and to which it leads."""

SAID: Final[Mapping[State, str]] = MappingProxyType(
    {
        "pending": "waits for its review",
        "accepted": "was accepted already",
        "rejected": "was rejected already",
        "withdrawn": "was withdrawn already",
        "superseded": "was replaced by a newer version already",
    }
)
"""States, as the rest of a sentence about a contribution."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something; whoever is anonymous is never taken for the same as anybody else."""

    name: str
    role: Role

    @property
    def reviews(self) -> bool:
        """Whether this one may decide about contributions."""
        return self.role == "reviewer"

    def is_submitter_of(self, entry: Entry) -> bool:
        """Whether this one is known to have handed it in."""
        return "anonymous" not in {self.role, entry.submitter.role} and self.name == entry.submitter.name


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened, as it was recorded.

    Attributes:
        sequence: Its place among all events of the ledger, from 1, without gaps.
        at: When, in UTC; never before the event recorded before it.
        contribution: To which contribution.
        kind: submitted, revised, retraction-requested, commented, accepted, written, rejected, withdrawn, or
            superseded.
        detail: What else belongs to it. The bytes that it speaks of are named by their SHA-256.
    """

    sequence: int
    at: datetime
    contribution: str
    kind: str
    actor: Actor
    comment: str
    marks: tuple[Mark, ...]
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """A contribution as it stands after what has happened to it.

    Attributes:
        id: The first 16 hexadecimal digits of `digest`; more where another contribution has these.
        digest: SHA-256 of its bytes.
        name: The file's name as it was handed in, without folders and control characters.
        size: In bytes.
        decided: When it was accepted or rejected, or left the queue otherwise.
        reviewer: Who accepted or rejected it.
        comment: What was said last in its review, or when it was withdrawn.
        marks: The marks given with that.
        supersedes: The contribution of which it is a revision.
        retracts: The contribution that is to be taken out of the debate.
        path: Its file in the debate's folder, relative to that, with “/”; from its acceptance on.
        graph: IRI of the contribution that it describes.
        written: Whether the debate's folder has been changed as its acceptance asks.
    """

    id: str
    digest: str
    kind: Kind
    name: str
    title: str
    size: int
    submitter: Actor
    submitted: datetime
    state: State
    decided: datetime | None
    reviewer: str | None
    comment: str
    marks: tuple[Mark, ...]
    supersedes: str | None
    retracts: str | None
    path: str | None
    graph: str | None
    written: bool


def may(kind: str, state: State) -> bool:
    """Whether an event of this kind may happen to a contribution in this state."""
    return state in _NEXT[kind]


def after(entry: Entry | None, event: Event) -> Entry:
    """The contribution after one more event.

    Raises:
        ValueError: The event cannot follow.
    """
    detail = event.detail
    if event.kind == "submitted":
        if entry is not None:
            raise ValueError(f"Event {event.sequence} submits {event.contribution} again.")
        return Entry(
            id=event.contribution,
            digest=detail["digest"],
            kind=detail["kind"],
            name=detail["name"],
            title=detail["title"],
            size=detail["size"],
            submitter=event.actor,
            submitted=event.at,
            state="pending",
            decided=None,
            reviewer=None,
            comment=event.comment,
            marks=(),
            supersedes=detail["supersedes"],
            retracts=detail["retracts"],
            path=None,
            graph=detail["graph"],
            written=False,
        )
    if entry is None or entry.state not in _NEXT.get(event.kind, {}):
        raise ValueError(f"Event {event.sequence} ({event.kind}) cannot happen to {event.contribution}.")
    entry = replace(entry, state=_NEXT[event.kind][entry.state], decided=entry.decided)
    match event.kind:
        case "accepted" | "rejected":
            said = replace(entry, decided=event.at, reviewer=event.actor.name)
            path = detail.get("path")
            return replace(said, comment=event.comment, marks=event.marks, path=path)
        case "withdrawn" | "superseded":
            comment = event.comment or entry.comment
            return replace(entry, decided=entry.decided or event.at, comment=comment)
        case "commented" if event.actor.reviews:
            return replace(entry, comment=event.comment, marks=event.marks)
        case "written":
            return replace(entry, written=True)
        case _:
            return entry


def replay(events: Iterable[Event]) -> Entry | None:
    """The contribution that its events, in order, lead to.

    Raises:
        ValueError: An event cannot follow those before it.
    """
    entry: Entry | None = None
    for event in events:
        entry = after(entry, event)
    return entry


def cleaned_name(name: str) -> str:
    """A file name without folders, control characters and needless length; never empty.

    >>> cleaned_name("../../etc/my objection.ttl")
    'my objection.ttl'
    """
    last = _line(re.split(r"[/\\]", name)[-1])
    if len(last) > _LONGEST_NAME:
        stem, dot, ending = last.rpartition(".")
        ending = dot + ending if dot and len(ending) <= 8 else ""
        last = (stem if ending else last)[: _LONGEST_NAME - len(ending)] + ending
    return last if last.strip(". ") else "contribution.ttl"


def cleaned_title(title: str) -> str:
    """A title on one line, without control characters and needless length."""
    line = _line(title)
    return line if len(line) <= _LONGEST_TITLE else f"{line[: _LONGEST_TITLE - 1]}…"


def checked_comment(text: str) -> str:
    """A comment without control characters other than line ends and tabs.

    Raises:
        NotAllowed: It is longer than `LONGEST_COMMENT`.
    """
    kept = "".join(c for c in text.replace("\r\n", "\n") if c in "\n\t" or not _control(c)).strip()
    if len(kept) > LONGEST_COMMENT:
        raise NotAllowed(
            f"The comment has {len(kept):,} characters, and {LONGEST_COMMENT:,} are allowed: say it shorter."
        )
    return kept


def checked_marks(marks: Iterable[str]) -> tuple[Mark, ...]:
    """Marks in the order of `MARKS`, each once.

    Raises:
        NotAllowed: One of them is none.
    """
    given = set(marks)
    for unknown in sorted(given - set(MARKS)):
        raise NotAllowed(
            f"There is no review mark “{cleaned_title(unknown)}”. There are: {', '.join(MARKS)}."
        )
    return tuple(mark for mark in MARKS if mark in given)


def _line(text: str) -> str:
    return " ".join("".join(c if not _control(c) else " " for c in text).split())


def _control(character: str) -> bool:
    """Whether it steers instead of showing; also what turns the direction of the text around it."""
    return character in _TURNING or unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"}
