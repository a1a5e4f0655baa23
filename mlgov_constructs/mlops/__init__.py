"""From data to an approved model: the registry and the pipelines."""

from __future__ import annotations

from mlgov_constructs.mlops.approval_status import ApprovalStatus
from mlgov_constructs.mlops.model_package_group_properties import model_package_group_properties
from mlgov_constructs.mlops.model_registry import ModelRegistry

__all__ = ["ApprovalStatus", "ModelRegistry", "model_package_group_properties"]
