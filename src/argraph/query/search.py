"""Full-text search over statements, findings and studies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from rapidfuzz import process
from rapidfuzz.distance import OSA

from argraph.argument.evaluation import Verdict
from argraph.argument.graph import ArgumentGraph, Study
from argraph.query.entries import Entries
from argraph.query.entry import MARK, Entry
from argraph.query.words import Part, Word, all_of, any_of, excerpt, fold, marked, parsed, quoted, spelt

__all__ = ["KINDS", "MOST", "Found", "Hit", "Index", "Part", "fold", "spelt"]

KINDS: Final = ("thesis", "claim", "objection", "rebuttal", "evidence", "study")
"""What can be found."""

MOST: Final = 1_000
"""Hits that are counted and put in order by how well they fit; of more, the first in the index are shown."""

_FEW: Final = 3  # with fewer hits than this, other spellings are tried
_LONGEST: Final = 64  # letters of a word that is corrected


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


class Index:
    """A searchable debate; safe to search from several threads.

    Words are found in whatever case, with or without accents, and by their beginning. What has all words in
    its label comes before what has them elsewhere, statements before findings before studies, then by BM25.
    Where that finds next to nothing, words that nothing has are replaced by the nearest that something has.

    Attributes:
        on_themes: How much is on each theme, by IRI.
    """

    def __init__(
        self,
        argument: ArgumentGraph,
        verdicts: Mapping[str, Verdict],
        path: Path | None = None,
        digest: str = "",
    ) -> None:
        """Make the index of a debate.

        Args:
            argument: The debate.
            verdicts: What stands in it.
            path: A file to keep it in, whole or not at all; without one, it is in a temporary file.
            digest: Of all that it is made from; `opened` asks for the same.

        Raises:
            StoreFailed: The file cannot be written.
        """
        self._set(argument, Entries.made(argument, verdicts, path, digest))

    def _set(self, argument: ArgumentGraph, entries: Entries) -> None:
        self._argument, self._entries = argument, entries
        self.on_themes = entries.themes

    @classmethod
    def opened(cls, path: Path, argument: ArgumentGraph, digest: str = "") -> Index:
        """An index that was kept in a file, of the same debate; takes milliseconds, and only reads.

        Args:
            path: The file.
            argument: The debate.
            digest: What it was made with.

        Raises:
            StoreFailed: There is no such file, it is damaged, it was written by another release, or it was
                made with another digest. Then it is to be made anew.
        """
        index = cls.__new__(cls)
        index._set(argument, Entries.opened(path, digest))
        return index

    def amended(
        self, argument: ArgumentGraph, verdicts: Mapping[str, Verdict], touched: Iterable[str]
    ) -> Index:
        """The index of the debate as it was edited: finds the same, in the same order, as one made anew.

        This index goes on to find what it found. Both share a file; one that was kept is copied first. After
        many edits, and where two debates were made of the same one, it is made anew.

        Args:
            argument: The edited debate.
            verdicts: What stands in it.
            touched: IRIs of all nodes, steps and studies that are described differently in it, and of all
                nodes that have another status; others do no harm.
        """
        entries = self._entries.amended(self._argument, argument, verdicts, touched)
        if entries is None:
            return Index(argument, verdicts)
        index = Index.__new__(Index)
        index._set(argument, entries)
        return index

    def __len__(self) -> int:
        return len(self._entries)

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
        words = parsed(text)
        wanted = [[f"k{kind}" for kind in kinds], [f"s{status}" for status in statuses]]
        if theme:
            wanted.append([f"t{self._entries.numbers.get(theme, -1)}"])
        passing = [any_of(quoted([MARK + tag]) for tag in dict.fromkeys(tags)) for tags in wanted if tags]
        filters = f"(tags : ({' AND '.join(passing)}))" if passing else ""
        if not words:
            numbers = self._entries.rows(filters, MOST + 1) if filters else []
            return self._told(numbers, numbers[:limit], ())
        numbers, ranked = self._ranked(all_of(words), filters, limit)
        if len(numbers) >= _FEW:
            return self._told(numbers, ranked, words)
        found = [self._respelt(word) for word in words]
        if found != words:
            numbers, others = self._ranked(all_of(found), filters, limit)
            ranked = list(dict.fromkeys([*ranked, *others]))[:limit]
        loose = not numbers and len(words) > 1
        if loose:
            numbers, ranked = self._ranked(
                any_of(word.expression() for word in self._telling(found)), filters, limit, labels_first=False
            )
        answer = self._told(numbers, ranked, found)
        instead = " ".join(" ".join(word.others[0] if word.others else word.signs) for word in found)
        return replace(
            answer, instead=instead * (found != words and bool(numbers)), loose=loose and bool(numbers)
        )

    def _told(self, numbers: Sequence[int], shown: Sequence[int], words: Sequence[Word]) -> Found:
        hits = tuple(self._hit(*thing, words) for thing in self._entries.things(shown))
        return Found(min(len(numbers), MOST), hits, more=len(numbers) > MOST)

    def _ranked(
        self, words: str, filters: str, limit: int, *, labels_first: bool = True
    ) -> tuple[list[int], list[int]]:
        """The numbers of entries that have words, `MOST` and one at most; and the best of them, in order."""
        within = f" AND {filters}" if filters else ""
        anywhere, label = f"({{label text names}} : ({words})){within}", f"(label : ({words})){within}"
        numbers = self._entries.rows(anywhere, MOST + 1)
        labelled = self._entries.rows(label, MOST + 1) if numbers and labels_first else []
        if len(numbers) > MOST:
            return numbers, list(dict.fromkeys([*labelled[:limit], *numbers[: 2 * limit]]))[:limit]
        first = set(labelled)

        def order(number: int) -> tuple[bool, int]:
            return number not in first, self._entries.group(number) if labels_first else 0

        if len(set(map(order, numbers))) == len(
            numbers
        ):  # how well they fit costs a look at all that has them
            return numbers, sorted(numbers, key=order)[:limit]
        fits = dict(self._entries.fits(anywhere))
        numbers.sort(key=lambda number: (order(number), fits[number], self._entries.place(number)))
        return numbers, numbers[:limit]

    def _telling(self, words: Sequence[Word]) -> Sequence[Word]:
        """Words without those that much of the debate has, unless there are no others."""
        often = len(self) / 10
        return [word for word in words if self._entries.often(word.signs[0]) < often] or words

    def _respelt(self, word: Word) -> Word:
        """A word that nothing has, with the nearest that something has."""
        if len(word.signs) > 1 or self._has(word):
            return word
        (sign,) = word.signs
        edits = 0 if len(sign) < 4 else 1 if len(sign) < 8 else 2
        if not edits or len(sign) > _LONGEST:
            return word
        near = process.extract(
            sign, self._entries.spellings(), scorer=OSA.distance, score_cutoff=edits, limit=None
        )
        known = {(distance, -self._entries.often(term), term) for term, distance, _ in near}
        ranked = sorted(found for found in known if found[1])
        others = [term for distance, _, term in ranked if distance == ranked[0][0]][:3]
        if not others and word.begins:  # a slip in a word that is not finished
            begun = {term[: len(sign)] for term in self._entries.spellings() if len(term) > len(sign)}
            near = process.extract(sign, list(begun), scorer=OSA.distance, score_cutoff=1, limit=None)
            terms = [found for start, *_ in near for found in self._entries.beginning(start, 3)]
            others = [term for term, _ in sorted(terms, key=lambda found: (-found[1], found[0]))][:3]
        if not others:  # two words written as one
            halves = ((sign[:at], sign[at:]) for at in range(2, len(sign) - 1))
            pair = next((pair for pair in halves if all(map(self._entries.often, pair))), None)
            return replace(word, others=(pair,)) if pair else word
        return replace(word, others=tuple((term,) for term in others))

    def _has(self, word: Word) -> bool:
        """Whether anything has a word of one sign."""
        (sign,) = word.signs
        return self._entries.often(sign) > 0 or (word.begins and bool(self._entries.beginning(sign, 1)))

    def _hit(self, iri: str, is_study: bool, words: Sequence[Word]) -> Hit:
        thing = self._argument.studies[iri] if is_study else self._argument.nodes[iri]
        entry = Entry.of(self._argument, thing)
        first, *others = [text for text in (entry.label, entry.text, entry.names) if text] or [""]
        label, missing = marked(first, words)
        shown: tuple[Part, ...] = ()
        if missing:
            places = (excerpt(text, words) for text in others)
            shown = next((parts for parts in places if any(part.hit for part in parts)), ())
        return Hit(iri, "study" if isinstance(thing, Study) else thing.kind, label, shown)
