"""Frameworks of ICCMA as a model: arguments are statements, and every attack is a step."""

from __future__ import annotations

from pathlib import PurePath
from types import MappingProxyType

from argraph.argument.evaluation import Framework
from argraph.argument.graph import Node, Step
from argraph.argument.labelling import BASE, Arcs
from argraph.exchange import iccma
from argraph.exchange.model import LossReport, Model


def load(data: bytes, name: str) -> tuple[Model, LossReport]:
    """Read `.af`, `.apx` or `.tgf`.

    Raises:
        FormatError: With the line at fault.
    """
    framework = iccma.read(data, name=name)
    names = framework.names
    nodes = {n: Node(iri=n, kind="", label="", text=f"Argument {n}") for n in names}
    starts, ends = framework.attacks.starts.tolist(), framework.attacks.ends.tolist()
    steps: dict[str, Step] = {}
    for start, end in zip(starts, ends, strict=True):
        step = f"{names[start]}>{names[end]}"
        steps[step] = Step(step, "attack", (names[start],), names[end], favourable=False)
    title = PurePath(name).stem
    return Model(nodes=nodes, steps=steps, title=title), LossReport()


def dump(model: Model) -> bytes:
    """Write the statements and the attacks among them that have one premise, as `.apx`.

    The rest is not said, and the comparison that follows tells it.

    Raises:
        ArgraphError: A name holds signs that the format does not take.
    """
    attacks = [
        (step.premises[0], step.end)
        for step in model.steps.values()
        if step.kind == "attack"
        and len(step.premises) == 1
        and {step.end, *step.premises} <= model.nodes.keys()
    ]
    names = tuple(model.nodes)
    index = {name: number for number, name in enumerate(names)}
    arcs = Arcs.of(len(names), [index[start] for start, _ in attacks], [index[end] for _, end in attacks])
    framework = Framework(
        names=names,
        needs=(BASE,) * len(names),
        supports=Arcs.of(len(names), [], []),
        attacks=arcs,
        contrary=arcs,
        base=(1.0,) * len(names),
        index=MappingProxyType(index),
    )
    return iccma.write(framework, "apx").encode("utf-8", "replace")
