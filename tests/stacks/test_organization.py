"""The stack of the management account, and what its file lets the reference environments do."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import Any

import aws_cdk as cdk
import pytest

from mlgov_constructs.cli.targets import find_templates
from mlgov_constructs.controls import ControlRules
from mlgov_constructs.governance.organization_policies import TAGGED
from stacks.bill_stack import REGIONS as BILLED_IN
from stacks.environment import Organization, load_environment, load_organization
from stacks.organization_stack import OrganizationStack
from tests.environments import ENVIRONMENTS, ORGANIZATION, REGIONS, Assembly
from tests.templates import Template, of_type

POLICY, CONTROL = "AWS::Organizations::Policy", "AWS::ControlTower::EnabledControl"
ENVIRONMENT_NAMES = ("sandbox", "production")
INSTANCE_TYPE = re.compile(r'"(ml\.[a-z0-9-]+\.[a-z0-9]+)"')
# What a registered model says it could be served on is no request; a request for it would be refused.
NEVER_ASKED_FOR = {"ml.t2.medium"}


@pytest.fixture(scope="module")
def file() -> Organization:
    return load_organization(ENVIRONMENTS / "organization.yaml")


@pytest.fixture(scope="module")
def build(file: Organization, synthesize: Callable[..., dict[str, Template]]) -> Callable[..., Template]:
    """Synthesizes the file with some of its keys changed."""

    def run(**changes: Any) -> Template:
        def stack(app: cdk.App) -> None:
            cdk.Validations.of(app).add_plugins(ControlRules())
            OrganizationStack(app, "organization", organization=file.model_copy(update=changes))

        return synthesize(stack)["organization"]

    return run


@pytest.fixture(scope="module")
def template(assembly: Assembly) -> Template:
    (path,) = find_templates([assembly(ORGANIZATION, "aws")])
    found: Template = json.loads(path.read_text(encoding="utf-8"))
    return found


def properties(template: Template, resource_type: str) -> list[dict[str, Any]]:
    return [resource["Properties"] for resource in of_type(template, resource_type).values()]


def kinds(template: Template) -> list[str]:
    return [policy["Type"] for policy in properties(template, POLICY)]


def contents(template: Template) -> dict[str, Any]:
    return {policy["Name"]: policy["Content"] for policy in properties(template, POLICY)}


def test_the_file_makes_every_kind_of_policy_and_the_controls(template: Template, file: Organization) -> None:
    assert sorted(kinds(template)) == [
        "AISERVICES_OPT_OUT_POLICY",
        "DECLARATIVE_POLICY_EC2",
        "RESOURCE_CONTROL_POLICY",
        *["SERVICE_CONTROL_POLICY"] * 4,
        "TAG_POLICY",
    ]
    assert all(policy["TargetIds"] == list(file.target_ids) for policy in properties(template, POLICY))
    assert len(properties(template, CONTROL)) == 11


def test_everything_is_tagged(template: Template, file: Organization) -> None:
    expected = sorted(file.tags.items())
    for resource in [*properties(template, POLICY), *properties(template, CONTROL)]:
        assert [(tag["Key"], tag["Value"]) for tag in resource["Tags"]] == expected


def test_it_goes_to_the_account_and_region_of_the_file(assembly: Assembly, file: Organization) -> None:
    manifest = json.loads((assembly(ORGANIZATION, "aws") / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["artifacts"]["organization"]["environment"] == f"aws://unknown-account/{file.region}"
    stack = OrganizationStack(
        cdk.App(), "named", organization=file.model_copy(update={"account": "111122223333", "region": "us-east-1"})
    )
    assert (stack.account, stack.region) == ("111122223333", "us-east-1")


@pytest.mark.parametrize("partition", REGIONS)
def test_work_is_allowed_where_the_file_says(assembly: Assembly, partition: str) -> None:
    (path,) = find_templates([assembly(ORGANIZATION, partition)])
    template = json.loads(path.read_text(encoding="utf-8"))
    regions = contents(template)["mlgov-limits"]["Statement"][-1]["Condition"]["StringNotEquals"]
    expected = ["eu-central-1", "us-east-1"] if partition == "aws" else [REGIONS[partition]]
    assert regions == {"aws:RequestedRegion": expected}


def test_a_file_with_the_least_holds_the_accounts(build: Callable[..., Template]) -> None:
    nothing: dict[str, Any] = dict.fromkeys(("exempt_roles", "deployment_roles", "allowed_instance_types"), ())
    found = build(required_tags={}, control_tower_unit_ids=(), **nothing)
    assert sorted(set(kinds(found))) == [
        "AISERVICES_OPT_OUT_POLICY",
        "DECLARATIVE_POLICY_EC2",
        "RESOURCE_CONTROL_POLICY",
        "SERVICE_CONTROL_POLICY",
    ]
    assert of_type(found, CONTROL) == {}
    assert "ArnNotLike" not in json.dumps(found)
    assert "OnlyTheseInstances" not in json.dumps(found)


def test_every_key_of_the_file_has_an_effect(build: Callable[..., Template], template: Template) -> None:
    subnet = "subnet-0a1b2c3d4e5f67890"
    found = build(
        organization_id="o-otherorg11",
        target_ids=("r-ab12", "111122223333"),
        allowed_subnets=(subnet,),
        allowed_instance_types=("ml.g6.*",),
        exempt_roles=("arn:*:iam::*:role/FireBrigade",),
        deployment_roles=("arn:*:iam::*:role/Deployer",),
        required_tags={"owner": ("ana",)},
        control_tower_unit_ids=("ou-ab12-22222222", "ou-ab12-33333333"),
        policy_prefix="acme",
    )
    before, after = json.dumps(template), json.dumps(found)
    for word in (subnet, "ml.g6.*", "FireBrigade", "role/Deployer", "aws:RequestTag/owner", "o-otherorg11"):
        assert word in after
        assert word not in before
    assert "o-exampleorg1" not in after
    assert all(policy["TargetIds"] == ["r-ab12", "111122223333"] for policy in properties(found, POLICY))
    assert all(name.startswith("acme-") for name in contents(found))
    assert len(properties(found, CONTROL)) == 22


@pytest.mark.parametrize(
    ("key", "control", "gone"),
    [
        ("internet_gateways", "MLG-GOV-35", "vpc_block_public_access"),
        ("outbound_network", "MLG-GOV-36", "ModelsAreIsolated"),
    ],
)
def test_a_reason_of_the_file_is_recorded(
    build: Callable[..., Template], template: Template, key: str, control: str, gone: str
) -> None:
    reason = "Egress runs through the inspection VPC, ADR-7"
    found = build(**{key: reason})
    deviations = [
        deviation
        for policy in of_type(found, POLICY).values()
        for deviation in policy.get("Metadata", {}).get("mlgov", {}).get("deviations", ())
    ]
    assert deviations == [{"control": control, "reason": reason}]
    assert gone in json.dumps(contents(template))
    assert gone not in json.dumps(contents(found))


class TestTheEnvironmentsMayDoTheirWork:
    """The policies of the file do not forbid what the files of the environments ask for."""

    @pytest.mark.parametrize("name", ENVIRONMENT_NAMES)
    def test_their_regions_are_allowed(self, file: Organization, name: str) -> None:
        environment = load_environment(ENVIRONMENTS / f"{name}.yaml")
        assert environment.region in file.allowed_regions
        assert not environment.cost.anomalies or BILLED_IN[environment.partition] in file.allowed_regions

    @pytest.mark.parametrize("name", ENVIRONMENT_NAMES)
    def test_their_instances_are_allowed(self, file: Organization, assembly: Assembly, name: str) -> None:
        text = "".join(path.read_text(encoding="utf-8") for path in find_templates([assembly(name, "aws")]))
        asked = set(INSTANCE_TYPE.findall(text)) - NEVER_ASKED_FOR
        assert asked >= {"ml.t3.medium", "ml.m5.xlarge"}
        patterns = file.allowed_instance_types
        assert sorted(each for each in asked if not any(fnmatchcase(each, pattern) for pattern in patterns)) == []

    @pytest.mark.parametrize("name", ENVIRONMENT_NAMES)
    def test_their_models_and_machines_carry_the_required_tags(
        self, file: Organization, assembly: Assembly, name: str
    ) -> None:
        types = {f"AWS::SageMaker::{action.partition(':Create')[2]}" for action in TAGGED}
        assert {"AWS::SageMaker::Model", "AWS::SageMaker::NotebookInstance"} <= types
        tagged = [
            {tag["Key"]: tag["Value"] for tag in resource["Properties"]["Tags"]}
            for path in find_templates([assembly(name, "aws")])
            for resource in json.loads(path.read_text(encoding="utf-8"))["Resources"].values()
            if resource["Type"] in types
        ]
        assert len(tagged) >= 3
        for tags in tagged:
            for key, values in file.required_tags.items():
                # A product's project is chosen of a list at its launch.
                assert isinstance(tags[key], dict) or tags[key] in values

    def test_production_is_in_a_unit_of_the_organization(self, file: Organization) -> None:
        production = load_environment(ENVIRONMENTS / "production.yaml")
        assert production.organization_id == file.organization_id
        assert set(production.catalog.share_with.organization_nodes) <= set(file.target_ids)
