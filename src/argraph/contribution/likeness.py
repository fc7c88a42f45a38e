"""Statements that say nearly the same."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from typing import Final

from rapidfuzz import fuzz, process

from argraph.argument.graph import ArgumentGraph

_ALIKE: Final = 90  # of 100, in rapidfuzz's token sort ratio: two or three words of a sentence may differ
_CLOSEST: Final = 40  # statements that share most of the rarer words: with these a text is compared
_RARE: Final = 6  # words of a text by which others are found
_MOST: Final = 1000  # statements looked at for a word
_EDITED: Final = 500  # texts that may be edited before all are read anew; of many, one in 32 besides
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
        self._new: Mapping[str, list[str]] = {}
        self._edited = 0

    @classmethod
    def of(cls, argument: ArgumentGraph) -> Wordings:
        """The texts of a graph's statements."""
        nodes: list[str] = []
        by_word: defaultdict[str, array[int]] = defaultdict(lambda: array("I"))
        for iri in argument.nodes:
            if text := _text(argument, iri):
                for word in set(_words(text)):
                    by_word[word].append(len(nodes))
                nodes.append(iri)
        return cls(argument, nodes, dict(by_word))

    def edited(self, after: ArgumentGraph, changed: Collection[str]) -> Wordings:
        """The same as `of` a graph that was edited; costs what changed, now and in earlier edits.

        Args:
            after: The edited graph.
            changed: IRIs of all nodes that differ in it.
        """
        other = Wordings(after, self._nodes, self._by_word)
        other._gone, other._left_out = self._gone.copy(), {*self._left_out}
        other._edited = self._edited + len(changed)
        if other._edited > _EDITED + len(self._nodes) // 32:
            return Wordings.of(after)
        new = dict(self._new)
        for iri in changed:
            if text := _text(self._argument, iri):
                place = bisect_left(self._nodes, iri)
                words = set(_words(text))
                if self._nodes[place : place + 1] == [iri] and place not in self._left_out:
                    other._gone.update(words)
                    other._left_out.add(place)
                else:  # it came or changed in an earlier edit
                    for word in words:
                        new[word] = [one for one in new[word] if one != iri]
            if text := _text(after, iri):
                for word in set(_words(text)):
                    new[word] = [*new.get(word, ()), iri]
        other._new = new
        return other

    def nearest(self, node: str, text: str) -> str:
        """The IRI of the statement that says nearly what a text says, not counting one node; or nothing."""
        words = _words(text)
        ranked = sorted((count, word) for word in set(words) if (count := self._count(word)) > 1)
        votes = Counter(n for _, word in ranked[:_RARE] for n in self._with(word) if n != node)
        near = {n: " ".join(_words(_text(self._argument, n))) for n, _ in votes.most_common(_CLOSEST)}
        found = process.extract(" ".join(words), near, scorer=fuzz.ratio, score_cutoff=_ALIKE, limit=3)
        gist = _gist(text)
        return next((n for _, _, n in found if _gist(near[n]) == gist), "")

    def _count(self, word: str) -> int:
        return len(self._by_word.get(word, ())) - self._gone[word] + len(self._new.get(word, ()))

    def _with(self, word: str) -> list[str]:
        """The statements with a word, by IRI, so many at most."""
        kept = (
            i for i in self._by_word.get(word, ())[: _MOST + len(self._left_out)] if i not in self._left_out
        )
        return sorted([*(self._nodes[i] for i in kept), *self._new.get(word, ())])[:_MOST]


def _text(argument: ArgumentGraph, iri: str) -> str:
    node = argument.nodes.get(iri)
    return node.text if node is not None and node.kind != "evidence" else ""


def _gist(text: str) -> tuple[bool, list[str]]:
    """What makes two sentences differ in meaning however alike they are: a negation, a number."""
    return bool(_NEGATION.search(text.casefold())), sorted(re.findall(r"\d+", text))


def _words(text: str) -> list[str]:
    return sorted(re.findall(r"[\w'’]+", text.casefold()))
