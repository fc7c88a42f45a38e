"""The commands for nanopublications and bibliographies."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from argraph.app.cli import main

TRIG = """
@prefix : <http://example.org/np1/> . @prefix np: <http://www.nanopub.org/nschema#> .
@prefix prov: <http://www.w3.org/ns/prov#> . @prefix ex: <http://example.org/> .
:Head { : a np:Nanopublication ; np:hasAssertion :a ; np:hasProvenance :p ; np:hasPublicationInfo :i . }
:a { ex:tea ex:contains ex:caffeine . }
:p { :a prov:wasDerivedFrom ex:book . }
:i { : prov:wasAttributedTo ex:somebody . }
"""


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_files_are_checked_one_by_one_and_a_fault_is_named(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.trig", tmp_path / "bad.trig"
    good.write_text(TRIG)
    bad.write_text(TRIG.replace(":p { :a", ":p { ex:b"))
    found = run("nanopub", "check", bad, good)
    assert found.exit_code == 1
    assert found.stdout.splitlines() == [
        f"{bad}: http://example.org/np1/: its provenance says nothing about its assertion.",
        f"{good}: http://example.org/np1/: in order; it has no Trusty URI; it is not signed.",
    ]
    assert run("nanopub", "check", good).exit_code == 0
    assert run("nanopub", "check", tmp_path / "none.trig").exit_code == 3


def small_debate(folder: Path) -> Path:
    table = folder / "x.csv"
    table.write_text("source,kind,target\nTea is cheap enough,support,Tea should be free\n")
    debate = folder / "debate"
    assert run("import", "csv", table, "-o", debate, "--base", "https://example.org/tea/").exit_code == 0
    return debate


def test_a_debate_is_published_with_trusty_addresses_and_comes_back(tmp_path: Path) -> None:
    debate, output = small_debate(tmp_path), tmp_path / "tea.trig"
    made = run("nanopub", "publish", "--graph", debate, "-o", output, "--creator", "https://example.org/me")
    assert made.stdout == f"{output}: 4 nanopublications, not signed.\n"
    checked = run("nanopub", "check", output).stdout.splitlines()
    assert len(checked) == 4
    assert all("in order; its Trusty URI is right; it is not signed" in line for line in checked)
    assert "dcterms:creator <https://example.org/me>" in output.read_text()
    again = tmp_path / "again"
    read = run("import", "nanopub", output, "-o", again, "--base", "https://example.org/again/", "--strict")
    assert read.exit_code == 0
    assert run("check", again, "--against", again).exit_code == 0
    assert "stands" in run("status", "--graph", again).stdout


def test_a_debate_is_signed_with_a_key(tmp_path: Path) -> None:
    pytest.importorskip("cryptography", reason="Signatures need the extra argraph[nanopub].")
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key, output = tmp_path / "id_rsa", tmp_path / "tea.trig"
    key.write_bytes(
        rsa.generate_private_key(65537, 2048).private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    made = run("nanopub", "publish", "--graph", small_debate(tmp_path), "-o", output, "--key", key)
    assert made.stdout == f"{output}: 4 nanopublications, signed.\n"
    assert run("nanopub", "check", output).stdout.count("its signature is right") == 4
    output.write_text(output.read_text().replace("Tea is cheap", "Tea is dear"))
    assert "its content is not what its Trusty URI says" in run("nanopub", "check", output).stdout


def test_the_studies_of_a_debate_go_to_a_bibliography_and_back_into_one(tmp_path: Path) -> None:
    output, debate = tmp_path / "refs.bib", tmp_path / "debate"
    made = run("export", "bibtex", "-o", output)
    assert made.exit_code == 0
    assert "@article{study-ahmed2023-industry," in output.read_text()
    read = run("import", "bibtex", output, "-o", debate, "--base", "https://example.org/refs/", "--strict")
    assert read.exit_code == 0
    assert run("check", debate, "--against", debate).exit_code == 0
    items = json.loads(run("export", "csljson", "--graph", debate).stdout)
    assert len(items) == output.read_text().count("\n@") + 1


def test_the_studies_behind_a_statement_are_exported_alone() -> None:
    part = json.loads(run("export", "csljson", "--focus", "pil-safety").stdout)
    whole = json.loads(run("export", "csljson").stdout)
    assert 0 < len(part) < len(whole)
