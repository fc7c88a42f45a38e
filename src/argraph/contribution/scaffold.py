"""Commented Turtle to start a contribution from, with blanks that the gate knows."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Final, Literal, TypeAlias, get_args

from argraph import resources, vocab
from argraph.argument.graph import Node, Step, local_name
from argraph.contribution.vocabulary import Vocabulary

Kind: TypeAlias = Literal["claim", "objection", "rebuttal", "evidence", "study"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)

BLANK: Final = re.compile(r"«fill in:?(?P<what>[^»\n]{0,200})»")
BLANK_START: Final = "«fill in".encode()

_LICENCE: Final = "https://creativecommons.org/licenses/by/4.0/"
_PREFIXES: Final = {
    "claim": ("arg", "dcterms", "schema", "skos", "xsd"),
    "objection": ("arg", "dcterms", "schema", "skos", "xsd"),
    "rebuttal": ("arg", "dcterms", "schema", "skos", "xsd"),
    "evidence": ("arg", "bibo", "dcterms", "fabio", "schema", "xsd"),
    "study": ("arg", "bibo", "dcterms", "fabio", "schema", "xsd"),
}


def fill(text: str) -> str:
    """Text with every blank turned into letters of a name, of the same length, so that places stay.

    >>> fill("osai:cl-«fill in: name» a arg:Claim .")
    'osai:cl-_fill_in__name_ a arg:Claim .'
    """
    return BLANK.sub(lambda blank: re.sub(r"[^A-Za-z0-9]", "_", blank[0]), text)


def scaffold(
    kind: Kind,
    *,
    base: str,
    prefix: str = "osai",
    name: str = "",
    against: Node | Step | None = None,
    created: date | None = None,
) -> str:
    """A Turtle file for a new node, which passes the gate once its blanks are filled.

    Args:
        kind: What is to be added. Evidence comes with its study and with its line to a statement.
        base: What the IRIs of the debate's nodes begin with.
        prefix: The prefix for them.
        name: The new node's name without its role prefix; a blank when empty.
        against: What the new node is put forward against; for a claim what it is a reason for, for evidence
            what it bears on, for a study nothing. A blank when it is not given.
        created: The date of the contribution; today when not given.
    """
    here = _Place(base, prefix, name or "«fill in: name»", against)
    day = (created or date.today()).isoformat()
    parts = [
        f"# {_HEADS[kind]}\n"
        "#\n"
        "# 1. Replace every blank, from « to ». The same words mean the same value.\n"
        "# 2. Run “argraph check” on this file: it says what is still missing, and where.\n"
        "# What stands behind a # is a comment; delete it when you are done.\n"
        "# A name is made of small letters, digits and hyphens, such as market-power.\n",
        _prefixes(kind, here),
        "# Whose contribution this is.\n"
        f"{here.node('contribution')} a arg:Contribution ;\n"
        f"    dcterms:isPartOf <{base}> ;\n"
        '    dcterms:title "«fill in: what this file adds, in a few words»"@en ;\n'
        "    dcterms:creator <https://«fill in: a page about you, such as orcid.org/0000-0002-1825-0097»> ;\n"
        f'    dcterms:created "{day}"^^xsd:date ;\n'
        f"    dcterms:license <{_LICENCE}> .   # CC BY 4.0, as the whole debate\n",
        *_BODIES[kind](here),
    ]
    return "\n".join(parts)


class _Place:
    """Names in a debate, and the node that the new one is linked to."""

    def __init__(self, base: str, prefix: str, name: str, against: Node | Step | None) -> None:
        self.base, self.prefix, self.name, self._against = base, prefix, name, against

    def node(self, role: str) -> str:
        return f"{self.prefix}:{role}-{self.name}"

    def step(self, role: str) -> str:
        """The name of a step from the new node to the other one."""
        if self._against is None:
            return self.node(role)
        return f"{self.node(role)}-{re.sub(r'^[a-z]+-', '', local_name(self._against.iri))}"

    def other(self, what: str) -> str:
        if self._against is None:
            return f"{self.prefix}:«fill in: {what}»"
        local = self._against.iri.removeprefix(self.base)
        plain = re.fullmatch(r"[A-Za-z0-9][\w-]*", local, re.ASCII)
        return f"{self.prefix}:{local}" if plain else f"<{self._against.iri}>"

    def remark(self, otherwise: str) -> str:
        """What the other node says, as a comment; its wording is another contributor's, so one line of it."""
        if self._against is None:
            return f"# {otherwise}"
        words = self._against.label if isinstance(self._against, Node) else self._against.text
        words = "".join(c for c in " ".join(words.split()) if c.isprintable())
        return f"# the {self._against.kind}" + (f" “{words}”" if words else "")


def _prefixes(kind: Kind, here: _Place) -> str:
    known = {name: vocab.PREFIXES[name] for name in _PREFIXES[kind]} | {here.prefix: here.base}
    return "".join(f"@prefix {name}: <{known[name]}> .\n" for name in sorted(known))


def _statement(here: _Place, role: str, cls: str, what: str) -> str:
    return (
        f"# The {what}: what can be true or false, without its reasons. Those are statements of their own.\n"
        f"{here.node(role)} a arg:{cls} ;\n"
        f'    skos:prefLabel "«fill in: the {what} in a few words»"@en ;\n'
        f'    schema:text "«fill in: the {what} in one full sentence»"@en .\n'
    )


