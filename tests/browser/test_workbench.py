"""The workbench in a real browser, with the editor from npm and with our own; and the interface's page."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlencode

import pytest

from argraph.app import workbench
from argraph.workspace import Workspace

from ..conftest import absent
from ..contract.app.conftest import HERE
from ..servers import served
from .conftest import CONTRAST, FOCUS, tab_to, visit

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytestmark = pytest.mark.browser

OSAI = "https://w3id.org/argraph/open-source-ai/"
THESIS = "SELECT ?t ?label {\n  ?t a arg:Thesis ; skos:prefLabel ?label\n}"
PILLARS = "SELECT ?p ?label {\n  ?p arg:role arg:Pillar ; skos:prefLabel ?label\n}"
FAULTY = "SELECT ?x {\n  '🦀' nope:about ?x\n}"
SELECTED = "e => e.value.slice(e.selectionStart, e.selectionEnd)"


@pytest.fixture(scope="module", params=["yasgui", "plain"])
def editor(request: pytest.FixtureRequest) -> str:
    """Which editor the server has."""
    if request.param == "yasgui" and not workbench.YASGUI.is_dir():
        absent("The query editor from npm was not brought in (make parts).")
    return str(request.param)


@pytest.fixture(scope="module")
def address(editor: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the shipped debate is served: by a server with the editor from npm, or by one without it."""
    with pytest.MonkeyPatch.context() as patch:
        if editor == "plain":
            patch.setattr(workbench, "YASGUI", tmp_path_factory.mktemp("nothing"))
        with served(Workspace.open()) as client:
            yield str(client.base_url).rstrip("/")


class Bench:
    """What one does on the page, whichever editor it has."""

    def __init__(self, page: Page, editor: str) -> None:
        self.page = page
        self.large = editor == "yasgui"

    @property
    def field(self) -> Locator:
        """What has the focus when one writes."""
        return self.page.locator(".tabPanel.active .CodeMirror textarea" if self.large else "#query")

    @property
    def answer(self) -> Locator:
        """Where the answer is shown."""
        return self.page.locator(".tabPanel.active .answer" if self.large else "#answer")

    @property
    def text(self) -> str:
        """The query in the editor."""
        if self.large:
            shown = self.page.locator(".tabPanel.active .CodeMirror")
            return str(shown.evaluate("e => e.CodeMirror.getValue()"))
        return self.field.input_value()

    def visit(self, path: str = "/workbench") -> None:
        """Open the page and wait until its scripts have taken over."""
        self.page.goto(path)
        self.page.get_by_role("button", name="Copy link").wait_for()

    def write(self, text: str) -> None:
        """Replace the query as one who pastes does."""
        self.field.focus()
        self.page.keyboard.press("Control+A")
        self.page.keyboard.insert_text(text)

    def ask(self, text: str, told: str) -> None:
        """Write a query, send it by key, and wait for what the answer begins with."""
        self.write(text)
        self.page.keyboard.press("Control+Enter")
        self.answer.get_by_text(told, exact=True).first.wait_for()


def open_saved(page: Page, name: str) -> None:
    page.get_by_label("Begin with a saved question").select_option(name)
    page.get_by_role("button", name="Open").click()


SIZES: list[tuple[int, Literal["light", "dark"]]] = [(1440, "light"), (390, "dark")]


@pytest.mark.parametrize(("width", "scheme"), SIZES)
def test_a_saved_question_opens_and_runs_and_its_answer_leads_to_a_node(
    browser: Browser, address: str, editor: str, width: int, scheme: Literal["light", "dark"]
) -> None:
    with visit(browser, address, width=width, scheme=scheme) as page:
        bench = Bench(page, editor)
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        bench.visit()
        open_saved(page, "theses")
        bench.answer.get_by_role("heading", name="1 row").wait_for()
        assert bench.text.startswith("# What is being debated?\nPREFIX arg:")
        link = bench.answer.get_by_role("link", name="osai:th-open-must-win")
        assert link.get_attribute("href") == "/id/th-open-must-win"
        link.click()
        page.get_by_role("heading", level=1, name="Open source AI should prevail over closed").wait_for()
        assert {url.split("/")[2] for url in asked} == {address.split("/")[2]}


