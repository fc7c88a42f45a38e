"""CSL-JSON: the studies of a debate for Zotero, pandoc and citation processors, and theirs as studies."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import PurePath
from typing import Final

from argraph.argument.graph import Study
from argraph.errors import FormatError
from argraph.exchange.bibliography import BLANK, address_of, arxiv_of, doi_of, family_first, year_of
from argraph.exchange.model import JSON, Ledger, LossReport, Model

KEPT: Final = "csljson"

_WRITTEN: Final[Mapping[str, tuple[str, str]]] = {
    "JournalArticle": ("article-journal", ""),
    "ConferencePaper": ("paper-conference", ""),
    "Preprint": ("article", "Preprint"),
    "TechnicalReport": ("report", ""),
    "GovernmentReport": ("report", "Government report"),
    "WorkingPaper": ("report", "Working paper"),
    "IncidentRecord": ("webpage", "Incident record"),
    "WebArticle": ("webpage", ""),
    "DatasetOrBenchmark": ("dataset", ""),
    "StandardOrDefinition": ("standard", ""),
    "Book": ("book", ""),
}
"""The type and genre of an item for each type of study."""

_READ: Final = {written: ours for ours, written in _WRITTEN.items()}
_NEAR: Final[Mapping[str, str]] = {
    **dict.fromkeys(("article-magazine", "article-newspaper", "post", "post-weblog"), "WebArticle"),
    **dict.fromkeys(("chapter", "entry", "entry-encyclopedia", "entry-dictionary", "collection"), "Book"),
    **dict.fromkeys(("thesis", "manuscript", "document", "pamphlet"), "TechnicalReport"),
    **dict.fromkeys(("review", "review-book", "periodical"), "JournalArticle"),
    "speech": "ConferencePaper",
    "legislation": "StandardOrDefinition",
}
_VENUES: Final = ("container-title", "publisher", "event-title", "event")
_FIELD: Final = "venue-field"
"""Under what the name of the field is kept that held the venue, where argraph would write another."""
_OTHERS: Final = {"literal": "others"}
"""How citation processors are told that there are more authors."""


def load(data: bytes, name: str) -> tuple[Model, LossReport]:
    """Read items: a list, one alone, or an object that holds a list as `items`.

    Raises:
        FormatError: It is no JSON, or holds no item.
    """
    try:
        found: JSON = json.loads(data.decode("utf-8-sig"))
    except json.JSONDecodeError as fault:
        raise FormatError(f"This is no JSON: {fault.msg}.", name=name, line=fault.lineno) from None
    except (ValueError, RecursionError):
        raise FormatError("This is no JSON in UTF-8.", name=name) from None
    if isinstance(found, dict):
        listed = found.get("items", found.get("references"))
        found = listed if isinstance(listed, list) else [found]
    items = [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []
    if not any("type" in item or "title" in item for item in items):
        raise FormatError("No item with a type and a title is in this file.", name=name)
    reader = _Reader(PurePath(name).name)
    for number, item in enumerate(found, start=1):
        reader.item(number, item)
    return reader.model, reader.ledger.report()


class _Reader:
    def __init__(self, file: str) -> None:
        self.ledger = Ledger()
        self.model = Model()
        self._file = file

    def item(self, number: int, item: JSON) -> None:
        place = f"{self._file}, item {number}"
        if not isinstance(item, dict):
            self.ledger.add(place, "item", "it is no object")
            return
        key = _text(item.get("id")) or _text(item.get("citation-key")) or f"item-{number}"
        if key in self.model.studies:
            self.ledger.add(place, f"item {key[:60]}", "its id is used before; the first item counts")
            return
        place = f"{place} {key[:60]}"
        used = {"id", "title", "author", "DOI", "URL", "note"}
        study = self._study(place, key, item, used)
        self.model.studies[key] = study
        others = {name: value for name, value in item.items() if name not in used and value not in ("", None)}
        for name in others:
            self.ledger.tally(place, f"field {name[:40]}", "a study has no place for it; CSL gets it back")
        kind, genre = _text(item.get("type")), _text(item.get("genre"))
        if _WRITTEN[study.type][0] != kind and kind:
            others["type"] = kind
        if genre and genre != _WRITTEN[study.type][1]:
            others["genre"] = genre
        venue_field = next((name for name in _VENUES if _text(item.get(name))), "")
        if study.venue and venue_field != _venue_field(_WRITTEN[study.type][0]):
            others[_FIELD] = venue_field
        if others:
            self.model.kept.setdefault(KEPT, {})[key] = others

    def _study(self, place: str, key: str, item: Mapping[str, JSON], used: set[str]) -> Study:
        number, url, note = _text(item.get("number")), _text(item.get("URL")), _text(item.get("note"))
        archive = _text(item.get("archive_location")) if _text(item.get("archive")) == "arXiv" else ""
        arxiv = arxiv_of(number if "arxiv" in number.casefold() else "", archive, url)
        if arxiv and re.fullmatch(rf"arxiv:\s*{re.escape(arxiv)}", number, re.IGNORECASE):
            used.add("number")
        venue_field = next((name for name in _VENUES if _text(item.get(name))), "")
        used |= {venue_field, "type", "genre"}
        authors, more = self._authors(place, item.get("author"))
        if not authors and (editors := self._authors(place, item.get("editor"))[0]):
            authors = editors
            self.ledger.tally(place, "editor", "no author is named: the editors stand for them", "changed")
        return Study(
            **BLANK
            | {
                "iri": key,
                "title": re.sub(r"</?(?:i|b|sub|sup|sc|span)\b[^<>]*>", "", _text(item.get("title"))),
                "authors": authors,
                "more_authors": more,
                "year": self._year(place, item, used),
                "venue": _text(item.get(venue_field)),
                "type": self._type(place, item, bool(arxiv)),
                "doi": doi_of(_text(item.get("DOI"))),
                "arxiv": arxiv,
                "url": url or address_of([note]),
                "note": note,
            }
        )

    def _type(self, place: str, item: Mapping[str, JSON], arxiv: bool) -> str:
        kind, genre = _text(item.get("type")), _text(item.get("genre"))
        for (known, sort), ours in _READ.items():
            if kind == known and genre.casefold() == sort.casefold():
                return ours
        if kind == "article" or (arxiv and kind in {"manuscript", "webpage"}):
            return "Preprint"
        if (kind, "") in _READ:
            return _READ[kind, ""]
        found = _NEAR.get(kind, "WebArticle")
        self.ledger.tally(
            place, f"type {kind[:40]}", f"argraph has none such: it counts as {found}", "changed"
        )
        return found

    def _year(self, place: str, item: Mapping[str, JSON], used: set[str]) -> str:
        for field in ("issued", "original-date", "submitted"):
            date = item.get(field)
            if not isinstance(date, dict):
                date = {"raw": _text(date)} if date else {}
            parts = date.get("date-parts")
            first = parts[0] if isinstance(parts, list) and parts and isinstance(parts[0], list) else []
            said = _text(first[0]) if first else _text(date.get("raw")) or _text(date.get("literal"))
            if year := year_of(said):
                if date in ({"date-parts": [[int(year)]]}, {"date-parts": [[year]]}):
                    used.add(field)
                return year
            if said:
                self.ledger.add(place, f"{field} “{said[:40]}”", "a year has four digits")
        return ""

    def _authors(self, place: str, value: JSON) -> tuple[tuple[str, ...], bool]:
        names = [name for name in value if isinstance(name, dict)] if isinstance(value, list) else []
        more = bool(names) and names[-1] == _OTHERS
        authors = []
        for name in names[: -1 if more else None]:
            said = {part: _text(words) for part, words in name.items()}
            if literal := said.get("literal", ""):
                authors.append(literal)
                continue
            family = " ".join(filter(None, (said.get("non-dropping-particle"), said.get("family", ""))))
            given = " ".join(
                filter(None, (said.get("given"), said.get("dropping-particle"), said.get("suffix")))
            )
            if author := family_first(family, given):
                authors.append(author)
            else:
                self.ledger.add(place, "author", "no name is given")
        return tuple(authors), more


def _text(value: JSON) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return " ".join(str(value).split())


def dump(model: Model) -> bytes:
    """Write the studies of a model as a list of items."""
    kept = model.kept.get(KEPT)
    items = []
    for name, study in model.studies.items():
        others = kept.get(name) if isinstance(kept, dict) else None
        items.append(_item(name, study, dict(others) if isinstance(others, dict) else {}))
    return (json.dumps(items, ensure_ascii=False, indent=2) + "\n").encode("utf-8", "replace")


def _venue_field(kind: str) -> str:
    return "publisher" if kind in {"report", "book", "dataset", "standard", "article"} else "container-title"


def _item(name: str, study: Study, others: dict[str, JSON]) -> dict[str, JSON]:
    kind, genre = _WRITTEN.get(study.type, ("document", ""))
    where = str(others.pop(_FIELD, "")) or _venue_field(kind)
    names: list[JSON] = [_name(author) for author in study.authors]
    if study.more_authors and names:
        names.append(_OTHERS)
    item: dict[str, JSON] = {
        "id": name,
        "type": kind,
        "genre": genre,
        "title": study.title,
        "author": names,
        "issued": {"date-parts": [[int(study.year)]]} if study.year.isdecimal() else None,
        where: study.venue,
        "DOI": study.doi,
        "number": f"arXiv:{study.arxiv}" if study.arxiv else "",
        "URL": study.url,
        "note": study.note,
    }
    return {field: value for field, value in item.items() if value} | others


def _name(author: str) -> JSON:
    family, comma, given = author.partition(", ")
    if not comma or not family or not given or "," in given:
        return {"literal": author}
    return {"family": family, "given": given}
