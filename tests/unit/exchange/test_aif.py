"""AIF as its community's tools write it: AIFdb, xAIF, AraucariaDB, OVA, and files that break its rules."""

from __future__ import annotations

import json
from typing import Any

import pytest

from argraph.errors import FormatError
from argraph.exchange import aif_json, registry
from argraph.exchange.model import Imported, Loss
from argraph.exchange.settling import settle


def node(
    name: object, kind: object, text: object = "It is so, they say.", **others: object
) -> dict[str, object]:
    return {"nodeID": name, "text": text, "type": kind, "timestamp": "2026-01-31 10:00:00", **others}


def edges(*pairs: tuple[object, object]) -> list[dict[str, object]]:
    return [
        {"edgeID": str(number), "fromID": start, "toID": end, "formEdgeID": None}
        for number, (start, end) in enumerate(pairs, start=100)
    ]


def read(value: object, form: str = "aif") -> Imported:
    return registry.load(json.dumps(value).encode(), "nodeset1.json", form)


def again(imported: Imported, form: str = "aif") -> Any:
    return json.loads(registry.dump(imported.model, form).data)


def listed(items: list[Any]) -> list[str]:
    return sorted(json.dumps(item, sort_keys=True) for item in items)


def by_place(imported: Imported) -> dict[str, Loss]:
    return {loss.place: loss for loss in imported.losses.losses}


AIFDB: dict[str, Any] = {
    "nodes": [
        node("1", "I", "Taxes on fuel should rise."),
        node("2", "I", "Roads are worn by traffic."),
        node("3", "I", "Worn roads must be paid for by those who wear them."),
        node("4", "RA", "Expert Opinion", scheme="Expert Opinion", schemeID="72"),
        node("5", "I", "Weather wears roads more than traffic does."),
        node("6", "CA", "Default Conflict", scheme="Default Conflict", schemeID="71"),
        node("7", "I", "That is true of mountain roads only."),
        node("8", "CA", "Default Conflict", scheme="Default Conflict", schemeID="71"),
        node("9", "L", "Ann: Roads are worn by traffic"),
        node("10", "YA", "Asserting", scheme="Asserting", schemeID="74"),
        node("11", "TA", "Default Transition"),
        node("12", "I", "Traffic wears down the roads."),
        node("13", "MA", "Default Rephrase", scheme="Default Rephrase", schemeID="144"),
        node("14", "PA", "Default Preference"),
    ],
    "edges": edges(
        *[("2", "4"), ("3", "4"), ("4", "1"), ("5", "6"), ("6", "4"), ("7", "8"), ("8", "6"), ("9", "10")],
        *[("10", "2"), ("9", "11"), ("12", "13"), ("13", "2"), ("4", "14"), ("14", "6")],
    ),
    "locutions": [
        {"nodeID": "9", "personID": "3", "timestamp": "", "start": None, "end": None, "source": None}
    ],
}


def test_linked_premises_undercuts_and_attacks_on_attacks_are_steps() -> None:
    model = read(AIFDB).model
    support, undercut, reply = (model.steps[name] for name in ("4", "6", "8"))
    assert (support.kind, support.premises, support.end) == ("support", ("2", "3"), "1")
    assert (undercut.kind, undercut.premises, undercut.end) == ("attack", ("5",), "4")
    assert (reply.kind, reply.premises, reply.end) == ("attack", ("7",), "6")
    assert support.scheme == "SchemeExpertOpinion"
    assert sorted(model.nodes) == ["1", "12", "2", "3", "5", "7"]


def test_dialogue_rephrase_and_preference_are_kept_and_said_to_be() -> None:
    kept = {loss.what: loss.kind for loss in read(AIFDB).losses.losses}
    assert kept == {
        "locution (L-node)": "kept",
        "illocution (YA-node)": "kept",
        "transition (TA-node)": "kept",
        "rephrase (MA-node)": "kept",
        "preference (PA-node)": "kept",
        "key of the file": "kept",
    }


def test_a_file_of_aifdb_comes_back_whole() -> None:
    imported = read(AIFDB)
    written = again(imported)
    for key in ("nodes", "edges"):
        assert listed(written[key]) == listed(AIFDB[key])
    assert written["locutions"] == AIFDB["locutions"]
    assert registry.dump(imported.model, "aif").losses.losses == ()


