"""Every page of every node: there, sound, and harmless."""

from __future__ import annotations

import re
from collections import Counter
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from urllib.parse import urldefrag, urljoin, urlsplit

import httpx
import pyoxigraph as ox
import pytest

from argraph import resources, vocab
from argraph.app.cards import Card, Cards, web_link
from argraph.app.overview import Overview
from argraph.app.pages import Pages, RecordPage, StatementPage, StepPage, StudyPage
from argraph.app.vocabulary import Vocabulary
from argraph.argument import derived
from argraph.argument.wording import spoken
from argraph.workspace import Workspace

OSAI = "https://w3id.org/argraph/open-source-ai/"
BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
VOID = {"meta", "link", "img", "input", "br", "source"}
OUTSIDE = {"http", "https"}


class Page(HTMLParser):
    """What is in a page, and what is wrong with it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: Counter[str] = Counter()
        self.levels: list[int] = []
        self.tags: Counter[str] = Counter()
        self.faults: list[str] = []
        self.words: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        self.faults += [f"<{tag}> is not closed" for tag in self._open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Check an element; see HTMLParser."""
        self.tags[tag] += 1
        if tag not in VOID and not self.in_svg(tag):
            self._open.append(tag)
        names = [name for name, _ in attrs]
        self.faults += [f"{name}= twice" for name, times in Counter(names).items() if times > 1]
        if tag in {"style", "iframe", "object", "embed", "base"} or (tag == "script" and not harmless(attrs)):
            self.faults.append(f"<{tag}>")
        for name, value in attrs:
            if name.startswith("on") or name in {"style", "srcdoc"}:
                self.faults.append(f"{name}=")
            if name in {"href", "src", "action"}:
                self.links.append(value or "")
            if name == "id":
                self.ids[value or ""] += 1
        if tag in {"h1", "h2", "h3", "h4", "h5", "h6"}:
            self.levels.append(int(tag[1]))

    def in_svg(self, tag: str) -> bool:
        """Whether an element is a shape, which closes itself."""
        return tag in {"path", "circle", "rect", "use"}

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A shape of a drawing."""
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        """Check nesting."""
        if not self._open or self._open.pop() != tag:
            self.faults.append(f"</{tag}> out of place")

    def handle_data(self, data: str) -> None:
        """Collect text."""
        self.words.append(data)

    @property
    def text(self) -> str:
        """The page's words."""
        return " ".join(" ".join(self.words).split())


def harmless(attrs: list[tuple[str, str | None]]) -> bool:
    """Whether a script element names a file of this server, or holds data that nobody executes."""
    given = dict(attrs)
    data = {"application/json", "application/ld+json"}
    return (given.get("src") or "").startswith("/static/") or given.get("type") in data


def sound(text: str) -> Page:
    """Check what must hold of every page and give what is in it."""
    page = Page(text)
    assert page.faults == []
    assert page.levels[:1] == [1]
    assert page.levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(page.levels)), page.levels
    assert [name for name, times in page.ids.items() if times > 1] == []
    assert page.tags["main"] == page.tags["title"] == 1
    for link in page.links:
        assert urlsplit(link).scheme in OUTSIDE or link.startswith(("/", "#")), link
        assert not link.startswith("//"), link
    return page


def crawl(client: httpx.Client) -> dict[str, Page]:
    """Every page that can be reached from the start page, by address.

    Downloads and answered queries are left out, and what is selected in the map of a thesis: that is one page
    each time.
    """
    pages: dict[str, Page] = {}
    waiting = ["/", "/queries", "/ontology", "/sparql"]
    while waiting:
        address = waiting.pop()
        if address in pages:
            continue
        answer = client.get(address, headers=BROWSER)
        assert answer.status_code == 200, (address, answer.text)
        assert answer.headers["content-type"].startswith("text/html"), address
        page = pages[address] = sound(answer.text)
        for link in page.links:
            target, fragment = urldefrag(urljoin(address, link))
            if link.startswith("#"):
                assert fragment in page.ids, (address, link)
            elif link.startswith("/") and not (
                "format=" in link
                or "?node=" in link
                or link.startswith(("/static", "/favicon", "/openapi.json"))
                or (link.startswith("/t/") and ("?" in link or link.endswith("/network")))
            ):
                waiting.append(target)
    return pages


