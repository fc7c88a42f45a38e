"""What evidence and assumptions count for: the numbers from which strength is computed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

import pyoxigraph as ox

from argraph import resources, vocab
from argraph.argument.graph import Node, Step, local_name
from argraph.diagnostics import Diagnostic, Report, Severity
from argraph.errors import BrokenGraph
from argraph.rdf import turtle
from argraph.rdf.store import read_files


@dataclass(frozen=True, slots=True)
class Scores:
    """Base scores; argraph's convention, declared in `ontology/schemes.ttl`.

    What has no score here counts for nothing, and a verification state without a factor for everything.

    Attributes:
        grades: Base score of evidence by local name of its grade, in [0, 1].
        factors: What that is multiplied by, by local name of the verification state, in [0, 1].
        assumed: Base score of an assumption, in [0, 1]; other statements start from 0, for evidence is to
            carry them.
    """

    grades: Mapping[str, float]
    factors: Mapping[str, float]
    assumed: float = 0.0

    @classmethod
    def declared(cls) -> Scores:
        """The convention as argraph ships it."""
        tables: dict[str, dict[str, float]] = {name: {} for name in _OF}
        for quad in _concepts():
            if quad.predicate.value in _OF:
                tables[quad.predicate.value][_name(quad.subject)] = float(quad.object.value)  # type: ignore[union-attr]
        return cls(
            grades=MappingProxyType(tables[vocab.BASE_SCORE]),
            factors=MappingProxyType(tables[vocab.FACTOR]),
            assumed=tables[vocab.ASSUMPTION_SCORE][local_name(vocab.ASSUMED)],
        )

    @classmethod
    def read(cls, place: Path) -> Scores:
        """The convention, amended by a file, or by those in a folder.

        Raises:
            ResourceMissing: There is none.
            BrokenGraph: One cannot be used; see `amended`.
        """
        scores = cls.declared()
        for name, data in read_files(place).items():
            scores = scores.amended(data, name=name)
        return scores

    def amended(self, data: bytes, *, name: str) -> Scores:
        """These scores, with those that a Turtle file states in the place of their own.

        The file has the form of `ontology/schemes.ttl`; whatever else it says is of no effect.

        Args:
            data: The file.
            name: Its path, as it is shown in diagnostics.

        Raises:
            BrokenGraph: With the place of every fault: of syntax, a score that is not a number from 0 to 1,
                one of something that has none, two for the same thing, none at all.
        """
        document = turtle.read(data, name=name)
        reader = _Reader(document, self)
        if reader.faults:
            report = Report.of(reader.faults)
            first = next(iter(report))
            raise BrokenGraph(
                f"The scores in {name} cannot be used: line {first.location.line}, column "
                f"{first.location.column}: {first.message}",
                report,
            )
        return Scores(
            MappingProxyType({**self.grades, **reader.found[vocab.BASE_SCORE]}),
            MappingProxyType({**self.factors, **reader.found[vocab.FACTOR]}),
            reader.found[vocab.ASSUMPTION_SCORE].get(local_name(vocab.ASSUMED), self.assumed),
        )

    def evidence(self, grade: str, verification: str) -> float:
        """Base score of evidence: its grade's, times the factor of its verification state."""
        return self.grades.get(grade, 0.0) * self.factors.get(verification, 1.0)

    def line(self, step: Step, node: Node | None) -> float:
        """The share of its evidence's strength that a line passes on: its own grade may be lower."""
        whole = self.grades.get(node.grade, 0.0) if node else 0.0
        return min(1.0, self.grades[step.grade] / whole) if whole and step.grade in self.grades else 1.0


_OF: Final = {
    vocab.BASE_SCORE: "grade of evidence",
    vocab.FACTOR: "state of verification",
    vocab.ASSUMPTION_SCORE: "property of assumptions",
}
"""What each property that states a score is stated of."""
_NUMBERS: Final = {vocab.XSD + name for name in ("decimal", "integer", "double", "float")}


class _Reader:
    """Collects the scores that a document states, by property and local name, and all that is wrong."""

    def __init__(self, document: turtle.Document, scores: Scores) -> None:
        self.document = document
        self.faults = list(document.diagnostics)
        self.found: dict[str, dict[str, float]] = {name: {} for name in _OF}
        self.known = {
            vocab.BASE_SCORE: scores.grades,
            vocab.FACTOR: scores.factors,
            vocab.ASSUMPTION_SCORE: {local_name(vocab.ASSUMED): scores.assumed},
        }
        usual = {quad.predicate.value for quad in _concepts()}
        for triple in document.triples:
            if triple.predicate.value in _OF:
                self.take(triple)
            elif triple.predicate.value.startswith(vocab.ARG) and triple.predicate.value not in usual:
                self.fault(
                    "score-property", triple.predicate_span, f"This is no score: write {_choice(_OF)}."
                )
        if not self.faults and not any(self.found.values()):
            self.fault("score-missing", (0, 0), "There is no score, as in: arg:High arg:baseScore 0.95 .")

    def take(self, triple: turtle.PositionedTriple) -> None:
        predicate, subject = triple.predicate.value, _name(triple.subject)
        known, scores = self.known[predicate], self.found[predicate]
        if triple.subject.value not in {vocab.ARG + name for name in known}:
            message = f"This is no {_OF[predicate]}: write {_choice(known)}."
            self.fault("score-unknown", triple.subject_span, message)
        elif subject in scores:
            self.fault("score-twice", triple.object_span, f"arg:{subject} has a score already. Keep one.")
        elif (number := _number(triple.object)) is None:
            self.fault("score-no-number", triple.object_span, "This is not a number: write one such as 0.7.")
        elif not 0.0 <= number <= 1.0:
            self.fault("score-out-of-range", triple.object_span, "A score is a number from 0 to 1.")
        else:
            scores[subject] = number

    def fault(self, code: str, span: turtle.Span, message: str) -> None:
        location = self.document.location(span)
        source = self.document.line(location.line)
        self.faults.append(Diagnostic(code, Severity.VIOLATION, message, location, source=source))


def _name(term: turtle.Node | ox.Triple) -> str:
    return local_name(term.value) if isinstance(term, ox.NamedNode) else ""


def _choice(names: Iterable[str]) -> str:
    *most, last = (f"arg:{local_name(name)}" for name in names)
    return f"{', '.join(most)} or {last}" if most else last


def _number(term: turtle.Term) -> float | None:
    if isinstance(term, ox.Literal) and term.datatype.value in _NUMBERS:
        try:
            return float(term.value)
        except ValueError:
            return None
    return None


@cache
def _concepts() -> tuple[ox.Quad, ...]:
    """What `ontology/schemes.ttl` says."""
    path = resources.ontology() / "schemes.ttl"
    return tuple(ox.parse(path=str(path), format=ox.RdfFormat.TURTLE))