def test_a_fault_is_told_in_words_and_marked_at_its_place(
    browser: Browser, address: str, editor: str
) -> None:
    with visit(browser, address) as page:
        bench = Bench(page, editor)
        bench.visit()
        bench.ask(FAULTY, "Line 2, column 7")
        told = bench.answer.get_by_role("alert").inner_text()
        assert "The prefix “nope:” is not declared" in told
        assert "^" not in told
        if bench.large:
            assert page.locator(".fault-mark").inner_text() == "n"
            assert page.locator(".fault-line").count() == 1
            page.keyboard.insert_text("x")
            assert page.locator(".fault-mark, .fault-line").count() == 0
        else:
            assert bench.field.evaluate(SELECTED) == "n"
            assert bench.field.evaluate("e => e.value.slice(0, e.selectionStart)").endswith("'🦀' ")
            assert bench.field.evaluate("e => e === document.activeElement")


def test_the_address_keeps_the_query_through_back_reload_and_sharing(
    browser: Browser, address: str, editor: str
) -> None:
    with visit(browser, address) as page:
        bench = Bench(page, editor)
        bench.visit()
        bench.ask(THESIS, "1 row")
        assert page.locator(".parseErrorIcon").count() == 0  # our prefixes need not be declared
        bench.ask(PILLARS, "3 rows")
        shared = page.url
        page.go_back()
        bench.answer.get_by_role("heading", name="1 row").wait_for()
        assert bench.text == THESIS
        page.go_forward()
        bench.answer.get_by_role("heading", name="3 rows").wait_for()
        page.reload()
        bench.answer.get_by_role("heading", name="3 rows").wait_for()
        assert bench.text == PILLARS
    with visit(browser, address, width=390) as page:
        bench = Bench(page, editor)
        bench.visit(shared.removeprefix(address))
        bench.answer.get_by_role("heading", name="3 rows").wait_for()
        assert bench.text == PILLARS


def test_the_button_copies_the_address_of_the_query(browser: Browser, address: str, editor: str) -> None:
    with visit(browser, address) as page:
        page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=address)
        bench = Bench(page, editor)
        bench.visit()
        bench.write(THESIS)
        page.get_by_role("button", name="Copy link").click()
        page.get_by_role("button", name="Copied").wait_for()
        copied = page.evaluate("navigator.clipboard.readText()")
        assert copied == f"{address}/workbench#{urlencode({'query': THESIS})}"


def test_terms_are_proposed_by_name_and_by_label_from_this_server_alone(
    browser: Browser, address: str, editor: str
) -> None:
    with visit(browser, address) as page:
        bench = Bench(page, editor)
        bench.visit()
        if bench.large:
            bench.write("SELECT * {\n?s a ")
            page.keyboard.type("arg:Objec")
            page.get_by_text("arg:Objection objection").wait_for()
            page.keyboard.press("Enter")
            assert bench.text.startswith("PREFIX arg: <https://w3id.org/argraph/ns#>\n")
            assert bench.text.endswith("?s a arg:Objection")
            page.keyboard.type(" ; arg:attacks malicious")
            page.keyboard.press("Control+Space")
            page.get_by_text("osai:ob-malicious-use Releasing weights enables malicious use").click()
            assert bench.text.endswith("arg:attacks osai:ob-malicious-use")
            assert f"PREFIX osai: <{OSAI}>" in bench.text
            assert "PREFIX arg" in bench.text
        else:
            bench.write("SELECT * { ?s arg:attacks  }")
            for _ in range(2):
                page.keyboard.press("ArrowLeft")
            with page.expect_response("**/workbench/terms?*q=weights+enables*"):
                page.get_by_label("Find a term").fill("weights enables")
            options = page.locator("#terms option")
            options.first.wait_for(state="attached")
            assert options.first.get_attribute("value") == "osai:ob-malicious-use"
            assert options.first.inner_text() == "Releasing weights enables malicious use – objection"
            page.keyboard.press("Enter")
            assert bench.text == "SELECT * { ?s arg:attacks osai:ob-malicious-use }"
            page.keyboard.press("Control+Enter")
            bench.answer.locator("tbody tr").first.wait_for()


def test_everything_is_done_by_keyboard_alone(browser: Browser, address: str, editor: str) -> None:
    with visit(browser, address) as page:
        bench = Bench(page, editor)
        bench.visit()
        for _ in range(40):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.id") == "saved":
                break
        page.keyboard.type("What is being")
        tab_to(page, "Open")
        page.keyboard.press("Enter")
        bench.answer.get_by_role("heading", name="1 row").wait_for()
        bench.write(PILLARS)
        page.keyboard.press("Tab")
        assert not bench.field.evaluate("e => e === document.activeElement")
        if page.evaluate(FOCUS)["text"] != "Ask":
            tab_to(page, "Ask")
        page.keyboard.press("Enter")
        bench.answer.get_by_role("heading", name="3 rows").wait_for()
        tab_to(page, "osai:pil-safety")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert page.url.endswith("/id/pil-safety")


