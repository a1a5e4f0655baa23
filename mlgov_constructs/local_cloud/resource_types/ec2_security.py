"""Amazon EC2: security groups, VPC endpoints and flow logs."""

from collections.abc import Mapping
from typing import Any

from mlgov_constructs.local_cloud.errors import UnmodelledPropertyError
from mlgov_constructs.local_cloud.resource_types.ec2_network import set_tags
from mlgov_constructs.local_cloud.resource_types.resource_type import Call, Properties, ResourceType

_EVERYWHERE = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
_WITH_PORTS = ("tcp", "udp", "icmp", "icmpv6", "6", "17", "1", "58")
_RULE = ("CidrIp", "CidrIpv6", "Description", "FromPort", "IpProtocol", "ToPort")
_PEERS = {
    "ingress": ("SourceSecurityGroupId", "SourcePrefixListId"),
    "egress": ("DestinationSecurityGroupId", "DestinationPrefixListId"),
}


class SecurityGroup(ResourceType):
    """A security group."""

    type_name = "AWS::EC2::SecurityGroup"
    properties = ("GroupDescription", "GroupName", "SecurityGroupEgress", "SecurityGroupIngress", "Tags", "VpcId")
    create_only = ("GroupDescription", "GroupName", "VpcId")
    name_property = "GroupName"
    tags = "list"

    def create(self, call: Call) -> str:
        """Creates the group; one with egress rules of its own loses the default "allow everything"."""
        answer = call.invoke(
            "ec2",
            "CreateSecurityGroup",
            GroupName=call.name("GroupName", max_length=255),
            Description=call.properties["GroupDescription"],
            **call.pick("VpcId"),
        )
        group_id = str(answer["GroupId"])
        if "SecurityGroupEgress" in call.properties:
            call.invoke("ec2", "RevokeSecurityGroupEgress", GroupId=group_id, IpPermissions=[_EVERYWHERE])
        return group_id

    def configure(self, call: Call, physical_id: str, old: Properties) -> None:
        """Sets rules and tags."""
        for direction, name in (("ingress", "SecurityGroupIngress"), ("egress", "SecurityGroupEgress")):
            before, after = old.get(name) or [], call.properties.get(name) or []
            for rule in before:
                if rule not in after:
                    _revoke(call, physical_id, direction, rule)
            for rule in after:
                if rule not in before:
                    _authorize(call, physical_id, direction, rule)
        set_tags(call, physical_id, old)

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns the ids of the group and its VPC."""
        group = call.invoke("ec2", "DescribeSecurityGroups", GroupIds=[physical_id])["SecurityGroups"][0]
        return {"GroupId": physical_id, "Id": physical_id, "VpcId": group["VpcId"]}

    def delete(self, call: Call, physical_id: str) -> None:
        """Deletes the group."""
        call.invoke("ec2", "DeleteSecurityGroup", GroupId=physical_id)


class SecurityGroupIngress(ResourceType):
    """An ingress rule beside its security group."""

    type_name = "AWS::EC2::SecurityGroupIngress"
    properties = (*_RULE, *_PEERS["ingress"], "GroupId")
    create_only = tuple(name for name in properties if name != "Description")

    def create(self, call: Call) -> str:
        """Adds the rule."""
        return _authorize(call, str(call.properties["GroupId"]), "ingress", call.without("GroupId"))

    def configure(self, call: Call, physical_id: str, old: Properties) -> None:
        """Changes the description."""
        if old:
            _describe(call, physical_id, "ingress")

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns the rule's id."""
        return {"Id": physical_id}

    def delete(self, call: Call, physical_id: str) -> None:
        """Removes the rule."""
        _revoke(call, str(call.properties["GroupId"]), "ingress", call.without("GroupId"))


