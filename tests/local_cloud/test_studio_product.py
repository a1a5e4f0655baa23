"""The Studio product in the local cloud: provisioned, updated, terminated when nothing runs in it."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator

import pytest
from botocore.exceptions import ClientError

from mlgov_constructs.workspace import ParameterNames
from tests.catalog.test_studio_product import product
from tests.local_cloud.catalog_templates import ACCOUNT, role, trust
from tests.local_cloud.conftest import Cloud
from tests.local_cloud.products import OfferedProduct, offer
from tests.local_cloud.studio import Studio, eventually
from tests.templates import Template
from tests.workspace.studio.conftest import ground

NAMES = ParameterNames("/mlgov/test/workspace")
PERSON = {"Project": "churn", "UserName": "ana@example.com"}
NAME = "churn-ana-example-com"


@pytest.fixture(scope="module")
def studio(cloud: Cloud) -> Studio:
    return Studio(cloud)


@pytest.fixture(scope="module")
def offered(cloud: Cloud, studio: Studio, synthesize: Callable[..., dict[str, Template]]) -> Iterator[OfferedProduct]:
    def build(app: object) -> None:
        base = ground(app)  # type: ignore[arg-type]
        product(base, base.domain())

    templates = synthesize(build)
    (first,) = (template for name, template in templates.items() if name.endswith(".product"))
    second = copy.deepcopy(first)
    second["Mappings"]["Sizes"]["small"]["InstanceType"] = "ml.t3.large"
    roles = cloud.stack(Role=role("product-studio", trust("sagemaker")))
    assert roles.describe()["StackStatus"] == "CREATE_COMPLETE", roles.failures()
    workspace = {
        NAMES.studio_domain_id: studio.id,
        f"{NAMES.prefix}/projects/churn/studio-role-arn": f"arn:aws:iam::{ACCOUNT}:role/product-studio",
    }
    with offer(cloud, first, second, workspace=workspace) as found:
        yield found


def test_a_person_gets_a_profile_and_a_private_space(studio: Studio, offered: OfferedProduct) -> None:
    outputs = offered.provision("mine", **PERSON)
    assert (outputs["UserProfileName"], outputs["SpaceName"]) == (NAME, NAME)
    assert outputs["OpenStudio"] == (
        "aws sagemaker create-presigned-domain-url --region us-east-1 "
        f"--domain-id {studio.id} --user-profile-name {NAME} --query AuthorizedUrl --output text"
    )
    profile = studio.sagemaker.describe_user_profile(DomainId=studio.id, UserProfileName=NAME)
    assert profile["UserSettings"]["ExecutionRole"].endswith(":role/product-studio")
    tags = {
        tag["Key"]: tag["Value"] for tag in studio.sagemaker.list_tags(ResourceArn=profile["UserProfileArn"])["Tags"]
    }
    assert (tags["mlgov:project"], tags["mlgov:user"]) == ("churn", "ana@example.com")
    space = studio.sagemaker.describe_space(DomainId=studio.id, SpaceName=NAME)
    assert space["OwnershipSettings"] == {"OwnerUserProfileName": NAME}
    assert space["SpaceSharingSettings"] == {"SharingType": "Private"}
    settings = space["SpaceSettings"]
    assert settings["JupyterLabAppSettings"] == {"DefaultResourceSpec": {"InstanceType": "ml.t3.medium"}}
    assert (settings["AppType"], "CodeEditorAppSettings" in settings) == ("JupyterLab", False)


def test_an_update_changes_the_machine_and_keeps_the_space(studio: Studio, offered: OfferedProduct) -> None:
    before = studio.sagemaker.describe_space(DomainId=studio.id, SpaceName=NAME)
    offered.update("mine", "v2", **PERSON, VolumeInGB="50")
    after = studio.sagemaker.describe_space(DomainId=studio.id, SpaceName=NAME)
    settings = after["SpaceSettings"]
    assert settings["JupyterLabAppSettings"]["DefaultResourceSpec"] == {"InstanceType": "ml.t3.large"}
    assert settings["SpaceStorageSettings"] == {"EbsStorageSettings": {"EbsVolumeSizeInGb": 50}}
    assert after["CreationTime"] == before["CreationTime"]


def test_another_tool_is_refused_and_the_space_stays(studio: Studio, offered: OfferedProduct) -> None:
    with pytest.raises(AssertionError, match=r"app type of Space .* cannot be changed"):
        offered.update("mine", "v2", **PERSON, VolumeInGB="50", Tool="CodeEditor")
    space = studio.sagemaker.describe_space(DomainId=studio.id, SpaceName=NAME)
    assert space["SpaceSettings"]["AppType"] == "JupyterLab"


def test_a_running_app_keeps_the_product_until_it_is_stopped(studio: Studio, offered: OfferedProduct) -> None:
    app = studio.add_app(NAME)
    with pytest.raises(AssertionError, match=r"because App\(s\) are associated with it"):
        offered.terminate("mine")
    studio.sagemaker.delete_app(**app)
    eventually(lambda: studio.sagemaker.describe_app(**app)["Status"], "Deleted")
    offered.terminate("mine")
    with pytest.raises(ClientError, match="ResourceNotFound"):
        studio.sagemaker.describe_user_profile(DomainId=studio.id, UserProfileName=NAME)


def test_another_project_makes_a_new_workspace_and_keeps_the_old(studio: Studio, offered: OfferedProduct) -> None:
    offered.provision("his", Project="churn", UserName="ben")
    offered.update("his", "v1", Project="churn", UserName="benjamin")
    spaces = studio.sagemaker.list_spaces(DomainIdEquals=studio.id)["Spaces"]
    assert {space["SpaceName"] for space in spaces} == {"churn-ben", "churn-benjamin"}
    offered.terminate("his")
    spaces = studio.sagemaker.list_spaces(DomainIdEquals=studio.id)["Spaces"]
    assert [space["SpaceName"] for space in spaces] == ["churn-ben"]
