"""From an objection to the map that shows it: by mouse, by keyboard, and without script."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from argraph.app.reception import Quota
from argraph.contribution.form import Answers, written
from argraph.workspace import Workspace

from ..contract.app.receiving import House, house
from ..injection import ATTACKS
from ..servers import served
from .conftest import CONTRAST, comes, tab_to, until, visit
from .test_accessibility import axe, violations
from .test_injection import FOREIGN

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

pytestmark = pytest.mark.browser

__all__ = ["axe"]

MUCH = Quota(seconds=3_000, anonymous_seconds=3_000, files=1_000, anonymous_files=1_000)
TITLE = "Few can run what all may download"
SENTENCE = "Running a large open model takes hardware that few people own."
SELECTED = """[...document.querySelectorAll('#text')]
  .map(e => e.value.slice(e.selectionStart, e.selectionEnd)).join('')"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A server that takes contributions from everybody, on a copy of the shipped debate."""
    with house(tmp_path_factory.mktemp("house"), anonymous=True, quota=MUCH) as opened:
        for _ in range(60):  # until what checks files has read the debate
            if opened.hand_in(b"<urn:a> <urn:b> <urn:c> .", None, dry_run=1).status_code != 503:
                break
            time.sleep(1)
        yield opened


@pytest.fixture(scope="module")
def address(place: House) -> str:
    return str(place.client.base_url).rstrip("/")


@pytest.fixture(scope="module")
def closed() -> Iterator[str]:
    """The address of a server that takes none."""
    with served(Workspace.open(), quota=MUCH) as client:
        yield str(client.base_url).rstrip("/")


def checked(page: Page, words: str) -> None:
    """Wait until the check of what is written says so."""
    told = page.locator("#checked")
    for _ in range(1200):
        if words in (told.text_content() or ""):
            break
        page.wait_for_timeout(50)
    else:
        raise AssertionError(f"not “{words}”, but “{told.text_content()}”")
    until(page, "!document.querySelector('#results[aria-busy]')")


def text(page: Page) -> str:
    return page.locator("#text").input_value()


def squiggles(page: Page) -> list[str]:
    found: list[str] = page.locator(".sheet .squiggle.violation").all_inner_texts()
    return found


def answered(page: Page, title: str = TITLE, sentence: str = SENTENCE) -> None:
    page.get_by_label("Your objection in a few words").fill(title)
    page.get_by_label("The same in one full sentence").fill(sentence)
    page.get_by_label("What bears it out").fill("ev-arora2010-patch")
    page.get_by_label("You", exact=True).fill("Jane Doe")


def sign_in(page: Page, place: House, name: str) -> None:
    page.goto("/sign-in")
    page.get_by_label("Token").fill(place.secret(name))
    page.get_by_role("button", name="Sign in").click()
    page.get_by_text(f"Signed in as {name}").wait_for()


def mistaken_and_mended(page: Page) -> None:
    """Make two mistakes by hand, and mend them with the help of the list."""
    page.locator("#text").fill(
        text(page)
        .replace("a arg:Objection", "a arg:Objektion")
        .replace("arg:target osai:pil-innovation", "arg:target osai:pil-inovation")
    )
    checked(page, "2 faults.")
    assert squiggles(page) == ["arg:Objektion", "osai:pil-inovation"]
    assert page.locator(".sheet .line[data-sign='✕']").count() == 2
    assert page.locator("#text").get_attribute("aria-invalid") == "true"
    first = page.locator("#faults > li").first
    assert "There is no class arg:Objektion." in first.inner_text()
    first.get_by_role("button", name="Write arg:Objection").click()
    checked(page, "1 fault.")
    place_of = page.get_by_role("button", name=re.compile(r"Line \d+, column 16"))
    place_of.click()
    assert page.evaluate(SELECTED) == "osai:pil-inovation"
    page.keyboard.type("osai:pil-innovation")
    checked(page, "No faults.")
    assert squiggles(page) == []
    page.get_by_text("Nothing: it can be handed in.").wait_for()


