"""What the four kinds of monitors have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import jsii
from aws_cdk import Fn, Names
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk import aws_sns as sns
from constructs import Construct

from mlgov_constructs.argument_types import checked_arguments
from mlgov_constructs.controls import Relaxation, claim
from mlgov_constructs.identity.grants import give, rights_of, statement
from mlgov_constructs.identity.project import set_deployed_tags
from mlgov_constructs.monitoring.baseline import Baseline
from mlgov_constructs.monitoring.batch_transform_input import BatchTransformInput
from mlgov_constructs.monitoring.drift_threshold import DriftThreshold
from mlgov_constructs.monitoring.endpoint_input import EndpointInput
from mlgov_constructs.monitoring.ground_truth import GroundTruth
from mlgov_constructs.monitoring.monitor_checks import check_monitor, longest_run
from mlgov_constructs.monitoring.monitor_input import input_properties
from mlgov_constructs.monitoring.monitor_kind import SCHEDULE_CONTROLS, MonitorKind
from mlgov_constructs.monitoring.monitor_properties import (
    baseline_properties,
    job_definition_properties,
    schedule_properties,
)
from mlgov_constructs.monitoring.monitor_rights import monitor_statements
from mlgov_constructs.monitoring.monitor_schedule import MonitorSchedule
from mlgov_constructs.monitoring.monitor_watch import MonitorWatch
from mlgov_constructs.monitoring.monitoring_resources import MonitoringResources
from mlgov_constructs.monitoring.monitoring_services import require_monitoring_services
from mlgov_constructs.monitoring.watched_monitor import WatchedMonitor
from mlgov_constructs.network import IIsolatedVpc


@checked_arguments
@jsii.implements(iam.IGrantable, ec2.IConnectable)
class ModelMonitor(WatchedMonitor):
    """A schedule of isolated, encrypted jobs that compare what a model does with a baseline.

    Use one of the four kinds: :class:`DataQualityMonitor`, :class:`ModelQualityMonitor`,
    :class:`BiasMonitor`, :class:`ExplainabilityMonitor`. Each creates a job definition, a
    ``AWS::SageMaker::MonitoringSchedule``, and for its violations and its failed runs a rule that
    tells the topic, and an alarm.

    A job definition cannot change: CloudFormation makes a new one, and the schedule turns to it.

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        kind: The kind of monitor.
        monitored: The endpoint, or the batch transform jobs.
        baseline: What is compared with.
        bucket: The bucket of the reports, with a customer managed key.
        vpc: The VPC that jobs run in.
        encryption_key: The key of the volumes.
        role: The role of the jobs, a ``JobRole`` of type ``MONITORING``; it is granted what it needs.
        violation_topic: Whom violations and failed runs are told.
        project: The project; that of the ``JobRole`` when omitted.
        schedule: When it runs; once a day when omitted.
        resources: The cluster of the jobs and their time limit.
        thresholds: Limits of single metrics, each with an alarm.
        schedule_name: The name of the schedule; made from the path of the construct when omitted.
        image_uri: An image in place of that of AWS.
        network_isolation: Let containers reach the endpoints of the VPC.
        application: What else the image is told.
        attributes: Where in a record to look.
        ground_truth: What turned out to be right.
        reads: Other files that the jobs read, by bucket.

    Raises:
        ConstructError: An argument cannot be used; the message says what to change.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor.html

    Example:
        ``docs/examples/monitoring.py`` is a complete app.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        kind: MonitorKind,
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
        network_isolation: Relaxation | None = None,
        application: Mapping[str, Any] | None = None,
        attributes: Mapping[str, Any] | None = None,
        ground_truth: GroundTruth | None = None,
        reads: Sequence[tuple[s3.IBucket, str]] = (),
    ) -> None:
        when, cluster = schedule or MonitorSchedule.daily(), resources or MonitoringResources()
        checked = check_monitor(
            scope,
            construct_id,
            kind=kind,
            monitored=monitored,
            baseline=baseline,
            bucket=bucket,
            role=role,
            project=project,
            schedule_name=schedule_name,
        )
        max_runtime = longest_run(scope, construct_id, kind=kind, schedule=when, resources=cluster)
        image = image_uri or kind.image.uri(scope, construct_id)
        super().__init__(scope, construct_id)
        require_monitoring_services(vpc, by=self)
        self.project, self.role = checked.project, role
        name = schedule_name or Names.unique_resource_name(self, max_length=63, separator="-").lower()
        prefix = f"{self.project}/monitoring/{name}"
        watch = MonitorWatch(
            monitor=self,
            name=name,
            reports_uri=f"s3://{bucket.bucket_name}/{prefix}",
            topic=violation_topic,
            seconds=when.seconds,
            metrics=kind.metrics,
            endpoint_name=monitored.endpoint_name if isinstance(monitored, EndpointInput) else None,
        )
        give(
            role,
            monitor_statements(
                monitored=monitored,
                project=self.project,
                baseline=checked.baseline,
                bucket=bucket,
                prefix=prefix,
                ground_truth=ground_truth,
                reads=reads,
            ),
        )
        definition = kind.job_definition(
            self,
            "JobDefinition",
            **job_definition_properties(
                prefix=kind.prefix,
                project=self.project,
                role_arn=role.role_arn,
                image_uri=image,
                job_input=input_properties(monitored, attributes, ground_truth),
                baseline=baseline_properties(checked.baseline, with_statistics=kind.prefix == "data_quality"),
                reports_uri=watch.reports_uri,
                output_key_arn=checked.output_key.key_arn,
                volume_key_arn=encryption_key.key_arn,
                subnet_ids=[subnet.subnet_id for subnet in vpc.isolated_subnets],
                security_group_ids=[vpc.workload_security_group.security_group_id],
                instance_type=cluster.instance_type,
                instance_count=cluster.instance_count,
                volume_gib=cluster.volume_gib,
                max_runtime=max_runtime,
                application=application,
                network_isolation=network_isolation is None,
            ),
        )
        claim(definition, kind.controls, {kind.isolation_control: network_isolation})
        resource = sagemaker.CfnMonitoringSchedule(
            self,
            "Resource",
            **schedule_properties(
                project=self.project,
                name=name,
                monitoring_type=kind.monitoring_type,
                job_definition_name=Fn.select(1, Fn.split("/", definition.ref)),
                schedule=when.to_properties(),
            ),
        )
        claim(resource, SCHEDULE_CONTROLS)
        for each in (definition, resource):
            set_deployed_tags(each, self.project)
        # SageMaker looks at the role, and for the endpoint, when the definition is made.
        definition.node.add_dependency(rights_of(role))
        if isinstance(monitored, EndpointInput) and monitored.endpoint is not None:
            definition.node.add_dependency(monitored.endpoint)
        self.connections = ec2.Connections(security_groups=[vpc.workload_security_group])
        self._arn = resource.ref
        self._watch_runs(watch, thresholds)

    @property
    def monitoring_schedule_arn(self) -> str:
        """The ARN of the schedule."""
        return self._arn

    @property
    def grant_principal(self) -> iam.IPrincipal:
        """The role of the jobs, so that ``bucket.grant_read(monitor)`` works."""
        return self.role

    def grant_control(self, grantee: iam.IGrantable) -> None:
        """Let a principal see the schedule, stop it and start it again.

        Args:
            grantee: The principal.
        """
        actions = [
            "sagemaker:DescribeMonitoringSchedule",
            "sagemaker:StartMonitoringSchedule",
            "sagemaker:StopMonitoringSchedule",
        ]
        give(grantee, [statement(actions, self._arn)])
