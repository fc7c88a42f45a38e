"""Contributions over HTTP: hand a file in, follow it, review it.

Every place is told in `openapi_contributions`. What is refused is a problem document; a file with violations
is one too, with the findings in it, unless the client wants them as SARIF, as a page, or as a SHACL report.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import partial
from http import HTTPStatus
from typing import Any, Final, NamedTuple, cast
from urllib.parse import quote, urlencode

from fastapi import FastAPI, Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from argraph.app.answers import contributions as answers
from argraph.app.answers import fields
from argraph.app.asked import only
from argraph.app.desk import Refused
from argraph.app.endpoint import while_there
from argraph.app.examined import Examined
from argraph.app.identity import Caller, clear_cookie, local, set_cookie
from argraph.app.protocol import Problem, parameters, read_body
from argraph.app.reception import LARGEST, Reception, actions
from argraph.app.site import HTML, Site, wished
from argraph.contribution import lifecycle, report
from argraph.contribution.ledger import Entry, Event
from argraph.errors import NotAllowed

FORMS: Final = {
    "application/json": "json",
    "application/sarif+json": "sarif",
    HTML: "html",
    "text/turtle": "turtle",
}
"""Media types in which findings are told, with their names."""
_MEDIA: Final = {name: media for media, name in FORMS.items()}
_PRIVATE: Final = {
    "cache-control": "no-store",
    "vary": "Accept, Authorization, Cookie",
    "x-robots-tag": "noindex",
}
_SAID: Final = 64 * 1024  # bytes of what is said with a decision
_FORM: Final = 16 * 1024  # bytes of a form to sign in with
_NAMED: Final = frozenset({"by", "path", "supersedes", "retracts"})  # what is told of an event's detail
_FOUND: Final = ("report", "impact", "difference")
_MOST: Final = 1_000


class Contributions:
    """The endpoints under `/api/contributions`, and those that sign a browser in and out."""

    def __init__(self, site: Site, reception: Reception) -> None:
        self._site = site
        self._reception = reception
        self._identity = reception.identity

    def add_to(self, app: FastAPI) -> None:
        """Add the places to the server."""
        queue, one = "/api/contributions", "/api/contributions/{id}"
        places = (
            (queue, "POST", self.receive, "Hand a file in, or have it checked"),
            (queue, "GET", self.listing, "The contributions"),
            (one, "GET", self.one, "A contribution"),
            (f"{one}/content", "GET", self.content, "The file of a contribution"),
            (f"{one}/history", "GET", self.history, "What happened to a contribution"),
            (f"{one}/check", "GET", self.check, "Check a contribution against the debate of now"),
            (f"{one}/accept", "POST", self.accept, "Make a contribution part of the debate"),
            (f"{one}/reject", "POST", self.reject, "Keep a contribution out of the debate"),
            (f"{one}/withdraw", "POST", self.withdraw, "Take one's own contribution back"),
            (f"{one}/comment", "POST", self.comment, "Say something about a contribution"),
            (f"{one}/retract", "POST", self.retract, "Ask for a contribution to be taken out of the debate"),
            ("/api/session", "GET", self.session, "Who asks"),
        )
        for path, method, endpoint, summary in places:
            app.add_api_route(path, endpoint, methods=[method], summary=summary, response_class=Response)
        for path in dict.fromkeys(path for path, *_ in places):
            told = ["OPTIONS", *(method for where, method, *_ in places if where == path)]
            options = partial(_options, ", ".join(told))
            app.add_api_route(path, options, methods=["OPTIONS"], include_in_schema=False)
        app.add_api_route("/sign-in", self.sign_in, methods=["POST"], include_in_schema=False)
        app.add_api_route("/sign-out", self.sign_out, methods=["POST"], include_in_schema=False)

    # -- handing in -----------------------------------------------------------------------------------------

    async def receive(self, request: Request) -> Response:
        """The body is the file, in Turtle. With `dry_run=1` it is only checked, by anybody.

        Without that it goes into the queue, if nothing keeps it out, and a reviewer decides about it. Files
        are known by their bytes: the same file again is answered with 409 and where the first one is told.
        """
        form = "json"
        try:
            async with self._reception.door(request, "hand in"):
                data = await read_body(request, LARGEST)
                given = _Given.of(request)
                form = wished(request, FORMS, named=given.form)
                _check_turtle(request)
                if given.dry_run:
                    caller = await self._identity.caller(request)
                    examined = await while_there(request, self._reception.examine(caller, given.name, data))
                    return self._examined(examined, form)
                caller = await self._identity.acting(request)
                entry = await self._reception.submit(caller, given.name, data, supersedes=given.supersedes)
                return await self._received(caller, entry, form)
        except Refused as refused:
            return self._examined(refused.examined, form)

    async def retract(self, request: Request, id: str) -> Response:
        """By its submitter, or by a reviewer. The wish goes into the queue, and a reviewer decides."""
        async with self._reception.door(request, "retract"):
            said, caller = await self._meant(request)
            entry = await self._reception.retract(caller, id, comment=said.comment)
            return await self._received(caller, entry, "json")

    async def _received(self, caller: Caller, entry: Entry, form: str) -> Response:
        headers = {"location": _href(entry.id)}
        examined = await self._reception.outcome(entry.id)
        if form == "json":
            return _written(_whole(caller, entry, examined), status=201, headers=headers)
        assert examined is not None  # noqa: S101 - only a wish to retract has none, which is told as JSON
        return self._findings(examined, form, status=201, headers=headers, entry=entry)

    # -- reading --------------------------------------------------------------------------------------------

    async def listing(self, request: Request) -> Response:
        """The newest first: all of them for reviewers, one's own for contributors."""
        async with self._reception.door(request, "list"):
            caller = await self._identity.caller(request)
            given = only(request, "state", "limit", "offset")
            state = given.get("state")
            if state is not None and state not in lifecycle.STATES:
                raise Problem(
                    400, f"There is no state “{state[:40]}”; there are {', '.join(lifecycle.STATES)}."
                )
            limit = _number(given, "limit", 100, least=1, most=_MOST)
            offset = _number(given, "offset", 0, least=0, most=10**9)
            found, counts = await self._reception.entries(caller, state=state, limit=limit + 1, offset=offset)
            on = {**given, "limit": str(limit), "offset": str(offset + limit)}
            told = answers.Queue(
                contributions=[answers.Submission(**_told(caller, entry)) for entry in found[:limit]],
                counts=counts,
                next=f"/api/contributions?{urlencode(on)}" if len(found) > limit else None,
            )
            return _written(told)

    async def one(self, request: Request, id: str) -> Response:
        """Its state, what was found out about it, and what was decided; for whoever knows its identifier."""
        async with self._reception.door(request, "show"):
            caller = await self._identity.caller(request)
            entry = await self._reception.entry(id)
            return _written(_whole(caller, entry, await self._reception.outcome(id)))

    async def content(self, request: Request, id: str) -> Response:
        """For its submitter and for reviewers; for everybody while it is, or was, part of the debate."""
        async with self._reception.door(request, "read"):
            caller = await self._identity.caller(request)
            entry = await self._reception.entry(id)
            data = await self._reception.content(caller, id)
            media = "text/turtle" if entry.kind == "file" else "text/plain"
            name = quote(entry.name, safe="")
            headers = {"content-disposition": f"attachment; filename*=UTF-8''{name}"}
            return Response(data, headers=_PRIVATE | headers, media_type=media)

    async def history(self, request: Request, id: str) -> Response:
        """Every event, with who caused it and what was said; for whoever knows its identifier."""
        async with self._reception.door(request, "show"):
            await self._identity.caller(request)
            events = await self._reception.history(id)
            return _written(answers.History(events=[_happened(event) for event in events]))

    async def check(self, request: Request, id: str) -> Response:
        """For reviewers: what would be found out about it if it were handed in now."""
        async with self._reception.door(request, "check"):
            caller = await self._identity.caller(request)
            form = wished(request, FORMS, named=only(request, "format").get("format", ""))
            examined = await while_there(request, self._reception.recheck(caller, id))
            return self._examined(examined, form, refuse=False)

    # -- deciding -------------------------------------------------------------------------------------------

    async def accept(self, request: Request, id: str) -> Response:
        """By a reviewer. It is checked against the debate of now first; 422 tells what is in the way."""
        try:
            async with self._reception.door(request, "accept"):
                said, caller = await self._meant(request)
                entry = await self._reception.accept(caller, id, comment=said.comment, marks=said.marks)
                return _written(answers.Submission(**_told(caller, entry)))
        except Refused as refused:
            return self._examined(refused.examined, "json")

    async def reject(self, request: Request, id: str) -> Response:
        """By a reviewer."""
        async with self._reception.door(request, "reject"):
            said, caller = await self._meant(request)
            entry = await self._reception.reject(caller, id, comment=said.comment, marks=said.marks)
            return _written(answers.Submission(**_told(caller, entry)))

    async def withdraw(self, request: Request, id: str) -> Response:
        """By its submitter, as long as nobody has decided."""
        async with self._reception.door(request, "withdraw"):
            said, caller = await self._meant(request)
            entry = await self._reception.withdraw(caller, id, comment=said.comment)
            return _written(answers.Submission(**_told(caller, entry)))

    async def comment(self, request: Request, id: str) -> Response:
        """By its submitter or a reviewer; decides nothing."""
        async with self._reception.door(request, "comment on"):
            said, caller = await self._meant(request)
            entry = await self._reception.comment(caller, id, said.comment, said.marks)
            return _written(answers.Submission(**_told(caller, entry)))

    async def _meant(self, request: Request) -> tuple[Said, Caller]:
        """What is said with a decision, and by whom."""
        data = await read_body(request, _SAID)
        only(request)
        caller = await self._identity.acting(request)
        return _said(request, data), caller

    # -- signing in -----------------------------------------------------------------------------------------

    async def session(self, request: Request) -> Response:
        """Whose token or session it is, and what a script has to send along with a session."""
        async with self._reception.door(request, "ask who"):
            caller = await self._identity.caller(request)
            desk = self._reception.desk
            told = answers.Session(
                actor=answers.Person.model_validate(caller.actor),
                csrf=caller.session.csrf if caller.session else None,
                open=desk is not None,
                anonymous=desk is not None and desk.anonymous,
            )
            return _written(told)

    async def sign_in(self, request: Request) -> Response:
        """A form with a `token`, and with the place to go on at as `next`."""
        async with self._reception.door(request, "sign in"):
            form = await _form(request)
            try:
                _, cookie = await self._identity.sign_in(request, form.get("token", ""))
            except Problem as problem:
                if wished(request, {"application/json": "json", HTML: "html"}) == "json":
                    raise
                return await self._not_signed_in(request, problem, form.get("next", ""))
            answer = RedirectResponse(local(form.get("next", "")), 303, _PRIVATE)
            set_cookie(answer, request, cookie)
            return answer

    async def _not_signed_in(self, request: Request, problem: Problem, next: str) -> Response:
        answer = self._site.html(
            "sign-in.html",
            status=problem.status_code,
            problem=problem.detail,
            reader=await self._identity.caller(request),
            next=local(next, "/review"),
            open=self._reception.desk is not None,
        )
        answer.headers.update(_PRIVATE | dict(problem.headers or {}))
        return answer

    async def sign_out(self, request: Request) -> Response:
        """A form with the session's CSRF token as `csrf`."""
        async with self._reception.door(request, "sign out"):
            form = await _form(request)
            await self._identity.sign_out(request, csrf=form.get("csrf"))
            answer = RedirectResponse("/", 303, _PRIVATE)
            clear_cookie(answer, request)
            return answer

    # -- answers --------------------------------------------------------------------------------------------

    def _examined(self, examined: Examined, form: str, *, refuse: bool = True) -> Response:
        """What was found out about a file; with violations, a refusal."""
        status = 422 if refuse and not examined.report.ok else 200
        if form != "json":
            return self._findings(examined, form, status=status)
        told = examined.as_data()
        told |= {
            "ok": examined.report.ok,
            "report": report.document(examined.report),
            "label": told.pop("title"),
        }
        checked = answers.Checked.model_validate(told)
        if status == 200:
            return _written(checked)
        problem = {
            "type": "about:blank",
            "title": HTTPStatus(status).phrase,
            "status": status,
            "detail": f"{report.summary(examined.report)}: each is told in “report”, with its place.",
        }
        return JSONResponse(
            problem | checked.model_dump(mode="json"), status, _PRIVATE, "application/problem+json"
        )

    def _findings(
        self,
        examined: Examined,
        form: str,
        *,
        status: int,
        headers: Mapping[str, str] | None = None,
        entry: Entry | None = None,
    ) -> Response:
        """What was found out about a file in another form than JSON."""
        headers = _PRIVATE | dict(headers or {})
        found = examined.report
        if form != "html":
            return Response(report.render(found, cast(report.Format, form)), status, headers, _MEDIA[form])
        answer = self._site.html(
            "examined.html",
            status=status,
            title=examined.title,
            report=found,
            summary=report.summary(found),
            impact=examined.impact,
            entry=entry,
        )
        answer.headers.update(headers)
        return answer


