"""A debate's first files: its graph with a thesis, a place for queries, and a gate for pull requests."""

from __future__ import annotations

import json
import re
import textwrap
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib.metadata import PackageNotFoundError, distribution
from importlib.resources import files as packaged
from itertools import takewhile
from pathlib import Path, PurePosixPath
from typing import Final

import pyoxigraph as ox

from argraph import __version__, resources, vocab
from argraph.argument.debates import Debate
from argraph.argument.graph import local_name
from argraph.contribution.impact_report import markdown
from argraph.errors import FoundingRefused
from argraph.rdf.store import read_files

LICENCE: Final = "https://creativecommons.org/licenses/by/4.0/"

_BASE = re.compile(r"https?://[^\s<>\"{}|^`\\%#?/]+(?:/[^\s<>\"{}|^`\\%#?]*)?[/#]")
_LINK = re.compile(r"https?://[^\s<>\"{}|^`\\]+")
_PREFIX = re.compile(r"[a-z](?:[a-z0-9-]*[a-z0-9])?")
_LABEL_MOST, _TEXT_LEAST, _TEXT_MOST = 120, 10, 1500  # as shapes/statement.ttl has them
_TITLE_MOST = 200
_ODD = frozenset({"Cc", "Cs", "Co", "Cn"})  # controls, halves of pairs, private and unassigned characters
_TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")  # make text read as another
_WORDS = 5  # of a thesis, in the name of its node
_TEMPLATES: Final = {
    "README.md": "README.md",
    ".gitignore": "gitignore",
    ".github/workflows/argraph.yml": "argraph.yml",
    ".github/workflows/argraph-comment.yml": "argraph-comment.yml",
    "queries/contributions-by-day.rq": "contributions-by-day.rq",
}


@dataclass(frozen=True, slots=True)
class Plan:
    """What a new debate starts from; every value is checked and tidied by `plan`.

    Attributes:
        base: What the IRIs of its nodes begin with.
        prefix: The prefix for them.
        title: Name of the debate.
        label: The thesis in a few words.
        text: The thesis as a full sentence.
        language: Of title, label and text, as a BCP 47 tag.
        creator: Address of who starts it.
        licence: Address of the terms that it is published under.
        created: The day.
    """

    base: str
    prefix: str
    title: str
    label: str
    text: str
    language: str
    creator: str
    licence: str
    created: date

    @property
    def thesis(self) -> str:
        """Name of the thesis, local to the debate."""
        return f"th-{_slug(self.label, words=_WORDS) or 'main'}"


def plan(
    *,
    base: str,
    thesis: str,
    label: str = "",
    title: str = "",
    prefix: str = "",
    language: str = "en",
    creator: str = "",
    licence: str = LICENCE,
    created: date | None = None,
) -> Plan:
    """Check and complete what somebody wants to start a debate with.

    Args:
        base: An http or https address that ends with / or #.
        thesis: A sentence; a full stop is added where nothing ends it.
        label: The thesis in brief; its sentence, shortened, when empty.
        title: The debate's name; the label when empty.
        prefix: For the base; made from its last part when empty.
        language: Of all these texts.
        creator: An address; `#editors` at the base's host when empty.
        licence: An address.
        created: Today (UTC) when not given.

    Raises:
        FoundingRefused: A value cannot be used; says which, and what to write instead.
    """
    base = _base(base.strip())
    try:
        language = ox.Literal("", language=language.strip()).language or ""
    except ValueError:
        raise FoundingRefused(
            f"“{_shown(language)}” is not the code of a language: write one such as en, de or pt-BR."
        ) from None
    text = _line(thesis, "thesis", least=_TEXT_LEAST, most=_TEXT_MOST - 1)
    if text[-1] not in ".!?…。！？":
        text += "."
    brief = _line(label, "label", least=3, most=_LABEL_MOST) if label.strip() else _shortened(text)
    name = _line(title, "title", least=1, most=_TITLE_MOST) if title.strip() else brief
    host = re.sub(r"(?<=[^/:])[/#].*", "", base)
    by = _link(creator.strip() or host + ("#editors" if base == f"{host}/" else "/#editors"), "creator")
    if by.startswith(base):
        raise FoundingRefused(
            f"The creator “{_shown(by)}” would be a node of the debate: name an address that does not begin "
            f"with {base}."
        )
    return Plan(
        base=base,
        prefix=_prefix(prefix.strip(), base),
        title=name,
        label=brief,
        text=text,
        language=language,
        creator=by,
        licence=_link(licence.strip(), "licence"),
        created=created or datetime.now(UTC).date(),
    )


def example(folder: Path) -> str:
    """A base to try things out with, named after a folder.

    >>> example(Path("debates/Naps at noon"))
    'https://example.org/naps-at-noon/'
    """
    return f"https://example.org/{_slug(folder.absolute().name) or 'my-debate'}/"


