"""The record of what happens in an environment, the alarms on it, its compliance, and the organization's guardrails."""

from mlgov_constructs.governance.audit_event import AuditEvent
from mlgov_constructs.governance.audit_trail import AuditTrail
from mlgov_constructs.governance.compliance_aggregator import ComplianceAggregator
from mlgov_constructs.governance.compliance_rules import ComplianceRules
from mlgov_constructs.governance.configuration_recorder import ConfigurationRecorder
from mlgov_constructs.governance.control_tower_control import ControlTowerControl
from mlgov_constructs.governance.enabled_controls import EnabledControls
from mlgov_constructs.governance.guard_hooks import GuardHooks
from mlgov_constructs.governance.hook_failure_mode import HookFailureMode
from mlgov_constructs.governance.organization_controls import OrganizationControls
from mlgov_constructs.governance.organization_guardrails import OrganizationGuardrails
from mlgov_constructs.governance.recording_frequency import RecordingFrequency
from mlgov_constructs.governance.remediation import Remediation
from mlgov_constructs.governance.required_tag_policies import RequiredTagPolicies
from mlgov_constructs.governance.required_tags import RequiredTags
from mlgov_constructs.governance.security_hub_configuration import SecurityHubConfiguration
from mlgov_constructs.governance.security_hub_standards import SecurityHubStandards
from mlgov_constructs.governance.security_standard import SecurityStandard

__all__ = [
    "AuditEvent",
    "AuditTrail",
    "ComplianceAggregator",
    "ComplianceRules",
    "ConfigurationRecorder",
    "ControlTowerControl",
    "EnabledControls",
    "GuardHooks",
    "HookFailureMode",
    "OrganizationControls",
    "OrganizationGuardrails",
    "RecordingFrequency",
    "Remediation",
    "RequiredTagPolicies",
    "RequiredTags",
    "SecurityHubConfiguration",
    "SecurityHubStandards",
    "SecurityStandard",
]
