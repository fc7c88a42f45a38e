"""An index that is brought up to date after edits finds the same, in the same order, as one made anew."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from argraph.argument.evaluation import Framework, Verdict
from argraph.argument.graph import ArgumentGraph, Node, Step, Study
from argraph.argument.scores import Scores
from argraph.query.search import KINDS, Index

WORDS = [
    "open", "openness", "weights", "weight", "safety", "safe", "models", "model", "transparency", "a", "of",
    "Überprüfung", "façade", "開放", "安全性", "свет", "علم", "open-source", "don’t", "x1", "2024",
]  # fmt: skip
SLIPS = [
    "opennes",
    "wieghts",
    "safty",
    "transparancy",
    "modle",
    "opensource",
    "facadee",
    "uberprufng",
    "transpr",
]
THEMES = ("theme:a", "theme:b", "theme:c")
STATEMENTS = ("thesis", "claim", "objection", "rebuttal")


class Debate:
    """A debate that is edited at random, with what each edit touched."""

    def __init__(self, rng: random.Random, size: int) -> None:
        self._rng = rng
        self.nodes: dict[str, Node] = {}
        self.steps: dict[str, Step] = {}
        self.studies: dict[str, Study] = {}
        self._touched: set[str] = set()
        for _ in range(size):
            self.add()
        self._read()

    def _read(self) -> None:
        self.argument = ArgumentGraph(self.nodes.values(), self.steps.values(), self.studies.values())
        self.verdicts = Framework.of(self.argument, Scores.declared()).verdicts

    def _text(self, most: int) -> str:
        return " ".join(self._rng.choices(WORDS, k=self._rng.randint(0, most)))

    def _themes(self) -> tuple[str, ...]:
        return tuple(sorted(self._rng.sample(THEMES, self._rng.choice((0, 0, 1, 2)))))

    def _node(self, iri: str) -> Node:
        rng = self._rng
        if rng.random() < 0.3:
            studies = tuple(sorted(rng.sample(["st:1", "st:2", "st:3", "n1"], rng.randint(0, 2))))
            label = iri if rng.random() < 0.5 else self._text(3)
            return Node(iri, "evidence", label, self._text(8), themes=self._themes(), studies=studies)
        role = rng.choice(("", "", "Pillar"))
        return Node(iri, rng.choice(STATEMENTS), self._text(4), self._text(12), role, self._themes())

    def _study(self, iri: str) -> Study:
        rest: dict[str, str] = dict.fromkeys(("venue", "type", "method", "arxiv", "url", "verification"), "")
        return Study(
            iri=iri, title=self._text(5), authors=tuple(self._rng.sample(["Eiras, F", "Ng, A"], 1)),
            more_authors=False, year="2024", doi="10.1/x", themes=self._themes(), note=self._text(3), **rest,
        )  # fmt: skip

    def add(self) -> None:
        rng, known = self._rng, sorted(self.nodes)
        what = rng.random()
        if what < 0.5 or len(known) < 2:
            iri = f"n{rng.randrange(40)}"
            self.nodes[iri] = self._node(iri)
        elif what < 0.85:
            iri = f"p{rng.randrange(40)}"
            kind = rng.choice(("support", "attack", "evidence line"))
            start, end = rng.sample(known, 2)
            self.steps[iri] = Step(iri, kind, (start,), end, favourable=kind != "attack")
        else:
            iri = rng.choice(("st:1", "st:2", "st:3", "n1"))  # the last may be a statement too
            self.studies[iri] = self._study(iri)
        self._touched.add(iri)

    def remove(self) -> None:
        among = self._rng.choice((self.nodes, self.steps, self.studies))
        if among:
            iri = self._rng.choice(sorted(among))
            del among[iri]  # type: ignore[attr-defined]
            self._touched.add(iri)

    def edit(self) -> set[str]:
        """Change something, and say the IRIs of what is described differently or has another status."""
        self._touched = set()
        before = self.verdicts
        for _ in range(self._rng.randint(0, 5)):
            self._rng.choice((self.add, self.remove))()
        self._read()
        differing = {iri for iri in before.keys() | self.verdicts.keys() if self._status(before, iri)}
        return self._touched | differing

    def _status(self, before: dict[str, Verdict] | object, iri: str) -> bool:
        was, now = (known.get(iri) for known in (before, self.verdicts))  # type: ignore[attr-defined]
        return getattr(was, "status", None) != getattr(now, "status", None)


def assert_equal(one: Index, other: Index, rng: random.Random) -> None:
    assert one.on_themes == other.on_themes
    assert len(one) == len(other)
    for _ in range(12):
        text = " ".join(rng.choices([*WORDS, *SLIPS], k=rng.choice((0, 1, 1, 2, 3, 6))))
        text = text[: rng.choice((3, 6, 99))]
        kinds = rng.sample(KINDS, rng.choice((0, 0, 1, 2)))
        statuses = rng.sample(("accepted", "rejected", "undecided"), rng.choice((0, 0, 1)))
        theme = rng.choice(("", "", *THEMES, "theme:none"))
        limit = rng.choice((1, 3, 20))
        found, wanted = (
            index.search(text, kinds=kinds, statuses=statuses, theme=theme, limit=limit)
            for index in (one, other)
        )
        assert found == wanted, (text, kinds, statuses, theme)


@settings(max_examples=40)
@given(st.integers(0, 2**32))
def test_after_any_edits_the_same_is_found_in_the_same_order_as_by_an_index_made_anew(seed: int) -> None:
    rng = random.Random(seed)
    debate = Debate(rng, rng.randint(0, 60))
    index = Index(debate.argument, debate.verdicts)
    if rng.random() < 0.5:
        index.search("transparancy")  # spellings are read before the edits, or after them
    for _ in range(rng.randint(1, 5)):
        earlier, argument, verdicts = index, debate.argument, debate.verdicts
        touched = debate.edit()
        index = index.amended(debate.argument, debate.verdicts, touched)
        assert_equal(index, Index(debate.argument, debate.verdicts), rng)
        assert_equal(earlier, Index(argument, verdicts), rng)
