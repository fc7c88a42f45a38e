"""Bibliographies as people and programs wrote them: read to the end, and their studies come back.

They are not part of this repository: put `*.bib` and `*.csl.json` into the folder that ARGRAPH_CORPORA names.
`docs/formats.md` says which were tried.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from argraph.errors import FormatError
from argraph.exchange import bibtex, csljson

FOLDER = os.environ.get("ARGRAPH_CORPORA")
ENDINGS = (".bib", ".bibtex", ".biblatex")

pytestmark = pytest.mark.skipif(
    not FOLDER, reason="No corpora: name a folder with *.bib in ARGRAPH_CORPORA; none is committed."
)


def files(*endings: str) -> list[Path]:
    found = sorted(path for path in Path(FOLDER or ".").rglob("*") if path.name.endswith(endings))
    if not found:
        pytest.skip(f"There is no {' or '.join(endings)} in ARGRAPH_CORPORA.")
    return found


def test_studies_come_back_from_every_file_of_bibtex() -> None:
    for path in files(*ENDINGS):
        try:
            model, _ = bibtex.load(path.read_bytes(), path.name)
        except FormatError:
            continue  # abbreviations alone, or a pointer to a large file
        if model.studies:
            again, _ = bibtex.load(bibtex.dump(model), path.name)
            for study, found in zip(model.studies.values(), again.studies.values(), strict=True):
                assert replace(found, iri=study.iri) == study, path  # keys may have to change


def test_studies_come_back_from_every_file_of_csl() -> None:
    for path in files(".csl.json"):
        try:
            model, _ = csljson.load(path.read_bytes(), path.name)
        except FormatError:
            continue  # a pointer to a large file
        assert csljson.load(csljson.dump(model), path.name)[0] == model, path
