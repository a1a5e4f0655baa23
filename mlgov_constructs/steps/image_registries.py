"""The registries that hold AWS's own images, by region."""

from __future__ import annotations

import functools
import tomllib
from enum import StrEnum
from importlib import resources

from aws_cdk import CfnMapping, Fn, Stack, Token
from constructs import Construct

from mlgov_constructs.aws_tokens import aws_tokens
from mlgov_constructs.errors import ConstructError


class ImageRegistries(StrEnum):
    """A family of AWS's images, which has an account in each region.

    The value is the name of the mapping that a template for any region gets.

    Example:
        >>> ImageRegistries.ALGORITHMS.accounts()["eu-west-1"]
        '141502667606'
    """

    ALGORITHMS = "AlgorithmRegistries"
    DEBUGGER = "DebuggerRegistries"
    DEEP_LEARNING = "DeepLearningRegistries"

    @property
    def file_name(self) -> str:
        """The table of regions and accounts."""
        return f"{self.name.lower()}.toml"

    def accounts(self) -> dict[str, str]:
        """Return the account by region, of all partitions."""
        return _accounts(self.file_name)

    def account(self, scope: Construct, *, what: str, any_region: bool = False) -> str:
        """Return the account of the region of a stack.

        Where the region is known only when the stack is deployed, the stack gets a mapping of
        regions to accounts.

        Args:
            scope: The stack, or a construct in it.
            what: What the images are, for the message.
            any_region: Whether the template is for any region, whatever the region of the stack.

        Raises:
            ConstructError: AWS publishes no such image in the region.
        """
        stack = Stack.of(scope)
        if any_region or Token.is_unresolved(stack.region):
            if stack.node.try_find_child(self.value) is None:
                mapping = {region: {"Account": account} for region, account in self.accounts().items()}
                CfnMapping(stack, self.value, mapping=mapping)
            return Fn.find_in_map(self.value, aws_tokens().region, "Account")
        account = self.accounts().get(stack.region)
        if account is None:
            raise ConstructError(
                scope,
                None,
                f"AWS publishes no image of {what} in region {stack.region!r}",
                f"Use an image of your own by its digest, or extend {self.file_name}.",
            )
        return account


@functools.cache
def _accounts(file_name: str) -> dict[str, str]:
    text = resources.files(__package__).joinpath("registries", file_name).read_text(encoding="utf-8")
    return {region: account for accounts in tomllib.loads(text).values() for region, account in accounts.items()}
