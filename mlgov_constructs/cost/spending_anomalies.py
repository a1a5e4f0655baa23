"""Spending that is not as it was, told as soon as AWS sees it."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any, ClassVar

from aws_cdk import Names
from aws_cdk import aws_ce as ce
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from mlgov_constructs.argument_types import checked_arguments
from mlgov_constructs.aws_tokens import aws_tokens, service_principal
from mlgov_constructs.controls import claim
from mlgov_constructs.cost.budget_properties import PROJECT_TAG_KEY
from mlgov_constructs.cost.cost_explorer import check_region
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.protection import DataKey, EncryptedTopic
from mlgov_constructs.protection.encrypted_topic import check_emails

PUBLISHER = "costalerts"
MOST_EMAILS = 10


@checked_arguments
class SpendingAnomalies(Construct):
    """Tells when a project, or an account, spends unlike before.

    AWS Cost Anomaly Detection learns what is usual and needs no limit. It creates a monitor, an
    encrypted topic that is told at once, and, for people, one e-mail a day.

    With ``projects`` it watches what carries their tag, all of them together; without, each service of
    the account by itself. An account may have one monitor of the second kind.

    The stack must lie in us-east-1 (cn-northwest-1 in China), where CloudFormation knows Cost
    Explorer; AWS GovCloud (US) has none: watch the linked commercial account.

    Controls: MLG-CST-05, and MLG-PRT-16 in its topic.

    Cost: none; notices as of SNS.

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        encryption_key: The key of the topic. A :class:`~mlgov_constructs.protection.DataKey`
            admits Cost Anomaly Detection by itself; another key must admit it.
        projects: Values of the project tag; every service of the account when empty.
        minimum_impact: US dollars, in sum, below which nobody is told; 50 by default.
        minimum_percentage: Per cent above the usual below which nobody is told; 40 by default.
        emails: Who gets the daily e-mail, at most 10.
        project_tag_key: The key of the project tag.

    Raises:
        ConstructError: The region, a minimum, a project or an address cannot be used.

    Source:
        https://docs.aws.amazon.com/cost-management/latest/userguide/manage-ad.html

    Example:
        >>> from aws_cdk import App, Stack
        >>> stack = Stack(App(), "Cost")
        >>> anomalies = SpendingAnomalies(stack, "Anomalies", projects=["churn"], encryption_key=DataKey(stack, "Key"))
    """

    CONTROLS: ClassVar[tuple[str, ...]] = ("MLG-CST-05",)

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        encryption_key: kms.IKey,
        projects: Sequence[str] = (),
        minimum_impact: float = 50,
        minimum_percentage: float = 40,
        emails: Sequence[str] = (),
        project_tag_key: str = PROJECT_TAG_KEY,
    ) -> None:
        check_region(scope, construct_id)
        for name, value in (("minimum_impact", minimum_impact), ("minimum_percentage", minimum_percentage)):
            if not math.isfinite(value) or value <= 0:
                raise ConstructError(
                    scope, construct_id, f"{name} {value!r} tells of every change", "Use a number more than 0."
                )
        if twice := [project for project in projects if not project or list(projects).count(project) > 1]:
            raise ConstructError(
                scope, construct_id, f"project {twice[0]!r} is empty or named twice", "Name each project once."
            )
        check_emails(scope, construct_id, emails)
        if len(emails) > MOST_EMAILS:
            raise ConstructError(
                scope, construct_id, f"{len(emails)} e-mail addresses are too many", "Use a list address, 10 at most."
            )
        super().__init__(scope, construct_id)
        self._name = Names.unique_resource_name(self, max_length=100, separator="-")
        monitor = ce.CfnAnomalyMonitor(self, "Monitor", monitor_name=self._name, **_watched(projects, project_tag_key))
        self.topic = self._new_topic(encryption_key)
        threshold = _at_least(minimum_impact, minimum_percentage)
        told_at_once = self._subscription("AtOnce", monitor, "IMMEDIATE", [("SNS", self.topic.topic_arn)], threshold)
        told_at_once.node.add_dependency(self.topic.node.find_child("Policy"))
        if emails:
            self._subscription("Daily", monitor, "DAILY", [("EMAIL", email) for email in emails], threshold)
        self.monitor_arn: str = monitor.attr_monitor_arn

    def _new_topic(self, encryption_key: kms.IKey) -> EncryptedTopic:
        topic = EncryptedTopic(self, "Topic", encryption_key=encryption_key, display_name="Spending anomalies")
        # AWS documents the account of the caller for this service, and no source.
        statement = {
            "Sid": "AllowCostAlerts",
            "Effect": "Allow",
            "Principal": {"Service": service_principal(PUBLISHER)},
            "Action": "sns:Publish",
            "Resource": topic.topic_arn,
            "Condition": {"StringEquals": {"aws:SourceAccount": aws_tokens().account}},
        }
        topic.add_to_resource_policy(iam.PolicyStatement.from_json(statement))
        if isinstance(encryption_key, DataKey):
            encryption_key.allow_service(PUBLISHER)
        return topic

    def _subscription(
        self,
        construct_id: str,
        monitor: ce.CfnAnomalyMonitor,
        frequency: str,
        subscribers: Sequence[tuple[str, str]],
        threshold: str,
    ) -> ce.CfnAnomalySubscription:
        subscription = ce.CfnAnomalySubscription(
            self,
            construct_id,
            subscription_name=f"{self._name}-{frequency.lower()}",
            frequency=frequency,
            monitor_arn_list=[monitor.attr_monitor_arn],
            subscribers=[{"type": kind, "address": address} for kind, address in subscribers],
            threshold_expression=threshold,
        )
        claim(subscription, self.CONTROLS)
        return subscription


def _watched(projects: Sequence[str], project_tag_key: str) -> dict[str, Any]:
    if not projects:
        return {"monitor_type": "DIMENSIONAL", "monitor_dimension": "SERVICE"}
    tags = {"Key": project_tag_key, "Values": list(projects), "MatchOptions": ["EQUALS"]}
    return {"monitor_type": "CUSTOM", "monitor_specification": json.dumps({"Tags": tags})}


def _at_least(impact: float, percentage: float) -> str:
    minimums = (("ANOMALY_TOTAL_IMPACT_ABSOLUTE", impact), ("ANOMALY_TOTAL_IMPACT_PERCENTAGE", percentage))
    clauses = [
        {"Dimensions": {"Key": key, "MatchOptions": ["GREATER_THAN_OR_EQUAL"], "Values": [f"{value:.10g}"]}}
        for key, value in minimums
    ]
    return json.dumps({"And": clauses})
