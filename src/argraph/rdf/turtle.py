"""Turtle 1.1 in, triples with their places out, every fault as a diagnostic.

tokens     where a token begins and ends
mistakes   what was meant where none does
cursor     the current token, and firm ground after a fault
scope      what names and texts stand for
grammar    valid Turtle
repair     what to say and do where it is not valid
"""

from __future__ import annotations

import codecs
from typing import Final

from argraph.rdf.document import Document, Lines, Node, PositionedTriple, Span, Term
from argraph.rdf.faults import Faults
from argraph.rdf.mistakes import foreign_format
from argraph.rdf.repair import Repair
from argraph.rdf.scope import Scope

__all__ = ["LIMIT", "Document", "Lines", "Node", "PositionedTriple", "Span", "Term", "read"]

LIMIT: Final = 10 * 1024 * 1024
"""Bytes that are read of one file unless the caller says otherwise."""

_UTF16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)
_FORMATS: Final = {
    b"PK\x03\x04": "a ZIP archive, perhaps an office document",
    b"\x1f\x8b": "a gzip archive",
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
}


def read(data: bytes, *, name: str, base: str | None = None, limit: int = LIMIT) -> Document:
    """Read a Turtle file; any bytes will do, and no mistake in them raises.

    A statement with a fault yields no triples, the others do. Blank nodes are new with every reading, so that
    two documents never share one.

    Args:
        data: The file, in UTF-8 with or without a byte order mark.
        name: The path to show in diagnostics.
        base: An absolute IRI against which relative ones are resolved until the file declares its own.
        limit: The largest size that is read, in bytes.

    >>> document = read(b"<urn:a> a <urn:B> .", name="a.ttl")
    >>> document.triples[0].object, document.triples[0].object_span
    (<NamedNode value=urn:B>, (10, 17))
    """
    text, faults = _decode(data, name, limit)
    scope = Scope(text, base, faults)
    grammar = Repair(text, scope, faults)
    if not faults.found:
        grammar.read()
    return Document(
        name=name,
        text=text,
        triples=tuple(grammar.triples),
        prefixes=scope.prefixes,
        base=scope.base,
        diagnostics=tuple(sorted(faults.found, key=lambda fault: fault.sort_key)),
    )


def _decode(data: bytes, name: str, limit: int) -> tuple[str, Faults]:
    """The text of a file; what cannot be read as Turtle at all has exactly one fault."""
    unreadable = ""
    code = "turtle-encoding"
    if len(data) > limit:
        code = "turtle-too-large"
        unreadable = f"The file has {len(data)} bytes; at most {limit} are read. Split it into several files."
    elif data.startswith(_UTF16) or data[:1] == b"\0" or data[1:4:2] == b"\0\0":
        unreadable = "The file is not in UTF-8, perhaps in UTF-16. Save it as UTF-8."
    elif data.startswith(tuple(_FORMATS)):
        kind = next(kind for magic, kind in _FORMATS.items() if data.startswith(magic))
        unreadable = f"This is {kind}, not a Turtle file."
    if unreadable:
        faults = Faults(name, "")
        faults.report(code, (0, 0), unreadable)
        return "", faults
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        return _not_utf8(data, error.start, name)
    faults = Faults(name, text)
    if other := foreign_format(text):
        faults.report("turtle-other-format", (0, 0), f"This looks like {other}, not Turtle.")
    return text, faults


def _not_utf8(data: bytes, start: int, name: str) -> tuple[str, Faults]:
    text = data.decode(errors="replace")
    faults = Faults(name, text)
    offset = len(data[:start].decode())
    byte = data[start : start + 1]
    likely = byte.decode("cp1252", errors="ignore")
    hint = (
        f"The byte would be “{likely}” in Windows-1252 (ANSI): the file may have been saved so"
        if likely
        else ""
    )
    message = f"The byte {byte.hex().upper()} here is not UTF-8. Save the file as UTF-8."
    faults.report("turtle-encoding", (offset, offset + 1), message, hint)
    return text, faults
