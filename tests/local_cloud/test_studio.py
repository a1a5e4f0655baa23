"""SageMaker Studio: its resources take time, hold one another, and leave a home behind."""

from __future__ import annotations

import time

import pytest

from tests.local_cloud.conftest import Cloud
from tests.local_cloud.studio import ROLE, Studio, eventually, refusal


@pytest.fixture(scope="module")
def studio(cloud: Cloud) -> Studio:
    return Studio(cloud)


def test_a_domain_is_pending_first_and_described_as_it_was_asked_for(studio: Studio) -> None:
    found = studio.describe()
    assert studio.first_status == "Pending"
    assert found["DomainArn"] == studio.created["DomainArn"]
    assert (found["AppNetworkAccessType"], found["AuthMode"], found["SubnetIds"]) == ("VpcOnly", "IAM", studio.subnets)
    tags = studio.sagemaker.list_tags(ResourceArn=found["DomainArn"])["Tags"]
    assert tags == [{"Key": "mlgov:project", "Value": "churn"}]


def test_an_update_takes_time_and_leaves_what_it_does_not_name(studio: Studio) -> None:
    studio.sagemaker.update_domain(DomainId=studio.id, DefaultUserSettings={"StudioWebPortal": "ENABLED"})
    assert studio.describe()["Status"] == "Updating"
    studio.until("InService")
    assert studio.describe()["DefaultUserSettings"] == {"ExecutionRole": ROLE, "StudioWebPortal": "ENABLED"}


def test_a_name_is_taken_once_and_subnets_must_exist(studio: Studio) -> None:
    asked = {
        "DomainName": studio.describe()["DomainName"],
        "AuthMode": "IAM",
        "DefaultUserSettings": {},
        "SubnetIds": studio.subnets,
        "VpcId": studio.vpc,
    }
    assert refusal(studio.sagemaker.create_domain, **asked) == "ResourceInUse"
    other = {**asked, "DomainName": "other", "SubnetIds": ["subnet-unknown"]}
    assert refusal(studio.sagemaker.create_domain, **other) == "ValidationException"
    assert refusal(studio.sagemaker.describe_domain, DomainId="d-unknown") == "ResourceNotFound"


def test_the_home_is_a_file_system_in_every_subnet_behind_two_groups_that_name_each_other(studio: Studio) -> None:
    file_system = studio.efs.describe_file_systems(FileSystemId=studio.describe()["HomeEfsFileSystemId"])
    (found,) = file_system["FileSystems"]
    managed = {"Key": "ManagedByAmazonSageMakerResource", "Value": studio.created["DomainArn"]}
    assert managed in found["Tags"]
    targets = studio.efs.describe_mount_targets(FileSystemId=found["FileSystemId"])["MountTargets"]
    assert sorted(target["SubnetId"] for target in targets) == sorted(studio.subnets)
    groups = studio.groups()
    inbound = groups[f"security-group-for-inbound-nfs-{studio.id}"]
    outbound = groups[f"security-group-for-outbound-nfs-{studio.id}"]
    assert {pair["GroupId"] for rule in inbound["IpPermissions"] for pair in rule["UserIdGroupPairs"]} == {
        outbound["GroupId"]
    }
    assert {pair["GroupId"] for rule in outbound["IpPermissionsEgress"] for pair in rule["UserIdGroupPairs"]} == {
        inbound["GroupId"]
    }
    assert refusal(studio.ec2.delete_subnet, SubnetId=studio.subnets[0]) == "DependencyViolation"
    for group in groups.values():
        assert refusal(studio.ec2.delete_security_group, GroupId=group["GroupId"]) == "DependencyViolation"


def test_apps_hold_spaces_hold_profiles_hold_the_domain(studio: Studio) -> None:
    sagemaker, domain = studio.sagemaker, {"DomainId": studio.id}
    studio.add_profile("ada")
    studio.add_space("ada-space", "ada")
    app = studio.add_app("ada-space")
    assert refusal(sagemaker.delete_domain, **domain) == "ResourceInUse"
    assert refusal(sagemaker.delete_user_profile, **domain, UserProfileName="ada") == "ResourceInUse"
    assert refusal(sagemaker.delete_space, **domain, SpaceName="ada-space") == "ResourceInUse"
    sagemaker.delete_app(**app)
    assert sagemaker.describe_app(**app)["Status"] == "Deleting"
    assert refusal(sagemaker.delete_space, **domain, SpaceName="ada-space") == "ResourceInUse"
    eventually(lambda: sagemaker.list_apps(DomainIdEquals=studio.id)["Apps"][0]["Status"], "Deleted")
    sagemaker.delete_space(**domain, SpaceName="ada-space")
    eventually(lambda: sagemaker.list_spaces(DomainIdEquals=studio.id)["Spaces"], [])
    sagemaker.delete_user_profile(**domain, UserProfileName="ada")
    eventually(lambda: sagemaker.list_user_profiles(DomainIdEquals=studio.id)["UserProfiles"], [])


