"""The page: whole in itself, escaped, and built for everybody. tests/browser looks at it in a browser."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import itertools
import re
from collections import Counter
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest

from mlgov_constructs.evidence import ControlStatus, Evidence, collect
from mlgov_constructs.evidence.page import html_page
from tests.evidence.small_assembly import REASON, TIME

Change = Callable[[str, Callable[[dict[str, Any]], object]], None]
VOID = {"meta", "input", "br", "link", "img"}


class Page(HTMLParser):
    """The elements of a page, and whether it is well formed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def of(self, *tags: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.elements if tag in tags]


@pytest.fixture(scope="module")
def text(evidence: Evidence) -> str:
    return html_page(evidence)


@pytest.fixture(scope="module")
def page(text: str) -> Page:
    return Page(text)


def test_it_needs_nothing_beside_itself(page: Page) -> None:
    assert page.of("link", "img", "iframe", "object", "base") == []
    assert [script for script in page.of("script") if script] == []
    assert all(str(link["href"]).startswith(("#", "https://")) for link in page.of("a"))


def test_it_allows_itself_its_own_script_alone(text: str, page: Page) -> None:
    (script,) = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    (policy,) = [str(meta["content"]) for meta in page.of("meta") if "http-equiv" in meta]
    assert "default-src 'none'" in policy
    assert f"script-src 'sha256-{digest}'" in policy


def test_what_a_template_says_is_escaped(text: str) -> None:
    assert REASON not in text
    assert "&lt;b&gt;Open&lt;/b&gt; for a classroom" in text


def test_it_is_well_formed_and_every_id_is_its_own(page: Page) -> None:
    assert page.open == []
    ids = Counter(attributes["id"] for _, attributes in page.elements if "id" in attributes)
    assert {name for name, number in ids.items() if number > 1} == set()


def test_every_link_within_it_leads_somewhere(page: Page) -> None:
    ids = {attributes.get("id") for _, attributes in page.elements}
    within = {str(link["href"])[1:] for link in page.of("a") if str(link["href"]).startswith("#")}
    assert within - ids == set()


def test_headings_skip_no_level(page: Page) -> None:
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch(r"h\d", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_it_has_a_language_a_title_landmarks_and_a_way_past_the_head(page: Page) -> None:
    assert page.of("html") == [{"lang": "en"}]
    assert [len(page.of(tag)) for tag in ("title", "main", "header", "nav", "footer")] == [1, 1, 1, 1, 1]
    assert page.of("a")[0] == {"class": "skip", "href": "#main"}


def test_heads_of_tables_say_what_they_head(page: Page) -> None:
    assert {head.get("scope") for head in page.of("th")} == {"col", "row"}


def test_fields_are_labelled(page: Page) -> None:
    labelled = {label["for"] for label in page.of("label")}
    assert {field["id"] for field in page.of("input", "select")} == labelled


def test_every_control_has_its_row(page: Page, evidence: Evidence) -> None:
    rows = {row["id"]: row["data-status"] for row in page.of("tr") if row.get("class") == "control"}
    assert rows == {each.control.id: each.status.value for each in evidence.controls}


def test_without_a_script_everything_shows_and_no_dead_filter(page: Page) -> None:
    assert [form for form in page.of("form") if "hidden" not in form] == []
    assert [row for row in page.of("tr") if "hidden" in row] == []


def test_what_failed_or_deviates_is_open(text: str) -> None:
    row = text[text.index('id="MLG-NET-01"') :]
    assert row.index("<details open>") < row.index("</tr>")
    assert "The construct claims this control, and its property is not in the template." in row


def test_a_status_is_a_word_and_a_sign(text: str, evidence: Evidence) -> None:
    signs = re.findall(r'class="badge ([\w-]+)"><span class="sign" aria-hidden="true">(.)</span>([\w ]+)<', text)
    assert len(signs) > len(evidence.controls)
    assert len({(word, sign) for _, sign, word in signs}) == len(ControlStatus)
    assert len({sign for _, sign, _ in signs}) == len(ControlStatus)


@pytest.mark.parametrize(
    "told",
    [
        "Until launch, RISK-9",
        "until 2027-03-30 <strong>expired</strong>",
        "It need not stay, RISK-8",
        "recorded, and the rule finds nothing wrong",
        "It is so, for a reason",
        "no report of its pack",
        "<strong>1 exception has expired.</strong>",
        '<strong>1 finding of <a href="#packs">other rule packs</a> stands.</strong>',
        "<strong>Three</strong> at",
        "1 role without a permissions boundary",
        "ReadTable",
        "<strong>1.00 US dollars a month</strong>",
        "31 March 2027, 09:00 UTC",
        "AWS Security Hub",
    ],
)
def test_it_tells(text: str, told: str) -> None:
    assert told in text


def test_a_control_says_what_other_packs_say(cdk_out: Any, change: Change) -> None:
    construct = {"constructPath": "trial/network/Key"}
    stands = {"ruleName": "AwsSolutions-EC23", "violatingConstructs": [construct]}
    report = {"pluginName": "AwsSolutions", "violations": [stands]}
    broken = {"pluginName": "Other", "violations": [], "metadata": {"error": "It <broke>"}}
    change("validation-report.json", lambda content: content["pluginReports"].extend([report, broken]))
    text = html_page(collect(cdk_out, timestamp=TIME))
    assert "AwsSolutions-EC23: <strong>1 finding stands</strong>" in text
    assert "AwsSolutions-KMS5: nothing found" in text
    assert "<strong>did not run</strong>: It &lt;broke&gt;" in text
    assert "<strong>Other could not run.</strong>" in text


def test_acknowledgments_that_cover_nothing_are_counted_only(cdk_out: Any, change: Change) -> None:
    accepted = {"type": "aws:cdk:acknowledged-rules", "data": {"Pack::Idle": "It is so, for a reason"}}
    change("trialnetwork.metadata.json", lambda metadata: metadata["/trial/network/Key"].append(accepted))
    text = html_page(collect(cdk_out, timestamp=TIME))
    assert "<strong>Pack::One</strong>" in text
    assert "<strong>Pack::Idle</strong>" not in text
    assert "1 acknowledgment that covers nothing" in text


def test_it_begins_with_what_fails(text: str, evidence: Evidence) -> None:
    number = evidence.by_status[ControlStatus.FAILED]
    assert number > 1
    assert text.index(f"<strong>{number} controls fail.</strong>") < text.index('id="controls"')


def test_the_time_is_all_that_time_changes(evidence: Evidence, text: str) -> None:
    later = html_page(dataclasses.replace(evidence, timestamp=TIME.replace(hour=10)))
    assert later.replace("T10:00", "T09:00").replace("10:00 UTC", "09:00 UTC") == text


def test_an_environment_in_which_all_is_well(cdk_out: Any, change: Change) -> None:
    change("trialnetwork.template.json", lambda template: template.update(Resources={"T": {"Type": "AWS::X::Y"}}))
    change(
        "trialProduct.product.template.json", lambda template: template.update(Resources={"T": {"Type": "AWS::X::Z"}})
    )
    change("asset.b.json", lambda template: template.update(Resources={"T": {"Type": "AWS::X::Z"}}))
    (cdk_out / "validation-report.json").unlink()
    change("trialnetwork.metadata.json", lambda metadata: metadata.clear())
    text = html_page(collect(cdk_out, timestamp=TIME))
    assert "<strong>No control fails.</strong>" in text
    assert "<p>None is recorded.</p>" in text
    assert "<p>None is granted.</p>" in text
    assert "The report of the synthesis has no word of another pack" in text
