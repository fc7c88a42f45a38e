"""The packaged data folders, found from a checkout, an editable install and a wheel alike."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from argraph.errors import ResourceMissing


@cache
def root() -> Path:
    """The folder that holds `ontology`, `shapes`, `queries` and `graph`.

    A wheel carries them in `argraph/_data`; a checkout has them at its top. Nothing else is searched,
    so a stray folder elsewhere can never be picked up.

    Raises:
        ResourceMissing: Neither place has them; the installation is damaged.
    """
    package = Path(__file__).parent
    for candidate in (package / "_data", package.parents[1]):
        if (candidate / "ontology" / "argraph.ttl").is_file():
            return candidate
    raise ResourceMissing("argraph's data files are missing from this installation: install argraph again.")


def ontology() -> Path:
    """Folder of the vocabulary: `argraph.ttl`, `schemes.ttl`, `alignments.ttl`."""
    return root() / "ontology"


def shapes() -> Path:
    """Folder of the SHACL shapes, one file per class."""
    return root() / "shapes"


def queries() -> Path:
    """Folder of the saved queries: `explore/*.rq` and `audit/*.rq`."""
    return root() / "queries"


def graph() -> Path:
    """Folder of the shipped debates."""
    return root() / "graph"
