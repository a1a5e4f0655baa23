"""What starts a pipeline by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from constructs import Construct

from mlgov_constructs.errors import ConstructError
from mlgov_constructs.mlops.pipeline_checks import check_schedule, check_values
from mlgov_constructs.mlops.pipeline_start_role import PipelineStartRole
from mlgov_constructs.steps import PipelineParameter


@dataclass(frozen=True, kw_only=True)
class PipelineStarts:
    """The rules that start a pipeline, at times and on events, under one role that can do nothing else.

    Attributes:
        scope: The pipeline.
        pipeline_name: Its name.
        pipeline_arn: Its ARN.
        project: Its project.
        permissions_boundary: The ceiling of the role.
        parameters: The parameters of the pipeline by their names.

    Example:
        ``ModelPipeline.start_on`` uses it.
    """

    scope: Construct
    pipeline_name: str
    pipeline_arn: str
    project: str
    permissions_boundary: iam.IManagedPolicy
    parameters: Mapping[str, PipelineParameter]

    def rule(
        self,
        construct_id: str,
        *,
        schedule: events.Schedule | None = None,
        event_pattern: Mapping[str, Any] | None = None,
        parameters: Mapping[str, str] | None = None,
    ) -> events.CfnRule:
        """Return a rule that starts the pipeline.

        Args:
            construct_id: The id of the rule, in the pipeline.
            schedule: The times, in UTC.
            event_pattern: What happens, in JSON.
            parameters: Values of the run; the defaults where omitted.

        Raises:
            ConstructError: Neither or both are given, the schedule is none, or a parameter has
                no value.
        """
        if (schedule is None) == (event_pattern is None):
            raise ConstructError(
                self.scope, construct_id, "a start needs a schedule or an event pattern", "Give one of them."
            )
        if schedule is not None:
            check_schedule(self.scope, construct_id, schedule)
        check_values(self.scope, construct_id, self.parameters, parameters or {})
        values = [{"name": name, "value": value} for name, value in (parameters or {}).items()]
        return events.CfnRule(
            self.scope,
            construct_id,
            description=f"Starts pipeline {self.pipeline_name}",
            schedule_expression=None if schedule is None else schedule.expression_string,
            event_pattern=event_pattern,
            targets=[
                events.CfnRule.TargetProperty(
                    id="Pipeline",
                    arn=self.pipeline_arn,
                    role_arn=self._role().role_arn,
                    sage_maker_pipeline_parameters={"pipelineParameterList": values} if values else None,
                )
            ],
        )

    def _role(self) -> iam.IRole:
        made = self.scope.node.try_find_child("StartRole")
        if isinstance(made, PipelineStartRole):
            return made
        return PipelineStartRole(
            self.scope,
            "StartRole",
            project=self.project,
            permissions_boundary=self.permissions_boundary,
            pipeline_name=self.pipeline_name,
        )


def pattern_of(pattern: events.EventPattern) -> dict[str, Any]:
    """Return a pattern in JSON.

    Args:
        pattern: The pattern.
    """
    found = {
        "account": pattern.account,
        "detail": pattern.detail,
        "detail-type": pattern.detail_type,
        "id": pattern.id,
        "region": pattern.region,
        "resources": pattern.resources,
        "source": pattern.source,
        "time": pattern.time,
        "version": pattern.version,
    }
    return {name: value for name, value in found.items() if value is not None}


def new_data_pattern(bucket_name: str, prefix: str, suffix: str | None) -> dict[str, Any]:
    """Return the pattern of the event that an object was written.

    Args:
        bucket_name: The bucket.
        prefix: How the key of the object begins.
        suffix: How it ends; in any way when omitted.
    """
    key = {"prefix": prefix} if suffix is None else {"wildcard": f"{prefix}*{suffix}"}
    return {
        "source": ["aws.s3"],
        "detail-type": ["Object Created"],
        "detail": {"bucket": {"name": [bucket_name]}, "object": {"key": [key]}},
    }
