"""A domain of SageMaker Studio, hardened, which updates never replace unnoticed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

import jsii
from aws_cdk import (
    Annotations,
    CfnDeletionPolicy,
    CfnResource,
    Duration,
    Names,
    RemovalPolicy,
    Resource,
    Size,
    Stack,
    Validations,
)
from aws_cdk import aws_backup as backup
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from mlgov_constructs.aws_tokens import aws_tokens, service_principal
from mlgov_constructs.controls import Relaxation, claim
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.identity import GovernedRole, JobRole, JobType
from mlgov_constructs.network import IIsolatedVpc
from mlgov_constructs.workspace.notebook_properties import INSTANCE_TYPES
from mlgov_constructs.workspace.studio.checks import check_gib, check_idle, check_instance_type, check_name
from mlgov_constructs.workspace.studio.domain_fingerprint import METADATA_KEY, DomainFingerprint
from mlgov_constructs.workspace.studio.domain_guard import DomainGuard
from mlgov_constructs.workspace.studio.studio_auth import StudioAuth
from mlgov_constructs.workspace.studio.studio_image import StudioImage
from mlgov_constructs.workspace.studio.studio_lifecycle import StudioLifecycle
from mlgov_constructs.workspace.studio.studio_properties import (
    DOMAIN_CONTROLS,
    HIDDEN_APP_TYPES,
    HIDDEN_ML_TOOLS,
    domain_properties,
)
from mlgov_constructs.workspace.studio.studio_security_group import StudioSecurityGroup
from mlgov_constructs.workspace.studio.studio_services import require_studio_services
from mlgov_constructs.workspace.studio.teardown import StudioTeardown

DOMAIN_TAG = "mlgov:domain"
NOT_RECORDED = "mlgov:DomainNotRecorded"
OUTPUT_PREFIX = "studio-output"


@jsii.implements(ec2.IConnectable)
class StudioDomain(Resource):
    """A Studio domain in the isolated network, which satisfies every control of Studio.

    It creates a ``AWS::SageMaker::Domain`` whose apps reach nothing but the VPC's endpoints,
    with a customer managed key for files and volumes, without Docker, without shared notebook
    output, with apps that stop when idle, with limited volumes, with the person in the
    session of every job; a security group in which its apps reach each other; and a default
    execution role without any right, so that a profile works only with its project's role. A
    :class:`StudioTeardown` makes it deletable: it ends apps, spaces and profiles first.

    **What replaces a domain.** Authentication, name, key and VPC can never be changed, and a
    changed tag has replaced domains. It has its own tags: those of the app do not reach its
    template. CloudFormation gives it those of the stack all the same, so they are part of the
    fingerprint; set the CDK's flag ``@aws-cdk/core:explicitStackTags``, or tags of the app
    become tags of the stack. Everything else is updated in place. With ``fingerprint``, a synthesis that would replace
    the domain fails; without a recorded one it warns (``mlgov:DomainNotRecorded``).

    Controls: ``MLG-STU-01`` to ``MLG-STU-08`` and ``MLG-STU-11``.

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        vpc: The VPC; all its isolated subnets are used.
        encryption_key: The key of home file system and volumes.
        permissions_boundary: The ceiling of the default execution role and of the teardown; a
            ``PermissionsBoundary`` must admit ``StudioTeardown.BOUNDARY_ACTIONS``.
        domain_name: The name, up to 63 letters, digits and hyphens; made from the path when
            omitted.
        auth: How people come in; by IAM when omitted.
        fingerprint: The recorded fingerprint, ``DomainFingerprint.from_directory(...)``.
        space_role: The role of shared spaces, a ``JobRole`` of type ``STUDIO``. SageMaker knows
            one a domain; without it there are no shared spaces.
        instance_type: What an app runs on when nobody chooses, ``ml.t3.medium`` by default.
        allowed_instance_types: The types that may be used; a list of common ones by default.
        idle_shutdown: Without work for this long, an app stops: 1 hour by default, 60 to
            525,600 minutes.
        longest_idle: How far users may raise it; not at all when omitted.
        default_volume_size: The volume of a new space; 5 GiB by default.
        maximum_volume_size: How far users may raise it; 100 GiB by default.
        lifecycles: Scripts that run when an app starts; the first of a kind by default.
        images: Images of one's own that Studio offers.
        output_bucket: Share notebook output in this bucket, under ``studio-output/``, with
            ``encryption_key``; no output is shared when omitted.
        hidden_app_types: Apps that Studio does not show; Canvas, RStudio and the old ones by
            default. It hides them; what IAM does not allow cannot be started anyway.
        hidden_ml_tools: Tools that Studio does not show; those that leave the environment by
            default.
        tags: The tags of the domain, which go on to work in it; ``mlgov:domain`` is always one.
        home_removal_policy: What becomes of the home file system when the domain is deleted: kept
            (``RETAIN``), or deleted (``DESTROY``), given the second key ``mlgov:allowDataRemoval``.
        backup_vault: Where AWS Backup keeps a last copy of the home file system.
        docker_access: Give apps Docker, as far as SageMaker does in a VPC.
        replace_domain: Let the deployment replace the recorded domain.

    Raises:
        ConstructError: An argument cannot be used; the message says what to change.

    Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-sagemaker-domain.html

    Cost:
        The domain costs nothing; its home file system 0.30 USD a GB and month, an app what its
        instance costs while it runs, a space 0.14 USD a GB and month. ``docs/studio.md`` counts
        the endpoints.

    Example:
        ``docs/examples/studio.py`` is a complete app.
    """

    CONTROLS: ClassVar[tuple[str, ...]] = DOMAIN_CONTROLS

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        vpc: IIsolatedVpc,
        encryption_key: kms.IKey,
        permissions_boundary: iam.IManagedPolicy,
        domain_name: str | None = None,
        auth: StudioAuth = StudioAuth.IAM,
        fingerprint: DomainFingerprint | None = None,
        space_role: JobRole | None = None,
        instance_type: str = "ml.t3.medium",
        allowed_instance_types: Sequence[str] = INSTANCE_TYPES,
        idle_shutdown: Duration | None = None,
        longest_idle: Duration | None = None,
        default_volume_size: Size | None = None,
        maximum_volume_size: Size | None = None,
        lifecycles: Sequence[StudioLifecycle] = (),
        images: Sequence[StudioImage] = (),
        output_bucket: s3.IBucket | None = None,
        hidden_app_types: Sequence[str] = HIDDEN_APP_TYPES,
        hidden_ml_tools: Sequence[str] = HIDDEN_ML_TOOLS,
        tags: Mapping[str, str] | None = None,
        home_removal_policy: RemovalPolicy = RemovalPolicy.RETAIN,
        backup_vault: backup.IBackupVault | None = None,
        docker_access: Relaxation | None = None,
        replace_domain: Relaxation | None = None,
    ) -> None:
        if domain_name is not None:
            check_name(scope, construct_id, "domain_name", domain_name)
        check_instance_type(scope, construct_id, instance_type, allowed_instance_types)
        idle = check_idle(scope, construct_id, "idle_shutdown", idle_shutdown or Duration.hours(1))
        longest = idle if longest_idle is None else check_idle(scope, construct_id, "longest_idle", longest_idle)
        gib = check_gib(scope, construct_id, "default_volume_size", default_volume_size or Size.gibibytes(5))
        most = check_gib(scope, construct_id, "maximum_volume_size", maximum_volume_size or Size.gibibytes(100))
        _check_order(scope, construct_id, idle=(idle, longest), gib=(gib, most))
        _check_space_role(scope, construct_id, space_role)
        super().__init__(scope, construct_id)
        require_studio_services(vpc, by=self)
        group = StudioSecurityGroup(self, "SecurityGroup", vpc_id=vpc.vpc_id)
        role = _default_role(self, permissions_boundary)
        key_arn = encryption_key.key_arn
        name = domain_name or Names.unique_resource_name(self, max_length=63, separator="-")
        groups = [vpc.workload_security_group.security_group_id, group.security_group_id]
        own_tags = {**(tags or {}), DOMAIN_TAG: name}
        resource = sagemaker.CfnDomain(
            self,
            "Resource",
            **domain_properties(
                domain_name=name,
                auth_mode=auth.value,
                vpc_id=vpc.vpc_id,
                subnet_ids=[subnet.subnet_id for subnet in vpc.isolated_subnets],
                security_group_ids=groups,
                kms_key_id=key_arn,
                execution_role_arn=role.role_arn,
                space_role_arn=None if space_role is None else space_role.role_arn,
                instance_type=instance_type,
                idle_minutes=idle,
                longest_idle_minutes=longest,
                default_volume_gib=gib,
                maximum_volume_gib=most,
                tags=own_tags,
                lifecycles=[(each.app, each.studio_lifecycle_config_arn) for each in lifecycles],
                custom_images=[(each.app, each.image_name, each.app_image_config_name) for each in images],
                sharing_path=None if output_bucket is None else f"s3://{output_bucket.bucket_name}/{OUTPUT_PREFIX}",
                sharing_key_id=None if output_bucket is None else key_arn,
                docker_access=docker_access is not None,
                hidden_app_types=hidden_app_types,
                hidden_ml_tools=hidden_ml_tools,
            ),
        )
        claim(resource, self.CONTROLS, {"MLG-STU-03": docker_access, "MLG-STU-08": replace_domain})
        # Tags of the app and of stages are kept off: a changed one has replaced the domain.
        resource.add_property_override("Tags", [{"Key": key, "Value": own_tags[key]} for key in sorted(own_tags)])
        resource.cfn_options.update_replace_policy = CfnDeletionPolicy.RETAIN
        resource.cfn_options.deletion_policy = CfnDeletionPolicy.DELETE
        resource.add_metadata(METADATA_KEY, name if fingerprint is None else fingerprint.name)
        # The key must have its policy (aws-cdk#34818), the group its rules, an image its version, before.
        for needed in (encryption_key, *group.rules, *images, *((space_role.rights,) if space_role else ())):
            resource.node.add_dependency(needed)
        self._guard(fingerprint, replace_domain)
        self.teardown = StudioTeardown(
            self,
            "Teardown",
            domain_id=resource.ref,
            domain_arn=resource.attr_domain_arn,
            home_file_system_id=resource.attr_home_efs_file_system_id,
            vpc=vpc,
            encryption_key=encryption_key,
            permissions_boundary=permissions_boundary,
            removal_policy=home_removal_policy,
            backup_vault=backup_vault,
        )
        self.auth = auth
        self.vpc = vpc
        self.space_role = space_role
        self.allowed_instance_types = tuple(allowed_instance_types)
        self.default_volume_gib = gib
        self.maximum_volume_gib = most
        self.idle_minutes = idle
        self.longest_idle_minutes = longest
        self.connections = ec2.Connections(
            security_groups=[
                vpc.workload_security_group,
                ec2.SecurityGroup.from_security_group_id(
                    self, "Group", group.security_group_id, allow_all_outbound=False
                ),
            ]
        )
        self.domain_name = name
        self.domain_id = resource.ref
        self.domain_arn = resource.attr_domain_arn
        self.home_file_system_id = resource.attr_home_efs_file_system_id

    def delete_before(self, resident: CfnResource) -> None:
        """Let the teardown end what runs for a user profile or in a space before that is deleted.

        CloudFormation deletes in the reverse order of creation, and it cannot delete a profile
        whose apps run (cloudformation-coverage-roadmap#1754). ``UserProfile`` and
        ``StudioSpace`` call it; those of another stack go before the domain's stack anyway.

        Args:
            resident: The user profile or space.
        """
        if Stack.of(resident) is Stack.of(self):
            self.teardown.node.add_dependency(resident)

    def _guard(self, fingerprint: DomainFingerprint | None, replace_domain: Relaxation | None) -> None:
        if fingerprint is None or fingerprint.recorded is None:
            where = "" if fingerprint is None else f" in {fingerprint.path}"
            Annotations.of(self).add_warning_v2(
                NOT_RECORDED,
                f"The Studio domain is not recorded{where}: nothing notices when a change would replace it. Give "
                "fingerprint=DomainFingerprint.from_directory(...), run mlgov studio record and commit the file.",
            )
        elif replace_domain is None:
            Validations.of(self).add_plugins(DomainGuard(Stack.of(self).template_file, fingerprint))


def _default_role(scope: Construct, permissions_boundary: iam.IManagedPolicy) -> iam.Role:
    """The role of whoever has no role: SageMaker wants one, and it may do nothing."""
    conditions = {"StringEquals": {"aws:SourceAccount": aws_tokens().account}}
    sagemaker_service = iam.ServicePrincipal(service_principal("sagemaker"), conditions=conditions)
    role = iam.Role(
        scope,
        "DefaultRole",
        assumed_by=sagemaker_service,
        description="Default execution role of a Studio domain: it has no rights",
        permissions_boundary=permissions_boundary,
    )
    if role.assume_role_policy is not None:
        role.assume_role_policy.add_statements(
            iam.PolicyStatement(actions=["sts:SetSourceIdentity"], principals=[sagemaker_service])
        )
    claim(role, (*GovernedRole.CONTROLS, "MLG-IDN-03"))
    return role


def _check_order(scope: Construct, construct_id: str, *, idle: tuple[int, int], gib: tuple[float, float]) -> None:
    if idle[0] > idle[1]:
        raise ConstructError(
            scope,
            construct_id,
            f"idle_shutdown of {idle[0]} minutes is longer than longest_idle of {idle[1]}",
            "Raise longest_idle, or leave it out.",
        )
    if gib[0] > gib[1]:
        raise ConstructError(
            scope,
            construct_id,
            f"default_volume_size of {gib[0]:g} GiB is larger than maximum_volume_size of {gib[1]:g} GiB",
            "Raise maximum_volume_size.",
        )


def _check_space_role(scope: Construct, construct_id: str, role: JobRole | None) -> None:
    if role is not None and role.job is not JobType.STUDIO:
        raise ConstructError(
            scope,
            construct_id,
            f"space_role is for {role.job.value}, so Studio could not run apps under it",
            "Give a JobRole of type STUDIO.",
        )
