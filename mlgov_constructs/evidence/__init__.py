"""What an auditor gets: what the templates of an environment prove, collected and written.

It stands beside the house, as the command line does: it reads templates, claims and reports, and
imports no construct.
"""

from mlgov_constructs.evidence.cloud_assembly import EvidenceError
from mlgov_constructs.evidence.collect import collect
from mlgov_constructs.evidence.evidence import ControlEvidence, ControlStatus, Evidence

__all__ = ["ControlEvidence", "ControlStatus", "Evidence", "EvidenceError", "collect"]
