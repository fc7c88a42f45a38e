"""A debate as a model: the argument graph by names, with what was kept of the file it came from."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Final, NamedTuple, TypeAlias

import pyoxigraph as ox

from argraph import vocab
from argraph.argument.graph import ArgumentGraph, Node, Step, local_name
from argraph.exchange import aif, schemes
from argraph.exchange.model import Ledger, Loss, Model
from argraph.exchange.turtle import IMPORTER, NOT_EVALUATED, RDF_JSON, VALUE, made_up

Named: TypeAlias = Callable[[str], str]

_OF_NODES: Final = frozenset(
    {
        vocab.TYPE,
        vocab.LABEL,
        vocab.TEXT,
        vocab.ASSUMED,
        vocab.REPORTED_IN,
        vocab.ARG + "role",
        vocab.ARG + "grade",
        vocab.ARG + "verification",
        vocab.DCTERMS + "subject",
        vocab.PROV + "hadPrimarySource",
        vocab.SKOS + "note",
    }
)
_OF_STEPS: Final = frozenset(
    {
        vocab.TYPE,
        vocab.PREMISE,
        vocab.CONCLUSION,
        vocab.TARGET,
        vocab.EVIDENCE_OF,
        vocab.BEARS_ON,
        vocab.DIRECTION,
        vocab.TEXT,
        *(vocab.ARG + name for name in ("scheme", "directness", "grade")),
        vocab.PROV + "hadPrimarySource",
    }
)
_OF_STUDIES: Final = frozenset(
    {
        vocab.TYPE,
        vocab.NAME,
        vocab.BIBO + "authorList",
        vocab.SCHEMA + "datePublished",
        vocab.BIBO + "doi",
        vocab.FABIO + "hasArXivId",
        vocab.SCHEMA + "url",
        *(vocab.ARG + name for name in ("moreAuthors", "venue", "studyType", "method", "verification")),
        vocab.DCTERMS + "subject",
        vocab.SKOS + "note",
    }
)
_WORDINGS: Final = frozenset({vocab.LABEL, vocab.TEXT, vocab.NAME, vocab.SKOS + "note"})
_OF_LABELLED: Final = frozenset({vocab.TYPE, vocab.LABEL, vocab.NAME})


class Part(NamedTuple):
    """What leads to a node or step, by its IRI, up to so many steps away; all of it without a depth.

    Of a study, it is that study.
    """

    focus: str
    depth: int | None = None


def model_of(
    graph: ArgumentGraph, triples: Iterable[ox.Triple | ox.Quad], name: Named, *, part: Part | None = None
) -> tuple[Model, tuple[Loss, ...]]:
    """A debate as a model, and what of its triples a model has no place for.

    Args:
        graph: The argument graph of the triples.
        triples: All that the debate's files say.
        name: The name that an IRI has in the model.
        part: What of the debate is wanted; all of it without one.
    """
    said = _Said(graph)
    for triple in triples:
        said.take(triple.subject, triple.predicate.value, triple.object)
    ledger = Ledger()
    model = Model(
        nodes={
            name(iri): replace(
                node,
                iri=name(iri),
                label=node.label if iri in said.labels else "",
                themes=tuple(map(name, node.themes)),
                sources=tuple(name(source) for source in node.sources if source not in said.data),
                studies=tuple(map(name, node.studies)),
            )
            for iri, node in graph.nodes.items()
        },
        steps={
            name(iri): replace(
                step,
                iri=name(iri),
                premises=tuple(sorted(map(name, step.premises))),
                end=name(step.end),
                scheme=said.scheme(iri, step.scheme, name),
            )
            for iri, step in graph.steps.items()
        },
        studies={
            name(iri): replace(study, iri=name(iri), themes=tuple(map(name, study.themes)))
            for iri, study in graph.studies.items()
        },
        declared=True,
    )
    links = [link for node in graph.nodes.values() for link in node.themes]
    links += [link for study in graph.studies.values() for link in study.themes]
    model.themes = {name(iri): said.labels.get(iri, "") for iri in dict.fromkeys(links)}
    sources = [link for node in graph.nodes.values() for link in node.sources if link not in said.data]
    model.sources = {name(iri): said.labels.get(iri, "") for iri in dict.fromkeys(sources)}
    own = (iri for iri in said.schemes.values() if local_name(iri) not in schemes.ours())
    model.schemes = {name(iri): said.labels.get(iri, "") for iri in dict.fromkeys(own)}
    model.title, model.licence = said.title, said.licence
    if part is not None:
        model = _within(model, name(part.focus), part.depth)
    data = _united(list(said.data.values()), model.nodes)
    if data is not None:
        files = [said.labels.get(source, "") for source in said.data]
        if model.title in {made_up(file, len(files)) for file in files}:
            model.title = ""
        if part is not None:
            kept = data.get("kept")
            for form in kept if isinstance(kept, dict) else ():
                reason = "it belongs to the whole, of which this is a part"
                ledger.add(name(part.focus), f"data kept of {form}", reason)
            data = {key: value for key, value in data.items() if key not in {"kept", "steps"}}
        model = _restored(model, data)
    elif said.data:
        place = name(next(iter(said.data)))
        reason = "several files use the same names for what is theirs: export the debate of one at a time"
        for _ in said.data:
            ledger.tally(place, "names and data of the source", reason, "dropped")
    said.uncarried(ledger, {*model.themes, *model.sources}, name)
    return model, ledger.report().losses


def _united(parts: list[dict[str, object]], nodes: Mapping[str, Node]) -> dict[str, object] | None:
    """What was kept of several files as if of one; nothing where they have names in common, or none is kept.

    AIFdb numbers its nodes through all its files, so that such files can be put together again.
    """
    if len(parts) < 2:
        return parts[0] if parts else None
    united: dict[str, object] = {}
    for key in ("names", "texts", "steps"):
        maps = [part.get(key) for part in parts]
        union = {name: said for one in maps if isinstance(one, dict) for name, said in one.items()}
        if len(union) < sum(len(one) for one in maps if isinstance(one, dict)):
            return None
        if key == "names" and len(set(map(str, union.values()))) < len(union):
            return None
        united[key] = union
    names, worded = _object(united["names"]), _object(united["texts"])
    found = {str(names.get(local, local)): node.text for local, node in nodes.items()}
    texts = {name: str(worded.get(name, text)) for name, text in found.items()}
    kept = aif.united([part.get("kept") for part in parts], names.values(), texts)
    return None if kept is None else {**united, "kept": kept}


class _Said:
    """What triples say beside the argument graph."""

    def __init__(self, graph: ArgumentGraph) -> None:
        self._graph = graph
        self.labels: dict[str, str] = {}
        self.data: dict[str, dict[str, object]] = {}
        self.schemes: dict[str, str] = {}
        self._titles: dict[str, str] = {}
        self._types: dict[str, str] = {}
        self._others: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
        self._licences: dict[str, str] = {}
        self._imported: set[str] = set()
        """Contributions that an import made: nobody's, so that nothing is lost with them."""
        self._worded: set[tuple[str, str]] = set()
        self._translated: list[str] = []

    def take(self, subject: object, predicate: str, value: object) -> None:
        if not isinstance(subject, ox.NamedNode):
            return
        iri = subject.value
        if predicate == vocab.TYPE and isinstance(value, ox.NamedNode):
            self._types[iri] = value.value
        if isinstance(value, ox.Literal):
            self._word(iri, predicate, value)
        elif predicate == vocab.ARG + "scheme" and isinstance(value, ox.NamedNode):
            self.schemes[iri] = value.value
        elif predicate == vocab.DCTERMS + "license" and isinstance(value, ox.NamedNode):
            self._licences[iri] = value.value
        elif predicate == vocab.DCTERMS + "creator" and getattr(value, "value", "") == IMPORTER:
            self._imported.add(iri)
        for known, carried in (
            (self._graph.nodes, _OF_NODES),
            (self._graph.steps, _OF_STEPS),
            (self._graph.studies, _OF_STUDIES),
        ):
            if iri in known:
                if predicate not in carried:
                    self._others[iri].append(("", predicate))
                return
        self._others[iri].append(("other", predicate))

    @property
    def title(self) -> str:
        """The title of the debate; of several, that of the first by IRI."""
        return self._of_debate(self._titles)

    @property
    def licence(self) -> str:
        """The licence of the debate, where somebody has named one."""
        found = self._of_debate(self._licences)
        return "" if found == NOT_EVALUATED else found

    def _of_debate(self, said: Mapping[str, str]) -> str:
        debates = sorted(iri for iri in said if self._types.get(iri) == vocab.DATASET)
        return said[debates[0]] if debates else ""

    def _word(self, iri: str, predicate: str, value: ox.Literal) -> None:
        english = (value.language or "en").startswith("en")
        if predicate in {vocab.LABEL, vocab.NAME} and (english or iri not in self.labels):
            self.labels[iri] = value.value
        if predicate == vocab.DCTERMS + "title" and (english or iri not in self._titles):
            self._titles[iri] = value.value
        if predicate in _WORDINGS and (iri, predicate) in self._worded:
            self._translated.append(iri)
        self._worded.add((iri, predicate))
        if predicate == VALUE and value.datatype.value == RDF_JSON:
            self._keep(iri, value.value)

    def _keep(self, iri: str, text: str) -> None:
        try:
            data = json.loads(text)
        except (ValueError, RecursionError):
            return
        if isinstance(data, dict):
            self.data[iri] = data

    def scheme(self, step: str, local: str, name: Named) -> str:
        iri = self.schemes.get(step, "")
        return local if not iri or local in schemes.ours() else name(iri)

    def uncarried(self, ledger: Ledger, described: set[str], name: Named) -> None:
        """Note what nothing else has taken up."""
        own_schemes = set(self.schemes.values())
        for iri, said in self._others.items():
            if iri in self.data:
                continue
            for sort, predicate in said:
                if not sort:
                    ledger.tally(name(iri), f"{local_name(predicate)} of nodes", _NO_PLACE, "dropped")
                elif (name(iri) in described or iri in own_schemes) and predicate in _OF_LABELLED:
                    continue
                elif predicate == vocab.TYPE:
                    kind = local_name(self._types.get(iri, ""))
                    if kind not in {"Dataset", "Theme"} and iri not in self._imported:
                        ledger.tally(name(iri), f"node of the class {kind}", _NO_PLACE, "dropped")
                elif name(iri) in described:
                    ledger.tally(
                        name(iri), f"{local_name(predicate)} of sources and themes", _NO_PLACE, "dropped"
                    )
        for iri in self._translated:
            ledger.tally(name(iri), "wording in a further language", _ONE_LANGUAGE, "dropped")