def obtainable() -> str:
    """What has pip install this very argraph elsewhere; empty where only this machine has it.

    Where it was installed from is what pip has recorded (`direct_url.json`, PEP 610): nothing for a release
    from an index. A name is never guessed: on another index it may be somebody else's.
    """
    try:
        told = distribution("argraph").read_text("direct_url.json")
        place = json.loads(told) if told else None
    except (PackageNotFoundError, ValueError):
        return ""
    if place is None:
        return f"argraph=={__version__}"
    url = str(place.get("url", ""))
    if not url.startswith("https://"):
        return ""
    if vcs := place.get("vcs_info"):
        return f"{vcs['vcs']}+{url}@{vcs['commit_id']}"
    digest = place.get("archive_info", {}).get("hash", "")
    return f"{url}#{digest}" if digest else url


def begun(plan: Plan, *, requirement: str = "") -> dict[str, bytes]:
    """The files of a new debate, by path within its folder.

    Args:
        plan: What it starts from.
        requirement: What its workflow tells pip to install; empty where nobody knows, and it says so.

    Raises:
        FoundingRefused: The requirement cannot be used.
    """
    values = {
        "title": markdown(plan.title),
        "about": f"It begins with one thesis: {markdown(plan.text)}",
        "node": plan.thesis,
        "base": plan.base,
        "licence": plan.licence,
    }
    return {"graph/debate.ttl": _turtle(plan).encode(), **_around(values, requirement)}


def copied(debate: Debate, thesis: str, *, requirement: str = "") -> dict[str, bytes]:
    """The files of a copy of the shipped debate, by path within its folder.

    Args:
        debate: As it describes itself.
        thesis: Name of a node that one may object to.
        requirement: What its workflow tells pip to install; empty where nobody knows, and it says so.

    Raises:
        FoundingRefused: The requirement cannot be used.
    """
    shipped = resources.graph()
    values = {
        "title": markdown(debate.title),
        "about": "This is a copy of the debate that ships with argraph; its nodes keep their addresses.",
        "node": thesis,
        "base": debate.base,
        "licence": debate.licence or LICENCE,
    }
    turtle = {
        f"graph/{Path(path).relative_to(shipped).as_posix()}": data
        for path, data in read_files(shipped).items()
    }
    return turtle | _around(values, requirement)


