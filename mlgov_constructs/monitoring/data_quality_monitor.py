"""Is the data that comes still like the data that the model learned from?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from constructs import Construct

from mlgov_constructs.argument_types import checked_arguments
from mlgov_constructs.controls import Relaxation
from mlgov_constructs.monitoring.baseline import Baseline
from mlgov_constructs.monitoring.batch_transform_input import BatchTransformInput
from mlgov_constructs.monitoring.drift_threshold import DriftThreshold
from mlgov_constructs.monitoring.endpoint_input import EndpointInput
from mlgov_constructs.monitoring.model_monitor import ModelMonitor
from mlgov_constructs.monitoring.monitor_kind import DATA_QUALITY
from mlgov_constructs.monitoring.monitor_schedule import MonitorSchedule
from mlgov_constructs.monitoring.monitoring_resources import MonitoringResources
from mlgov_constructs.network import IIsolatedVpc


@checked_arguments
class DataQualityMonitor(ModelMonitor):
    """Watches the features and answers of a model for missing values, wrong types and drift.

    It creates a ``AWS::SageMaker::DataQualityJobDefinition`` and the schedule that runs it: in the
    isolated subnets, with network isolation, traffic between instances encrypted, volumes and
    reports with customer managed keys. Violations go to the topic, set off an alarm and can start
    a pipeline.

    Controls: ``MLG-MON-01`` and ``MLG-MON-03``, which are Security Hub SageMaker.9 and .11,
    ``MLG-MON-06`` and ``MLG-MON-09`` (SageMaker.14 and .22), ``MLG-MON-11`` to ``MLG-MON-16``.

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        monitored: The endpoint, or the batch transform jobs.
        baseline: Constraints and statistics of the training data.
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
        exclude_features: Features that are not looked at.
        network_isolation: Let containers reach the endpoints of the VPC.

    Raises:
        ConstructError: An argument cannot be used; the message says what to change.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-data-quality.html

    Cost:
        A daily run of some five minutes on an ``ml.m5.xlarge`` costs about 0.60 USD a month, an hourly
        one 14 USD; two alarms 0.20 USD.

    Example:
        ``docs/examples/monitoring.py`` is a complete app.
    """

    CONTROLS: ClassVar[tuple[str, ...]] = DATA_QUALITY.all_controls

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        monitored: EndpointInput | BatchTransformInput,
        baseline: Baseline | None,
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
        exclude_features: Sequence[str] = (),
        network_isolation: Relaxation | None = None,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            kind=DATA_QUALITY,
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
            attributes={"excludeFeaturesAttribute": ",".join(exclude_features) or None},
        )

    def metric_feature_drift(self, feature: str) -> cloudwatch.Metric:
        """Return how far a feature is from its baseline, 0 to 1.

        Args:
            feature: The name of the feature.
        """
        return self.metric(f"feature_baseline_drift_{feature}")

    def metric_feature_completeness(self, feature: str) -> cloudwatch.Metric:
        """Return which share of the values of a feature is there, 0 to 1.

        Args:
            feature: The name of the feature.
        """
        return self.metric(f"feature_non_null_{feature}")
