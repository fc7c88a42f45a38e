"""From what a file says to what a debate can take: kinds, theses, assumptions, and the limits of the gate.

Everything is decided from the steps alone and in the order of names, so that equal files give equal debates.
"""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final, NamedTuple

import pyoxigraph as ox

from argraph.argument.graph import Node, Step, Study
from argraph.exchange.model import Ledger, Loss, Model

SHORTEST: Final = 10
LONGEST: Final = 1500
"""Characters that the text of a statement or finding has at least and at most (shapes/statement.ttl)."""
LABEL: Final = 60
"""Characters of a label that is made from a text, at most."""

_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


class Settled(NamedTuple):
    """A model as a debate can take it.

    Attributes:
        model: The model.
        losses: What was changed, left out or added.
        removed: Steps that the gate would refuse; kept, so that another format can have them back.
        texts: The wording of what had to be worded otherwise, by name.
    """

    model: Model
    losses: tuple[Loss, ...]
    removed: Mapping[str, Step]
    texts: Mapping[str, str]


def settle(model: Model) -> Settled:
    """Make a model fit for the gate, and say what that took. The model itself stays as it is."""
    ledger = Ledger()
    nodes, studies = _evidence(model, ledger)
    steps, removed = _steps(replace(model, nodes=nodes), ledger)
    texts: dict[str, str] = {}
    for name, node in nodes.items():
        text = _text(name, node, ledger)
        if text != node.text:
            texts[name] = node.text
        label = _label(node.label, text, name) if node.kind != "evidence" or node.label else ""
        if node.label and label != node.label:
            ledger.add(
                name, f"label “{node.label[:40]}”", f"a label is one line of 3 to 120: “{label}”", "changed"
            )
        if text != node.text or label != node.label:
            nodes[name] = replace(node, text=text, label=label)
    for name, kind in _kinds(nodes, steps, ledger, declared=model.declared).items():
        if kind != nodes[name].kind:
            nodes[name] = replace(nodes[name], kind=kind)
    if not model.declared:
        supported = {step.end for step in steps.values() if step.favourable}
        for name, node in nodes.items():
            if node.kind != "evidence" and name not in supported and not node.assumed:
                nodes[name] = replace(node, assumed=True)
                ledger.tally(
                    name, "assumption", "nothing supports it, so it is to stand until attacked", "added"
                )
    settled = replace(model, nodes=nodes, steps=steps, studies=studies)
    return Settled(settled, ledger.report().losses, removed, texts)


# -- evidence -----------------------------------------------------------------------------------------------


def _evidence(model: Model, ledger: Ledger) -> tuple[dict[str, Node], dict[str, Study]]:
    """Nodes and studies; what is called evidence and names no study that can be found is a claim."""
    nodes, studies = dict(model.nodes), dict(model.studies)
    for name, study in model.studies.items():
        fit = study if not study.url or _is_address(study.url) else replace(study, url="")
        if reason := _unfindable(fit):
            del studies[name]
            ledger.add(name, f"study “{study.title[:60]}”", f"{reason}; it is not taken over")
        elif fit is not study:
            studies[name] = fit
            ledger.add(name, f"address “{study.url[:60]}”", "no address may have such signs; it is left out")
    for name, node in model.nodes.items():
        if node.kind != "evidence":
            continue
        known = tuple(study for study in node.studies if study in studies)
        if known:
            changed = replace(
                node,
                studies=known,
                grade=node.grade if node.grade in _GRADES else "VeryLow",
                verification=node.verification if node.verification in _STATES else "Unverified",
            )
            if changed.grade != node.grade:
                ledger.add(name, "grade", "none is given that argraph has, so it counts as very low", "added")
            if changed.verification != node.verification:
                ledger.add(name, "verification", "none is given, so it is unverified", "added")
            nodes[name] = changed
        else:
            reason = "a finding needs a study that can be found: it is a claim now"
            ledger.add(name, "evidence", reason, "changed")
            nodes[name] = replace(node, kind="claim", studies=(), grade="", verification="", assumed=True)
    return nodes, studies


def _is_address(text: str) -> bool:
    try:
        ox.NamedNode(text)
    except ValueError:
        return False
    return True


