"""The pages of contributing: from a few answers, a scaffold or a file to what became of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, cast
from urllib.parse import quote, unquote, urlsplit

import pyoxigraph as ox
from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from argraph.app.answers.fields import write
from argraph.app.answers.contributions import Checked
from argraph.app.cards import Link
from argraph.app.desk import Refused
from argraph.app.endpoint import while_there
from argraph.app.examined import Examined
from argraph.app.identity import CSRF_FIELD, Caller
from argraph.app.marked import marked
from argraph.app.protocol import Problem, parameters, read_body
from argraph.app.reception import LARGEST, Reception, actions, may_read
from argraph.app.site import Site
from argraph.argument.debates import Debate
from argraph.argument.wording import name as called
from argraph.contribution import report
from argraph.contribution.form import ASKED, Answers, written
from argraph.contribution.ledger import MARKS, Entry
from argraph.contribution.scaffold import KINDS, Kind, scaffold
from argraph.errors import UnknownNode

_FORM: Final = 3 * LARGEST + 64 * 1024  # bytes of a form: percent-encoding makes three of one
_NAME: Final = "contribution.ttl"
_PRIVATE: Final = {"cache-control": "no-store", "x-robots-tag": "noindex"}

TITLES: Final[Mapping[str, str]] = {
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
        if self.target and self.kind in TITLES:
            label = self.target.label
            return TITLES[self.kind].format(label if label.startswith("the ") else f"“{label}”")
        return _FREE.get(self.kind, "Add to the debate")


class Contributing:
    """The endpoints where one contributes, and sees what became of it."""

    def __init__(self, site: Site, reception: Reception) -> None:
        self._site = site
        self._pages = site.pages
        self._workspace = site.pages.workspace
        self._reception = reception

    def add_to(self, app: FastAPI) -> None:
        """Add the places to the server."""
        for path, method, endpoint in (
            ("/contribute", "GET", self.begin),
            ("/contribute", "POST", self.go_on),
            ("/contributions/{id}", "GET", self.outcome),
            ("/contributions/{id}", "POST", self.act),
        ):
            app.add_api_route(
                path, endpoint, methods=[method], include_in_schema=False, response_class=Response
            )

    # -- writing --------------------------------------------------------------------------------------------

    async def begin(
        self, request: Request, kind: str = "", against: str = "", name: str = "", supersedes: str = ""
    ) -> Response:
        """An empty page, one with a scaffold, or one with a file that is to be revised."""
        async with self._reception.door(request, "begin"):
            caller = await self._reception.identity.caller(request)
            draft = Draft(kind if kind in KINDS else "", against, name=name, supersedes=supersedes)
            if supersedes:
                entry = await self._reception.entry(supersedes)
                content = await self._reception.content(caller, supersedes)
                draft.text, draft.file = content.decode("utf-8", "replace"), entry.name
            elif draft.kind:
                self._write(draft)
            return self._page(draft, caller, fresh=True)

    async def go_on(self, request: Request) -> Response:
        """Write the answers into a file, check it, hand it in, or give it back as a file."""
        async with self._reception.door(request, "contribute"):
            told = await form(request)
            draft = self._draft(told)
            do = told.get("do", "check")
            if do in {"write", "download"}:
                return await self._without_check(request, draft, do)
            identity = self._reception.identity
            caller = await (self._acting(request, told) if do == "submit" else identity.caller(request))
            data = draft.text.encode()
            if len(data) > LARGEST:
                raise Problem(413, f"The file is longer than {LARGEST:,} bytes: hand it in as several files.")
            if not data.strip():
                draft.faults["text"] = "Nothing is written yet."
                return self._page(draft, caller, status=422)
            status = 200
            if do == "submit":
                try:
                    entry = await self._reception.submit(
                        caller, draft.file, data, supersedes=draft.supersedes or None
                    )
                    return RedirectResponse(f"/contributions/{entry.id}?new=1", 303)
                except Refused as refused:
                    draft.examined, status = refused.examined, 422
                except Problem as problem:
                    if problem.status_code not in {401, 403, 409, 429}:
                        raise
                    draft.faults["submit"] = problem.detail
                    if "contribution" in problem.extra:
                        draft.faults["known"] = str(problem.extra["contribution"]["id"])
                    status = problem.status_code
            if draft.examined is None:
                work = self._reception.examine(caller, draft.file, data)
                draft.examined = await while_there(request, work)
                if "application/json" in request.headers.get("accept", ""):
                    return private(_checked(draft.examined))
                status = status if status != 200 or draft.examined.report.ok else 422
            return self._page(draft, caller, status=status)

    async def _without_check(self, request: Request, draft: Draft, do: str) -> Response:
        if do == "download":
            answer = Response(draft.text, media_type="text/turtle")
            answer.headers["content-disposition"] = f'attachment; filename="{draft.file}"'
            return answer
        self._write(draft)
        if "text/turtle" in request.headers.get("accept", ""):
            named = {"content-disposition": f'inline; filename="{draft.file}"'}
            return Response(draft.text, media_type="text/turtle", headers=_PRIVATE | named)
        caller = await self._reception.identity.caller(request)
        if draft.faults:
            return self._page(draft, caller, status=422)
        draft.examined = await self._reception.examine(caller, draft.file, draft.text.encode())
        return self._page(draft, caller)

    async def _acting(self, request: Request, told: Mapping[str, str]) -> Caller:
        """Who sends a form: by session, or by a token in a field of it."""
        return await acting(self._reception, request, told)

    def _draft(self, told: Mapping[str, str]) -> Draft:
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
            because=told.get("because", ""),
            text=lines(told.get("text", "")),
            file=_clean(told.get("file", "")),
            supersedes=told.get("supersedes", ""),
        )
        draft.target = self._target(draft)
        return draft

    def _write(self, draft: Draft) -> None:
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
        because = self._find(draft, "because", draft.because)
        if draft.kind in ASKED:
            draft.text = written(
                cast(Kind, draft.kind),
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
        elif draft.kind:
            end = self._pages.argument.nodes.get(iri) or self._pages.argument.steps.get(iri)
            name = draft.name if re.fullmatch(r"[a-z0-9][a-z0-9-]{0,60}", draft.name) else ""
            draft.text = scaffold(cast(Kind, draft.kind), base=base, prefix=prefix, name=name, against=end)
        found = re.search(rf"^{re.escape(prefix)}:contribution-([\w-]+) a ", draft.text, re.MULTILINE)
        draft.file = f"{found[1]}.ttl" if found else f"{draft.kind or 'contribution'}.ttl"

    def _debate(self, target: Target | None) -> Debate | None:
        own = self._pages.debate(target.iri) if target else None
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

    def _page(self, draft: Draft, caller: Caller, *, status: int = 200, fresh: bool = False) -> Response:
        reception = self._reception
        examined = draft.examined
        key = quote(f"{draft.kind}|{draft.against}|{draft.supersedes}", safe="|")
        answer = self._site.scripted(
            "contribute.html",
            status=status,
            draft=draft,
            asked=draft.kind in ASKED,
            lines=marked(draft.text, examined.report) if examined else (),
            reader=caller,
            open=reception.desk is not None,
            anonymous=reception.desk is not None and reception.desk.anonymous,
            most=LARGEST,
            href=self.address,
            settings={
                "key": f"argraph:contribute:{key}",
                "fresh": fresh,
                "bases": [debate.base for debate in self._workspace.debates],
                "most": LARGEST,
            },
        )
        return private(answer)

    def address(self, iri: str) -> str:
        """The page of a node that the debate has; empty for one that it has not."""
        return self._pages.cards.page(iri) if self._workspace.knows(iri) else ""

    # -- what became of it ----------------------------------------------------------------------------------

    async def outcome(self, request: Request, id: str, new: str = "") -> Response:
        """What became of a contribution, for whoever knows its address."""
        async with self._reception.door(request, "read"):
            caller = await self._reception.identity.caller(request)
            return await self._outcome(caller, id, new=bool(new))

    async def act(self, request: Request, id: str) -> Response:
        """Withdraw it, say something about it, or ask for it to be taken out of the debate."""
        async with self._reception.door(request, "act"):
            told = await form(request)
            caller = await self._acting(request, told)
            do, comment = told.get("do", ""), lines(told.get("comment", "")).strip()
            try:
                if do == "withdraw":
                    await self._reception.withdraw(caller, id, comment=comment)
                elif do == "comment":
                    await self._reception.comment(caller, id, comment)
                elif do == "retract":
                    entry = await self._reception.retract(caller, id, comment=comment)
                    return RedirectResponse(f"/contributions/{entry.id}?new=1", 303)
                else:
                    raise Problem(400, "The form does not say what is to be done.")
            except Problem as problem:
                if problem.status_code in {404, 413} or caller.session is None:
                    raise
                return await self._outcome(caller, id, problem=problem)
            return RedirectResponse(f"/contributions/{id}", 303)

    async def _outcome(
        self, caller: Caller, id: str, *, new: bool = False, problem: HTTPException | None = None
    ) -> Response:
        reception = self._reception
        entry = await reception.entry(id)
        examined = await reception.outcome(id)
        readable = entry.kind == "file" and may_read(caller, entry)
        text = (await reception.content(caller, id)).decode("utf-8", "replace") if readable else ""
        answer = self._site.html(
            "contribution.html",
            status=problem.status_code if problem else 200,
            problem=problem.detail if problem else "",
            entry=entry,
            new=new,
            reader=caller,
            can=actions(caller, entry),
            examined=examined,
            lines=marked(text, examined.report if examined else ()) if readable else (),
            marks=MARKS,
            readable=readable,
            history=await reception.history(id),
            nodes=self.nodes(entry),
            href=self.address,
        )
        return private(answer)

    def nodes(self, entry: Entry) -> list[Link]:
        """Links to what an accepted contribution brought into the debate."""
        if entry.state != "accepted" or not entry.graph:
            return []
        quads = self._workspace.store.raw.quads_for_pattern(None, None, None, ox.NamedNode(entry.graph))
        told = {quad.subject.value for quad in quads if isinstance(quad.subject, ox.NamedNode)}
        return [self._pages.cards.link(iri) for iri in self._pages.argument.nodes if iri in told]


def _checked(examined: Examined) -> Response:
    """What was found, for the editor: an answer also where it is violations, since nothing was to be taken."""
    told = {**examined.as_data(), "ok": examined.report.ok, "report": report.document(examined.report)}
    return Response(write(Checked.model_validate(told)), media_type="application/json")


async def acting(reception: Reception, request: Request, told: Mapping[str, str]) -> Caller:
    """Who sends a form: by session, or by a token in a field of it; else nobody that is known.

    Raises:
        Problem: As `Identity.acting`.
    """
    token = told.get("token", "").strip()
    caller = await reception.identity.acting(request, csrf=told.get(CSRF_FIELD, ""))
    if token and caller.session is None:
        return await reception.identity.holder(request, token)
    return caller


async def form(request: Request) -> dict[str, str]:
    """Fields of a form; of several with one name the last, but for `marks`, which are joined with spaces.

    Raises:
        Problem: It is no form, or too long.
    """
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media != "application/x-www-form-urlencoded":
        raise Problem(415, "This place takes forms: send application/x-www-form-urlencoded.")
    told: dict[str, str] = {}
    for name, value in parameters(await read_body(request, _FORM)):
        told[name] = f"{told[name]} {value}" if name == "marks" and name in told else value
    return told


def lines(text: str) -> str:
    """A text as it was typed: browsers send CR LF for each line end of a field."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def private(answer: Response) -> Response:
    """An answer that is for one reader, and not for search engines."""
    answer.headers.update(_PRIVATE)
    return answer


def _clean(name: str) -> str:
    """A file name that may stand in a header; the ledger has its own rules for what it keeps."""
    plain = re.sub(r"[^\w.-]+", "-", name.replace("\\", "/").rpartition("/")[2], flags=re.ASCII).strip("-.")[
        :80
    ]
    return plain if plain.endswith(".ttl") else f"{plain}.ttl" if plain else _NAME