def test_an_answer_is_sorted_searched_and_drawn_in_parts(browser: Browser, address: str, editor: str) -> None:
    with visit(browser, address) as page:
        bench = Bench(page, editor)
        bench.visit()
        bench.ask("SELECT ?study ?year { ?study a arg:Study ; schema:datePublished ?year }", "year")
        rows = bench.answer.locator("tbody tr")
        total = int(bench.answer.get_by_role("heading").inner_text().split()[0])
        assert rows.count() == min(total, 200)
        years = rows.locator("td:nth-child(2)")
        header = bench.answer.get_by_role("button", name="year")
        header.click()
        up = years.all_inner_texts()
        assert up == sorted(up)
        header.click()
        assert years.all_inner_texts()[0] == max(up)
        assert bench.answer.locator("th[aria-sort]").get_attribute("aria-sort") == "descending"
        bench.answer.get_by_label("Find in these rows").fill("eiras")
        assert rows.count() >= 1
        assert all("eiras" in row.lower() for row in rows.all_inner_texts())


def test_more_rows_are_drawn_when_they_are_wanted(browser: Browser, address: str, editor: str) -> None:
    with visit(browser, address) as page:
        bench = Bench(page, editor)
        bench.visit()
        bench.ask("SELECT ?s ?p { ?s ?p ?o } LIMIT 450", "450 rows")
        assert bench.answer.locator("tbody tr").count() == 200
        bench.answer.get_by_role("button", name="Show more: 250 are left").click()
        assert bench.answer.locator("tbody tr").count() == 450
        assert not bench.answer.get_by_role("button", name="Show more").is_visible()


@pytest.mark.parametrize(
    ("query", "told", "form", "begins"),
    [
        (THESIS, "1 row", "CSV", "t,label\r\n" + OSAI),
        (THESIS, "1 row", "TSV", "?t\t?label\n<" + OSAI),
        (THESIS, "1 row", "JSON", '{"head"'),
        (THESIS, "1 row", "XML", "<?xml"),
        ("CONSTRUCT { ?t a arg:Thesis } { ?t a arg:Thesis }", "1 triple", "Turtle", "@prefix arg:"),
        ("CONSTRUCT { ?t a arg:Thesis } { ?t a arg:Thesis }", "1 triple", "N-Triples", "<" + OSAI),
    ],
)
def test_an_answer_is_taken_along(
    browser: Browser, address: str, editor: str, query: str, told: str, form: str, begins: str
) -> None:
    with visit(browser, address) as page:
        bench = Bench(page, editor)
        bench.visit()
        bench.ask(query, told)
        with page.expect_download() as waiting:
            bench.answer.get_by_role("button", name=form, exact=True).click()
        path = waiting.value.path()
        assert waiting.value.suggested_filename.startswith("argraph.")
        assert Path(path).read_bytes().decode().startswith(begins)


def test_yes_or_no_and_graphs_and_nothing_are_shown(browser: Browser, address: str, editor: str) -> None:
    with visit(browser, address) as page:
        bench = Bench(page, editor)
        bench.visit()
        bench.ask("ASK { ?x a arg:Thesis }", "Yes")
        bench.ask("ASK { ?x a arg:Nothing }", "No")
        bench.ask("SELECT * { ?x a arg:Nothing }", "Nothing in the debate fits.")
        bench.ask('CONSTRUCT { ?t rdfs:label "a\\n\\"ü\\" \\\\🦀"@en } { ?t a arg:Thesis }', "1 triple")
        assert bench.answer.locator("td").all_inner_texts() == [
            "osai:th-open-must-win",
            "rdfs:label",
            'a "ü" \\🦀',
        ]


