"""A contribution asked for in plain words, and written into a scaffold's blanks as Turtle."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import quote

from argraph.argument import wording
from argraph.argument.graph import ArgumentGraph, Node, local_name
from argraph.contribution.scaffold import BLANK, Kind, scaffold

ASKED: Final[tuple[Kind, ...]] = ("claim", "objection", "rebuttal")
"""The kinds that a few questions suffice for; a study needs its whole description."""

_ROLES: Final = {"claim": "cl", "objection": "ob", "rebuttal": "rb"}
_LONGEST: Final = 32  # characters of a name that is made from a title
_SMALL: Final = re.compile(r"an?|and|are|as|at|be|by|for|from|in|is|it|of|on|or|that|the|this|to|was|with")
_ORCID: Final = re.compile(r"(?:https?://)?(?:www\.)?(?:orcid\.org/)?(\d{4}-\d{4}-\d{4}-\d{3}[\dXx])/?")
_ADDRESS: Final = re.compile(r"(?:https?://)?[\w-]+(?:\.[\w-]+)+(?:[:/?#]\S*)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Answers:
    """What somebody answered who knows no Turtle; what is empty stays a blank.

    Attributes:
        title: The statement in a few words.
        text: The statement in one full sentence.
        by: Who says so: an ORCID iD, the address of a page, or a name.
        because: IRI of a statement or finding of the debate that bears it out; may be empty.
        language: Language of title and text, as a tag.
    """

    title: str = ""
    text: str = ""
    by: str = ""
    because: str = ""
    language: str = "en"

    def tidied(self) -> Answers:
        """The same in single lines, without what cannot be printed."""
        told = {field: line(getattr(self, field)) for field in ("title", "text", "by", "because")}
        return replace(self, **told, language=language_of(self.language))


def written(
    kind: Kind,
    answers: Answers,
    *,
    argument: ArgumentGraph,
    base: str,
    prefix: str,
    against: str = "",
    name: str = "",
    taken: Callable[[str], bool] = lambda iri: False,
) -> str:
    """A Turtle file with the answers in it, and blanks for what was not answered.

    Args:
        kind: One of `ASKED`.
        answers: What was answered.
        argument: The debate.
        base: What the IRIs of its nodes begin with.
        prefix: The prefix for them.
        against: IRI of what the new statement is put forward against or for.
        name: Name of the new node without its role prefix; made from the title when empty.
        taken: Tells whether an IRI is in use.
    """
    answers = answers.tidied()
    role = _ROLES[kind]
    name = slug(name) or _free(slug(answers.title), base, role, taken)
    end = argument.nodes.get(against) or argument.steps.get(against)
    text = scaffold(kind, base=base, prefix=prefix, name=name, against=end)
    if answers.language != "en":
        text = text.replace('»"@en', f'»"@{answers.language}')
    text = BLANK.sub(lambda blank: _filled(blank, kind, answers, base), text)
    text = re.sub(r"<https://(<[^<>]+>)>", r"\1", text)  # an address that brings its own scheme
    backing = argument.nodes.get(answers.because)
    if backing is not None:
        called = wording.name(argument, backing.iri)
        text += "\n" + _backing(backing, called, f"{role}-{name or '«fill in: name»'}", base, prefix)
    return text


def _filled(blank: re.Match[str], kind: Kind, answers: Answers, base: str) -> str:
    """What stands in place of a blank; the scaffold's own words say what it is for."""
    what = blank["what"].strip()
    if what.startswith("a page about you"):
        return f"<{agent(answers.by, base)}>" if re.search(r"\w", answers.by) else blank[0]
    told = {
        "what this file adds, in a few words": f"{kind.capitalize()}: {answers.title}"
        if answers.title
        else "",
        f"the {kind} in a few words": answers.title,
        f"the {kind} in one full sentence": answers.text,
    }.get(what, "")
    return told.replace("\\", "\\\\").replace('"', '\\"') or blank[0]


