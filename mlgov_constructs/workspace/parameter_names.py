"""Where a workspace is written down: the names of its SSM parameters."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mlgov_constructs.identity import JobType
from mlgov_constructs.protection import DataClass

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
        """The subnet that notebooks are launched in, in the first zone."""
        return f"{self.prefix}/subnet-id"

    def subnet_ids(self, zones: int = 2) -> list[str]:
        """The subnets of the first zones, one parameter each; the workspace must have as many.

        Args:
            zones: How many.
        """
        return [self.subnet_id, *(f"{self.subnet_id}-{zone}" for zone in range(2, zones + 1))]

    @property
    def security_group_id(self) -> str:
        """The security group of workloads."""
        return f"{self.prefix}/security-group-id"

    @property
    def key_arn(self) -> str:
        """The key of volumes and data."""
        return f"{self.prefix}/key-arn"

    @property
    def lifecycle_config_name(self) -> str:
        """The lifecycle configuration that stops idle notebooks."""
        return f"{self.prefix}/lifecycle-config-name"

    @property
    def permissions_boundary_arn(self) -> str:
        """The ceiling of the roles that a product creates."""
        return f"{self.prefix}/permissions-boundary-arn"

    @property
    def access_log_bucket_name(self) -> str:
        """The bucket of access logs."""
        return f"{self.prefix}/access-log-bucket-name"

    @property
    def studio_domain_id(self) -> str:
        """The Studio domain."""
        return f"{self.prefix}/studio-domain-id"

    @property
    def alarm_topic_arn(self) -> str:
        """The topic that alarms of provisioned products tell."""
        return f"{self.prefix}/alarm-topic-arn"

    def bucket_name(self, data_class: DataClass) -> str:
        """The bucket of a class of data."""
        return f"{self.prefix}/buckets/{data_class.value}"

    def job_role_arn(self, project: str, job: JobType) -> str:
        """The role of the jobs of a kind in a project."""
        return f"{self.prefix}/projects/{project}/{job.value}-role-arn"

    def notebook_role_arn(self, project: str) -> str:
        """The role of the notebooks of a project."""
        return self.job_role_arn(project, JobType.NOTEBOOK)

    def pipeline_start_role_arn(self, project: str) -> str:
        """The role under which EventBridge starts the pipelines of a project."""
        return f"{self.prefix}/projects/{project}/pipeline-start-role-arn"

    def model_package_group_name(self, project: str) -> str:
        """The group of the registry that the models of a project are registered in."""
        return f"{self.prefix}/projects/{project}/model-package-group-name"

    @staticmethod
    def reference(name: str) -> str:
        """The dynamic reference that CloudFormation replaces by the value of a parameter."""
        return f"{{{{resolve:ssm:{name}}}}}"
