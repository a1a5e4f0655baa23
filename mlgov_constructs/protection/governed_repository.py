"""An image repository that is hardened by default."""

from __future__ import annotations

from typing import ClassVar

from aws_cdk import RemovalPolicy
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_kms as kms
from constructs import Construct

from mlgov_constructs.controls import claim
from mlgov_constructs.protection.data_removal import effective_removal_policy


class GovernedRepository(ecr.Repository):
    """An image repository whose tags do not move, and whose images are scanned, encrypted and kept.

    It is an ``ecr.Repository``: ``grant_pull`` and ``grant_push`` work as ever.

    Controls: ``MLG-STU-13``, which covers Security Hub ECR.1, .2 and .5.

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        encryption_key: The key of the images.
        repository_name: A name; CloudFormation makes one when omitted.
        removal_policy: ``DESTROY`` deletes an empty repository with the stack, given the second
            key ``mlgov:allowDataRemoval``; retained by default.

    Source: https://docs.aws.amazon.com/securityhub/latest/userguide/ecr-controls.html

    Cost: 0.10 USD a GB and month.

    Example:
        >>> from aws_cdk import App, Stack
        >>> from mlgov_constructs.protection import DataKey
        >>> stack = Stack(App(), "Images")
        >>> repository = GovernedRepository(stack, "Images", encryption_key=DataKey(stack, "Key"))
    """

    CONTROLS: ClassVar[tuple[str, ...]] = ("MLG-STU-13",)

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        encryption_key: kms.IKey,
        repository_name: str | None = None,
        removal_policy: RemovalPolicy = RemovalPolicy.RETAIN,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            repository_name=repository_name,
            encryption=ecr.RepositoryEncryption.KMS,
            encryption_key=encryption_key,
            image_scan_on_push=True,
            image_tag_mutability=ecr.TagMutability.IMMUTABLE,
            removal_policy=effective_removal_policy(scope, construct_id, removal_policy),
        )
        claim(self, self.CONTROLS)
