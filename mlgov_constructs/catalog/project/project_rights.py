"""What creates a project, changes it and takes it down again; it is right and ceiling of the launch role."""

from __future__ import annotations

from typing import Any

from mlgov_constructs.aws_tokens import aws_tokens
from mlgov_constructs.catalog.launch_role import STACKS
from mlgov_constructs.identity import PROJECT_TAG
from mlgov_constructs.workspace import ParameterNames

Statement = dict[str, Any]


def project_statements(names: ParameterNames, name_prefix: str, boundary_arn: str) -> list[Statement]:
    """Return the statements.

    Args:
        names: Where the workspace is written down.
        name_prefix: What the names of roles and budgets begin with.
        boundary_arn: The boundary that every role must have.
    """
    return [
        *_roles(name_prefix, boundary_arn),
        *_policies(),
        *_bucket(),
        _budgets(name_prefix),
        _feature_databases(),
        *_registry(),
        _parameters(names),
    ]


def _roles(name_prefix: str, boundary_arn: str) -> list[Statement]:
    roles = aws_tokens().arn("iam", f"role/{name_prefix}-*", region="")
    bounded = {"StringEquals": {"iam:PermissionsBoundary": boundary_arn}}
    own = aws_tokens().arn("iam", f"policy/{STACKS}", region="")
    return [
        _allow("CreateBoundRoles", ["iam:CreateRole"], roles, bounded),
        _allow(
            "AttachOwnPolicies",
            ["iam:AttachRolePolicy", "iam:DetachRolePolicy"],
            roles,
            {**bounded, "ArnLike": {"iam:PolicyARN": own}},
        ),
        _allow(
            "LookAfterRoles",
            [
                "iam:DeleteRole",
                "iam:GetRole",
                "iam:GetRolePolicy",
                "iam:ListAttachedRolePolicies",
                "iam:ListRolePolicies",
                "iam:TagRole",
                "iam:UntagRole",
                "iam:UpdateAssumeRolePolicy",
                "iam:UpdateRole",
                "iam:UpdateRoleDescription",
            ],
            roles,
        ),
    ]


def _policies() -> list[Statement]:
    return [
        _allow(
            "OwnPolicies",
            [
                "iam:CreatePolicy",
                "iam:CreatePolicyVersion",
                "iam:DeletePolicy",
                "iam:DeletePolicyVersion",
                "iam:GetPolicy",
                "iam:GetPolicyVersion",
                "iam:ListEntitiesForPolicy",
                "iam:ListPolicyVersions",
            ],
            aws_tokens().arn("iam", f"policy/{STACKS}", region=""),
        )
    ]


def _bucket() -> list[Statement]:
    # CloudFormation names a bucket after its stack, in lower case.
    buckets = aws_tokens().arn("s3", STACKS.lower(), region="", account="")
    verbs = (
        "BucketLogging",
        "BucketOwnershipControls",
        "BucketPolicy",
        "BucketPublicAccessBlock",
        "BucketTagging",
        "BucketVersioning",
        "EncryptionConfiguration",
        "LifecycleConfiguration",
    )
    actions = [f"s3:{verb}{what}" for what in verbs for verb in ("Get", "Put")]
    return [_allow("OwnBuckets", ["s3:CreateBucket", *actions], buckets)]


def _budgets(name_prefix: str) -> Statement:
    budgets = aws_tokens().arn("budgets", f"budget/{name_prefix}-*", region="")
    return _allow("Budgets", ["budgets:ModifyBudget", "budgets:ViewBudget"], budgets)


def _feature_databases() -> Statement:
    arn = aws_tokens().arn
    return _allow(
        "FeatureDatabases",
        ["glue:CreateDatabase", "glue:GetDatabase", "glue:UpdateDatabase"],
        [arn("glue", "catalog"), arn("glue", "database/features_*")],
    )


def _registry() -> list[Statement]:
    groups = aws_tokens().arn("sagemaker", "model-package-group/*-models")
    request_tag, own_tag = f"aws:RequestTag/{PROJECT_TAG}", f"aws:ResourceTag/{PROJECT_TAG}"
    creating = {"StringEquals": {"sagemaker:TaggingAction": "CreateModelPackageGroup"}}
    # The tags of a stack may change; the project of a registry stays what it is.
    same_project = {"StringEqualsIfExists": {request_tag: f"${{{own_tag}}}"}, "Null": {own_tag: "false"}}
    return [
        _allow("CreateRegistries", ["sagemaker:CreateModelPackageGroup"], groups, {"Null": {request_tag: "false"}}),
        _allow("TagNewRegistries", ["sagemaker:AddTags"], groups, creating),
        _allow("RetagRegistries", ["sagemaker:AddTags"], groups, same_project),
        _allow(
            "LookAfterRegistries",
            ["sagemaker:DescribeModelPackageGroup", "sagemaker:GetModelPackageGroupPolicy", "sagemaker:ListTags"],
            groups,
        ),
    ]


def _parameters(names: ParameterNames) -> Statement:
    return _allow(
        "WriteDown",
        [
            "ssm:AddTagsToResource",
            "ssm:DeleteParameter",
            "ssm:ListTagsForResource",
            "ssm:PutParameter",
            "ssm:RemoveTagsFromResource",
        ],
        aws_tokens().arn("ssm", f"parameter{names.prefix}/projects/*"),
    )


def _allow(sid: str, actions: list[str], resources: str | list[str], condition: Statement | None = None) -> Statement:
    statement: Statement = {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resources}
    return {**statement, "Condition": condition} if condition else statement
