"""How the JSON interface is asked: names in addresses, parameters in plain words, answers kept by clients."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable
from hashlib import sha256
from typing import Any
from urllib.parse import quote, unquote

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import Scope

from argraph.app.places import Place
from argraph.app.protocol import Problem, parameters, unchanged
from argraph.argument import wording


class Kept(Place):
    """A place whose address names a node, and whose answers are kept until the debate changes.

    Addresses are matched before they are decoded, so that the name of a node may have a slash in it.
    """

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """See Starlette."""
        match, found = super().matches({**scope, "path": _address(scope)})
        if match is not Match.NONE:
            given = found["path_params"]
            found["path_params"] = {name: unquote(value) for name, value in given.items()}
        return match, found

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """See FastAPI."""
        answer = super().get_route_handler()

        async def kept(request: Request) -> Response:
            told = (request.app.state.version, _address(request.scope), request.scope["query_string"])
            headers = {
                "etag": f'"{sha256(repr(told).encode()).hexdigest()[:32]}"',
                "cache-control": "no-cache",
            }
            if request.headers.get("if-none-match") != "*" and unchanged(request, headers["etag"]):
                return Response(status_code=304, headers=headers)
            response = await answer(request)
            response.headers.update(headers)
            return response

        return kept


def _address(scope: Scope) -> str:
    """The path of a request as it was sent."""
    raw: bytes = scope.get("raw_path") or quote(scope["path"]).encode()
    return raw.decode("ascii", "replace")


def listed(name: str, given: str, known: Iterable[str]) -> list[str]:
    """The words of a parameter that is a list of known words.

    Raises:
        Problem: 400 where one is not known.
    """
    words = [word.strip() for word in given.split(",") if word.strip()]
    choices = list(known)
    for word in words:
        if word not in choices:
            raise Problem(400, f"“{name}” is of {wording.listed(choices)}, and not “{word}”.")
    return words


def only(request: Request, *known: str) -> dict[str, str]:
    """The parameters in the address, of which there are no others; a slip in a name must not go unnoticed.

    Raises:
        Problem: 400 for one that is unknown, or given twice.
    """
    found: dict[str, str] = {}
    for name, value in parameters(request.scope["query_string"]):
        if name not in known:
            there = f"there are {', '.join(known)}" if known else "there are none"
            raise Problem(400, f"There is no parameter “{name[:40]}” here; {there}.")
        if name in found:
            raise Problem(400, f"The parameter “{name}” is given more than once.")
        found[name] = value
    return found


def explained(error: RequestValidationError) -> Problem:
    """A parameter that is missing or wrong, in plain words."""
    return Problem(400, " ".join(_explained(fault) for fault in error.errors()))


def _explained(fault: Any) -> str:
    name, given, limits = fault["loc"][-1], fault.get("input"), fault.get("ctx", {})
    told = f", and not “{given}”" if isinstance(given, str) and len(given) <= 80 else ""
    match fault["type"]:
        case "missing":
            return f"“{name}” is missing."
        case "int_parsing" | "int_from_float" | "int_parsing_size":
            return f"“{name}” is a whole number{told}."
        case "greater_than_equal":
            return f"“{name}” is at least {limits['ge']:,}{told}."
        case "less_than_equal":
            return f"“{name}” is at most {limits['le']:,}{told}."
        case "string_too_long":
            return f"“{name}” has at most {limits['max_length']:,} characters."
        case "literal_error" | "enum":
            return f"“{name}” is {limits['expected']}{told}.".replace("'", "")
        case _:
            return f"“{name}” cannot be read{told}."