# -- requests -----------------------------------------------------------------------------------------------


class _Given(NamedTuple):
    """The parameters of a file that is handed in."""

    dry_run: bool
    supersedes: str | None
    name: str
    form: str

    @classmethod
    def of(cls, request: Request) -> _Given:
        given = only(request, "dry_run", "supersedes", "name", "format")
        dry_run = {"1": True, "true": True, "0": False, "false": False}.get(given.get("dry_run", "0"))
        if dry_run is None:
            raise Problem(400, "“dry_run” is 1 to have the file checked only, or 0 to hand it in.")
        supersedes = given.get("supersedes") or None
        if dry_run and supersedes:
            raise Problem(400, "A check with dry_run=1 hands nothing in: leave out “supersedes”.")
        name = lifecycle.cleaned_name(given.get("name") or "contribution.ttl")
        return cls(dry_run, supersedes, name, given.get("format", ""))


class Said(NamedTuple):
    """What is said with a decision."""

    comment: str
    marks: Sequence[str]


def _number(given: Mapping[str, str], name: str, default: int, *, least: int, most: int) -> int:
    told = given.get(name)
    if told is None:
        return default
    number = int(told) if told.isascii() and told.isdecimal() and len(told) <= 12 else -1
    if not least <= number <= most:
        raise Problem(400, f"“{name}” is a whole number from {least} to {most:,}.")
    return number