_NO_PLACE: Final = "no format of argraph but Turtle has a place for it"
_ONE_LANGUAGE: Final = "one wording is written, the English one where there is one"


def _within(model: Model, focus: str, depth: int | None) -> Model:
    """The part of a model that leads to a node or step."""
    incoming: defaultdict[str, list[str]] = defaultdict(list)
    for name, step in model.steps.items():
        incoming[step.end].append(name)
    nodes, steps = {focus} & model.nodes.keys(), set[str]()
    while focus in model.steps and focus not in steps:  # a step is shown with what it is for or against
        nodes.discard(focus)
        steps.add(focus)
        nodes.update(model.steps[focus].premises)
        focus = model.steps[focus].end
        nodes.add(focus)
    edge = [*sorted(steps), *sorted(nodes)]
    level = 0
    while edge and (depth is None or level < depth):
        found = [name for end in edge for name in incoming.get(end, ()) if name not in steps]
        steps.update(found)
        fresh = [p for name in found for p in model.steps[name].premises if p not in nodes]
        nodes.update(fresh)
        edge = [*found, *dict.fromkeys(fresh)]
        level += 1
    kept_steps = {n: s for n, s in model.steps.items() if n in steps and (s.end in nodes or s.end in steps)}
    kept_nodes = {n: node for n, node in model.nodes.items() if n in nodes}
    studies = {link for node in kept_nodes.values() for link in node.studies} | {focus}
    part = replace(
        model,
        nodes=kept_nodes,
        steps=kept_steps,
        studies={n: study for n, study in model.studies.items() if n in studies},
        kept={},
    )
    links = [link for node in kept_nodes.values() for link in node.themes]
    links += [link for study in part.studies.values() for link in study.themes]
    part.themes = {n: label for n, label in model.themes.items() if n in links}
    sources = {link for node in kept_nodes.values() for link in node.sources}
    part.sources = {n: label for n, label in model.sources.items() if n in sources}
    part.schemes = {n: v for n, v in model.schemes.items() if any(s.scheme == n for s in kept_steps.values())}
    return part


