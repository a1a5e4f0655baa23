"""Evidence in OSCAL, NIST's language for controls and assessments. Needs the extra ``evidence``."""

from mlgov_constructs.evidence.oscal.oscal_documents import oscal_documents
from mlgov_constructs.evidence.oscal.reference_check import reference_problems

__all__ = ["oscal_documents", "reference_problems"]
