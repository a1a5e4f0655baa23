"""Faults of roles and policies."""

from __future__ import annotations

from collections.abc import Callable

from tests.controls.mutations.faults import (
    DOCUMENT,
    TRUST,
    Mutation,
    Resource,
    actions,
    added,
    allow,
    allows,
    anything,
    drops,
    has_statement,
    inline,
    only_statement,
    sets,
    sid,
    statement_added,
    statements_changed,
    statements_removed,
    with_value,
    without,
)

ROLE, POLICY = "AWS::IAM::Role", "AWS::IAM::ManagedPolicy"
MFA = "aws:MultiFactorAuthPresent"
TO_SAGEMAKER = {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
ONE_ROLE_ARN = "arn:aws:iam::111122223333:role/one"
START = (
    "sagemaker:CreateTrainingJob",
    ["sagemaker:ListTags", "sagemaker:CreateModel"],
    "sagemaker:CreateMonitoringSchedule",
    "sagemaker:*",
    "sagemaker:Create*",
)
EVERY_ROLE = ("*", ["*"], [ONE_ROLE_ARN, "*"])


def passes_role(statement: Resource) -> bool:
    """The statements that allow to pass a role."""
    return allows(statement) and "iam:PassRole" in actions(statement)


def starts_work(statement: Resource) -> bool:
    """The statements that allow to start a notebook or a job."""
    return allows(statement) and any(
        action in {"sagemaker:CreateNotebookInstance", "sagemaker:CreateTrainingJob", "sagemaker:CreateProcessingJob"}
        for action in actions(statement)
    )


def schedules_monitors(statement: Resource) -> bool:
    """The statements that allow to schedule jobs by their definition."""
    return allows(statement) and "sagemaker:CreateMonitoringSchedule" in actions(statement)


def trusts_deputy(statement: Resource) -> bool:
    """The statements that trust a service which acts for its callers."""
    return str(statement["Principal"].get("Service", "")).startswith(("sagemaker.", "servicecatalog."))


def trusts_people(statement: Resource) -> bool:
    """The statements that trust the users of an account."""
    return "AWS" in statement["Principal"]


def is_no_boundary(resource: Resource) -> bool:
    """The policies that give rights; a boundary allows by pattern, and denies what names no subnets."""
    return not has_statement(DOCUMENT, sid("OnlyInSubnets"))(resource)


def of_policies(
    control: str, fault: str, statement: Resource, where: Callable[[Resource], bool] = anything
) -> tuple[Mutation, ...]:
    """The same statement in a managed policy and in a role."""
    return (
        Mutation(control, fault, POLICY, statement_added(DOCUMENT, statement), where),
        Mutation(control, f"{fault}, inline", ROLE, inline(statement)),
    )


def in_other_forms(control: str, fault: str, statement: Resource) -> tuple[Mutation, ...]:
    """The same statement alone, without a list around it, and in a condition."""
    chosen = {"Fn::If": ["Condition", statement, {"Ref": "AWS::NoValue"}]}
    return (
        Mutation(control, f"{fault}, alone", POLICY, only_statement(DOCUMENT, statement)),
        Mutation(control, f"{fault}, conditionally", POLICY, statement_added(DOCUMENT, chosen)),
        Mutation(
            control,
            f"{fault}, inline and alone",
            ROLE,
            with_value("Properties/Policies", [{"PolicyName": "added", "PolicyDocument": {"Statement": statement}}]),
        ),
        Mutation(control, f"{fault}, inline and conditionally", ROLE, inline(chosen)),
    )


IDENTITY = (
    Mutation("MLG-IDN-01", "has no boundary", ROLE, without("Properties/PermissionsBoundary")),
    *(
        mutation
        for action in ("*", ["s3:GetObject", "*"], "*:*")
        for mutation in of_policies("MLG-IDN-02", f"allows {action}", allow(action))
    ),
    *in_other_forms("MLG-IDN-02", "allows everything", allow("*")),
    *of_policies("MLG-IDN-02", "allows by exclusion", {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}),
    *(
        Mutation("MLG-IDN-02", f"is {fault}", ROLE, with_value("Properties/ManagedPolicyArns", [arn]))
        for fault, arn in (
            ("an administrator", "arn:aws:iam::aws:policy/AdministratorAccess"),
            (
                "an administrator of some partition",
                {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":iam::aws:policy/AdministratorAccess"]]},
            ),
            ("a power user", {"Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/PowerUserAccess"}),
        )
    ),
    Mutation(
        "MLG-IDN-03",
        "trusts the service for everyone",
        ROLE,
        statements_changed(TRUST, trusts_deputy, drops("Condition")),
        has_statement(TRUST, trusts_deputy),
    ),
    Mutation(
        "MLG-IDN-03",
        "trusts a list of services for everyone",
        ROLE,
        statement_added(
            TRUST,
            {
                "Effect": "Allow",
                "Action": "sts:AssumeRole",
                "Principal": {"Service": ["ec2.amazonaws.com", "sagemaker.amazonaws.com"]},
            },
        ),
    ),
    Mutation(
        "MLG-IDN-04",
        "asks for no second factor",
        ROLE,
        statements_changed(TRUST, trusts_people, drops("Condition", "Bool", MFA)),
        has_statement(TRUST, trusts_people),
    ),
    Mutation(
        "MLG-IDN-04",
        "asks for a second factor where there is one",
        ROLE,
        statements_changed(TRUST, trusts_people, sets(Condition={"BoolIfExists": {MFA: "true"}})),
        has_statement(TRUST, trusts_people),
    ),
    *(
        Mutation(
            "MLG-IDN-04",
            f"trusts {principal}",
            ROLE,
            statement_added(
                TRUST,
                {
                    "Effect": "Allow",
                    "Action": "sts:AssumeRole",
                    "Principal": principal,
                    "Condition": {"Bool": {MFA: "true"}},
                },
            ),
        )
        for principal in ("*", {"AWS": "*"}, {"AWS": ["*"]}, {"AWS": [ONE_ROLE_ARN, "*"]})
    ),
    Mutation(
        "MLG-IDN-05",
        "passes to any service",
        POLICY,
        statements_changed(DOCUMENT, passes_role, drops("Condition")),
        has_statement(DOCUMENT, passes_role),
    ),
    *(
        mutation
        for action in ("iam:PassRole", ["iam:GetRole", "iam:PassRole"], "iam:*", "iam:Pass*")
        for mutation in of_policies("MLG-IDN-05", f"{action} to any service", allow(action, Resource=ONE_ROLE_ARN))
    ),
    *(
        mutation
        for resource in EVERY_ROLE
        for mutation in of_policies(
            "MLG-IDN-05", f"passes {resource}", allow("iam:PassRole", Condition=TO_SAGEMAKER, Resource=resource)
        )
    ),
    *in_other_forms("MLG-IDN-05", "passes any role", allow("iam:PassRole")),
    *of_policies(
        "MLG-IDN-05",
        "passes all roles but one",
        {"Effect": "Allow", "Action": "iam:PassRole", "NotResource": ONE_ROLE_ARN, "Condition": TO_SAGEMAKER},
    ),
    *(
        Mutation(
            "MLG-IDN-06",
            f"{kind} is added",
            ROLE,
            added({"Type": f"AWS::IAM::{kind}", "Properties": {"UserName": "u"}}),
        )
        for kind in ("User", "AccessKey", "UserToGroupAddition")
    ),
    Mutation(
        "MLG-IDN-07",
        "demands no subnets",
        POLICY,
        statements_changed(DOCUMENT, starts_work, drops("Condition", "Null", "sagemaker:VpcSubnets")),
        has_statement(DOCUMENT, starts_work),
    ),
    Mutation(
        "MLG-IDN-07",
        "forbids subnets",
        POLICY,
        statements_changed(
            DOCUMENT, starts_work, lambda s: s["Condition"]["Null"].update({"sagemaker:VpcSubnets": "true"})
        ),
        has_statement(DOCUMENT, starts_work),
    ),
    Mutation(
        "MLG-IDN-07",
        "lets a schedule have jobs of its own",
        POLICY,
        statements_changed(DOCUMENT, schedules_monitors, drops("Condition", "Null")),
        has_statement(DOCUMENT, schedules_monitors),
    ),
    *(
        mutation
        for action in START
        for mutation in of_policies("MLG-IDN-07", f"allows {action} anywhere", allow(action), is_no_boundary)
    ),
    Mutation(
        "MLG-IDN-07",
        "no longer denies what names no subnets",
        POLICY,
        statements_removed(DOCUMENT, sid("OnlyInSubnets")),
        lambda resource: not is_no_boundary(resource),
    ),
    *in_other_forms("MLG-IDN-07", "allows training anywhere", allow(START[0])),
)