def named(workspace: Workspace) -> set[str]:
    asserted = (quad.subject for quad in workspace.store.raw if quad.graph_name != derived.GRAPH)
    return {subject.value for subject in asserted if isinstance(subject, ox.NamedNode)}


@pytest.fixture(scope="module")
def shipped_site(client: httpx.Client) -> dict[str, Page]:
    return crawl(client)


@pytest.fixture(scope="module")
def hostile_site(hostile_client: httpx.Client) -> dict[str, Page]:
    return crawl(hostile_client)


@pytest.fixture(scope="module")
def words() -> Vocabulary:
    return Vocabulary(resources.ontology())


@pytest.fixture(scope="module")
def pages(shipped: Workspace, words: Vocabulary) -> Pages:
    return Pages(shipped, words)


def test_every_node_of_the_debate_is_reached_from_the_start_page_by_links(
    shipped: Workspace, words: Vocabulary, shipped_site: dict[str, Page]
) -> None:
    cards = Cards(shipped, words)
    assert {cards.page(iri) for iri in named(shipped)} - set(shipped_site) == set()


def test_links_into_the_vocabulary_lead_to_a_term(shipped_site: dict[str, Page]) -> None:
    links = {link for page in shipped_site.values() for link in page.links if "/ontology#" in link}
    terms = {link.partition("#")[2] for link in links}
    assert {"SchemeCauseToEffect", "ObservationalStudy"} <= terms
    assert terms <= set(shipped_site["/ontology"].ids)


def test_every_node_of_a_hostile_debate_has_a_sound_page(
    hostile: Workspace, words: Vocabulary, hostile_client: httpx.Client, hostile_site: dict[str, Page]
) -> None:
    cards = Cards(hostile, words)
    for iri in named(hostile):
        answer = hostile_client.get(cards.page(iri), headers=BROWSER)
        assert answer.status_code == 200, iri
        sound(answer.text)
        assert iri in Page(answer.text).text or iri.startswith(vocab.ARG), iri


def test_markup_in_the_data_is_shown_and_not_obeyed(hostile_site: dict[str, Page]) -> None:
    thesis = hostile_site["/id/thesis"]
    assert "\"><script>alert('thesis')</script>{{ 7*7 }}{% raw %}" in thesis.text
    assert "<img src=x onerror=alert(1)> &lt;script&gt; javascript:alert(1) href" in thesis.text
    assert "49" not in hostile_site["/"].text


@pytest.mark.parametrize("study", ["study", "study-data", "study-odd-url", "study-no-host"])
def test_an_address_that_is_not_on_the_web_is_no_link(hostile_site: dict[str, Page], study: str) -> None:
    page = hostile_site[f"/id/{study}"]
    assert "Read it" not in page.text
    assert [link for link in page.links if urlsplit(link).scheme] == []


def test_an_identifier_stays_within_the_address_of_its_resolver(hostile_site: dict[str, Page]) -> None:
    (doi,) = (x for x in hostile_site["/id/study-doi"].links if x.startswith("https:"))
    assert doi == "https://doi.org/10.1/%22%3E%3Cscript%3Ealert(1)%3C/script%3E%20%3Fx%23y"
    (arxiv,) = (x for x in hostile_site["/id/study-arxiv"].links if x.startswith("https:"))
    assert arxiv.startswith("https://arxiv.org/abs/")
    assert '"' not in arxiv


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JAVASCRIPT:alert(1)",
        "data:text/html,x",
        "https:",
        "https:///x",
        "//host",
        "x",
        "",
        "http://[",
        "https://host/a b",
        "https://host/\n",
    ],
)
def test_only_web_addresses_become_links(url: str) -> None:
    assert web_link(url) is None


def test_a_web_address_is_named_by_its_host() -> None:
    link = web_link("https://www.example.org/a?b#c")
    assert link is not None
    assert (link.href, link.text) == ("https://www.example.org/a?b#c", "example.org")


