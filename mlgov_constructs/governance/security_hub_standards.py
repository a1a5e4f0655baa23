"""Security Hub: the standards, the exceptions that end, and who hears of findings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from aws_cdk import aws_events as events
from aws_cdk import aws_kms as kms
from aws_cdk import aws_securityhub as securityhub
from constructs import Construct

from mlgov_constructs.argument_types import checked_arguments
from mlgov_constructs.controls import ControlException, Severity, claim, record_exceptions
from mlgov_constructs.controls.control_exception import EVERYTHING
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.governance.security_standard import SecurityStandard
from mlgov_constructs.protection import EncryptedTopic
from mlgov_constructs.protection.encrypted_topic import check_emails

CONTROL_ID = re.compile(r"[A-Za-z][A-Za-z0-9]*\.[0-9]{1,3}")
# A finding that is older than the first day of Security Hub is none.
BEGINNING = "2018-11-28T00:00:00Z"
MOST_EXCEPTIONS = 100
LONGEST_NOTE = 512
LONGEST_DESCRIPTION = 1024
NOTED_BY = "mlgov"


@checked_arguments
class SecurityHubStandards(Construct):
    """The hub of an account and region, its standards, and the way of its findings.

    It creates the hub without AWS's choice of standards, the standards you name, an encrypted
    topic that is told of new findings of the severities you name, a rule that sends others to a
    ticket system, and for each exception an automation rule that suppresses its findings until
    its last day. Findings that are updated later stand again, whether or not anyone deploys;
    the synthesis fails too (:class:`~mlgov_constructs.controls.ExceptionExpiry`). Nothing is
    disabled, so what was suppressed is still on record.

    Security Hub needs AWS Config to record, see
    :class:`~mlgov_constructs.governance.ConfigurationRecorder`.

    Controls: MLG-GOV-11 to MLG-GOV-13, MLG-PRT-16 in its topic.

    Cost: 0.0010 USD for each check of the first 100,000 a month in an account and region; some
    8 to 30 USD a month for an environment of this library.

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        encryption_key: The key of the topic. A :class:`~mlgov_constructs.protection.DataKey` is told
            by itself to admit EventBridge; another key must admit it.
        standards: The standards to check against.
        alert_severities: The severities of which people are told at once.
        alert_emails: Who is told; AWS asks each one to confirm.
        ticket_target: Where findings become tickets, for example a queue or an API destination;
            none when omitted. It brings its own permission to send.
        ticket_severities: The severities that become tickets.
        exceptions: Findings that are accepted until a day, by Security Hub's id of the control
            (``SageMaker.4``) and the ARN of the resource.

    Raises:
        ConstructError: No standard is named, a severity list is empty, an e-mail address is none,
            or an exception names a control that Security Hub cannot know.

    Sources:
        https://docs.aws.amazon.com/securityhub/latest/userguide/automation-rules.html
        https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-cwe-integration-types.html

    Example:
        >>> from aws_cdk import App, Stack
        >>> from mlgov_constructs.protection import DataKey
        >>> stack = Stack(App(), "Governance")
        >>> hub = SecurityHubStandards(stack, "Hub", encryption_key=DataKey(stack, "Key"))
    """

    HUB_CONTROLS: ClassVar[tuple[str, ...]] = ("MLG-GOV-11",)
    EXCEPTION_CONTROLS: ClassVar[tuple[str, ...]] = ("MLG-GOV-12",)
    ROUTE_CONTROLS: ClassVar[tuple[str, ...]] = ("MLG-GOV-13",)

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        encryption_key: kms.IKey,
        standards: Iterable[SecurityStandard] = (SecurityStandard.AI_SECURITY, SecurityStandard.FOUNDATIONAL),
        alert_severities: Iterable[Severity] = (Severity.CRITICAL, Severity.HIGH),
        alert_emails: Sequence[str] = (),
        ticket_target: events.IRuleTarget | None = None,
        ticket_severities: Iterable[Severity] = (Severity.MEDIUM,),
        exceptions: Sequence[ControlException] = (),
    ) -> None:
        check_emails(scope, construct_id, alert_emails)
        chosen = list(dict.fromkeys(standards))
        alerts, tickets = list(dict.fromkeys(alert_severities)), list(dict.fromkeys(ticket_severities))
        for name, given in (("standards", chosen), ("alert_severities", alerts), ("ticket_severities", tickets)):
            if not given:
                raise ConstructError(scope, construct_id, f"{name} is empty", "Name one at least.")
        _check_exceptions(scope, construct_id, exceptions)
        super().__init__(scope, construct_id)
        self._hub = securityhub.CfnHub(
            self,
            "Resource",
            enable_default_standards=False,
            auto_enable_controls=True,
            control_finding_generator="SECURITY_CONTROL",
        )
        claim(self._hub, self.HUB_CONTROLS)
        record_exceptions(self._hub, exceptions)
        self._add_standards(chosen)
        for position, exception in enumerate(exceptions, start=1):
            self._add_exception(position, exception)
        self._topic = EncryptedTopic(
            self, "Findings", encryption_key=encryption_key, display_name="Security findings", emails=alert_emails
        )
        self._topic.allow_publish("events")
        self._tell(alerts)
        if ticket_target is not None:
            rule = events.Rule(
                self,
                "Tickets",
                description="Findings of Security Hub that become tickets",
                event_pattern=events.EventPattern(**_pattern(tickets)),
                targets=[ticket_target],
            )
            claim(rule, self.ROUTE_CONTROLS)

    @property
    def hub_arn(self) -> str:
        """The ARN of the hub."""
        return self._hub.ref

    @property
    def finding_topic(self) -> EncryptedTopic:
        """The topic that is told of findings, for more subscribers."""
        return self._topic

    def _add_standards(self, standards: Sequence[SecurityStandard]) -> None:
        # Security Hub enables one standard at a time.
        before: securityhub.CfnHub | securityhub.CfnStandard = self._hub
        for standard in standards:
            resource = securityhub.CfnStandard(
                self, _camel(standard.name.lower().split("_")), standards_arn=standard.arn
            )
            resource.add_resource_dependency(before)
            before = resource

    def _add_exception(self, position: int, exception: ControlException) -> None:
        end = exception.expires.isoformat()
        criteria: dict[str, Any] = {
            "complianceSecurityControlId": [{"comparison": "EQUALS", "value": exception.control}],
            "updatedAt": [{"start": BEGINNING, "end": f"{end}T23:59:59Z"}],
        }
        if exception.resource != EVERYTHING:
            criteria["resourceId"] = [{"comparison": "EQUALS", "value": exception.resource}]
        note = f"{exception.reason} (until {end})"
        rule = securityhub.CfnAutomationRule(
            self,
            f"Exception{position}",
            rule_name=f"{exception.control} until {end}",
            rule_order=position,
            rule_status="ENABLED",
            description=note[:LONGEST_DESCRIPTION],
            criteria=criteria,
            actions=[
                {
                    "type": "FINDING_FIELDS_UPDATE",
                    "findingFieldsUpdate": {
                        "workflow": {"status": "SUPPRESSED"},
                        "note": {"text": note[:LONGEST_NOTE], "updatedBy": NOTED_BY},
                    },
                }
            ],
        )
        rule.add_resource_dependency(self._hub)
        claim(rule, self.EXCEPTION_CONTROLS)

    def _tell(self, severities: Sequence[Severity]) -> None:
        pattern = _pattern(severities)
        rule = events.CfnRule(
            self,
            "Alerts",
            description="Findings of Security Hub that people are told of",
            event_pattern={
                "source": pattern["source"],
                "detail-type": pattern["detail_type"],
                "detail": pattern["detail"],
            },
            state="ENABLED",
            targets=[{"id": "topic", "arn": self._topic.topic_arn}],
        )
        claim(rule, self.ROUTE_CONTROLS)


def _pattern(severities: Sequence[Severity]) -> dict[str, Any]:
    """New findings that failed and that nobody has dealt with."""
    finding = {
        "Compliance": {"Status": ["FAILED", "WARNING"]},
        "RecordState": ["ACTIVE"],
        "Severity": {"Label": [severity.value.upper() for severity in severities]},
        "Workflow": {"Status": ["NEW"]},
    }
    return {
        "source": ["aws.securityhub"],
        "detail_type": ["Security Hub Findings - Imported"],
        "detail": {"findings": finding},
    }


def _check_exceptions(scope: Construct, construct_id: str, exceptions: Sequence[ControlException]) -> None:
    if len(exceptions) > MOST_EXCEPTIONS:
        raise ConstructError(
            scope,
            construct_id,
            f"{len(exceptions)} exceptions are given, and Security Hub takes {MOST_EXCEPTIONS} automation rules",
            "Meet some of the controls.",
        )
    for exception in exceptions:
        if not CONTROL_ID.fullmatch(exception.control):
            raise ConstructError(
                scope,
                construct_id,
                f"the exception names {exception.control!r}, which is no control of Security Hub",
                "Write its id as in 'SageMaker.4'.",
            )


def _camel(words: Sequence[str]) -> str:
    return "".join(word.capitalize() for word in words)