def test_what_is_in_an_answer_is_text_and_never_markup(
    browser: Browser, editor: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("graph")
    shutil.copy(HERE / "hostile.ttl", folder)
    with pytest.MonkeyPatch.context() as patch:
        if editor == "plain":
            patch.setattr(workbench, "YASGUI", folder)
        with served(Workspace.open(folder)) as client, visit(browser, str(client.base_url)) as page:
            bench = Bench(page, editor)
            bench.visit()
            bench.ask('SELECT ("<img src=x onerror=alert(1)>{{x}}" AS ?x) {}', "1 row")
            assert bench.answer.locator("td").inner_text() == "<img src=x onerror=alert(1)>{{x}}"
            bench.ask("SELECT ?o { ?s ?p ?o FILTER(!isBlank(?o)) }", "o")
            for link in bench.answer.locator("td a").all():
                assert (link.get_attribute("href") or "").startswith(("/", "http://", "https://"))


def test_no_page_scrolls_sideways_and_every_text_stands_out(
    browser: Browser, address: str, editor: str
) -> None:
    found: dict[tuple[object, ...], object] = {}
    schemes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    for scheme in schemes:
        with visit(browser, address, scheme=scheme) as page:
            bench = Bench(page, editor)
            bench.visit()
            for state, query, told in (
                ("rows", PILLARS + " # word", "3 rows"),
                ("fault", FAULTY, "Line 2, column 7"),
                ("graph", "CONSTRUCT WHERE { ?s a arg:Thesis }", "1 triple"),
            ):
                bench.ask(query, told)
                for width in (320, 390, 720, 1440):
                    page.set_viewport_size({"width": width, "height": 844})
                    if (wide := page.evaluate("document.documentElement.scrollWidth")) != width:
                        found[scheme, state, width] = wide
                if faint := page.evaluate(CONTRAST):
                    found[scheme, state] = faint
    assert found == {}


def test_without_scripts_the_form_asks_the_endpoint(browser: Browser, address: str, editor: str) -> None:
    with visit(browser, address, scripts=False) as page:
        page.goto("/workbench")
        page.get_by_label("Begin with a saved question").select_option("theses")
        page.get_by_role("button", name="Open").click()
        field = page.get_by_label("Query")
        assert field.input_value().startswith("# What is being debated?")
        field.fill(THESIS)
        with page.expect_navigation():
            page.get_by_role("button", name="Ask").click()
        assert page.url.startswith(f"{address}/sparql?query=SELECT")


def test_tabs_are_few_and_a_question_opened_twice_has_one(
    browser: Browser, address: str, editor: str
) -> None:
    with visit(browser, address) as page:
        bench = Bench(page, editor)
        bench.visit()
        tabs = page.get_by_role("tab")
        if editor == "plain":
            assert tabs.count() == 0
            return
        assert tabs.all_inner_texts() == ["Query\n✖"]
        for _ in range(2):
            open_saved(page, "theses")
            bench.answer.get_by_role("heading", name="1 row").wait_for()
        open_saved(page, "pillars")
        bench.answer.get_by_role("heading", name="9 rows").wait_for()
        assert tabs.count() == 3
        page.reload()
        bench.answer.get_by_role("heading", name="9 rows").wait_for()
        assert tabs.count() == 3
        for left in (2, 1):
            page.locator(".tab.active .closeTab").click()
            tabs.nth(left).wait_for(state="detached")
        page.locator(".tab.active .closeTab").click()
        page.get_by_role("tab", name="Query").wait_for()  # there is always one to write in
        assert tabs.count() == 1
        bench.ask(THESIS, "1 row")


def test_a_large_editor_can_be_exchanged_for_a_plain_one(browser: Browser, address: str, editor: str) -> None:
    with visit(browser, address) as page:
        page.goto("/workbench")
        if editor == "plain":
            assert page.get_by_role("link", name="larger editor").count() == 0
            return
        page.get_by_role("link", name="A plain text field").click()
        page.get_by_label("Find a term").wait_for()
        bench = Bench(page, "plain")
        bench.visit("/workbench?editor=plain")
        bench.ask(THESIS, "1 row")
        assert "?editor=plain#query=" in page.url
        page.get_by_role("link", name="The larger editor").click()
        page.locator(".CodeMirror").wait_for()


@pytest.mark.parametrize(("width", "scheme"), SIZES)
def test_the_interface_is_described_on_a_page_that_needs_no_other_server(
    browser: Browser, address: str, editor: str, width: int, scheme: Literal["light", "dark"]
) -> None:
    with visit(browser, address, width=width, scheme=scheme) as page:
        page.goto("/docs")
        page.get_by_text("Answer a saved question").wait_for()
        operation = page.locator(".opblock", has_text="/healthz")
        operation.get_by_role("button").first.click()
        operation.get_by_role("button", name="Try it out").click()
        operation.get_by_role("button", name="Execute").click()
        operation.get_by_text('"status": "ok"').first.wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") == width
