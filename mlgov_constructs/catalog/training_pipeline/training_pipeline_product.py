"""The product from which a data scientist gets a training pipeline."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from aws_cdk import aws_iam as iam
from constructs import Construct

from mlgov_constructs.catalog.governed_product import GovernedProduct
from mlgov_constructs.catalog.machine_sizes import check_role_projects, check_size_names, hourly_prices
from mlgov_constructs.catalog.product_history import ProductHistory
from mlgov_constructs.catalog.training_pipeline.training_pipeline_launch_role import TrainingPipelineLaunchRole
from mlgov_constructs.catalog.training_pipeline.training_pipeline_template import TrainingPipelineTemplate
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.identity import JobRole, JobType
from mlgov_constructs.mlops import PipelineStartRole
from mlgov_constructs.workspace import ParameterNames

SIZES = {"small": "ml.m5.xlarge", "medium": "ml.m5.4xlarge", "large": "ml.m5.12xlarge"}
# On demand in us-east-1, 2026.
HOURLY_USD = {"ml.m5.xlarge": 0.23, "ml.m5.4xlarge": 0.92, "ml.m5.12xlarge": 2.77}
INSTANCE_TYPE = re.compile(r"ml\.(m5|m6i|m7i|c5|c6i|c7i|r5|r6i|r7i)\.[a-z0-9]+")


class TrainingPipelineProduct(GovernedProduct):
    """A Service Catalog product that provisions a training pipeline for one of its projects.

    It creates a ``AWS::ServiceCatalog::CloudFormationProduct`` and the launch role. A data
    scientist says where the table lies, which column is the target, and from which threshold on
    a model is worth registering; the pipeline checks and splits the table, trains SageMaker's
    XGBoost in the isolated network, encrypted, and registers the model as
    ``PendingManualApproval`` in the project's group, for the approver. It can start by itself.

    The roles that the pipeline runs under exist before: that of pipelines needs
    ``grant_pipeline(...)`` and ``registry.grant_register(...)``, those of jobs
    ``grant_project_data`` on the curated and the artifacts bucket, and ``grant_pull``.

    Versions, their history and the launch role are those of a :class:`GovernedProduct`.

    Controls: ``MLG-CAT-02`` (validated versions), ``MLG-CAT-06`` (cost); of the pipeline
    ``MLG-MLO-05`` to ``MLG-MLO-07``; of the launch role ``MLG-IDN-01`` and ``MLG-IDN-03``.

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        names: Where the workspace is written down (``WorkspaceParameters``): two subnets, the
            curated and the artifacts bucket, the roles for pipelines, training and processing,
            the start role and the registry's group of each project.
        pipeline_roles: The pipeline role of each project that may be chosen.
        start_roles: The role that starts the pipelines of each project.
        permissions_boundary: The ceiling of the launch role.
        owner: Who owns the product, as users see it.
        version: The current version: ``v1``, ``v2``, ...
        history: The published versions; none when omitted.
        product_id: What the version files call the product; ``training-pipeline`` by default.
        product_name: What users see; ``Training pipeline`` by default.
        description: What users read; a default text when omitted.
        cost: What it costs, after the description; the list prices of ``sizes`` when omitted.
        support_email: Whom users ask.
        sizes: Size to instance type, the first being the default: small, medium and large.
        xgboost_version: The version of SageMaker's XGBoost.
        launch_role_name: A name for the launch role, for a portfolio that is shared.

    Raises:
        ConstructError: A role, size or version cannot be used.

    Source: https://docs.aws.amazon.com/servicecatalog/latest/adminguide/catalogs_products.html

    Cost:
        A pipeline costs nothing; each run costs the hours of its machines, about five minutes of
        an ``ml.m5.xlarge`` for the table and the training on the machine that was chosen.

    Example:
        ``docs/examples/training_pipeline_product.py`` is a complete app.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        names: ParameterNames,
        pipeline_roles: Sequence[JobRole],
        start_roles: Sequence[PipelineStartRole],
        permissions_boundary: iam.IManagedPolicy,
        owner: str,
        version: str = "v1",
        history: ProductHistory | None = None,
        product_id: str = "training-pipeline",
        product_name: str = "Training pipeline",
        description: str = "Trains a model on your table in the isolated network and registers it for approval.",
        cost: str | None = None,
        support_email: str | None = None,
        sizes: Mapping[str, str] = SIZES,
        xgboost_version: str = "1.7-1",
        launch_role_name: str | None = None,
    ) -> None:
        _check_roles(scope, construct_id, pipeline_roles, start_roles)
        check_size_names(scope, construct_id, sizes)
        _check_machines(scope, construct_id, sizes)
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
            template=lambda stack, template_id: TrainingPipelineTemplate(
                stack,
                template_id,
                product_id=product_id,
                version=version,
                names=names,
                projects=[role.project for role in pipeline_roles],
                sizes=sizes,
                xgboost_version=xgboost_version,
            ),
            launch_role=lambda product: TrainingPipelineLaunchRole(
                product,
                "LaunchRole",
                names=names,
                pipeline_roles=pipeline_roles,
                start_roles=start_roles,
                permissions_boundary=permissions_boundary,
                role_name=launch_role_name,
            ),
        )


def _cost(sizes: Mapping[str, str]) -> str:
    prices = hourly_prices(sizes, HOURLY_USD)
    return f"nothing while it waits; {prices} an hour of training (us-east-1), up to 90 % less with spare machines"


def _check_roles(
    scope: Construct, construct_id: str, pipeline_roles: Sequence[JobRole], start_roles: Sequence[PipelineStartRole]
) -> None:
    projects = [role.project for role in pipeline_roles]
    if other := [role.job.value for role in pipeline_roles if role.job is not JobType.PIPELINE]:
        raise ConstructError(
            scope,
            construct_id,
            f"pipeline_roles holds a role for {other[0]}",
            "Give roles of type JobType.PIPELINE.",
        )
    check_role_projects(scope, construct_id, "pipeline_roles", "pipeline", projects)
    started = [role.project for role in start_roles]
    if sorted(started) != sorted(projects):
        raise ConstructError(
            scope,
            construct_id,
            f"start_roles are those of the projects {started!r}",
            f"Give one each for {', '.join(projects)}.",
        )


def _check_machines(scope: Construct, construct_id: str, sizes: Mapping[str, str]) -> None:
    for name, instance_type in sizes.items():
        if not INSTANCE_TYPE.fullmatch(instance_type):
            raise ConstructError(
                scope,
                construct_id,
                f"size {name!r} is the instance type {instance_type!r}, which the product cannot train on",
                "Use a type whose volume takes a key: of the families m5 to m7i, c5 to c7i or r5 to r7i.",
            )
