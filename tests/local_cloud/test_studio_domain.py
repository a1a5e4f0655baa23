"""A stack with a Studio domain, a person and a space is deployed, updated and deleted with all that runs in it."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

import aws_cdk as cdk
import pytest

from mlgov_constructs.local_cloud import LocalCloud
from mlgov_constructs.workspace import StudioSpace
from tests.local_cloud.conftest import Cloud, Stack
from tests.templates import Template, of_type
from tests.workspace.studio.conftest import ground

SECONDS = 60  # that a custom resource may take


@pytest.fixture(scope="module")
def patient_cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    directory = tmp_path_factory.mktemp("patient-cloud")
    with LocalCloud(port=0, directory=directory, custom_resource_timeout=SECONDS) as local:
        yield Cloud(local)


@pytest.fixture(scope="module")
def template(synthesize: Callable[..., dict[str, Template]]) -> Template:
    def build(app: cdk.App) -> None:
        synthesizer = cdk.DefaultStackSynthesizer(generate_bootstrap_version_rule=False)
        base = ground(app, synthesizer=synthesizer)
        owner = base.profile(base.domain(domain_name="ml", images=[base.image()]))
        StudioSpace(base.stack, "Work", owner=owner, space_name="work")

    return synthesize(build)["studio"]


class LargeStack(Stack):
    """A stack whose template is too long for the request, so it lies in a bucket."""

    def create(self, **options: Any) -> str:
        self._client.create_stack(
            StackName=self.name, TemplateURL=self.uploaded(), Capabilities=["CAPABILITY_NAMED_IAM"], **options
        )
        return self.wait()

    def update(self, **resources: Any) -> str:
        self.resources = {**self.resources, **resources}
        self._client.update_stack(
            StackName=self.name, TemplateURL=self.uploaded(), Capabilities=["CAPABILITY_NAMED_IAM"]
        )
        return self.wait()

    def uploaded(self) -> str:
        s3 = self.cloud.client("s3")
        s3.create_bucket(Bucket="templates")
        s3.put_object(Bucket="templates", Key=self.name, Body=self.template.encode())
        return f"{self.cloud.local.endpoint}/templates/{self.name}"


@pytest.fixture(scope="module")
def stack(patient_cloud: Cloud, template: Template) -> Stack:
    stack = LargeStack(patient_cloud, "studio-domain", copy.deepcopy(template["Resources"]))
    assert stack.create() == "CREATE_COMPLETE", stack.failures()
    return stack


def logical_id(template: Template, kind: str) -> str:
    (found,) = of_type(template, f"AWS::SageMaker::{kind}")
    return found


def test_people_work_in_the_domain_as_it_was_declared(patient_cloud: Cloud, stack: Stack, template: Template) -> None:
    sagemaker, domain_id = patient_cloud.client("sagemaker"), stack.id(logical_id(template, "Domain"))
    domain = sagemaker.describe_domain(DomainId=domain_id)
    assert (domain["Status"], domain["AppNetworkAccessType"]) == ("InService", "VpcOnly")
    assert domain["DomainSettings"]["ExecutionRoleIdentityConfig"] == "USER_PROFILE_NAME"
    space = sagemaker.describe_space(DomainId=domain_id, SpaceName="work")
    assert space["OwnershipSettings"]["OwnerUserProfileName"] == "ana"
    profile = sagemaker.describe_user_profile(DomainId=domain_id, UserProfileName="ana")
    tags = sagemaker.list_tags(ResourceArn=profile["UserProfileArn"])["Tags"]
    assert {tag["Key"]: tag["Value"] for tag in tags} == {"mlgov:project": "churn", "mlgov:user": "ana"}


def test_a_setting_is_changed_in_place(patient_cloud: Cloud, stack: Stack, template: Template) -> None:
    name = logical_id(template, "Domain")
    before, changed = stack.id(name), copy.deepcopy(template["Resources"][name])
    settings: dict[str, Any] = changed["Properties"]["DefaultUserSettings"]
    settings["SpaceStorageSettings"]["DefaultEbsStorageSettings"]["MaximumEbsVolumeSizeInGb"] = 200
    assert stack.update(**{name: changed}) == "UPDATE_COMPLETE", stack.failures()
    found = patient_cloud.client("sagemaker").describe_domain(DomainId=before)
    assert stack.id(name) == before
    storage = found["DefaultUserSettings"]["SpaceStorageSettings"]["DefaultEbsStorageSettings"]
    assert storage["MaximumEbsVolumeSizeInGb"] == 200


def test_it_is_deleted_while_an_app_runs(patient_cloud: Cloud, stack: Stack, template: Template) -> None:
    sagemaker, domain_id = patient_cloud.client("sagemaker"), stack.id(logical_id(template, "Domain"))
    home = sagemaker.describe_domain(DomainId=domain_id)["HomeEfsFileSystemId"]
    sagemaker.create_app(DomainId=domain_id, SpaceName="work", AppType="JupyterLab", AppName="default")
    assert stack.delete() == "DELETE_COMPLETE", stack.failures()
    assert domain_id not in [each["DomainId"] for each in sagemaker.list_domains()["Domains"]]
    efs = patient_cloud.client("efs")
    assert efs.describe_file_systems(FileSystemId=home)["FileSystems"][0]["FileSystemId"] == home
    assert efs.describe_mount_targets(FileSystemId=home)["MountTargets"] == []
