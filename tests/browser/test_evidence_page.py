"""The page of the evidence as a person meets it: filters, details, keyboard, phone, paper, accessibility."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from mlgov_constructs.evidence import Evidence, collect
from mlgov_constructs.evidence.page import html_page
from tests.evidence.small_assembly import TIME, write_assembly

# As root, and without a word to anybody's servers.
ARGUMENTS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    folder = tmp_path_factory.mktemp("assembly") / "cdk.out"
    write_assembly(folder)
    return collect(folder, timestamp=TIME)


@pytest.fixture(scope="module")
def address(evidence: Evidence, tmp_path_factory: pytest.TempPathFactory) -> str:
    file = tmp_path_factory.mktemp("page") / "index.html"
    file.write_text(html_page(evidence), encoding="utf-8")
    return file.as_uri()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=os.environ["MLGOV_BROWSER"], args=ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """The page, which must say nothing on the console and ask for nothing."""
    opened = browser.new_page(viewport=DESKTOP, reduced_motion="reduce")
    said: list[str] = []
    asked: list[str] = []
    opened.on("console", lambda message: said.append(message.text))
    opened.on("pageerror", lambda error: said.append(str(error)))
    opened.on("request", lambda request: asked.append(request.url.partition("#")[0]))
    opened.goto(address)
    yield opened
    opened.close()
    assert said == []
    assert set(asked) == {address}


def shown(page: Page) -> Locator:
    return page.locator("tr.control:visible")


def ids(page: Page) -> list[str]:
    found: list[str] = shown(page).evaluate_all("rows => rows.map(row => row.id)")
    return found


def test_everything_shows_at_first(page: Page, evidence: Evidence) -> None:
    number = len(evidence.controls)
    expect(shown(page)).to_have_count(number)
    expect(page.get_by_role("status")).to_have_text(f"{number} of {number} controls")


def test_filter_by_status(page: Page, evidence: Evidence) -> None:
    page.get_by_label("Status", exact=True).select_option("failed")
    assert ids(page) == [each.control.id for each in evidence.controls if each.status == "failed"]
    expect(page.get_by_role("status")).to_have_text(f"{len(ids(page))} of {len(evidence.controls)} controls")


def test_filter_by_severity_and_area_together(page: Page, evidence: Evidence) -> None:
    page.get_by_label("Severity", exact=True).select_option("critical")
    page.get_by_label("Area", exact=True).select_option("Data protection")
    wanted = [
        each.control.id for each in evidence.controls if each.control.severity == "critical" and each.area.code == "PRT"
    ]
    assert wanted
    assert ids(page) == wanted


@pytest.mark.parametrize("words", ["trial/network/Vpc/Gateway", "EC2.15", "way INTERNET no"])
def test_filter_by_text(page: Page, words: str) -> None:
    page.get_by_label("Text", exact=True).fill(words)
    assert "MLG-NET-01" in ids(page)
    assert "MLG-PRT-01" not in ids(page)


def test_a_filter_that_leaves_nothing_says_so_and_can_be_taken_back(page: Page, evidence: Evidence) -> None:
    page.get_by_label("Text", exact=True).fill("nothing has this word in it")
    expect(shown(page)).to_have_count(0)
    expect(page.get_by_role("status")).to_have_text(f"0 of {len(evidence.controls)} controls")
    page.get_by_role("button", name="Show all").click()
    expect(shown(page)).to_have_count(len(evidence.controls))
    expect(page.get_by_label("Text", exact=True)).to_have_value("")


def test_a_number_of_the_posture_leads_to_its_controls(page: Page) -> None:
    page.locator(".cards").get_by_role("link", name="deviation").click()
    expect(page.get_by_label("Status", exact=True)).to_have_value("deviation")
    expect(page.locator("#MLG-NET-05")).to_be_visible()
    expect(page.locator("#MLG-NET-01")).to_be_hidden()


def test_details_open_and_close_one_by_one_and_all_that_is_shown(page: Page, evidence: Evidence) -> None:
    resource = page.locator("#MLG-PRT-01").get_by_role("cell", name="Key5B")
    expect(resource).to_be_hidden()
    page.locator("#MLG-PRT-01 summary").click()
    expect(resource).to_be_visible()
    page.get_by_label("Area", exact=True).select_option("Network")
    page.get_by_role("button", name="Open details").click()
    network = len([each for each in evidence.controls if each.area.code == "NET"])
    expect(page.locator("tr.control:visible details[open]")).to_have_count(network)
    page.get_by_role("button", name="Close details").click()
    expect(page.locator("tr.control:visible details[open]")).to_have_count(0)


def test_a_link_leads_to_its_control_whatever_is_filtered(page: Page) -> None:
    page.get_by_label("Status", exact=True).select_option("failed")
    page.locator("#accepted ~ * a[href='#MLG-PRT-04']").first.click()
    expect(page.locator("#MLG-PRT-04")).to_be_in_viewport()
    expect(page.locator("#MLG-PRT-04").get_by_text("It need not stay, RISK-8")).to_be_visible()


def test_the_keyboard_is_enough(page: Page) -> None:
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the evidence")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()
    summary = page.locator("#MLG-PRT-01 summary")
    summary.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#MLG-PRT-01 details")).to_have_attribute("open", "")


def test_what_a_template_says_is_text(page: Page) -> None:
    assert page.locator("b").count() == 0
    expect(page.get_by_text("<b>Open</b> for a classroom, RISK-7").first).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_nothing_bars_anybody(page: Page, scheme: str, size: dict[str, int]) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size(size)
    page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
    found = Axe().run(
        page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
    )
    assert [(each["id"], each["nodes"][0]["html"]) for each in found.response["violations"]] == []
    contrast = [each for each in found.response["passes"] if each["id"] == "color-contrast"]
    assert len(contrast[0]["nodes"]) > 100


def test_it_fits_a_phone(page: Page) -> None:
    page.set_viewport_size(PHONE)
    page.get_by_role("button", name="Open details").click()
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


def test_a_phone_shows_whole_reasons(page: Page) -> None:
    page.set_viewport_size(PHONE)
    reason = page.locator("#accepted ~ div td").get_by_text("It need not stay, RISK-8")
    box = reason.bounding_box()
    assert box is not None
    assert 0 <= box["x"] < box["x"] + box["width"] <= PHONE["width"]


def test_paper_has_the_matrix_and_no_controls_of_the_page(page: Page, evidence: Evidence, tmp_path: Path) -> None:
    page.emulate_media(media="print", color_scheme="dark")
    expect(page.get_by_role("navigation")).to_be_hidden()
    expect(page.locator("#filters")).to_be_hidden()
    expect(shown(page)).to_have_count(len(evidence.controls))
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.pdf(path=tmp_path / "page.pdf").startswith(b"%PDF-")


def test_without_a_script_everything_is_there(browser: Browser, address: str, evidence: Evidence) -> None:
    plain = browser.new_page(java_script_enabled=False)
    plain.goto(address)
    expect(plain.locator("#filters")).to_be_hidden()
    expect(shown(plain)).to_have_count(len(evidence.controls))
    plain.locator("#MLG-PRT-01 summary").click()
    expect(plain.locator("#MLG-PRT-01").get_by_role("cell", name="Key5B")).to_be_visible()
    plain.close()
