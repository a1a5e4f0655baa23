"""The VPC: its subnets, that nothing leads out of it, and what its traffic leaves behind."""

from typing import Any

from mlgov_constructs.local_cloud.demo.readback.deployed import Deployed
from mlgov_constructs.local_cloud.demo.readback.section import Row, Section, unmet


def read_network(deployed: Deployed) -> Section:
    """Reads back every VPC of an environment.

    Args:
        deployed: The environment.
    """
    rows = tuple(row for vpc in deployed.ids("AWS::EC2::VPC") for row in _vpc(deployed, vpc))
    return Section("Network", ("What", "Read back"), rows, {"there must be a VPC": bool(rows)})


def _vpc(deployed: Deployed, vpc_id: str) -> list[Row]:
    ec2 = deployed.client("ec2")
    mine = [{"Name": "vpc-id", "Values": [vpc_id]}]
    vpc = ec2.describe_vpcs(VpcIds=[vpc_id])["Vpcs"][0]
    subnets = ec2.describe_subnets(Filters=mine)["Subnets"]
    public = [subnet["SubnetId"] for subnet in subnets if subnet["MapPublicIpOnLaunch"]]
    zones = sorted({subnet["AvailabilityZone"] for subnet in subnets})
    return [
        Row((vpc_id, vpc["CidrBlock"])),
        Row(
            (
                "Subnets",
                f"{len(subnets)} in {', '.join(zones)}; {'public: ' + ', '.join(public) if public else 'none public'}",
            ),
            unmet({"no subnet must give public addresses": not public, "there must be subnets": bool(subnets)}),
        ),
        _ways_out(ec2, vpc_id),
        _default_group(ec2, mine),
        _flow_logs(deployed, vpc_id),
    ]


def _ways_out(ec2: Any, vpc_id: str) -> Row:
    def attached(name: str) -> list[dict[str, Any]]:
        return [{"Name": name, "Values": [vpc_id]}]

    routes = [
        route
        for table in ec2.describe_route_tables(Filters=attached("vpc-id"))["RouteTables"]
        for route in table["Routes"]
    ]
    beyond = [
        route
        for route in routes
        if route.get("GatewayId") != "local" and not route.get("GatewayId", "").startswith("vpce-")
    ]
    peerings = [
        *ec2.describe_vpc_peering_connections(Filters=attached("requester-vpc-info.vpc-id"))["VpcPeeringConnections"],
        *ec2.describe_vpc_peering_connections(Filters=attached("accepter-vpc-info.vpc-id"))["VpcPeeringConnections"],
    ]
    found = {
        "internet gateway": ec2.describe_internet_gateways(Filters=attached("attachment.vpc-id"))["InternetGateways"],
        "NAT gateway": ec2.describe_nat_gateways(Filters=attached("vpc-id"))["NatGateways"],
        "peering": peerings,
        "transit gateway": ec2.describe_transit_gateway_attachments(Filters=attached("resource-id"))[
            "TransitGatewayAttachments"
        ],
        "route beyond VPC and endpoints": beyond,
    }
    text = ", ".join(f"{len(items) or 'no'} {name}" for name, items in found.items())
    return Row(("Ways out", text), unmet({f"there must be no {name}": not items for name, items in found.items()}))


def _default_group(ec2: Any, mine: list[dict[str, Any]]) -> Row:
    named = [*mine, {"Name": "group-name", "Values": ["default"]}]
    group = ec2.describe_security_groups(Filters=named)["SecurityGroups"][0]
    rules = len(group["IpPermissions"]) + len(group["IpPermissionsEgress"])
    return Row(
        ("Default security group", f"{rules or 'no'} rules"),
        unmet({"the default security group must have no rule": not rules}),
    )


def _flow_logs(deployed: Deployed, vpc_id: str) -> Row:
    mine = [{"Name": "resource-id", "Values": [vpc_id]}]
    found = deployed.client("ec2").describe_flow_logs(Filters=mine)["FlowLogs"]
    groups = [_log_group(deployed, item.get("LogGroupName", "")) for item in found]
    texts = [
        f"{item['TrafficType']} to {item['LogDestinationType']}, kept {group.get('retentionInDays', 'for ever')} days, "
        f"key {deployed.key_names.get(group.get('kmsKeyId', ''), 'none')}"
        for item, group in zip(found, groups, strict=True)
    ]
    demands = {
        "flow logs must record all traffic": any(
            item["TrafficType"] == "ALL" and item["FlowLogStatus"] == "ACTIVE" for item in found
        ),
        "flow logs must be encrypted with a key of the environment": all(
            group.get("kmsKeyId") in deployed.key_names for group in groups if group
        ),
        "flow logs must have a retention": all(group.get("retentionInDays") for group in groups if group),
    }
    return Row(("Flow logs", "; ".join(texts) or "none"), unmet(demands))


def _log_group(deployed: Deployed, name: str) -> dict[str, Any]:
    if not name:
        return {}
    found = deployed.client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    return next((group for group in found if group["logGroupName"] == name), {})
