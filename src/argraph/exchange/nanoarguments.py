"""Nanopublications as arguments: what they assert, in the terms of Nanoarguments, AIDA and argraph.

Statements are `schema:Statement` with `rdf:value`, or AIDA sentences; CiTO says which supports or disputes
which. What argraph writes says the same in its own terms beside, so that it comes back whole. Everything else
that a nanopublication says, and its signature, is kept, and written back as it was while its statements are.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote, unquote, unquote_plus

import pyoxigraph as ox

from argraph import vocab
from argraph.argument.graph import ArgumentGraph, Node, Step, local_name
from argraph.errors import ArgraphError, ResourceMissing
from argraph.exchange import nanopub, turtle
from argraph.exchange.model import Imported, Ledger, LossReport, Model
from argraph.exchange.nanopub import NP, NPX, Nanopublication
from argraph.exchange.reading import model_of

KEPT: Final = "nanopub"
CITO: Final = "http://purl.org/spar/cito/"
_AIDA: Final = "http://purl.org/aida/"
_VALUE: Final = vocab.RDF + "value"
_SCHEMA: Final = (vocab.SCHEMA, "http://schema.org/")
_SUPPORTS: Final = frozenset({"supports", "agreesWith", "confirms"})
_DISPUTES: Final = frozenset({"disputes", "disagreesWith", "refutes", "critiques"})
_INVERSE: Final = {
    "isSupportedBy": "supports",
    "obtainsSupportFrom": "supports",
    "isAgreedWithBy": "agreesWith",
    "isConfirmedBy": "confirms",
    "isDisputedBy": "disputes",
    "isDisagreedWithBy": "disagreesWith",
    "isRefutedBy": "refutes",
    "isCritiquedBy": "critiques",
}
_DONE: Final = {NPX + "supersedes": "superseded", NPX + "retracts": "retracted"}
_ABSOLUTE: Final = re.compile(r"[a-z][a-z0-9+.-]*://[^\s<>\"{}|\\^`]+")


def load(data: bytes, name: str) -> tuple[Model, LossReport]:
    """Read the arguments in a file of nanopublications, each of which has to be in order.

    Raises:
        FormatError: It holds none, or one with a fault in its structure, Trusty URI or signature.
    """
    found = nanopub.read(data, name)
    reader = _Reader(found)
    for np in found:
        try:
            nanopub.check_signature(np)
        except ResourceMissing as missing:
            reader.ledger.tally(np.iri, "signature", f"it is not checked: {missing}", "kept")
    return reader.model(), reader.ledger.report()


class _Reader:
    def __init__(self, found: tuple[Nanopublication, ...]) -> None:
        self.ledger = Ledger()
        self._all = found
        self._live: list[Nanopublication] = []
        self._names: dict[str, list[str]] = defaultdict(list)
        """Names of the nodes and steps that each nanopublication states."""

    def model(self) -> Model:
        self._leave_out()
        store = ox.Store()
        for np in self._live:
            store.extend(
                ox.Quad(*_unskolemised(quad, np.iri))
                for quad in np.part("assertion")
                if quad.predicate.value != _VALUE
                and not quad.predicate.value.startswith(CITO)
                and getattr(quad.object, "value", "") != vocab.SCHEMA + "Statement"
            )
        spaces = [q.object.value for q in store.quads_for_pattern(None, ox.NamedNode(vocab.URI_SPACE), None)]  # type: ignore[union-attr]
        base = min(spaces, default="")
        graph = ArgumentGraph.of(store)
        if graph.nodes or graph.studies:
            model, losses = model_of(graph, store, lambda iri: _name(iri, base))
            self.ledger.extend(losses)
        else:
            model = Model()
        relations: list[tuple[Nanopublication, ox.Quad]] = []
        introduced: dict[str, list[str]] = defaultdict(list)
        for np in self._live:
            if not self._note_ours(np, base, model):
                questions = _questions(np)
                for quad in np.part("assertion"):
                    self._quad(np, quad, base, model, relations, questions)
            introduced[np.iri] = self._names[np.iri]
        for np, quad in relations:
            self._relation(np, quad, base, model, introduced)
        kept = {
            np.iri: {"quads": nanopub.written(np.quads).decode(), "states": sorted(set(self._names[np.iri]))}
            for np in self._all
        }
        model.kept[KEPT] = kept
        return model

    def _leave_out(self) -> None:
        """What is superseded or retracted in the file by whoever signed it counts no more."""
        known = {np.iri: np for np in self._all}
        gone: dict[str, str] = {}
        for np in self._all:
            for quad in np.quads:
                target = known.get(getattr(quad.object, "value", ""))
                if quad.predicate.value not in _DONE or target is None:
                    continue
                done = _DONE[quad.predicate.value]
                key = nanopub.public_key(target)
                if key and key != nanopub.public_key(np):
                    reason = f"it is not signed by whoever signed <{target.iri}>, which therefore counts"
                    self.ledger.add(np.iri, f"that another is {done}", reason)
                else:
                    gone[target.iri] = done
        for np in self._all:
            if np.iri in gone:
                self.ledger.add(np.iri, "nanopublication", f"it is {gone[np.iri]} by another of this file")
            else:
                self._live.append(np)

    def _note_ours(self, np: Nanopublication, base: str, model: Model) -> bool:
        """Note what argraph's own terms state in a nanopublication; whether there is any."""
        subjects = {
            _name(q.subject.value, base)
            for q in np.part("assertion")
            if isinstance(q.subject, ox.NamedNode)
            and q.predicate.value == vocab.TYPE
            and getattr(q.object, "value", "").startswith(vocab.ARG)
        }
        self._names[np.iri] += [
            s for s in subjects if s in model.nodes or s in model.steps or s in model.studies
        ]
        return bool(subjects) or any(q.predicate.value == vocab.URI_SPACE for q in np.part("assertion"))

    def _quad(
        self,
        np: Nanopublication,
        quad: ox.Quad,
        base: str,
        model: Model,
        relations: list[tuple[Nanopublication, ox.Quad]],
        questions: set[object],
    ) -> None:
        predicate, value = quad.predicate.value, quad.object
        subject = getattr(quad.subject, "value", "")
        name = _name(subject, base)
        if predicate.startswith(CITO):
            relations.append((np, quad))
        elif predicate == vocab.TYPE and subject.startswith(_AIDA):
            self._state(np, model, name, unquote_plus(subject.removeprefix(_AIDA)))
        elif predicate == NPX + "asSentence" and getattr(value, "value", "").startswith(_AIDA):
            sentence = str(getattr(value, "value", ""))
            self._state(np, model, sentence, unquote_plus(sentence.removeprefix(_AIDA)))
        elif isinstance(value, ox.Literal) and predicate in {_VALUE, *(s + "text" for s in _SCHEMA)}:
            if quad.subject in questions:
                self.ledger.add(np.iri, "question", "what is asked can be neither accepted nor rejected")
            else:
                self._state(np, model, name, value.value)
        elif predicate != vocab.TYPE:
            what = f"statement with {local_name(predicate) or predicate}"
            self.ledger.tally(np.iri, what, "it is no part of an argument that argraph knows; kept as data")

    def _state(self, np: Nanopublication, model: Model, name: str, text: str) -> None:
        known = model.nodes.setdefault(name, Node(iri=name, kind="", label="", text=text))
        if known.text != text:
            self.ledger.add(np.iri, f"text of {name}", "another text is given before; the first counts")
        self._names[np.iri].append(name)

    def _relation(
        self,
        np: Nanopublication,
        quad: ox.Quad,
        base: str,
        model: Model,
        introduced: Mapping[str, list[str]],
    ) -> None:
        relation = quad.predicate.value.removeprefix(CITO)
        ends = [getattr(term, "value", "") for term in (quad.subject, quad.object)]
        if relation in _INVERSE:
            relation = _INVERSE[relation]
            ends.reverse()
        if relation not in _SUPPORTS | _DISPUTES:
            reason = "it says neither that something holds nor that it does not; kept as data"
            self.ledger.add(np.iri, f"relation cito:{relation} to <{ends[1]}>", reason)
            return
        names = []
        for end in ends:
            stated = [n for n in introduced.get(end, ()) if n in model.nodes]
            name = (
                _name(end, base) if _name(end, base) in model.nodes else stated[0] if len(stated) == 1 else ""
            )
            if not name:
                reason = f"the wording of <{end}> is not in this file; kept as data"
                self.ledger.add(np.iri, f"relation cito:{relation}", reason)
                return
            names.append(name)
        favourable = relation in _SUPPORTS
        kind = "support" if favourable else "attack"
        step = f"{kind} {names[0]} {names[1]}"
        model.steps[step] = Step(step, kind, (names[0],), names[1], favourable)
        self._names[np.iri].append(step)


