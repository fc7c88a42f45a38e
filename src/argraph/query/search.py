"""Full-text search over statements, findings and studies: an index in memory (SQLite FTS5).

Text is folded and cut into words here, and SQLite is given words only, with a tokenizer that takes them as
they are. So what is typed is never syntax, and the words that are marked in an answer are those that were
found.
"""

from __future__ import annotations

import re
import sqlite3
import unicodedata
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from threading import Lock
from typing import Final

from rapidfuzz import process
from rapidfuzz.distance import OSA

from argraph.argument.evaluation import Verdict
from argraph.argument.graph import ArgumentGraph, Node, Study, local_name

KINDS: Final = ("thesis", "claim", "objection", "rebuttal", "evidence", "study")
"""What can be found."""

MOST: Final = 1_000
"""Hits that are counted and put in order by how well they fit; of more, the first in the index are shown."""

_WORDS: Final = 12  # of a query; more would only make it slow
_FEW: Final = 3  # with fewer hits than this, other spellings are tried
_EXCERPT: Final = 180  # characters
_STEM: Final = 4  # a word of this length also finds those that begin with it
_TYPED: Final = 4  # unless there are more words than this: then it is a sentence, with whole words
_NEVER: Final = 1_000
_BEGUN: Final = 2  # the last word likewise: it may be unfinished
_MARK: Final = "\ue000"  # begins the tags of an entry, and no word
_FIT: Final = "bm25(entries, 10.0, 2.0, 4.0, 0.0)"

