"""References: as one cites, and as BibTeX that stays well-formed whatever the texts hold."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argraph.argument.graph import Study
from argraph.exchange.reference import bibtex, reference

STUDY = Study(
    iri="https://example.org/study",
    title="Patching under Disclosure",
    authors=("Byron, Ada", "Turing, Alan"),
    more_authors=False,
    year="2010",
    venue="Systems Research 21(1):115-132",
    type="JournalArticle",
    method="",
    doi="10.1287/isre.1080.0226",
    arxiv="",
    url="",
    verification="",
    themes=(),
    note="",
)
LINK = "https://doi.org/10.1287/isre.1080.0226"


def fields(entry: str) -> dict[str, str]:
    """The fields of an entry, as BibTeX divides it: by braces, whatever stands before them."""
    assert re.match(r"@\w+\{[A-Za-z0-9:._-]+,\n", entry), entry
    found, depth, name, start = {}, 0, "", 0
    for at, sign in enumerate(entry):
        if sign == "{":
            depth += 1
            if depth == 2:
                name, start = entry[:at].rpartition("\n")[2].partition("=")[0].strip(), at + 1
        elif sign == "}":
            depth -= 1
            if depth == 1:
                found[name] = entry[start:at]
            assert depth >= 0
    assert depth == 0
    return found


def test_a_study_is_cited_with_authors_year_title_venue_and_address() -> None:
    assert reference(STUDY, LINK) == (
        f"Ada Byron and Alan Turing (2010). Patching under Disclosure. Systems Research 21(1):115-132. {LINK}"
    )


@pytest.mark.parametrize(
    ("changed", "cited"),
    [
        ({"more_authors": True}, "Ada Byron, Alan Turing et al. (2010). Patching under Disclosure. V."),
        (
            {"authors": ("Open Source Initiative",)},
            "Open Source Initiative (2010). Patching under Disclosure. V.",
        ),
        ({"authors": ()}, "V (2010). Patching under Disclosure."),
        ({"authors": (), "venue": "", "year": ""}, "Unknown author. Patching under Disclosure."),
        ({"title": "Does it work?"}, "Ada Byron and Alan Turing (2010). Does it work? V."),
    ],
)
def test_what_is_missing_is_left_out_of_a_reference(changed: dict[str, object], cited: str) -> None:
    assert reference(replace(STUDY, **({"venue": "V"} | changed))) == cited  # type: ignore[arg-type]


def test_bibtex_names_people_as_it_divides_them_and_keeps_capitals() -> None:
    assert bibtex(STUDY, key="byron2010", link=LINK) == (
        "@article{byron2010,\n"
        "  author = {Byron, Ada and Turing, Alan},\n"
        "  title = {{Patching under Disclosure}},\n"
        "  journal = {Systems Research 21(1):115-132},\n"
        "  year = {2010},\n"
        "  doi = {10.1287/isre.1080.0226},\n"
        f"  url = {{{LINK}}},\n"
        "}\n"
    )


@pytest.mark.parametrize(
    ("authors", "more", "expected"),
    [
        (("Open Source Initiative",), False, "{Open Source Initiative}"),
        (("Byron, Ada",), True, "Byron, Ada and others"),
        (("Research and Development, Inc",), False, "{Research and Development, Inc}"),
        (("A, B, C",), False, "{A, B, C}"),
        (("Ørsted, Ångström",), False, "Ørsted, Ångström"),
    ],
)
def test_a_name_that_bibtex_would_cut_up_is_kept_whole(
    authors: tuple[str, ...], more: bool, expected: str
) -> None:
    entry = bibtex(replace(STUDY, authors=authors, more_authors=more), key="x")
    assert fields(entry)["author"] == expected


@pytest.mark.parametrize(
    ("kind", "entry", "where"),
    [
        ("ConferencePaper", "inproceedings", "booktitle"),
        ("GovernmentReport", "techreport", "institution"),
        ("Book", "book", "publisher"),
        ("Preprint", "misc", "howpublished"),
        ("Unheard-of", "misc", "howpublished"),
    ],
)
def test_the_sort_of_entry_follows_the_type_of_study(kind: str, entry: str, where: str) -> None:
    written = bibtex(replace(STUDY, type=kind), key="x")
    assert written.startswith(f"@{entry}{{x,")
    assert fields(written)[where] == STUDY.venue


def test_a_preprint_names_its_archive() -> None:
    found = fields(bibtex(replace(STUDY, arxiv="2405.08597", doi=""), key="x"))
    assert (found["eprint"], found["archiveprefix"]) == ("2405.08597", "arXiv")


def test_signs_of_tex_are_typeset_as_they_read() -> None:
    title = r"50% of R&D: {a_b} #1 ~ ^ $5 \input{x}"
    assert fields(bibtex(replace(STUDY, title=title), key="x"))["title"] == (
        r"{50\% of R\&D: \textbraceleft{}a\_b\textbraceright{} \#1 \textasciitilde{} \textasciicircum{} "
        r"\$5 \textbackslash{}input\textbraceleft{}x\textbraceright{}}"
    )


@given(st.text(), st.text(), st.text(), st.text())
def test_no_text_ends_its_field_or_begins_another(title: str, author: str, venue: str, link: str) -> None:
    study = replace(STUDY, title=title, authors=(author,), venue=venue, doi=link, arxiv=title)
    entry = bibtex(study, key=author, link=link)
    found = fields(entry)
    assert set(found) <= {"author", "title", "journal", "year", "doi", "eprint", "archiveprefix", "url"}
    assert "\n".join(re.findall(r"^  (\w+) = \{", entry, re.MULTILINE)) == "\n".join(found)
