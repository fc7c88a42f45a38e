"""Answers written down: tables for people, the W3C result formats and RDF for programs."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import Final
from xml.sax.saxutils import escape, quoteattr

import pyoxigraph as ox

from argraph import vocab
from argraph.errors import QueryRefused
from argraph.query.engine import Result, Solutions, Term, Triples

ROWS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "json": "application/sparql-results+json",
        "xml": "application/sparql-results+xml",
        "csv": "text/csv",
        "tsv": "text/tab-separated-values",
        "table": "text/plain",
    }
)
"""Media type of each format for the answers of SELECT and ASK; a client without wishes gets the first."""

GRAPHS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "turtle": "text/turtle",
        "ntriples": "application/n-triples",
        "jsonld": "application/ld+json",
        "rdfxml": "application/rdf+xml",
        "table": "text/plain",
    }
)
"""Media type of each format for the answers of CONSTRUCT and DESCRIBE."""

_RDF = {
    "turtle": ox.RdfFormat.TURTLE,
    "ntriples": ox.RdfFormat.N_TRIPLES,
    "jsonld": ox.RdfFormat.JSON_LD,
    "rdfxml": ox.RdfFormat.RDF_XML,
}
DUMPS: Final[Mapping[str, ox.RdfFormat]] = MappingProxyType(
    _RDF | {"trig": ox.RdfFormat.TRIG, "nquads": ox.RdfFormat.N_QUADS}
)
"""Formats of whole graphs."""
_STRING = vocab.XSD + "string"
_LANG_STRING = vocab.RDF + "langString"


def render(
    result: Result,
    form: str,
    *,
    prefixes: Mapping[str, str] = MappingProxyType(vocab.PREFIXES),
    width: int = 100,
) -> str:
    """Write an answer in a format of `ROWS` or `GRAPHS`, whichever suits it.

    Args:
        result: What the engine answered.
        form: Name of a format, such as `csv`.
        prefixes: Prefixes that shorten IRIs in tables and in Turtle.
        width: Characters that a table may be wide.

    Raises:
        QueryRefused: There is no such format, or it cannot hold this answer.
    """
    if isinstance(result, tuple):
        if form in _RDF:
            return _serialize(result, _RDF[form], prefixes)
        if form == "table":
            rows = tuple((t.subject, t.predicate, t.object) for t in result)
            return _table(Solutions(("subject", "predicate", "object"), rows), prefixes, width)  # type: ignore[arg-type]
        raise _unsuited(form, "a graph of triples", GRAPHS)
    if form == "table":
        return ("yes" if result else "no") if isinstance(result, bool) else _table(result, prefixes, width)
    if form not in _WRITERS:
        raise _unsuited(form, "yes or no" if isinstance(result, bool) else "rows", ROWS)
    return _WRITERS[form](result)


def term_of(told: Mapping[str, str]) -> Term:
    """The term that an object of the SPARQL 1.1 Query Results JSON Format stands for.

    >>> term_of({"type": "literal", "value": "hi", "xml:lang": "en"})
    <Literal value=hi language=en>
    """
    if told["type"] == "uri":
        return ox.NamedNode(told["value"])
    if told["type"] == "bnode":
        return ox.BlankNode(told["value"])
    if "xml:lang" in told:
        return ox.Literal(told["value"], language=told["xml:lang"])
    return ox.Literal(told["value"], datatype=ox.NamedNode(told.get("datatype", _STRING)))


def shorten(iri: str, prefixes: Mapping[str, str]) -> str:
    """An IRI as prefixed name where a prefix fits, else as it is.

    >>> shorten("https://w3id.org/argraph/ns#Claim", {"arg": "https://w3id.org/argraph/ns#"})
    'arg:Claim'
    """
    fitting = [(len(base), name) for name, base in prefixes.items() if base and iri.startswith(base)]
    for length, name in sorted(fitting, reverse=True):
        if re.fullmatch(r"\w(?:[\w.-]*[\w-])?", iri[length:]):
            return f"{name}:{iri[length:]}"
    return iri


def choose(accept: str | None, offered: Iterable[str]) -> str | None:
    """The offered media type that an Accept header prefers; None where it accepts none (then answer 406).

    The most specific range that fits a type decides its weight; of equal weights the type offered first wins.
    A missing or empty header accepts all. What is malformed is read kindly: a part that is no media range is
    passed over, a weight that is no number counts as 1, and parameters other than q are ignored.

    Source:
        RFC 9110, section 12.5.1.

    >>> choose("text/*;q=0.5, text/turtle", ["text/csv", "text/turtle"])
    'text/turtle'
    """
    offered = tuple(offered)
    return _preferred(accept or "", offered) if len(accept or "") > _SHORT else _known(accept or "", offered)


_SHORT: Final = 500
"""Characters of an Accept header that is worth remembering."""


def _preferred(accept: str, offered: tuple[str, ...]) -> str | None:
    ranges: dict[str, float] = {}
    for part in re.findall(r'(?:[^,"]|"(?:[^"\\]|\\.)*")+', accept):
        media, *parameters = (piece.strip().lower() for piece in part.split(";"))
        media = "*/*" if media == "*" else media
        if re.fullmatch(r"[^\s/]+/[^\s/]+", media):
            ranges[media] = max(ranges.get(media, 0.0), _weight(parameters))
    if not ranges:
        return offered[0] if offered else None

    def weight(media: str) -> float:
        candidates = (media, media.partition("/")[0] + "/*", "*/*")
        return next((ranges[candidate] for candidate in candidates if candidate in ranges), 0.0)

    best = max(offered, key=weight, default=None)
    return best if best is not None and weight(best) > 0 else None


_known = lru_cache(maxsize=256)(_preferred)


def _weight(parameters: Iterable[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q" and re.fullmatch(r"-?\d{0,9}\.?\d{0,9}", value.strip()):
            try:
                return min(1.0, max(0.0, float(value)))
            except ValueError:
                continue
    return 1.0


def _unsuited(form: str, what: str, formats: Mapping[str, str]) -> QueryRefused:
    return QueryRefused(
        f"The answer is {what}, which cannot be written as “{form}”. It can as {', '.join(formats)}."
    )


def _serialize(triples: Triples, form: ox.RdfFormat, prefixes: Mapping[str, str]) -> str:
    triples = tuple(sorted(triples, key=str))  # together by subject
    iris = {term.value for triple in triples for term in triple if isinstance(term, ox.NamedNode)}
    used = {name: base for name, base in prefixes.items() if any(iri.startswith(base) for iri in iris)}
    out = io.BytesIO()
    try:
        ox.serialize(triples, out, form, prefixes=used)
    except (OSError, ValueError) as error:
        raise QueryRefused(f"The graph cannot be written as {form.name}: {error}") from error
    lines = out.getvalue().decode().splitlines(keepends=True)
    if form == ox.RdfFormat.TURTLE:  # it declares prefixes in an order of its own, another one each time
        lines[: len(used)] = sorted(lines[: len(used)])
    return "".join(lines)


def cells(solutions: Solutions, prefixes: Mapping[str, str]) -> tuple[tuple[str, ...], ...]:
    """The rows as text fit for a terminal, with IRIs shortened and unbound values empty."""
    return tuple(tuple(_cell(value, prefixes) for value in row) for row in solutions.rows)


def _table(solutions: Solutions, prefixes: Mapping[str, str], width: int) -> str:
    from prettytable import PrettyTable, TableStyle

    columns = list(solutions.columns)
    rows = [list(row) for row in cells(solutions, prefixes)]
    table = PrettyTable(columns)
    table.set_style(TableStyle.SINGLE_BORDER)
    table.add_rows(rows)
    table.align = "l"
    natural = [max(map(len, "\n".join(texts).split("\n"))) for texts in zip(columns, *rows, strict=True)]
    for place, column in enumerate(columns):
        if rows and all(_is_number(row[place]) for row in solutions.rows):
            table.align[column] = "r"
    table.max_width = dict(zip(columns, _share(natural, width - 3 * len(columns) - 1), strict=True))
    count = f"{len(rows):,} row{'' if len(rows) == 1 else 's'}"
    return f"{table.get_string()}\n{count}" if columns else count


def _share(wanted: Sequence[int], room: int) -> list[int]:
    """Divide a width: what wants little gets it, the others get equal parts of the rest, each at least 6.

    >>> _share([3, 20, 90, 70], 100)
    [3, 20, 39, 38]
    """
    given = [0] * len(wanted)
    for done, place in enumerate(sorted(range(len(wanted)), key=wanted.__getitem__)):
        given[place] = min(wanted[place], max(6, room // (len(wanted) - done)))
        room -= given[place]
    return given


def _is_number(value: Term | None) -> bool:
    return isinstance(value, ox.Literal) and value.datatype.value in {
        vocab.XSD + name for name in ("integer", "decimal", "double", "float", "gYear")
    }


def _cell(value: Term | None, prefixes: Mapping[str, str]) -> str:
    if isinstance(value, ox.NamedNode):
        return shorten(value.value, prefixes)
    text = "" if value is None else str(value) if isinstance(value, ox.BlankNode) else value.value
    # A control character could steer the terminal that shows the table.
    return "".join(c if c.isprintable() or c == "\n" else " " for c in text.replace("\r\n", "\n"))


def _json(result: Solutions | bool) -> str:
    """SPARQL 1.1 Query Results JSON Format."""
    if isinstance(result, bool):
        return json.dumps({"head": {}, "boolean": result})
    written: dict[Term, str] = {}  # most terms of an answer come more than once

    def write(term: Term) -> str:
        text = written[term] = json.dumps(told_of(term), ensure_ascii=False)
        return text

    bindings = []
    keys = [json.dumps(column, ensure_ascii=False) + ": " for column in result.columns]
    for row in result.rows:
        bound = [(key, value) for key, value in zip(keys, row, strict=True) if value is not None]
        bindings.append(", ".join([key + (written.get(value) or write(value)) for key, value in bound]))
    head = json.dumps({"vars": result.columns}, ensure_ascii=False)
    rows = ", ".join([f"{{{binding}}}" for binding in bindings])
    return f'{{"head": {head}, "results": {{"bindings": [{rows}]}}}}'


def _bound(solutions: Solutions) -> Iterator[list[tuple[str, Term]]]:
    """The columns that have a value, and the value, for each row."""
    for row in solutions.rows:
        cells = zip(solutions.columns, row, strict=True)
        yield [(column, value) for column, value in cells if value is not None]


def told_of(term: Term) -> dict[str, str]:
    """A term as object of the SPARQL 1.1 Query Results JSON Format."""
    if isinstance(term, ox.NamedNode):
        return {"type": "uri", "value": term.value}
    if isinstance(term, ox.BlankNode):
        return {"type": "bnode", "value": term.value}
    written = {"type": "literal", "value": term.value}
    if term.language is not None:
        written["xml:lang"] = term.language
    elif term.datatype.value != _STRING:
        written["datatype"] = term.datatype.value
    return written


_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_FRAGILE = re.compile(r"\A[ \t\n]+|[ \t\n]+\Z|\r")
"""Blanks that readers of XML drop or turn into others unless they are written as references."""


def _xml(result: Solutions | bool) -> str:
    """SPARQL Query Results XML Format (second edition)."""
    columns = () if isinstance(result, bool) else result.columns
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<sparql xmlns="http://www.w3.org/2005/sparql-results#">',
    ]
    lines.append(f"<head>{''.join(f'<variable name={quoteattr(column)}/>' for column in columns)}</head>")
    if isinstance(result, bool):
        lines.append(f"<boolean>{str(result).lower()}</boolean>")
    else:
        lines.append("<results>")
        for bound in _bound(result):
            cells = (f"<binding name={quoteattr(name)}>{_xml_term(value)}</binding>" for name, value in bound)
            lines.append(f"<result>{''.join(cells)}</result>")
        lines.append("</results>")
    return "\n".join([*lines, "</sparql>\n"])


def _xml_term(term: Term) -> str:
    if character := _NO_XML.search(term.value):
        raise QueryRefused(
            f"The answer holds the character U+{ord(character[0]):04X}, which XML cannot hold: ask for JSON."
        )
    text = _FRAGILE.sub(lambda blanks: "".join(f"&#{ord(b)};" for b in blanks[0]), escape(term.value))
    if isinstance(term, ox.NamedNode):
        return f"<uri>{text}</uri>"
    if isinstance(term, ox.BlankNode):
        return f"<bnode>{text}</bnode>"
    if term.language is not None:
        return f"<literal xml:lang={quoteattr(term.language)}>{text}</literal>"
    if term.datatype.value == _STRING:
        return f"<literal>{text}</literal>"
    return f"<literal datatype={quoteattr(term.datatype.value)}>{text}</literal>"


def _csv(result: Solutions | bool) -> str:
    """SPARQL 1.1 Query Results CSV Format: values only, their kinds and languages are lost."""
    if isinstance(result, bool):
        return str(result).lower()
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(result.columns)
    writer.writerows([_csv_value(value) for value in row] for row in result.rows)
    return out.getvalue()


def _csv_value(value: Term | None) -> str:
    if value is None:
        return ""
    return str(value) if isinstance(value, ox.BlankNode) else value.value


def _tsv(result: Solutions | bool) -> str:
    """SPARQL 1.1 Query Results TSV Format: terms as in Turtle."""
    if isinstance(result, bool):
        return str(result).lower()
    lines = ["\t".join(f"?{column}" for column in result.columns)]
    lines += ["\t".join("" if value is None else str(value) for value in row) for row in result.rows]
    return "\n".join(lines) + "\n"


_WRITERS: Final[Mapping[str, Callable[[Solutions | bool], str]]] = MappingProxyType(
    {"json": _json, "xml": _xml, "csv": _csv, "tsv": _tsv}
)
