"""Where a product is deployed by StackSets instead of a launch role."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from aws_cdk import aws_iam as iam
from constructs import Construct

from mlgov_constructs.controls import Relaxation
from mlgov_constructs.errors import ConstructError

ACCOUNT = re.compile(r"[0-9]{12}")
REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-[0-9]")


@dataclass(frozen=True)
class StackSetDeployment:
    """The accounts and regions of a product that is provisioned as a stack set.

    Attributes:
        accounts: The accounts that users may deploy to.
        regions: The regions that users may deploy to.
        administration_role: The role of this account that CloudFormation works under.
        execution_role_name: The name of the role that it assumes in each of the accounts; it may do
            what the product needs, and exists there before.
        instance_operations: Why users may add and remove stack instances later on; they may not
            when omitted.

    Source: https://docs.aws.amazon.com/servicecatalog/latest/adminguide/constraints-stackset.html

    Example:
        >>> from aws_cdk import App, Stack
        >>> administration = iam.Role.from_role_name(Stack(App(), "Stack"), "Role", "StackSetAdministration")
        >>> StackSetDeployment(["111122223333"], ["eu-west-1"], administration, "StackSetExecution").regions
        ['eu-west-1']
    """

    accounts: Sequence[str]
    regions: Sequence[str]
    administration_role: iam.IRole
    execution_role_name: str
    instance_operations: Relaxation | None = None

    def check(self, scope: Construct, construct_id: str | None) -> None:
        """Refuse what StackSets cannot deploy to.

        Args:
            scope: The construct that uses the deployment.
            construct_id: The id of a construct to be made in that scope.

        Raises:
            ConstructError: Accounts or regions are missing or misspelled.
        """
        for what, values, form, example in (
            ("account", self.accounts, ACCOUNT, "111122223333"),
            ("region", self.regions, REGION, "eu-west-1"),
        ):
            wrong = [value for value in values if not form.fullmatch(value)]
            if wrong or not values:
                raise ConstructError(
                    scope,
                    construct_id,
                    f"stack_sets names the {what} {wrong[0]!r}" if wrong else f"stack_sets names no {what}",
                    f"Name each {what} as in {example!r}.",
                )
