"""Reports in every form: text for people, JSON for programs, SARIF for code scanning, annotations, SHACL."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import PurePath
from typing import Any, Final, Literal, TypeAlias
from urllib.parse import quote

from argraph import __version__, resources
from argraph.contribution import policy, validation_report
from argraph.contribution.printable import columns, shown, visible
from argraph.contribution.vocabulary import Vocabulary
from argraph.diagnostics import LONGEST, Diagnostic, Location, Report, Severity

Format: TypeAlias = Literal["text", "json", "sarif", "github", "turtle"]

_WIDTH: Final = 100  # columns of the source line that are shown
_JSON_VERSION: Final = 1
_SARIF_SCHEMA: Final = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_HOME: Final = "https://w3id.org/argraph/"
_SARIF_LEVEL: Final = {Severity.VIOLATION: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_GITHUB_COMMAND: Final = {Severity.VIOLATION: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
_COLOUR: Final = {Severity.VIOLATION: "1;31", Severity.WARNING: "1;33", Severity.INFO: "1;34"}


def render(
    report: Report, form: Format, *, color: bool = False, rules: Mapping[str, str] | None = None
) -> str:
    """A report in one of the formats, without a line end at the end.

    Whatever a file or a path holds, no control character reaches the reader raw: text and annotations show
    it as a visible stand-in, JSON and SARIF escape it.

    Args:
        report: The findings.
        form: What is wanted.
        color: Whether text may carry ANSI colours.
        rules: What each code is about, for the help texts of SARIF: by default what the rules and the shapes
            themselves say. A code without one is described by its first finding.
    """
    if form == "sarif":
        return _dump(_sarif(report, _reasons() if rules is None else rules))
    plain: dict[str, Callable[[], str]] = {
        "text": lambda: _text(report, color=color),
        "json": lambda: _dump(document(report)),
        "github": lambda: "\n".join(_annotation(diagnostic) for diagnostic in report),
        "turtle": lambda: validation_report.turtle(report),
    }
    return plain[form]()


def _dump(value: object) -> str:
    # ASCII only: C1 controls, bidirectional overrides and lone surrogates are escaped too.
    return json.dumps(value, indent=2, ensure_ascii=True)


# -- text ---------------------------------------------------------------------------------------------------


def _text(report: Report, *, color: bool) -> str:
    return "\n\n".join([*(_finding(diagnostic, color=color) for diagnostic in report), summary(report)])


def _finding(diagnostic: Diagnostic, *, color: bool) -> str:
    place = diagnostic.location
    severity = f"{diagnostic.severity} {visible(diagnostic.code)}"
    if color:
        severity = f"\x1b[{_COLOUR[diagnostic.severity]}m{severity}\x1b[0m"
    lines = [
        f"{visible(place.path)}:{place.line}:{place.column}: {severity} {visible(diagnostic.message)}",
        *_excerpt(diagnostic),
    ]
    if diagnostic.hint:
        lines.append(f"hint: {visible(diagnostic.hint)}")
    return "\n".join(lines)


def _excerpt(diagnostic: Diagnostic) -> list[str]:
    """The source line and the carets below the span; of a span over several lines the part on its first."""
    if not diagnostic.source.strip():
        return []
    place, source = diagnostic.location, diagnostic.source
    # Of an endless line only what can be seen is looked at.
    skipped = max(0, min(place.column - 1, len(source)) - _WIDTH)
    cut = skipped + 3 * _WIDTH < len(source)
    cells = [(shown(char), columns(char)) for char in source[skipped : skipped + 3 * _WIDTH]]
    start = min(place.column - 1 - skipped, len(cells))
    # A span over several lines is underlined as far as its first line goes.
    end = place.end_column - 1 - skipped if place.end_line == place.line else len(cells)
    end = max(start + 1, min(end, len(cells)))
    first, last = _window(cells, start, end)
    before, marked = cells[first:start], cells[start : min(end, last)]
    left, right = "…" if first or skipped else "", "…" if last < len(cells) or cut else ""
    line = left + "".join(text for text, _ in cells[first:last]) + right
    pad = len(left) + sum(width for _, width in before)
    carets = max(1, sum(width for _, width in marked))
    number = str(place.line)
    more = f" … to line {place.end_line}" if place.end_line > place.line else ""
    return [f" {number} | {line.rstrip()}", f" {' ' * len(number)} | {' ' * pad}{'^' * carets}{more}"]


def _window(cells: list[tuple[str, int]], start: int, end: int) -> tuple[int, int]:
    """Which cells of a line to show so that the span is seen, with some of what stands before it."""
    if sum(width for _, width in cells) <= _WIDTH:
        return 0, len(cells)
    room = _WIDTH
    first = start
    last = start
    while last < min(end, len(cells)) and room > 0:  # the span itself comes first
        room -= cells[last][1]
        last += 1
    before = room // 2
    while first > 0 and before > 0:
        first -= 1
        before -= cells[first][1]
        room -= cells[first][1]
    while last < len(cells) and room > 0:
        room -= cells[last][1]
        last += 1
    while first > 0 and room > 0:
        first -= 1
        room -= cells[first][1]
    return first, last


def summary(report: Report) -> str:
    """One line that counts the findings.

    >>> summary(Report())
    'Nothing to report.'
    """
    if not report:
        return "Nothing to report."
    counts = [
        _count(report.count(severity), str(severity)) for severity in Severity if report.count(severity)
    ]
    files = len({diagnostic.location.path for diagnostic in report})
    return f"{', '.join(counts)} in {_count(files, 'file')}"


def _count(number: int, noun: str) -> str:
    plural = noun if noun == "info" else f"{noun}s"
    return f"{number} {noun if number == 1 else plural}"


# -- json ---------------------------------------------------------------------------------------------------


def document(report: Report) -> dict[str, Any]:
    """What the format `json` says, before it is written down."""
    tool = {"name": "argraph", "version": __version__}
    return {"version": _JSON_VERSION, "tool": tool, **report.as_data()}


# -- sarif --------------------------------------------------------------------------------------------------


def _sarif(report: Report, rules: Mapping[str, str]) -> dict[str, Any]:
    first: dict[str, Diagnostic] = {}
    for diagnostic in report:
        first.setdefault(diagnostic.code, diagnostic)
    codes = sorted(first)
    driver = {
        "name": "argraph",
        "informationUri": _HOME,
        "version": __version__,
        "rules": [_sarif_rule(first[code], rules.get(code, "")) for code in codes],
    }
    seen: Counter[str] = Counter()
    return {
        "$schema": _SARIF_SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": driver},
                "columnKind": "unicodeCodePoints",
                "invocations": [{"executionSuccessful": True}],
                "results": [_sarif_result(d, codes.index(d.code), seen) for d in report],
            }
        ],
    }


def _reasons() -> dict[str, str]:
    shapes = Vocabulary.load(resources.ontology(), resources.shapes()).reasons
    return {**shapes, **policy.RULES}


def _sarif_rule(example: Diagnostic, about: str) -> dict[str, Any]:
    # "ObjectionAttacks" and "unknown-class" both read as words.
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", example.code.replace("-", " ")).lower()
    rule = {
        "id": example.code,
        "shortDescription": {"text": words.capitalize()},
        "help": {"text": about or example.message},
        "defaultConfiguration": {"level": _SARIF_LEVEL[example.severity]},
    }
    if example.rule:
        rule["helpUri"] = example.rule
    return rule


def _sarif_result(diagnostic: Diagnostic, index: int, seen: Counter[str]) -> dict[str, Any]:
    place = diagnostic.location
    # Without line numbers, so that a finding keeps its identity when lines are added above it.
    source = diagnostic.source[:LONGEST].strip()
    key = "\n".join([diagnostic.code, place.path, diagnostic.focus, diagnostic.value, source])
    seen[key] += 1
    digest = hashlib.sha256(f"{key}\n{seen[key]}".encode("utf-8", "surrogatepass")).hexdigest()
    message = f"{diagnostic.message} {diagnostic.hint}".strip()
    return {
        "ruleId": diagnostic.code,
        "ruleIndex": index,
        "level": _SARIF_LEVEL[diagnostic.severity],
        "message": {"text": message},
        "locations": [{"physicalLocation": _sarif_place(place)}],
        "partialFingerprints": {"argraphFinding/v1": digest[:32]},
    }


def _sarif_place(place: Location) -> dict[str, Any]:
    return {
        "artifactLocation": {"uri": _uri(place.path)},
        "region": {
            "startLine": place.line,
            "startColumn": place.column,
            "endLine": place.end_line,
            "endColumn": place.end_column,
        },
    }


def _uri(path: str) -> str:
    pure = PurePath(path)
    encoded = quote(pure.as_posix(), safe="/~", errors="surrogatepass")
    return f"file://{encoded}" if pure.is_absolute() else encoded


# -- github -------------------------------------------------------------------------------------------------


def _annotation(diagnostic: Diagnostic) -> str:
    place = diagnostic.location
    properties = {
        "file": PurePath(place.path).as_posix(),
        "line": place.line,
        "endLine": place.end_line,
        "col": place.column,
        "endColumn": place.end_column,
        "title": f"argraph: {diagnostic.code}",
    }
    listed = ",".join(f"{name}={_escape(str(value), strict=True)}" for name, value in properties.items())
    message = "\n".join(filter(None, [diagnostic.message, diagnostic.hint]))
    return f"::{_GITHUB_COMMAND[diagnostic.severity]} {listed}::{_escape(message)}"


def _escape(text: str, *, strict: bool = False) -> str:
    """Escaping of GitHub's workflow commands; a property's value needs two characters more than a message."""
    lines = [visible(line) for line in text.replace("%", "%25").split("\n")]
    escaped = "%0A".join(lines)
    return escaped.replace(":", "%3A").replace(",", "%2C") if strict else escaped
