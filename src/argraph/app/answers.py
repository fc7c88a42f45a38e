"""What the JSON interface answers: every field with what it means and an example."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

Id: TypeAlias = Annotated[
    str, Field(description="Name of a node, as `/id/{id}` takes it.", examples=["pil-safety"])
]
Iri: TypeAlias = Annotated[
    str, Field(description="Its IRI.", examples=["https://w3id.org/argraph/open-source-ai/pil-safety"])
]
Href: TypeAlias = Annotated[
    str, Field(description="Its page on this server; empty where it has none.", examples=["/id/pil-safety"])
]
Kind: TypeAlias = Annotated[
    Literal["thesis", "claim", "objection", "rebuttal", "evidence"],
    Field(description="What it is.", examples=["claim"]),
]
Status: TypeAlias = Annotated[
    Literal["accepted", "rejected", "undecided"],
    Field(description="Its status under the well-founded semantics.", examples=["accepted"]),
]
Standing: TypeAlias = Annotated[
    Literal["stands", "does not stand", "is open"],
    Field(description="The status in plain words.", examples=["stands"]),
]
Reason_: TypeAlias = Annotated[
    str,
    Field(
        description="Why: `supported`, `assumed`, `unsupported`, `unfounded`, `refuted`, `undercut` or "
        "`open-attack`.",
        examples=["supported"],
    ),
]
RelationName: TypeAlias = Annotated[
    Literal["supports", "attacks", "undercuts", "bears-on", "weighs-against"],
    Field(description="What a step does to its end.", examples=["supports"]),
]
Label: TypeAlias = Annotated[
    str, Field(description="What it is called.", examples=["Transparency makes AI safer"])
]
Text: TypeAlias = Annotated[str, Field(description="Its full wording; may be empty.", examples=["…"])]
Px: TypeAlias = Annotated[float, Field(description="In CSS pixels.", examples=[252])]
Point: TypeAlias = Annotated[tuple[float, float], Field(description="x and y in CSS pixels.")]


class Answer(BaseModel):
    """Base of all answers: read from the parts that pages are made of, with nothing left over."""

    model_config = ConfigDict(extra="forbid", frozen=True, from_attributes=True)


class Strength(Answer):
    """Bounds of a strength in [0, 1]; both are the same where it is unique."""

    lower: float = Field(ge=0, le=1, description="It is at least this.", examples=[0.62])
    upper: float = Field(ge=0, le=1, description="It is at most this.", examples=[0.62])


class Link(Answer):
    """A named way to a place on this server or on the web."""

    href: str = Field(description="Its address; may be empty.", examples=["/id/theme-safety"])
    text: str = Field(description="Its name.", examples=["safety"])


class Part(Answer):
    """A piece of a text; pieces follow on one another."""

    text: str = Field(description="The piece, never HTML.", examples=["Transparency makes AI "])
    hit: bool = Field(description="Whether it is what was searched for.", examples=[False])


class Thesis(Answer):
    """A thesis at a glance."""

    id: Id
    iri: Iri
    label: Label
    text: Text
    status: Status
    standing: Standing
    strength: Strength
    why: str = Field(description="The status and what decides it, in a sentence.", examples=["…"])
    statements: int = Field(description="Statements that lead to it, itself included.", examples=[173])
    debate: str = Field(description="Title of its debate; may be empty.", examples=["Open source AI"])
    href: Href


class Hit(Answer):
    """Something found."""

    id: Id
    kind: str = Field(description="As elsewhere, or `study`.", examples=["objection"])
    label: Label
    status: str = Field(description="As elsewhere; empty for a study.", examples=["accepted"])
    standing: str = Field(description="The status in plain words; empty for a study.", examples=["stands"])
    href: Href
    parts: list[Part] = Field(description="What was found, in pieces.")


class Found(Answer):
    """The answer to a search."""

    total: int = Field(description="How much fits, shown or not.", examples=[3])
    results: list[Hit] = Field(description="The best first.")


class More(Answer):
    """Steps for or against a card that are not shown."""

    favour: int = Field(alias="for", description="Supports.", examples=[3])
    against: int = Field(description="Attacks on the statement.", examples=[1])
    undercuts: int = Field(description="Attacks on inferences from it that are shown.", examples=[0])
    evidence: int = Field(description="Findings that bear on it.", examples=[12])


class Also(Answer):
    """A further link of a card."""

    step: Id
    relation: RelationName
    target: str = Field(description="Name of what it is for or against.", examples=["pil-safety"])
    label: Label
    shown: bool = Field(description="Whether its edge is in the scene.", examples=[False])


class SceneCard(Answer):
    """A statement or evidence item with its place."""

    id: Id
    iri: Iri
    kind: Kind
    label: Label
    text: Text
    words: str = Field(description="What stands on the card.", examples=["Transparency makes AI safer"])
    wrapped: list[str] = Field(
        description="The same as lines.", examples=[["Transparency makes", "AI safer"]]
    )
    lines: int = Field(description="Number of these.", examples=[2])
    role: str = Field(description="`Pillar`, `Branch`, …; may be empty.", examples=["Pillar"])
    status: Status
    standing: Standing
    strength: Strength
    parent: str | None = Field(description="Name of the card it is placed under.", examples=["th-open"])
    step: str = Field(description="Name of the step it is placed by; empty for the root.", examples=["su-1"])
    level: int = Field(description="Parents above it.", examples=[1])
    side: Literal["root", "for", "against", "undercut"] = Field(
        description="What it is to its parent.", examples=["for"]
    )
    x: Px
    y: Px
    w: Px
    h: Px
    more: More
    open: bool = Field(description="Whether its arguments are shown.", examples=[True])
    evidence_open: bool = Field(description="Whether its evidence is shown.", examples=[False])
    also: list[Also]


class Edge(Answer):
    """One premise of a step, and the way to the step's end."""

    id: str = Field(description="Name of the step.", examples=["su-safety"])
    relation: RelationName
    source: str = Field(description="Name of the premise.", examples=["pil-safety"])
    target: str = Field(
        description="Name of its end; of that step's first premise where it is against a step.",
        examples=["th-open-must-win"],
    )
    status: Status
    standing: Standing
    target_step: str | None = Field(description="Name of the step that it is against.", examples=[None])
    further: bool = Field(description="Whether its source is placed by another step.", examples=[False])
    quiet: bool = Field(description="Drawn only while one of its ends is selected.", examples=[False])
    points: list[Point] = Field(description="To the joint of the step, else to its end.")
    path: str = Field(description="The same as SVG path data.", examples=["M100 0C28 0 38 50 0 50"])
    joint: Point | None
    trunk: list[Point] = Field(description="From the joint to the end; on the first edge of a step.")
    trunk_path: str = Field(description="The same as SVG path data.", examples=[""])