def _claim(here: _Place) -> list[str]:
    return [
        _statement(here, "cl", "Claim", "claim"),
        "# What the claim is a reason for. More premises: separate them with commas; they count together.\n"
        f"{here.step('su')} a arg:Support ;\n"
        f"    arg:premise {here.node('cl')} ;\n"
        f"    arg:conclusion {here.other('name of the statement it supports, such as pil-safety')} .   "
        f"{here.remark('a thesis, claim, objection or rebuttal')}\n",
    ]


def _objection(here: _Place) -> list[str]:
    return [
        _statement(here, "ob", "Objection", "objection"),
        "# What the objection is against.\n"
        f"{here.step('at')} a arg:Attack ;\n"
        f"    arg:premise {here.node('ob')} ;\n"
        f"    arg:target {here.other('name of what it is against, such as pil-safety')} .   "
        f"{here.remark('a statement, an evidence item, or a step')}\n",
    ]


def _rebuttal(here: _Place) -> list[str]:
    return [
        _statement(here, "rb", "Rebuttal", "rebuttal"),
        "# What the rebuttal answers.\n"
        f"{here.step('at')} a arg:Attack ;\n"
        f"    arg:premise {here.node('rb')} ;\n"
        f"    arg:target {here.other('name of what it answers, such as ob-malicious-use')} .   "
        f"{here.remark('an objection, a rebuttal, or a step that has one as premise')}\n",
    ]


def _study(here: _Place) -> list[str]:
    return [
        "# The source. Further authors follow the first, each in quotation marks, with no commas between;\n"
        "# if you leave some out, add the line: arg:moreAuthors true ;\n"
        f"{here.node('study')} a arg:Study ;\n"
        '    schema:name "«fill in: title of the study»"@en ;\n'
        '    bibo:authorList ( "«fill in: first author, as Family, Given»" ) ;\n'
        '    schema:datePublished "«fill in: year»"^^xsd:gYear ;\n'
        f"{_remark('Types: ' + ', '.join(choices('StudyType')) + '.')}"
        "    arg:studyType arg:«fill in: type of study» ;\n"
        f"{_remark('Methods: ' + ', '.join(choices('Method')) + '.')}"
        "    arg:method arg:«fill in: method» ;\n"
        '    arg:venue "«fill in: journal, conference or site»" ;\n'
        "    # One identifier at least; delete the lines you have none for.\n"
        '    bibo:doi "«fill in: DOI, such as 10.1145/3442188.3445922»" ;\n'
        '    fabio:hasArXivId "«fill in: arXiv number, such as 2310.12941»" ;\n'
        "    schema:url <https://«fill in: address of the study»> ;\n"
        "    arg:verification arg:Unverified .   "
        "# arg:Verified once somebody has followed the identifier to the study\n",
    ]


def _evidence(here: _Place) -> list[str]:
    return [
        *_study(here),
        "# What the study found. The grade follows from the method of the study.\n"
        f"{here.node('ev')} a arg:Evidence ;\n"
        '    schema:text "«fill in: the finding in one sentence, in your own words»"@en ;\n'
        f"    arg:reportedIn {here.node('study')} ;\n"
        f"{_remark(_grades() + '.')}"
        "    arg:grade arg:«fill in: grade of the evidence» ;\n"
        "    arg:verification arg:Unverified .   "
        "# arg:Verified once somebody has read the finding in the study\n",
        "# What the finding bears on. On an arg:Indirect line the grade is one step lower.\n"
        f"{here.step('el')} a arg:EvidenceLine ;\n"
        f"    arg:evidence {here.node('ev')} ;\n"
        f"    arg:bearsOn {here.other('name of the statement it bears on, such as pil-safety')} ;   "
        f"{here.remark('a thesis, claim, objection or rebuttal')}\n"
        f"    arg:direction arg:«fill in: For or Against» ;\n"
        f"    arg:directness arg:«fill in: Direct or Indirect» ;\n"
        f"    arg:grade arg:«fill in: grade of the line» .\n",
    ]


@cache
def _vocabulary() -> Vocabulary:
    return Vocabulary.load(resources.ontology(), resources.shapes())


def choices(cls: str) -> tuple[str, ...]:
    """Local names of the individuals of a class, such as `StudyType` or `Method`."""
    concepts = _vocabulary().concepts
    return tuple(sorted(local_name(iri) for iri, kind in concepts.items() if kind == vocab.ARG + cls))


def grades() -> Mapping[str, str]:
    """The grade that each method gives, by local names."""
    return {local_name(method): local_name(grade) for method, grade in _vocabulary().implied.items()}


def _grades() -> str:
    """Which methods give which grade, in words."""
    by_grade: dict[str, list[str]] = {}
    for method, grade in sorted(grades().items()):
        by_grade.setdefault(grade, []).append(method)
    return "; ".join(f"{grade}: {', '.join(methods)}" for grade, methods in sorted(by_grade.items()))


def _remark(text: str) -> str:
    """Comment lines inside a node's block."""
    return textwrap.fill(text, 100, initial_indent="    # ", subsequent_indent="    # ") + "\n"


_HEADS: Final = {
    "claim": "A new claim, and what it is a reason for.",
    "objection": "A new objection, and what it is against.",
    "rebuttal": "A new rebuttal, and the objection that it answers.",
    "evidence": "New evidence: a study, what it found, and what that bears on.",
    "study": "A new study.",
}
_BODIES: Final = {
    "claim": _claim,
    "objection": _objection,
    "rebuttal": _rebuttal,
    "evidence": _evidence,
    "study": _study,
}
