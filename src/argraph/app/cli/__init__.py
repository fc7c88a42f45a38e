"""The command line. Exit codes: 0 clean, 1 violations, 2 usage, 3 an operation that cannot go on."""

from argraph.app.cli import asking, contributing, exchanging, publishing, reasoning, serving, viewing
from argraph.app.cli.base import main

__all__ = ["asking", "contributing", "exchanging", "main", "publishing", "reasoning", "serving", "viewing"]
