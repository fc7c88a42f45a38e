"""Words of texts and of what is searched for: folded, cut, and marked where they were found.

Text is cut into words here, and SQLite is given words only, with a tokenizer that takes them as they are. So
what is typed is never syntax, and the words that are marked in an answer are those that were found.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

LONGEST: Final = 1_000
"""Bytes of a word in UTF-8 beyond which it is not among those that spellings are corrected to."""

_EXCERPT: Final = 180  # characters
_WORDS: Final = 12  # of a query; more would only make it slow
_STEM: Final = 4  # a word of this length also finds those that begin with it
_BEGUN: Final = 2  # the last word likewise: it may be unfinished

_WIDE: Final = (
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    r"\U00020000-\U0003ffff]"
)
"""Writing without spaces between words (Chinese, Japanese, Thai, Lao, Khmer, Burmese): a sign is a word."""
_WORD: Final = re.compile(r"[^\W_]+")
_SIGN: Final = re.compile(f"{_WIDE}|(?:(?!{_WIDE})[^\\W_])+")
_IS_WIDE: Final = re.compile(_WIDE)
_FOREIGN: Final = re.compile(r"[^\x00-\x7f]+")
_LEFT_OUT: Final = frozenset({"Mn", "Cf"})
_TOKEN: Final = re.compile(r"[0-9a-z\x80-\U0010ffff]+")


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a text, and whether it is what was searched for."""

    text: str
    hit: bool


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a query: signs that follow on one another, and other spellings of it."""

    signs: tuple[str, ...]
    begins: bool
    others: tuple[tuple[str, ...], ...] = ()

    def expression(self) -> str:
        """The word for FTS5; letters, digits and quotation marks only."""
        own = quoted(self.signs) + " *" * self.begins
        return any_of([own, *map(quoted, self.others)]) if self.others else own

    def length(self, signs: Sequence[str], at: int) -> int:
        """How many signs of a text are it, from a place on; 0 where it does not stand there."""
        for phrase in self.others:
            if tuple(signs[at : at + len(phrase)]) == phrase:
                return len(phrase)
        *most, last = self.signs
        here = signs[at : at + len(self.signs)]
        fits = len(here) == len(self.signs) and here[:-1] == most
        return len(here) * (fits and (here[-1].startswith(last) if self.begins else here[-1] == last))


class _Folded(dict[int, str]):
    """What stands for a character in a folded text, by its number; found when it is first asked for."""

    def __missing__(self, number: int) -> str:
        plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", chr(number)).casefold())
        self[number] = "".join(c for c in plain if unicodedata.category(c) not in _LEFT_OUT)
        return self[number]


class _Spelt(dict[int, str]):
    """The same for a text as words with blanks between."""

    def __missing__(self, number: int) -> str:
        signs = (c if c.isalnum() else " " for c in _FOLDED[number])
        self[number] = "".join(f" {c} " if _IS_WIDE.match(c) else c for c in signs)
        return self[number]


_FOLDED: Final = _Folded()
_SPELT: Final = _Spelt()


def fold(text: str) -> str:
    """A text as it is compared: small letters, without accents and invisible signs, in compatible forms.

    >>> fold("Größe, ÉTUDE, ﬁn")
    'grosse, etude, fin'
    """
    return text.lower() if text.isascii() else text.translate(_FOLDED)


def spelt(text: str) -> str:
    """A text as folded words with something between them that `tokens` and SQLite take for no letter.

    >>> spelt("“Open-source” KI: 開放 model").split()
    ['open-source', 'ki:', '開', '放', 'model']
    """
    small = text.lower()
    return small if small.isascii() else _FOREIGN.sub(_respelt, small)


def _respelt(found: re.Match[str]) -> str:
    return _run(found.group())


@lru_cache(maxsize=1 << 14)
def _run(text: str) -> str:
    return text.translate(_SPELT)


def tokens(text: str) -> list[str]:
    """The words of what `spelt` gives, as SQLite finds them.

    >>> tokens(spelt("“Open-source” KI: 開放 model"))
    ['open', 'source', 'ki', '開', '放', 'model']
    """
    return _TOKEN.findall(text)


def parsed(text: str) -> list[Word]:
    """The words of a query, each once."""
    chunks = _WORD.findall(fold(text))[:_WORDS]
    words = {tuple(_SIGN.findall(chunk)): None for chunk in chunks}
    last = tuple(_SIGN.findall(chunks[-1])) if chunks else ()
    return [Word(signs, begins=len(signs[-1]) >= (_BEGUN if signs == last else _STEM)) for signs in words]


def all_of(words: Iterable[Word]) -> str:
    """An expression of FTS5 for what has all words."""
    return " AND ".join(word.expression() for word in words)


def any_of(expressions: Iterable[str]) -> str:
    """An expression for what one of some others is for."""
    return f"({' OR '.join(expressions)})"


def quoted(signs: Iterable[str]) -> str:
    """An expression for what has words one behind the other."""
    return '"' + " ".join(signs) + '"'


def _spans(text: str) -> Iterator[tuple[str, int, int]]:
    """The words of a text, folded, with where they begin and end in it."""
    if text.isascii():
        folded, places = text.lower(), list(range(len(text) + 1))
    else:
        pieces = [fold(character) for character in text]
        folded = "".join(pieces)
        places = [at for at, piece in enumerate(pieces) for _ in piece] + [len(text)]
    for word in _SIGN.finditer(folded):
        start = places[word.start()]
        yield word.group(), start, max(places[word.end()], start + 1)


def marked(text: str, words: Sequence[Word]) -> tuple[tuple[Part, ...], bool]:
    """A text in pieces, and whether any of the words is missing in it."""
    spans = list(_spans(text))
    signs = [sign for sign, _, _ in spans]
    marks, seen = [], set()
    for at in range(len(spans)):
        for word in words:
            if length := word.length(signs, at):
                seen.add(word)
                marks.append((spans[at][1], spans[at + length - 1][2]))
    parts: list[Part] = []
    end = 0
    for start, stop in marks:
        if stop <= end:
            continue
        start = max(start, end)
        if start > end or not parts:
            parts.append(Part(text[end:start], hit=False))
        if parts[-1].hit:
            parts[-1] = Part(parts[-1].text + text[start:stop], hit=True)
        else:
            parts.append(Part(text[start:stop], hit=True))
        end = stop
    parts.append(Part(text[end:], hit=False))
    return tuple(part for part in parts if part.text), len(seen) < len(words)


def excerpt(text: str, words: Sequence[Word]) -> tuple[Part, ...]:
    """The surroundings of the first hit in a text, in pieces."""
    parts, _ = marked(text, words)
    if len(text) <= _EXCERPT or not any(part.hit for part in parts):
        return parts
    before = sum(len(part.text) for part in parts[: next(i for i, part in enumerate(parts) if part.hit)])
    start = max(0, min(before - _EXCERPT // 3, len(text) - _EXCERPT))
    start = text.find(" ", start, before) + 1 if start and " " in text[start:before] else start
    stop = min(len(text), start + _EXCERPT)
    stop = text.rfind(" ", before, stop) if stop < len(text) and " " in text[before + 1 : stop] else stop
    shown, _ = marked(text[start:stop], words)
    return (
        *((Part("… ", hit=False),) if start else ()),
        *shown,
        *((Part(" …", hit=False),) if stop < len(text) else ()),
    )
