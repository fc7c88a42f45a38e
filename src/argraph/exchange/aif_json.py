"""AIF as JSON: the form of AIFdb, and xAIF, which puts that beside the text and the state of an editor."""

from __future__ import annotations

import json
from typing import Final, NoReturn

from argraph.errors import FormatError
from argraph.exchange.aif import Document, expressed, understood
from argraph.exchange.model import JSON, Ledger, LossReport, Model

_XAIF_LISTS: Final = (
    "schemefulfillments",
    "descriptorfulfillments",
    "cqdescriptorfulfillments",
    "participants",
    "locutions",
)


def load(data: bytes, name: str) -> tuple[Model, LossReport]:
    """Read either form.

    Raises:
        FormatError: The file is no JSON, or holds no nodes of AIF.
    """
    document, ledger = read(data, name)
    model, found = understood(document)
    ledger.extend(found.report().losses)
    return model, ledger.report()


def read(data: bytes, name: str) -> tuple[Document, Ledger]:
    """The nodes and edges of a file.

    Raises:
        FormatError: As `load`.
    """
    whole = parsed(data, name)
    ledger = Ledger()
    if not isinstance(whole, dict):
        raise FormatError("AIF is an object with “nodes” and “edges”, and this is none.", name=name)
    inner = whole.get("AIF")
    outer = {key: value for key, value in whole.items() if key != "AIF"} if isinstance(inner, dict) else None
    graph = inner if isinstance(inner, dict) else whole
    if "nodes" not in graph:
        raise FormatError(
            "There is no list “nodes”: AIF of AIFdb has it at the top, xAIF inside of “AIF”. "
            "If this is another format, name that one.",
            name=name,
        )
    lists: dict[str, list[JSON]] = {}
    for key in ("nodes", "edges"):
        value = graph.get(key)
        if isinstance(value, dict):
            raise FormatError(
                f"“{key}” is an object, and AIF has a list there. Is it another format?", name=name
            )
        if value is not None and not isinstance(value, list):
            raise FormatError(f"“{key}” is no list.", name=name)
        if value is None:
            ledger.add(key, "list", "it is null or missing, and is written as an empty list", "changed")
        lists[key] = value or []
    rest = {key: value for key, value in graph.items() if key not in lists}
    return Document(lists["nodes"], lists["edges"], rest, outer), ledger


def parsed(data: bytes, name: str) -> JSON:
    """The value that a file of JSON holds.

    Raises:
        FormatError: It is no JSON in UTF-8, with the line at fault.
    """

    def refuse(constant: str) -> NoReturn:
        raise FormatError(f"{constant} is no number of JSON. Write a number, or null.", name=name)

    try:
        return json.loads(data.decode("utf-8-sig"), parse_constant=refuse)
    except UnicodeDecodeError as fault:
        line = data.count(b"\n", 0, fault.start) + 1
        raise FormatError(
            "This is not UTF-8 text. Save the file in that encoding.", name=name, line=line
        ) from None
    except json.JSONDecodeError as fault:
        raise FormatError(f"This is no JSON: {fault.msg}.", name=name, line=fault.lineno) from None
    except ValueError:
        raise FormatError("A number has more digits than can be read.", name=name) from None
    except RecursionError:
        raise FormatError("Lists or objects stand too deep inside each other.", name=name) from None


def dump(model: Model) -> bytes:
    """Write the form that the model came in; the form of AIFdb where it came from elsewhere."""
    return _written(expressed(model))


def dump_xaif(model: Model) -> bytes:
    """Write xAIF."""
    document = expressed(model)
    if document.outer is None:
        document.outer = {"text": ""}
        document.rest = {key: [] for key in _XAIF_LISTS} | document.rest
    return _written(document)


def _written(document: Document) -> bytes:
    graph = {"nodes": document.nodes, "edges": document.edges, **document.rest}
    if document.outer is None:
        graph.setdefault("locutions", [])
    whole = graph if document.outer is None else {"AIF": graph, **document.outer}
    return _encoded(whole)


def _encoded(whole: JSON) -> bytes:
    """JSON in UTF-8; a lone surrogate, which UTF-8 cannot hold, stays an escape."""
    text = json.dumps(whole, ensure_ascii=False, separators=(",", ":")) + "\n"
    try:
        return text.encode()
    except UnicodeEncodeError:
        return (json.dumps(whole, separators=(",", ":")) + "\n").encode()
