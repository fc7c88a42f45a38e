"""argraph: a knowledge graph of claims, evidence and objections."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argraph.session import Session

__version__ = "0.1.0"


def connect(place: str | Path | None = None) -> Session:
    """Open a debate to ask it questions, from a script or a notebook.

    >>> debate = connect()
    >>> debate.query("ASK { ?thesis a arg:Thesis }")
    True
    >>> debate.query("theses")[0]["label"]
    'Open source AI should prevail over closed systems'

    Args:
        place: The address of a server of argraph, or a folder of Turtle files; the shipped debate where none
            is given.

    Raises:
        ResourceMissing: The folder is not there or holds no Turtle file.
        BrokenGraph: A file in it is not valid Turtle.
    """
    from argraph import session  # on demand: asking loads the engine

    return session.connect(place)
