"""What SageMaker and its neighbours offer in some regions only."""

from __future__ import annotations

from enum import StrEnum


class Capability(StrEnum):
    """Something that an environment has where its region offers it.

    The regions that lack it are those whose CloudFormation registry has no such type; a region
    that is not known here is taken to have everything, and the deployment tells.

    Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-supported-resources-by-region.html

    Example:
        >>> Capability.MODEL_REGISTRY.is_offered("eu-central-1"), Capability.MODEL_REGISTRY.is_offered("cn-north-1")
        (True, False)
    """

    BUDGETS = "AWS::Budgets::Budget"
    EXPERIMENT_TRACKING = "AWS::SageMaker::MlflowTrackingServer"
    FEATURE_STORE = "AWS::SageMaker::FeatureGroup"
    GUARD_HOOKS = "AWS::CloudFormation::GuardHook"
    MODEL_HOSTING = "AWS::SageMaker::Endpoint"
    MODEL_REGISTRY = "AWS::SageMaker::ModelPackageGroup"
    PACKAGE_REPOSITORY = "AWS::CodeArtifact::Repository"
    STUDIO_SPACES = "AWS::SageMaker::Space"

    def is_offered(self, region: str | None) -> bool:
        """Tell whether a region has it.

        Args:
            region: The region; ``None`` when it is not known before the deployment.
        """
        return not (region or "").startswith(_LACKING[self])


_GOV, _CHINA = "us-gov-", "cn-"
_LACKING = {
    Capability.BUDGETS: (_GOV,),
    Capability.EXPERIMENT_TRACKING: (_GOV, _CHINA),
    Capability.FEATURE_STORE: (_GOV,),
    Capability.GUARD_HOOKS: (_GOV, _CHINA),
    Capability.MODEL_HOSTING: ("us-gov-east-1",),
    Capability.MODEL_REGISTRY: ("us-gov-east-1", _CHINA),
    Capability.PACKAGE_REPOSITORY: (_GOV, _CHINA),
    Capability.STUDIO_SPACES: (_GOV, _CHINA),
}
