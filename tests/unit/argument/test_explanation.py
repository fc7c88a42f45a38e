"""Explanations: the words for each status and reason, the bounds, the renderings."""

from __future__ import annotations

from dataclasses import replace

import pyoxigraph as ox
import pytest

from argraph import vocab
from argraph.argument.evaluation import Framework
from argraph.argument.explanation import (
    Explanation,
    explain,
    summary,
    to_json,
    to_text,
    to_turtle,
)
from argraph.argument.graph import ArgumentGraph, Node, Step, Study
from argraph.argument.scores import Scores
from argraph.argument.wording import name
from argraph.errors import UnknownNode

SCORES = Scores({"High": 0.9, "Moderate": 0.7}, {"Verified": 1.0, "Unverified": 0.8})
EIRAS = Study(
    iri="study",
    title="Risks and Opportunities",
    authors=("Eiras, Francisco", "Petrov, Aleksandar"),
    more_authors=True,
    year="2024",
    **dict.fromkeys(("venue", "type", "method", "doi", "arxiv", "url", "verification", "note"), ""),
    themes=(),
)


def graph(*steps: str, assumed: str = "") -> ArgumentGraph:
    """Steps as `p,q > c` (support), `p ! t` (attack) and `e ~ c` (evidence line); `1`, `2` … name the steps.

    A name that begins with e is evidence of Eiras et al. 2024.
    """
    made = []
    for number, text in enumerate(steps, 1):
        sign = next(sign for sign in ">!~" if sign in text)
        premises, _, end = (part.strip() for part in text.partition(sign))
        kind = {">": "support", "!": "attack", "~": "evidence line"}[sign]
        made.append(Step(str(number), kind, tuple(premises.split(",")), end, favourable=sign != "!"))
    names = {n for step in made for n in (*step.premises, step.end) if not n.isdigit()}
    nodes = [
        Node(
            n,
            "evidence",
            n,
            "Models got safer.",
            studies=("study",),
            grade="Moderate",
            verification="Unverified",
        )
        if n.startswith("e")
        else Node(n, "claim", n.upper(), "", assumed=n in assumed)
        for n in names
    ]
    return ArgumentGraph(nodes, made, [EIRAS])


def told(argument: ArgumentGraph, iri: str) -> str:
    return summary(argument, Framework.of(argument, SCORES).verdicts, iri)


def explained(argument: ArgumentGraph, iri: str, **bounds: int) -> Explanation:
    return explain(argument, Framework.of(argument, SCORES).verdicts, iri, **bounds)


@pytest.mark.parametrize(
    ("argument", "sentence"),
    [
        (graph("e ~ a"), "“A” stands: the finding of Eiras et al. 2024 bears it out."),
        (
            graph("e ~ a", "e ~ b", "e ~ c", "b > a", "c > a", "e1 ~ d", "d > a"),
            "“A” stands: the finding of Eiras et al. 2024 bears it out; “B”, “C” and 1 more support it too.",
        ),
        (graph("b,c > a", assumed="bc"), "“A” stands: “B” and “C” together support it."),
        (
            graph("b > a", "o ! a", assumed="b"),
            "“A” stands: “B” supports it, and the one attack on it fails.",
        ),
        (
            graph("b > a", "o ! a", "p ! a", assumed="b"),
            "“A” stands: “B” supports it, and both attacks on it fail.",
        ),
        (graph("a > b", assumed="a"), "“A” stands: it is taken as given, and nothing attacks it."),
        (graph("a > b"), "“A” does not stand: nothing is put forward for it."),
        (graph("b > a"), "“A” does not stand: it rests on “B”, which does not stand."),
        (graph("b > a", "c > a"), "“A” does not stand: none of the 2 things put forward for it holds."),
        (
            graph("o ! a", "b > a", assumed="ob"),
            "“A” does not stand: “O” attacks it and nobody has answered that.",
        ),
        (
            graph("o ! a", "r ! o", assumed="oa"),
            "“A” does not stand: “O” attacks it and nobody has answered that successfully.",
        ),
        (
            graph("o ! a", "p ! a", "q ! a", assumed="aopq"),
            "“A” does not stand: “O” attacks it and nobody has answered that; "
            "2 more attacks on it stand too.",
        ),
        (
            graph("b > a", "o ! 1", assumed="bo"),
            "“A” does not stand: the one thing put forward for it, “B”, does not carry over to it.",
        ),
        (
            graph("b > a", "a > b"),
            "“A” does not stand: it is part of a circle that only holds itself up "
            "(“A” supports “B” and “B” supports “A”).",
        ),
        (
            graph("b > c", "c > b", "c > a"),
            "“A” does not stand: what is put forward for it only holds itself up "
            "(“C” supports “B” and “B” supports “C”).",
        ),
        (
            graph("a ! b", "b ! a", assumed="ab"),
            "“A” is open: “A” and “B” attack each other, and nothing settles it.",
        ),
        (graph("a ! a", assumed="a"), "“A” is open: “A” attacks itself, and nothing settles it."),
        (
            graph("a ! b", "b ! c", "c ! a", assumed="abc"),
            "“A” is open: “A” attacks “B”, “B” attacks “C” and “C” attacks “A”, and nothing settles it.",
        ),
        (
            graph("b > a", "b ! c", "c ! b", assumed="bc"),
            "“A” is open: “B” supports it, but whether that holds is open.",
        ),
        (
            graph("b ! a", "b ! c", "c ! b", assumed="abc"),
            "“A” is open: “B” attacks it, and whether that succeeds is open.",
        ),
    ],
)
def test_a_status_is_told_in_one_sentence(argument: ArgumentGraph, sentence: str) -> None:
    assert told(argument, "a") == sentence


