"""The role that launches feature groups, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aws_cdk import aws_iam as iam
from constructs import Construct

from mlgov_constructs.aws_tokens import aws_tokens
from mlgov_constructs.catalog.launch_role import LaunchRole
from mlgov_constructs.identity import PROJECT_TAG, JobEnvironment, JobRole
from mlgov_constructs.preparation import FeatureDatabase
from mlgov_constructs.preparation.feature_group_properties import offline_prefix
from mlgov_constructs.workspace import ParameterNames


class FeatureGroupLaunchRole(LaunchRole):
    """The role under which Service Catalog creates, changes and deletes feature groups.

    It holds only what :class:`FeatureGroupProduct` creates, beside the rights of a
    :class:`LaunchRole`: feature groups with name, tag, prefix and keys of its projects, their
    tables in the projects' databases, the grants on the key that Feature Store makes for the
    caller, and giving SageMaker the feature-store roles of these projects. It reads and writes no
    record.

    Controls: ``MLG-IDN-01`` (boundary), ``MLG-IDN-03`` (trust bound to the account), and those
    of its policy.

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        names: Where the workspace is written down.
        environment: The network and the key of the stores.
        databases: The database of each project.
        store_roles: The feature-store role of each project.
        permissions_boundary: The ceiling of the role.
        role_name: A name, needed to launch by the role of that name in each account that the
            portfolio is shared with; CloudFormation makes one when omitted.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_OnlineStoreSecurityConfig.html

    Example:
        ``FeatureGroupProduct`` creates it.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        names: ParameterNames,
        environment: JobEnvironment,
        databases: Sequence[FeatureDatabase],
        store_roles: Sequence[JobRole],
        permissions_boundary: iam.IManagedPolicy,
        role_name: str | None = None,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            description="Launches feature groups of the catalogue",
            names=names,
            permissions_boundary=permissions_boundary,
            statements=[
                *(statement for each in databases for statement in _groups(each.project, environment.key_arn)),
                _tables([each.database_name for each in databases]),
                *_key(environment.key_arn),
            ],
            passed_roles=[role.role_arn for role in store_roles],
            role_name=role_name,
        )


def _groups(project: str, key_arn: str) -> list[dict[str, Any]]:
    groups = aws_tokens().arn("sagemaker", f"feature-group/{project}-*")
    return [
        {
            "Effect": "Allow",
            "Action": "sagemaker:CreateFeatureGroup",
            "Resource": groups,
            "Condition": {
                "StringEquals": {f"aws:RequestTag/{PROJECT_TAG}": project},
                "StringLike": {"sagemaker:FeatureGroupOfflineStoreS3Uri": f"s3://*/{offline_prefix(project)}"},
                "ArnEquals": {"sagemaker:FeatureGroupOfflineStoreKmsKeyArn": key_arn},
                # A group without an online store has no key of one; the deny of the rest is the template.
                "ArnEqualsIfExists": {"sagemaker:FeatureGroupOnlineStoreKmsKeyArn": key_arn},
            },
        },
        {
            "Effect": "Allow",
            "Action": "sagemaker:AddTags",
            "Resource": groups,
            "Condition": {"StringEquals": {"sagemaker:TaggingAction": "CreateFeatureGroup"}},
        },
        {
            # Without the tag: CloudFormation looks until a resource is gone, and what is gone has no tags.
            "Effect": "Allow",
            "Action": ["sagemaker:DescribeFeatureGroup", "sagemaker:ListTags"],
            "Resource": groups,
        },
        {
            "Effect": "Allow",
            "Action": ["sagemaker:DeleteFeatureGroup", "sagemaker:UpdateFeatureGroup"],
            "Resource": groups,
            "Condition": {"StringEquals": {f"aws:ResourceTag/{PROJECT_TAG}": project}},
        },
    ]


def _tables(databases: Sequence[str]) -> dict[str, Any]:
    tokens = aws_tokens()
    resources = [f"{kind}/{name}" for name in databases for kind in ("database", "table")]
    return {
        "Sid": "CreateTables",
        "Effect": "Allow",
        "Action": ["glue:CreateTable", "glue:GetDatabase", "glue:GetTable"],
        "Resource": [
            tokens.arn("glue", "catalog"),
            *(tokens.arn("glue", f"{each}/*" if each.startswith("table/") else each) for each in resources),
        ],
    }


def _key(key_arn: str) -> list[dict[str, Any]]:
    tokens = aws_tokens()
    via = {"kms:ViaService": f"sagemaker.{tokens.region}.{tokens.url_suffix}"}
    return [
        {
            # What Feature Store asks of the caller who creates an online store with a key.
            "Sid": "StoreKey",
            "Effect": "Allow",
            "Action": [
                "kms:Decrypt",
                "kms:DescribeKey",
                "kms:Encrypt",
                "kms:GenerateDataKey",
                "kms:ListGrants",
                "kms:ReEncryptFrom",
                "kms:ReEncryptTo",
                "kms:RetireGrant",
                "kms:RevokeGrant",
            ],
            "Resource": key_arn,
            "Condition": {"StringEquals": via},
        },
        {
            "Sid": "StoreKeyGrants",
            "Effect": "Allow",
            "Action": "kms:CreateGrant",
            "Resource": key_arn,
            "Condition": {"StringEquals": via, "Bool": {"kms:GrantIsForAWSResource": "true"}},
        },
        {"Sid": "SeeAliases", "Effect": "Allow", "Action": "kms:ListAliases", "Resource": "*"},
    ]
