"""The grammar of Turtle 1.1 (section 6.5), read by recursive descent."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from typing import Final

import pyoxigraph as ox

from argraph import vocab
from argraph.rdf.cursor import Cursor, Lost
from argraph.rdf.document import Node, PositionedTriple, Span, Term
from argraph.rdf.faults import Enough, Faults
from argraph.rdf.mistakes import end_of_line, excerpt
from argraph.rdf.scope import UNREADABLE, Scope
from argraph.rdf.tokens import token

NESTING: Final = 64
"""How many brackets may be open at once."""

_TYPE: Final = ox.NamedNode(vocab.TYPE)
_FIRST: Final = ox.NamedNode(vocab.RDF + "first")
_REST: Final = ox.NamedNode(vocab.RDF + "rest")
_NIL: Final = ox.NamedNode(vocab.RDF + "nil")
_CLOSERS: Final = {"[": "]", "(": ")"}
_DECLARATION = re.compile(r"([\w.-]*+):[ \t]*+<")
_ODD_PREFIX = re.compile(r"[^\s:<>\"']++:")
_SPARQL: Final = frozenset(["select", "ask", "construct", "describe", "insert", "delete", "graph", "with"])


class Grammar(Cursor, ABC):
    """Valid Turtle; what to do where it is not valid is left to `repair`.

    Attributes:
        triples: What the statements without a fault say.
        scope: Prefixes and base.
    """

    def __init__(self, text: str, scope: Scope, faults: Faults) -> None:
        super().__init__(text, faults)
        self.triples: list[PositionedTriple] = []
        self.scope = scope
        self._clauses = 0  # how many properties the statement has so far
        self._semicolon: Span = (0, 0)
        self._open: list[tuple[str, Span]] = []

    def read(self) -> None:
        """Read the whole text."""
        kept = 0
        try:
            self._advance()
            while self._kind != "end":
                kept = len(self.triples)
                self._before, self._begin = self._begin, self._span
                self._clauses = 0
                try:
                    self._statement()
                except Lost as lost:
                    self._open.clear()
                    self._resume(lost.at)
                here = self._span[0] if self._kind != "end" else len(self._text) + 1
                if self._faults.taken_before(here):
                    del self.triples[kept:]
        except Enough:
            del self.triples[kept:]

    # -- faults, explained by `repair`; each leaves the cursor where reading can go on, or is `Lost` --------

    @abstractmethod
    def _no_subject(self) -> None: ...

    @abstractmethod
    def _no_verb(self) -> None: ...

    @abstractmethod
    def _no_value(self) -> None: ...

    @abstractmethod
    def _mark(self, verb: Span, *, first: bool) -> str: ...

    @abstractmethod
    def _closes(self) -> bool: ...

    @abstractmethod
    def _stray_bracket(self) -> None: ...

    # -- statements -----------------------------------------------------------------------------------------

    def _statement(self) -> None:
        kind = self._kind
        if kind == "lang":
            self._at_directive()
            return
        if kind == "word" and self._keyword():
            return
        if kind == "[":
            subject, span = self._properties()
            if self._kind == "." and self._clauses:
                self._advance()
                return
            self._predicates(subject, span)
        else:
            self._predicates(*self._subject())
        self._full_stop()

    def _subject(self) -> tuple[Node, Span]:
        kind, span = self._kind, self._span
        node: Node
        if kind == "name":
            node = self.scope.name(span)
        elif kind == "iri":
            node = self.scope.iri(span)
        elif kind == "blank":
            node = self.scope.blank(span)
        elif kind == "(":
            return self._collection()
        else:
            self._no_subject()
            return UNREADABLE, span
        self._advance()
        return node, span

    def _full_stop(self) -> None:
        while self._kind in ("]", ")"):
            self._stray_bracket()
        if self._kind == ".":
            self._advance()
        else:
            self._missing("turtle-missing-dot", ".")

    def _predicates(self, subject: Node, subject_span: Span) -> None:
        while True:
            mark = self._objects(subject, subject_span)
            if mark != ";":
                return
            while self._kind in (";", "]", ")"):
                if self._kind == ";":
                    self._semicolon = self._span
                    self._advance()
                elif self._closes():
                    return
                else:
                    self._stray_bracket()
            if self._kind in (".", "end"):
                return

    def _objects(self, subject: Node, subject_span: Span) -> str:
        """One property with its values; returns the mark that stands, or should stand, behind them."""
        predicate, predicate_span = self._verb_term()
        first = True
        while True:
            value, value_span = self._value()
            self.triples.append(
                PositionedTriple(subject, predicate, value, subject_span, predicate_span, value_span)
            )
            if self._kind == ";" or self._kind == ".":
                return self._kind
            if self._kind == ",":
                self._advance()
            else:
                mark = self._mark(predicate_span, first=first)
                if mark != ",":
                    return mark
            first = False

    def _verb_term(self) -> tuple[ox.NamedNode, Span]:
        kind, span = self._kind, self._span
        self._clauses += 1
        if kind == "name":
            node = self.scope.name(span)
        elif kind == "word" and self._written(span) == "a":
            node = _TYPE
        elif kind == "iri":
            node = self.scope.iri(span)
        else:
            self._no_verb()
            return UNREADABLE, span
        self._advance()
        return node, span

    def _value(self) -> tuple[Term, Span]:
        kind, span = self._kind, self._span
        term: Term
        if kind == "name":
            term = self.scope.name(span)
        elif kind == "string":
            return self._literal()
        elif kind == "iri":
            term = self.scope.iri(span)
        elif kind == "[":
            return self._properties()
        elif kind == "(":
            return self._collection()
        elif kind == "number":
            term = self.scope.number(span)
        elif kind == "blank":
            term = self.scope.blank(span)
        elif kind == "word" and self._written(span) in ("true", "false"):
            term = self.scope.boolean(self._written(span))
        else:
            self._no_value()
            return UNREADABLE, span
        self._advance()
        return term, span

    def _literal(self) -> tuple[Term, Span]:
        start = self._span[0]
        value = self.scope.text(self._span)
        self._advance()
        if self._kind == "lang" and not self._begins_directive():
            term = self.scope.tagged(value, self._span)
            self._advance()
        elif self._kind == "^^":
            self._advance()
            span = self._span
            datatype = self._datatype()
            term = self.scope.typed(value, datatype, span)
        else:
            term = ox.Literal(value)
        self._last = (start, self._last[1])
        return term, self._last

    def _datatype(self) -> ox.NamedNode:
        kind, span = self._kind, self._span
        if kind == "name":
            node = self.scope.name(span)
        elif kind == "iri":
            node = self.scope.iri(span)
        else:
            node = UNREADABLE
            written = excerpt(self._written(span))
            hint = f"Write xsd:{written}" if kind == "word" else ""
            self._fail("turtle-bad-datatype", span, "After “^^” stands a datatype such as xsd:date.", hint)
            if kind not in ("word", "string", "broken"):
                return node
        self._advance()
        return node

    def _properties(self) -> tuple[Node, Span]:
        """A `[ … ]`; the clauses in it count as clauses of the statement."""
        opened = self._enter()
        node = ox.BlankNode()
        if self._kind != "]":
            self._predicates(node, opened)
        self._leave("]", opened)
        return node, (opened[0], self._last[1])

    def _collection(self) -> tuple[Node, Span]:
        opened = self._enter()
        head: Node = _NIL
        cell: ox.BlankNode | None = None
        cell_span = opened
        add = self.triples.append
        while self._kind not in (")", ".", ";", "]", "end", "wrong") and not self._begins_directive():
            if self._kind == ",":
                self._fail(
                    "turtle-list-comma",
                    self._span,
                    "The items of a list are separated by spaces, not commas.",
                )
                self._advance()
                continue
            item, span = self._value()
            new = ox.BlankNode()
            if cell is None:
                head = new
            else:
                add(PositionedTriple(cell, _REST, new, cell_span, span, span))
                cell_span = span
            add(PositionedTriple(new, _FIRST, item, cell_span, span, span))
            cell = new
        if cell is not None:
            add(PositionedTriple(cell, _REST, _NIL, cell_span, self._span, self._span))
        self._leave(")", opened)
        return head, (opened[0], self._last[1])

    # -- brackets -------------------------------------------------------------------------------------------

    def _enter(self) -> Span:
        opened = self._span
        if len(self._open) >= NESTING:
            message = f"More than {NESTING} brackets are open here. Give the inner nodes names of their own."
            self._fail("turtle-nesting", opened, message)
            raise Lost
        self._open.append((self._kind, opened))
        self._advance()
        return opened

    def _leave(self, closer: str, opened: Span) -> None:
        if self._kind == "wrong":
            raise Lost
        if self._kind == "." and token(self._text, self._span[1])[0] == closer:
            message = f"Within “{self._written(opened)} {closer}” stands no dot: remove it."
            self._fail("turtle-stray-dot", self._span, message)
            self._advance()
        if self._kind == closer:
            self._open.pop()
            self._advance()
            return
        missing = "".join(_CLOSERS[kind] for kind, _ in reversed(self._open))
        bracket = self._written(opened)
        line = self._faults.lines.place(self._span[0])[0]
        where = (
            "the end of the file"
            if self._kind == "end"
            else f"“{excerpt(self._written(self._span))}” on line {line}"
        )
        message = f"This “{bracket}” is not closed: write “{closer}” before {where}."
        if len(missing) > 1:
            message = (
                f"This “{bracket}” and those around it are not closed: write “{missing}” before {where}."
            )
        self._fail("turtle-unclosed-bracket", opened, message)
        self._open.pop()

    # -- directives -----------------------------------------------------------------------------------------

    def _begins_directive(self) -> bool:
        """Whether a directive begins here; directly behind a text, or in a list, it is a language tag."""
        if self._kind not in ("lang", "word"):
            return False
        if self._last_kind == "string" and self._open and self._open[-1][0] == "(":
            return False
        written = self._written(self._span).lower()
        if written not in ("@prefix", "@base", "prefix", "base") or self._span[0] == self._last[1]:
            return False
        return token(self._text, self._span[1])[0] in ("name", "iri", "word")

    def _at_directive(self) -> None:
        written = self._written(self._span)
        keyword = written[1:].lower()
        if keyword in ("prefix", "base"):
            if written[1:] != keyword:
                self._fail(
                    "turtle-bad-directive", self._span, f"“{written}” is written in lower case: @{keyword} ."
                )
            self._directive(keyword, sparql=False)
            return
        if keyword == "version":
            message = "“@version” is RDF 1.2; argraph reads RDF 1.1. Remove this line."
            self._fail("turtle-rdf12", self._span, message)
        elif keyword in ("keywords", "forall", "forsome"):
            self._fail("turtle-n3", self._span, f"“{written}” is N3, not Turtle. Remove it.")
        else:
            message = f"“{excerpt(written)}” cannot begin a statement. Only @prefix and @base do."
            self._fail("turtle-bad-directive", self._span, message)
            declared = _DECLARATION.search(self._text, self._span[1], end_of_line(self._text, self._span[1]))
            if declared:  # most likely a misspelt @prefix
                self.scope.declare(declared[1], UNREADABLE)
        raise Lost

    def _keyword(self) -> bool:
        """Read a directive in SPARQL's style; false when the word here begins none."""
        written = self._written(self._span)
        keyword = written.lower()
        if keyword in ("prefix", "base"):
            self._directive(keyword, sparql=True)
            return True
        if keyword == "version":
            message = f"“{written}” is RDF 1.2; argraph reads RDF 1.1. Remove this line."
            self._fail("turtle-rdf12", self._span, message)
            self._advance()
            if self._kind == "string":
                self._advance()
            return True
        if keyword in _SPARQL and written.isupper():
            self._fail(
                "turtle-sparql", self._span, f"“{written}” is SPARQL: a Turtle file holds statements only."
            )
            raise Lost
        return False

    def _directive(self, keyword: str, *, sparql: bool) -> None:
        self._advance()
        prefix = self._declared_prefix() if keyword == "prefix" else None
        node = self._declared_iri(keyword, prefix)
        if prefix is None:
            self.scope.rebase(node)
        else:
            self.scope.declare(prefix, node)
        if not sparql:
            if self._kind == ".":
                self._advance()
            else:
                self._missing("turtle-missing-dot", ".")
        elif self._kind == "." and not self._leads_line(self._span[0]):
            shown = self._written(self._begin)
            message = f"“{shown}” takes no dot at its end: remove it, or write @{keyword} ."
            self._fail("turtle-sparql-dot", self._span, message)
            self._advance()

    def _declared_prefix(self) -> str:
        kind, span = self._kind, self._span
        prefix, colon, local = self._written(span).partition(":")
        shown = excerpt(prefix)
        odd = _ODD_PREFIX.match(self._text, span[0])
        if kind == "iri":
            message = (
                "The prefix itself is missing: write its name and a colon before the IRI, as in ex: <…> ."
            )
            self._fail("turtle-bad-directive", span, message)
            return ""
        if kind == "name" and not local:
            pass
        elif kind == "word" and not odd:
            self._fail(
                "turtle-bad-directive", span, f"A colon is missing: write “{shown}:”.", f"Write {shown}:"
            )
        elif kind == "name" or (kind == "broken" and colon):
            message = f"After “{shown}:” the IRI follows in angle brackets, as in {shown}: <https://…> ."
            self._fail("turtle-bad-directive", span, message)
        elif odd:
            span = odd.span()
            prefix = re.sub(r"[^\w.-]", "", odd.group()).strip(".")
            message = f"“{excerpt(odd.group())}” is no prefix: it begins with a letter and ends with no dot."
            self._fail("turtle-bad-directive", span, message)
            self._span = span
        else:
            message = "Here a prefix with a colon is expected, as in @prefix ex: <https://…> ."
            self._fail("turtle-bad-directive", span, message)
            raise Lost
        self._advance()
        return prefix

    def _declared_iri(self, keyword: str, prefix: str | None) -> ox.NamedNode:
        kind, span = self._kind, self._span
        if kind == "iri":
            node = self.scope.iri(span)
            self._advance()
            return node
        example = "@base <https://…> ." if prefix is None else f"@prefix {excerpt(prefix)}: <https://…> ."
        self._fail(
            "turtle-bad-directive",
            span,
            f"After the {keyword} an IRI in angle brackets is expected: {example}",
        )
        if prefix is not None:
            self.scope.declare(prefix, UNREADABLE)
        if kind not in ("string", "broken", "name", "word"):
            if kind == ".":
                return UNREADABLE
            raise Lost
        self._advance()
        return UNREADABLE
