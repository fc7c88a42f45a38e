"""A process that answers foreign queries and can be killed at any moment.

They are evaluated here on a read-only snapshot, or by an engine elsewhere that this process asks: reading,
admission and writing happen here either way.

It runs as `python -S -I worker.py MEMORY PATH…`, with the folders of `argraph` and `pyoxigraph` as PATHs, and
speaks frames over standard input and output: length of the payload (4 bytes, little-endian), kind (1 byte),
payload. The first frame is the place of what is asked (`states.State`). Requests and the heads of answers are
JSON, what follows is the answer as written.
"""

from __future__ import annotations

import json
import struct
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, BinaryIO, Final, cast

if TYPE_CHECKING:
    import pyoxigraph as ox

    from argraph.query.forward import Remote

FRAME: Final = struct.Struct("<IB")
REQUEST, HEAD, BODY, END = range(4)
CHUNK: Final = 64 * 1024

_NICE: Final = 5  # evaluation gives way to the server's own process, and to workers that start
_SECCOMP_RET_ALLOW, _SECCOMP_RET_ERRNO, _SECCOMP_RET_KILL = 0x7FFF0000, 0x00050000, 0x80000000
_EACCES = 13
# Architecture number, and numbers of: socket, connect, execve, execveat, ptrace, io_uring_setup;
# process_vm_readv and _writev, kill, rt_sigqueueinfo, pidfd_send_signal, chroot, pivot_root, mount, umount2.
# (Aborting takes tgkill.)
_TO_CALL: Final = 2  # of these, so many are needed to call somebody
_CALLS: Final[Mapping[str, tuple[int, tuple[int, ...]]]] = {
    "x86_64": (0xC000003E, (41, 42, 59, 322, 101, 425, 310, 311, 62, 129, 424, 161, 155, 165, 166)),
    "aarch64": (0xC00000B7, (198, 203, 221, 281, 117, 425, 270, 271, 129, 138, 424, 51, 41, 40, 39)),
}
# Numbers of all that makes, names, removes or changes a file: unlinkat, renameat, renameat2, mkdirat,
# mknodat, linkat, symlinkat, truncate, ftruncate, fchmod, fchmodat, fchmodat2, fchown, fchownat, setxattr
# and removexattr (three each), utimensat, openat2; where there are such, also: unlink, rename, rmdir,
# mkdir, mknod, link, symlink, creat, chmod, chown, lchown, utime, utimes, futimesat.
_CHANGES: Final[Mapping[str, tuple[int, ...]]] = {
    "x86_64": (
        *(
            263,
            264,
            316,
            258,
            259,
            265,
            266,
            76,
            77,
            91,
            268,
            452,
            93,
            260,
            188,
            189,
            190,
            197,
            198,
            199,
            280,
            437,
        ),
        *(87, 82, 84, 83, 133, 86, 88, 85, 90, 92, 94, 132, 235, 261),
    ),
    "aarch64": (35, 38, 276, 34, 33, 37, 36, 45, 46, 52, 53, 452, 55, 54, 5, 6, 7, 14, 15, 16, 88, 437),
}
# Numbers of what opens a file, with the place of its flags: openat; where it is there, open.
_OPENS: Final[Mapping[str, tuple[tuple[int, int], ...]]] = {
    "x86_64": ((257, 2), (2, 1)),
    "aarch64": ((56, 2),),
}
_TO_WRITE: Final = 0o1 | 0o2 | 0o100 | 0o1000  # O_WRONLY, O_RDWR, O_CREAT, O_TRUNC: the same on both


