"""Custom resources of the isolated VPC: what CloudFormation itself cannot do or read.

Deployed as inline code, so it stays under 4,096 characters and uses boto3 alone.
"""

import json
import urllib.request
from typing import Any

import boto3

Document = dict[str, Any]
Answer = tuple[str, Document]


def on_event(event: Document, ec2: Any) -> Answer:
    """Act on one event and return (physical id, attributes)."""
    properties = event["ResourceProperties"]
    kind = event["ResourceType"].rpartition("::")[2]
    if event["RequestType"] == "Delete":
        return event["PhysicalResourceId"], {}
    return {
        "DefaultSecurityGroupClosed": close,
        "ManagedPrefixLists": find_prefix_lists,
        "IsolationVerified": verify,
    }[kind](properties, ec2)


def close(properties: Document, ec2: Any) -> Answer:
    """Remove every rule of a security group."""
    group_id = properties["GroupId"]
    group = ec2.describe_security_groups(GroupIds=[group_id])["SecurityGroups"][0]
    if group["IpPermissions"]:
        ec2.revoke_security_group_ingress(GroupId=group_id, IpPermissions=group["IpPermissions"])
    if group["IpPermissionsEgress"]:
        ec2.revoke_security_group_egress(GroupId=group_id, IpPermissions=group["IpPermissionsEgress"])
    return f"closed-{group_id}", {}


def find_prefix_lists(properties: Document, ec2: Any) -> Answer:
    """Find the prefix lists that AWS keeps for gateway endpoints."""
    names = {f"com.amazonaws.{properties['Region']}.{service}": service for service in properties["Services"]}
    found = ec2.describe_managed_prefix_lists(
        Filters=[{"Name": "prefix-list-name", "Values": sorted(names)}],
    )["PrefixLists"]
    attributes = {names[each["PrefixListName"]]: each["PrefixListId"] for each in found}
    missing = sorted(set(names.values()) - set(attributes))
    if missing:
        raise ValueError(f"no managed prefix list for {', '.join(missing)} in {properties['Region']}")
    return f"prefix-lists-{properties['Region']}", attributes


def verify(properties: Document, ec2: Any) -> Answer:
    """Refuse subnets whose routes lead out of the VPC."""
    vpc_id, subnet_ids = properties["VpcId"], properties["SubnetIds"]
    tables = ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [vpc_id]}])["RouteTables"]
    main: Document = {"Routes": []}
    by_subnet: dict[str, Document] = {}
    for table in tables:
        for association in table["Associations"]:
            if association.get("Main"):
                main = table
            elif "SubnetId" in association:
                by_subnet[association["SubnetId"]] = table
    for subnet_id in subnet_ids:
        for route in by_subnet.get(subnet_id, main)["Routes"]:
            target = route.get("GatewayId", "")
            if target != "local" and not target.startswith("vpce-"):
                there = route.get("DestinationCidrBlock") or route.get("DestinationIpv6CidrBlock", "a prefix list")
                raise ValueError(f"{subnet_id} of {vpc_id} is not isolated: it has a route to {there}. Remove it.")
    return f"isolated-{vpc_id}", {}


def handler(event: Document, _context: Any) -> None:
    """Answer CloudFormation, whatever happens."""
    answer = {key: event[key] for key in ("StackId", "RequestId", "LogicalResourceId")}
    answer["PhysicalResourceId"] = event.get("PhysicalResourceId", event["LogicalResourceId"])
    try:
        answer["PhysicalResourceId"], answer["Data"] = on_event(event, boto3.client("ec2"))
        answer["Status"] = "SUCCESS"
    except Exception as error:
        answer.update(Status="FAILED", Reason=str(error)[:1000])
    body = json.dumps(answer).encode()
    # The address is a presigned URL that CloudFormation itself names.
    request = urllib.request.Request(event["ResponseURL"], data=body, method="PUT", headers={"content-type": ""})  # noqa: S310
    urllib.request.urlopen(request, timeout=20).close()  # noqa: S310