# -- the way ------------------------------------------------------------------------------------------------


def test_a_visitor_objects_and_the_map_shows_it_once_a_reviewer_accepts(
    browser: Browser, place: House, address: str
) -> None:
    with visit(browser, address) as page:
        page.goto("/id/pil-innovation")
        assert page.locator(".verdict").inner_text().endswith("the one attack on it fails.")
        page.get_by_role("link", name="Object to this").click()
        page.get_by_role("heading", name="Object to “Collaboration accelerates AI innovation”").wait_for()
        answered(page)
        checked(page, "No faults.")
        assert TITLE in text(page)

        mistaken_and_mended(page)
        turn = page.locator(".turns > li")
        assert turn.count() == 1
        assert turn.locator(".badge").all_text_contents() == ["✓ stands", "✕ does not stand"]
        assert turn.get_by_role("link").first.get_attribute("href") == "/id/pil-innovation"
        page.get_by_role("button", name="Hand it in").click()
        page.get_by_text("Thank you: it was handed in, and waits for a reviewer.").wait_for()
        link = page.url
        assert page.evaluate("sessionStorage.length") == 0

    with visit(browser, address) as page:
        page.goto("/review")
        page.get_by_label("Token").fill(place.secret("ruth"))
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("link", name=f"Objection: {TITLE}").click()
        page.get_by_text("Checked just now against the debate of now: no faults.").wait_for()
        assert page.locator(".turns > li").count() == 1
        new = page.locator(".differs.added", has_text=TITLE).first
        assert new.locator(".differs-head").inner_text().split() == ["+", "new", "objection"]
        assert SENTENCE in new.inner_text()
        page.get_by_label("Comment").fill("Well put.")
        page.get_by_role("button", name="Accept").click()
        page.get_by_role("heading", name="What it changed").wait_for()

    with visit(browser, address) as page:
        page.goto(link)
        page.get_by_text("It was accepted, and is part of the debate.").wait_for()
        page.get_by_text("Well put.").first.wait_for()
        page.goto("/t/th-open-must-win?view=map&c=pil-innovation&open=pil-innovation")
        page.locator("#details h2", has_text="Collaboration accelerates").wait_for()
        assert page.locator("#details .badge").first.inner_text().endswith("does not stand")
        card = page.locator(".node", has_text=TITLE)
        card.wait_for()
        assert "stands" in card.inner_text()
        assert page.locator("#details").get_by_role("link", name="Object to this").get_attribute("href") == (
            "/contribute?kind=objection&against=pil-innovation"
        )


def test_the_same_by_keyboard_alone(browser: Browser, place: House, address: str) -> None:
    title = "Openness came late to the gains"
    with visit(browser, address) as page:
        page.goto("/id/pil-economics")
        tab_to(page, "Object to this")
        page.keyboard.press("Enter")
        page.locator("body:has(.editor.live)").wait_for()
        for label, told in (
            ("Your objection in a few words", title),
            ("The same in one full sentence", "The gains were there before any weights were open."),
            ("What bears it out", "ev-arora2010-patch"),
            ("You", "Jane Doe"),
        ):
            until_focused(page, label)
            page.keyboard.type(told)
        checked(page, "No faults.")

        mended_by_keyboard(page)
        tab_to(page, "Hand it in")
        page.keyboard.press("Enter")
        page.get_by_text("Thank you").wait_for()

    with visit(browser, address) as page:
        page.goto("/review")
        until_focused(page, "Token")
        page.keyboard.type(place.secret("ruth"))
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="The queue").wait_for()
        tab_to(page, f"Objection: {title}")
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="Your decision").wait_for()
        page.wait_for_load_state()
        tab_to(page, "Accept")
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="What it changed").wait_for()
    answer = place.client.get("/id/pil-economics", headers={"accept": "text/html"})
    assert title in answer.text


