"""A debate of any size, the same for the same seed: Turtle files as people contribute them.

    python benchmarks/generate.py DIR (--statements N | --triples N) [--seed N]

Every file is a contribution of 500 statements; `argraph check DIR --whole` lets them pass. Each statement
bears on one of those that came long before it, so that arguments are several steps deep and a few
statements are hubs: half of them are claims in support (one in ten together with a second premise), the
others object to a claim, a finding's line, an inference or another attack, and whatever answers an
objection is a rebuttal. Every second statement has a finding on a line for or, one in five, against it; two
findings share a study. There are twenty themes. Labels have three to twelve words and texts one to five
sentences, of a vocabulary of 40,000 words that are as unequally frequent as those of a language (Zipf), in
Latin, Greek, Cyrillic, Arabic and Chinese letters. 1,000 statements are about 15,800 triples.

Other benchmarks name the nodes: `s0` is the thesis, `s1` … are statements, `p1` … their steps, `e1` …
findings, `l1` … their lines, `study-0` … and `theme-0` … the rest.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path
from typing import Final

BASE: Final = "https://example.org/d/"
TRIPLES: Final = 15.8
"""For one statement, on average."""
HEAD: Final = f"""@prefix arg: <https://w3id.org/argraph/ns#> . @prefix : <{BASE}> .
@prefix bibo: <http://purl.org/ontology/bibo/> . @prefix dcterms: <http://purl.org/dc/terms/> .
@prefix schema: <https://schema.org/> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix vann: <http://purl.org/vocab/vann/> . @prefix void: <http://rdfs.org/ns/void#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
LICENCE: Final = "<https://creativecommons.org/licenses/by/4.0/>"
FILE: Final = 500  # statements
THEMES: Final = 20
_SYLLABLES = ["ba", "re", "ti", "no", "sul", "mer", "kan", "do", "pi", "est", "ing", "tra", "ver"]
_SYLLABLES += ["al", "ous", "ent"]
_OTHERS: Final = ["λό", "γος", "πί", "στις", "свет", "мир", "дело", "عدل", "علم", "証拠", "論", "公開"]
_METHODS: Final = {
    "MetaAnalysis": ("High", "Moderate"),
    "Experiment": ("Moderate", "Low"),
    "BenchmarkStudy": ("Moderate", "Low"),
    "Survey": ("Low", "VeryLow"),
    "ExpertOpinion": ("VeryLow", "VeryLow"),
}
"""Methods with the grade of a finding, and of an indirect line."""


class Language:
    """Words as unequally frequent as those of a language (Zipf)."""

    def __init__(self, rng: random.Random, size: int = 40_000) -> None:
        self._rng = rng
        self.words = [
            "".join(rng.choices(_OTHERS if rng.random() < 0.03 else _SYLLABLES, k=rng.randint(1, 4)))
            for _ in range(size)
        ]
        self._weights = list(accumulate(1 / (i + 1) for i in range(size)))

    def text(self, length: int) -> str:
        """A sentence of so many words, without its full stop."""
        return " ".join(self._rng.choices(self.words, cum_weights=self._weights, k=length)).capitalize()

    def word(self) -> str:
        """One word."""
        return self._rng.choices(self.words, cum_weights=self._weights)[0]