def test_an_app_must_fit_its_place(studio: Studio) -> None:
    studio.add_profile("bob")
    app = {"DomainId": studio.id, "AppType": "JupyterLab", "AppName": "default"}
    assert refusal(studio.sagemaker.create_app, **app, UserProfileName="bob") == "ValidationException"
    assert refusal(studio.sagemaker.create_app, **app, SpaceName="none") == "ResourceNotFound"
    url = studio.sagemaker.create_presigned_domain_url(DomainId=studio.id, UserProfileName="bob")["AuthorizedUrl"]
    assert studio.id in url


def test_a_test_can_hold_up_a_deletion_and_throttle_a_list(studio: Studio) -> None:
    studio.add_profile("cleo")
    studio.cloud.local.delay("sagemaker:DeleteUserProfile", looks=3)
    studio.sagemaker.delete_user_profile(DomainId=studio.id, UserProfileName="cleo")
    time.sleep(0.3)  # longer than a deletion takes
    named = {"DomainId": studio.id, "UserProfileName": "cleo"}
    statuses = [studio.sagemaker.describe_user_profile(**named)["Status"] for _ in range(3)]
    assert statuses == ["Deleting"] * 3
    assert refusal(studio.sagemaker.describe_user_profile, **named) == "ResourceNotFound"
    studio.cloud.local.fail("sagemaker:ListSpaces", "ThrottlingException")
    assert refusal(studio.sagemaker.list_spaces) == "ThrottlingException"
    assert studio.sagemaker.list_spaces(DomainIdEquals=studio.id)["Spaces"] == []


@pytest.mark.parametrize(("retention", "kept"), [({}, True), ({"HomeEfsFileSystem": "Delete"}, False)])
def test_what_a_deleted_domain_leaves(cloud: Cloud, retention: dict[str, str], kept: bool) -> None:
    studio = Studio(cloud)
    file_system = studio.describe()["HomeEfsFileSystemId"]
    studio.sagemaker.delete_domain(DomainId=studio.id, RetentionPolicy=retention)
    assert studio.describe()["Status"] == "Deleting"
    eventually(studio.is_gone, True)
    assert studio.file_system_exists(file_system) is kept
    assert len(studio.groups()) == 2
    if kept:
        assert refusal(studio.ec2.delete_subnet, SubnetId=studio.subnets[0]) == "DependencyViolation"
    else:
        for subnet in studio.subnets:
            studio.ec2.delete_subnet(SubnetId=subnet)
        assert refusal(studio.ec2.delete_vpc, VpcId=studio.vpc) == "DependencyViolation"


def test_images_have_versions_that_count_up(cloud: Cloud) -> None:
    sagemaker = cloud.client("sagemaker")
    sagemaker.create_image(ImageName="Lab", RoleArn=ROLE)
    eventually(lambda: sagemaker.describe_image(ImageName="lab")["ImageStatus"], "CREATED")
    for number in (1, 2):
        arn = sagemaker.create_image_version(ImageName="Lab", BaseImage="repo:tag", ClientToken="t")["ImageVersionArn"]
        assert arn.endswith(f":image-version/lab/{number}")
    assert sagemaker.describe_image_version(ImageName="Lab")["Version"] == 2
    assert sagemaker.describe_image_version(ImageName="Lab", Version=1)["ContainerImage"] == "repo:tag"
    assert refusal(sagemaker.delete_image, ImageName="Lab") == "ResourceInUse"
    assert [each["Version"] for each in sagemaker.list_image_versions(ImageName="Lab")["ImageVersions"]] == [1, 2]


def test_configurations_are_kept(cloud: Cloud) -> None:
    sagemaker = cloud.client("sagemaker")
    sagemaker.create_studio_lifecycle_config(
        StudioLifecycleConfigName="packages",
        StudioLifecycleConfigContent="ZWNobw==",
        StudioLifecycleConfigAppType="JupyterLab",
    )
    found = sagemaker.describe_studio_lifecycle_config(StudioLifecycleConfigName="packages")
    assert found["StudioLifecycleConfigContent"] == "ZWNobw=="
    listed = sagemaker.list_studio_lifecycle_configs(AppTypeEquals="CodeEditor")["StudioLifecycleConfigs"]
    assert listed == []
    config = {"ContainerConfig": {"ContainerArguments": ["--quiet"]}}
    sagemaker.create_app_image_config(AppImageConfigName="lab", JupyterLabAppImageConfig=config)
    assert sagemaker.describe_app_image_config(AppImageConfigName="lab")["JupyterLabAppImageConfig"] == config
