"""An index that is brought up to date after edits finds the same, in the same order, as one made anew."""

from __future__ import annotations

import random
import threading
from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argraph.argument.evaluation import Framework, Verdict
from argraph.argument.graph import ArgumentGraph, Node, Step, Study
from argraph.argument.scores import Scores
from argraph.errors import StoreFailed
from argraph.query.search import KINDS, MOST, Index
from argraph.query.words import parsed
from argraph.workspace import Workspace

WORDS = [
    "open", "openness", "weights", "weight", "safety", "safe", "models", "model", "transparency", "a", "of",
    "Überprüfung", "façade", "開放", "安全性", "свет", "علم", "open-source", "don’t", "x1", "2024",
]  # fmt: skip
SLIPS = [
    "opennes",
    "wieghts",
    "safty",
    "transparancy",
    "modle",
    "opensource",
    "facadee",
    "uberprufng",
    "transpr",
]
THEMES = ("theme:a", "theme:b", "theme:c")
STATEMENTS = ("thesis", "claim", "objection", "rebuttal")


class Debate:
    """A debate that is edited at random, with what each edit touched."""

    def __init__(self, rng: random.Random, size: int) -> None:
        self._rng = rng
        self.nodes: dict[str, Node] = {}
        self.steps: dict[str, Step] = {}
        self.studies: dict[str, Study] = {}
        self._touched: set[str] = set()
        for _ in range(size):
            self.add()
        self._read()

    def _read(self) -> None:
        self.argument = ArgumentGraph(self.nodes.values(), self.steps.values(), self.studies.values())
        self.verdicts = Framework.of(self.argument, Scores.declared()).verdicts

    def _text(self, most: int) -> str:
        return " ".join(self._rng.choices(WORDS, k=self._rng.randint(0, most)))

    def _themes(self) -> tuple[str, ...]:
        return tuple(sorted(self._rng.sample(THEMES, self._rng.choice((0, 0, 1, 2)))))

    def _node(self, iri: str) -> Node:
        rng = self._rng
        if rng.random() < 0.3:
            studies = tuple(sorted(rng.sample(["st:1", "st:2", "st:3", "n1"], rng.randint(0, 2))))
            label = iri if rng.random() < 0.5 else self._text(3)
            return Node(iri, "evidence", label, self._text(8), themes=self._themes(), studies=studies)
        role = rng.choice(("", "", "Pillar"))
        return Node(iri, rng.choice(STATEMENTS), self._text(4), self._text(12), role, self._themes())

    def _study(self, iri: str) -> Study:
        rest: dict[str, str] = dict.fromkeys(("venue", "type", "method", "arxiv", "url", "verification"), "")
        return Study(
            iri=iri, title=self._text(5), authors=tuple(self._rng.sample(["Eiras, F", "Ng, A"], 1)),
            more_authors=False, year="2024", doi="10.1/x", themes=self._themes(), note=self._text(3), **rest,
        )  # fmt: skip

    def add(self) -> None:
        rng, known = self._rng, sorted(self.nodes)
        what = rng.random()
        if what < 0.5 or len(known) < 2:
            iri = f"n{rng.randrange(40)}"
            self.nodes[iri] = self._node(iri)
        elif what < 0.85:
            iri = f"p{rng.randrange(40)}"
            kind = rng.choice(("support", "attack", "evidence line"))
            start, end = rng.sample(known, 2)
            self.steps[iri] = Step(iri, kind, (start,), end, favourable=kind != "attack")
        else:
            iri = rng.choice(("st:1", "st:2", "st:3", "n1"))  # the last may be a statement too
            self.studies[iri] = self._study(iri)
        self._touched.add(iri)

    def remove(self) -> None:
        among = self._rng.choice((self.nodes, self.steps, self.studies))
        if among:
            iri = self._rng.choice(sorted(among))
            del among[iri]
            self._touched.add(iri)

    def edit(self) -> set[str]:
        """Change something, and say the IRIs of what is described differently or has another status."""
        self._touched = set()
        before = self.verdicts
        for _ in range(self._rng.randint(0, 5)):
            self._rng.choice((self.add, self.remove))()
        self._read()
        differing = {iri for iri in before.keys() | self.verdicts.keys() if self._status(before, iri)}
        return self._touched | differing

    def _status(self, before: Mapping[str, Verdict], iri: str) -> bool:
        was, now = (known.get(iri) for known in (before, self.verdicts))
        return (was.status if was else "") != (now.status if now else "")


def assert_equal(one: Index, other: Index, rng: random.Random) -> None:
    assert one.on_themes == other.on_themes
    assert len(one) == len(other)
    for _ in range(12):
        text = " ".join(rng.choices([*WORDS, *SLIPS], k=rng.choice((0, 1, 1, 2, 3, 6))))
        text = text[: rng.choice((3, 6, 99))]
        kinds = rng.sample(KINDS, rng.choice((0, 0, 1, 2)))
        statuses = rng.sample(("accepted", "rejected", "undecided"), rng.choice((0, 0, 1)))
        theme = rng.choice(("", "", *THEMES, "theme:none"))
        limit = rng.choice((1, 3, 20))
        found, wanted = (
            index.search(text, kinds=kinds, statuses=statuses, theme=theme, limit=limit)
            for index in (one, other)
        )
        assert found == wanted, (text, kinds, statuses, theme)


