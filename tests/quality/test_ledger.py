"""cdk-nag over both environments: nothing stands, and every acknowledgment is needed and true."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import aws_cdk as cdk
import pytest

from stacks.environment import load_environment
from stacks.ledger import ledger
from stacks.ledger.acknowledgments import Ledger
from stacks.ml_environment import MlEnvironment
from tests.environments import ENVIRONMENTS
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
