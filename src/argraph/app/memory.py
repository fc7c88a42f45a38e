"""How the server's process takes memory from the system."""

from __future__ import annotations

import sys
from typing import Final

_ARENA_MAX: Final = -8  # M_ARENA_MAX of glibc's mallopt(3)


def share_one_heap() -> bool:
    """Have all threads take memory from one heap; to be called before there are any. Returns whether they do.

    glibc gives threads heaps of their own, and what is free in one is of no use to the others. Each state
    of the debate is built in whatever thread is free, so that each heap grows to the size of a state and
    stays there. (Of Python's own objects the interpreter runs one thread at a time anyway, so nobody waits
    for the one heap.)
    """
    if sys.platform != "linux":
        return False
    import ctypes

    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # another C library may have none
    return mallopt is not None and mallopt(_ARENA_MAX, 1) == 1
