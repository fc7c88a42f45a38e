"""Search: what is found, in which order, how it is marked, and that nothing typed is syntax."""

from __future__ import annotations

import re
import sqlite3
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argraph.argument.evaluation import Framework
from argraph.argument.graph import ArgumentGraph, Node, Step, Study
from argraph.argument.scores import Scores
from argraph.query.search import MOST, Found, Index, Part
from argraph.query.words import fold, spelt, tokens

STUDIES = [
    Study(
        iri="s:eiras",
        title="Risks and Opportunities of Open Models",
        authors=("Eiras, Francisco", "Müller, Jürgen"),
        more_authors=True,
        year="2024",
        venue="arXiv",
        type="Preprint",
        method="",
        doi="10.1145/3593013",
        arxiv="2405.08597",
        url="",
        verification="Verified",
        themes=("theme:risk",),
        note="",
    )
]
NODES = [
    Node("th", "thesis", "Open models should prevail", "Openness yields transparency for everyone."),
    Node(
        "safe",
        "claim",
        "Transparency makes systems safer",
        "Outsiders look inside.",
        themes=("theme:safety",),
    ),
    Node("hidden", "objection", "Backdoors stay hidden", "Even full transparency shows no planted fault."),
    Node("wide", "claim", "開放的人工智慧更安全", "東京の研究者は公開を支持する。"),
    Node("umlaut", "claim", "Größe ist naïve Überprüfung", "Œuvre, façade, Straße"),
    Node("arabic", "claim", "الشفافية تجعل الأنظمة أكثر أمانًا", "مَكْتَبَة"),
    Node("hebrew", "claim", "שקיפות הופכת מערכות לבטוחות", ""),
    Node("thai", "claim", "ความโปร่งใสทำให้ปลอดภัย", ""),
    Node("quoted", "rebuttal", 'She said "NOT so" (really)', "label:text AND NEAR(a b) * ^ - + \\ ' ; --"),
    Node("ev", "evidence", "ev", "Audits with open weights found more faults.", studies=("s:eiras",)),
    Node("hyphen", "claim", "Open-source licences don’t expire", "Re\u00adused, zero\u200bwidth"),
]
STEPS = [Step("1", "evidence line", ("ev",), "safe", favourable=True)]


@pytest.fixture(scope="module")
def index() -> Index:
    argument = ArgumentGraph(NODES, STEPS, STUDIES)
    return Index(argument, Framework.of(argument, Scores.declared()).verdicts)


def iris(found: Found) -> list[str]:
    return [hit.iri for hit in found.hits]


def marked(parts: tuple[Part, ...]) -> str:
    return "".join(f"[{part.text}]" if part.hit else part.text for part in parts)


def test_what_has_the_word_in_its_label_comes_first_statements_before_findings_before_studies(
    index: Index,
) -> None:
    assert iris(index.search("transparency")) == ["safe", "th", "hidden"]
    assert iris(index.search("open")) == ["th", "hyphen", "s:eiras", "ev"]


@pytest.mark.parametrize("typed", ["t", "tr", "trans", "transparenc", "transparency", "TRANSPARENCY "])
def test_a_word_is_found_while_it_is_typed_from_its_second_letter_on(index: Index, typed: str) -> None:
    assert ("safe" in iris(index.search(typed))) == (len(typed) > 1)


def test_all_words_are_wanted_in_whatever_order_and_place(index: Index) -> None:
    assert iris(index.search("outsiders safer")) == ["safe"]
    assert iris(index.search("safer transparency")) == ["safe"]
    assert iris(index.search("transparency backdoors")) == ["hidden"]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("grosse", "umlaut"),
        ("GRÖSSE", "umlaut"),
        ("naive", "umlaut"),
        ("uberprufung", "umlaut"),
        ("strasse", "umlaut"),
        ("facade", "umlaut"),
        ("開放", "wide"),
        ("安全", "wide"),
        ("人工智慧", "wide"),
        ("東京", "wide"),
        ("研究者", "wide"),
        ("الشفافية", "arabic"),
        ("مكتبة", "arabic"),
        ("שקיפות", "hebrew"),
        ("ปลอดภัย", "thai"),
        ("reused", "hyphen"),
        ("zerowidth", "hyphen"),
        ("open source", "hyphen"),
        ("don't", "hyphen"),
    ],
)
def test_words_of_all_scripts_are_found_with_or_without_accents(index: Index, typed: str, found: str) -> None:
    answer = index.search(typed)
    assert found in iris(answer)
    assert answer.instead == ""
    assert not answer.loose


