"""The pages of contributing: from a few answers, a scaffold or a file to what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

import pyoxigraph as ox
from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, RedirectResponse, Response

from argraph.app.cards import Link
from argraph.app.desk import Refused
from argraph.app.drafts import Draft, Drafts, choices, lines
from argraph.app.endpoint import while_there
from argraph.app.examined import Examined
from argraph.app.identity import CSRF_FIELD, Caller
from argraph.app.marked import marked
from argraph.app.protocol import Problem, parameters, read_body
from argraph.app.reception import LARGEST, Reception, actions, may_read
from argraph.app.site import Site
from argraph.contribution import report
from argraph.contribution.form import ASKED
from argraph.contribution.ledger import MARKS, Entry
from argraph.contribution.scaffold import KINDS

_FORM: Final = 3 * LARGEST + 64 * 1024  # bytes of a form: percent-encoding makes three of one
_NAME: Final = "contribution.ttl"
_PRIVATE: Final = {"cache-control": "no-store", "x-robots-tag": "noindex"}


class Contributing:
    """The endpoints where one contributes, and sees what became of it."""

    def __init__(self, site: Site, reception: Reception) -> None:
        self._site = site
        self._pages = site.pages
        self._workspace = site.pages.workspace
        self._reception = reception
        self._drafts = Drafts(site.pages)

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
                self._drafts.write(draft)
            return self._page(draft, caller, fresh=True)

    async def go_on(self, request: Request) -> Response:
        """Write the answers into a file, check it, hand it in, or give it back as a file."""
        async with self._reception.door(request, "contribute"):
            told = await form(request)
            draft = self._drafts.of(told)
            do = told.get("do", "check")
            if do in {"write", "download"}:
                return await self._without_check(request, draft, do)
            caller = await self._reception.identity.caller(request)
            data = draft.text.encode()
            if len(data) > LARGEST:
                raise Problem(413, f"The file is longer than {LARGEST:,} bytes: hand it in as several files.")
            if not data.strip():
                draft.faults["text"] = "Nothing is written yet."
                return self._page(draft, caller, status=422)
            status = 200
            if do == "submit":
                told_of = await self._hand_in(request, told, draft, data)
                if isinstance(told_of, Response):
                    return told_of
                status = told_of
            if "application/json" in request.headers.get("accept", ""):
                work = self._reception.examine(caller, draft.file, data)
                return private(_checked(await while_there(request, work)))
            if draft.examined is None:
                found = await self._examine(request, caller, draft)
                status = found if status == 200 else status
            return self._page(draft, caller, status=status)

    async def _examine(self, request: Request, caller: Caller, draft: Draft) -> int:
        """Check what is written; the status of the page that tells what was found, or why nothing was."""
        try:
            async with self._reception.door(request, "check"):
                work = self._reception.examine(caller, draft.file, draft.text.encode())
                draft.examined = await while_there(request, work)
        except Problem as problem:
            draft.faults.setdefault("submit", str(problem.detail))
            return problem.status_code
        return 200

    async def _hand_in(
        self, request: Request, told: Mapping[str, str], draft: Draft, data: bytes
    ) -> Response | int:
        """Hand a file in, or the status of the page that tells why not and still has the text."""
        try:
            async with self._reception.door(request, "hand in"):
                caller = await self._acting(request, told)
                entry = await self._reception.submit(
                    caller, draft.file, data, supersedes=draft.supersedes or None
                )
        except Refused as refused:
            draft.examined = refused.examined
            return 422
        except Problem as problem:
            draft.faults["submit"] = str(problem.detail)
            if "contribution" in problem.extra:
                draft.faults["known"] = str(problem.extra["contribution"]["id"])
            return problem.status_code
        return RedirectResponse(f"/contributions/{entry.id}?new=1", 303)

    async def _without_check(self, request: Request, draft: Draft, do: str) -> Response:
        if do == "download":
            answer = Response(draft.text, media_type="text/turtle")
            answer.headers["content-disposition"] = f'attachment; filename="{draft.file}"'
            return answer
        self._drafts.write(draft)
        if "application/json" in request.headers.get("accept", ""):
            told = {"text": draft.text, "file": draft.file, "faults": draft.faults}
            return private(JSONResponse(told))
        caller = await self._reception.identity.caller(request)
        if draft.faults:
            return self._page(draft, caller, status=422)
        return self._page(draft, caller, status=await self._examine(request, caller, draft))

    async def _acting(self, request: Request, told: Mapping[str, str]) -> Caller:
        """Who sends a form: by session, or by a token in a field of it."""
        return await acting(self._reception, request, told)

    def _page(self, draft: Draft, caller: Caller, *, status: int = 200, fresh: bool = False) -> Response:
        reception = self._reception
        examined = draft.examined
        key = quote(f"{draft.kind}|{draft.against}|{draft.supersedes}", safe="|")
        answer = self._site.scripted(
            "contribute.html",
            status=status,
            draft=draft,
            asked=draft.kind in ASKED or draft.kind == "evidence",
            choices=choices() if draft.kind == "evidence" else {},
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
            do, comment = _deed(told), lines(told.get("comment", "")).strip()
            try:
                async with self._reception.door(request, do):
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
    """What was found, for the editor; no refusal where it is violations, since nothing was to be taken."""
    found = report.document(examined.report)
    return JSONResponse({"ok": examined.report.ok, "report": found, "impact": examined.impact})


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


def _deed(told: Mapping[str, str]) -> str:
    """What a form asks for, as a verb that may be logged."""
    do = told.get("do", "")
    return do if do in {"withdraw", "comment", "retract"} else "do something"


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


def private(answer: Response) -> Response:
    """An answer that is for one reader, and not for search engines."""
    answer.headers.update(_PRIVATE)
    return answer
