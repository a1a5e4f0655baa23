"""The one place where a group of model packages is governed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from aws_cdk import CfnTag

from mlgov_constructs.aws_tokens import aws_tokens
from mlgov_constructs.identity import PROJECT_TAG

CONTROLS = ("MLG-MLO-01", "MLG-MLO-02", "MLG-MLO-03", "MLG-MLO-04")
READ_GROUP = ("sagemaker:DescribeModelPackageGroup",)
# What another account needs to see the versions of a model, and to make a model of one of them.
# AWS's own example names CreateModel here, although the action knows no such resource.
# https://docs.aws.amazon.com/sagemaker/latest/dg/model-registry-deploy-xaccount.html
READ_VERSIONS = (
    "sagemaker:BatchDescribeModelPackage",
    "sagemaker:CreateModel",
    "sagemaker:DescribeModelPackage",
    "sagemaker:ListModelPackages",
)


def model_package_group_properties(
    *,
    project: str,
    model_package_group_name: str,
    description: str | None = None,
    reader_accounts: Sequence[str] = (),
    organization_id: str | None = None,
    tags: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Return every property of a governed group, as ``CfnModelPackageGroup`` takes them.

    ``ModelRegistry`` and the templates of products both use it. Values may be tokens and dynamic
    references. Without a reader the group has no policy, so the account alone has access.

    Args:
        project: The project, which becomes a tag; SageMaker gives the versions the tags of their group.
        model_package_group_name: The name of the group.
        description: What the model is for.
        reader_accounts: Accounts that may read the versions and serve them, of staging and production.
        organization_id: The organisation that readers must belong to; alone, all its accounts read.
        tags: More tags.
    """
    return {
        "model_package_group_name": model_package_group_name,
        "model_package_group_description": description,
        "model_package_group_policy": _policy(model_package_group_name, reader_accounts, organization_id),
        "tags": [CfnTag(key=key, value=value) for key, value in {**(tags or {}), PROJECT_TAG: project}.items()],
    }


def _policy(name: str, accounts: Sequence[str], organization_id: str | None) -> dict[str, Any] | None:
    if not accounts and organization_id is None:
        return None
    tokens = aws_tokens()
    readers: Any = [f"arn:{tokens.partition}:iam::{account}:root" for account in accounts] or "*"
    within = {"StringEquals": {"aws:PrincipalOrgID": organization_id}} if organization_id else None
    group = tokens.arn("sagemaker", f"model-package-group/{name}")
    versions = tokens.arn("sagemaker", f"model-package/{name}/*")
    statements = (("ReadGroup", READ_GROUP, group), ("ReadVersions", READ_VERSIONS, versions))
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": sid,
                "Effect": "Allow",
                "Principal": {"AWS": readers},
                "Action": list(actions),
                "Resource": resource,
                **({"Condition": within} if within else {}),
            }
            for sid, actions, resource in statements
        ],
    }
