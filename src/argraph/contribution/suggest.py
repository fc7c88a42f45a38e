"""Did you mean: the existing names that a mistyped name most resembles."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rapidfuzz.distance import OSA

_ROLE = re.compile(r"^(?:th|pil|br|cl|ob|rb|ev|el|su|at|study|theme|paragraph|contribution)(?=[-_])")
_LEAST = 0.72  # two letters wrong in eight still resemble, three do not
_SHORT = 3  # in names up to this length a single letter makes another word
_EQUAL_BUT_ROLE = 0.87
_EQUAL_BUT_STYLE = 0.99


def nearest(word: str, candidates: Iterable[str], n: int = 2) -> tuple[str, ...]:
    """Up to `n` names that a person who wrote `word` may have meant, best first; none when nothing is near.

    Case, hyphens and underscores hardly count, a swap of neighbouring letters counts as one mistake, and a
    wrong role prefix (`cl-` for `ob-`) is forgiven when the rest of the name is the same. A second name is
    only offered when it is about as near as the first.

    >>> nearest("Objektion", ["Objection", "Claim", "Rebuttal"])
    ('Objection',)
    >>> nearest("cl-malicious-use", ["ob-malicious-use", "cl-market-power"])
    ('ob-malicious-use',)
    >>> nearest("weather", ["premise", "target"])
    ()
    """
    folded, tail = _fold(word), _tail(word)
    scored = []
    for candidate in set(candidates):
        if candidate == word:
            continue
        score = _score(folded, tail, candidate)
        if score >= _LEAST:
            scored.append((-score, candidate))
    scored.sort()
    return tuple(name for score, name in scored[:n] if score <= scored[0][0] + 0.05)


def _score(folded: str, tail: str, candidate: str) -> float:
    other = _fold(candidate)
    if folded == other:
        return _EQUAL_BUT_STYLE
    if min(len(folded), len(other)) <= _SHORT:
        # One wrong letter in "For" is a third of it; only a swap or a lost letter is plainly a slip.
        slip = OSA.distance(folded, other, score_cutoff=1) <= 1
        return 0.8 if slip and (sorted(folded) == sorted(other) or len(folded) != len(other)) else 0.0
    score = OSA.normalized_similarity(folded, other, score_cutoff=_LEAST)
    if tail and tail == _tail(candidate):
        score = max(score, _EQUAL_BUT_ROLE)
    return score


def _fold(name: str) -> str:
    return name.casefold().replace("-", "").replace("_", "")


def _tail(name: str) -> str:
    """The name without its role prefix, folded; empty where it has none."""
    without = _ROLE.sub("", name.casefold(), count=1)
    return _fold(without) if without != name.casefold() else ""