def mended_by_keyboard(page: Page) -> None:
    until_focused(page, "Your contribution in Turtle")
    page.keyboard.press("Control+Home")
    wanted = text(page).split("\n").index("osai:ob-openness-came-late-gains a arg:Objection ;")
    here = "document.querySelector('#text').value.slice(0, document.querySelector('#text').selectionStart)"
    while page.evaluate(f"{here}.split('\\n').length") <= wanted:
        page.keyboard.press("ArrowDown")
    page.keyboard.press("End")
    for _ in range(3):
        page.keyboard.press("ArrowLeft")  # before “n ;”
    page.keyboard.type("x")
    checked(page, "1 fault.")
    assert squiggles(page) == ["arg:Objectioxn"]

    page.keyboard.press("Tab")  # the field does not hold the keyboard
    assert page.evaluate("document.activeElement.textContent") == "Check it"
    page.keyboard.press("Shift+Tab")
    assert page.evaluate("document.activeElement.id") == "text"
    page.keyboard.press("F8")
    assert page.evaluate(SELECTED) == "arg:Objectioxn"
    checked(page, "There is no class arg:Objectioxn.")
    tab_to(page, "Write arg:Objection")
    page.keyboard.press("Enter")
    checked(page, "No faults.")
    assert "a arg:Objection ;" in text(page)
    page.keyboard.press("Control+z")  # what a button has written can be taken back like what one types
    assert "a arg:Objectioxn ;" in text(page)
    page.keyboard.press("Control+y")
    checked(page, "No faults.")


def until_focused(page: Page, label: str) -> None:
    """Press Tab until a field has the focus."""
    field = page.get_by_label(label, exact=label in {"You", "Token"})
    for _ in range(120):
        page.keyboard.press("Tab")
        if field.evaluate("e => e === document.activeElement"):
            return
    raise AssertionError(f"no way by Tab to {label}")


def test_the_same_without_script(browser: Browser, place: House, address: str) -> None:
    title = "Reading takes years of training"
    with visit(browser, address, scripts=False) as page:
        page.goto("/id/cl-many-eyes")
        page.get_by_role("link", name="Object to this").click()
        answered(page, title, "Whoever wants to read such code has to learn for years how to.")
        page.get_by_role("button", name="Write it as a file").click()
        page.locator("#text").fill(text(page).replace("a arg:Objection", "a arg:Objektion"))
        page.get_by_role("button", name="Check it").click()
        fault = page.locator("#faults > li")
        assert "There is no class arg:Objektion." in fault.inner_text()
        fault.get_by_role("link").click()
        line = page.locator(page.url[page.url.index("#L") :])
        assert line.locator(".squiggle").inner_text() == "arg:Objektion"
        assert line.evaluate("e => e.matches(':target')")
        page.locator("#text").fill(text(page).replace("Objektion", "Objection"))
        page.get_by_role("button", name="Hand it in").click()
        page.get_by_text("Thank you").wait_for()
        sign_in(page, place, "ruth")
        page.get_by_role("link", name=f"Objection: {title}").click()
        page.get_by_label("the debate says this already").check()
        page.get_by_label("Comment").fill("It is in there.")
        page.get_by_role("button", name="Do not take it").click()
        page.get_by_role("listitem").filter(has_text="the debate says this already").first.wait_for()
        page.get_by_role("button", name="Sign out").click()
        page.wait_for_url(lambda url: url.rstrip("/") == address)
        page.goto("/review")
        page.get_by_role("heading", name="Sign in").wait_for()
    assert place.client.get("/id/ob-reading-takes-years-training").status_code == 404