def _questions(np: Nanopublication) -> set[object]:
    kinds = {space + "Question" for space in _SCHEMA}
    return {
        q.subject
        for q in np.part("assertion")
        if q.predicate.value == vocab.TYPE and getattr(q.object, "value", "") in kinds
    }


def _name(iri: str, base: str) -> str:
    return unquote(iri.removeprefix(base)) if base and iri.startswith(base) and iri != base else iri


def _unskolemised(quad: ox.Quad, iri: str) -> tuple[Any, Any, Any]:
    """A statement with blank nodes again where the addresses of a nanopublication stand for such."""

    def term(value: object) -> object:
        if isinstance(value, ox.NamedNode) and value.value.startswith((f"{iri}/_", f"{iri}#_")):
            return ox.BlankNode("b" + re.sub(r"[^A-Za-z0-9]", "", value.value[-60:]))
        return value

    return term(quad.subject), quad.predicate, term(quad.object)


# -- writing ------------------------------------------------------------------------------------------------


def dump(
    model: Model,
    base: str,
    *,
    key: nanopub.PrivateKey | None = None,
    creator: str = "",
    created: datetime | None = None,
) -> bytes:
    """Write a debate: one nanopublication for each statement, finding, study and step, and one for the whole.

    Those that the debate came from are written as they were, as long as what they state is in it unchanged.

    Args:
        model: What is written.
        base: What the addresses of its nodes begin with.
        key: Whoever signs what is written anew.
        creator: Who answers for it, such as an ORCID; nobody is named without one.
        created: When; now by default.
    """
    verbatim, old = _unchanged(model)
    stated = {name for names in verbatim.values() for name in names}
    place = turtle.Place(base)
    triples = turtle.described(
        Imported(_plain(model), LossReport(), "export", KEPT),
        place,
        address=lambda name: _address(name, base),
    )
    moment = (created or datetime.now(UTC)).isoformat(timespec="seconds")
    grouped = _grouped(triples, base)
    quads: list[ox.Quad] = []
    for iri in verbatim:
        before = list(ox.parse(_kept(model)[iri]["quads"].encode(), format=ox.RdfFormat.TRIG))
        whole = {q.triple for q in before if q.subject == ox.NamedNode(base)}
        if any(t.predicate.value == vocab.URI_SPACE for t in whole):
            if set(grouped[base]) <= {q.triple for q in before}:
                grouped.pop(base)
            else:
                old[base] = iri
                continue
        quads += before
    if not model.title and not model.licence and all(_name(s, base) in stated for s in grouped if s != base):
        grouped.pop(base, None)  # nothing is added to what was there
    for subject, said in grouped.items():
        name = _name(subject, base)
        if name in stated:
            continue
        said = [*said, *_cited(name, model, base)]
        info: list[tuple[str, ox.NamedNode | ox.Literal]] = [
            (vocab.DCTERMS + "created", ox.Literal(moment, datatype=ox.NamedNode(vocab.XSD + "dateTime"))),
            (NPX + "introduces", ox.NamedNode(subject)),
            *([(vocab.DCTERMS + "creator", ox.NamedNode(creator))] if creator else []),
            *(
                [(vocab.DCTERMS + "license", ox.NamedNode(model.licence))]
                if _ABSOLUTE.fullmatch(model.licence)
                else []
            ),
            *([(NPX + "supersedes", ox.NamedNode(old[name]))] if name in old else []),
        ]
        made = _nanopublication(base + "np/", said, info, base, creator)
        quads += nanopub.published(made, base + "np/", key=key, signer=creator).quads
    return nanopub.written(quads)


