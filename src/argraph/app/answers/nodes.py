"""All that is known of a node, as JSON."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from argraph.app.answers.fields import (
    Answer,
    Href,
    Id,
    Iri,
    Kind,
    Label,
    Link,
    RelationName,
    Standing,
    Status,
    Stop,
    Strength,
    Text,
)


class RelationWord(Answer):
    """How one thing bears on another."""

    name: RelationName
    kind: Literal["support", "attack", "undercut"] = Field(
        description="Which of three looks it has.", examples=["support"]
    )
    sign: str = Field(description="One character.", examples=["+"])
    word: str = Field(description="A verb.", examples=["supports"])


class Count(Answer):
    """How much of one sort bears on something."""

    relation: RelationWord
    text: str = Field(description="In words.", examples=["3 reasons"])


class Card(Answer):
    """A statement or evidence item in brief."""

    id: Id
    href: Href
    kind: Kind
    word: str = Field(description="Its role, else its kind.", examples=["pillar"])
    label: Label
    text: Text
    status: Status
    standing: Standing
    strength: Strength
    counts: list[Count] = Field(description="What is said about it, in numbers.")
    unanswered: bool = Field(description="Whether nobody has answered it.", examples=[False])


class Argument(Answer):
    """A step of reasoning, told from one of its ends."""

    step: Id
    href: Href
    relation: RelationWord
    status: Status
    standing: Standing
    premises: list[Card]
    text: Text
    scheme: Link | None
    doubts: list[Argument] = Field(description="Attacks on the inference itself.")
    replies: list[Argument] = Field(description="Attacks on its premises.")
    end: Card | None = Field(description="What it leads to, where that is not what is looked at.")
    end_step: Link | None = Field(description="The inference it leads to, likewise.")


class Citation(Answer):
    """A study in brief."""

    id: Id
    href: Href
    text: str = Field(description="Authors and year in brief.", examples=["Eiras et al. 2024"])
    title: str = Field(description="Its title; may be empty.", examples=["Risks and Opportunities"])
    source: Link | None = Field(description="Where it is found: DOI, arXiv or address.")
    reference: str = Field(
        description="The study as one cites it in a text; empty where it is not described.",
        examples=["Francisco Eiras et al. (2024). Risks and Opportunities. https://arxiv.org/abs/2405.08597"],
    )
    bibtex: str = Field(description="The same as BibTeX.", examples=["@misc{eiras2024-risks,\n  …\n}\n"])


class Grade(Answer):
    """How far a finding can be relied on."""

    word: str = Field(description="In words.", examples=["moderate"])
    level: int = Field(description="From 1 (very low) to 4 (high); 0 if unknown.", examples=[3])


class Finding(Answer):
    """An evidence item, with the line that leads from it to a statement."""

    id: Id
    href: Href
    text: str = Field(description="The finding in words.", examples=["…"])
    status: Status
    standing: Standing
    citations: list[Citation] = Field(description="The studies that report it.")
    checked: bool = Field(description="Whether it was read in its source.", examples=[True])
    verification: str = Field(description="The same in words; may be empty.", examples=["…"])
    grade: Grade | None
    relation: RelationWord | None
    step: str = Field(description="Name of the line; empty without one.", examples=["el-eiras2024-safety"])
    step_href: str = Field(description="Page of the line; empty without one.", examples=["/id/el-eiras2024"])
    directness: str = Field(description="`direct`, `indirect` or empty.", examples=["direct"])
    statement: Card | None = Field(description="What it bears on, where that is not what is looked at.")
    doubts: list[Argument] = Field(description="Attacks on the line or on the finding.")


class FindingOfStudy(Answer):
    """A finding of a study, and the statements that it bears on."""

    finding: Finding
    bears_on: list[Finding] = Field(description="The same on each of its lines.")


class Study(Answer):
    """What is known of a study."""

    citation: Citation
    authors: list[str] = Field(description="Names as one says them.", examples=[["Francisco Eiras"]])
    more_authors: bool = Field(description="Whether there are others.", examples=[True])
    year: str = Field(description="May be empty.", examples=["2024"])
    venue: str = Field(description="Where it appeared; may be empty.", examples=["arXiv"])
    type: Link | None = Field(description="What kind of publication it is.")
    method: Link | None = Field(description="How it found what it found.")
    doi: str = Field(description="May be empty.", examples=["10.1287/isre.1080.0226"])
    arxiv: str = Field(description="May be empty.", examples=["2405.08597"])
    verification: str = Field(
        description="Whether its identifier was confirmed, in words; may be empty.",
        examples=["Its identifier was confirmed to lead to it"],
    )
    findings: list[FindingOfStudy]


class Pattern(Answer):
    """The pattern of reasoning of a step."""

    scheme: Link
    definition: str = Field(description="What it is.", examples=["A cause brings about an effect."])
    questions: list[str] = Field(
        description="Questions to put to it.", examples=[["Is there another cause?"]]
    )


class Origin(Answer):
    """The places in a work that something is taken from."""

    work: str = Field(description="Its title; empty where the places are works.", examples=["An article"])
    parts: list[Link]


class Contribution(Answer):
    """What something was entered with."""

    link: Link = Field(description="The contribution, else the name of a file.")
    by: list[Link] = Field(description="Who contributed it.")
    date: str = Field(description="When; may be empty.", examples=["2026-11-23"])


class Provenance(Answer):
    """Where something comes from."""

    entered: list[Contribution] = Field(description="What it was entered with.")
    sources: list[Origin] = Field(description="What it is taken from.")


class HangsOn(Answer):
    """What a statement that stands would not stand without."""

    count: int | None = Field(
        description="How many items there are; null where it does not stand or was not worked out.",
        examples=[4],
    )
    items: list[Link] = Field(description="Some of them.")


class Links(Answer):
    """Where to go on; null where there is nothing of the kind."""

    page: str = Field(description="For people.", examples=["/id/pil-safety"])
    turtle: str = Field(description="As Turtle.", examples=["/id/pil-safety?format=turtle"])
    jsonld: str = Field(description="As JSON-LD.", examples=["/id/pil-safety?format=jsonld"])
    neighbourhood: str | None = Field(description="Cards.", examples=["/api/nodes/pil-safety/neighbourhood"])
    outline: str | None = Field(description="Lines.", examples=["/api/nodes/pil-safety/outline"])
    why: str | None = Field(description="Why its status.", examples=["/api/nodes/pil-safety/why"])
    cruxes: str | None = Field(description="What decides it.", examples=["/api/cruxes?node=pil-safety"])
    whatif: str | None = Field(description="Without it.", examples=["/api/whatif?without=pil-safety"])


class Fact(Answer):
    """A property in words, with its values."""

    name: str = Field(description="The property.", examples=["created"])
    values: list[Link | str] = Field(description="Texts and links.", examples=[["2026-11-23"]])


class Group(Answer):
    """What belongs to a record in one way."""

    title: str = Field(description="In which way.", examples=["Findings"])
    entries: list[Link]
    left_out: int = Field(description="How many more there are.", examples=[0])


class Node(Answer):
    """All that is known of a node; fields that its sort has not are empty, or null."""

    type: Literal["statement", "step", "study", "record"] = Field(
        description="A finding counts as statement here.", examples=["statement"]
    )
    id: Id
    iri: Iri
    href: Href
    kind: Literal["thesis", "claim", "objection", "rebuttal", "evidence", "step", "study", "record"] = Field(
        description="What it is.", examples=["claim"]
    )
    word: str = Field(description="What it is called: role or kind.", examples=["pillar"])
    label: Label
    text: Text
    status: Status | Literal[""] = Field(description="Empty for what has none.")
    standing: Standing | Literal[""] = Field(description="Likewise.")
    strength: Strength | None
    why: str = Field(description="The status and what decides it.", examples=["“A” stands: “B” supports it."])
    remarks: list[str] = Field(description="What else was recorded.", examples=[["Taken as given."]])
    unanswered: bool = Field(
        description="Of an objection or rebuttal: nobody has answered.", examples=[False]
    )
    themes: list[Link]
    favour: list[Argument] = Field(alias="for", description="Arguments for it.")
    against: list[Argument] = Field(description="Attacks on it.")
    undercuts: list[Argument] = Field(
        description="Against this inference: attacks on the step, or on the step from an objection."
    )
    evidence: list[Finding] = Field(description="What studies found for and against it.")
    leads: list[Argument] = Field(description="What it is used for in turn.")
    bears_on: list[Finding] = Field(description="Of a finding: what it bears on.")
    finding: Finding | None = Field(description="Of a finding: grade, verification, citations.")
    inference: Argument | None = Field(description="Of a step: from what to what.")
    pattern: Pattern | None = Field(description="Of a step.")
    study: Study | None = Field(description="Of a study.")
    facts: list[Fact] = Field(description="Of a record.")
    groups: list[Group] = Field(description="Of a record.")
    hangs_on: HangsOn
    path: list[Stop] = Field(description="The way to the thesis; empty without one.")
    provenance: Provenance
    questions: list[Link] = Field(description="Saved queries that show it.")
    links: Links
