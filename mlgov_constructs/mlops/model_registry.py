"""The registered versions of a model, and who may approve them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, ClassVar

from aws_cdk import RemovalPolicy, Resource, Token
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk import aws_sns as sns
from constructs import Construct

from mlgov_constructs.aws_tokens import aws_tokens
from mlgov_constructs.controls import claim
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.identity import PROJECT_TAG
from mlgov_constructs.identity.project import check_project, set_own_tags
from mlgov_constructs.mlops.approval_status import ApprovalStatus
from mlgov_constructs.mlops.model_package_group_properties import CONTROLS, model_package_group_properties
from mlgov_constructs.perimeter import ORGANIZATION_ID
from mlgov_constructs.protection import EncryptedTopic, effective_removal_policy
from mlgov_constructs.protection.data_removal import removal_relaxation

# In lower case, as an ARN has it, so that policies name it surely.
NAME = re.compile(r"[a-z0-9](-*[a-z0-9]){0,62}")
ACCOUNT = re.compile(r"\d{12}")


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
        self._arn = resource.ref
        self._registrars: list[iam.IPrincipal] = []
        self._approvers: list[iam.IPrincipal] = []
        if state_change_topic is not None:
            self._notify(state_change_topic)

    @property
    def model_package_group_arn(self) -> str:
        """The ARN of the group."""
        return self._arn

    def grant_read(self, grantee: iam.IGrantable) -> None:
        """Let a principal of this account see the versions.

        Args:
            grantee: The principal.
        """
        _allow(grantee, ["sagemaker:DescribeModelPackageGroup"], self._arn)
        see = ["sagemaker:BatchDescribeModelPackage", "sagemaker:DescribeModelPackage", "sagemaker:ListModelPackages"]
        _allow(grantee, see, self._versions)

    def grant_register(self, grantee: iam.IGrantable) -> None:
        """Let a principal register versions, which somebody else approves, and see them.

        Args:
            grantee: The principal, the role of a pipeline for example.

        Raises:
            ConstructError: The principal may approve versions.
        """
        self._keep_apart(grantee, self._approvers, self._registrars)
        self.grant_read(grantee)
        _allow(grantee, ["sagemaker:CreateModelPackage"], self._versions, _status(ApprovalStatus.PENDING))

    def grant_approve(self, grantee: iam.IGrantable) -> None:
        """Let a principal approve and reject versions, and see them.

        Args:
            grantee: The principal, the role of the persona ``model_approver`` for example.

        Raises:
            ConstructError: The principal may register versions.
        """
        self._keep_apart(grantee, self._registrars, self._approvers)
        self.grant_read(grantee)
        decided = _status(ApprovalStatus.APPROVED, ApprovalStatus.REJECTED)
        _allow(grantee, ["sagemaker:UpdateModelPackage"], self._versions, decided)

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
                source=["aws.sagemaker"],
                detail_type=["SageMaker Model Package State Change"],
                detail=self._detail(approval_status),
            ),
            targets=[target],
        )

    @property
    def _versions(self) -> str:
        return aws_tokens().arn("sagemaker", f"model-package/{self.model_package_group_name}/*")

    def _detail(self, approval_status: ApprovalStatus | None) -> dict[str, list[str]]:
        status = {"ModelApprovalStatus": [approval_status.value]} if approval_status else {}
        return {"ModelPackageGroupName": [self.model_package_group_name], **status}

    def _notify(self, topic: sns.ITopic) -> None:
        events.CfnRule(
            self,
            "StateChange",
            description=f"A version of model {self.model_package_group_name} was registered or decided on",
            event_pattern={
                "source": ["aws.sagemaker"],
                "detail-type": ["SageMaker Model Package State Change"],
                "detail": self._detail(None),
            },
            targets=[events.CfnRule.TargetProperty(id="Topic", arn=topic.topic_arn)],
        )
        if isinstance(topic, EncryptedTopic):
            topic.allow_publish("events")

    def _keep_apart(self, grantee: iam.IGrantable, others: Sequence[iam.IPrincipal], own: list[iam.IPrincipal]) -> None:
        principal = grantee.grant_principal
        if principal in others:
            raise ConstructError(
                self,
                None,
                "one principal would register and approve the same versions",
                "Give the approval to another role, whom no pipeline and no data scientist assumes.",
            )
        own.append(principal)


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


def _status(*statuses: ApprovalStatus) -> dict[str, Any]:
    return {"StringEquals": {"sagemaker:ModelApprovalStatus": [status.value for status in statuses]}}


def _allow(grantee: iam.IGrantable, actions: list[str], resource: str, condition: dict[str, Any] | None = None) -> None:
    statement = {
        "Effect": "Allow",
        "Action": actions,
        "Resource": resource,
        **({"Condition": condition} if condition else {}),
    }
    grantee.grant_principal.add_to_principal_policy(iam.PolicyStatement.from_json(statement))
