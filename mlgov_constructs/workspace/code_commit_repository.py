"""A Git repository of AWS under our key."""

from __future__ import annotations

import re
from typing import ClassVar

from aws_cdk import RemovalPolicy, Token
from aws_cdk import aws_codecommit as codecommit
from aws_cdk import aws_kms as kms
from constructs import Construct

from mlgov_constructs.controls import claim
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.identity import PROJECT_TAG
from mlgov_constructs.identity.project import check_project, set_own_tags
from mlgov_constructs.protection import DataKey
from mlgov_constructs.protection.data_removal import effective_removal_policy, removal_relaxation

NAME = re.compile(r"(?!.*\.git$)[\w.-]{1,100}", re.ASCII)


class CodeCommitRepository(codecommit.Repository):
    """A CodeCommit repository, encrypted with a customer managed key and kept when its stack goes.

    It is a ``codecommit.Repository``; grant through a
    :class:`~mlgov_constructs.workspace.CodeRepository`, which gives the key too.

    Controls: ``MLG-WSP-17`` (customer managed key), ``MLG-WSP-18`` (outlives its stack).

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        repository_name: The name.
        project: The project that the code belongs to.
        encryption_key: The key. A ``DataKey`` is opened to CodeCommit; another key must let its
            users use it through CodeCommit.
        description: What the code is for.
        removal_policy: ``DESTROY`` is honoured only with the context flag
            ``mlgov:allowDataRemoval``; the repository is retained otherwise.

    Raises:
        ConstructError: ``repository_name`` or ``project`` cannot be used.

    Source: https://docs.aws.amazon.com/codecommit/latest/userguide/encryption.html

    Cost: 1 USD a month for each active user after the first five.

    Example:
        >>> from aws_cdk import App, Stack
        >>> stack = Stack(App(), "Code")
        >>> code = CodeCommitRepository(
        ...     stack, "Code", repository_name="churn", project="churn", encryption_key=DataKey(stack, "Key")
        ... )
    """

    CONTROLS: ClassVar[tuple[str, ...]] = ("MLG-WSP-17", "MLG-WSP-18")

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        repository_name: str,
        project: str,
        encryption_key: kms.IKey,
        description: str | None = None,
        removal_policy: RemovalPolicy = RemovalPolicy.RETAIN,
    ) -> None:
        check_project(scope, construct_id, project)
        if not Token.is_unresolved(repository_name) and not NAME.fullmatch(repository_name):
            raise ConstructError(
                scope,
                construct_id,
                f"repository_name {repository_name!r} is not allowed",
                "Use up to 100 letters, digits, '.', '_' and '-', and do not end with .git.",
            )
        effective = effective_removal_policy(scope, construct_id, removal_policy)
        super().__init__(
            scope, construct_id, repository_name=repository_name, description=description, kms_key=encryption_key
        )
        if isinstance(encryption_key, DataKey):
            encryption_key.allow_use_through("codecommit")
        self.apply_removal_policy(effective)
        claim(self, self.CONTROLS, {"MLG-WSP-18": removal_relaxation(effective)})
        set_own_tags(self, {PROJECT_TAG: project})
        self.encryption_key = encryption_key
