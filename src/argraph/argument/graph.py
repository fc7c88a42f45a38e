"""The argument graph: a typed, read-only view of what a store says about statements, evidence and steps."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from weakref import ref

import networkx as nx
import pyoxigraph as ox

from argraph import vocab
from argraph.argument.editing import with_others
from argraph.rdf.store import Quads

KINDS = {
    vocab.THESIS: "thesis",
    vocab.CLAIM: "claim",
    vocab.OBJECTION: "objection",
    vocab.REBUTTAL: "rebuttal",
    vocab.EVIDENCE: "evidence",
    vocab.SUPPORT: "support",
    vocab.ATTACK: "attack",
    vocab.EVIDENCE_LINE: "evidence line",
}
"""Word for each class of node, in the order in which a node with several classes is read."""


@dataclass(frozen=True, slots=True)
class Node:
    """A statement or an evidence item.

    Attributes:
        iri: Its IRI.
        kind: `thesis`, `claim`, `objection`, `rebuttal` or `evidence`.
        label: Short wording; for evidence without one, the citation of its study.
        text: Full wording.
        role: Local name of its editorial role, such as `Pillar`; may be empty.
        themes: IRIs of its themes.
        sources: IRIs of the passages or works it is taken from.
        studies: IRIs of the studies that report it; evidence only.
        grade: Local name of its grade; evidence only.
        verification: Local name of its verification state; evidence only.
        assumed: Whether it stands without evidence.
        note: The contributor's remark; may be empty.
    """

    iri: str
    kind: str
    label: str
    text: str
    role: str = ""
    themes: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    studies: tuple[str, ...] = ()
    grade: str = ""
    verification: str = ""
    assumed: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One argumentative move: premises, taken together, for or against one end.

    Attributes:
        iri: Its IRI.
        kind: `support`, `attack` or `evidence line`.
        premises: IRIs of statements and evidence items.
        end: IRI of the conclusion, of the target, or of the statement the evidence bears on.
        favourable: Whether it speaks for its end.
        text: The contributor's wording; may be empty.
        scheme: Local name of the scheme; may be empty.
        directness: Local name; evidence lines only.
        grade: Local name; evidence lines only.
    """

    iri: str
    kind: str
    premises: tuple[str, ...]
    end: str
    favourable: bool
    text: str = ""
    scheme: str = ""
    directness: str = ""
    grade: str = ""


@dataclass(frozen=True, slots=True)
class Study:
    """A source: paper, report, dataset, incident record, standard."""

    iri: str
    title: str
    authors: tuple[str, ...]
    more_authors: bool
    year: str
    venue: str
    type: str
    method: str
    doi: str
    arxiv: str
    url: str
    verification: str
    themes: tuple[str, ...]
    note: str

    @property
    def citation(self) -> str:
        """Author and year in brief; people are given as `Family, Given`, organisations as they are.

        >>> blank = dict.fromkeys(Study.__slots__, "") | {"year": "2023", "themes": (), "more_authors": False}
        >>> Study(**blank | {"authors": ("Byron, Ada", "Turing, Alan")}).citation
        'Byron and Turing 2023'
        >>> Study(**blank | {"authors": ("Open Source Initiative",), "more_authors": True}).citation
        'Open Source Initiative et al. 2023'
        """
        names = [author.split(",")[0] for author in self.authors]
        if len(names) > 2 or (self.more_authors and names):
            who = f"{names[0]} et al."
        else:
            who = " and ".join(names) or self.venue or "Unknown"
        return f"{who} {self.year}".strip()

    @property
    def link(self) -> str:
        """Where the study is found: DOI before arXiv before its own address."""
        if self.doi:
            return f"https://doi.org/{self.doi}"
        return f"https://arxiv.org/abs/{self.arxiv}" if self.arxiv else self.url


