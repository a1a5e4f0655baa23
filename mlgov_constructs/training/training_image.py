"""Where the images that train lie."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from mlgov_constructs.argument_types import checked_arguments
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.perimeter import Perimeter
from mlgov_constructs.protection.governed_repository import GovernedRepository
from mlgov_constructs.steps.job_image import JobImage, check_digest

PULL = ("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
LONGEST_RETENTION_DAYS = 3650


@checked_arguments
class TrainingImage(GovernedRepository):
    """A repository of a training image of yours: immutable, scanned, encrypted, and closed to others.

    Tags do not move, images are scanned when pushed, encrypted with the key, and kept when the
    stack goes. Nobody outside the account, or the organisation, gets anything, whatever another
    policy says; every account of the organisation may pull, for staging and production. Images
    that nothing names are removed in time; a tagged one never, because a model in the registry may be
    made of it: push every image with a tag.

    It is an ``ecr.Repository``: ``grant_pull`` and ``grant_push`` work as ever. A pipeline grants
    the roles of its jobs to pull by itself.

    Controls: ``MLG-STU-13`` (immutable, scanned, encrypted; Security Hub ECR.1, .2, .3 and .5),
    ``MLG-TRN-01`` (who may pull), ``MLG-TRN-02`` (kept), ``MLG-TRN-03`` (no tagged image removed).

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        encryption_key: The key of the images. Those who pull need no right to it: the registry
            uses it by a grant.
        organization_id: The AWS organisation whose accounts may pull; this account alone when
            omitted.
        untagged_retention: How long an image without a tag is kept; 30 days by default.
        repository_name: A name; CloudFormation makes one when omitted.
        removal_policy: ``DESTROY`` deletes an empty repository with the stack, given the second
            key ``mlgov:allowDataRemoval``; retained by default.

    Raises:
        ConstructError: ``organization_id`` is none, or ``untagged_retention`` is out of range.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-training-algo.html

    Cost:
        0.10 USD a GB and month.

    Example:
        >>> from aws_cdk import App, Stack
        >>> from mlgov_constructs.protection import DataKey
        >>> stack = Stack(App(), "Training")
        >>> images = TrainingImage(stack, "Churn", encryption_key=DataKey(stack, "Key"))
        >>> images.image(digest=f"sha256:{'0' * 64}", metrics={"auc": "auc=([0-9.]+)"}).is_fixed
        True
    """

    CONTROLS: ClassVar[tuple[str, ...]] = ("MLG-STU-13", "MLG-TRN-01", "MLG-TRN-02", "MLG-TRN-03")

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        encryption_key: kms.IKey,
        organization_id: str | None = None,
        untagged_retention: Duration | None = None,
        repository_name: str | None = None,
        removal_policy: RemovalPolicy = RemovalPolicy.RETAIN,
    ) -> None:
        try:
            perimeter = Perimeter(organization_id)
        except ValueError as error:
            raise ConstructError(scope, construct_id, str(error), "Give the id of the organisation.") from None
        retention = untagged_retention or Duration.days(30)
        days = retention.to_days(integral=False)
        if days != int(days) or not 1 <= days <= LONGEST_RETENTION_DAYS:
            raise ConstructError(
                scope,
                construct_id,
                f"untagged_retention is {days:g} days",
                "Keep images without a tag one day to ten years, in whole days.",
            )
        super().__init__(
            scope,
            construct_id,
            encryption_key=encryption_key,
            repository_name=repository_name,
            removal_policy=removal_policy,
        )
        self.add_lifecycle_rule(
            description="Remove images without a tag", tag_status=ecr.TagStatus.UNTAGGED, max_image_age=retention
        )
        for statement in _policy(perimeter):
            self.add_to_resource_policy(iam.PolicyStatement.from_json(statement))

    def image(
        self,
        *,
        digest: str,
        metrics: Mapping[str, str | None] | None = None,
        resumes: bool = False,
        accelerator: str | None = None,
    ) -> JobImage:
        """Return an image of the repository, for a step to run.

        Args:
            digest: ``sha256:`` and 64 hexadecimal digits, as the registry gives it after a push.
            metrics: The metrics that training with it prints, each with the regular expression
                that finds it.
            resumes: Whether training goes on from ``/opt/ml/checkpoints``, so that Spot machines are safe.
            accelerator: What it cannot do without: ``gpu``, ``neuron``, or nothing.

        Raises:
            ConstructError: ``digest`` is a tag, or none at all.
        """
        check_digest(self, digest)
        return JobImage.from_repository(self, digest=digest, metrics=metrics, resumes=resumes, accelerator=accelerator)


def _policy(perimeter: Perimeter) -> list[dict[str, Any]]:
    # A service that calls for itself has neither account nor organisation.
    outside = {"StringNotEquals": perimeter.principals, "BoolIfExists": {"aws:PrincipalIsAWSService": "false"}}
    deny = {"Sid": "NobodyElse", "Effect": "Deny", "Principal": "*", "Action": "ecr:*", "Condition": outside}
    if perimeter.organization_id is None:
        return [deny]
    inside = {"StringEquals": perimeter.principals}
    pull = {"Sid": "Pull", "Effect": "Allow", "Principal": "*", "Action": list(PULL), "Condition": inside}
    return [deny, pull]
