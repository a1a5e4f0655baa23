"""Faults of an organization's policies."""

from __future__ import annotations

from collections.abc import Callable

from tests.controls.mutations.faults import (
    Mutation,
    Resource,
    allow,
    drops,
    has_statement,
    sets,
    sid,
    statement_added,
    statements_changed,
    statements_removed,
    with_value,
    without,
)

POLICY = "AWS::Organizations::Policy"
STATEMENTS = "Properties/Content/Statement"
AI_DEFAULT = "Properties/Content/services/default/opt_out_policy"
EC2 = "Properties/Content/ec2_attributes"
EVERYBODY = {"ArnNotLike": {"aws:PrincipalArn": ["arn:*:iam::*:role/BreakGlass", "arn:*:iam::*:role/*"]}}
NO_SPARING = ("iam:*", "organizations:*", "sts:*", "support:*")


def kind(name: str) -> Callable[[Resource], bool]:
    """The policies of one kind."""
    return lambda resource: resource["Properties"]["Type"] == name


def holding(name: str) -> Callable[[Resource], bool]:
    """The service control policies with a statement of this id."""
    held, service_control = has_statement(STATEMENTS, sid(name)), kind("SERVICE_CONTROL_POLICY")
    return lambda resource: service_control(resource) and held(resource)


def spares_no(action: str) -> Callable[[Resource], None]:
    """Take an action out of what a limit of regions spares."""

    def change(statement: Resource) -> None:
        statement["NotAction"].remove(action)

    return change


def no_models(statement: Resource) -> None:
    """Take models out of a denial."""
    statement["Action"].remove("sagemaker:CreateModel")


REGIONS, RCP = holding("OnlyTheseRegions"), kind("RESOURCE_CONTROL_POLICY")
AI, DECLARED = kind("AISERVICES_OPT_OUT_POLICY"), kind("DECLARATIVE_POLICY_EC2")

ORGANIZATION = (
    Mutation("MLG-GOV-30", "names no target", POLICY, without("Properties/TargetIds")),
    Mutation("MLG-GOV-30", "has an empty list of targets", POLICY, with_value("Properties/TargetIds", [])),
    Mutation(
        "MLG-GOV-31",
        "exempts every role",
        POLICY,
        statements_changed(STATEMENTS, sid("DataStays"), sets(Condition=EVERYBODY)),
        holding("DataStays"),
    ),
    Mutation(
        "MLG-GOV-31",
        "exempts everybody",
        POLICY,
        statements_changed(STATEMENTS, sid("DataStays"), sets(Condition={"StringNotLike": {"aws:PrincipalArn": "*"}})),
        holding("DataStays"),
    ),
    Mutation(
        "MLG-GOV-32",
        "spares nothing",
        POLICY,
        statements_changed(STATEMENTS, sid("OnlyTheseRegions"), drops("NotAction")),
        REGIONS,
    ),
    *(
        Mutation(
            "MLG-GOV-32",
            f"does not spare {action}",
            POLICY,
            statements_changed(STATEMENTS, sid("OnlyTheseRegions"), spares_no(action)),
            REGIONS,
        )
        for action in NO_SPARING
    ),
    Mutation("MLG-GOV-33", "allows", POLICY, statement_added(STATEMENTS, allow("s3:*", Principal="*")), RCP),
    Mutation(
        "MLG-GOV-33",
        "denies services",
        POLICY,
        statements_changed(STATEMENTS, sid("OnlyOurPrincipals"), drops("Condition", "BoolIfExists")),
        RCP,
    ),
    Mutation("MLG-GOV-34", "opts in", POLICY, with_value(f"{AI_DEFAULT}/@@assign", "optIn"), AI),
    Mutation("MLG-GOV-34", "says nothing by default", POLICY, without("Properties/Content/services/default"), AI),
    Mutation(
        "MLG-GOV-34", "may be changed", POLICY, without(f"{AI_DEFAULT}/@@operators_allowed_for_child_policies"), AI
    ),
    Mutation(
        "MLG-GOV-34",
        "opts one service in",
        POLICY,
        with_value("Properties/Content/services/lex", {"opt_out_policy": {"@@assign": "optIn"}}),
        AI,
    ),
    *(
        Mutation("MLG-GOV-35", f"leaves {attribute} out", POLICY, without(f"{EC2}/{attribute}"), DECLARED)
        for attribute in (
            "image_block_public_access",
            "instance_metadata_defaults",
            "snapshot_block_public_access",
            "vpc_block_public_access",
        )
    ),
    Mutation(
        "MLG-GOV-35",
        "takes IMDSv1",
        POLICY,
        with_value(f"{EC2}/instance_metadata_defaults/http_tokens/@@assign", "optional"),
        DECLARED,
    ),
    Mutation(
        "MLG-GOV-36",
        "lets models be anywhere",
        POLICY,
        statements_changed(STATEMENTS, sid("OnlyInSubnets"), no_models),
        holding("OnlyInSubnets"),
    ),
    Mutation(
        "MLG-GOV-36",
        "lets models call out",
        POLICY,
        statements_removed(STATEMENTS, sid("ModelsAreIsolated")),
        holding("OnlyInSubnets"),
    ),
)
