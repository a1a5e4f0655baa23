"""What a project may spend in a month, and who is told when it does."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import ClassVar

from aws_cdk import Token
from aws_cdk import aws_budgets as budgets
from aws_cdk import aws_kms as kms
from constructs import Construct

from mlgov_constructs.argument_types import checked_arguments
from mlgov_constructs.controls import claim
from mlgov_constructs.cost.budget_properties import (
    ACTUAL_THRESHOLDS,
    CONTROLS,
    FORECAST_THRESHOLDS,
    PROJECT_TAG_KEY,
    budget_properties,
)
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.protection import EncryptedTopic
from mlgov_constructs.protection.encrypted_topic import check_emails

PROJECT = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _.+=@-]{0,255}")
TAG_KEY = re.compile(r"[\w.:/=+\-@ ]{1,128}")
NAME = re.compile(r"[^:\\]{1,100}")
MOST_NOTIFICATIONS = 10
MOST_EMAILS = 10


@checked_arguments
class ProjectBudget(Construct):
    """A monthly budget of one project, which tells a topic and people by e-mail.

    It creates a cost budget filtered by the project tag and an encrypted topic. A forecast
    needs about five weeks of cost data before AWS Budgets makes one.

    The tag must be activated once as a cost allocation tag in the account that pays; until
    then the budget counts nothing. AWS Budgets does not exist in AWS GovCloud (US) accounts:
    there, watch the linked commercial account.

    Controls: MLG-CST-01, MLG-CST-02, and MLG-PRT-16 in its topic.

    It warns; :class:`~mlgov_constructs.cost.SpendingStop` lets it act.

    Cost: budgets without actions are free; notices as of SNS.

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        project: The value of the project tag.
        monthly_limit: US dollars a month, more than 0.
        encryption_key: The key of the topic. A :class:`~mlgov_constructs.protection.DataKey`
            is told by itself to admit AWS Budgets; another key must admit it.
        emails: Who is told beside the topic, at most 10; needs no confirmation.
        actual_thresholds: Per cent of the limit at which spending is reported.
        forecast_thresholds: Per cent of the limit at which the forecast for the month is
            reported. Both together at most 10, each of them at least one.
        project_tag_key: The key of the project tag.
        budget_name: A fixed name; one made by CloudFormation when omitted.

    Raises:
        ConstructError: A limit, threshold, e-mail address, name or project cannot be used.

    Source:
        https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-create.html

    Example:
        >>> from aws_cdk import App, Stack
        >>> from mlgov_constructs.protection import DataKey
        >>> stack = Stack(App(), "Governance")
        >>> budget = ProjectBudget(
        ...     stack, "Budget", project="churn", monthly_limit=500, encryption_key=DataKey(stack, "Key")
        ... )
    """

    CONTROLS: ClassVar[tuple[str, ...]] = CONTROLS

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        project: str,
        monthly_limit: float,
        encryption_key: kms.IKey,
        emails: Sequence[str] = (),
        actual_thresholds: Sequence[float] = ACTUAL_THRESHOLDS,
        forecast_thresholds: Sequence[float] = FORECAST_THRESHOLDS,
        project_tag_key: str = PROJECT_TAG_KEY,
        budget_name: str | None = None,
    ) -> None:
        _check_project(scope, construct_id, project)
        _check_limit(scope, construct_id, monthly_limit)
        _check_thresholds(scope, construct_id, actual_thresholds, forecast_thresholds)
        _check_names(scope, construct_id, project_tag_key, budget_name)
        check_emails(scope, construct_id, emails)
        if len(emails) > MOST_EMAILS:
            raise ConstructError(
                scope, construct_id, f"{len(emails)} e-mail addresses are too many", "Use a list address, 10 at most."
            )
        super().__init__(scope, construct_id)
        self._topic = EncryptedTopic(
            self, "Topic", encryption_key=encryption_key, display_name=f"Budget of {project}"[:100]
        )
        self._topic.allow_publish("budgets")
        subscribers = [
            {"subscriptionType": "SNS", "address": self._topic.topic_arn},
            *({"subscriptionType": "EMAIL", "address": email} for email in emails),
        ]
        budget = budgets.CfnBudget(
            self,
            "Resource",
            **budget_properties(
                project=project,
                monthly_limit=monthly_limit,
                subscribers=subscribers,
                actual_thresholds=actual_thresholds,
                forecast_thresholds=forecast_thresholds,
                project_tag_key=project_tag_key,
                budget_name=budget_name,
            ),
        )
        # AWS Budgets tests whether it may publish when the budget is created.
        budget.node.add_dependency(self._topic.node.find_child("Policy"))
        claim(budget, self.CONTROLS)
        self._budget_name = budget.ref
        self._emails = tuple(emails)

    @property
    def budget_name(self) -> str:
        """The name of the budget."""
        return self._budget_name

    @property
    def topic(self) -> EncryptedTopic:
        """The topic that is told, for more subscribers."""
        return self._topic

    @property
    def emails(self) -> tuple[str, ...]:
        """Who is told beside the topic."""
        return self._emails


def _check_project(scope: Construct, construct_id: str, project: str) -> None:
    if not Token.is_unresolved(project) and not PROJECT.fullmatch(project):
        raise ConstructError(
            scope, construct_id, f"project {project!r} is no tag value", "Use letters, digits, spaces and _.+=@-."
        )


def _check_names(scope: Construct, construct_id: str, project_tag_key: str, budget_name: str | None) -> None:
    if not Token.is_unresolved(project_tag_key) and not TAG_KEY.fullmatch(project_tag_key):
        raise ConstructError(
            scope,
            construct_id,
            f"project_tag_key {project_tag_key!r} is no key of a tag",
            "Use up to 128 letters, digits, spaces and _.:/=+-@.",
        )
    if budget_name is not None and not Token.is_unresolved(budget_name) and not NAME.fullmatch(budget_name):
        raise ConstructError(
            scope,
            construct_id,
            f"budget_name {budget_name!r} is no name of a budget",
            "Use up to 100 characters, none of them ':' or a backslash.",
        )


def _check_limit(scope: Construct, construct_id: str, monthly_limit: float) -> None:
    if not math.isfinite(monthly_limit) or monthly_limit <= 0:
        raise ConstructError(
            scope, construct_id, f"monthly_limit {monthly_limit!r} is no budget", "Use more than 0 US dollars."
        )


def _check_thresholds(
    scope: Construct, construct_id: str, actual_thresholds: Sequence[float], forecast_thresholds: Sequence[float]
) -> None:
    for name, thresholds in (("actual", actual_thresholds), ("forecast", forecast_thresholds)):
        if not thresholds or any(not math.isfinite(t) or t <= 0 for t in thresholds):
            raise ConstructError(
                scope,
                construct_id,
                f"{name}_thresholds {list(thresholds)!r} never warn",
                "Use one or more per cents of the limit, each more than 0.",
            )
        if len(set(thresholds)) != len(thresholds):
            raise ConstructError(
                scope, construct_id, f"{name}_thresholds {list(thresholds)!r} repeat one", "Name each one once."
            )
    if (count := len(actual_thresholds) + len(forecast_thresholds)) > MOST_NOTIFICATIONS:
        raise ConstructError(
            scope, construct_id, f"{count} thresholds are too many", f"Use {MOST_NOTIFICATIONS} at most."
        )
