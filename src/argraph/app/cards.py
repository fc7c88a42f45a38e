"""The parts that pages are made of: a statement as a card, an argument, a link, how one bears on another."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from argraph import vocab
from argraph.app.vocabulary import Vocabulary
from argraph.argument import explanation
from argraph.argument.graph import Node, Step, local_name
from argraph.argument.wording import STANDING, counted, relation
from argraph.workspace import Workspace

_REPLIES = {"objection", "rebuttal"}


@dataclass(frozen=True, slots=True)
class Link:
    """A named way to a place on this server (`href` begins with `/`) or on the web (http or https).

    Attributes:
        id: Name of the node that it leads to; empty where it leads to none.
    """

    href: str
    text: str
    kind: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class Relation:
    """How one thing bears on another: kind chooses colour and line, sign and word say the same without.

    Attributes:
        name: `supports`, `attacks`, `undercuts`, `bears-on` or `weighs-against`.
        kind: `support`, `attack` or `undercut`.
        sign: One character.
        word: A verb in the third person, such as `supports` or `answers`.
    """

    name: str
    kind: str
    sign: str
    word: str


@dataclass(frozen=True, slots=True)
class Strength:
    """Bounds of a strength in [0, 1], rounded to four digits."""

    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class Count:
    """How much of one sort speaks for or against something: `3 reasons for it`."""

    relation: Relation
    text: str


@dataclass(frozen=True, slots=True)
class Card:
    """A statement or evidence item in brief.

    Attributes:
        id: Its name.
        href: Its page.
        kind: `thesis`, `claim`, `objection`, `rebuttal` or `evidence`; chooses icon and colour.
        word: What it is called, its role before its kind.
        label: Short wording.
        text: Full wording; may be empty.
        counts: What is said about it, in numbers; without what there is none of.
        unanswered: Whether it is an objection or rebuttal that nobody has answered.
        status: `accepted`, `rejected` or `undecided`.
        standing: The status in plain words.
        strength: Its strength.
    """

    id: str
    href: str
    kind: str
    word: str
    label: str
    text: str
    status: str
    standing: str
    strength: Strength
    counts: tuple[Count, ...] = ()
    unanswered: bool = False


@dataclass(frozen=True, slots=True)
class Argument:
    """A step of reasoning as it stands under what it is for or against.

    Attributes:
        step: The step's name.
        href: The step's page.
        relation: How it bears on its end.
        status: Of the step: `accepted`, `rejected` or `undecided`.
        standing: The status in plain words.
        premises: What it starts from, taken together.
        text: The contributor's own words about the step; may be empty.
        scheme: Its pattern of reasoning.
        doubts: Attacks on the inference itself.
        replies: Attacks on its premises.
        end: What it leads to; only where the page is not that thing's own.
        end_step: The inference it leads to, where it is against one.
    """

    step: str
    href: str
    relation: Relation
    status: str
    standing: str
    premises: tuple[Card, ...]
    text: str = ""
    scheme: Link | None = None
    doubts: tuple[Argument, ...] = ()
    replies: tuple[Argument, ...] = ()
    end: Card | None = None
    end_step: Link | None = None


def web_link(url: str, text: str = "") -> Link | None:
    """A link to an address on the web, named by its host; None for anything but http and https.

    >>> web_link("https://example.org/paper").text
    'example.org'
    >>> web_link("javascript:alert(1)") is None
    True
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not host or not url.isprintable() or " " in url:
        return None
    return Link(url, text or host.removeprefix("www."))


