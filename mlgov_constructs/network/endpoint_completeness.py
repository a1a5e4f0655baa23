"""The check that an isolated VPC has each endpoint that the resources in it need."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aws_cdk as cdk

from mlgov_constructs.controls.validation_plugin import ValidationPlugin, by_assembly
from mlgov_constructs.network.endpoint_service import EndpointService

NAME = "mlgov-endpoints"
RULE = "ENDPOINT-MISSING"
GATEWAYS = ("AWS::EC2::InternetGateway", "AWS::EC2::NatGateway", "AWS::EC2::TransitGatewayAttachment")
SERVICE_NAME = re.compile(r"(?:com\.amazonaws|cn\.com\.amazonaws|aws\.sagemaker)\.[^.]+\.(?P<service>.+)")
DYNAMIC_REFERENCE = re.compile(r"\{\{resolve:ssm:(?P<name>[^:}]+)")

_E = EndpointService
NEEDS = {
    "AWS::SageMaker::NotebookInstance": (_E.S3, _E.SAGEMAKER_API, _E.STS, _E.LOGS),
    "AWS::SageMaker::Domain": (_E.S3, _E.SAGEMAKER_API, _E.SAGEMAKER_RUNTIME, _E.STS, _E.LOGS),
    "AWS::SageMaker::Model": (_E.S3, _E.ECR_API, _E.ECR_DKR, _E.LOGS),
    "AWS::SageMaker::DataQualityJobDefinition": (_E.S3, _E.ECR_API, _E.ECR_DKR, _E.LOGS, _E.MONITORING),
    "AWS::SageMaker::ModelQualityJobDefinition": (_E.S3, _E.ECR_API, _E.ECR_DKR, _E.LOGS, _E.MONITORING),
    "AWS::SageMaker::ModelBiasJobDefinition": (_E.S3, _E.ECR_API, _E.ECR_DKR, _E.LOGS, _E.MONITORING),
    "AWS::SageMaker::ModelExplainabilityJobDefinition": (_E.S3, _E.ECR_API, _E.ECR_DKR, _E.LOGS, _E.MONITORING),
}


class EndpointCompleteness(ValidationPlugin):
    """Fails the synthesis when a resource in an isolated VPC calls a service without an endpoint.

    It reads the templates alone, so it finds what a team adds beside our constructs: the
    subnet of each SageMaker resource is followed to its VPC, through exports and SSM
    parameters, and the endpoints of that VPC are compared with what the resource calls. A VPC
    with a gateway to the internet, or one that the app does not create, is left alone.

    Example:
        >>> app = cdk.App()
        >>> cdk.Validations.of(app).add_plugins(EndpointCompleteness())
    """

    def __init__(self) -> None:
        super().__init__(NAME, [RULE])

    def violations(self, templates: Sequence[Path]) -> Iterable[cdk.PolicyViolation]:
        """Return one violation for each missing endpoint.

        Args:
            templates: The templates of the stacks.
        """
        return [_violation(gap) for assembly in by_assembly(templates) for gap in missing_endpoints(assembly)]


@dataclass(frozen=True, slots=True)
class MissingEndpoint:
    """A resource and the endpoint it lacks.

    Attributes:
        template: The template of the resource.
        logical_id: The resource.
        resource_type: Its type.
        service: The service that it calls.
    """

    template: Path
    logical_id: str
    resource_type: str
    service: EndpointService


def missing_endpoints(templates: list[Path]) -> list[MissingEndpoint]:
    """Return what the resources of one assembly call and their isolated VPC has no endpoint of.

    Args:
        templates: The templates that are deployed together.
    """
    assembly = _Assembly({path: json.loads(path.read_text(encoding="utf-8")) for path in templates})
    return [
        MissingEndpoint(path, logical_id, resource["Type"], service)
        for path, logical_id, resource in assembly.resources()
        if resource["Type"] in NEEDS
        for vpc in assembly.vpcs_of(path, resource.get("Properties", {}))
        for service in NEEDS[resource["Type"]]
        if service.value not in assembly.endpoints[vpc]
    ]


_Id = tuple[Path, str]


@dataclass
class _Assembly:
    """The resources of some templates, and how they refer to each other."""

    templates: dict[Path, dict[str, Any]]
    endpoints: dict[_Id, set[str]] = field(default_factory=dict)
    _subnets: dict[_Id, _Id] = field(default_factory=dict)
    _exports: dict[str, tuple[Path, Any]] = field(default_factory=dict)
    _outputs: dict[str, tuple[Path, Any]] = field(default_factory=dict)
    _parameters: dict[str, tuple[Path, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for path, template in self.templates.items():
            for name, output in template.get("Outputs", {}).items():
                self._outputs.setdefault(name, (path, output["Value"]))
                if "Export" in output:
                    self._exports[str(output["Export"]["Name"])] = (path, output["Value"])
        open_templates = {path for path, _, resource in self.resources() if resource["Type"] in GATEWAYS}
        for path, logical_id, resource in self.resources():
            properties = resource.get("Properties", {})
            match resource["Type"]:
                case "AWS::EC2::VPC" if path not in open_templates:
                    self.endpoints.setdefault((path, logical_id), set())
                case "AWS::EC2::Subnet" if target := self._follow(path, properties.get("VpcId")):
                    self._subnets[path, logical_id] = target
                case "AWS::EC2::VPCEndpoint" if target := self._follow(path, properties.get("VpcId")):
                    if found := SERVICE_NAME.fullmatch(_text(properties.get("ServiceName"))):
                        self.endpoints.setdefault(target, set()).add(found["service"])
                case "AWS::SSM::Parameter":
                    self._parameters[_text(properties.get("Name"))] = (path, properties.get("Value"))

    def resources(self) -> Iterator[tuple[Path, str, dict[str, Any]]]:
        for path, template in self.templates.items():
            for logical_id, resource in template.get("Resources", {}).items():
                yield path, logical_id, resource

    def vpcs_of(self, path: Path, properties: dict[str, Any]) -> set[_Id]:
        subnets = {self._follow(path, value) for value in _subnet_values(properties)}
        vpcs = {self._subnets[subnet] for subnet in subnets if subnet in self._subnets}
        return {vpc for vpc in vpcs if vpc in self.endpoints}

    def _follow(self, path: Path, value: Any) -> _Id | None:
        """The resource that a value refers to, through outputs, exports and SSM parameters."""
        match value:
            case {"Ref": str(logical_id)}:
                return path, logical_id
            case {"Fn::ImportValue": str(name)} if name in self._exports:
                return self._follow(*self._exports[name])
            case {"Fn::GetStackOutput": {"OutputName": str(name)}} if name in self._outputs:
                # A template does not tell its stack's name; the CDK makes these names unique.
                return self._follow(*self._outputs[name])
            case str() if (found := DYNAMIC_REFERENCE.match(value)) and found["name"] in self._parameters:
                return self._follow(*self._parameters[found["name"]])
        return None


def _subnet_values(properties: Any) -> Iterator[Any]:
    if isinstance(properties, dict):
        for key, value in properties.items():
            if key in ("Subnets", "SubnetIds", "SubnetId"):
                yield from value if isinstance(value, list) else [value]
            else:
                yield from _subnet_values(value)


def _text(value: Any) -> str:
    """A text with ``*`` for what is known at deployment only."""
    match value:
        case str():
            return value
        case {"Fn::Join": [str(separator), list(parts)]}:
            return separator.join(_text(part) for part in parts)
    return "*"


def _violation(gap: MissingEndpoint) -> cdk.PolicyViolation:
    return cdk.PolicyViolation(
        rule_name=RULE,
        description=(
            f"{gap.logical_id} ({gap.resource_type}) runs in an isolated VPC without an endpoint of "
            f"{gap.service.value}: its calls would hang."
        ),
        fix=f"Call vpc.require(EndpointService.{gap.service.name}, by=...) for it.",
        severity="error",
        violating_resources=[
            cdk.PolicyViolatingResource(
                resource_logical_id=gap.logical_id,
                template_path=str(gap.template),
                locations=[f"missing endpoint: {gap.service.value}"],
            )
        ],
    )
