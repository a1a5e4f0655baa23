"""What the detector of idle machines may do: look, tell, and stop when asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aws_cdk import aws_kms as kms

from mlgov_constructs.aws_tokens import aws_tokens

Statement = dict[str, Any]


def look_statements() -> list[Statement]:
    """Return the rights to see machines and how often they are asked."""
    tokens = aws_tokens()
    return [
        {
            # Lists and metrics know no resource; see the service authorization reference.
            "Sid": "SeeMachines",
            "Effect": "Allow",
            "Action": [
                "cloudwatch:GetMetricData",
                "sagemaker:ListApps",
                "sagemaker:ListEndpoints",
                "sagemaker:ListNotebookInstances",
            ],
            "Resource": "*",
        },
        {
            "Sid": "SeeWhoseTheyAre",
            "Effect": "Allow",
            "Action": ["sagemaker:DescribeEndpoint", "sagemaker:ListTags"],
            "Resource": [tokens.arn("sagemaker", "endpoint/*"), tokens.arn("sagemaker", "notebook-instance/*")],
        },
    ]


def tell_statements(topic_arn: str, encryption_key: kms.IKey) -> list[Statement]:
    """Return the rights to tell an encrypted topic.

    Args:
        topic_arn: The topic.
        encryption_key: Its key.
    """
    tokens = aws_tokens()
    through = {"StringEquals": {"kms:ViaService": f"sns.{tokens.region}.{tokens.url_suffix}"}}
    return [
        {"Sid": "TellTopic", "Effect": "Allow", "Action": "sns:Publish", "Resource": topic_arn},
        {
            "Sid": "EncryptNotices",
            "Effect": "Allow",
            "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
            "Resource": encryption_key.key_arn,
            "Condition": through,
        },
    ]


def stop_statements(projects: Sequence[str], project_tag_key: str, domain_ids: Sequence[str]) -> list[Statement]:
    """Return the rights to stop notebooks of projects and apps of domains.

    Args:
        projects: Values of the project tag; any, but some, when empty.
        project_tag_key: The key of the project tag.
        domain_ids: The domains; no app may be ended when empty.
    """
    tokens = aws_tokens()
    tag = f"aws:ResourceTag/{project_tag_key}"
    owned = {"StringEquals": {tag: list(projects)}} if projects else {"Null": {tag: "false"}}
    notebooks: Statement = {
        "Sid": "StopNotebooks",
        "Effect": "Allow",
        "Action": "sagemaker:StopNotebookInstance",
        "Resource": tokens.arn("sagemaker", "notebook-instance/*"),
        "Condition": owned,
    }
    if not domain_ids:
        return [notebooks]
    apps = [tokens.arn("sagemaker", f"app/{domain}/*") for domain in domain_ids]
    return [notebooks, {"Sid": "EndApps", "Effect": "Allow", "Action": "sagemaker:DeleteApp", "Resource": apps}]