class Debate:
    """Statements one after the other.

    Args:
        seed: The same seed makes the same debate, whatever its size.
    """

    def __init__(self, seed: int = 20) -> None:
        self._rng = random.Random(seed)
        self._language = Language(random.Random(seed))
        self._kinds: list[str] = []
        self._methods: list[str] = []

    def files(self, count: int) -> Iterator[tuple[str, str]]:
        """Names and texts of the files of a debate with so many statements."""
        themes = (f':theme-{i} a arg:Theme ; skos:prefLabel "theme {i}"@en .' for i in range(THEMES))
        described = (
            f'<{BASE}> a void:Dataset ; dcterms:title "A generated debate"@en ; void:uriSpace "{BASE}" ;\n'
            f'    vann:preferredNamespacePrefix "d" ; dcterms:license {LICENCE} .'
        )
        yield "debate.ttl", "\n".join([self._head("debate"), described, *themes, ""])
        for start in range(0, count, FILE):
            part = f"part-{start:07}"
            statements = (self._statement(i) for i in range(start, min(count, start + FILE)))
            yield f"{part}.ttl", "\n".join([self._head(part), *statements, ""])

    @staticmethod
    def _head(name: str) -> str:
        return (
            f'{HEAD}:contribution-{name} a arg:Contribution ; dcterms:title "Contribution {name}"@en ;\n'
            f"    dcterms:isPartOf <{BASE}> ; dcterms:creator <https://example.org/people#generator> ;\n"
            f'    dcterms:created "2026-01-31"^^xsd:date ; dcterms:license {LICENCE} .'
        )

    def _statement(self, i: int) -> str:
        rng, language = self._rng, self._language
        step, kind = self._step(i) if i else ("", "Thesis")
        self._kinds.append(kind)
        text = ". ".join(language.text(rng.randint(8, 25)) for _ in range(rng.randint(1, 5)))
        told = [
            f':s{i} a arg:{kind} ; skos:prefLabel "{language.text(rng.randint(3, 12))} {i}"@en ;\n'
            f'    dcterms:subject :theme-{i % THEMES} ; schema:text "“{text}.”"@en .'
        ]
        told += [step] if step else []
        told += self._finding(i) if i % 2 else []
        return "\n".join(told)

    def _step(self, i: int) -> tuple[str, str]:
        """The step that the statement is a premise of, and what the statement is thereby."""
        rng = self._rng
        end = rng.randrange(max(0, i // 4 - 3), i // 4 + 1) if i > 5 else 0
        if rng.random() < 0.5:
            other = rng.randrange(i)
            linked = rng.random() < 0.1 and other > i // 2
            premises = f":s{i}, :s{other}" if linked else f":s{i}"
            return f":p{i} a arg:Support ; arg:premise {premises} ; arg:conclusion :s{end} .", "Claim"
        # Whoever answers an objection, or a step that uses one, rebuts; a line of evidence uses none.
        kind = "Rebuttal" if self._kinds[end] in {"Objection", "Rebuttal"} else "Objection"
        chance, target = rng.random(), f":s{end}"
        if end and chance < 0.15:
            target = f":p{end}"
        elif end % 2 and chance < 0.2:
            target, kind = f":l{end}", "Objection"
        return f":p{i} a arg:Attack ; arg:premise :s{i} ; arg:target {target} .", kind

    def _finding(self, i: int) -> list[str]:
        rng, language = self._rng, self._language
        number = i // 4
        told = []
        if number == len(self._methods):
            method = rng.choice(list(_METHODS))
            self._methods.append(method)
            first, second = language.text(1), language.text(1)
            told.append(
                f':study-{number} a arg:Study ; schema:name "{language.text(10)} {number}"@en ;\n'
                f'    bibo:authorList ( "{first}, A." "{second}, B." ) ; arg:venue "{language.text(2)}" ;\n'
                f'    schema:datePublished "20{number % 25:02}"^^xsd:gYear ;\n'
                f"    arg:studyType arg:JournalArticle ;\n"
                f'    arg:method arg:{method} ; bibo:doi "10.1000/{number}" ; arg:verification arg:Verified .'
            )
        grade, indirect = _METHODS[self._methods[number]]
        direct = rng.random() < 0.4
        told.append(
            f':e{i} a arg:Evidence ; schema:text "{language.text(rng.randint(10, 40))} {i}."@en ;\n'
            f"    arg:reportedIn :study-{number} ; arg:grade arg:{grade} ; arg:verification arg:Verified .\n"
            f":l{i} a arg:EvidenceLine ; arg:evidence :e{i} ; arg:bearsOn :s{i} ;\n"
            f"    arg:direction arg:{'For' if rng.random() < 0.8 else 'Against'} ;\n"
            f"    arg:directness arg:{'Direct' if direct else 'Indirect'} ;\n"
            f"    arg:grade arg:{grade if direct else indirect} ."
        )
        return told


def generate(folder: Path, count: int, *, seed: int = 20) -> None:
    """Write a debate of so many statements into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in Debate(seed).files(count):
        (folder / name).write_text(text, encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    size = parser.add_mutually_exclusive_group(required=True)
    size.add_argument("--statements", type=int)
    size.add_argument("--triples", type=int, help="about so many")
    parser.add_argument("--seed", type=int, default=20)
    options = parser.parse_args()
    count = options.statements or max(1, round(options.triples / TRIPLES))
    generate(options.folder, count, seed=options.seed)
    print(f"{count:,} statements in {options.folder}")


if __name__ == "__main__":
    main()
