"""Files that are taken over together and name the same nodes: each such node once, with what all say of it.

AIFdb numbers the nodes of all its nodesets in one sequence, and nodesets of one corpus share nodes; in AIF in
RDF, names are IRIs. So what has the same name and the same text in several files of AIF is one node. The same
name with another text is another node, and told: files that stand for themselves often count from 1.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import Final

from argraph.argument.graph import Step
from argraph.exchange.model import Imported, Ledger, Loss, Model
from argraph.exchange.settling import Settled, settle

_GLOBAL: Final = frozenset({"aif", "xaif", "aif-rdf"})
"""Formats in which a name may mean the same in several files."""


@dataclass(slots=True)
class Part:
    """What one of several files is to say.

    Attributes:
        settled: Its own nodes and steps, made fit for the gate together with those of the files it shares
            nodes with.
        elsewhere: The file that describes a node or step which this one has, too, by name.
        shared: Further files that a node of this one was found in, by name.
        losses: What it took, in the order found.
    """

    settled: Settled
    elsewhere: Mapping[str, int] = field(default_factory=dict)
    shared: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    losses: tuple[Loss, ...] = ()


def parts(imports: Sequence[Imported]) -> Iterator[tuple[int, Part]]:
    """What each file is to say, with its number; a file comes after those that it shares nodes with."""
    shared = _Shared(imports)
    for group in shared.groups():
        if len(group) == 1:
            settled = settle(imports[group[0]].model)
            yield group[0], Part(settled, losses=(*shared.told(group[0]), *settled.losses))
        else:
            yield from _Group(imports, shared, group).parts()


class _Shared:
    """Which file describes what several have."""

    def __init__(self, imports: Sequence[Imported]) -> None:
        self._imports = imports
        self.owners: list[dict[str, int]] = [{} for _ in imports]
        self._ledgers = [Ledger() for _ in imports]
        self._above = list(range(len(imports)))
        first: dict[str, dict[str, int]] = {}
        clashes: list[tuple[int, str, int]] = []
        numbered = [i for i, imported in enumerate(imports) if imported.format in _GLOBAL]
        for number in numbered if len(numbered) > 1 else ():
            for name, node in imports[number].model.nodes.items():
                texts = first.setdefault(name, {})
                if node.text.strip() and node.text in texts:
                    self._own(number, name, texts[node.text], "node")
                    continue
                if texts:
                    clashes.append((number, name, next(iter(texts.values()))))
                texts[node.text] = number
        if any(self.owners):
            clashes += self._steps(numbered, first)
        for number, name, other in clashes:
            self._clash(number, name, other)

    def _own(self, number: int, name: str, owner: int, what: str) -> None:
        self.owners[number][name] = owner
        self._above[self._root(number)] = self._root(owner)
        reason = "what has the same name and says the same is one, taken from both files"
        told = f"{what} that {PurePath(self._imports[owner].name).name} has, too"
        self._ledgers[number].tally(name, told, reason, "added")

    def _steps(
        self, numbered: Sequence[int], nodes: Mapping[str, Mapping[str, int]]
    ) -> list[tuple[int, str, int]]:
        """Find the steps that several files have; those that steps are about come before these."""
        first: dict[str, dict[tuple[object, ...], int]] = {}
        clashes = []
        for number in numbered:
            steps = self._imports[number].model.steps
            done: set[str] = set()
            for start in steps:
                path, end = {start: None}, steps[start].end
                while end in steps and end not in done and end not in path:
                    path[end] = None
                    end = steps[end].end
                for name in reversed(path):
                    if name in done:
                        continue
                    done.add(name)
                    known = first.setdefault(name, {})
                    said = self._said(number, steps[name])
                    if said in known:
                        self._own(number, name, known[said], "step")
                    else:
                        others = [*known.values(), *nodes.get(name, {}).values()]
                        if others and others[0] != number:
                            clashes.append((number, name, others[0]))
                        known[said] = number
        return clashes

    def _said(self, number: int, step: Step) -> tuple[object, ...]:
        def meant(name: str) -> tuple[int, str]:
            return self.owners[number].get(name, number), name

        return step.kind, step.scheme, step.text, meant(step.end), *map(meant, step.premises)

    def _clash(self, number: int, name: str, other: int) -> None:
        file = PurePath(self._imports[other].name).name
        if self._root(number) == self._root(other):
            reason = f"{file} has the same name for something else: they are two"
            self._ledgers[number].add(name, "node or step", reason, "changed")
        else:
            reason = "each file numbers its nodes on its own: they are two"
            self._ledgers[number].tally(name, f"name that {file} has for something else", reason, "added")

    def _root(self, number: int) -> int:
        while self._above[number] != number:
            self._above[number] = self._above[self._above[number]]
            number = self._above[number]
        return number

    def groups(self) -> list[list[int]]:
        """The files that share nodes with each other, by number; most groups are of one."""
        found: defaultdict[int, list[int]] = defaultdict(list)
        for number in range(len(self._above)):
            found[self._root(number)].append(number)
        return list(found.values())

    def told(self, number: int) -> tuple[Loss, ...]:
        """What is to be said of the names of a file."""
        return self._ledgers[number].report().losses


class _Group:
    """Files that share nodes, settled as one."""

    def __init__(self, imports: Sequence[Imported], shared: _Shared, group: Sequence[int]) -> None:
        self._imports, self._shared, self._group = imports, shared, group
        self._known: dict[str, tuple[int, str]] = {}
        """File and name there of each name in the whole."""
        self._whole: dict[tuple[int, str], str] = {}
        for number in group:
            model = imports[number].model
            for name in (*model.nodes, *model.steps):
                if name not in shared.owners[number]:
                    free = name
                    while free in self._known:
                        free = f"{free} ({PurePath(imports[number].name).name})"
                    self._known[free] = number, name
                    self._whole[number, name] = free

    def parts(self) -> Iterator[tuple[int, Part]]:
        settled = settle(self._model())
        models = {n: replace(self._imports[n].model, nodes={}, steps={}) for n in self._group}
        removed: defaultdict[int, dict[str, Step]] = defaultdict(dict)
        texts: defaultdict[int, dict[str, str]] = defaultdict(dict)
        losses: defaultdict[int, list[Loss]] = defaultdict(list)
        for free, node in settled.model.nodes.items():
            number, name = self._known[free]
            models[number].nodes[name] = replace(node, iri=name)
        for free, step in settled.model.steps.items():
            number, name = self._known[free]
            models[number].steps[name] = self._named(step, name)
        for free, step in settled.removed.items():
            number, name = self._known[free]
            removed[number][name] = self._named(step, name)
        for free, text in settled.texts.items():
            number, name = self._known[free]
            texts[number][name] = text
        for loss in settled.losses:
            number, name = self._known.get(loss.place, (self._group[0], loss.place))
            losses[number].append(replace(loss, place=name))
        also: defaultdict[int, defaultdict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        for number in self._group:
            for name, owner in self._shared.owners[number].items():
                also[owner][name].append(number)
        for number in self._group:
            shared = {name: tuple(files) for name, files in also[number].items()}
            told = (*self._shared.told(number), *losses[number])
            own = Settled(models[number], (), removed[number], texts[number])
            yield number, Part(own, self._shared.owners[number], shared, told)

    def _model(self) -> Model:
        """All that the files say, each node and step once."""
        whole = Model()
        for number in self._group:
            model = self._imports[number].model
            for name, node in model.nodes.items():
                if name not in self._shared.owners[number]:
                    free = self._free(number, name)
                    whole.nodes[free] = replace(node, iri=free)
            for name, step in model.steps.items():
                if name not in self._shared.owners[number]:
                    free = self._free(number, name)
                    premises = tuple(sorted(self._free(number, premise) for premise in step.premises))
                    end = self._free(number, step.end)
                    whole.steps[free] = replace(step, iri=free, premises=premises, end=end)
        return whole

    def _free(self, number: int, name: str) -> str:
        owner = self._shared.owners[number].get(name, number)
        return self._whole.get((owner, name), name)

    def _named(self, step: Step, name: str) -> Step:
        """A step by the names that its own file has."""
        premises = tuple(sorted(self._known.get(free, (0, free))[1] for free in step.premises))
        return replace(step, iri=name, premises=premises, end=self._known.get(step.end, (0, step.end))[1])
