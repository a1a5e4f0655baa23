"""What Clarify needs to ask a model."""

from __future__ import annotations

from mlgov_constructs.aws_tokens import aws_tokens
from mlgov_constructs.identity.activities import Statement
from mlgov_constructs.identity.grants import statement

SHADOW_PREFIX = "sagemaker-clarify"


def shadow_endpoint_statements(model_name: str) -> list[Statement]:
    """Return what Clarify needs to ask a copy of the model: it makes an endpoint and removes it.

    Args:
        model_name: The model that the analysis configuration names.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-processing-job-configure-container.html
    """
    tokens = aws_tokens()
    endpoints = tokens.arn("sagemaker", f"endpoint/{SHADOW_PREFIX}-*")
    configs = tokens.arn("sagemaker", f"endpoint-config/{SHADOW_PREFIX}-*")
    return [
        statement(["sagemaker:DescribeModel"], tokens.arn("sagemaker", f"model/{model_name}")),
        statement(
            [
                "sagemaker:AddTags",
                "sagemaker:CreateEndpoint",
                "sagemaker:CreateEndpointConfig",
                "sagemaker:DeleteEndpoint",
                "sagemaker:DeleteEndpointConfig",
                "sagemaker:DescribeEndpoint",
                "sagemaker:DescribeEndpointConfig",
                "sagemaker:InvokeEndpoint",
            ],
            [endpoints, configs],
        ),
    ]
