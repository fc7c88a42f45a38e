"""The description of the server's interface (OpenAPI 3.1), with a path of its own for each saved question."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeAlias

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from argraph.app import exchanging, history, openapi_contributions, questions, sparql
from argraph.app.site import HTML
from argraph.query import formats
from argraph.query.catalogue import StoredQuery
from argraph.query.header import DATATYPES, Column, Parameter

Data: TypeAlias = dict[str, Any]

_ANY: Final[Data] = {"schema": {"type": "string"}}
_SCHEMAS: Final[Mapping[str, Data]] = {
    "iri": {"type": "string"},
    "string": {"type": "string"},
    "integer": {"type": "integer"},
    "decimal": {"type": "number"},
    "boolean": {"type": "boolean"},
}
_WORDS: Final = {
    "iri": "Name of a node: as in its address, with a prefix, or its whole IRI.",
    "string": "A text.",
    "integer": "A whole number.",
    "decimal": "A number.",
    "boolean": "true or false.",
}
_PROBLEM: Final[Data] = {
    "type": "object",
    "description": "Why a request was not answered (RFC 9457).",
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string", "description": "What is wrong, and what to do about it."},
        "line": {"type": "integer", "minimum": 1, "description": "Of the query, where it is at fault."},
        "column": {"type": "integer", "minimum": 1},
        "contribution": {
            "type": "object",
            "description": "The contribution that is in the way.",
            "properties": {name: {"type": "string"} for name in ("id", "state", "href")},
        },
        "limit": {"enum": ["seconds", "rows", "bytes", "memory"], "description": "What was reached."},
        "allowed": {"type": "number", "description": "How much of it is allowed."},
        "available": {"type": "array", "items": {"type": "string"}, "description": "Media types offered."},
        "nearest": {
            "type": "array",
            "description": "What may have been meant.",
            "items": {
                "type": "object",
                "properties": {
                    "href": {"type": "string"},
                    "label": {"type": "string"},
                    "id": {"type": "string", "description": "Name of the node; missing where it is no node."},
                },
                "required": ["href", "label"],
            },
        },
    },
    "required": ["type", "title", "status", "detail"],
    "example": {
        "type": "about:blank",
        "title": "Bad Request",
        "status": 400,
        "detail": "There is no node “pil-safty”. Did you mean pil-safety?",
        "nearest": [{"href": "/id/pil-safety", "label": "Transparency makes AI safer", "id": "pil-safety"}],
    },
}
_TERM: Final[Data] = {
    "type": "object",
    "description": "A value, as in SPARQL 1.1 Query Results JSON Format.",
    "properties": {
        "type": {"enum": ["uri", "literal", "bnode"]},
        "value": {"type": "string"},
        "xml:lang": {"type": "string"},
        "datatype": {"type": "string"},
    },
    "required": ["type", "value"],
}
_RESULTS: Final[Data] = {
    "type": "object",
    "description": "SPARQL 1.1 Query Results JSON Format.",
    "properties": {
        "head": {
            "type": "object",
            "properties": {"vars": {"type": "array", "items": {"type": "string"}}},
        },
        "boolean": {"type": "boolean", "description": "The answer to ASK."},
        "results": {
            "type": "object",
            "properties": {
                "bindings": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "additionalProperties": {"$ref": "#/components/schemas/Term"},
                    },
                }
            },
            "required": ["bindings"],
        },
    },
    "required": ["head"],
}
_FAULT: Final[Data] = {
    "type": "object",
    "properties": {
        "file": {"type": "string"},
        "line": {"type": "integer"},
        "column": {"type": "integer"},
        "message": {"type": "string"},
    },
    "required": ["file", "line", "column", "message"],
}
_QUERY: Final[Data] = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "kind": {"enum": ["explore", "audit"]},
        "title": {"type": "string"},
        "summary": {"type": "string"},
        "parameters": {"type": "array", "items": {"type": "object"}},
        "columns": {"type": "array", "items": {"type": "object"}},
        "href": {"type": "string", "description": "Where it is answered."},
        "query": {"type": "string", "description": "Its text, to be asked as it is."},
    },
    "required": ["name", "kind", "title", "summary", "parameters", "columns", "href", "query"],
}
_LISTING: Final[Data] = {
    "type": "object",
    "properties": {
        "queries": {"type": "array", "items": _QUERY},
        "faults": {"type": "array", "items": _FAULT, "description": "Files that are not taken, and why."},
        "trying": {"type": "array", "items": {"type": "string"}, "description": "Queries being tried."},
    },
    "required": ["queries", "faults", "trying"],
}
_TAG: Final[Data] = {
    "description": "Names this answer: send it as If-None-Match, and 304 says that it is still the same.",
    "schema": {"type": "string"},
}


def describe(app: FastAPI, queries: Iterable[StoredQuery], examples: Mapping[str, Mapping[str, str]]) -> Data:
    """The description of an application.

    Args:
        app: Its routes are described as far as this module does not know more of them.
        queries: The saved questions.
        examples: A value for parameters, by the names of question and parameter.
    """
    told = get_openapi(
        title=app.title, version=app.version, summary=app.summary, routes=app.routes, tags=_TAGS
    )
    paths: dict[str, Data] = told["paths"]
    for path, operations in paths.items():
        for method, operation in operations.items():
            refusals = [status for status in operation["responses"] if status >= "400"]
            for status in refusals:
                described = operation["responses"].pop(status)["description"]
                if status != "422":  # what the framework would answer; it never does here
                    operation["responses"][status] = _refusal(described)
            operation.setdefault("tags", ["debate"])
            operation["responses"]["200"].setdefault("content", {HTML: _ANY})  # what gives no model is a page
            known = OPERATIONS.get((path, method)) or openapi_contributions.OPERATIONS.get((path, method))
            operation.update(known or {})
            operation["responses"]["default"] = {"$ref": "#/components/responses/Problem"}
    paths.update({f"/queries/{q.name}": {"get": _question(q, examples.get(q.name, {}))} for q in queries})
    models = told["components"]["schemas"]
    unused = {"HTTPValidationError", "ValidationError", "Refusal"}
    own = {"Problem": _PROBLEM, "Term": _TERM, "Results": _RESULTS, "SavedQueries": _LISTING}
    own |= openapi_contributions.schemas() | {"NodeHistory": history.SCHEMA}
    told["components"] = {
        "schemas": {name: model for name, model in models.items() if name not in unused} | own,
        "responses": dict(_RESPONSES),
        "parameters": {"timeout": _TIMEOUT},
        "headers": {"ETag": _TAG},
        "securitySchemes": dict(openapi_contributions.SCHEMES),
    }
    return told


_TAGS: Final = [
    {"name": "debate", "description": "What is argued, as pages and as data."},
    {"name": "explorer", "description": "What the map, the outline and the details are made of."},
    {"name": "SPARQL", "description": "Queries of your own, and whole graphs."},
    {"name": "saved questions", "description": "All of them, and the way in which each is asked."},
    {"name": "explore", "description": "Saved questions to explore the debate."},
    {"name": "audit", "description": "Saved questions about what wants a look."},
    openapi_contributions.TAG,
    {"name": "server", "description": "The server itself."},
]


def _parameter(name: str, where: str, described: str, schema: Data | None = None, **more: Any) -> Data:
    return {
        "name": name,
        "in": where,
        "description": described,
        "required": where == "path",
        "schema": schema or {"type": "string"},
    } | more


def _format(offered: Mapping[str, str]) -> Data:
    names = list(dict.fromkeys(offered.values()))
    return _parameter("format", "query", "Form of the answer, before the Accept header.", {"enum": names})


_TIMEOUT: Final = _parameter(
    "timeout",
    "query",
    "Seconds to wait for the answer; only less than the server allows.",
    {"type": "number", "exclusiveMinimum": 0},
    example=2.5,
)


def _refusal(described: str) -> Data:
    # A page for those who prefer one, as `Site.refuse` has it.
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}, HTML: _ANY}
    return {"description": described, "content": content}


_LATER: Final[Data] = {
    "Retry-After": {"description": "Seconds until it is worth asking again.", "schema": {"type": "integer"}}
}
_RESPONSES: Final[Mapping[str, Data]] = {
    "Problem": _refusal("The request was not answered."),
    "BadRequest": _refusal(
        "A parameter is unknown, given twice or of the wrong type, or the query is malformed."
    ),
    "NotFound": _refusal("There is nothing of that name."),
    "NotAcceptable": _refusal("None of the forms that the Accept header permits is offered."),
    "TooLarge": _refusal("The answer is larger than allowed; there is never a shorter one instead."),
    "TooMany": _refusal("This client has had its share for now.") | {"headers": _LATER},
    "Overloaded": _refusal("Too many ask at once.") | {"headers": _LATER},
    "TooLong": _refusal("It took longer than allowed."),
}
_REFUSALS: Final = {
    "400": "BadRequest",
    "404": "NotFound",
    "406": "NotAcceptable",
    "422": "TooLarge",
    "429": "TooMany",
    "503": "Overloaded",
    "504": "TooLong",
}


def _answers(described: str, media: Mapping[str, Data], *refusals: str, tagged: bool = True) -> Data:
    """The responses of an operation: its answer by media type, and how it may be refused."""
    told: Data = {"200": {"description": described, "content": dict(media)}}
    if tagged:
        told["200"]["headers"] = {"ETag": {"$ref": "#/components/headers/ETag"}}
        told["304"] = {"description": "The client has this answer already."}
    named = {status: {"$ref": f"#/components/responses/{_REFUSALS[status]}"} for status in refusals}
    return told | named | {"default": {"$ref": "#/components/responses/Problem"}}


def _any(offered: Iterable[str]) -> dict[str, Data]:
    return {media: {} if "json" in media else _ANY for media in offered}


_RESULT_MEDIA: Final = _any({**sparql.ROWS, **sparql.GRAPHS, HTML: ""}) | {
    media: {"schema": {"$ref": "#/components/schemas/Results"}}
    for media in (formats.ROWS["json"], "application/json")
}
_NODE_MEDIA: Final = [HTML, *(formats.GRAPHS[form] for form in ("turtle", "jsonld", "ntriples", "rdfxml"))]
_OF_NODES: Final = list(dict.fromkeys([*_NODE_MEDIA, *exchanging.OF_NODES.values()]))
_DUMP_MEDIA: Final = [form.media_type for form in formats.DUMPS.values()]
_ASKING: Final = ("400", "406", "422", "429", "503", "504")
_NODE_FORMS: Final = dict(zip(_NODE_MEDIA, ("html", "turtle", "jsonld", "ntriples", "rdfxml"), strict=True))
_DUMP_FORMS: Final = {form.media_type: name for name, form in formats.DUMPS.items()}
_GRAPH_URI: Final[Data] = {"type": "array", "items": {"type": "string", "format": "uri"}}
_EXAMPLE: Final = "SELECT ?label { ?thesis a arg:Thesis ; skos:prefLabel ?label }"
_PROTOCOL: Final = {
    "default-graph-uri": "IRI of a graph that the query is asked of, in place of those that it names.",
    "named-graph-uri": "IRI of a graph that GRAPH finds, in place of those that the query names.",
}
OPERATIONS: Final[Mapping[tuple[str, str], Data]] = {
    ("/", "get"): {
        "tags": ["debate"],
        "responses": _answers("The start page.", _any([HTML]), tagged=False),
    },
    ("/id/{name}", "get"): {
        "tags": ["debate"],
        "parameters": [
            _parameter("name", "path", _WORDS["iri"], example="pil-safety"),
            _format(_NODE_FORMS | {name: name for name in exchanging.OF_NODES}),
            *exchanging.PARAMETERS,
        ],
        "responses": _answers(
            "The node, or what leads to it.", _any(_OF_NODES), "400", "404", "406", tagged=False
        )
        | {"422": _refusal("The format cannot hold this at all.")},
    },
    ("/id/{name}/history", "get"): {
        "tags": ["debate"],
        "parameters": [
            _parameter("name", "path", _WORDS["iri"], example="pil-safety"),
            _format({HTML: "html", "application/json": "json"}),
        ],
        "responses": _answers(
            "Its history.",
            _any([HTML]) | {"application/json": {"schema": {"$ref": "#/components/schemas/NodeHistory"}}},
            "400",
            "404",
            "406",
            tagged=False,
        ),
    },
    ("/sparql", "get"): {
        "tags": ["SPARQL"],
        "parameters": [
            _parameter(
                "query", "query", "SPARQL 1.1; without it, the service is described.", example=_EXAMPLE
            ),
            *(_parameter(name, "query", text, _GRAPH_URI, explode=True) for name, text in _PROTOCOL.items()),
            _format(sparql.ROWS | sparql.GRAPHS | {HTML: "html"}),
            {"$ref": "#/components/parameters/timeout"},
        ],
        "responses": _answers("The answer, or the description.", _RESULT_MEDIA, *_ASKING),
    },
    ("/sparql", "post"): {
        "tags": ["SPARQL"],
        "requestBody": {
            "required": True,
            "content": {
                "application/sparql-query": {"schema": {"type": "string"}, "example": _EXAMPLE},
                "application/x-www-form-urlencoded": {
                    "schema": {
                        "type": "object",
                        "properties": {
                            "query": {"type": "string"},
                            **{name: _GRAPH_URI | {"description": text} for name, text in _PROTOCOL.items()},
                            "format": {"type": "string"},
                            "timeout": {"type": "number"},
                        },
                        "required": ["query"],
                    },
                    "example": {"query": _EXAMPLE},
                },
            },
        },
        "responses": _answers("The answer.", _RESULT_MEDIA, *_ASKING, tagged=False)
        | {
            status: _refusal(text)
            for status, text in {
                "403": "It is an update: nothing is changed here.",
                "408": "The body did not come in soon enough.",
                "413": "The body is too long.",
                "415": "The body is neither a query nor a form, or it is compressed.",
            }.items()
        },
    },
    ("/queries", "get"): {
        "tags": ["saved questions"],
        "parameters": [_format(questions.LIST)],
        "responses": _answers(
            "The list.",
            _any(questions.LIST)
            | {"application/json": {"schema": {"$ref": "#/components/schemas/SavedQueries"}}},
            "400",
            "406",
        ),
    },
    ("/queries/{name}", "get"): {
        "tags": ["saved questions"],
        "parameters": [
            _parameter("name", "path", "Name of the question; each has a path of its own below."),
            _format(questions.ROWS),
            {"$ref": "#/components/parameters/timeout"},
        ],
        "responses": _answers("The answer.", _RESULT_MEDIA, "404", *_ASKING),
    },
    ("/graph", "get"): {
        "tags": ["SPARQL"],
        "parameters": [
            _parameter("graph", "query", "IRI of one graph.", {"type": "string", "format": "uri"}),
            _parameter("default", "query", "The default graph.", {"const": ""}, allowEmptyValue=True),
            _format(_DUMP_FORMS),
        ],
        "responses": _answers("The triples.", _any(_DUMP_MEDIA), "404", *_ASKING),
    },
    ("/graph/{name}", "get"): {
        "tags": ["SPARQL"],
        "parameters": [
            _parameter("name", "path", "Name of the contribution, or IRI of the graph."),
            _format(_DUMP_FORMS),
        ],
        "responses": _answers("The triples.", _any(_DUMP_MEDIA), "404", *_ASKING),
    },
    ("/ontology", "get"): {
        "tags": ["debate"],
        "parameters": [_format(_NODE_FORMS)],
        "responses": _answers("The vocabulary.", _any(_NODE_MEDIA), "400", "406", tagged=False),
    },
    ("/healthz", "get"): {
        "tags": ["server"],
        "responses": _answers(
            "It is well.",
            {
                "application/json": {
                    "schema": {
                        "type": "object",
                        "properties": {
                            "status": {"const": "ok"},
                            "statements": {"type": "integer"},
                            "triples": {"type": "integer"},
                        },
                        "required": ["status", "statements", "triples"],
                    }
                }
            },
            tagged=False,
        ),
    },
}
"""What is known of each operation beyond its path, its summary and its description."""


def _question(stored: StoredQuery, examples: Mapping[str, str]) -> Data:
    columns = "\n".join(f"- `{column.name}`: {column.type}" for column in stored.columns)
    json = {"schema": _rows(stored.columns)}
    table = {"schema": {"type": "string"}, "example": ",".join(c.name for c in stored.columns) + "\r\n"}
    media = _any(questions.ROWS) | {formats.ROWS["json"]: json, "application/json": json, "text/csv": table}
    return {
        "tags": [stored.kind],
        "operationId": stored.name,
        "summary": stored.title,
        "description": f"{stored.summary}\n\nColumns, any of which may be empty in a row:\n\n{columns}",
        "parameters": [
            *(_of_question(parameter, examples.get(parameter.name)) for parameter in stored.parameters),
            _format(questions.ROWS),
            {"$ref": "#/components/parameters/timeout"},
        ],
        "responses": _answers(stored.summary, media, *_ASKING),
    }


def _of_question(parameter: Parameter, example: str | None) -> Data:
    schema = dict(_SCHEMAS[parameter.type])
    described = _WORDS[parameter.type]
    if parameter.default is not None:
        schema["default"] = _value(parameter, parameter.default)
    elif not parameter.required:
        described += " Without it, the answer is for all."
    told = _parameter(parameter.name, "query", described, schema, required=parameter.required)
    return told if example is None else told | {"example": _value(parameter, example)}


def _value(parameter: Parameter, text: str) -> str | int | float | bool:
    """A value as JSON has it."""
    if parameter.type == "integer":
        return int(text)
    if parameter.type == "decimal":
        return float(text)
    return text.strip() == "true" if parameter.type == "boolean" else text


def _rows(columns: Iterable[Column]) -> Data:
    """The JSON of an answer with these columns."""
    names = [column.name for column in columns]
    cells = {column.name: _cell(column) for column in columns}
    rows = {"type": "array", "items": {"type": "object", "properties": cells, "additionalProperties": False}}
    return {
        "type": "object",
        "properties": {
            "head": {"type": "object", "properties": {"vars": {"const": names}}, "required": ["vars"]},
            "results": {"type": "object", "properties": {"bindings": rows}, "required": ["bindings"]},
        },
        "required": ["head", "results"],
    }


def _cell(column: Column) -> Data:
    if column.type == "iri":
        told: Data = {"type": {"const": "uri"}, "value": {"type": "string", "format": "iri"}}
        return {"type": "object", "properties": told, "required": ["type", "value"]}
    told = {"type": {"const": "literal"}, "value": {"type": "string"}}
    if column.type == "string":
        told |= {"xml:lang": {"type": "string"}}
        return {"type": "object", "properties": told, "required": ["type", "value"]}
    told |= {"datatype": {"enum": sorted(DATATYPES[column.type])}}
    return {"type": "object", "properties": told, "required": ["type", "value", "datatype"]}
