"""The policies of every layer that decide about a request, found in an assembly."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from mlgov_constructs.cli.access.assembly import Assembly, Resource

Policy = dict[str, Any]
SERVICE_CONTROL, RESOURCE_CONTROL = "SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"
# The organisation allows everything unless it is told to deny; AWS attaches this policy itself.
FULL_ACCESS: Policy = {
    "name": "FullAWSAccess",
    "policy": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]},
}
# What a session of Studio carries. The simulator knows no action that takes these keys, so they are
# put into the policies that name them.
STUDIO_KEYS = ("sagemaker:DomainId", "sagemaker:UserProfileName")


@dataclass(frozen=True)
class Request:
    """What a role, or a service, asks for.

    Attributes:
        caller: The role, or the principal of a service such as ``sagemaker.amazonaws.com``.
        action: The action, for example ``s3:GetObject``.
        resource: The ARN it acts on; ``*`` for actions that know no resource.
        context: The condition keys of the request, added to those that AWS sets itself; ``None``
            takes one of these out.
        resource_account: The account of the resource; that of the assembly when ``None``.
    """

    caller: Resource | str
    action: str
    resource: str = "*"
    context: Mapping[str, str | list[str] | None] = field(default_factory=dict)
    resource_account: str | None = None


@dataclass(frozen=True)
class Layers:
    """Finds the policies that decide about a request.

    Attributes:
        assembly: The synthesized environment.
        organization_id: The organization that the account is in, for ``aws:PrincipalOrgID``.

    Example:
        >>> from pathlib import Path
        >>> layers = Layers(Assembly((Path("cdk.out"),)))
    """

    assembly: Assembly
    organization_id: str | None = None

    def simulation(self, request: Request) -> dict[str, Any]:
        """Return the request with all its policies, as the simulator takes it."""
        caller = request.caller
        account = self.assembly.account if isinstance(caller, str) else caller.arn.split(":")[4]
        context = {**self._own_context(request, account), **request.context}
        own = {
            "identityPolicies": [] if isinstance(caller, str) else _in_studio(self.identity_policies(caller), context),
            "permissionBoundaryPolicies": None if isinstance(caller, str) else self._boundary(caller),
            "serviceControlPolicies": self._organization_policies(SERVICE_CONTROL),
        }
        return {
            "request": {
                "principal": caller if isinstance(caller, str) else _session_arn(caller),
                "action": request.action,
                "resource": {"resource": request.resource, "accountId": request.resource_account or account},
                "contextVariables": {
                    key: value for key, value in context.items() if value is not None and key not in STUDIO_KEYS
                },
            },
            **own,
            "resourcePolicy": self._resource_policy(request.resource),
            "vpcEndpointPolicies": self._endpoint_policies(context.get("aws:SourceVpce")),
            "resourceControlPolicies": self._organization_policies(RESOURCE_CONTROL),
        }

    def identity_policies(self, role: Resource) -> list[Policy]:
        """Return the managed and inline policies of a role that the assembly holds."""
        inline = [
            {"name": each["PolicyName"], "policy": each["PolicyDocument"]}
            for each in role.properties.get("Policies", [])
        ]
        attached = [
            _policy(policy)
            for kind in ("AWS::IAM::ManagedPolicy", "AWS::IAM::Policy")
            for policy in self.assembly.of_type(kind)
            if role.ref in policy.properties.get("Roles", [])
            or policy.arn in role.properties.get("ManagedPolicyArns", [])
        ]
        return inline + attached

    def unknown_policies(self, role: Resource) -> list[str]:
        """Return the ARNs of policies of a role, its boundary included, that the assembly does not hold."""
        known = {policy.arn for policy in self.assembly.of_type("AWS::IAM::ManagedPolicy")}
        named = [*role.properties.get("ManagedPolicyArns", []), role.properties.get("PermissionsBoundary")]
        return [arn for arn in named if arn is not None and arn not in known]

    def _boundary(self, role: Resource) -> list[Policy] | None:
        arn = role.properties.get("PermissionsBoundary")
        found = [_policy(each) for each in self.assembly.of_type("AWS::IAM::ManagedPolicy") if each.arn == arn]
        return found or None

    def _resource_policy(self, arn: str) -> dict[str, Any] | None:
        return next((document for protected, document in self._resource_policies if _covers(protected, arn)), None)

    @cached_property
    def _resource_policies(self) -> list[tuple[str, dict[str, Any]]]:
        return list(self._find_resource_policies())

    def _find_resource_policies(self) -> Iterator[tuple[str, dict[str, Any]]]:
        buckets = {bucket.ref: bucket.arn for bucket in self.assembly.of_type("AWS::S3::Bucket")}
        queues = {queue.ref: queue.arn for queue in self.assembly.of_type("AWS::SQS::Queue")}
        for policy in self.assembly.of_type("AWS::S3::BucketPolicy"):
            name = policy.properties["Bucket"]
            yield buckets.get(name, f":::{name}"), policy.properties["PolicyDocument"]
        for key in self.assembly.of_type("AWS::KMS::Key"):
            yield key.arn, key.properties["KeyPolicy"]
        for role in self.assembly.of_type("AWS::IAM::Role"):
            yield role.arn, role.properties["AssumeRolePolicyDocument"]
        for policy in self.assembly.of_type("AWS::SNS::TopicPolicy"):
            for topic in policy.properties["Topics"]:
                yield topic, policy.properties["PolicyDocument"]
        for policy in self.assembly.of_type("AWS::SQS::QueuePolicy"):
            for queue in policy.properties["Queues"]:
                yield queues.get(queue, queue), policy.properties["PolicyDocument"]
        for kind in ("AWS::CodeArtifact::Domain", "AWS::CodeArtifact::Repository"):
            for protected in self.assembly.of_type(kind):
                if document := protected.properties.get("PermissionsPolicyDocument"):
                    yield protected.arn, document

    def _endpoint_policies(self, endpoint_id: object) -> list[Policy] | None:
        found = [
            {"name": endpoint.logical_id, "policy": endpoint.properties["PolicyDocument"]}
            for endpoint in self.assembly.of_type("AWS::EC2::VPCEndpoint")
            if endpoint.ref == endpoint_id and "PolicyDocument" in endpoint.properties
        ]
        return found or None

    def _organization_policies(self, kind: str) -> list[dict[str, Any]]:
        policies = [
            {"name": policy.properties["Name"], "policy": policy.properties["Content"]}
            for policy in self.assembly.of_type("AWS::Organizations::Policy")
            if policy.properties["Type"] == kind
        ]
        # The simulator adds the full access of resource control policies itself.
        own = [FULL_ACCESS] if kind == SERVICE_CONTROL else []
        return [{"orgIdentifier": "root", "policies": own + policies}] if own or policies else []

    def _own_context(self, request: Request, account: str) -> dict[str, Any]:
        """The keys that AWS sets in every request."""
        service = request.action.partition(":")[0]
        owner = request.resource_account or account
        role = None if isinstance(request.caller, str) else request.caller
        given = request.context
        keys: dict[str, Any] = {
            "aws:PrincipalAccount": account if role else None,
            "aws:PrincipalArn": role.arn if role else None,
            "aws:PrincipalIsAWSService": "false" if role else "true",
            "aws:PrincipalOrgID": self.organization_id if role else None,
            "aws:RequestedRegion": self.assembly.region,
            "aws:ResourceAccount": owner,
            "aws:ResourceOrgID": self.organization_id if owner == account else None,
            "aws:SecureTransport": "true",
            "aws:SourceOrgID": self.organization_id if not role and given.get("aws:SourceAccount") == account else None,
            "aws:ViaAWSService": "false",
        }
        if service == "s3":
            keys["s3:TlsVersion"] = "1.3"
        if service == "kms":
            keys["kms:CallerAccount"] = account
        tags = role.properties.get("Tags", []) if role else []
        return keys | {f"aws:PrincipalTag/{tag['Key']}": tag["Value"] for tag in tags}


def _policy(resource: Resource) -> Policy:
    return {"name": resource.logical_id, "policy": resource.properties["PolicyDocument"]}


def _in_studio(policies: list[Policy], context: Mapping[str, Any]) -> list[Policy]:
    known = {key: context[key] for key in STUDIO_KEYS if context.get(key)}
    if not known:
        return policies
    text = json.dumps(policies)
    for key, value in known.items():
        text = text.replace(f"${{{key}}}", value)
    resolved: list[Policy] = json.loads(text)
    return resolved


def _covers(protected: str, arn: str) -> bool:
    return arn == protected or (":s3:::" in protected and arn.startswith(f"{protected}/"))


def _session_arn(role: Resource) -> str:
    return role.arn.replace(":iam:", ":sts:", 1).replace(":role/", ":assumed-role/", 1) + "/session"
