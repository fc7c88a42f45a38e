"""Names of argument schemes: what argraph's are called elsewhere, and names for others."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

import pyoxigraph as ox

from argraph import resources, vocab
from argraph.argument.graph import local_name

_ELSEWHERE: Final = {
    "SchemeExpertOpinion": ("Expert Opinion",),
    "SchemePositionToKnow": ("Position To Know",),
    "SchemeExample": ("Example",),
    "SchemeAnalogy": ("Analogy",),
    "SchemePrecedent": ("Precedent",),
    "SchemePopularPractice": ("Popular Practice",),
    "SchemeDefinition": ("Definition To Verbal Classification", "Verbal Classification"),
    "SchemeAlternatives": ("Alternatives",),
    "SchemePracticalReasoning": ("Practical Reasoning",),
    "SchemeValues": ("Values",),
    "SchemePositiveConsequences": ("Positive Consequences",),
    "SchemeNegativeConsequences": ("Negative Consequences",),
    "SchemeCauseToEffect": ("Cause To Effect",),
    "SchemeCorrelationToCause": ("Correlation To Cause",),
    "SchemeSign": ("Sign",),
    "SchemeEvidenceToHypothesis": ("Evidence To Hypothesis",),
    "SchemeIgnorance": ("Ignorance",),
    "SchemeBias": ("Bias",),
}
"""The names that AIFdb gives to the schemes that argraph has; the first is the one that is written.

“Witness Testimony” and “Popular Opinion” are none of argraph's, though some of its are near: they keep their
name.
"""

DEFAULTS: Final = frozenset(
    {"", "ra", "ca", "inference", "conflict", "pro", "con", "default inference", "default conflict"}
)
"""Wordings of a step that name no scheme."""


def key_of(name: str) -> str:
    """The local name of argraph's scheme of that name, or a name like `scheme-circumstantial-ad-hominem`.

    >>> key_of("Argument From Expert Opinion"), key_of("argument from circumstantial ad hominem")
    ('SchemeExpertOpinion', 'scheme-circumstantial-ad-hominem')
    """
    words = _words(name)
    return _known().get(words, "") or "scheme-" + (words.replace(" ", "-") or "unnamed")


def name_of(key: str) -> str:
    """What a scheme of argraph is called in AIFdb, or nothing.

    >>> name_of("SchemeCauseToEffect")
    'Cause To Effect'
    """
    return _ELSEWHERE.get(key, ("",))[0]


def is_known(name: str) -> bool:
    """Whether a wording is the name of one of argraph's schemes, here or elsewhere."""
    return _words(name) in _known()


@cache
def ours() -> frozenset[str]:
    """Local names of the schemes that the vocabulary has."""
    found = ox.parse(path=str(resources.ontology() / "schemes.ttl"), format=ox.RdfFormat.TURTLE)
    return frozenset(
        local_name(t.subject.value)
        for t in found
        if t.predicate.value == vocab.TYPE and getattr(t.object, "value", "") == vocab.ARG + "Scheme"
    )


@cache
def _known() -> dict[str, str]:
    return {_words(name): key for key, names in _ELSEWHERE.items() for name in (*names, key)}


def _words(name: str) -> str:
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    plain = re.sub(r"[^a-z0-9]+", " ", spaced.casefold()).strip()
    return re.sub(r"^(?:argument |scheme )?(?:from |an |a )*", "", plain).strip() or plain