class Cards:
    """Builds the parts from a workspace. Every method takes IRIs or items of its argument graph."""

    def __init__(self, workspace: Workspace, words: Vocabulary) -> None:
        self.workspace = workspace
        self.argument = workspace.argument
        self.words = words

    def href(self, iri: str) -> str:
        """Where a visitor reads about an IRI: its place in the vocabulary, or its own page."""
        if iri.startswith(vocab.ARG) and self.words.defines(iri):
            return f"/ontology#{quote(local_name(iri), safe='')}"
        return self.page(iri)

    def page(self, iri: str) -> str:
        """The page of an IRI: a name local to the debate where that is unambiguous, else the whole IRI."""
        return "/id/" + quote(self.key(iri), safe="")

    def key(self, iri: str) -> str:
        """The name of anything in addresses."""
        return self.workspace.key(iri) if self.workspace.knows(iri) else iri

    def label(self, iri: str) -> str:
        """A short name for anything, in words where there are any."""
        if step := self.argument.steps.get(iri):
            return self.sentence(step)
        if study := self.argument.studies.get(iri):
            return study.title
        node = self.argument.nodes.get(iri)
        if node is None:
            return self.words.text(iri, vocab.LABEL, vocab.RDFS + "label") or self.workspace.label(iri)
        if node.kind == "evidence" and node.label == local_name(iri) and node.studies:
            return ", ".join(map(self.cited, node.studies))
        return node.label

    def cited(self, iri: str) -> str:
        """What a study is called in a text, as `Eiras et al. 2024`; its name where it is not described."""
        study = self.argument.studies.get(iri)
        return study.citation if study else self.workspace.label(iri)

    def link(self, iri: str) -> Link:
        """A named link to anything."""
        node = self.argument.nodes.get(iri)
        return Link(self.href(iri), self.label(iri), node.kind if node else "", self.key(iri))

    def word(self, node: Node) -> str:
        """What a node is called: its role, or its kind."""
        return self.words.word(node.role) if node.role else node.kind

    def card(self, node: Node) -> Card:
        """A statement or evidence item in brief."""
        incoming = self.argument.incoming(node.iri)
        lines = [step for step in incoming if step.kind == "evidence line"]
        answers = [step for step in incoming if step.kind == "attack"]
        reply = node.kind in _REPLIES
        supports = len(incoming) - len(lines) - len(answers)
        answers += self.disputes(node)
        contrary = sum(not line.favourable for line in lines)
        numbers = (
            (_FOR, supports, "reason", "reasons"),
            (_ANSWER if reply else _AGAINST, len(answers), *_noun(reply)),
            (_FINDING_FOR, len(lines) - contrary, "finding for", "findings for"),
            (_FINDING_AGAINST, contrary, "finding against", "findings against"),
        )
        status = self.status(node.iri)
        return Card(
            id=self.key(node.iri),
            status=status,
            standing=STANDING[status],
            strength=self.strength(node.iri),
            href=self.href(node.iri),
            kind=node.kind,
            word=self.word(node),
            label=self.label(node.iri),
            text=node.text,
            counts=tuple(Count(how, counted(n, one, many)) for how, n, one, many in numbers if n),
            unanswered=reply and not self.answered(node),
        )

    def status(self, iri: str) -> str:
        """The status of a statement, finding or step; empty for anything else."""
        verdict = self.workspace.verdicts.get(iri)
        return verdict.status if verdict else ""

    def why(self, iri: str) -> str:
        """The status of a statement or step and what decides it, in a sentence; empty for what has none."""
        if not self.status(iri):
            return ""
        return explanation.summary(self.argument, self.workspace.verdicts, iri)

    def strength(self, iri: str) -> Strength:
        """The strength of a statement, finding or step; none at all for anything else."""
        verdict = self.workspace.verdicts.get(iri)
        return Strength(round(verdict.lower, 4), round(verdict.upper, 4)) if verdict else Strength(0.0, 0.0)

    def disputes(self, node: Node) -> list[Step]:
        """The attacks on the inference from an objection or rebuttal to what it is against."""
        if node.kind not in _REPLIES:
            return []
        made = (step for step in self.argument.outgoing(node.iri) if step.kind == "attack")
        return [dispute for step in made for dispute in self.steps(step.iri, "attack")]

    def answered(self, node: Node) -> bool:
        """Whether something attacks a node, or every attack that it makes is itself attacked."""
        if self.steps(node.iri, "attack"):
            return True
        attacks = [step for step in self.argument.outgoing(node.iri) if step.kind == "attack"]
        return bool(attacks) and all(self.steps(attack.iri, "attack") for attack in attacks)

    def relation(self, step: Step) -> Relation:
        """How a step bears on its end."""
        name = relation(self.argument, step).replace(" ", "-")
        return related(name, self.argument.nodes.get(step.end))

    def sentence(self, step: Step, deep: bool = True) -> str:
        """A step in a sentence: “A” supports “B”."""
        premises = " and ".join(f"“{self.label(premise)}”" for premise in step.premises)
        inner = self.argument.steps.get(step.end)
        if inner is None:
            end = f"“{self.label(step.end)}”"
        elif deep and inner is not step:
            end = f"that {self.sentence(inner, deep=False)}"
        else:
            end = "an inference"
        return f"{premises} {self.relation(step).word} {end}"

    def argue(self, step: Step, depth: int = 1, *, lead: bool = False) -> Argument:
        """A step with the attacks on it and on its premises, `depth` levels of them.

        With `lead` it is told from its premises' side: it names what it leads to and leaves out replies.
        """
        end = self.argument.nodes.get(step.end)
        status = self.status(step.iri)
        return Argument(
            step=self.key(step.iri),
            href=self.href(step.iri),
            relation=self.relation(step),
            status=status,
            standing=STANDING[status],
            premises=tuple(
                self.card(self.argument.nodes[p]) for p in step.premises if p in self.argument.nodes
            ),
            text=step.text,
            scheme=self.concept(step.scheme),
            doubts=self.attacks(step.iri, depth=depth - 1) if depth else (),
            replies=()
            if lead or not depth
            else tuple(reply for p in step.premises for reply in self.attacks(p, depth=depth - 1)),
            end=self.card(end) if lead and end else None,
            end_step=self.link(step.end) if lead and step.end in self.argument.steps else None,
        )

    def attacks(self, iri: str, depth: int = 1) -> tuple[Argument, ...]:
        """The attacks on a statement, an evidence item or a step."""
        return tuple(self.argue(step, depth) for step in self.steps(iri, "attack"))

    def leads(self, node: Node) -> tuple[Argument, ...]:
        """What a statement or evidence item is used for, other than by lines of evidence."""
        steps = (step for step in self.argument.outgoing(node.iri) if step.kind != "evidence line")
        return tuple(self.argue(step, lead=True) for step in self.workspace.stage.ordered(steps))

    def steps(self, iri: str, kind: str) -> tuple[Step, ...]:
        """Steps of a kind for or against something, in reading order."""
        return self.workspace.stage.ordered(s for s in self.argument.incoming(iri) if s.kind == kind)

    def concept(self, name: str) -> Link | None:
        """A term of the vocabulary by its local name, without address if undefined; None for no name."""
        if not name:
            return None
        iri = vocab.ARG + name
        return Link(self.href(iri) if self.words.defines(iri) else "", self.words.word(name))


def related(name: str, target: Node | None) -> Relation:
    """A relation to a target by its name; an attack on a reply answers it."""
    return _ANSWER if name == "attacks" and target and target.kind in _REPLIES else _RELATIONS[name]


def _noun(reply: bool) -> tuple[str, str]:
    return ("reply", "replies") if reply else ("objection", "objections")


_FOR = Relation("supports", "support", "+", "supports")
_AGAINST = Relation("attacks", "attack", "−", "objects to")
_ANSWER = Relation("attacks", "attack", "−", "answers")
_UNDERCUT = Relation("undercuts", "undercut", "⊘", "disputes")
_FINDING_FOR = Relation("bears-on", "support", "+", "speaks for")
_FINDING_AGAINST = Relation("weighs-against", "attack", "−", "speaks against")
_RELATIONS = {each.name: each for each in (_FOR, _AGAINST, _UNDERCUT, _FINDING_FOR, _FINDING_AGAINST)}
