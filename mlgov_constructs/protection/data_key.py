"""The customer managed key of an environment's data."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from aws_cdk import Duration, RemovalPolicy, Token
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from mlgov_constructs.aws_tokens import aws_tokens, service_principal
from mlgov_constructs.controls import claim
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.protection.data_removal import effective_removal_policy, removal_relaxation
from mlgov_constructs.protection.other_accounts import account_principals, check_accounts

VIA_SERVICES = ("s3", "sagemaker", "ec2", "ecr", "elasticfilesystem", "secretsmanager", "ssm")
ADMINISTRATION = (
    "kms:CancelKeyDeletion",
    "kms:CreateAlias",
    "kms:DeleteAlias",
    "kms:DescribeKey",
    "kms:DisableKey",
    "kms:DisableKeyRotation",
    "kms:EnableKey",
    "kms:EnableKeyRotation",
    "kms:GetKeyPolicy",
    "kms:GetKeyRotationStatus",
    "kms:ListGrants",
    "kms:ListKeyPolicies",
    "kms:ListKeyRotations",
    "kms:ListResourceTags",
    "kms:PutKeyPolicy",
    "kms:RevokeGrant",
    "kms:RotateKeyOnDemand",
    "kms:ScheduleKeyDeletion",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:UpdateAlias",
    "kms:UpdateKeyDescription",
)
USE = ("kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey")
PUBLISH = ("kms:Decrypt", "kms:GenerateDataKey*")
SHORTEST_WINDOW, LONGEST_WINDOW = 7, 30
ALIAS = re.compile(r"(?!(alias/)?aws/)[A-Za-z0-9/_-]{1,250}")
SERVICE = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*")


class DataKey(kms.Key):
    """A customer managed key that encrypts data and that nobody may use directly.

    It is a ``kms.Key`` with yearly rotation and a key policy of its own:

    * **administration** for the account (IAM decides who) and for the named administrators,
      without any cryptographic use and without ``kms:*``;
    * **use** for principals of the account that IAM allows, and only through the named
      services (``kms:ViaService``); a direct ``kms:Decrypt`` is refused;
    * **grants** only for AWS resources, through the same services.

    The policy delegates to IAM, so ``grant_*`` in any stack writes to the policy of the
    grantee and never makes a cycle. A service principal gets what it needs by method:
    :meth:`allow_cloud_watch_logs`, :meth:`allow_sns`, :meth:`allow_cloud_trail`,
    :meth:`allow_service`.

    Controls: MLG-PRT-01 (rotation), MLG-PRT-02 (no wildcard), MLG-PRT-03 (bound use),
    MLG-PRT-04 (retained).

    Cost: 1 USD a month, 1 USD more after each of the first two rotations; requests 0.03 USD
    per 10,000, which bucket keys keep low.

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        alias: A name for people, with or without ``alias/``; none when omitted.
        description: What the key protects.
        administrators: Principals that administer the key beside the account; none by default.
        via_services: The services through which principals of the account use the key, by
            the name in their host name.
        pending_window: Between the request to delete the key and its end: 7 to 30 days.
        removal_policy: ``DESTROY`` is honoured only with the context flag
            ``mlgov:allowDataRemoval``; the key is retained otherwise.

    Raises:
        ConstructError: ``alias``, ``via_services`` or ``pending_window`` cannot be used.

    Sources:
        https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html
        https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service

    Example:
        >>> from aws_cdk import App, Stack
        >>> key = DataKey(Stack(App(), "Data"), "Key", alias="mlgov/data")
        >>> key.allow_cloud_watch_logs("/mlgov/*")
    """

    CONTROLS: ClassVar[tuple[str, ...]] = ("MLG-PRT-01", "MLG-PRT-02", "MLG-PRT-03", "MLG-PRT-04")

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        alias: str | None = None,
        description: str | None = None,
        administrators: Sequence[iam.IPrincipal] = (),
        via_services: Sequence[str] = VIA_SERVICES,
        pending_window: Duration | None = None,
        removal_policy: RemovalPolicy = RemovalPolicy.RETAIN,
    ) -> None:
        days = LONGEST_WINDOW if pending_window is None else pending_window.to_days()
        if not SHORTEST_WINDOW <= days <= LONGEST_WINDOW:
            raise ConstructError(
                scope, construct_id, f"pending_window of {days:g} days is out of range", "Use 7 to 30 days."
            )
        if alias is not None and not Token.is_unresolved(alias) and not ALIAS.fullmatch(alias):
            raise ConstructError(
                scope,
                construct_id,
                f"alias {alias!r} is not allowed",
                "Use letters, digits, '/', '_' and '-', and do not begin with aws/.",
            )
        if not via_services or not all(SERVICE.fullmatch(service) for service in via_services):
            raise ConstructError(
                scope,
                construct_id,
                f"via_services {list(via_services)!r} names no service or a wrong one",
                "Name services as their host names do, for example 's3' or 'sagemaker'.",
            )
        effective = effective_removal_policy(scope, construct_id, removal_policy)
        policy = iam.PolicyDocument.from_json({"Version": "2012-10-17", "Statement": _statements(via_services)})
        if administrators:
            policy.add_statements(
                iam.PolicyStatement(
                    sid="AdministrationByName",
                    principals=list(administrators),
                    actions=list(ADMINISTRATION),
                    resources=["*"],
                )
            )
        super().__init__(
            scope,
            construct_id,
            alias=alias,
            description=description,
            enable_key_rotation=True,
            pending_window=Duration.days(LONGEST_WINDOW) if pending_window is None else pending_window,
            policy=policy,
            removal_policy=effective,
        )
        claim(self, self.CONTROLS, {"MLG-PRT-04": removal_relaxation(effective)})

    def allow_cloud_watch_logs(self, log_group_name: str = "*") -> None:
        """Let CloudWatch Logs of this region encrypt log groups of this account.

        Args:
            log_group_name: The name of the log group, or a pattern with ``*``.
        """
        tokens = aws_tokens()
        context = {"kms:EncryptionContext:aws:logs:arn": tokens.arn("logs", f"log-group:{log_group_name}")}
        self._allow(
            f"CloudWatchLogs{_sid(log_group_name)}",
            # The regional principal is a host name, so it follows the suffix of the partition.
            f"logs.{tokens.region}.{tokens.url_suffix}",
            USE,
            {"ArnLike": context},
        )

    def allow_sns(self, publisher: str = "cloudwatch") -> None:
        """Let a service publish to encrypted topics of this account.

        Args:
            publisher: The service that publishes: ``cloudwatch`` for alarms, ``budgets``, ...
        """
        source = aws_tokens().source_arn(publisher)
        self.allow_service(publisher, actions=PUBLISH, source_arn=source)

    def allow_cloud_trail(self, trail_name: str = "*") -> None:
        """Let CloudTrail encrypt the log files of trails of this account.

        Args:
            trail_name: The name of the trail, or a pattern with ``*``.
        """
        trail = aws_tokens().arn("cloudtrail", f"trail/{trail_name}")
        every_region = aws_tokens().arn("cloudtrail", "trail/*", region="*")
        principal = service_principal("cloudtrail")
        sid = f"CloudTrail{_sid(trail_name)}"
        from_trail = {"aws:SourceArn": trail}
        context = {"StringLike": {"kms:EncryptionContext:aws:cloudtrail:arn": every_region}, "ArnLike": from_trail}
        self._allow(f"{sid}Encrypts", principal, ("kms:GenerateDataKey*",), context)
        # A bucket key is decrypted again while it is in use.
        self._allow(f"{sid}Describes", principal, ("kms:DescribeKey", "kms:Decrypt"), {"ArnLike": from_trail})

    def allow_service(
        self,
        service: str,
        *,
        actions: Sequence[str] = PUBLISH,
        source_arn: str | None = None,
    ) -> None:
        """Let a service principal use the key, on behalf of this account only.

        Args:
            service: The service as in its principal, for example ``s3`` or ``delivery.logs``.
            actions: Actions of KMS; those that encrypt through a data key by default.
            source_arn: The resource it acts for, or a pattern with ``*``; any one of the
                account when omitted.

        Raises:
            ConstructError: An action is a wildcard, or the service has no valid name.
        """
        if not SERVICE.fullmatch(service):
            raise ConstructError(self, None, f"service {service!r} is no service name", "Write it as in 's3'.")
        if wild := [action for action in actions if action in ("*", "kms:*")]:
            raise ConstructError(self, None, f"action {wild[0]!r} gives everything away", "Name the actions of KMS.")
        condition: dict[str, Any] = {"StringEquals": {"aws:SourceAccount": aws_tokens().account}}
        if source_arn is not None:
            condition["ArnLike"] = {"aws:SourceArn": source_arn}
        self._allow(f"Service{_sid(service)}", service_principal(service), actions, condition)

    def allow_use_through(self, service: str) -> None:
        """Let principals of the account use the key through one more service, where IAM allows it.

        Args:
            service: The service as in its host name, for example ``codeartifact``.

        Raises:
            ConstructError: The service has no valid name.
        """
        if not SERVICE.fullmatch(service):
            raise ConstructError(
                self, None, f"service {service!r} is no service name", "Write it as in 'codeartifact'."
            )
        for statement in _use_through([service], _sid(service)):
            self.add_to_resource_policy(iam.PolicyStatement.from_json(statement))

    def allow_accounts(
        self,
        accounts: Sequence[str],
        *,
        via_services: Sequence[str] = ("s3", "sagemaker"),
        organization_id: str | None = None,
    ) -> None:
        """Let other accounts decrypt, through services and where their own IAM allows it too.

        Args:
            accounts: The accounts, by their twelve digits.
            via_services: The services, by the name in their host name.
            organization_id: The organisation that the accounts must belong to.

        Raises:
            ConstructError: An account is none, or a service has no valid name.
        """
        check_accounts(self, accounts)
        if not via_services or not all(SERVICE.fullmatch(service) for service in via_services):
            raise ConstructError(
                self, None, f"via_services {list(via_services)!r} names no service or a wrong one", "Use 's3'."
            )
        tokens = aws_tokens()
        via = {"kms:ViaService": [f"{service}.{tokens.region}.{tokens.url_suffix}" for service in via_services]}
        within = {"aws:PrincipalOrgID": organization_id} if organization_id else {}
        statement = {
            "Sid": "ReadByOtherAccounts",
            "Effect": "Allow",
            "Principal": account_principals(accounts),
            "Action": ["kms:Decrypt", "kms:DescribeKey"],
            "Resource": "*",
            "Condition": {"StringEquals": {**via, **within}},
        }
        self.add_to_resource_policy(iam.PolicyStatement.from_json(statement))

    def _allow(self, sid: str, principal: str, actions: Sequence[str], condition: Mapping[str, Any]) -> None:
        statement = {
            "Sid": sid,
            "Effect": "Allow",
            "Principal": {"Service": principal},
            "Action": list(actions),
            "Resource": "*",
            "Condition": condition,
        }
        self.add_to_resource_policy(iam.PolicyStatement.from_json(statement))


def _statements(via_services: Sequence[str]) -> list[dict[str, Any]]:
    administration = {
        "Sid": "AdministrationByAccount",
        "Effect": "Allow",
        "Principal": _account(),
        "Action": list(ADMINISTRATION),
        "Resource": "*",
    }
    return [administration, *_use_through(via_services)]


def _use_through(via_services: Sequence[str], suffix: str = "") -> list[dict[str, Any]]:
    tokens = aws_tokens()
    via = {
        "kms:CallerAccount": tokens.account,
        "kms:ViaService": [f"{service}.{tokens.region}.{tokens.url_suffix}" for service in via_services],
    }
    return [
        {
            "Sid": f"UseThroughServices{suffix}",
            "Effect": "Allow",
            "Principal": _account(),
            "Action": list(USE),
            "Resource": "*",
            "Condition": {"StringEquals": via},
        },
        {
            "Sid": f"GrantsForAwsResources{suffix}",
            "Effect": "Allow",
            "Principal": _account(),
            "Action": ["kms:CreateGrant"],
            "Resource": "*",
            "Condition": {"Bool": {"kms:GrantIsForAWSResource": "true"}, "StringEquals": via},
        },
        {
            # Who makes an online store of features must be able to retire the grant of the store.
            "Sid": f"RetireGrants{suffix}",
            "Effect": "Allow",
            "Principal": _account(),
            "Action": ["kms:RetireGrant"],
            "Resource": "*",
            "Condition": {"StringEquals": via},
        },
    ]


def _account() -> dict[str, str]:
    return {"AWS": aws_tokens().arn("iam", "root", region="")}


def _sid(text: str) -> str:
    """The letters and digits of a name, which is all that a statement id may hold."""
    if Token.is_unresolved(text):
        return ""
    return "".join(part[:1].upper() + part[1:] for part in re.split(r"[^A-Za-z0-9]+", text))
