from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as s3

from mlgov_constructs.errors import ConstructError
from mlgov_constructs.identity import JobRole, JobType
from mlgov_constructs.network import IsolatedVpc
from mlgov_constructs.protection import DataClass
from mlgov_constructs.workspace import NOTEBOOK_SERVICES, NotebookLifecycle, ParameterNames, WorkspaceParameters
from tests.catalog.conftest import NAMES, Ground, ground
from tests.templates import Template, of_type
from tests.workspace.conftest import endpoints_of


def parameters(base: Ground, **arguments: Any) -> WorkspaceParameters:
    common: dict[str, Any] = {
        "names": NAMES,
        "vpc": base.environment.vpc,
        "encryption_key": base.environment.encryption_key,
        "lifecycle": NotebookLifecycle(base.stack, "Lifecycle"),
        "notebook_roles": base.roles,
    }
    return WorkspaceParameters(base.stack, "Parameters", **{**common, **arguments})


def training_role(base: Ground, construct_id: str = "Training") -> JobRole:
    return JobRole(
        base.stack,
        construct_id,
        job=JobType.TRAINING,
        project="churn",
        environment=base.environment,
        permissions_boundary=base.boundary,
    )


@pytest.mark.parametrize("prefix", ["mlgov/sandbox", "/mlgov/sandbox/", "/mlgov//sandbox", "/mlgov/sand box", ""])
def test_a_prefix_that_is_no_path_is_refused(prefix: str) -> None:
    with pytest.raises(ValueError, match=re.escape(f"Parameter prefix {prefix!r} is no path")):
        ParameterNames(prefix)


@pytest.fixture(scope="module")
def written(synthesize: Callable[..., dict[str, Template]]) -> dict[str, Any]:
    def build(app: cdk.App) -> None:
        base = ground(app, "full")
        parameters(
            base,
            job_roles=[training_role(base)],
            zones=2,
            buckets={DataClass.CURATED: s3.Bucket(base.stack, "Curated")},
            permissions_boundary=base.boundary,
            access_log_bucket=s3.Bucket(base.stack, "Logs"),
            studio_domain_id="d-1",
            model_package_groups={"churn": "churn-models"},
        )

    found = of_type(synthesize(build)["full"], "AWS::SSM::Parameter").values()
    return {p["Properties"]["Name"].removeprefix("/mlgov/test/workspace/"): p["Properties"]["Value"] for p in found}


@pytest.mark.parametrize(
    ("name", "logical_id"),
    [
        ("subnet-id", "VpcIsolatedSubnet1"),
        ("subnet-id-2", "VpcIsolatedSubnet2"),
        ("projects/churn/training-role-arn", "Training"),
        ("buckets/curated", "Curated"),
        ("permissions-boundary-arn", "Boundary"),
        ("access-log-bucket-name", "Logs"),
    ],
)
def test_what_is_given_is_written_down(written: dict[str, Any], name: str, logical_id: str) -> None:
    value = written[name]
    assert (value.get("Ref") or value["Fn::GetAtt"][0]).startswith(logical_id)


def test_names_are_written_as_they_are(written: dict[str, Any]) -> None:
    assert written["studio-domain-id"] == "d-1"
    assert written["projects/churn/model-package-group-name"] == "churn-models"


def test_nothing_is_written_that_was_not_given(synthesize: Callable[..., dict[str, Template]]) -> None:
    template = synthesize(lambda app: parameters(ground(app, "small")))["small"]
    names = {p["Properties"]["Name"].rpartition("/")[2] for p in of_type(template, "AWS::SSM::Parameter").values()}
    assert names == {"subnet-id", "security-group-id", "key-arn", "lifecycle-config-name", "notebook-role-arn"}


def test_products_find_the_endpoints_of_notebooks_in_the_vpc(synthesize: Callable[..., dict[str, Template]]) -> None:
    def build(app: cdk.App) -> None:
        base = ground(app, "full")
        parameters(base, vpc=IsolatedVpc(base.stack, "Other"))

    names = json.dumps(endpoints_of(synthesize(build)["full"], "Other"))
    for service in NOTEBOOK_SERVICES:
        assert re.search(rf'[."]{re.escape(service.value)}"', names), service


def test_what_products_read_is_what_the_workspace_writes(written: dict[str, Any]) -> None:
    names = ParameterNames("/mlgov/test/workspace")
    read = [
        *names.subnet_ids(2),
        names.job_role_arn("churn", JobType.TRAINING),
        names.notebook_role_arn("fraud"),
        names.bucket_name(DataClass.CURATED),
        names.permissions_boundary_arn,
        names.access_log_bucket_name,
        names.studio_domain_id,
        names.model_package_group_name("churn"),
    ]
    assert {name.removeprefix("/mlgov/test/workspace/") for name in read} <= set(written)


def test_two_roles_of_one_kind_are_refused() -> None:
    base = ground(cdk.App(), "Stack")
    with pytest.raises(ConstructError, match="project 'churn' has more than one training role"):
        parameters(base, job_roles=[training_role(base), training_role(base, "Second")])


def test_a_role_of_another_kind_is_no_notebook_role() -> None:
    base = ground(cdk.App(), "Stack")
    with pytest.raises(ConstructError, match="notebook_roles holds a role for training of project 'churn'"):
        parameters(base, notebook_roles=[training_role(base)])


@pytest.mark.parametrize("zones", [0, 9])
def test_zones_that_the_vpc_does_not_have_are_refused(zones: int) -> None:
    with pytest.raises(ConstructError, match=rf"^\[Stack/Parameters\] zones is {zones}, and the VPC has \d"):
        parameters(ground(cdk.App(), "Stack"), zones=zones)