def test_signs_that_stand_apart_are_not_taken_for_a_word(index: Index) -> None:
    assert iris(index.search("開慧")) == []


@pytest.mark.parametrize(
    ("typed", "instead", "found"),
    [
        ("transparancy", "transparency", "safe"),
        ("trasparency", "transparency", "safe"),
        ("tarnsparency", "transparency", "safe"),
        ("bakcdoors", "backdoors", "hidden"),
        ("transpra", "transparency", "safe"),
        ("opensource", "open source", "hyphen"),
        ("eirras", "eiras", "s:eiras"),
        ("hidden bakdoors", "hidden backdoors", "hidden"),
    ],
)
def test_a_slip_of_the_pen_is_forgiven_and_said(index: Index, typed: str, instead: str, found: str) -> None:
    answer = index.search(typed)
    assert answer.instead == instead
    assert found in iris(answer)


def test_a_word_that_something_has_is_not_corrected(index: Index) -> None:
    assert index.search("faults").instead == ""
    assert index.search("fault").instead == ""


def test_short_words_are_not_corrected(index: Index) -> None:
    assert index.search("xyz") == Found(0, ())


def test_where_nothing_has_all_words_some_are_enough_and_that_is_said(index: Index) -> None:
    answer = index.search("why do backdoors expire")
    assert answer.loose
    assert {"hidden", "hyphen"} <= set(iris(answer))


@pytest.mark.parametrize(
    "typed",
    [
        '"', "'", '"unclosed', "AND", "OR NOT", "a OR b", "NEAR(a b)", "label:", "label : x", "*", "^a", "-a",
        "a*b*", "(", ")", "((", "{label}", "a;b", "'; DROP TABLE entries; --", "\\", "%", "_", "__",
        "\x00", "a\x00b", "\ue000kclaim", "+", "a + b", "::", "\u202e", "😀", "\ud800",
    ],
)  # fmt: skip
def test_signs_of_query_languages_are_only_text(index: Index, typed: str) -> None:
    index.search(typed)
    assert iris(index.search("backdoors")) == ["hidden"]


def test_words_that_are_operators_elsewhere_are_found_as_words(index: Index) -> None:
    assert iris(index.search('said "NOT so"')) == ["quoted"]
    assert iris(index.search("NEAR(a b)")) == ["quoted"]
    assert iris(index.search("AND near")) == ["quoted"]


@given(st.text())
def test_no_text_is_refused_and_no_letter_of_a_label_is_lost(index: Index, text: str) -> None:
    for hit in index.search(text).hits:
        label = "".join(part.text for part in hit.label)
        assert label in {node.label for node in NODES} | {NODES[9].text, STUDIES[0].title}


def test_hits_are_marked_in_the_label_as_it_is_written(index: Index) -> None:
    assert marked(index.search("grosse").hits[0].label) == "[Größe] ist naïve Überprüfung"
    assert marked(index.search("trans").hits[0].label) == "[Transparency] makes systems safer"
    assert marked(index.search("智慧").hits[0].label) == "開放的人工[智慧]更安全"
    assert marked(index.search("open source").hits[0].label) == "[Open]-[source] licences don’t expire"
    assert marked(index.search("opensource").hits[0].label) == "[Open-source] licences don’t expire"


def test_a_hit_outside_the_label_is_shown_in_its_surroundings(index: Index) -> None:
    hidden = index.search("transparency").hits[2]
    assert marked(hidden.label) == "Backdoors stay hidden"
    assert marked(hidden.excerpt) == "Even full [transparency] shows no planted fault."
    assert index.search("transparency").hits[0].excerpt == ()


def test_a_long_text_is_cut_to_the_surroundings_of_the_hit() -> None:
    text = " ".join(f"word{i}" for i in range(200)) + " needle " + " ".join(f"tail{i}" for i in range(200))
    argument = ArgumentGraph([Node("a", "claim", "Label", text)], [])
    (hit,) = Index(argument, {}).search("needle").hits
    shown = marked(hit.excerpt)
    assert shown.startswith("… word")
    assert shown.endswith(" …")
    assert " [needle] " in shown
    assert len(shown) < 220


