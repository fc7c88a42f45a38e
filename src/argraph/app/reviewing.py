"""The pages of reviewers: the queue, one contribution against the debate of now, and the door to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from argraph.app.contributing import Contributing, acting, form, private
from argraph.app.desk import Refused
from argraph.app.drafts import lines
from argraph.app.examined import Examined
from argraph.app.identity import Caller, local
from argraph.app.marked import marked
from argraph.app.protocol import Problem
from argraph.app.reception import Reception, actions
from argraph.app.site import Site
from argraph.contribution.ledger import MARKS, Entry
from argraph.contribution.lifecycle import STATES

_PAGE: Final = 30  # contributions on a page of the queue

WORDS: Final[dict[str, str]] = {
    "pending": "waiting",
    "accepted": "accepted",
    "rejected": "not taken",
    "withdrawn": "withdrawn",
    "superseded": "replaced",
}


@dataclass(frozen=True, slots=True)
class Waiting:
    """A contribution in the queue.

    Attributes:
        headline: What it would change, as it was handed in; may be empty.
    """

    entry: Entry
    headline: str


class Reviewing:
    """The endpoints of reviewers, and of signing in and out."""

    def __init__(self, site: Site, reception: Reception, contributing: Contributing) -> None:
        self._site = site
        self._reception = reception
        self._contributing = contributing

    def add_to(self, app: FastAPI) -> None:
        """Add the places to the server."""
        for path, method, endpoint in (
            ("/review", "GET", self.queue),
            ("/review/{id}", "GET", self.one),
            ("/review/{id}", "POST", self.decide),
            ("/sign-in", "GET", self.door),
        ):
            app.add_api_route(
                path, endpoint, methods=[method], include_in_schema=False, response_class=Response
            )

    async def queue(self, request: Request, state: str = "pending", offset: int = 0) -> Response:
        """Contributions by state, the newest first; for those who do not review, their own."""
        async with self._reception.door(request, "list"):
            caller = await self._reception.identity.caller(request)
            if not caller.may("contributor"):
                return _to_sign_in(request)
            known = state if state in STATES else None
            offset = min(max(0, offset), 1_000_000)
            entries, counts = await self._reception.entries(
                caller, state=known, limit=_PAGE + 1, offset=offset
            )
            waiting = [Waiting(entry, await self._headline(entry)) for entry in entries[:_PAGE]]
            answer = self._site.html(
                "review.html",
                reader=caller,
                waiting=waiting,
                counts=counts,
                state=known or "",
                states=WORDS,
                before=max(0, offset - _PAGE) if offset else None,
                after=offset + _PAGE if len(entries) > _PAGE else None,
            )
            return private(answer)

    async def _headline(self, entry: Entry) -> str:
        examined = await self._reception.outcome(entry.id)
        return str(examined.impact["told"]["headline"]) if examined and examined.impact else ""

    async def one(self, request: Request, id: str) -> Response:
        """A contribution, checked against the debate of now while it waits."""
        async with self._reception.door(request, "review"):
            caller = await self._reception.identity.caller(request)
            if not caller.may("contributor"):
                return _to_sign_in(request)
            return await self._page(request, caller, id)

    async def decide(self, request: Request, id: str) -> Response:
        """Accept it, decline it, or say something about it."""
        async with self._reception.door(request, "decide"):
            told = await form(request)
            caller = await acting(self._reception, request, told)
            caller.need("reviewer")
            do, comment = told.get("do", ""), lines(told.get("comment", "")).strip()
            marks = [mark for mark in told.get("marks", "").split() if mark in MARKS]
            try:
                async with self._reception.door(request, "decide"):
                    if do == "accept":
                        await self._reception.accept(caller, id, comment=comment, marks=marks)
                    elif do == "reject":
                        await self._reception.reject(caller, id, comment=comment, marks=marks)
                    elif do == "comment":
                        await self._reception.comment(caller, id, comment, marks)
                    else:
                        raise Problem(400, "The form does not say what is to be done.")
            except Refused as refused:
                problem = Problem(422, "It does not pass the check any more, so it was not accepted.")
                return await self._page(
                    request, caller, id, problem=problem, examined=refused.examined, said=told
                )
            except Problem as problem:
                if problem.status_code == 404:
                    raise
                return await self._page(request, caller, id, problem=problem, said=told)
            return RedirectResponse(f"/review/{id}", 303)

    async def _page(
        self,
        request: Request,
        caller: Caller,
        id: str,
        *,
        problem: HTTPException | None = None,
        examined: Examined | None = None,
        said: dict[str, str] | None = None,
    ) -> Response:
        caller.need("reviewer")
        reception = self._reception
        entry = await reception.entry(id)
        before = await reception.outcome(id)
        unchecked = ""
        if entry.state != "pending":
            examined = before
        elif examined is None:
            try:
                async with reception.door(request, "check"):
                    examined = await reception.recheck(caller, id)
            except Problem as fault:
                unchecked = str(fault.detail)
        text = (await reception.content(caller, id)).decode("utf-8", "replace")
        moved = bool(before and examined and _told(before) != _told(examined))
        answer = self._site.html(
            "reviewed.html",
            status=problem.status_code if problem else 200,
            problem=problem.detail if problem else "",
            unchecked=unchecked,
            said=said or {},
            entry=entry,
            reader=caller,
            can=actions(caller, entry),
            examined=examined or before,
            rechecked=examined is not None and entry.state == "pending",
            moved=moved,
            lines=marked(text, examined.report if examined else ()),
            marks=MARKS,
            states=WORDS,
            history=await reception.history(id),
            nodes=self._contributing.nodes(entry),
            href=self._contributing.address,
        )
        return private(answer)

    # -- the door -------------------------------------------------------------------------------------------

    async def door(self, request: Request, next: str = "/review") -> Response:
        """Where one signs in."""
        async with self._reception.door(request, "look at the door"):
            caller = await self._reception.identity.caller(request)
            answer = self._site.html(
                "sign-in.html",
                problem="",
                reader=caller,
                next=local(next, "/review"),
                open=self._reception.desk is not None,
            )
            return private(answer)


def _told(examined: Examined) -> Any:
    return (examined.impact or {}).get("told")


def _to_sign_in(request: Request) -> Response:
    path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return private(RedirectResponse(f"/sign-in?{urlencode({'next': path})}", 303))
