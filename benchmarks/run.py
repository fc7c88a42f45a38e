"""Run the benchmarks and make one report of them: what is fast, how large it may get, and against whom.

    python benchmarks/run.py [--quick] [--only NAME …] [--sizes 1000,10000,100000] [--out docs/scale.md]

Each part is a script of this folder, run as a process of its own, one after the other. What it prints
becomes a section, with the load of the machine before and after it, so that a busy machine shows. A part
that fails is told in its place, and the others go on. Beside the report, a file of the same name with .json
keeps what was found, and images/ the curve of `growth.py`. `--only` runs some of the parts again; the other
sections stay as they were found, if that was on this machine with these peers; each says of which commit.

`--quick` takes minutes, and its figures are rough. The whole takes hours, most of them with the largest of
--sizes; do nothing else on the machine meanwhile. Install `argraph[benchmarks]` first.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

from plot import draw

HERE: Final = Path(__file__).resolve().parent
ROOT: Final = HERE.parent
PACKAGES: Final = {
    "argraph runs on": ("pyoxigraph", "rdflib", "pyshacl", "numpy", "numba", "uvicorn"),
    "peers": ("oxigraph", "clingo", "networkx", "rustworkx"),
}
LONGEST: Final = 6 * 3600  # seconds for one part
PLACE: Final = re.compile(r"(?<![\w.:/<-])/(?:\w[\w.+-]*/)+([\w.+-]*)")
"""A path of this machine; addresses and media types are none."""


@dataclass(frozen=True, slots=True)
class Part:
    """A section of the report.

    Attributes:
        name: For `--only`.
        title: Its heading.
        script: In this folder.
        options: Of the script.
        quick: The same for a run of minutes.
        says: What is measured, where the script does not say it itself.
    """

    name: str
    title: str
    script: str
    options: tuple[str, ...] = ()
    quick: tuple[str, ...] = ()
    says: str = ""


PARTS: Final = (
    Part("growth", "How cost grows with the debate", "growth.py", quick=("--times", "50", "--seconds", "10")),
    Part("loading", "Loading", "loading.py", quick=("--quick",)),
    Part(
        "accepting",
        "Accepting a file",
        "accepting.py",
        ("--largest", "10000"),
        ("--largest", "1000", "--files", "3", "--seconds", "2"),
    ),
    Part(
        "validating",
        "Validating a whole debate, beside pySHACL",
        "validating.py",
        quick=("--triples", "10000", "--peer", "120", "--jobs", "2"),
    ),
    Part(
        "contribute",
        "Checking in a warm process, beside pySHACL",
        "contribute.py",
        ("--statements", "1000,10000,100000"),
        ("--statements", "1000", "--peer", "0"),
        "A file of ten nodes joins the shipped debate (first row) and generated ones. Milliseconds of "
        "processor time, median / 95th percentile of 50; pySHACL validates the whole debate with the file.",
    ),
    Part("check", "Checking as a whole process, beside pyshacl", "check.py", quick=("--runs", "1")),
    Part("turtle", "Reading Turtle", "turtle.py", quick=("--rounds", "2")),
    Part(
        "reasoning",
        "Statuses and strengths, beside clingo, networkx and rustworkx",
        "reasoning.py",
        quick=("--largest", "10000", "--cap", "10"),
        says="Times are the best of three; “B/node” is memory. `walk` and `gather` are what no method can do "
        "without: reading each arc once.",
    ),
    Part(
        "sparql",
        "SPARQL over HTTP, beside `oxigraph serve`",
        "sparql.py",
        quick=(
            "--copies",
            "0",
            "--seconds",
            "0.3",
            "--only",
            "theses",
            "unanswered-objections",
            "most-objected",
        ),
        says="Milliseconds, median (95th percentile); ratios are of medians. `argraph` is asked with a text "
        "that it has not seen before; `again` is the same text again.",
    ),
    Part(
        "submitting",
        "Reading while files are handed in",
        "submitting.py",
        quick=("--seconds", "3"),
        says="Two readers of the shipped debate, alone and beside those who hand in and those who accept.",
    ),
    Part("exchange", "Reading and writing AIF", "exchange.py", quick=("--megabytes", "2")),
)


def machine() -> dict[str, str]:
    """What the figures depend on, without the name of a host."""
    info = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    model = re.search(r"model name\s*: (.+)", info)
    memory = re.search(r"MemTotal:\s*(\d+)", Path("/proc/meminfo").read_text(encoding="utf-8"))
    told = {
        "processor": model[1] if model else platform.machine(),
        "cores": str(os.cpu_count()),
        "memory": f"{int(memory[1]) / 1024**2:.1f} GiB" if memory else "unknown",
        "system": f"{platform.system()} {platform.release()}",
        "Python": platform.python_version(),
    }
    return told | {kind: ", ".join(map(_installed, names)) for kind, names in PACKAGES.items()}


def own_version() -> str:
    """The release of argraph, with the commit where it is a checkout."""
    from argraph import __version__

    def git(*arguments: str) -> str:
        done = subprocess.run(
            ["git", "-C", str(ROOT), *arguments], capture_output=True, text=True, check=False
        )
        return done.stdout.strip()

    report = ("docs/scale.md", "docs/scale.json", "docs/images/growth.svg")
    changed = [line for line in git("status", "--porcelain").splitlines() if not line.endswith(report)]
    commit = git("rev-parse", "--short=10", "HEAD")
    return f"{__version__}, commit {commit}{' with changes' if changed else ''}" if commit else __version__


def _installed(package: str) -> str:
    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:
        return f"{package} not installed"


@dataclass
class Found:
    """What came of a part.

    Attributes:
        date: When it began, in UTC.
        of: The version of argraph.
        seconds: By the clock.
        cpu: Seconds of processor time of the script and of the processes that it has started and waited for.
        load: Of the machine before and after, one minute's average.
        text: What it printed.
        fault: Why it failed; empty where it ended well.
        quick: Whether the figures are rough.
        data: Numbers, where it keeps any.
    """

    date: str
    of: str
    seconds: float
    cpu: float
    load: tuple[float, float]
    text: str
    fault: str
    quick: bool
    data: Any = None


def run(part: Part, options: Sequence[str], *, quick: bool, numbers: Path | None) -> Found:
    """Run a part; what goes wrong is what is found."""
    began, date, load, of = time.monotonic(), datetime.now(UTC), os.getloadavg()[0], own_version()
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, str(HERE / part.script), *options]
    fault, text = _output(command)
    now = resource.getrusage(resource.RUSAGE_CHILDREN)
    kept = json.loads(numbers.read_text(encoding="utf-8")) if numbers and numbers.exists() else None
    return Found(
        date=f"{date:%Y-%m-%d %H:%M}",
        of=of,
        seconds=round(time.monotonic() - began, 1),
        cpu=round(now.ru_utime + now.ru_stime - spent.ru_utime - spent.ru_stime, 1),
        load=(round(load, 2), round(os.getloadavg()[0], 2)),
        text=without_places(text),
        fault=without_places(fault),
        quick=quick,
        data=kept,
    )


def _output(command: list[str]) -> tuple[str, str]:
    """Why a process failed, which is empty where it did not, and what it printed; none of its own is left."""
    with (
        tempfile.TemporaryFile("w+", encoding="utf-8") as printed,
        tempfile.TemporaryFile("w+", encoding="utf-8") as said,
        subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=printed, stderr=said, start_new_session=True
        ) as process,
    ):
        fault = ""
        try:
            code = process.wait(LONGEST)
        except subprocess.TimeoutExpired:
            code, fault = -1, f"it did not end within {LONGEST / 3600:.0f} hours"
        finally:  # also when this one is told to stop: servers that a script has started go with it
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        printed.seek(0)
        said.seek(0)
        text = printed.read()
        if code and not fault:
            fault = (said.read().strip() or text.strip() or f"it ended with {code}").splitlines()[-1]
        return fault, text


def without_places(text: str) -> str:
    """Without the folders of this machine."""
    return PLACE.sub(r"…/\1", text)


# -- the report ---------------------------------------------------------------------------------------------


def report(told: dict[str, str], found: dict[str, Found], image: str) -> str:
    """The whole in Markdown; parts in the order of `PARTS`."""
    dates = sorted(one.date[:10] for one in found.values())
    days = " to ".join(dict.fromkeys((dates[0], dates[-1])))
    versions = ", ".join(sorted({one.of for one in found.values()}))
    rough = " Quick: the figures are rough." if any(one.quick for one in found.values()) else ""
    lines = [
        "# How fast, how large",
        "",
        f"Measured on {days}.{rough} This page is what `python benchmarks/run.py` writes, so that anybody "
        "can repeat it. Figures are medians where nothing else is said. A busy machine stretches times by "
        "the clock: processor time and ratios hold.",
        "",
        "| | |",
        "|---|---|",
        *(f"| {name} | {value} |" for name, value in {**told, "argraph": versions}.items()),
        "",
    ]
    for part in PARTS:
        if one := found.get(part.name):
            lines += [f"## {part.title}", "", *_section(part, one, image), ""]
    return "\n".join(lines)


def _section(part: Part, found: Found, image: str) -> Iterator[str]:
    command = f"benchmarks/{part.script}"
    if found.fault:
        yield f"**`{command}` failed:** {found.fault}"
        yield ""
    if body := found.text.strip():
        if body.startswith("#"):  # the script's own heading, whatever its level; ours is the same for all
            body = body.partition("\n")[2].strip()
        if part.says:
            yield part.says
            yield ""
        yield body if "|" in body or "##" in body else f"```\n{body}\n```"
        yield ""
        if image and part.name == "growth":
            yield f"![Milliseconds for each question over the number of triples, both logarithmic]({image})"
            yield ""
    before, after = found.load
    rough = ", quick" if found.quick else ""
    yield (
        f"<sub>`{command}`, {found.date} UTC, argraph {found.of}{rough}: {found.seconds:,.0f} s, "
        f"{found.cpu:,.0f} s of processor time; load {before} before, {after} after.</sub>"
    )


def written(path: Path, text: str) -> None:
    """Write a file so that there is the old one or the new one, and never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(
        "w", dir=path.parent, prefix=f".{path.name}.", encoding="utf-8", delete=False
    ) as file:
        try:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
            os.chmod(file.name, 0o644)
            os.replace(file.name, path)
        except BaseException:
            os.unlink(file.name)
            raise


