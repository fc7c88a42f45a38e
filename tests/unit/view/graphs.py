"""Small debates for tests of what is shown."""

from __future__ import annotations

from argraph.argument.evaluation import Framework
from argraph.argument.graph import ArgumentGraph, Node, Step
from argraph.argument.scores import Scores
from argraph.view.stage import Stage


def stage(*steps: str, **labels: str) -> Stage:
    """Steps as `name: p,q > c` (support), `!` (attack), `~` and `-` (evidence for and against).

    `t` and `u` are theses, what begins with e is evidence, with P a pillar; all else is a claim.
    """
    made, names = [], set(labels)
    for text in steps:
        iri, _, rest = text.partition(":")
        sign = next(sign for sign in ">!~-" if sign in rest)
        premises, _, end = (part.strip() for part in rest.partition(sign))
        kind = {">": "support", "!": "attack"}.get(sign, "evidence line")
        made.append(Step(iri, kind, tuple(premises.split(",")), end, favourable=sign in ">~", grade="High"))
        names |= {*premises.split(","), end}
    nodes = [
        Node(
            name,
            "thesis" if name in "tu" else "evidence" if name[0] == "e" else "claim",
            labels.get(name, name.upper()),
            "",
            role="Pillar" if name[0] == "P" else "",
            grade="High",
        )
        for name in names - {step.iri for step in made}
    ]
    argument = ArgumentGraph(nodes, made)
    return Stage(argument, Framework.of(argument, Scores({"High": 0.9}, {})).verdicts, digest="of the files")
