"""A scene and an outline, as JSON."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from argraph.app.answers.fields import (
    Answer,
    Id,
    Iri,
    Kind,
    Label,
    Point,
    Px,
    RelationName,
    Standing,
    Status,
    Stop,
    Strength,
    Text,
)


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
    joint: Point | None = Field(description="Centre of its step's joint.", examples=[[410.0, 96.0]])
    trunk: list[Point] = Field(description="From the joint to the end; on the first edge of a step.")
    trunk_path: str = Field(description="The same as SVG path data.", examples=[""])


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
    relation: RelationName | Literal[""] = Field(description="What the step does; empty for the root.")
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
