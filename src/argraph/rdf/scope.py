"""What the words of one Turtle file stand for: IRIs, prefixed names, labels and texts as RDF terms."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from typing import Final

import pyoxigraph as ox

from argraph import vocab
from argraph.rdf import iris
from argraph.rdf.document import Span
from argraph.rdf.faults import Faults
from argraph.rdf.mistakes import excerpt, hidden_character

UNREADABLE: Final = ox.NamedNode("urn:argraph:unreadable")
"""Stands in a faulty statement where a term could not be made out; never leaves the reader."""

_BOOLEAN: Final = ox.NamedNode(vocab.XSD + "boolean")
_INTEGER: Final = ox.NamedNode(vocab.XSD + "integer")
_DECIMAL: Final = ox.NamedNode(vocab.XSD + "decimal")
_DOUBLE: Final = ox.NamedNode(vocab.XSD + "double")
_TAGGED: Final = {
    vocab.RDF + "langString": "a language tag such as @en in place of this datatype",
    vocab.RDF + "dirLangString": "a language tag such as @en; texts with a direction are RDF 1.2",
}
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.DOTALL)
_LETTERS: Final = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f", '"': '"', "'": "'", "\\": "\\"}
_NAME_ESCAPE = re.compile(r"\\(.)")
_SCHEMES: Final = {"http", "https", "urn", "mailto", "doi", "file", "ftp", "tag", "tel", "data"}
_USES: Final = 5  # how often one undeclared prefix is told of


class Scope:
    """Prefixes, base and blank node labels, as they are at the current place of the file.

    Attributes:
        prefixes: Namespaces by declared prefix.
        base: What relative IRIs are resolved against.
    """

    def __init__(self, text: str, base: str | None, faults: Faults) -> None:
        self.prefixes: dict[str, str] = {}
        self.base = base
        self._text = text
        self._faults = faults
        self._doubtful: set[str] = set()
        self._unknown: Counter[str] = Counter()
        self._iris: dict[str, ox.NamedNode] = {}
        self._names: dict[str, ox.NamedNode] = {}
        self._labels: dict[str, ox.BlankNode] = {}

    def declare(self, prefix: str, namespace: ox.NamedNode) -> None:
        """Bind a prefix from here on; to `UNREADABLE` when its declaration is faulty."""
        self._names.clear()
        if namespace is UNREADABLE:
            self._doubtful.add(prefix)
        else:
            self._doubtful.discard(prefix)
            self.prefixes[prefix] = namespace.value

    def rebase(self, base: ox.NamedNode) -> None:
        """Resolve relative IRIs against this one from here on."""
        self._iris.clear()
        if base is not UNREADABLE:
            self.base = base.value

    # -- IRIs and nodes -------------------------------------------------------------------------------------

    def iri(self, span: Span) -> ox.NamedNode:
        """The term of `<…>`."""
        written = self._text[span[0] : span[1]]
        known = self._iris.get(written)
        return known or self._new_iri(written, span)

    def _new_iri(self, written: str, span: Span) -> ox.NamedNode:
        reference = written[1:-1]
        if "\\" in reference:
            unescaped = self._unescape(reference, span[0] + 1)
            if unescaped is None:
                return UNREADABLE
            reference = unescaped
        try:
            node = iris.resolve(reference, self.base)
        except ValueError as error:
            self._bad_iri(written, reference, span, error)
            return UNREADABLE
        self._iris[written] = node
        return node

    def _bad_iri(self, written: str, reference: str, span: Span, error: ValueError) -> None:
        shown = excerpt(written)
        if iris.is_absolute(reference) or self.base is not None:
            message = f"“{shown}” is not a valid IRI: {_lowered(error)}."
            self._faults.report("turtle-bad-iri", span, message)
            return
        message = f"“{shown}” is a relative IRI and the file names no base: write the full IRI."
        hint = "Write the full IRI, <https://…>, or declare a base: @base <https://…> ."
        if reference and not set(reference) & set(":/"):
            name = excerpt(reference)
            hint = f"Write <https://…/{name}>, or a prefixed name such as {self.example(name)}"
        self._faults.report("turtle-relative-iri", span, message, hint)

    def name(self, span: Span) -> ox.NamedNode:
        """The term of `prefix:local`."""
        written = self._text[span[0] : span[1]]
        known = self._names.get(written)
        return known or self._new_name(written, span)

    def _new_name(self, written: str, span: Span) -> ox.NamedNode:
        prefix, _, local = written.partition(":")
        namespace = self.prefixes.get(prefix)
        if prefix in self._doubtful:
            self._faults.mark(span)
            return UNREADABLE
        if namespace is None:
            self._unknown_prefix(prefix, local, (span[0], span[0] + len(prefix) + 1))
            return UNREADABLE
        try:
            node = ox.NamedNode(namespace + (_NAME_ESCAPE.sub(r"\1", local) if "\\" in local else local))
        except ValueError as error:
            message = f"“{excerpt(written)}” makes no valid IRI: {_lowered(error)}."
            self._faults.report("turtle-bad-iri", span, message)
            return UNREADABLE
        self._names[written] = node
        return node

    def _unknown_prefix(self, prefix: str, local: str, span: Span) -> None:
        self._unknown[prefix] += 1
        if self._unknown[prefix] > _USES:
            self._faults.mark(span)
            return
        message = f"The prefix “{excerpt(prefix)}:” is not declared."
        hidden = hidden_character(prefix)
        if hidden:
            message = f"This prefix contains a {hidden}, which cannot be seen. Remove it."
            self._faults.report("turtle-invisible-character", span, message)
            return
        self._faults.report("turtle-unknown-prefix", span, message, self._meant(prefix, local))

    def _meant(self, prefix: str, local: str) -> str:
        if prefix in vocab.PREFIXES:
            return f"Add the line: @prefix {prefix}: <{vocab.PREFIXES[prefix]}> ."
        if prefix.lower() in _SCHEMES:
            return "If this is an IRI, put all of it in angle brackets: <…>"
        shown = local if len(local) <= 40 else "…"
        for candidates in (self.prefixes, vocab.PREFIXES):
            near = difflib.get_close_matches(excerpt(prefix), candidates, n=1)
            if near:
                line = (
                    ""
                    if candidates is self.prefixes
                    else f" Then add: @prefix {near[0]}: <{vocab.PREFIXES[near[0]]}> ."
                )
                return f"Did you mean {excerpt(near[0])}:{shown}?{line}"
        others = ", ".join(f"{excerpt(known)}:" for known in sorted(self.prefixes)[:8])
        add = f"Add a line such as: @prefix {excerpt(prefix)}: <https://…> ."
        return f"{add} Declared here: {others}" if others else add

    def example(self, local: str) -> str:
        """How a name of this file could look that ends in these letters."""
        prefix = next((known for known in ("", "arg", *self.prefixes) if known in self.prefixes), "prefix")
        return f"{excerpt(prefix)}:{local}"

    def blank(self, span: Span) -> ox.BlankNode:
        """The node of `_:label`; unique to this reading of this file."""
        label = self._text[span[0] : span[1]]
        node = self._labels.get(label)
        if node is None:
            node = self._labels[label] = ox.BlankNode()
        return node

    # -- literals -------------------------------------------------------------------------------------------

    def text(self, span: Span) -> str:
        """The value of a text in quotation marks, its escapes resolved."""
        start, end = span
        width = 3 if end - start >= 6 and self._text.startswith(('"""', "'''"), start) else 1
        value = self._text[start + width : end - width]
        return (self._unescape(value, start + width) or "") if "\\" in value else value

    def tagged(self, value: str, span: Span) -> ox.Literal:
        """A text in the language that stands at a span."""
        tag = self._text[span[0] + 1 : span[1]]
        try:
            return ox.Literal(value, language=tag)
        except ValueError as error:
            message = f"“{excerpt(tag)}” is no language tag such as en or de-CH: {_lowered(error)}."
            self._faults.report("turtle-bad-language", span, message)
            return ox.Literal(value)

    def typed(self, value: str, datatype: ox.NamedNode, span: Span) -> ox.Literal:
        """A text of a datatype that stands at a span."""
        instead = _TAGGED.get(datatype.value)
        if instead:
            self._faults.report("turtle-bad-datatype", span, f"A text of this datatype needs {instead}.")
        return ox.Literal(value, datatype=datatype)

    def number(self, span: Span) -> ox.Literal:
        """The value of a number without quotation marks."""
        value = self._text[span[0] : span[1]]
        if "e" in value or "E" in value:
            return ox.Literal(value, datatype=_DOUBLE)
        return ox.Literal(value, datatype=_DECIMAL if "." in value else _INTEGER)

    def boolean(self, value: str) -> ox.Literal:
        """The value of `true` or `false`."""
        return ox.Literal(value, datatype=_BOOLEAN)

    def _unescape(self, value: str, offset: int) -> str | None:
        """Resolve the escapes of a stretch that begins at an offset; None when one is bad, which is told."""
        clean = True

        def character(match: re.Match[str]) -> str:
            nonlocal clean
            digits = match[1] or match[2]
            if digits:
                code = int(digits, 16)
                if code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF:
                    return chr(code)
            elif match[3] in _LETTERS:
                return _LETTERS[match[3]]
            if clean:
                clean = False
                self._bad_escape(match, offset)
            return ""

        resolved = _ESCAPE.sub(character, value)
        return resolved if clean else None

    def _bad_escape(self, match: re.Match[str], offset: int) -> None:
        span = (offset + match.start(), offset + match.end())
        written = match.group()
        hint = ""
        if match[3] is None:
            message = (
                f"“{written}” stands for no character: numbers end at 10FFFF and leave out D800 to DFFF."
            )
        elif match[3] in "uU":
            digits = 4 if match[3] == "u" else 8
            message = (
                f"“{written}” takes exactly {digits} hexadecimal digits. A backslash itself is written \\\\ ."
            )
        elif match[3] in "\r\n":
            message = "A backslash at the end of a line has no meaning. Remove it."
            span = (span[0], span[0] + 1)
        else:
            message = f"“{written}” is no escape. A backslash itself is written \\\\ ."
            hint = f"Write \\{written}"
        self._faults.report("turtle-bad-escape", span, message, hint)


def _lowered(error: ValueError) -> str:
    """The reason that pyoxigraph gives, to go on within a sentence."""
    reason = str(error)
    return reason[:1].lower() + reason[1:]