FOUND = {
    "The finding in one sentence": "Of 40 teams, 31 found a fault of their model by reading its code.",
    "Title": "How teams find faults",
    "Authors": "Byron, Ada\nTuring, Alan",
    "Year": "2024",
    "Journal, conference or site": "Journal of Looking",
    "You": "0000-0002-1825-0097",
}
CHOSEN = {
    "What it says to the statement": "For",
    "How near it comes to it": "Direct",
    "What it is": "JournalArticle",
    "How it was done": "Experiment",
}


def reported(page: Page) -> None:
    """Answer what is asked about a finding and its study, all but the DOI."""
    for label, words in FOUND.items():
        page.get_by_label(label, exact=True).fill(words)
    for label, choice in CHOSEN.items():
        page.get_by_label(label, exact=True).select_option(choice)


def test_a_finding_with_its_study_is_brought_in_by_who_knows_no_turtle(
    browser: Browser, place: House, address: str
) -> None:
    with visit(browser, address) as page:
        page.goto("/id/cl-many-eyes")
        page.get_by_role("link", name="Add evidence").first.click()
        page.locator(".editor.live").wait_for()
        reported(page)
        doi = page.get_by_label("DOI")
        doi.fill("look it up")
        page.get_by_label("You", exact=True).focus()
        page.get_by_text("That is no DOI: one begins with 10.").wait_for()
        assert doi.get_attribute("aria-invalid") == "true"
        doi.fill("https://doi.org/10.1000/look.2024.8")
        checked(page, "No faults.")
        assert doi.get_attribute("aria-invalid") is None
        assert 'bibo:doi "10.1000/look.2024.8"' in text(page)
        assert "arg:grade arg:Moderate" in text(page)
        page.get_by_role("button", name="Hand it in").click()
        page.get_by_text("Thank you: it was handed in, and waits for a reviewer.").wait_for()
        id = page.url.partition("/contributions/")[2].partition("?")[0]
    assert place.do("accept", id, "ruth").status_code == 200
    with visit(browser, address) as page:
        page.goto("/id/cl-many-eyes")
        assert FOUND["The finding in one sentence"] in page.locator("main").inner_text()


def test_the_same_finding_without_script_and_of_a_study_that_the_debate_knows(
    browser: Browser, address: str
) -> None:
    with visit(browser, address, scripts=False) as page:
        page.goto("/contribute?kind=evidence&against=cl-closed-understated")
        reported(page)
        page.get_by_label("DOI").fill("10.1")
        page.get_by_role("button", name="Write it as a file").click()
        page.get_by_text("That is no DOI").wait_for()
        assert page.get_by_label("DOI").get_attribute("aria-invalid") == "true"
        assert page.get_by_label("DOI").input_value() == "10.1"
        assert page.get_by_label("How it was done").input_value() == "Experiment"
        page.get_by_label("DOI").fill("")
        page.get_by_label("Number at arXiv").fill("https://arxiv.org/abs/2402.03927v2")
        page.get_by_role("button", name="Write it as a file").click()
        page.get_by_text("Nothing: it can be handed in.").wait_for()
        assert "arg:reportedIn osai:study-balloccu2024-leak" in text(page)
        assert "a arg:Study" not in text(page)
        page.get_by_role("button", name="Hand it in").click()
        page.get_by_text("Thank you").wait_for()


# -- the editor ---------------------------------------------------------------------------------------------


