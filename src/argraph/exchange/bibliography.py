"""What BibTeX and CSL share: identifiers as they are found in the wild, and studies without a debate."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import unquote

from argraph.argument.graph import Study

_DOI = re.compile(r"10\.[0-9]{4,9}(?:\.[0-9]+)*/\S+")
_ARXIV = re.compile(
    r"(?:arxiv(?:\.org)?\s*[:/.]\s*(?:abs/|pdf/|preprint\s+arxiv:)?|\[|^)"
    r"([0-9]{4}\.[0-9]{4,5}(?:v[0-9]+)?|[a-z-]+(?:\.[A-Za-z-]+)?/[0-9]{7}(?:v[0-9]+)?)",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?<![0-9])(?:1[5-9]|20)[0-9]{2}(?![0-9])")

_LONGEST: Final = 2000
"""So far into a text an identifier is looked for."""

BLANK: Final[dict[str, Any]] = {
    **dict.fromkeys(Study.__slots__, ""),
    "authors": (),
    "more_authors": False,
    "themes": (),
}
"""The parts of a study of which nothing is known."""


def doi_of(text: str) -> str:
    """The DOI in a text or address, or nothing.

    >>> doi_of("https://doi.org/10.1002/(SICI)1097%3C1::AID%3E3.0"), doi_of("none")
    ('10.1002/(SICI)1097<1::AID>3.0', '')
    """
    found = _DOI.search(unquote(text[:_LONGEST]))
    return found[0].rstrip(".,;") if found else ""


def arxiv_of(*texts: str) -> str:
    """The first arXiv number in texts and addresses, or nothing.

    >>> arxiv_of("", "arXiv preprint arXiv:1706.03762"), arxiv_of("https://arxiv.org/abs/hep-th/9901001v2")
    ('1706.03762', 'hep-th/9901001v2')
    """
    for text in texts:
        if text and (found := _ARXIV.search(text[:_LONGEST].strip())):
            return found[1]
    return ""


def year_of(text: str) -> str:
    """The first year from 1500 on in a text, or nothing.

    >>> year_of("2020-03-01"), year_of("c. 1999a"), year_of("in press")
    ('2020', '1999', '')
    """
    found = _YEAR.search(text[:_LONGEST])
    return found[0] if found else ""


def address_of(texts: Iterable[str]) -> str:
    r"""The first web address in texts, or nothing.

    >>> address_of(["", "Accessed at <http://example.org/a>."])
    'http://example.org/a'
    """
    for text in texts:
        if found := re.search(r"https?://[^\s/]+\.[^\s<>\"{}|\\^`]+", text[:_LONGEST]):
            return found[0]
    return ""


def family_first(family: str, given: str) -> str:
    """A name as studies have it.

    >>> family_first("van Gogh", "Vincent"), family_first("Plato", "")
    ('van Gogh, Vincent', 'Plato')
    """
    return ", ".join(part for part in (family.strip(), given.strip()) if part)
