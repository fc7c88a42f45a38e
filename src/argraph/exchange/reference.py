"""Studies as references: in words to paste into a text, and as BibTeX.

BibTeX is written here, in two dozen lines: libraries for it read and tidy whole files, or bring a citation
processor along, and leave it to the caller to make a text harmless, which is all that there is to do.
"""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

from argraph.argument.graph import Study
from argraph.argument.wording import listed, spoken

_TYPES = {
    "JournalArticle": ("article", "journal"),
    "ConferencePaper": ("inproceedings", "booktitle"),
    "TechnicalReport": ("techreport", "institution"),
    "GovernmentReport": ("techreport", "institution"),
    "WorkingPaper": ("techreport", "institution"),
    "Book": ("book", "publisher"),
}
_SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{sign: "\\" + sign for sign in "$&#%_"},
}


def reference(study: Study, link: str = "") -> str:
    """A study as one cites it: authors, year, title, where it appeared, where it is found.

    Args:
        study: What is cited.
        link: Its address on the web; may be empty.
    """
    names = [spoken(author) for author in study.authors]
    if study.more_authors and names:
        who = f"{', '.join(names)} et al."
    else:
        who = listed(names) if names else study.venue or "Unknown author"
    year = f" ({study.year})" if study.year else ""
    venue = study.venue if names else ""
    parts = [f"{who}{year}", study.title, venue, link]
    return " ".join(
        _line(part) + "." * (not part.endswith((".", "?", "!"))) for part in parts[:3] if part
    ) + (f" {link}" if link else "")


def bibtex(study: Study, *, key: str, link: str = "") -> str:
    """A study as a BibTeX entry in UTF-8.

    Whatever the texts hold, the entry has balanced braces and typesets as it reads; capitals in titles and
    names of organisations are kept.

    Args:
        study: What is cited.
        key: What to cite it by; signs that BibTeX does not take are left out.
        link: Its address on the web; may be empty.
    """
    entry, where = _TYPES.get(study.type, ("misc", "howpublished"))
    fields = {
        "author": _authors(study),
        "title": f"{{{_escaped(study.title)}}}",
        where: _escaped(study.venue),
        "year": _escaped(study.year),
        "doi": _address(study.doi),
        "eprint": _address(study.arxiv),
        "archiveprefix": "arXiv" if study.arxiv else "",
        "url": _address(link),
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@{entry}{{{_key(key)},", *lines, "}"]) + "\n"


def _authors(study: Study) -> str:
    """Names as BibTeX divides them; one that is no `Family, Given` is an organisation and stays whole."""
    names = [
        _escaped(author) if re.fullmatch(r"[^,]+, [^,]+", author) and " and " not in author.lower() else
        f"{{{_escaped(author)}}}"
        for author in study.authors
    ]  # fmt: skip
    return " and ".join([*names, *(["others"] if names and study.more_authors else [])])


def _line(text: str) -> str:
    """A text on one line, without control characters."""
    kept = (
        " " if c.isspace() else c for c in text if c.isspace() or unicodedata.category(c) not in {"Cc", "Cs"}
    )
    return " ".join("".join(kept).split())


def _escaped(text: str) -> str:
    r"""A text that TeX typesets as it is.

    >>> print(_escaped("50% of R&D {so far}"))
    50\% of R\&D \textbraceleft{}so far\textbraceright{}
    """
    return "".join(_SPECIAL.get(c, c) for c in _line(text))


def _address(text: str) -> str:
    """An identifier or address without braces, blanks and what else would end a field."""
    return quote(text, safe="/:;?#[]@!$&'()*+,=%~._-")


def _key(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9:._-]", "", plain).strip(".:_-") or "study"