class SecurityGroupEgress(ResourceType):
    """An egress rule beside its security group."""

    type_name = "AWS::EC2::SecurityGroupEgress"
    properties = (*_RULE, *_PEERS["egress"], "GroupId")
    create_only = tuple(name for name in properties if name != "Description")

    def create(self, call: Call) -> str:
        """Adds the rule; as with CloudFormation, the default "allow everything" goes."""
        group_id = str(call.properties["GroupId"])
        group = call.invoke("ec2", "DescribeSecurityGroups", GroupIds=[group_id])["SecurityGroups"][0]
        if any(_allows_everything(rule) for rule in group["IpPermissionsEgress"]):
            call.invoke("ec2", "RevokeSecurityGroupEgress", GroupId=group_id, IpPermissions=[_EVERYWHERE])
        return _authorize(call, group_id, "egress", call.without("GroupId"))

    def configure(self, call: Call, physical_id: str, old: Properties) -> None:
        """Changes the description."""
        if old:
            _describe(call, physical_id, "egress")

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns the rule's id."""
        return {"Id": physical_id}

    def delete(self, call: Call, physical_id: str) -> None:
        """Removes the rule."""
        _revoke(call, str(call.properties["GroupId"]), "egress", call.without("GroupId"))


class VpcEndpoint(ResourceType):
    """A VPC endpoint."""

    type_name = "AWS::EC2::VPCEndpoint"
    properties = (
        "PolicyDocument",
        "PrivateDnsEnabled",
        "RouteTableIds",
        "SecurityGroupIds",
        "ServiceName",
        "SubnetIds",
        "Tags",
        "VpcEndpointType",
        "VpcId",
    )
    create_only = ("ServiceName", "VpcEndpointType", "VpcId")
    tags = "list"

    def create(self, call: Call) -> str:
        """Creates the endpoint; a gateway endpoint has no private DNS, an interface endpoint none unless asked."""
        parameters = call.without("Tags", "PrivateDnsEnabled", "VpcEndpointType")
        answer = call.invoke(
            "ec2",
            "CreateVpcEndpoint",
            VpcEndpointType=call.properties.get("VpcEndpointType", "Gateway"),
            PrivateDnsEnabled=call.flag("PrivateDnsEnabled"),
            **parameters,
        )
        return str(answer["VpcEndpoint"]["VpcEndpointId"])

    def configure(self, call: Call, physical_id: str, old: Properties) -> None:
        """Sets policy, private DNS, subnets, route tables, security groups and tags."""
        if old:
            changes: dict[str, Any] = {
                **_changes(old, call.properties, "SubnetIds"),
                **_changes(old, call.properties, "RouteTableIds"),
                **_changes(old, call.properties, "SecurityGroupIds"),
            }
            if old.get("PolicyDocument") != call.properties.get("PolicyDocument"):
                policy = call.properties.get("PolicyDocument")
                changes |= {"PolicyDocument": policy} if policy else {"ResetPolicy": True}
            if "PrivateDnsEnabled" in call.properties or "PrivateDnsEnabled" in old:
                changes["PrivateDnsEnabled"] = call.flag("PrivateDnsEnabled")
            if changes:
                call.invoke("ec2", "ModifyVpcEndpoint", VpcEndpointId=physical_id, **changes)
        set_tags(call, physical_id, old)

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns the id, the network interfaces and the DNS names."""
        endpoint = call.invoke("ec2", "DescribeVpcEndpoints", VpcEndpointIds=[physical_id])["VpcEndpoints"][0]
        entries = [f"{item.get('HostedZoneId', '')}:{item['DnsName']}" for item in endpoint.get("DnsEntries", [])]
        return {
            "CreationTimestamp": endpoint["CreationTimestamp"].isoformat(),
            "DnsEntries": entries,
            "Id": physical_id,
            "NetworkInterfaceIds": endpoint.get("NetworkInterfaceIds", []),
        }

    def delete(self, call: Call, physical_id: str) -> None:
        """Deletes the endpoint."""
        call.invoke("ec2", "DeleteVpcEndpoints", VpcEndpointIds=[physical_id])


class FlowLog(ResourceType):
    """A flow log."""

    type_name = "AWS::EC2::FlowLog"
    create_only = (
        "DeliverLogsPermissionArn",
        "LogDestination",
        "LogDestinationType",
        "LogFormat",
        "LogGroupName",
        "MaxAggregationInterval",
        "ResourceId",
        "ResourceType",
        "TrafficType",
    )
    properties = (*create_only, "Tags")

    def create(self, call: Call) -> str:
        """Creates the flow log."""
        resource_id = str(call.properties["ResourceId"])
        answer = call.invoke("ec2", "CreateFlowLogs", ResourceIds=[resource_id], **call.without("Tags", "ResourceId"))
        if failures := answer.get("Unsuccessful"):
            raise ValueError(failures[0]["Error"]["Message"])
        return str(answer["FlowLogIds"][0])

    def configure(self, call: Call, physical_id: str, old: Properties) -> None:
        """Sets tags."""
        set_tags(call, physical_id, old)

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns the id."""
        return {"Id": physical_id}

    def delete(self, call: Call, physical_id: str) -> None:
        """Deletes the flow log; one that somebody took away is gone already."""
        ec2 = call.client("ec2")
        found = ec2.describe_flow_logs(Filters=[{"Name": "flow-log-id", "Values": [physical_id]}])["FlowLogs"]
        if found:
            ec2.delete_flow_logs(FlowLogIds=[physical_id])


