"""The Argument Interchange Format as a model, and back: what its nodes and edges mean, however written.

An I-node is a statement, an RA-node a support, a CA-node an attack. Everything else of the format is kept as
data and written back: locutions, transitions and illocutions, rephrases and preferences, participants,
schemes fulfilled, positions on a canvas, keys that nobody knows. Sources: the AIF ontology of Bex, AIFdb's
`json.php`, and the tutorial of xAIF.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from argraph.argument.graph import Node, Step
from argraph.exchange import schemes
from argraph.exchange.model import JSON, Ledger, Model

KEPT: Final = "aif"
"""Where a model keeps what only AIF knows; both its forms share it."""

_STATEMENTS: Final = frozenset({"I", "L"})
_LAYERS: Final = {
    "L": "locution",
    "TA": "transition",
    "YA": "illocution",
    "MA": "rephrase",
    "PA": "preference",
}
_LAYER: Final = "the dialogue, rephrases and preferences are no steps of a debate"


@dataclass(slots=True)
class Document:
    """Nodes and edges as a file of AIF lists them, with every key that they have.

    Attributes:
        nodes: Objects with `nodeID`, `text`, `type` and others.
        edges: Objects with `fromID`, `toID` and others.
        rest: All other keys beside `nodes` and `edges`.
        outer: What stands around them in xAIF; None in the form of AIFdb.
    """

    nodes: list[JSON] = field(default_factory=list)
    edges: list[JSON] = field(default_factory=list)
    rest: dict[str, JSON] = field(default_factory=dict)
    outer: dict[str, JSON] | None = None


def identifier(value: JSON) -> str:
    """An identifier as text; integers occur beside texts. Empty for what can be none."""
    if isinstance(value, str):
        return value
    return (
        str(value) if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**40 else ""
    )


# -- from a document to a model -----------------------------------------------------------------------------


def understood(document: Document) -> tuple[Model, Ledger]:
    """What a document says, in two passes: nodes first, since an edge may lead to any of them."""
    reader = _Reader(document)
    return reader.model(), reader.ledger


class _Reader:
    def __init__(self, document: Document) -> None:
        self.ledger = Ledger()
        self._document = document
        self._nodes: dict[str, dict[str, JSON]] = {}
        self._kinds: dict[str, str] = {}
        self._kept_nodes: list[JSON] = []
        self._kept_edges: list[JSON] = []
        self._attributes: dict[str, JSON] = {}
        self._links: list[JSON] = []
        self._parts: dict[str, str] = {}
        self._further: defaultdict[str, list[str]] = defaultdict(list)
        self._model = Model()

    def model(self) -> Model:
        for number, node in enumerate(self._document.nodes):
            self._take(number, node)
        incoming, outgoing = self._edges()
        for kind in ("RA", "CA"):  # an attack on an inference that becomes several hits them all
            for name, node in self._nodes.items():
                if self._kinds[name] == kind:
                    self._step(name, node, incoming.get(name, ()), outgoing.get(name, ()))
        used = {p for step in self._model.steps.values() for p in (*step.premises, step.end)}
        for name, node in self._nodes.items():
            kind = self._kinds[name]
            if kind == "I" or (kind == "L" and name in used):
                self._statement(name, node)
            elif kind not in {"RA", "CA"}:
                self._keep(name, node, kind)
        self._sort_edges(used)
        for key, value in (*self._document.rest.items(), *(self._document.outer or {}).items()):
            if value not in (None, "", [], {}):
                self.ledger.tally(key, "key of the file", "kept with it")
        self._model.kept[KEPT] = self._data()
        return self._model

    def _take(self, number: int, node: JSON) -> None:
        name = identifier(node.get("nodeID")) if isinstance(node, dict) else ""
        place = f"nodes[{number}]"
        if not name:
            self._kept_nodes.append(node)
            self.ledger.add(place, "node", "it has no nodeID that an edge could name; it is kept as data")
        elif name in self._nodes:
            self._kept_nodes.append(node)
            same = "the same" if node == self._nodes[name] else "another"
            reason = f"{same} node {name} comes before it, and edges mean that one; it is kept as data"
            self.ledger.add(place, "node with a used nodeID", reason)
        else:
            kind = node.get("type")
            self._nodes[name] = node
            self._kinds[name] = kind.strip().upper() if isinstance(kind, str) else ""

    def _edges(self) -> tuple[Mapping[str, list[str]], Mapping[str, list[str]]]:
        """For each RA and CA, the nodes that an edge comes from and goes to; other edges are kept as data."""
        incoming: defaultdict[str, list[str]] = defaultdict(list)
        outgoing: defaultdict[str, list[str]] = defaultdict(list)
        seen: set[tuple[str, str]] = set()
        self._ends: list[tuple[str, str, JSON]] = []
        kinds = self._kinds
        for number, edge in enumerate(self._document.edges):
            start = identifier(edge.get("fromID")) if isinstance(edge, dict) else ""
            end = identifier(edge.get("toID")) if isinstance(edge, dict) else ""
            if start not in kinds or end not in kinds:
                self._kept_edges.append(edge)
                lost = end if start in kinds else start
                reason = f"there is no node “{lost[:60]}”; the edge is kept as data"
                self.ledger.add(f"edges[{number}]", "edge", reason)
                continue
            if (start, end) in seen:
                self._kept_edges.append(edge)
                reason = f"{start} and {end} are joined before; it is kept as data"
                self.ledger.add(f"edges[{number}]", "repeated edge", reason, "changed")
                continue
            seen.add((start, end))
            self._ends.append((start, end, edge))
            if kinds[end] in {"RA", "CA"} and kinds[start] in _STATEMENTS:
                incoming[end].append(start)
            if kinds[start] in {"RA", "CA"} and kinds[end] in {"RA", "CA", *_STATEMENTS}:
                outgoing[start].append(end)
            elif kinds[start] in _STATEMENTS and kinds[end] in _STATEMENTS:
                reason = "a statement leads to a statement only through a step; the edge is kept as data"
                self.ledger.add(f"edges[{number}]", f"edge from {start} to {end}", reason)
        return incoming, outgoing

    def _step(self, name: str, node: dict[str, JSON], premises: Iterable[str], ends: Iterable[str]) -> None:
        attack = self._kinds[name] == "CA"
        premises = tuple(sorted(premises))
        fit = [end for end in ends if attack or self._kinds[end] in _STATEMENTS]
        fit = [part for end in fit for part in (end, *self._further.get(end, ()))]
        for end in ends:
            if end not in fit:
                reason = f"it speaks for the step {end}, and only statements have reasons; kept as data"
                self.ledger.add(name, "inference to a step", reason)
        if not premises or not fit:
            self._keep(name, node, self._kinds[name])
            missing = "starts from nothing" if not premises else "leads nowhere"
            what = "conflict" if attack else "inference"
            self.ledger.add(name, what, f"it {missing}; it is kept as data and does not count in the debate")
            return
        scheme, text = self._scheme(node)
        if len(fit) > 1:
            reason = f"it has {len(fit)} ends, and a step has one: it is {len(fit)} steps in the debate"
            self.ledger.add(name, "conflict" if attack else "inference", reason, "changed")
        for number, end in enumerate(fit, start=1):
            part = name if number == 1 else self._part(name, number)
            self._model.steps[part] = Step(
                iri=part,
                kind="attack" if attack else "support",
                premises=premises,
                end=end,
                favourable=not attack,
                text=text,
                scheme=scheme,
            )
        self._note(name, node, _step_node(name, attack, scheme, text, self._model))

    def _part(self, name: str, number: int) -> str:
        part = f"{name}~{number}"
        while part in self._nodes:
            part += "~"
        self._parts[part] = name
        if self._kinds[name] == "RA":
            self._further[name].append(part)
        return part

    def _scheme(self, node: dict[str, JSON]) -> tuple[str, str]:
        """The scheme of a step, and its wording where that is neither its name nor a mere default."""
        named, text = node.get("scheme"), node.get("text")
        name = named if isinstance(named, str) else ""
        words = text if isinstance(text, str) else ""
        said = "" if words.strip().casefold() in schemes.DEFAULTS or words == name else words
        if name.strip().casefold() in schemes.DEFAULTS:
            name = ""
            if schemes.is_known(said) or said.casefold().startswith("argument from "):
                name, said = said, ""
        key = schemes.key_of(name) if name else ""
        if key and key not in schemes.ours():
            self._model.schemes.setdefault(key, name)
        return key, said

    def _statement(self, name: str, node: dict[str, JSON]) -> None:
        text = node.get("text")
        words = text if isinstance(text, str) else ""
        self._model.nodes[name] = Node(iri=name, kind="", label="", text=words)
        if self._kinds[name] == "L":
            self.ledger.add(name, "locution", "a step uses it, so it counts as a statement", "changed")
        elif not isinstance(text, str):
            self.ledger.add(
                name, "text", "it is no text; the statement has none, and it is kept as data", "changed"
            )
        self._note(name, node, _statement_node(name, words))

    def _note(self, name: str, found: dict[str, JSON], written: dict[str, JSON]) -> None:
        """Keep how a node differs from what would be written for it."""
        differs = {key: value for key, value in found.items() if not _same(written, key, value)}
        absent = [key for key in written if key not in found]
        if absent:
            differs = {"": absent, **differs}
        if differs:
            self._attributes[name] = differs

    def _keep(self, name: str, node: dict[str, JSON], kind: str) -> None:
        self._kept_nodes.append(node)
        if kind in _LAYERS:
            self.ledger.tally(name, f"{_LAYERS[kind]} ({kind}-node)", _LAYER)
        elif kind not in {"RA", "CA"}:
            shown = repr(node.get("type"))[:40]
            self.ledger.add(name, "node", f"its type is {shown}, which AIF does not have; it is kept as data")

    def _sort_edges(self, used: set[str]) -> None:
        """Keep the edges that no step stands for, and of the others all that they say beside their ends."""
        steps = self._model.steps
        stands: set[tuple[str, str]] = set()
        for name, step in steps.items():
            whole = self._parts.get(name, name)
            stands.update((premise, whole) for premise in step.premises)
            stands.add((whole, self._parts.get(step.end, step.end)))
        for start, end, edge in self._ends:
            if (start, end) not in stands:
                self._kept_edges.append(edge)
                continue
            said = {
                key: value
                for key, value in edge.items()
                if not (key in {"fromID", "toID"} and isinstance(value, str))
            }
            self._links.append([start, end, said])

    def _data(self) -> JSON:
        data: dict[str, JSON] = {
            "nodes": self._kept_nodes,
            "edges": self._kept_edges,
            "attributes": self._attributes,
            "links": self._links,
            "parts": self._parts,
            "rest": self._document.rest,
        }
        found = {key: value for key, value in data.items() if value}
        return found if self._document.outer is None else {**found, "outer": self._document.outer}


# -- from a model to a document -----------------------------------------------------------------------------


def expressed(model: Model) -> Document:
    """A model as nodes and edges, with what was kept of the file that it came from."""
    kept = model.kept.get(KEPT)
    kept = kept if isinstance(kept, dict) else {}
    attributes = _object(kept.get("attributes"))
    parts = _object(kept.get("parts"))
    nodes: list[JSON] = []
    for name, node in model.nodes.items():
        nodes.append(_with(_statement_node(name, node.text), attributes.get(name)))
    pairs: dict[tuple[str, str], None] = {}
    done: set[str] = set()
    for name, step in model.steps.items():
        whole = str(parts.get(name, name))
        if whole not in done:
            done.add(whole)
            written = _step_node(whole, not step.favourable, step.scheme, step.text, model)
            nodes.append(_with(written, attributes.get(whole)))
        pairs.update(dict.fromkeys((premise, whole) for premise in step.premises))
        pairs[whole, str(parts.get(step.end, step.end))] = None
    said = _links(kept.get("links"))
    kept_edges = _list(kept.get("edges"))
    numbers = _unused(
        {identifier(e.get("edgeID")) for e in (*said.values(), *kept_edges) if isinstance(e, dict)}
    )
    edges: list[JSON] = []
    for start, end in pairs:
        known = said.get((start, end))
        if known is None:
            known = {"edgeID": next(numbers), "formEdgeID": None}
        edges.append({"fromID": start, "toID": end, **known})
    return Document(
        nodes=[*nodes, *_list(kept.get("nodes"))],
        edges=[*edges, *kept_edges],
        rest=dict(_object(kept.get("rest"))),
        outer=dict(_object(kept["outer"])) if "outer" in kept else None,
    )


def united(kept: Iterable[JSON], names: Iterable[JSON], texts: Mapping[str, str]) -> JSON:
    """What was kept of several files as if of one; None where one name means different things in them.

    Nodes and edges that several files have in the same words are had once.

    Args:
        kept: What a model keeps, by format, of each file.
        names: The names of nodes and steps of all files.
        texts: What the statements say, by name: what one file has as data may be a statement of another.
    """
    whole: dict[str, JSON] = {}
    steps = set(map(str, names))
    nodes: dict[str, JSON] = {}
    joining = _Joining()
    for part in kept:
        if not isinstance(part, dict) or set(part) - {KEPT}:
            return None
        data = dict(_object(part.get(KEPT)))
        own: dict[str, JSON] = {}
        for node in _list(data.get("nodes")):
            name = identifier(node.get("nodeID")) if isinstance(node, dict) else ""
            if name in texts and node.get("text") == texts[name]:
                continue
            if name in steps or name in own or nodes.get(name, node) != node:
                return None
            own[name] = node
        if "outer" in data:
            return None
        data["nodes"] = [node for name, node in own.items() if name not in nodes]
        nodes |= own
        if not joining.add(whole, data):
            return None
    return {KEPT: {key: value for key, value in whole.items() if value}}


class _Joining:
    """What several files have, the same once."""

    def __init__(self) -> None:
        self._listed: defaultdict[tuple[str, ...], set[str]] = defaultdict(set)
        """What stands in each list so far, by the keys that lead there."""

    def add(self, whole: dict[str, JSON], more: Mapping[str, JSON], path: tuple[str, ...] = ()) -> bool:
        """Put what one file has beside what others have; False where they contradict each other."""
        for key, value in more.items():
            here = (*path, key)
            if isinstance(value, list) and isinstance(known := whole.setdefault(key, []), list):
                found = list(map(_canonical, value))
                known.extend(v for v, c in zip(value, found, strict=True) if c not in self._listed[here])
                self._listed[here].update(found)
            elif isinstance(value, dict) and isinstance(known := whole.setdefault(key, {}), dict):
                if not self.add(known, value, here):
                    return False
            elif whole.setdefault(key, value) != value:
                return False
        return True


def _canonical(value: JSON) -> str:
    return json.dumps(value, sort_keys=True)


def _statement_node(name: str, text: str) -> dict[str, JSON]:
    return {"nodeID": name, "text": text, "type": "I", "timestamp": ""}


def _step_node(name: str, attack: bool, scheme: str, text: str, model: Model) -> dict[str, JSON]:
    default = "Default Conflict" if attack else "Default Inference"
    named = model.schemes.get(scheme) or schemes.name_of(scheme) or (scheme if scheme else default)
    kind = "CA" if attack else "RA"
    return {"nodeID": name, "text": text or named, "type": kind, "timestamp": "", "scheme": named}


def _with(written: dict[str, JSON], kept: JSON) -> dict[str, JSON]:
    """A node as it was found: what is kept of it goes before what would be written."""
    if not isinstance(kept, dict):
        return written
    absent = set(map(str, _list(kept.get(""))))
    found = {key: value for key, value in written.items() if key not in absent}
    return found | {key: value for key, value in kept.items() if key}


def _same(written: Mapping[str, JSON], key: str, value: JSON) -> bool:
    return key in written and written[key] == value and type(written[key]) is type(value)


def _links(links: JSON) -> dict[tuple[str, str], dict[str, JSON]]:
    found = {}
    for link in _list(links):
        if isinstance(link, list) and len(link) == 3 and isinstance(link[2], dict):
            found[str(link[0]), str(link[1])] = link[2]
    return found


def _unused(taken: set[str]) -> Iterator[str]:
    number = 0
    while True:
        number += 1
        if str(number) not in taken:
            yield str(number)


def _object(value: JSON) -> Mapping[str, JSON]:
    return value if isinstance(value, dict) else {}


def _list(value: JSON) -> list[JSON]:
    return value if isinstance(value, list) else []