def test_a_word_of_five_thousand_letters_is_no_trouble() -> None:
    argument = ArgumentGraph([Node("a", "claim", "Donau" * 1000, "Fluss " + "x" * 5000)], [])
    (hit,) = Index(argument, {}).search("donaudonau").hits
    assert hit.label == (Part("Donau" * 1000, hit=True),)


def test_studies_are_found_by_title_authors_and_identifiers_and_findings_by_their_study(index: Index) -> None:
    assert iris(index.search("risks and opportunities")) == ["s:eiras", "ev"]
    assert iris(index.search("muller")) == ["s:eiras"]
    assert iris(index.search("10.1145/3593013")) == ["s:eiras"]
    assert iris(index.search("eiras")) == ["ev", "s:eiras"]
    assert marked(index.search("muller").hits[0].excerpt).startswith("Eiras, Francisco, [Müller], Jürgen")


def test_a_finding_without_a_label_is_shown_by_its_text(index: Index) -> None:
    (hit,) = index.search("audits").hits
    assert (hit.iri, hit.kind, marked(hit.label)) == (
        "ev",
        "evidence",
        "[Audits] with open weights found more faults.",
    )


def test_filters_narrow_by_kind_status_and_theme(index: Index) -> None:
    assert iris(index.search("transparency", kinds=["objection", "thesis"])) == ["th", "hidden"]
    assert iris(index.search("transparency", statuses=["accepted"])) == ["safe"]
    assert iris(index.search("transparency", theme="theme:safety")) == ["safe"]
    assert iris(index.search("open", theme="theme:risk")) == ["s:eiras", "ev"]
    assert iris(index.search("transparency", theme="theme:none")) == []
    assert iris(index.search("open", kinds=["study"], statuses=["accepted"])) == []


def test_without_words_filters_list_what_passes_and_nothing_is_listed_without_them(index: Index) -> None:
    assert iris(index.search("", kinds=["objection", "rebuttal"])) == ["hidden", "quoted"]
    assert iris(index.search("  ?! ", kinds=["study"])) == ["s:eiras"]
    assert index.search("") == Found(0, ())


def test_findings_are_on_the_themes_of_their_studies(index: Index) -> None:
    assert index.on_themes == {"theme:safety": 1, "theme:risk": 2}


def test_total_counts_what_is_not_shown_up_to_a_bound() -> None:
    nodes = [Node(f"n{i:05}", "claim", f"Common word {i}", "") for i in range(MOST + 5)]
    index = Index(ArgumentGraph(nodes, []), {})
    found = index.search("common", limit=3)
    assert (found.total, len(found.hits), found.more) == (MOST, 3, True)
    assert (index.search("common 77").total, index.search("common 77").more) == (11, False)


def test_of_equals_the_more_discussed_statement_comes_first_where_many_fit() -> None:
    nodes = [Node(f"n{i:05}", "claim", "Common word", "") for i in range(MOST + 5)]
    steps = [Step("s", "support", ("n00000",), "n00700", favourable=True)]
    assert iris(Index(ArgumentGraph(nodes, steps), {}).search("common", limit=2)) == ["n00700", "n00000"]


def test_several_threads_may_search_at_once(index: Index) -> None:
    wanted = {text: iris(index.search(text)) for text in ("transparency", "open", "開放", "eiras")}
    wrong: list[str] = []

    def ask() -> None:
        for text in list(wanted) * 50:
            if iris(index.search(text)) != wanted[text]:
                wrong.append(text)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@given(st.text())
def test_folding_again_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_words_are_cut_where_sqlite_cuts_them_and_signs_are_no_part_of_them(text: str) -> None:
    words = tokens(spelt(text))
    assert all(character.isalnum() for word in words for character in word)
    assert all(word in fold(text) for word in words)
    said = "".join(re.findall(r"[^\W_]", fold(text)))
    assert "".join(words) == said
    base = sqlite3.connect(":memory:")
    base.execute("CREATE VIRTUAL TABLE said USING fts5(text, tokenize='ascii')")
    base.execute("CREATE VIRTUAL TABLE found USING fts5vocab('said', 'instance')")
    base.execute("INSERT INTO said VALUES (?)", (spelt(text).encode("utf-8", "replace").decode(),))
    found = base.execute('SELECT term FROM found ORDER BY "offset"').fetchall()
    base.close()
    assert [term for (term,) in found] == words
