"""The product from which a data scientist provisions a feature group."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import aws_iam as iam
from constructs import Construct

from mlgov_constructs.catalog.feature_group.feature_group_launch_role import FeatureGroupLaunchRole
from mlgov_constructs.catalog.feature_group.feature_group_template import FeatureGroupTemplate
from mlgov_constructs.catalog.governed_product import GovernedProduct
from mlgov_constructs.catalog.product_history import ProductHistory
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.identity import JobEnvironment, JobRole, JobType
from mlgov_constructs.preparation import FeatureDatabase, require_feature_services
from mlgov_constructs.workspace import ParameterNames

COST = (
    "the history what S3 costs, about 0.023 USD a GB and month; the online store, if chosen, 0.45 USD a GB and month, "
    "1.25 USD a million writes and 0.25 USD a million reads (us-east-1)"
)


class FeatureGroupProduct(GovernedProduct):
    """A Service Catalog product that provisions an encrypted feature group for one of its projects.

    It creates a ``AWS::ServiceCatalog::CloudFormationProduct`` with every published version and
    the current one, and the launch role. The form asks for a name, the identifier, the event
    time, and three lists of names: numbers, whole numbers and texts, up to 20 each. The history
    lands in the curated data of the project, with a table in the project's database. Later
    versions of the lists may only add names. Terminating the product deletes the online store;
    the history and its table stay.

    Who may launch the product may act as every project of it; keep one product and portfolio
    for each group of people. Versions, their history and the launch role are those of a
    :class:`GovernedProduct`.

    Controls: ``MLG-CAT-02`` (validated versions); of the feature group ``MLG-PRE-01`` to
    ``MLG-PRE-04``; of the launch role ``MLG-IDN-01`` and ``MLG-IDN-03``.

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        names: Where the workspace is written down: the key, the curated bucket, and for each
            project the feature-store role.
        environment: The network in which features are used, and the key of the stores.
        databases: The database of each project that may be chosen.
        store_roles: The feature-store role of each of these projects.
        permissions_boundary: The ceiling of the launch role.
        owner: Who owns the product, as users see it.
        version: The current version: ``v1``, ``v2``, ...
        history: The published versions; none when omitted.
        product_id: What the version files call the product; ``feature-group`` by default.
        product_name: What users see; ``Feature group`` by default.
        description: What users read; a default text when omitted.
        cost: What it costs, after the description; list prices when omitted.
        support_email: Whom users ask.
        launch_role_name: A name for the launch role, for a portfolio that is shared.

    Raises:
        ConstructError: A version or address cannot be used, or databases and roles are not of
            the same projects.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/feature-store-create-feature-group.html

    Cost:
        The catalogue itself is nearly free; a feature group costs its storage, and its online
        store the requests.

    Example:
        ``docs/examples/feature_group_product.py`` is a complete app.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        names: ParameterNames,
        environment: JobEnvironment,
        databases: Sequence[FeatureDatabase],
        store_roles: Sequence[JobRole],
        permissions_boundary: iam.IManagedPolicy,
        owner: str,
        version: str = "v1",
        history: ProductHistory | None = None,
        product_id: str = "feature-group",
        product_name: str = "Feature group",
        description: str = "Features of your project: their history for training, and if you like the latest online.",
        cost: str = COST,
        support_email: str | None = None,
        launch_role_name: str | None = None,
    ) -> None:
        projects = [database.project for database in databases]
        _check_projects(scope, construct_id, projects, store_roles)
        by_project = {database.project: database.database_name for database in databases}
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
            template=lambda stack, template_id: FeatureGroupTemplate(
                stack, template_id, product_id=product_id, version=version, names=names, databases=by_project
            ),
            launch_role=lambda product: FeatureGroupLaunchRole(
                product,
                "LaunchRole",
                names=names,
                environment=environment,
                databases=databases,
                store_roles=store_roles,
                permissions_boundary=permissions_boundary,
                role_name=launch_role_name,
            ),
        )
        require_feature_services(environment.vpc, by=self)


def _check_projects(
    scope: Construct, construct_id: str, projects: Sequence[str], store_roles: Sequence[JobRole]
) -> None:
    if not projects:
        raise ConstructError(
            scope, construct_id, "databases is empty", "Give the database of each project that may be chosen."
        )
    if other := [role for role in store_roles if role.job is not JobType.FEATURE_STORE]:
        raise ConstructError(
            scope,
            construct_id,
            f"store_roles holds a role for {other[0].job.value}",
            "Give roles with job=JobType.FEATURE_STORE.",
        )
    owners = [role.project for role in store_roles]
    if sorted(owners) != sorted(projects) or len(set(projects)) < len(projects):
        raise ConstructError(
            scope,
            construct_id,
            f"databases are of {', '.join(projects)}, store_roles of {', '.join(owners) or 'no project'}",
            "Give one database and one role for each project.",
        )
