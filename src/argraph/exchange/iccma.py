"""The formats of ICCMA, the argumentation competition: frameworks of attacks only, and answers about them.

`.af` numbers the arguments (2023), `.apx` states them as facts (ASPARTIX), `.tgf` lists nodes and edges
(Trivial Graph Format). Answers take the form of the main track of 2023: a line `w` with the members of an
extension; `YES` or `NO`, followed by such a line where an extension proves it. Both are laid down at
https://iccma2023.github.io/rules.html.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import PurePath
from types import MappingProxyType
from typing import Literal, NoReturn, TypeAlias, get_args

from argraph.argument.evaluation import Framework
from argraph.argument.extensions import SECONDS, Extension, Semantics, extensions, witness
from argraph.argument.labelling import BASE, Arcs
from argraph.errors import ArgraphError, FormatError, UnknownNode

Format: TypeAlias = Literal["af", "apx", "tgf"]
Task: TypeAlias = Literal["EE", "SE", "DC", "DS"]
FORMATS: tuple[Format, ...] = get_args(Format)
TASKS: tuple[Task, ...] = get_args(Task)

LARGEST = 10_000_000
"""So many arguments an `.af` file may announce: each takes memory before the first attack is read."""

_FACT = re.compile(r"\s*(arg|att)\s*\(\s*([^\s(),%]+)\s*(?:,\s*([^\s(),%]+)\s*)?\)\s*\.")
_NAMES = {
    "apx": re.compile(r"[^\s(),%]+"),
    "tgf": re.compile(r"(?!#)\S+"),
}
_NEAREST_OF = 10_000
"""Among more names than this, none is suggested for a wrong one: it would take too long."""


def read(data: bytes, *, name: str) -> Framework:
    """Read a framework; the extension of `name` tells the format.

    All arguments stand unless attacked; they keep their order, and in `.af` their number is their name.

    Raises:
        FormatError: With the line at fault and what to write there.
    """
    form = PurePath(name).suffix.lower().removeprefix(".")
    if form not in FORMATS:
        raise FormatError("What format is this? Let the file's name end in .af, .apx or .tgf.", name=name)
    return _Reader(data, name, form).framework()


class _Reader:
    """Collects arguments and attacks, with the line of whatever may yet turn out wrong."""

    def __init__(self, data: bytes, name: str, form: str) -> None:
        self._name = name
        self._index: dict[str, int] = {}
        self._starts: list[int] = []
        self._ends: list[int] = []
        {"af": self._read_af, "apx": self._read_apx, "tgf": self._read_tgf}[form](self._lines(data))

    def framework(self) -> Framework:
        n = len(self._index)
        attacks = Arcs.of(n, self._starts, self._ends)
        return Framework(
            names=tuple(self._index),
            needs=(BASE,) * n,
            supports=Arcs.of(n, [], []),
            attacks=attacks,
            contrary=attacks,
            base=(1.0,) * n,
            index=MappingProxyType(self._index),
        )

    def _lines(self, data: bytes) -> list[str]:
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as fault:
            line = data.count(b"\n", 0, fault.start) + 1
            self._fail(line, "This is not UTF-8 text. Save the file in the encoding UTF-8.")
        return text.split("\n")

    def _fail(self, line: int, message: str) -> NoReturn:
        raise FormatError(message, name=self._name, line=line)

    def _declare(self, argument: str, line: int) -> None:
        if argument in self._index:
            self._fail(line, f"The argument {argument} is declared twice. Leave this one out, or rename it.")
        self._index[argument] = len(self._index)

    def _attack(self, start: str, end: str, line: int, remedy: str) -> None:
        for argument in (start, end):
            if argument not in self._index:
                self._fail(line, f"The argument {argument} is not declared. {remedy.format(argument)}")
        self._starts.append(self._index[start])
        self._ends.append(self._index[end])

    def _read_af(self, lines: list[str]) -> None:
        count: int | None = None
        for number, words in _words(lines, comment="#"):
            if count is None:
                if len(words) != 3 or words[:2] != ["p", "af"] or not _is_number(words[2]):
                    self._fail(number, "The first line must say how many arguments there are, as in: p af 5")
                count = int(words[2])
                if count > LARGEST:
                    self._fail(number, f"These are too many arguments. Write {LARGEST} at most.")
                self._index = {str(i): i - 1 for i in range(1, count + 1)}
            elif words[0] == "p":
                self._fail(number, "There is a second line “p af”. Leave one of them out.")
            elif len(words) != 2:
                self._fail(number, "An attack is two numbers: write attacker and attacked, as in: 1 2")
            else:
                remedy = f"Write a number from 1 to {count}, or raise the number after “p af”."
                self._attack(words[0], words[1], number, remedy)
        if count is None:
            self._fail(0, "The file is empty. Begin it with a line such as: p af 5")

    def _read_apx(self, lines: list[str]) -> None:
        attacks: list[tuple[str, str, int]] = []
        for number, line in enumerate(lines, start=1):
            rest = line.split("%", 1)[0].rstrip()
            while rest:
                fact = _FACT.match(rest)
                if fact is None or (fact[1] == "arg") != (fact[3] is None):
                    self._fail(number, f"“{rest.strip()[:40]}” is no fact. Write arg(a). or att(a,b).")
                if fact[1] == "arg":
                    self._declare(fact[2], number)
                else:
                    attacks.append((fact[2], fact[3], number))
                rest = rest[fact.end() :]
        for start, end, number in attacks:  # attacks may come before the arguments
            self._attack(start, end, number, "Add the fact arg({}).")

    def _read_tgf(self, lines: list[str]) -> None:
        edges = False
        for number, words in _words(lines):
            if words == ["#"]:
                if edges:
                    self._fail(number, "There is a second line “#”. Leave one of them out.")
                edges = True
            elif words[0].startswith("#"):
                self._fail(
                    number, "A name cannot begin with “#”. Write # alone between arguments and attacks."
                )
            elif not edges:
                self._declare(words[0], number)
            elif len(words) == 1:
                self._fail(number, "An attack is two names: write attacker and attacked, as in: a b")
            else:
                self._attack(words[0], words[1], number, "Add it, on a line of its own, before the line “#”.")
        if not edges:
            self._fail(0, "The line “#” is missing. Write it between arguments and attacks.")


def _words(lines: list[str], comment: str | None = None) -> Iterator[tuple[int, list[str]]]:
    """Lines that are not blank, as words, with their numbers."""
    for number, line in enumerate(lines, start=1):
        words = line.split()
        if words and not (comment and words[0].startswith(comment)):
            yield number, words


def _is_number(word: str) -> bool:
    return word.isascii() and word.isdigit() and len(word) < 20


def write(framework: Framework, form: Format) -> str:
    """A framework of attacks only in one of the formats; in `.af`, comments tell the names of the numbers.

    Raises:
        ArgraphError: There are supports, or statements that need them, or a name that the format cannot take.
    """
    if len(framework.supports.ends) or any(need != BASE for need in framework.needs):
        raise ArgraphError(
            f"The format .{form} knows attacks only, and this graph has supports. "
            "Export the graph in a format that keeps them."
        )
    names = framework.names
    starts, ends = framework.attacks.starts.tolist(), framework.attacks.ends.tolist()
    attacks = list(zip(starts, ends, strict=True))
    if form == "af":
        numbers = [str(i + 1) for i in range(len(names))]
        legend = [f"# {i} is {name}" for i, name in zip(numbers, names, strict=True) if i != name]
        lines = [f"p af {len(names)}", *legend, *(f"{a + 1} {b + 1}" for a, b in attacks)]
        return "\n".join(lines) + "\n"
    for name in names:
        if not _NAMES[form].fullmatch(name):
            raise ArgraphError(
                f"The format .{form} cannot take the name “{name}”. Write .af, which numbers arguments."
            )
    if form == "apx":
        lines = [f"arg({name})." for name in names] + [f"att({names[a]},{names[b]})." for a, b in attacks]
    else:
        lines = [*names, "#", *(f"{names[a]} {names[b]}" for a, b in attacks)]
    return "".join(f"{line}\n" for line in lines)


def solve(
    framework: Framework,
    semantics: Semantics,
    task: Task,
    argument: str | None = None,
    *,
    limit: int = 100_000,
    seconds: float = SECONDS,
) -> str:
    """The answer to a task of the competition, in the form of 2023, with a line end.

    `SE` gives one extension and `EE` each of them as a line `w …`, or `NO` where there is none. `DC` asks
    whether some extension accepts the argument and shows one that does; `DS` whether all do, and shows one
    that does not. `EE` was not among the tasks of 2023; its lines are those of `SE`.

    Raises:
        ArgraphError: There are more extensions than `limit`, or `argument` is missing or not wanted.
        BudgetExceeded: The time ran out.
        MissingExtra: A search is needed, and clingo is not installed.
        UnknownNode: There is no such argument.
    """
    if task in ("DC", "DS"):
        item = _item(framework, task, argument)
        shown = witness(framework, semantics, item, accepts=task == "DC", seconds=seconds)
        answer = "YES" if (shown is None) == (task == "DS") else "NO"
        return f"{answer}\n" + (_line(framework, shown) if shown else "")
    if argument is not None:
        raise ArgraphError(f"The task {task} asks about no argument. Leave it out, or ask DC or DS.")
    if task == "SE":
        shown = witness(framework, semantics, seconds=seconds)
        return _line(framework, shown) if shown else "NO\n"
    every = extensions(framework, semantics, limit=limit, seconds=seconds)
    if every.more:
        raise ArgraphError(f"There are more than {limit} extensions. Allow more, or ask for one with SE.")
    return "".join(_line(framework, extension) for extension in every.found) or "NO\n"


def _line(framework: Framework, extension: Extension) -> str:
    return " ".join(["w", *(framework.names[item] for item in extension.accepted)]) + "\n"


def _item(framework: Framework, task: Task, argument: str | None) -> int:
    if argument is None:
        raise ArgraphError(f"The task {task} asks about one argument. Say which.")
    if argument not in framework.index:
        few = framework.names if len(framework.names) <= _NEAREST_OF else ()
        raise UnknownNode(argument, tuple(get_close_matches(argument, few, n=3)))
    return framework.index[argument]
