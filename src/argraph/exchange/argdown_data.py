"""What argraph knows and Argdown has no word for, as YAML data of an Argdown file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any, Final

from argraph.argument.graph import Node, Study
from argraph.exchange.model import JSON, Model

OURS: Final = "argraph"
"""Key of the front matter that holds what argraph says about a whole debate."""

STATEMENT: Final = ("id", "label", "kind", "role", "themes", "sources", "studies", "grade", "verification")
STEP: Final = ("id", "kind", "scheme", "directness", "grade", "favourable")
KINDS: Final = frozenset({"thesis", "claim", "objection", "rebuttal", "evidence"})
STEPS: Final = frozenset({"support", "attack", "evidence line"})


def statement(name: str, title: str, data: Mapping[str, JSON]) -> tuple[Node, set[str]]:
    """A statement, its text left out, as its data describe it, and the keys that were of use."""
    used = {*STATEMENT, "assumed", "note"}
    kind = word(data, "kind")
    if kind not in KINDS:
        kind, used = "", used - {"kind"}
    node = Node(
        iri=name,
        kind=kind,
        label=word(data, "label") if "label" in data else title,
        text="",
        role=word(data, "role"),
        themes=words(data, "themes"),
        sources=words(data, "sources"),
        studies=words(data, "studies"),
        grade=word(data, "grade"),
        verification=word(data, "verification"),
        assumed=data.get("assumed") == "true",
        note=word(data, "note"),
    )
    return node, used


def of_front(front: Mapping[str, JSON], model: Model) -> None:
    """Put into a model what the front matter says about the debate as a whole."""
    model.title = word(front, "title") or model.title
    ours = front.get(OURS)
    if not isinstance(ours, dict):
        return
    model.licence = word(ours, "licence")
    model.declared = ours.get("declared") == "true"
    for part, known in (("themes", model.themes), ("sources", model.sources), ("schemes", model.schemes)):
        said = ours.get(part)
        if isinstance(said, dict):
            known.update({name: label for name, label in said.items() if isinstance(label, str)})
    studies = ours.get("studies")
    for name, said in studies.items() if isinstance(studies, dict) else ():
        if isinstance(said, dict):
            model.studies[name] = _study(name, said)


def word(data: Mapping[str, JSON], key: str) -> str:
    """What stands under a key, where it is one text; else nothing."""
    value = data.get(key)
    return value if isinstance(value, str) else ""


def words(data: Mapping[str, JSON], key: str) -> tuple[str, ...]:
    """What stands under a key, one text or several."""
    value = data.get(key)
    values: Iterable[JSON] = value if isinstance(value, list) else [value]
    return tuple(word for word in values if isinstance(word, str))


def _study(name: str, said: Mapping[str, JSON]) -> Study:
    found: dict[str, Any] = {part.name: word(said, part.name) for part in fields(Study)}
    found |= {"iri": name, "authors": words(said, "authors"), "themes": words(said, "themes")}
    return Study(**found | {"more_authors": said.get("more_authors") == "true"})
