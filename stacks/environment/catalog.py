"""The Service Catalog portfolio of an environment."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from stacks.environment.settings import Matching, Settings
from stacks.environment.values import AccountId, EmailAddress, OrganizationNode, RolePattern


class SharingSettings(Settings):
    """With whom the portfolio is shared."""

    organization_nodes: tuple[OrganizationNode, ...] = ()
    """The organization or organizational units that see the portfolio; needs `organization_id`."""

    accounts: tuple[AccountId, ...] = ()
    """Single accounts that see the portfolio; each must accept the share."""


Version = Annotated[str, Matching(r"v[1-9][0-9]{0,3}", "a version, such as 'v2'")]


class ProductVersions(Settings):
    """The current version of each product."""

    notebook: Version = "v1"
    """A notebook."""

    studio: Version = "v1"
    """A user profile of Studio with a private space."""

    training_pipeline: Version = "v1"
    """A pipeline that trains and registers a model."""

    model_endpoint: Version = "v1"
    """An endpoint of an approved model."""

    feature_group: Version = "v1"
    """A feature group."""

    project: Version = "v1"
    """A project."""


class CatalogSettings(Settings):
    """The portfolio and the people who use it."""

    provider: Annotated[str, Field(min_length=1, max_length=50)]
    """The team that answers for the products, as the console shows it; up to 50 characters."""

    support_email: EmailAddress
    """Where a data scientist writes for help."""

    data_scientists: tuple[RolePattern, ...] = ()
    """Roles that may provision the products, beside the data scientist role of the environment."""

    versions: ProductVersions = ProductVersions()
    """The current version of each product. A published version never changes: count it up when the sizes or
    limits of the product change."""

    share_with: SharingSettings = SharingSettings()
    """Other accounts that see the portfolio; none unless named."""
