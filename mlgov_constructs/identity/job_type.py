"""The kinds of work that SageMaker does under a role."""

from __future__ import annotations

from enum import StrEnum


class JobType(StrEnum):
    """What a job role is for; it decides the trust and the rights of the role.

    Example:
        >>> JobType.TRAINING.log_group
        '/aws/sagemaker/TrainingJobs'
    """

    NOTEBOOK = "notebook"
    TRAINING = "training"
    PROCESSING = "processing"
    PIPELINE = "pipeline"

    @property
    def log_group(self) -> str | None:
        """The log group that SageMaker writes for it; a pipeline has none of its own."""
        return None if self is JobType.PIPELINE else f"/aws/sagemaker/{_PLURAL[self]}"

    @property
    def metric_namespace(self) -> str | None:
        """The namespace that its metrics go to; a pipeline has none of its own."""
        return self.log_group

    @property
    def source(self) -> str | None:
        """The ARN pattern that SageMaker presents when it assumes the role.

        SageMaker documents ``aws:SourceArn`` for jobs and pipelines; not for notebook
        instances, whose trust is bound to the account alone.

        Source: https://docs.aws.amazon.com/sagemaker/latest/dg/security-confused-deputy-prevention.html
        """
        return None if self is JobType.NOTEBOOK else "*"

    @property
    def runs_in_vpc(self) -> bool:
        """Whether SageMaker attaches network interfaces for it under this role."""
        return self is not JobType.PIPELINE

    @property
    def starts_jobs(self) -> bool:
        """Whether its code may start other jobs."""
        return self in (JobType.NOTEBOOK, JobType.PIPELINE)


_PLURAL = {
    JobType.NOTEBOOK: "NotebookInstances",
    JobType.TRAINING: "TrainingJobs",
    JobType.PROCESSING: "ProcessingJobs",
}
