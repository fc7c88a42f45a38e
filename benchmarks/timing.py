"""How long something takes."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any


def best(run: Callable[[], Any], times: int = 3) -> tuple[float, Any]:
    """Seconds of the fastest of some runs, and what the last run returned."""
    seconds, result = float("inf"), None
    for _ in range(times):
        start = time.perf_counter()
        result = run()
        seconds = min(seconds, time.perf_counter() - start)
    return seconds, result
