"""What the other conformance tests rest on: that two answers are only called the same when they are."""

from __future__ import annotations

import pytest

from argraph.query.engine import Result

from .answers import difference, read


def rows(*lines: str) -> Result:
    return read("\n".join(["?a\t?b", *lines, ""]).encode(), "tsv")


def graph(text: str) -> Result:
    return read(f"PREFIX : <urn:> {text}".encode(), "text/turtle")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (rows("1\t2", "3\t4"), rows("3\t4", "1\t2")),
        (rows("1.0\t1e0"), rows("1.00\t1.0E0")),
        (rows("_:x\t_:y", "_:y\t_:x"), rows("_:b\t_:a", "_:a\t_:b")),
        (rows("_:x\t1", "_:x\t1"), rows("_:z\t1", "_:z\t1")),
        (graph(":s :p [ :q _:x ] , _:x ."), graph(":s :p _:a , _:b . _:b :q _:a .")),
        (graph(":s :p 1.50 ."), graph(":s :p 1.5 .")),
        (True, True),
    ],
)
def test_answers_that_say_the_same_do_not_differ(one: Result, other: Result) -> None:
    assert difference(one, other) == ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (rows("1\t2", "1\t2"), rows("1\t2")),
        (rows("1\t2"), rows("1\t")),
        (rows("1\t2"), rows("2\t1")),
        (rows("1\t2"), rows("1.0\t2")),
        (rows('"a"\t2'), rows('"a"@en\t2')),
        (rows("_:x\t_:x"), rows("_:x\t_:y")),
        (rows("_:x\t1", "_:x\t2"), rows("_:x\t1", "_:y\t2")),
        (rows("_:x\t1", "_:x\t1"), rows("_:x\t1")),
        (graph(":s :p _:x . _:x :q 1 ."), graph(":s :p _:x . _:y :q 1 .")),
        (graph(":s :p 1 ."), graph(":s :p 2 .")),
        (graph(":s :p 1 ."), rows()),
        (True, False),
        (True, rows()),
    ],
)
def test_answers_that_do_not_say_the_same_differ(one: Result, other: Result) -> None:
    assert difference(one, other)
    assert difference(other, one)


def test_the_order_of_rows_counts_where_it_is_asked_for() -> None:
    one, other = rows("1\t2", "_:x\t4"), rows("_:x\t4", "1\t2")
    assert difference(one, other) == ""
    assert difference(one, other, ordered=True)
    assert difference(one, rows("1\t2", "_:y\t4"), ordered=True) == ""
