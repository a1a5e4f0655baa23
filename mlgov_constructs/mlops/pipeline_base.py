"""What starts a pipeline, and who is told how its runs end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

from aws_cdk import Resource, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3

from mlgov_constructs.identity.activities.start_pipelines import START_AND_FOLLOW
from mlgov_constructs.identity.grants import give, statement
from mlgov_constructs.mlops.pipeline_checks import check_new_data
from mlgov_constructs.mlops.pipeline_definition import PipelineDefinition
from mlgov_constructs.mlops.pipeline_starts import PipelineStarts, new_data_pattern, pattern_of
from mlgov_constructs.protection import GovernedBucket

METRICS = "AWS/Sagemaker/ModelBuildingPipeline"
STATUS_CHANGE = "SageMaker Model Building Pipeline Execution Status Change"


class PipelineBase(Resource):
    """What can be done with a pipeline once it is there.

    Attributes:
        project: The project.
        pipeline_name: The name.
        definition: The definition.

    Example:
        ``ModelPipeline`` is one.
    """

    project: str
    pipeline_name: str
    definition: PipelineDefinition
    _boundary: iam.IManagedPolicy
    _output_bucket: s3.IBucket

    @cached_property
    def pipeline_arn(self) -> str:
        """The ARN of the pipeline."""
        return Stack.of(self).format_arn(service="sagemaker", resource="pipeline", resource_name=self.pipeline_name)

    def grant_start(self, grantee: iam.IGrantable) -> None:
        """Let a principal start, follow and stop runs.

        Args:
            grantee: The principal.
        """
        give(grantee, [statement(START_AND_FOLLOW, [self.pipeline_arn, f"{self.pipeline_arn}/execution/*"])])

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
            event_pattern: What happens, for example that another pipeline has ended.
            parameters: Values of the run, text only; the defaults where omitted. In an event they
                may be paths such as ``$.detail.object.key``.

        Returns:
            The rule.

        Raises:
            ConstructError: Neither or both are given, the schedule is none, or a parameter has
                no value.
        """
        pattern = None if event_pattern is None else pattern_of(event_pattern)
        return self._starts.rule(construct_id, schedule=schedule, event_pattern=pattern, parameters=parameters)

    def start_on_new_data(
        self,
        construct_id: str,
        *,
        bucket: s3.IBucket,
        prefix: str,
        suffix: str | None = None,
        parameters: Mapping[str, str] | None = None,
    ) -> events.CfnRule:
        """Start a run for each object that is written somewhere in a bucket.

        Writers that write many objects should end with a marker, ``_SUCCESS`` for example, that
        ``suffix`` names. The bucket must send its events to EventBridge; a ``GovernedBucket`` of
        the app is told to.

        Args:
            construct_id: The id of the rule, in this construct.
            bucket: The bucket.
            prefix: How the key of the object begins, ``churn/labelled/`` for example.
            suffix: How it ends; in any way when omitted.
            parameters: Values of the run, for example
                ``{"DataVersion": "$.detail.object.version-id"}``.

        Returns:
            The rule.

        Raises:
            ConstructError: The pipeline would start itself, or a parameter has no value.
        """
        # By its name, as what is imported is another object each time.
        is_own = bucket.bucket_name == self._output_bucket.bucket_name
        outputs = f"{self.project}/pipelines/{self.pipeline_name}/" if is_own else None
        check_new_data(self, construct_id, prefix, outputs)
        if isinstance(bucket, GovernedBucket):
            bucket.send_events()
        pattern = new_data_pattern(bucket.bucket_name, prefix, suffix)
        return self._starts.rule(construct_id, event_pattern=pattern, parameters=parameters)

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
                detail={"pipelineArn": [self.pipeline_arn], "currentPipelineExecutionStatus": list(statuses)},
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

    @cached_property
    def _starts(self) -> PipelineStarts:
        return PipelineStarts(
            scope=self,
            pipeline_name=self.pipeline_name,
            pipeline_arn=self.pipeline_arn,
            project=self.project,
            permissions_boundary=self._boundary,
            parameters=self.definition.all_parameters,
        )