def confine(memory: int, *, calling: bool = False) -> list[str]:
    """Give up what evaluation does not need; returns what this system has enforced.

    Args:
        memory: Bytes of address space.
        calling: Whether the process may call an engine elsewhere.

    Address space is limited to `memory` bytes more than is in use now, files cannot be written, and where the
    kernel allows it they cannot be made, renamed, removed or changed in any way either, and sockets, other
    programs, tracing and signals to other processes are denied. The process dies with its parent.
    """
    if sys.platform != "linux":  # the parent still kills at the deadline
        return []
    import os
    import resource

    end_with_parent()
    os.nice(_NICE)
    with open("/proc/self/statm", "rb") as statm:
        used = int(statm.read().split()[0]) * resource.getpagesize()
    for limit, value in (
        (resource.RLIMIT_AS, used + memory),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        _, most = resource.getrlimit(limit)
        value = value if most == resource.RLIM_INFINITY else min(value, most)  # ours may be limited already
        resource.setrlimit(limit, (value, value))
    denied = _deny_calls(calling)
    return ["memory", "files", "sockets"] if denied and not calling else ["memory", "files"]


def end_with_parent() -> None:
    """Have the system kill this process when the one that started it ends, in whatever way."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(1, 9, 0, 0, 0)  # PR_SET_PDEATHSIG, SIGKILL


def _deny_calls(calling: bool) -> bool:
    """Install a seccomp filter by `prctl`; see seccomp(2) for the layout of the program."""
    import ctypes
    import os

    libc = ctypes.CDLL(None, use_errno=True)
    known = _CALLS.get(os.uname().machine)
    if known is None:
        return False
    architecture, calls = known
    machine = os.uname().machine
    calls = (calls[_TO_CALL:] if calling else calls) + _CHANGES[machine]
    load, equal, at_least, any_bit, answer = 0x20, 0x15, 0x35, 0x45, 0x06
    allow = (
        len(calls) + 1 + 3 * len(_OPENS[machine])
    )  # from the first of the tests; denying comes right after
    tests = [(at_least, allow, 0, 0x40000000)]  # another numbering of the same calls (x32)
    tests += [(equal, allow - place, 0, call) for place, call in enumerate(calls, 1)]
    for call, place in _OPENS[machine]:
        tests.append((equal, 0, 2, call))
        tests.append((load, 0, 0, 16 + 8 * place))
        tests.append((any_bit, allow - len(tests), allow - len(tests) - 1, _TO_WRITE))
    program = [
        (load, 0, 0, 4),
        (equal, 1, 0, architecture),
        (answer, 0, 0, _SECCOMP_RET_KILL),
        (load, 0, 0, 0),
        *tests,
        (answer, 0, 0, _SECCOMP_RET_ALLOW),
        (answer, 0, 0, _SECCOMP_RET_ERRNO | _EACCES),
    ]
    code = ctypes.create_string_buffer(b"".join(struct.pack("<HBBI", *step) for step in program))

    class Program(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]

    filter_ = Program(len(program), ctypes.cast(code, ctypes.c_void_p))
    no_new_privileges, set_seccomp, mode_filter = 38, 22, 2
    if libc.prctl(no_new_privileges, 1, 0, 0, 0) != 0:
        return False
    return bool(libc.prctl(set_seccomp, mode_filter, ctypes.byref(filter_), 0, 0) == 0)


def serve(memory: int) -> None:
    """Answer requests until standard input ends.

    Args:
        memory: Bytes that evaluation may take.
    """
    from argraph.query import engine, formats  # noqa: F401 - so that the first query need not wait for them

    source, out = sys.stdin.buffer, sys.stdout.buffer
    asked, calling = _open(json.loads(_receive(source)))
    _send(out, HEAD, json.dumps({"enforced": confine(memory, calling=calling)}).encode())
    while request := _receive(source):
        try:
            head, body = answer(asked, json.loads(request))
        except MemoryError:
            head, body = {"fault": "memory"}, b""
        _send(out, HEAD, json.dumps(head).encode())
        for start in range(0, len(body), CHUNK):
            _send(out, BODY, body[start : start + CHUNK])
        _send(out, END, b"")
        del body


def _open(place: Mapping[str, Any]) -> tuple[ox.Store | Remote, bool]:
    """What is asked, and whether that is elsewhere."""
    import pyoxigraph as ox

    if "folder" in place:
        return ox.Store.read_only(place["folder"]), False
    from argraph.query.forward import Remote

    return Remote.of(place), True


def answer(asked: ox.Store | Remote, request: Mapping[str, Any]) -> tuple[dict[str, Any], bytes]:
    """The head and the body of the answer to a request as `pool.Question` and `pool.Dump` make it.

    The head says `form`, `kind` (`rows`, `boolean` or `graph`) and `total`, or else which `fault` there is.
    """
    from argraph.errors import (
        AnswerTooLarge,
        BudgetExceeded,
        EndpointFailed,
        FormRefused,
        Overloaded,
        QueryRefused,
    )

    try:
        return _dump(asked, request) if "dump" in request else _evaluate(asked, request)
    except FormRefused as error:
        return {"fault": "form", "message": str(error)}, b""
    except QueryRefused as error:
        place = {"line": error.line, "column": error.column}
        return {"fault": "refused", "message": str(error), **place}, b""
    except AnswerTooLarge as error:
        return {"fault": error.limit, "allowed": error.allowed}, b""
    except BudgetExceeded:
        return {"fault": "late"}, b""
    except Overloaded as error:
        return {"fault": "busy", "message": str(error), "seconds": error.seconds}, b""
    except EndpointFailed as error:
        return {"fault": "elsewhere", "message": str(error), "status": error.status}, b""


def _evaluate(asked: ox.Store | Remote, request: Mapping[str, Any]) -> tuple[dict[str, Any], bytes]:
    import pyoxigraph as ox

    from argraph.errors import AnswerTooLarge, FormRefused
    from argraph.query import engine, formats

    dataset = request["dataset"]
    told: dict[str, Any] = {
        "bindings": {name: formats.term_of(told) for name, told in request["bindings"].items()},
        "prefixes": request["prefixes"],
        "dataset": dataset and engine.Dataset(*map(tuple, dataset)),
        "base": request["base"],
        "rows": request["rows"],
    }
    if isinstance(asked, ox.Store):
        result = engine.run(asked, request["text"], **told)
    else:
        truths = frozenset(request["truths"])
        result = asked.run(request["text"], **told, seconds=request["seconds"], truths=truths)
    kind, total = "boolean", 1
    if isinstance(result, engine.Solutions):
        kind, total = "rows", len(result.rows)
    elif isinstance(result, tuple):
        kind, total = "graph", len(result)
    form = request["forms"]["graph" if kind == "graph" else "rows"]
    if form is None:
        what = "a graph of triples" if kind == "graph" else "rows" if kind == "rows" else "yes or no"
        raise FormRefused(f"The answer is {what}, and no form of that is among those asked for.")
    shown = request["shown"]
    if shown is not None and isinstance(result, engine.Solutions):
        result = engine.Solutions(result.columns, result.rows[:shown])
    elif shown is not None and isinstance(result, tuple):
        result = result[:shown]
    body = formats.render(result, form, prefixes=request["prefixes"]).encode()
    if len(body) > request["bytes"]:
        raise AnswerTooLarge("bytes", request["bytes"])
    return {"kind": kind, "form": form, "total": total}, body


def _dump(asked: ox.Store | Remote, request: Mapping[str, Any]) -> tuple[dict[str, Any], bytes]:
    import pyoxigraph as ox

    from argraph.query import formats

    form, graph = formats.DUMPS[request["form"]], request["dump"]
    head = {"kind": "graph", "form": request["form"], "total": 0}
    told: Any
    if graph is None:
        without = set(request["without"])
        quads = (
            asked.quads(without, request["seconds"])
            if not isinstance(asked, ox.Store)
            else (quad for quad in asked if getattr(quad.graph_name, "value", "") not in {"", *without})
        )
        told = quads if form.supports_datasets else dict.fromkeys(quad.triple for quad in quads)
        return head, cast(bytes, ox.serialize(told, format=form, prefixes=request["prefixes"]))
    if not isinstance(asked, ox.Store):
        told = asked.whole(graph, request["seconds"])
        if told is None:
            return {"fault": "missing"}, b""
        return head, cast(bytes, ox.serialize(told, format=form, prefixes=request["prefixes"]))
    name = ox.NamedNode(graph) if graph else ox.DefaultGraph()
    if isinstance(name, ox.NamedNode) and not asked.contains_named_graph(name):
        return {"fault": "missing"}, b""
    return head, cast(bytes, asked.dump(format=form, from_graph=name, prefixes=request["prefixes"]))


def _send(out: BinaryIO, kind: int, payload: bytes) -> None:
    out.write(FRAME.pack(len(payload), kind))
    out.write(payload)
    if kind != BODY:
        out.flush()


def _receive(source: BinaryIO) -> bytes:
    """The next request, or nothing when there will be none."""
    head = source.read(FRAME.size)
    return source.read(FRAME.unpack(head)[0]) if len(head) == FRAME.size else b""


if __name__ == "__main__":
    sys.path.extend(sys.argv[2:])
    serve(int(sys.argv[1]))