@settings(max_examples=40)
@given(st.integers(0, 2**32))
def test_after_any_edits_the_same_is_found_in_the_same_order_as_by_an_index_made_anew(seed: int) -> None:
    rng = random.Random(seed)
    debate = Debate(rng, rng.randint(0, 60))
    index = Index(debate.argument, debate.verdicts)
    if rng.random() < 0.5:
        index.search("transparancy")  # spellings are read before the edits, or after them
    for _ in range(rng.randint(1, 5)):
        earlier, argument, verdicts = index, debate.argument, debate.verdicts
        touched = debate.edit()
        index = index.amended(debate.argument, debate.verdicts, touched)
        assert_equal(index, Index(debate.argument, debate.verdicts), rng)
        assert_equal(earlier, Index(argument, verdicts), rng)


@pytest.fixture
def debate() -> Debate:
    return Debate(random.Random(5), 80)


def amended(index: Index, debate: Debate) -> Index:
    touched = debate.edit()
    return index.amended(debate.argument, debate.verdicts, touched)


def test_an_index_that_is_kept_is_opened_as_it_was_and_edits_leave_the_file_alone(
    debate: Debate, tmp_path: Path
) -> None:
    path = tmp_path / "a folder? yes" / "index#1.sqlite"
    path.parent.mkdir()
    made = Index(debate.argument, debate.verdicts, path, "digest")
    was = path.read_bytes()
    opened = Index.opened(path, debate.argument, "digest")
    assert_equal(opened, made, random.Random(1))
    argument, verdicts = debate.argument, debate.verdicts
    index = opened
    for _ in range(3):
        index = amended(index, debate)
        assert_equal(index, Index(debate.argument, debate.verdicts), random.Random(2))
    assert_equal(opened, Index(argument, verdicts), random.Random(3))
    assert path.read_bytes() == was
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_what_is_no_index_of_this_debate_is_refused_in_words(debate: Debate, tmp_path: Path) -> None:
    path = tmp_path / "index.sqlite"
    with pytest.raises(StoreFailed, match="cannot be read"):
        Index.opened(path, debate.argument)
    Index(debate.argument, debate.verdicts, path, "one")
    with pytest.raises(StoreFailed, match="of another debate"):
        Index.opened(path, debate.argument, "two")
    whole = path.read_bytes()
    for broken in (b"", b"not a database at all" * 99, whole[: len(whole) // 2], whole[:-4096]):
        path.write_bytes(broken)
        with pytest.raises(StoreFailed, match=r"anew|cannot be read"):
            Index.opened(path, debate.argument, "one")
    assert len(Index(debate.argument, debate.verdicts, path, "one")) == len(debate.nodes) + len(
        debate.studies
    )


def test_an_index_of_another_release_is_refused(
    debate: Debate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "index.sqlite"
    Index(debate.argument, debate.verdicts, path)
    monkeypatch.setattr("argraph.query.entries.SCHEMA", "of a later release")
    with pytest.raises(StoreFailed, match="another release"):
        Index.opened(path, debate.argument)


def test_a_place_that_cannot_be_written_is_told_and_leaves_nothing(debate: Debate, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreFailed, match="cannot be written"):
        Index(debate.argument, debate.verdicts, tmp_path / "file" / "index.sqlite")
    with pytest.raises(StoreFailed, match="cannot be written"):
        Index(debate.argument, debate.verdicts, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_two_debates_that_were_made_of_one_do_not_disturb_each_other(debate: Debate) -> None:
    first = Index(debate.argument, debate.verdicts)
    one = amended(first, debate)
    argument, verdicts = debate.argument, debate.verdicts
    debate.edit()
    # What was given up is not `first` as edited once but twice; so it says what both edits touched.
    touched = {*debate.nodes, *debate.steps, *debate.studies, *(f"n{i}" for i in range(40))}
    touched |= {f"p{i}" for i in range(40)} | {"st:1", "st:2", "st:3"}
    other = first.amended(debate.argument, debate.verdicts, touched)
    assert_equal(other, Index(debate.argument, debate.verdicts), random.Random(1))
    assert_equal(one, Index(argument, verdicts), random.Random(2))


def test_more_is_named_as_touched_than_was_and_nothing_is_written_for_it(debate: Debate) -> None:
    index = Index(debate.argument, debate.verdicts)
    everything = [*debate.nodes, *debate.steps, *debate.studies, "urn:unknown"]
    again = index.amended(debate.argument, debate.verdicts, everything)
    assert again._entries.next == index._entries.next
    assert_equal(again, index, random.Random(1))


def test_after_many_edits_all_is_made_anew(debate: Debate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("argraph.query.entries._FEW", 30)
    index = Index(debate.argument, debate.verdicts)
    added = []
    for _ in range(25):
        index = amended(index, debate)
        added.append(index._entries.next)
        assert added[-1] <= 60
    assert any(after < before for before, after in pairwise(added))
    assert_equal(index, Index(debate.argument, debate.verdicts), random.Random(1))


def test_a_word_that_went_and_came_again_is_offered_once_for_a_slip() -> None:
    def state(*labels: str) -> ArgumentGraph:
        return ArgumentGraph([Node(f"n{i}", "claim", label, "") for i, label in enumerate(labels)], ())

    both, one = state("weightless", "weightlesz"), state("weightless")
    index = Index(both, {})
    index.search("weightlesq")  # reads the spellings
    for argument in (one, both, one, both):
        index = index.amended(argument, {}, ["n1"])
        found = index.search("weightlesq")
        assert found == Index(argument, {}).search("weightlesq")
        assert found.instead == "weightless"
        assert len(found.hits) == len(argument.nodes)
    (word,) = [index._respelt(word) for word in parsed("weightlesq")]
    assert word.others == (("weightless",), ("weightlesz",))


def test_without_a_place_for_temporary_files_the_index_is_in_memory(
    debate: Debate, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nowhere(**_: object) -> str:
        raise FileNotFoundError("No usable temporary directory found")

    monkeypatch.setattr("tempfile.mkdtemp", nowhere)
    index = Index(debate.argument, debate.verdicts)
    index = amended(index, debate)
    monkeypatch.undo()
    assert_equal(index, Index(debate.argument, debate.verdicts), random.Random(1))


def test_an_edited_debate_is_found_in_as_if_its_folder_were_opened_anew() -> None:
    workspace = Workspace.open()
    (graph,) = [graph for path, graph in workspace.store.graphs.items() if path.endswith("misuse.ttl")]
    store = workspace.store.raw
    gone = [quad.subject for quad in store.quads_for_pattern(None, None, None, ox.NamedNode(graph))]
    after = workspace.argument.edited(store, without={graph}, triples=())
    framework = workspace.framework.edited(workspace.argument, after, workspace.scores)
    now = framework.verdicts
    status = {iri: verdict.status for iri, verdict in workspace.verdicts.items()}
    touched = {subject.value for subject in gone if isinstance(subject, ox.NamedNode)} | {
        iri for iri in now.keys() | status.keys() if iri not in now or status.get(iri) != now[iri].status
    }
    index = workspace.index.amended(after, now, touched)
    anew = Index(after, now)
    assert index.on_themes == anew.on_themes
    assert len(index) == len(anew) < len(workspace.index)
    for text in ("open", "safety", "transparancy", "who trains models", "study of models", ""):
        for status_ in ("", "accepted", "rejected"):
            wanted = [status_] if status_ else []
            assert index.search(text, statuses=wanted) == anew.search(text, statuses=wanted)


def test_order_among_more_than_are_put_in_order_by_fit_is_that_of_an_index_made_anew() -> None:
    nodes = {f"n{i:05}": Node(f"n{i:05}", "claim", "Common word", "") for i in range(MOST + 50)}
    steps = {"s": Step("s", "support", ("n00000",), "n00700", favourable=True)}
    index = Index(ArgumentGraph(nodes.values(), steps.values()), {})
    nodes["n00500b"] = Node("n00500b", "claim", "Common word", "")
    nodes["n00010"] = replace(nodes["n00010"], role="Pillar")
    del nodes["n00020"]
    after = ArgumentGraph(nodes.values(), ())
    index = index.amended(after, {}, ["n00500b", "n00010", "n00020", "s"])
    anew = Index(after, {})
    for limit in (1, 20, 600, MOST + 100):
        assert index.search("common", limit=limit) == anew.search("common", limit=limit)
        assert index.search("", kinds=["claim"], limit=limit) == anew.search("", kinds=["claim"], limit=limit)
    assert [hit.iri for hit in index.search("common", limit=2).hits] == ["n00010", "n00000"]


def test_states_are_searched_from_several_threads_while_later_ones_are_made(debate: Debate) -> None:
    index = Index(debate.argument, debate.verdicts)
    wrong: list[str] = []
    done = threading.Event()

    def ask(state: Index, wanted: dict[str, object]) -> None:
        while not done.is_set():
            for text in wanted:
                if state.search(text) != wanted[text]:
                    wrong.append(text)

    threads = []
    for _ in range(6):
        wanted: dict[str, object] = {text: index.search(text) for text in (*WORDS[:6], *SLIPS[:3])}
        threads.append(threading.Thread(target=ask, args=(index, wanted)))
        threads[-1].start()
        index = amended(index, debate)
    done.set()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert_equal(index, Index(debate.argument, debate.verdicts), random.Random(1))


def test_the_file_of_an_index_is_deleted_with_its_last_state_and_its_log_does_not_grow_for_ever(
    debate: Debate,
) -> None:
    index = Index(debate.argument, debate.verdicts)
    place = Path(str(index._entries._database.path))
    log = place.with_name(place.name + "-wal")
    sizes = []
    for _ in range(12):
        index = amended(index, debate)
        sizes.append(log.stat().st_size)
    assert max(sizes) < 400_000
    assert place.exists()
    del index
    assert not place.parent.exists()
