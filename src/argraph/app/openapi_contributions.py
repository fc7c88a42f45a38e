"""The description of how contributions are handed in, followed and reviewed, for `openapi`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from argraph.app.answers import contributions as answers
from argraph.app.contributions import FORMS
from argraph.contribution import lifecycle

Data: TypeAlias = dict[str, Any]

TAG: Final = {"name": "contributions", "description": "Hand files in, follow them, review them."}
SCHEMES: Final[Data] = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "A token from the maintainer of the server (`argraph token create`).",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "argraph-session",
        "description": "What a browser has after signing in at /sign-in; over https its name begins with "
        "`__Host-`. Whatever changes something sends the header X-CSRF-Token besides.",
    },
}
_MODELS: Final[tuple[type[BaseModel], ...]] = (
    answers.Checked,
    answers.Submission,
    answers.Told,
    answers.Queue,
    answers.History,
    answers.Said,
)
_REF: Final = "#/components/schemas/"


def schemas() -> Data:
    """The schemas of the answers, by name."""
    both = [(model, "serialization") for model in _MODELS]
    _, told = models_json_schema(both, ref_template=_REF + "{model}")  # type: ignore[arg-type]
    refused = {
        "allOf": [{"$ref": f"{_REF}Problem"}, {"$ref": f"{_REF}Checked"}],
        "description": "A file with violations: a problem document, with what was found out about it.",
    }
    # “Checked” and “Problem” are open to each other's members.
    found: Data = told["$defs"]
    found["Checked"].pop("additionalProperties", None)
    return {**found, "Refused": refused}


def _ref(name: str) -> Data:
    return {"schema": {"$ref": _REF + name}}


_TURTLE: Final = """\
@prefix arg:     <https://w3id.org/argraph/ns#> .
@prefix osai:    <https://w3id.org/argraph/open-source-ai/> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix prov:    <http://www.w3.org/ns/prov#> .
@prefix schema:  <https://schema.org/> .
@prefix skos:    <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd:     <http://www.w3.org/2001/XMLSchema#> .

osai:co-example a arg:Contribution ;
    dcterms:title "An objection about power"@en ;
    dcterms:created "2026-11-25"^^xsd:date ;
    prov:wasAttributedTo <https://example.org/me> .
