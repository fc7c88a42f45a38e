"""What one query may cost."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Budget:
    """Limits of one query; reaching one is an error and never a shorter answer.

    Attributes:
        seconds: Time from the arrival of the query to the end of its answer, reading and waiting included.
        rows: Rows of a table, or triples of a graph.
        bytes: Size of the written answer. A dump of a whole graph has no such limit, only a time.
        memory: Bytes of address space that evaluation may take beyond what an idle engine has.
    """

    seconds: float = 20.0
    rows: int = 100_000
    bytes: int = 32 * MIB
    memory: int = 1024 * MIB
