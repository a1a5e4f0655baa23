"""What the file of an environment says of compliance and cost, and what comes of it."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

from mlgov_constructs.controls import ExceptionExpiry
from stacks.compliance_stack import ComplianceStack
from stacks.environment import ComplianceSettings, Environment, ExceptionSettings, load_environment
from stacks.foundation_stack import FoundationStack
from tests.environments import ENVIRONMENTS, Assembly
from tests.stacks.test_environment import GOOD, problems_of
from tests.templates import Template

COMPLIANCE = "  compliance:\n"
REASON = "Requests hold health data that may not be kept, RISK-27"
LAST_DAY = datetime.date(2030, 12, 31)
EXCEPTIONS = (
    ExceptionSettings(control="MLG-SRV-07", reason=REASON, expires=LAST_DAY),
    ExceptionSettings(
        control="SageMaker.4", reason=REASON, expires=LAST_DAY, resource="arn:aws:sagemaker:us-east-1:1:endpoint/x"
    ),
)
BAD = {
    "an exception without a reason": (
        COMPLIANCE + "    exceptions: [{control: MLG-SRV-07, expires: 2030-12-31}]\n",
        "19: governance.compliance.exceptions[0].reason: is missing; why, in 15 characters or more.",
    ),
    "an exception without an end": (
        COMPLIANCE + f"    exceptions: [{{control: MLG-SRV-07, reason: '{REASON}', expires: never}}]\n",
        "19: governance.compliance.exceptions[0].expires: found 'never'; must be a valid date",
    ),
    "a control that there cannot be": (
        COMPLIANCE + f"    exceptions: [{{control: all, reason: '{REASON}', expires: 2030-12-31}}]\n",
        "19: governance.compliance.exceptions[0].control: found 'all'; must be a control of the catalogue "
        "('MLG-SRV-07') or of Security Hub ('SageMaker.4')",
    ),
    "hooks that do something else": (
        COMPLIANCE + "    hooks: refuse\n",
        "19: governance.compliance.hooks: found 'refuse'; must be 'none', 'warn' or 'fail'",
    ),
}


@pytest.fixture(scope="session")
def compliance(
    synthesize: Callable[..., dict[str, Template]], tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., tuple[Template, Path]]:
    """Synthesize the stack of compliance by itself, and return its template and its assembly."""

    def build(settings: ComplianceSettings, today: datetime.date = LAST_DAY) -> tuple[Template, Path]:
        folder = tmp_path_factory.mktemp("compliance")
        environment: Environment = load_environment(ENVIRONMENTS / "sandbox.yaml")

        def stacks(app: cdk.App) -> None:
            cdk.Validations.of(app).add_plugins(ExceptionExpiry(today=today))
            foundation = FoundationStack(app, "foundation", environment=environment)
            ComplianceStack(app, "compliance", environment=environment, settings=settings, foundation=foundation)

        return synthesize(stacks, outdir=folder)["compliance"], folder

    return build


def types_of(template: Template) -> set[str]:
    return {resource["Type"] for resource in template["Resources"].values()}


@pytest.mark.parametrize(("text", "expected"), BAD.values(), ids=BAD)
def test_a_bad_value_gives_its_line_its_value_and_what_is_allowed(tmp_path: Path, text: str, expected: str) -> None:
    assert problems_of(tmp_path, GOOD + text) == [expected]


def test_what_an_account_has_already_is_not_made_again(compliance: Callable[..., tuple[Template, Path]]) -> None:
    template, _ = compliance(ComplianceSettings(recorder="existing", security_hub="existing", hooks="none"))
    assert types_of(template) == {"AWS::Config::ConformancePack"}


def test_exceptions_reach_those_whom_they_concern(compliance: Callable[..., tuple[Template, Path]]) -> None:
    template, _ = compliance(ComplianceSettings(exceptions=EXCEPTIONS))
    (rule,) = (r for r in template["Resources"].values() if r["Type"] == "AWS::SecurityHub::AutomationRule")
    assert "SageMaker.4" in json.dumps(rule)
    assert REASON in json.dumps(rule)
    metadata = [resource.get("Metadata", {}) for resource in template["Resources"].values()]
    recorded = [each for entry in metadata for each in entry.get("mlgov:exceptions", ())]
    assert {each["control"] for each in recorded} == {"MLG-SRV-07", "SageMaker.4"}


def test_an_expired_exception_fails_the_synthesis(compliance: Callable[..., tuple[Template, Path]]) -> None:
    with pytest.raises(RuntimeError, match="ValidationFailed"):
        compliance(ComplianceSettings(exceptions=EXCEPTIONS), today=LAST_DAY + datetime.timedelta(days=1))


@pytest.mark.parametrize(("hooks", "mode"), [("warn", "WARN"), ("fail", "FAIL")])
def test_hooks_do_what_the_file_says(compliance: Callable[..., tuple[Template, Path]], hooks: Any, mode: str) -> None:
    template, _ = compliance(ComplianceSettings(hooks=hooks))
    found = [r["Properties"] for r in template["Resources"].values() if r["Type"] == "AWS::CloudFormation::GuardHook"]
    assert [hook["FailureMode"] for hook in found] == [mode, mode]
    assert found[0]["StackFilters"]["StackNames"]["Include"] == ["sandbox-*", "SC-*"]


@pytest.mark.parametrize("name", ["sandbox", "production"])
def test_a_spent_budget_stops_all_who_start_work(assembly: Assembly, name: str) -> None:
    (file,) = assembly(name, "aws").glob(f"{name}governance*.template.json")
    resources = json.loads(file.read_text(encoding="utf-8"))["Resources"].values()
    (action,) = (r["Properties"] for r in resources if r["Type"] == "AWS::Budgets::BudgetsAction")
    assert action["ApprovalModel"] == ("AUTOMATIC" if name == "sandbox" else "MANUAL")
    assert action["ActionThreshold"]["Value"] == (100 if name == "sandbox" else 120)
    roles = json.dumps(action["Definition"]["IamActionDefinition"]["Roles"])
    people, jobs = ("DataScientist", "MlEngineer", "LaunchRole"), ("NotebookRole", "StudioRole", "PipelineTrainingRole")
    for role in (*people, *jobs):
        assert role in roles, role


def test_the_bill_is_watched_where_it_is(assembly: Assembly) -> None:
    folder = assembly("production", "aws")
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["artifacts"]
    (bill,) = (each for each in manifest.values() if each.get("properties", {}).get("stackName") == "production-bill")
    assert bill["environment"].endswith("/us-east-1")
