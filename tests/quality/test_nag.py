"""The packs speak, and the ledger knows what they said."""

from __future__ import annotations

import json
from pathlib import Path

import aws_cdk as cdk
import pytest

from stacks.ledger.acknowledgments import Acknowledged, Acknowledgment, Ledger
from tests.quality.canary import KNOWN_FINDINGS, Canary
from tests.quality.nag import PACK_NAMES, NagReport, run_packs

REASON = "The canary must break this rule, or nobody would notice a silent pack."
NOTEBOOK_IDS = tuple(
    f"{pack}::{pack}-SageMakerNotebookNoDirectInternetAccess" for pack in PACK_NAMES if pack != "AwsSolutions"
)


def is_open(template: dict[str, object]) -> bool:
    """Whether the canary's notebook may use the internet."""
    return "DirectInternetAccess" not in json.dumps(template)


def entry(**changes: object) -> Acknowledgment[Canary]:
    """An entry that the packs have a use for, with changes."""
    values: dict[str, object] = {
        "ids": ("AwsSolutions::AwsSolutions-SM3", *NOTEBOOK_IDS),
        "constructs": lambda stage: [stage.notebook],
        "reason": REASON,
        "holds": is_open,
    }
    return Acknowledgment(**{**values, **changes})  # type: ignore[arg-type]


def run(folder: Path, ledger: Ledger[Canary]) -> tuple[Canary, NagReport]:
    """The canary under a ledger, and what the packs say of it."""
    stages: list[Canary] = []

    def build(app: cdk.App) -> None:
        stages.append(Canary(app, "canary"))
        ledger.apply(stages[0])

    report = run_packs(build, folder)
    return stages[0], report


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> NagReport:
    """What the packs say of the canary alone."""
    return run(tmp_path_factory.mktemp("bare"), Ledger([]))[1]


LEDGER = Ledger(
    [
        entry(),
        entry(
            ids=("AwsSolutions::AwsSolutions-S1", "AwsSolutions::AwsSolutions-S999"),
            constructs=lambda stage: [stage.bucket, stage.role],
            holds=lambda template: False,
        ),
        entry(ids=("AwsSolutions::AwsSolutions-S2",), constructs=lambda stage: []),
    ]
)


@pytest.fixture(scope="module")
def acknowledged(tmp_path_factory: pytest.TempPathFactory) -> tuple[Canary, NagReport]:
    """The canary under a ledger with one good entry and two bad ones."""
    return run(tmp_path_factory.mktemp("acknowledged"), LEDGER)


def test_every_pack_reports(bare: NagReport) -> None:
    assert bare.packs == PACK_NAMES
    assert bare.acknowledged == ()


@pytest.mark.parametrize("pack", PACK_NAMES)
def test_a_pack_yields_exactly_the_known_findings(bare: NagReport, pack: str) -> None:
    found = {(each.rule, each.construct_path) for each in bare.findings if each.pack == pack}
    assert found == {
        (rule, f"canary/stack/{construct}")
        for rule, constructs in KNOWN_FINDINGS[pack].items()
        for construct in constructs
    }


def test_an_acknowledged_finding_stands_no_more_and_leaves_a_trace(
    bare: NagReport, acknowledged: tuple[Canary, NagReport]
) -> None:
    report = acknowledged[1]
    accepted = {each for each in bare.findings if each not in report.findings}
    assert {each.id for each in accepted} == {*entry().ids, "AwsSolutions::AwsSolutions-S1"}
    assert Acknowledged("AwsSolutions::AwsSolutions-SM3", "canary/stack/Notebook") in report.acknowledged
    # The product's notebook is another construct: it is not accepted along with the first.
    assert any(
        each.rule == "AwsSolutions-SM3" and each.construct_path.endswith("Product/Notebook") for each in report.findings
    )


def test_what_accepts_nothing_is_named(acknowledged: tuple[Canary, NagReport]) -> None:
    canary, report = acknowledged
    assert LEDGER.unused([(canary, report.acknowledged)]) == [
        "AwsSolutions::AwsSolutions-S1 on canary/stack/Role accepts no finding. Choose the construct no longer.",
        f"AwsSolutions::AwsSolutions-S999 accepts no finding. Remove it from the entry {REASON!r}.",
        "AwsSolutions::AwsSolutions-S2 chooses no construct. Remove the entry.",
    ]


def test_an_entry_may_be_of_use_in_one_environment_only(acknowledged: tuple[Canary, NagReport]) -> None:
    canary, report = acknowledged
    chosen_once = iter([[canary.notebook], []])
    ledger = Ledger([entry(constructs=lambda stage: next(chosen_once))])
    assert ledger.unused([(canary, report.acknowledged), (canary, ())]) == []


def test_a_reason_that_the_template_does_not_bear_out_is_named(acknowledged: tuple[Canary, NagReport]) -> None:
    canary, _ = acknowledged
    faults = LEDGER.untrue(canary)
    assert [fault.split(": ")[0] for fault in faults] == [
        "AwsSolutions::AwsSolutions-S1 on canary/stack/Bucket",
        "AwsSolutions::AwsSolutions-S1 on canary/stack/Role",
    ]
    assert all(fault.endswith(f".template.json does not bear out {REASON!r}.") for fault in faults)


def test_the_predicate_reads_the_template_of_the_constructs_own_stack(
    acknowledged: tuple[Canary, NagReport],
) -> None:
    canary, _ = acknowledged
    seen: list[set[str]] = []

    def remember(template: dict[str, dict[str, dict[str, str]]]) -> bool:
        seen.append({resource["Type"] for resource in template["Resources"].values()})
        return True

    product = canary.node.find_child("stack").node.find_child("Product").node.find_child("Notebook")
    ledger = Ledger([entry(constructs=lambda stage: [product], holds=remember)])
    assert ledger.untrue(canary) == []
    assert seen == [{"AWS::SageMaker::NotebookInstance"}]


def test_a_finding_is_acknowledged_once() -> None:
    ledger = Ledger([entry(), entry(ids=entry().ids[:1])])
    with pytest.raises(ValueError, match="AwsSolutions-SM3 is acknowledged twice on canary/stack/Notebook"):
        ledger.apply(Canary(cdk.App(), "canary"))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"ids": ()}, "names no finding"),
        ({"ids": ("AwsSolutions-S1",)}, "names no pack. Write Pack::Rule"),
        ({"ids": ("AwsSolutions::",)}, "names no pack"),
        ({"reason": "not needed here"}, "'not needed here' is no reason"),
    ],
)
def test_an_entry_that_says_too_little_is_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        entry(**changes)
