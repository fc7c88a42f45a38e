"""Interchange on random arguments and random bytes: nothing crashes, nothing is lost without being told."""

from __future__ import annotations

import contextlib
import json
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from argraph.argument.graph import Node, Step, Study
from argraph.errors import ArgraphError, FormatError
from argraph.exchange import aif, aif_json, registry, turtle
from argraph.exchange.model import Imported, LossReport, Model
from argraph.exchange.settling import settle
from argraph.workspace import Workspace

PLACE = turtle.Place("https://example.org/x/", created=date(2026, 1, 31))

names = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S")), min_size=1, max_size=8)
words = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), max_size=30)
sentences = words.map(lambda text: f"It is said that {text}.")


@st.composite
def arguments(draw: st.DrawFn, kinds: tuple[str, ...] = ("",), *, wordings: bool = False) -> Model:
    """Statements and steps with attacks on steps and on attacks, linked premises and circles."""
    ids = draw(st.lists(names, min_size=2, max_size=12, unique=True))
    cut = draw(st.integers(1, len(ids) - 1))
    nodes = {
        name: Node(name, draw(st.sampled_from(kinds)), draw(words) if wordings else "", draw(sentences))
        for name in ids[:cut]
    }
    steps = {}
    for name in ids[cut:]:
        kind = draw(st.sampled_from(["support", "attack"]))
        premises = draw(st.lists(st.sampled_from(ids[:cut]), min_size=1, max_size=3, unique=True))
        ends = ids[:cut] if kind == "support" else [end for end in ids if end != name]
        scheme = draw(st.sampled_from(["", "", "SchemeAnalogy", "SchemeSign"]))
        text = draw(st.sampled_from(["", "", "Because it follows"]))
        steps[name] = Step(
            name, kind, tuple(sorted(premises)), draw(st.sampled_from(ends)), kind == "support", text, scheme
        )
    return Model(nodes=nodes, steps=steps)


def unkept(model: Model) -> Model:
    return Model(nodes=model.nodes, steps=model.steps, schemes=model.schemes)


@pytest.mark.parametrize("form", ["aif", "xaif", "aif-rdf"])
@given(model=arguments())
def test_what_aif_can_express_comes_back_as_it_was_and_no_loss_is_told(form: str, model: Model) -> None:
    exported = registry.dump(model, form)
    again = registry.load(exported.data, "x.json" if form != "aif-rdf" else "x.ttl", form)
    assert exported.losses.losses == ()
    assert unkept(again.model) == model


@st.composite
def full(draw: st.DrawFn) -> Model:
    """Everything that a model may hold."""
    kinds = ("thesis", "claim", "objection", "rebuttal", "evidence")
    model = draw(arguments(kinds, wordings=True))
    taken = {*model.nodes, *model.steps}
    free = names.filter(lambda name: name not in taken)
    study = draw(free)
    taken.add(study)
    parts = {part: draw(words) for part in ("venue", "type", "method", "doi", "arxiv", "url", "verification")}
    authors = tuple(draw(st.lists(names, max_size=3)))
    model.studies[study] = Study(
        iri=study,
        title=draw(words.filter(bool)),
        authors=authors,
        more_authors=draw(st.booleans()),
        year="2024",
        themes=(),
        note=draw(words),
        **parts,
    )
    model.themes = {draw(free): draw(words)}
    model.title = "A debate"
    model.licence = "https://example.org/licence"
    model.declared = True
    return model


@pytest.mark.parametrize(("form", "name"), [("csv", "x.zip"), ("graphml", "x.graphml")])
@given(model=full())
def test_tables_and_graphs_hold_everything(form: str, name: str, model: Model) -> None:
    assume(not set(model.themes) & {*model.nodes, *model.steps, *model.studies, "debate"})
    assume("debate" not in {*model.nodes, *model.steps, *model.studies})
    exported = registry.dump(model, form)
    again = registry.load(exported.data, name, form).model
    assert exported.losses.losses == ()
    assert again == model


@given(model=arguments())
def test_what_a_debate_can_hold_comes_back_from_json_ld(model: Model) -> None:
    settled = settle(model).model
    settled.declared = True
    named = Imported(settled, LossReport(), "x.json", "aif")
    place = turtle.Place("https://example.org/x/")
    described = list(turtle.described(named, place))
    data = registry.dump(settled, "jsonld", base=place.base).data
    written = ox.parse(data, format=ox.RdfFormat.JSON_LD)
    assert {(str(q.subject), str(q.predicate), str(q.object)) for q in written} == {
        (str(t.subject), str(t.predicate), str(t.object).replace('"x.json"', '"export"')) for t in described
    }


