"""Why, how, what it hangs on and what if, as JSON."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from argraph.app.answers.fields import (
    Answer,
    Href,
    Id,
    Label,
    Reasoning,
    Ref,
    RelationName,
    Standing,
    Status,
    Strength,
)


class Reason(Answer):
    """One node of a deciding tree."""

    id: Id
    href: Href
    status: Status
    standing: Standing
    reason: Reasoning
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


class Hop(Answer):
    """One step of a chain."""

    start: Ref
    step: Ref
    relation: RelationName | Literal["is-a-premise-of"] = Field(
        description="What the step does to its end; the latter where the chain ends at a step."
    )
    end: Ref


class Chain(Answer):
    """Hops that follow on one another."""

    favourable: bool = Field(description="Whether the start speaks for the end.", examples=[True])
    hops: list[Hop]


class Chains(Answer):
    """Ways of argument from one node to another."""

    start: Ref
    end: Ref | None = Field(description="Null for any thesis.")
    text: str = Field(description="The same in words.", examples=["No chain leads from “A” to “B”."])
    cut: Literal["", "limit", "longest", "effort"] = Field(
        description="What ended the search; empty where these are all chains.", examples=[""]
    )
    chains: list[Chain] = Field(description="Shortest first.")


class Crux(Answer):
    """A set of items no part of which would do."""

    items: list[Ref]
    instead: list[list[Ref]] = Field(description="For each item, those that come to the same.")
    status: Status
    standing: Standing
    strength: Strength
    change: float = Field(description="How far its strength would move.", examples=[-0.21])


class CruxSets(Answer):
    """What a search found."""

    sets: list[Crux] = Field(description="Smallest first, then by change of strength.")
    exact_up_to: int = Field(description="Every set of up to this many items is here.", examples=[2])
    complete: bool = Field(description="Whether there are no others of whatever size.", examples=[False])


class Cruxes(Answer):
    """What the status of a node hangs on."""

    node: Ref
    text: str = Field(description="The same in words.", examples=["“A” stands. This claim would fall if …"])
    flips: CruxSets = Field(description="Withdrawals that change its status.")
    restores: CruxSets = Field(description="For what does not stand: answers that make it stand.")


class Verdict(Answer):
    """What is said of an item."""

    status: Status
    standing: Standing
    reason: Reasoning
    strength: Strength


class Change(Answer):
    """An item that would be judged otherwise."""

    id: Id
    href: Href
    label: Label
    kind: str = Field(
        description="As elsewhere; `support`, `attack` or `evidence line` for a step.", examples=["claim"]
    )
    before: Verdict
    after: Verdict
    sentence: str = Field(description="The change in words.", examples=["The claim “A” stands now; then …"])
    path: list[Ref] = Field(description="From what is withdrawn to the item, with statuses as they would be.")


class Whatif(Answer):
    """What a withdrawal would change."""

    withdrawn: list[Ref] = Field(description="What would be withdrawn, with its status now.")
    text: str = Field(description="The same in words.", examples=["This changes no status and no strength."])
    flipped: int = Field(description="Items whose status would change, shown or not.", examples=[3])
    moved: int = Field(description="Items that keep it, with another strength.", examples=[8])
    flips: list[Change] = Field(description="Statements first, then by how far strength moves.")
    moves: list[Change] = Field(description="Likewise.")
    unanswered: list[Ref] = Field(description="Objections that would stand and do not now.")
