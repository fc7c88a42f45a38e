"""What the interface says of contributed files: what was found, what became of them, who did what."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field

from argraph.app.answers.fields import Answer
from argraph.contribution.lifecycle import Mark, State

Name: TypeAlias = Annotated[
    str, Field(description="Its identifier.", pattern="^[0-9a-f]{16,64}$", examples=["3f0c9a52be71d604"])
]
MarkName: TypeAlias = Annotated[Mark, Field(description="A review mark.", examples=["unclear"])]
StateName: TypeAlias = Annotated[State, Field(description="What became of it so far.", examples=["pending"])]


class Diagnostic(Answer):
    """Something about a file, with its place; lines and columns count from 1, in Unicode code points."""

    code: str = Field(description="Name of the rule.", examples=["unknown-node"])
    severity: Literal["violation", "warning", "info"] = Field(
        description="Only a violation keeps a file out.", examples=["violation"]
    )
    message: str = Field(description="What is wrong, and what to write instead.")
    hint: str = Field(description="A suggestion for this very case; may be empty.")
    path: str = Field(description="Name of the file.", examples=["my-objection.ttl"])
    line: int = Field(ge=1, examples=[7])
    column: int = Field(ge=1, examples=[17])
    end_line: int = Field(ge=1, examples=[7])
    end_column: int = Field(ge=1, description="Exclusive.", examples=[32])
    focus: str = Field(description="IRI of the node concerned; may be empty.")
    value: str = Field(description="The term at fault as it is written; may be empty.")
    rule: str = Field(description="IRI of the shape that found it; may be empty.")
    source: str = Field(description="The line of the file, or the beginning of a long one.")
    predicate: str = Field(description="IRI of the property concerned; may be empty.")
    term: str = Field(description="The term at fault as N-Triples has it; may be empty.")
    component: str = Field(description="IRI of the SHACL constraint component; may be empty.")


class Counts(Answer):
    """How many findings there are of each severity."""

    violation: int = Field(ge=0, examples=[1])
    warning: int = Field(ge=0, examples=[0])
    info: int = Field(ge=0, examples=[0])


class Tool(Answer):
    """Who checked."""

    name: str = Field(examples=["argraph"])
    version: str = Field(examples=["0.1.0"])


class Findings(Answer):
    """What `argraph check --format json` says of a file."""

    version: int = Field(description="Of this form.", examples=[1])
    tool: Tool
    ok: bool = Field(description="Whether nothing keeps the file out.", examples=[True])
    counts: Counts
    diagnostics: list[Diagnostic]


class Value(Answer):
    """What is said of a node by one property."""

    text: str = Field(description="The value in words.")
    node: str = Field(description="IRI of the node that it is; empty for a text.")
    tag: str = Field(description="Language of a text, or kind of a number or date; may be empty.")


class Property(Answer):
    """A property of which something differs."""

    iri: str
    name: str = Field(description="Its name in words.", examples=["label"])
    before: list[Value] = Field(description="What only the debate says.")
    after: list[Value] = Field(description="What only the file says.")


class Difference(Answer):
    """A node that the file adds, changes or removes."""

    what: Literal["added", "changed", "removed"] = Field(examples=["added"])
    iri: str
    label: str = Field(description="What it is called.")
    kind: str = Field(description="What it is, in words; may be empty.", examples=["Objection"])
    properties: list[Property]


Impact: TypeAlias = Annotated[
    dict[str, Any] | None,
    Field(
        description="What the file would change, as `argraph impact --format json` says it, with `told`: the "
        "same in sentences, as `headline` and `sections`. Null where faults of syntax are in the way."
    ),
]


class Checked(Answer):
    """What was found out about a file."""

    ok: bool = Field(description="Whether nothing keeps the file out.", examples=[True])
    label: str = Field(description="What the file calls its contribution; else its name.")
    graph: str | None = Field(
        description="IRI of its contribution; null where it does not describe exactly one."
    )
    report: Findings
    impact: Impact
    difference: list[Difference] = Field(description="What it adds, changes or removes, in words.")
    left_out: int = Field(ge=0, description="How many more nodes differ.", examples=[0])
    replaces: list[str] = Field(description="Files of the debate whose place it takes.")


class Person(Answer):
    """Who did something."""

    name: str = Field(description="The name of the token; `anonymous` without one.", examples=["ada"])
    role: Literal["anonymous", "contributor", "reviewer", "system"] = Field(examples=["contributor"])


class Submission(Answer):
    """A contribution as it stands."""

    id: Name
    href: str = Field(description="Where it is told here.", examples=["/api/contributions/3f0c9a52be71d604"])
    page: str = Field(description="Its page.", examples=["/contributions/3f0c9a52be71d604"])
    kind: Literal["file", "retraction"] = Field(description="A file, or the wish to take one out again.")
    state: StateName
    title: str
    name: str = Field(description="The file's name as it was handed in.", examples=["my-objection.ttl"])
    size: int = Field(ge=0, description="In bytes.")
    digest: str = Field(description="SHA-256 of its bytes.")
    graph: str | None = Field(description="IRI of the contribution that it describes.")
    submitter: Person
    submitted: datetime = Field(examples=["2026-11-25T17:02:49.108000Z"])
    decided: datetime | None
    reviewer: str | None = Field(description="Who decided.")
    comment: str = Field(description="What was said last in its review.")
    marks: list[MarkName]
    supersedes: str | None = Field(description="The contribution of which it is a newer version.")
    retracts: str | None = Field(description="The contribution that it would take out of the debate.")
    path: str | None = Field(description="Its file in the debate's folder, once accepted.")
    written: bool = Field(description="Whether that folder has been changed as its acceptance asks.")
    may: list[Literal["accept", "reject", "withdraw", "comment", "retract", "supersede"]] = Field(
        description="What whoever asks may do with it now."
    )


class Told(Submission):
    """A contribution with what was found out about it when handed in or, of one accepted, right before."""

    report: Findings | None = Field(description="Null for the wish to take one out again.")
    impact: Impact
    difference: list[Difference]


class Session(Answer):
    """Who asks, and what may be done here."""

    actor: Person
    csrf: str | None = Field(
        description="What has to be sent along as X-CSRF-Token, with a session; null without one."
    )
    open: bool = Field(description="Whether contributions are taken here at all.")
    anonymous: bool = Field(description="Whether they are taken from people without a token.")


class Queue(Answer):
    """Contributions, newest first."""

    contributions: list[Submission]
    counts: dict[StateName, int] = Field(description="How many are in each state; empty but for reviewers.")
    next: str | None = Field(description="Where the list goes on.")


class Happened(Answer):
    """One thing that happened to a contribution."""

    sequence: int = Field(ge=1, description="Its place among all that happened.")
    at: datetime
    kind: str = Field(
        description="submitted, revised, retraction-requested, commented, accepted, written, rejected, "
        "withdrawn or superseded.",
        examples=["submitted"],
    )
    actor: Person
    comment: str
    marks: list[MarkName]
    detail: dict[str, Any] = Field(description="What else belongs to it.")


class History(Answer):
    """What happened to a contribution, in order."""

    events: list[Happened]


class Said(Answer):
    """What is said with a decision."""

    comment: str = Field(default="", max_length=10_000, examples=["Please name the study."])
    marks: list[MarkName] = Field(default=[], examples=[["unsupported"]])
