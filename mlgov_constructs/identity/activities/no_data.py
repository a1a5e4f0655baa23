"""The deny of data that those who administer and audit carry, whatever is granted to them."""

from __future__ import annotations

from mlgov_constructs.identity.activities.activity import Statement

DATA = (
    "athena:GetQueryResults",
    "dynamodb:BatchGetItem",
    "dynamodb:GetItem",
    "dynamodb:Query",
    "dynamodb:Scan",
    "kms:Decrypt",
    "s3:GetObject",
    "s3:GetObjectVersion",
    "sagemaker:BatchGetRecord",
    "sagemaker:CreatePresignedDomainUrl",
    "sagemaker:CreatePresignedNotebookInstanceUrl",
    "sagemaker:GetRecord",
    "sagemaker:InvokeEndpoint",
    "sagemaker:InvokeEndpointAsync",
    "sagemaker:InvokeEndpointWithResponseStream",
    "secretsmanager:GetSecretValue",
)


def no_data() -> Statement:
    """Return the deny of reading data in any service, and of opening a place that can.

    Example:
        >>> no_data()["Effect"]
        'Deny'
    """
    return {"Sid": "NoData", "Effect": "Deny", "Action": list(DATA), "Resource": "*"}