def _permission(direction: str, rule: Mapping[str, Any]) -> dict[str, Any]:
    group_key, list_key = _PEERS[direction]
    known = (*_RULE, group_key, list_key)
    if unknown := [name for name in rule if name not in known]:
        raise UnmodelledPropertyError(f"A security group's {direction} rule", unknown, list(known))
    text = {"Description": rule["Description"]} if "Description" in rule else {}
    permission = {name: rule[name] for name in ("IpProtocol", "FromPort", "ToPort") if name in rule}
    if str(rule["IpProtocol"]) not in _WITH_PORTS:
        # AWS needs no ports where the protocol has none; the emulator wants to be told so.
        permission = {"FromPort": -1, "ToPort": -1, **permission}
    if "CidrIp" in rule:
        permission["IpRanges"] = [{"CidrIp": rule["CidrIp"], **text}]
    if "CidrIpv6" in rule:
        permission["Ipv6Ranges"] = [{"CidrIpv6": rule["CidrIpv6"], **text}]
    if group_key in rule:
        permission["UserIdGroupPairs"] = [{"GroupId": rule[group_key], **text}]
    if list_key in rule:
        permission["PrefixListIds"] = [{"PrefixListId": rule[list_key], **text}]
    return permission


def _authorize(call: Call, group_id: str, direction: str, rule: Mapping[str, Any]) -> str:
    operation = f"AuthorizeSecurityGroup{direction.capitalize()}"
    answer = call.invoke("ec2", operation, GroupId=group_id, IpPermissions=[_permission(direction, rule)])
    rules = answer.get("SecurityGroupRules") or [{}]
    return str(rules[0].get("SecurityGroupRuleId") or call.make_name(64, False))


def _revoke(call: Call, group_id: str, direction: str, rule: Mapping[str, Any]) -> None:
    operation = f"RevokeSecurityGroup{direction.capitalize()}"
    call.invoke("ec2", operation, GroupId=group_id, IpPermissions=[_permission(direction, rule)])


def _describe(call: Call, rule_id: str, direction: str) -> None:
    operation = f"UpdateSecurityGroupRuleDescriptions{direction.capitalize()}"
    descriptions = [{"SecurityGroupRuleId": rule_id, "Description": call.properties.get("Description", "")}]
    call.invoke("ec2", operation, GroupId=call.properties["GroupId"], SecurityGroupRuleDescriptions=descriptions)


def _allows_everything(rule: Mapping[str, Any]) -> bool:
    return rule["IpProtocol"] == "-1" and any(item["CidrIp"] == "0.0.0.0/0" for item in rule.get("IpRanges", []))


def _changes(old: Properties, new: Properties, name: str) -> dict[str, list[str]]:
    before, after = old.get(name) or [], new.get(name) or []
    added = [item for item in after if item not in before]
    removed = [item for item in before if item not in after]
    return {key: value for key, value in ((f"Add{name}", added), (f"Remove{name}", removed)) if value}
