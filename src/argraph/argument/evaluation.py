"""What stands in a debate, why, and how strongly: labelling and strength applied to an argument graph."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import Final

import numpy as np

from argraph.argument.graph import ArgumentGraph
from argraph.argument.labelling import ALL, ANY, BASE, Arcs, Labelling, Reason, Status, label
from argraph.argument.scores import Scores
from argraph.argument.strength import Strengths, strengths

STATUSES: Final = {Status.ACCEPTED: "accepted", Status.REJECTED: "rejected", Status.UNDECIDED: "undecided"}
"""Word for each status."""


WITHDRAWAL: Final = ""
"""Stands for what withdraws other items, among the names of a framework."""


def _words(defeated: str) -> dict[Reason, str]:
    return {r: r.name.lower().replace("_", "-") for r in Reason} | {Reason.DEFEATED: defeated}


_REASONS: Final = {True: _words("undercut"), False: _words("refuted")}
"""Words for the reasons, of steps and of nodes."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the graph says of one statement, evidence item or step.

    Attributes:
        status: `accepted`, `rejected` or `undecided`.
        reason: `supported`, `assumed`, `unsupported`, `unfounded`, `refuted`, `undercut` or `open-attack`;
            `withdrawn` for what `Framework.without` leaves out.
        decider: IRI of the neighbour that settled it; empty when none did.
        rank: How many settlements lie between the evidence and this one.
        lower: The strength is at least this, in [0, 1].
        upper: The strength is at most this; equal to `lower` to four digits where the strength is unique.
    """

    status: str
    reason: str
    decider: str
    rank: int
    lower: float
    upper: float


@dataclass(frozen=True)
class Framework:
    """An argument graph as numbered items, in the order of their IRIs.

    Attributes:
        names: IRI of each item.
        needs: What each item needs: `BASE`, `ALL` or `ANY`.
        supports: Premise to step, and step to the statement it is for.
        attacks: Attacking step to what it attacks.
        contrary: The attacks, and contrary lines of evidence to their statement: what lowers strength.
        base: Base score of each item.
        index: Number of each item.
        withdrawn: Numbers of withdrawn items; then the last item is `WITHDRAWAL`, which has no index.
    """

    names: tuple[str, ...]
    needs: tuple[int, ...]
    supports: Arcs
    attacks: Arcs
    contrary: Arcs
    base: tuple[float, ...]
    index: Mapping[str, int] = field(repr=False)
    withdrawn: frozenset[int] = frozenset()

    @classmethod
    def of(cls, argument: ArgumentGraph, scores: Scores) -> Framework:
        """Number the nodes and steps of a graph.

        A premise or end that the graph does not describe becomes a statement that nothing supports, and so
        does a finding that counts for nothing whatever its grade, because it was retracted.
        """
        mentioned = {iri for step in argument.steps.values() for iri in (*step.premises, step.end)}
        names = tuple(sorted({*argument.nodes, *argument.steps, *mentioned}))
        index = {iri: i for i, iri in enumerate(names)}
        needs, base = [ANY] * len(names), [0.0] * len(names)
        void = set()
        for iri, node in argument.nodes.items():
            if node.kind == "evidence":
                state = argument.verification(node)
                if scores.factors.get(state) == 0.0:
                    void.add(iri)
                else:
                    needs[index[iri]], base[index[iri]] = BASE, scores.evidence(node.grade, state)
            elif node.assumed:
                needs[index[iri]], base[index[iri]] = BASE, scores.assumed
        supports: list[tuple[int, int]] = []
        attacks: list[tuple[int, int]] = []
        contrary: list[tuple[int, int]] = []
        for iri, step in argument.steps.items():
            i, end = index[iri], index[step.end]
            needs[i] = ALL
            base[i] = scores.line(step, argument.nodes.get(step.premises[0])) if "line" in step.kind else 1.0
            supports.extend((index[premise], i) for premise in step.premises)
            if step.favourable:
                if step.end not in void:
                    supports.append((i, end))
            else:
                contrary.append((i, end))
                if step.kind == "attack":
                    attacks.append((i, end))
        size = len(names)
        return cls(
            names=names,
            needs=tuple(needs),
            supports=_arcs(size, supports),
            attacks=_arcs(size, attacks),
            contrary=_arcs(size, contrary),
            base=tuple(base),
            index=MappingProxyType(index),
        )

    def without(self, items: Iterable[str]) -> Framework:
        """The framework as it would be if items were withdrawn: rejected, whatever speaks for them.

        It is as if an attack hit them that always stands, which is one more item, `WITHDRAWAL`.

        Args:
            items: IRIs of nodes and steps of the framework.
        """
        hit = sorted({self.index[item] for item in items})
        needs, base = [*self.needs, BASE], [*self.base, 1.0]
        for item in hit:
            needs[item], base[item] = BASE, 0.0
        return replace(
            self,
            names=(*self.names, WITHDRAWAL),
            needs=tuple(needs),
            supports=self.supports.extended([]),
            attacks=self.attacks.extended(hit),
            contrary=self.contrary.extended(hit),
            base=tuple(base),
            withdrawn=frozenset(hit),
        )

    @cached_property
    def inputs(self) -> list[list[int]]:
        """For each item the items that help or harm it."""
        found: list[list[int]] = [[] for _ in self.names]
        for arcs in (self.supports, self.contrary):  # every attack is contrary
            for start, end in zip(arcs.starts.tolist(), arcs.ends.tolist(), strict=True):
                found[end].append(start)
        return found

    @cached_property
    def labelling(self) -> Labelling:
        """The well-founded labelling."""
        return label(self.needs, self.supports, self.attacks)

    @cached_property
    def strengths(self) -> Strengths:
        """The strength intervals."""
        return strengths(self.needs, self.base, self.supports, self.contrary)

    @cached_property
    def verdicts(self) -> Mapping[str, Verdict]:
        """The verdict on every item, by IRI; of a withdrawal, where few differ, made when asked for."""
        made = _Verdicts(self)
        return made if self.withdrawn else dict(made.items())


class _Verdicts(Mapping[str, Verdict]):
    """The verdicts of a framework, each made when it is asked for."""

    def __init__(self, framework: Framework) -> None:
        self._index = framework.index
        self._framework = framework
        labelling, bounds = framework.labelling, framework.strengths
        columns = (labelling.status, labelling.reason, labelling.decider, labelling.rank)
        self._columns = [np.asarray(column).tolist() for column in (*columns, bounds.lower, bounds.upper)]

    def __getitem__(self, name: str) -> Verdict:
        at = self._index[name]
        status, reason, decider, rank, lower, upper = (column[at] for column in self._columns)
        words = _REASONS[self._framework.needs[at] == ALL]
        return Verdict(
            status=STATUSES[status],
            reason="withdrawn" if at in self._framework.withdrawn else words[reason],
            decider=self._framework.names[decider] if decider >= 0 else "",
            rank=rank,
            lower=lower,
            upper=upper,
        )

    def __iter__(self) -> Iterator[str]:
        return iter(self._index)

    def __len__(self) -> int:
        return len(self._index)


def _arcs(size: int, arcs: list[tuple[int, int]]) -> Arcs:
    pairs = np.array(arcs, dtype=np.int32).reshape(-1, 2)
    return Arcs.of(size, pairs[:, 0], pairs[:, 1])