_WIDE: Final = (
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    r"\U00020000-\U0003ffff]"
)
"""Writing without spaces between words (Chinese, Japanese, Thai, Lao, Khmer, Burmese): a sign is a word."""
_PUNCTUATION: Final = re.compile(r"[\u00a0\u00ab\u00b7\u00bb\u2010-\u2027\u2030-\u205e]+")
_WORD: Final = re.compile(r"[^\W_]+")
_SIGN: Final = re.compile(f"{_WIDE}|(?:(?!{_WIDE})[^\\W_])+")
_HAS_WIDE: Final = re.compile(_WIDE)


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a text, and whether it is what was searched for."""

    text: str
    hit: bool


@dataclass(frozen=True, slots=True)
class Hit:
    """Something found.

    Attributes:
        iri: A statement, an evidence item or a study.
        kind: `thesis`, `claim`, `objection`, `rebuttal`, `evidence` or `study`.
        label: What it is called, in pieces; together they are the whole label.
        excerpt: The place where it was found, in pieces, where the label alone does not show it.
    """

    iri: str
    kind: str
    label: tuple[Part, ...]
    excerpt: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """The answer to a search.

    Attributes:
        total: How much was found, shown or not, up to `MOST`.
        hits: The best first.
        instead: The words that were searched for in place of those given; empty where it was those.
        loose: Whether nothing has all the words, so that these have some of them.
        more: Whether there is more than `total`.
    """

    total: int
    hits: tuple[Hit, ...]
    instead: str = ""
    loose: bool = False
    more: bool = False


@dataclass(frozen=True, slots=True)
class _Word:
    """A word of a query: signs that follow on one another, and other spellings of it."""

    signs: tuple[str, ...]
    begins: bool
    others: tuple[tuple[str, ...], ...] = ()

    def expression(self) -> str:
        """The word for FTS5; letters, digits and quotation marks only."""
        own = _quoted(self.signs) + " *" * self.begins
        return _any([own, *map(_quoted, self.others)]) if self.others else own

    def length(self, signs: Sequence[str], at: int) -> int:
        """How many signs of a text are it, from a place on; 0 where it does not stand there."""
        for phrase in self.others:
            if tuple(signs[at : at + len(phrase)]) == phrase:
                return len(phrase)
        *most, last = self.signs
        here = signs[at : at + len(self.signs)]
        fits = len(here) == len(self.signs) and here[:-1] == most
        return len(here) * (fits and (here[-1].startswith(last) if self.begins else here[-1] == last))


@dataclass(frozen=True, slots=True)
class _Entry:
    """What the index holds of one thing, as it is shown."""

    label: str
    text: str
    names: str


class Index:
    """A searchable debate; safe to search from several threads.

    Words are found in whatever case, with or without accents, and by their beginning. What has all words in
    its label comes before what has them elsewhere, statements before findings before studies, then by BM25.
    Where that finds next to nothing, words that nothing has are replaced by the nearest that something has.

    Attributes:
        on_themes: How much is on each theme, by IRI.
    """

    def __init__(self, argument: ArgumentGraph, verdicts: Mapping[str, Verdict]) -> None:
        self._argument = argument
        self._lock = Lock()
        statements = sorted(
            argument.statements,
            key=lambda node: (node.kind != "thesis", not node.role, -len(argument.incoming(node.iri))),
        )
        findings = [node for node in argument.nodes.values() if node.kind == "evidence"]
        self._things: list[Node | Study] = [*statements, *findings, *argument.studies.values()]
        self._last_statement = len(statements)
        self._last_finding = len(statements) + len(findings)
        self.on_themes = Counter(theme for thing in self._things for theme in self.themes(thing))
        self._themes = {iri: number for number, iri in enumerate(sorted(self.on_themes))}
        self._base = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
        self._base.execute(
            "CREATE VIRTUAL TABLE entries USING fts5(label, text, names, tags, content='', tokenize='ascii', "
            "prefix='2 3')"
        )
        self._base.execute("BEGIN")
        self._base.executemany(
            "INSERT INTO entries(rowid, label, text, names, tags) VALUES (?, ?, ?, ?, ?)",
            (
                (number, *map(spelt, (entry.label, entry.text, entry.names)), self._tags(thing, verdicts))
                for number, thing in enumerate(self._things, 1)
                for entry in (self._entry(thing),)
            ),
        )
        self._base.execute("COMMIT")
        self._base.execute("CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab('main', 'entries', 'row')")
        terms = self._base.execute("SELECT term, doc FROM vocabulary")
        self._frequency: dict[str, int] = {term: count for term, count in terms if not term.startswith(_MARK)}
        self._vocabulary = sorted(self._frequency)

    def __len__(self) -> int:
        return len(self._things)

    def themes(self, thing: Node | Study) -> tuple[str, ...]:
        """IRIs of the themes of a statement or study; of a finding, those of the studies that report it."""
        if isinstance(thing, Study) or thing.kind != "evidence":
            return thing.themes
        studies = (self._argument.studies.get(iri) for iri in thing.studies)
        return tuple(
            dict.fromkeys([*thing.themes, *(theme for study in studies if study for theme in study.themes)])
        )

    def search(
        self,
        text: str,
        *,
        kinds: Iterable[str] = (),
        statuses: Iterable[str] = (),
        theme: str = "",
        limit: int = 20,
    ) -> Found:
        """What has all words of a text; without words, all that passes the filters, if there are any.

        Args:
            text: Words; the last may be unfinished.
            kinds: Kinds of hits that are wanted; none for all.
            statuses: Statuses that are wanted; none for all.
            theme: IRI of the theme that hits are on; empty for all.
            limit: Hits at most.
        """
        words = _parsed(text)
        wanted = [[f"k{kind}" for kind in kinds], [f"s{status}" for status in statuses]]
        if theme:
            wanted.append([f"t{self._themes.get(theme, -1)}"])
        passing = [_any(_quoted([_MARK + tag]) for tag in dict.fromkeys(tags)) for tags in wanted if tags]
        filters = f"(tags : ({' AND '.join(passing)}))" if passing else ""
        if not words:
            numbers = self._rows(filters) if filters else []
            return self._told(numbers, numbers[:limit], ())
        numbers, ranked = self._ranked(_all(words), filters, limit)
        if len(numbers) >= _FEW:
            return self._told(numbers, ranked, words)
        found = [self._respelt(word) for word in words]
        if found != words:
            numbers, others = self._ranked(_all(found), filters, limit)
            ranked = list(dict.fromkeys([*ranked, *others]))[:limit]
        loose = not numbers and len(words) > 1
        if loose:
            numbers, ranked = self._ranked(
                _any(word.expression() for word in self._telling(found)), filters, limit, labels_first=False
            )
        answer = self._told(numbers, ranked, found)
        instead = " ".join(" ".join(word.others[0] if word.others else word.signs) for word in found)
        return replace(
            answer, instead=instead * (found != words and bool(numbers)), loose=loose and bool(numbers)
        )

    def _told(self, numbers: Sequence[int], shown: Sequence[int], words: Sequence[_Word]) -> Found:
        hits = tuple(self._hit(number, words) for number in shown)
        return Found(min(len(numbers), MOST), hits, more=len(numbers) > MOST)

    def _ranked(
        self, words: str, filters: str, limit: int, *, labels_first: bool = True
    ) -> tuple[list[int], list[int]]:
        """The numbers of entries that have words, `MOST` and one at most; and the best of them, in order."""
        within = f" AND {filters}" if filters else ""
        anywhere, label = f"({{label text names}} : ({words})){within}", f"(label : ({words})){within}"
        numbers = self._rows(anywhere)
        labelled = self._rows(label) if numbers and labels_first else []
        if len(numbers) > MOST:
            return numbers, list(dict.fromkeys([*labelled[:limit], *numbers[: 2 * limit]]))[:limit]
        first = set(labelled)
        with self._lock:
            rows = self._base.execute(f"SELECT rowid, {_FIT} FROM entries WHERE entries MATCH ?", (anywhere,))  # noqa: S608
            fits = rows.fetchall()

        def order(row: tuple[int, float]) -> tuple[bool, int, float, int]:
            number, fit = row
            kind = (number > self._last_statement) + (number > self._last_finding)
            return number not in first, kind * labels_first, fit, number

        return numbers, [number for number, _ in sorted(fits, key=order)[:limit]]

    def _rows(self, expression: str, most: int = MOST + 1) -> list[int]:
        with self._lock:
            rows = self._base.execute(
                "SELECT rowid FROM entries WHERE entries MATCH ? LIMIT ?", (expression, most)
            )
            return [int(number) for (number,) in rows]

    def _telling(self, words: Sequence[_Word]) -> Sequence[_Word]:
        """Words without those that much of the debate has, unless there are no others."""
        often = len(self._things) / 10
        return [word for word in words if self._frequency.get(word.signs[0], 0) < often] or words

    def _respelt(self, word: _Word) -> _Word:
        """A word that nothing has, with the nearest that something has."""
        if len(word.signs) > 1 or self._has(word):
            return word
        (sign,) = word.signs
        edits = 0 if len(sign) < 4 else 1 if len(sign) < 8 else 2
        if not edits:
            return word
        near = process.extract(sign, self._vocabulary, scorer=OSA.distance, score_cutoff=edits, limit=None)
        ranked = sorted((distance, -self._frequency[term], term) for term, distance, _ in near)
        others = [term for distance, _, term in ranked if distance == ranked[0][0]][:3]
        if not others and word.begins:  # a slip in a word that is not finished
            begun = {term[: len(sign)]: term for term in reversed(self._vocabulary) if len(term) > len(sign)}
            near = process.extract(sign, list(begun), scorer=OSA.distance, score_cutoff=1, limit=None)
            starts = tuple(start for start, *_ in near)
            terms = [term for term in self._vocabulary if term.startswith(starts)] if starts else []
            others = sorted(terms, key=lambda term: (-self._frequency[term], term))[:3]
        if not others:  # two words written as one
            halves = ((sign[:at], sign[at:]) for at in range(2, len(sign) - 1))
            pair = next((pair for pair in halves if all(half in self._frequency for half in pair)), None)
            return replace(word, others=(pair,)) if pair else word
        return replace(word, others=tuple((term,) for term in others))

    def _has(self, word: _Word) -> bool:
        """Whether anything has a word of one sign."""
        (sign,) = word.signs
        at = bisect_left(self._vocabulary, sign)
        return at < len(self._vocabulary) and (
            self._vocabulary[at] == sign or (word.begins and self._vocabulary[at].startswith(sign))
        )

    def _hit(self, number: int, words: Sequence[_Word]) -> Hit:
        thing = self._things[number - 1]
        entry = self._entry(thing)
        first, *others = [text for text in (entry.label, entry.text, entry.names) if text] or [""]
        label, missing = _marked(first, words)
        excerpt: tuple[Part, ...] = ()
        if missing:
            places = (_excerpt(text, words) for text in others)
            excerpt = next((parts for parts in places if any(part.hit for part in parts)), ())
        return Hit(thing.iri, "study" if isinstance(thing, Study) else thing.kind, label, excerpt)

    def _entry(self, thing: Node | Study) -> _Entry:
        if isinstance(thing, Study):
            people = ", ".join([*thing.authors, *(["et al."] if thing.more_authors else [])])
            known = (people, thing.year, thing.venue, thing.doi, thing.arxiv)
            return _Entry(thing.title, thing.note, " · ".join(filter(None, known)))
        studies = (self._argument.studies.get(iri) for iri in thing.studies)
        cited = "; ".join(f"{study.citation}, {study.title}" for study in studies if study)
        unnamed = thing.label == local_name(thing.iri)
        return _Entry("" if unnamed and (thing.text or cited) else thing.label, thing.text, cited)

    def _tags(self, thing: Node | Study, verdicts: Mapping[str, Verdict]) -> str:
        tags = ["kstudy" if isinstance(thing, Study) else f"k{thing.kind}"]
        if thing.iri in verdicts and not isinstance(thing, Study):
            tags.append(f"s{verdicts[thing.iri].status}")
        tags += [f"t{self._themes[theme]}" for theme in self.themes(thing)]
        return " ".join(_MARK + tag for tag in tags)


def fold(text: str) -> str:
    """A text as it is compared: small letters, without accents and invisible signs, in compatible forms.

    >>> fold("Größe, ÉTUDE, ﬁn")
    'grosse, etude, fin'
    """
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return plain if plain.isascii() else "".join(c for c in plain if unicodedata.category(c) not in _LEFT_OUT)


_LEFT_OUT: Final = frozenset({"Mn", "Cf"})


def spelt(text: str) -> str:
    """A text as words with blanks between, folded.

    >>> spelt("“Open-source” KI: 開放 model")
    'open source ki 開 放 model'
    """
    text = text if text.isascii() else _PUNCTUATION.sub(" ", text)
    if text.isascii():
        return text.lower()  # SQLite leaves out all signs but letters and digits by itself
    folded = fold(text)
    return " ".join((_SIGN if _HAS_WIDE.search(folded) else _WORD).findall(folded))


def _parsed(text: str) -> list[_Word]:
    """The words of a query, each once."""
    chunks = _WORD.findall(fold(text))[:_WORDS]
    words = {tuple(_SIGN.findall(chunk)): None for chunk in chunks}
    last = tuple(_SIGN.findall(chunks[-1])) if chunks else ()
    return [_Word(signs, begins=len(signs[-1]) >= (_BEGUN if signs == last else _STEM)) for signs in words]


def _all(words: Iterable[_Word]) -> str:
    return " AND ".join(word.expression() for word in words)


def _any(expressions: Iterable[str]) -> str:
    return f"({' OR '.join(expressions)})"


def _quoted(signs: Iterable[str]) -> str:
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


def _marked(text: str, words: Sequence[_Word]) -> tuple[tuple[Part, ...], bool]:
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


def _excerpt(text: str, words: Sequence[_Word]) -> tuple[Part, ...]:
    """The surroundings of the first hit in a text, in pieces."""
    parts, _ = _marked(text, words)
    if len(text) <= _EXCERPT or not any(part.hit for part in parts):
        return parts
    before = sum(len(part.text) for part in parts[: next(i for i, part in enumerate(parts) if part.hit)])
    start = max(0, min(before - _EXCERPT // 3, len(text) - _EXCERPT))
    start = text.find(" ", start, before) + 1 if start and " " in text[start:before] else start
    stop = min(len(text), start + _EXCERPT)
    stop = text.rfind(" ", before, stop) if stop < len(text) and " " in text[before + 1 : stop] else stop
    shown, _ = _marked(text[start:stop], words)
    return (
        *((Part("… ", hit=False),) if start else ()),
        *shown,
        *((Part(" …", hit=False),) if stop < len(text) else ()),
    )