def _kept(model: Model) -> Mapping[str, Mapping[str, Any]]:
    kept = model.kept.get(KEPT)
    return kept if isinstance(kept, dict) else {}


def _plain(model: Model) -> Model:
    return replace(model, kept={})


def _unchanged(model: Model) -> tuple[dict[str, list[str]], dict[str, str]]:
    """Kept nanopublications whose statements are as they were, and which one stated what has changed."""
    kept = _kept(model)
    if not kept:
        return {}, {}
    joined = "\n".join(str(said.get("quads", "")) for said in kept.values())
    try:
        before, _ = load(joined.encode(), "kept.trig")
    except ArgraphError:
        return {}, {}
    verbatim: dict[str, list[str]] = {}
    old: dict[str, str] = {}
    for iri, said in kept.items():
        states = [str(name) for name in said.get("states", ())]
        if all(_same(name, before, model) for name in states):
            verbatim[iri] = states
        else:
            old |= dict.fromkeys(states, iri)
    return verbatim, old


def _same(name: str, before: Model, now: Model) -> bool:
    if name in before.steps:
        one, other = before.steps[name], now.steps.get(name)
        return other is not None and (one.kind, one.premises, one.end) == (
            other.kind,
            other.premises,
            other.end,
        )
    if name in before.nodes:
        return name in now.nodes and before.nodes[name].text == now.nodes[name].text
    return before.studies.get(name) == now.studies.get(name)


