"""BibTeX: the studies of a debate as a bibliography, and a bibliography as studies.

The grammar of the files is read by bibtexparser, TeX in the texts by pylatexenc. What a study has no place
for (volume, pages, the entry's own type) is kept and written back.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import Any, Final

from bibtexparser.entrypoint import parse_string
from bibtexparser.middlewares.names import (
    NameParts,
    parse_single_name_into_parts,
    split_multiple_persons_names,
)
from bibtexparser.model import (
    DuplicateBlockKeyBlock,
    DuplicateFieldKeyBlock,
    Entry,
    ParsingFailedBlock,
)
from pylatexenc.latex2text import LatexNodes2Text

from argraph.argument.graph import Study
from argraph.errors import FormatError
from argraph.exchange import reference
from argraph.exchange.bibliography import BLANK, address_of, arxiv_of, doi_of, family_first, year_of
from argraph.exchange.model import Ledger, LossReport, Model

KEPT: Final = "bibtex"

for _library in ("bibtexparser", "pylatexenc"):  # what they would say on standard error stands in the losses
    logging.getLogger(_library).addHandler(logging.NullHandler())

_TYPES: Final[Mapping[str, str]] = {
    **dict.fromkeys(("article", "periodical", "suppperiodical"), "JournalArticle"),
    **dict.fromkeys(("inproceedings", "conference"), "ConferencePaper"),
    **dict.fromkeys(("techreport", "report"), "TechnicalReport"),
    **dict.fromkeys(("book", "mvbook"), "Book"),
    **dict.fromkeys(("online", "electronic", "www", "misc"), "WebArticle"),
    "unpublished": "WorkingPaper",
    "dataset": "DatasetOrBenchmark",
    "standard": "StandardOrDefinition",
}
_NEAR: Final[Mapping[str, str]] = {
    **dict.fromkeys(("inbook", "incollection", "booklet", "collection", "proceedings", "reference"), "Book"),
    **dict.fromkeys(("suppbook", "suppcollection", "mvcollection", "inreference", "manual"), "Book"),
    **dict.fromkeys(("phdthesis", "mastersthesis", "thesis"), "TechnicalReport"),
}
_VENUES: Final = (
    "journal",
    "journaltitle",
    "booktitle",
    "institution",
    "school",
    "howpublished",
    "publisher",
)
_TAKEN: Final = frozenset({"author", "title", "doi", "entrysubtype", "annote", "annotation"})
_LONGEST: Final = 10_000
"""Characters of an abbreviation, so that a few that use each other do not fill the memory."""
_MONTHS: Final = dict.fromkeys(
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
)


def load(data: bytes, name: str) -> tuple[Model, LossReport]:
    """Read a bibliography, tolerating what files in the wild hold; entries that cannot be read are losses.

    Raises:
        FormatError: It is not in UTF-8 or Latin-1 as text, or holds no entry.
    """
    reader = _Reader(_text(data, name), name)
    model = reader.model()
    if not model.studies and not reader.ledger.report().losses:
        raise FormatError("No entry such as @article{key, …} is in this file.", name=name)
    return model, reader.ledger.report()


def _text(data: bytes, name: str) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("latin-1")  # what BibTeX files were before UTF-8
    if "\0" in text:
        raise FormatError("This is no text file.", name=name, line=text.count("\n", 0, text.index("\0")) + 1)
    return text


class _Reader:
    """One file; the entries that others refer to are looked up in it."""

    def __init__(self, text: str, name: str) -> None:
        self.ledger = Ledger()
        self._file = PurePath(name).name
        try:
            self._library = parse_string(text, parse_stack=[])
        except (ValueError, IndexError, KeyError, AttributeError, RecursionError) as fault:
            raise FormatError(f"This is no BibTeX: {fault}", name=name) from None
        self._strings: dict[str, str] = {}
        for string in self._library.strings:  # one may use those before it, as in BibTeX
            place = f"{self._file}:{(string.start_line or 0) + 1}"
            self._strings[string.key.casefold()] = self._value(place, str(string.value))[:_LONGEST]
        self._tex = LatexNodes2Text(math_mode="text", keep_comments=True, strict_latex_spaces=False)

    def model(self) -> Model:
        model = Model()
        entries: dict[str, tuple[str, Entry]] = {}
        for block in self._library.blocks:
            place = f"{self._file}:{(block.start_line or 0) + 1}"
            entry = block
            if isinstance(block, DuplicateFieldKeyBlock):
                entry = block.ignore_error_block  # type: ignore[assignment]
                self.ledger.add(place, "field", "it stands twice in one entry; the last counts", "changed")
            elif isinstance(block, DuplicateBlockKeyBlock):
                self.ledger.add(place, f"entry {block.key}", "its key is used before; the first entry counts")
                continue
            elif isinstance(block, ParsingFailedBlock):
                reason = " ".join(str(block.error).split())[:200] or "its braces are not balanced"
                self.ledger.add(place, "entry", f"it cannot be read: {reason}")
                continue
            if isinstance(entry, Entry):
                if not entry.key or entry.key in entries:
                    self.ledger.add(place, f"entry {entry.key}".strip(), "it has no key of its own")
                    continue
                entries[entry.key] = (place, entry)
        found = {key: self._fields(place, entry) for key, (place, entry) in entries.items()}
        kept = {}
        for key, (place, entry) in entries.items():
            kind = entry.entry_type.casefold()
            fields = self._inherited(place, kind, found[key], found)
            model.studies[key], others = self._study(f"{place} {key}", key, kind, fields)
            if others:
                kept[key] = others
        if kept:
            model.kept[KEPT] = kept
        return model

    # -- values -------------------------------------------------------------------------------------------

    def _fields(self, place: str, entry: Entry) -> dict[str, str]:
        return {
            field.key.casefold(): self._value(place, str(field.value)) for field in entry.fields if field.key
        }

    def _value(self, place: str, raw: str) -> str:
        """A field without its braces or quotes, abbreviations put in; TeX stays."""
        pieces, rest = [], raw.strip()
        while rest:
            piece, rest = self._piece(place, rest)
            pieces.append(piece)
            rest = rest.lstrip().removeprefix("#").lstrip()
        return "".join(pieces)

    def _piece(self, place: str, rest: str) -> tuple[str, str]:
        if rest[0] in '{"':
            depth, end = 0, len(rest)
            for index, sign in enumerate(rest):
                escaped = index > 0 and rest[index - 1] == "\\"
                depth += (sign == "{") - (sign == "}") if not escaped else 0
                closed = sign == "}" and depth <= 0 if rest[0] == "{" else sign == '"' and depth == 0
                if index and closed and not escaped:
                    end = index
                    break
            return rest[1:end], rest[end + 1 :]
        word, _, after = rest.partition("#")
        word = word.strip()
        known = word.casefold()
        if known in self._strings:
            return self._strings[known], after
        if not word.isdigit() and known not in _MONTHS and re.fullmatch(r"[A-Za-z][\w:.-]*", word):
            self.ledger.tally(
                place, f"abbreviation {word}", "no @string explains it: it stays as it is", "changed"
            )
        return word, after

    def _plain(self, place: str, value: str) -> str:
        """A text without TeX, in one line."""
        value = re.sub(
            r"\\textbrace(left|right)\b(\{\})?", lambda m: r"\{" if m[1] == "left" else r"\}", value
        )
        if not re.search(r"[\\{}$~%]|--|``|''", value):
            return " ".join(value.split())
        try:
            text = str(self._tex.latex_to_text(re.sub(r"(?<!\\)%", r"\\%", value)))
        except (ValueError, IndexError, TypeError, AttributeError, RecursionError):
            self.ledger.add(place, "TeX", "it cannot be read: it stays as it is", "changed")
            return " ".join(value.split())
        if "\\" in text.replace("\\\\", "") and "\\textbackslash" not in value:
            self.ledger.tally(
                place, "command of TeX", "its meaning is not known: it stays as it is", "changed"
            )
        return " ".join(text.replace("\N{NO-BREAK SPACE}", " ").replace("ˆ", "^").split())

    def _inherited(
        self, place: str, kind: str, fields: dict[str, str], all_fields: Mapping[str, dict[str, str]]
    ) -> dict[str, str]:
        """The fields of an entry with those of the one that it stands in."""
        parent = fields.get("crossref", "")
        if not parent:
            return fields
        if parent not in all_fields:
            self.ledger.add(place, f"crossref {parent}", "no entry of this file has that key")
            return fields
        given = {
            key: value for key, value in all_fields[parent].items() if key not in {"author", "doi", "url"}
        }
        title = given.pop("title", "")
        if title and kind.startswith("in"):
            given.setdefault("booktitle", title)
        given.pop("crossref", None)
        return {**given, **{key: value for key, value in fields.items() if key != "crossref"}}

    # -- studies ------------------------------------------------------------------------------------------

    def _study(self, place: str, key: str, kind: str, fields: dict[str, str]) -> tuple[Study, dict[str, str]]:
        """A study, and the fields that it has no place for."""
        plain = {name: self._plain(place, value) for name, value in fields.items() if name in _READ}
        used = set(_TAKEN & set(fields))
        url = self._url(fields, plain, used)
        arxiv = _arxiv(fields, plain, url, used)
        venue_field = next((n for n in _VENUES if plain.get(n) and not _is_address(plain[n])), "")
        venue = plain.get(venue_field, "")
        if arxiv and re.match(r"(arxiv|corr)\b.*\d", venue, re.IGNORECASE):
            venue = ""  # it says no more than the number; the field is kept as it is
        else:
            used.add(venue_field)
        authors, more = self._credited(place, fields, plain)
        doi = doi_of(_detexed(fields.get("doi", ""))) or doi_of(url if "doi.org" in url else "")
        if fields.get("doi") and not doi:
            self.ledger.add(place, f"doi “{fields['doi'][:60]}”", "it is no DOI, which begins with 10.")
        study = Study(
            **BLANK
            | {
                "iri": key,
                "title": plain.get("title", ""),
                "authors": authors,
                "more_authors": more,
                "year": self._year(place, plain, used),
                "venue": venue,
                "type": self._type(place, kind, fields, arxiv=bool(arxiv), venue=venue),
                "doi": doi,
                "arxiv": arxiv,
                "url": url,
                "note": plain.get("annote") or plain.get("annotation", ""),
            }
        )
        others = {name: value for name, value in fields.items() if name not in used and value}
        for name in others:
            self.ledger.tally(place, f"field {name[:40]}", "a study has no place for it; BibTeX gets it back")
        if reference.entry_type(study) != kind:
            others["entrytype"] = kind
        if study.venue and reference.venue_field(study) != venue_field:
            others["venuefield"] = venue_field
        return study, others

    @staticmethod
    def _url(fields: Mapping[str, str], plain: Mapping[str, str], used: set[str]) -> str:
        said = _detexed(fields.get("url", ""))
        url = address_of([said])
        if url and url == said:
            used.add("url")
        return url or address_of(plain.get(name, "") for name in ("howpublished", "note"))

    def _year(self, place: str, plain: Mapping[str, str], used: set[str]) -> str:
        field = "year" if plain.get("year") else "date"
        said = plain.get(field, "")
        year = year_of(said)
        if said == year:
            used.add(field)
        elif year:
            self.ledger.add(place, f"year “{said[:40]}”", f"a year has four digits: {year}", "changed")
        else:
            self.ledger.add(place, f"year “{said[:40]}”", "a year has four digits")
        return year

    def _credited(
        self, place: str, fields: Mapping[str, str], plain: Mapping[str, str]
    ) -> tuple[tuple[str, ...], bool]:
        """The authors, or who stands for them where none is named."""
        authors, more = self._authors(place, fields.get("author", ""))
        if authors:
            return authors, more
        editors, more = self._authors(place, fields.get("editor", ""))
        if editors:
            self.ledger.tally(place, "editor", "no author is named: the editors stand for them", "changed")
            return editors, more
        for name in ("organization", "institution"):
            if plain.get(name):
                self.ledger.tally(place, name, "no author is named: it stands for them", "changed")
                return (plain[name],), False
        return (), False

    def _type(self, place: str, kind: str, fields: Mapping[str, str], *, arxiv: bool, venue: str) -> str:
        own = {name.casefold(): name for name in reference.SUBTYPES}
        said = fields.get("entrysubtype", "").casefold()
        if said in own:
            return own[said]
        if arxiv and kind in {"misc", "online", "unpublished"}:
            return "Preprint"
        if arxiv and kind == "article" and re.match(r"(arxiv|corr|$)", venue, re.IGNORECASE):
            return "Preprint"
        if kind in {"techreport", "report"} and "working" in fields.get("type", "").casefold():
            return "WorkingPaper"
        if kind in _TYPES:
            return _TYPES[kind]
        found = _NEAR.get(kind, "WebArticle")
        self.ledger.tally(
            place, f"type @{kind[:40]}", f"argraph has none such: it counts as {found}", "changed"
        )
        return found

    def _authors(self, place: str, value: str) -> tuple[tuple[str, ...], bool]:
        if not value.strip():
            return (), False
        names = split_multiple_persons_names(" ".join(value.split()))
        more = bool(names) and names[-1].casefold() in {"others", "et al.", "et al"}
        return tuple(
            filter(None, (self._author(place, name) for name in names[: -1 if more else None]))
        ), more

    def _author(self, place: str, name: str) -> str:
        if re.fullmatch(r"\{(?:[^{}]|\{[^{}]*\})*\}", name):
            return self._plain(place, name)
        try:
            parts = parse_single_name_into_parts(name, strict=False)
        except (ValueError, IndexError):
            parts = NameParts(last=[name])
        family = self._plain(place, " ".join([*parts.von, *parts.last]))
        given = self._plain(place, " ".join([*parts.first, *parts.jr]))
        return family_first(family, given)


_READ: Final = frozenset(
    {"title", "year", "date", "note", "annote", "annotation", "organization", "editor", *_VENUES}
)


def _detexed(value: str) -> str:
    r"""An identifier or address without the backslashes and braces that TeX wants.

    >>> _detexed(r"\url{http://example.org/a\_b}")
    'http://example.org/a_b'
    """
    inner = re.sub(r"\\(?:url|href|path)\s*\{([^{}]*)\}", r"\1", value)
    return re.sub(r"\\([_%&#$~^{}])", r"\1", inner).replace("{", "").replace("}", "").strip()


def _arxiv(fields: Mapping[str, str], plain: Mapping[str, str], url: str, used: set[str]) -> str:
    scheme = (fields.get("archiveprefix") or fields.get("eprinttype") or "arxiv").casefold()
    if scheme == "arxiv" and (number := arxiv_of(_detexed(fields.get("eprint", "")))):
        used |= {"eprint", "archiveprefix", "eprinttype"}
        return number
    return arxiv_of(url, *(plain.get(name, "") for name in ("journal", "note", "howpublished")))


def _is_address(text: str) -> bool:
    return bool(re.match(r"\W*(https?|url|www)\b", text, re.IGNORECASE))


def dump(model: Model) -> bytes:
    """Write the studies of a model as a bibliography in UTF-8, in the order of the model."""
    return "\n".join(_entries(model)).encode("utf-8", "replace")


def _entries(model: Model) -> Iterator[str]:
    kept: Any = model.kept.get(KEPT)
    used: set[str] = set()
    for name, study in model.studies.items():
        others = kept.get(name, {}) if isinstance(kept, dict) else {}
        extra = {str(k): str(v) for k, v in others.items()} if isinstance(others, dict) else {}
        key = stem = reference.key_of(name)
        number = 2
        while key in used:
            key, number = f"{stem}-{number}", number + 1
        used.add(key)
        yield reference.bibtex(study, key=key, link=study.url, extra=extra, whole=True)
