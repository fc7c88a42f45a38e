"""Theses, themes and what is found, as JSON."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from argraph.app.answers.fields import Answer, Href, Id, Iri, Label, Standing, Status, Strength, Text


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


class Theme(Answer):
    """A theme of the debate."""

    id: Id
    href: Href
    label: str = Field(description="Its name.", examples=["safety"])
    count: int = Field(description="Statements, findings and studies on it.", examples=[31])


class Hit(Answer):
    """Something found."""

    id: Id
    kind: Literal["thesis", "claim", "objection", "rebuttal", "evidence", "study"] = Field(
        description="What it is.", examples=["objection"]
    )
    label: Label
    status: Status | Literal[""] = Field(description="Empty for a study.")
    standing: Standing | Literal[""] = Field(description="Empty for a study.")
    href: Href
    parts: list[Part] = Field(description="Label of a statement or study, or text of a finding, in pieces.")
    excerpt: list[Part] = Field(
        description="Where else it was found, in pieces; empty where `parts` shows all that was searched for."
    )


class Found(Answer):
    """The answer to a search."""

    total: int = Field(description="How much was found, shown or not.", examples=[3])
    more: bool = Field(
        description="Whether there is more than `total`, which was not counted.", examples=[False]
    )
    instead: str = Field(
        description="The words that were searched for in place of those given; empty where it was those.",
        examples=["transparency"],
    )
    loose: bool = Field(
        description="Whether nothing has all words, so that these have some.", examples=[False]
    )
    results: list[Hit] = Field(description="The best first.")
