"""The kinds of work that services do under a role."""

from __future__ import annotations

from enum import StrEnum


class JobType(StrEnum):
    """What a job role is for; it decides the trust and the rights of the role.

    Example:
        >>> JobType.TRAINING.log_group
        '/aws/sagemaker/TrainingJobs'
    """

    NOTEBOOK = "notebook"
    STUDIO = "studio"
    TRAINING = "training"
    PROCESSING = "processing"
    PIPELINE = "pipeline"
    HOSTING = "hosting"
    MONITORING = "monitoring"
    LABELLING = "labelling"
    FEATURE_STORE = "feature-store"
    TRACKING = "tracking"
    GLUE = "glue"
    LAMBDA = "lambda"

    @property
    def service(self) -> str:
        """The service that assumes the role."""
        return self.value if self in (JobType.GLUE, JobType.LAMBDA) else "sagemaker"

    @property
    def log_group(self) -> str | None:
        """The log groups that the service writes for it; some kinds have none of their own."""
        return _LOG_GROUPS.get(self)

    @property
    def metric_namespace(self) -> str | None:
        """The namespace that its metrics go to; some kinds have none of their own."""
        return _METRIC_NAMESPACES.get(self, self.log_group)

    @property
    def source(self) -> str | None:
        """The pattern of the resource that the service presents when it assumes the role.

        SageMaker documents ``aws:SourceArn`` for jobs and pipelines; not for notebook
        instances, the feature store and MLflow. Their trust, and that of Glue and Lambda, is
        bound to the account alone.

        Source: https://docs.aws.amazon.com/sagemaker/latest/dg/security-confused-deputy-prevention.html
        """
        unnamed = (JobType.NOTEBOOK, JobType.FEATURE_STORE, JobType.TRACKING)
        return "*" if self.service == "sagemaker" and self not in unnamed else None

    @property
    def runs_in_vpc(self) -> bool:
        """Whether the service attaches network interfaces for it under this role."""
        return self not in (JobType.PIPELINE, JobType.LABELLING, JobType.FEATURE_STORE, JobType.TRACKING)

    @property
    def has_volume(self) -> bool:
        """Whether SageMaker encrypts a volume for it under this role."""
        return self.runs_in_vpc and self.service == "sagemaker"

    @property
    def sets_source_identity(self) -> bool:
        """Whether SageMaker names the person of Studio in its sessions (``sts:SourceIdentity``).

        A Studio domain with ``USER_PROFILE_NAME`` does so in the sessions of its execution
        roles, and in those of the roles that Studio gives to jobs. Where the trust of a role
        does not allow it, the app or the job is refused.

        Source: https://docs.aws.amazon.com/sagemaker/latest/dg/monitor-user-access-how-to.html
        """
        return self in _STARTED_IN_STUDIO

    @property
    def starts_jobs(self) -> bool:
        """Whether its code may start other jobs."""
        return self in (JobType.NOTEBOOK, JobType.STUDIO, JobType.PIPELINE)


_STARTED_IN_STUDIO = (
    JobType.STUDIO,
    JobType.TRAINING,
    JobType.PROCESSING,
    JobType.PIPELINE,
    JobType.HOSTING,
    JobType.MONITORING,
)
_LOG_GROUPS = {
    JobType.STUDIO: "/aws/sagemaker/studio",
    JobType.NOTEBOOK: "/aws/sagemaker/NotebookInstances",
    JobType.TRAINING: "/aws/sagemaker/TrainingJobs",
    JobType.PROCESSING: "/aws/sagemaker/ProcessingJobs",
    JobType.HOSTING: "/aws/sagemaker/Endpoints/*",
    # Monitoring runs as processing jobs.
    JobType.MONITORING: "/aws/sagemaker/ProcessingJobs",
    JobType.LABELLING: "/aws/sagemaker/LabelingJobs",
    JobType.GLUE: "/aws-glue/jobs/*",
    JobType.LAMBDA: "/aws/lambda/*",
}
_METRIC_NAMESPACES = {
    JobType.STUDIO: None,
    JobType.HOSTING: "/aws/sagemaker/Endpoints",
    JobType.GLUE: "Glue",
    JobType.LAMBDA: None,
}
