"""A model as Turtle contributions that the gate takes, and back."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import PurePath
from types import MappingProxyType
from typing import Final

import pyoxigraph as ox

from argraph import vocab
from argraph.argument.graph import Node, Step, Study
from argraph.errors import ArgraphError
from argraph.exchange import schemes
from argraph.exchange.joining import parts
from argraph.exchange.model import Imported, Loss
from argraph.exchange.settling import Settled, settle

IMPORTER: Final = "https://w3id.org/argraph/#import"
"""Who an imported contribution is by, where nobody is named."""

NOT_EVALUATED: Final = "http://rightsstatements.org/vocab/CNE/1.0/"
"""“Copyright not evaluated”: nothing is claimed about the licence of what is taken over."""

FORMAT: Final = vocab.DCTERMS + "format"
VALUE: Final = vocab.RDF + "value"
RDF_JSON: Final = vocab.RDF + "JSON"
CREATIVE_WORK: Final = vocab.SCHEMA + "CreativeWork"

_BASE = re.compile(r"https?://[^\s<>\"{}|\\^`]+[/#]")
_KEPT_NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)+")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a debate that is taken over is put, and what is said of it.

    Attributes:
        base: What the IRIs of its nodes begin with.
        title: What it is called; by default after the first file.
        creator: IRI of whoever answers for the contribution.
        licence: IRI of the licence.
        language: Language tag of all wordings.
        created: The day of the contribution; today by default.
    """

    base: str
    title: str = ""
    creator: str = IMPORTER
    licence: str = NOT_EVALUATED
    language: str = "en"
    created: date | None = None

    def __post_init__(self) -> None:
        if not _BASE.fullmatch(self.base):
            raise ArgraphError(
                f"“{self.base}” cannot be the base of a debate: write an address that begins with "
                "https:// and ends with / or #, such as https://example.org/my-debate/"
            )
        if not re.fullmatch(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*", self.language):
            raise ArgraphError(f"“{self.language}” is no language tag: write one such as en or de-AT.")
        for address in (self.creator, self.licence):
            try:
                ox.NamedNode(address)
            except ValueError:
                raise ArgraphError(f"“{address}” is no address: write one such as https://…") from None


def stem_of(name: str) -> str:
    """A file's name as part of the names of nodes.

    >>> stem_of("corpus/Micro B001.json")
    'micro-b001'
    """
    return _slug(PurePath(name).name.split(".", 1)[0]) or "import"


def contributions(
    imports: Iterable[Imported], place: Place, *, single: bool = False
) -> tuple[dict[str, bytes], dict[str, tuple[Loss, ...]]]:
    """Turtle files for what was read, by name, and by source what it took to make them fit for the gate.

    Args:
        imports: What was read; each becomes one contribution, and its names begin with its file's if there
            are several.
        place: Where the debate is put.
        single: Write the description of the debate into the file of the one contribution that there is.
    """
    found = list(imports)
    place = _licensed(place, found)
    files: dict[str, bytes] = {}
    losses: dict[str, tuple[Loss, ...]] = {}
    title = place.title or (found[0].model.title if len(found) == 1 else "") or _title(found)
    debate = list(_debate(place, title))
    if not single:
        about = _contribution(place, place.base + "contribution-debate", title, None)
        files["debate.ttl"] = _turtle(
            [*debate, *about], place, "The debate: its title, and where its nodes live."
        )
        debate = []
    stems = {"debate": 1}
    writers: dict[int, _Writer] = {}
    named = [_free(stem_of(imported.name), stems) for imported in found]
    for number, part in parts(found):
        imported, stem = found[number], named[number]
        losses[imported.name] = part.losses
        writers[number] = writer = _Writer(
            place,
            part.settled,
            imported,
            stem,
            f"{stem}-" if len(found) > 1 else "",
            elsewhere={name: writers[owner].address(name) for name, owner in part.elsewhere.items()},
            shared={name: [named[other] for other in others] for name, others in part.shared.items()},
        )
        head = f"Taken over from {PurePath(imported.name).name} ({imported.format}) by argraph import."
        files[f"{stem}.ttl"] = _turtle([*debate, *writer.triples()], place, head)
    return files, losses


def described(
    imported: Imported, place: Place, *, address: Callable[[str], str] | None = None
) -> Iterator[ox.Triple]:
    """A debate and its nodes as triples, without a contribution around them.

    Args:
        imported: What is described.
        place: Where its nodes live.
        address: The IRI of each name, where names are not to be made fit for contributions.
    """
    model = imported.model
    settled = settle(model)
    for name, node in model.nodes.items() if model.declared else ():
        kind = settled.model.nodes[name].kind
        if node.kind and (node.kind == "evidence") == (kind == "evidence"):  # a part need not pass the gate
            settled.model.nodes[name] = replace(settled.model.nodes[name], kind=node.kind)
    writer = _Writer(place, settled, imported, stem_of(imported.name), "", address)
    thesis = next((node.label for node in settled.model.nodes.values() if node.kind == "thesis"), "")
    yield from _debate(_licensed(place, [imported]), model.title or thesis or PurePath(imported.name).name)
    yield from writer.nodes(source=bool(imported.model.kept))


def _licensed(place: Place, found: list[Imported]) -> Place:
    """A place with the licence that the source names, unless another was given."""
    named = {imported.model.licence for imported in found}
    if place.licence != NOT_EVALUATED or len(named) != 1 or not (licence := named.pop()):
        return place
    try:
        return replace(place, licence=licence)
    except ArgraphError:
        return place  # what a file says need be no address


def _title(found: list[Imported]) -> str:
    return made_up(PurePath(found[0].name).name if found else "nothing", len(found))


def made_up(file: str, files: int) -> str:
    """The title of a debate for which there is none."""
    return file if files < 2 else f"{file} and {files - 1} more"


def _debate(place: Place, title: str) -> Iterator[ox.Triple]:
    yield from _said(
        place.base,
        (vocab.TYPE, ox.NamedNode(vocab.DATASET)),
        (vocab.DCTERMS + "title", _words(title, place.language)),
        (vocab.URI_SPACE, ox.Literal(place.base)),
        (vocab.DCTERMS + "license", ox.NamedNode(place.licence)),
    )


def _contribution(place: Place, iri: str, title: str, source: str | None) -> Iterator[ox.Triple]:
    day = (place.created or date.today()).isoformat()
    yield from _said(
        iri,
        (vocab.TYPE, ox.NamedNode(vocab.CONTRIBUTION)),
        (vocab.DCTERMS + "isPartOf", ox.NamedNode(place.base)),
        (vocab.DCTERMS + "title", _words(title, place.language)),
        (vocab.DCTERMS + "creator", ox.NamedNode(place.creator)),
        (vocab.DCTERMS + "created", ox.Literal(day, datatype=ox.NamedNode(vocab.XSD + "date"))),
        (vocab.DCTERMS + "license", ox.NamedNode(place.licence)),
        *([(vocab.PROV + "wasDerivedFrom", ox.NamedNode(source))] if source else []),
    )


class _Writer:
    """The triples of one contribution."""

    def __init__(
        self,
        place: Place,
        settled: Settled,
        imported: Imported,
        stem: str,
        prefix: str,
        address: Callable[[str], str] | None = None,
        *,
        elsewhere: Mapping[str, ox.NamedNode] = MappingProxyType({}),
        shared: Mapping[str, list[str]] = MappingProxyType({}),
    ) -> None:
        self._place, self._settled, self._imported = place, settled, imported
        self._model = settled.model
        taken = dict.fromkeys((f"source-{stem}", f"contribution-{stem}", "contribution-debate"), 1)
        self._names: dict[str, str] = {}
        """By local name, where the two differ."""
        self._terms: dict[tuple[str, str], ox.NamedNode] = {
            ("", name): iri for name, iri in elsewhere.items()
        }
        self._shared = shared
        for sort, role, names in (
            ("", "n", self._model.nodes),
            ("", "s", self._model.steps),
            ("", "s", settled.removed),
            ("study", "study", self._model.studies),
            ("theme", "theme", self._model.themes),
            ("source", "source", self._model.sources),
            ("scheme", "scheme", self._model.schemes),
        ):
            for name in names:
                if (sort, name) in self._terms:
                    continue
                if address is not None and (iri := address(name)) not in taken:
                    taken[iri] = 1
                    self._terms[sort, name] = ox.NamedNode(iri)
                else:
                    local = _free(_local(name, role, prefix), taken)
                    self._terms[sort, name] = ox.NamedNode(place.base + local)
                    if local != name:
                        self._names[local] = name
        self._source = f"{place.base}source-{stem}"
        self._contribution = f"{place.base}contribution-{stem}"

    def address(self, name: str) -> ox.NamedNode:
        """The IRI of a node or step of the file."""
        return self._terms["", name]

    def triples(self) -> Iterator[ox.Triple]:
        title = self._model.title or PurePath(self._imported.name).name
        yield from _contribution(self._place, self._contribution, title, self._source)
        yield from self.nodes(source=True)

    def nodes(self, *, source: bool) -> Iterator[ox.Triple]:
        """All but the contribution; the source and what is kept of it only where that is wanted."""
        self._named_source = source
        if source:
            yield from _said(
                self._source,
                (vocab.TYPE, ox.NamedNode(CREATIVE_WORK)),
                (vocab.NAME, self._words(PurePath(self._imported.name).name)),
                (FORMAT, ox.Literal(self._imported.format)),
                (VALUE, ox.Literal(self._data(), datatype=ox.NamedNode(RDF_JSON))),
            )
        for name, label in self._model.themes.items():
            yield from self._named("theme", name, vocab.ARG + "Theme", vocab.LABEL, label)
        for name, label in self._model.schemes.items():
            yield from self._named("scheme", name, vocab.ARG + "Scheme", vocab.LABEL, label)
        for name, label in self._model.sources.items():
            yield from self._named("source", name, CREATIVE_WORK, vocab.NAME, label)
        for name, study in self._model.studies.items():
            yield from self._study(name, study)
        for name, node in self._model.nodes.items():
            yield from _said(self._terms["", name].value, *self._node(node))
        for name, step in self._model.steps.items():
            yield from _said(self._terms["", name].value, *self._step(step))

    def _data(self) -> str:
        """What the debate has no place for, as JSON: names, wordings, steps, and the format's own."""
        removed = {
            name: {
                "kind": s.kind,
                "premises": s.premises,
                "end": s.end,
                "for": s.favourable,
                "scheme": s.scheme,
            }
            | {"text": s.text, "directness": s.directness, "grade": s.grade}
            for name, s in self._settled.removed.items()
        }
        data = {
            "names": self._names,
            "texts": self._settled.texts,
            "steps": removed,
            "kept": self._model.kept,
        }
        return json.dumps({key: value for key, value in data.items() if value}, separators=(",", ":"))

    def _words(self, text: str) -> ox.Literal:
        return _words(text, self._place.language)

    def _named(self, sort: str, name: str, kind: str, how: str, label: str) -> Iterator[ox.Triple]:
        words = self._words(label or name)
        return _said(self._terms[sort, name].value, (vocab.TYPE, ox.NamedNode(kind)), (how, words))

    def _links(self, predicate: str, names: Iterable[str], sort: str = "") -> list[tuple[str, ox.NamedNode]]:
        return [(predicate, self._terms[sort, name]) for name in names if (sort, name) in self._terms]

    def _node(self, node: Node) -> list[tuple[str, ox.NamedNode | ox.Literal]]:
        said: list[tuple[str, ox.NamedNode | ox.Literal]] = [(vocab.TYPE, _CLASSES[node.kind])]
        if node.label:
            said.append((vocab.LABEL, self._words(node.label)))
        said.append((vocab.TEXT, self._words(node.text)))
        if node.assumed:
            said.append((vocab.ASSUMED, _TRUE))
        if node.role in {"Pillar", "Branch", "CounterRebuttal"}:
            said.append((vocab.ARG + "role", ox.NamedNode(vocab.ARG + node.role)))
        said += self._links(vocab.DCTERMS + "subject", node.themes, "theme")
        if node.kind == "evidence":
            said += self._links(vocab.REPORTED_IN, node.studies, "study")
            said.append((vocab.ARG + "grade", ox.NamedNode(vocab.ARG + node.grade)))
            said.append((vocab.ARG + "verification", ox.NamedNode(vocab.ARG + node.verification)))
        said += self._links(vocab.PROV + "hadPrimarySource", node.sources, "source")
        if self._named_source:
            said.append((vocab.PROV + "hadPrimarySource", ox.NamedNode(self._source)))
            for stem in self._shared.get(node.iri, ()):
                other = ox.NamedNode(f"{self._place.base}source-{stem}")
                said.append((vocab.PROV + "hadPrimarySource", other))
        if node.note:
            said.append((vocab.SKOS + "note", self._words(node.note)))
        return said

    def _step(self, step: Step) -> list[tuple[str, ox.NamedNode | ox.Literal]]:
        line = step.kind == "evidence line"
        said: list[tuple[str, ox.NamedNode | ox.Literal]] = [(vocab.TYPE, _CLASSES[step.kind])]
        said += self._links(vocab.EVIDENCE_OF if line else vocab.PREMISE, step.premises)
        end = vocab.BEARS_ON if line else vocab.CONCLUSION if step.kind == "support" else vocab.TARGET
        said += self._links(end, [step.end])
        if line:
            said.append((vocab.DIRECTION, ox.NamedNode(vocab.FOR if step.favourable else vocab.AGAINST)))
            directness = step.directness if step.directness in {"Direct", "Indirect"} else "Indirect"
            said.append((vocab.ARG + "directness", ox.NamedNode(vocab.ARG + directness)))
            if step.grade in {"High", "Moderate", "Low", "VeryLow"}:
                said.append((vocab.ARG + "grade", ox.NamedNode(vocab.ARG + step.grade)))
        if step.scheme in schemes.ours():
            said.append((vocab.ARG + "scheme", ox.NamedNode(vocab.ARG + step.scheme)))
        elif step.scheme in self._model.schemes:
            said += self._links(vocab.ARG + "scheme", [step.scheme], "scheme")
        if step.text:
            said.append((vocab.TEXT, self._words(step.text[:1500])))
        return said

    def _study(self, name: str, study: Study) -> Iterator[ox.Triple]:
        node = self._terms["study", name]
        cells = [ox.BlankNode() for _ in study.authors]
        year = ox.Literal(study.year, datatype=ox.NamedNode(vocab.XSD + "gYear"))
        said: list[tuple[str, ox.NamedNode | ox.Literal | ox.BlankNode]] = [
            (vocab.TYPE, ox.NamedNode(vocab.STUDY)),
            (vocab.NAME, self._words(study.title)),
            (vocab.BIBO + "authorList", cells[0]),
            (vocab.SCHEMA + "datePublished", year),
            (vocab.ARG + "studyType", ox.NamedNode(vocab.ARG + study.type)),
        ]
        if study.more_authors:
            said.append((vocab.ARG + "moreAuthors", _TRUE))
        for predicate, text in (
            (vocab.ARG + "venue", study.venue),
            (vocab.BIBO + "doi", study.doi),
            (vocab.FABIO + "hasArXivId", study.arxiv),
        ):
            if text:
                said.append((predicate, ox.Literal(text)))
        if study.url:
            said.append((vocab.SCHEMA + "url", ox.NamedNode(study.url)))
        if study.method:
            said.append((vocab.ARG + "method", ox.NamedNode(vocab.ARG + study.method)))
        if study.verification:
            said.append((vocab.ARG + "verification", ox.NamedNode(vocab.ARG + study.verification)))
        said += self._links(vocab.DCTERMS + "subject", study.themes, "theme")
        if study.note:
            said.append((vocab.SKOS + "note", self._words(study.note)))
        yield from (ox.Triple(node, ox.NamedNode(p), o) for p, o in said)
        rests: list[ox.BlankNode | ox.NamedNode] = [*cells[1:], ox.NamedNode(vocab.RDF + "nil")]
        for cell, author, rest in zip(cells, study.authors, rests, strict=True):
            yield ox.Triple(cell, ox.NamedNode(vocab.RDF + "first"), ox.Literal(author))
            yield ox.Triple(cell, ox.NamedNode(vocab.RDF + "rest"), rest)


_CLASSES: Final[Mapping[str, ox.NamedNode]] = {
    "thesis": ox.NamedNode(vocab.THESIS),
    "claim": ox.NamedNode(vocab.CLAIM),
    "objection": ox.NamedNode(vocab.OBJECTION),
    "rebuttal": ox.NamedNode(vocab.REBUTTAL),
    "evidence": ox.NamedNode(vocab.EVIDENCE),
    "support": ox.NamedNode(vocab.SUPPORT),
    "attack": ox.NamedNode(vocab.ATTACK),
    "evidence line": ox.NamedNode(vocab.EVIDENCE_LINE),
}
_TRUE: Final = ox.Literal("true", datatype=ox.NamedNode(vocab.XSD + "boolean"))


def _said(subject: str, *said: tuple[str, ox.NamedNode | ox.Literal]) -> Iterator[ox.Triple]:
    node = ox.NamedNode(subject)
    return (ox.Triple(node, ox.NamedNode(predicate), value) for predicate, value in said)


def _words(text: str, language: str) -> ox.Literal:
    return ox.Literal(writable(text), language=language)


def writable(text: str) -> str:
    """A text that can be encoded: lone surrogates are none."""
    return text.encode("utf-8", "replace").decode()


def _turtle(triples: Iterable[ox.Triple], place: Place, head: str) -> bytes:
    prefixes = {name: iri for name, iri in vocab.PREFIXES.items() if name not in {"sh", "owl", "vann"}}
    comment = "".join(c if c.isprintable() else " " for c in head)
    written = ox.serialize(triples, format=ox.RdfFormat.TURTLE, prefixes=prefixes | {"d": place.base})
    return f"# {comment}\n\n".encode() + (written or b"")


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.casefold()).strip("-")[:60].strip("-")


def _local(name: str, role: str, prefix: str) -> str:
    """A name as the last part of an IRI; one that is fit for that stays as it is.

    >>> _local("123", "n", ""), _local("cl-sleep", "n", ""), _local("A b", "s", "map-")
    ('n-123', 'cl-sleep', 'map-s-a-b')
    """
    if _KEPT_NAME.fullmatch(name) and len(name) <= 80:
        return prefix + name
    slug = _slug(name)
    return prefix + (slug if slug.startswith(f"{role}-") else f"{role}-{slug}" if slug else role)


def _free(name: str, taken: dict[str, int]) -> str:
    """The name, or with a number behind it if it is taken; takes it."""
    free, number = name, taken.get(name, 1)
    while free in taken:
        number += 1
        free = f"{name}-{number}"
    taken[name] = number
    taken.setdefault(free, 1)
    return free
