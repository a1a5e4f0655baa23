"""The catalogue of controls as rules of AWS Config."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from aws_cdk import Duration, Names
from aws_cdk import aws_config as config
from aws_cdk import aws_iam as iam
from constructs import Construct

from mlgov_constructs.argument_types import checked_arguments
from mlgov_constructs.aws_tokens import aws_tokens, service_principal
from mlgov_constructs.controls import (
    CATALOGUE,
    ControlException,
    DetectiveRule,
    detective_rules,
    record_exceptions,
)
from mlgov_constructs.controls.control_exception import EVERYTHING
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.governance.configuration_recorder import ConfigurationRecorder
from mlgov_constructs.governance.conformance_pack import LONGEST_TEMPLATE, MOST_RULES, ROLE_PARAMETER, pack_template
from mlgov_constructs.governance.remediation import RUNBOOK_ACTIONS, Remediation
from mlgov_constructs.identity import GovernedRole, PermissionsBoundary

PACK_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,50}")
NOTEBOOK_PLATFORMS = ("notebook-al2023-v1",)


@checked_arguments
class ComplianceRules(Construct):
    """A conformance pack that watches, in the account, what the catalogue demands of templates.

    It creates one conformance pack: the managed rules of AWS Config that the controls' mappings
    name, and a Guard policy for the controls that have none and whose resources AWS Config
    records. A control that neither can watch is left to Security Hub or to the rule on templates;
    ``docs/compliance.md`` says how to list them.

    An exception for every resource takes the rules of its control out of the pack. AWS Config
    knows no exception for one resource, so one for a resource is recorded for the auditor, and the
    resource stays non-compliant.

    Controls: ``MLG-IDN-01`` and its like in the role that remediations need.

    Cost: 0.001 USD for each evaluation of the first 100,000 a month; a runbook's first 100,000
    steps a month are free.

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        recorder: The recorder to wait for; one that exists already when omitted.
        controls: Ids of the controls to watch; all that can be watched when omitted.
        pack_name: The name of the pack, up to 51 letters, digits and ``-``; made of the construct path when omitted.
        log_retention: How long log groups must keep events.
        notebook_platforms: The platforms that notebooks may run.
        exceptions: What was granted, until when, and why.
        remediations: What AWS Config offers to set right; nothing by default.
        automatic: Whether it does so without being asked; three times at most.
        permissions_boundary: The boundary of the role that sets things right; needed with
            ``remediations``, and with ``ssm:StartAutomationExecution`` and
            ``ssm:GetAutomationExecution`` among its ``additional_actions``.

    Raises:
        ConstructError: A control is unknown or nothing can watch it, the name cannot be used,
            a remediation lacks its rule or the boundary, or the pack is larger than AWS allows.

    Sources:
        https://docs.aws.amazon.com/config/latest/developerguide/conformance-packs.html
        https://docs.aws.amazon.com/config/latest/developerguide/evaluate-config_develop-rules_cfn-guard.html

    Example:
        >>> from aws_cdk import App, Stack
        >>> rules = ComplianceRules(Stack(App(), "Governance"), "Rules", controls=["MLG-PRT-01"])
        >>> [rule.identifier for rule in rules.rules]
        ['CMK_BACKING_KEY_ROTATION_ENABLED']
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        recorder: ConfigurationRecorder | None = None,
        controls: Iterable[str] | None = None,
        pack_name: str | None = None,
        log_retention: Duration | None = None,
        notebook_platforms: Sequence[str] = NOTEBOOK_PLATFORMS,
        exceptions: Sequence[ControlException] = (),
        remediations: Iterable[Remediation] = (),
        automatic: bool = False,
        permissions_boundary: iam.IManagedPolicy | None = None,
    ) -> None:
        if pack_name is not None and not PACK_NAME.fullmatch(pack_name):
            raise ConstructError(
                scope,
                construct_id,
                f"pack_name {pack_name!r} is not allowed",
                "Use a letter, then up to 50 letters, digits and '-'.",
            )
        rules = _rules(scope, construct_id, controls, exceptions)
        remedies = list(dict.fromkeys(remediations))
        _check_remedies(scope, construct_id, rules, remedies, permissions_boundary)
        if not notebook_platforms:
            raise ConstructError(scope, construct_id, "notebook_platforms is empty", "Name one at least.")
        settings = {"notebook_platforms": ",".join(notebook_platforms)}
        if log_retention is not None:
            settings["log_retention_days"] = f"{_days(scope, construct_id, log_retention)}"
        body = pack_template(rules, settings, remedies, automatic=automatic)
        if len(body) > LONGEST_TEMPLATE or len(rules) > MOST_RULES:
            raise ConstructError(
                scope,
                construct_id,
                f"the conformance pack has {len(rules)} rules and {len(body)} bytes",
                f"AWS Config allows {MOST_RULES} and {LONGEST_TEMPLATE}: name fewer controls, in two packs.",
            )
        super().__init__(scope, construct_id)
        self.rules = tuple(rules)
        self._pack = config.CfnConformancePack(
            self,
            "Resource",
            conformance_pack_name=pack_name or Names.unique_resource_name(self, max_length=51, separator="-"),
            template_body=body,
        )
        if remedies and permissions_boundary is not None:
            role = self._remediation_role(remedies, permissions_boundary)
            self._pack.conformance_pack_input_parameters = [
                config.CfnConformancePack.ConformancePackInputParameterProperty(
                    parameter_name=ROLE_PARAMETER, parameter_value=role.role_arn
                )
            ]
            self._pack.node.add_dependency(role.rights)
        if recorder is not None:
            self._pack.node.add_dependency(recorder)
        record_exceptions(self._pack, exceptions)

    @property
    def pack_name(self) -> str:
        """The name of the conformance pack."""
        return self._pack.conformance_pack_name

    def _remediation_role(self, remedies: Sequence[Remediation], boundary: iam.IManagedPolicy) -> GovernedRole:
        tokens = aws_tokens()
        return GovernedRole(
            self,
            "RemediationRole",
            description="Lets the runbooks of AWS Config set right what broke a rule",
            assumed_by=iam.ServicePrincipal(
                service_principal("ssm"),
                conditions={
                    "StringEquals": {"aws:SourceAccount": tokens.account},
                    "ArnLike": {"aws:SourceArn": tokens.arn("ssm", "automation-execution/*")},
                },
            ),
            permissions_boundary=boundary,
            statements=[statement for each in remedies for statement in each.statements()],
        )