def test_evidence_names_study_grade_and_that_it_is_unchecked() -> None:
    assert told(graph("e ~ a"), "e") == (
        "The finding of Eiras et al. 2024 stands (moderate grade, not yet checked against its source), "
        "as nothing attacks it: “Models got safer”."
    )


def test_a_premise_that_nothing_describes_is_called_so() -> None:
    argument = ArgumentGraph(
        [Node("a", "claim", "A", "")], [Step("1", "support", ("x/ghost",), "a", favourable=True)]
    )
    assert told(argument, "x/ghost") == "“ghost” does not stand: nothing is said about it in the graph."


@pytest.mark.parametrize(
    ("iri", "sentence"),
    [
        (
            "1",
            "The step from “B” to “A” does not stand: “O” undercuts it "
            "and nobody has answered that successfully.",
        ),
        (
            "2",
            "The attack by “O” on the step from “B” to “A” stands: “O” stands, "
            "and the one attempt to undercut it fails.",
        ),
        (
            "3",
            "The attack by “R” on the attack by “O” on the step from “B” to “A” does not stand: "
            "“R” does not stand.",
        ),
    ],
)
def test_steps_are_named_by_their_ends(iri: str, sentence: str) -> None:
    assert told(graph("b > a", "o ! 1", "r ! 2", assumed="bo"), iri) == sentence


def test_steps_that_attack_one_another_have_a_finite_name() -> None:
    assert (
        name(graph("a ! 2", "b ! 1"), "1")
        == "the attack by “A” on the attack by “B” on the attack by “A” on a further step"
    )


def test_what_fails_is_traced_to_why_the_answers_to_it_fail() -> None:
    argument = graph("o ! a", "e ~ o", "r ! o", "e ~ r", "s ! r", "e1 ~ s", "b > a", assumed="b")
    finding = (
        "The finding of Eiras et al. 2024 stands (moderate grade, not yet checked against its source), "
        "as nothing attacks it: “Models got safer”."
    )
    assert to_text(explained(argument, "a"), width=200).splitlines() == [
        "“A” does not stand: “O” attacks it and nobody has answered that successfully.",
        "  - “O” stands: the finding of Eiras et al. 2024 bears it out, and the one attack on it fails.",
        f"    - {finding}",
        "    - “R” does not stand: “S” attacks it and nobody has answered that.",
        "      - “S” stands: the finding of Eiras et al. 2024 bears it out.",
        f"        - {finding}",
    ]


def test_only_the_failing_premise_explains_why_a_step_fails() -> None:
    tree = explained(graph("b,c > a", assumed="b"), "a")
    assert [(child.iri, child.relation, child.step) for child in tree.children] == [("c", "supports", "1")]


def test_an_undercut_step_has_a_node_of_its_own() -> None:
    tree = explained(graph("b > a", "o ! 1", assumed="bo"), "a")
    assert [part.iri for part in tree.walk()] == ["a", "1", "o"]


def test_what_was_explained_is_referred_to() -> None:
    tree = explained(graph("b > a", "c > a", "d > b", "d > c"), "a")
    again = tree.children[1].children[0]
    assert (again.iri, again.cut) == ("d", "seen above")
    assert again.sentence == "“D” does not stand, as explained above."


def test_a_support_circle_is_cut_where_it_closes() -> None:
    tree = explained(graph("b > a", "a > b"), "a")
    assert [(part.iri, part.cut) for part in tree.walk()] == [("a", ""), ("b", ""), ("a", "cycle")]
    assert [part.sentence for part in tree.walk()][-1] == "“A” does not stand: here the circle closes."


def test_an_open_status_is_traced_to_its_circle() -> None:
    tree = explained(graph("b > a", "c ! b", "c ! d", "d ! c", assumed="bcd"), "a")
    assert [(part.iri, part.cut) for part in tree.walk()] == [("a", ""), ("b", ""), ("c", "cycle")]


def test_breadth_is_bounded_and_the_rest_counted() -> None:
    tree = explained(graph("b > a", *(f"o{n} ! a" for n in range(6)), assumed="b"), "a", breadth=2)
    assert (len(tree.children), tree.omitted) == (3, 4)
    assert to_text(tree).splitlines()[-1] == "  - and 4 more attacks that fail."


