"""BibTeX and CSL-JSON: what is read from bibliographies as people write them, and that it comes back."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from argraph.argument.graph import Node, Study
from argraph.errors import ArgraphError, FormatError
from argraph.exchange import bibtex, csljson, registry
from argraph.exchange.bibliography import BLANK
from argraph.exchange.model import LossReport, Model


def bib(text: str) -> tuple[dict[str, Study], LossReport]:
    model, losses = bibtex.load(text.encode(), "x.bib")
    return model.studies, losses


def csl(*items: Any) -> tuple[dict[str, Study], LossReport]:
    model, losses = csljson.load(json.dumps(items).encode(), "x.json")
    return model.studies, losses


def study(**parts: Any) -> Study:
    return Study(**BLANK | parts)


ENTRY = r"""
@string{ACM = "Assoc. Comp. Mach."}
% a remark
@Article{goedel,
  author = {G{\"o}del, Kurt and {\'E}lie Cartan and {Open {AI}} and Ludwig van Beethoven and others},
  title = "The {NASA} study of {$\alpha$}-\emph{things} \& 50\% more --- it's",
  journal = ACM # " Trans.", month = jan, year = 2020,
  doi = {https://doi.org/10.1000/a\_b}, url = {\url{https://example.org/x\_y}},
}
"""


def test_an_entry_as_people_write_it_becomes_a_study() -> None:
    studies, losses = bib(ENTRY)
    assert studies["goedel"] == study(
        iri="goedel",
        title="The NASA study of α-things & 50% more — it's",
        authors=("Gödel, Kurt", "Cartan, Élie", "Open AI", "van Beethoven, Ludwig"),
        more_authors=True,
        year="2020",
        venue="Assoc. Comp. Mach. Trans.",
        type="JournalArticle",
        doi="10.1000/a_b",
        url="https://example.org/x_y",
    )
    assert [(loss.kind, loss.what) for loss in losses.losses] == [("kept", "field month")]


@pytest.mark.parametrize(
    ("entry", "kind"),
    [
        ("@misc{x, eprint={2011.08512}, archiveprefix={arXiv}}", "Preprint"),
        ("@article{x, journal={arXiv preprint arXiv:2011.08512}}", "Preprint"),
        ("@article{x, journal={Nature}, eprint={2011.08512}}", "JournalArticle"),
        ("@misc{x, howpublished={\\url{https://example.org/a}}}", "WebArticle"),
        ("@techreport{x, type={Working Paper}}", "WorkingPaper"),
        ("@techreport{x, entrysubtype={GovernmentReport}}", "GovernmentReport"),
        ("@dataset{x, title={Y}}", "DatasetOrBenchmark"),
    ],
)
def test_the_type_of_a_study_is_told_by_its_entry(entry: str, kind: str) -> None:
    studies, _ = bib(entry)
    assert studies["x"].type == kind


def test_the_number_of_a_preprint_is_found_where_google_scholar_puts_it() -> None:
    studies, _ = bib("@article{x, journal={arXiv preprint arXiv:2011.08512}, year={2020}}")
    assert (studies["x"].arxiv, studies["x"].venue) == ("2011.08512", "")


def test_an_entry_takes_what_it_lacks_from_the_one_that_it_stands_in() -> None:
    studies, losses = bib(
        "@inproceedings{a, author={A, B}, title={Talk}, crossref={p}}"
        "@proceedings{p, title={Proceedings of X}, year={2001}, editor={E, F}}"
        "@inproceedings{b, title={Lost}, crossref={q}}"
    )
    assert (studies["a"].year, studies["a"].venue, studies["a"].authors) == (
        "2001",
        "Proceedings of X",
        ("A, B",),
    )
    assert any(loss.what == "crossref q" and loss.kind == "dropped" for loss in losses.losses)


def test_what_cannot_be_read_is_told_with_its_line_and_the_rest_is_read() -> None:
    studies, losses = bib(
        "@article{bad, title={unclosed\n@book{z, title={Fine}}\n@book{z, title={Again}}\n"
        "@phdthesis{t, title={A thesis}, school={S}, year={in press}}"
    )
    assert {name: s.title for name, s in studies.items()} == {"z": "Fine", "t": "A thesis"}
    told = {(loss.place, loss.what, loss.kind) for loss in losses.losses}
    assert ("x.bib:1", "entry", "dropped") in told
    assert ("x.bib:3", "entry z", "dropped") in told
    assert ("x.bib:4 t", "type @phdthesis", "changed") in told
    assert ("x.bib:4 t", "year “in press”", "dropped") in told


def test_abbreviations_that_use_each_other_neither_go_round_nor_fill_the_memory() -> None:
    doubled = "".join(f"@string{{a{n + 1} = a{n} # a{n}}}" for n in range(3000))
    studies, losses = bib(
        f"@string{{a0 = {{xx}}}} @string{{b = b # {{y}}}} {doubled} @book{{x, title = b # a3000}}"
    )
    assert studies["x"].title.startswith("byxx")
    assert len(studies["x"].title) < 20_000
    assert [(loss.what, loss.kind) for loss in losses.losses] == [("abbreviation b", "changed")]


@pytest.mark.parametrize("data", [b"", b"no entry", b"\0@article{x, title={y}}"])
def test_what_is_no_bibliography_is_refused(data: bytes) -> None:
    with pytest.raises(FormatError, match=r"x\.bib"):
        bibtex.load(data, "x.bib")


def test_latin_1_is_read_where_a_file_is_no_utf_8() -> None:
    model, _ = bibtex.load("@book{x, title={Über alles}}".encode("latin-1"), "x.bib")
    assert model.studies["x"].title == "Über alles"


def test_what_a_study_has_no_place_for_is_written_back() -> None:
    model, _ = bibtex.load(
        b"@incollection{x, title={T}, booktitle={In}, publisher={P}, pages={1--2}, month=jan, year={May 1999}"
        b"}",
        "x.bib",
    )
    written = bibtex.dump(model)
    again, _ = bibtex.load(written, "x.bib")
    assert again == model
    assert b"@incollection{x," in written
    assert b"pages = {1--2}" in written


def test_keys_that_bibtex_cannot_tell_apart_get_numbers() -> None:
    model = Model(studies={name: study(iri=name, title=name) for name in ("a b", "ab", "ä b")})
    again, _ = bibtex.load(bibtex.dump(model), "x.bib")
    assert {name: s.title for name, s in again.studies.items()} == {"ab": "a b", "ab-2": "ab", "ab-3": "ä b"}


ITEM = {
    "id": "zotero/1",
    "type": "article-journal",
    "title": "On <i>E. coli</i>",
    "author": [
        {"family": "Gogh", "non-dropping-particle": "van", "given": "Vincent"},
        {"family": "King", "given": "Martin", "suffix": "Jr."},
        {"literal": "World Health Organization"},
        {"literal": "others"},
    ],
    "issued": {"date-parts": [["2021", 3, 1]]},
    "container-title": "Nature",
    "DOI": "10.1000/xyz",
    "volume": 3,
}


def test_an_item_of_zotero_becomes_a_study() -> None:
    studies, losses = csl(ITEM)
    assert studies["zotero/1"] == study(
        iri="zotero/1",
        title="On E. coli",
        authors=("van Gogh, Vincent", "King, Martin Jr.", "World Health Organization"),
        more_authors=True,
        year="2021",
        venue="Nature",
        type="JournalArticle",
        doi="10.1000/xyz",
    )
    assert [loss.what for loss in losses.losses] == ["field issued", "field volume"]


@pytest.mark.parametrize(
    ("item", "kind"),
    [
        ({"type": "article"}, "Preprint"),
        ({"type": "report", "genre": "working paper"}, "WorkingPaper"),
        ({"type": "webpage", "genre": "Incident record"}, "IncidentRecord"),
        ({"type": "motion_picture"}, "WebArticle"),
    ],
)
def test_the_type_of_a_study_is_told_by_its_item(item: dict[str, str], kind: str) -> None:
    studies, _ = csl({"id": "x", "title": "T", **item})
    assert studies["x"].type == kind


def test_items_come_alone_and_in_an_object_too_and_dates_in_words() -> None:
    for data in (
        {"id": 7, "title": "T", "issued": {"raw": "May 1999"}},
        {"items": [{"id": 7, "title": "T"}]},
    ):
        model, _ = csljson.load(json.dumps(data).encode(), "x.json")
        assert model.studies["7"].title == "T"


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"[1, null]", b'{"nodes": []}', b"\xff"])
def test_what_is_no_list_of_items_is_refused(data: bytes) -> None:
    with pytest.raises(FormatError, match=r"x\.json"):
        csljson.load(data, "x.json")


@pytest.mark.parametrize("form", ["bibtex", "csljson"])
def test_an_export_of_studies_says_that_the_argument_is_not_in_it(form: str) -> None:
    found = study(
        iri="s-1", title="A title", authors=("Byron, Ada",), year="1843", type="Book", method="Survey"
    )
    model = Model(nodes={"n-1": Node("n-1", "thesis", "L", "A statement.")}, studies={"s-1": found})
    exported = registry.dump(model, form)
    told = {(loss.what, loss.count) for loss in exported.losses.losses}
    assert told == {("statements, evidence and steps", 1), ("method “Survey”", 1)}
    again = registry.load(exported.data, "x", form).model.studies["s-1"]
    assert again == replace(found, method="")


@pytest.mark.parametrize("form", ["bibtex", "csljson"])
def test_what_holds_no_study_is_no_bibliography(form: str) -> None:
    with pytest.raises(ArgraphError, match="No study is in what is to be written"):
        registry.dump(Model(nodes={"n-1": Node("n-1", "thesis", "L", "A statement.")}), form)
