"""What a page tells search engines and citation managers: schema.org, as JSON-LD within the page.

A statement is a `Claim` and not a `ClaimReview`: a status follows from what was entered into the debate, and
that judges nobody's claim. Where somebody has rated the truth of a statement (`arg:Assessment`), that rating
is a `ClaimReview` of its author. For steps schema.org has no term; Turtle and JSON-LD with the vocabulary of
argraph are what a page links to.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

import pyoxigraph as ox

from argraph import vocab
from argraph.app.findings import Citation, cite
from argraph.app.pages import NodePage, Pages, StatementPage, StudyPage
from argraph.argument.wording import spoken

_TYPES: Final = {
    **dict.fromkeys(("JournalArticle", "ConferencePaper", "Preprint", "WorkingPaper"), "ScholarlyArticle"),
    **dict.fromkeys(("TechnicalReport", "GovernmentReport"), "Report"),
    "DatasetOrBenchmark": "Dataset",
    "WebArticle": "Article",
    "Book": "Book",
}


_RATING: Final = re.compile(r"0*(?:0?\.[0-9]{1,20}|[01](?:\.0{0,20})?)")


def described(pages: Pages, page: NodePage) -> dict[str, Any] | None:
    """A page in terms of schema.org; None for what it has no term for."""
    if isinstance(page, StudyPage):
        return {"@context": "https://schema.org"} | _study(pages, page.about.iri)
    if not isinstance(page, StatementPage):
        return None
    home = pages.workspace.debate_of(page.about.iri)
    told = {
        "@context": "https://schema.org",
        "@type": "Claim",
        "@id": page.about.iri,
        "url": page.about.href,
        "name": page.about.title,
        "text": page.text,
        "isPartOf": _filled(
            {"@type": "Dataset", "@id": home.iri, "name": home.title, "license": home.licence}
        )
        if home
        else None,
        "appearance": [
            *(
                {"@type": "CreativeWork", "@id": pages.workspace.find(part.id), "name": part.text}
                for origin in page.sources
                for part in origin.parts
            ),
            *(_cited(pages, page.finding.citations) if page.finding else ()),
        ],
        "citation": list(
            _cited(pages, (c for f in (*page.findings_for, *page.findings_against) for c in f.citations))
        ),
        "keywords": [theme.text for theme in page.themes],
        "review": list(_reviews(pages, page)),
    }
    return _filled(told)


def _reviews(pages: Pages, page: StatementPage) -> Iterator[dict[str, Any]]:
    """What agents have said of the truth of a statement, each by itself."""
    store = pages.workspace.store.raw
    target = ox.NamedNode(page.about.iri)
    rated = {q.subject for q in store.quads_for_pattern(None, ox.NamedNode(vocab.OA + "hasTarget"), target)}
    for rating in sorted(rated, key=str):
        said = {q.predicate.value: q.object for q in store.quads_for_pattern(rating, None, None)}
        author, value = said.get(vocab.DCTERMS + "creator"), said.get(vocab.VALUE)
        if said.get(vocab.DIMENSION) != ox.NamedNode(vocab.TRUTH) or not isinstance(author, ox.NamedNode):
            continue
        if isinstance(rating, ox.NamedNode) and _RATING.fullmatch(str(getattr(value, "value", ""))):
            yield {
                "@type": "ClaimReview",
                "@id": rating.value,
                "claimReviewed": page.text,
                "itemReviewed": {"@id": page.about.iri},
                "author": {"@id": author.value},
                "reviewRating": {
                    "@type": "Rating",
                    "ratingValue": float(str(getattr(value, "value", ""))),
                    "worstRating": 0,
                    "bestRating": 1,
                },
            }


def _cited(pages: Pages, citations: Iterable[Citation]) -> Iterable[dict[str, Any]]:
    """Each study once, in brief."""
    for citation in {citation.id: citation for citation in citations}.values():
        link = citation.source
        yield _filled(
            {
                "@type": "CreativeWork",
                "@id": pages.workspace.find(citation.id),
                "name": citation.title or citation.text,
                "sameAs": link.href if link else "",
            }
        )


def _study(pages: Pages, iri: str) -> dict[str, Any]:
    study, citation = pages.argument.studies[iri], cite(pages.cards, iri)
    return _filled(
        {
            "@type": _TYPES.get(study.type, "CreativeWork"),
            "@id": iri,
            "url": citation.href,
            "name": study.title,
            "author": [
                {"@type": "Person" if ", " in name else "Organization", "name": spoken(name)}
                for name in study.authors
            ],
            "datePublished": study.year,
            "isPartOf": {"@type": "CreativeWork", "name": study.venue} if study.venue else None,
            "sameAs": citation.source.href if citation.source else "",
        }
    )


def _filled(told: dict[str, Any]) -> dict[str, Any]:
    """Without what is empty."""
    return {name: value for name, value in told.items() if value}
