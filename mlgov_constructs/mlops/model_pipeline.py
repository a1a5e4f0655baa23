"""A pipeline from data to a registered model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from aws_cdk import Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk import aws_sns as sns
from constructs import Construct

from mlgov_constructs.argument_types import checked_arguments
from mlgov_constructs.controls import claim
from mlgov_constructs.identity import JobEnvironment, JobRole, JobType
from mlgov_constructs.identity.activities import UseProjectData
from mlgov_constructs.identity.project import check_job_tags, set_deployed_tags
from mlgov_constructs.mlops.model_registry import ModelRegistry
from mlgov_constructs.mlops.pipeline_base import METRICS, PipelineBase
from mlgov_constructs.mlops.pipeline_checks import (
    LONGEST_IN_TEMPLATE,
    check_definition,
    check_pipeline,
    check_place,
)
from mlgov_constructs.mlops.pipeline_definition import PipelineDefinition
from mlgov_constructs.mlops.pipeline_properties import CONTROLS, pipeline_properties
from mlgov_constructs.mlops.pipeline_rights import grant_pipeline, grant_step
from mlgov_constructs.mlops.pipeline_roles import PipelineRoles
from mlgov_constructs.mlops.stored_definition import StoredDefinition
from mlgov_constructs.network import EndpointService
from mlgov_constructs.protection.failure_alarm import failure_alarm
from mlgov_constructs.steps import JobSettings, PipelineParameter, PipelineStep


@checked_arguments
class ModelPipeline(PipelineBase):
    """A SageMaker pipeline made of typed steps.

    It creates a ``AWS::SageMaker::Pipeline`` whose jobs run in the isolated subnets, without
    network, with the environment's key, as the project's job roles, and with the project's tag;
    steps cannot choose otherwise. Everything that can be wrong is found when the app is
    synthesized: a step that reads what no step writes, a condition on a metric that nobody
    emits, an image by its tag. The role of the pipeline gets the rights that its steps need.

    Controls: ``MLG-MLO-05`` (isolated jobs), ``MLG-MLO-06`` (bounded parallelism),
    ``MLG-MLO-07`` (belongs to a project); ``MLG-MLO-25`` (checked and pinned) of a definition in S3.

    Roles that are not given are made: one for the pipeline, and one for each kind of jobs that
    the steps start, which may use the project's data in ``output_bucket`` and ``data_buckets``.

    A definition of more than 100,000 characters goes to S3, as a version of
    ``<project>/pipelines/<name>/definition.json`` that the pipeline names; old versions stay.

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        environment: The network and the key that every job uses.
        output_bucket: Where jobs write, under ``<project>/pipelines/<name>``.
        steps: The steps.
        project: The project; that of ``role``, or of ``registry``, when omitted.
        permissions_boundary: The ceiling of the roles that are made; that of ``role`` when omitted.
        role: The role of the pipeline, of type ``PIPELINE``.
        training_role: The role of training jobs. One that is given needs ``grant_project_data``
            on the buckets.
        processing_role: The role of processing jobs, which needs the same.
        data_buckets: More buckets whose data of the project the jobs use.
        registry: Where versions are registered; needed when a step registers.
        pipeline_name: Up to 63 lower-case letters, digits and hyphens; the project and the id of
            the construct when omitted.
        description: What the pipeline is for.
        parameters: Defaults of parameters, by their names, in place of those of the steps.
            Every run that is started by ``schedule`` takes the defaults.
        schedule: When it runs by itself; never when omitted. The times are UTC.
        max_parallel_steps: How many steps run at a time, 1 to 50; 4 by default.
        failure_topic: Who is told when a run fails. An
            :class:`~mlgov_constructs.protection.EncryptedTopic` admits CloudWatch by itself.
        definition_bucket: Where a long definition lies; ``output_bucket`` when omitted. It is
            written from outside the VPC.
        job_tags: Tags of every job beside that of the project: for the bill, and where an
            organization demands them. Tags of the app do not reach jobs, which the pipeline makes.

    Raises:
        ConstructError: An argument or a step cannot be used; the message names the step and says
            what to change.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/pipelines.html

    Cost:
        Nothing for the pipeline; its jobs cost what their machines cost. An alarm costs 0.10 USD
        a month.

    Example:
        ``docs/examples/mlops.py`` is a complete app.
    """

    CONTROLS: ClassVar[tuple[str, ...]] = CONTROLS

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: JobEnvironment,
        output_bucket: s3.IBucket,
        steps: Sequence[PipelineStep],
        project: str | None = None,
        permissions_boundary: iam.IManagedPolicy | None = None,
        role: JobRole | None = None,
        training_role: iam.IRole | None = None,
        processing_role: iam.IRole | None = None,
        data_buckets: Sequence[s3.IBucket] = (),
        registry: ModelRegistry | None = None,
        pipeline_name: str | None = None,
        description: str | None = None,
        parameters: Mapping[str, str | float | bool] | None = None,
        schedule: events.Schedule | None = None,
        max_parallel_steps: int = 4,
        failure_topic: sns.ITopic | None = None,
        definition_bucket: s3.IBucket | None = None,
        job_tags: Mapping[str, str] | None = None,
    ) -> None:
        given = PipelineRoles.of(
            scope,
            construct_id,
            project=project or (registry.project if registry is not None and role is None else None),
            permissions_boundary=permissions_boundary,
            pipeline=role,
            training=training_role,
            processing=processing_role,
        )
        name = pipeline_name or f"{given.project}-{construct_id.lower()}"
        check_pipeline(scope, construct_id, name, max_parallel_steps)
        check_job_tags(scope, construct_id, job_tags or {})
        draft = PipelineDefinition(
            steps,
            JobSettings(
                project=given.project,
                subnet_ids=environment.subnet_ids,
                security_group_ids=[environment.security_group_id],
                key_arn=environment.key_arn,
                training_role_arn=given.arn(JobType.TRAINING),
                processing_role_arn=given.arn(JobType.PROCESSING),
                output_uri=f"s3://{output_bucket.bucket_name}/{given.project}/pipelines/{name}",
                tags=job_tags or {},
                cluster_security_group_id=environment.cluster_security_group_id,
            ),
            [PipelineParameter(key, value) for key, value in (parameters or {}).items()],
        )
        check_definition(scope, construct_id, draft, registry, schedule)
        check_place(scope, construct_id, draft, definition_bucket, output_bucket)
        super().__init__(scope, construct_id)
        jobs = {step.JOB for step in draft.all_steps if step.JOB is not None}
        roles = given.completed(self, jobs, environment, [output_bucket, *data_buckets])
        self.project, self.pipeline_name = roles.project, name
        self.role, self.training_role, self.processing_role = roles.pipeline_role, roles.training, roles.processing
        self.definition = draft if roles == given else draft.of_roles(roles.training, roles.processing)
        self._output_bucket, self._data_buckets = output_bucket, list(data_buckets)
        self._boundary = roles.permissions_boundary
        environment.vpc.require(EndpointService.S3, by=self)
        place = self._place(environment, definition_bucket or output_bucket)
        resource = sagemaker.CfnPipeline(
            self,
            "Resource",
            **pipeline_properties(
                project=roles.project,
                pipeline_name=name,
                role_arn=self.role.role_arn,
                description=description,
                max_parallel_steps=max_parallel_steps,
                **place,
            ),
        )
        deviations = {control: why for step in draft.all_steps for control, why in step.relaxations.items()}
        claim(resource, [*self.CONTROLS, *(["MLG-MLO-25"] if "definition_location" in place else [])], deviations)
        set_deployed_tags(resource, roles.project)
        self._grant(environment, registry)
        # SageMaker reads the rights of the role when the pipeline is created.
        resource.node.add_dependency(self.role.rights)
        if schedule is not None:
            self.start_on("Schedule", schedule=schedule)
        if failure_topic is not None:
            failure_alarm(
                self,
                "Failures",
                description=f"A run of pipeline {name} failed",
                namespace=METRICS,
                metric_name="ExecutionFailed",
                dimension=("PipelineName", name),
                topic=failure_topic,
            )

    def _place(self, environment: JobEnvironment, bucket: s3.IBucket) -> dict[str, Any]:
        """Return the definition where it belongs: in the template, or in S3 when it is long."""
        rendered = self.definition.render()
        if self.definition.size <= LONGEST_IN_TEMPLATE:
            return {"definition_body": Stack.of(self).to_json_string(rendered)}
        stored = StoredDefinition(
            self,
            "Definition",
            definition=rendered,
            bucket=bucket,
            object_key=f"{self.project}/pipelines/{self.pipeline_name}/definition.json",
            encryption_key=environment.encryption_key,
            permissions_boundary=self._boundary,
            relaxed_steps=self.definition.relaxed_steps,
        )
        # SageMaker may read it as the pipeline.
        self.role.allow(stored.read_statements())
        return {"definition_location": stored.location}

    def _grant(self, environment: JobEnvironment, registry: ModelRegistry | None) -> None:
        grant_pipeline(
            self.role,
            environment=environment,
            training_role=self.training_role,
            processing_role=self.processing_role,
            output_bucket=self._output_bucket,
        )
        for bucket in self._data_buckets:
            # A registration reads a model that is brought, as the pipeline.
            key = bucket.encryption_key
            data = UseProjectData(self.project, bucket.bucket_arn, key.key_arn if key else None, read_only=True)
            self.role.allow(data.statements())
        for step in self.definition.all_steps:
            job_role = self.processing_role if step.JOB is JobType.PROCESSING else self.training_role
            grant_step(step, pipeline=self, role=self.role, job_role=job_role or self.role, environment=environment)
        if registry is not None:
            registry.grant_register(self.role)
