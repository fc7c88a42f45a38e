"""The story of a node and of the debate: who added, changed and removed what, in words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

import pyoxigraph as ox
from fastapi import FastAPI, Request
from starlette.responses import JSONResponse, Response

from argraph import vocab
from argraph.app.cards import Cards, Link, web_link
from argraph.app.protocol import Problem
from argraph.app.records import spelt
from argraph.app.site import HTML, Site, wished
from argraph.argument.graph import local_name
from argraph.argument.wording import counted, listed
from argraph.contribution.history import Change, Happening, Turn
from argraph.contribution.versions import Difference, literal

FORMS: Final = {HTML: "html", "application/json": "json"}

_TERM: Final = re.compile(r'"(?:[^"\\]|\\.)*"(?:@[A-Za-z0-9-]+|\^\^<[^<>]*>)?|<[^<>]*>|\[ … \]')
_ACTS: Final = {"added": "Added", "changed": "Changed", "removed": "Removed"}
_PAST: Final = "not through a contribution, so when and by whom is not recorded"
_WORDS: Final = {
    vocab.TYPE: "kind",
    vocab.LABEL: "label",
    vocab.NAME: "title",
    vocab.DCTERMS + "title": "title",
    vocab.TEXT: "text",
    vocab.DCTERMS + "subject": "themes",
    vocab.PROV + "hadPrimarySource": "taken from",
    vocab.BIBO + "authorList": "authors",
    vocab.SCHEMA + "datePublished": "published",
    vocab.SCHEMA + "url": "address",
    vocab.BIBO + "doi": "DOI",
    vocab.FABIO + "hasArXivId": "arXiv number",
}
"""What properties are called that the vocabulary takes from elsewhere, in the order that they are told in."""


@dataclass(frozen=True, slots=True)
class Line:
    """What changed in one property: its name, and its values before and after."""

    name: str
    iri: str
    was: tuple[Link, ...]
    now: tuple[Link, ...]

    @property
    def text(self) -> str:
        """The same in words."""
        was = f"{'was' if self.now else 'no longer'} {_quoted(self.was)}" if self.was else ""
        now = f"{'now ' if self.was else ''}{_quoted(self.now)}" if self.now else ""
        return f"{self.name}: {', '.join(filter(None, (was, now)))}"


@dataclass(frozen=True, slots=True)
class Passage:
    """One thing that happened.

    Attributes:
        act: Of a node `added`, `changed` or `removed`; of the debate `added` (a file, past the record),
            `accepted`, `revised` or `retracted`.
        head: What happened, in a few words.
        at: A moment or a day, by ISO 8601; empty where it is not known.
        when: The same for people.
        recorded: Whether it was accepted as a contribution.
        by: Who handed it in, else whom the file names.
        reviewer: Who accepted it; may be empty.
        contribution: Its title, with its page where there is one.
        entry: Its identifier in the record; may be empty.
        file: The file, in the debate's folder.
        changes: By property.
    """

    act: str
    head: str
    at: str
    when: str
    recorded: bool
    by: tuple[Link, ...]
    reviewer: str
    contribution: Link
    entry: str
    file: str
    changes: tuple[Line, ...]

    @property
    def text(self) -> str:
        """What happened, who did it and who accepted it, on one line."""
        told = [f"{self.when or 'At some time'}: {self.head}"]
        if self.contribution.text:
            told.append(f"with “{self.contribution.text}”")
        if self.by:
            told.append(f"by {listed(link.text for link in self.by)}")
        line = " ".join(told)
        if self.recorded:
            return f"{line}, accepted by {self.reviewer}"
        return line if self.act == "added" else f"{line} in {self.file}, {_PAST}"


@dataclass(frozen=True, slots=True)
class Story:
    """A node with what happened to it, newest first."""

    id: str
    iri: str
    href: str
    label: str
    there: bool
    passages: tuple[Passage, ...]


class Histories:
    """Tells stories in words; safe to call from several threads."""

    def __init__(self, cards: Cards) -> None:
        self._cards = cards
        self._workspace = cards.workspace

    def find(self, name: str) -> str:
        """The IRI of a node that is there, or was there; empty for any other name."""
        return self._workspace.find(name) or self._workspace.archive.gone(self._workspace.candidates(name))

    def story(self, iri: str) -> Story:
        """What happened to a node."""
        paths = self._workspace.store.paths_about(ox.NamedNode(iri))
        happenings = self._workspace.archive.of_node(iri, paths)
        there = self._workspace.knows(iri)
        return Story(
            id=(key := self._cards.key(iri) if there else self._workspace.key(iri)),
            iri=iri,
            href=f"/id/{quote(key, safe='')}",
            label=self._cards.label(iri) if there else _last_label(iri, happenings),
            there=there,
            passages=tuple(self._passage(happening) for happening in reversed(happenings)),
        )

    def turns(self, limit: int) -> tuple[Passage, ...]:
        """The latest that happened to the debate, newest first, at most so many."""
        turns = self._workspace.archive.turns(tuple(self._workspace.store.graphs))
        return tuple(self._turn(turn) for turn in turns[:limit])

    def _passage(self, happening: Happening) -> Passage:
        lines = tuple(
            Line(
                self._property(one.property),
                one.property,
                tuple(map(self._value, one.gone)),
                tuple(map(self._value, one.new)),
            )
            for one in sorted(happening.differences, key=_rank)
        )
        title = happening.change.entry.title if happening.change else ""
        told = happening.graph and (happening.change or happening.act == "added")
        known = told and self._workspace.knows(happening.graph)
        link = self._cards.link(happening.graph) if known else Link("", title)
        return self._told(
            happening.act,
            _ACTS[happening.act].lower(),
            happening,
            Link(link.href, title or link.text, id=link.id),
            lines,
        )

    def _turn(self, turn: Turn) -> Passage:
        sizes = (("added", turn.added), ("changed", turn.changed), ("removed", turn.removed))
        told = [f"{counted(len(iris), 'node')} {word}" for word, iris in sizes if iris]
        head = f"{listed(told)}" if told else "nothing that counts changed"
        change = turn.change
        replaced = "revised" if change and change.replaces else "accepted"
        act = "added" if change is None else "retracted" if change.retracts else replaced
        return self._told(act, head, turn, Link("", turn.title), ())

    def _told(
        self, act: str, head: str, one: Happening | Turn, contribution: Link, lines: tuple[Line, ...]
    ) -> Passage:
        change = one.change
        at = _time(change.at) if change else one.day
        return Passage(
            act=act,
            head=head,
            at=at,
            when=f"{change.at:%Y-%m-%d %H:%M} UTC" if change else one.day,
            recorded=change is not None,
            by=_submitter(change) if change else tuple(map(self._agent, one.by)),
            reviewer=change.reviewer.name if change else "",
            contribution=contribution,
            entry=change.entry.id if change else "",
            file=one.path,
            changes=lines,
        )

    def _agent(self, iri: str) -> Link:
        if self._workspace.knows(iri):
            return self._cards.link(iri)
        return web_link(iri, local_name(iri)) or Link("", iri)

    def _property(self, iri: str) -> str:
        if iri in _WORDS:
            return _WORDS[iri]
        return self._cards.words.text(iri, vocab.RDFS + "label") or spelt(local_name(iri))

    def _value(self, value: str) -> Link:
        """A value as N-Triples has it, in words; a list or a node without an IRI as what it holds."""
        terms = [self._term(term) for term in _TERM.findall(value)]
        return terms[0] if len(terms) == 1 else Link("", "; ".join(term.text for term in terms) or value)

    def _term(self, term: str) -> Link:
        if not term.startswith("<"):
            return Link("", literal(term))
        iri = term[1:-1]
        words = self._cards.words.text(iri, vocab.LABEL, vocab.RDFS + "label")
        if self._workspace.knows(iri) or self._cards.words.defines(iri):
            link = self._cards.link(iri)
            return Link(link.href, words or link.text, id=link.id)
        return web_link(iri, words or iri) or Link("", words or iri)


_TEXT: Final = {"type": "string"}


def _object(**properties: Any) -> dict[str, Any]:
    names = list(properties)
    return {"type": "object", "properties": properties, "required": names, "additionalProperties": False}


def _array(of: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": of}


SCHEMA: Final = _object(
    id=_TEXT,
    iri=_TEXT,
    href=_TEXT,
    label=_TEXT,
    there={"type": "boolean", "description": "Whether it is part of the debate now."},
    happenings=_array(
        _object(
            act={"enum": ["added", "changed", "removed"]},
            at=_TEXT | {"description": "A moment or a day (ISO 8601); empty where it is not known."},
            recorded={"type": "boolean", "description": "Whether it was accepted as a contribution."},
            by=_array(_object(name=_TEXT, href=_TEXT)),
            reviewer=_TEXT | {"description": "Who accepted it; may be empty."},
            contribution=_object(title=_TEXT, href=_TEXT, entry=_TEXT),
            file=_TEXT,
            changes=_array(
                _object(
                    property=_TEXT,
                    iri=_TEXT,
                    was=_array(_object(text=_TEXT, href=_TEXT)),
                    now=_array(_object(text=_TEXT, href=_TEXT)),
                    said=_TEXT,
                )
            ),
            said=_TEXT | {"description": "The same in words."},
        )
    )
    | {"description": "Newest first."},
)
"""The JSON of a story."""


def data(story: Story) -> dict[str, Any]:
    """A story as JSON has it."""
    told = asdict(story)
    told["happenings"] = [_data(passage) for passage in story.passages]
    del told["passages"]
    return told


def listing(passages: Iterable[Passage]) -> list[dict[str, Any]]:
    """What happened to a debate, as JSON has it."""
    return [_data(passage) for passage in passages]


def _data(passage: Passage) -> dict[str, Any]:
    told = asdict(passage)
    told["said"] = passage.text
    for name in ("head", "when"):
        del told[name]
    link = passage.contribution
    told["contribution"] = {"title": link.text, "href": link.href, "entry": told.pop("entry")}
    told["by"] = [{"name": who.text, "href": who.href} for who in passage.by]
    told["changes"] = [
        {
            "property": line.name,
            "iri": line.iri,
            "was": [{"text": value.text, "href": value.href} for value in line.was],
            "now": [{"text": value.text, "href": value.href} for value in line.now],
            "said": line.text,
        }
        for line in passage.changes
    ]
    return told


class Stories:
    """The places where the story of a node is read; not `async`, so that none waits for another."""

    def __init__(self, site: Site, node: Callable[[Request, str], Response]) -> None:
        self._site = site
        self._node = node
        self._histories = Histories(site.pages.cards)

    def add_to(self, app: FastAPI) -> None:
        """Add the place to the server; before that of the nodes themselves, whose names may hold slashes."""
        app.add_api_route(
            "/id/{name:path}/history",
            self.of_node,
            methods=["GET"],
            summary="What happened to a node",
            response_class=Response,
        )

    def of_node(self, request: Request, name: str) -> Response:
        """Who added, changed and removed it, with which contribution, newest first; also of what is gone.

        Formats: html, json.
        """
        iri, whole = self._histories.find(name), f"{name}/history"
        written = request.scope.get("raw_path", b"").endswith(b"/history")
        if not written or (not iri and self._site.pages.workspace.find(whole)):
            return self._node(request, whole)  # the slash belongs to the name of a node
        if not iri:
            iri = self._site.find(name)  # of the vocabulary, only mentioned, or nowhere
        story = self._histories.story(iri)
        if not story.passages:
            raise Problem(
                404, f"Nothing is recorded of “{story.label}”: no file of this debate describes it."
            )
        if wished(request, FORMS) == "json":
            answer: Response = JSONResponse(data(story), headers={"vary": "Accept"})
        else:
            answer = self._site.html("history.html", story=story)
        answer.headers["x-robots-tag"] = "noindex"  # old wordings are for who looks for them
        return answer


def _submitter(change: Change) -> tuple[Link, ...]:
    actor = change.entry.submitter
    return (Link("", "somebody without a token" if actor.role == "anonymous" else actor.name),)


def _rank(difference: Difference) -> int:
    return list(_WORDS).index(difference.property) if difference.property in _WORDS else len(_WORDS)


def _quoted(values: Iterable[Link]) -> str:
    return listed(f"“{value.text}”" for value in values)


def _last_label(iri: str, happenings: list[Happening]) -> str:
    """What a node that is gone was last called."""
    for happening in reversed(happenings):
        for change in happening.differences:
            if change.property in {vocab.LABEL, vocab.NAME, vocab.DCTERMS + "title"}:
                return literal((*change.new, *change.gone)[0])
    return local_name(iri)


def _time(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
