"""Studies as references: in words to paste into a text, and as BibTeX.

BibTeX is written here, in two dozen lines: libraries for it leave it to the caller to make a text harmless,
which is all that there is to do. `exchange.bibtex` reads it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final
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
SUBTYPES: Final = (
    *("GovernmentReport", "WorkingPaper", "Preprint", "DatasetOrBenchmark", "IncidentRecord"),
    *("WebArticle", "StandardOrDefinition"),
)
"""Types of studies that the type of an entry does not tell; `entrysubtype` names them."""
_FIELD = re.compile(r"""[a-z_][^\s"#%'(),={}~\\]*""")
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


def entry_type(study: Study) -> str:
    """What an entry for a study is called, such as `article`."""
    return _TYPES.get(study.type, ("misc", ""))[0]


def venue_field(study: Study) -> str:
    """The field that says where a study appeared, such as `journal`."""
    return _TYPES.get(study.type, ("", "howpublished"))[1]


def bibtex(
    study: Study,
    *,
    key: str,
    link: str = "",
    whole: bool = False,
    extra: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """A study as a BibTeX entry in UTF-8.

    Whatever the texts hold, the entry has balanced braces and typesets as it reads; capitals in titles and
    names of organisations are kept.

    Args:
        study: What is cited.
        key: What to cite it by; signs that BibTeX does not take are left out.
        link: Its address on the web; may be empty.
        whole: Write also what only argraph needs to have the study back: its subtype and its note.
        extra: Further fields as they are, in TeX; `entrytype` names another type of entry, `venuefield`
            another field for where it appeared.
    """
    entry, where = entry_type(study), extra.get("venuefield") or venue_field(study)
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
    if whole:
        fields["entrysubtype"] = study.type if study.type in SUBTYPES else ""
        fields["annote"] = _escaped(study.note)
    fields |= {
        name: value
        for name, value in extra.items()
        if name != "venuefield"
        and _FIELD.fullmatch(name)
        and (not fields.get(name) or (name in {"year", "url"} and fields[name] in value))
        and _balanced(value)
        and (name != "entrytype" or re.fullmatch(r"[a-z]+", value))
    }
    entry = fields.pop("entrytype", entry)
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@{entry}{{{key_of(key)},", *lines, "}"]) + "\n"


def _balanced(value: str) -> bool:
    depth = 0
    for sign in re.sub(r"\\.", "", value):
        depth += (sign == "{") - (sign == "}")
        if depth < 0:
            return False
    return depth == 0 and not value.endswith("\\")


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
    plain = "".join(_SPECIAL.get(c, c) for c in _line(text))
    return re.sub(r"([-`'])(?=\1)|([?!])(?=`)", r"\g<0>{}", plain)  # no dashes and quotes that TeX would make


def _address(text: str) -> str:
    """An identifier or address without braces, blanks and what else would end a field."""
    return quote(text, safe="/:;?#[]@!$&'()*+,=%~._-")


def key_of(name: str) -> str:
    """A name as a key that BibTeX takes."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9:._-]", "", plain).strip(".:_-") or "study"
