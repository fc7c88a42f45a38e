from __future__ import annotations

import pytest

from argraph.contribution.suggest import nearest

TERMS = ["Claim", "Objection", "Rebuttal", "premise", "target", "conclusion", "For", "Against", "Moderate"]
NODES = ["ob-malicious-use", "cl-market-power", "pil-safety", "su-market-power-innovation", "ev-eiras2024"]


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("Objektion", "Objection"),
        ("objection", "Objection"),
        ("premiss", "premise"),
        ("premises", "premise"),
        ("traget", "target"),
        ("conclussion", "conclusion"),
        ("Fro", "For"),
        ("MODERATE", "Moderate"),
    ],
)
def test_a_misspelt_term_leads_to_the_term(word: str, meant: str) -> None:
    assert nearest(word, TERMS) == (meant,)


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("ob-malicoius-use", "ob-malicious-use"),
        ("ob-malicioususe", "ob-malicious-use"),
        ("ob_malicious_use", "ob-malicious-use"),
        ("cl-malicious-use", "ob-malicious-use"),
        ("br-safety", "pil-safety"),
        ("ev-eiras2042", "ev-eiras2024"),
    ],
)
def test_a_misspelt_node_leads_to_the_node(word: str, meant: str) -> None:
    assert nearest(word, NODES)[0] == meant


@pytest.mark.parametrize("word", ["", "x", "weather", "Foo", "cl-quantum", "zz-safe"])
def test_nothing_is_offered_when_nothing_is_near(word: str) -> None:
    assert nearest(word, [*TERMS, *NODES]) == ()


def test_the_word_itself_is_no_suggestion() -> None:
    assert nearest("premise", ["premise"]) == ()


def test_no_more_than_asked_and_in_stable_order() -> None:
    names = ["cl-cost-a", "cl-cost-b", "cl-cost-c"]
    assert nearest("cl-cost-d", names) == ("cl-cost-a", "cl-cost-b")
    assert nearest("cl-cost-d", reversed(names), n=1) == ("cl-cost-a",)


def test_a_much_worse_second_name_is_left_out() -> None:
    assert nearest("conclussion", ["conclusion", "conclude-soon"]) == ("conclusion",)
