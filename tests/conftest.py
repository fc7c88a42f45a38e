"""What tests of every kind share."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Generator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

ROOT = Path(__file__).resolve().parents[1]

# How long anything takes, examples included, depends on what else the machine does: no test fails for that.
PATIENT: dict[str, Any] = {"deadline": None, "suppress_health_check": [hypothesis.HealthCheck.too_slow]}
hypothesis.settings.register_profile("default", max_examples=60, **PATIENT)
hypothesis.settings.register_profile("ci", max_examples=200, derandomize=True, **PATIENT)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "default")


@pytest.hookimpl(wrapper=True)
def pytest_report_to_serializable() -> Generator[None, Any, Any]:
    """Let a worker of pytest-xdist tell of texts that UTF-8 cannot write, rather than break down."""
    return _writable((yield))


def _writable(told: Any) -> Any:
    if isinstance(told, str):
        return told.encode(errors="backslashreplace").decode()
    if isinstance(told, dict):
        return {_writable(key): _writable(value) for key, value in told.items()}
    if isinstance(told, list | tuple):
        return type(told)(map(_writable, told))
    return told


def absent(reason: str) -> None:
    """Skip because an optional part is missing; in CI nothing is optional."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def clingo() -> None:
    """What searches for extensions, where it is installed."""
    if importlib.util.find_spec("clingo") is None:
        absent("Extensions need clingo: pip install 'argraph[extensions]'.")


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with the W3C test suites, beside the checkout."""
    folder = ROOT.parent / "shared"
    if not (folder / "w3c").is_dir():
        absent(
            "The W3C test suites are not beside this checkout; "
            "get them from the GitHub repositories w3c/rdf-tests and w3c/data-shapes."
        )
    return folder