class Stop(Answer):
    """A stop on the way to the thesis."""

    id: Id
    label: Label
    relation: RelationName | Literal[""] = Field(description="What it does to the next; empty at the end.")


class Scene(Answer):
    """The cards around a root, and how they hang together."""

    root: Id
    layout: Literal["tree", "layered"] = Field(description="As drawn.", examples=["tree"])
    digest: str = Field(description="Of the files of the debate.", examples=["3f1c…"])
    truncated: bool = Field(description="Whether the limit left out what was asked for.", examples=[False])
    width: Px
    height: Px
    nodes: list[SceneCard] = Field(description="Each before what is placed under it.")
    edges: list[Edge]
    path: list[Stop] = Field(description="From the root to a thesis.")


class Row(Answer):
    """A line of the outline."""

    id: Id
    step: str = Field(description="Name of the step; empty for the root.", examples=["su-safety"])
    relation: RelationName | Literal[""]
    target_step: str | None = Field(description="Name of the step that it is against.", examples=[None])
    level: int = Field(description="From 1.", examples=[2])
    posinset: int = Field(description="From 1.", examples=[1])
    setsize: int = Field(description="Rows under the same row.", examples=[5])
    status: Status
    standing: Standing
    label: Label
    words: str = Field(description="What stands in the row.", examples=["Transparency makes AI safer"])
    kind: Kind
    parent: str = Field(description="Name of the row above; empty for the root.", examples=["th-open"])
    expandable: bool = Field(description="Whether anything is under it, shown or not.", examples=[True])
    open: bool = Field(description="Whether that is shown.", examples=[True])
    more: More
    seen_above: bool = Field(description="Whether it stands in full elsewhere.", examples=[False])
    elsewhere: Literal["", "above", "below"] = Field(description="Where it does.", examples=[""])


