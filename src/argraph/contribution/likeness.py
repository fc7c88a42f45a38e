"""Statements that say nearly the same."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from typing import Final

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz, process

from argraph.argument.graph import ArgumentGraph

_ALIKE: Final = 90  # of 100, in rapidfuzz's token sort ratio: two or three words of a sentence may differ
_CLOSEST: Final = 40  # statements that share most of the rarer words: with these a text is compared
_RARE: Final = 6  # words of a text by which others are found
_MOST: Final = 1000  # statements looked at for a word
_EDITED: Final = 500  # texts that may be edited before all are read anew; of many, one in 32 besides
_WORD: Final = re.compile(r"[\w'’]+")
_NEGATION: Final = re.compile(r"\b(?:not|no|never|none|cannot|without|nothing|neither|nor)\b|n['’]t\b")


class Wordings:
    """Texts of statements by their words, so that each is compared with few others.

    Texts that are nearly the same share some of their rarer words; only those that do are measured.
    """

    def __init__(self, argument: ArgumentGraph, nodes: list[str], by_word: Mapping[str, array[int]]) -> None:
        self._argument = argument
        self._nodes = nodes
        self._by_word = by_word
        self._gone: Counter[str] = Counter()
        self._left_out: set[int] = set()
        self._new = _Texts()

    @classmethod
    def of(cls, argument: ArgumentGraph) -> Wordings:
        """The texts of a graph's statements."""
        texts = _Texts()
        for iri in argument.nodes:
            if text := _text(argument, iri):
                texts.add(iri, _words(text))
        return cls(argument, texts.nodes, dict(texts.by_word))

    def edited(self, after: ArgumentGraph, changed: Collection[str]) -> Wordings:
        """The same as `of` a graph that was edited; costs what changed, now and in earlier edits.

        Args:
            after: The edited graph.
            changed: IRIs of all nodes that differ in it.
        """
        edited = {*self._new.nodes, *changed}
        if len(edited) > _EDITED + len(self._nodes) // 32:
            return Wordings.of(after)
        other = Wordings(after, self._nodes, self._by_word)
        other._gone, other._left_out = self._gone.copy(), {*self._left_out}
        for iri in sorted(edited):
            place = bisect_left(self._nodes, iri)
            if self._nodes[place : place + 1] == [iri] and place not in other._left_out:
                other._gone.update(set(_words(_text(self._argument, iri))))
                other._left_out.add(place)
            if text := _text(after, iri):
                words = _words(text)
                other._new.add(iri, words)
                other._new.shown[iri] = " ".join(words)
        return other

    def nearest(self, node: str, text: str) -> str:
        """The IRI of the statement that says nearly what a text says, not counting one node; or nothing."""
        words = _words(text)
        ranked = sorted((count, word) for word in set(words) if (count := self._count(word)) > 1)
        near = {n: self._shown(n) for n in self._sharing([word for _, word in ranked[:_RARE]], node)}
        found = process.extract(" ".join(words), near, scorer=fuzz.ratio, score_cutoff=_ALIKE, limit=3)
        if not found:
            return ""
        gist = _gist(text)
        return next((n for _, _, n in found if _gist(near[n]) == gist), "")

    def _sharing(self, words: list[str], node: str) -> list[str]:
        """The statements that have most of some words, but for one; of equals those that have the first."""
        if not words:
            return []
        numbers, first, counts = np.unique(
            np.concatenate([self._with(word) for word in words]), return_index=True, return_counts=True
        )
        best = numbers[np.lexsort((first, -counts))[: _CLOSEST + 1]]
        return [name for number in best.tolist() if (name := self._name(number)) != node][:_CLOSEST]

    def _count(self, word: str) -> int:
        new = self._new.by_word.get(word, ())
        return len(self._by_word.get(word, ())) - self._gone[word] + len(new)

    def _with(self, word: str) -> npt.NDArray[np.int64]:
        """The numbers of the statements with a word, by IRI, so many at most."""
        kept = np.asarray(self._by_word.get(word, ())[: _MOST + len(self._left_out)], dtype=np.int64)
        if self._left_out:
            kept = kept[[number not in self._left_out for number in kept.tolist()]][:_MOST]
        new = np.asarray(self._new.by_word.get(word, ())[:_MOST], dtype=np.int64) + len(self._nodes)
        if not len(kept) or not len(new):
            return new if len(new) else kept[:_MOST]
        both = [*kept.tolist(), *new.tolist()]
        return np.array(sorted(both, key=self._name)[:_MOST], dtype=np.int64)

    def _name(self, number: int) -> str:
        """The IRI of a statement by its number; new ones are counted behind all others."""
        new = number - len(self._nodes)
        return self._nodes[number] if new < 0 else self._new.nodes[new]

    def _shown(self, node: str) -> str:
        """The words of a text; those of new texts are kept, since many may be compared with each."""
        shown = self._new.shown.get(node)
        return " ".join(_words(_text(self._argument, node))) if shown is None else shown


class _Texts:
    """Numbered statements by the words of their texts."""

    def __init__(self) -> None:
        self.nodes: list[str] = []
        self.by_word: defaultdict[str, array[int]] = defaultdict(lambda: array("I"))
        self.shown: dict[str, str] = {}

    def add(self, iri: str, words: Collection[str]) -> None:
        """Take one up; they come in order."""
        for word in set(words):
            self.by_word[word].append(len(self.nodes))
        self.nodes.append(iri)


def _text(argument: ArgumentGraph, iri: str) -> str:
    node = argument.nodes.get(iri)
    return node.text if node is not None and node.kind != "evidence" else ""


def _gist(text: str) -> tuple[bool, list[str]]:
    """What makes two sentences differ in meaning however alike they are: a negation, a number."""
    return bool(_NEGATION.search(text.casefold())), sorted(re.findall(r"\d+", text))


def _words(text: str) -> list[str]:
    return sorted(_WORD.findall(text.casefold()))