def _unfindable(study: Study) -> str:
    """What the gate would say that a study lacks, or nothing."""
    if not 3 <= len(study.title) <= 400:
        return "it has no title"
    if not re.fullmatch(r"(1[5-9]|20)[0-9]{2}", study.year):
        return "it has no year"
    if not study.authors or any(re.search(r"\bet\.? al\b", author) for author in study.authors):
        return "it has no authors"
    if study.type not in _TYPES:
        return "its type is none that argraph has"
    if study.method and study.method not in _METHODS:
        return "its method is none that argraph has"
    found = (
        re.fullmatch(r"10\.[0-9]{4,9}(\.[0-9]+)*/\S+", study.doi)
        or re.fullmatch(
            r"[0-9]{4}\.[0-9]{4,5}(v[0-9]+)?|[a-z-]+(\.[A-Za-z-]+)?/[0-9]{7}(v[0-9]+)?", study.arxiv
        )
        or re.fullmatch(r"https?://[^\s/]+\.[^\s<>\"{}|\\^`]+", study.url)
    )
    return "" if found else "it has no DOI, arXiv number or address"


_GRADES: Final = frozenset({"High", "Moderate", "Low", "VeryLow"})
_STATES: Final = frozenset({"Verified", "Unverified", "Retracted"})
_TYPES: Final = frozenset(
    [
        "ConferencePaper",
        "JournalArticle",
        "Preprint",
        "TechnicalReport",
        "DatasetOrBenchmark",
        "IncidentRecord",
        "GovernmentReport",
        "WebArticle",
        "WorkingPaper",
        "StandardOrDefinition",
        "Book",
    ]
)
_METHODS: Final = frozenset(
    [
        "MetaAnalysis",
        "Experiment",
        "BenchmarkStudy",
        "ObservationalStudy",
        "Survey",
        "CaseStudy",
        "TheoreticalAnalysis",
        "ExpertOpinion",
    ]
)


# -- steps --------------------------------------------------------------------------------------------------


def _steps(model: Model, ledger: Ledger) -> tuple[dict[str, Step], dict[str, Step]]:
    nodes, steps, removed = model.nodes, dict(model.steps), dict[str, Step]()

    def drop(name: str, reason: str) -> None:
        step = removed[name] = steps.pop(name)
        ledger.add(name, step.kind, f"{reason}; the step is kept as data and does not count in the debate")

    for name, step in list(steps.items()):
        if reason := _unfit(step, nodes, model.steps):
            drop(name, reason)
            continue
        given = _by_its_premises(step, nodes)
        if given is not step:
            steps[name] = given
            ledger.add(
                name, step.kind, f"by its premises it is a step of another kind: {given.kind}", "changed"
            )
        elif any(nodes[p].kind == "evidence" for p in step.premises) and step.kind == "attack":
            drop(name, "evidence weighs and does not attack: state the objection that it carries")
    for name in _closing_circles(steps):
        drop(name, "it closes a circle of statements that hold each other up")
    attackers: defaultdict[str, list[str]] = defaultdict(list)
    for name, step in steps.items():
        attackers[step.end].append(name)
    hanging = [name for gone in removed for name in attackers[gone]]
    while hanging:
        name = hanging.pop()
        if name in steps:
            drop(name, "the step that it attacks is left out")
            hanging += attackers[name]
    return steps, removed


def _unfit(step: Step, nodes: Mapping[str, Node], steps: Mapping[str, Step]) -> str:
    """Why the gate would refuse a step, or nothing."""
    if not step.premises:
        return "it starts from nothing"
    for premise in step.premises:
        if premise not in nodes:
            return f"its premise {premise} is no statement of this file"
    if step.end in step.premises or step.end == step.iri:
        return "it is for or against itself"
    if step.kind == "attack":
        return "" if step.end in nodes or step.end in steps else f"its target {step.end} is not in this file"
    if step.end not in nodes:
        return f"its end {step.end} is no statement of this file"
    if nodes[step.end].kind == "evidence":
        return "evidence is no conclusion"
    if step.kind == "evidence line" and len(step.premises) != 1:
        return "a line of evidence starts from one piece of evidence"
    return ""