def test_a_thesis_outside_every_debate_is_listed_too(hostile_site: dict[str, Page]) -> None:
    assert "A thesis outside every debate" in hostile_site["/"].text
    assert "Other theses" in hostile_site["/"].text


def test_the_start_page_presents_thesis_pillars_and_unanswered_objections(pages: Pages) -> None:
    start = Overview(pages.cards, pages.findings).start()
    assert start.only is not None
    assert start.only.card.label == "Open source AI should prevail over closed systems"
    assert [card.label for reason in start.only.pillars for card in reason.argument.premises] == [
        "Collaboration accelerates AI innovation",
        "Openness spreads economic benefits",
        "Transparency makes AI safer",
    ]
    assert [card.label for card in start.only.pillars[2].branches] == [
        "Openness creates accountability",
        "Open models make regulation and oversight work better",
    ]
    assert start.unanswered
    for card, _ in start.unanswered:
        assert (card.kind, card.unanswered) == ("objection", True)


def test_an_objection_whose_every_attack_is_itself_attacked_counts_as_answered(pages: Pages) -> None:
    unanswered = {card.label for card, _ in Overview(pages.cards, pages.findings).start().unanswered}
    assert "Inspection cannot rule out planted backdoors" in unanswered
    assert "Paying users still choose closed models" not in unanswered  # only its inference is disputed


def test_an_objection_with_one_attack_that_nobody_questions_counts_as_unanswered(
    tmp_path: Path, words: Vocabulary
) -> None:
    lines = [
        f"@prefix arg: <{vocab.ARG}> .",
        *(
            f"<urn:{name}> a arg:{kind} ."
            for name, kind in (("a", "Claim"), ("b", "Claim"), ("ob", "Objection"))
        ),
        "<urn:one> a arg:Attack ; arg:premise <urn:ob> ; arg:target <urn:a> .",
        "<urn:two> a arg:Attack ; arg:premise <urn:ob> ; arg:target <urn:b> .",
        "<urn:reply> a arg:Rebuttal .",
        "<urn:undercut> a arg:Attack ; arg:premise <urn:reply> ; arg:target <urn:one> .",
    ]
    (tmp_path / "one.ttl").write_text("\n".join(lines))
    cards = Cards(Workspace.open(tmp_path), words)
    assert not cards.answered(cards.argument.nodes["urn:ob"])
    more = "<urn:undercut-2> a arg:Attack ; arg:premise <urn:reply> ; arg:target <urn:two> ."
    (tmp_path / "one.ttl").write_text("\n".join([*lines, more]))
    cards = Cards(Workspace.open(tmp_path), words)
    assert cards.answered(cards.argument.nodes["urn:ob"])


def test_a_statement_tells_the_command_that_begins_a_reply(client: httpx.Client) -> None:
    page = client.get("/id/ob-hidden-backdoors", headers=BROWSER).text
    assert "argraph new rebuttal --against ob-hidden-backdoors -o my-file.ttl" in page
    page = client.get("/id/pil-safety", headers=BROWSER).text
    assert "argraph new objection --against pil-safety -o my-file.ttl" in page


def test_no_command_is_told_that_a_shell_would_misread(hostile_site: dict[str, Page]) -> None:
    told = [page.text for page in hostile_site.values() if "argraph new" in page.text]
    commands = {command for text in told for command in re.findall(r"--(?:against|to) (.*?) -o", text)}
    assert "thesis" in commands
    assert all(re.fullmatch(r"[A-Za-z0-9_./-]+", command) for command in commands), commands


def statement(pages: Pages, name: str) -> StatementPage:
    page = pages.of(OSAI + name)
    assert isinstance(page, StatementPage)
    return page


def labels(cards: tuple[Card, ...]) -> list[str]:
    return [card.label for card in cards]


def test_a_statement_shows_each_attack_with_its_answers(pages: Pages) -> None:
    page = statement(pages, "pil-safety")
    attacks = {argument.premises[0].label: argument for argument in page.attacks}
    malicious = attacks["Releasing weights enables malicious use"]
    assert malicious.relation.word == "objects to"
    assert "The knowledge to build advanced AI is already published" in [
        r.premises[0].label for r in malicious.replies
    ]
    assert {d.premises[0].label for d in malicious.doubts} == {
        "Added risk over existing tools has not been shown",
        "Most real misuse is simple and also uses closed services",
    }
    assert all(reply.replies == () for reply in malicious.replies)  # one level; deeper ones are counted