def test_answers_are_written_into_the_file_while_one_types_and_never_over_what_was_written_by_hand(
    browser: Browser, closed: str
) -> None:
    with visit(browser, closed) as page:
        page.goto("/contribute?kind=claim&against=pil-safety")
        page.locator(".editor.live").wait_for()
        button = page.get_by_role("button", name="Write it as a file")
        assert button.is_hidden()
        page.get_by_label("Your reason in a few words").fill("One thing")
        until(page, "document.querySelector('#text').value.includes('One thing')")
        assert page.locator("#name").input_value() == "one-thing.ttl"
        page.locator("#text").press("Control+End")
        page.keyboard.type("# by hand")
        page.get_by_label("Your reason in a few words").fill("Another thing")
        page.wait_for_timeout(600)
        assert "One thing" in text(page)
        assert text(page).endswith("# by hand")
        button.click()
        until(page, "document.querySelector('#text').value.includes('Another thing')")
        assert "# by hand" not in text(page)
        assert button.is_hidden()
        page.get_by_label("What bears it out").fill("ev-arora2010-path")
        page.get_by_label("You", exact=True).focus()
        page.get_by_text("Did you mean ev-arora2010-patch?").wait_for()
        assert page.get_by_label("What bears it out").get_attribute("aria-invalid") == "true"
        page.get_by_label("What bears it out").fill("ev-arora2010-patch")
        until(page, "document.querySelector('#text').value.includes('arg:EvidenceLine')")
        assert page.get_by_label("What bears it out").get_attribute("aria-invalid") is None
        page.get_by_text("Not in English?").click()
        page.get_by_label("Language of your words").fill("de")
        until(page, "document.querySelector('#text').value.includes('@de')")


def test_what_one_has_written_is_there_again_when_the_page_is(browser: Browser, closed: str) -> None:
    with visit(browser, closed) as page:
        page.goto("/contribute?kind=objection&against=pil-safety")
        answered(page)
        checked(page, "No faults.")
        page.locator("#text").press("Control+End")
        page.keyboard.type("\n# more")
        page.goto("/id/pil-safety")
        page.goto("/contribute?kind=objection&against=pil-economics")
        assert "# more" not in text(page)
        page.goto("/contribute?kind=objection&against=pil-safety")
        page.get_by_text("Your draft of before is back.").wait_for()
        assert text(page).endswith("# more")
        assert page.get_by_label("Your objection in a few words").input_value() == TITLE
        page.get_by_role("button", name="Start anew").click()
        assert "«fill in" in text(page)
        assert page.get_by_label("Your objection in a few words").input_value() == ""
        page.reload()
        page.locator(".editor.live").wait_for()
        assert page.get_by_text("Your draft of before is back.").is_hidden()


def test_a_file_can_be_chosen_or_dropped(browser: Browser, closed: str, tmp_path: Path) -> None:
    good, odd = tmp_path / "good.ttl", tmp_path / "odd.ttl"
    good.write_bytes("@prefix a: <urn:a> .\r\n# ü 😀\r\n".encode())
    odd.write_bytes(b"# \xff\xfe")
    with visit(browser, closed) as page:
        page.goto("/contribute")
        page.locator(".editor.live").wait_for()
        page.locator("#file").set_input_files(good)
        until(page, "document.querySelector('#name').value === 'good.ttl'")
        assert text(page) == "@prefix a: <urn:a> .\n# ü 😀\n"
        page.locator("#file").set_input_files(odd)
        checked(page, "odd.ttl is no text in UTF-8")
        assert text(page) == "@prefix a: <urn:a> .\n# ü 😀\n"
        page.locator("#editor").evaluate(
            """e => { const files = new DataTransfer();
              files.items.add(new File(['# dropped'], 'dropped.ttl'));
              const told = {dataTransfer: files, bubbles: true, cancelable: true};
              for (const type of ['dragover', 'drop']) e.dispatchEvent(new DragEvent(type, told)); }"""
        )
        until(page, "document.querySelector('#text').value === '# dropped'")


