"""The role of a notebook, a job, a pipeline, an endpoint or a function."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from mlgov_constructs.aws_tokens import aws_tokens, service_principal
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.identity.activities import ListWork, PassRoles, RunJobs, RunStudioApps, UseProjectData
from mlgov_constructs.identity.governed_role import GovernedRole
from mlgov_constructs.identity.job_environment import JobEnvironment
from mlgov_constructs.identity.job_type import JobType
from mlgov_constructs.identity.project import PROJECT_TAG, check_project


class JobRole(GovernedRole):
    """The role that SageMaker, Glue or Lambda assumes for one kind of work of one project.

    It trusts that service on behalf of this account only, carries the permissions boundary, and
    may by itself write the logs and metrics of its kind, attach network interfaces in the
    isolated subnets, and use the key for its volume. A notebook may stop itself when idle; Studio
    may run the apps of a person's own private spaces, and lets SageMaker name that person in
    the sessions of the role and of the jobs (``sts:SetSourceIdentity``).
    Everything else is granted: data by :meth:`grant_project_data` or the bucket's own
    ``grant_*``, images by ``repository.grant_pull(role)``, and starting other jobs by
    :meth:`grant_run_jobs`.

    Controls: ``MLG-IDN-01`` (boundary), ``MLG-IDN-02`` (no wildcard), ``MLG-IDN-03`` (trust
    bound to the account).

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        job: The kind of work.
        project: The project that the work belongs to.
        permissions_boundary: The ceiling of the role.
        environment: The network and the key of the work; a pipeline needs none.
        role_name: A name; CloudFormation makes one when omitted.

    Raises:
        ConstructError: ``project`` is no project name, or work that runs in the VPC was given
            no environment.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html

    Cost: none.

    Example:
        >>> from aws_cdk import App, Stack
        >>> from mlgov_constructs.identity import PermissionsBoundary
        >>> stack = Stack(App(), "Workspace")
        >>> role = JobRole(
        ...     stack,
        ...     "Pipeline",
        ...     job=JobType.PIPELINE,
        ...     project="churn",
        ...     permissions_boundary=PermissionsBoundary(stack, "Boundary"),
        ... )
    """

    CONTROLS: ClassVar[tuple[str, ...]] = ("MLG-IDN-01", "MLG-IDN-03")

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        job: JobType,
        project: str,
        permissions_boundary: iam.IManagedPolicy,
        environment: JobEnvironment | None = None,
        role_name: str | None = None,
    ) -> None:
        check_project(scope, construct_id, project)
        if job.runs_in_vpc and environment is None:
            raise ConstructError(
                scope,
                construct_id,
                f"a role for {job.value} has no environment, so its work could not run in the VPC",
                "Give environment=JobEnvironment(vpc=..., encryption_key=...).",
            )
        self.job = job
        self.project = project
        super().__init__(
            scope,
            construct_id,
            assumed_by=_service(job),
            description=_description(job, project),
            permissions_boundary=permissions_boundary,
            statements=_statements(job, project, environment),
            role_name=role_name,
        )
        if job.sets_source_identity and self.assume_role_policy is not None:
            self.assume_role_policy.add_statements(
                iam.PolicyStatement(actions=["sts:SetSourceIdentity"], principals=[_service(job)])
            )

    def grant_project_data(self, bucket: s3.IBucket, *, read_only: bool = False, kept: Sequence[str] = ()) -> None:
        """Let the work read and write the project's prefix of a bucket, and list nothing else.

        Args:
            bucket: The bucket; the use of its key is granted too.
            read_only: Whether writing is left out.
            kept: Folders of the project that are read and never written, whatever else is granted.
        """
        key = bucket.encryption_key
        activity = UseProjectData(self.project, bucket.bucket_arn, key.key_arn if key else None, read_only, kept)
        self.allow(activity.statements())

    def grant_run_jobs(self, environment: JobEnvironment, roles: Sequence[iam.IRole]) -> None:
        """Let the code of a notebook or pipeline start training and processing jobs.

        Args:
            environment: The network and the key that every job must use.
            roles: The job roles of the project that it may give to these jobs.

        Raises:
            ConstructError: The role is for work that starts no other work.
        """
        if not self.job.starts_jobs:
            raise ConstructError(
                self,
                None,
                f"a role for {self.job.value} cannot start other jobs",
                "Give this right to the role of a notebook or a pipeline.",
            )
        passed = PassRoles([role.role_arn for role in roles])
        for activity in (RunJobs(self.project, environment), passed, ListWork()):
            self.allow(activity.statements())


def _description(job: JobType, project: str) -> str:
    what = f"SageMaker {job.value}" if job.service == "sagemaker" else f"{job.value.capitalize()} jobs"
    return f"{what} of project {project}"


def _service(job: JobType) -> iam.ServicePrincipal:
    tokens = aws_tokens()
    conditions: dict[str, Any] = {"StringEquals": {"aws:SourceAccount": tokens.account}}
    if job.source is not None:
        conditions["ArnLike"] = {"aws:SourceArn": tokens.arn("sagemaker", job.source)}
    return iam.ServicePrincipal(service_principal(job.service), conditions=conditions)


def _statements(job: JobType, project: str, environment: JobEnvironment | None) -> list[dict[str, Any]]:
    tokens = aws_tokens()
    statements: list[dict[str, Any]] = []
    if job.log_group is not None:
        statements += [
            {
                "Sid": "WriteLogs",
                "Effect": "Allow",
                "Action": [
                    "logs:CreateLogGroup",
                    "logs:CreateLogStream",
                    "logs:DescribeLogStreams",
                    "logs:PutLogEvents",
                ],
                "Resource": tokens.arn("logs", f"log-group:{job.log_group}:*"),
            }
        ]
    if job.metric_namespace is not None:
        statements += [
            {
                "Sid": "WriteMetrics",
                "Effect": "Allow",
                "Action": "cloudwatch:PutMetricData",
                "Resource": "*",
                "Condition": {"StringEquals": {"cloudwatch:namespace": job.metric_namespace}},
            },
        ]
    if environment is not None and job.runs_in_vpc:
        statements += environment.interface_statements()
        if job.has_volume:
            statements += environment.volume_statements()
    if job is JobType.NOTEBOOK:
        statements.append(
            {
                "Sid": "StopWhenIdle",
                "Effect": "Allow",
                "Action": ["sagemaker:DescribeNotebookInstance", "sagemaker:StopNotebookInstance"],
                "Resource": tokens.arn("sagemaker", "notebook-instance/*"),
                "Condition": {"StringEquals": {f"aws:ResourceTag/{PROJECT_TAG}": project}},
            }
        )
    if job is JobType.STUDIO:
        statements += RunStudioApps(project).statements()
    return statements