def _media(request: Request) -> tuple[str, str]:
    """The type of a body, and its charset."""
    media, _, rest = request.headers.get("content-type", "").partition(";")
    charset = rest.replace(" ", "").lower().partition("charset=")[2].partition(";")[0].strip("\"'")
    return media.strip().lower(), charset


def _check_turtle(request: Request) -> None:
    media, charset = _media(request)
    if media != "text/turtle":
        raise Problem(
            415, f"The body is of the type “{media[:80] or 'none given'}”: send Turtle, as text/turtle."
        )
    if charset not in {"", "utf-8", "utf8", "us-ascii"}:
        raise Problem(415, f"The body is encoded as “{charset[:40]}”: Turtle is always UTF-8.")


def _said(request: Request, data: bytes) -> Said:
    if not data:
        return Said("", ())
    if _media(request)[0] != "application/json":
        raise Problem(415, "What is said with it comes as application/json, such as {“comment”: “…”}.")
    try:
        told = json.loads(data)
    except (ValueError, RecursionError):
        raise Problem(400, "The body is not valid JSON.") from None
    if not isinstance(told, dict) or not told.keys() <= {"comment", "marks"}:
        raise Problem(400, "The body is a JSON object with “comment” and “marks”, and nothing else.")
    comment, marks = told.get("comment", ""), told.get("marks", [])
    if not isinstance(comment, str):
        raise Problem(400, "“comment” is a text.")
    if not isinstance(marks, list) or not all(isinstance(mark, str) for mark in marks):
        raise Problem(400, "“marks” is a list of names of marks.")
    return said(comment, marks)


