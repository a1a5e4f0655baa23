"""How the account of an environment is watched."""

from __future__ import annotations

from aws_cdk import Duration
from constructs import Construct

from mlgov_constructs.controls import ControlException
from mlgov_constructs.governance import (
    ComplianceRules,
    ConfigurationRecorder,
    GuardHooks,
    HookFailureMode,
    RecordingFrequency,
    SecurityHubStandards,
)
from mlgov_constructs.protection import DataClass, GovernedBucket
from stacks.environment import Capability, ComplianceSettings, Environment, ExceptionSettings
from stacks.environment_stack import EnvironmentStack
from stacks.foundation_stack import FoundationStack
from stacks.translation import existing_roles


class ComplianceStack(EnvironmentStack):
    """AWS Config with the catalogue as its rules, Security Hub, and the hooks of CloudFormation.

    It is deployed last: the hooks would look at the other stacks while they are made.

    Args:
        scope: The environment.
        construct_id: The id in the environment.
        environment: What the environment's file says.
        settings: What it says of compliance.
        foundation: The stack with key, boundary and archive of the logs.

    Attributes:
        rules: The conformance pack.
        hooks: The hooks; ``None`` unless the file asks for them, and where the region has none.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: Environment,
        settings: ComplianceSettings,
        foundation: FoundationStack,
    ) -> None:
        super().__init__(scope, construct_id, environment=environment, description="Config, Security Hub and hooks")
        ours = [_exception(each) for each in settings.exceptions if each.control.startswith("MLG-")]
        theirs = [_exception(each) for each in settings.exceptions if not each.control.startswith("MLG-")]
        recorder = self._recorder(environment, settings, foundation) if settings.recorder == "create" else None
        self.rules = ComplianceRules(
            self,
            "Rules",
            recorder=recorder,
            pack_name=f"mlgov-{environment.name}",
            log_retention=Duration.days(environment.governance.trail.retention_days),
            exceptions=ours,
        )
        if settings.security_hub == "create":
            hub = SecurityHubStandards(
                self,
                "SecurityHub",
                encryption_key=foundation.log_key,
                alert_emails=environment.governance.alarm_emails,
                exceptions=theirs,
            )
            if recorder:
                hub.node.add_dependency(recorder)
        self.hooks = (
            GuardHooks(
                self,
                "Hooks",
                encryption_key=foundation.log_key,
                permissions_boundary=foundation.permissions_boundary,
                failure_mode=HookFailureMode(settings.hooks.upper()),
                stack_names=[f"{environment.name}-*", "SC-*"],
                exceptions=[each for each in ours if each.resource == "*"],
                access_log_bucket=foundation.log_archive.access_log_bucket,
            )
            if settings.hooks != "none" and environment.offers(Capability.GUARD_HOOKS)
            else None
        )

    def _recorder(
        self, environment: Environment, settings: ComplianceSettings, foundation: FoundationStack
    ) -> ConfigurationRecorder:
        # AWS Config delivers to no bucket whose objects are locked, as those of the log archive may be.
        bucket = GovernedBucket(
            self,
            "Configuration",
            encryption_key=foundation.log_key,
            data_class=DataClass.LOGS,
            access_log_bucket=foundation.log_archive.access_log_bucket,
            organization_id=environment.organization_id,
            administrators=existing_roles(self, environment.protection.data_administrators),
        )
        return ConfigurationRecorder(
            self,
            "Recorder",
            bucket=bucket,
            encryption_key=foundation.log_key,
            frequency=RecordingFrequency(settings.recording.upper()),
            create_service_linked_role=settings.service_linked_role == "create",
        )


def _exception(settings: ExceptionSettings) -> ControlException:
    return ControlException(
        control=settings.control, reason=settings.reason, expires=settings.expires, resource=settings.resource
    )