def test_a_support_shows_what_attacks_the_inference(pages: Pages) -> None:
    (doubted,) = (
        a for a in statement(pages, "pil-safety").supports if a.premises[0].label.startswith("More eyes")
    )
    (doubt,) = doubted.doubts
    assert (doubt.relation.kind, labels(doubt.premises)) == (
        "undercut",
        ["Inspection cannot rule out planted backdoors"],
    )


def test_an_objection_lists_replies_that_deny_that_it_follows(pages: Pages) -> None:
    page = statement(pages, "ob-malicious-use")
    assert {argument.premises[0].label for argument in page.disputes} == {
        "Added risk over existing tools has not been shown",
        "Most real misuse is simple and also uses closed services",
    }


def test_findings_come_with_direction_grade_citation_and_whether_they_were_checked(pages: Pages) -> None:
    page = statement(pages, "cl-oss-fast-fixes")
    finding = next(f for f in page.findings_for if f.href == "/id/ev-arora2010-patch")
    assert finding.relation is not None
    assert finding.grade is not None
    assert (finding.relation.word, finding.directness, finding.grade.word) == (
        "speaks for",
        "direct",
        "moderate",
    )
    assert finding.verification == "Not yet checked against its source"
    assert not finding.checked
    (citation,) = finding.citations
    assert citation.text == "Arora et al. 2010"
    assert citation.source is not None
    assert citation.source.href == "https://doi.org/10.1287/isre.1080.0226"
    assert {f.relation.word for f in page.findings_against if f.relation} == {"speaks against"}


def test_findings_come_strongest_first_and_direct_before_indirect(pages: Pages, shipped: Workspace) -> None:
    for node in shipped.argument.nodes.values():
        found = pages.findings.on(node.iri, favourable=True)
        lines = [shipped.verdicts[shipped.resolve(f.step)] for f in found]
        order = [
            (-round(line.lower, 6), f.directness == "indirect") for f, line in zip(found, lines, strict=True)
        ]
        assert order == sorted(order)


def test_the_way_to_the_thesis_names_each_stop_with_its_relation(pages: Pages) -> None:
    crumbs = statement(pages, "cl-oss-fast-fixes").about.crumbs
    assert [(crumb.link.text, crumb.relation and crumb.relation.sign) for crumb in crumbs] == [
        ("Open source AI should prevail over closed systems", None),
        ("Transparency makes AI safer", "+"),
        ("More eyes on code and architecture improve safety", "+"),
        ("Open source communities fix vulnerabilities faster than closed teams", "+"),
    ]


def test_the_way_to_the_thesis_stops_at_an_attacked_inference(pages: Pages) -> None:
    step = pages.of(OSAI + "at-hidden-backdoors-on-many-eyes-safety")
    assert [crumb.link.text for crumb in step.about.crumbs][-2:] == [
        "this inference",
        "this inference",
    ]
    assert [crumb.link.href for crumb in step.about.crumbs][-2:] == [
        "/id/su-many-eyes-safety",
        "/id/at-hidden-backdoors-on-many-eyes-safety",
    ]


def test_an_undercut_is_told_in_a_sentence(pages: Pages) -> None:
    page = pages.of(OSAI + "at-hidden-backdoors-on-many-eyes-safety")
    assert isinstance(page, StepPage)
    assert page.about.title == (
        "“Inspection cannot rule out planted backdoors” disputes that "
        "“More eyes on code and architecture improve safety” supports “Transparency makes AI safer”"
    )
    assert page.argument.end is None
    assert page.argument.end_step is not None
    assert page.argument.end_step.href == "/id/su-many-eyes-safety"


