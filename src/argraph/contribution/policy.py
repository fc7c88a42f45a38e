"""Rules that SHACL cannot say: about files, about the rest of the graph, and about whole chains of steps."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from pathlib import PurePath
from typing import Final

import pyoxigraph as ox

from argraph import vocab
from argraph.contribution.case import Case, File
from argraph.diagnostics import Diagnostic, Severity
from argraph.rdf.store import Node, Term
from argraph.rdf.turtle import PositionedTriple

RULES: Final = {
    "already-defined": "A node is defined in one file only; other files link to it.",
    "blank-unfilled": "A scaffold's blanks «fill in: …» are filled before the file is handed in.",
    "circular-support": "Statements do not hold each other up in a circle.",
    "defined-twice": "A node is described in one place of a file.",
    "foreign-node": "A file describes its own nodes, and only links to those of others.",
    "missing-node": "A link leads to a node that exists.",
    "near-duplicate": "A statement that exists already is linked to, not added again.",
    "no-contribution": "Every file says whose contribution it is, from when, and under which licence.",
    "node-without-class": "Every node says what it is.",
    "not-all-checked": "What depends on the whole file is checked when the whole file can be read.",
    "prefix-namespace": "Prefixes stand for the namespaces that the vocabulary uses.",
    "removed-node": "A node that others link to is not taken away.",
    "replaces-file": "A newer version of a file takes the place of the older one.",
    "self-attack": "A statement does not attack itself or a step that rests on it.",
    "several-contributions": "A file is one contribution.",
    "unattached": "Claims and evidence are used by a step or a line.",
    "unknown-class": "Classes are those of the vocabulary.",
    "unknown-property": "Properties are those that the vocabulary has for this kind of node.",
    "vocabulary-changed": "What its terms mean, the vocabulary says; a contribution uses them.",
    "unknown-term": "Values from the vocabulary exist in it.",
}
"""What each rule of the gate outside the shapes asks for, by its code."""

_STATEMENTS = frozenset(vocab.STATEMENTS)
_USES = (vocab.PREMISE, vocab.CONCLUSION, vocab.TARGET, vocab.EVIDENCE_OF, vocab.BEARS_ON)


def apply(case: Case) -> Iterator[Diagnostic]:
    """Run every rule over the checked files."""
    for rule in _CERTAIN if not case.complete else (*_CERTAIN, *_WHOLE):
        yield from rule(case)


def without_consequences(found: list[Diagnostic], case: Case) -> list[Diagnostic]:
    """Leave out that a node is unattached where a step of its file is at fault: that may be why."""
    faulty = {(d.location.path, d.focus) for d in found if d.severity is Severity.VIOLATION}
    broken = {
        file.path
        for file in case.files
        for step in file.of_class(*vocab.STEPS)
        if (file.path, step.subject.value) in faulty
    }
    return [d for d in found if d.code != "unattached" or d.location.path not in broken]


# -- the file as a contribution -----------------------------------------------------------------------------


def one_contribution(case: Case) -> Iterator[Diagnostic]:
    """Exactly one contribution in a file."""
    for file in case.files:
        found = list(file.of_class(vocab.CONTRIBUTION))
        if not found:
            base = case.bases[0] if case.bases else "https://example.org/my-debate/"
            name = re.sub(r"[^a-z0-9]+", "-", PurePath(file.path).stem.lower()).strip("-") or "mine"
            yield file.finding(
                "no-contribution",
                Severity.VIOLATION,
                "This file does not say whose contribution it is.",
                hint=f"Add: {file.shown(base + 'contribution-' + name)} a arg:Contribution ; "
                f'dcterms:isPartOf <{base}> ; dcterms:title "…"@en ; dcterms:creator <https://…> ; '
                'dcterms:created "2026-01-31"^^xsd:date ; '
                "dcterms:license <https://creativecommons.org/licenses/by/4.0/> .",
            )
        for further in found[1:]:
            yield file.finding(
                "several-contributions",
                Severity.VIOLATION,
                f"This file is {file.shown(found[0].subject)} already, and a file is one contribution.",
                further.subject_span,
                hint="Put this one, and the nodes that belong to it, in a file of its own.",
                focus=further.subject,
            )


def taking_a_place(case: Case) -> Iterator[Diagnostic]:
    """A new version, elsewhere, of a file of the graph."""
    for old, new in case.replaced.items():
        if _same_place(old, new):
            continue
        file = next(file for file in case.files if file.path == new)
        for contribution in file.of_class(vocab.CONTRIBUTION):
            graph = case.ground.store.graphs[old]
            if not isinstance(contribution.subject, ox.NamedNode) or contribution.subject.value != graph:
                continue
            yield file.finding(
                "replaces-file",
                Severity.INFO,
                f"{file.shown(contribution.subject)} is the contribution of {short(old)}: this file would "
                "take its place.",
                contribution.subject_span,
                focus=contribution.subject,
            )


def _same_place(path: str, other: str) -> bool:
    return short(path) == short(other)


def short(path: str) -> str:
    """The last two parts of a path: enough to find a file of a debate, wherever the debate is installed.

    >>> short("/home/ada/graph/open-source-ai/safety.ttl")
    'open-source-ai/safety.ttl'
    """
    return "/".join(PurePath(path).parts[-2:])


# -- nodes and the rest of the graph ------------------------------------------------------------------------


def defined_once(case: Case) -> Iterator[Diagnostic]:
    """A node that another file defines, or another checked file before this one."""
    first: dict[Term, File] = {}
    for file in case.files:
        for node, types in file.types.items():
            if not isinstance(node, ox.NamedNode):
                continue
            elsewhere = first.setdefault(node, file)
            home = elsewhere.path if elsewhere is not file else short(case.home(node))
            if not home:
                continue
            hint = (
                "Link to it from nodes of your own. If yours is another node, give it another name; "
                "if you mean to change that one, change it in its file."
            )
            if any(t.object.value == vocab.CONTRIBUTION for t in types):
                hint = "Every contribution has a name of its own, and is one file."
            yield file.finding(
                "already-defined",
                Severity.VIOLATION,
                f"{file.shown(node)} is already defined in {home}.",
                types[0].subject_span,
                hint=hint,
                focus=node,
            )


def own_nodes(case: Case) -> Iterator[Diagnostic]:
    """Something said about a node that a file outside this check defines."""
    for file in case.files:
        for node, triples in file.by_subject.items():
            if node in file.types or not isinstance(node, ox.NamedNode):
                continue
            home = case.home(node)
            if home:
                # A remark or a translation does no harm; what the argument is made of is for its own file.
                argued = any(t.predicate.value.startswith(vocab.ARG) for t in triples)
                yield file.finding(
                    "foreign-node",
                    Severity.VIOLATION if argued else Severity.WARNING,
                    f"This changes what {short(home)} says about {file.shown(node)}.",
                    triples[0].subject_span,
                    hint="To add to the argument, link to it from a step or a line of your own.",
                    focus=node,
                )


def vocabulary_untouched(case: Case) -> Iterator[Diagnostic]:
    """Something said about a term of the vocabulary, or about classes, properties and shapes at all."""
    for file in case.files:
        for node, triples in file.by_subject.items():
            if _of_vocabulary(node, case):
                what, span = f"This changes what {file.shown(node)} means", triples[0].subject_span
            elif defining := next(filter(_defines, triples), None):
                what, span = f"{file.shown(defining.predicate)} defines a term", defining.predicate_span
            else:
                continue
            yield file.finding(
                "vocabulary-changed",
                Severity.VIOLATION,
                f"{what}, which is for the vocabulary to do.",
                span,
                hint="Remove it; a contribution describes nodes of its own, and links them.",
                focus=node,
            )


def _of_vocabulary(node: Term, case: Case) -> bool:
    if not isinstance(node, ox.NamedNode) or case.is_node(node):
        return False
    return case.vocabulary.knows(node.value) or node.value.startswith((vocab.ARG, vocab.ASH))


def _defines(triple: PositionedTriple) -> bool:
    return triple.predicate.value in _DEFINING or triple.predicate.value.startswith(vocab.SHACL)


_DEFINING: Final = {vocab.RDFS + name for name in ("subClassOf", "subPropertyOf", "domain", "range")}


def described_in_one_place(case: Case) -> Iterator[Diagnostic]:
    """A node that two places of a file give different classes or wordings."""
    for file in case.files:
        for node, triples in file.by_subject.items():
            first: dict[str, PositionedTriple] = {}
            others: dict[str, PositionedTriple] = {}
            for triple in triples:
                what = _DESCRIPTION.get(triple.predicate.value, "")
                before = first.setdefault(what, triple)
                if what and before.subject_span != triple.subject_span and _conflict(triple, before):
                    others.setdefault(what, triple)
            if not others:
                continue
            wording = others.keys() - {"class"}
            what = min(wording, default="class")
            yield file.finding(
                "defined-twice",
                Severity.VIOLATION if wording else Severity.WARNING,
                f"{file.shown(node)} has another {what} in line "
                f"{file.document.location(first[what].object_span).line}.",
                others[what].object_span,
                hint="If these are two nodes, give one of them another name.",
                focus=node,
            )


_DESCRIPTION: Final = {vocab.TYPE: "class", vocab.LABEL: "label", vocab.TEXT: "text", vocab.NAME: "title"}


def _conflict(one: PositionedTriple, other: PositionedTriple) -> bool:
    language = getattr(one.object, "language", None), getattr(other.object, "language", None)
    return one.object != other.object and language[0] == language[1]


def nothing_lost(case: Case) -> Iterator[Diagnostic]:
    """A node of the earlier version of a file that other files still link to."""
    for old, new in case.replaced.items():
        file = next(file for file in case.files if file.path == new)
        graph = ox.NamedNode(case.ground.store.graphs[old])
        for quad in case.ground.store.raw.quads_for_pattern(None, ox.NamedNode(vocab.TYPE), None, graph):
            node = quad.subject
            if not case.is_node(node) or case.says(node, vocab.TYPE, None):  # type: ignore[arg-type]
                continue
            links = case.union.quads_for_pattern(None, None, node)  # type: ignore[arg-type]
            linked = sorted(
                (path, file.shown(link.subject))  # type: ignore[arg-type]
                for link in links
                if (path := case.foreign(getattr(link.graph_name, "value", ""))) is not None
            )
            if linked:
                path, name = linked[0]
                where = f"{name} in {short(path)}" + (f" and {len(linked) - 1} more" if linked[1:] else "")
                yield file.finding(
                    "removed-node",
                    Severity.VIOLATION,
                    f"{file.shown(node)} is gone from this file, but is linked to by {where}.",  # type: ignore[arg-type]
                    hint="Keep the node, or change those links first.",
                    focus=node,  # type: ignore[arg-type]
                )


def attached(case: Case) -> Iterator[Diagnostic]:
    """A claim or an evidence item that no step uses."""
    for file in case.files:
        for statement in file.of_class(vocab.CLAIM, vocab.EVIDENCE):
            node = statement.subject
            if not case.is_node(node) or any(case.says(None, use, node) for use in _USES):
                continue
            if statement.object.value == vocab.EVIDENCE:
                what, how = "evidence", "Add an arg:EvidenceLine from it to the statement that it bears on."
            else:
                what, how = "claim", "Add an arg:Support from it to what it is a reason for."
            yield file.finding(
                "unattached",
                Severity.WARNING,
                f"No step uses the {what} {file.shown(node)}: it speaks for or against nothing.",
                statement.subject_span,
                hint=how,
                focus=node,
            )


# -- chains of steps ----------------------------------------------------------------------------------------


def no_circles(case: Case) -> Iterator[Diagnostic]:
    """Support that leads back to where it came from, closed by a step of a checked file."""
    ends = {}
    for file in case.files:
        for step in file.of_class(vocab.SUPPORT):
            for end in file.objects(step.subject, vocab.CONCLUSION):
                for start in file.objects(step.subject, vocab.PREMISE):
                    ends[start.object.value, end.object.value] = (file, end)
    if not ends:
        return
    for cycle in case.argument.support_cycles(through={end for _, end in ends}):
        links = list(zip(cycle, [*cycle[1:], cycle[0]], strict=True))
        here = next((ends[link] for link in links if link in ends), None)
        if here is None:
            continue
        file, end = here
        if len(cycle) == 1:
            message = f"{file.shown(cycle[0])} is given as a reason for itself."
            hint = "A reason must be another statement: change the premise or the conclusion."
        else:
            chain = " → ".join(file.shown(iri) for iri in [*cycle, cycle[0]])
            message = f"These statements hold each other up in a circle: {chain}."
            hint = "Take out the step that closes the circle; if two of them say the same, keep one."
        yield file.finding(
            "circular-support", Severity.VIOLATION, message, end.object_span, hint=hint, focus=end.subject
        )


def no_self_attack(case: Case) -> Iterator[Diagnostic]:
    """An attack on its own premise, on itself, or on a step that rests on its own premise."""
    for file in case.files:
        for attack in file.of_class(vocab.ATTACK):
            premises = {t.object for t in file.objects(attack.subject, vocab.PREMISE)}
            for target in file.objects(attack.subject, vocab.TARGET):
                end = target.object
                severity = Severity.VIOLATION
                if end in premises:
                    message = f"{file.shown(end)} attacks itself."
                elif end == attack.subject:
                    message = "This attack is its own target."
                elif resting := [p for p in premises if _rests(case, end, p)]:
                    severity = Severity.WARNING
                    message = f"{file.shown(resting[0])} attacks {file.shown(end)}, which it is a premise of."
                else:
                    continue
                yield file.finding(
                    "self-attack",
                    severity,
                    message,
                    target.object_span,
                    hint="Set the target to what the premise speaks against.",
                    focus=attack.subject,
                )


def _rests(case: Case, step: Term, premise: Term) -> bool:
    return not isinstance(step, ox.Literal) and case.says(step, vocab.PREMISE, premise)


# -- wording ------------------------------------------------------------------------------------------------


def said_once(case: Case) -> Iterator[Diagnostic]:
    """A statement whose text is nearly that of another one."""
    if not any(True for file in case.files for _ in file.of_class(*_STATEMENTS)):
        return
    with case.workers.report("Reading the argument"):
        changed, _ = case.argument.differences(case.ground.argument)
        wordings = case.ground.wordings.edited(case.argument, changed)

    def alike(files: tuple[File, ...]) -> list[str]:
        return [wordings.nearest(node.value, text.object.value) for _, node, text in _texts(files)]

    found = chain.from_iterable(
        case.workers.each("Comparing wordings", alike, case.parts, weight=case.weight)
    )
    reported: set[frozenset[str]] = set()
    for (file, node, text), other in zip(_texts(case.files), found, strict=True):
        if not other or frozenset((node.value, other)) in reported:
            continue
        reported.add(frozenset((node.value, other)))
        yield file.finding(
            "near-duplicate",
            Severity.WARNING,
            f"This is very like {file.shown(other)}: “{case.argument.nodes[other].text}”",
            text.object_span,
            hint=f"If it says the same, link to {file.shown(other)} instead. "
            "If not, let the text say where they differ.",
            focus=node,
        )


def _texts(files: Iterable[File]) -> Iterator[tuple[File, Node, PositionedTriple]]:
    """The texts of statements, in order."""
    for file in files:
        for statement in file.of_class(*_STATEMENTS):
            for text in file.objects(statement.subject, vocab.TEXT):
                yield file, statement.subject, text


_Rule = Callable[[Case], Iterator[Diagnostic]]
_CERTAIN: Final[tuple[_Rule, ...]] = (
    taking_a_place,
    defined_once,
    own_nodes,
    vocabulary_untouched,
    described_in_one_place,
    no_self_attack,
    said_once,
)
"""Rules that hold whatever stands in the part of a file that could not be read."""

_WHOLE: Final[tuple[_Rule, ...]] = (one_contribution, nothing_lost, attached, no_circles)
