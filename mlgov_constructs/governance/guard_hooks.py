"""The rules of the catalogue, before CloudFormation acts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from importlib import resources
from typing import Any, ClassVar

from aws_cdk import Aws, CfnGuardHook, CustomResource, Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from constructs import Construct

from mlgov_constructs.argument_types import checked_arguments
from mlgov_constructs.aws_tokens import aws_tokens, service_principal
from mlgov_constructs.controls import CATALOGUE, Control, ControlException, claim, record_exceptions
from mlgov_constructs.controls.control_exception import EVERYTHING
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.governance.hook_failure_mode import HookFailureMode
from mlgov_constructs.governance.hook_rules import hook_rule
from mlgov_constructs.identity import GovernedRole
from mlgov_constructs.identity.grants import statement
from mlgov_constructs.inline_function import InlineFunction, write_own_log
from mlgov_constructs.protection import DataKey, GovernedBucket

ALIAS = re.compile(r"(?!AWS::)[A-Za-z0-9]{2,64}::[A-Za-z0-9]{2,64}")
# The CDK's bootstrap stack, and what AWS Control Tower deploys.
OTHERS_STACKS = ("CDKToolkit", "StackSet-AWSControlTower*")
MOST_STACK_NAMES = 50
STACKS, CLOUD_CONTROL = "Stacks", "CloudControl"
TIMEOUT_SECONDS = 120
# CloudFormation hands the rules to a function, which takes 256 KiB with everything around them.
LONGEST_RULES = 240_000


@checked_arguments
class GuardHooks(Construct):
    """Hooks of CloudFormation that run the catalogue's rules on every stack of the account and region.

    It creates a bucket with versions, a custom resource that lays the rules into it, a role that
    may read them, and up to two Guard hooks, each pinned to the version of its rules:

    * on **stacks**: every rule, on the template that was handed in, before anything is made;
    * on the **Cloud Control API** (``cloud_control``): the rules that say something of a resource by
      itself. What needs a bucket's policy or a deletion policy to judge is left out.

    The hooks stand aside for this stack, so that they can be mended, and for those that AWS and the
    CDK put there. A resource whose template records a reasoned deviation is overlooked; whoever may
    write templates may write one, and ``mlgov check`` shows it. Begin with ``WARN``: a rule holds for
    anyone's stack, and stacks of others in the account were never written for it.

    Controls: MLG-GOV-14; those of :class:`~mlgov_constructs.protection.GovernedBucket` and
    :class:`~mlgov_constructs.identity.GovernedRole` in its parts.

    Cost: hooks of AWS are free; a few kilobytes of storage.

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        encryption_key: The key of bucket and log. A :class:`~mlgov_constructs.protection.DataKey` is
            told by itself to admit CloudWatch Logs.
        permissions_boundary: The boundary of the two roles.
        failure_mode: Whether the hooks warn or refuse.
        alias: What the names of the hooks begin with, ``Organization::Service``; one account and
            region has each alias once.
        controls: Ids of the controls; all when omitted.
        exceptions: Controls that the hooks do not check, until when, and why; for every resource only.
        honours_deviations: Whether a resource may deviate with the reason that its template records.
        cloud_control: Whether the Cloud Control API is watched too.
        stack_names: The stacks to watch, with ``*`` for any characters; all when empty.
        excluded_stack_names: The stacks to leave alone, this one besides.
        report_bucket: Where the hooks write what they found, encrypted with its own key; nowhere
            but to the events of the stack when omitted. It must not be bound to VPC endpoints.
        access_log_bucket: Where the access log of the bucket goes.

    Raises:
        ConstructError: The alias, a control or an exception cannot be used, or there are too many names.

    Source: https://docs.aws.amazon.com/cloudformation-cli/latest/hooks-userguide/guard-hooks.html

    Example:
        >>> from aws_cdk import App, Stack
        >>> from mlgov_constructs.identity import PermissionsBoundary
        >>> stack = Stack(App(), "Governance")
        >>> hooks = GuardHooks(
        ...     stack,
        ...     "Hooks",
        ...     encryption_key=DataKey(stack, "Key"),
        ...     permissions_boundary=PermissionsBoundary(stack, "Boundary"),
        ... )
        >>> hooks.aliases
        ['Mlgov::Guard::Stacks', 'Mlgov::Guard::CloudControl']
    """

    CONTROLS: ClassVar[tuple[str, ...]] = ("MLG-GOV-14",)

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        encryption_key: kms.IKey,
        permissions_boundary: iam.IManagedPolicy,
        failure_mode: HookFailureMode = HookFailureMode.WARN,
        alias: str = "Mlgov::Guard",
        controls: Iterable[str] | None = None,
        exceptions: Sequence[ControlException] = (),
        honours_deviations: bool = True,
        cloud_control: bool = True,
        stack_names: Sequence[str] = (),
        excluded_stack_names: Sequence[str] = OTHERS_STACKS,
        report_bucket: s3.IBucket | None = None,
        access_log_bucket: s3.IBucket | None = None,
    ) -> None:
        checked = _controls(scope, construct_id, controls, exceptions)
        if not ALIAS.fullmatch(alias):
            raise ConstructError(
                scope, construct_id, f"alias {alias!r} is not allowed", "Write it as in 'Organization::Service'."
            )
        rules = {control.id: hook_rule(control, honours_deviations=honours_deviations) for control in checked}
        if (size := len(json.dumps(rules))) > LONGEST_RULES:
            raise ConstructError(
                scope,
                construct_id,
                f"the rules take {size} bytes",
                f"Name fewer controls: {LONGEST_RULES} can be sent.",
            )
        for name, given in (("stack_names", stack_names), ("excluded_stack_names", excluded_stack_names)):
            if len(given) >= MOST_STACK_NAMES:
                raise ConstructError(
                    scope, construct_id, f"{name} has {len(given)} names", f"Name fewer than {MOST_STACK_NAMES}."
                )
        super().__init__(scope, construct_id)
        self._bucket = GovernedBucket(self, "Rules", encryption_key=encryption_key, access_log_bucket=access_log_bucket)
        alone = [control for control in checked if not control.needs_template]
        targets: dict[str, tuple[str, Sequence[Control]]] = {STACKS: ("STACK", checked)}
        if cloud_control and alone:
            targets[CLOUD_CONTROL] = ("CLOUD_CONTROL", alone)
        self._aliases = [f"{alias}::{name}" for name in targets]
        published = self._publish(
            {name: each for name, (_, each) in targets.items()},
            rules,
            encryption_key,
            permissions_boundary,
        )
        role = self._role(targets, encryption_key, permissions_boundary, report_bucket)
        for name, (operation, _) in targets.items():
            hook = CfnGuardHook(
                self,
                name,
                alias=f"{alias}::{name}",
                execution_role=role.role_arn,
                failure_mode=failure_mode.value,
                hook_status="ENABLED",
                rule_location={
                    "uri": f"s3://{self._bucket.bucket_name}/{_key(name)}",
                    "versionId": published.get_att_string(name),
                },
                target_operations=[operation],
                stack_filters=_filters(stack_names, excluded_stack_names) if operation == "STACK" else None,
                log_bucket=None if report_bucket is None else report_bucket.bucket_name,
            )
            # The type of the CDK has either targets or actions in one shape only.
            hook.add_property_override("TargetFilters.Actions", ["CREATE", "UPDATE"])
            hook.node.add_dependency(role.rights)
            claim(hook, self.CONTROLS)
            record_exceptions(hook, exceptions)

    @property
    def aliases(self) -> list[str]:
        """The type names of the hooks."""
        return list(self._aliases)

    @property
    def rule_bucket(self) -> GovernedBucket:
        """The bucket that the rules lie in."""
        return self._bucket

    def _publish(
        self,
        archives: dict[str, Sequence[Control]],
        rules: dict[str, str],
        encryption_key: kms.IKey,
        permissions_boundary: iam.IManagedPolicy,
    ) -> CustomResource:
        if isinstance(encryption_key, DataKey):
            encryption_key.allow_cloud_watch_logs()
        log_group = logs.LogGroup(self, "Log", encryption_key=encryption_key, retention=logs.RetentionDays.ONE_YEAR)
        role = GovernedRole(
            self,
            "PublisherRole",
            description="Lays the rules of the hooks into their bucket at deployment",
            assumed_by=iam.ServicePrincipal(service_principal("lambda")),
            permissions_boundary=permissions_boundary,
            statements=[
                write_own_log(log_group),
                statement(["s3:PutObject"], self._objects(archives)),
                statement(["kms:Decrypt", "kms:GenerateDataKey"], encryption_key.key_arn),
            ],
        )
        function = InlineFunction(
            self,
            "Publisher",
            description="Lays the rules of the hooks into their bucket",
            source=resources.files(__package__).joinpath("provider", "guard_rules.py").read_text("utf-8"),
            role=role,
            rights=role.rights,
            log_group=log_group,
            timeout=Duration.seconds(TIMEOUT_SECONDS),
        )
        published = CustomResource(
            self,
            "Published",
            service_token=function.function_arn,
            resource_type="Custom::GuardRules",
            service_timeout=Duration.minutes(5),
            properties={
                "Bucket": self._bucket.bucket_name,
                "Archives": {
                    name: {"Key": _key(name), "Controls": [control.id for control in each]}
                    for name, each in archives.items()
                },
                "Rules": rules,
            },
        )
        if self._bucket.policy is not None:
            published.node.add_dependency(self._bucket.policy)
        return published

    def _objects(self, names: Iterable[str]) -> list[str]:
        return [self._bucket.arn_for_objects(_key(name)) for name in names]

    def _role(
        self,
        names: Iterable[str],
        encryption_key: kms.IKey,
        permissions_boundary: iam.IManagedPolicy,
        report_bucket: s3.IBucket | None,
    ) -> GovernedRole:
        tokens = aws_tokens()
        types = [
            tokens.arn("cloudformation", f"type/hook/{name.replace('::', '-')}{version}")
            for name in self._aliases
            for version in ("", "/*")
        ]
        trusted = {"StringEquals": {"aws:SourceAccount": tokens.account}, "ArnLike": {"aws:SourceArn": types}}
        role = GovernedRole(
            self,
            "Role",
            description="Lets the hooks of CloudFormation read their rules",
            assumed_by=iam.CompositePrincipal(
                *(
                    iam.ServicePrincipal(service_principal(f"{part}.cloudformation"), conditions=trusted)
                    for part in ("hooks", "resources")
                )
            ),
            permissions_boundary=permissions_boundary,
            statements=[
                statement(["s3:ListBucket"], self._bucket.bucket_arn),
                statement(["s3:GetObject", "s3:GetObjectVersion"], self._objects(names)),
                statement(["kms:Decrypt"], encryption_key.key_arn),
            ],
        )
        if report_bucket is not None:
            report_bucket.grant_put(role)
        return role


def _key(name: str) -> str:
    return f"rules/{name}.zip"


def _filters(stack_names: Sequence[str], excluded: Sequence[str]) -> dict[str, Any]:
    # A hook that refuses the stack that it comes from could not be mended by it.
    names: dict[str, Any] = {"exclude": [Aws.STACK_NAME, *excluded]}
    if stack_names:
        names["include"] = list(stack_names)
    return {"filteringCriteria": "ALL", "stackNames": names}


def _controls(
    scope: Construct, construct_id: str, controls: Iterable[str] | None, exceptions: Sequence[ControlException]
) -> list[Control]:
    wanted = list(CATALOGUE if controls is None else dict.fromkeys(controls))
    for control in (*wanted, *(each.control for each in exceptions)):
        if control not in CATALOGUE:
            raise ConstructError(
                scope, construct_id, f"the control {control!r} is unknown", "Use an id that 'mlgov controls' lists."
            )
    for exception in exceptions:
        if exception.resource != EVERYTHING:
            raise ConstructError(
                scope,
                construct_id,
                f"the exception to {exception.control} is for {exception.resource}, and a hook knows no resource yet",
                "Relax the construct, or leave the resource out for every one.",
            )
    spared = {each.control for each in exceptions}
    checked = [CATALOGUE[control] for control in wanted if control not in spared]
    if not checked:
        raise ConstructError(scope, construct_id, "nothing is left to check", "Name a control without an exception.")
    return checked
