"""The catalogue: a portfolio, its products, and the versions that were published."""

from __future__ import annotations

from mlgov_constructs.catalog.ml_portfolio import LaunchableProduct, MlPortfolio
from mlgov_constructs.catalog.notebook_launch_role import NotebookLaunchRole
from mlgov_constructs.catalog.notebook_product import NotebookProduct
from mlgov_constructs.catalog.notebook_template import NotebookTemplate
from mlgov_constructs.catalog.organization_share import OrganizationShare
from mlgov_constructs.catalog.product_history import ProductHistory, ProductHistoryError, PublishedVersion
from mlgov_constructs.catalog.publication import Publication, publish
from mlgov_constructs.catalog.version_guard import VersionGuard

__all__ = [
    "LaunchableProduct",
    "MlPortfolio",
    "NotebookLaunchRole",
    "NotebookProduct",
    "NotebookTemplate",
    "OrganizationShare",
    "ProductHistory",
    "ProductHistoryError",
    "Publication",
    "PublishedVersion",
    "VersionGuard",
    "publish",
]