def _by_its_premises(step: Step, nodes: Mapping[str, Node]) -> Step:
    """A step from evidence alone as a line of evidence, and a line from a statement as another step."""
    from_evidence = len(step.premises) == 1 and nodes[step.premises[0]].kind == "evidence"
    if step.kind == "evidence line":
        if from_evidence:
            return step
        kind = "support" if step.favourable else "attack"
        return replace(step, kind=kind, directness="", grade="")
    if not from_evidence or step.end not in nodes or nodes[step.end].kind == "evidence":
        return step
    return replace(step, kind="evidence line", directness=step.directness or "Indirect")


def _closing_circles(steps: Mapping[str, Step]) -> list[str]:
    """Supports without which no statement supports itself: those that close a circle on a walk by name."""
    following: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for name, step in sorted(steps.items()):  # by name: the order in a file must not decide
        if step.kind == "support":
            for premise in step.premises:
                following[premise].append((step.end, name))
    closing: dict[str, None] = {}
    state: dict[str, bool] = {}  # True while on the path, False when done
    for start in sorted(following):
        if start in state:
            continue
        state[start] = True
        path: list[tuple[str, Iterator[tuple[str, str]]]] = [(start, iter(following[start]))]
        while path:
            here, arrows = path[-1]
            for end, name in arrows:
                if state.get(end):
                    closing[name] = None
                elif end not in state and name not in closing:
                    state[end] = True
                    path.append((end, iter(following.get(end, ()))))
                    break
            else:
                state[here] = False
                path.pop()
    return list(closing)


# -- wording ------------------------------------------------------------------------------------------------


def _text(name: str, node: Node, ledger: Ledger) -> str:
    text = node.text
    if _UNWRITABLE.search(text):
        text = _UNWRITABLE.sub("\N{REPLACEMENT CHARACTER}", text)
        ledger.add(
            name, "text", "signs that no page can show are replaced; the wording is kept as data", "changed"
        )
    if not text.strip():
        ledger.add(name, "text", "the source gives none, and a statement needs one", "changed")
        return f"The source gives no text for “{name[:100]}”."
    if len(text) < SHORTEST:
        ledger.add(
            name, f"text “{text}”", f"a text has {SHORTEST} characters at least: it is quoted", "changed"
        )
        return f"The source says: “{text.strip()}”"
    if len(text) > LONGEST:
        reason = f"a text has {LONGEST} characters at most: it is cut, and kept whole as data"
        ledger.add(name, f"text of {len(text)} characters", reason, "changed")
        return text[: LONGEST - 1].rstrip() + "…"
    return text