"""
_PROBLEM: Final = {"application/problem+json": _ref("Problem")}
_WORDS: Final[Mapping[str, str]] = {
    "400": "A parameter or the body is not as it should be.",
    "401": "A token is needed, or the one given is not good.",
    "403": "This is not for whoever asks, the request does not show that it was meant, or the server takes "
    "no contributions.",
    "404": "There is no such contribution.",
    "406": "None of the forms that the Accept header permits is offered.",
    "408": "The body did not come in soon enough.",
    "409": "These very bytes were handed in before; or it is in a state in which this cannot happen. The "
    "member `contribution` tells which one it is.",
    "413": "The body is too long.",
    "415": "The body is of another type or encoding, or it is compressed.",
    "422": "The file has violations.",
    "429": "This client has had its share for now.",
    "500": "The server made a mistake, which is logged.",
    "503": "Too many files wait, or the server cannot record anything now; nothing was changed.",
    "504": "The check took longer than allowed.",
    "507": "The server's disk is full; nothing was changed.",
}
_LATER: Final[Data] = {
    "Retry-After": {"description": "Seconds until it is worth asking again.", "schema": {"type": "integer"}}
}
_HEADERS: Final[Mapping[str, Data]] = {
    "401": {"WWW-Authenticate": {"description": "What is needed (RFC 6750).", "schema": {"type": "string"}}},
    "409": {
        "Location": {
            "description": "The contribution with the same bytes.",
            "schema": {"type": "string", "format": "uri-reference"},
        }
    },
    "429": _LATER,
    "503": _LATER,
    "507": _LATER,
}
_ALWAYS: Final = ("400", "401", "403", "429", "500", "503")
_JUDGED: Final = (*_ALWAYS, "404", "408", "409", "413", "415", "507")


def _responses(*refusals: str, **answers: Data) -> Data:
    told = {status.removeprefix("s"): answer for status, answer in answers.items()}
    for status in sorted({*_ALWAYS, *refusals} - told.keys()):
        told[status] = {"description": _WORDS[status], "content": _PROBLEM}
        if status in _HEADERS:
            told[status]["headers"] = dict(_HEADERS[status])
    return told | {"default": {"$ref": "#/components/responses/Problem"}}


def _json(described: str, model: str) -> Data:
    return {"description": described, "content": {"application/json": _ref(model)}}


def _findings(described: str, model: str) -> Data:
    text = {"schema": {"type": "string"}}
    content = {media: text for media in FORMS if media != "application/json"}
    content["application/sarif+json"] = {"schema": {"type": "object"}}
    first = "application/problem+json" if model == "Refused" else "application/json"
    return {"description": described, "content": {first: _ref(model), **content}}


_CREATED: Final = {
    "headers": {
        "Location": {
            "description": "The contribution.",
            "schema": {"type": "string", "format": "uri-reference"},
        }
    }
}
_WHICH: Final[Data] = {
    "name": "id",
    "in": "path",
    "required": True,
    "description": "Identifier of a contribution.",
    "schema": {"type": "string", "pattern": "^[0-9a-f]{16,64}$"},
    "example": "3f0c9a52be71d604",
}
_CSRF: Final[Data] = {
    "name": "X-CSRF-Token",
    "in": "header",
    "required": False,
    "description": "With a session: its CSRF token.",
    "schema": {"type": "string"},
}


def _query(name: str, described: str, schema: Data, **more: Any) -> Data:
    return {"name": name, "in": "query", "required": False, "description": described, "schema": schema} | more


_FORM: Final = _query(
    "format", "Form of the findings, before the Accept header.", {"enum": list(FORMS.values())}
)
_ANYBODY: Final[list[Data]] = [{}, {"token": []}, {"session": []}]
_KNOWN: Final[list[Data]] = [{"token": []}, {"session": []}]
_COMMENT: Final[Data] = {
    "required": False,
    "content": {"application/json": _ref("Said") | {"example": {"comment": "Please name the study."}}},
}


def _about(*parameters: Data, security: list[Data], responses: Data, **more: Any) -> Data:
    told = {"tags": ["contributions"], "parameters": list(parameters), "security": security}
    return told | {"responses": responses} | more


def _decision(described: str, *refusals: str, **answers: Data) -> Data:
    answers = answers or {"s200": _json(described, "Submission")}
    return _about(
        _WHICH,
        _CSRF,
        security=_KNOWN,
        requestBody=_COMMENT,
        responses=_responses(*_JUDGED, *refusals, **answers),
    )


_ONE: Final = "/api/contributions/{id}"
OPERATIONS: Final[Mapping[tuple[str, str], Data]] = {
    ("/api/contributions", "post"): _about(
        _query(
            "dry_run",
            "1 to have the file checked only.",
            {"enum": ["0", "1", "false", "true"], "default": "0"},
            example="1",
        ),
        _query(
            "supersedes",
            "The contribution of the same submitter of which this is a newer version; not with `dry_run`.",
            {"type": "string", "pattern": "^[0-9a-f]{16,64}$"},
        ),
        _query("name", "Name of the file, for the findings.", {"type": "string"}, example="my-objection.ttl"),
        _FORM,
        _CSRF,
        security=_ANYBODY,
        requestBody={
            "required": True,
            "description": "Turtle, at most 1 MiB.",
            "content": {"text/turtle": {"schema": {"type": "string"}, "example": _TURTLE}},
        },
        responses=_responses(
            *_JUDGED,
            *("406", "504"),
            s200=_findings("With `dry_run`: nothing keeps the file out.", "Checked"),
            s201=_findings("It is in the queue.", "Told") | _CREATED,
            s422=_findings(_WORDS["422"], "Refused"),
        ),
    ),
    ("/api/contributions", "get"): _about(
        _query("state", "Only those in this state.", {"enum": list(lifecycle.STATES)}),
        _query(
            "limit", "At most so many.", {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100}
        ),
        _query(
            "offset",
            "After so many that are passed over.",
            {"type": "integer", "minimum": 0, "maximum": 1_000_000_000, "default": 0},
        ),
        security=_KNOWN,
        responses=_responses(s200=_json("The list.", "Queue")),
    ),
    (_ONE, "get"): _about(
        _WHICH, security=_ANYBODY, responses=_responses("404", s200=_json("The contribution.", "Told"))
    ),
    (f"{_ONE}/content", "get"): _about(
        _WHICH,
        security=_ANYBODY,
        responses=_responses(
            "404",
            s200={
                "description": "The bytes as they were handed in; of a wish to retract, a line of text.",
                "content": {media: {"schema": {"type": "string"}} for media in ("text/turtle", "text/plain")},
            },
        ),
    ),
    (f"{_ONE}/history", "get"): _about(
        _WHICH, security=_ANYBODY, responses=_responses("404", s200=_json("The events.", "History"))
    ),
    (f"{_ONE}/check", "get"): _about(
        _WHICH,
        _FORM,
        security=_KNOWN,
        responses=_responses(*("404", "406", "409", "504"), s200=_findings("What was found out.", "Checked")),
    ),
    (f"{_ONE}/accept", "post"): _decision(
        "It is part of the debate.",
        "504",
        s200=_json("It is part of the debate.", "Submission"),
        s422={
            "description": "It does not pass any more.",
            "content": {"application/problem+json": _ref("Refused")},
        },
    ),
    (f"{_ONE}/reject", "post"): _decision("It is rejected."),
    (f"{_ONE}/withdraw", "post"): _decision("It is withdrawn."),
    (f"{_ONE}/comment", "post"): _decision("The contribution with the comment."),
    (f"{_ONE}/retract", "post"): _decision(
        "", "504", s201=_json("The wish is in the queue.", "Told") | _CREATED
    ),
}
"""What is known of each operation beyond its path, its summary and its description."""
