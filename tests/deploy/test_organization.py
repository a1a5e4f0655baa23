"""The rules of the organization, deployed from their file by the CDK command line, changed and removed."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mlgov_constructs.governance.enabled_controls import DEFAULT
from tests.deploy.target import Target
from tests.environments import ENVIRONMENTS

KINDS = ("AISERVICES_OPT_OUT_POLICY", "DECLARATIVE_POLICY_EC2", "RESOURCE_CONTROL_POLICY", "TAG_POLICY")
EVERY_KIND = ("SERVICE_CONTROL_POLICY", *KINDS)


@pytest.fixture(scope="module")
def unit(target: Target) -> Iterator[str]:
    """A unit of the organization that the local account manages, with every kind of policy enabled."""
    organizations = target.client("organizations")
    (root,) = organizations.list_roots()["Roots"]
    for kind in KINDS:
        organizations.enable_policy_type(RootId=root["Id"], PolicyType=kind)
    found = organizations.create_organizational_unit(ParentId=root["Id"], Name="machine-learning")
    yield str(found["OrganizationalUnit"]["Id"])
    for kind in KINDS:
        organizations.disable_policy_type(RootId=root["Id"], PolicyType=kind)


def deploy(target: Target, file: Path, assembly: Path) -> None:
    """Runs the command line on the app, as a platform team does, with the file of an organization."""
    app = ("--app", f"{sys.executable} app.py", "--output", str(assembly))
    target.cdk("deploy", "-c", f"organization={file}", "--require-approval", "never", *app)


def attached(target: Target, unit: str) -> dict[str, Any]:
    """The policies of ours on the unit, by name."""
    organizations = target.client("organizations")
    return {
        policy["Name"]: json.loads(organizations.describe_policy(PolicyId=policy["Id"])["Policy"]["Content"])
        for kind in EVERY_KIND
        for policy in organizations.list_policies_for_target(TargetId=unit, Filter=kind)["Policies"]
        if policy["Name"].startswith("mlgov-")
    }


def test_the_file_is_deployed_changed_and_removed(target: Target, unit: str, tmp_path: Path) -> None:
    file, assembly = tmp_path / "organization.yaml", tmp_path / "cdk.out"
    text = (ENVIRONMENTS / "organization.yaml").read_text(encoding="utf-8").replace("ou-ab12-11111111", unit)
    text = text.replace("region: eu-central-1\n", f"region: {target.cloud.region}\n")
    file.write_text(text, encoding="utf-8")
    deploy(target, file, assembly)
    assert target.stack("organization")["StackStatus"] == "CREATE_COMPLETE"
    policies = attached(target, unit)
    assert len(policies) == 8
    regions = policies["mlgov-limits"]["Statement"][-1]["Condition"]["StringNotEquals"]["aws:RequestedRegion"]
    assert regions == ["eu-central-1", "us-east-1"]
    assert policies["mlgov-required-tags-tags"]["tags"]["mlgov:project"]["tag_value"] == {
        "@@assign": ["credit-risk", "sandbox"]
    }
    tower = target.client("controltower")
    enabled = tower.list_enabled_controls()["enabledControls"]
    assert {each["controlIdentifier"].rpartition("/")[2] for each in enabled} == {str(each) for each in DEFAULT}
    assert all(each["targetIdentifier"].endswith(f"/{unit}") for each in enabled)

    file.write_text(text.replace("[credit-risk, sandbox]", "[credit-risk, sandbox, churn]"), encoding="utf-8")
    deploy(target, file, assembly)
    assert target.stack("organization")["StackStatus"] == "UPDATE_COMPLETE"
    assert "churn" in json.dumps(attached(target, unit)["mlgov-required-tags-refusal"])

    target.cdk("destroy", "organization", "--force", "--app", str(assembly))
    assert attached(target, unit) == {}
    assert tower.list_enabled_controls()["enabledControls"] == []