def test_the_sheet_under_the_field_has_its_measures(browser: Browser, closed: str) -> None:
    """Each line of the sheet is as high as in the field, so that marks stand under what they mark."""
    long = "osai:x a arg:Claim ; " + "skos:prefLabel “langes Wort” " * 12
    lines = [long, "", "\tindented", "ü😀é " * 60, "x" * 400, '"""', "in a string", '""" .', "# end"]
    for width in (1440, 390):
        with visit(browser, closed, width=width) as page:
            page.goto("/contribute")
            page.locator("#text").fill("\n".join(lines * 12))
            until(page, f"document.querySelectorAll('.sheet .line').length === {len(lines) * 12}")
            heights = page.evaluate(
                """() => { const field = document.querySelector('#text');
                  const sheet = document.querySelector('.sheet');
                  field.style.height = '0'; const needed = field.scrollHeight; field.style.height = '';
                  return [needed, sheet.offsetHeight, document.documentElement.scrollWidth]; }"""
            )
            assert abs(heights[0] - heights[1]) <= 2, heights
            assert heights[2] == width
            page.locator("#text").press("Control+End")
            page.keyboard.type("z")
            until(  # the line that is written comes into sight
                page,
                """(() => { const [box, last] = ['#editor', '.sheet .line:last-child']
                    .map(one => document.querySelector(one).getBoundingClientRect());
                  return last.bottom <= box.bottom + 4 && last.bottom <= innerHeight + 4; })()""",
            )


def test_a_file_of_many_lines_is_still_written_in(browser: Browser, closed: str) -> None:
    whole = "@prefix a: <urn:a> .\n" + "\n".join(f'a:n{n} a:p "{n}" .' for n in range(3_000))
    with visit(browser, closed) as page:
        page.goto("/contribute")
        page.locator(".editor.live").wait_for()
        page.locator("#text").evaluate(
            "(e, text) => { e.value = text; e.dispatchEvent(new Event('input', {bubbles: true})); }", whole
        )
        comes(page, page.locator(".sheet .line").count, 3_001)
        page.locator("#text").press("Control+Home")
        page.keyboard.type("# first\n")
        comes(page, page.locator(".sheet .line").count, 3_002)
        assert page.locator(".sheet .line").nth(1).inner_text().strip() == "@prefix a: <urn:a> ."
        assert page.locator(".sheet .line").last.inner_text().strip() == 'a:n2999 a:p "2999" .'


def test_only_the_last_text_is_told_of(browser: Browser, closed: str) -> None:
    """The answer to a text that has changed since is not shown, however late it comes."""
    with visit(browser, closed) as page:
        page.goto("/contribute")
        page.locator(".editor.live").wait_for()
        held: list[Callable[[], object]] = []

        def hold(route: Route) -> None:
            if "first" in (route.request.post_data or ""):
                late = {"ok": True, "report": {"diagnostics": []}, "impact": None}
                held.append(lambda: route.fulfill(json=late))
            else:
                route.continue_()

        page.route("**/contribute", hold)
        page.locator("#text").fill("# first")
        comes(page, lambda: len(held), 1)
        page.locator("#text").fill("nonsense here")
        checked(page, "fault")
        for late in held:
            late()
        page.wait_for_timeout(200)
        assert "fault" in page.locator("#checked").inner_text()
        assert len(held) == 1


# -- what must hold of every page ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def kept(place: House) -> dict[str, str]:
    """Contributions in different states, by state."""
    pages = {
        state: place.pending(f"seen-{state}") for state in ("pending", "rejected", "withdrawn", "accepted")
    }
    said = {"comment": "This is said already.", "marks": ["duplicate", "unclear"]}
    assert place.do("reject", pages["rejected"], "ruth", **said).status_code == 200
    assert place.do("withdraw", pages["withdrawn"], "ada").status_code == 200
    assert place.do("accept", pages["accepted"], "ruth").status_code == 200
    return pages


def with_faults(page: Page) -> None:
    page.locator("#text").fill("osai:x a arg:Objektion .\n<urn:a> <urn:b> «fill in: c», «fill in: d» .")
    checked(page, "fault")


def with_a_wrong_doi(page: Page) -> None:
    reported(page)
    page.get_by_label("DOI").fill("10.1")
    page.get_by_label("You", exact=True).focus()
    page.get_by_text("That is no DOI").wait_for()
    checked(page, "faults")


