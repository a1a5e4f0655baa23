"""The product *project*."""

from __future__ import annotations

from mlgov_constructs.catalog.project.project_launch_ceiling import ProjectLaunchCeiling
from mlgov_constructs.catalog.project.project_launch_role import ProjectLaunchRole
from mlgov_constructs.catalog.project.project_product import ProjectProduct
from mlgov_constructs.catalog.project.project_template import ProjectTemplate

__all__ = ["ProjectLaunchCeiling", "ProjectLaunchRole", "ProjectProduct", "ProjectTemplate"]
