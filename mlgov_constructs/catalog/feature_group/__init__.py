"""The product *feature group*."""

from __future__ import annotations

from mlgov_constructs.catalog.feature_group.feature_group_launch_role import FeatureGroupLaunchRole
from mlgov_constructs.catalog.feature_group.feature_group_product import FeatureGroupProduct
from mlgov_constructs.catalog.feature_group.feature_group_template import FeatureGroupTemplate

__all__ = ["FeatureGroupLaunchRole", "FeatureGroupProduct", "FeatureGroupTemplate"]