class ArgumentGraph:
    """Statements, evidence and steps with their neighbours, in a stable order (by IRI).

    A node or step that lacks a required part is left out rather than guessed: the gate reports it.

    Attributes:
        nodes: Statements and evidence items by IRI.
        steps: Steps by IRI.
        studies: Studies by IRI.
    """

    def __init__(self, nodes: Iterable[Node], steps: Iterable[Step], studies: Iterable[Study] = ()) -> None:
        self.nodes: Mapping[str, Node] = MappingProxyType({n.iri: n for n in sorted(nodes, key=_iri)})
        self.steps: Mapping[str, Step] = MappingProxyType({s.iri: s for s in sorted(steps, key=_iri)})
        self.studies: Mapping[str, Study] = MappingProxyType({s.iri: s for s in sorted(studies, key=_iri)})
        incoming: defaultdict[str, list[Step]] = defaultdict(list)
        outgoing: defaultdict[str, list[Step]] = defaultdict(list)
        for step in self.steps.values():
            incoming[step.end].append(step)
            for premise in step.premises:
                outgoing[premise].append(step)
        self._incoming: Mapping[str, list[Step]] = dict(incoming)
        self._outgoing: Mapping[str, list[Step]] = dict(outgoing)
        self._origin: tuple[ref[ArgumentGraph], frozenset[str]] | None = None

    @classmethod
    def of(cls, store: Quads) -> ArgumentGraph:
        """Read the union of all graphs of a store."""
        from argraph.argument.described import Described

        return cls(*Described(store).items())

    def edited(
        self, store: Quads, *, without: Collection[str], triples: Iterable[ox.Triple]
    ) -> ArgumentGraph:
        """The graph as it would be with other triples in place of some of the store's named graphs.

        Equal to reading all of that from the start; only what the difference describes is read anew, and
        all else is shared with this graph.

        Args:
            store: The store that this graph was read from.
            without: IRIs of the named graphs that would go.
            triples: What would be there in their place.
        """
        added: defaultdict[object, list[ox.Triple]] = defaultdict(list)
        for triple in triples:
            added[triple.subject].append(triple)
        gone = {
            quad.subject
            for graph in without
            for quad in store.quads_for_pattern(None, None, None, ox.NamedNode(graph))
        }
        touched = {term for term in (*gone, *added) if isinstance(term, ox.NamedNode)}
        from argraph.argument.described import Described

        described = Described()
        queue: list[ox.NamedNode | ox.BlankNode] = [*touched]
        seen = set(queue)
        while queue:  # lists hang on what is touched by nodes without a name
            subject = queue.pop()
            kept = (
                quad
                for quad in store.quads_for_pattern(subject, None, None)
                if getattr(quad.graph_name, "value", "") not in without
            )
            for statement in (*kept, *added.get(subject, ())):
                described.take(statement.subject, statement.predicate, statement.object)
                if isinstance(statement.object, ox.BlankNode) and statement.object not in seen:
                    seen.add(statement.object)
                    queue.append(statement.object)
        return with_others(self, frozenset(term.value for term in touched), *described.items())

    def differences(self, before: ArgumentGraph) -> tuple[set[str], set[str]]:
        """IRIs of nodes and steps, and of studies, that only one of two graphs has, or that differ in them.

        Where this graph is `before` as edited, that costs what the edit does.
        """
        among = self._origin[1] if self._origin and self._origin[0]() is before else None

        def differing(was: Mapping[str, object], now: Mapping[str, object]) -> set[str]:
            names = was.keys() | now.keys() if among is None else among
            # Most values are the same object in both: no need to look inside.
            return {
                name for name in names if (old := was.get(name)) is not (new := now.get(name)) and old != new
            }

        items = differing(before.nodes, self.nodes) | differing(before.steps, self.steps)
        return items, differing(before.studies, self.studies)

    def verification(self, evidence: Node) -> str:
        """Local name of a finding's verification state; `Retracted` also where every study behind it is."""
        states = {self.studies[study].verification for study in evidence.studies if study in self.studies}
        return "Retracted" if states == {"Retracted"} else evidence.verification

    def incoming(self, iri: str) -> tuple[Step, ...]:
        """Steps for or against a node or step."""
        return tuple(self._incoming.get(iri, ()))

    def outgoing(self, iri: str) -> tuple[Step, ...]:
        """Steps that have a node as premise."""
        return tuple(self._outgoing.get(iri, ()))

    @cached_property
    def statements(self) -> tuple[Node, ...]:
        """All nodes but evidence items."""
        return tuple(node for node in self.nodes.values() if node.kind != "evidence")

    def mentions(self, iri: str) -> bool:
        """Whether it is a node or step, or a step has it as premise or end."""
        used = self._incoming.get(iri) or self._outgoing.get(iri)
        return iri in self.nodes or iri in self.steps or bool(used)

    @cached_property
    def theses(self) -> tuple[Node, ...]:
        """What the debate is about."""
        return tuple(node for node in self.nodes.values() if node.kind == "thesis")

    def support_cycles(self, through: Iterable[str] | None = None) -> list[list[str]]:
        """Statements that hold each other up: one shortest cycle for each strongly connected group.

        Each cycle lists statement IRIs in the direction of support, starting at its least IRI, without
        repeating the first.

        Args:
            through: Only groups that support leads to from these are wanted; what does not come of them is
                not looked at.
        """
        steps = self.steps.values() if through is None else self._supports_from(through)
        supports: nx.DiGraph[str] = nx.DiGraph(
            (premise, step.end) for step in steps if step.kind == "support" for premise in step.premises
        )
        cycles = []
        for group in nx.strongly_connected_components(supports):
            start = min(group)
            if len(group) == 1 and not supports.has_edge(start, start):
                continue
            inner = supports.subgraph(group)
            paths = [nx.shortest_path(inner, after, start) for after in sorted(inner.successors(start))]
            cycles.append([start, *min(paths, key=lambda path: (len(path), path))[:-1]])
        return sorted(cycles)

    def _supports_from(self, starts: Iterable[str]) -> list[Step]:
        """The supports that can be reached from some statements over supports, by IRI."""
        found: dict[str, Step] = {}
        queue = list(starts)
        seen = set(queue)
        while queue:
            for step in self._outgoing.get(queue.pop(), ()):
                if step.kind == "support":
                    found[step.iri] = step
                    if step.end not in seen:
                        seen.add(step.end)
                        queue.append(step.end)
        return sorted(found.values(), key=_iri)

    def reported(self, study: str) -> tuple[Node, ...]:
        """Evidence items that a study reports."""
        return tuple(self._reported.get(study, ()))

    @cached_property
    def _reported(self) -> Mapping[str, Sequence[Node]]:
        found: defaultdict[str, list[Node]] = defaultdict(list)
        for node in self.nodes.values():
            for study in node.studies:
                found[study].append(node)
        return found

    def depend_on_each_other(self, one: str, other: str) -> bool:
        """Whether each of two nodes or steps bears on the other, over whatever steps for or against."""
        if one != other and "_circles" not in vars(self):
            for start, end in ((one, other), (other, one)):
                if (leads := self._leads(start, end)) is None:
                    break
                if not leads:
                    return False
            else:
                return True
        return one == other or self._circles.get(one, one) == self._circles.get(other, other)

    def _leads(self, start: str, end: str, most: int = 1_000) -> bool | None:
        """Whether one node or step bears on another one; None when that takes more than a short look."""
        queue, seen = [start], {start}
        for here in queue:
            if len(queue) > most:
                return None
            step = self.steps.get(here)
            for there in (*(use.iri for use in self.outgoing(here)), *([step.end] if step else ())):
                if there == end:
                    return True
                if there not in seen:
                    seen.add(there)
                    queue.append(there)
        return False

    @cached_property
    def _circles(self) -> Mapping[str, int]:
        """The number of the strongly connected group of each node and step."""
        groups = nx.strongly_connected_components(self._following)
        return {iri: number for number, group in enumerate(groups) for iri in group}

    @cached_property
    def _following(self) -> nx.DiGraph[str]:
        """What each node or step leads to: nodes to the steps that use them, steps to their ends."""
        following: nx.DiGraph[str] = nx.DiGraph()
        following.add_nodes_from(self.nodes)
        for step in self.steps.values():
            following.add_edge(step.iri, step.end)
            following.add_edges_from((premise, step.iri) for premise in step.premises)
        return following


def _iri(item: Node | Step | Study) -> str:
    return item.iri


def local_name(iri: str) -> str:
    """The part of an IRI after its last `#` or `/`.

    >>> local_name("https://w3id.org/argraph/ns#Moderate")
    'Moderate'
    """
    return iri.rstrip("#/").rsplit("#", 1)[-1].rsplit("/", 1)[-1]
