"""Deletes what a Studio domain leaves, so that its stack and its VPC can be deleted."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase
from importlib import resources
from typing import Any, ClassVar

from aws_cdk import CustomResource, Duration, RemovalPolicy, Stack
from aws_cdk import aws_backup as backup
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct, IConstruct

from mlgov_constructs.aws_tokens import aws_tokens, service_principal
from mlgov_constructs.controls import claim
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.identity import GovernedRole, PermissionsBoundary
from mlgov_constructs.inline_function import InlineFunction, write_own_log
from mlgov_constructs.network import IIsolatedVpc
from mlgov_constructs.protection import DataKey, effective_removal_policy
from mlgov_constructs.protection.data_key import USE
from mlgov_constructs.workspace.studio.teardown import rights
from mlgov_constructs.workspace.studio.teardown.definition import definition

SHORTEST_MINUTES, LONGEST_MINUTES = 5, 55
# CloudFormation waits at most an hour for a custom resource; the teardown answers before.
SERVICE_TIMEOUT = 3600
PASS_SECONDS = 120
KEY_REUSE_SECONDS = 300


class StudioTeardown(Construct):
    """Takes a Studio domain down when its stack is deleted, and leaves the VPC deletable.

    CloudFormation deletes a domain only when no app, space or user profile is left, and then leaves
    its file system with mount targets and security groups, which keep subnets and VPC from being
    deleted. This construct runs before: it ends every app, deletes every space and user profile of
    the domain, those made by people and by products included, then the domain, the mount targets
    and the security groups. That takes longer than a function may run, so a state machine does it,
    for up to 55 minutes, and answers CloudFormation in every case. It can be run again.

    **The home file system is kept**, detached from the VPC, unless ``removal_policy`` is ``DESTROY``
    and the app sets the context flag ``mlgov:allowDataRemoval``. Without both keys, the role of the
    teardown has no right to delete it. **Nothing happens while the stack is only updated**: a teardown
    that is taken out of the code, and a domain that another one replaces, leave the domain alone.

    It creates two functions of one source, a state machine, their roles and an encrypted log group.
    The functions call public endpoints of AWS and lie in no VPC: a teardown must not depend on the
    network that it clears.

    Controls: ``MLG-STU-20`` (state machine encrypted), ``MLG-STU-21`` (logged), ``MLG-STU-22``
    (traced), ``MLG-PRT-15`` (log group); of the roles those of ``GovernedRole``.

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        domain_id: The domain.
        domain_arn: Its ARN.
        home_file_system_id: Its file system.
        vpc: Its VPC.
        encryption_key: The key of state machine and log; a ``DataKey`` is opened to both by itself.
        permissions_boundary: The ceiling of the roles. A ``PermissionsBoundary`` must admit
            :attr:`BOUNDARY_ACTIONS`, with a vault also :attr:`BACKUP_ACTIONS` and the service
            ``backup``, and with both keys :attr:`DELETION_ACTIONS`.
        removal_policy: Of the file system: ``RETAIN``, the default, or ``DESTROY``.
        backup_vault: Where a recovery point of the file system is made first; none when omitted.
        longest_wait: How long a teardown may take: 5 to 55 minutes, 55 by default.
        log_retention: How long its log is kept; one year by default.

    Raises:
        ConstructError: An argument cannot be used, or the boundary does not admit the teardown.

    Sources:
        https://docs.aws.amazon.com/sagemaker/latest/dg/gs-studio-delete-domain.html
        https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/1085

    Cost: nothing until a stack is deleted, then a few cents. The file system that is kept costs
        0.30 USD a GB and month (us-east-1).

    Example:
        ``docs/examples/studio_teardown.py`` is a complete app.
    """

    STATE_MACHINE_CONTROLS: ClassVar[tuple[str, ...]] = ("MLG-STU-20", "MLG-STU-21", "MLG-STU-22")
    LOG_GROUP_CONTROLS: ClassVar[tuple[str, ...]] = ("MLG-PRT-15",)
    BOUNDARY_ACTIONS: ClassVar[tuple[str, ...]] = rights.BOUNDARY_ACTIONS
    DELETION_ACTIONS: ClassVar[tuple[str, ...]] = rights.DELETION_ACTIONS
    BACKUP_ACTIONS: ClassVar[tuple[str, ...]] = rights.BACKUP_ACTIONS

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        domain_id: str,
        domain_arn: str,
        home_file_system_id: str,
        vpc: IIsolatedVpc,
        encryption_key: kms.IKey,
        permissions_boundary: iam.IManagedPolicy,
        removal_policy: RemovalPolicy | None = None,
        backup_vault: backup.IBackupVault | None = None,
        longest_wait: Duration | None = None,
        log_retention: logs.RetentionDays = logs.RetentionDays.ONE_YEAR,
    ) -> None:
        minutes = LONGEST_MINUTES if longest_wait is None else longest_wait.to_minutes()
        _check_wait(scope, construct_id, minutes)
        requested = RemovalPolicy.RETAIN if removal_policy is None else removal_policy
        _check_removal_policy(scope, construct_id, requested)
        deletes = effective_removal_policy(scope, construct_id, requested) is RemovalPolicy.DESTROY
        _check_boundary(scope, construct_id, permissions_boundary, backup_vault is not None, deletes)
        super().__init__(scope, construct_id)
        if isinstance(encryption_key, DataKey):
            encryption_key.allow_cloud_watch_logs()
            # The same words as those of a LogArchive, so that a key that serves both has one statement.
            encryption_key.allow_service("delivery.logs", actions=USE, source_arn=aws_tokens().arn("logs", "*"))
            encryption_key.allow_use_through("states")
        self._boundary = permissions_boundary
        self._key_arn = encryption_key.key_arn
        self._log_group = logs.LogGroup(self, "Log", encryption_key=encryption_key, retention=log_retention)
        claim(self._log_group, self.LOG_GROUP_CONTROLS)
        file_system_arn = aws_tokens().arn("elasticfilesystem", f"file-system/{home_file_system_id}")
        statements = rights.teardown_statements(
            domain_id=domain_id,
            domain_arn=domain_arn,
            file_system_arn=file_system_arn,
            vpc_id=vpc.vpc_id,
            deletes_file_system=deletes,
        )
        recovery: dict[str, str] = {}
        if backup_vault is not None:
            role_arn = self._backup_role(backup_vault, file_system_arn)
            statements += rights.start_backup_statements(vault_arn=backup_vault.backup_vault_arn, role_arn=role_arn)
            recovery = {"BackupVaultName": backup_vault.backup_vault_name, "BackupRoleArn": role_arn}
        machine_arn = self._state_machine(self._function("Pass", statements), round(minutes * 60))
        start = rights.start_statements(state_machine_arn=machine_arn, stack_id=Stack.of(self).stack_id)
        begin = self._function("Begin", start, {"STATE_MACHINE_ARN": machine_arn})
        self._resource = CustomResource(
            self,
            "Resource",
            service_token=begin,
            resource_type="Custom::StudioTeardown",
            service_timeout=Duration.seconds(SERVICE_TIMEOUT),
            properties={
                "DomainId": domain_id,
                "FileSystemId": home_file_system_id,
                "FileSystemArn": file_system_arn,
                "VpcId": vpc.vpc_id,
                "DeleteFileSystem": deletes,
                "LongestWaitSeconds": round(minutes * 60),
                **recovery,
            },
        )
        self.state_machine_arn = machine_arn
        self.deletes_file_system = deletes

    def run_before(self, *constructs: IConstruct) -> None:
        """Take the domain down before CloudFormation deletes these: user profiles and spaces of the same stack.

        CloudFormation cannot delete a user profile whose apps run. After the teardown it finds it gone.

        Args:
            constructs: What lies in the domain, or what its deletion needs.
        """
        self._resource.node.add_dependency(*constructs)

    def _function(self, name: str, statements: Sequence[Any], environment: dict[str, str] | None = None) -> str:
        role = GovernedRole(
            self,
            f"{name}Role",
            assumed_by=iam.ServicePrincipal(service_principal("lambda")),
            description=f"Teardown of a Studio domain: {name.lower()}",
            permissions_boundary=self._boundary,
            statements=[write_own_log(self._log_group), *statements],
        )
        function = InlineFunction(
            self,
            name,
            description=f"Teardown of a Studio domain: {name.lower()}",
            source=resources.files(__package__).joinpath("handler.py").read_text("utf-8"),
            role=role,
            rights=role.rights,
            log_group=self._log_group,
            timeout=Duration.seconds(PASS_SECONDS),
            environment=environment,
        )
        return function.function_arn

    def _state_machine(self, function_arn: str, longest_wait_seconds: int) -> str:
        role = GovernedRole(
            self,
            "StateMachineRole",
            assumed_by=iam.ServicePrincipal(
                service_principal("states"),
                conditions={"StringEquals": {"aws:SourceAccount": aws_tokens().account}},
            ),
            description="Teardown of a Studio domain: runs one pass after the other",
            permissions_boundary=self._boundary,
            statements=rights.state_machine_statements(function_arn=function_arn, key_arn=self._key_arn),
        )
        machine = sfn.CfnStateMachine(
            self,
            "StateMachine",
            definition_string=definition(function_arn, longest_wait_seconds),
            role_arn=role.role_arn,
            encryption_configuration={
                "type": "CUSTOMER_MANAGED_KMS_KEY",
                "kmsKeyId": self._key_arn,
                "kmsDataKeyReusePeriodSeconds": KEY_REUSE_SECONDS,
            },
            logging_configuration={
                "level": "ALL",
                # The input holds the address at which CloudFormation takes the answer from anyone.
                "includeExecutionData": False,
                "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": self._log_group.log_group_arn}}],
            },
            tracing_configuration={"enabled": True},
        )
        # Step Functions sets up log delivery, and uses the key, in the name of the role when it is created.
        machine.node.add_dependency(role.rights)
        claim(machine, self.STATE_MACHINE_CONTROLS)
        return machine.attr_arn

    def _backup_role(self, vault: backup.IBackupVault, file_system_arn: str) -> str:
        role = GovernedRole(
            self,
            "BackupRole",
            assumed_by=iam.ServicePrincipal(
                service_principal("backup"),
                conditions={"StringEquals": {"aws:SourceAccount": aws_tokens().account}},
            ),
            description="Makes the last recovery point of the home of a Studio domain",
            permissions_boundary=self._boundary,
            statements=rights.backup_statements(vault_arn=vault.backup_vault_arn, file_system_arn=file_system_arn),
        )
        return role.role_arn


def _check_wait(scope: Construct, construct_id: str, minutes: float) -> None:
    if not SHORTEST_MINUTES <= minutes <= LONGEST_MINUTES:
        raise ConstructError(
            scope,
            construct_id,
            f"longest_wait of {minutes:g} minutes is out of range",
            f"Use {SHORTEST_MINUTES} to {LONGEST_MINUTES} minutes: CloudFormation waits for an hour at most.",
        )


def _check_removal_policy(scope: Construct, construct_id: str, requested: RemovalPolicy) -> None:
    if requested not in (RemovalPolicy.RETAIN, RemovalPolicy.DESTROY):
        raise ConstructError(
            scope,
            construct_id,
            f"removal_policy {requested.value} means nothing for the home of a domain",
            "Use RETAIN or DESTROY; a backup_vault makes a recovery point with either.",
        )


def _check_boundary(
    scope: Construct, construct_id: str, boundary: iam.IManagedPolicy, backs_up: bool, deletes: bool
) -> None:
    """Refuse a boundary under which the teardown would fail, years later."""
    if not isinstance(boundary, PermissionsBoundary):
        return
    needed = [*rights.BOUNDARY_ACTIONS]
    needed += rights.BACKUP_ACTIONS if backs_up else ()
    needed += rights.DELETION_ACTIONS if deletes else ()
    admitted = boundary.admitted_actions
    missing = [action for action in needed if not any(fnmatchcase(action, pattern) for pattern in admitted)]
    if missing:
        raise ConstructError(
            scope,
            construct_id,
            f"the boundary of its roles does not admit {', '.join(missing)}",
            f"Make it with additional_actions={(*missing,)!r}.",
        )
    if backs_up and "backup" not in boundary.role_receivers:
        raise ConstructError(
            scope,
            construct_id,
            "the boundary of its roles lets no role be passed to AWS Backup",
            'Make it with additional_role_receivers=("backup",).',
        )
