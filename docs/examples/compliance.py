"""An account that records itself, is checked every day, and refuses bad stacks before they are made."""

import datetime

from aws_cdk import App, Stack
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_sqs as sqs

from mlgov_constructs.controls import ControlException
from mlgov_constructs.governance import (
    ComplianceAggregator,
    ComplianceRules,
    ConfigurationRecorder,
    GuardHooks,
    HookFailureMode,
    Remediation,
    SecurityHubStandards,
)
from mlgov_constructs.identity import PermissionsBoundary
from mlgov_constructs.protection import DataKey, LogArchive

app = App()
stack = Stack(app, "Compliance")

key = DataKey(stack, "Key")
logs = LogArchive(stack, "Logs", encryption_key=key)
boundary = PermissionsBoundary(
    stack, "Boundary", additional_actions=("ssm:StartAutomationExecution", "ssm:GetAutomationExecution")
)

recorder = ConfigurationRecorder(stack, "Recorder", bucket=logs, encryption_key=key)
ComplianceRules(
    stack,
    "Rules",
    recorder=recorder,
    remediations=[Remediation.CLOSE_DEFAULT_SECURITY_GROUP, Remediation.ENABLE_KEY_ROTATION],
    permissions_boundary=boundary,
    exceptions=[
        ControlException(
            control="MLG-SRV-07",
            reason="Requests hold health data that may not be kept, RISK-27",
            expires=datetime.date(2027, 12, 31),
        )
    ],
)
ComplianceAggregator(stack, "Aggregator")

tickets = sqs.Queue.from_queue_arn(stack, "Tickets", stack.format_arn(service="sqs", resource="tickets"))
SecurityHubStandards(
    stack,
    "SecurityHub",
    encryption_key=key,
    alert_emails=["security@example.org"],
    ticket_target=targets.SqsQueue(tickets),
    exceptions=[
        ControlException(
            control="SageMaker.4",
            resource=stack.format_arn(service="sagemaker", resource="endpoint-config", resource_name="trial"),
            reason="One instance is enough until the launch, RISK-31",
            expires=datetime.date(2027, 3, 31),
        )
    ],
)

GuardHooks(
    stack,
    "Hooks",
    encryption_key=key,
    permissions_boundary=boundary,
    access_log_bucket=logs.access_log_bucket,
    failure_mode=HookFailureMode.FAIL,
    stack_names=["sandbox-*"],
)

app.synth()
