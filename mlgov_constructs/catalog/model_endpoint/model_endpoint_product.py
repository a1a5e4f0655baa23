"""The product from which a data scientist serves an approved model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aws_cdk import aws_iam as iam
from constructs import Construct

from mlgov_constructs.catalog.governed_product import GovernedProduct
from mlgov_constructs.catalog.machine_sizes import (
    check_project_sizes,
    check_role_projects,
    check_sizes,
    hourly_prices,
)
from mlgov_constructs.catalog.model_endpoint.model_endpoint_launch_role import ModelEndpointLaunchRole
from mlgov_constructs.catalog.model_endpoint.model_endpoint_template import ModelEndpointTemplate
from mlgov_constructs.catalog.product_history import ProductHistory
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.identity import JobEnvironment, JobRole, JobType
from mlgov_constructs.instance_types import has_local_storage
from mlgov_constructs.protection import DataClass
from mlgov_constructs.serving import require_serving_services
from mlgov_constructs.serving.instance_types import BURSTABLE, HOURLY_USD, INSTANCE_TYPES
from mlgov_constructs.workspace import ParameterNames

SIZES = {"small": "ml.m5.large", "medium": "ml.m5.xlarge", "large": "ml.m5.2xlarge"}
MOST_INSTANCES = 100


class ModelEndpointProduct(GovernedProduct):
    """A Service Catalog product that serves an approved model of a project.

    It creates a ``AWS::ServiceCatalog::CloudFormationProduct`` with every published version and
    the current one, and the launch role. The current version is a template in which a data
    scientist names project, model version, name, stage, size and number of instances, and how
    many requests are kept. It makes the model, the endpoint, its scaling and the alarm that guards
    its updates, hardened by the code of ``Model`` and ``RealTimeEndpoint``.

    **Only approved models.** The version is one of the project's own group in the registry, and
    SageMaker deploys no version of a group that is not approved; IAM has no condition for it. Who
    may approve is the matter of the registry and of ``Persona.model_approver``.

    Versions, their history and the launch role are those of a :class:`GovernedProduct`.

    Controls: ``MLG-CAT-02`` (validated versions), ``MLG-CAT-06`` (cost); of the endpoint
    ``MLG-SRV-01`` to ``MLG-SRV-10``; of the launch role ``MLG-IDN-01`` and ``MLG-IDN-03``.

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        names: Where the workspace is written down (``WorkspaceParameters`` with ``job_roles``,
            two ``zones``, ``buckets``, ``model_package_groups`` and ``alarm_topic``).
        environment: The network and the key of the endpoints.
        hosting_roles: The hosting role of each project that may be chosen.
        permissions_boundary: The ceiling of the launch role.
        owner: Who owns the product, as users see it.
        version: The current version: ``v1``, ``v2``, ...
        history: The published versions; none when omitted.
        product_id: What the version files call the product; ``model-endpoint`` by default.
        product_name: What users see; ``Model endpoint`` by default.
        description: What users read; a default text when omitted.
        cost: What it costs, after the description; the list prices of ``sizes`` when omitted.
        support_email: Whom users ask.
        sizes: Size to instance type, the first being the default: small, medium and large.
        allowed_instance_types: The instance types that ``sizes`` may name; common ones by default.
        project_sizes: The sizes that a project may choose, where it may not choose all.
        most_instances: The upper limit of the number of instances, 2 to 100; 10 by default.
        data_class: The class of data whose bucket requests and answers are captured in.
        launch_role_name: A name for the launch role, for a portfolio that is shared.

    Raises:
        ConstructError: A version, project, role, size or limit cannot be used.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModelPackage.html

    Cost:
        The catalogue itself is nearly free (0.0007 USD a call beyond 1,000 a month); an endpoint
        costs the hours of its instances, day and night.

    Example:
        ``ModelEndpointProduct(stack, "Endpoints", names=..., environment=..., hosting_roles=[...], ...)``
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        names: ParameterNames,
        environment: JobEnvironment,
        hosting_roles: Sequence[JobRole],
        permissions_boundary: iam.IManagedPolicy,
        owner: str,
        version: str = "v1",
        history: ProductHistory | None = None,
        product_id: str = "model-endpoint",
        product_name: str = "Model endpoint",
        description: str = (
            "An approved model of your registry behind a real-time endpoint in the isolated network, encrypted, "
            "scaled by its requests, with updates that go back when they fail."
        ),
        cost: str | None = None,
        support_email: str | None = None,
        sizes: Mapping[str, str] = SIZES,
        allowed_instance_types: Sequence[str] = INSTANCE_TYPES,
        project_sizes: Mapping[str, Sequence[str]] | None = None,
        most_instances: int = 10,
        data_class: DataClass = DataClass.CURATED,
        launch_role_name: str | None = None,
    ) -> None:
        limits = project_sizes or {}
        projects = [role.project for role in hosting_roles]
        check_role_projects(scope, construct_id, "hosting_roles", "hosting", projects)
        _check_jobs(scope, construct_id, hosting_roles)
        check_sizes(scope, construct_id, sizes, allowed_instance_types)
        _check_machines(scope, construct_id, sizes)
        check_project_sizes(scope, construct_id, limits, projects=projects, sizes=list(sizes))
        if not 2 <= most_instances <= MOST_INSTANCES:
            raise ConstructError(
                scope,
                construct_id,
                f"most_instances {most_instances} is out of range",
                f"Use 2 to {MOST_INSTANCES}: production needs two.",
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
            template=lambda stack, template_id: ModelEndpointTemplate(
                stack,
                template_id,
                product_id=product_id,
                version=version,
                names=names,
                projects=projects,
                sizes=sizes,
                project_sizes=limits,
                most_instances=most_instances,
                data_class=data_class,
            ),
            launch_role=lambda product: ModelEndpointLaunchRole(
                product,
                "LaunchRole",
                names=names,
                environment=environment,
                hosting_roles=hosting_roles,
                instance_types=list(dict.fromkeys(sizes.values())),
                permissions_boundary=permissions_boundary,
                role_name=launch_role_name,
            ),
        )
        require_serving_services(environment.vpc, by=self)


def _cost(sizes: Mapping[str, str]) -> str:
    prices = hourly_prices(sizes, HOURLY_USD)
    return f"{prices} an hour and instance, day and night until you terminate it (us-east-1)"


def _check_jobs(scope: Construct, construct_id: str, roles: Sequence[JobRole]) -> None:
    if other := [role for role in roles if role.job is not JobType.HOSTING]:
        raise ConstructError(
            scope,
            construct_id,
            f"hosting_roles holds a role for {other[0].job.value}",
            "Give roles of JobType.HOSTING.",
        )


def _check_machines(scope: Construct, construct_id: str, sizes: Mapping[str, str]) -> None:
    for name, instance_type in sizes.items():
        if has_local_storage(instance_type) or BURSTABLE.match(instance_type):
            raise ConstructError(
                scope,
                construct_id,
                f"sizes holds '{name}: {instance_type}', which takes no key for its disks or cannot be scaled",
                "Use a type without disks of its host that is not burstable, such as ml.m5.large.",
            )