def test_a_step_names_its_pattern_of_reasoning_and_the_questions_to_put_to_it(pages: Pages) -> None:
    page = pages.of(OSAI + "su-many-eyes-safety")
    assert isinstance(page, StepPage)
    assert page.argument.scheme is not None
    assert (page.argument.scheme.href, page.argument.scheme.text) == (
        "/ontology#SchemeCauseToEffect",
        "cause to effect",
    )
    assert "How strong is the general link between the two?" in page.questions
    assert len(page.doubts) == 1


def test_a_study_shows_its_findings_and_what_they_bear_on(pages: Pages) -> None:
    page = pages.of(OSAI + "study-arora2010-patch")
    assert isinstance(page, StudyPage)
    ((finding, lines),) = page.findings
    assert finding.href == "/id/ev-arora2010-patch"
    assert "/id/cl-oss-fast-fixes" in [line.statement.href for line in lines if line.statement]
    assert page.citation.source is not None
    assert page.citation.source.text == "doi:10.1287/isre.1080.0226"


def test_evidence_without_a_label_is_named_by_its_studies(pages: Pages) -> None:
    assert pages.of(OSAI + "ev-arora2010-patch").about.title == "Arora et al. 2010"


def test_a_statement_names_the_paragraphs_that_it_was_taken_from(pages: Pages) -> None:
    (origin,) = statement(pages, "pil-safety").sources
    assert origin.work == "Open Source AI Must Win: Why Transparency Beats Closed Systems"
    assert [link.text for link in origin.parts] == [
        "paragraph 0",
        "paragraph 2",
        "paragraph 3",
        "paragraph 4",
    ]


def test_a_statement_names_the_contribution_that_it_came_with(pages: Pages) -> None:
    (entered,) = statement(pages, "cl-many-eyes").about.entered
    assert (entered.link.href, entered.link.text) == (
        "/id/contribution-safety",
        "Safety through scrutiny, and the supply chain",
    )
    assert [(agent.href, agent.text) for agent in entered.by] == [
        ("https://w3id.org/argraph/#editors", "editors")
    ]
    assert entered.date == "2026-11-23"


def test_a_contribution_lists_what_it_brought_in(pages: Pages) -> None:
    page = pages.of(OSAI + "contribution-safety")
    assert isinstance(page, RecordPage)
    assert [group.title for group in page.record.groups] == ["Statements", "Studies"]
    assert "/id/cl-many-eyes" in [entry.href for entry in page.record.groups[0].entries]


def test_an_article_lists_its_paragraphs_in_order(pages: Pages) -> None:
    page = pages.of(OSAI + "article")
    assert isinstance(page, RecordPage)
    (parts,) = page.record.groups
    assert [entry.href for entry in parts.entries] == [f"/id/paragraph-{number:02}" for number in range(21)]
    assert {fact.name: fact.values for fact in page.record.facts}["authors"] == ("Dave Ritchie",)


def test_what_is_recorded_of_the_search_for_replies_is_told_as_such(pages: Pages) -> None:
    assert statement(pages, "ob-hidden-backdoors").remarks == (
        "Those who entered it found no reply in the literature collected that defeats it.",
    )


def test_a_file_of_no_contribution_is_named_without_its_folder(hostile: Workspace, words: Vocabulary) -> None:
    page = Pages(hostile, words).of("https://hostile.example/d/thesis")
    assert [(entry.link.href, entry.link.text) for entry in page.about.entered] == [
        ("/id/contribution", "<script>alert('contribution')</script>"),
        ("", "<b>more & more'.ttl"),
    ]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Byron, Ada", "Ada Byron"),
        ("Open Source Initiative", "Open Source Initiative"),
        ("King, Jr, M", "King, Jr, M"),
    ],
)
def test_names_are_shown_as_one_says_them(name: str, said: str) -> None:
    assert spoken(name) == said


def test_every_term_of_the_vocabulary_has_one_place_and_a_definition(words: Vocabulary) -> None:
    terms = [term for section in words.sections for term in section.terms]
    assert [iri for iri, times in Counter(term.iri for term in terms).items() if times > 1] == []
    assert [term.name for term in terms if not term.definition] == []
    assert words.word("VeryLow") == "very low"
    assert words.word("NotDefinedAnywhere") == "not defined anywhere"
