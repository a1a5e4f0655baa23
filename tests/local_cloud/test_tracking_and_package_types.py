"""Tracking servers, apps, packages and code with every property, as their services describe them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.local_cloud.conftest import Cloud, Stack

ROLE = "arn:aws:iam::123456789012:role/mlflow"
TAGS = [{"Key": "mlgov:project", "Value": "churn"}]
POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
            "Action": "codeartifact:ReadFromRepository",
            "Resource": "*",
        }
    ],
}
SERVER: dict[str, Any] = {
    "TrackingServerName": "Churn-Tracking",
    "ArtifactStoreUri": "s3://bucket/churn/mlflow",
    "RoleArn": ROLE,
    "TrackingServerSize": "Medium",
    "MlflowVersion": "3.0",
    "AutomaticModelRegistration": False,
    "WeeklyMaintenanceWindowStart": "Sun:03:00",
    "Tags": TAGS,
}
APP: dict[str, Any] = {
    "Name": "Churn-App",
    "ArtifactStoreUri": "s3://bucket/churn/mlflow",
    "RoleArn": ROLE,
    "ModelRegistrationMode": "AutoModelRegistrationDisabled",
    "WeeklyMaintenanceWindowStart": "Sun:03:00",
    "Tags": TAGS,
}


def mode(name: str, *repositories: Any) -> dict[str, Any]:
    return {"RestrictionMode": name, **({"Repositories": list(repositories)} if repositories else {})}


def group(pattern: str, outside: dict[str, Any], inside: dict[str, Any], publish: dict[str, Any]) -> dict[str, Any]:
    restrictions = {"ExternalUpstream": outside, "InternalUpstream": inside, "Publish": publish}
    properties = {
        "DomainName": {"Fn::GetAtt": ["Domain", "Name"]},
        "Pattern": pattern,
        "Description": "Listed",
        "ContactInfo": "ml-platform",
        "OriginConfiguration": {"Restrictions": restrictions},
        "Tags": TAGS,
    }
    return {"Type": "AWS::CodeArtifact::PackageGroup", "Properties": properties}


STORE = {"Fn::GetAtt": ["Store", "Name"]}
PACKAGES: dict[str, Any] = {
    "Key": {"Type": "AWS::KMS::Key"},
    "Domain": {
        "Type": "AWS::CodeArtifact::Domain",
        "Properties": {
            "DomainName": "mlgov",
            "EncryptionKey": {"Fn::GetAtt": ["Key", "Arn"]},
            "PermissionsPolicyDocument": POLICY,
            "Tags": TAGS,
        },
    },
    "Everything": group("/pypi/*", mode("BLOCK"), mode("BLOCK"), mode("BLOCK")),
    "Store": {
        "Type": "AWS::CodeArtifact::Repository",
        "DependsOn": "Everything",
        "Properties": {
            "DomainName": {"Fn::GetAtt": ["Domain", "Name"]},
            "RepositoryName": "python-store",
            "ExternalConnections": ["public:pypi"],
        },
    },
    "Team": {
        "Type": "AWS::CodeArtifact::Repository",
        "Properties": {
            "DomainName": {"Fn::GetAtt": ["Domain", "Name"]},
            "RepositoryName": "python",
            "Description": "What the team installs",
            "Upstreams": [STORE],
            "PermissionsPolicyDocument": POLICY,
            "Tags": TAGS,
        },
    },
    "Listed": group("/pypi//numpy$", mode("ALLOW_SPECIFIC_REPOSITORIES", STORE), mode("ALLOW"), mode("BLOCK")),
}


@pytest.fixture(scope="module")
def tracking(cloud: Cloud) -> Stack:
    return cloud.stack(
        Server={"Type": "AWS::SageMaker::MlflowTrackingServer", "Properties": SERVER},
        App={"Type": "AWS::SageMaker::MlflowApp", "Properties": APP},
    )


@pytest.fixture(scope="module")
def packages(cloud: Cloud) -> Stack:
    return cloud.stack(**PACKAGES)


@pytest.fixture(scope="module")
def code(cloud: Cloud) -> Stack:
    properties = {
        "RepositoryName": "churn",
        "RepositoryDescription": "Churn of customers",
        "KmsKeyId": {"Fn::GetAtt": ["Key", "Arn"]},
        "Tags": TAGS,
    }
    return cloud.stack(
        Key={"Type": "AWS::KMS::Key"}, Code={"Type": "AWS::CodeCommit::Repository", "Properties": properties}
    )


def test_a_server_is_described_with_every_property(cloud: Cloud, tracking: Stack) -> None:
    assert tracking.describe()["StackStatus"] == "CREATE_COMPLETE", tracking.failures()
    sagemaker = cloud.client("sagemaker")
    found = sagemaker.describe_mlflow_tracking_server(TrackingServerName="Churn-Tracking")
    expected = {name: value for name, value in SERVER.items() if name != "Tags"}
    assert {name: found[name] for name in expected} == expected
    assert (found["TrackingServerStatus"], found["IsActive"]) == ("Created", "Active")
    assert sagemaker.list_tags(ResourceArn=found["TrackingServerArn"])["Tags"] == TAGS
    (listed,) = sagemaker.list_mlflow_tracking_servers()["TrackingServerSummaries"]
    assert listed["TrackingServerName"] == "Churn-Tracking"


def test_an_app_is_described_with_every_property(cloud: Cloud, tracking: Stack) -> None:
    sagemaker = cloud.client("sagemaker")
    arn = tracking.id("App")
    found = sagemaker.describe_mlflow_app(Arn=arn)
    expected = {name: value for name, value in APP.items() if name != "Tags"}
    assert {name: found[name] for name in expected} == expected
    assert ":mlflow-app/app-" in arn
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == TAGS
    assert [item["Name"] for item in sagemaker.list_mlflow_apps()["Summaries"]] == ["Churn-App"]
    assert "authToken" in sagemaker.create_presigned_mlflow_app_url(Arn=arn)["AuthorizedUrl"]


def test_pages_open_while_the_server_runs(cloud: Cloud, tracking: Stack) -> None:
    assert tracking.describe()["StackStatus"] == "CREATE_COMPLETE"
    sagemaker = cloud.client("sagemaker")
    name = {"TrackingServerName": "Churn-Tracking"}
    assert "authToken" in sagemaker.create_presigned_mlflow_tracking_server_url(**name)["AuthorizedUrl"]
    sagemaker.stop_mlflow_tracking_server(**name)
    with pytest.raises(sagemaker.exceptions.ClientError, match="is stopped"):
        sagemaker.create_presigned_mlflow_tracking_server_url(**name)
    sagemaker.start_mlflow_tracking_server(**name)
    assert sagemaker.describe_mlflow_tracking_server(**name)["TrackingServerStatus"] == "Started"


def test_a_server_and_an_app_change_in_place(cloud: Cloud, tracking: Stack) -> None:
    before = tracking.id("App")
    server = {**SERVER, "TrackingServerSize": "Large", "Tags": [{"Key": "mlgov:project", "Value": "next"}]}
    app = {**APP, "ModelRegistrationMode": "AutoModelRegistrationEnabled"}
    changed = tracking.update(
        Server={"Type": "AWS::SageMaker::MlflowTrackingServer", "Properties": server},
        App={"Type": "AWS::SageMaker::MlflowApp", "Properties": app},
    )
    assert changed == "UPDATE_COMPLETE", tracking.failures()
    sagemaker = cloud.client("sagemaker")
    found = sagemaker.describe_mlflow_tracking_server(TrackingServerName="Churn-Tracking")
    assert found["TrackingServerSize"] == "Large"
    assert sagemaker.list_tags(ResourceArn=found["TrackingServerArn"])["Tags"][0]["Value"] == "next"
    assert tracking.id("App") == before
    assert sagemaker.describe_mlflow_app(Arn=before)["ModelRegistrationMode"] == "AutoModelRegistrationEnabled"


def test_the_version_of_a_server_does_not_change(tracking: Stack) -> None:
    server = {**SERVER, "MlflowVersion": "3.1"}
    changed = tracking.update(Server={"Type": "AWS::SageMaker::MlflowTrackingServer", "Properties": server})
    assert changed == "UPDATE_ROLLBACK_COMPLETE"
    assert "MlflowVersion" in tracking.failures()


def test_tracking_is_destroyed(cloud: Cloud, tracking: Stack) -> None:
    assert tracking.delete() == "DELETE_COMPLETE", tracking.failures()
    sagemaker = cloud.client("sagemaker")
    assert sagemaker.list_mlflow_tracking_servers()["TrackingServerSummaries"] == []
    assert sagemaker.list_mlflow_apps()["Summaries"] == []


def test_a_domain_and_its_repositories_are_described(cloud: Cloud, packages: Stack) -> None:
    assert packages.describe()["StackStatus"] == "CREATE_COMPLETE", packages.failures()
    codeartifact = cloud.client("codeartifact")
    domain = codeartifact.describe_domain(domain="mlgov")["domain"]
    assert domain["encryptionKey"].endswith(packages.id("Key"))
    assert domain["repositoryCount"] == 2
    document = codeartifact.get_domain_permissions_policy(domain="mlgov")["policy"]["document"]
    assert json.loads(document) == POLICY
    store = codeartifact.describe_repository(domain="mlgov", repository="python-store")["repository"]
    assert [each["externalConnectionName"] for each in store["externalConnections"]] == ["public:pypi"]
    team = codeartifact.describe_repository(domain="mlgov", repository="python")["repository"]
    assert team["upstreams"] == [{"repositoryName": "python-store"}]
    assert team["description"] == "What the team installs"
    document = codeartifact.get_repository_permissions_policy(domain="mlgov", repository="python")["policy"]["document"]
    assert json.loads(document) == POLICY
    for arn in (packages.id("Domain"), packages.id("Team")):
        assert codeartifact.list_tags_for_resource(resourceArn=arn)["tags"] == [
            {"key": "mlgov:project", "value": "churn"}
        ]
    names = [item["name"] for item in codeartifact.list_repositories_in_domain(domain="mlgov")["repositories"]]
    assert names == ["python", "python-store"]


def test_a_package_group_is_described_with_its_restrictions(cloud: Cloud, packages: Stack) -> None:
    assert packages.describe()["StackStatus"] == "CREATE_COMPLETE"
    codeartifact = cloud.client("codeartifact")
    groups = {item["pattern"]: item for item in codeartifact.list_package_groups(domain="mlgov")["packageGroups"]}
    assert set(groups) == {"/*", "/pypi/*", "/pypi//numpy$"}
    found = codeartifact.describe_package_group(domain="mlgov", packageGroup="/pypi//numpy$")["packageGroup"]
    modes = {way: each["mode"] for way, each in found["originConfiguration"]["restrictions"].items()}
    assert modes == {
        "EXTERNAL_UPSTREAM": "ALLOW_SPECIFIC_REPOSITORIES",
        "INTERNAL_UPSTREAM": "ALLOW",
        "PUBLISH": "BLOCK",
    }
    assert (found["description"], found["contactInfo"]) == ("Listed", "ml-platform")
    allowed = codeartifact.list_allowed_repositories_for_group(
        domain="mlgov", packageGroup="/pypi//numpy$", originRestrictionType="EXTERNAL_UPSTREAM"
    )
    assert allowed["allowedRepositories"] == ["python-store"]


def test_an_index_has_an_address_and_a_token(cloud: Cloud, packages: Stack) -> None:
    assert packages.describe()["StackStatus"] == "CREATE_COMPLETE"
    codeartifact = cloud.client("codeartifact")
    endpoint = codeartifact.get_repository_endpoint(domain="mlgov", repository="python", format="pypi")
    assert endpoint["repositoryEndpoint"].startswith(f"https://mlgov-{cloud.local.account}.d.codeartifact.")
    assert endpoint["repositoryEndpoint"].endswith("/pypi/python/")
    answer = codeartifact.get_authorization_token(domain="mlgov", durationSeconds=900)
    assert answer["authorizationToken"]


def test_a_list_changes_in_place(cloud: Cloud, packages: Stack) -> None:
    listed = group("/pypi//numpy$", mode("BLOCK"), mode("BLOCK"), mode("ALLOW_SPECIFIC_REPOSITORIES", STORE))
    team = {key: value for key, value in PACKAGES["Team"]["Properties"].items() if key != "PermissionsPolicyDocument"}
    changed = packages.update(Listed=listed, Team={"Type": "AWS::CodeArtifact::Repository", "Properties": team})
    assert changed == "UPDATE_COMPLETE", packages.failures()
    codeartifact = cloud.client("codeartifact")
    key = {"domain": "mlgov", "packageGroup": "/pypi//numpy$"}
    found = codeartifact.describe_package_group(**key)["packageGroup"]["originConfiguration"]["restrictions"]
    assert {way: each["mode"] for way, each in found.items()}["EXTERNAL_UPSTREAM"] == "BLOCK"
    allowed = {
        way: codeartifact.list_allowed_repositories_for_group(originRestrictionType=way, **key)["allowedRepositories"]
        for way in ("EXTERNAL_UPSTREAM", "PUBLISH")
    }
    assert allowed == {"EXTERNAL_UPSTREAM": [], "PUBLISH": ["python-store"]}
    with pytest.raises(codeartifact.exceptions.ResourceNotFoundException):
        codeartifact.get_repository_permissions_policy(domain="mlgov", repository="python")


def test_what_codeartifact_refuses_is_refused(cloud: Cloud, packages: Stack) -> None:
    assert packages.describe()["StackStatus"] == "UPDATE_COMPLETE"
    codeartifact = cloud.client("codeartifact")
    with pytest.raises(codeartifact.exceptions.ConflictException, match="holds repositories"):
        codeartifact.delete_domain(domain="mlgov")
    with pytest.raises(codeartifact.exceptions.ConflictException, match="as its upstream"):
        codeartifact.delete_repository(domain="mlgov", repository="python-store")
    with pytest.raises(codeartifact.exceptions.ValidationException, match="cannot be deleted"):
        codeartifact.delete_package_group(domain="mlgov", packageGroup="/*")
    with pytest.raises(codeartifact.exceptions.ValidationException, match="must begin with"):
        codeartifact.create_package_group(domain="mlgov", packageGroup="numpy")


def test_packages_are_destroyed(cloud: Cloud, packages: Stack) -> None:
    assert packages.delete() == "DELETE_COMPLETE", packages.failures()
    assert cloud.client("codeartifact").list_domains()["domains"] == []


def test_code_is_described_with_every_property(cloud: Cloud, code: Stack) -> None:
    assert code.describe()["StackStatus"] == "CREATE_COMPLETE", code.failures()
    codecommit = cloud.client("codecommit")
    found = codecommit.get_repository(repositoryName="churn")["repositoryMetadata"]
    assert found["repositoryDescription"] == "Churn of customers"
    assert found["kmsKeyId"].endswith(code.id("Key"))
    assert found["cloneUrlHttp"].endswith("/v1/repos/churn")
    assert codecommit.list_tags_for_resource(resourceArn=found["Arn"])["tags"] == {"mlgov:project": "churn"}


def test_code_changes_in_place_and_is_destroyed(cloud: Cloud, code: Stack) -> None:
    before = code.id("Code")
    properties = {"RepositoryName": "churn", "RepositoryDescription": "Next", "KmsKeyId": "alias/next"}
    changed = code.update(Code={"Type": "AWS::CodeCommit::Repository", "Properties": properties})
    assert changed == "UPDATE_COMPLETE", code.failures()
    codecommit = cloud.client("codecommit")
    found = codecommit.get_repository(repositoryName="churn")["repositoryMetadata"]
    assert (found["repositoryId"], found["repositoryDescription"], found["kmsKeyId"]) == (before, "Next", "alias/next")
    assert codecommit.list_tags_for_resource(resourceArn=found["Arn"])["tags"] == {}
    assert code.delete() == "DELETE_COMPLETE", code.failures()
    assert codecommit.list_repositories()["repositories"] == []
