"""Are the answers of the model still right?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from constructs import Construct

from mlgov_constructs.argument_types import checked_arguments
from mlgov_constructs.controls import Relaxation
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.monitoring.baseline import Baseline
from mlgov_constructs.monitoring.batch_transform_input import BatchTransformInput
from mlgov_constructs.monitoring.drift_threshold import DriftThreshold
from mlgov_constructs.monitoring.endpoint_input import EndpointInput
from mlgov_constructs.monitoring.ground_truth import GroundTruth
from mlgov_constructs.monitoring.model_monitor import ModelMonitor
from mlgov_constructs.monitoring.monitor_checks import check_offsets, check_probability
from mlgov_constructs.monitoring.monitor_input import offset
from mlgov_constructs.monitoring.monitor_kind import MODEL_QUALITY
from mlgov_constructs.monitoring.monitor_schedule import MonitorSchedule
from mlgov_constructs.monitoring.monitoring_resources import MonitoringResources
from mlgov_constructs.monitoring.problem_type import ProblemType
from mlgov_constructs.network import IIsolatedVpc


@checked_arguments
class ModelQualityMonitor(ModelMonitor):
    """Watches how often a model was right, once it is known what was right.

    It creates a ``AWS::SageMaker::ModelQualityJobDefinition`` and the schedule that runs it, which
    merges answers with the labels that came later: in the isolated subnets, with network
    isolation, traffic between instances encrypted, volumes and reports with customer managed keys.

    Controls: ``MLG-MON-05`` and ``MLG-MON-10``, which are Security Hub SageMaker.13 and .25,
    ``MLG-MON-06`` and ``MLG-MON-09`` (SageMaker.14 and .22), ``MLG-MON-11`` to ``MLG-MON-16``.

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        monitored: The endpoint, or the batch transform jobs.
        baseline: Constraints of the validation data.
        ground_truth: Where labels are written.
        problem_type: What the model answers.
        bucket: The bucket of the reports, with a customer managed key; they go under
            ``<project>/monitoring/<schedule name>``.
        vpc: The VPC; jobs run in its isolated subnets, with its workload security group.
        encryption_key: The key of the volumes.
        role: The role of the jobs, a ``JobRole`` of type ``MONITORING`` for example. It is granted
            what it needs.
        violation_topic: Whom violations and failed runs are told; an ``EncryptedTopic`` learns of
            its publishers by itself.
        project: The project; that of the ``JobRole`` when omitted.
        schedule: When it runs; once a day when omitted.
        resources: The cluster of the jobs and their time limit; one ``ml.m5.xlarge`` when omitted.
        thresholds: Limits of single metrics, each with an alarm.
        schedule_name: A name; made from the path of the construct when omitted.
        image_uri: An image in place of that of AWS, which some regions do not have.
        inference_attribute: Where the answer is in a record, by index or JSON path.
        probability_attribute: Where its probability is.
        probability_threshold: From which probability on a binary answer is positive.
        start_offset: How long before a run the data begins that it looks at; give labels the time
            to come.
        end_offset: How long before a run it ends.
        network_isolation: Let containers reach the endpoints of the VPC.

    Raises:
        ConstructError: An argument cannot be used; the message says what to change.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-model-quality.html

    Cost:
        A daily run of some five minutes on an ``ml.m5.xlarge`` costs about 0.60 USD a month, an hourly
        one 14 USD; two alarms 0.20 USD.

    Example:
        ``docs/examples/monitoring.py`` is a complete app.
    """

    CONTROLS: ClassVar[tuple[str, ...]] = MODEL_QUALITY.all_controls

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        monitored: EndpointInput | BatchTransformInput,
        baseline: Baseline | None,
        ground_truth: GroundTruth,
        problem_type: ProblemType,
        bucket: s3.IBucket,
        vpc: IIsolatedVpc,
        encryption_key: kms.IKey,
        role: iam.IRole,
        violation_topic: sns.ITopic,
        project: str | None = None,
        schedule: MonitorSchedule | None = None,
        resources: MonitoringResources | None = None,
        thresholds: Sequence[DriftThreshold] = (),
        schedule_name: str | None = None,
        image_uri: str | None = None,
        inference_attribute: str | None = None,
        probability_attribute: str | None = None,
        probability_threshold: float | None = None,
        start_offset: Duration | None = None,
        end_offset: Duration | None = None,
        network_isolation: Relaxation | None = None,
    ) -> None:
        if inference_attribute is None and probability_attribute is None:
            raise ConstructError(
                scope,
                construct_id,
                "the monitor does not know where the answer is in a record",
                "Give inference_attribute=..., or probability_attribute=... of a binary classification.",
            )
        if probability_attribute is not None and problem_type is ProblemType.REGRESSION:
            raise ConstructError(
                scope,
                construct_id,
                f"probability_attribute {probability_attribute!r} does not fit a regression",
                "Give inference_attribute=... alone.",
            )
        check_probability(scope, construct_id, probability_threshold)
        check_offsets(scope, construct_id, start_offset, end_offset)
        super().__init__(
            scope,
            construct_id,
            kind=MODEL_QUALITY,
            monitored=monitored,
            baseline=baseline,
            bucket=bucket,
            vpc=vpc,
            encryption_key=encryption_key,
            role=role,
            violation_topic=violation_topic,
            project=project,
            schedule=schedule,
            resources=resources,
            thresholds=thresholds,
            schedule_name=schedule_name,
            image_uri=image_uri,
            network_isolation=network_isolation,
            application={"problemType": problem_type.value},
            attributes={
                "inferenceAttribute": inference_attribute,
                "probabilityAttribute": probability_attribute,
                "probabilityThresholdAttribute": probability_threshold,
                "startTimeOffset": offset(start_offset),
                "endTimeOffset": offset(end_offset),
            },
            ground_truth=ground_truth,
        )
