"""The test suite of the nanopublication community: what is valid, what is not, and what a signed one is.

The suite (github.com/Nanopublication/nanopub-testsuite) is not part of this repository: put it into the
folder that ARGRAPH_CORPORA names. Files in TriX, which no library here reads, are left out.
"""

from __future__ import annotations

import os
from pathlib import Path

import pyoxigraph as ox
import pytest

from argraph.errors import ArgraphError
from argraph.exchange import nanoarguments, nanopub, registry

FOLDER = os.environ.get("ARGRAPH_CORPORA")
SUITE = (
    next((p.parent.parent for p in Path(FOLDER).rglob("transform/profile.yaml")), None) if FOLDER else None
)

pytestmark = pytest.mark.skipif(
    SUITE is None,
    reason="No suite: put nanopub-testsuite into the folder that ARGRAPH_CORPORA names; it is not committed.",
)


def files(under: str) -> list[Path]:
    return sorted(p for p in ((SUITE or Path()) / under).rglob("*") if p.suffix in {".trig", ".nq"})


def verify(path: Path) -> None:
    for np in nanopub.read(path.read_bytes(), path.name):
        nanopub.check_signature(np)


def test_every_valid_file_is_found_in_order_and_comes_back_as_it_was() -> None:
    pytest.importorskip("cryptography", reason="Signatures need the extra argraph[nanopub].")
    found = files("valid")
    assert found
    for path in found:
        verify(path)
        model, _ = nanoarguments.load(path.read_bytes(), path.name)
        again = nanopub.read(registry.dump(model, "nanopub").data, "x.trig")
        before = nanopub.read(path.read_bytes(), path.name)
        assert {np.iri for np in before} <= {np.iri for np in again}, path


def test_every_invalid_file_is_refused() -> None:
    pytest.importorskip("cryptography", reason="Signatures need the extra argraph[nanopub].")
    found = files("invalid")
    assert found
    for path in found:
        with pytest.raises(ArgraphError):
            verify(path)


@pytest.mark.parametrize("owner", ["rsa-key1", "rsa-key2"])
def test_what_is_signed_here_is_what_the_other_tools_make(owner: str) -> None:
    pytest.importorskip("cryptography", reason="Signatures need the extra argraph[nanopub].")
    folder = (SUITE or Path()) / "transform" / "signed" / owner
    key = nanopub.private_key((folder / "key" / "id_rsa").read_bytes(), "id_rsa")
    found = files("transform/plain")
    assert found
    for path in found:
        quads = list(ox.parse(path.read_bytes(), format=ox.RdfFormat.TRIG))
        (iri,) = {q.subject.value for q in quads if q.object == ox.NamedNode(nanopub.NP + "Nanopublication")}
        made = nanopub.published(quads, iri, key=key, signer="https://orcid.org/0000-0000-0000-0000")
        code = (folder / path.name.replace(".in.trig", ".out.code")).read_text().strip()
        assert made.code == code, path
