"""What a version of a file says, and in what two differ; also of what was made to be hard to tell."""

from __future__ import annotations

import pytest

from argraph.contribution.versions import describes, differences, entered

HEAD = "@prefix : <https://example.org/> . @prefix arg: <https://w3id.org/argraph/ns#> .\n"
HEAD += "@prefix dcterms: <http://purl.org/dc/terms/> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n"
P = "https://example.org/p"


def said(text: str, name: str = "a") -> tuple[str, ...]:
    return describes((HEAD + text).encode())[f"https://example.org/{name}"].get(P, ())


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (":a :p true, 'y'@en .", ('"true"^^<http://www.w3.org/2001/XMLSchema#boolean>', '"y"@en')),
        (':a :p ( "x" :b ) .', ('( "x" <https://example.org/b> )',)),
        (':a :p ( ( "x" ) () ) .', ('( ( "x" ) ( ) )',)),
        (":a :p [ :q 'y' ; :r 'z' ] .", ('[ <https://example.org/q> "y" ; <https://example.org/r> "z" ]',)),
        (":a :p _:x . _:x :p _:x .", ("[ <https://example.org/p> [ … ] ]",)),
        (":a :p [] .", ("[  ]",)),
    ],
)  # fmt: skip
def test_values_are_told_without_names_that_change_from_reading_to_reading(
    text: str, told: tuple[str, ...]
) -> None:
    assert said(text) == told
    assert said(text + " ") == told


def test_a_list_that_runs_in_a_circle_ends() -> None:
    rdf = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#"
    text = f":a :p _:x . _:x {rdf}first> 'x' ; {rdf}rest> _:y . _:y {rdf}first> 'y' ; {rdf}rest> _:x ."
    assert said(text) == ('( "x" "y" )',)


def test_nodes_that_lead_to_each_other_many_times_are_told_in_short() -> None:
    # Written out, each level would be told ten times by the one above it: 10 to the power of 18.
    levels = [
        f"_:n{i} {', '.join(f':q{k} _:n{i + 1}' for k in range(10)).replace(', ', ' ; ')} ."
        for i in range(18)
    ]
    (told,) = said(":a :p _:n0 .\n" + "\n".join(levels) + "\n_:n18 :q 'end' .")
    assert len(told) < 5_000
    (other,) = said(":a :p _:n0 .\n" + "\n".join(levels) + "\n_:n18 :q 'END' .")
    assert other != told


def test_nodes_within_nodes_within_nodes_end_somewhere() -> None:
    depth = 5_000
    (told,) = said(":a :p " + "[ :q " * depth + "'x'" + " ]" * depth + " .")
    assert told.endswith("[ … ]" + " ]" * 20)


def test_what_cannot_be_read_is_left_out_and_the_rest_is_told() -> None:
    assert said(":a :p 'x' . :b :p . :c :p 'z' .") == ('"x"',)
    assert describes(b"\xff\xfe\x00") == {}


def test_differences_are_by_property_and_leave_out_what_stays() -> None:
    old = describes((HEAD + ":a :p 'x', 'y' ; :q 1 .").encode())["https://example.org/a"]
    new = describes((HEAD + ":a :p 'y', 'z' ; :r 2 .").encode())["https://example.org/a"]
    assert [(one.property[-1], one.gone, one.new) for one in differences(old, new)] == [
        ("p", ('"x"',), ('"z"',)),
        ("q", ('"1"^^<http://www.w3.org/2001/XMLSchema#integer>',), ()),
        ("r", (), ('"2"^^<http://www.w3.org/2001/XMLSchema#integer>',)),
    ]
    assert list(differences(old, old)) == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", ("", (), "")),
        (":a dcterms:created '2026-01-01'^^xsd:date .", ("", (), "")),
        (
            ":c a arg:Contribution ; dcterms:created '2026-01-02'^^xsd:date ; dcterms:creator :z, :b, 'x' .",
            ("2026-01-02", ("https://example.org/b", "https://example.org/z"), "https://example.org/c"),
        ),
        (
            ":c a arg:Contribution ; dcterms:created 'some day', '2026-01-03T10:00:00Z' . "
            ":other dcterms:created '1999-01-01' .",
            ("2026-01-03", (), "https://example.org/c"),
        ),
    ],
)
def test_a_file_says_itself_when_and_by_whom_it_was_made(text: str, told: tuple[str, object, str]) -> None:
    assert entered((HEAD + text).encode()) == told
