"""Clients that call through a VPC endpoint: its policy, and conditions on the network."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from mlgov_constructs.local_cloud import LocalCloud
from mlgov_constructs.local_cloud.vpc_access import through_endpoint
from tests.local_cloud.catalog_templates import allow, role, trust
from tests.local_cloud.conftest import Cloud, Stack

POLICY = {"Statement": [{**allow("s3:GetObject", "s3:PutObject"), "Principal": "*"}]}


def endpoint(service: str, policy: dict[str, Any]) -> dict[str, Any]:
    name = {"Fn::Sub": f"com.amazonaws.${{AWS::Region}}.{service}"}
    properties = {"VpcId": {"Ref": "Vpc"}, "ServiceName": name, "PolicyDocument": {"Version": "2012-10-17", **policy}}
    return {"Type": "AWS::EC2::VPCEndpoint", "Properties": properties}


@pytest.fixture(scope="module")
def stack(enforced_cloud: Cloud) -> Stack:
    stack = enforced_cloud.stack(
        Vpc={"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.7.0.0/16"}},
        S3=endpoint("s3", POLICY),
        Dynamo=endpoint("dynamodb", {"Statement": [{**allow("*"), "Principal": "*"}]}),
        Bucket={"Type": "AWS::S3::Bucket"},
        Role=role("in-vpc", trust(account=True), allow("s3:*")),
    )
    assert stack.describe()["StackStatus"] == "CREATE_COMPLETE", stack.failures()
    denied = {
        **allow("s3:*Object"),
        "Effect": "Deny",
        "Principal": "*",
        "Resource": f"arn:aws:s3:::{stack.id('Bucket')}/*",
        "Condition": {"StringNotEquals": {"aws:SourceVpce": stack.id("S3")}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [denied]})
    enforced_cloud.client("s3").put_bucket_policy(Bucket=stack.id("Bucket"), Policy=policy)
    return stack


def s3(stack: Stack, endpoint_id: str | None = None) -> Any:
    client = stack.cloud._make_client("s3", stack.cloud.as_role("in-vpc"))
    if endpoint_id:
        through_endpoint(client, endpoint_id)
    return client


def test_a_bucket_that_admits_an_endpoint_refuses_the_rest(stack: Stack) -> None:
    bucket = stack.id("Bucket")
    with pytest.raises(ClientError, match="explicit deny in a resource-based policy"):
        s3(stack).put_object(Bucket=bucket, Key="k", Body=b"1")
    inside = s3(stack, stack.id("S3"))
    inside.put_object(Bucket=bucket, Key="k", Body=b"1")
    assert inside.get_object(Bucket=bucket, Key="k")["Body"].read() == b"1"


def test_the_policy_of_the_endpoint_is_evaluated(stack: Stack) -> None:
    with pytest.raises(ClientError, match="no VPC endpoint policy allows the s3:ListBucket action"):
        s3(stack, stack.id("S3")).list_objects_v2(Bucket=stack.id("Bucket"))
    assert s3(stack).list_objects_v2(Bucket=stack.id("Bucket"))["Name"] == stack.id("Bucket")


@pytest.mark.parametrize("named", ["Dynamo", None])
def test_an_endpoint_of_another_service_leads_nowhere(stack: Stack, named: str | None) -> None:
    identifier = stack.id(named) if named else "vpce-0000000000000000"
    with pytest.raises(ClientError, match=f"{identifier} is no VPC endpoint of s3"):
        s3(stack, identifier).list_objects_v2(Bucket=stack.id("Bucket"))


def test_no_claim_outlives_its_request(stack: Stack) -> None:
    s3(stack, stack.id("S3")).put_object(Bucket=stack.id("Bucket"), Key="k", Body=b"1")
    with pytest.raises(ClientError, match="explicit deny"):
        s3(stack).get_object(Bucket=stack.id("Bucket"), Key="k")


def test_an_account_of_an_organisation_has_its_id(tmp_path: Path) -> None:
    organization, bucket = "o-a1b2c3d4e5", "of-the-organisation"
    statement = {
        **allow("s3:GetObject", resource=f"arn:aws:s3:::{bucket}/*"),
        "Condition": {"StringEquals": {"aws:PrincipalOrgID": organization, "aws:ResourceOrgID": organization}},
    }
    other = json.loads(json.dumps(statement).replace(organization, "o-e5d4c3b2a1"))
    directory = tmp_path / "cloud"
    with LocalCloud(port=0, directory=directory, enforced=True, organization=organization) as local:
        cloud = Cloud(local)
        cloud.stack(Member=role("member", trust(account=True), statement))
        cloud.stack(Stranger=role("stranger-of-organisation", trust(account=True), other))
        cloud.client("s3").create_bucket(Bucket=bucket)
        cloud.client("s3").put_object(Bucket=bucket, Key="k", Body=b"1")
        assert cloud.client("s3", cloud.as_role("member")).get_object(Bucket=bucket, Key="k")["Body"].read() == b"1"
        with pytest.raises(ClientError, match="AccessDenied"):
            cloud.client("s3", cloud.as_role("stranger-of-organisation")).get_object(Bucket=bucket, Key="k")
        assert LocalCloud.from_directory(directory).organization == organization