def said(comment: str, marks: Sequence[str]) -> Said:
    """What is said with a decision, checked.

    Raises:
        Problem: 400 where the comment is too long, or there is no such mark.
    """
    try:
        return Said(lifecycle.checked_comment(comment), lifecycle.checked_marks(marks))
    except NotAllowed as error:
        raise Problem(400, str(error)) from None


async def _form(request: Request) -> dict[str, str]:
    if _media(request)[0] != "application/x-www-form-urlencoded":
        raise Problem(415, "This takes a form (application/x-www-form-urlencoded).")
    return dict(parameters(await read_body(request, _FORM)))


async def _options(allowed: str) -> Response:
    """What may be done at a place."""
    return Response(status_code=204, headers={"allow": allowed})


# -- data ---------------------------------------------------------------------------------------------------


def _href(id: str) -> str:
    return f"/api/contributions/{id}"


def _told(caller: Caller, entry: Entry) -> dict[str, Any]:
    """An entry as `answers.Submission` has it."""
    names = answers.Submission.model_fields.keys() - {"href", "page", "submitter", "marks", "may"}
    return {name: getattr(entry, name) for name in names} | {
        "href": _href(entry.id),
        "page": f"/contributions/{entry.id}",
        "submitter": answers.Person.model_validate(entry.submitter),
        "marks": list(entry.marks),
        "may": actions(caller, entry),
    }


def _whole(caller: Caller, entry: Entry, examined: Examined | None) -> answers.Told:
    """A contribution with what was found out about it."""
    found: dict[str, Any] = dict.fromkeys(_FOUND[:-1]) | {"difference": []}
    if examined is not None:
        found = examined.as_data() | {"report": report.document(examined.report)}
    return answers.Told.model_validate(_told(caller, entry) | {name: found[name] for name in _FOUND})


def _happened(event: Event) -> answers.Happened:
    return answers.Happened(
        sequence=event.sequence,
        at=event.at,
        kind=event.kind,
        actor=answers.Person.model_validate(event.actor),
        comment=event.comment,
        marks=list(event.marks),
        detail={name: value for name, value in event.detail.items() if name in _NAMED and value is not None},
    )


def _written(told: fields.Answer, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(fields.write(told), status, _PRIVATE | dict(headers or {}), "application/json")
