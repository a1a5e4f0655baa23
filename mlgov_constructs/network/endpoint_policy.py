"""The policy of one VPC endpoint."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from aws_cdk import aws_iam as iam

from mlgov_constructs.aws_tokens import aws_tokens
from mlgov_constructs.network.endpoint_service import EndpointService
from mlgov_constructs.network.service_resource import ServiceResource
from mlgov_constructs.perimeter import Perimeter

PULL_ACTIONS = ("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")


class EndpointPolicy:
    """What may pass an endpoint: named actions, of our principals, on our resources.

    The policy refers to no other resource, so it makes no cycle between stacks, and it can
    only grow while the app is built. Implements ``MLG-NET-02``.

    Args:
        service: The service behind the endpoint.
        perimeter: Whose principals and resources are ours.
        service_resources: What AWS owns and may be reached all the same.
        partition: The partition where it is known at synthesis; selects AWS's registries.

    Example:
        >>> policy = EndpointPolicy(EndpointService.STS, Perimeter("o-exampleorg1"))
        >>> [statement["Sid"] for statement in policy.to_json()["Statement"]]
        ['OwnPrincipalsOnOwnResources', 'OwnPrincipals']
    """

    def __init__(
        self,
        service: EndpointService,
        perimeter: Perimeter,
        service_resources: Iterable[ServiceResource] = (),
        partition: str = "aws",
    ) -> None:
        self._service = service
        self._perimeter = perimeter
        self._service_resources = [resource for resource in service_resources if service in resource.services]
        self._partition = partition
        self._actions: set[str] = set()

    def allow(self, actions: Sequence[str] | None = None) -> None:
        """Let more actions pass.

        Args:
            actions: Actions of the service; all that the catalogue names when omitted.

        Raises:
            ValueError: An action is not in the catalogue of the service.
        """
        known = {*self._service.actions, *self._service.unowned_actions}
        asked = known if actions is None else set(actions)
        if unknown := sorted(asked - known):
            msg = f"{', '.join(unknown)} is not among the actions of {self._service.value} in endpoint_services.toml"
            raise ValueError(msg)
        self._actions |= asked

    def to_json(self) -> dict[str, Any]:
        """Return the policy document; everything in the catalogue when nothing was asked for by name."""
        asked = self._actions or {*self._service.actions, *self._service.unowned_actions}
        owned = sorted(asked & {*self._service.actions})
        unowned = sorted(asked & {*self._service.unowned_actions})
        statements = []
        if owned:
            conditions = {**self._perimeter.principals, **self._perimeter.resources}
            statements.append(_allow("OwnPrincipalsOnOwnResources", owned, {"StringEquals": conditions}))
        if unowned:
            statements.append(_allow("OwnPrincipals", unowned, {"StringEquals": self._perimeter.principals}))
        statements += [self._statement(resource) for resource in self._service_resources]
        return {"Version": "2012-10-17", "Statement": statements}

    def to_document(self) -> iam.PolicyDocument:
        """Return the policy as a document of the CDK."""
        return iam.PolicyDocument.from_json(self.to_json())

    def _statement(self, resource: ServiceResource) -> dict[str, Any]:
        sid = "Aws" + "".join(part.capitalize() for part in resource.value.split("-"))
        if resource.buckets:
            tokens = aws_tokens()
            names = [name.format(region=tokens.region) for name in resource.buckets]
            objects = [tokens.arn("s3", f"{name}/*", region="", account="") for name in names]
            # A presigned URL of the owning service carries that service's principal, not ours.
            return _allow(sid, ["s3:GetObject"], None, objects)
        accounts = resource.registries[self._partition]
        return _allow(
            sid,
            list(PULL_ACTIONS),
            {"StringEquals": {**self._perimeter.principals, "aws:ResourceAccount": list(accounts)}},
        )


def _allow(
    sid: str,
    actions: list[str],
    conditions: dict[str, Any] | None,
    resources: list[str] | None = None,
) -> dict[str, Any]:
    statement: dict[str, Any] = {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": "*",
        "Action": actions,
        "Resource": resources or "*",
    }
    if conditions:
        statement["Condition"] = conditions
    return statement
