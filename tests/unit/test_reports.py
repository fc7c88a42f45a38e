"""What a worker of the test run tells of a failure."""

from __future__ import annotations

from ..conftest import _writable


def test_a_failure_that_quotes_what_utf_8_cannot_write_can_be_told() -> None:
    told = _writable({"longrepr": ["who == \ud800", ("\udfff", 1, None)], "\udc80": "ü"})
    assert told == {"longrepr": ["who == \\ud800", ("\\udfff", 1, None)], "\\udc80": "ü"}
