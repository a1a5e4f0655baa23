"""The record of what happens in an environment, and the alarms on it."""

from mlgov_constructs.governance.audit_event import AuditEvent
from mlgov_constructs.governance.audit_trail import AuditTrail

__all__ = ["AuditEvent", "AuditTrail"]
