"""What somebody is writing: from answers in plain words, a scaffold, or a file of their own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Final
from urllib.parse import unquote, urlsplit

from argraph.app.examined import Examined
from argraph.app.pages import Pages
from argraph.argument.debates import Debate
from argraph.argument.wording import name as called
from argraph.contribution.form import ASKED, Answers, written
from argraph.contribution.reported import (
    DIRECTIONS,
    DIRECTNESS,
    Finding,
    written_finding,
)
from argraph.contribution.scaffold import KINDS, grades, scaffold
from argraph.contribution.scaffold import choices as offered
from argraph.errors import UnknownNode

_NAME: Final = "contribution.ttl"
_FINDING: Final = tuple(one.name for one in fields(Finding))

_TITLES: Final[Mapping[str, str]] = {
    "claim": "Support {}",
    "objection": "Object to {}",
    "rebuttal": "Answer {}",
    "evidence": "Add evidence on {}",
}
_FREE: Final[Mapping[str, str]] = {
    "claim": "Add a claim",
    "objection": "Add an objection",
    "rebuttal": "Answer an objection",
    "evidence": "Add evidence",
    "study": "Add a study",
}


@dataclass(frozen=True, slots=True)
class Target:
    """What a contribution is put forward against, or for."""

    id: str
    iri: str
    href: str
    label: str
    kind: str
    text: str
    status: str
    standing: str


@dataclass(slots=True)
class Draft:
    """What somebody is writing.

    Attributes:
        kind: What it is to be; empty where it begins from a file.
        against: What it is put forward against or for, as it was told.
        target: The same, once it is known.
        answers: To the questions in plain words.
        finding: The same where evidence is added.
        text: The file.
        file: Its name.
        supersedes: The contribution that it is a revision of; may be empty.
        faults: What is wrong with an answer, by field.
        examined: What was found in the file; None before it is checked.
    """

    kind: str = ""
    against: str = ""
    target: Target | None = None
    answers: Answers = field(default_factory=Answers)
    finding: Finding = field(default_factory=Finding)
    name: str = ""
    because: str = ""
    text: str = ""
    file: str = ""
    supersedes: str = ""
    faults: dict[str, str] = field(default_factory=dict)
    examined: Examined | None = None

    @property
    def title(self) -> str:
        """What the page is called."""
        if self.supersedes:
            return "Hand in a revision"
        if self.target and self.kind in _TITLES:
            label = self.target.label
            return _TITLES[self.kind].format(label if label.startswith("the ") else f"“{label}”")
        return _FREE.get(self.kind, "Add to the debate")


class Drafts:
    """Reads drafts from forms, and writes their files; safe to call from several threads."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        self._workspace = pages.workspace

    def of(self, told: Mapping[str, str]) -> Draft:
        """What the fields of the form tell."""
        kind = told.get("kind", "")
        draft = Draft(
            kind=kind if kind in KINDS else "",
            against=told.get("against", ""),
            name=told.get("name", ""),
            answers=Answers(
                told.get("title", ""),
                told.get("sentence", ""),
                told.get("by", ""),
                "",
                told.get("language", "en"),
            ),
            finding=Finding(**{name: lines(told.get(name, "")) for name in _FINDING if name in told}),
            because=told.get("because", ""),
            text=lines(told.get("text", "")),
            file=_clean(told.get("file", "")),
            supersedes=told.get("supersedes", ""),
        )
        draft.target = self._target(draft)
        return draft

    def write(self, draft: Draft) -> None:
        """Make the file from what is known so far; what is not stays a blank."""
        draft.target = self._target(draft)
        debate = self._debate(draft.target)
        if debate is None:
            draft.faults["against"] = (
                "This debate does not describe itself yet, so there is no scaffold for it."
            )
            return
        base, prefix = debate.base, debate.prefix or "debate"
        iri = draft.target.iri if draft.target else ""
        if draft.kind == "evidence" and iri and iri not in self._pages.argument.nodes:
            draft.faults["against"] = "A finding bears on a statement: name a thesis, claim or objection."
            iri = ""
        because = self._find(draft, "because", draft.because)
        if draft.kind in ASKED:
            draft.text = written(
                draft.kind,
                Answers(
                    draft.answers.title,
                    draft.answers.text,
                    draft.answers.by,
                    because,
                    draft.answers.language,
                ),
                argument=self._pages.argument,
                base=base,
                prefix=prefix,
                against=iri,
                name=draft.name,
                taken=self._workspace.knows,
            )
        elif draft.kind == "evidence":
            draft.faults.update(draft.finding.faults())
            draft.text = written_finding(
                draft.finding,
                argument=self._pages.argument,
                base=base,
                prefix=prefix,
                against=iri,
                name=draft.name,
                taken=self._workspace.knows,
            )
        elif draft.kind in KINDS:
            end = self._pages.argument.nodes.get(iri) or self._pages.argument.steps.get(iri)
            name = draft.name if re.fullmatch(r"[a-z0-9][a-z0-9-]{0,60}", draft.name) else ""
            draft.text = scaffold(draft.kind, base=base, prefix=prefix, name=name, against=end)
        found = re.search(rf"^{re.escape(prefix)}:contribution-([\w-]+) a ", draft.text, re.MULTILINE)
        draft.file = f"{found[1]}.ttl" if found else f"{draft.kind or 'contribution'}.ttl"

    def _debate(self, target: Target | None) -> Debate | None:
        own = self._workspace.debate_of(target.iri) if target else None
        return own or next(iter(self._workspace.debates), None)

    def _target(self, draft: Draft) -> Target | None:
        iri = self._find(draft, "against", draft.against)
        if not iri or draft.kind == "study":
            return None
        cards = self._pages.cards
        node, step = self._pages.argument.nodes.get(iri), self._pages.argument.steps.get(iri)
        kind, text = (node.kind, node.text) if node else ("step", step.text if step else "")
        label = node.label if node and node.kind != "evidence" else called(self._pages.argument, iri)
        about = self._pages.of(iri).about
        return Target(cards.key(iri), iri, cards.page(iri), label, kind, text, about.status, about.standing)

    def _find(self, draft: Draft, field: str, told: str) -> str:
        """The IRI of a node that was told by its name, or by the address of its page here."""
        told = told.strip()
        if not told:
            return ""
        path = urlsplit(told).path if "/id/" in told else ""
        name = unquote(path.rpartition("/id/")[2]) if path else told
        try:
            iri = self._workspace.resolve(name)
        except (UnknownNode, ValueError) as error:
            draft.faults[field] = str(error)
            return ""
        known = iri in self._pages.argument.nodes or (
            field == "against" and iri in self._pages.argument.steps
        )
        if not known:
            draft.faults[field] = f"“{told}” is neither a statement nor a finding of this debate."
            return ""
        return iri


def choices() -> Mapping[str, Mapping[str, str]]:
    """What can be chosen where evidence is added, by field: local names, with the words for them."""
    grade = grades()
    return {
        "type": {name: _words(name) for name in offered("StudyType")},
        "method": {
            name: f"{_words(name)} (grade {_words(grade[name])})" if name in grade else _words(name)
            for name in offered("Method")
        },
        "direction": DIRECTIONS,
        "directness": DIRECTNESS,
    }


def _words(name: str) -> str:
    """A local name in words: `CaseStudy` is “case study”."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()


def lines(text: str) -> str:
    """A text as it was typed: browsers send CR LF for each line end of a field."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _clean(name: str) -> str:
    """A file name that may stand in a header; the ledger has its own rules for what it keeps."""
    plain = re.sub(r"[^\w.-]+", "-", name.replace("\\", "/").rpartition("/")[2], flags=re.ASCII).strip("-.")[
        :80
    ]
    return plain if plain.endswith(".ttl") else f"{plain}.ttl" if plain else _NAME