def test_an_objection_is_answered_by_a_rebuttal() -> None:
    settled = settle(read(AIFDB).model)
    kinds = {name: node.kind for name, node in settled.model.nodes.items()}
    assert kinds == {
        "1": "thesis",
        "2": "claim",
        "3": "claim",
        "5": "objection",
        "7": "rebuttal",
        "12": "claim",
    }
    assert [name for name, node in settled.model.nodes.items() if node.assumed] == ["2", "3", "5", "7", "12"]


def test_araucaria_has_no_locutions_and_no_scheme_keys() -> None:
    imported = read(
        {
            "nodes": [node("1", "I"), node("2", "I"), node("3", "RA", "Argument from Popular Opinion")],
            "edges": edges(("2", "3"), ("3", "1")),
        }
    )
    (step,) = imported.model.steps.values()
    assert step.scheme == "scheme-popular-opinion"
    assert imported.model.schemes == {"scheme-popular-opinion": "Argument from Popular Opinion"}
    assert imported.losses.losses == ()
    assert again(imported)["nodes"][2] == node("3", "RA", "Argument from Popular Opinion")


XAIF: dict[str, Any] = {
    "AIF": {
        "nodes": [
            {"nodeID": 0, "text": "It should be so.", "type": "I"},
            {"nodeID": 1, "text": "It is so elsewhere.", "type": "I"},
            {"nodeID": 2, "text": "Default Inference", "type": "RA"},
            {"nodeID": 3, "text": "It may be otherwise.", "type": "I"},
            {"nodeID": 4, "text": "Default Conflict", "type": "CA"},
        ],
        "edges": [
            {"edgeID": 0, "fromID": 1, "toID": 2},
            {"edgeID": 1, "fromID": 2, "toID": 0},
            {"edgeID": 2, "fromID": 3, "toID": 4},
            {"edgeID": 3, "fromID": 4, "toID": 2},
        ],
        "schemefulfillments": [{"nodeID": 2, "schemeID": "72"}],
        "participants": [{"participantID": 1, "firstname": "Ann", "surname": "Other"}],
        "locutions": None,
        "descriptorfulfillments": None,
        "cqdescriptorfulfillments": None,
    },
    "text": "It is <b>so</b> elsewhere",
    "OVA": {
        "firstname": "A",
        "surname": "B",
        "url": "",
        "nodes": [{"nodeID": 0, "visible": True, "x": 1, "y": 2}],
    },
    "hypotheses": [1],
}


@pytest.mark.parametrize("form", ["aif", "xaif"])
def test_xaif_with_numbers_nulls_and_an_editors_state_comes_back_whole(form: str) -> None:
    written = again(read(XAIF, form), form)
    assert written["AIF"].pop("nodes") == XAIF["AIF"]["nodes"][:2] + XAIF["AIF"]["nodes"][3:4] + (
        XAIF["AIF"]["nodes"][2:3] + XAIF["AIF"]["nodes"][4:]
    )
    assert written["AIF"].pop("edges") == XAIF["AIF"]["edges"]
    rest = {key: value for key, value in XAIF["AIF"].items() if key not in {"nodes", "edges"}}
    assert written == {**XAIF, "AIF": rest}


def test_a_model_from_elsewhere_is_written_as_xaif_with_the_lists_that_its_tools_expect() -> None:
    imported = registry.load(b"source,kind,target\na,supports,b\n", "x.csv", "csv")
    written = again(imported, "xaif")
    assert set(written) == {"AIF", "text"}
    assert (
        written["AIF"]["participants"]
        == written["AIF"]["locutions"]
        == written["AIF"]["schemefulfillments"]
        == []
    )
    assert [one["type"] for one in written["AIF"]["nodes"]] == ["I", "I", "RA"]


STEP = [node("1", "I"), node("2", "RA"), node("3", "I")]


