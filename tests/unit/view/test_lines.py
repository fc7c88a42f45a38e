"""Lines of text: where they break, that they fit, and what is taken out before they are drawn."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from argraph.view.lines import clean, width, wrap


@given(st.text(max_size=400), st.integers(30, 400), st.integers(1, 6), st.booleans())
def test_no_line_is_wider_than_its_room_and_nothing_is_lost(
    text: str, room: int, most: int, bold: bool
) -> None:
    lines = wrap(text, room, 14, most=most, bold=bold)
    assert 1 <= len(lines) <= most
    for line in lines:
        assert width(line, 14, bold=bold) <= room or len(line.rstrip("…")) <= 1
    told = "".join(lines).replace(" ", "")
    whole = clean(text).replace(" ", "")
    assert told == whole or (told.endswith("…") and whole.startswith(told[:-1]))


def test_lines_break_behind_hyphens_between_wide_characters_and_within_endless_words() -> None:
    assert wrap("open-source", 60, 14, most=3) == ("open-", "source")
    assert wrap("日本語の主張", 50, 14, most=9) == ("日本語", "の主張")
    assert wrap("W" * 12, 60, 14, most=9) == ("WWWW", "WWWW", "WWWW")


def test_what_is_cut_ends_with_an_ellipsis_behind_a_whole_word() -> None:
    assert wrap("one two three four", 60, 14, most=2) == ("one two", "three…")
    assert wrap("one two, three", 70, 14, most=1) == ("one two…",)
    assert wrap("W" * 5000, 60, 14, most=2) == ("WWWW", "WWW…")


def test_empty_text_is_one_empty_line() -> None:
    assert wrap("", 60, 14, most=2) == ("",)
    assert wrap("\u202e\x00", 60, 14, most=2) == ("",)


def test_characters_that_break_a_picture_or_turn_its_text_are_taken_out() -> None:
    assert clean("a\x00b\x1bc\ud800d\u202ee\u2066f\u200fg") == "abcdefg"
    assert clean("  a \t\r\n b\u2028c ") == "a b c"
    assert clean("e\u0301 👩\u200d🔬") == "e\u0301 👩\u200d🔬"
