"""The product from which a data scientist gets a place to work in Studio."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

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
from mlgov_constructs.catalog.product_history import ProductHistory
from mlgov_constructs.catalog.studio.studio_launch_role import StudioLaunchRole
from mlgov_constructs.catalog.studio.studio_template import StudioLimits, StudioTemplate
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.identity import JobRole, JobType
from mlgov_constructs.workspace import ParameterNames, StudioDomain


class StudioProduct(GovernedProduct):
    """A Service Catalog product that gives a person a user profile and a private space in Studio.

    It creates a ``AWS::ServiceCatalog::CloudFormationProduct`` with every published version and
    the current one, and the launch role. The current version is a template with parameters a
    data scientist understands: project, user name, tool, size, volume, and idle minutes where
    the domain leaves a choice. Profile and space are hardened by the code of ``UserProfile``
    and ``StudioSpace``, and work under the Studio role of the project. Nothing runs until the
    person starts it in Studio.

    **Whose it is.** Only the person whose session carries the user name can open the profile
    (``OpenStudio``), so a name that is not one's own gives nothing to whoever typed it.

    **Terminating.** SageMaker deletes no space in which an app runs: the termination fails, says
    so, and is done again when the app has been stopped in Studio, or has stopped when idle.

    Versions, their history and the launch role are those of a :class:`GovernedProduct`.

    Controls: ``MLG-CAT-02`` (validated versions), ``MLG-CAT-06`` (cost); of what it creates
    ``MLG-STU-09`` and ``MLG-STU-10``; of the launch role ``MLG-IDN-01`` and ``MLG-IDN-03``.

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        names: Where the workspace is written down, ``studio_domain_id`` included.
        domain: The domain; what it allows limits the product.
        studio_roles: The Studio role of each project that may be chosen.
        permissions_boundary: The ceiling of the launch role.
        owner: Who owns the product, as users see it.
        version: The current version: ``v1``, ``v2``, ...
        history: The published versions; none when omitted.
        product_id: What the version files call the product; ``studio`` by default.
        product_name: What users see; ``Studio workspace`` by default.
        description: What users read; a default text when omitted.
        cost: What it costs, after the description; the list prices of ``sizes`` when omitted.
        support_email: Whom users ask.
        sizes: Size to instance type, the first being the default: small, medium and large.
        project_sizes: The sizes that a project may choose, where it may not choose all.
        launch_role_name: A name for the launch role, for a portfolio that is shared.

    Raises:
        ConstructError: A version, project, role or size cannot be used.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/studio-updated-spaces.html

    Cost:
        The catalogue itself is nearly free (0.0007 USD a call beyond 1,000 a month); a space costs
        its volume, and the hours in which its app runs.

    Example:
        ``docs/examples/studio_product.py`` is a complete app.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        names: ParameterNames,
        domain: StudioDomain,
        studio_roles: Sequence[JobRole],
        permissions_boundary: iam.IManagedPolicy,
        owner: str,
        version: str = "v1",
        history: ProductHistory | None = None,
        product_id: str = "studio",
        product_name: str = "Studio workspace",
        description: str = "A user profile and a private space in SageMaker Studio, for JupyterLab or Code Editor. "
        "To end it, stop the app in Studio first; the files of the space go with it.",
        cost: str | None = None,
        support_email: str | None = None,
        sizes: Mapping[str, str] = SIZES,
        project_sizes: Mapping[str, Sequence[str]] | None = None,
        launch_role_name: str | None = None,
    ) -> None:
        size_limits = project_sizes or {}
        projects = [role.project for role in studio_roles]
        check_role_projects(scope, construct_id, "studio_roles", "Studio", projects)
        _check_roles(scope, construct_id, studio_roles)
        check_sizes(scope, construct_id, sizes, domain.allowed_instance_types)
        check_project_sizes(scope, construct_id, size_limits, projects=projects, sizes=list(sizes))
        limits = StudioLimits(
            auth=domain.auth,
            default_gib=domain.default_volume_gib,
            largest_gib=domain.maximum_volume_gib,
            idle_minutes=domain.idle_minutes,
            longest_idle_minutes=domain.longest_idle_minutes,
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
            template=lambda stack, template_id: StudioTemplate(
                stack,
                template_id,
                product_id=product_id,
                version=version,
                names=names,
                projects=projects,
                sizes=sizes,
                limits=limits,
                project_sizes=size_limits,
            ),
            launch_role=lambda product: StudioLaunchRole(
                product,
                "LaunchRole",
                names=names,
                domain_id=domain.domain_id,
                studio_roles=studio_roles,
                permissions_boundary=permissions_boundary,
                role_name=launch_role_name,
            ),
        )


def _cost(sizes: Mapping[str, str]) -> str:
    return (
        f"{hourly_prices(sizes)} an hour while its app runs, and {GIB_MONTH_USD} USD a GB of volume a month; "
        "the profile costs nothing (us-east-1)"
    )


def _check_roles(scope: Construct, construct_id: str, roles: Sequence[JobRole]) -> None:
    if others := [role for role in roles if role.job is not JobType.STUDIO]:
        raise ConstructError(
            scope,
            construct_id,
            f"studio_roles holds a role for {others[0].job.value}, so Studio could not run apps under it",
            "Give JobRoles of type STUDIO.",
        )