@pytest.mark.parametrize(
    ("nodes", "pairs", "place", "kind", "words"),
    [
        ([node("1", "I"), node("1", "I")], [], "nodes[1]", "dropped", "comes before it"),
        ([node("1", "I"), {"type": "I"}], [], "nodes[1]", "dropped", "no nodeID"),
        ([node("1", "I"), "text"], [], "nodes[1]", "dropped", "no nodeID"),
        ([node("1", "I"), node("2", "EN")], [], "2", "dropped", "its type is 'EN'"),
        ([node("1", "I"), node("2", None)], [], "2", "dropped", "its type is None"),
        ([node("1", "I")], [("1", "7")], "edges[0]", "dropped", "there is no node “7”"),
        ([node("1", "I"), node("2", "I")], [("1", "2")], "edges[0]", "dropped", "only through a step"),
        ([node("1", "I"), node("2", "RA")], [("1", "2")], "2", "dropped", "leads nowhere"),
        ([node("1", "I"), node("2", "CA")], [("2", "1")], "2", "dropped", "starts from nothing"),
        (STEP, [("1", "2"), ("2", "3"), ("2", "3")], "edges[2]", "changed", "joined before"),
        ([node("1", "L"), *STEP[1:]], [("1", "2"), ("2", "3")], "1", "changed", "counts as a statement"),
        ([node("1", "I", None)], [], "1", "changed", "it is no text"),
    ],
)  # fmt: skip
def test_what_breaks_the_rules_is_told_with_its_place_and_kept(
    nodes: list[object], pairs: list[tuple[object, object]], place: str, kind: str, words: str
) -> None:
    value: dict[str, list[Any]] = {"nodes": nodes, "edges": list(edges(*pairs))}
    imported = read(value)
    loss = by_place(imported)[place]
    assert loss.kind == kind
    assert words in loss.reason
    written = again(imported)
    assert listed(written["nodes"]) == listed(nodes)
    assert listed(written["edges"]) == listed(value["edges"])


def test_an_inference_with_two_ends_becomes_two_steps_that_an_attack_on_it_hits_both() -> None:
    value: dict[str, Any] = {
        "nodes": [
            node("1", "I"),
            node("2", "I"),
            node("3", "I"),
            node("4", "RA"),
            node("5", "I"),
            node("6", "CA"),
        ],
        "edges": edges(("1", "4"), ("4", "2"), ("4", "3"), ("5", "6"), ("6", "4")),
    }
    imported = read(value)
    steps = imported.model.steps
    assert [(s.kind, s.end) for s in steps.values()] == [
        ("support", "2"),
        ("support", "3"),
        ("attack", "4"),
        ("attack", "4~2"),
    ]
    assert by_place(imported)["4"].kind == "changed"
    written = again(imported)
    assert len(written["nodes"]) == 6
    assert sorted((e["fromID"], e["toID"], e["edgeID"]) for e in written["edges"]) == [
        ("1", "4", "100"),
        ("4", "2", "101"),
        ("4", "3", "102"),
        ("5", "6", "103"),
        ("6", "4", "104"),
    ]


def test_an_inference_to_an_inference_is_no_step_of_a_debate_but_is_written_back() -> None:
    value: dict[str, Any] = {
        "nodes": [node("1", "I"), node("2", "RA"), node("3", "I"), node("4", "I"), node("5", "RA")],
        "edges": edges(("1", "2"), ("2", "3"), ("4", "5"), ("5", "2")),
    }
    imported = read(value)
    assert list(imported.model.steps) == ["2"]
    assert "only statements have reasons" in imported.losses.losses[0].reason
    assert listed(again(imported)["edges"]) == listed(value["edges"])


@pytest.mark.parametrize(
    ("data", "line", "words"),
    [
        (b"", 1, "no JSON"),
        (b'{"nodes": [\n}', 2, "no JSON"),
        (b"\xff\xfe{}", 1, "not UTF-8"),
        (b"[1]", 0, "this is none"),
        (b'{"edges": []}', 0, "no list “nodes”"),
        (b'{"nodes": {"1": {}}}', 0, "is an object"),
        (b'{"nodes": 7}', 0, "no list"),
        (b'{"nodes": [NaN]}', 0, "NaN"),
        (b'{"nodes": ' + b"[" * 200_000, 0, "too deep"),
        (b'{"nodes": [1' + b"0" * 5000 + b"]}", 0, "more digits"),
    ],
)
def test_what_is_no_aif_is_refused_with_its_place(data: bytes, line: int, words: str) -> None:
    with pytest.raises(FormatError, match=words) as refused:
        aif_json.load(data, "x.json")
    assert refused.value.line == line
