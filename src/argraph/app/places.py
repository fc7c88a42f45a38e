"""Places of an application that is given up when the debate changes, so that all behind them goes with it."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from types import MethodType
from typing import Any, cast
from weakref import WeakMethod, ref

from fastapi.routing import APIRoute


class Place(APIRoute):
    """A place whose endpoint lives as long as its application.

    FastAPI remembers what it has found out about endpoints, by the endpoint itself and for the whole process,
    and with a method also the object that it belongs to: here whole states of the debate. So it is given a
    function that does not hold the endpoint; the place does.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **given: Any) -> None:
        self._held = endpoint
        super().__init__(path, _weakly(endpoint), **given)


def _weakly(endpoint: Callable[..., Any]) -> Callable[..., Any]:
    """A function that calls an endpoint as long as that is there, and looks the same."""
    found = WeakMethod(endpoint) if isinstance(endpoint, MethodType) else ref(endpoint)

    def plain(*given: Any, **named: Any) -> Any:
        return cast(Callable[..., Any], found())(*given, **named)

    async def awaited(*given: Any, **named: Any) -> Any:
        return await plain(*given, **named)

    call: Any = awaited if inspect.iscoroutinefunction(endpoint) else plain
    call.__name__, call.__doc__ = getattr(endpoint, "__name__", "endpoint"), endpoint.__doc__
    call.__signature__ = inspect.signature(endpoint, eval_str=True)
    return cast(Callable[..., Any], call)
