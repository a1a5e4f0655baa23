"""A pipeline from data to a registered model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from aws_cdk import Resource, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk import aws_sns as sns
from constructs import Construct

from mlgov_constructs.controls import claim
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.identity import PROJECT_TAG, JobEnvironment, JobRole, JobType
from mlgov_constructs.identity.activities.start_pipelines import START_AND_FOLLOW
from mlgov_constructs.identity.project import set_own_tags
from mlgov_constructs.mlops.model_registry import ModelRegistry
from mlgov_constructs.mlops.pipeline_checks import check_definition, check_pipeline, check_schedule, check_size
from mlgov_constructs.mlops.pipeline_definition import PipelineDefinition
from mlgov_constructs.mlops.pipeline_properties import CONTROLS, pipeline_properties
from mlgov_constructs.mlops.pipeline_rights import grant_pipeline, grant_step
from mlgov_constructs.mlops.pipeline_start_role import PipelineStartRole
from mlgov_constructs.network import EndpointService
from mlgov_constructs.protection import EncryptedTopic
from mlgov_constructs.steps import JobSettings, PipelineParameter, PipelineStep

METRICS = "AWS/Sagemaker/ModelBuildingPipeline"
STATUS_CHANGE = "SageMaker Model Building Pipeline Execution Status Change"


class ModelPipeline(Resource):
    """A SageMaker pipeline made of typed steps.

    It creates a ``AWS::SageMaker::Pipeline`` whose jobs run in the isolated subnets, without
    network, with the environment's key, as the project's job roles, and with the project's tag;
    steps cannot choose otherwise. Everything that can be wrong is found when the app is
    synthesized: a step that reads what no step writes, a condition on a metric that nobody
    emits, an image by its tag. The role of the pipeline gets the rights that its steps need.

    Controls: ``MLG-MLO-05`` (isolated jobs), ``MLG-MLO-06`` (bounded parallelism),
    ``MLG-MLO-07`` (belongs to a project).

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        role: The role of the pipeline, of type ``PIPELINE``; its project is the pipeline's.
        environment: The network and the key that every job uses.
        training_role: The role of training jobs.
        processing_role: The role of processing jobs; needed when a step processes.
        output_bucket: Where jobs write, under ``<project>/pipelines/<name>``. The job roles need
            ``grant_project_data`` on it.
        steps: The steps.
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
        role: JobRole,
        environment: JobEnvironment,
        training_role: iam.IRole,
        output_bucket: s3.IBucket,
        steps: Sequence[PipelineStep],
        processing_role: iam.IRole | None = None,
        registry: ModelRegistry | None = None,
        pipeline_name: str | None = None,
        description: str | None = None,
        parameters: Mapping[str, str | float | bool] | None = None,
        schedule: events.Schedule | None = None,
        max_parallel_steps: int = 4,
        failure_topic: sns.ITopic | None = None,
    ) -> None:
        name = pipeline_name or f"{role.project}-{construct_id.lower()}"
        check_pipeline(scope, construct_id, name, role, max_parallel_steps)
        processing = processing_role or training_role
        settings = JobSettings(
            project=role.project,
            subnet_ids=environment.subnet_ids,
            security_group_ids=[environment.security_group_id],
            key_arn=environment.key_arn,
            training_role_arn=training_role.role_arn,
            processing_role_arn=processing.role_arn,
            output_uri=f"s3://{output_bucket.bucket_name}/{role.project}/pipelines/{name}",
            cluster_security_group_id=environment.cluster_security_group_id,
        )
        given = [PipelineParameter(key, value) for key, value in (parameters or {}).items()]
        definition = PipelineDefinition(steps, settings, given)
        check_definition(
            scope, construct_id, definition, registry, schedule, has_processing_role=processing_role is not None
        )
        rendered = definition.render()
        check_size(scope, construct_id, rendered)
        super().__init__(scope, construct_id)
        self.project = role.project
        self.role = role
        self.pipeline_name = name
        self.definition = definition
        environment.vpc.require(EndpointService.S3, by=self)
        resource = sagemaker.CfnPipeline(
            self,
            "Resource",
            **pipeline_properties(
                project=role.project,
                pipeline_name=name,
                role_arn=role.role_arn,
                definition_body=Stack.of(self).to_json_string(rendered),
                description=description,
                max_parallel_steps=max_parallel_steps,
            ),
        )
        claim(
            resource,
            self.CONTROLS,
            {key: why for step in definition.all_steps for key, why in step.relaxations.items()},
        )
        set_own_tags(resource, {PROJECT_TAG: role.project})
        grant_pipeline(
            role,
            environment=environment,
            training_role=training_role,
            processing_role=processing,
            output_bucket=output_bucket,
        )
        for step in definition.all_steps:
            job_role = processing if step.JOB is JobType.PROCESSING else training_role
            grant_step(step, pipeline=self, role=role, job_role=job_role, environment=environment)
        if registry is not None:
            registry.grant_register(role)
        # SageMaker reads the rights of the role when the pipeline is created.
        resource.node.add_dependency(role.rights)
        self._arn = Stack.of(self).format_arn(service="sagemaker", resource="pipeline", resource_name=name)
        if schedule is not None:
            self.start_on("Schedule", schedule=schedule)
        if failure_topic is not None:
            self._alarm(failure_topic)

    @property
    def pipeline_arn(self) -> str:
        """The ARN of the pipeline."""
        return self._arn

    def grant_start(self, grantee: iam.IGrantable) -> None:
        """Let a principal start, follow and stop runs.

        Args:
            grantee: The principal.
        """
        statement = {
            "Effect": "Allow",
            "Action": list(START_AND_FOLLOW),
            "Resource": [self._arn, f"{self._arn}/execution/*"],
        }
        grantee.grant_principal.add_to_principal_policy(iam.PolicyStatement.from_json(statement))

    def start_on(
        self,
        construct_id: str,
        *,
        schedule: events.Schedule | None = None,
        event_pattern: events.EventPattern | None = None,
        parameters: Mapping[str, str] | None = None,
    ) -> events.CfnRule:
        """Start a run at times, or when something happens.

        Args:
            construct_id: The id of the rule, in this construct.
            schedule: The times, in UTC.
            event_pattern: What happens, for example that an object was written.
            parameters: Values of the run, text only; the defaults where omitted. In an event they
                may be paths such as ``$.detail.object.key``.

        Returns:
            The rule.

        Raises:
            ConstructError: Neither or both are given, the schedule is none, or a parameter has
                no value.
        """
        if (schedule is None) == (event_pattern is None):
            raise ConstructError(
                self, construct_id, "a start needs a schedule or an event pattern", "Give one of them."
            )
        if schedule is not None:
            check_schedule(self, construct_id, schedule)
        self._check_values(construct_id, parameters or {})
        role = self._start_role()
        values = [{"name": name, "value": value} for name, value in (parameters or {}).items()]
        return events.CfnRule(
            self,
            construct_id,
            description=f"Starts pipeline {self.pipeline_name}",
            schedule_expression=None if schedule is None else schedule.expression_string,
            event_pattern=None if event_pattern is None else _pattern(event_pattern),
            targets=[
                events.CfnRule.TargetProperty(
                    id="Pipeline",
                    arn=self._arn,
                    role_arn=role.role_arn,
                    sage_maker_pipeline_parameters={"pipelineParameterList": values} if values else None,
                )
            ],
        )

    def on_status_change(
        self, construct_id: str, *, target: events.IRuleTarget, statuses: Sequence[str] = ("Failed", "Stopped")
    ) -> events.Rule:
        """Send an event to a target when a run changes its state.

        Args:
            construct_id: The id of the rule, in this construct.
            target: A function, a state machine, a bus, ...
            statuses: The states that it is told of.

        Returns:
            The rule.
        """
        return events.Rule(
            self,
            construct_id,
            event_pattern=events.EventPattern(
                source=["aws.sagemaker"],
                detail_type=[STATUS_CHANGE],
                detail={"pipelineArn": [self._arn], "currentPipelineExecutionStatus": list(statuses)},
            ),
            targets=[target],
        )

    def metric_failed(self) -> cloudwatch.Metric:
        """Return the number of failed runs."""
        return cloudwatch.Metric(
            namespace=METRICS,
            metric_name="ExecutionFailed",
            dimensions_map={"PipelineName": self.pipeline_name},
            statistic="Sum",
        )

    def _start_role(self) -> iam.IRole:
        made = self.node.try_find_child("StartRole")
        if isinstance(made, PipelineStartRole):
            return made
        boundary = self.role.permissions_boundary
        assert boundary is not None  # noqa: S101 - a JobRole always has it
        return PipelineStartRole(
            self,
            "StartRole",
            project=self.project,
            permissions_boundary=boundary,
            pipeline_name=self.pipeline_name,
        )

    def _check_values(self, construct_id: str, values: Mapping[str, str]) -> None:
        known = self.definition.all_parameters
        if unknown := sorted(values.keys() - known.keys()):
            raise ConstructError(
                self,
                construct_id,
                f"parameter {unknown[0]!r} is none of the pipeline",
                f"Use one of {', '.join(sorted(known)) or 'none: the pipeline has no parameter'}.",
            )
        missing = sorted(name for name, each in known.items() if each.default is None and name not in values)
        if missing:
            raise ConstructError(
                self,
                construct_id,
                f"parameter {missing[0]!r} has no value when the pipeline starts by itself",
                f"Give the pipeline parameters={{{missing[0]!r}: ...}}, or the start one.",
            )

    def _alarm(self, topic: sns.ITopic) -> None:
        cloudwatch.CfnAlarm(
            self,
            "Failures",
            alarm_description=f"A run of pipeline {self.pipeline_name} failed",
            namespace=METRICS,
            metric_name="ExecutionFailed",
            dimensions=[cloudwatch.CfnAlarm.DimensionProperty(name="PipelineName", value=self.pipeline_name)],
            statistic="Sum",
            period=300,
            evaluation_periods=1,
            threshold=1,
            comparison_operator="GreaterThanOrEqualToThreshold",
            treat_missing_data="notBreaching",
            alarm_actions=[topic.topic_arn],
        )
        if isinstance(topic, EncryptedTopic):
            topic.allow_publish("cloudwatch")


def _pattern(pattern: events.EventPattern) -> dict[str, Any]:
    found = {
        "account": pattern.account,
        "detail": pattern.detail,
        "detail-type": pattern.detail_type,
        "region": pattern.region,
        "resources": pattern.resources,
        "source": pattern.source,
    }
    return {name: value for name, value in found.items() if value is not None}
