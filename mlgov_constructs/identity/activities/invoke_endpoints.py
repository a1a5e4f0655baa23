"""Invoke endpoints."""

from __future__ import annotations

from dataclasses import dataclass

from mlgov_constructs.aws_tokens import aws_tokens
from mlgov_constructs.identity.activities.activity import Activity, Statement, allow
from mlgov_constructs.identity.activities.conditions import of_project


@dataclass(frozen=True)
class InvokeEndpoints(Activity):
    """Ask the endpoints of a project for predictions.

    Attributes:
        project: The project.

    Example:
        ``InvokeEndpoints(project=...).statements()``
    """

    project: str

    def statements(self) -> list[Statement]:
        """Return the policy statements, in JSON."""
        endpoints = aws_tokens().arn("sagemaker", "endpoint/*")
        actions = ("sagemaker:InvokeEndpoint", "sagemaker:InvokeEndpointAsync")
        return [allow("InvokeEndpoints", actions, endpoints, of_project(self.project))]
