"""A server of argraph as the command line sees it: its answers, or one clear line of what is in the way."""

from __future__ import annotations

import json
import os
import ssl
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException, HTTPMessage, HTTPResponse
from pathlib import Path
from typing import IO, Any, Final, Protocol, cast
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

import click

from argraph import __version__
from argraph.errors import EndpointFailed, ResourceMissing

VARIABLE: Final = "ARGRAPH_TOKEN"
"""Where a token is looked for when no file with one is named."""

_SECONDS: Final = 60.0
_LARGEST: Final = 64 * 1024 * 1024  # bytes of an answer
_LOCAL: Final = {"localhost", "127.0.0.1", "::1"}

server_option = click.option(
    "--to", "address", metavar="URL", required=True, help="The server, such as https://debates.example/."
)
token_option = click.option(
    "--token-file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help=f"File with your token (default: the environment variable {VARIABLE}).",
)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server answered.

    Attributes:
        status: HTTP status.
        told: The JSON object that was answered.
    """

    status: int
    told: Mapping[str, Any]

    @property
    def detail(self) -> str:
        """What a refusal says."""
        return str(self.told.get("detail") or f"The server answered {self.status} and did not say why.")


class _Headers(Protocol):
    def get_content_type(self) -> str: ...


class _Staying(HTTPRedirectHandler):
    """Follows nobody: a token must not be sent on to wherever a server points."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        """Leave the redirect as it is."""


class Remote:
    """A server of argraph.

    Args:
        address: Its address, with or without what follows the host.
        token: Sent along; None for nobody.

    Raises:
        click.UsageError: It is no address.
    """

    def __init__(self, address: str, token: str | None) -> None:
        parts = urlsplit(address)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise click.UsageError(
                f"“{address}” is not the address of a server, such as https://debates.example/."
            )
        if parts.username or parts.password:
            raise click.UsageError("An address with a password in it is seen by everybody: use a token.")
        self._base = f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"
        self._host = parts.netloc
        self._token = token
        self._opener = build_opener(_Staying)
        if token and parts.scheme == "http" and parts.hostname not in _LOCAL:
            click.echo(
                f"argraph: {self._host} is asked without encryption: others may read your token.", err=True
            )

    @classmethod
    def of(cls, address: str, token_file: Path | None) -> Remote:
        """The server at an address, with the token that a file or the environment holds.

        Raises:
            click.UsageError: It is no address.
            ResourceMissing: The file cannot be read, or holds no token.
        """
        return cls(address, _token(token_file))

    def page(self, path: str) -> str:
        """The address of a page of the server."""
        return self._base + path

    def get(self, path: str, **parameters: object) -> Reply:
        """Ask for something.

        Raises:
            EndpointFailed: There is no server of argraph, it wants another token, or it cannot answer now.
        """
        return self._ask("GET", path, parameters, None, None)

    def post(self, path: str, data: bytes, media: str, **parameters: object) -> Reply:
        """Send something.

        Raises:
            EndpointFailed: As `get`.
        """
        return self._ask("POST", path, parameters, data, media)

    def _ask(
        self, method: str, path: str, parameters: Mapping[str, object], data: bytes | None, media: str | None
    ) -> Reply:
        given = {name: value for name, value in parameters.items() if value is not None}
        address = self._base + path + (f"?{urlencode(given)}" if given else "")
        headers = {"accept": "application/json", "user-agent": f"argraph/{__version__}"}
        if media:
            headers["content-type"] = media
        if self._token:
            headers["authorization"] = f"Bearer {self._token}"
        request = Request(address, data, headers, method=method)  # noqa: S310 - http and https only
        try:
            with cast(HTTPResponse, self._opener.open(request, timeout=_SECONDS)) as answer:
                return self._reply(answer.status, answer.read(_LARGEST + 1), answer.headers)
        except HTTPError as error:
            with error:
                if 300 <= error.code < 400:
                    place = error.headers.get("location", "")
                    raise EndpointFailed(
                        f"{self._host} sends on to {place or 'another place'}: name that with --to."
                    ) from None
                return self._reply(error.code, error.read(_LARGEST + 1), error.headers)
        except (URLError, HTTPException, OSError, ValueError) as error:
            raise self._unreachable(getattr(error, "reason", None) or error) from None

    def _unreachable(self, reason: object) -> EndpointFailed:
        if isinstance(reason, ssl.SSLCertVerificationError):
            return EndpointFailed(
                f"The certificate of {self._host} cannot be trusted: {reason.verify_message}. Nothing was "
                "sent."
            )
        if isinstance(reason, ssl.SSLError):
            return EndpointFailed(
                f"There is no secure connection to {self._host}: {reason.reason or reason}. Is it a server "
                "for http?"
            )
        if isinstance(reason, ConnectionRefusedError):
            return EndpointFailed(f"There is no server at {self._host}: is it running, and the port right?")
        if isinstance(reason, TimeoutError):
            return EndpointFailed(f"{self._host} did not answer within {_SECONDS:g} seconds.")
        told = str(reason) or type(reason).__name__
        return EndpointFailed(f"The server {self._host} cannot be reached: {told}.")

    def _reply(self, status: int, body: bytes, headers: _Headers) -> Reply:
        """An answer of argraph.

        Raises:
            EndpointFailed: It is none, or refuses whoever asks.
        """
        media = headers.get_content_type()
        told = None
        if media in {"application/json", "application/problem+json"} and len(body) <= _LARGEST:
            try:
                told = json.loads(body)
            except (ValueError, RecursionError):
                told = None
        # What no place of argraph's says: these are of a server's framework.
        elsewhere = isinstance(told, dict) and told.get("detail") in {"Not Found", "Method Not Allowed"}
        if not isinstance(told, dict) or (status >= 400 and "detail" not in told) or elsewhere:
            raise EndpointFailed(
                f"{self._host} answered {status} with {media}: it is not a server of argraph that takes "
                "contributions, or not at this address.",
                status=status,
            )
        reply = Reply(status, told)
        if status == 401:
            hint = f"{reply.detail} Name a file with it by --token-file, or set {VARIABLE}."
            raise EndpointFailed(reply.detail if self._token else hint, status=status)
        return reply


def _token(file: Path | None) -> str | None:
    if file is None:
        return os.environ.get(VARIABLE, "").strip() or None
    try:
        text = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not text"
        raise ResourceMissing(f"The file {file} with your token cannot be read: {reason}.") from None
    if not text or len(text.split()) != 1:
        raise ResourceMissing(f"The file {file} does not hold a token, and nothing else.")
    return text


def colored() -> bool:
    """Whether standard output is a terminal."""
    return sys.stdout.isatty()
