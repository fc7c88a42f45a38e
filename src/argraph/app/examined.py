"""What is told of a file that is to join the debate, or to leave it: findings, impact, difference."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import PurePath
from typing import Any, Final

import pyoxigraph as ox

from argraph import resources, vocab
from argraph.app.records import spelt
from argraph.app.vocabulary import Vocabulary
from argraph.argument.graph import local_name
from argraph.argument.wording import name as called
from argraph.contribution import impact_report
from argraph.contribution.check import Edit
from argraph.contribution.difference import Difference, Property, Value, Words, differences, said
from argraph.contribution.impact import Impact
from argraph.diagnostics import Diagnostic, Location, Report, Severity
from argraph.errors import ResourceMissing
from argraph.rdf.store import Quads
from argraph.workspace import Workspace

_FINDINGS: Final = 500
"""Findings that are told of one file."""
_ENTRIES: Final = 300
"""Entries of a list that are told: nodes that differ, changes of a kind."""
_LONG: Final = 2000
"""Characters of a text that are told."""
_PATH: Final = 40
"""Links of a path that are told."""
_WORDS: Final = {
    vocab.TYPE: "kind",
    vocab.LABEL: "label",
    vocab.DCTERMS + "isPartOf": "part of",
    vocab.DCTERMS + "subject": "theme",
    vocab.PROV + "hadPrimarySource": "taken from",
    vocab.BIBO + "authorList": "authors",
}
"""Properties of other vocabularies whose own names tell a contributor little."""
_OF_THE_FILE: Final = {"no-contribution"}
"""Rules about a file itself: they say nothing of one that leaves."""


@dataclass(frozen=True, slots=True)
class Examined:
    """What is to be known before a file joins the debate, or leaves it.

    Lists and texts are cut where they are longer than anybody reads, so that no file makes an answer large.

    Attributes:
        report: Everything that is wrong with it, in the order of the file.
        impact: `Impact.as_data`, with `told`: `headline` and `sections` as `impact_report.telling` has them,
            and `left_out`: how many entries of which list are not told. None where faults of syntax are in
            the way.
        difference: The nodes that the file adds, changes or removes, in words; the same order each time.
        left_out: How many more nodes differ.
        title: What the file calls its contribution; its name where it does not.
        graph: IRI of its contribution; None where it does not describe exactly one.
        replaces: Paths of files of the debate whose place it takes, as the folder has them.
    """

    report: Report
    impact: Mapping[str, Any] | None
    difference: tuple[Difference, ...]
    left_out: int
    title: str
    graph: str | None
    replaces: tuple[str, ...]

    def as_data(self) -> dict[str, Any]:
        """The same as JSON has it."""
        return {
            "report": self.report.as_data(),
            "impact": self.impact,
            "difference": [asdict(one) for one in self.difference],
            "left_out": self.left_out,
            "title": self.title,
            "graph": self.graph,
            "replaces": list(self.replaces),
        }

    @classmethod
    def of_data(cls, data: Mapping[str, Any]) -> Examined:
        """What `as_data` told."""
        return cls(
            report=Report.from_data(data["report"]),
            impact=data["impact"],
            difference=tuple(map(_difference, data["difference"])),
            left_out=data["left_out"],
            title=data["title"],
            graph=data["graph"],
            replaces=tuple(data["replaces"]),
        )


def _difference(told: Mapping[str, Any]) -> Difference:
    properties = tuple(
        Property(one["iri"], one["name"], *(tuple(Value(**v) for v in one[s]) for s in ("before", "after")))
        for one in told["properties"]
    )
    return Difference(**{**told, "properties": properties})


def arrival(workspace: Workspace, name: str, data: bytes, *, instead_of: str | None = None) -> Examined:
    """Examine a file that is to join the debate; total on any bytes.

    Args:
        workspace: The debate.
        name: What the file is called in findings.
        data: Its bytes.
        instead_of: A file whose place it takes whatever it says, within the debate's folder.

    Raises:
        ResourceMissing: There is no such file.
    """
    files = {name: data}
    if instead_of is not None and instead_of not in _replaced(workspace, workspace.edit(files)[0]):
        files[_place(workspace, instead_of)] = b""  # an empty file in its place says nothing
    return _examined(workspace, files, name)


def removal(workspace: Workspace, path: str) -> Examined:
    """Examine what it would mean for the debate if one of its files were not there.

    Args:
        workspace: The debate.
        path: The file, within the debate's folder.

    Raises:
        ResourceMissing: There is no such file.
    """
    return _examined(workspace, {_place(workspace, path): b""}, path)


def _examined(workspace: Workspace, files: Mapping[str, bytes], title: str) -> Examined:
    empty = {path for path, data in files.items() if not data and path in workspace.store.graphs}
    found = workspace.check_files(files)
    report = Report.of(_without_place(f, empty, title) for f in found if not _of_nothing(f, empty))
    edit, faults = workspace.edit(files)
    change = None if len(faults) else workspace.impact_of(edit)
    differing = list(_differing(workspace, edit, change))
    leaves = len(empty) == len(files)
    graph, entitled = _contribution(_going(workspace, edit) if leaves else edit.triples)
    return Examined(
        report=_cut_report(report),
        impact=None if change is None else _impact(change),
        difference=tuple(map(_cut_difference, differing[:_ENTRIES])),
        left_out=max(0, len(differing) - _ENTRIES),
        title=_cut(entitled or title),
        graph=graph,
        replaces=_replaced(workspace, edit),
    )


def _of_nothing(finding: Diagnostic, empty: Collection[str]) -> bool:
    """Whether it says of an empty file that it is empty."""
    return finding.location.path in empty and finding.code in _OF_THE_FILE


def _without_place(finding: Diagnostic, empty: Collection[str], title: str) -> Diagnostic:
    """What an empty file does to others, told of the file that is examined; no path of the server is told."""
    return replace(finding, location=Location(title)) if finding.location.path in empty else finding


def _place(workspace: Workspace, path: str) -> str:
    for place in workspace.store.graphs:
        if _within(workspace, place) == path:
            return place
    raise ResourceMissing(f"There is no file {path} in the debate any more.")


def _within(workspace: Workspace, place: str) -> str:
    return PurePath(os.path.relpath(place, workspace.folder)).as_posix()


def _replaced(workspace: Workspace, edit: Edit) -> tuple[str, ...]:
    """The files whose place an edit takes, within the debate's folder."""
    places = (place for place, graph in workspace.store.graphs.items() if graph in edit.without)
    return tuple(sorted(_within(workspace, place) for place in places))


