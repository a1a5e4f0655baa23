"""Create endpoints."""

from __future__ import annotations

from dataclasses import dataclass

from mlgov_constructs.aws_tokens import aws_tokens
from mlgov_constructs.identity.activities.activity import Activity, Statement, allow
from mlgov_constructs.identity.activities.conditions import by_hand, of_project, tagged
from mlgov_constructs.identity.job_environment import JobEnvironment


@dataclass(frozen=True)
class CreateEndpoints(Activity):
    """Deploy models behind endpoints: in the environment's subnets, isolated, encrypted, and tagged.

    What a stack keeps is seen, and neither changed nor deleted.
    ``PassRoles`` with the hosting role is needed beside it.

    Attributes:
        project: The project.
        environment: The network and the key of endpoints.

    Example:
        ``CreateEndpoints(project=..., environment=...).statements()``
    """

    project: str
    environment: JobEnvironment

    def statements(self) -> list[Statement]:
        """Return the policy statements, in JSON."""
        tokens = aws_tokens()
        models, configs, endpoints = (
            tokens.arn("sagemaker", f"{kind}/*") for kind in ("model", "endpoint-config", "endpoint")
        )
        tag = tagged(self.project)
        isolated = {**self.environment.network_condition(), **tag, "Bool": {"sagemaker:NetworkIsolation": "true"}}
        encrypted = {**tag, "ArnEquals": {"sagemaker:VolumeKmsKeyArn": self.environment.key_arn}}
        creating = {
            "StringEquals": {"sagemaker:TaggingAction": ["CreateEndpoint", "CreateEndpointConfig", "CreateModel"]}
        }
        keep = (
            "sagemaker:DeleteEndpoint",
            "sagemaker:DeleteEndpointConfig",
            "sagemaker:DeleteModel",
            "sagemaker:UpdateEndpoint",
            "sagemaker:UpdateEndpointWeightsAndCapacities",
        )
        see = ("sagemaker:DescribeEndpoint", "sagemaker:DescribeEndpointConfig", "sagemaker:DescribeModel")
        every = [models, configs, endpoints]
        return [
            allow("CreateModels", "sagemaker:CreateModel", models, isolated),
            allow("ConfigureEndpoints", "sagemaker:CreateEndpointConfig", configs, encrypted),
            allow("CreateEndpoints", "sagemaker:CreateEndpoint", endpoints, tag),
            allow("UseEndpointConfigs", "sagemaker:CreateEndpoint", configs, of_project(self.project)),
            allow("TagNewEndpoints", "sagemaker:AddTags", every, creating),
            allow("SeeEndpoints", see, every, of_project(self.project)),
            allow("KeepEndpoints", keep, every, by_hand(self.project)),
        ]
