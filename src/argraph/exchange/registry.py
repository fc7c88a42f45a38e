"""The formats that argraph reads and writes, by name.

A module of a format has a `load` from bytes to a model and a `dump` back. What a file written does not say is
found by reading it again and comparing, so that a report of losses cannot forget any.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import PurePath
from types import MappingProxyType
from typing import Final, TypeAlias

from argraph.errors import ArgraphError, UnknownFormat
from argraph.exchange import (
    aif,
    aif_json,
    aif_rdf,
    argdown,
    argdown_map,
    bibtex,
    csljson,
    csv_tables,
    frameworks,
    graphml,
    jsonld,
    kialo,
    nanoarguments,
)
from argraph.exchange.model import Exported, Imported, Ledger, Loss, LossReport, Model, differences
from argraph.exchange.settling import settle

Load: TypeAlias = Callable[[bytes, str], tuple[Model, LossReport]]
Dump: TypeAlias = Callable[[Model, str], bytes]


@dataclass(frozen=True, slots=True)
class Format:
    """A format.

    Attributes:
        name: What it is called on the command line.
        title: What it is called among people.
        about: What it is, in one line.
        extensions: Endings of its files; the first is the one that is written.
        media: Its media type.
        load: Reads a file, given its name.
        dump: Writes a model, given what the IRIs of its debate begin with; None where nothing takes such
        files.
        bundle: Makes one file of several that belong together; None where each file stands for itself.
        kept: Where a model keeps what only this format knows; empty where nothing is.
        studies: Whether it holds studies alone.
    """

    name: str
    title: str
    about: str
    extensions: tuple[str, ...]
    media: str
    load: Load
    dump: Dump | None
    bundle: Callable[[Mapping[str, bytes]], bytes] | None = None
    kept: str = ""
    studies: bool = False


def _of(dump: Callable[[Model], bytes]) -> Dump:
    return lambda model, base: dump(model)


_JSON = (".json",)
_ALL: Final = (
    Format(
        "aif",
        "AIF",
        "AIF in JSON, as AIFdb has it (xAIF is read too)",
        _JSON,
        "application/json",
        aif_json.load,
        _of(aif_json.dump),
        kept=aif.KEPT,
    ),
    Format(
        "xaif",
        "xAIF",
        "AIF in JSON, as OVA and oAMF have it",
        _JSON,
        "application/json",
        aif_json.load,
        _of(aif_json.dump_xaif),
        kept=aif.KEPT,
    ),
    Format(
        "aif-rdf",
        "AIF in RDF",
        "AIF in RDF: Turtle, RDF/XML or N-Triples, of either vocabulary",
        (".ttl", ".rdf", ".nt", ".owl", ".xml"),
        "text/turtle",
        aif_rdf.load,
        _of(aif_rdf.dump),
        kept=aif.KEPT,
    ),
    Format(
        "csv",
        "CSV",
        "tables of nodes and links, for spreadsheets",
        (".zip", ".csv", ".tsv"),
        "application/zip",
        csv_tables.load,
        _of(csv_tables.dump),
        bundle=csv_tables.bundle,
    ),
    Format(
        "graphml",
        "GraphML",
        "a graph for Gephi, yEd and Cytoscape",
        (".graphml",),
        "application/graphml+xml",
        graphml.load,
        _of(graphml.dump),
    ),
    Format(
        "jsonld",
        "JSON-LD",
        "the debate in RDF, as JSON-LD",
        (".jsonld",),
        "application/ld+json",
        jsonld.load,
        jsonld.dump,
    ),
    Format(
        "iccma",
        "ICCMA",
        "a framework of attacks only, for solvers",
        (".apx", ".af", ".tgf"),
        "text/plain",
        frameworks.load,
        _of(frameworks.dump),
    ),
    Format(
        "nanopub",
        "Nanopublications",
        "nanopublications, with Trusty URIs",
        (".trig", ".nq"),
        "application/trig",
        nanoarguments.load,
        nanoarguments.dump,
        kept=nanoarguments.KEPT,
    ),
    Format(
        "bibtex",
        "BibTeX",
        "the studies, as a bibliography for LaTeX and reference managers",
        (".bib",),
        "application/x-bibtex",
        bibtex.load,
        _of(bibtex.dump),
        kept=bibtex.KEPT,
        studies=True,
    ),
    Format(
        "csljson",
        "CSL-JSON",
        "the studies, for Zotero, pandoc and citation processors",
        _JSON,
        "application/vnd.citationstyles.csl+json",
        csljson.load,
        _of(csljson.dump),
        kept=csljson.KEPT,
        studies=True,
    ),
    Format(
        "argdown",
        "Argdown",
        "Argdown: a debate as text, for people to write and read",
        (".argdown", ".ad", ".adown"),
        "text/plain",
        argdown.load,
        _of(argdown_map.dump),
        kept=argdown.KEPT,
    ),
    Format(
        "kialo",
        "Kialo",
        "text exports of Kialo; import only, since Kialo takes no files",
        (".txt",),
        "text/plain",
        kialo.load,
        None,
    ),
)
FORMATS: Final[Mapping[str, Format]] = MappingProxyType({form.name: form for form in _ALL})
"""Every format by name."""


def get(name: str) -> Format:
    """A format by its name.

    Raises:
        UnknownFormat: There is none of that name.
    """
    if name not in FORMATS:
        raise UnknownFormat(name, tuple(get_close_matches(name, FORMATS, n=3)) or tuple(FORMATS))
    return FORMATS[name]


def load(data: bytes, name: str, form: str | None = None) -> Imported:
    """Read a file of a format; without one, of the format that its ending names.

    Raises:
        UnknownFormat: There is no such format.
        FormatError: The file cannot be read as one of that format; names the line at fault where there is
        one.
    """
    chosen = get(form) if form else _by_ending(name)
    model, losses = chosen.load(data, name)
    return Imported(model, losses, name, chosen.name)


def dump(
    model: Model, form: str, *, base: str = "https://example.org/debate/", losses: tuple[Loss, ...] = ()
) -> Exported:
    """Write a model in a format, with everything that the file does not say.

    Args:
        model: What is written.
        form: Name of the format.
        base: What the IRIs of the debate's nodes begin with.
        losses: What the model itself lacks already.

    Raises:
        UnknownFormat: There is no such format.
        ArgraphError: The format cannot hold this model at all, or is only read.
    """
    chosen = get(form)
    if chosen.studies and not model.studies:
        raise ArgraphError(f"No study is in what is to be written, and {chosen.name} holds nothing else.")
    if chosen.dump is None:
        written = ", ".join(name for name, known in FORMATS.items() if known.dump)
        raise ArgraphError(f"The format {form} is only read, not written: choose one of {written}.")
    data = chosen.dump(model, base)
    again, noticed = chosen.load(data, f"export{chosen.extensions[0]}")
    ledger = Ledger()
    ledger.extend(losses)
    if chosen.studies and (others := len(model.nodes) + len(model.steps)):
        reason = "the format holds studies alone"
        ledger.extend([Loss("all", "statements, evidence and steps", reason, count=others)])
        model = replace(model, nodes={}, steps={}, schemes={}, sources={})
    ledger.extend(_told(model, again, chosen))
    ledger.extend(loss for loss in noticed.losses if loss.kind == "changed" and not model.kept)
    return Exported(data, ledger.report())


def _told(model: Model, again: Model, chosen: Format) -> list[Loss]:
    """What a model says and the one read again does not, unless it follows from the steps anyway."""
    if model.declared and not again.declared:
        inferred = settle(again).model.nodes
        again.nodes = {
            name: replace(
                node, kind=inferred[name].kind, label=inferred[name].label, assumed=inferred[name].assumed
            )
            for name, node in again.nodes.items()
        }
    told = list(differences(model, again))
    for form, data in model.kept.items():
        now = again.kept.get(form)
        if form != chosen.kept and now is None:
            told.append(Loss(form, f"data kept of {form}", f"{chosen.name} has no place for it"))
        elif now != data:
            told += _unkept(data, now)
    return told


def _unkept(before: object, after: object) -> list[Loss]:
    if not isinstance(before, dict):
        return []
    now = after if isinstance(after, dict) else {}
    told = []
    for key, value in before.items():
        others = now.get(key)
        if others == value:
            continue
        if isinstance(value, list):
            found = Counter(map(_canonical, others)) if isinstance(others, list) else Counter[str]()
            few = (Counter(map(_canonical, value)) - found).total()
        elif isinstance(value, dict):
            found_keys = others if isinstance(others, dict) else {}
            few = sum(1 for name, said in value.items() if found_keys.get(name) != said)
        else:
            few = 1
        if few:
            told.append(Loss(key, f"kept {key}", "not all of it is written as it was", "changed", few))
    return told


def _canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True)


def _by_ending(name: str) -> Format:
    ending = PurePath(name).suffix.lower()
    for form in _ALL:
        if ending in form.extensions:
            return form
    known = ", ".join(dict.fromkeys(e for form in _ALL for e in form.extensions))
    raise ArgraphError(f"No format has files that end in “{ending}”: name the format, or one of {known}.")
