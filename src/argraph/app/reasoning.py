"""Why, how, what it hangs on and what if, told as data; each within bounds of time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from threading import BoundedSemaphore
from typing import Any, Final

from argraph.app.answers.reasons import Chains, Cruxes, Whatif, Why
from argraph.app.pages import Pages
from argraph.app.protocol import Problem
from argraph.argument import chains, cruxes, explanation
from argraph.argument.cruxes import Answer
from argraph.argument.evaluation import Verdict
from argraph.argument.wording import STANDING
from argraph.contribution import impact_report
from argraph.contribution.impact import Change, Impact

CHAINS: Final = 20_000
"""Unfinished chains that are looked at for one answer."""
WORK: Final = 300_000
"""Items that are labelled in one search for cruxes, a fraction of a second.

To lay out all that bears on a node comes before: a second or two for 300,000 items.
"""
AT_ONCE: Final = 2
"""Answers of this sort that are worked out at the same time; others wait."""
PATIENCE: Final = 5.0
"""Seconds that one waits before it is refused."""
_UNBROKEN: Final = 100_000  # characters of a line: who shows the text breaks it


class Reasoning:
    """Tells as data what `argraph.argument` and `argraph.contribution` work out; for several threads."""

    def __init__(self, pages: Pages) -> None:
        self._cards = pages.cards
        self._workspace = pages.workspace
        self._argument = pages.argument
        self._places = BoundedSemaphore(AT_ONCE)
        self._known = lru_cache(maxsize=256)(self._cruxes)

    def why(self, iri: str, *, depth: int, breadth: int) -> Why:
        """The deciding tree of a node or step."""
        tree = explanation.explain(
            self._argument, self._workspace.verdicts, iri, depth=depth, breadth=breadth
        )
        told = {
            "id": self._cards.key(iri),
            "text": explanation.to_text(tree, _UNBROKEN),
            "tree": self._reason(tree),
        }
        return Why.model_validate(told | _judged(tree.status))

    def _reason(self, part: explanation.Explanation) -> dict[str, Any]:
        return _judged(part.status) | {
            "id": self._cards.key(part.iri),
            "href": self._cards.href(part.iri),
            "reason": part.reason,
            "sentence": part.sentence,
            "relation": part.relation.replace(" ", "-"),
            "step": self._cards.key(part.step) if part.step else "",
            "cut": part.cut,
            "omitted": part.omitted,
            "children": [self._reason(child) for child in part.children],
        }

    def chain(self, start: str, end: str | None, *, limit: int, longest: int) -> Chains:
        """Chains from a node or step to another, or to any thesis."""
        argument, verdicts = self._argument, self._workspace.verdicts
        with self._place():
            found = chains.survey(argument, start, end, limit=limit, longest=longest, effort=CHAINS)
        told = {
            "start": self._ref(start),
            "end": self._ref(end) if end else None,
            "text": chains.to_text(argument, verdicts, found.chains, start=start, end=end),
            "cut": found.cut,
            "chains": [
                {
                    "favourable": chain.favourable,
                    "hops": [
                        {
                            "start": self._ref(hop.start),
                            "step": self._ref(hop.step),
                            "relation": hop.relation.replace(" ", "-"),
                            "end": self._ref(hop.end),
                        }
                        for hop in chain.hops
                    ],
                }
                for chain in found.chains
            ],
        }
        return Chains.model_validate(told)

    def cruxes(self, iri: str, *, largest: int) -> Cruxes:
        """What the status of a node or step hangs on; worked out once."""
        return self._known(iri, largest)

    def _cruxes(self, iri: str, largest: int) -> Cruxes:
        workspace = self._workspace
        with self._place():
            found = cruxes.cruxes(
                self._argument,
                workspace.scores,
                iri,
                largest=largest,
                work=WORK,
                framework=workspace.framework,
            )
        told = {
            "node": self._ref(iri),
            "text": cruxes.to_text(self._argument, found),
            "flips": self._sets(found.flips),
            "restores": self._sets(found.restores),
        }
        return Cruxes.model_validate(told)

    def _sets(self, answer: Answer) -> dict[str, Any]:
        return {
            "exact_up_to": answer.exact_up_to,
            "complete": answer.complete,
            "sets": [
                _judged(crux.status)
                | {
                    "items": self._refs(crux.items),
                    "instead": [self._refs(others) for others in crux.instead],
                    "strength": _bounds(crux.lower, crux.upper),
                    "change": round(crux.change, 4),
                }
                for crux in answer.sets
            ],
        }

    def whatif(self, items: Sequence[str], *, limit: int) -> Whatif:
        """What it would change if items were withdrawn; of flips and of moves, at most so many are told."""
        with self._place():
            impact = self._workspace.without(items)
            flips = [change for change in impact.flips if change.iri not in impact.withdrawn]
            moves = [change for change in impact.moves if change.iri not in impact.withdrawn]
            text = impact_report.render(impact, "text")
        told = {
            "withdrawn": self._refs(dict.fromkeys(items)),
            "text": text,
            "flipped": len(flips),
            "moved": len(moves),
            "flips": [self._change(impact, change) for change in flips[:limit]],
            "moves": [self._change(impact, change) for change in moves[:limit]],
            "unanswered": [self._ref(iri, impact.becomes[iri]) for iri in impact.unanswered],
        }
        return Whatif.model_validate(told)

    def _change(self, impact: Impact, change: Change) -> dict[str, Any]:
        assert change.before is not None  # noqa: S101  # nothing is added
        assert change.after is not None  # noqa: S101  # nor removed
        return {
            "id": self._cards.key(change.iri),
            "href": self._cards.href(change.iri),
            "label": self._cards.label(change.iri),
            "kind": change.kind,
            "before": _verdict(change.before),
            "after": _verdict(change.after),
            "sentence": impact_report.sentence(impact, change),
            "path": [self._ref(iri, impact.becomes[iri]) for iri in change.path],
        }

    def _refs(self, iris: Iterable[str]) -> list[dict[str, Any]]:
        return [self._ref(iri) for iri in iris]

    def _ref(self, iri: str, verdict: Verdict | None = None) -> dict[str, Any]:
        node = self._argument.nodes.get(iri)
        status = (verdict or self._workspace.verdicts[iri]).status
        return _judged(status) | {
            "id": self._cards.key(iri),
            "href": self._cards.href(iri),
            "label": self._cards.label(iri),
            "kind": node.kind if node else "step",
        }

    @contextmanager
    def _place(self) -> Iterator[None]:
        """One of the few places where something takes long.

        Raises:
            Problem: 503 where none comes free.
        """
        if not self._places.acquire(timeout=PATIENCE):
            raise Problem(
                503,
                "Too many ask for what takes long: ask again in a few seconds.",
                headers={"retry-after": "5"},
            )
        try:
            yield
        finally:
            self._places.release()


def _judged(status: str) -> dict[str, Any]:
    return {"status": status, "standing": STANDING[status]}


def _verdict(verdict: Verdict) -> dict[str, Any]:
    strength = _bounds(verdict.lower, verdict.upper)
    return _judged(verdict.status) | {"reason": verdict.reason, "strength": strength}


def _bounds(lower: float, upper: float) -> dict[str, float]:
    return {"lower": round(lower, 4), "upper": round(upper, 4)}
