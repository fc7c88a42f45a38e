"""Base scores: the shipped convention, and files that override it."""

from __future__ import annotations

import pytest

from argraph import resources
from argraph.argument.scores import Scores
from argraph.errors import BrokenGraph

HEAD = "@prefix arg: <https://w3id.org/argraph/ns#> .\n"
DECLARED = Scores.declared()


def amended(text: str) -> Scores:
    return DECLARED.amended((HEAD + text).encode(), name="mine.ttl")


def test_the_shipped_convention_has_every_score() -> None:
    assert dict(DECLARED.grades) == {"High": 0.9, "Moderate": 0.7, "Low": 0.5, "VeryLow": 0.3}
    assert dict(DECLARED.factors) == {"Verified": 1.0, "Unverified": 0.8, "Retracted": 0.0}
    assert DECLARED.assumed == 0.5


def test_a_file_overrides_what_it_states_and_nothing_else() -> None:
    scores = amended(
        "arg:High arg:baseScore 1 . arg:Unverified arg:factor 0.25 . arg:Low arg:baseScore 4e-1 ."
    )
    assert dict(scores.grades) == {"High": 1.0, "Moderate": 0.7, "Low": 0.4, "VeryLow": 0.3}
    assert dict(scores.factors) == {"Verified": 1.0, "Unverified": 0.25, "Retracted": 0.0}
    assert scores.assumed == 0.5
    assert amended("arg:assumed arg:assumptionScore 0 .").assumed == 0.0


def test_a_changed_copy_of_the_shipped_file_will_do() -> None:
    whole = (resources.ontology() / "schemes.ttl").read_bytes()
    changed = whole.replace(b"arg:baseScore 0.3", b"arg:baseScore 0.1")
    assert DECLARED.amended(changed, name="copy.ttl").grades["VeryLow"] == 0.1


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("arg:High arg:baseScore 1.5 .", [("score-out-of-range", 2, 24)]),
        ("arg:High arg:baseScore -0.1 .", [("score-out-of-range", 2, 24)]),
        ("arg:High arg:baseScore 1e999 .", [("score-out-of-range", 2, 24)]),
        ('arg:High arg:baseScore "much" .', [("score-no-number", 2, 24)]),
        ('arg:High arg:baseScore "0.9" .', [("score-no-number", 2, 24)]),
        ("arg:High arg:baseScore arg:Low .", [("score-no-number", 2, 24)]),
        (
            'arg:Low arg:baseScore "NaN"^^<http://www.w3.org/2001/XMLSchema#double> .',
            [("score-out-of-range", 2, 23)],
        ),
        ("arg:Hihg arg:baseScore 0.9 .", [("score-unknown", 2, 1)]),
        ("<https://example.org/High> arg:baseScore 0.9 .", [("score-unknown", 2, 1)]),
        ("arg:High arg:factor 0.9 .", [("score-unknown", 2, 1)]),
        ("arg:High arg:assumptionScore 0.9 .", [("score-unknown", 2, 1)]),
        ("arg:High arg:baseScor 0.9 .", [("score-property", 2, 10)]),
        ("arg:High arg:baseScore 0.9, 0.8 .", [("score-twice", 2, 29)]),
        ("", [("score-missing", 1, 1)]),
        (
            "arg:High arg:baseScore 2 .\narg:Hihg arg:baseScore 0.9 .",
            [("score-out-of-range", 2, 24), ("score-unknown", 3, 1)],
        ),
    ],
)
def test_every_fault_of_a_file_is_told_with_its_place(text: str, found: list[tuple[str, int, int]]) -> None:
    with pytest.raises(BrokenGraph) as caught:
        amended(text)
    places = [(d.code, d.location.line, d.location.column) for d in caught.value.report]
    assert places == found
    assert "mine.ttl" in str(caught.value)


def test_broken_turtle_is_told_with_its_place() -> None:
    with pytest.raises(BrokenGraph) as caught:
        amended("arg:High arg:baseScore 0.9 arg:Low arg:baseScore 0.5 .")
    (fault, *_) = caught.value.report
    assert fault.code.startswith("turtle-")
    assert fault.location.line == 2


def test_an_unknown_grade_is_told_what_there_is() -> None:
    with pytest.raises(BrokenGraph, match="arg:High, arg:Moderate, arg:Low or arg:VeryLow"):
        amended("arg:Best arg:baseScore 1.0 .")
