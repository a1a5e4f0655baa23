"""A workspace that products are launched into."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from mlgov_constructs.errors import ConstructError
from mlgov_constructs.identity import JobRole, JobType
from mlgov_constructs.network import IIsolatedVpc
from mlgov_constructs.protection import DataClass
from mlgov_constructs.workspace.notebook_lifecycle import NotebookLifecycle
from mlgov_constructs.workspace.notebook_services import require_notebook_services
from mlgov_constructs.workspace.parameter_names import ParameterNames


class WorkspaceParameters(Construct):
    """Writes down, as SSM parameters, where the products of the catalogue land.

    It creates one ``AWS::SSM::Parameter`` each for subnet, security group, key and lifecycle
    configuration, and one for the notebook role of each project; further ones for what else is
    given, and for nothing that is not. It gives the VPC the endpoints that notebooks call. None
    of the values is a secret.

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        names: The names of the parameters.
        vpc: The VPC; the first of its isolated subnets are used.
        encryption_key: The key of volumes.
        lifecycle: The lifecycle configuration of the notebooks.
        notebook_roles: The notebook role of each project.
        job_roles: Roles of further kinds of jobs, one a project and kind.
        zones: How many subnets are written down, one a zone; one by default.
        buckets: The bucket of a class of data.
        permissions_boundary: The ceiling of the roles that products create.
        access_log_bucket: The bucket of access logs.
        alarm_topic: The topic that alarms of provisioned products tell; it must admit CloudWatch.
        studio_domain_id: The Studio domain.
        model_package_groups: The registry's group of a project, by name.
        pipeline_start_roles: The role that starts the pipelines of a project.

    Raises:
        ConstructError: Two roles are of one project and kind, a role among ``notebook_roles`` is
            of another kind, or the VPC has fewer zones.

    Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-ssm.html

    Cost: none for standard parameters.

    Example:
        ``docs/examples/catalog.py`` is a complete app.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        names: ParameterNames,
        vpc: IIsolatedVpc,
        encryption_key: kms.IKey,
        lifecycle: NotebookLifecycle,
        notebook_roles: Sequence[JobRole],
        job_roles: Sequence[JobRole] = (),
        zones: int = 1,
        buckets: Mapping[DataClass, s3.IBucket] | None = None,
        permissions_boundary: iam.IManagedPolicy | None = None,
        access_log_bucket: s3.IBucket | None = None,
        alarm_topic: sns.ITopic | None = None,
        studio_domain_id: str | None = None,
        model_package_groups: Mapping[str, str] | None = None,
        pipeline_start_roles: Mapping[str, iam.IRole] | None = None,
    ) -> None:
        subnets = vpc.isolated_subnets
        _check_roles(scope, construct_id, notebook_roles, job_roles)
        if not 1 <= zones <= len(subnets):
            raise ConstructError(
                scope, construct_id, f"zones is {zones}, and the VPC has {len(subnets)}", "Name no more than it has."
            )
        super().__init__(scope, construct_id)
        require_notebook_services(vpc, by=self)
        self.names = names
        parameters = {
            "SubnetId": (names.subnet_id, subnets[0].subnet_id),
            "SecurityGroupId": (names.security_group_id, vpc.workload_security_group.security_group_id),
            "KeyArn": (names.key_arn, encryption_key.key_arn),
            "LifecycleConfigName": (
                names.lifecycle_config_name,
                lifecycle.notebook_instance_lifecycle_config_name,
            ),
        }
        for role in notebook_roles:
            parameters[f"NotebookRoleArn-{role.project}"] = (names.notebook_role_arn(role.project), role.role_arn)
        for role in job_roles:
            parameters[f"JobRoleArn-{role.project}-{role.job.value}"] = (
                names.job_role_arn(role.project, role.job),
                role.role_arn,
            )
        for zone in range(2, zones + 1):
            parameters[f"SubnetId{zone}"] = (names.subnet_ids(zone)[-1], subnets[zone - 1].subnet_id)
        for data_class, bucket in (buckets or {}).items():
            parameters[f"Bucket-{data_class.value}"] = (names.bucket_name(data_class), bucket.bucket_name)
        for project, group in (model_package_groups or {}).items():
            parameters[f"ModelPackageGroup-{project}"] = (names.model_package_group_name(project), group)
        for project, start_role in (pipeline_start_roles or {}).items():
            parameters[f"PipelineStartRole-{project}"] = (names.pipeline_start_role_arn(project), start_role.role_arn)
        if permissions_boundary is not None:
            parameters["BoundaryArn"] = (names.permissions_boundary_arn, permissions_boundary.managed_policy_arn)
        if access_log_bucket is not None:
            parameters["AccessLogBucket"] = (names.access_log_bucket_name, access_log_bucket.bucket_name)
        if alarm_topic is not None:
            parameters["AlarmTopicArn"] = (names.alarm_topic_arn, alarm_topic.topic_arn)
        if studio_domain_id is not None:
            parameters["StudioDomainId"] = (names.studio_domain_id, studio_domain_id)
        for parameter_id, (name, value) in parameters.items():
            ssm.CfnParameter(self, parameter_id, name=name, type="String", value=value)


def _check_roles(
    scope: Construct, construct_id: str, notebook_roles: Sequence[JobRole], job_roles: Sequence[JobRole]
) -> None:
    if other := [role for role in notebook_roles if role.job is not JobType.NOTEBOOK]:
        raise ConstructError(
            scope,
            construct_id,
            f"notebook_roles holds a role for {other[0].job.value} of project {other[0].project!r}",
            "Move it to job_roles.",
        )
    found = [(role.project, role.job.value) for role in (*notebook_roles, *job_roles)]
    if twice := sorted({each for each in found if found.count(each) > 1}):
        project, job = twice[0]
        raise ConstructError(
            scope, construct_id, f"project {project!r} has more than one {job} role", "Give one role each."
        )
