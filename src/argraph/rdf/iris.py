"""References to IRIs, resolved against a base."""

from __future__ import annotations

import re
from typing import NamedTuple

import pyoxigraph as ox

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*+:")
_PARTS = re.compile(r"(?://([^/?#]*+))?([^?#]*+)(?:\?([^#]*+))?(?:#(.*+))?", re.DOTALL)


class _Parts(NamedTuple):
    authority: str | None
    path: str
    query: str | None
    fragment: str | None


def is_absolute(reference: str) -> bool:
    """Whether a reference begins with a scheme, and so needs no base."""
    return _SCHEME.match(reference) is not None


def resolve(reference: str, base: str | None) -> ox.NamedNode:
    """The IRI that a reference stands for.

    An absolute reference stays as it is, dot segments included: Turtle 1.1 section 6.3 asks for RFC 3986
    section 5.2 and no normalisation, and the test suite has it so.

    Raises:
        ValueError: The result is not a valid IRI (RFC 3987), or a reference is relative and has no base.

    >>> resolve("../c?x#y", "http://example.org/a/b/d").value
    'http://example.org/a/c?x#y'
    """
    if is_absolute(reference):
        return ox.NamedNode(reference)
    if base is None:
        raise ValueError("relative IRI without a base")
    if ":" in re.split("[/?#]", reference, maxsplit=1)[0]:
        raise ValueError("a colon in the first segment of a relative IRI")
    ox.NamedNode("x:" + reference)  # dot segments that go away must be valid too
    scheme = _SCHEME.match(base)
    if scheme is None:
        raise ValueError("the base is not an absolute IRI")
    target = _merge(_split(reference), _split(base[scheme.end() :]))
    if target.authority is None and target.path.startswith("//"):
        raise ValueError("a path that would be read as a host")
    return ox.NamedNode(scheme.group() + _join(target))


def _split(text: str) -> _Parts:
    match = _PARTS.fullmatch(text)
    assert match is not None  # noqa: S101 - every part may be empty, so every text matches
    return _Parts(match[1], match[2], match[3], match[4])


def _join(parts: _Parts) -> str:
    text = parts.path
    if parts.authority is not None:
        text = f"//{parts.authority}{text}"
    if parts.query is not None:
        text += f"?{parts.query}"
    if parts.fragment is not None:
        text += f"#{parts.fragment}"
    return text


def _merge(reference: _Parts, base: _Parts) -> _Parts:
    """RFC 3986 section 5.2.2 for a reference without a scheme."""
    if reference.authority is not None:
        return reference._replace(path=_without_dots(reference.path))
    if not reference.path:
        query = base.query if reference.query is None else reference.query
        return _Parts(base.authority, base.path, query, reference.fragment)
    if reference.path.startswith("/"):
        path = reference.path
    elif base.authority is not None and not base.path:
        path = "/" + reference.path
    else:
        path = base.path[: base.path.rfind("/") + 1] + reference.path
    return _Parts(base.authority, _without_dots(path), reference.query, reference.fragment)


def _without_dots(path: str) -> str:
    """RFC 3986 section 5.2.4, on whole segments.

    >>> _without_dots("/a/b/c/./../../g")
    '/a/g'
    >>> _without_dots("../a/../b")
    '/b'
    """
    segments = path.split("/")
    while len(segments) > 1 and segments[0] in (".", ".."):
        del segments[0]
    first, *rest = segments
    if not rest:
        return "" if first in (".", "..") else first
    # Each kept segment after the first carries the slash before it, as in the RFC's output buffer.
    kept = [first] if first else []
    for segment in rest:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append("/" + segment)
    if rest[-1] in (".", ".."):
        kept.append("/")
    return "".join(kept)
