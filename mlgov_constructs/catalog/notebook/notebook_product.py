"""The product from which a data scientist provisions a hardened notebook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aws_cdk import Size
from aws_cdk import aws_iam as iam
from constructs import Construct

from mlgov_constructs.catalog.governed_product import GovernedProduct
from mlgov_constructs.catalog.machine_sizes import (
    GIB_MONTH_USD,
    SIZES,
    check_project_sizes,
    check_role_projects,
    check_sizes,
    hourly_prices,
)
from mlgov_constructs.catalog.notebook.notebook_launch_role import NotebookLaunchRole
from mlgov_constructs.catalog.notebook.notebook_template import NotebookTemplate
from mlgov_constructs.catalog.product_history import ProductHistory
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.identity import JobEnvironment, JobRole
from mlgov_constructs.workspace import ParameterNames
from mlgov_constructs.workspace.notebook_properties import INSTANCE_TYPES, LARGEST_GIB, SMALLEST_GIB


class NotebookProduct(GovernedProduct):
    """A Service Catalog product that provisions a hardened notebook for one of its projects.

    It creates a ``AWS::ServiceCatalog::CloudFormationProduct`` with every published version and
    the current one, and the launch role. The current version is a template with four
    parameters a data scientist understands: project, size, volume and Git repository. The
    notebook lands in the isolated subnet of the workspace, with its key and its lifecycle
    configuration, hardened by the code of ``NotebookInstance``, under the notebook role of the
    project.

    Who may launch the product may act as every project of it; keep one product and portfolio
    for each group of people.

    Versions, their history and the launch role are those of a :class:`GovernedProduct`.

    Controls: ``MLG-CAT-02`` (validated versions), ``MLG-CAT-06`` (cost); of the notebook
    ``MLG-WSP-01`` to ``MLG-WSP-08``; of the launch role ``MLG-IDN-01`` and ``MLG-IDN-03``.

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        names: Where the workspace is written down (``WorkspaceParameters``).
        environment: The network and the key of the notebooks.
        notebook_roles: The notebook role of each project that may be chosen.
        permissions_boundary: The ceiling of the launch role.
        owner: Who owns the product, as users see it.
        version: The current version: ``v1``, ``v2``, ...
        history: The published versions; none when omitted.
        product_id: What the version files call the product; ``notebook`` by default.
        product_name: What users see; ``Notebook`` by default.
        description: What users read; a default text when omitted.
        cost: What it costs, after the description; the list prices of ``sizes`` when omitted.
        support_email: Whom users ask.
        sizes: Size to instance type, the first being the default: small, medium and large.
        allowed_instance_types: The instance types that ``sizes`` may name; common ones by default.
        project_sizes: The sizes that a project may choose, where it may not choose all.
        largest_volume: The upper limit of the volume; 500 GiB by default.
        launch_role_name: A name for the launch role, for a portfolio that is shared.

    Raises:
        ConstructError: A version, project, size or limit cannot be used.

    Source: https://docs.aws.amazon.com/servicecatalog/latest/adminguide/catalogs_products.html

    Cost:
        The catalogue itself is nearly free (0.0007 USD a call beyond 1,000 a month); a notebook
        costs its hours and its volume.

    Example:
        ``docs/examples/catalog.py`` is a complete app.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        names: ParameterNames,
        environment: JobEnvironment,
        notebook_roles: Sequence[JobRole],
        permissions_boundary: iam.IManagedPolicy,
        owner: str,
        version: str = "v1",
        history: ProductHistory | None = None,
        product_id: str = "notebook",
        product_name: str = "Notebook",
        description: str = "A JupyterLab notebook in the isolated network, encrypted, that stops when it is idle.",
        cost: str | None = None,
        support_email: str | None = None,
        sizes: Mapping[str, str] = SIZES,
        allowed_instance_types: Sequence[str] = INSTANCE_TYPES,
        project_sizes: Mapping[str, Sequence[str]] | None = None,
        largest_volume: Size | None = None,
        launch_role_name: str | None = None,
    ) -> None:
        limits = project_sizes or {}
        gib = 500 if largest_volume is None else int(largest_volume.to_gibibytes())
        projects = [role.project for role in notebook_roles]
        check_role_projects(scope, construct_id, "notebook_roles", "notebook", projects)
        check_sizes(scope, construct_id, sizes, allowed_instance_types)
        check_project_sizes(scope, construct_id, limits, projects=projects, sizes=list(sizes))
        if not SMALLEST_GIB <= gib <= LARGEST_GIB:
            raise ConstructError(
                scope,
                construct_id,
                f"largest_volume of {gib} GiB is out of range",
                f"Use {SMALLEST_GIB} to {LARGEST_GIB} GiB.",
            )
        super().__init__(
            scope,
            construct_id,
            product_id=product_id,
            product_name=product_name,
            owner=owner,
            description=description,
            cost=_cost(sizes) if cost is None else cost,
            version=version,
            history=history,
            support_email=support_email,
            template=lambda stack, template_id: NotebookTemplate(
                stack,
                template_id,
                product_id=product_id,
                version=version,
                names=names,
                projects=projects,
                sizes=sizes,
                largest_volume_gib=gib,
                project_sizes=limits,
            ),
            launch_role=lambda product: NotebookLaunchRole(
                product,
                "LaunchRole",
                names=names,
                environment=environment,
                notebook_roles=notebook_roles,
                permissions_boundary=permissions_boundary,
                role_name=launch_role_name,
            ),
        )


def _cost(sizes: Mapping[str, str]) -> str:
    return f"{hourly_prices(sizes)} an hour while it runs, and {GIB_MONTH_USD} USD a GB of volume a month (us-east-1)"
