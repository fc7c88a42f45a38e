"""Lists of tests that are known not to pass, with the reason for each."""

from __future__ import annotations

from pathlib import Path

HERE = Path(__file__).parent


def pins(name: str) -> dict[str, str]:
    """Reason by test from a file beside this one: a line is the name of a test, blanks, and the reason.

    Lines that begin with “#” are headings. Who uses a list must hold it in both directions: a test on it that
    passes is as much a failure as one that fails and is not on it.
    """
    found: dict[str, str] = {}
    for line in (HERE / name).read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        test, *reason = line.split(maxsplit=1)
        assert reason, f"{name}: {test} lacks its reason"
        assert test not in found, f"{name}: {test} stands there twice"
        found[test] = reason[0].strip()
    return found