def _label(label: str, text: str, name: str) -> str:
    """A label of one line; without one, the first words of a text."""
    words = " ".join(_UNWRITABLE.sub(" ", label or text).split())
    longest = 120 if label else LABEL
    if len(words) > longest:
        cut = words[: longest - 1]
        words = (cut.rsplit(" ", 1)[0] if " " in cut[longest // 2 :] else cut).rstrip(" ,;:.–-") + "…"
    elif not label:
        words = words.rstrip(".") or words
    return words if len(words) >= 3 else f"“{words or name[:100]}”"


# -- kinds --------------------------------------------------------------------------------------------------


def _kinds(
    nodes: Mapping[str, Node], steps: Mapping[str, Step], ledger: Ledger, *, declared: bool
) -> dict[str, str]:
    """The kind of each node, as the shapes demand it and the steps say."""
    incoming: defaultdict[str, list[Step]] = defaultdict(list)
    attacks: defaultdict[str, list[Step]] = defaultdict(list)
    for step in steps.values():
        incoming[step.end].append(step)
        for premise in step.premises if step.kind == "attack" else ():
            attacks[premise].append(step)
    given = {name: node.kind for name, node in nodes.items()}
    theses = [name for name, kind in given.items() if kind == "thesis"]
    if not declared and not theses:
        theses = _theses(nodes, steps, incoming)
        for name in theses:
            reason = (
                "nothing is said to follow from it, and the rest leads to it" if incoming[name] else "alone"
            )
            ledger.tally(name, "thesis", reason, "added")
    distance = _distances(theses, incoming)
    kinds = {name: kind for name, kind in given.items() if kind == "evidence"}
    kinds.update(dict.fromkeys(theses, "thesis"))
    order = sorted((n for n in nodes if n not in kinds), key=lambda n: (distance.get(n, len(nodes) + 1), n))
    for name in order:
        found = _role(name, attacks.get(name, ()), kinds, steps, distance)
        if not given[name]:
            kinds[name] = {"both": "claim"}.get(found, found)
            if found == "both":
                ledger.add(
                    name, "kind", "it attacks both an objection and what is none, so it is a claim", "added"
                )
        else:
            kinds[name] = given[name]
    _demote(order, given, kinds, attacks, steps, ledger)
    return kinds


def _demote(
    order: list[str],
    given: Mapping[str, str],
    kinds: dict[str, str],
    attacks: Mapping[str, list[Step]],
    steps: Mapping[str, Step],
    ledger: Ledger,
) -> None:
    """See to it that what is called an objection or a rebuttal is one; one change may lead to another."""
    while True:
        wrong = [
            name
            for name in order
            if kinds[name] in {"objection", "rebuttal"}
            and not _answers(kinds[name], attacks.get(name, ()), kinds, steps)
        ]
        for name in wrong:
            was = kinds[name]
            kinds[name] = "objection" if was == "rebuttal" and attacks.get(name) else "claim"
            if given[name]:
                reason = f"it attacks nothing that makes it one: it is a {kinds[name]} now"
                ledger.add(name, was, reason, "changed")
        if not wrong:
            return


def _theses(
    nodes: Mapping[str, Node], steps: Mapping[str, Step], incoming: Mapping[str, list[Step]]
) -> list[str]:
    """What steps lead to and no step starts from; in a debate that is all circle, the most argued about."""
    ends = [n for n, node in sorted(nodes.items()) if node.kind in {"", "claim"} and incoming.get(n)]
    used = {premise for step in steps.values() for premise in step.premises}
    roots = [name for name in ends if name not in used]
    if roots or not nodes:
        return roots
    open_to = ends or [n for n, node in nodes.items() if node.kind in {"", "claim"}]
    return sorted(open_to, key=lambda n: (-len(incoming.get(n, ())), n))[:1]


def _distances(theses: list[str], incoming: Mapping[str, list[Step]]) -> dict[str, int]:
    """How many steps each node or step is away from the nearest thesis."""
    distance = dict.fromkeys(theses, 0)
    queue = deque(theses)
    while queue:
        here = queue.popleft()
        for step in incoming.get(here, ()):
            for there in (step.iri, *step.premises):
                if there not in distance:
                    distance[there] = distance[here] + 1
                    queue.append(there)
    return distance


def _role(
    name: str,
    attacks: list[Step] | tuple[Step, ...],
    kinds: Mapping[str, str],
    steps: Mapping[str, Step],
    distance: Mapping[str, int],
) -> str:
    """What a statement is by its attacks on what is nearer to a thesis than itself.

    An attack on an objection, a rebuttal, or a step that uses one makes a rebuttal, any other an objection.
    """
    far = len(distance) + len(kinds) + 1
    here = distance.get(name, far)
    answers = {
        _replies(attack, kinds, steps)
        for attack in attacks
        if distance.get(attack.end, far) < here or here == far
    }
    if not answers:
        return "claim"
    return "both" if len(answers) > 1 else "rebuttal" if answers == {True} else "objection"


def _replies(attack: Step, kinds: Mapping[str, str], steps: Mapping[str, Step]) -> bool:
    target = steps.get(attack.end)
    ends = target.premises if target else (attack.end,)
    return any(kinds.get(end) in {"objection", "rebuttal"} for end in ends)


def _answers(
    kind: str, attacks: list[Step] | tuple[Step, ...], kinds: Mapping[str, str], steps: Mapping[str, Step]
) -> bool:
    if kind == "objection":
        return bool(attacks)
    return any(_replies(attack, kinds, steps) for attack in attacks)
