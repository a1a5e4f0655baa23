"""What AWS itself owns and an isolated network must still reach, each by name."""

from __future__ import annotations

from enum import StrEnum

from mlgov_constructs.network.endpoint_service import EndpointService


class ServiceResource(StrEnum):
    """Buckets and registries of AWS that lie outside the account's perimeter.

    Each one is let through an endpoint policy by its own statement, read-only, and each can
    be switched on or off for a VPC.

    Sources:
        * ECR layers: https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html
        * JumpStart: https://docs.aws.amazon.com/sagemaker/latest/dg/jumpstart-foundation-models-use-studio-updated.html
        * SSM and patching: https://docs.aws.amazon.com/systems-manager/latest/userguide/ssm-agent-technical-details.html
        * Deep Learning Containers: https://github.com/aws/deep-learning-containers

    Example:
        >>> ServiceResource.ECR_LAYERS.buckets
        ('prod-{region}-starport-layer-bucket',)
    """

    ECR_LAYERS = "ecr-layers"
    DEEP_LEARNING_CONTAINERS = "deep-learning-containers"
    SAGEMAKER_JUMPSTART = "sagemaker-jumpstart"
    SAGEMAKER_SAMPLES = "sagemaker-samples"
    SYSTEMS_MANAGER = "systems-manager"
    AMAZON_LINUX = "amazon-linux"

    @property
    def buckets(self) -> tuple[str, ...]:
        """The buckets, ``{region}`` standing for the region; empty for a registry."""
        return _BUCKETS.get(self, ())

    @property
    def registries(self) -> dict[str, tuple[str, ...]]:
        """The accounts that own the image registry, by partition; empty for a bucket."""
        return _REGISTRIES.get(self, {})

    @property
    def services(self) -> tuple[EndpointService, ...]:
        """The endpoints whose policy names the resource."""
        return (EndpointService.S3,) if self.buckets else (EndpointService.ECR_API, EndpointService.ECR_DKR)


_BUCKETS = {
    ServiceResource.ECR_LAYERS: ("prod-{region}-starport-layer-bucket",),
    ServiceResource.SAGEMAKER_JUMPSTART: ("jumpstart-cache-prod-{region}",),
    ServiceResource.SAGEMAKER_SAMPLES: ("sagemaker-sample-files", "sagemaker-sample-notebooks-{region}"),
    ServiceResource.SYSTEMS_MANAGER: (
        "amazon-ssm-{region}",
        "aws-ssm-{region}",
        "patch-baseline-snapshot-{region}",
    ),
    ServiceResource.AMAZON_LINUX: ("al2023-repos-{region}-de612dc2",),
}
_REGISTRIES = {
    ServiceResource.DEEP_LEARNING_CONTAINERS: {
        "aws": ("763104351884",),
        "aws-us-gov": ("442386744353", "446045086412"),
        "aws-cn": ("727897471807",),
    },
}
