"""A governed model card."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from aws_cdk import RemovalPolicy, Resource, Token
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk import aws_sns as sns
from constructs import Construct

from mlgov_constructs.argument_types import checked_arguments
from mlgov_constructs.aws_tokens import aws_tokens
from mlgov_constructs.controls import claim
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.identity import PROJECT_TAG
from mlgov_constructs.identity.activities import Statement
from mlgov_constructs.identity.grants import give, statement
from mlgov_constructs.identity.project import set_own_tags
from mlgov_constructs.mlops.model_card.model_card_content import ModelCardContent
from mlgov_constructs.mlops.model_card.model_card_properties import CONTROLS, model_card_properties, template_content
from mlgov_constructs.mlops.model_card.model_card_status import ModelCardStatus
from mlgov_constructs.mlops.model_registry import ModelRegistry
from mlgov_constructs.mlops.state_change import CARD_CHANGED, SOURCE, pattern, tell_topic
from mlgov_constructs.protection import effective_removal_policy
from mlgov_constructs.protection.data_removal import removal_relaxation

NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")
SEE = ("sagemaker:DescribeModelCard", "sagemaker:ListModelCardVersions")


@checked_arguments
class ModelCard(Resource):
    """What is known of the models of a registry, encrypted, retained and approved by a person.

    It creates a ``AWS::SageMaker::ModelCard``. Its authors write it as code, so that each change is
    reviewed and SageMaker keeps a version of it; it says ``Draft`` or ``PendingReview``. Who decides
    is a principal of :meth:`grant_approve`, who may not register versions in the registry.

    **Why authors get no grant.** IAM knows no condition for the status of a card: whoever may
    change its text in the console may approve it as well. So the right to change a card is given
    to approvers alone.

    Controls: ``MLG-MLO-08`` (encrypted), ``MLG-MLO-09`` (approved by people), ``MLG-MLO-10`` (retained).

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        registry: The registry of the model; the card is of its project.
        content: What the card says.
        encryption_key: The key that encrypts it. Another key makes another card.
        model_version: The version of the model that the card is about; without it the card is
            about the model, whose name it takes from the registry.
        model_card_name: A name of up to 63 letters, digits and hyphens; that of the group, with the
            version, when omitted.
        status: ``DRAFT``, ``PENDING_REVIEW``, or ``ARCHIVED``, after which it can no longer change.
        state_change_topic: Who is told of each change and each decision. An
            :class:`~mlgov_constructs.protection.EncryptedTopic` admits EventBridge by itself.
        removal_policy: ``DESTROY`` is honoured only with the context flag
            ``mlgov:allowDataRemoval``; the card is retained otherwise.

    Raises:
        ConstructError: An argument cannot be used; the message says what to change.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/model-cards.html

    Cost: none; its key 1 USD a month, unless it is shared.

    Example:
        ``docs/examples/registry.py`` is a complete app.
    """

    CONTROLS: ClassVar[tuple[str, ...]] = CONTROLS

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        registry: ModelRegistry,
        content: ModelCardContent,
        encryption_key: kms.IKey,
        model_version: int | None = None,
        model_card_name: str | None = None,
        status: ModelCardStatus = ModelCardStatus.DRAFT,
        state_change_topic: sns.ITopic | None = None,
        removal_policy: RemovalPolicy = RemovalPolicy.RETAIN,
    ) -> None:
        name = model_card_name or "-".join(
            str(part) for part in (registry.model_package_group_name, model_version) if part is not None
        )
        _check_content(scope, construct_id, content, status)
        _check_subject(scope, construct_id, model_version, name)
        super().__init__(scope, construct_id)
        effective = effective_removal_policy(scope, construct_id, removal_policy)
        resource = sagemaker.CfnModelCard(
            self,
            "Resource",
            **model_card_properties(
                project=registry.project,
                model_card_name=name,
                key_arn=encryption_key.key_arn,
                status=status,
            ),
        )
        # Not as a property of the CDK, which takes no number for the value of a metric.
        document = {**content.document(), **_subject(content, registry, model_version)}
        resource.add_property_override("Content", template_content(document))
        resource.apply_removal_policy(effective)
        claim(resource, self.CONTROLS, {"MLG-MLO-10": removal_relaxation(effective)})
        set_own_tags(resource, {PROJECT_TAG: registry.project})
        resource.node.add_dependency(registry.resource)
        self.registry = registry
        self.model_card_name = name
        self._key_arn = encryption_key.key_arn
        if state_change_topic is not None:
            tell_topic(
                self,
                "StateChange",
                topic=state_change_topic,
                event_pattern=pattern(CARD_CHANGED, resources=[self.model_card_arn]),
                description=f"Model card {name} was changed or decided on",
            )

    @property
    def model_card_arn(self) -> str:
        """The ARN of the card."""
        return aws_tokens().arn("sagemaker", f"model-card/{self.model_card_name}")

    def grant_read(self, grantee: iam.IGrantable) -> None:
        """Let a principal of this account read the card and its versions.

        Args:
            grantee: The principal.
        """
        give(grantee, [statement(SEE, self.model_card_arn), self._use_key("kms:Decrypt")])

    def grant_approve(self, grantee: iam.IGrantable) -> None:
        """Let a principal decide on the card, and read it.

        Args:
            grantee: The principal, the role of the persona ``model_approver`` for example.

        Raises:
            ConstructError: The principal may register versions in the registry.
        """
        self.registry.duties.approves(grantee)
        decide = statement([*SEE, "sagemaker:UpdateModelCard"], self.model_card_arn)
        give(grantee, [decide, self._use_key("kms:Decrypt", "kms:GenerateDataKey")])

    def on_state_change(
        self, construct_id: str, *, target: events.IRuleTarget, status: ModelCardStatus | None = None
    ) -> events.Rule:
        """Send an event to a target when the card changes.

        Args:
            construct_id: The id of the rule, in this construct.
            target: A function, a state machine, ...
            status: Only events that say this status; all when omitted.

        Returns:
            The rule.
        """
        return events.Rule(
            self,
            construct_id,
            event_pattern=events.EventPattern(
                source=[SOURCE],
                detail_type=[CARD_CHANGED],
                resources=[self.model_card_arn],
                detail={"ModelCardStatus": [status.value]} if status else None,
            ),
            targets=[target],
        )

    def _use_key(self, *actions: str) -> Statement:
        tokens = aws_tokens()
        via = {"StringEquals": {"kms:ViaService": f"sagemaker.{tokens.region}.{tokens.url_suffix}"}}
        return statement(actions, self._key_arn, via)


def _subject(content: ModelCardContent, registry: ModelRegistry, version: int | None) -> dict[str, Any]:
    """What the card is about: one version, of which SageMaker shows the details, or the model by its name."""
    group = registry.model_package_group_name
    if version is None:
        overview = content.model_overview.document() if content.model_overview else {}
        return {"model_overview": {"model_name": group, **overview}}
    arn = aws_tokens().arn("sagemaker", f"model-package/{group}/{version}")
    details = {"model_package_arn": arn, "model_package_group_name": group, "model_package_version": version}
    return {"model_package_details": details}


def _check_content(scope: Construct, construct_id: str, content: ModelCardContent, status: ModelCardStatus) -> None:
    if problem := next(content.problems(), None):
        raise ConstructError(scope, construct_id, problem, "SageMaker refuses it: write it, or write less.")
    if status is ModelCardStatus.APPROVED:
        raise ConstructError(
            scope,
            construct_id,
            "status Approved would let a template approve what a person must read",
            "Give ModelCardStatus.PENDING_REVIEW, and card.grant_approve to who decides.",
        )


def _check_subject(scope: Construct, construct_id: str, version: int | None, name: str) -> None:
    if version is not None and version < 1:
        raise ConstructError(
            scope, construct_id, f"model_version {version} is no version of a model", "They begin with 1."
        )
    if not Token.is_unresolved(name) and not NAME.fullmatch(name):
        raise ConstructError(
            scope,
            construct_id,
            f"model_card_name {name!r} is no name of a card",
            "Use up to 63 letters, digits and hyphens.",
        )
