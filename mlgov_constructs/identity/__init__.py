"""Who may do what: the boundary, activities, the personas made of them, and the roles of jobs and people."""

from __future__ import annotations

from mlgov_constructs.identity.data_scientist_role import DataScientistRole
from mlgov_constructs.identity.governed_role import GovernedRole
from mlgov_constructs.identity.job_environment import JobEnvironment
from mlgov_constructs.identity.job_role import JobRole
from mlgov_constructs.identity.job_type import JobType
from mlgov_constructs.identity.permissions_boundary import PermissionsBoundary
from mlgov_constructs.identity.persona import Persona
from mlgov_constructs.identity.persona_permission_set import PersonaPermissionSet
from mlgov_constructs.identity.persona_role import PersonaRole
from mlgov_constructs.identity.project import DEPLOYED_TAG, PROJECT_PATTERN, PROJECT_TAG, USER_TAG

__all__ = [
    "DEPLOYED_TAG",
    "PROJECT_PATTERN",
    "PROJECT_TAG",
    "USER_TAG",
    "DataScientistRole",
    "GovernedRole",
    "JobEnvironment",
    "JobRole",
    "JobType",
    "PermissionsBoundary",
    "Persona",
    "PersonaPermissionSet",
    "PersonaRole",
]
