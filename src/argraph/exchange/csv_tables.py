"""CSV: a table of nodes and one of links, in two files or one archive, to be filled in with a spreadsheet."""

from __future__ import annotations

import csv
import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePath
from typing import Final, TypeAlias

from argraph.errors import FormatError
from argraph.exchange.model import LossReport, Model
from argraph.exchange.table import LINK_COLUMNS, NODE_COLUMNS, Row, columns, model_of, rows

NODES: Final = "nodes.csv"
LINKS: Final = "links.csv"
LARGEST: Final = 512 * 2**20
"""So many bytes the tables in an archive may have when they are unpacked."""

_Placed: TypeAlias = tuple[str, Row]


def load(data: bytes, name: str) -> tuple[Model, LossReport]:
    """Read an archive with both tables, or one of them: links alone make statements of the names in them.

    Raises:
        FormatError: It is neither, with the line at fault.
    """
    tables = _unpacked(data, name) if data[:2] == b"PK" else {name: data}
    nodes: list[_Placed] = []
    links: list[_Placed] = []
    for path, content in tables.items():
        lines = _read(content, path)
        header = next(lines, (1, []))[1]
        of_links, of_nodes = columns(header, LINK_COLUMNS), columns(header, NODE_COLUMNS)
        if {"source", "target"} <= set(of_links):
            links += _placed(lines, of_links, path)
        elif {"id", "text"} & set(of_nodes):
            nodes += _placed(lines, of_nodes, path)
        else:
            raise FormatError(
                "The first line names neither the columns of nodes (id, kind, text) nor those of links "
                "(source, kind, target).",
                name=path,
                line=1,
            )
    named = [
        (place, {**row, "id": f"row-{number}"} if not row.get("id") and row.get("text") else row)
        for number, (place, row) in enumerate(nodes, start=2)
    ]
    model, ledger = model_of(named, links)
    return model, ledger.report()


def bundle(files: Mapping[str, bytes]) -> bytes:
    """Several tables as one archive, equal for equal tables."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(PurePath(name).name, (1980, 1, 1, 0, 0, 0)), data)
    return packed.getvalue()


def dump(model: Model) -> bytes:
    """Write an archive of `nodes.csv` and `links.csv`, in UTF-8 with the mark that spreadsheets look for."""
    nodes, links = rows(model)
    return bundle({NODES: _written(nodes, NODE_COLUMNS), LINKS: _written(links, LINK_COLUMNS)})


def _written(found: Iterable[Mapping[str, str]], header: Sequence[str]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, header, restval="")
    writer.writeheader()
    writer.writerows(found)
    return text.getvalue().encode("utf-8-sig", "replace")


def _unpacked(data: bytes, name: str) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            tables = [i for i in archive.infolist() if i.filename.casefold().endswith((".csv", ".tsv"))]
            if sum(info.file_size for info in tables) > LARGEST:
                raise FormatError(f"Its tables have more than {LARGEST:,} bytes together.", name=name)
            found = {info.filename: archive.read(info) for info in tables}
    except (zipfile.BadZipFile, zlib.error, RuntimeError, EOFError, OSError, ValueError):
        raise FormatError(
            "This archive is damaged, encrypted, or packed in a way that is not known.", name=name
        ) from None
    if not found:
        raise FormatError("There is no table (*.csv) in this archive.", name=name)
    return found


def _read(data: bytes, name: str) -> Iterator[tuple[int, list[str]]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = data.count(b"\n", 0, fault.start) + 1
        raise FormatError(
            "This is not UTF-8 text. Save the table in that encoding.", name=name, line=line
        ) from None
    head = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=lambda sign: (head.count(sign), sign == ","))
    csv.field_size_limit(LARGEST)  # of the whole process; it only ever refuses long cells
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for row in reader:
            yield reader.line_num, row
    except csv.Error as fault:
        raise FormatError(f"This is no table: {fault}.", name=name, line=reader.line_num) from None


def _placed(lines: Iterable[tuple[int, list[str]]], header: Sequence[str], name: str) -> Iterator[_Placed]:
    """Rows with where they end in their file; what stands beyond the last head is kept under a number."""
    for line, cells in lines:
        row = {head: cell for head, cell in zip(header, cells, strict=False) if cell}
        row |= {f"column {i + 1}": cell for i, cell in enumerate(cells) if i >= len(header) and cell}
        yield f"{PurePath(name).name}:{line}", row
