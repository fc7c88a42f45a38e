"""ICCMA's formats give back what they were given, and take any bytes without falling over."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argraph.argument.evaluation import Framework
from argraph.errors import FormatError
from argraph.exchange.iccma import FORMATS, Format, read, write

NAME = st.from_regex(r"[A-Za-z0-9_:./-]+", fullmatch=True)


@st.composite
def frameworks(draw: st.DrawFn) -> Framework:
    names = draw(st.lists(NAME, max_size=8, unique=True))
    facts = [f"arg({name})." for name in names]
    if names:
        name = st.sampled_from(names)
        facts += [f"att({a},{b})." for a, b in draw(st.lists(st.tuples(name, name), max_size=20))]
    return read("\n".join(draw(st.permutations(facts))).encode(), name="drawn.apx")


def content(framework: Framework) -> tuple[tuple[str, ...], list[tuple[int, int]]]:
    arcs = zip(framework.attacks.starts.tolist(), framework.attacks.ends.tolist(), strict=True)
    return framework.names, sorted(arcs)


@pytest.mark.parametrize("form", ["apx", "tgf"])
@given(framework=frameworks())
def test_names_and_attacks_come_back(form: Format, framework: Framework) -> None:
    again = read(write(framework, form).encode(), name=f"x.{form}")
    assert content(again) == content(framework)
    assert write(again, form) == write(framework, form)


@given(frameworks())
def test_af_keeps_the_order_and_the_attacks(framework: Framework) -> None:
    again = read(write(framework, "af").encode(), name="x.af")
    assert again.names == tuple(str(i + 1) for i in range(len(framework.names)))
    assert content(again)[1] == content(framework)[1]


PIECES = [
    "p af 3",
    "arg(a).",
    "arg(b).",
    "att(a,b).",
    "a",
    "b",
    "#",
    "1 2",
    "a b",
    "%",
    "0",
    "\r",
    ")",
    "\xff",
]


@pytest.mark.parametrize("form", FORMATS)
@given(
    data=st.one_of(
        st.binary(max_size=60),
        st.lists(st.sampled_from(PIECES), max_size=10).map(lambda lines: "\n".join(lines).encode("latin-1")),
    )
)
def test_any_bytes_are_read_or_refused_with_a_place(form: Format, data: bytes) -> None:
    try:
        framework = read(data, name=f"x.{form}")
    except FormatError as caught:
        fault = caught
    else:
        assert len(framework.labelling.status) == len(framework.names)
        return
    assert re.match(rf"x\.{form}(:\d+)?: ", str(fault))
    assert 0 <= fault.line <= data.count(b"\n") + 1
