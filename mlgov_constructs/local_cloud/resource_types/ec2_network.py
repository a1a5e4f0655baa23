"""Amazon EC2: VPC, subnets, routes and network ACLs."""

from typing import Any

from mlgov_constructs.local_cloud.resource_types.resource_type import (
    Call,
    Properties,
    ResourceType,
    dropped_tags,
    is_true,
)


class Vpc(ResourceType):
    """A VPC."""

    type_name = "AWS::EC2::VPC"
    properties = ("CidrBlock", "EnableDnsHostnames", "EnableDnsSupport", "InstanceTenancy", "Tags")
    create_only = ("CidrBlock",)
    tags = "list"

    def create(self, call: Call) -> str:
        """Creates the VPC."""
        return str(call.invoke("ec2", "CreateVpc", **call.pick("CidrBlock", "InstanceTenancy"))["Vpc"]["VpcId"])

    def configure(self, call: Call, physical_id: str, old: Properties) -> None:
        """Sets DNS attributes and tags."""
        for name, default in (("EnableDnsSupport", True), ("EnableDnsHostnames", False)):
            if call.flag(name, default=default) != is_true(old.get(name, default)):
                call.invoke("ec2", "ModifyVpcAttribute", VpcId=physical_id, **{name: {"Value": call.flag(name)}})
        if old and call.properties.get("InstanceTenancy") != old.get("InstanceTenancy"):
            tenancy = call.properties.get("InstanceTenancy", "default")
            call.invoke("ec2", "ModifyVpcTenancy", VpcId=physical_id, InstanceTenancy=tenancy)
        set_tags(call, physical_id, old)

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns the address ranges and the ids of the default security group and network ACL."""
        vpc = call.invoke("ec2", "DescribeVpcs", VpcIds=[physical_id])["Vpcs"][0]
        of_vpc = {"Name": "vpc-id", "Values": [physical_id]}
        by_name = {"Name": "group-name", "Values": ["default"]}
        groups = call.invoke("ec2", "DescribeSecurityGroups", Filters=[of_vpc, by_name])["SecurityGroups"]
        default = {"Name": "default", "Values": ["true"]}
        acls = call.invoke("ec2", "DescribeNetworkAcls", Filters=[of_vpc, default])["NetworkAcls"]
        return {
            "CidrBlock": vpc["CidrBlock"],
            "CidrBlockAssociations": [item["AssociationId"] for item in vpc.get("CidrBlockAssociationSet", [])],
            "DefaultNetworkAcl": acls[0]["NetworkAclId"],
            "DefaultSecurityGroup": groups[0]["GroupId"],
            "Ipv6CidrBlocks": [],
            "VpcId": physical_id,
        }

    def delete(self, call: Call, physical_id: str) -> None:
        """Deletes the VPC."""
        call.invoke("ec2", "DeleteVpc", VpcId=physical_id)


class VpcCidrBlock(ResourceType):
    """A further IPv4 range of a VPC."""

    type_name = "AWS::EC2::VPCCidrBlock"
    properties = ("CidrBlock", "VpcId")
    create_only = properties

    def create(self, call: Call) -> str:
        """Associates the range."""
        answer = call.invoke("ec2", "AssociateVpcCidrBlock", **call.properties)
        return str(answer["CidrBlockAssociation"]["AssociationId"])

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns the association's id."""
        return {"Id": physical_id}

    def delete(self, call: Call, physical_id: str) -> None:
        """Disassociates the range."""
        call.invoke("ec2", "DisassociateVpcCidrBlock", AssociationId=physical_id)


class Subnet(ResourceType):
    """A subnet."""

    type_name = "AWS::EC2::Subnet"
    properties = ("AvailabilityZone", "AvailabilityZoneId", "CidrBlock", "MapPublicIpOnLaunch", "Tags", "VpcId")
    create_only = ("AvailabilityZone", "AvailabilityZoneId", "CidrBlock", "VpcId")
    tags = "list"

    def create(self, call: Call) -> str:
        """Creates the subnet."""
        return str(call.invoke("ec2", "CreateSubnet", **call.pick(*self.create_only))["Subnet"]["SubnetId"])

    def configure(self, call: Call, physical_id: str, old: Properties) -> None:
        """Sets whether instances get a public address, and tags."""
        name = "MapPublicIpOnLaunch"
        if name in call.properties or name in old:
            call.invoke("ec2", "ModifySubnetAttribute", SubnetId=physical_id, **{name: {"Value": call.flag(name)}})
        set_tags(call, physical_id, old)

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns where the subnet lies."""
        subnet = call.invoke("ec2", "DescribeSubnets", SubnetIds=[physical_id])["Subnets"][0]
        names = ("AvailabilityZone", "AvailabilityZoneId", "CidrBlock", "VpcId")
        return {"SubnetId": physical_id, "Ipv6CidrBlocks": [], **{name: subnet[name] for name in names}}

    def delete(self, call: Call, physical_id: str) -> None:
        """Deletes the subnet."""
        call.invoke("ec2", "DeleteSubnet", SubnetId=physical_id)


class RouteTable(ResourceType):
    """A route table."""

    type_name = "AWS::EC2::RouteTable"
    properties = ("Tags", "VpcId")
    create_only = ("VpcId",)
    tags = "list"

    def create(self, call: Call) -> str:
        """Creates the route table."""
        return str(call.invoke("ec2", "CreateRouteTable", **call.pick("VpcId"))["RouteTable"]["RouteTableId"])

    def configure(self, call: Call, physical_id: str, old: Properties) -> None:
        """Sets tags."""
        set_tags(call, physical_id, old)

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns the id."""
        return {"RouteTableId": physical_id}

    def delete(self, call: Call, physical_id: str) -> None:
        """Deletes the route table."""
        call.invoke("ec2", "DeleteRouteTable", RouteTableId=physical_id)


