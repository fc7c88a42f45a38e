"""A folder of saved queries: what is taken, what is not and why, and that changes are seen."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from argraph.errors import QueryRefused, UnknownNode, UnknownQuery
from argraph.query.admission import MAX_BYTES
from argraph.query.catalogue import MOST, Catalogue, Folder, Found

GOOD = "#+ title: What is there?\n#+ summary: A row is a thing.\n#+ column s: iri\nSELECT ?s { ?s ?p ?o }\n"


def folder(path: Path) -> Folder:
    def resolve(name: str) -> str:
        if name != "known":
            raise UnknownNode(name, ("known",))
        return "urn:known"

    return Folder(path, taken={"pillars"}, prefixes={"ex": "urn:ex:"}, resolve=resolve)


def faults(found: Found) -> dict[str, tuple[int, str]]:
    return {fault.location.path: (fault.location.line, fault.message) for fault in found.faults}


def put(path: Path, text: str | bytes = GOOD) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)


def test_queries_at_the_top_and_in_both_folders_are_taken(tmp_path: Path) -> None:
    for name in ("top.rq", "explore/one.rq", "audit/two.rq", "other/three.rq", ".hidden.rq", "README.md"):
        put(tmp_path / name)
    found = folder(tmp_path).look()
    assert {path: (stored.name, stored.kind) for path, stored in found.queries.items()} == {
        "top.rq": ("top", "explore"),
        "explore/one.rq": ("one", "explore"),
        "audit/two.rq": ("two", "audit"),
    }
    assert faults(found) == {}


def test_prefixes_of_the_debate_need_no_declaration(tmp_path: Path) -> None:
    put(tmp_path / "short.rq", GOOD.replace("?p ?o", "ex:p ?o"))
    assert list(folder(tmp_path).look().queries) == ["short.rq"]


@pytest.mark.parametrize(
    ("name", "text", "line", "message"),
    [
        ("a.rq", "SELECT ?s { ?s ?p ?o }", 1, "The header lacks its title: add a line “#+ title: …”."),
        ("a.rq", GOOD.replace("}", ""), 4, "never closed"),
        ("a.rq", GOOD.replace("SELECT ?s", "SELECT ?t"), 3, "declares the columns s; the query gives t"),
        ("a.rq", GOOD.replace("?p ?o", "no:p ?o"), 4, "The prefix “no:” is not declared"),
        ("a.rq", GOOD.replace("{", "{ SERVICE <urn:x> {} "), 4, "SERVICE is not permitted"),
        ("a.rq", GOOD.replace("SELECT", "DELETE"), 4, "DELETE changes data"),
        (
            "a.rq",
            GOOD.replace("#+ column", "#+ param s: iri, default x\n#+ column"),
            3,
            "Did you mean known?",
        ),
        ("a.rq", b"", 1, "lacks its title"),
        ("a.rq", GOOD.encode().replace(b"thing", b"th\xffng"), 2, "not a text in UTF-8"),
        ("a.rq", b"#+ title: \0", 1, "it holds a null character"),
        ("a.rq", GOOD + "#" * MAX_BYTES, 1, "longer than 65,536 bytes"),
        ("My Query.rq", GOOD, 1, "rename it, for example to my-query.rq."),
        ("Ärger_2.rq", GOOD, 1, "rename it, for example to rger-2.rq."),
        ("ω.rq", GOOD, 1, "rename it, for example to my-question.rq."),
        ("a.RQ", GOOD, 1, "rename it, for example to a.rq."),
        ("a.sparql", GOOD, 1, "rename it, for example to a.rq."),
        ("<b>.rq", GOOD, 1, "rename it, for example to b.rq."),
        ("x" * 65 + ".rq", GOOD, 1, "at most 64 small letters"),
        ("pillars.rq", GOOD, 1, "argraph has a saved query named pillars already"),
    ],
)
def test_a_faulty_file_is_told_and_the_others_are_taken(
    tmp_path: Path, name: str, text: str | bytes, line: int, message: str
) -> None:
    put(tmp_path / "good.rq")
    put(tmp_path / name, text)
    found = folder(tmp_path).look()
    assert list(found.queries) == ["good.rq"]
    (told,) = found.faults
    assert (told.location.path, told.location.line) == (name, line)
    assert message in told.message
    assert "\n" not in told.message


def test_a_fault_shows_the_line_that_it_is_in(tmp_path: Path) -> None:
    put(tmp_path / "a.rq", GOOD.replace("?p ?o", "no:p ?o"))
    (told,) = folder(tmp_path).look().faults
    assert told.source == "SELECT ?s { ?s no:p ?o }"
    assert told.location.column == 16


def test_a_name_is_taken_once(tmp_path: Path) -> None:
    put(tmp_path / "same.rq")
    put(tmp_path / "audit/same.rq")
    found = folder(tmp_path).look()
    assert list(found.queries) == ["same.rq"]
    message = "same.rq is another saved query named same: rename one of them."
    assert faults(found) == {"audit/same.rq": (1, message)}


def test_only_files_of_the_folder_itself_are_read(tmp_path: Path) -> None:
    inside, outside = tmp_path / "queries", tmp_path / "secret.rq"
    put(outside)
    put(inside / "real.rq")
    (inside / "out.rq").symlink_to(outside)
    (inside / "up.rq").symlink_to("../secret.rq")
    (inside / "in.rq").symlink_to("real.rq")
    (inside / "gone.rq").symlink_to("nowhere.rq")
    (inside / "loop.rq").symlink_to("loop.rq")
    (inside / "directory.rq").mkdir()
    os.mkfifo(inside / "pipe.rq")
    found = folder(inside).look()
    assert set(found.queries) == {"real.rq", "in.rq"}
    told = {path: message for path, (_, message) in faults(found).items()}
    assert told.keys() == {"out.rq", "up.rq", "gone.rq", "loop.rq", "directory.rq", "pipe.rq"}
    assert (
        told["out.rq"]
        == told["up.rq"]
        == ("It is a link that leads out of the folder: put the file itself here.")
    )
    assert told["directory.rq"] == told["pipe.rq"] == "It is not a file."
    assert "cannot be read" in told["gone.rq"]
    assert "cannot be read" in told["loop.rq"]


def test_a_name_that_is_no_text_is_shown_all_the_same(tmp_path: Path) -> None:
    with open(os.fsencode(tmp_path) + b"/\xff.rq", "wb") as file:
        file.write(GOOD.encode())
    (told,) = folder(tmp_path).look().faults
    assert told.location.path.encode() == b"\\udcff.rq"


def test_a_crowded_folder_is_read_up_to_a_limit(tmp_path: Path) -> None:
    for number in range(MOST + 2):
        put(tmp_path / f"q{number:04}.rq", GOOD if number < 2 else "")
    found = folder(tmp_path).look()
    assert list(found.queries) == ["q0000.rq", "q0001.rq"]
    assert len(found.faults) == MOST - 2 + 1
    assert "more than 500 files" in faults(found)[f"q{MOST:04}.rq"][1]


def test_a_look_sees_what_has_changed_and_reads_nothing_else_anew(tmp_path: Path) -> None:
    shelf = folder(tmp_path)
    put(tmp_path / "a.rq")
    first = shelf.look()
    assert shelf.look() is first
    put(tmp_path / "b.rq")
    assert list(shelf.look().queries) == ["a.rq", "b.rq"]
    put(tmp_path / "a.rq", GOOD.replace("thing", "fling"))  # as long as before
    assert shelf.look().queries["a.rq"].summary == "A row is a fling."
    (tmp_path / "a.rq").unlink()
    assert list(shelf.look().queries) == ["b.rq"]
    (tmp_path / "b.rq").rename(tmp_path / "c.rq")
    assert list(shelf.look().queries) == ["c.rq"]


def test_a_folder_that_is_gone_is_a_fault_until_it_is_back(tmp_path: Path) -> None:
    place = tmp_path / "queries"
    put(place / "a.rq")
    shelf = folder(place)
    assert shelf.look().queries
    place.rename(tmp_path / "away")
    found = shelf.look()
    assert (dict(found.queries), faults(found)) == (
        {},
        {".": (1, "The folder cannot be read: No such file or directory.")},
    )
    (tmp_path / "away").rename(place)
    assert list(shelf.look().queries) == ["a.rq"]


def test_who_asks_for_a_faulty_file_is_told_its_fault(tmp_path: Path) -> None:
    put(tmp_path / "bad.rq", GOOD.replace("}", ""))
    found = Catalogue({}, folder(tmp_path).look().faults)
    with pytest.raises(QueryRefused, match=r"bad\.rq:4 is not taken as a saved query: .* never closed"):
        found.get("bad")
    with pytest.raises(UnknownQuery):
        found.get("worse")