def _days(scope: Construct, construct_id: str, log_retention: Duration) -> int:
    days = log_retention.to_days(integral=False)
    if days != int(days) or days < 1:
        raise ConstructError(
            scope, construct_id, f"log_retention of {days:g} days cannot be watched", "Use whole days, 1 or more."
        )
    return int(days)


def _rules(
    scope: Construct, construct_id: str, controls: Iterable[str] | None, exceptions: Sequence[ControlException]
) -> list[DetectiveRule]:
    wanted = list(CATALOGUE if controls is None else dict.fromkeys(controls))
    for control in (*wanted, *(each.control for each in exceptions)):
        if control not in CATALOGUE:
            raise ConstructError(
                scope, construct_id, f"the control {control!r} is unknown", "Use an id that 'mlgov controls' lists."
            )
    spared = {each.control for each in exceptions if each.resource == EVERYTHING}
    watched = detective_rules(CATALOGUE[control] for control in wanted if control not in spared)
    seen = {control for rule in detective_rules(CATALOGUE[each] for each in wanted) for control in rule.controls}
    for control in [] if controls is None else wanted:
        if control not in seen:
            raise ConstructError(
                scope,
                construct_id,
                f"AWS Config has nothing that watches {control}",
                "Leave it out: the rule on templates proves it, and docs/compliance.md says what else does.",
            )
    if not watched:
        raise ConstructError(scope, construct_id, "nothing is left to watch", "Name a control without an exception.")
    return watched


def _check_remedies(
    scope: Construct,
    construct_id: str,
    rules: Sequence[DetectiveRule],
    remedies: Sequence[Remediation],
    boundary: iam.IManagedPolicy | None,
) -> None:
    names = {rule.name for rule in rules}
    for remedy in remedies:
        if remedy.rule not in names:
            raise ConstructError(
                scope,
                construct_id,
                f"the remediation {remedy.value} has no rule in the pack",
                f"Watch {remedy.control}, or leave the remediation out.",
            )
    if remedies and boundary is None:
        raise ConstructError(
            scope, construct_id, "remediations are given without a permissions_boundary", "Pass the boundary."
        )
    if remedies and isinstance(boundary, PermissionsBoundary):
        admitted = set(boundary.admitted_actions)
        if missing := [action for action in RUNBOOK_ACTIONS if action not in admitted]:
            raise ConstructError(
                scope,
                construct_id,
                f"the permissions_boundary does not admit {' and '.join(missing)}, which runbooks need",
                f"Give it additional_actions={RUNBOOK_ACTIONS!r}.",
            )
