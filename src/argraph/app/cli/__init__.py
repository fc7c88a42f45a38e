"""The command line. Exit codes: 0 clean, 1 violations, 2 usage, 3 an operation that cannot go on."""

from argraph.app.cli import (
    asking,
    contributing,
    exchanging,
    founding,
    history,
    publishing,
    reasoning,
    serving,
    submitting,
    tokens,
    viewing,
)
from argraph.app.cli.base import main

__all__ = [
    "asking",
    "contributing",
    "exchanging",
    "founding",
    "history",
    "main",
    "publishing",
    "reasoning",
    "serving",
    "submitting",
    "tokens",
    "viewing",
]
