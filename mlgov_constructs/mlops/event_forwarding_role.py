"""The role that sends events to a bus."""

from __future__ import annotations

from typing import ClassVar

from aws_cdk import aws_iam as iam
from constructs import Construct

from mlgov_constructs.aws_tokens import aws_tokens, service_principal
from mlgov_constructs.identity import GovernedRole


class EventForwardingRole(GovernedRole):
    """The role under which EventBridge sends events to one bus, of another account for example.

    Controls: ``MLG-IDN-01`` (boundary), ``MLG-IDN-03`` (trust bound to the account).

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        event_bus_arn: The bus.
        permissions_boundary: The ceiling of the role.

    Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cross-account.html

    Cost: none; an event sent to another account costs 1 USD a million.

    Example:
        ``ModelRegistry.forward`` creates it.
    """

    CONTROLS: ClassVar[tuple[str, ...]] = ("MLG-IDN-01", "MLG-IDN-03")

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        event_bus_arn: str,
        permissions_boundary: iam.IManagedPolicy,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            assumed_by=iam.ServicePrincipal(
                service_principal("events"), conditions={"StringEquals": {"aws:SourceAccount": aws_tokens().account}}
            ),
            description="Sends events of models to a bus",
            permissions_boundary=permissions_boundary,
            statements=[
                {"Sid": "SendEvents", "Effect": "Allow", "Action": "events:PutEvents", "Resource": event_bus_arn}
            ],
        )
