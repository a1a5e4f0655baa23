"""What is accepted of what watches: hooks, the search for idle machines, the inventory, the stop of spending."""

from __future__ import annotations

from collections.abc import Iterator

from constructs import IConstruct

from stacks.ledger.accepting import PACKS, WILDCARD, in_packs, resource_of
from stacks.ledger.acknowledgments import Acknowledgment
from stacks.ledger.reading import Template, actions_of, allowed_statements, of_type, text_of
from stacks.ml_environment import MlEnvironment

OUTSIDE_VPC = (*in_packs("LambdaInsideVPC"), *in_packs("LambdaConcurrency", "LambdaDLQ", packs=PACKS[:2]))
CEILING = f"{WILDCARD}[Resource::arn:<AWS::Partition>:iam::<AWS::AccountId>:role/*]"


def of_the_watchers(environment: MlEnvironment) -> Iterator[Acknowledgment[MlEnvironment]]:
    """Return what is accepted of what watches the environment."""
    sweeps = list(_sweeps(environment))
    if sweeps:
        yield Acknowledgment(
            ids=OUTSIDE_VPC,
            constructs=lambda _: sweeps,
            reason="They look at the APIs of AWS, read no data of the project, and run again by a schedule, which "
            "makes good what a lost run did not see.",
            holds=_looks_again_and_reads_no_data,
        )
    hooks = environment.compliance.hooks if environment.compliance else None
    if hooks:
        yield Acknowledgment(
            ids=OUTSIDE_VPC,
            constructs=lambda _: [hooks.node.find_child("Publisher").node.find_child("Default")],
            reason="CloudFormation alone calls it, at deployment, to write the rules, and it reports a failure itself.",
            holds=lambda template: all(
                action.startswith(("s3:", "kms:", "logs:"))
                for name, policy in of_type(template, "AWS::IAM::ManagedPolicy")
                if "Publisher" in name
                for statement in policy["Properties"]["PolicyDocument"]["Statement"]
                for action in actions_of(statement)
            ),
        )
    if environment.governance.stop:
        ceiling = environment.governance.stop.node.find_child("Ceiling")
        yield Acknowledgment(
            ids=(CEILING,),
            constructs=lambda _: [resource_of(ceiling)],
            reason="A permissions boundary grants nothing; it lets the action of the budget attach one policy, named "
            "by its ARN, and no other.",
            holds=lambda template: all(
                "iam:PolicyARN" in text_of(statement.get("Condition", {}))
                for name, policy in of_type(template, "AWS::IAM::ManagedPolicy")
                if name.startswith("StopCeiling")
                for statement in policy["Properties"]["PolicyDocument"]["Statement"]
                if ":role/*" in text_of(statement["Resource"])
            ),
        )


def _sweeps(environment: MlEnvironment) -> Iterator[IConstruct]:
    """The functions that look around by a schedule."""
    if environment.governance.idle:
        yield environment.governance.idle.node.find_child("Function").node.find_child("Default")
    if environment.inventory:
        yield environment.inventory.lineage.node.find_child("Collector").node.find_child("Default")


def _looks_again_and_reads_no_data(template: Template) -> bool:
    scheduled = any("ScheduleExpression" in rule["Properties"] for _, rule in of_type(template, "AWS::Events::Rule"))
    functions = [
        statement
        for statement in allowed_statements(template)
        if any(action.startswith("logs:") for action in actions_of(statement))
    ]
    read = {
        action
        for name, policy in of_type(template, "AWS::IAM::ManagedPolicy")
        if name.startswith(("Idle", "LineageCollector"))
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        for action in actions_of(statement)
    }
    return scheduled and bool(functions) and "s3:GetObject" not in read
