"""The catalogue: a portfolio, its products, and the versions that were published."""

from __future__ import annotations

from mlgov_constructs.catalog.feature_group import (
    FeatureGroupLaunchRole,
    FeatureGroupProduct,
    FeatureGroupTemplate,
)
from mlgov_constructs.catalog.governed_product import GovernedProduct
from mlgov_constructs.catalog.imported_portfolio import ImportedPortfolio
from mlgov_constructs.catalog.launch_role import LaunchRole
from mlgov_constructs.catalog.ml_portfolio import LaunchableProduct, MlPortfolio
from mlgov_constructs.catalog.model_endpoint import (
    ModelEndpointLaunchRole,
    ModelEndpointProduct,
    ModelEndpointTemplate,
)
from mlgov_constructs.catalog.notebook import NotebookLaunchRole, NotebookProduct, NotebookTemplate
from mlgov_constructs.catalog.organization_share import OrganizationShare
from mlgov_constructs.catalog.portfolio_diff import Change, PortfolioDiff, ProductDiff, ProductState, diff_portfolio
from mlgov_constructs.catalog.product_history import ProductHistory, ProductHistoryError, PublishedVersion
from mlgov_constructs.catalog.product_parameter import ProductParameter
from mlgov_constructs.catalog.product_template import ProductTemplate
from mlgov_constructs.catalog.project import ProjectLaunchCeiling, ProjectLaunchRole, ProjectProduct, ProjectTemplate
from mlgov_constructs.catalog.publication import Publication, publish, publish_portfolios
from mlgov_constructs.catalog.stack_set_deployment import StackSetDeployment
from mlgov_constructs.catalog.studio import StudioLaunchRole, StudioProduct, StudioTemplate
from mlgov_constructs.catalog.template_guard import TemplateGuard
from mlgov_constructs.catalog.training_pipeline import (
    TrainingPipelineLaunchRole,
    TrainingPipelineProduct,
    TrainingPipelineTemplate,
)
from mlgov_constructs.catalog.version_guard import VersionGuard

__all__ = [
    "Change",
    "FeatureGroupLaunchRole",
    "FeatureGroupProduct",
    "FeatureGroupTemplate",
    "GovernedProduct",
    "ImportedPortfolio",
    "LaunchRole",
    "LaunchableProduct",
    "MlPortfolio",
    "ModelEndpointLaunchRole",
    "ModelEndpointProduct",
    "ModelEndpointTemplate",
    "NotebookLaunchRole",
    "NotebookProduct",
    "NotebookTemplate",
    "OrganizationShare",
    "PortfolioDiff",
    "ProductDiff",
    "ProductHistory",
    "ProductHistoryError",
    "ProductParameter",
    "ProductState",
    "ProductTemplate",
    "ProjectLaunchCeiling",
    "ProjectLaunchRole",
    "ProjectProduct",
    "ProjectTemplate",
    "Publication",
    "PublishedVersion",
    "StackSetDeployment",
    "StudioLaunchRole",
    "StudioProduct",
    "StudioTemplate",
    "TemplateGuard",
    "TrainingPipelineLaunchRole",
    "TrainingPipelineProduct",
    "TrainingPipelineTemplate",
    "VersionGuard",
    "diff_portfolio",
    "publish",
    "publish_portfolios",
]
