"""Draw how cost grows with a debate, from the numbers that `growth.py` keeps.

    python benchmarks/plot.py FILE.json DRAWING.svg

Both axes are logarithmic: what grows as the debate does is a straight line of slope one, what does not grow
is level. The drawing is the same for the same numbers, follows light and dark, and has a title and a
description. Needs matplotlib: pip install 'argraph[benchmarks]'.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from html import escape
from io import StringIO
from pathlib import Path
from typing import Any, Final

PANELS: Final = {
    "Reading": (
        "page of a node",
        "status of a node",
        "neighbourhood",
        "outline of a hub",
        "search: two words",
        "search: prefix",
        "search: sentence",
    ),
    "Querying and contributing": (
        "saved query, one node",
        "saved query, all texts",
        "check and impact",
        "check, in process",
        "impact, in process",
    ),
}
COLOURS: Final = {  # on white, on black
    "ink": ("#1f2328", "#e6edf3"),
    "rule": ("#d0d7de", "#3d444d"),
    "c0": ("#0969da", "#58a6ff"),
    "c1": ("#bc4c00", "#ffa657"),
    "c2": ("#1a7f37", "#56d364"),
    "c3": ("#8250df", "#d2a8ff"),
    "c4": ("#bf3989", "#ff9bce"),
    "c5": ("#6e7781", "#adbac7"),
    "c6": ("#7d4e00", "#e3b341"),
}
MARKS: Final = "osD^vPX"
WIDE, HIGH = 11.0, 4.8
_LINE = 0.055  # of the height of a panel, from one label to the next


def draw(sizes: Sequence[dict[str, Any]]) -> str:
    """The drawing as SVG.

    Args:
        sizes: As `growth.py` keeps them, the smallest first.
    """
    import matplotlib as mpl

    mpl.use("svg")
    # Stand-ins that no other colour has; they become variables below.
    ink, rule, *lines = (f"#0102{number:02x}" for number in range(len(COLOURS)))
    settings = {
        "svg.hashsalt": "argraph",
        "svg.fonttype": "none",
        "font.family": "sans-serif",
        "font.size": 9.5,
        **dict.fromkeys(("text.color", "axes.labelcolor", "xtick.color", "ytick.color"), ink),
        "axes.edgecolor": rule,
        "grid.color": rule,
    }
    with mpl.rc_context(settings):
        text = _figure(sizes, lines)
    for number, name in enumerate(COLOURS):
        text = text.replace(f"#0102{number:02x}", f"var(--{name})")
    assert ink not in text
    assert rule not in text
    return _explained(text, sizes)


def _figure(sizes: Sequence[dict[str, Any]], colours: Sequence[str]) -> str:
    from matplotlib.figure import Figure
    from matplotlib.ticker import FuncFormatter

    figure = Figure(figsize=(WIDE, HIGH))
    panels = figure.subplots(1, len(PANELS), sharey=True)
    triples = [size["triples"] for size in sizes]
    for panel, (title, names) in zip(panels, PANELS.items(), strict=True):
        panel.set(xscale="log", yscale="log", xlabel="triples", title=title)
        panel.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
        panel.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
        panel.yaxis.set_tick_params(labelleft=True)
        panel.grid(which="major", linewidth=0.6)
        panel.tick_params(which="both", length=0)
        panel.spines[["top", "right"]].set_visible(False)
        for name, colour, mark in zip(names, colours, MARKS, strict=False):
            asked = [size["asked"][name] for size in sizes if name in size["asked"]]
            middle, high = ([one[which] for one in asked] for which in ("p50", "p95"))
            at = triples[: len(asked)]  # what is not answered is so from some size on
            panel.plot(at, middle, color=colour, marker=mark, markersize=4.5, linewidth=1.6)
            panel.plot(at, high, color=colour, linewidth=0.8, linestyle=(0, (1, 2)))
    panels[0].set_ylabel("milliseconds: median; dotted, 95th percentile")
    for panel, names in zip(panels, PANELS.values(), strict=True):
        _label(panel, names, sizes, colours)
    figure.subplots_adjust(left=0.065, right=0.815, bottom=0.12, top=0.92, wspace=0.7)
    told = StringIO()
    nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    figure.savefig(told, format="svg", transparent=True, metadata=nothing)
    return told.getvalue()


def _label(panel: Any, names: Sequence[str], sizes: Sequence[dict[str, Any]], colours: Sequence[str]) -> None:
    """Name the lines at their ends, so that nobody has to look up a colour; none on another."""
    panel.get_xlim(), panel.get_ylim()  # settles them
    place = (panel.transScale + panel.transLimits).transform
    ends = []
    for name in names:
        last = [size for size in sizes if name in size["asked"]][-1]
        point = (last["triples"], last["asked"][name]["p50"])
        ends.append((float(place(point)[1]), name, point))
    at = -1.0
    for height, name, point in sorted(ends):
        at = max(height, at + _LINE)
        colour = colours[names.index(name)]
        panel.annotate(
            name,
            xy=point,
            xytext=(1.04, at),
            textcoords="axes fraction",
            color=colour,
            va="center",
            arrowprops={"arrowstyle": "-", "color": colour, "lw": 0.6, "shrinkB": 4, "relpos": (0, 0.5)},
        )


def _explained(text: str, sizes: Sequence[dict[str, Any]]) -> str:
    """With colours for light and dark, and with words for those who do not see it."""
    least, most = sizes[0], sizes[-1]
    said = [
        f"{name}: {least['asked'][name]['p50']:.3g} to {most['asked'][name]['p50']:.3g} ms"
        for names in PANELS.values()
        for name in names
        if name in most["asked"]
    ]
    title = "How cost grows with a debate"
    description = (
        f"Two panels with logarithmic axes: milliseconds for a question over the number of triples. Medians "
        f"at {least['triples']:,} and at {most['triples']:,} triples: {'; '.join(said)}."
    )
    light, dark = ("".join(f"--{name}:{pair[i]};" for name, pair in COLOURS.items()) for i in (0, 1))
    style = f"svg{{{light}}}@media (prefers-color-scheme:dark){{svg{{{dark}}}}}"
    head = (
        f'<title id="title">{escape(title)}</title>\n<desc id="desc">{escape(description)}</desc>\n'
        f"<style>{style}</style>\n"
    )
    start = text.index("<svg ")
    end = text.index(">", start)
    opening = text[start:end] + ' role="img" aria-labelledby="title desc">\n' + head
    return "\n".join(line.rstrip() for line in (opening + text[end + 1 :]).splitlines()) + "\n"


def main() -> None:
    numbers, drawing = map(Path, sys.argv[1:])
    drawing.write_text(draw(json.loads(numbers.read_text(encoding="utf-8"))["sizes"]), encoding="utf-8")


if __name__ == "__main__":
    main()