def agent(by: str, base: str) -> str:
    """The IRI of whoever gives an ORCID iD, the address of a page, or else a name.

    >>> agent("0000-0002-1825-0097", "https://example.org/d/")
    'https://orcid.org/0000-0002-1825-0097'
    >>> agent("example.org/~jane", "https://example.org/d/")
    'https://example.org/~jane'
    >>> agent("Jane Doe", "https://example.org/d/")
    'https://example.org/#Jane_Doe'
    """
    if found := _ORCID.fullmatch(by):
        return f"https://orcid.org/{found[1].upper()}"
    if _ADDRESS.fullmatch(by):
        address = by if by.startswith(("http://", "https://")) else f"https://{by}"
        return quote(address, safe="/:?#@!$&'()*+,;=~%-._")
    name = re.sub(r"[^\w.-]+", "_", by).strip("_")
    return f"{base.rstrip('/#').rpartition('/')[0]}/#{name}"  # beside the debate: within, it would be a node


def language_of(tag: str) -> str:
    """A tag of a language, English where it is none."""
    tag = tag.strip()
    return tag if re.fullmatch(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*", tag) else "en"


def line(text: str) -> str:
    """What was typed, in one line, without what cannot be printed or marks a blank."""
    return "".join(c for c in " ".join(text.split()) if c.isprintable() and c not in "«»")


def slug(title: str) -> str:
    """A name made from a title: small letters, digits and hyphens, without the words that say little.

    >>> slug("The cost of Übung, and of “free” models")
    'cost-ubung-free-models'
    """
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().casefold()
    words = re.findall(r"[a-z0-9]+", plain.replace("'", ""))
    told = [word for word in words if not _SMALL.fullmatch(word)] or words
    name = ""
    for word in told:
        if name and len(name) + 1 + len(word) > _LONGEST:
            break
        name = f"{name}-{word}".strip("-")
    return name[:_LONGEST].rstrip("-")


def _free(name: str, base: str, role: str, taken: Callable[[str], bool]) -> str:
    """A name of which neither statement nor contribution exists."""
    if not name:
        return ""
    number = 1
    while True:
        one = name if number == 1 else f"{name}-{number}"
        if not any(taken(f"{base}{kind}-{one}") for kind in (role, "contribution")):
            return one
        number += 1


def _backing(node: Node, called: str, new: str, base: str, prefix: str) -> str:
    """The step that leads from something in the debate to the new statement."""
    local = node.iri.removeprefix(base)
    other = f"{prefix}:{local}" if re.fullmatch(r"[A-Za-z0-9][\w-]*", local, re.ASCII) else f"<{node.iri}>"
    tail = re.sub(r"^[a-z]+-", "", local_name(node.iri))
    tail = tail if re.fullmatch(r"[A-Za-z0-9][\w-]*", tail, re.ASCII) else "other"
    own = new.partition("-")[2]
    called = line(called)
    remark = f"# {called}" if called.startswith("the ") else f"# the {node.kind} {called}"
    if node.kind != "evidence":
        return (
            "# What bears it out.\n"
            f"{prefix}:su-{tail}-{own} a arg:Support ;\n"
            f"    arg:premise {other} ;   {remark}\n"
            f"    arg:conclusion {prefix}:{new} .\n"
        )
    grade = f"arg:{node.grade}" if node.grade else "arg:«fill in: grade of the line»"
    return (
        "# What bears it out. On an arg:Indirect line the grade is one step lower than that of the finding.\n"
        f"{prefix}:el-{tail}-{own} a arg:EvidenceLine ;\n"
        f"    arg:evidence {other} ;   {remark}\n"
        f"    arg:bearsOn {prefix}:{new} ;\n"
        "    arg:direction arg:For ;\n"
        "    arg:directness arg:Direct ;\n"
        f"    arg:grade {grade} .\n"
    )