class Kept:
    """The report's files: what was found as data, the report, and the curve."""

    def __init__(self, out: Path) -> None:
        self.out = out
        self.numbers = out.with_suffix(".json")
        self.image = out.parent / "images" / "growth.svg"

    def earlier(self, told: dict[str, str]) -> dict[str, Found]:
        """What was found before on this machine with these versions."""
        try:
            data = json.loads(self.numbers.read_text(encoding="utf-8"))
            return (
                {name: Found(**one) for name, one in data["found"].items()} if data["machine"] == told else {}
            )
        except (OSError, ValueError, KeyError, TypeError):
            return {}

    def write(self, told: dict[str, str], found: dict[str, Found]) -> None:
        """Write all of them."""
        image = ""
        growth = found.get("growth")
        if growth is not None and growth.data:
            try:
                written(self.image, draw(growth.data["sizes"]))
                image = self.image.relative_to(self.out.parent).as_posix()
            except ImportError:
                print("No curve: pip install 'argraph[benchmarks]'", file=sys.stderr)
        data = {"machine": told, "found": {name: asdict(one) for name, one in found.items()}}
        written(self.numbers, json.dumps(data, indent=1, ensure_ascii=False) + "\n")
        written(self.out, report(told, found, image))


@contextmanager
def numbers_of(part: Part) -> Iterator[Path | None]:
    """A file for the numbers of a part that keeps them."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder) / "numbers.json" if part.name == "growth" else None


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="minutes rather than hours; rough figures")
    names = [part.name for part in PARTS]
    parser.add_argument(
        "--only", nargs="+", choices=names, default=names, metavar="NAME", help=", ".join(names)
    )
    parser.add_argument("--sizes", help="statements of the debates of growth.py")
    parser.add_argument("--times", help="that growth.py asks each question")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "scale.md")
    given = parser.parse_args()
    sizes = given.sizes or ("1000,10000" if given.quick else "1000,10000,100000")
    kept, told = Kept(given.out), machine()
    found = kept.earlier(told)
    failed = False
    for part in PARTS:
        if part.name not in given.only:
            continue
        if not (HERE / part.script).exists():
            print(f"{part.name}: left out, there is no {part.script} yet", flush=True)
            continue
        with numbers_of(part) as numbers:
            options = [*(part.quick if given.quick else part.options)]
            if numbers:
                options += ["--sizes", sizes, "--json", str(numbers)]
                options += ["--times", given.times] if given.times else []
            found[part.name] = one = run(part, options, quick=given.quick, numbers=numbers)
        failed = failed or bool(one.fault)
        print(f"{part.name}: {one.fault or 'done'}, {one.seconds:,.0f} s", flush=True)
        kept.write(told, found)  # after each part: the next one may take hours
    print(f"{given.out.name} has {len(found)} parts.")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
