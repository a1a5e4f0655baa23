"""Tells of machines that cost and do nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from importlib import resources
from typing import Any, ClassVar

from aws_cdk import Duration, Token
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from mlgov_constructs.argument_types import checked_arguments
from mlgov_constructs.aws_tokens import service_principal
from mlgov_constructs.controls import claim
from mlgov_constructs.cost.budget_properties import PROJECT_TAG_KEY
from mlgov_constructs.cost.idle import rights
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.identity import GovernedRole
from mlgov_constructs.inline_function import InlineFunction, write_own_log
from mlgov_constructs.protection import DataKey, EncryptedTopic
from mlgov_constructs.protection.encrypted_topic import check_emails
from mlgov_constructs.protection.failure_alarm import failure_alarm

TIMEOUT = 300  # seconds
MOST_HOURS = 336  # two weeks of hourly metrics, which CloudWatch keeps in full
# What the function counts each time, in the names of its handler.
METRICS = ("IdleEndpoints", "LongRunningNotebooks", "LongRunningApps")
NAMESPACE = "MlGovernance/Idle"
DOMAIN = re.compile(r"d-(-*[a-z0-9]){1,61}")


@checked_arguments
class IdleDetector(Construct):
    """Looks for machines of SageMaker that cost and do nothing, and tells a topic of them.

    It looks once a day, at what carries the project tag, for

    * endpoints that nobody asked, for a day by default (those scaled to no instance cost nothing),
    * notebook instances that have been running for more than half a day,
    * apps of Studio domains that have been running for more than half a day.

    AWS tells nobody from outside whether a person works on a notebook or in an app: its time of the
    last activity moves with health checks. So their age counts. They should end by themselves
    (:class:`~mlgov_constructs.workspace.NotebookLifecycle`, the idle time of the Studio domain);
    the detector finds those that do not.

    With ``stop=True`` it stops these notebooks and apps: what is in memory is lost, their volumes
    stay. It never touches an endpoint or data, and without ``stop`` its role has no right to stop anything.

    How many it found of each kind are metrics (:meth:`metrics`), which a dashboard can show.

    It creates a function outside the VPC, its role, an encrypted log and topic, a rule that starts
    it, and an alarm when it fails.

    Controls: ``MLG-PRT-15`` (log group), ``MLG-PRT-16`` (topic), ``MLG-GOV-06`` (alarm), those of ``GovernedRole``.

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        encryption_key: The key of topic and log; a ``DataKey`` is opened to both by itself.
        permissions_boundary: The ceiling of the function's role.
        projects: Values of the project tag; everything that carries the tag when empty.
        domain_ids: The Studio domains whose apps it looks at; none when omitted.
        idle: How long nobody asked an endpoint: whole hours, 1 to 336; 24 by default.
        longest_run: How long a notebook or an app may run: whole hours, 1 to 336; 12 by default.
        stop: Whether notebooks and apps are stopped; they are only told of by default.
        interval: How often it looks: whole hours, 1 to 168; 24 by default.
        emails: Who is subscribed to the topic; AWS asks each one to confirm.
        log_retention: How long its log is kept; one year by default.
        project_tag_key: The key of the project tag.

    Raises:
        ConstructError: A duration, a domain or an e-mail address cannot be used.

    Source:
        https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html

    Cost: about 1 USD a month: three metrics 0.90, an alarm 0.10, the metrics it reads 0.01 per 1,000.

    Example:
        >>> from aws_cdk import App, Stack
        >>> from mlgov_constructs.identity import PermissionsBoundary
        >>> stack = Stack(App(), "Cost")
        >>> detector = IdleDetector(
        ...     stack,
        ...     "Idle",
        ...     projects=["churn"],
        ...     encryption_key=DataKey(stack, "Key"),
        ...     permissions_boundary=PermissionsBoundary(stack, "Boundary"),
        ... )
    """

    LOG_GROUP_CONTROLS: ClassVar[tuple[str, ...]] = ("MLG-PRT-15",)
    ALARM_CONTROLS: ClassVar[tuple[str, ...]] = ("MLG-GOV-06",)

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        encryption_key: kms.IKey,
        permissions_boundary: iam.IManagedPolicy,
        projects: Sequence[str] = (),
        domain_ids: Sequence[str] = (),
        idle: Duration | None = None,
        longest_run: Duration | None = None,
        stop: bool = False,
        interval: Duration | None = None,
        emails: Sequence[str] = (),
        log_retention: logs.RetentionDays = logs.RetentionDays.ONE_YEAR,
        project_tag_key: str = PROJECT_TAG_KEY,
    ) -> None:
        settings: dict[str, Any] = {
            "idleHours": _hours(scope, construct_id, "idle", idle, 24),
            "longestHours": _hours(scope, construct_id, "longest_run", longest_run, 12),
            "projects": list(projects),
            "projectTag": project_tag_key,
            "domains": list(domain_ids),
            "stop": stop,
        }
        check_emails(scope, construct_id, emails)
        for domain in domain_ids:
            if not Token.is_unresolved(domain) and not DOMAIN.fullmatch(domain):
                raise ConstructError(
                    scope, construct_id, f"{domain!r} is no id of a Studio domain", "Write it as in 'd-abcdefghijkl'."
                )
        every = _hours(scope, construct_id, "interval", interval, 24, most=168)
        super().__init__(scope, construct_id)
        self.topic = EncryptedTopic(
            self, "Topic", encryption_key=encryption_key, display_name="Idle machines", emails=emails
        )
        if isinstance(encryption_key, DataKey):
            encryption_key.allow_cloud_watch_logs()
            encryption_key.allow_use_through("sns")
        log_group = logs.LogGroup(self, "Log", encryption_key=encryption_key, retention=log_retention)
        claim(log_group, self.LOG_GROUP_CONTROLS)
        role = GovernedRole(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal(service_principal("lambda")),
            description="Looks for idle machines of SageMaker",
            permissions_boundary=permissions_boundary,
            statements=[
                write_own_log(log_group),
                *rights.look_statements(),
                *rights.tell_statements(self.topic.topic_arn, encryption_key),
                *(rights.stop_statements(projects, project_tag_key, domain_ids) if stop else ()),
            ],
        )
        function = InlineFunction(
            self,
            "Function",
            description="Looks for idle machines of SageMaker",
            source=resources.files(rights.__package__).joinpath("handler.py").read_text("utf-8"),
            role=role,
            rights=role.rights,
            log_group=log_group,
            timeout=Duration.seconds(TIMEOUT),
            environment={"SETTINGS": _settings(settings, self.topic.topic_arn)},
        )
        self.function_arn = function.function_arn
        self._function_name, self._every = function.function_name, every
        self._start(every)
        self.failure_alarm = self._alarm(function, every)

    def metrics(self) -> list[cloudwatch.Metric]:
        """Return how many idle endpoints, and long running notebooks and apps it found when it last looked."""
        return [
            cloudwatch.Metric(
                namespace=NAMESPACE,
                metric_name=name,
                dimensions_map={"Detector": self._function_name},
                statistic="Maximum",
                # CloudWatch looks back a day at most.
                period=Duration.hours(min(self._every, 24)),
            )
            for name in METRICS
        ]

    def _start(self, every: int) -> None:
        rule = events.CfnRule(
            self,
            "Rule",
            description="Looks for idle machines of SageMaker",
            schedule_expression=f"rate({every} hour{'s' if every > 1 else ''})",
            targets=[{"id": "Function", "arn": self.function_arn}],
        )
        lambda_.CfnPermission(
            self,
            "Permission",
            action="lambda:InvokeFunction",
            function_name=self.function_arn,
            principal=service_principal("events"),
            source_arn=rule.attr_arn,
        )

    def _alarm(self, function: InlineFunction, every: int) -> cloudwatch.CfnAlarm:
        alarm = failure_alarm(
            self,
            "Failed",
            description="The search for idle machines fails",
            namespace="AWS/Lambda",
            metric_name="Errors",
            dimension=("FunctionName", function.function_name),
            topic=self.topic,
            # CloudWatch looks back a day at most.
            period=3600 * min(every, 24),
        )
        claim(alarm, self.ALARM_CONTROLS)
        return alarm


def _hours(
    scope: Construct, construct_id: str, name: str, given: Duration | None, default: int, *, most: int = MOST_HOURS
) -> int:
    hours = float(default) if given is None else given.to_hours(integral=False)
    if hours != int(hours) or not 1 <= hours <= most:
        raise ConstructError(
            scope, construct_id, f"{name} of {hours:g} hours is out of range", f"Use whole hours, 1 to {most}."
        )
    return int(hours)


def _settings(settings: dict[str, Any], topic_arn: str) -> str:
    return json.dumps({**settings, "topic": topic_arn})