@given(model=arguments(("thesis", "claim", "objection", "rebuttal", "evidence"), wordings=True))
def test_every_format_tells_whatever_it_does_not_bring_back(model: Model) -> None:
    model.declared = True
    for form in ("aif", "aif-rdf", "csv", "graphml"):
        exported = registry.dump(model, form)
        again = registry.load(exported.data, f"x{registry.get(form).extensions[0]}", form).model
        told = {loss.place for loss in exported.losses.losses}
        for name, node in model.nodes.items():
            if name not in again.nodes or again.nodes[name].text != node.text:
                assert name in told
            if node.kind == "evidence" and again.nodes[name].kind != "evidence":
                assert name in told
        for name, step in model.steps.items():
            found = again.steps.get(name)
            if found is None or (found.premises, found.end, found.favourable) != (
                step.premises,
                step.end,
                step.favourable,
            ):
                assert name in told


# -- a debate from it ---------------------------------------------------------------------------------------


def debate(model: Model, folder: Path) -> Workspace:
    files, _ = turtle.contributions([Imported(model, LossReport(), "x.json", "aif")], PLACE)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return Workspace.open(folder)


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(model=arguments())
def test_whatever_is_taken_over_passes_the_gate(model: Model) -> None:
    with tempfile.TemporaryDirectory() as folder:
        found = debate(model, Path(folder)).check(Path(folder))
    assert [d for d in found if d.severity == "violation"] == []


@settings(max_examples=25)
@given(model=arguments())
def test_aif_comes_back_from_a_debate_as_it_was(model: Model) -> None:
    data = registry.dump(model, "aif").data
    with tempfile.TemporaryDirectory() as folder:
        workspace = debate(registry.load(data, "x.json", "aif").model, Path(folder))
        exported = workspace.exported("aif")
    assert exported.losses.losses == ()
    assert canonical(aif_json.read(exported.data, "x")[0]) == canonical(aif_json.read(data, "x")[0])


@given(model=arguments())
def test_no_statement_is_settled_to_hold_itself_up_and_equal_models_settle_equally(model: Model) -> None:
    settled = settle(model)
    turned = Model(nodes=dict(reversed(model.nodes.items())), steps=dict(reversed(model.steps.items())))
    assert settled.model == settle(turned).model
    assert settled.removed == settle(turned).removed
    reached: dict[str, set[str]] = {name: {name} for name in settled.model.nodes}
    supports = [s for s in settled.model.steps.values() if s.kind == "support"]
    for _ in settled.model.nodes:
        for step in supports:
            for premise in step.premises:
                reached[premise] |= reached[step.end]
    for step in supports:
        for premise in step.premises:
            assert premise not in reached[step.end]


# -- anything at all ----------------------------------------------------------------------------------------

anything = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats(allow_nan=False, allow_infinity=False) | words,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=4),
    max_leaves=12,
)
some_ids: st.SearchStrategy[Any] = st.sampled_from(["1", "2", "3", 1, 2, 3, "", None, True, 1.5, [], "n"])
some_kinds = st.sampled_from(["I", "RA", "CA", "MA", "PA", "L", "TA", "YA", "ra", "", None, 7, "EN"])
wild_nodes = st.fixed_dictionaries(
    {},
    optional={
        "nodeID": some_ids,
        "type": some_kinds,
        "text": anything,
        "scheme": anything,
        "timestamp": anything,
        "x": anything,
    },
)
wild_edges = st.fixed_dictionaries(
    {}, optional={"fromID": some_ids, "toID": some_ids, "edgeID": some_ids, "formEdgeID": anything}
)
wild = st.fixed_dictionaries(
    {"nodes": st.none() | st.lists(wild_nodes | anything, max_size=8)},
    optional={"edges": st.none() | st.lists(wild_edges | anything, max_size=10), "locutions": anything},
)


def canonical(document: aif.Document) -> tuple[object, ...]:
    def shown(value: Any) -> str:
        return json.dumps(value, sort_keys=True)

    nodes, edges = sorted(map(shown, document.nodes)), sorted(map(shown, document.edges))
    return nodes, edges, shown(document.rest), shown(document.outer)


@settings(max_examples=150)
@given(value=wild | st.fixed_dictionaries({"AIF": wild}, optional={"text": anything, "OVA": anything}))
def test_wild_aif_is_read_and_written_back_with_all_that_it_holds(value: Any) -> None:
    data = json.dumps(value).encode()
    document, _ = aif_json.read(data, "x.json")
    model, _ = aif_json.load(data, "x.json")
    again, _ = aif_json.read(aif_json.dump(model), "x.json")
    if value.get("AIF", value).get("edges") is None or value.get("AIF", value)["nodes"] is None:
        return  # a missing list comes back empty, and that is told
    assert canonical(again) in (canonical(document), _with_locutions(document))
    settle(model)


def _with_locutions(document: aif.Document) -> tuple[object, ...]:
    rest = document.rest if document.outer is not None else {"locutions": [], **document.rest}
    return canonical(aif.Document(document.nodes, document.edges, rest, document.outer))


