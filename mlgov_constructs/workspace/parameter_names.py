"""Where a workspace is written down: the names of its SSM parameters."""

from __future__ import annotations

import re
from dataclasses import dataclass

PREFIX = re.compile(r"/[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*")


@dataclass(frozen=True, slots=True)
class ParameterNames:
    """The SSM parameters that carry what a product template needs of a workspace.

    A template that refers to them needs no other stack, so a product can be launched long
    after, and from a portfolio that is shared with another account.

    Attributes:
        prefix: Where they lie, for example ``/mlgov/sandbox/workspace``.

    Raises:
        ValueError: The prefix is no path of SSM.

    Example:
        >>> names = ParameterNames("/mlgov/sandbox/workspace")
        >>> names.subnet_id, names.notebook_role_arn("churn")
        ('/mlgov/sandbox/workspace/subnet-id', '/mlgov/sandbox/workspace/projects/churn/notebook-role-arn')
        >>> ParameterNames.reference(names.key_arn)
        '{{resolve:ssm:/mlgov/sandbox/workspace/key-arn}}'
    """

    prefix: str

    def __post_init__(self) -> None:
        if not PREFIX.fullmatch(self.prefix):
            msg = f"Parameter prefix {self.prefix!r} is no path: write it as in '/mlgov/sandbox/workspace'."
            raise ValueError(msg)

    @property
    def subnet_id(self) -> str:
        """The subnet that notebooks are launched in."""
        return f"{self.prefix}/subnet-id"

    @property
    def security_group_id(self) -> str:
        """The security group of notebooks."""
        return f"{self.prefix}/security-group-id"

    @property
    def key_arn(self) -> str:
        """The key of volumes."""
        return f"{self.prefix}/key-arn"

    @property
    def lifecycle_config_name(self) -> str:
        """The lifecycle configuration that stops idle notebooks."""
        return f"{self.prefix}/lifecycle-config-name"

    def notebook_role_arn(self, project: str) -> str:
        """The role of the notebooks of a project."""
        return f"{self.prefix}/projects/{project}/notebook-role-arn"

    @staticmethod
    def reference(name: str) -> str:
        """The dynamic reference that CloudFormation replaces by the value of a parameter."""
        return f"{{{{resolve:ssm:{name}}}}}"
