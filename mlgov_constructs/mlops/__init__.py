"""From data to an approved model: the registry and the pipelines."""

from __future__ import annotations

from mlgov_constructs.mlops.model_package_group_properties import model_package_group_properties

__all__ = ["model_package_group_properties"]