@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow])
@given(value=wild)
def test_wild_aif_makes_a_debate_that_passes_the_gate(value: Any) -> None:
    model, _ = aif_json.load(json.dumps(value).encode(), "x.json")
    model.nodes.setdefault("only", Node("only", "", "", "Something has to be said."))
    with tempfile.TemporaryDirectory() as folder:
        workspace = debate(model, Path(folder))
        found = workspace.check(Path(folder))
        again = registry.load(workspace.exported("aif").data, "x.json", "aif").model
    assert [d for d in found if d.severity == "violation"] == []
    assert again.nodes == model.nodes
    assert again.steps == model.steps


@pytest.mark.parametrize("form", list(registry.FORMATS))
@settings(max_examples=50)
@given(data=st.binary(max_size=200) | anything.map(lambda value: json.dumps(value).encode()))
@example(data=b"")
@example(data=b"PK\x03\x04")
@example(data=b"\xff\xfe{")
@example(data=b"[" * 100_000)
@example(data=b'{"nodes": ' + b"[" * 3000)
@example(data=b'{"nodes": [{"nodeID": 1' + b"0" * 5000 + b"}]}")
@example(data=b'{"nodes": NaN}')
@example(data=b'{"nodes": [{"nodeID": "1", "type": "I", "text": "\\ud800"}]}')
@example(data=b"id,kind\n\x00")
@example(data=b'<?xml version="1.0"?><graphml><graph edgedefault="directed"><edge/></graph></graphml>')
@example(data=b'<graphml xmlns="http://graphml.graphdrawing.org/xmlns"><graph><node/></graph></graphml>')
def test_any_bytes_are_read_or_refused_with_a_reason(form: str, data: bytes) -> None:
    for ending in registry.get(form).extensions:
        try:
            found = registry.load(data, f"x{ending}", form)
        except FormatError:
            continue
        settle(found.model)
        try:
            registry.dump(found.model, form)
        except ArgraphError:
            # names of ICCMA take no sign but plain ones; a bibliography without studies is none
            assert form == "iccma" or (form in {"bibtex", "csljson"} and not found.model.studies)


link_columns = st.lists(
    st.sampled_from(["source", "target", "kind", "step", "from", "text", "?"]), min_size=1, max_size=6
)


@given(header=link_columns, rows=st.lists(st.lists(words, max_size=7), max_size=5))
def test_any_table_is_read_or_refused_with_a_reason(header: list[str], rows: list[list[str]]) -> None:
    text = "\n".join(",".join(f'"{cell}"' for cell in row) for row in [header, *rows])
    with contextlib.suppress(FormatError):
        settle(registry.load(text.encode(), "x.csv", "csv").model)


def part_of(model: Model, steps: set[str]) -> Model:
    """Some steps of a model with all that they join, as a nodeset of a corpus holds them."""
    waiting = list(steps)
    while waiting:
        end = model.steps[waiting.pop()].end
        if end in model.steps and end not in steps:
            steps.add(end)
            waiting.append(end)
    joined = {name for step in steps for name in (*model.steps[step].premises, model.steps[step].end)}
    return Model(
        nodes={name: node for name, node in model.nodes.items() if name in joined},
        steps={name: step for name, step in model.steps.items() if name in steps},
    )


def listed(items: list[Any]) -> list[str]:
    return sorted(json.dumps(item, sort_keys=True) for item in items)


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(model=arguments(), data=st.data())
def test_files_of_aif_that_share_nodes_make_one_debate_and_one_file_with_each_once(
    model: Model, data: st.DataObject
) -> None:
    several = data.draw(st.lists(st.sets(st.sampled_from(sorted(model.steps))), min_size=2, max_size=3))
    written = [registry.dump(part_of(model, steps), "aif").data for steps in several]
    imports = [registry.load(one, f"set{number}.json", "aif") for number, one in enumerate(written)]
    files, losses = turtle.contributions(imports, PLACE)
    assert not [loss for told in losses.values() for loss in told if "something else" in loss.reason]
    with tempfile.TemporaryDirectory() as folder:
        for name, turtle_file in files.items():
            (Path(folder) / name).write_bytes(turtle_file)
        workspace = Workspace.open(Path(folder))
        assert [d for d in workspace.check(Path(folder)) if d.severity == "violation"] == []
        exported = json.loads(workspace.exported("aif").data)
    whole = json.loads(
        registry.dump(part_of(model, {name for steps in several for name in steps}), "aif").data
    )
    assert listed(exported["nodes"]) == listed(whole["nodes"])
    ends = [{key: edge[key] for key in ("fromID", "toID")} for edge in whole["edges"]]
    found = [{key: edge[key] for key in ("fromID", "toID")} for edge in exported["edges"]]
    assert listed(found) == listed(ends)
