from __future__ import annotations

from argraph.app.marked import Piece, marked
from argraph.diagnostics import Diagnostic, Location, Severity

TEXT = "a b c .\r\nd 😀e f .\n\ng h i"


def found(severity: Severity, *place: int) -> Diagnostic:
    return Diagnostic("code", severity, "message", Location("x.ttl", *place))


def test_every_line_is_shown_with_its_number_and_without_its_end() -> None:
    told = marked(TEXT, ())
    assert [line.number for line in told] == [1, 2, 3, 4]
    assert ["".join(piece.text for piece in line.pieces) for line in told] == [
        "a b c .",
        "d 😀e f .",
        "",
        "g h i",
    ]
    assert {line.severity for line in told} == {""}


def test_what_was_found_is_marked_in_code_points() -> None:
    _, second, *_ = marked(TEXT, [found(Severity.VIOLATION, 2, 3, 2, 5)])
    assert second.pieces == (Piece("d "), Piece("😀e", "violation"), Piece(" f ."))
    assert (second.severity, second.sign, second.word) == ("violation", "✕", "must be mended")


def test_of_two_at_one_place_the_graver_counts() -> None:
    warning, violation = found(Severity.WARNING, 1, 1, 1, 6), found(Severity.VIOLATION, 1, 3, 1, 4)
    first, *_ = marked(TEXT, [warning, violation])
    assert first.pieces == (
        Piece("a ", "warning"),
        Piece("b", "violation"),
        Piece(" c", "warning"),
        Piece(" ."),
    )
    assert first.severity == "violation"
    assert first.found == (warning, violation)


def test_what_is_missing_at_the_end_of_a_line_has_a_mark_to_stand_under() -> None:
    assert marked(TEXT, [found(Severity.VIOLATION, 3, 1, 3, 1)])[2].pieces == (Piece(" ", "violation"),)
    assert marked(TEXT, [found(Severity.VIOLATION, 4, 6, 4, 6)])[3].pieces == (
        Piece("g h i"),
        Piece(" ", "violation"),
    )


def test_a_finding_over_several_lines_marks_each() -> None:
    told = marked(TEXT, [found(Severity.INFO, 1, 5, 4, 2)])
    assert [line.severity for line in told] == ["info"] * 4
    assert told[0].pieces[-1] == Piece("c .", "info")
    assert told[3].pieces == (Piece("g", "info"), Piece(" h i"))


def test_places_outside_the_text_mark_nothing() -> None:
    assert all(not line.severity for line in marked(TEXT, [found(Severity.VIOLATION, 40, 7, 40, 9)]))


def test_of_a_long_file_only_what_is_near_a_finding_is_shown() -> None:
    text = "\n".join(f"line {number}" for number in range(1, 20_001))
    told = marked(
        text, [found(Severity.VIOLATION, 900, 1, 900, 2), found(Severity.WARNING, 12_000, 1, 12_000, 2)]
    )
    assert [line.number for line in told] == [*range(898, 903), *range(11_998, 12_003)]
    assert [line.number for line in told if line.skipped] == [898, 11_998]
