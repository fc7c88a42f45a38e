"""A model as Argdown that Argdown's own tools accept.

Statements come first, each with the plain reasons for and against it indented below. A step with several
premises, words or a scheme of its own, and one that is attacked itself, is an argument with a
premise-conclusion structure. Argdown knows only conclusions: an attack draws one without a title that
attacks a statement (`->`) or undercuts an argument (`_>`), and its data say `kind: attack`.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Final

from argraph.argument.graph import Node, Step
from argraph.exchange import schemes
from argraph.exchange.argdown import KEPT
from argraph.exchange.argdown_data import OURS, STATEMENT
from argraph.exchange.model import JSON, Model

LONGEST: Final = 60
"""Characters of a title that is made from a text."""

_MARKUP = re.compile(r"[\\\[\]<>{}@#*_]|={3,}|//|/\*|:(?=[^\s]+?:)|\.(?=[^\s]+?\.)")
_OUT_OF_TITLES = re.compile(r"[\\\[\]<>{}\x00-\x1f\x7f\x85\u2028\u2029\ud800-\udfff]|//+|/\*")
_SAFE_TAG = re.compile(r"[\w-]+(?: [\w-]+)*")
_SAFE_RULE = re.compile(r"\w[\w '()]*")
_PLAIN = re.compile(r"[A-Za-z][A-Za-z_-]*|-?[0-9]+(?:\.[0-9]+)?")
_ESCAPED = re.compile(r"[^\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]|[\"\\{}]|={3,}")


def dump(model: Model) -> bytes:
    """Write a model; what it says beyond Argdown stands in YAML data."""
    return _Writer(model).text().encode("utf-8", "replace")


class _Writer:
    def __init__(self, model: Model) -> None:
        self._model = model
        kept = model.kept.get(KEPT)
        self._kept: Mapping[str, JSON] = kept if isinstance(kept, dict) else {}
        data = self._kept.get("data")
        self._data: Mapping[str, JSON] = data if isinstance(data, dict) else {}
        self._steps = self._writable()
        attacked = {step.end for step in self._steps.values()}
        self._plain: defaultdict[str, list[Step]] = defaultdict(list)
        self._structured: list[Step] = []
        for name, step in self._steps.items():
            if name not in attacked and self._is_plain(name, step):
                self._plain[step.end].append(step)
            else:
                self._structured.append(step)
        taken = Counter[str]()
        self._titles = {
            name: _title(node.label or name if node.label or not name.isdigit() else node.text, name, taken)
            for name, node in model.nodes.items()
        }
        taken = Counter[str]()
        self._arguments = {step.iri: _title(step.iri, step.iri, taken) for step in self._structured}

    def text(self) -> str:
        """The whole file."""
        parts = [self._front()]
        for name, node in self._model.nodes.items():
            parts.append("\n".join(self._statement(name, node)))
        wordings = self._kept.get("wordings")
        for name, texts in wordings.items() if isinstance(wordings, dict) else ():
            if name in self._titles and isinstance(texts, list):
                parts += [f"[{self._titles[name]}]: {_words(str(text))}" for text in texts]
        parts += ["\n".join(self._structure(step)) for step in self._structured]
        comments = self._kept.get("comments")
        for comment in comments if isinstance(comments, list) else ():
            if "*/" not in str(comment) and "\r" not in str(comment):
                parts.append(f"/* {comment} */")
        return "\n\n".join(part for part in parts if part) + "\n"

    def _front(self) -> str:
        model = self._model
        front = self._kept.get("front")
        lines = [f"{_yaml(str(key))}: {_yaml(value)}" for key, value in _items(front)]
        if model.title:
            lines.insert(0, f"title: {_yaml(model.title)}")
        tagged = {theme for node in model.nodes.values() for theme in node.themes}
        ruled = {step.scheme for step in self._structured if self._rule(step.scheme)}
        ours: dict[str, JSON] = {
            "declared": "true" if model.declared else "",
            "licence": model.licence,
            "themes": {n: label for n, label in model.themes.items() if label != n or n not in tagged},
            "sources": model.sources,
            "schemes": {n: words for n, words in model.schemes.items() if n not in ruled},
            "studies": {
                name: {
                    part.name: _bare(value)
                    for part in fields(study)
                    if part.name != "iri" and (value := getattr(study, part.name))
                }
                for name, study in model.studies.items()
            },
        }
        ours = {key: value for key, value in ours.items() if value}
        if ours:
            lines.append(f"{OURS}:")
            for key, value in ours.items():
                lines.append(f"    {key}: {'' if isinstance(value, dict) else _yaml(value)}".rstrip())
                lines += [f"        {_key(name)}: {_yaml(said)}" for name, said in _items(value)]
        if not lines and not model.nodes:
            lines = ['title: ""']  # a file that says nothing at all cannot be read
        return "\n".join(["===", *lines, "==="]) if lines else ""

    # -- statements -----------------------------------------------------------------------------------------

    def _statement(self, name: str, node: Node) -> list[str]:
        title = self._titles[name]
        text = _words(node.text)
        tags = all(_SAFE_TAG.fullmatch(theme) for theme in node.themes)
        data: dict[str, JSON] = {}
        for key in STATEMENT[2:]:
            value = _bare(getattr(node, key))
            if value and not (key == "themes" and tags):
                data[key] = value
        if name != title:
            data["id"] = name
        if node.label != title:
            data["label"] = node.label
        if node.assumed:
            data["assumed"] = "true"
        if node.note:
            data["note"] = node.note
        words = [f"[{title}]: {text}" if text else f"[{title}]"]
        if tags:
            words += [f"#({theme})" for theme in node.themes]
        lines = [" ".join([*words, *_braces({**data, **dict(_items(self._data.get(name)))})])]
        for step in self._plain[name]:
            sign = "+" if step.favourable else "-"
            lines.append(f"    {sign} [{self._titles[step.premises[0]]}]")
        return lines

    # -- steps ----------------------------------------------------------------------------------------------

    def _writable(self) -> dict[str, Step]:
        """Steps whose premises and end are there; the comparison that follows tells of the others."""
        nodes = self._model.nodes
        steps = {
            name: step
            for name, step in self._model.steps.items()
            if step.premises and all(premise in nodes for premise in step.premises)
        }
        while hanging := [n for n, s in steps.items() if s.end not in nodes and s.end not in steps]:
            for name in hanging:
                del steps[name]
        return {n: s for n, s in steps.items() if not s.favourable or s.end in nodes}

    def _is_plain(self, name: str, step: Step) -> bool:
        return (
            step.kind in {"support", "attack"}
            and step.end in self._model.nodes
            and len(step.premises) == 1
            and name == f"{step.kind}-{step.premises[0]}-{step.end}"
            and (step.premises[0] != step.end or not step.favourable)
            and not (step.text or step.scheme or step.directness or step.grade)
            and name not in self._model.nodes
        )

    def _rule(self, scheme: str) -> str:
        """A scheme as a rule of inference, where its name is read back as the same; else nothing."""
        named = self._model.schemes.get(scheme) or schemes.name_of(scheme)
        return named if _SAFE_RULE.fullmatch(named) and schemes.key_of(named) == scheme else ""

    def _structure(self, step: Step) -> list[str]:
        title = self._arguments[step.iri]
        data: dict[str, JSON] = {"id": step.iri} if title != step.iri else {}
        if step.kind != "support":
            data["kind"] = step.kind
        if step.kind == "evidence line" and not step.favourable:
            data["favourable"] = "false"
        data |= {key: value for key in ("directness", "grade") if (value := getattr(step, key))}
        rule = self._rule(step.scheme)
        if step.scheme and not rule:
            data["scheme"] = step.scheme
        data |= dict(_items(self._data.get(step.iri)))
        text = _words(step.text)
        head = f"<{title}>: {text}" if text else f"<{title}>"
        lines = [" ".join([head, *_braces(data)]), ""]
        lines += [f"({n}) [{self._titles[p]}]" for n, p in enumerate(step.premises, start=1)]
        more = _braces(dict(_items(self._data.get(f"{step.iri} ----"))))
        lines.append(f"-- {' '.join([*([rule] if rule else []), *more])} --" if rule or more else "-----")
        number = len(step.premises) + 1
        if step.favourable:
            lines.append(f"({number}) [{self._titles[step.end]}]")
        elif step.end in self._titles:
            lines += [f"({number}) This does not hold.", f"    -> [{self._titles[step.end]}]"]
        else:
            lines += [f"({number}) This does not follow.", f"    _> <{self._arguments[step.end]}>"]
        return lines


def _items(value: JSON) -> Iterable[tuple[str, JSON]]:
    return value.items() if isinstance(value, dict) else ()


def _title(wanted: str, name: str, taken: Counter[str]) -> str:
    """A title without signs that would end it, unlike all others."""
    words = " ".join(_OUT_OF_TITLES.sub(" ", wanted).split()).lstrip("-+_!(: ")
    if len(words) > 2 * LONGEST and wanted != name:
        words = words[:LONGEST].rsplit(" ", 1)[0] + "…"
    words = words.rstrip(": ") or "No title"
    title = words
    while title in taken:
        taken[words] += 1
        title = f"{words} ({taken[words]})"
    taken[title] += 1
    return title


def _words(text: str) -> str:
    """A text in one line, with a mark before each sign that means something in Argdown."""
    return _MARKUP.sub(lambda sign: "".join(f"\\{c}" for c in sign[0]), " ".join(text.split()))


def _bare(value: JSON) -> JSON:
    if isinstance(value, bool):
        return "true" if value else ""
    return list(value) if isinstance(value, tuple) else value


def _braces(data: Mapping[str, JSON]) -> list[str]:
    return (
        ["{" + ", ".join(f"{_key(key)}: {_yaml(value)}" for key, value in data.items()) + "}"] if data else []
    )


def _key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z_]\w*", key, re.ASCII) else _yaml(key)


def _yaml(value: JSON) -> str:
    """A value as YAML in one line, words and numbers without quotation marks, since `"true"` is not `true`.

    Braces and what could end front matter stand as numbers.
    """
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_key(str(key))}: {_yaml(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_yaml, value)) + "]"
    if _PLAIN.fullmatch(str(value)):
        return str(value)
    return '"' + _ESCAPED.sub(lambda found: "".join(map(_number, found[0])), str(value)) + '"'


def _number(sign: str) -> str:
    code = ord(sign)
    if 0xD800 <= code < 0xE000:
        return "\\ufffd"
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}" if code < 65536 else f"\\U{code:08x}"