class SubnetRouteTableAssociation(ResourceType):
    """A subnet's route table."""

    type_name = "AWS::EC2::SubnetRouteTableAssociation"
    properties = ("RouteTableId", "SubnetId")
    create_only = properties

    def create(self, call: Call) -> str:
        """Associates the route table with the subnet."""
        return str(call.invoke("ec2", "AssociateRouteTable", **call.properties)["AssociationId"])

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns the association's id."""
        return {"Id": physical_id}

    def delete(self, call: Call, physical_id: str) -> None:
        """Disassociates the route table."""
        call.invoke("ec2", "DisassociateRouteTable", AssociationId=physical_id)


class NetworkAcl(ResourceType):
    """A network ACL."""

    type_name = "AWS::EC2::NetworkAcl"
    properties = ("Tags", "VpcId")
    create_only = ("VpcId",)
    tags = "list"

    def create(self, call: Call) -> str:
        """Creates the network ACL."""
        return str(call.invoke("ec2", "CreateNetworkAcl", **call.pick("VpcId"))["NetworkAcl"]["NetworkAclId"])

    def configure(self, call: Call, physical_id: str, old: Properties) -> None:
        """Sets tags."""
        set_tags(call, physical_id, old)

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns the id."""
        return {"Id": physical_id}

    def delete(self, call: Call, physical_id: str) -> None:
        """Deletes the network ACL."""
        call.invoke("ec2", "DeleteNetworkAcl", NetworkAclId=physical_id)


class NetworkAclEntry(ResourceType):
    """A rule of a network ACL."""

    type_name = "AWS::EC2::NetworkAclEntry"
    properties = ("CidrBlock", "Egress", "Icmp", "NetworkAclId", "PortRange", "Protocol", "RuleAction", "RuleNumber")
    create_only = ("Egress", "NetworkAclId", "RuleNumber")

    def create(self, call: Call) -> str:
        """Creates the rule."""
        self._put(call, "CreateNetworkAclEntry")
        return call.make_name(64, False)

    def configure(self, call: Call, physical_id: str, old: Properties) -> None:
        """Replaces the rule."""
        if old:
            self._put(call, "ReplaceNetworkAclEntry")

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns the id."""
        return {"Id": physical_id}

    def delete(self, call: Call, physical_id: str) -> None:
        """Deletes the rule."""
        key = call.pick("NetworkAclId", "RuleNumber")
        call.invoke("ec2", "DeleteNetworkAclEntry", Egress=call.flag("Egress"), **key)

    @staticmethod
    def _put(call: Call, operation: str) -> None:
        rest = call.without("Egress", "Icmp")
        call.invoke("ec2", operation, Egress=call.flag("Egress"), IcmpTypeCode=call.properties.get("Icmp"), **rest)


class SubnetNetworkAclAssociation(ResourceType):
    """A subnet's network ACL."""

    type_name = "AWS::EC2::SubnetNetworkAclAssociation"
    properties = ("NetworkAclId", "SubnetId")
    create_only = properties

    def create(self, call: Call) -> str:
        """Gives the subnet this network ACL in place of the one it has."""
        return _replace_acl(call, str(call.properties["SubnetId"]), str(call.properties["NetworkAclId"]))

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns the association's id."""
        return {"AssociationId": physical_id}

    def delete(self, call: Call, physical_id: str) -> None:
        """Gives the subnet its VPC's default network ACL back."""
        subnet_id = str(call.properties["SubnetId"])
        vpc_id = call.invoke("ec2", "DescribeSubnets", SubnetIds=[subnet_id])["Subnets"][0]["VpcId"]
        filters = [{"Name": "vpc-id", "Values": [vpc_id]}, {"Name": "default", "Values": ["true"]}]
        acl = call.invoke("ec2", "DescribeNetworkAcls", Filters=filters)["NetworkAcls"][0]
        _replace_acl(call, subnet_id, acl["NetworkAclId"])


def set_tags(call: Call, resource_id: str, old: Properties) -> None:
    """Brings an EC2 resource's tags from those in ``old`` to those of the template."""
    if removed := dropped_tags(old, call):
        call.invoke("ec2", "DeleteTags", Resources=[resource_id], Tags=[{"Key": key} for key in removed])
    if call.tags:
        call.invoke("ec2", "CreateTags", Resources=[resource_id], Tags=call.tags)


def _replace_acl(call: Call, subnet_id: str, acl_id: str) -> str:
    filters = [{"Name": "association.subnet-id", "Values": [subnet_id]}]
    acls = call.invoke("ec2", "DescribeNetworkAcls", Filters=filters)["NetworkAcls"]
    current = next(item for acl in acls for item in acl["Associations"] if item["SubnetId"] == subnet_id)
    answer = call.invoke(
        "ec2",
        "ReplaceNetworkAclAssociation",
        AssociationId=current["NetworkAclAssociationId"],
        NetworkAclId=acl_id,
    )
    return str(answer["NewAssociationId"])
