"""Did you mean: the existing names that a mistyped name most resembles."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from rapidfuzz import process
from rapidfuzz.distance import OSA

_ROLE = re.compile(r"^(?:th|pil|br|cl|ob|rb|ev|el|su|at|study|theme|paragraph|contribution)(?=[-_])")
LEAST: Final = 0.72
"""How similar a name has to be: two letters wrong in eight still resemble, three do not."""
_SHORT = 3  # in names up to this length a single letter makes another word
_SLIP = 0.8
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
    names = sorted(set(candidates) - {word})
    this, end = folded(word), tail(word)
    close = process.extract(
        this, map(folded, names), scorer=OSA.normalized_similarity, score_cutoff=LEAST, limit=4 * n
    )
    scores = {names[index]: score for other, score, index in close if min(len(this), len(other)) > _SHORT}
    for name in names:
        other = folded(name)
        if other == this:
            scores[name] = _EQUAL_BUT_STYLE
        elif end and end == tail(name):
            scores[name] = max(scores.get(name, 0), _EQUAL_BUT_ROLE)
        elif min(len(this), len(other)) <= _SHORT and _slip(this, other):
            scores[name] = _SLIP
    best = sorted(scores, key=lambda name: (-scores[name], name))[:n]
    return tuple(name for name in best if scores[name] >= scores[best[0]] - 0.05)


def _slip(word: str, other: str) -> bool:
    """Whether a short name lost or gained a letter or swapped two; another letter makes another name."""
    near = OSA.distance(word, other, score_cutoff=1) <= 1
    return near and (sorted(word) == sorted(other) or len(word) != len(other))


def folded(name: str) -> str:
    """A name as it is compared: without what hardly counts."""
    return name.casefold().replace("-", "").replace("_", "")


def tail(name: str) -> str:
    """The name without its role prefix, folded; empty where it has none."""
    without = _ROLE.sub("", name.casefold(), count=1)
    return folded(without) if without != name.casefold() else ""
