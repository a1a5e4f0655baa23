"""How the machines of one job reach each other, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest

from mlgov_constructs.controls import CATALOGUE, RuleEngine, Status
from mlgov_constructs.identity import JobEnvironment
from mlgov_constructs.network import ClusterSecurityGroup, IsolatedVpc
from mlgov_constructs.protection import DataKey
from tests.templates import Template, of_type

INGRESS, EGRESS = "AWS::EC2::SecurityGroupIngress", "AWS::EC2::SecurityGroupEgress"


@pytest.fixture(scope="module")
def templates(synthesize: Callable[..., dict[str, Template]]) -> dict[str, Template]:
    def build(app: cdk.App) -> None:
        for name, arguments in (("plain", {}), ("fabric", {"efa": True})):
            stack = cdk.Stack(app, name)
            vpc = IsolatedVpc(stack, "Vpc")
            group = ClusterSecurityGroup(stack, "Cluster", vpc=vpc, **arguments)
            environment = JobEnvironment(vpc=vpc, encryption_key=DataKey(stack, "Key"), cluster_security_group=group)
            condition = environment.network_condition()["ForAllValues:StringEquals"]
            cdk.CfnOutput(stack, "Groups", value=stack.to_json_string(condition["sagemaker:VpcSecurityGroupIds"]))

    return synthesize(build)


def cluster_rules(template: Template, kind: str) -> list[dict[str, Any]]:
    return [each["Properties"] for name, each in of_type(template, kind).items() if name.startswith("Cluster")]


@pytest.mark.parametrize(("kind", "peer"), [(INGRESS, "SourceSecurityGroupId"), (EGRESS, "DestinationSecurityGroupId")])
@pytest.mark.parametrize("name", ["plain", "fabric"])
def test_members_reach_members_only(templates: dict[str, Template], name: str, kind: str, peer: str) -> None:
    rules = cluster_rules(templates[name], kind)
    assert rules
    for rule in rules:
        assert rule[peer] == rule["GroupId"]
        assert rule.keys() & {"CidrIp", "CidrIpv6"} == set()


@pytest.mark.parametrize("kind", [INGRESS, EGRESS])
def test_machines_exchange_keys_and_encrypted_packets(templates: dict[str, Template], kind: str) -> None:
    found = {(str(rule["IpProtocol"]), rule.get("FromPort")) for rule in cluster_rules(templates["plain"], kind)}
    assert found == {("udp", 500), ("50", None)}


@pytest.mark.parametrize("kind", [INGRESS, EGRESS])
def test_a_fabric_adapter_gets_all_traffic_of_the_group(templates: dict[str, Template], kind: str) -> None:
    assert [str(rule["IpProtocol"]) for rule in cluster_rules(templates["fabric"], kind)] == ["-1"]


def test_the_group_releases_nothing_else(templates: dict[str, Template]) -> None:
    (group,) = (
        each["Properties"]
        for name, each in of_type(templates["plain"], "AWS::EC2::SecurityGroup").items()
        if name.startswith("Cluster")
    )
    (rule,) = group["SecurityGroupEgress"]
    assert (rule["CidrIp"], rule["IpProtocol"]) == ("255.255.255.255/32", "icmp")


@pytest.mark.parametrize("name", ["plain", "fabric"])
def test_the_rule_of_closed_groups_holds(templates: dict[str, Template], name: str) -> None:
    found = RuleEngine([CATALOGUE["MLG-NET-05"]]).check_text(json.dumps(templates[name]))
    assert [finding for finding in found if finding.status is Status.FAILED] == []


def test_jobs_may_have_both_groups(templates: dict[str, Template]) -> None:
    assert "Cluster" in str(templates["plain"]["Outputs"]["Groups"]["Value"])
