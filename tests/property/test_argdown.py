"""Argdown and Kialo on random arguments and random text: what Argdown can say comes back, nothing crashes."""

from __future__ import annotations

import contextlib
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from argraph.argument.graph import Node, Step, Study
from argraph.errors import FormatError
from argraph.exchange import registry, turtle
from argraph.exchange.model import Model

names = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S")), min_size=1, max_size=8)
words = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), max_size=30).map(
    lambda text: " ".join(text.split())
)
sentences = words.map(lambda text: f"It is said that {text}".strip())
optional = st.sampled_from(["", "", "A remark {with: braces} and “#signs” // of [markup]"])


@st.composite
def models(draw: st.DrawFn) -> Model:
    """Everything that a model may hold, texts in one line: attacks on attacks, linked premises, circles."""
    ids = draw(st.lists(names, min_size=4, max_size=14, unique=True))
    cut = draw(st.integers(2, len(ids) - 2))
    study, theme, source, scheme = (f"{ids[0]}:{part}" for part in ("study", "theme", "source", "scheme"))
    model = Model(declared=draw(st.booleans()), title=draw(optional), licence=draw(optional))
    for name in ids[:cut]:
        model.nodes[name] = Node(
            name,
            draw(st.sampled_from(["", "thesis", "claim", "objection", "rebuttal", "evidence"])),
            draw(words),
            draw(sentences),
            themes=draw(st.sampled_from([(), (theme,)])),
            sources=draw(st.sampled_from([(), (source,)])),
            studies=draw(st.sampled_from([(), (study,)])),
            grade=draw(st.sampled_from(["", "High"])),
            assumed=draw(st.booleans()),
            note=draw(optional),
        )
    for name in ids[cut:]:
        kind = draw(st.sampled_from(["support", "attack", "evidence line"]))
        favourable = kind == "support" or (kind == "evidence line" and draw(st.booleans()))
        premises = draw(st.lists(st.sampled_from(ids[:cut]), min_size=1, max_size=3, unique=True))
        end = draw(st.sampled_from([e for e in ids if e != name] if kind == "attack" else ids[:cut]))
        schemed = draw(st.sampled_from(["", "SchemeAnalogy", "SchemeEvidenceToHypothesis", scheme]))
        plain = draw(st.booleans()) and kind != "evidence line" and end in model.nodes
        called = f"{kind}-{premises[0]}-{end}"
        if plain and called not in ids and (premises[0] != end or not favourable):
            model.steps[called] = Step(called, kind, (premises[0],), end, favourable)
            end, name = called, name
            kind, favourable = "attack", False  # and an attack on it
        text = draw(optional)
        model.steps[name] = Step(name, kind, tuple(sorted(premises)), end, favourable, text, schemed)
    authors = ("Byron, Ada", "Turing: Alan")
    fields = dict.fromkeys(("venue", "type", "method", "doi", "arxiv", "url", "verification"), "a/b//c")
    model.studies[study] = Study(study, "{T}", authors, True, "2024", themes=(theme,), note="", **fields)
    model.themes[theme] = draw(words)
    model.sources[source] = draw(words)
    model.schemes[scheme] = draw(words)
    return model


@given(model=models())
def test_what_argdown_can_say_comes_back_as_it_was_and_no_loss_is_told(model: Model) -> None:
    exported = registry.dump(model, "argdown")
    again = registry.load(exported.data, "x.argdown", "argdown")
    assert again.model == model
    assert exported.losses.losses == ()


@given(model=models(), text=st.text(max_size=20))
def test_a_text_of_several_lines_is_told_as_changed(model: Model, text: str) -> None:
    name = next(iter(model.nodes))
    model.nodes[name] = replace(model.nodes[name], text=f"One line\nand {text} more")
    exported = registry.dump(model, "argdown")
    again = registry.load(exported.data, "x.argdown", "argdown").model
    told = [(loss.place, loss.kind) for loss in exported.losses.losses]
    assert told == [(name, "changed")]
    assert again.steps == model.steps


argdown = st.lists(
    st.sampled_from(
        [
            "[A]", "[B]: b", "<A>", "<B>: say", "@[A]", "text", "#tag", "#(a tag)", "{uses: [1, 2]}",
            "{a: *b}", "{", "}", "(1)", "(2) ", "-----", "--", "-- rule --", "\n    + ", "\n    - ",
            "\n        _> ", "\n  <_ ", "\n>< ", "\n    -> ", "\n    +> ", "\n", "\n\n", "===",
            "# Head", "* ", "1. ", "//", "/*", "*/", "<!--", "-->", "\\", " ", "\t", "\x1a0\x1a", "\r\n",
            "http://x", "[", "]", "<", ">", ":",
        ]
    ),
    max_size=40,
).map("".join)  # fmt: skip


@given(text=argdown | st.text())
@example(text="===\n{: {\n")
@example(text="a {b: &c 1, d: *c}")
@example(text="{" * 3000 + "}" * 3000)
def test_any_text_is_read_as_argdown_and_makes_a_debate_with_nothing_hanging(text: str) -> None:
    try:
        imported = registry.load(text.encode(), "x.argdown", "argdown")
    except FormatError:
        return
    model = imported.model
    for step in model.steps.values():
        assert {*step.premises} <= model.nodes.keys()
        assert step.end in model.nodes or step.end in model.steps
    for loss in imported.losses.losses:
        assert loss.place == "comments" or loss.place.startswith("line ")
    turtle.contributions([imported], turtle.Place("https://example.org/x/"))
    registry.dump(model, "argdown")


kialo = st.lists(
    st.sampled_from(
        [
            "Discussion Title: T", "1. ", "1.1. ", "1.1. Pro: ", "1.2. Con: ", "1.1.1. Con: ", "2. ",
            "-> See 1.1.", "-> See 1.2.", "-> See 9.", "text", "[w](http://x)", "[1] https://x", "\n",
            "\n", "\n\n", "1.1.1.1. Pro:",
        ]
    ),
    max_size=30,
).map("".join)  # fmt: skip


@given(text=kialo | st.text())
def test_any_text_is_read_as_an_export_of_kialo_or_refused(text: str) -> None:
    try:
        imported = registry.load(text.encode(), "x.txt", "kialo")
    except FormatError:
        return
    model = imported.model
    for step in model.steps.values():
        assert {*step.premises, step.end} <= model.nodes.keys()
    turtle.contributions([imported], turtle.Place("https://example.org/x/"))


@pytest.mark.parametrize("form", ["argdown", "kialo"])
@given(data=st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(form: str, data: bytes) -> None:
    with contextlib.suppress(FormatError):
        assert registry.load(data, "x", form).format == form
