"""A notebook instance, hardened."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar

import jsii
from aws_cdk import Resource, Size, Token
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from mlgov_constructs.controls import Relaxation, claim
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.identity import PROJECT_TAG, JobRole
from mlgov_constructs.identity.activities import UseNotebooks
from mlgov_constructs.identity.grants import rights_of
from mlgov_constructs.identity.project import check_project, set_own_tags
from mlgov_constructs.network import EndpointService, IIsolatedVpc
from mlgov_constructs.workspace.code_repository import CodeRepository
from mlgov_constructs.workspace.notebook_lifecycle import NotebookLifecycle
from mlgov_constructs.workspace.notebook_properties import (
    CONTROLS,
    INSTANCE_TYPES,
    LARGEST_GIB,
    SMALLEST_GIB,
    notebook_properties,
)
from mlgov_constructs.workspace.notebook_services import require_notebook_services

NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")
CODE_COMMIT = re.compile(r"https://git-codecommit[.-]")


@jsii.implements(iam.IGrantable, ec2.IConnectable)
class NotebookInstance(Resource):
    """A SageMaker notebook instance that satisfies every published control.

    It creates a ``AWS::SageMaker::NotebookInstance`` in an isolated subnet, without direct
    internet access and without root, on Amazon Linux 2023, with a customer managed key, with
    IMDSv2 only, with the tag of its project, and with a lifecycle configuration that stops it
    when it is idle. The VPC gets the endpoints that the notebook calls.

    Controls: ``MLG-WSP-01`` to ``MLG-WSP-08``, which cover Security Hub SageMaker.1, .2, .3,
    .8 and .21.

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        vpc: The VPC; the first of its isolated subnets is used unless ``subnet`` is given.
        encryption_key: The key of the volume.
        role: The execution role, a ``JobRole`` of type ``NOTEBOOK`` for example.
        project: The project; that of the ``JobRole`` when omitted.
        instance_type: The type, ``ml.t3.medium`` by default.
        allowed_instance_types: The types that may be used; a list of common ones by default.
        volume_size: 5 to 16,384 GiB; 20 GiB by default. It can grow later, not shrink.
        subnet: The subnet, one of the VPC's isolated subnets.
        security_groups: Groups in place of the VPC's workload group.
        lifecycle: The lifecycle configuration; a :class:`NotebookLifecycle` that stops after one
            idle hour when omitted.
        default_code_repository: The Git repository to open: a :class:`CodeRepository`, the URL of
            a CodeCommit repository, or the name of a ``AWS::SageMaker::CodeRepository`` of a
            server that the VPC reaches.
        notebook_instance_name: A name; CloudFormation makes one when omitted.
        direct_internet_access: Give the instance an interface outside the VPC.
        root_access: Let users of the notebook be root.

    Raises:
        ConstructError: An argument cannot be used; the message says what to change.

    Source: https://docs.aws.amazon.com/securityhub/latest/userguide/sagemaker-controls.html

    Cost:
        An ``ml.t3.medium`` costs about 0.05 USD an hour while it runs, the volume 0.14 USD a GB
        and month; the endpoints of the VPC cost more, see ``docs/network.md``.

    Example:
        ``docs/examples/workspace.py`` is a complete app.
    """

    CONTROLS: ClassVar[tuple[str, ...]] = CONTROLS

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        vpc: IIsolatedVpc,
        encryption_key: kms.IKey,
        role: iam.IRole,
        project: str | None = None,
        instance_type: str = "ml.t3.medium",
        allowed_instance_types: Sequence[str] = INSTANCE_TYPES,
        volume_size: Size | None = None,
        subnet: ec2.ISubnet | None = None,
        security_groups: Sequence[ec2.ISecurityGroup] = (),
        lifecycle: NotebookLifecycle | None = None,
        default_code_repository: CodeRepository | str | None = None,
        notebook_instance_name: str | None = None,
        direct_internet_access: Relaxation | None = None,
        root_access: Relaxation | None = None,
    ) -> None:
        owner = _owner(scope, construct_id, project, role)
        gib = 20 if volume_size is None else volume_size.to_gibibytes()
        _check_size(scope, construct_id, instance_type, allowed_instance_types, gib)
        _check_name(scope, construct_id, notebook_instance_name)
        repository = (
            default_code_repository.code_repository_name
            if isinstance(default_code_repository, CodeRepository)
            else default_code_repository
        )
        if repository is not None and direct_internet_access is None:
            _check_repository(scope, construct_id, repository)
        super().__init__(scope, construct_id)
        require_notebook_services(vpc, by=self)
        if isinstance(default_code_repository, CodeRepository):
            for service in default_code_repository.source.services:
                vpc.require(service, by=self)
        elif repository is not None and CODE_COMMIT.match(repository):
            vpc.require(EndpointService.GIT_CODECOMMIT, by=self)
        groups = list(security_groups) or [vpc.workload_security_group]
        stop_when_idle = lifecycle or NotebookLifecycle(self, "Lifecycle")
        resource = sagemaker.CfnNotebookInstance(
            self,
            "Resource",
            **notebook_properties(
                project=owner,
                role_arn=role.role_arn,
                kms_key_id=encryption_key.key_arn,
                subnet_id=(subnet or vpc.isolated_subnets[0]).subnet_id,
                security_group_ids=[group.security_group_id for group in groups],
                lifecycle_config_name=stop_when_idle.notebook_instance_lifecycle_config_name,
                instance_type=instance_type,
                volume_gib=gib,
                default_code_repository=repository,
                notebook_instance_name=notebook_instance_name,
                direct_internet_access=direct_internet_access is not None,
                root_access=root_access is not None,
            ),
        )
        claim(resource, self.CONTROLS, {"MLG-WSP-01": direct_internet_access, "MLG-WSP-03": root_access})
        set_own_tags(resource, {PROJECT_TAG: owner})
        # The role must have its rights, and SageMaker its interfaces, before the instance starts.
        resource.node.add_dependency(rights_of(role))
        self.project = owner
        self.role = role
        self.connections = ec2.Connections(security_groups=groups)
        self._arn = resource.ref
        self._name = resource.attr_notebook_instance_name

    @property
    def notebook_instance_arn(self) -> str:
        """The ARN of the instance."""
        return self._arn

    @property
    def notebook_instance_name(self) -> str:
        """The name of the instance."""
        return self._name

    @property
    def grant_principal(self) -> iam.IPrincipal:
        """The execution role, so that ``bucket.grant_read(notebook)`` works."""
        return self.role

    def grant_use(self, grantee: iam.IGrantable) -> None:
        """Let a principal open, start and stop this instance while it carries its project's tag.

        Args:
            grantee: The principal.
        """
        (statement,) = UseNotebooks(self.project).statements()
        own = {key: value for key, value in statement.items() if key != "Sid"} | {"Resource": self._arn}
        grantee.grant_principal.add_to_principal_policy(iam.PolicyStatement.from_json(own))


def _owner(scope: Construct, construct_id: str, project: str | None, role: iam.IRole) -> str:
    of_role = role.project if isinstance(role, JobRole) else None
    owner = project or of_role
    if owner is None:
        raise ConstructError(
            scope, construct_id, "the notebook instance has no project", "Give project=..., or a JobRole as its role."
        )
    if of_role is not None and owner != of_role:
        raise ConstructError(
            scope,
            construct_id,
            f"project {owner!r} differs from {of_role!r}, the project of the role",
            "Give the notebook instance a role of its own project.",
        )
    return check_project(scope, construct_id, owner)


def _check_size(scope: Construct, construct_id: str, instance_type: str, allowed: Sequence[str], gib: float) -> None:
    if not Token.is_unresolved(instance_type) and instance_type not in allowed:
        raise ConstructError(
            scope,
            construct_id,
            f"instance_type {instance_type!r} is not allowed",
            f"Use one of {', '.join(allowed)}, or extend allowed_instance_types.",
        )
    if not Token.is_unresolved(gib) and not SMALLEST_GIB <= gib <= LARGEST_GIB:
        raise ConstructError(
            scope,
            construct_id,
            f"volume_size of {gib:g} GiB is out of range",
            f"Use {SMALLEST_GIB} to {LARGEST_GIB} GiB.",
        )


def _check_name(scope: Construct, construct_id: str, name: str | None) -> None:
    if name is not None and not Token.is_unresolved(name) and not NAME.fullmatch(name):
        raise ConstructError(
            scope,
            construct_id,
            f"notebook_instance_name {name!r} is no name of a notebook instance",
            "Use up to 63 letters, digits and single hyphens.",
        )


def _check_repository(scope: Construct, construct_id: str, repository: str) -> None:
    if Token.is_unresolved(repository) or "://" not in repository or CODE_COMMIT.match(repository):
        return
    raise ConstructError(
        scope,
        construct_id,
        f"default_code_repository {repository!r} is on the internet, which the notebook instance cannot reach",
        "Use a CodeCommit URL, or the name of a SageMaker code repository whose server the VPC reaches.",
    )