def _going(workspace: Workspace, edit: Edit) -> list[ox.Triple]:
    """What the files say whose place is taken."""
    graphs = map(ox.NamedNode, sorted(edit.without))
    raw = workspace.store.raw
    return [quad.triple for graph in graphs for quad in raw.quads_for_pattern(None, None, None, graph)]


def _contribution(triples: Collection[ox.Triple]) -> tuple[str | None, str]:
    """IRI and title of the one contribution that a file describes."""
    kind = ox.NamedNode(vocab.CONTRIBUTION)
    described = {t.subject for t in triples if t.predicate.value == vocab.TYPE and t.object == kind}
    if len(described) != 1:
        return None, ""
    (node,) = described
    titles = (
        t.object.value
        for t in triples
        if t.subject == node
        and t.predicate.value == vocab.DCTERMS + "title"
        and isinstance(t.object, ox.Literal)
    )
    return (node.value if isinstance(node, ox.NamedNode) else None), min(titles, default="")


# -- the difference -----------------------------------------------------------------------------------------


def _differing(workspace: Workspace, edit: Edit, impact: Impact | None) -> Iterator[Difference]:
    touched = {triple.subject for triple in (*_going(workspace, edit), *edit.triples)}
    before, staying = _around(workspace.store.raw, touched, edit.without)
    after = said([*staying, *edit.triples])
    words = _Words(workspace, after, impact)
    return differences(said(before), after, Words(words.node, words.term))


