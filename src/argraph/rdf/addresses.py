"""Where engines have their endpoints, and what is known of each kind of engine."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

from argraph.errors import EndpointFailed

USER, PASSWORD, TOKEN = "ARGRAPH_STORE_USER", "ARGRAPH_STORE_PASSWORD", "ARGRAPH_STORE_TOKEN"
"""Environment variables that hold the credentials; there is no other way to give them."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What is known of an engine.

    Attributes:
        server: How its `Server` header begins, in small letters; empty where it does not say.
        path: What the path of its query endpoint looks like.
        update: Path of the update endpoint, with the groups of `path`.
        graphs: Path of the Graph Store, likewise.
        timeout: Name of the parameter that takes a time limit; empty where there is none.
        per_second: How many of the parameter's units make a second.
    """

    server: str = ""
    path: str = r"(.*)"
    update: str = r"\1"
    graphs: str = ""
    timeout: str = ""
    per_second: int = 1


KINDS: Final[Mapping[str, Kind]] = {
    "virtuoso": Kind(
        "virtuoso",
        r"(.*)/sparql(?:-auth)?/?",
        r"\1/sparql-auth",
        r"\1/sparql-graph-crud-auth",
        timeout="timeout",
        per_second=1000,
    ),
    "oxigraph": Kind("oxigraph", r"(.*)/(?:query|sparql)", r"\1/update", r"\1/store"),
    "graphdb": Kind(
        "", r"(.*/repositories/[^/]+)", r"\1/statements", r"\1/rdf-graphs/service", timeout="timeout"
    ),
    "stardog": Kind("stardog", r"(.*)/query", r"\1/update", r"\1", timeout="timeout", per_second=1000),
    "neptune": Kind("", r"(.*)/sparql", r"\1/sparql", r"\1/sparql/gsp/"),
    "fuseki": Kind(
        "apache jena fuseki", r"(.*)/(?:query|sparql)", r"\1/update", r"\1/data", timeout="timeout"
    ),
    "other": Kind(),
}
"""Engines by name. Only Virtuoso and Oxigraph are tried; what is said of the others is not."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where an engine is asked; holds no credentials.

    Attributes:
        query: Where it takes queries.
        update: Where it takes updates.
        graphs: Its Graph Store; empty where it has none, and graphs are written by updates.
        kind: A name of `KINDS`.
        cap: Rows that it silently cuts an answer at; 0 where that is not known.
    """

    query: str
    update: str
    graphs: str = ""
    kind: str = "other"
    cap: int = 0

    @classmethod
    def usual(cls, query: str, kind: str, *, update: str = "", graphs: str = "", cap: int = 0) -> Address:
        """The address of an engine that has everything where its kind has it, but for what is given."""
        known, parts = KINDS[kind], urlsplit(query)
        match = re.fullmatch(known.path, parts.path)

        def place(template: str) -> str:
            if match is None or not template:
                return ""
            return urlunsplit((parts.scheme, parts.netloc, match.expand(template), "", ""))

        return cls(query, update or place(known.update) or query, graphs or place(known.graphs), kind, cap)

    def told(self) -> dict[str, Any]:
        """As JSON; `Address(**told)` is the way back."""
        return asdict(self)


def check(url: str) -> None:
    """Let the address of an engine pass.

    Raises:
        EndpointFailed: It is none, or holds credentials.
    """
    parts = urlsplit(url)
    try:
        valid = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        valid = False
    if parts.username is not None or parts.password is not None:
        raise EndpointFailed(
            "Credentials do not belong into an address, where they end up in logs: put them into the "
            f"environment as {USER} and {PASSWORD}."
        )
    if not valid:
        raise EndpointFailed(f"“{url}” is not the address of an engine, such as http://localhost:7878/query.")


def recognised(server: str, url: str) -> str:
    """The name of an engine by its `Server` header, or else by its address; `other` for those unknown."""
    path = urlsplit(url).path
    for name, kind in KINDS.items():
        if kind.server and server.lower().startswith(kind.server):
            return name
    return "graphdb" if re.fullmatch(KINDS["graphdb"].path, path) else "other"
