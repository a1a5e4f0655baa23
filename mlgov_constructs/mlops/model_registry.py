"""The registered versions of a model, and who may approve them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar

from aws_cdk import RemovalPolicy, Resource, Token
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk import aws_sns as sns
from constructs import Construct

from mlgov_constructs.argument_types import checked_arguments
from mlgov_constructs.aws_tokens import aws_tokens
from mlgov_constructs.controls import Relaxation, claim
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.identity import PROJECT_TAG
from mlgov_constructs.identity.grants import give
from mlgov_constructs.identity.project import check_project, set_own_tags
from mlgov_constructs.mlops import registry_rights as rights
from mlgov_constructs.mlops.approval_duties import ApprovalDuties
from mlgov_constructs.mlops.approval_status import ApprovalStatus
from mlgov_constructs.mlops.model_package_group_properties import CONTROLS, model_package_group_properties
from mlgov_constructs.mlops.model_stage import ModelStage
from mlgov_constructs.mlops.shared_artifacts import share_images
from mlgov_constructs.mlops.stage_status import StageStatus
from mlgov_constructs.mlops.state_change import SOURCE, VERSION_CHANGED, pattern, send_to_bus, tell_topic
from mlgov_constructs.perimeter import ORGANIZATION_ID
from mlgov_constructs.protection import DataKey, GovernedBucket, effective_removal_policy
from mlgov_constructs.protection.data_removal import removal_relaxation

# In lower case, as an ARN has it, so that policies name it surely.
NAME = re.compile(r"[a-z0-9](-*[a-z0-9]){0,62}")
ACCOUNT = re.compile(r"\d{12}")


@checked_arguments
class ModelRegistry(Resource):
    """The versions of one model: registered by pipelines, approved by people, kept for good.

    It creates a ``AWS::SageMaker::ModelPackageGroup``. The account alone has access unless
    readers are named; readers of other accounts see the versions and serve them, and change
    nothing. Who registers a version gives it the state ``PendingManualApproval``; who approves
    is another principal, which the grants hold.

    Controls: ``MLG-MLO-01`` (shared by name), ``MLG-MLO-02`` (shared to read),
    ``MLG-MLO-03`` (retained), ``MLG-MLO-04`` (belongs to a project).

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        project: The project that the model belongs to.
        model_package_group_name: The name of the group, up to 63 lower-case letters, digits and hyphens;
            that of the project when omitted.
        description: What the model is for.
        reader_accounts: Accounts of staging and production that read the versions.
        organization_id: The organisation that readers must belong to. Without
            ``reader_accounts`` all accounts of the organisation read.
        state_change_topic: Who is told of each new version and each decision. An
            :class:`~mlgov_constructs.protection.EncryptedTopic` admits EventBridge by itself;
            another topic must admit it.
        removal_policy: ``DESTROY`` is honoured only with the context flag
            ``mlgov:allowDataRemoval``; the group is retained otherwise.

    Raises:
        ConstructError: An argument cannot be used; the message says what to change.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/model-registry.html

    Cost: none for the registry; its artifacts cost what S3 costs.

    Example:
        >>> from aws_cdk import App, Stack
        >>> registry = ModelRegistry(Stack(App(), "Models"), "Registry", project="churn")
        >>> registry.model_package_group_name
        'churn'
    """

    CONTROLS: ClassVar[tuple[str, ...]] = CONTROLS

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        project: str,
        model_package_group_name: str | None = None,
        description: str | None = None,
        reader_accounts: Sequence[str] = (),
        organization_id: str | None = None,
        state_change_topic: sns.ITopic | None = None,
        removal_policy: RemovalPolicy = RemovalPolicy.RETAIN,
    ) -> None:
        check_project(scope, construct_id, project)
        name = project if model_package_group_name is None else model_package_group_name
        _check(scope, construct_id, name, reader_accounts, organization_id)
        super().__init__(scope, construct_id)
        effective = effective_removal_policy(scope, construct_id, removal_policy)
        resource = sagemaker.CfnModelPackageGroup(
            self,
            "Resource",
            **model_package_group_properties(
                project=project,
                model_package_group_name=name,
                description=description,
                reader_accounts=reader_accounts,
                organization_id=organization_id,
            ),
        )
        resource.apply_removal_policy(effective)
        claim(resource, self.CONTROLS, {"MLG-MLO-03": removal_relaxation(effective)})
        set_own_tags(resource, {PROJECT_TAG: project})
        self.project = project
        self.model_package_group_name = name
        self.duties = ApprovalDuties(self)
        self.resource = resource
        self._arn = resource.ref
        self._reader_accounts, self._organization_id = list(reader_accounts), organization_id
        if state_change_topic is not None:
            tell_topic(
                self,
                "StateChange",
                topic=state_change_topic,
                event_pattern=pattern(VERSION_CHANGED, detail=self._detail(None)),
                description=f"A version of model {name} was registered or decided on",
            )

    @property
    def model_package_group_arn(self) -> str:
        """The ARN of the group."""
        return self._arn

    def grant_read(self, grantee: iam.IGrantable) -> None:
        """Let a principal of this account see the versions.

        Args:
            grantee: The principal.
        """
        give(grantee, rights.read_statements(self._arn, self._versions))

    def grant_register(self, grantee: iam.IGrantable) -> None:
        """Let a principal register versions, which somebody else approves, and see them.

        Args:
            grantee: The principal, the role of a pipeline for example.

        Raises:
            ConstructError: The principal may approve versions.
        """
        self.duties.registers(grantee)
        self.grant_read(grantee)
        give(grantee, [rights.register_statement(self._versions)])

    def grant_approve(self, grantee: iam.IGrantable) -> None:
        """Let a principal approve and reject versions, and see them.

        Args:
            grantee: The principal, the role of the persona ``model_approver`` for example.

        Raises:
            ConstructError: The principal may register versions.
        """
        self.duties.approves(grantee)
        self.grant_read(grantee)
        give(grantee, [rights.approve_statement(self._versions)])

    def grant_promote(
        self,
        grantee: iam.IGrantable,
        stage: ModelStage,
        *,
        statuses: Sequence[StageStatus] = tuple(StageStatus),
        from_stages: Sequence[ModelStage] = (),
    ) -> None:
        """Let a principal bring versions to a stage of their life, and see them.

        Approval is another right: a request that does both is refused. Who registers brings
        versions no further than to ``QA``, and may propose them for a later stage
        (``statuses=[StageStatus.PENDING_APPROVAL]``).

        Args:
            grantee: The principal.
            stage: The stage.
            statuses: What it may say of versions in the stage.
            from_stages: The stages from which a version may come. When omitted, who decides takes it
                from anywhere, and who does not only from a stage of development.

        Raises:
            ConstructError: The principal may register versions and would decide on a late stage, or
                change what was proposed for one.
        """
        if rights.is_decision(stage, statuses, from_stages):
            self.duties.approves(grantee)
        self.grant_read(grantee)
        give(grantee, [rights.promote_statement(self._versions, stage, statuses, from_stages)])

    def share_artifacts(
        self,
        *,
        bucket: GovernedBucket,
        encryption_key: DataKey,
        prefix: str,
        reason: Relaxation,
        repositories: Sequence[ecr.IRepository] = (),
    ) -> None:
        """Let the reader accounts serve what the versions name: artifacts, their key, images.

        The accounts give their roles the same rights; nobody else of them reads. Versions of
        packages that are encrypted are read with the same key.

        Args:
            bucket: Where the artifacts lie. Its perimeter must be the organisation, and the S3
                endpoints of the readers' VPCs must be among its ``vpc_endpoints``, if it has any.
            encryption_key: The key of the bucket.
            prefix: What of the bucket is read, ``churn/models/`` for example.
            reason: Why other accounts read; the evidence shows it.
            repositories: Where the images lie.

        Raises:
            ConstructError: The registry names no reader accounts, the bucket refuses them, or a
                repository is not of this app.
        """
        if not self._reader_accounts:
            raise ConstructError(
                self, None, "the registry has no reader accounts to share with", "Give it reader_accounts=[...]."
            )
        accounts, organization = self._reader_accounts, self._organization_id
        bucket.grant_read_to_accounts(accounts, prefix=prefix, reason=reason)
        encryption_key.allow_accounts(accounts, organization_id=organization)
        share_images(self, repositories, accounts=accounts, organization_id=organization)

    def on_state_change(
        self, construct_id: str, *, target: events.IRuleTarget, approval_status: ApprovalStatus | None = None
    ) -> events.Rule:
        """Send an event to a target when a version is registered or decided on.

        Args:
            construct_id: The id of the rule, in this construct.
            target: A function, a state machine, a bus of another account, ...
            approval_status: Only events that lead to this state; all when omitted.

        Returns:
            The rule.
        """
        return events.Rule(
            self,
            construct_id,
            event_pattern=events.EventPattern(
                source=[SOURCE],
                detail_type=[VERSION_CHANGED],
                detail=self._detail(approval_status),
            ),
            targets=[target],
        )

    def forward(
        self,
        construct_id: str,
        *,
        event_bus: events.IEventBus,
        permissions_boundary: iam.IManagedPolicy,
        approval_status: ApprovalStatus | None = None,
    ) -> None:
        """Send events to a bus, of the account that serves for example.

        The bus must admit this account (``docs/registry.md``). EventBridge sends with a role
        that can do nothing else.

        Args:
            construct_id: The id of the rule, in this construct.
            event_bus: The bus.
            permissions_boundary: The ceiling of the role.
            approval_status: Only events that lead to this state; all when omitted.
        """
        send_to_bus(
            self,
            construct_id,
            event_bus=event_bus,
            event_pattern=pattern(VERSION_CHANGED, detail=self._detail(approval_status)),
            description=f"What is decided on versions of model {self.model_package_group_name}, for another bus",
            permissions_boundary=permissions_boundary,
        )

    @property
    def _versions(self) -> str:
        return aws_tokens().arn("sagemaker", f"model-package/{self.model_package_group_name}/*")

    def _detail(self, approval_status: ApprovalStatus | None) -> dict[str, list[str]]:
        status = {"ModelApprovalStatus": [approval_status.value]} if approval_status else {}
        return {"ModelPackageGroupName": [self.model_package_group_name], **status}


def _check(
    scope: Construct, construct_id: str, name: str, accounts: Sequence[str], organization_id: str | None
) -> None:
    if not Token.is_unresolved(name) and not NAME.fullmatch(name):
        raise ConstructError(
            scope,
            construct_id,
            f"model_package_group_name {name!r} is no name of a group",
            "Use up to 63 lower-case letters, digits and single hyphens.",
        )
    for account in accounts:
        if not Token.is_unresolved(account) and not ACCOUNT.fullmatch(account):
            raise ConstructError(
                scope, construct_id, f"reader account {account!r} is no account id", "Write its twelve digits."
            )
    if organization_id is not None and not ORGANIZATION_ID.fullmatch(organization_id):
        raise ConstructError(
            scope,
            construct_id,
            f"organization_id {organization_id!r} is none",
            "It looks like o-a1b2c3d4e5 (o- and 10 to 32).",
        )
