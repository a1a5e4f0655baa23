"""cdk-nag over both environments and the organization: nothing stands, every acknowledgment is needed and true."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import aws_cdk as cdk
import pytest

from stacks.environment import load_environment
from stacks.ledger import ledger
from stacks.ledger.acknowledgments import Ledger
from stacks.ml_environment import MlEnvironment
from stacks.organization_stack import OrganizationStack
from tests.environments import ENVIRONMENTS, ORGANIZATION, organization_in
from tests.quality.canary import Canary
from tests.quality.nag import PACK_NAMES, NagReport, run_packs

MOST_ENTRIES = 30


@dataclass(frozen=True)
class Judged:
    environment: MlEnvironment
    ledger: Ledger[MlEnvironment]
    report: NagReport


@pytest.fixture(scope="module", params=["sandbox", "production"])
def judged(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, cdk_context: dict[str, Any]
) -> Judged:
    built: list[tuple[MlEnvironment, Ledger[MlEnvironment]]] = []

    def build(app: cdk.App) -> None:
        settings = load_environment(ENVIRONMENTS / f"{request.param}.yaml")
        environment = MlEnvironment(app, settings.name, environment=settings)
        entries = ledger(environment)
        entries.apply(environment)
        built.append((environment, entries))

    report = run_packs(build, tmp_path_factory.mktemp(f"nag-{request.param}"), cdk_context)
    ((environment, entries),) = built
    return Judged(environment, entries, report)


def test_every_pack_ran_and_nothing_stands(judged: Judged) -> None:
    assert sorted(judged.report.packs) == sorted(PACK_NAMES)
    assert judged.report.findings == ()


def test_no_acknowledgment_is_idle(judged: Judged) -> None:
    assert judged.ledger.unused([(judged.environment, judged.report.acknowledged)]) == []


def test_every_reason_is_true(judged: Judged) -> None:
    assert judged.ledger.untrue(judged.environment) == []


def test_the_ledger_is_short(judged: Judged) -> None:
    assert len(judged.ledger.entries) <= MOST_ENTRIES


def test_nothing_stands_of_the_organization(
    tmp_path_factory: pytest.TempPathFactory, cdk_context: dict[str, Any]
) -> None:
    def build(app: cdk.App) -> None:
        OrganizationStack(app, ORGANIZATION, organization=organization_in("aws"))
        # A pack that has nothing to say leaves no report.
        Canary(app, "canary")

    report = run_packs(build, tmp_path_factory.mktemp("nag-organization"), cdk_context)
    assert sorted(report.packs) == sorted(PACK_NAMES)
    assert [finding for finding in report.findings if not finding.construct_path.startswith("canary/")] == []
    assert report.acknowledged == ()