def clean(page: Page) -> None:
    answered(page, "Audits tell more than source code", "Independent tests of a system say more about it.")
    checked(page, "No faults.")
    page.locator(".turns, .headline").first.wait_for()
    for box in page.locator("#impact details:not([open]) > summary").all():
        box.click()


def nothing(page: Page) -> None:
    """The page as it opens."""


def states(kept: dict[str, str]) -> dict[str, tuple[str, Callable[[Page], None]]]:
    about = "/contribute?kind=objection&against=cl-closed-understated"
    return {
        "empty": ("/contribute", nothing),
        "scaffold": ("/contribute?kind=evidence&against=pil-safety", lambda page: checked(page, "faults")),
        "finding": ("/contribute?kind=evidence&against=pil-safety", with_a_wrong_doi),
        "questions": (about, lambda page: checked(page, "fault")),
        "unknown target": ("/contribute?kind=rebuttal&against=nobody", nothing),
        "faults": ("/contribute", with_faults),
        "clean": (about, clean),
        **{state: (f"/contributions/{id}", nothing) for state, id in kept.items()},
        "queue": ("/review", nothing),
        "queue of rejected": ("/review?state=rejected", nothing),
        "queue of none": ("/review?state=superseded", nothing),
        **{f"review of {state}": (f"/review/{id}", nothing) for state, id in kept.items()},
        "door": ("/sign-in", nothing),
        "revision": (f"/contribute?supersedes={kept['pending']}", lambda page: checked(page, "statement")),
    }


@pytest.mark.parametrize("width", [1440, 390])
def test_no_state_of_any_page_violates_a_rule(
    browser: Browser, place: House, address: str, closed: str, axe: str, kept: dict[str, str], width: int
) -> None:
    found: dict[str, object] = {}

    def look(page: Page, name: str) -> None:
        if told := violations(page, axe):
            found[name] = told
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            if faint := page.evaluate(CONTRAST):
                found[f"{name}, {scheme}"] = faint
        if (wide := page.evaluate("document.documentElement.scrollWidth")) != width:
            found[f"{name}, width"] = wide

    with visit(browser, address, width=width) as page:
        page.goto("/sign-in")
        look(page, "door, nobody in")
        page.get_by_label("Token").fill("argraph_wrong")
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("alert").wait_for()
        look(page, "door, wrong token")
        page.goto(f"/contributions/{kept['pending']}?new=1")
        look(page, "handed in by somebody")
        sign_in(page, place, "ruth")
        for name, (path, act) in states(kept).items():
            page.emulate_media(color_scheme="light", reduced_motion="reduce")
            answer = page.goto(path)
            assert answer
            assert answer.status == 200, name
            act(page)
            look(page, name)
        page.evaluate("sessionStorage.clear()")
    with visit(browser, closed, width=width) as page:
        for path in ("/contribute", "/sign-in"):
            page.goto(path)
            look(page, f"{path} where nothing is taken")
    assert not found, json.dumps(found, indent=1, ensure_ascii=False)


def hostile(workspace: Workspace, attack: str) -> str:
    """A file that says an attack wherever a contributor's words go, in Turtle that is well formed."""
    base = "https://w3id.org/argraph/open-source-ai/"
    words = ATTACKS[attack][:300]
    return written(
        "objection",
        Answers(words, f"{words} – said in full", words),
        argument=workspace.argument,
        base=base,
        prefix="osai",
        against=f"{base}pil-safety",
        name=f"hostile-{attack}",
    )


@pytest.fixture(scope="module")
def attacks(place: House) -> dict[str, str]:
    """Contributions in all states that carry attacks in titles, names of files and comments, by attack."""
    workspace = Workspace.open()
    pages: dict[str, str] = {}
    for attack, words in ATTACKS.items():
        file = hostile(workspace, attack).encode()
        answer = place.hand_in(file, "ben", name=f"{words[:60]}.ttl")
        if answer.status_code == 201:
            pages[attack] = id = answer.json()["id"]
            place.do("comment", id, "ben", comment=words[:500])
            if len(pages) % 3 == 0:
                place.do("reject", id, "saul", comment=f"{words[:500]} .", marks=["abusive"])
            elif len(pages) % 3 == 1:
                place.do("accept", id, "saul", comment=words[:500])
    assert len(pages) > 15
    return pages


