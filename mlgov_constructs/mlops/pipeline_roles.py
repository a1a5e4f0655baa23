"""The roles of a pipeline and of its jobs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from mlgov_constructs.aws_tokens import aws_tokens
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.identity import JobEnvironment, JobRole, JobType
from mlgov_constructs.identity.project import check_project

# What endpoints were asked, and what monitors found: a job of a pipeline changes neither.
WATCHED = ("data-capture", "monitoring")


@dataclass(frozen=True, kw_only=True)
class PipelineRoles:
    """The roles that a pipeline was given, and what it needs to make the others.

    Attributes:
        project: The project.
        permissions_boundary: The ceiling of the roles that are made.
        pipeline: The role of the pipeline, of type ``PIPELINE``.
        training: The role of training jobs.
        processing: The role of processing jobs.

    Example:
        ``ModelPipeline`` uses it.
    """

    project: str
    permissions_boundary: iam.IManagedPolicy
    pipeline: JobRole | None = None
    training: iam.IRole | None = None
    processing: iam.IRole | None = None

    @classmethod
    def of(
        cls,
        scope: Construct,
        construct_id: str,
        *,
        project: str | None,
        permissions_boundary: iam.IManagedPolicy | None,
        pipeline: JobRole | None,
        training: iam.IRole | None,
        processing: iam.IRole | None,
    ) -> PipelineRoles:
        """Return the roles that were given, with project and boundary of the pipeline's role where it is given.

        Raises:
            ConstructError: The role is of another type or project, or nothing says how to make it.
        """
        if pipeline is not None and pipeline.job is not JobType.PIPELINE:
            raise ConstructError(
                scope,
                construct_id,
                f"role is one for {pipeline.job.value}",
                "Give the pipeline a JobRole of type JobType.PIPELINE.",
            )
        if pipeline is not None and project not in (None, pipeline.project):
            raise ConstructError(
                scope,
                construct_id,
                f"project {project!r} is another than that of the role, {pipeline.project!r}",
                "Leave project out, or give a role of the project.",
            )
        boundary = permissions_boundary or (pipeline.permissions_boundary if pipeline else None)
        name = pipeline.project if pipeline else project
        if boundary is None or name is None:
            raise ConstructError(
                scope,
                construct_id,
                "the pipeline has no role, and nothing to make one of",
                "Give role=..., or project=... and permissions_boundary=....",
            )
        check_project(scope, construct_id, name)
        return cls(
            project=name, permissions_boundary=boundary, pipeline=pipeline, training=training, processing=processing
        )

    @property
    def pipeline_role(self) -> JobRole:
        """The role of the pipeline, once it is there."""
        assert self.pipeline is not None  # noqa: S101 - completed() makes it
        return self.pipeline

    def arn(self, job: JobType) -> str:
        """Return the role of a kind of jobs, or what stands for one that is yet to be made.

        Args:
            job: ``TRAINING`` or ``PROCESSING``.
        """
        role = self.training if job is JobType.TRAINING else self.processing
        return role.role_arn if role is not None else aws_tokens().arn("iam", "role/made-later", region="")

    def completed(
        self, scope: Construct, jobs: set[JobType], environment: JobEnvironment, data_buckets: Sequence[s3.IBucket]
    ) -> PipelineRoles:
        """Return the roles with those that are needed and were not given.

        Args:
            scope: The pipeline, in which they are made.
            jobs: The kinds of jobs that the steps start.
            environment: The network and the key of the jobs.
            data_buckets: The buckets whose data of the project the jobs read and write.
        """
        pipeline = self.pipeline or self._make(scope, "Role", JobType.PIPELINE)
        made = {
            job: self._make(scope, f"{job.value.capitalize()}Role", job, environment)
            for job, given in ((JobType.TRAINING, self.training), (JobType.PROCESSING, self.processing))
            if given is None and job in jobs
        }
        for role in made.values():
            for bucket in data_buckets:
                role.grant_project_data(bucket, kept=WATCHED)
        return PipelineRoles(
            project=self.project,
            permissions_boundary=self.permissions_boundary,
            pipeline=pipeline,
            training=self.training or made.get(JobType.TRAINING),
            processing=self.processing or made.get(JobType.PROCESSING),
        )

    def _make(
        self, scope: Construct, construct_id: str, job: JobType, environment: JobEnvironment | None = None
    ) -> JobRole:
        return JobRole(
            scope,
            construct_id,
            job=job,
            project=self.project,
            permissions_boundary=self.permissions_boundary,
            environment=environment,
        )
