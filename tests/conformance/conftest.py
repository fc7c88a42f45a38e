"""The shipped debate on two servers: argraph's, and the one that it is compared with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest

from argraph import vocab
from argraph.app.endpoint import Limits
from argraph.workspace import Workspace

from ..servers import oxigraph, served


@dataclass(frozen=True, slots=True)
class Pair:
    """Two servers with the same content.

    Attributes:
        argraph: A client of argraph's.
        oxigraph: A client of `oxigraph serve`, which holds what argraph's dumps hold.
        workspace: What argraph serves.
    """

    argraph: httpx.Client
    oxigraph: httpx.Client
    workspace: Workspace

    @property
    def prologue(self) -> str:
        """Declares the prefixes that argraph's own queries need not declare."""
        return "".join(f"PREFIX {name}: <{base}>\n" for name, base in self.workspace.prefixes.items())

    @property
    def endpoints(self) -> tuple[str, str]:
        """The addresses for queries, argraph's first."""
        return f"{self.argraph.base_url}/sparql", f"{self.oxigraph.base_url}/query"


@pytest.fixture(scope="session")
def pair() -> Iterator[Pair]:
    """Oxigraph is loaded by HTTP from what argraph gives away by HTTP, each graph under its name."""
    workspace = Workspace.open()
    limits = Limits(client_seconds=1e6, client_errors=1e6)
    with served(workspace, limits=limits) as ours, oxigraph() as theirs:
        added = [
            (ours.get("/graph", params={"graph": graph, "format": "ntriples"}), {"graph": graph})
            for graph in vocab.ADDED_GRAPHS
        ]
        default = ours.get("/graph?default&format=ntriples")
        files = ours.get("/graph", params={"format": "nquads"})
        triples, quads = {"content-type": "application/n-triples"}, {"content-type": "application/n-quads"}
        for answer, place, kind in (
            (files, {}, quads),
            *((answer, place, triples) for answer, place in added),
            (default, {"default": ""}, triples),
        ):
            answer.raise_for_status()
            theirs.post("/store", params=place, content=answer.content, headers=kind).raise_for_status()
        yield Pair(ours, theirs, workspace)
