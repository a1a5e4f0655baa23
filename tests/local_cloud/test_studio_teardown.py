"""A stack with the Studio teardown is deleted: the state machine runs, and CloudFormation gets its answer."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import aws_cdk as cdk
import pytest
from aws_cdk import aws_backup as backup

from mlgov_constructs.identity import PermissionsBoundary
from mlgov_constructs.local_cloud import LocalCloud
from mlgov_constructs.network import IIsolatedVpc
from mlgov_constructs.protection import DataKey
from mlgov_constructs.workspace.studio.teardown import StudioTeardown
from tests.local_cloud.conftest import Cloud, Stack
from tests.local_cloud.studio import Studio
from tests.templates import Template

ROOT = Path(__file__).parent.parent.parent
ACTIONS = (
    *StudioTeardown.BOUNDARY_ACTIONS,
    *StudioTeardown.BACKUP_ACTIONS,
    *StudioTeardown.DELETION_ACTIONS,
)
NUMBERS = itertools.count(1)
SECONDS = 60  # that a custom resource may take


@pytest.fixture(scope="module")
def patient_cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    directory = tmp_path_factory.mktemp("patient-cloud")
    with LocalCloud(port=0, directory=directory, custom_resource_timeout=SECONDS, enforced=True) as local:
        yield Cloud(local)


@dataclass
class Network:
    """A VPC of which only the id is known."""

    vpc_id: str


def template(synthesize: Callable[..., dict[str, Template]], studio: Studio, **arguments: Any) -> dict[str, Any]:
    """The template of a stack that holds nothing but the teardown of a domain."""
    found = studio.describe()

    def build(app: cdk.App) -> None:
        synthesizer = cdk.DefaultStackSynthesizer(generate_bootstrap_version_rule=False)
        stack = cdk.Stack(app, "Teardown", synthesizer=synthesizer)
        StudioTeardown(
            stack,
            "Teardown",
            domain_id=studio.id,
            domain_arn=found["DomainArn"],
            home_file_system_id=found["HomeEfsFileSystemId"],
            vpc=cast("IIsolatedVpc", Network(studio.vpc)),
            encryption_key=DataKey(stack, "Key"),
            permissions_boundary=PermissionsBoundary(
                stack, "Boundary", additional_actions=ACTIONS, additional_role_receivers=("backup",)
            ),
            **{name: make(stack) for name, make in arguments.items()},
        )

    (made,) = synthesize(build, context={"mlgov:allowDataRemoval": True}).values()
    return cast("dict[str, Any]", made["Resources"])


@pytest.fixture
def studio(patient_cloud: Cloud) -> Studio:
    studio = Studio(patient_cloud)
    studio.add_profile("ada")
    studio.add_space("ada-space", "ada")
    studio.add_app("ada-space")
    return studio


@pytest.fixture
def stack(patient_cloud: Cloud, studio: Studio, synthesize: Callable[..., dict[str, Template]]) -> Stack:
    return deploy(patient_cloud, template(synthesize, studio))


def deploy(cloud: Cloud, resources: dict[str, Any]) -> Stack:
    """Deploys a template that is too large for a request."""
    bucket, s3, name = "large-templates", cloud.client("s3"), f"teardown-{next(NUMBERS)}"
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key=name, Body=json.dumps({"Resources": resources}).encode())
    cloud.client("cloudformation").create_stack(
        StackName=name,
        TemplateURL=f"{cloud.local.endpoint}/{bucket}/{name}",
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )
    stack = Stack(cloud, name, resources)
    assert stack.wait() == "CREATE_COMPLETE", stack.failures()
    return stack


def executions(cloud: Cloud, stack: Stack) -> Any:
    states = cloud.client("stepfunctions")
    (arn,) = [
        each["PhysicalResourceId"]
        for each in cloud.client("cloudformation").describe_stack_resources(StackName=stack.name)["StackResources"]
        if each["ResourceType"] == "AWS::StepFunctions::StateMachine"
    ]
    return states.list_executions(stateMachineArn=arn)["executions"]


def test_deleting_the_stack_takes_the_domain_down_and_keeps_its_home(
    patient_cloud: Cloud, studio: Studio, stack: Stack
) -> None:
    file_system = studio.describe()["HomeEfsFileSystemId"]
    assert executions(patient_cloud, stack) == []
    assert stack.delete() == "DELETE_COMPLETE", stack.failures()
    assert studio.is_gone()
    assert studio.file_system_exists(file_system)
    for subnet in studio.subnets:
        studio.ec2.delete_subnet(SubnetId=subnet)
    studio.ec2.delete_vpc(VpcId=studio.vpc)


def test_with_both_keys_the_home_goes_after_its_recovery_point_is_made(
    patient_cloud: Cloud, studio: Studio, synthesize: Callable[..., dict[str, Template]]
) -> None:
    backups = patient_cloud.client("backup")
    backups.create_backup_vault(BackupVaultName="homes")
    home = studio.describe()["HomeEfsFileSystemId"]
    stack = deploy(
        patient_cloud,
        template(
            synthesize,
            studio,
            removal_policy=lambda _: cdk.RemovalPolicy.DESTROY,
            backup_vault=lambda scope: backup.BackupVault.from_backup_vault_name(scope, "Vault", "homes"),
        ),
    )
    assert stack.delete() == "DELETE_COMPLETE", stack.failures()
    assert not studio.file_system_exists(home)
    jobs = backups.list_backup_jobs()["BackupJobs"]
    assert [(job["ResourceArn"].rpartition("/")[2], job["State"]) for job in jobs] == [(home, "COMPLETED")]


def test_an_update_that_drops_the_teardown_leaves_the_domain(
    patient_cloud: Cloud, studio: Studio, stack: Stack
) -> None:
    kept = {name: each for name, each in stack.resources.items() if not each["Type"].startswith("Custom::")}
    assert len(kept) == len(stack.resources) - 1
    stack.resources = kept
    assert stack.update() == "UPDATE_COMPLETE", stack.failures()
    assert executions(patient_cloud, stack) == []
    assert stack.delete() == "DELETE_COMPLETE", stack.failures()
    assert studio.describe()["Status"] == "InService"
    assert len(studio.sagemaker.list_apps(DomainIdEquals=studio.id)["Apps"]) == 1


def test_a_failure_reaches_the_person_and_deleting_again_goes_on(
    patient_cloud: Cloud, studio: Studio, stack: Stack
) -> None:
    patient_cloud.local.fail("sagemaker:ListSpaces", "AccessDeniedException")
    assert stack.delete() == "DELETE_FAILED"
    assert "Teardown of the Studio domain failed" in stack.failures()
    assert "AccessDeniedException" in stack.failures()
    assert not studio.is_gone()
    # Deployed anew, because here a failed deletion takes along what the failed resource needs.
    assert deploy(patient_cloud, stack.resources).delete() == "DELETE_COMPLETE"
    assert studio.is_gone()


def test_the_example_with_its_vpc_goes_although_a_stranger_works_in_it(patient_cloud: Cloud, tmp_path: Path) -> None:
    stack = deploy(patient_cloud, example(tmp_path))
    sagemaker, ec2 = patient_cloud.client("sagemaker"), patient_cloud.client("ec2")
    (arn,) = [each["DomainArn"] for each in sagemaker.list_domains()["Domains"] if each["DomainName"] == "churn"]
    studio = Studio.of(patient_cloud, arn.rsplit("/", 1)[-1])
    vpc, home = studio.describe()["VpcId"], studio.describe()["HomeEfsFileSystemId"]
    studio.add_profile("stranger")
    studio.add_space("foreign", "stranger")
    studio.add_app("foreign")
    assert stack.delete() == "DELETE_COMPLETE", stack.failures()
    assert studio.is_gone()
    assert vpc not in [each["VpcId"] for each in ec2.describe_vpcs()["Vpcs"]]
    assert studio.file_system_exists(home)


def example(folder: Path) -> dict[str, Any]:
    """The resources of the example of Studio."""
    program = ROOT / "docs" / "examples" / "studio.py"
    environment = {**os.environ, "CDK_OUTDIR": str(folder)}
    subprocess.run([sys.executable, str(program)], cwd=ROOT, env=environment, check=True, capture_output=True)
    (path,) = folder.glob("*.template.json")
    return cast("dict[str, Any]", json.loads(path.read_text(encoding="utf-8"))["Resources"])
