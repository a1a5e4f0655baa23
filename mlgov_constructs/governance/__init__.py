"""The record of what happens in an environment, the alarms on it, and the guardrails of the organization."""

from mlgov_constructs.governance.audit_event import AuditEvent
from mlgov_constructs.governance.audit_trail import AuditTrail
from mlgov_constructs.governance.organization_guardrails import OrganizationGuardrails
from mlgov_constructs.governance.required_tag_policies import RequiredTagPolicies
from mlgov_constructs.governance.required_tags import RequiredTags

__all__ = ["AuditEvent", "AuditTrail", "OrganizationGuardrails", "RequiredTagPolicies", "RequiredTags"]
