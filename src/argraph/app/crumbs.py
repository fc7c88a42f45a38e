"""The way from the thesis to a page."""

from __future__ import annotations

from dataclasses import dataclass, replace

from argraph.app.cards import Cards, Link, Relation, related
from argraph.argument.graph import Step


@dataclass(frozen=True, slots=True)
class Crumb:
    """A stop on the way from the thesis; the relation leads back to the stop before."""

    link: Link
    relation: Relation | None


def crumbs(cards: Cards, iri: str) -> tuple[Crumb, ...]:
    """The way from the thesis down to a node or step, which comes last; empty where there is none.

    What is against an inference stands under the first premise of that, as on the map.
    """
    argument, workspace = cards.argument, cards.workspace
    step = argument.steps.get(iri)
    passed: list[Step] = []
    while step and step not in passed:
        passed.append(step)
        step = argument.steps.get(step.end)
    end = passed[-1].end if passed else iri
    if end not in argument.nodes:
        return ()
    stops = [(workspace.resolve(stop.id), stop.relation) for stop in workspace.stage.path(end)]
    if argument.nodes[stops[-1][0]].kind != "thesis":
        return ()
    ends = [argument.nodes[there] for there, _ in stops[1:]]
    found = [Crumb(cards.link(stops[-1][0]), None)]
    for (here, name), target in reversed([*zip(stops, ends, strict=False)]):
        found.append(Crumb(cards.link(here), related(name, target)))
    for inference in reversed(passed):
        link = replace(cards.link(inference.iri), text="this inference")
        found.append(Crumb(link, cards.relation(inference)))
    return tuple(found)
