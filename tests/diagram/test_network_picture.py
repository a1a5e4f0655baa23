"""The picture of a network shows what the templates have, and bars what they lack."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from mlgov_constructs.diagram import DiagramError, network_picture
from tests.diagram.conftest import Resources, Written, att, ref, resource
from tests.diagram.svg import addresses, apart, boxes, description, overlaps, parse, size, texts, words

NOBODY = {"CidrIp": "255.255.255.255/32", "IpProtocol": "icmp", "FromPort": 252, "ToPort": 86}
BARRED = ("internet gateway", "NAT gateway", "peering or transit", "VPN", "direct internet access")


def endpoint(service: str, **properties: Any) -> dict[str, Any]:
    name = {"Fn::Join": ["", ["com.amazonaws.", ref("AWS::Region"), f".{service}"]]}
    given = {"ServiceName": name, "VpcId": ref("Vpc"), "VpcEndpointType": "Interface", "PolicyDocument": {}}
    return resource("EC2::VPCEndpoint", **(given | properties))


def subnet(number: int) -> dict[str, Any]:
    zone = {"Fn::Select": [number, {"Fn::GetAZs": ""}]}
    return resource("EC2::Subnet", VpcId=ref("Vpc"), CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=zone)


NETWORK: Resources = {
    "Vpc": resource("EC2::VPC", CidrBlock="10.0.0.0/16"),
    "A": subnet(0),
    "B": subnet(1),
    "TableA": resource("EC2::RouteTable", VpcId=ref("Vpc")),
    "TableOfA": resource("EC2::SubnetRouteTableAssociation", SubnetId=ref("A"), RouteTableId=ref("TableA")),
    "Work": resource(
        "EC2::SecurityGroup",
        VpcId=ref("Vpc"),
        SecurityGroupEgress=[
            {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "DestinationSecurityGroupId": att("Doors", "GroupId")}
        ],
    ),
    "Doors": resource("EC2::SecurityGroup", VpcId=ref("Vpc"), SecurityGroupEgress=[NOBODY]),
    "Into": resource(
        "EC2::SecurityGroupIngress",
        GroupId=att("Doors", "GroupId"),
        IpProtocol="tcp",
        FromPort=443,
        ToPort=443,
        SourceSecurityGroupId=att("Work", "GroupId"),
    ),
    "Sts": endpoint("sts"),
    "S3": endpoint("s3", VpcEndpointType="Gateway"),
    "Flow": resource(
        "EC2::FlowLog", ResourceId=ref("Vpc"), TrafficType="ALL", LogGroupName=ref("FlowGroup"), ResourceType="VPC"
    ),
    "FlowGroup": resource("Logs::LogGroup", RetentionInDays=365),
    "Notebook": resource(
        "SageMaker::NotebookInstance",
        SubnetId=ref("A"),
        SecurityGroupIds=[ref("Work")],
        DirectInternetAccess="Disabled",
    ),
}


def drawn(
    written: Written, changes: Resources | None = None, *, without: str = "", product: Resources | None = None
) -> str:
    more = {"a.product": {"Resources": product}} if product else {}
    kept = {name: each for name, each in NETWORK.items() if name != without}
    return network_picture(written(deepcopy(kept) | (changes or {}), **more))


def changed(name: str, **properties: Any) -> Resources:
    old = NETWORK[name]
    return {name: old | {"Properties": old["Properties"] | properties}}


def test_the_addresses_of_the_vpc_and_its_subnets_are_shown(written: Written) -> None:
    shown = {"VPC Vpc", "10.0.0.0/16", "1  A", "10.0.0.0/24", "2  B", "10.0.1.0/24"}
    assert shown <= set(texts(drawn(written)))


def test_zones_are_shown(written: Written) -> None:
    assert [each for each in texts(drawn(written)) if "Availability" in each] == [
        "Availability zone 1",
        "Availability zone 2",
    ]


def test_every_way_out_is_barred_when_there_is_none(written: Written) -> None:
    picture = drawn(written)
    assert [each for each in texts(picture) if each.startswith("no ") and "route" not in each] == [
        f"no {kind}" for kind in BARRED
    ]
    assert not boxes(picture, "alarmed")


@pytest.mark.parametrize(
    ("kind", "way"),
    [
        ("internet gateway", resource("EC2::InternetGateway")),
        ("internet gateway", resource("EC2::EgressOnlyInternetGateway")),
        ("internet gateway", resource("EC2::CarrierGateway")),
        ("NAT gateway", resource("EC2::NatGateway")),
        ("peering or transit", resource("EC2::VPCPeeringConnection")),
        ("peering or transit", resource("EC2::TransitGatewayAttachment")),
        ("peering or transit", resource("EC2::TransitGatewayVpcAttachment")),
        ("peering or transit", resource("NetworkManager::VpcAttachment")),
        ("VPN", resource("EC2::VPNGateway")),
        ("VPN", resource("EC2::VPNConnection")),
        ("VPN", resource("EC2::ClientVpnEndpoint")),
        ("direct internet access", resource("SageMaker::NotebookInstance", DirectInternetAccess="Enabled")),
        ("direct internet access", resource("SageMaker::NotebookInstance")),
        ("direct internet access", resource("SageMaker::Domain", AppNetworkAccessType="PublicInternetOnly")),
        ("direct internet access", resource("SageMaker::Domain")),
    ],
)
def test_a_way_out_is_drawn_open_with_its_name(kind: str, way: dict[str, Any], written: Written) -> None:
    picture = drawn(written, {"Leak": way})
    assert f"no {kind}" not in texts(picture)
    assert {kind, "Leak"} <= set(texts(picture))
    assert boxes(picture, "alarmed")
    assert f"Open way out, {kind}: Leak." in description(picture)


def test_a_route_out_of_a_subnet_is_shown(written: Written) -> None:
    route = resource(
        "EC2::Route", RouteTableId=ref("TableA"), DestinationCidrBlock="0.0.0.0/0", GatewayId=ref("Gateway")
    )
    found = texts(drawn(written, {"Route": route, "Gateway": resource("EC2::InternetGateway")}))
    assert "leads to Gateway" in found
    assert len([each for each in found if each.startswith("no route out")]) == 1


@pytest.mark.parametrize(
    ("acl", "word"), [({}, "default"), ({"Acl": resource("EC2::NetworkAcl", VpcId=ref("Vpc"))}, "own")]
)
def test_network_acls_are_shown(acl: Resources, word: str, written: Written) -> None:
    assert f"no route out · {word} network ACL" in texts(drawn(written, acl))


def test_endpoints_are_shown_by_kind(written: Written) -> None:
    found = texts(drawn(written))
    assert found.index("Interface endpoints (1)") < found.index("sts")
    assert found.index("Gateway endpoints (1)") < found.index("s3")


def test_an_endpoint_that_is_removed_is_no_longer_drawn(written: Written) -> None:
    assert "sts" not in texts(drawn(written, without="Sts"))


def test_an_endpoint_of_no_type_is_a_gateway(written: Written) -> None:
    bare = {
        "Type": "AWS::EC2::VPCEndpoint",
        "Properties": {"ServiceName": "com.amazonaws.eu-west-1.s3", "VpcId": ref("Vpc")},
    }
    assert "Gateway endpoints (1)" in texts(drawn(written, {"S3": bare}))


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("com.amazonaws.eu-west-1.sagemaker.api", "sagemaker.api"),
        ("aws.sagemaker.us-gov-west-1.studio", "sagemaker.studio"),
        ("cn.com.amazonaws.cn-north-1.sts", "sts"),
        ("com.example.service", "com.example.service"),
    ],
)
def test_services_are_named_without_their_region(name: str, shown: str, written: Written) -> None:
    assert shown in texts(drawn(written, changed("Sts", ServiceName=name)))


def test_an_endpoint_without_a_policy_alarms(written: Written) -> None:
    bare = deepcopy(NETWORK["Sts"])
    del bare["Properties"]["PolicyDocument"]
    picture = drawn(written, {"Sts": bare})
    assert "1 with the default policy, which allows everything" in texts(picture)
    assert boxes(picture, "alarmed")


def test_a_vpc_without_endpoints_reaches_no_service(written: Written) -> None:
    rest = {name: each for name, each in NETWORK.items() if name not in ("Sts", "S3")}
    assert "not reached: the VPC has no endpoint" in texts(network_picture(written(rest)))


def test_the_flow_log_is_shown(written: Written) -> None:
    assert {"Flow log: ALL traffic", "FlowGroup, kept 365 days"} <= set(texts(drawn(written)))


def test_a_vpc_without_a_flow_log_alarms(written: Written) -> None:
    picture = drawn(written, without="Flow")
    assert {"No flow log", "traffic leaves no record"} <= set(texts(picture))
    assert boxes(picture, "alarmed")
    assert "The VPC has no flow log." in description(picture)


def test_a_rule_of_both_groups_is_shown_once(written: Written) -> None:
    found = texts(drawn(written))
    assert found.count("tcp 443") == 1
    assert found[found.index("tcp 443") - 1 : found.index("tcp 443") + 2] == ["Work", "tcp 443", "Doors"]


def test_an_open_rule_alarms(written: Written) -> None:
    anywhere = [{"IpProtocol": "-1", "CidrIp": "0.0.0.0/0"}]
    found = texts(drawn(written, changed("Work", SecurityGroupEgress=anywhere)))
    assert {"anywhere (0.0.0.0/0)", "all traffic"} <= set(found)


def test_a_group_without_rules_has_the_default_one(written: Written) -> None:
    assert "anywhere (0.0.0.0/0)" in texts(drawn(written, changed("Doors", SecurityGroupEgress=[])))


def test_ingress_from_anywhere_is_shown(written: Written) -> None:
    rule = [{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIpv6": "::/0"}]
    found = texts(drawn(written, changed("Doors", SecurityGroupIngress=rule)))
    assert found.index("anywhere (::/0)") + 1 == found.index("tcp 22")


def test_a_group_that_reaches_itself_says_so(written: Written) -> None:
    own = {"IpProtocol": "tcp", "FromPort": 2049, "ToPort": 2049, "DestinationSecurityGroupId": att("Work", "GroupId")}
    found = texts(drawn(written, changed("Work", SecurityGroupEgress=[own])))
    assert found[found.index("tcp 2049") + 1] == "itself"


def test_workloads_stand_in_their_subnets_with_their_groups(written: Written) -> None:
    found = texts(drawn(written))
    first = found.index("Runs in the subnets") + 1
    assert found[first : first + 4] == ["Notebook", "notebook", "subnet 1", "groups Work"]


def test_a_subnet_in_a_policy_runs_nothing(written: Written) -> None:
    policy = resource("IAM::ManagedPolicy", PolicyDocument={"Statement": [{"Resource": ref("A")}]})
    parameter = resource("SSM::Parameter", Name="a", Value=ref("A"))
    found = texts(drawn(written, {"Policy": policy, "Parameter": parameter}))
    assert not {"Policy", "Parameter"} & set(found)


@pytest.mark.parametrize(("isolated", "note"), [(True, "network isolation"), (False, "may open connections")])
def test_a_model_says_whether_its_container_has_a_network(isolated: bool, note: str, written: Written) -> None:
    model = resource("SageMaker::Model", VpcConfig={"Subnets": [ref("A"), ref("B")]}, EnableNetworkIsolation=isolated)
    found = texts(drawn(written, {"Model": model}))
    assert {f"model · {note}", "subnets 1, 2"} <= set(found)


def test_what_runs_outside_the_vpc_is_said(written: Written) -> None:
    picture = drawn(written, {"Helper": resource("Lambda::Function")})
    found = texts(picture)
    assert found.index("Runs outside the VPC, on networks of AWS") < found.index("Helper")
    assert "Outside the VPC run: function Helper." in description(picture)


def test_products_are_drawn_as_launched_later(written: Written) -> None:
    parameter = resource("SSM::Parameter", Name="/lab/subnet", Value=ref("B"))
    product = {"Later": resource("Lambda::Function", VpcConfig={"SubnetIds": ["{{resolve:ssm:/lab/subnet}}"]})}
    picture = drawn(written, {"Name": parameter}, product=product)
    found = texts(picture)
    first = found.index("Runs there once it is launched from the catalogue") + 1
    assert found[first : first + 3] == ["Later", "function", "subnet 2"]
    assert len(boxes(picture, "later")) == 1


def test_jobs_of_a_pipeline_outside_the_vpc_are_counted(written: Written) -> None:
    network = '{"VpcConfig":{"Subnets":["'
    steps = ['{"Steps":[{"Name":"a","Type":"Training","Arguments":', network, ref("A"), '"]}}},']
    branch = (
        '{"Name":"c","Type":"Condition","Arguments":{"IfSteps":[{"Name":"b","Type":"Processing","Arguments":{}}]}}]}'
    )
    body = {"Fn::Join": ["", [*steps, branch]]}
    pipeline = resource("SageMaker::Pipeline", PipelineDefinition={"PipelineDefinitionBody": body})
    assert "pipeline · 1 of 2 jobs in the VPC" in texts(drawn(written, {"Pipeline": pipeline}))


def test_two_vpcs_are_both_drawn(written: Written) -> None:
    picture = drawn(written, {"Other": resource("EC2::VPC", CidrBlock="10.9.0.0/16")})
    assert len(boxes(picture, "frame")) == 2
    assert apart(boxes(picture, "frame"))
    assert not overlaps(picture)


@pytest.mark.parametrize("count", [0, 1, 6, 36])
def test_the_picture_grows_with_its_endpoints(count: int, written: Written) -> None:
    services = {f"E{number}": endpoint(f"service-{number}.and-its-long-name") for number in range(count)}
    picture = drawn(written, services, without="Sts")
    pills = boxes(picture, "pill")
    width, height = size(picture)
    assert {f"service-{number}.and-its-long-name" for number in range(count)} <= set(texts(picture))
    assert len(pills) == count + 2  # S3, and the services that they lead to
    assert apart(pills)
    assert not overlaps(picture)
    assert all(line.left >= 0 and line.right <= width and line.y < height for line in words(picture))


@pytest.mark.parametrize("count", [1, 2, 3, 4, 6])
def test_the_picture_grows_with_its_subnets(count: int, written: Written) -> None:
    picture = drawn(written, {name: subnet(number) for number, name in zip(range(2, count), "CDEF", strict=False)})
    shown = [each for each in texts(picture) if each.startswith("Availability")]
    assert len(shown) == max(count, 2)
    assert apart(boxes(picture, "region"))
    assert not overlaps(picture)


def test_names_are_escaped_and_cut_but_whole_when_pointed_at(written: Written) -> None:
    name = 'a<b>&"c\x07' + "long" * 30
    picture = drawn(written, changed("Vpc", CidrBlock=name))
    assert name.replace("\x07", "") in texts(picture)
    assert "<b>" not in picture
    assert not overlaps(picture)


def test_the_same_templates_give_the_same_picture(written: Written) -> None:
    assert drawn(written) == drawn(written)


def test_the_picture_can_be_read_out_and_fetches_nothing(written: Written) -> None:
    picture = drawn(written)
    root = parse(picture)
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-labelledby"] == "mlgov-network-title mlgov-network-description"
    assert "Ways out that do not exist: internet gateway, NAT gateway" in description(picture)
    assert "Interface endpoints: sts." in description(picture)
    assert addresses(picture) == {"http://www.w3.org/2000/svg"}
    assert "prefers-color-scheme: dark" in picture


def test_templates_without_a_vpc_have_no_network(written: Written) -> None:
    with pytest.raises(DiagramError, match=r"have no VPC .* draw '--view data'"):
        network_picture(written({"Topic": resource("SNS::Topic")}))
