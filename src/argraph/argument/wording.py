"""What statements, evidence, steps and statuses are called in a sentence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from argraph.argument.evaluation import Verdict
from argraph.argument.graph import ArgumentGraph, Node, Step, local_name

STANDING: Final = {"accepted": "stands", "rejected": "does not stand", "undecided": "is open"}
"""A status in plain words."""
CHECKS: Final = {"Unverified": "not yet checked against its source", "Retracted": "retracted"}
"""What is to be known of a finding that is not verified."""

_UNIQUE = 0.005


def relation(argument: ArgumentGraph, step: Step) -> str:
    """What a step does to its end, in one or two words."""
    if step.kind == "attack":
        return "undercuts" if step.end in argument.steps else "attacks"
    if step.kind == "support":
        return "supports"
    return "bears on" if step.favourable else "weighs against"


def name(argument: ArgumentGraph, iri: str, *, depth: int = 3) -> str:
    """What to call a node or step within a sentence: its label in quotation marks, its study, or its ends.

    Args:
        argument: The debate.
        iri: A node or step.
        depth: How many steps that aim at one another are spelled out.
    """
    step = argument.steps.get(iri)
    if step is not None:
        if depth == 0:
            return "a further step"
        who, end = listed(name(argument, p) for p in step.premises), name(argument, step.end, depth=depth - 1)
        if step.kind == "attack":
            return f"the attack by {who} on {end}"
        return f"the step from {who} to {end}" if step.favourable else f"the weight of {who} against {end}"
    node = argument.nodes.get(iri)
    if node is not None and node.kind == "evidence" and node.label == local_name(iri):
        studies = [argument.studies[study].citation for study in node.studies if study in argument.studies]
        if studies:
            return f"the finding of {listed(studies)}"
    return f"“{node.label if node else local_name(iri)}”"


def void(argument: ArgumentGraph, evidence: Node) -> str:
    """Why a finding counts for nothing, in words."""
    state = argument.verification(evidence)
    if state != "Retracted":
        return f"a finding that is {CHECKS.get(state, 'in this state')} is not to count"
    return "it was retracted" if evidence.verification == state else "its study was retracted"


def listed(names: Iterable[str], last: str = "and") -> str:
    """Names in a row.

    >>> listed(["A", "B", "C"]), listed(["A"])
    ('A, B and C', 'A')
    """
    *most, end = names
    return f"{', '.join(most)} {last} {end}" if most else end


def spoken(name: str) -> str:
    """The name of a person given as `Family, Given` as one says it; any other name as it is.

    >>> spoken("Byron, Ada"), spoken("Open Source Initiative")
    ('Ada Byron', 'Open Source Initiative')
    """
    family, comma, given = name.partition(", ")
    return f"{given} {family}" if comma and "," not in given else name


def counted(number: int, one: str, many: str = "") -> str:
    """A number with its noun.

    >>> counted(1, "attack"), counted(3, "attack"), counted(1200, "reply", "replies")
    ('1 attack', '3 attacks', '1,200 replies')
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def capital(text: str) -> str:
    """The same text with its first letter as a capital."""
    return text[:1].upper() + text[1:]


def strength(verdict: Verdict | None) -> str:
    """A strength in words: a number where it is unique to two digits, else the interval.

    >>> strength(Verdict("accepted", "supported", "", 0, 0.5, 0.50001))
    '0.50'
    >>> strength(Verdict("undecided", "open-attack", "", 0, 0.1, 0.9))
    'between 0.10 and 0.90'
    """
    if verdict is None:
        return "none"
    if verdict.upper - verdict.lower < _UNIQUE:
        return f"{verdict.lower:.2f}"
    return f"between {verdict.lower:.2f} and {verdict.upper:.2f}"


def described(argument: ArgumentGraph, verdicts: Mapping[str, Verdict], iri: str) -> dict[str, str]:
    """The verdict on a node or step as words by name, with what the node or step is called."""
    verdict = verdicts[iri]
    return {
        "iri": iri,
        "label": name(argument, iri),
        "standing": STANDING[verdict.status],
        "status": verdict.status,
        "reason": verdict.reason,
        "decider": verdict.decider,
        "strength": strength(verdict),
    }