def test_breadth_never_hides_what_a_step_needs() -> None:
    tree = explained(graph("b,c,d > a", assumed="bcd"), "1", breadth=1)
    assert [child.iri for child in tree.children] == ["b", "c", "d"]


def test_depth_is_bounded_and_the_cut_named() -> None:
    tree = explained(graph("b > a", "c > b", "e ~ c"), "a", depth=1)
    assert [(part.iri, part.cut) for part in tree.walk()] == [("a", ""), ("b", "depth")]
    assert to_text(tree).endswith("(Its own reasons are left out here.)")


def test_text_keeps_within_its_width() -> None:
    text = to_text(explained(graph("o ! a", "e ~ o", assumed="a"), "a"), width=40)
    assert max(map(len, text.splitlines())) <= 40
    assert "\n    The finding" not in text
    assert "\n    - The finding of Eiras et al. 2024\n      stands" in text


def test_json_is_the_same_tree() -> None:
    data = to_json(explained(graph("o ! a", assumed="ao"), "a"))
    assert {key: data[key] for key in ("iri", "status", "reason", "cut", "omitted")} == {
        "iri": "a", "status": "rejected", "reason": "refuted", "cut": "", "omitted": 0,
    }  # fmt: skip
    assert [(child["iri"], child["relation"], child["step"]) for child in data["children"]] == [
        ("o", "attacks", "1")
    ]


def test_turtle_says_status_reason_and_derived_links() -> None:
    base = "https://example.org/d/"
    nodes = [
        Node(base + "a", "claim", "A", "", assumed=True),
        Node(base + "o", "objection", "O", "", assumed=True),
    ]
    step = Step(base + "at", "attack", (base + "o",), base + "a", favourable=False)
    tree = explained(ArgumentGraph(nodes, [step]), base + "a")
    triples = {
        (t.subject.value, t.predicate.value.removeprefix(vocab.ARG), t.object.value.removeprefix(base))
        for t in ox.parse(to_turtle(tree), format=ox.RdfFormat.TURTLE)
    }
    assert triples == {
        (base + "a", "status", "rejected"),
        (base + "a", "reason", "refuted"),
        (base + "o", "status", "accepted"),
        (base + "o", "reason", "assumed"),
        (base + "o", "attacks", "a"),
    }


def test_what_the_graph_does_not_hold_is_refused() -> None:
    with pytest.raises(UnknownNode, match="“nowhere”"):
        explained(graph("b > a"), "nowhere")


def retracted(kind: str) -> ArgumentGraph:
    """A claim with one finding, of which either itself or its study was retracted."""
    blank = dict.fromkeys(Study.__slots__, "") | {"authors": ("Noether, Emmy",), "year": "1918", "themes": ()}
    state = {"study": "Verified", "finding": "Verified", kind: "Retracted"}
    study = Study(**blank | {"iri": "s", "verification": state["study"]})  # type: ignore[arg-type]
    finding = Node("e", "evidence", "e", "", studies=("s",), grade="High", verification=state["finding"])
    line = Step("l", "evidence line", ("e",), "c", favourable=True)
    return ArgumentGraph([finding, Node("c", "claim", "C", "")], [line], [study])


@pytest.mark.parametrize(
    ("kind", "why"), [("finding", "it was retracted"), ("study", "its study was retracted")]
)
def test_retraction_is_named_as_the_reason(kind: str, why: str) -> None:
    argument = retracted(kind)
    scores = Scores({"High": 0.9}, {"Retracted": 0.0})
    told = to_text(explain(argument, Framework.of(argument, scores).verdicts, "c"))
    assert told.splitlines() == [
        "“C” does not stand: it rests on the finding of Noether 1918, which does not stand.",
        f"  - The finding of Noether 1918 does not stand: {why}.",
    ]


def test_strongest_support_is_told_even_where_a_weaker_one_is_nearer() -> None:
    argument = graph("e ~ a", "b > a", "e1 ~ b", "e2 ~ b", "e3 ~ b", "e4 ~ b")
    scores = Scores({"Moderate": 0.7}, {"Unverified": 1.0})
    nodes = [replace(node, grade="Moderate") for node in argument.nodes.values()]
    weak = replace(argument.nodes["e"], grade="")
    argument = ArgumentGraph([*(n for n in nodes if n.iri != "e"), weak], argument.steps.values())
    told = explain(argument, Framework.of(argument, scores).verdicts, "a")
    assert told.sentence.startswith("“A” stands: “B” supports it")
    assert [part.iri for part in told.walk()][:2] == ["a", "b"]


def test_support_that_may_rest_on_the_statement_itself_is_not_told_as_its_reason() -> None:
    argument = graph("e ~ a", "a > b", "b > a", "e1 ~ b")
    tree = explained(argument, "a")
    assert [part.iri for part in tree.walk()] == ["a", "e"]