def _restored(model: Model, data: Mapping[str, object]) -> Model:
    """A model that was read from a debate, with the names and all else that its source had.

    Args:
        model: What the debate says.
        data: What `turtle.contributions` kept of the source: the value of its `rdf:value`.
    """
    names, texts = _object(data.get("names")), _object(data.get("texts"))

    def name(local: str) -> str:
        return str(names.get(local, local))

    nodes = {}
    for local, node in model.nodes.items():
        text = texts.get(name(local), node.text)
        nodes[name(local)] = replace(
            node,
            iri=name(local),
            text=text if isinstance(text, str) else node.text,
            themes=tuple(map(name, node.themes)),
            sources=tuple(map(name, node.sources)),
            studies=tuple(map(name, node.studies)),
        )
    steps = {
        name(local): replace(
            step,
            iri=name(local),
            premises=tuple(sorted(map(name, step.premises))),
            end=name(step.end),
            scheme=name(step.scheme),
        )
        for local, step in model.steps.items()
    }
    for left_out, step_data in _object(data.get("steps")).items():
        said = _object(step_data)
        premises = said.get("premises")
        steps.setdefault(
            left_out,
            Step(
                iri=left_out,
                kind=str(said.get("kind", "support")),
                premises=tuple(map(str, premises)) if isinstance(premises, list) else (),
                end=str(said.get("end", "")),
                favourable=said.get("for") is not False,
                text=str(said.get("text", "")),
                scheme=str(said.get("scheme", "")),
                directness=str(said.get("directness", "")),
                grade=str(said.get("grade", "")),
            ),
        )
    return replace(
        model,
        nodes=nodes,
        steps=steps,
        studies={
            name(local): replace(study, iri=name(local), themes=tuple(map(name, study.themes)))
            for local, study in model.studies.items()
        },
        themes={name(local): label for local, label in model.themes.items()},
        sources={name(local): label for local, label in model.sources.items()},
        schemes={name(local): label for local, label in model.schemes.items()},
        kept=dict(_object(data.get("kept"))),
    )


def _object(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}
