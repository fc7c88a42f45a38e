"""A real server that takes contributions, with a debate and a data folder of its own."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx

from argraph import resources
from argraph.app.desk import Records
from argraph.app.reception import Quota
from argraph.contribution import scaffold
from argraph.workspace import Workspace

from ...servers import served

TURTLE = {"content-type": "text/turtle"}
QUEUE = "/api/contributions"


class House:
    """A server, its folders, and tokens for it."""

    def __init__(self, client: httpx.Client, records: Records, workspace: Workspace, data: Path) -> None:
        self.client = client
        self.records = records
        self.graph = records.graph
        self.data = data
        self._workspace = workspace
        self._secrets: dict[str, str] = {}

    def secret(self, name: str) -> str:
        """The token of `ada`, `ben` (contributors), `ruth` or `saul` (reviewers)."""
        if name not in self._secrets:
            role: Any = "reviewer" if name in {"ruth", "saul"} else "contributor"
            self._secrets[name] = self.records.tokens.create(name, role)
        return self._secrets[name]

    def bearing(self, name: str | None) -> dict[str, str]:
        """The head of a request with somebody's token."""
        return {} if name is None else {"authorization": f"Bearer {self.secret(name)}"}

    def objection(self, name: str, *, end: str = "pil-safety") -> bytes:
        """A file that nothing keeps out of the debate."""

        def filled(blank: re.Match[str]) -> str:
            if "a page about you" in blank[0]:
                return "example.org/ada"
            words = "On" if "this file" in blank[0] else "Against all that is known about"
            return f"{words} {name.replace('-', ' ')}"

        return scaffold.BLANK.sub(filled, self._workspace.scaffold("objection", name=name, end=end)).encode()

    def hand_in(
        self, data: bytes, by: str | None = "ada", *, accept: str = "application/json", **given: object
    ) -> httpx.Response:
        headers = TURTLE | {"accept": accept} | self.bearing(by)
        return self.client.post(QUEUE, content=data, params=given, headers=headers)  # type: ignore[arg-type]

    def pending(self, name: str, by: str | None = "ada") -> str:
        """The identifier of a contribution that has just been handed in."""
        answer = self.hand_in(self.objection(name), by)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def do(self, what: str, id: str, by: str | None, **said: object) -> httpx.Response:
        return self.client.post(f"{QUEUE}/{id}/{what}", json=said, headers=self.bearing(by))

    def see(self, id: str, part: str = "", by: str | None = None, **given: object) -> httpx.Response:
        place = f"{QUEUE}/{id}" + (f"/{part}" if part else "")
        return self.client.get(place, params=given, headers=self.bearing(by))  # type: ignore[arg-type]

    def fresh(self, **options: Any) -> httpx.Client:
        """A client that knows nobody yet."""
        return httpx.Client(base_url=self.client.base_url, timeout=60, **options)

    def sign_in(self, token: str, next: str = "", **headers: str) -> httpx.Response:
        """What a browser is answered that knew nobody."""
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        with self.fresh() as browser:
            return browser.post("/sign-in", data={"token": token, "next": next}, headers=told)

    @contextmanager
    def browser(self, name: str) -> Iterator[tuple[httpx.Client, str]]:
        """A browser in which somebody has signed in, and the CSRF token of its session."""
        with self.fresh() as browser:
            answer = browser.post("/sign-in", data={"token": self.secret(name)})
            assert answer.status_code == 303, answer.text
            yield browser, browser.get("/api/session").json()["csrf"]


def identifier(data: bytes) -> str:
    return sha256(data).hexdigest()[:16]


@contextmanager
def house(folder: Path, *, anonymous: bool = False, quota: Quota | None = None) -> Iterator[House]:
    """A server on a copy of the shipped debate.

    Args:
        folder: Where the copy and the data folder are made.
        anonymous: Whether files are taken from people without a token.
        quota: How much one client may do.
    """
    graph, data = folder / "debate", folder / "data"
    shutil.copytree(resources.graph(), graph)
    with ExitStack() as stack:
        records = Records.open(data, graph)
        stack.callback(records.close)
        workspace = Workspace.open(graph)
        client = stack.enter_context(served(workspace, records=records, anonymous=anonymous, quota=quota))
        yield House(client, records, workspace, data)
