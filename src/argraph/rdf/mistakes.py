"""What a writer meant where no token of Turtle begins: the mistake, its extent and how to read on."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Final, Literal, NamedTuple, TypeAlias

from argraph.rdf.document import Span
from argraph.rdf.tokens import token

Reading: TypeAlias = Literal["term", "space", "stop"]


class Mistake(NamedTuple):
    """A stretch of text that is no token.

    Attributes:
        code: Stable name of the kind of mistake.
        message: What is wrong and what to write.
        end: Where the stretch ends; always after its start.
        reading: How to go on: as if a `term` stood there, as if it were white `space`, or `stop` reading
            this statement.
        hint: The text to write instead, when it is known.
        at: The place to point at, when that is not the whole stretch.
    """

    code: str
    message: str
    end: int
    reading: Reading
    hint: str = ""
    at: Span | None = None


_LINE_END = re.compile(r"[\r\n]|\Z")
_TAG = re.compile(r"@[A-Za-z]+(?:-[A-Za-z0-9]+)*|\^\^[\w.-]*:[\w.-]+")
_FOREIGN: Final = {
    "RDF/XML or HTML": re.compile(r"\s*+<(?:\?xml\s|!DOCTYPE\s|!--\s|rdf:RDF\s|html\s+\w+=)", re.IGNORECASE),
    "JSON": re.compile(r'\s*+[{\[]\s*+(?:[{"]|\}\s*+\Z)(?!\|)'),
}
_AFTER_TEXT = re.compile(r"(?:@[A-Za-z][A-Za-z0-9-]*|\^\^[^\s;,]+)?[ \t]*(?:[;,.\])]|[\r\n]|\Z)")
_STATEMENT_END = re.compile(r"\.[ \t]*+(?:#[^\r\n]*+)?(?:[\r\n]|\Z)")
_PARAGRAPH = 2_000  # how far a text in single quotation marks is looked for beyond its line, in code points

_QUOTES: Final = {
    "“": '”"“',
    "”": '”"',
    "„": '“”"',
    "‟": '”"',
    "«": "»",
    "»": "«»",
    "‘": "’'‘",
    "’": "’'",
    "‚": "‘’'",
    "`": "`'",
}
_RUN = re.compile(r"[^\s;,<>\"()\[\]]++")
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*+://[^\s<>\"]*+")
_NAME_START = re.compile(r"[^\W\d]|:")
_VARIABLE = re.compile(r"[?$]\w+")
_DIRECTION = re.compile(r"@([A-Za-z]++(?:-[A-Za-z0-9]++)*+)--[A-Za-z]*+")
_UNDERSCORED = re.compile(r"@[A-Za-z]+[\w-]*")
_ON_ONE_LINE = re.compile(r"<[^<>\r\n]*+>")
_WITHOUT_SPACE = re.compile(r"<[^\s>\"]*+>")
_TO_SPACE = re.compile(r"<[^\s<>\"]*+")
_INVISIBLE = re.compile(
    r"[\u00a0\u00ad\u1680\u2000-\u200b\u200e\u200f\u2028-\u202f\u205f-\u2064\u3000\x0b\x0c\x85]++"
)
_RDF12: Final = (
    "turtle-rdf12",
    "“{}” is RDF 1.2; argraph reads RDF 1.1. To say something about a statement, give it a node of its own.",
)
_SIGNS: Final = {
    # The longer sign first, so that it is not read as the shorter one.
    "<<": _RDF12,
    ">>": _RDF12,
    "{|": _RDF12,
    "|}": _RDF12,
    "~": _RDF12,
    "=>": ("turtle-n3", "“{}” is N3, not Turtle. Write a property in its place."),
    "<=": ("turtle-n3", "“{}” is N3, not Turtle. Write a property in its place."),
    "=": ("turtle-n3", "“=” has no meaning in Turtle. For the same thing write owl:sameAs."),
    "{": ("turtle-n3", "Braces are not Turtle: one file is one graph. Remove them."),
    "}": ("turtle-n3", "Braces are not Turtle: one file is one graph. Remove them."),
    "!": ("turtle-n3", "Paths with “!” are N3, not Turtle. Write out each step as a statement."),
    "^": ("turtle-n3", "“^” is not Turtle. State the relation from the other end; a datatype takes “^^”."),
    "\\": ("turtle-character", "A backslash may only stand inside a text, an IRI or a name. Remove it."),
    "+": ("turtle-bad-number", "“+” begins a number, but none follows. A text needs quotation marks."),
    "-": ("turtle-bad-number", "“-” begins a number, but none follows. A text needs quotation marks."),
    ">": ("turtle-character", "This “>” closes nothing. An IRI begins with “<”."),
}
_VERBS = ("=>", "<=", "=")


def explain(text: str, start: int) -> Mistake:
    """The mistake at an offset where `token` finds `wrong`."""
    char = text[start]
    finder = _FINDERS.get(char)
    if finder is not None:
        return finder(text, start)
    if invisible := _INVISIBLE.match(text, start):
        return _invisible(text, start, invisible.end())
    if char in _QUOTES:
        return _typographic(text, start)
    if _NAME_START.match(char):
        return _name(text, start)
    return _sign(text, start)


def end_of_line(text: str, offset: int) -> int:
    """The offset of the next line end, or of the end of the text."""
    found = _LINE_END.search(text, offset)
    return found.start() if found else len(text)


def excerpt(text: str, limit: int = 40) -> str:
    """A piece of a file on one line, shortened."""
    piece = " ".join(text[: 4 * limit].split())
    return piece if len(piece) <= limit and len(text) <= 4 * limit else f"{piece[: limit - 1]}…"


def foreign_format(text: str) -> str:
    """The format that a text seems to be in when that is one that people mistake for Turtle."""
    return next((name for name, pattern in _FOREIGN.items() if pattern.match(text)), "")


def quoted(text: str) -> str:
    """A shortened piece of a file in quotation marks, unless it is a text and has its own."""
    piece = excerpt(text)
    return piece if piece[:1] in ('"', "'") else f"“{piece}”"


def begins_statement(text: str, kind: str, end: int) -> bool:
    """Whether a statement may begin with this token, to judge by what follows its end."""
    if kind == "lang":
        return text.endswith(("@prefix", "@base"), 0, end)
    if kind not in ("name", "iri", "blank", "[", "("):
        return False
    verb, (first, last) = token(text, end)
    if kind in ("[", "("):
        return verb in ("name", "iri", "blank", "string", "number", "]", ")", "word")
    if verb not in ("name", "iri") and not (verb == "word" and text[first:last] == "a"):
        return False
    following, _ = token(text, last)
    return following not in (".", ";", ",", "]", ")", "end")


def next_statement(text: str, start: int, end: int) -> int:
    """Where between two offsets the first statement after a line with a final dot begins, else `end`."""
    for dot in _STATEMENT_END.finditer(text, start, end):
        kind, (first, last) = token(text, dot.end())
        if first >= end:
            break
        if begins_statement(text, kind, last):
            return first
    return end


# -- texts --------------------------------------------------------------------------------------------------


def _quote(text: str, start: int) -> Mistake:
    mark = text[start]
    if text[start - 1 : start] == mark:
        message = "There is one quotation mark too many behind this text. Remove it."
        return Mistake("turtle-quotation-marks", message, start + 1, "space")
    if text.startswith(mark * 3, start):
        end = next_statement(text, start + 3, len(text))
        message = f"This text is not closed: write {mark * 3} at its end."
        return Mistake("turtle-unterminated-string", message, end, "stop", at=(start, start + 3))
    stop = end_of_line(text, start)
    closing = text.find(mark, stop, stop + _PARAGRAPH)
    if closing >= 0 and _AFTER_TEXT.match(text, closing + 1) and not _blank(text[closing - 1]):
        message = f"A text of several lines stands in three quotation marks: write {mark * 3} at both ends."
        return Mistake("turtle-unterminated-string", message, closing + 1, "term")
    line = text[start : min(stop, start + _PARAGRAPH)]
    wrong = next(
        (at for at, char in enumerate(line) if char in "”“„’" and _AFTER_TEXT.match(line, at + 1)), -1
    )
    if wrong > 0:
        message = f"This text is closed with the typographic mark {line[wrong]}: write {mark} at both ends."
        return Mistake("turtle-quotation-marks", message, start + wrong + 1, "term")
    end = start + _written_end(text[start:stop])
    message = (
        f"This text is not closed on its line: write {mark} at its end, or {mark * 3} around several lines."
    )
    return Mistake("turtle-unterminated-string", message, max(end, start + 1), "term")


def _written_end(line: str) -> int:
    """Where an unclosed text on a line most likely ends: before its language tag and the mark behind it."""
    comment = line.rfind(" #")
    body = (
        line[:comment].rstrip()
        if comment > 0 and line[:comment].rstrip()[-1:] in (";", ",", ".")
        else line.rstrip()
    )
    if body[-1:] in (";", ",", "."):
        body = body[:-1].rstrip()
    at = max(body.rfind("@"), body.rfind("^^"))
    if at > 0 and _TAG.fullmatch(body, at):
        body = body[:at]
    return len(body)


def _typographic(text: str, start: int) -> Mistake:
    closers = _QUOTES[text[start]]
    stop = end_of_line(text, start)
    line = text[start : min(stop, start + _PARAGRAPH)]
    end = next(
        (at for at in range(1, len(line)) if line[at] in closers and _AFTER_TEXT.match(line, at + 1)), -1
    )
    if end < 0:
        end = _written_end(text[start:stop]) - 1
    inner = line[1:end]
    hint = f'Write "{inner}"' if 0 < len(inner) <= 60 and '"' not in inner and "\\" not in inner else ""
    message = f'{text[start]} is a typographic quotation mark: write the straight one, ", at both ends.'
    return Mistake("turtle-quotation-marks", message, start + max(end, 0) + 1, "term", hint)


# -- IRIs and names -----------------------------------------------------------------------------------------


def _angle(text: str, start: int) -> Mistake:
    if text.startswith(("<<", "<="), start):
        return _sign(text, start)
    whole = _ON_ONE_LINE.match(text, start) or _WITHOUT_SPACE.match(text, start)
    if whole is None:
        end = _TO_SPACE.match(text, start)
        stop = max(start + 1, end.end() if end else start + 1)
        shown = text[start:stop].rstrip(".;,")
        message = f"“{excerpt(shown)}” has no closing “>”."
        return Mistake(
            "turtle-bad-iri",
            message,
            start + len(shown),
            "term",
            f"Write {shown}>" if len(shown) < 200 else "",
        )
    inner = whole.group()[1:-1]
    bad = re.search(r"[\x00-\x20<\"{}|^`\\]", inner)
    if bad is None:
        return _sign(text, start)
    if bad.group() == "\\":
        place = start + 1 + bad.start()
        message = "An IRI holds no backslash, save in \\u with four hexadecimal digits. Remove it."
        return Mistake("turtle-bad-iri", message, whole.end(), "term", at=(place, place + 1))
    padded = inner.strip()
    if padded != inner and not re.search(r"\s", padded):
        message = "There are spaces between the IRI and its angle brackets: remove them."
        return Mistake("turtle-bad-iri", message, whole.end(), "term")
    what = "a space" if bad.group() == " " else shown_character(bad.group())
    message = f"An IRI may not contain {what}: write %{ord(bad.group()):02X} in its place."
    place = start + 1 + bad.start()
    return Mistake("turtle-bad-iri", message, whole.end(), "term", at=(place, place + 1))


def _name(text: str, start: int) -> Mistake:
    if address := _ADDRESS.match(text, start):
        shown = address.group().rstrip(".,;)]'")
        message = "An IRI stands in angle brackets."
        hint = f"Write <{shown}>" if len(shown) < 200 else ""
        end = start + len(shown)
        return Mistake("turtle-bare-iri", message, end + text.startswith(">", end), "term", hint)
    run = _RUN.match(text, start)
    shown = (run.group() if run else text[start]).rstrip(".")
    end = start + max(1, len(shown))
    prefix, colon, local = shown.partition(":")
    if not colon:
        return _sign(text, start)
    at = re.search(r"%(?![0-9A-Fa-f]{2})|\\(?![_~.\-!$&'()*+,;=/?#@%])|(?<!\\)[/?=&!$*+]|^-", local)
    sign = at.group() if at else ""
    if sign == "%":
        message = "In a name “%” takes two hexadecimal digits; a percent sign itself is written \\%."
    elif sign == "\\":
        message = (
            "In a name a backslash takes a punctuation mark, as in \\/ . Remove it, or write the full IRI."
        )
    elif sign:
        message = f"In a name “{sign}” is written \\{sign} ; or write the full IRI in angle brackets."
    else:
        return _sign(text, start)
    escaped = re.sub(r"(?<!\\)([/?=&!$*+]|^-)", r"\\\1", local)
    hint = f"Write {prefix}:{escaped}" if sign not in "%\\" and len(shown) <= 80 else ""
    return Mistake("turtle-bad-name", message, end, "term", hint)


def _underscore(text: str, start: int) -> Mistake:
    run = _RUN.match(text, start)
    shown = (run.group() if run else "_").rstrip(".")
    message = "A name that begins with “_:” goes on with a letter, a digit or “_”, as in _:b1 ."
    if not shown.startswith("_:"):
        message = (
            f"“{excerpt(shown)}” has no prefix: a name is written prefix:name, a text in quotation marks."
        )
    return Mistake("turtle-bad-name", message, start + max(1, len(shown)), "term")


def _variable(text: str, start: int) -> Mistake:
    found = _VARIABLE.match(text, start)
    if found is None:
        return _sign(text, start)
    shown = excerpt(found.group())
    message = f"“{shown}” is a variable of SPARQL: in Turtle write the node itself."
    return Mistake(
        "turtle-variable", message, found.end(), "term", f"For a node without a name write _:{shown[1:]}"
    )


def _at(text: str, start: int) -> Mistake:
    if direction := _DIRECTION.match(text, start):
        message = "A text direction is RDF 1.2; argraph reads RDF 1.1. Write the language alone."
        hint = f"Write @{excerpt(direction[1])}"
        return Mistake("turtle-rdf12", message, direction.end(), "space", hint)
    if tag := _UNDERSCORED.match(text, start):
        shown = tag.group().replace("_", "-").strip("-")
        return Mistake(
            "turtle-bad-language",
            "The parts of a language tag are joined by single hyphens.",
            tag.end(),
            "space",
            f"Write {excerpt(shown)}" if "_" in tag.group() else "",
        )
    message = "After “@” a language tag such as @en is expected, directly and in Latin letters."
    return Mistake("turtle-bad-language", message, start + 1, "space")


# -- signs --------------------------------------------------------------------------------------------------


def _slash(text: str, start: int) -> Mistake:
    if text.startswith(("//", "/*"), start):
        message = "A comment begins with # ."
        return Mistake(
            "turtle-comment",
            message,
            end_of_line(text, start),
            "space",
            "Write # in place of " + text[start : start + 2],
        )
    return _sign(text, start)


def _nul(_: str, start: int) -> Mistake:
    message = "There is a NUL byte here: this is not a text file, or it is damaged. Save it as UTF-8 text."
    return Mistake("turtle-encoding", message, start + 1, "stop")


def _invisible(text: str, start: int, end: int) -> Mistake:
    shown = shown_character(text[start])
    message = f"This {shown} only looks like a space, or like nothing. Replace it by a plain space."
    return Mistake("turtle-invisible-character", message, end, "space")


def _sign(text: str, start: int) -> Mistake:
    for sign, (code, message) in _SIGNS.items():
        if text.startswith(sign, start):
            return Mistake(
                code, message.replace("{}", sign), start + len(sign), "term" if sign in _VERBS else "stop"
            )
    shown = shown_character(text[start])
    if text[start] != "-" and unicodedata.category(text[start]) == "Pd":
        message = f"{shown} is a long dash. Within a name write the hyphen “-”."
        return Mistake("turtle-character", message, start + 1, "stop")
    message = f"{shown[0].upper()}{shown[1:]} cannot stand here. A text needs quotation marks around it."
    if not text[start].isprintable():
        message = f"Here stands {shown}, which cannot be seen. Remove it."
    return Mistake("turtle-character", message, start + 1, "stop")


def hidden_character(name: str) -> str:
    """The first character of a name that Turtle allows there and nobody can see, described; else nothing."""
    return next((shown_character(char) for char in name if char in "\ufeff\u200c\u200d"), "")


def shown_character(char: str) -> str:
    """A character as a person can look it up: itself where it is visible, with its number where it is not."""
    if char.isprintable() and not char.isspace():
        return f"“{char}”"
    return f"{unicodedata.name(char, 'a control character').lower()} (U+{ord(char):04X})"


def _blank(char: str) -> bool:
    return char in " \t\r\n"


_FINDERS: Final[dict[str, Callable[[str, int], Mistake]]] = {
    '"': _quote,
    "'": _quote,
    "<": _angle,
    ":": _name,
    "_": _underscore,
    "?": _variable,
    "$": _variable,
    "@": _at,
    "/": _slash,
    "\0": _nul,
}
