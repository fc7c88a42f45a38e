"""Statistics as a file of arrays with a table of contents, and back: none need be counted again."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from argraph.rdf.columns import Column, Columns, Terms
from argraph.rdf.statistics import Statistics, Use

_WHOLE: Final = ("triples", "subjects", "objects")
_TABLES: Final = ("graphs", "classes", "properties")


def write(place: Path, statistics: Statistics) -> dict[str, Any]:
    """Write the arrays; returns all else, as JSON.

    Raises:
        OSError: They cannot be written.
    """
    columns = statistics._columns
    arrays: dict[str, npt.ArrayLike] = {
        "hashes": columns.terms.hashes,
        "numbers": columns.terms.numbers,
        "as_subject": columns.as_subject,
        "as_object": columns.as_object,
        **{f"column-{number}": keys for number, keys in enumerate(columns.keys.values())},
    }
    with place.open("wb") as file:
        np.savez(file, **arrays)  # type: ignore[arg-type] # names of arrays, not of options
    return {
        **{name: getattr(statistics, name) for name in _WHOLE},
        **{name: dict(getattr(statistics, name)) for name in _TABLES},
        "uses": [
            [kind, name, use.triples, dict(use.classes), dict(use.datatypes)]
            for (kind, name), use in statistics.uses.items()
        ],
        "columns": [[column.property, column.sort] for column in columns.keys],
        "named": [[number, iri] for number, iri in columns.classes.items()],
    }


def read(place: Path, told: Mapping[str, Any]) -> Statistics:
    """What was written.

    Args:
        place: The arrays.
        told: All else.

    Raises:
        ValueError: It is something else.
        OSError: The file cannot be read.
        LookupError: A part is missing.
        TypeError: As ValueError.
    """
    try:
        with np.load(place, allow_pickle=False) as arrays:

            def take(name: str, kind: type[np.generic]) -> npt.NDArray[Any]:
                found: npt.NDArray[Any] = arrays[name]
                if found.ndim != 1 or found.dtype != np.dtype(kind):
                    raise ValueError(f"{name} is not the array expected")
                return found

            keys = {
                Column(*map(str, column)): take(f"column-{number}", np.int64)
                for number, column in enumerate(told["columns"])
            }
            columns = Columns(
                keys,
                Terms(take("hashes", np.int64), take("numbers", np.int32)),
                {int(number): str(iri) for number, iri in told["named"]},
                take("as_subject", np.int32),
                take("as_object", np.int32),
            )
    except zipfile.BadZipFile as error:
        raise ValueError(f"{place.name} is no archive of arrays") from error
    size = len(columns.terms)
    if not len(columns.terms.numbers) == len(columns.as_subject) == len(columns.as_object) == size:
        raise ValueError("an array has another length")
    return Statistics(
        triples=int(told["triples"]),
        subjects=int(told["subjects"]),
        objects=int(told["objects"]),
        graphs=_numbers(told["graphs"]),
        classes=_numbers(told["classes"]),
        properties=_numbers(told["properties"]),
        uses={
            (str(kind), str(name)): Use(int(count), _numbers(classes), _numbers(datatypes))
            for kind, name, count, classes, datatypes in told["uses"]
        },
        _columns=columns,
    )


def _numbers(told: Mapping[str, Any]) -> dict[str, int]:
    return {str(name): int(number) for name, number in told.items()}
