"""Fields that answers of the JSON interface share: each with what it means, and an example."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Final, Literal, TypeAlias

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
Reasoning: TypeAlias = Annotated[
    str,
    Field(
        description="Why: `supported`, `assumed`, `unsupported`, `unfounded`, `refuted`, `undercut`, "
        "`open-attack` or `withdrawn`.",
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
    id: str = Field(
        default="", description="Name of the node it leads to, if any.", examples=["theme-safety"]
    )


class Ref(Answer):
    """A statement, finding or step by name."""

    id: Id
    href: Href
    label: Label
    kind: str = Field(description="As elsewhere, or `step`.", examples=["claim"])
    status: Status
    standing: Standing


class Stop(Answer):
    """A stop on the way to the thesis."""

    id: Id
    label: Label
    relation: RelationName | Literal[""] = Field(description="What it does to the next; empty at the end.")


class Near(Answer):
    """What may have been meant."""

    id: str = Field(default="", description="Its name, where it is a node.", examples=["pil-safety"])
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
    """An answer as JSON in UTF-8."""
    return _ANY.dump_json(told, by_alias=True)


_ANY: Final[TypeAdapter[Any]] = TypeAdapter(Any)