def foreign(page: Page) -> object:
    """What is on a page that can only come from a text, once pointer and keyboard have been over it."""
    page.mouse.move(300, 300)
    page.keyboard.press("Tab")
    return page.evaluate(FOREIGN)


def test_nothing_that_was_handed_in_runs(
    browser: Browser, place: House, address: str, attacks: dict[str, str]
) -> None:
    """Escaping alone holds it off: the policy of the pages is not kept here."""
    found: dict[str, object] = {}
    with visit(browser, address, lax=True) as page:
        sign_in(page, place, "saul")
        for state in ("pending", "accepted", "rejected"):
            page.goto(f"/review?state={state}")
            found[state] = foreign(page)
        for attack, id in attacks.items():
            for path in (f"/contributions/{id}", f"/review/{id}"):
                page.goto(path)
                found[f"{path} {attack}"] = foreign(page)
    assert {name: told for name, told in found.items() if told} == {}


def test_nothing_that_is_written_or_in_an_address_runs(browser: Browser, address: str) -> None:
    found: dict[str, object] = {}
    with visit(browser, address, lax=True) as page:
        for attack, words in ATTACKS.items():
            told = httpx.QueryParams(kind="objection", against=words[:300], name=words[:50])
            page.goto(f"/contribute?{told}")
            found[f"address {attack}"] = foreign(page)
            told_so = f"{words[:400]}\n<urn:a> <urn:b> {json.dumps(words[:400])} .\n{words[:400]}"
            page.locator("#text").fill(told_so)
            page.wait_for_timeout(600)
            until(page, "!document.querySelector('#results[aria-busy]')")
            found[f"editor {attack}"] = foreign(page)
        page.goto("/contribute?kind=objection&against=pil-safety")
        for attack, words in ATTACKS.items():
            page.get_by_label("Your objection in a few words").fill(words[:300])
            page.get_by_label("You", exact=True).fill(words[:300])
            page.get_by_label("What bears it out").fill(words[:60])
            page.wait_for_timeout(400)
            found[f"answers {attack}"] = foreign(page)
    assert {name: told for name, told in found.items() if told} == {}


def test_nothing_that_is_checked_without_script_becomes_part_of_the_page(
    browser: Browser, address: str
) -> None:
    with visit(browser, address, lax=True, scripts=False) as page:
        for attack in ("script", "image", "end-of-title", "attribute"):
            page.goto("/contribute")
            page.locator("#text").fill(f"{ATTACKS[attack]}\n<urn:a> <urn:b> <javascript:x> .")
            page.get_by_role("button", name="Check it").click()
            page.locator("#faults > li").first.wait_for()
            assert page.locator("main :is(script, img, iframe, [onfocus])").count() == 1, (
                attack
            )  # the settings


@pytest.mark.parametrize("path", ["/contribute", "/contribute?kind=objection&against=pil-safety"])
def test_the_page_is_light(browser: Browser, closed: str, path: str) -> None:
    import gzip

    sizes: dict[str, int] = {}
    with visit(browser, closed) as page:
        page.on("response", lambda one: sizes.__setitem__(one.url, len(gzip.compress(one.body(), 9))))
        page.goto(path)
        page.locator(".editor.live").wait_for()
        page.wait_for_load_state("networkidle")
    script = sum(size for url, size in sizes.items() if url.endswith(".js"))
    style = sum(size for url, size in sizes.items() if ".css" in url)
    assert 8_000 <= script <= 20_000, sizes
    assert style <= 12_000, sizes
