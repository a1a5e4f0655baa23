"""The product *Studio workspace*."""

from __future__ import annotations

from mlgov_constructs.catalog.studio.studio_launch_role import StudioLaunchRole
from mlgov_constructs.catalog.studio.studio_product import StudioProduct
from mlgov_constructs.catalog.studio.studio_template import StudioTemplate

__all__ = ["StudioLaunchRole", "StudioProduct", "StudioTemplate"]
