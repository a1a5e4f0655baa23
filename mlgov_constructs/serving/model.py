"""A model that can be served, hardened."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import jsii
from aws_cdk import Resource, Token
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from mlgov_constructs.argument_types import checked_arguments
from mlgov_constructs.controls import Relaxation, claim
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.identity import JobRole, JobType
from mlgov_constructs.identity.grants import rights_of
from mlgov_constructs.identity.project import check_project, set_deployed_tags
from mlgov_constructs.network import EndpointService, IIsolatedVpc
from mlgov_constructs.serving.container_image import ContainerImage, RepositoryAccess
from mlgov_constructs.serving.model_data import ModelData
from mlgov_constructs.serving.model_properties import (
    CONTROLS,
    image_container,
    model_properties,
    package_container,
)
from mlgov_constructs.serving.serving_services import require_serving_services

PACKAGE = re.compile(r"arn:[a-z-]+:sagemaker:[a-z0-9-]+:[0-9]{12}:model-package/[A-Za-z0-9-]+/[0-9]+")
NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")
PLATFORM_PULL = Relaxation(
    "Amazon ECR is private and is pulled by the platform of SageMaker, as it documents; a container without "
    "network never sees the registry"
)


@checked_arguments
@jsii.implements(iam.IGrantable, ec2.IConnectable)
class Model(Resource):
    """A SageMaker model whose container has no network and whose image cannot change.

    It creates a ``AWS::SageMaker::Model`` in the isolated subnets, with network isolation, from a
    registered model package, or from an image by digest and an artifact. The role is granted to
    pull the image and to read the artifact. The VPC gets the endpoints that serving needs.

    **How the image is pulled.** SageMaker pulls Amazon ECR by its platform
    (``RepositoryAccessMode: Platform``); ``Vpc`` is for a registry of your own in the VPC. Security
    Hub SageMaker.16 and .19 fail anything but ``Vpc``, so a model of ECR or of a package records
    its deviation from ``MLG-SRV-04`` with the reason in ``platform_pull``.

    Controls: ``MLG-SRV-01`` (network isolation), ``MLG-SRV-02`` (VPC), ``MLG-SRV-03`` (digest),
    ``MLG-SRV-04`` (pulled through the VPC), ``MLG-SRV-10`` (project), which cover Security Hub
    SageMaker.5, .16 and .19.

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        vpc: The VPC; the model is in all of its isolated subnets.
        role: The role of the containers, a ``JobRole`` of type ``HOSTING`` for example.
        model_package_arn: A version of a registered model package. SageMaker refuses one that is
            rejected; see ``docs/serving.md`` for who may approve.
        image: The image, where no package is given.
        model_data: The artifact of the image; the image holds the model when omitted.
        project: The project; that of the ``JobRole`` when omitted.
        environment: Environment variables of the container; no secrets.
        security_groups: Groups in place of the VPC's workload group.
        model_name: A name; CloudFormation makes one when omitted. A model cannot be changed, so a
            model with a name cannot be replaced.
        model_cache: Whether models behind one endpoint stay in memory once they are loaded; for
            ``model_data`` that is a prefix.
        outbound_network: Let the container call the endpoints of the VPC.
        outside_vpc: Run the container in the network of SageMaker, as serverless endpoints demand.
        platform_pull: Why an image may be pulled by the platform; ECR's reason by default.

    Raises:
        ConstructError: An argument cannot be used; the message says what to change.

    Source: https://docs.aws.amazon.com/securityhub/latest/userguide/sagemaker-controls.html

    Cost: none; what serves it costs.

    Example:
        ``docs/examples/serving.py`` is a complete app.
    """

    CONTROLS: ClassVar[tuple[str, ...]] = CONTROLS

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        vpc: IIsolatedVpc,
        role: iam.IRole,
        model_package_arn: str | None = None,
        image: ContainerImage | None = None,
        model_data: ModelData | None = None,
        project: str | None = None,
        environment: Mapping[str, str] | None = None,
        security_groups: Sequence[ec2.ISecurityGroup] = (),
        model_name: str | None = None,
        model_cache: bool = True,
        outbound_network: Relaxation | None = None,
        outside_vpc: Relaxation | None = None,
        platform_pull: Relaxation = PLATFORM_PULL,
    ) -> None:
        owner = _owner(scope, construct_id, project, role)
        _check_source(scope, construct_id, model_package_arn, image, model_data)
        _check_name(scope, construct_id, model_name)
        is_multi_model = model_data is not None and model_data.is_prefix
        _check_cache(scope, construct_id, model_cache=model_cache, is_multi_model=is_multi_model)
        _check_outside(scope, construct_id, image, outside_vpc)
        super().__init__(scope, construct_id)
        require_serving_services(vpc, by=self)
        groups = list(security_groups) or [vpc.workload_security_group]
        resource = sagemaker.CfnModel(
            self,
            "Resource",
            **model_properties(
                project=owner,
                role_arn=role.role_arn,
                container=_container(model_package_arn, image, model_data, environment, model_cache=model_cache),
                subnet_ids=[] if outside_vpc else [subnet.subnet_id for subnet in vpc.isolated_subnets],
                security_group_ids=[group.security_group_id for group in groups],
                model_name=model_name,
                network_isolation=outbound_network is None,
            ),
        )
        by_platform = image is None or image.access is RepositoryAccess.PLATFORM
        deviations = {
            "MLG-SRV-01": outbound_network,
            "MLG-SRV-02": outside_vpc,
            "MLG-SRV-04": platform_pull if by_platform else None,
        }
        claim(resource, self.CONTROLS, deviations)
        set_deployed_tags(resource, owner)
        if image is not None:
            self._grant_image(image, role, vpc)
        if model_data is not None:
            model_data.grant_read(role)
        # SageMaker pulls and reads when an endpoint starts, so the role must have its rights.
        resource.node.add_dependency(rights_of(role))
        self.project = owner
        self.role = role
        self.vpc = vpc
        self.model_data = model_data
        self.is_multi_model = is_multi_model
        self.is_isolated = outbound_network is None
        self.is_in_vpc = outside_vpc is None
        self.connections = ec2.Connections(security_groups=groups)
        self._resource = resource

    @property
    def model_arn(self) -> str:
        """The ARN of the model."""
        return self._resource.ref

    @property
    def model_name(self) -> str:
        """The name of the model."""
        return self._resource.attr_model_name

    @property
    def grant_principal(self) -> iam.IPrincipal:
        """The role of the containers, so that ``bucket.grant_read(model)`` works."""
        return self.role

    def _grant_image(self, image: ContainerImage, role: iam.IRole, vpc: IIsolatedVpc) -> None:
        if image.repository is not None:
            image.repository.grant_pull(role)
        if image.credentials is not None:
            vpc.require(EndpointService.LAMBDA, by=self)
            image.credentials.grant_invoke(role)


def _container(
    model_package_arn: str | None,
    image: ContainerImage | None,
    model_data: ModelData | None,
    environment: Mapping[str, str] | None,
    *,
    model_cache: bool,
) -> dict[str, Any]:
    if image is None:
        return package_container(str(model_package_arn), environment)
    return image_container(
        image.uri,
        access=image.access.value,
        model_data_url=model_data.url if model_data else None,
        credentials_arn=image.credentials.function_arn if image.credentials else None,
        environment=environment,
        multi_model=model_data is not None and model_data.is_prefix,
        model_cache=model_cache,
    )


def _owner(scope: Construct, construct_id: str, project: str | None, role: iam.IRole) -> str:
    of_role = role.project if isinstance(role, JobRole) else None
    owner = project or of_role
    if owner is None:
        raise ConstructError(
            scope, construct_id, "the model has no project", "Give project=..., or a JobRole as its role."
        )
    if of_role is not None and owner != of_role:
        raise ConstructError(
            scope,
            construct_id,
            f"project {owner!r} differs from {of_role!r}, the project of the role",
            "Give the model a role of its own project.",
        )
    if isinstance(role, JobRole) and role.job is not JobType.HOSTING:
        raise ConstructError(
            scope, construct_id, f"role is for {role.job.value}", "Give the model a JobRole of type HOSTING."
        )
    return check_project(scope, construct_id, owner)


def _check_source(
    scope: Construct,
    construct_id: str,
    model_package_arn: str | None,
    image: ContainerImage | None,
    model_data: ModelData | None,
) -> None:
    if (model_package_arn is None) == (image is None):
        raise ConstructError(
            scope,
            construct_id,
            "the model has neither a package nor an image" if image is None else "the model has a package and an image",
            "Give model_package_arn=..., or image=... with its model_data.",
        )
    if image is None:
        arn = str(model_package_arn)
        if model_data is not None:
            raise ConstructError(
                scope, construct_id, "model_data is given beside a package, which names its own", "Leave it out."
            )
        if not Token.is_unresolved(arn) and not PACKAGE.fullmatch(arn):
            raise ConstructError(
                scope,
                construct_id,
                f"model_package_arn {arn!r} is no version of a model package",
                "Use the ARN of one version: it ends with model-package/<group>/<version>.",
            )
        return
    if not image.is_pinned:
        raise ConstructError(
            scope,
            construct_id,
            f"image {image.uri!r} is named by a tag, which can be moved",
            "Name it by its digest, @sha256:...",
        )
    if model_data is not None and not model_data.key.endswith((".tar.gz", "/")):
        if Token.is_unresolved(model_data.key):
            return
        raise ConstructError(
            scope,
            construct_id,
            f"model_data {model_data.key!r} is no archive",
            "Use the key of a .tar.gz archive, or for many models a prefix that ends with '/'.",
        )


def _check_name(scope: Construct, construct_id: str, name: str | None) -> None:
    if name is not None and not Token.is_unresolved(name) and not NAME.fullmatch(name):
        raise ConstructError(
            scope,
            construct_id,
            f"model_name {name!r} is no name of a model",
            "Use up to 63 letters, digits and hyphens.",
        )


def _check_cache(scope: Construct, construct_id: str, *, model_cache: bool, is_multi_model: bool) -> None:
    if not model_cache and not is_multi_model:
        raise ConstructError(
            scope,
            construct_id,
            "model_cache is off, and there is one model only",
            "Leave it out, or give model_data a prefix that ends with '/'.",
        )


def _check_outside(
    scope: Construct, construct_id: str, image: ContainerImage | None, outside_vpc: Relaxation | None
) -> None:
    if outside_vpc is not None and image is not None and image.access is RepositoryAccess.VPC:
        raise ConstructError(
            scope,
            construct_id,
            f"image {image.uri!r} is pulled through the VPC, and outside_vpc leaves it",
            "Keep the image in Amazon ECR.",
        )
