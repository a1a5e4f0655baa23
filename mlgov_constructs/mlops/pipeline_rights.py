"""What a pipeline and its jobs must be allowed to do."""

from __future__ import annotations

from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from mlgov_constructs.identity import JobEnvironment, JobRole
from mlgov_constructs.identity.activities import AttachToNetwork, UseProjectData
from mlgov_constructs.identity.grants import give
from mlgov_constructs.steps import JobImage, PipelineStep


def grant_pipeline(
    role: JobRole,
    *,
    environment: JobEnvironment,
    output_bucket: s3.IBucket,
    training_role: iam.IRole | None = None,
    processing_role: iam.IRole | None = None,
) -> None:
    """Let the role of pipelines start jobs and read what these write.

    ``ModelPipeline`` does it by itself; for ``TrainingPipelineProduct`` the stack with the role
    does, together with ``registry.grant_register(role)``.

    Args:
        role: The role, of type ``PIPELINE``.
        environment: The network and the key of the jobs.
        output_bucket: Where jobs write.
        training_role: The role of training jobs, if there are any.
        processing_role: The role of processing jobs, if there are any.
    """
    job_roles = {each.role_arn: each for each in (training_role, processing_role) if each is not None}
    if job_roles:
        # SageMaker acts on the network and the key for who starts a job, and that is the pipeline.
        role.allow(AttachToNetwork(environment).statements())
        role.grant_run_jobs(environment, list(job_roles.values()))
    # Conditions read files of metrics, and a registration reads the model, as the pipeline.
    key = output_bucket.encryption_key
    data = UseProjectData(role.project, output_bucket.bucket_arn, key.key_arn if key else None, read_only=True)
    role.allow(data.statements())


def grant_step(
    step: PipelineStep, *, pipeline: Construct, role: JobRole, job_role: iam.IRole, environment: JobEnvironment
) -> None:
    """Give one step its image, the rights that only it needs, and the endpoints that its job calls.

    Args:
        step: The step.
        pipeline: The pipeline; errors name it.
        role: The role of the pipeline.
        job_role: The role of the step's job.
        environment: The network and the key of the jobs.
    """
    for image in step.images:
        grant_pull(image, job_role)
    needs = step.needs(role.project, environment)
    give(role, needs.pipeline)
    give(job_role, needs.job)
    for service in needs.services:
        environment.vpc.require(service, by=pipeline)


def grant_pull(image: JobImage, grantee: iam.IGrantable) -> None:
    """Let the role of a job pull its image, where the repository of the image is known.

    Args:
        image: The image.
        grantee: The role.
    """
    give(grantee, image.pull_statements())