def write(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files into a folder that is not there yet, or is empty but for `.git`: all of them, or none.

    Raises:
        FoundingRefused: Something is there already, or the folder cannot be written.
    """
    made: list[Path] = []
    try:
        if folder.is_symlink() or folder.exists():
            if not folder.is_dir():
                raise FoundingRefused(f"{folder} is a file: name a folder that is new or empty.")
            there = sorted(path.name for path in folder.iterdir() if path.name != ".git")
            if there:
                raise FoundingRefused(
                    f"{folder} is not empty (it holds {_shown(there[0])}): name a folder that is new or "
                    "empty. Nothing was changed."
                )
        for name, data in files.items():
            path = folder / PurePosixPath(name)
            missing = list(takewhile(lambda place: not place.exists(), path.parents))
            for place in reversed(missing):
                place.mkdir()
                made.append(place)
            with path.open("xb") as file:
                made.append(path)
                file.write(data)
    except OSError as error:
        for path in reversed(made):
            path.rmdir() if path.is_dir() else path.unlink(missing_ok=True)
        raise FoundingRefused(
            f"{folder} cannot be written: {error.strerror or error}. Nothing was left behind."
        ) from error
    except ValueError as error:  # a null character in the name of the folder
        raise FoundingRefused(f"“{_shown(str(folder))}” cannot be the name of a folder.") from error


# -- what is written ----------------------------------------------------------------------------------------


def _turtle(plan: Plan) -> str:
    names = ("arg", "dcterms", "schema", "skos", "vann", "void", "xsd")
    known = {name: vocab.PREFIXES[name] for name in names} | {plan.prefix: plan.base}

    def literal(text: str) -> str:
        return str(ox.Literal(text, language=plan.language))

    def node(local: str) -> str:
        return f"{plan.prefix}:{local}"

    return "\n".join(
        [
            "# The debate and its thesis.",
            "#",
            "# This file is the first contribution; each further one is a file of its own beside it.",
            "",
            *(f"@prefix {name}: <{known[name]}> ." for name in sorted(known)),
            "",
            f"{node('contribution-debate')} a arg:Contribution ;",
            f"    dcterms:title {literal(plan.title)} ;",
            f"    dcterms:isPartOf <{plan.base}> ;",
            f"    dcterms:creator <{plan.creator}> ;",
            f'    dcterms:created "{plan.created.isoformat()}"^^xsd:date ;',
            f"    dcterms:license <{plan.licence}> .",
            "",
            f"<{plan.base}> a void:Dataset ;",
            f"    dcterms:title {literal(plan.title)} ;",
            f"    dcterms:license <{plan.licence}> ;",
            f'    vann:preferredNamespacePrefix "{plan.prefix}" ;',
            f'    void:uriSpace "{plan.base}" .',
            "",
            "# What the debate is about. It stands once something speaks for it: a claim or a finding.",
            f"{node(plan.thesis)} a arg:Thesis ;",
            f"    skos:prefLabel {literal(plan.label)} ;",
            f"    schema:text {literal(plan.text)} .",
            "",
        ]
    )


def _around(values: Mapping[str, str], requirement: str) -> dict[str, bytes]:
    """All but the graph: templates with their blanks filled."""
    if requirement and not re.fullmatch(r"[A-Za-z0-9][\w.,=<>!~@:/+ ()\[\]#&-]*", requirement, re.ASCII):
        raise FoundingRefused(
            f"“{_shown(requirement)}” is nothing that pip can install: write a release such as "
            f"argraph=={__version__}, or an address such as git+https://…"
        )
    home, found = packaged("argraph.contribution") / "founded", {}
    filling = {**values, "requirement": requirement}
    for path, template in _TEMPLATES.items():
        text = (home / template).read_text(encoding="utf-8")
        filled = re.sub(r"«([a-z]+)»", lambda blank: filling[blank[1]], text)
        found[path] = filled.encode()
    return found


# -- what is checked ----------------------------------------------------------------------------------------


def _base(base: str) -> str:
    if not base.startswith(("http://", "https://")):
        raise FoundingRefused(
            f"“{_shown(base)}” cannot be the base of a debate: write an address that begins with https:// "
            "and ends with /, such as https://example.org/my-debate/."
        )
    if not base.endswith(("/", "#")):
        raise FoundingRefused(
            f"The base “{_shown(base)}” would run into the names of its nodes: end it with / "
            f"(write {_shown(base)}/)."
        )
    if not _fits(base, _BASE):
        raise FoundingRefused(
            f"The base “{_shown(base)}” is not an address: use no spaces, and none of the signs "
            '< > " { } | \\ ^ ` % ? in it; write it like https://example.org/my-debate/.'
        )
    taken = (*vocab.PREFIXES.values(), vocab.ASH, *vocab.ADDED_GRAPHS)
    clash = next((iri for iri in taken if iri.startswith(base) or base.startswith(iri)), "")
    if clash:
        raise FoundingRefused(
            f"The base “{_shown(base)}” would mingle with <{clash}>: choose one of your own."
        )
    return base


def _fits(address: str, form: re.Pattern[str]) -> bool:
    """Whether an address is of a form, and can be one in RDF."""
    try:
        ox.NamedNode(address)
    except ValueError:
        return False
    return form.fullmatch(address) is not None


def _link(address: str, what: str) -> str:
    if not _fits(address, _LINK):
        raise FoundingRefused(
            f"The {what} “{_shown(address)}” is not an address: write one that begins with https://."
        )
    return address


def _prefix(prefix: str, base: str) -> str:
    given = prefix or _slug(local_name(base)).replace("-", "")[:12].lstrip("0123456789")
    if not prefix and (not given or given in vocab.PREFIXES):
        given = "debate"
    if _PREFIX.fullmatch(given) is None:
        raise FoundingRefused(
            f"“{_shown(given)}” cannot be a prefix: use small letters and digits, such as osai."
        )
    if given in vocab.PREFIXES:
        raise FoundingRefused(f"The prefix {given} stands for <{vocab.PREFIXES[given]}>: choose another.")
    return given


def _line(text: str, what: str, *, least: int, most: int) -> str:
    """A text on one line, without what nobody sees."""
    tidy = unicodedata.normalize("NFC", " ".join(text.split()))
    odd = next((c for c in tidy if unicodedata.category(c) in _ODD or c in _TURNS), "")
    if odd:
        raise FoundingRefused(
            f"The {what} has a character that no text has (U+{ord(odd):04X}): leave it out, or check its "
            "encoding."
        )
    if len(tidy) < least:
        raise FoundingRefused(f"The {what} “{_shown(tidy)}” is too short: write at least {least} characters.")
    if len(tidy) > most:
        raise FoundingRefused(f"The {what} has {len(tidy):,} characters: write at most {most:,}.")
    return tidy


def _shortened(text: str) -> str:
    label = text[:-1] if text.endswith((".", "。")) else text
    if len(label) > _LABEL_MOST:
        return textwrap.shorten(label, _LABEL_MOST, placeholder="…") or label[: _LABEL_MOST - 1] + "…"
    return label


def _slug(text: str, *, words: int = 20) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return "-".join(re.findall(r"[a-z0-9]+", plain)[:words])[:60].strip("-")


def _shown(text: str) -> str:
    """A value as it may stand in a message: on one line, printable, not too long."""
    plain = "".join(c if c.isprintable() else "�" for c in " ".join(text.split()))
    return plain if len(plain) <= 80 else f"{plain[:79]}…"
