"""The custom-resource function, against moto's EC2."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from mlgov_constructs.network.provider import handler as function

LIMIT_OF_INLINE_CODE = 4096


@pytest.fixture
def ec2(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        yield boto3.client("ec2", region_name="us-east-1")


def event(kind: str, request: str = "Create", **properties: Any) -> dict[str, Any]:
    return {
        "RequestType": request,
        "ResourceType": f"Custom::{kind}",
        "ResourceProperties": properties,
        "PhysicalResourceId": "before",
    }


def test_fits_into_the_template() -> None:
    source = function.__file__
    assert source
    with open(source, encoding="utf-8") as text:  # noqa: PTH123
        assert len(text.read()) < LIMIT_OF_INLINE_CODE


def test_closes_the_default_group_and_may_do_so_again(ec2: Any) -> None:
    vpc_id = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    filters = [{"Name": "vpc-id", "Values": [vpc_id]}]
    group = ec2.describe_security_groups(Filters=filters)["SecurityGroups"][0]
    assert group["IpPermissionsEgress"]
    for _ in range(2):
        physical_id, _ = function.on_event(event("DefaultSecurityGroupClosed", GroupId=group["GroupId"]), ec2)
    closed = ec2.describe_security_groups(Filters=filters)["SecurityGroups"][0]
    assert (closed["IpPermissions"], closed["IpPermissionsEgress"]) == ([], [])
    assert physical_id == f"closed-{group['GroupId']}"


def test_delete_leaves_the_group_closed(ec2: Any) -> None:
    assert function.on_event(event("DefaultSecurityGroupClosed", "Delete", GroupId="sg-gone"), ec2) == ("before", {})


def test_finds_the_prefix_lists_of_the_region(ec2: Any) -> None:
    _, found = function.on_event(event("ManagedPrefixLists", Region="us-east-1", Services=["s3", "dynamodb"]), ec2)
    assert sorted(found) == ["dynamodb", "s3"]
    assert all(value.startswith("pl-") for value in found.values())


def test_a_prefix_list_that_is_missing_fails_by_name(ec2: Any) -> None:
    with pytest.raises(ValueError, match="no managed prefix list for nothing in us-east-1"):
        function.on_event(event("ManagedPrefixLists", Region="us-east-1", Services=["s3", "nothing"]), ec2)


class TestIsolation:
    def network(self, ec2: Any) -> tuple[str, str]:
        vpc_id = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        return vpc_id, ec2.create_subnet(VpcId=vpc_id, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]

    def verify(self, ec2: Any, vpc_id: str, subnet_id: str) -> str:
        return function.on_event(event("IsolationVerified", VpcId=vpc_id, SubnetIds=[subnet_id]), ec2)[0]

    def test_an_isolated_subnet_passes(self, ec2: Any) -> None:
        vpc_id, subnet_id = self.network(ec2)
        assert self.verify(ec2, vpc_id, subnet_id) == f"isolated-{vpc_id}"

    @pytest.mark.parametrize("associated", [True, False], ids=["own table", "main table"])
    def test_a_route_to_a_gateway_fails(self, ec2: Any, associated: bool) -> None:
        vpc_id, subnet_id = self.network(ec2)
        gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc_id)
        if associated:
            table = ec2.create_route_table(VpcId=vpc_id)["RouteTable"]["RouteTableId"]
            ec2.associate_route_table(RouteTableId=table, SubnetId=subnet_id)
        else:
            tables = ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [vpc_id]}])["RouteTables"]
            table = tables[0]["RouteTableId"]
        ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
        with pytest.raises(ValueError, match=rf"{subnet_id} of {vpc_id} is not isolated: it has a route to 0.0.0.0/0"):
            self.verify(ec2, vpc_id, subnet_id)


def test_cloudformation_always_gets_an_answer(ec2: Any) -> None:
    answers: list[dict[str, Any]] = []

    class Receiver(http.server.BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            answers.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Stay quiet."""

    server = http.server.HTTPServer(("127.0.0.1", 0), Receiver)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    ids = {"StackId": "stack", "RequestId": "request", "LogicalResourceId": "Logical"}
    url = {"ResponseURL": f"http://127.0.0.1:{server.server_port}/"}
    del ec2
    for properties in ({"GroupId": "sg-unknown"},):
        function.handler({**event("DefaultSecurityGroupClosed", **properties), **ids, **url}, None)
    server.shutdown()
    server.server_close()
    thread.join()
    assert [answer["Status"] for answer in answers] == ["FAILED"]
    assert "sg-unknown" in answers[0]["Reason"]
    assert answers[0]["LogicalResourceId"] == "Logical"
