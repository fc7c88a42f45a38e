"""What a search index holds of one thing that can be found: its words, its tags, its place among others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from argraph.argument.evaluation import Verdict
from argraph.argument.graph import ArgumentGraph, Node, Study, local_name
from argraph.query.words import spelt

Thing: TypeAlias = Node | Study

MARK: Final = "\ue000"
"""Begins the tags of an entry, and no word."""
FINDINGS: Final = 1 << 40
"""The rank of findings; what comes before has less."""
STUDIES: Final = 2 << 40
"""The rank of studies."""

_MOST: Final = (1 << 32) - 1


@dataclass(frozen=True, slots=True)
class Entry:
    """What the index holds of one thing, as it is shown."""

    label: str
    text: str
    names: str

    @classmethod
    def of(cls, argument: ArgumentGraph, thing: Thing) -> Entry:
        """What is found of a statement, a finding or a study."""
        if isinstance(thing, Study):
            people = ", ".join([*thing.authors, *(["et al."] if thing.more_authors else [])])
            known = (people, thing.year, thing.venue, thing.doi, thing.arxiv)
            return cls(thing.title, thing.note, " · ".join(filter(None, known)))
        studies = (argument.studies.get(iri) for iri in thing.studies)
        cited = "; ".join(f"{study.citation}, {study.title}" for study in studies if study)
        unnamed = thing.label == local_name(thing.iri)
        return cls("" if unnamed and (thing.text or cited) else thing.label, thing.text, cited)

    def spelt(self) -> tuple[str, str, str]:
        """Its words."""
        return spelt(self.label), spelt(self.text), spelt(self.names)


def themes_of(argument: ArgumentGraph, thing: Thing) -> tuple[str, ...]:
    """IRIs of the themes of a statement or study; of a finding, those of the studies that report it too."""
    if isinstance(thing, Study) or thing.kind != "evidence":
        return thing.themes
    studies = (argument.studies.get(iri) for iri in thing.studies)
    return tuple(
        dict.fromkeys([*thing.themes, *(theme for study in studies if study for theme in study.themes)])
    )


def rank_of(argument: ArgumentGraph, thing: Thing) -> int:
    """Comes first if it is less: statements before findings before studies, the most discussed first."""
    if isinstance(thing, Study):
        return STUDIES
    if thing.kind == "evidence":
        return FINDINGS
    discussed = min(len(argument.incoming(thing.iri)), _MOST)
    return (thing.kind != "thesis") << 33 | (not thing.role) << 32 | (_MOST - discussed)


def tags_of(thing: Thing, on: Iterable[int], verdicts: Mapping[str, Verdict]) -> str:
    """What filters look for: kind, status and the numbers of themes, each a word of its own."""
    tags = ["kstudy" if isinstance(thing, Study) else f"k{thing.kind}"]
    if not isinstance(thing, Study) and (verdict := verdicts.get(thing.iri)):
        tags.append(f"s{verdict.status}")
    tags += [f"t{theme}" for theme in on]
    return " ".join(MARK + tag for tag in tags)
