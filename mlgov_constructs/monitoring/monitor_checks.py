"""What is wrong with the arguments of a monitor, before anything is created."""

from __future__ import annotations

import re
from dataclasses import dataclass

from aws_cdk import Duration, Token
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from mlgov_constructs.errors import ConstructError
from mlgov_constructs.identity import JobRole, JobType
from mlgov_constructs.identity.project import check_project
from mlgov_constructs.monitoring.baseline import Baseline
from mlgov_constructs.monitoring.batch_transform_input import BatchTransformInput
from mlgov_constructs.monitoring.endpoint_input import EndpointInput
from mlgov_constructs.monitoring.monitor_kind import MonitorKind
from mlgov_constructs.monitoring.monitor_schedule import HOURLY, MonitorSchedule
from mlgov_constructs.monitoring.monitoring_resources import MonitoringResources

# In lower case, as an ARN has it, so that policies name it surely.
NAME = re.compile(r"[a-z0-9](-*[a-z0-9]){0,62}")
USUAL_RUN = 3600


@dataclass(frozen=True)
class CheckedMonitor:
    """What the arguments of a monitor hold, once they were found good.

    Attributes:
        project: The project.
        baseline: The baseline.
        output_key: The key of the bucket of the reports.
    """

    project: str
    baseline: Baseline
    output_key: kms.IKey


def check_monitor(
    scope: Construct,
    construct_id: str,
    *,
    kind: MonitorKind,
    monitored: EndpointInput | BatchTransformInput,
    baseline: Baseline | None,
    bucket: s3.IBucket,
    role: iam.IRole,
    project: str | None,
    schedule_name: str | None,
) -> CheckedMonitor:
    """Raise when a monitor cannot be made of its arguments, and return what they hold.

    Args:
        scope: The parent of the monitor.
        construct_id: Its id.
        kind: The kind of monitor.
        monitored: The endpoint, or the batch transform jobs.
        baseline: What is compared with.
        bucket: The bucket of the reports.
        role: The role of the jobs.
        project: The project, if it was given.
        schedule_name: The name, if it was given.

    Raises:
        ConstructError: An argument cannot be used; the message says what to change.
    """
    if isinstance(monitored, EndpointInput) and monitored.data_capture is None:
        raise ConstructError(
            scope,
            construct_id,
            f"endpoint {monitored.endpoint_name!r} captures nothing, so there is nothing to monitor",
            "Give the endpoint data_capture=DataCapture(...), and the same to EndpointInput.",
        )
    if baseline is None:
        raise ConstructError(
            scope,
            construct_id,
            "the monitor has no baseline, so it would compare with nothing",
            "Run a baselining job over the training data and give baseline=Baseline(...).",
        )
    if kind.prefix == "data_quality" and baseline.statistics is None:
        raise ConstructError(
            scope,
            construct_id,
            "the baseline has no statistics, so no drift of a distribution would be seen",
            "Give Baseline(..., statistics=...).",
        )
    if bucket.encryption_key is None:
        raise ConstructError(
            scope,
            construct_id,
            f"the bucket {bucket.node.path} of the reports has no customer managed key",
            "Use a GovernedBucket, or import the bucket with its encryption_key.",
        )
    if schedule_name is not None and not Token.is_unresolved(schedule_name) and not NAME.fullmatch(schedule_name):
        raise ConstructError(
            scope,
            construct_id,
            f"schedule_name {schedule_name!r} is no name of a schedule",
            "Use up to 63 lower-case letters, digits and single hyphens.",
        )
    owner = _owner(scope, construct_id, role, project)
    return CheckedMonitor(owner, baseline, bucket.encryption_key)


def longest_run(
    scope: Construct, construct_id: str, *, kind: MonitorKind, schedule: MonitorSchedule, resources: MonitoringResources
) -> int:
    """Return when a job is stopped, in seconds.

    Args:
        scope: The parent of the monitor.
        construct_id: Its id.
        kind: The kind of monitor.
        schedule: When it runs.
        resources: The time limit, if it was given.

    Raises:
        ConstructError: SageMaker allows no such limit for the schedule.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_MonitoringStoppingCondition.html
    """
    most = kind.longest_hourly_run if schedule.expression == HOURLY else schedule.seconds
    if resources.max_runtime is None:
        return min(most, USUAL_RUN)
    asked = int(resources.max_runtime.to_seconds())
    if not 1 <= asked <= most:
        raise ConstructError(
            scope,
            construct_id,
            f"max_runtime of {asked} seconds does not fit the schedule {schedule.expression!r}",
            f"Use 1 to {most} seconds, or a schedule that runs less often.",
        )
    return asked


def check_offsets(scope: Construct, construct_id: str, start: Duration | None, end: Duration | None) -> None:
    """Raise when the data of a run would end before it begins.

    Args:
        scope: The parent of the monitor.
        construct_id: Its id.
        start: How long before a run the data begins.
        end: How long before a run it ends.

    Raises:
        ConstructError: The end lies before the start.
    """
    begins, ends = (0 if each is None else each.to_seconds() for each in (start, end))
    if not Token.is_unresolved(begins) and not Token.is_unresolved(ends) and ends > begins:
        raise ConstructError(
            scope,
            construct_id,
            f"end_offset of {ends:g} seconds lies before start_offset of {begins:g}, so a run would look at no data",
            "Make start_offset the longer one.",
        )


def check_probability(scope: Construct, construct_id: str, threshold: float | None) -> None:
    """Raise when no probability, or every one, lies above a threshold.

    Args:
        scope: The parent of the monitor.
        construct_id: Its id.
        threshold: From which probability on an answer is positive.

    Raises:
        ConstructError: It is no probability.
    """
    if threshold is not None and not 0 <= threshold <= 1:
        raise ConstructError(
            scope, construct_id, f"probability_threshold {threshold:g} is no probability", "Use 0 to 1."
        )


def _owner(scope: Construct, construct_id: str, role: iam.IRole, project: str | None) -> str:
    of_role = None
    if isinstance(role, JobRole):
        of_role = role.project
        if role.job is not JobType.MONITORING:
            raise ConstructError(
                scope,
                construct_id,
                f"the role is for {role.job.value}, not for monitoring",
                "Give a JobRole of type MONITORING.",
            )
    owner = project or of_role
    if owner is None:
        raise ConstructError(
            scope, construct_id, "the monitor has no project", "Give project=..., or a JobRole as its role."
        )
    if of_role is not None and owner != of_role:
        raise ConstructError(
            scope,
            construct_id,
            f"project {owner!r} differs from {of_role!r}, the project of the role",
            "Give the monitor a role of its own project.",
        )
    return check_project(scope, construct_id, owner)
