"""What a contributor is told: findings as values, never as exceptions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding matters; only a violation keeps a contribution out.

    >>> Severity.VIOLATION.value
    'violation'
    """

    VIOLATION = "violation"
    WARNING = "warning"
    INFO = "info"


_RANK = {Severity.VIOLATION: 0, Severity.WARNING: 1, Severity.INFO: 2}


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A stretch of a file; lines and columns count from 1, in Unicode code points; the end is exclusive."""

    path: str
    line: int = 1
    column: int = 1
    end_line: int = 1
    end_column: int = 1


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding about a contribution.

    Attributes:
        code: Stable name of the rule: a shape's local name, or a rule of the reader or the policy.
        severity: How much it matters.
        message: What is wrong and what to write instead, in the contributor's words.
        location: Where.
        hint: A suggestion for this very case, such as the nearest existing name; may be empty.
        focus: IRI of the node concerned (SHACL's focus node); may be empty.
        value: The offending term as the contributor wrote it; may be empty.
        rule: IRI of the shape that found it; empty for other rules.
        source: The line of the file at `location`, without its line end.
    """

    code: str
    severity: Severity
    message: str
    location: Location
    hint: str = ""
    focus: str = ""
    value: str = ""
    rule: str = ""
    source: str = ""

    @property
    def sort_key(self) -> tuple[Location, int, str, str, str]:
        """Reading order of the file; at one place the gravest finding first."""
        return (self.location, _RANK[self.severity], self.code, self.message, self.value)


@dataclass(frozen=True, slots=True)
class Report:
    """All findings of one run, sorted and without repetition."""

    diagnostics: tuple[Diagnostic, ...] = field(default=())

    @classmethod
    def of(cls, diagnostics: Iterable[Diagnostic]) -> Report:
        """Sort and de-duplicate findings into a report."""
        return cls(tuple(sorted(set(diagnostics), key=lambda d: d.sort_key)))

    @property
    def ok(self) -> bool:
        """Whether nothing keeps the contribution out: no violation, whatever the warnings."""
        return not self.count(Severity.VIOLATION)

    def count(self, severity: Severity) -> int:
        """How many findings have this severity."""
        return sum(d.severity is severity for d in self.diagnostics)

    def __iter__(self) -> Iterator[Diagnostic]:
        return iter(self.diagnostics)

    def __len__(self) -> int:
        return len(self.diagnostics)