class Reason(Answer):
    """One node of a deciding tree."""

    id: Id
    href: Href
    status: Status
    standing: Standing
    reason: Reason_
    sentence: str = Field(description="The status and what decides it.", examples=["…"])
    relation: str = Field(
        description="What it does to its parent: a relation, or `needed-for`; empty at the root.",
        examples=["supports"],
    )
    step: str = Field(description="Name of the step by which it does so.", examples=["su-safety"])
    cut: Literal["", "cycle", "seen above", "depth"] = Field(
        description="Why nothing follows although something could.", examples=[""]
    )
    omitted: int = Field(description="Further children that are left out.", examples=[0])
    children: list[Reason]


class Why(Answer):
    """Why a node has its status."""

    id: Id
    status: Status
    standing: Standing
    text: str = Field(description="The whole tree as an indented outline.", examples=["…"])
    tree: Reason


class RelationWord(Answer):
    """How one thing bears on another."""

    name: RelationName
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


class Study(Answer):
    """A study."""

    id: Id
    href: Href
    text: str = Field(description="Authors and year in brief.", examples=["Eiras et al. 2024"])
    title: str = Field(description="Its title.", examples=["…"])
    source: Link | None = Field(description="Where it is found: DOI, arXiv or address.")


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
    citations: list[Study] = Field(description="The studies that report it.")
    checked: bool = Field(description="Whether it was read in its source.", examples=[True])
    verification: str = Field(description="The same in words; may be empty.", examples=["…"])
    grade: Grade | None
    relation: RelationWord | None
    step: str = Field(description="Name of the line; empty without one.", examples=["el-eiras2024-safety"])
    directness: str = Field(description="`direct`, `indirect` or empty.", examples=["direct"])
    statement: Card | None = Field(description="What it bears on, where that is not what is looked at.")
    doubts: list[Argument] = Field(description="Attacks on the line or on the finding.")


class Node(Answer):
    """All that is known of a node."""

    type: Literal["statement", "step", "study", "record"] = Field(
        description="What sort of node it is; fields that its sort has not are empty.", examples=["statement"]
    )
    id: Id
    iri: Iri
    href: Href
    kind: str = Field(description="As elsewhere, also `step`, `study` and `record`.", examples=["claim"])
    word: str = Field(description="What it is called: role or kind.", examples=["pillar"])
    label: Label
    text: Text
    status: str = Field(description="As elsewhere; empty for what has none.", examples=["accepted"])
    standing: str = Field(description="The status in plain words.", examples=["stands"])
    strength: Strength | None
    why: str = Field(description="The status and what decides it.", examples=["…"])
    favour: list[Argument] = Field(alias="for", description="Arguments for it.")
    against: list[Argument] = Field(description="Attacks on it.")
    undercuts: list[Argument] = Field(description="Attacks on the inference: its own, or from it.")
    evidence: list[Finding] = Field(description="What studies found for and against it.")
    leads: list[Argument] = Field(description="What it is used for in turn.")
    bears_on: list[Finding] = Field(description="Of a finding: what it bears on.")
    finding: Finding | None = Field(description="Of a finding: grade, verification, citations.")
    path: list[Stop] = Field(description="The way to the thesis.")


Refusal_: TypeAlias = dict[str, Any]


class Near(Answer):
    """What may have been meant."""

    href: Href
    label: Label


class Refusal(BaseModel):
    """A problem document (RFC 9457)."""

    type: str = Field(description="Always about:blank.", examples=["about:blank"])
    title: str = Field(description="The status in words.", examples=["Not Found"])
    status: int = Field(description="The HTTP status.", examples=[404])
    detail: str = Field(description="What is wrong, in plain words.", examples=["There is no node “x”."])
    nearest: list[Near] = Field(default=[], description="What may have been meant.")


def write(told: BaseModel | Sequence[BaseModel]) -> bytes:
    """An answer as JSON."""
    return _ANY.dump_json(told, by_alias=True)


_ANY: TypeAdapter[Any] = TypeAdapter(Any)
