"""What a contributor is told: findings as values, never as exceptions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import astuple, dataclass, field
from enum import StrEnum
from typing import Any, Final


class Severity(StrEnum):
    """How much a finding matters; only a violation keeps a contribution out.

    >>> Severity.VIOLATION.value
    'violation'
    """

    VIOLATION = "violation"
    WARNING = "warning"
    INFO = "info"


LONGEST: Final = 2000
"""Characters of a source line that the data of a report repeats: a file may be a single line."""

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
        predicate: IRI of the property concerned (SHACL's result path, of several links the first); may be
            empty.
        term: The offending RDF term of a shape's finding, as N-Triples writes it; may be empty.
        component: IRI of the SHACL constraint component that a shape's finding comes from.
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
    predicate: str = ""
    term: str = ""
    component: str = ""

    @property
    def sort_key(self) -> tuple[Location, int, str, str, str]:
        """Reading order of the file; at one place the gravest finding first."""
        return (self.location, _RANK[self.severity], self.code, self.message, self.value)

    def as_data(self) -> dict[str, Any]:
        """Plain data: the place among the other fields, and of the source line no more than `LONGEST`."""
        path, line, column, end_line, end_column = astuple(self.location)
        return {
            "code": self.code,
            "severity": str(self.severity),
            "message": self.message,
            "hint": self.hint,
            "path": path,
            "line": line,
            "column": column,
            "end_line": end_line,
            "end_column": end_column,
            "focus": self.focus,
            "value": self.value,
            "rule": self.rule,
            "source": self.source[:LONGEST],
            "predicate": self.predicate,
            "term": self.term,
            "component": self.component,
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Diagnostic:
        """The finding that `as_data` described.

        Raises:
            ValueError: A field is missing, or not what it should be.
        """
        texts = {name: data.get(name) for name in _TEXTS}
        place = [data.get(name) for name in ("line", "column", "end_line", "end_column")]
        if not all(type(number) is int and number > 0 for number in place) or not all(
            isinstance(text, str) for text in (data.get("path"), *texts.values())
        ):
            raise ValueError(f"This describes no finding: {str(data)[:LONGEST]}")
        location = Location(data["path"], *place)  # type: ignore[arg-type]
        return cls(**texts, severity=Severity(data.get("severity")), location=location)  # type: ignore[arg-type]


_TEXTS = ("code", "message", "hint", "focus", "value", "rule", "source", "predicate", "term", "component")


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

    def as_data(self) -> dict[str, Any]:
        """Plain data for other programs, from which `from_data` makes an equal report.

        Equal but for source lines of more than `LONGEST` characters, which are cut.
        """
        return {
            "ok": self.ok,
            "counts": {str(severity): self.count(severity) for severity in Severity},
            "diagnostics": [diagnostic.as_data() for diagnostic in self],
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Report:
        """The report that `as_data` described, whatever else the data holds.

        Raises:
            ValueError: It describes none.
        """
        found = data.get("diagnostics")
        if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
            raise ValueError(f"This describes no report: {str(data)[:LONGEST]}")
        return cls.of(map(Diagnostic.from_data, found))
