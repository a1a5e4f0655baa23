"""What is accepted of the functions and security groups of the network."""

from __future__ import annotations

from collections.abc import Iterator

from aws_cdk import aws_ec2 as ec2
from constructs import IConstruct

from mlgov_constructs.catalog import OrganizationShare
from stacks.ledger.accepting import PACKS, accept_wildcards, in_packs, resource_of
from stacks.ledger.acknowledgments import Acknowledgment
from stacks.ledger.reading import Template, actions_of, of_type, types_in
from stacks.ml_environment import MlEnvironment


def of_the_network(environment: MlEnvironment) -> Iterator[Acknowledgment[MlEnvironment]]:
    """Return what is accepted of the network."""
    vpc = environment.foundation.node.find_child("Vpc")
    provider = vpc.node.find_child("Provider")

    def function(_: MlEnvironment) -> list[IConstruct]:
        return [provider.node.find_child("Function")]

    def deployment_only(template: Template) -> bool:
        return not any("Events" in kind or "EventSource" in kind for kind in types_in(template)) and all(
            "ServiceToken" in resource["Properties"]
            for resource in template["Resources"].values()
            if resource["Type"].startswith("Custom::")
        )

    yield Acknowledgment(
        ids=in_packs("LambdaInsideVPC"),
        constructs=function,
        reason="The function makes the network that it would have to lie in, and calls EC2 alone.",
        holds=lambda template: all(
            action.startswith(("ec2:", "logs:"))
            for name, policy in of_type(template, "AWS::IAM::ManagedPolicy")
            if "Provider" in name
            for statement in policy["Properties"]["PolicyDocument"]["Statement"]
            for action in actions_of(statement)
        ),
    )
    shares = [each for each in environment.catalog.node.find_all() if isinstance(each, OrganizationShare)]
    sharing = [share.node.find_child("Function") for share in shares]
    if shares:
        yield Acknowledgment(
            ids=in_packs("LambdaInsideVPC"),
            constructs=lambda _: sharing,
            reason="The function shares a portfolio at deployment and touches no data. It needs no way into the VPC.",
            holds=lambda template: all(
                action.startswith(("servicecatalog:", "organizations:Describe", "logs:"))
                for name, policy in of_type(template, "AWS::IAM::ManagedPolicy")
                if "OrganizationShare" in name
                for statement in policy["Properties"]["PolicyDocument"]["Statement"]
                for action in actions_of(statement)
            ),
        )
    yield Acknowledgment(
        ids=in_packs("LambdaConcurrency", "LambdaDLQ", packs=PACKS[:2]),
        constructs=lambda environment: [*function(environment), *sharing],
        reason="CloudFormation alone calls it, at deployment, waits for the answer and reports a failure itself.",
        holds=deployment_only,
    )
    yield accept_wildcards(
        [provider, *shares],
        [":*"],
        "EC2 and Organizations know no resource for what the functions read; what they change is named.",
        lambda template: all(
            ":Describe" in action
            for name, policy in of_type(template, "AWS::IAM::ManagedPolicy")
            if "Provider" in name or "OrganizationShare" in name
            for statement in policy["Properties"]["PolicyDocument"]["Statement"]
            if statement["Resource"] == "*"
            for action in actions_of(statement)
        ),
        exact="*",
    )
    if not isinstance(vpc, ec2.Vpc):
        return
    yield Acknowledgment(
        ids=in_packs("VPCDefaultSecurityGroupClosed"),
        constructs=lambda _: [resource_of(vpc)],
        reason="The pack cannot see it in a template: a custom resource removes the rules of the default group.",
        holds=lambda template: (
            [each["Properties"]["GroupId"] for _, each in of_type(template, "Custom::DefaultSecurityGroupClosed")]
            == [{"Fn::GetAtt": [name, "DefaultSecurityGroup"]} for name, _ in of_type(template, "AWS::EC2::VPC")]
        ),
    )
    if (acl := vpc.node.try_find_child("NetworkAcl")) is not None:
        yield Acknowledgment(
            ids=("AwsSolutions::AwsSolutions-VPC3",),
            constructs=lambda _: [acl],
            reason="The environment asks for network ACLs as a second wall; the security groups decide as well.",
            holds=lambda template: len(list(of_type(template, "AWS::EC2::SecurityGroup"))) >= 2,
        )
