"""What cdk-nag finds in the reference environments and is accepted, each with a tested reason."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from constructs import IConstruct

from mlgov_constructs.catalog import OrganizationShare
from mlgov_constructs.identity.permissions_boundary import CEILING
from stacks.acknowledgments import Acknowledgment, Ledger
from stacks.ml_environment import MlEnvironment
from stacks.policy_wildcards import flat, wildcards

PACKS = ("NIST.800.53.R5", "HIPAA.Security", "PCI.DSS.321")
WILDCARD = "AwsSolutions::AwsSolutions-IAM5"
LOG_GROUPS = ("Endpoints/*", "LabelingJobs", "NotebookInstances", "ProcessingJobs", "TrainingJobs")
NAMED_BY_PEOPLE = (
    "app",
    "endpoint",
    "endpoint-config",
    "experiment",
    "experiment-trial",
    "experiment-trial-component",
    "feature-group",
    "hyper-parameter-tuning-job",
    "labeling-job",
    "model",
    "model-package",
    "model-package-group",
    "monitoring-schedule",
    "notebook-instance",
    "pipeline",
    "processing-job",
    "space",
    "training-job",
    "user-profile",
)
WATCHED = ("configuration-recorder", "key", "policy", "product", "role", "stack", "trail")
Template = Mapping[str, Any]


def ledger(environment: MlEnvironment) -> Ledger[MlEnvironment]:
    """Return the accepted findings of one environment.

    A wildcard is accepted by what it ends with, so a new one in the same policy is a new
    finding. `tests/quality` evaluates every reason on the templates and refuses an entry that
    accepts nothing.

    Args:
        environment: The environment.
    """
    workspace, notebook = environment.workspace, environment.catalog.notebook
    personas = workspace.personas
    roles = [*workspace.job_roles.values(), workspace.data_scientist, *personas.values()]
    watchers = [personas["auditor"], personas["platform-administrator"]]
    doers = [role for role in roles if role not in watchers]
    launch_role = notebook.launch_role
    entries = [
        *_of_the_boundary(),
        *_of_the_network(environment),
        *_of_the_buckets(environment),
        _wildcard(
            [*roles, launch_role],
            ["network-interface/*"],
            "SageMaker makes interfaces whose ids nobody knows before; the subnets they lie in are named.",
            _interfaces_are_bound_to_subnets,
        ),
        _wildcard(
            list(workspace.job_roles.values()),
            [f"/aws/sagemaker/{group}:*" for group in LOG_GROUPS],
            "SageMaker names one log stream for each job; the log group is named.",
            lambda template: (
                {
                    action.partition(":")[0]
                    for statement in _statements(template)
                    if ":log-group:" in flat(statement["Resource"])
                    for action in _actions(statement)
                }
                == {"logs"}
            ),
        ),
        _wildcard(
            roles,
            [f"/{workspace.notebook_role.project}/*"],
            "The objects of the project lie under its prefix, and nothing else does.",
            _objects_are_bound_to_a_prefix,
        ),
        _wildcard(
            [*doers, launch_role],
            [f":{kind}/*" for kind in NAMED_BY_PEOPLE],
            "Names are chosen by people; the tag of the project or the conditions on the request bind each action.",
            _named_by_people_but_conditioned,
        ),
        _wildcard(
            watchers,
            [*(f":{kind}/*" for kind in (*NAMED_BY_PEOPLE, *WATCHED)), ":alarm:*", ":s3:::*"],
            "Auditors and administrators see and stop the work of every project; a deny keeps data from them.",
            _watchers_see_no_data,
        ),
        _wildcard(
            personas.values(),
            [":budget/*"],
            "Budgets are only viewed, and every budget of the account is for those who answer for costs.",
            lambda template: all(
                _reads(action)
                for statement in _statements(template)
                if ":budget/*" in flat(statement["Resource"])
                for action in _actions(statement)
            ),
        ),
        _wildcard(
            [*roles, launch_role],
            [":*"],
            "These actions list or describe, or know no resource; the service authorization reference gives them none.",
            lambda template: all(
                "Condition" in statement or all(_reads(action) for action in _actions(statement))
                for statement in _statements(template)
                if statement["Resource"] == "*"
            ),
            exact="*",
        ),
        _wildcard(
            [workspace.data_scientist],
            [":product/*"],
            "A portfolio decides which products its principals see; the ids are made at deployment.",
            lambda template: all(
                action.startswith("servicecatalog:")
                for statement in _statements(template)
                if ":product/*" in flat(statement["Resource"])
                for action in _actions(statement)
            ),
        ),
        _wildcard(
            [launch_role],
            [":stack/SC-*", f"{workspace.parameter_names.prefix}/*"],
            "Service Catalog names the stacks of products SC-*, and the product reads its workspace's parameters.",
            lambda template: all(
                action.startswith(("cloudformation:", "ssm:GetParameter"))
                for statement in _statements(template)
                if flat(statement["Resource"]).endswith((":stack/SC-*", "/workspace/*"))
                for action in _actions(statement)
            ),
        ),
    ]
    return Ledger(entries)


def _of_the_boundary() -> Iterator[Acknowledgment[MlEnvironment]]:
    actions = [f"{WILDCARD}[Action::{action}]" for action in CEILING if "*" in action]
    resources = [f"{WILDCARD}[Resource::{each}]" for each in ("*", "arn:<AWS::Partition>:iam::<AWS::AccountId>:role/*")]
    yield Acknowledgment(
        ids=(*actions, *resources, *_in_packs("IAMPolicyNoStatementsWithFullAccess")),
        constructs=lambda environment: [_resource(environment.foundation.permissions_boundary)],
        reason="A permissions boundary grants nothing: it is the ceiling of what other policies may grant.",
        holds=lambda template: all(
            not any(policy["Properties"].get(key) for key in ("Roles", "Users", "Groups"))
            for name, policy in _of_type(template, "AWS::IAM::ManagedPolicy")
            if name.startswith("PermissionsBoundary")
        ),
    )


def _of_the_network(environment: MlEnvironment) -> Iterator[Acknowledgment[MlEnvironment]]:
    vpc = environment.foundation.node.find_child("Vpc")
    provider = vpc.node.find_child("Provider")

    def function(_: MlEnvironment) -> list[IConstruct]:
        return [provider.node.find_child("Function")]

    def deployment_only(template: Template) -> bool:
        return not any("Events" in kind or "EventSource" in kind for kind in _types(template)) and all(
            "ServiceToken" in resource["Properties"]
            for resource in template["Resources"].values()
            if resource["Type"].startswith("Custom::")
        )

    yield Acknowledgment(
        ids=_in_packs("LambdaInsideVPC"),
        constructs=function,
        reason="The function makes the network that it would have to lie in, and calls EC2 alone.",
        holds=lambda template: all(
            action.startswith(("ec2:", "logs:"))
            for name, policy in _of_type(template, "AWS::IAM::ManagedPolicy")
            if "Provider" in name
            for statement in policy["Properties"]["PolicyDocument"]["Statement"]
            for action in _actions(statement)
        ),
    )
    shares = [each for each in environment.catalog.node.find_all() if isinstance(each, OrganizationShare)]
    sharing = [share.node.find_child("Function") for share in shares]
    if shares:
        yield Acknowledgment(
            ids=_in_packs("LambdaInsideVPC"),
            constructs=lambda _: sharing,
            reason="The function shares a portfolio at deployment and touches no data. It needs no way into the VPC.",
            holds=lambda template: all(
                action.startswith(("servicecatalog:", "organizations:Describe", "logs:"))
                for name, policy in _of_type(template, "AWS::IAM::ManagedPolicy")
                if "OrganizationShare" in name
                for statement in policy["Properties"]["PolicyDocument"]["Statement"]
                for action in _actions(statement)
            ),
        )
    yield Acknowledgment(
        ids=_in_packs("LambdaConcurrency", "LambdaDLQ", packs=PACKS[:2]),
        constructs=lambda environment: [*function(environment), *sharing],
        reason="CloudFormation alone calls it, at deployment, waits for the answer and reports a failure itself.",
        holds=deployment_only,
    )
    yield _wildcard(
        [provider, *shares],
        [":*"],
        "EC2 and Organizations know no resource for what the functions read; what they change is named.",
        lambda template: all(
            ":Describe" in action
            for name, policy in _of_type(template, "AWS::IAM::ManagedPolicy")
            if "Provider" in name or "OrganizationShare" in name
            for statement in policy["Properties"]["PolicyDocument"]["Statement"]
            if statement["Resource"] == "*"
            for action in _actions(statement)
        ),
        exact="*",
    )
    if not isinstance(vpc, ec2.Vpc):
        return
    yield Acknowledgment(
        ids=_in_packs("VPCDefaultSecurityGroupClosed"),
        constructs=lambda _: [_resource(vpc)],
        reason="The pack cannot see it in a template: a custom resource removes the rules of the default group.",
        holds=lambda template: (
            [each["Properties"]["GroupId"] for _, each in _of_type(template, "Custom::DefaultSecurityGroupClosed")]
            == [{"Fn::GetAtt": [name, "DefaultSecurityGroup"]} for name, _ in _of_type(template, "AWS::EC2::VPC")]
        ),
    )
    if (acl := vpc.node.try_find_child("NetworkAcl")) is not None:
        yield Acknowledgment(
            ids=("AwsSolutions::AwsSolutions-VPC3",),
            constructs=lambda _: [acl],
            reason="The environment asks for network ACLs as a second wall; the security groups decide as well.",
            holds=lambda template: len(list(_of_type(template, "AWS::EC2::SecurityGroup"))) >= 2,
        )


def _of_the_buckets(environment: MlEnvironment) -> Iterator[Acknowledgment[MlEnvironment]]:
    archive = environment.foundation.log_archive
    buckets = [*environment.data.buckets, archive, archive.access_log_bucket]
    yield Acknowledgment(
        ids=_in_packs("S3BucketReplicationEnabled"),
        constructs=lambda _: [_resource(bucket) for bucket in buckets],
        reason="Where copies may lie is the data owner's decision; versions and retention guard against loss.",
        holds=lambda template: all(
            bucket["Properties"]["VersioningConfiguration"]["Status"] == "Enabled"
            and bucket["DeletionPolicy"].startswith("Retain")
            for _, bucket in _of_type(template, "AWS::S3::Bucket")
        ),
    )
    yield Acknowledgment(
        ids=_in_packs("S3DefaultEncryptionKMS"),
        constructs=lambda _: [_resource(archive.access_log_bucket)],
        reason="S3 delivers server access logs only to buckets whose default encryption is SSE-S3.",
        holds=lambda template: any(
            bucket["Properties"].get("LoggingConfiguration", {}).get("DestinationBucketName") == {"Ref": name}
            for name, _ in _of_type(template, "AWS::S3::Bucket")
            if "AccessLogs" in name
            for _, bucket in _of_type(template, "AWS::S3::Bucket")
        ),
    )


def _in_packs(*rules: str, packs: Iterable[str] = PACKS) -> tuple[str, ...]:
    return tuple(f"{pack}::{pack}-{rule}" for pack in packs for rule in rules)


def _resource(construct: IConstruct) -> IConstruct:
    child = construct.node.default_child
    return child if child is not None else construct


def _wildcard(
    owners: Iterable[IConstruct],
    endings: Iterable[str],
    reason: str,
    holds: Any,
    *,
    exact: str | None = None,
) -> Acknowledgment[MlEnvironment]:
    """Accept the wildcard resources that end in one of some ways, in the policies of some roles."""
    policies = [policy for owner in owners for policy in _policies(owner)]
    found: dict[str, None] = {}
    chosen = []
    for policy in policies:
        ids = [
            f"{WILDCARD}[Resource::{resource}]"
            for resource in wildcards(policy)
            if (resource == exact if exact else resource.endswith(tuple(endings)))
        ]
        found.update(dict.fromkeys(ids))
        if ids:
            chosen.append(_resource(policy))
    return Acknowledgment(ids=tuple(found), constructs=lambda _: chosen, reason=reason, holds=holds)


def _policies(owner: IConstruct) -> list[iam.ManagedPolicy]:
    return [each for each in owner.node.find_all() if isinstance(each, iam.ManagedPolicy)]


def _types(template: Template) -> set[str]:
    return {resource["Type"] for resource in template["Resources"].values()}


def _of_type(template: Template, resource_type: str) -> Iterator[tuple[str, Any]]:
    for name, resource in template["Resources"].items():
        if resource["Type"] == resource_type:
            yield name, resource


def _statements(template: Template) -> Iterator[dict[str, Any]]:
    for _, policy in _of_type(template, "AWS::IAM::ManagedPolicy"):
        if policy["Properties"].get("Roles"):
            yield from (s for s in policy["Properties"]["PolicyDocument"]["Statement"] if s["Effect"] == "Allow")


def _actions(statement: Mapping[str, Any]) -> list[str]:
    action = statement["Action"]
    return [action] if isinstance(action, str) else list(action)


def _reads(action: str) -> bool:
    return action.partition(":")[2].startswith(("Describe", "Get", "List", "Lookup", "Search", "Validate", "View"))


def _watchers_see_no_data(template: Template) -> bool:
    denied = [
        policy["Properties"]["PolicyDocument"]["Statement"]
        for name, policy in _of_type(template, "AWS::IAM::ManagedPolicy")
        if name.startswith(("Auditor", "PlatformAdministrator"))
    ]
    return bool(denied) and all(
        any(each["Effect"] == "Deny" and {"kms:Decrypt", "s3:GetObject"} <= set(each["Action"]) for each in statements)
        for statements in denied
    )


def _interfaces_are_bound_to_subnets(template: Template) -> bool:
    return all(
        ":subnet/" in _text_of(statement["Resource"]) or "ec2:Subnet" in _text_of(statement.get("Condition", {}))
        for statement in _statements(template)
        if "network-interface/*" in _text_of(statement["Resource"])
    )


def _objects_are_bound_to_a_prefix(template: Template) -> bool:
    for statement in _statements(template):
        actions = _actions(statement)
        if "s3:ListBucket" in actions and "s3:prefix" not in _text_of(statement.get("Condition", {})):
            return False
        if "s3:GetObject" in actions and flat(statement["Resource"]).endswith((".Arn>/*", "}}/*")):
            return False
    return True


def _named_by_people_but_conditioned(template: Template) -> bool:
    return all(
        statement.get("Condition") or all(_looks_or_stops(action) for action in _actions(statement))
        for statement in _statements(template)
        if any(f":{kind}/*" in _text_of(statement["Resource"]) for kind in NAMED_BY_PEOPLE)
    )


def _looks_or_stops(action: str) -> bool:
    return action.partition(":")[2].startswith(("Describe", "Stop"))


def _text_of(value: Any) -> str:
    return json.dumps(value)
