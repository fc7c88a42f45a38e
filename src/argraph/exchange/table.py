"""A model as two tables: one of what a debate consists of, one of its links; the ground of CSV and GraphML.

A link is one premise of one step; a step with three premises has three links that name it. Whoever fills in a
spreadsheet may leave the step out: then each link is a step of its own.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, TypeAlias

from argraph.argument.graph import Node, Step, Study
from argraph.exchange import schemes
from argraph.exchange.model import Ledger, Model

Row: TypeAlias = Mapping[str, str]

_OF_STUDIES: Final = ("authors", "more_authors", "year", "venue", "type", "method", "doi", "arxiv", "url")
NODE_COLUMNS: Final = (
    *(
        "id",
        "kind",
        "label",
        "text",
        "role",
        "assumed",
        "grade",
        "verification",
        "studies",
        "themes",
        "sources",
    ),
    "note",
    *_OF_STUDIES,
)
LINK_COLUMNS: Final = ("step", "kind", "source", "target", "scheme", "directness", "grade", "text")

STATEMENTS: Final = ("thesis", "claim", "objection", "rebuttal", "evidence")
STEPS: Final = {
    **dict.fromkeys(
        ("support", "supports", "pro", "for", "+", "ra", "inference", "reason"), ("support", True)
    ),
    **dict.fromkeys(
        ("attack", "attacks", "con", "against", "-", "ca", "conflict", "undercut", "undercuts", "objects to"),
        ("attack", False),
    ),
    **dict.fromkeys(("evidence line", "evidence for"), ("evidence line", True)),
    "evidence against": ("evidence line", False),
}
"""Words for the kinds of steps, with the kind and whether it speaks for its end."""

_ALIASES: Final = {
    "name": "id",
    "key": "id",
    "nodeid": "id",
    "title": "label",
    "statement": "text",
    "from": "source",
    "premise": "source",
    "to": "target",
    "end": "target",
    "conclusion": "target",
    "relation": "kind",
}


def columns(header: Sequence[str], expected: Sequence[str]) -> list[str]:
    """What each column of a table holds, by its head; other names for the same are understood.

    >>> columns(["ID", "Statement", "colour"], NODE_COLUMNS)
    ['id', 'text', 'colour']
    """
    plain = [re.sub(r"[\s_]+", "_", head.strip().casefold()) for head in header]
    found = []
    for head in plain:
        other = _ALIASES.get(head, head)
        known = head in expected or other not in expected or other in plain
        found.append(head if known else other)
    return found


# -- writing ------------------------------------------------------------------------------------------------


def rows(model: Model) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """The nodes and the links of a model."""
    nodes: list[dict[str, str]] = []
    if model.title or model.licence:
        about = {"label": model.title, "url": model.licence}
        nodes.append({"id": _unused("debate", model), "kind": "debate", **about})
    for kind, labels in (("theme", model.themes), ("source", model.sources), ("scheme", model.schemes)):
        nodes += [{"id": name, "kind": kind, "label": label} for name, label in labels.items()]
    nodes += [_study_row(study) for study in model.studies.values()]
    nodes += [_node_row(node) for node in model.nodes.values()]
    links = [row for step in model.steps.values() for row in _step_rows(step)]
    return nodes, links


def _node_row(node: Node) -> dict[str, str]:
    return {
        "id": node.iri,
        "kind": node.kind,
        "label": node.label,
        "text": node.text,
        "role": node.role,
        "assumed": "true" if node.assumed else "",
        "grade": node.grade,
        "verification": node.verification,
        "studies": joined(node.studies),
        "themes": joined(node.themes),
        "sources": joined(node.sources),
        "note": node.note,
    }


def _study_row(study: Study) -> dict[str, str]:
    return {
        "id": study.iri,
        "kind": "study",
        "label": study.title,
        "verification": study.verification,
        "themes": joined(study.themes),
        "note": study.note,
        "authors": joined(study.authors),
        "more_authors": "true" if study.more_authors else "",
        **{part: getattr(study, part) for part in ("year", "venue", "type", "method", "doi", "arxiv", "url")},
    }


def _step_rows(step: Step) -> list[dict[str, str]]:
    kind = step.kind
    if kind == "evidence line":
        kind = "evidence for" if step.favourable else "evidence against"
    row = {
        "step": step.iri,
        "kind": kind,
        "target": step.end,
        "scheme": step.scheme,
        "directness": step.directness,
        "grade": step.grade,
        "text": step.text,
    }
    return [row | {"source": premise} for premise in step.premises]


def joined(names: Iterable[str]) -> str:
    r"""Several names in one cell.

    >>> joined(["a", "b|c"])
    'a|b\\|c'
    """
    return "|".join(name.replace("\\", "\\\\").replace("|", "\\|") for name in names)


def parted(cell: str) -> tuple[str, ...]:
    r"""The names in a cell.

    >>> parted("a|b\\|c")
    ('a', 'b|c')
    """
    parts = re.findall(r"(?:[^\\|]|\\.?)+", cell, re.DOTALL)
    return tuple(re.sub(r"\\(.)", r"\1", part, flags=re.DOTALL) for part in parts)


def _unused(name: str, model: Model) -> str:
    while name in model.nodes or name in model.steps or name in model.studies:
        name += "-"
    return name


# -- reading ------------------------------------------------------------------------------------------------


def model_of(nodes: Iterable[tuple[str, Row]], links: Iterable[tuple[str, Row]]) -> tuple[Model, Ledger]:
    """A model from rows, each with its place in the file; links may come before what they link.

    Args:
        nodes: What the debate consists of, by the names in `NODE_COLUMNS`.
        links: Premises and ends, by the names in `LINK_COLUMNS`.
    """
    reader = _Reader()
    for place, row in nodes:
        reader.node(place, row)
    for place, row in links:
        reader.link(place, row)
    return reader.model(), reader.ledger


class _Reader:
    def __init__(self) -> None:
        self.ledger = Ledger()
        self._model = Model()
        self._taken: set[str] = set()
        self._known = dict.fromkeys((*NODE_COLUMNS, *LINK_COLUMNS))
        self._steps: dict[str, list[tuple[str, Row]]] = {}
        self._unnamed: Counter[str] = Counter()

    def node(self, place: str, row: Row) -> None:
        name = row.get("id", "")
        kind = row.get("kind", "").strip().casefold()
        self._strange(place, row)
        if not name:
            if any(row.values()):
                self.ledger.add(place, "row", "it has no id, so nothing could be linked to it")
            return
        labels = {"theme": self._model.themes, "source": self._model.sources, "scheme": self._model.schemes}
        if kind == "debate":
            self._model.title, self._model.licence = row.get("label", ""), row.get("url", "")
            self._model.declared = True
        elif kind in labels:
            labels[kind][name] = row.get("label", "")
        elif name in self._taken:
            self.ledger.add(place, f"row of {name}", "the id is used before; the first row counts")
        elif kind == "study":
            self._taken.add(name)
            self._model.studies[name] = self._study(name, row)
        else:
            self._taken.add(name)
            if kind and kind not in STATEMENTS and kind not in {"statement", "i", "node"}:
                self.ledger.add(
                    place, f"kind “{kind[:40]}”", "it is none that argraph has; found anew", "changed"
                )
            if kind == "thesis":
                self._model.declared = True
            self._model.nodes[name] = self._statement(name, kind if kind in STATEMENTS else "", row)
            self._misplaced(place, row)

    def _statement(self, name: str, kind: str, row: Row) -> Node:
        return Node(
            iri=name,
            kind=kind,
            label=row.get("label", ""),
            text=row.get("text", "")
            or ("" if "text" in row and row.get("label") else row.get("label", "") or name),
            role=row.get("role", ""),
            themes=parted(row.get("themes", "")),
            sources=parted(row.get("sources", "")),
            studies=parted(row.get("studies", "")),
            grade=row.get("grade", ""),
            verification=row.get("verification", ""),
            assumed=_yes(row.get("assumed", "")),
            note=row.get("note", ""),
        )

    def _misplaced(self, place: str, row: Row) -> None:
        for column in _OF_STUDIES:
            if row.get(column):
                what = f"column “{column}” of a statement"
                self.ledger.tally(place, what, "only studies have it", "dropped")

    def _study(self, name: str, row: Row) -> Study:
        return Study(
            iri=name,
            title=row.get("label", ""),
            authors=parted(row.get("authors", "")),
            more_authors=_yes(row.get("more_authors", "")),
            year=row.get("year", ""),
            venue=row.get("venue", ""),
            type=row.get("type", ""),
            method=row.get("method", ""),
            doi=row.get("doi", ""),
            arxiv=row.get("arxiv", ""),
            url=row.get("url", ""),
            verification=row.get("verification", ""),
            themes=parted(row.get("themes", "")),
            note=row.get("note", ""),
        )

    def link(self, place: str, row: Row) -> None:
        self._strange(place, row)
        source, target = row.get("source", ""), row.get("target", "")
        kind = row.get("kind", "").strip().casefold()
        if not source or not target:
            if any(row.values()):
                missing = "source" if not source else "target"
                self.ledger.add(place, "link", f"it has no {missing}")
            return
        if kind not in STEPS:
            shown = f"“{kind[:40]}”" if kind else "missing"
            self.ledger.add(place, "link", f"its kind is {shown}: write support or attack")
            return
        name = row.get("step", "")
        if not name:
            name = f"{STEPS[kind][0].replace(' ', '-')}-{source}-{target}"
            plain = name
            while name in self._steps:
                self._unnamed[plain] += 1
                name = f"{plain}-{self._unnamed[plain]}"
        self._steps.setdefault(name, []).append((place, row))

    def model(self) -> Model:
        for name, found in self._steps.items():
            if name in self._taken:
                self.ledger.add(found[0][0], f"step {name}", "a row of the other table has this id")
                continue
            first = found[0][1]
            kind, favourable = STEPS[first["kind"].strip().casefold()]
            premises = []
            for place, row in found:
                if row["target"] != first["target"]:
                    reason = f"the step {name} leads to {first['target']} in its first row, which counts"
                    self.ledger.add(place, f"link to {row['target']}", reason)
                else:
                    premises.append(row["source"])
                    self._undescribed(place, row["source"])
            if first["target"] not in self._steps:
                self._undescribed(found[0][0], first["target"])
            self._model.steps[name] = Step(
                iri=name,
                kind=kind,
                premises=tuple(sorted(set(premises))),
                end=first["target"],
                favourable=favourable,
                text=first.get("text", ""),
                scheme=self._scheme(first.get("scheme", "")),
                directness=first.get("directness", ""),
                grade=first.get("grade", ""),
            )
        return self._model

    def _undescribed(self, place: str, name: str) -> None:
        """A statement that only links name: its name is its wording."""
        if name in self._model.nodes or name in self._steps or name in self._taken:
            return
        self._taken.add(name)
        self._model.nodes[name] = Node(iri=name, kind="", label="", text=name)
        self.ledger.add(
            place, f"statement {name[:60]}", "no row describes it: its name is its wording", "added"
        )

    def _scheme(self, name: str) -> str:
        if not name or name in schemes.ours() or name in self._model.schemes:
            return name
        key = schemes.key_of(name)
        if key not in schemes.ours():
            self._model.schemes.setdefault(key, name)
        return key

    def _strange(self, place: str, row: Row) -> None:
        for column, value in row.items():
            if value and column not in self._known:
                self.ledger.tally(
                    place, f"column “{column[:60]}”", "it is none that argraph reads", "dropped"
                )


def _yes(cell: str) -> bool:
    return cell.strip().casefold() in {"true", "1", "yes", "y", "x"}
