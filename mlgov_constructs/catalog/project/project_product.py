"""The product from which a platform administrator provisions a project."""

from __future__ import annotations

import re

from aws_cdk import aws_iam as iam
from constructs import Construct

from mlgov_constructs.catalog.governed_product import GovernedProduct
from mlgov_constructs.catalog.product_history import ProductHistory
from mlgov_constructs.catalog.project.project_launch_role import ProjectLaunchRole
from mlgov_constructs.catalog.project.project_template import ProjectTemplate
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.workspace import ParameterNames

# With the project (31), the longest kind of work (13) and two hyphens, a role has up to 64 characters.
NAME_PREFIX = re.compile(r"[a-z][a-z0-9-]{1,16}[a-z0-9]")
MOST_ZONES = 6


class ProjectProduct(GovernedProduct):
    """A Service Catalog product that provisions a project: all that one team has of its own.

    It creates a ``AWS::ServiceCatalog::CloudFormationProduct`` with every published version and
    the current one, and the launch role under a ceiling of its own. A project is

    * a role for each kind of work (training, processing, notebook, pipeline, hosting, monitoring,
      feature store), as ``JobRole`` makes them, under the environment's boundary, with the data
      under the project's prefix in the shared buckets,
    * a monthly budget that writes to its owner (none where AWS Budgets does not exist),
    * a model package group and a feature database, which outlive the product, as does
    * a bucket of its own, if wanted, as ``GovernedBucket`` makes it, and
    * SSM parameters by which the templates of other products find all this.

    It is for platform administrators: put it into a portfolio of their own. Another product
    offers the project once it is among that product's projects, in a new version.

    Versions, their history and the launch role are those of a :class:`GovernedProduct`.

    Controls: ``MLG-CAT-02`` (validated versions); of the project those of the constructs named
    above; of the launch role ``MLG-IDN-01`` and ``MLG-IDN-03``.

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        names: Where the workspace is written down: subnets, group, key, buckets by class of
            data, access-log bucket and boundary.
        name_prefix: What the names of roles and budgets begin with, for example
            ``mlgov-sandbox``: 3 to 18 lower-case letters, digits and hyphens.
        permissions_boundary: The boundary that every role of a project gets.
        owner: Who owns the product, as users see it.
        zones: How many subnets are written down; 1 by default.
        version: The current version: ``v1``, ``v2``, ...
        history: The published versions; none when omitted.
        product_id: What the version files call the product; ``project`` by default.
        product_name: What users see; ``Project`` by default.
        description: What users read; a default text when omitted.
        cost: What it costs, after the description.
        support_email: Whom users ask.
        launch_role_name: A name for the launch role, for a portfolio that is shared.

    Raises:
        ConstructError: The prefix, a version, an address or the number of zones cannot be used.

    Source: https://docs.aws.amazon.com/servicecatalog/latest/adminguide/catalogs_products.html

    Cost: a project itself costs nothing; what it stores and runs does.

    Example:
        ``docs/examples/project_product.py`` is a complete app.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        names: ParameterNames,
        name_prefix: str,
        permissions_boundary: iam.IManagedPolicy,
        owner: str,
        zones: int = 1,
        version: str = "v1",
        history: ProductHistory | None = None,
        product_id: str = "project",
        product_name: str = "Project",
        description: str = "Roles, budget, registry and feature database of a project, and a bucket if you like.",
        cost: str = "nothing by itself; the data it stores and the work it runs are charged to it",
        support_email: str | None = None,
        launch_role_name: str | None = None,
    ) -> None:
        if not NAME_PREFIX.fullmatch(name_prefix):
            raise ConstructError(
                scope,
                construct_id,
                f"name_prefix {name_prefix!r} cannot begin the names of roles",
                "Use 3 to 18 lower-case letters, digits and hyphens, as in 'mlgov-sandbox'.",
            )
        if not 1 <= zones <= MOST_ZONES:
            raise ConstructError(scope, construct_id, f"zones is {zones}", f"Use 1 to {MOST_ZONES}.")
        super().__init__(
            scope,
            construct_id,
            product_id=product_id,
            product_name=product_name,
            owner=owner,
            description=description,
            cost=cost,
            version=version,
            history=history,
            support_email=support_email,
            template=lambda stack, template_id: ProjectTemplate(
                stack,
                template_id,
                product_id=product_id,
                version=version,
                names=names,
                name_prefix=name_prefix,
                zones=zones,
            ),
            launch_role=lambda product: ProjectLaunchRole(
                product,
                "LaunchRole",
                names=names,
                name_prefix=name_prefix,
                permissions_boundary=permissions_boundary,
                role_name=launch_role_name,
            ),
        )