def _around(
    store: Quads, nodes: Iterable[Any], without: Iterable[str]
) -> tuple[list[ox.Triple], list[ox.Triple]]:
    """What the store says of nodes, and of those without a name that they lead to; and what of it stays."""
    before, staying, without = [], [], frozenset(without)
    queue = list(nodes)
    seen = set(queue)
    while queue:
        for quad in store.quads_for_pattern(queue.pop(), None, None):
            before.append(quad.triple)
            if getattr(quad.graph_name, "value", "") not in without:
                staying.append(quad.triple)
            if isinstance(quad.object, ox.BlankNode) and quad.object not in seen:
                seen.add(quad.object)
                queue.append(quad.object)
    return before, staying


class _Words:
    """What nodes and properties are called, with the file in place."""

    def __init__(self, workspace: Workspace, after: Mapping[Any, Any], impact: Impact | None) -> None:
        self._workspace = workspace
        self._after = after
        self._argument = impact.after if impact else workspace.argument
        self._vocabulary = _vocabulary()

    def term(self, iri: str) -> str:
        word = _WORDS.get(iri) or self._vocabulary.text(iri, vocab.RDFS + "label", vocab.LABEL)
        return word or spelt(local_name(iri))

    def node(self, iri: str) -> str:
        if iri.startswith(vocab.ARG) or self._vocabulary.defines(iri):
            return self.term(iri)
        new = self._after.get(ox.NamedNode(iri), {})
        for name in (vocab.LABEL, vocab.NAME, vocab.DCTERMS + "title"):
            texts = [term.value for term in new.get(name, ()) if isinstance(term, ox.Literal)]
            if texts:
                return min(texts)
        argument = self._argument if self._has(self._argument, iri) else self._workspace.argument
        if self._has(argument, iri):
            name = called(argument, iri)
            return name[1:-1] if iri in argument.nodes and name.startswith("“") else name
        return self._workspace.label(iri)

    @staticmethod
    def _has(argument: Any, iri: str) -> bool:
        return iri in argument.nodes or iri in argument.steps


@cache
def _vocabulary() -> Vocabulary:
    return Vocabulary(resources.ontology())


# -- what is left out ---------------------------------------------------------------------------------------


def _impact(change: Impact) -> dict[str, Any]:
    data = change.as_data()
    left_out = {}
    for name, entries in data.items():
        if len(entries) > _ENTRIES:
            left_out[name] = len(entries) - _ENTRIES
            del entries[_ENTRIES:]
        for entry in entries:
            if isinstance(entry, dict) and len(entry.get("path", ())) > _PATH:
                entry["path"] = entry["path"][:_PATH]
    told = asdict(impact_report.telling(change))
    return {**data, "left_out": left_out, "told": told}


def _cut(text: str) -> str:
    return text if len(text) <= _LONG else f"{text[: _LONG - 1]}…"


def _cut_difference(one: Difference) -> Difference:
    properties = tuple(
        replace(
            told,
            before=tuple(map(_cut_value, told.before[:_ENTRIES])),
            after=tuple(map(_cut_value, told.after[:_ENTRIES])),
        )
        for told in one.properties[:_ENTRIES]
    )
    return replace(one, label=_cut(one.label), kind=_cut(one.kind), properties=properties)


def _cut_value(value: Value) -> Value:
    return replace(value, text=_cut(value.text))


def _cut_report(report: Report) -> Report:
    """The gravest findings of a report, in the order of the file, with a last one that counts the others."""
    ranked = sorted(report, key=lambda finding: list(Severity).index(finding.severity))
    kept = [
        replace(
            finding,
            message=_cut(finding.message),
            hint=_cut(finding.hint),
            value=_cut(finding.value),
            term="" if len(finding.term) > _LONG else finding.term,  # half a term would be none
            focus="" if len(finding.focus) > _LONG else finding.focus,
            source=finding.source[:_LONG],
        )
        for finding in ranked[:_FINDINGS]
    ]
    left = ranked[_FINDINGS:]
    if left:
        text = f"{len(left)} more findings are not shown. Mend these first; then the others are shown."
        severity = left[0].severity
        last = max(finding.location for finding in kept)
        kept.append(Diagnostic("more-findings", severity, text, last))
    return Report.of(kept)