def _address(name: str, base: str) -> str:
    return name if _ABSOLUTE.fullmatch(name) else base + quote(name, safe="")


def _grouped(triples: Iterator[ox.Triple], base: str) -> dict[str, list[ox.Triple]]:
    """Statements by what they are about; themes, schemes and titles of sources belong to the debate."""
    grouped: dict[str, list[ox.Triple]] = defaultdict(list)
    kinds: dict[str, str] = {}
    last = base
    for triple in triples:
        if isinstance(triple.subject, ox.BlankNode):
            grouped[last].append(triple)
            continue
        subject = str(getattr(triple.subject, "value", base))
        if triple.predicate.value == vocab.TYPE:
            kinds[subject] = getattr(triple.object, "value", "")
        whole = kinds.get(subject) in {vocab.ARG + "Theme", vocab.ARG + "Scheme", turtle.CREATIVE_WORK}
        last = base if whole else subject
        grouped[last].append(triple)
    return grouped


def _cited(name: str, model: Model, base: str) -> Iterator[ox.Triple]:
    """The same in the terms of Nanoarguments, as far as they have any."""
    if node := model.nodes.get(name):
        subject = ox.NamedNode(_address(name, base))
        yield ox.Triple(subject, ox.NamedNode(_VALUE), ox.Literal(turtle.writable(node.text), language="en"))
        if node.kind != "evidence":
            yield ox.Triple(subject, ox.NamedNode(vocab.TYPE), ox.NamedNode(vocab.SCHEMA + "Statement"))
        for study in node.studies:
            link = model.studies[study].link if study in model.studies else ""
            if _ABSOLUTE.fullmatch(link):
                yield ox.Triple(subject, ox.NamedNode(CITO + "citesAsEvidence"), ox.NamedNode(link))
    step = model.steps.get(name)
    if step and len(step.premises) == 1 and step.end in model.nodes:
        premise, end = (ox.NamedNode(_address(n, base)) for n in (step.premises[0], step.end))
        yield ox.Triple(premise, ox.NamedNode(CITO + ("supports" if step.favourable else "disputes")), end)


def _nanopublication(
    iri: str,
    said: list[ox.Triple],
    info: list[tuple[str, ox.NamedNode | ox.Literal]],
    base: str,
    creator: str,
) -> list[ox.Quad]:
    own = ox.NamedNode(iri)
    head, assertion, provenance, pubinfo = (
        ox.NamedNode(iri + part) for part in ("Head", "assertion", "provenance", "pubinfo")
    )
    links = zip(nanopub.PARTS.values(), (assertion, provenance, pubinfo), strict=True)
    return [
        ox.Quad(own, ox.NamedNode(vocab.TYPE), ox.NamedNode(NP + "Nanopublication"), head),
        *(ox.Quad(own, ox.NamedNode(link), graph, head) for link, graph in links),
        *(ox.Quad(t.subject, t.predicate, t.object, assertion) for t in said),
        ox.Quad(assertion, ox.NamedNode(vocab.PROV + "wasDerivedFrom"), ox.NamedNode(base), provenance),
        *(
            [
                ox.Quad(
                    assertion, ox.NamedNode(vocab.PROV + "wasAttributedTo"), ox.NamedNode(creator), provenance
                )
            ]
            if creator
            else []
        ),
        *(ox.Quad(own, ox.NamedNode(predicate), value, pubinfo) for predicate, value in info),
    ]
