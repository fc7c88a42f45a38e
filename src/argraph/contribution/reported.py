"""A finding asked for in plain words, with the study that reports it, written into a scaffold's blanks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, replace
from typing import Final

from argraph.argument.graph import ArgumentGraph, Study, local_name
from argraph.contribution.form import agent, language_of, line, slug
from argraph.contribution.scaffold import BLANK, choices, grades, scaffold

DIRECTIONS: Final = {"For": "It speaks for the statement", "Against": "It speaks against the statement"}
DIRECTNESS: Final = {
    "Direct": "It is about the very thing that the statement says",
    "Indirect": "It is about something near it: other systems, people or circumstances",
}
_GRADES: Final = ("High", "Moderate", "Low", "VeryLow")
_DOI: Final = re.compile(r"10\.\d{4,9}(\.\d+)*/\S+")
_ARXIV: Final = re.compile(r"(\d{2}(0[1-9]|1[0-2])\.\d{4,5}|[a-z-]+(\.[a-z-]+)?/\d{7})(v\d+)?")
_ADDRESS: Final = re.compile(r"https?://[^\s/<>\"{}|\\^`]+\.[^\s<>\"{}|\\^`]+")
_YEAR: Final = re.compile(r"(1[5-9]|20)\d{2}")
_IDENTIFIERS: Final = {"doi": "bibo:doi", "arxiv": "fabio:hasArXivId", "url": "schema:url"}


@dataclass(frozen=True, slots=True)
class Finding:
    """What somebody answered about a finding and its study; what is empty stays a blank.

    Attributes:
        finding: What was found, in one sentence.
        study: Title of the study.
        authors: `Family, Given`, one in a line or separated by semicolons; “et al.” says that there are more.
        year: Of publication.
        venue: Journal, conference or site.
        doi: With or without what leads to it.
        arxiv: Number at arXiv, with or without what leads to it.
        url: Address of the study.
        type: Local name of an `arg:StudyType`.
        method: Local name of an `arg:Method`; the grades follow from it.
        direction: `For` or `Against`.
        directness: `Direct` or `Indirect`.
        by: Who says so, as in `form.Answers`.
        language: Of the finding's words, as a tag.
    """

    finding: str = ""
    study: str = ""
    authors: str = ""
    year: str = ""
    venue: str = ""
    doi: str = ""
    arxiv: str = ""
    url: str = ""
    type: str = ""
    method: str = ""
    direction: str = ""
    directness: str = ""
    by: str = ""
    language: str = "en"

    def tidied(self) -> Finding:
        """The same in single lines, identifiers without what leads to them, choices that there are."""
        told = {field.name: line(getattr(self, field.name)) for field in fields(self)}
        told["authors"] = "; ".join(filter(None, map(line, re.split(r"[;\n]", self.authors))))
        told["doi"] = re.sub(r"(?i)^(https?://)?((dx|www)\.)?(doi\.org/|doi:\s*)", "", told["doi"])
        arxiv = re.sub(r"(?i)^(https?://)?([a-z]+\.)?arxiv(\.org/(abs|pdf)/|:\s*)", "", told["arxiv"])
        told["arxiv"] = re.sub(r"(?i)\.pdf$", "", arxiv)
        if told["url"] and "://" not in told["url"]:
            told["url"] = f"https://{told['url']}"
        for name, offered in (
            *(("type", choices("StudyType")), ("method", choices("Method"))),
            *(("direction", DIRECTIONS), ("directness", DIRECTNESS)),
        ):
            told[name] = told[name] if told[name] in offered else ""
        return replace(self, **told | {"language": language_of(self.language)})

    def faults(self) -> dict[str, str]:
        """What is wrong with single answers, by field, and what to write instead."""
        one = self.tidied()
        told = {
            "year": one.year and not _YEAR.fullmatch(one.year) and "Write the year alone, such as 2024.",
            "doi": one.doi
            and not _DOI.fullmatch(one.doi)
            and "That is no DOI: one begins with 10., such as 10.1145/3442188.3445922.",
            "arxiv": one.arxiv
            and not _ARXIV.fullmatch(one.arxiv)
            and "That is no number of arXiv: one looks like 2310.12941.",
            "url": one.url
            and not _ADDRESS.fullmatch(one.url)
            and "That is no address: copy it from the browser, such as https://example.org/report.",
        }
        return {field: fault for field, fault in told.items() if fault}

    def sound(self) -> Finding:
        """The same without the answers that have a fault, so that these stay blanks."""
        return replace(self.tidied(), **dict.fromkeys(self.faults(), ""))

    def same(self, studies: Iterable[Study]) -> Study | None:
        """The study that the debate has already, by its DOI or its number at arXiv."""
        for study in studies:
            if self.doi and study.doi.casefold() == self.doi.casefold():
                return study
            if self.arxiv and _unversioned(study.arxiv) == _unversioned(self.arxiv):
                return study
        return None


def written_finding(
    answers: Finding,
    *,
    argument: ArgumentGraph,
    base: str,
    prefix: str,
    against: str = "",
    name: str = "",
    taken: Callable[[str], bool] = lambda iri: False,
) -> str:
    """A Turtle file with a finding, its study where that is new, and its line to a statement.

    Args:
        answers: What was answered.
        argument: The debate.
        base: What the IRIs of its nodes begin with.
        prefix: The prefix for them.
        against: IRI of the statement that the finding bears on.
        name: Name of the new nodes without their role prefixes; made from author, year and title when empty.
        taken: Tells whether an IRI is in use.
    """
    answers = answers.sound()
    known = answers.same(argument.studies.values())
    if known is not None:  # the grade follows from what the debate says of the study
        answers = replace(answers, method=local_name(known.method), study=answers.study or known.title)
    end = argument.nodes.get(against)
    text = scaffold(
        "evidence", base=base, prefix=prefix, name=slug(name) or _name(answers, base, taken), against=end
    )
    if answers.language != "en":
        text = re.sub(
            r'((?:in a few words|in your own words)»)"@en', rf'\1"@{answers.language}', text
        )  # the study keeps the language of its title
    parts = text.split("\n# ")
    study = next(number for number, part in enumerate(parts) if part.startswith("The source."))
    if known is not None:
        own = _said(known.iri, base, prefix)
        source = re.search(r"arg:reportedIn (\S+|\S*«[^»]*»\S*) ;", text)
        parts = [
            part.replace(source[1], own) if source else part for part in parts[:study] + parts[study + 2 :]
        ]
    else:
        parts[study + 1] = _identified(parts[study + 1], answers)
    text = BLANK.sub(lambda blank: _filled(blank, answers, base), "\n# ".join(parts))
    text = re.sub(r"<https://(<[^<>]+>)>", r"\1", text)  # an address that brings its own scheme
    return _more(text, answers)


def _identified(study: str, answers: Finding) -> str:
    """The study without the identifiers that it has not got, if it has any."""
    has = [name for name in _IDENTIFIERS if getattr(answers, name)]
    if not has:
        return study
    without = [said for name, said in _IDENTIFIERS.items() if name not in has]
    lines = [one for one in study.split("\n") if not one.strip().startswith((*without, "# One identifier"))]
    return "\n".join(lines)


def _more(text: str, answers: Finding) -> str:
    """With the remark that authors are left out, where they are."""
    if not re.search(r"(?i)\bet\.? al\b", answers.authors):
        return text
    return re.sub(r"(\n    bibo:authorList \(.*\) ;)", r"\1\n    arg:moreAuthors true ;", text, count=1)


def _filled(blank: re.Match[str], answers: Finding, base: str) -> str:
    """What stands in place of a blank; the scaffold's own words say what it is for."""
    what = blank["what"].strip()
    if what.startswith("a page about you"):
        return f"<{agent(answers.by, base)}>" if re.search(r"\w", answers.by) else blank[0]
    if what.startswith("address of the study"):
        return f"<{answers.url}>" if answers.url else blank[0]
    authors = [one for one in answers.authors.split("; ") if not re.fullmatch(r"(?i)et\.? al\.?", one)]
    if what.startswith("first author"):
        return '" "'.join(map(_quoted, filter(None, map(_alone, authors)))) or blank[0]
    grade = grades().get(answers.method, "")
    lower = _GRADES[min(_GRADES.index(grade) + 1, 3)] if grade else ""
    told = {
        "what this file adds, in a few words": _quoted(f"Evidence: {answers.study}") if answers.study else "",
        "title of the study": _quoted(answers.study),
        "year": answers.year,
        "type of study": answers.type,
        "method": answers.method,
        "journal, conference or site": _quoted(answers.venue),
        "DOI, such as 10.1145/3442188.3445922": _quoted(answers.doi),
        "arXiv number, such as 2310.12941": _quoted(answers.arxiv),
        "the finding in one sentence, in your own words": _quoted(answers.finding),
        "grade of the evidence": grade,
        "For or Against": answers.direction,
        "Direct or Indirect": answers.directness,
        "grade of the line": {"Direct": grade, "Indirect": lower}.get(answers.directness, ""),
    }.get(what, "")
    return told or blank[0]


def _alone(author: str) -> str:
    return re.sub(r"(?i),?\s*\bet\.? al\.?$", "", author).strip()


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _said(iri: str, base: str, prefix: str) -> str:
    local = iri.removeprefix(base)
    return f"{prefix}:{local}" if re.fullmatch(r"[A-Za-z0-9][\w-]*", local, re.ASCII) else f"<{iri}>"


def _unversioned(arxiv: str) -> str:
    return re.sub(r"v\d+$", "", arxiv.casefold())


def _name(answers: Finding, base: str, taken: Callable[[str], bool]) -> str:
    """A name of which neither finding, study nor contribution exists, such as `arora2010-patch`."""
    if not answers.study:
        return ""
    family = answers.authors.partition(";")[0].partition(",")[0]
    name = slug(f"{slug(family).replace('-', '')}{answers.year} {answers.study}")
    number = 1
    while True:
        one = name if number == 1 else f"{name}-{number}"
        if not any(taken(f"{base}{role}-{one}") for role in ("ev", "study", "contribution")):
            return one
        number += 1
