"""Where the container images of an ML environment lie."""

from __future__ import annotations

from mlgov_constructs.protection.governed_repository import GovernedRepository


class ImageRepository(GovernedRepository):
    """The repository of the images that people work in; Studio offers them as ``StudioImage``.

    Tags do not move, and images are scanned, encrypted and kept, as in every
    :class:`~mlgov_constructs.protection.GovernedRepository`.

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
        >>> stack = Stack(App(), "Workspace")
        >>> repository = ImageRepository(stack, "Images", encryption_key=DataKey(stack, "Key"))
    """
