"""A debate of any size for the benchmarks: copies of the shipped one under bases of their own.

Each copy has its statements, steps, evidence and studies, and all that is computed from them: links in one
hop, statuses and strengths. As the copies share nothing, what was computed for the original is true of each.
"""

from __future__ import annotations

from collections.abc import Iterator

import pyoxigraph as ox

from argraph import vocab
from argraph.workspace import Workspace

BASE = "https://w3id.org/argraph/open-source-ai/"


def copies(workspace: Workspace, number: int) -> Iterator[ox.Quad]:
    """Quads of named graphs; the first copy is the original."""
    quads = tuple(workspace.quads())
    yield from quads
    for copy in range(1, number):
        base = f"{BASE.rstrip('/')}-{copy}/"
        terms: dict[object, object] = {}

        def renamed(term: object, base: str = base, terms: dict[object, object] = terms) -> object:
            found = terms.get(term)
            if found is None:
                found = term
                if isinstance(term, ox.NamedNode) and term.value.startswith(BASE):
                    found = ox.NamedNode(base + term.value.removeprefix(BASE))
                elif isinstance(term, ox.BlankNode):
                    found = ox.BlankNode()
                terms[term] = found
            return found

        for quad in quads:
            subject = renamed(quad.subject)
            if subject == quad.subject and quad.graph_name.value == vocab.DERIVED_GRAPH:
                continue  # how the graph of what is computed was made: said once
            yield ox.Quad(
                subject,  # type: ignore[arg-type]
                renamed(quad.predicate),  # type: ignore[arg-type]
                renamed(quad.object),  # type: ignore[arg-type]
                renamed(quad.graph_name),  # type: ignore[arg-type]
            )
