"""The product from which a data scientist provisions a hardened notebook."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from aws_cdk import Annotations, Size, Validations
from aws_cdk import aws_iam as iam
from aws_cdk import aws_servicecatalog as sc
from constructs import Construct

from mlgov_constructs.catalog.email_address import check_email
from mlgov_constructs.catalog.notebook_launch_role import NotebookLaunchRole
from mlgov_constructs.catalog.notebook_template import NotebookTemplate
from mlgov_constructs.catalog.product_history import ProductHistory
from mlgov_constructs.catalog.product_template import version_number
from mlgov_constructs.catalog.version_guard import VersionGuard
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.identity import JobEnvironment, JobRole
from mlgov_constructs.workspace import ParameterNames
from mlgov_constructs.workspace.notebook_properties import INSTANCE_TYPES, LARGEST_GIB, SMALLEST_GIB

SIZES = {"small": "ml.t3.medium", "medium": "ml.t3.xlarge", "large": "ml.m5.4xlarge"}
PRODUCT_ID = re.compile(r"[a-z][a-z0-9-]{0,62}")
DRAFT_WARNING = "mlgov:VersionNotPublished"


class NotebookProduct(sc.CloudFormationProduct):
    """A Service Catalog product that provisions a hardened notebook for one of its projects.

    It creates a ``AWS::ServiceCatalog::CloudFormationProduct`` with every published version and
    the current one, and the launch role. The current version is a template with four
    parameters a data scientist understands: project, size, volume and Git repository. The
    notebook lands in the isolated subnet of the workspace, with its key and its lifecycle
    configuration, hardened by the code of ``NotebookInstance``, under the notebook role of the
    project.

    Who may launch the product may act as every project of it; keep one product and portfolio
    for each group of people.

    Published versions are files (:class:`ProductHistory`), and stay in the catalogue. A
    published version whose template would change fails the synthesis; a version that is not
    published yet is deployed as a draft, with the warning ``mlgov:VersionNotPublished``.

    Controls: ``MLG-CAT-02`` (validated versions); of the notebook ``MLG-WSP-01`` to
    ``MLG-WSP-08``; of the launch role ``MLG-IDN-01`` and ``MLG-IDN-03``.

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
        support_email: str | None = None,
        sizes: Mapping[str, str] = SIZES,
        allowed_instance_types: Sequence[str] = INSTANCE_TYPES,
        project_sizes: Mapping[str, Sequence[str]] | None = None,
        largest_volume: Size | None = None,
        launch_role_name: str | None = None,
    ) -> None:
        past = ProductHistory(Path(product_id)) if history is None else history
        limits = project_sizes or {}
        gib = 500 if largest_volume is None else int(largest_volume.to_gibibytes())
        projects = [role.project for role in notebook_roles]
        _check_version(scope, construct_id, version, past, product_id)
        _check_projects(scope, construct_id, projects)
        _check_sizes(scope, construct_id, sizes, allowed_instance_types)
        _check_limits(scope, construct_id, limits=limits, projects=projects, sizes=list(sizes))
        if not SMALLEST_GIB <= gib <= LARGEST_GIB:
            raise ConstructError(
                scope,
                construct_id,
                f"largest_volume of {gib} GiB is out of range",
                f"Use {SMALLEST_GIB} to {LARGEST_GIB} GiB.",
            )
        check_email(scope, construct_id, "support_email", support_email)
        template = NotebookTemplate(
            scope,
            f"{construct_id}Template",
            product_id=product_id,
            version=version,
            names=names,
            projects=projects,
            sizes=sizes,
            largest_volume_gib=gib,
            project_sizes=limits,
        )
        versions = [
            _version(name, sc.CloudFormationTemplate.from_asset(str(published.path)))
            for name, published in past.versions.items()
        ]
        if version not in past.versions:
            versions.append(_version(version, sc.CloudFormationTemplate.from_product_stack(template)))
        super().__init__(
            scope,
            construct_id,
            product_name=product_name,
            owner=owner,
            description=description,
            support_email=support_email,
            product_versions=versions,
        )
        if version in past.versions:
            Validations.of(self).add_plugins(VersionGuard(template.template_file, past.versions[version]))
        else:
            Annotations.of(self).add_warning_v2(
                DRAFT_WARNING,
                f"Version {version} of {product_id} is not published: it may still change under its users. "
                "Run mlgov portfolio publish and commit the file.",
            )
        self._launch_role = NotebookLaunchRole(
            self,
            "LaunchRole",
            names=names,
            environment=environment,
            notebook_roles=notebook_roles,
            permissions_boundary=permissions_boundary,
            role_name=launch_role_name,
        )
        self.launch_role_name = launch_role_name

    @property
    def launch_role(self) -> NotebookLaunchRole:
        """The role that a portfolio launches the product with."""
        return self._launch_role


def _version(name: str, template: sc.CloudFormationTemplate) -> sc.CloudFormationProductVersion:
    return sc.CloudFormationProductVersion(
        product_version_name=name, cloud_formation_template=template, validate_template=True
    )


def _check_version(scope: Construct, construct_id: str, version: str, past: ProductHistory, product_id: str) -> None:
    if not PRODUCT_ID.fullmatch(product_id):
        raise ConstructError(
            scope,
            construct_id,
            f"product_id {product_id!r} can be no folder name",
            "Use up to 63 lower-case letters, digits and hyphens.",
        )
    number = version_number(version)
    if number is None:
        raise ConstructError(scope, construct_id, f"version {version!r} is no version", "Use v1, v2, v3, ...")
    if not max(past.latest, 1) <= number <= past.latest + 1:
        raise ConstructError(
            scope,
            construct_id,
            f"version {version} does not follow v{past.latest}, the last one in {past.folder}",
            f"Use v{max(past.latest, 1)} to keep it, or v{past.latest + 1} for a new version."
            if past.latest
            else "Use v1 for the first version.",
        )


def _check_projects(scope: Construct, construct_id: str, projects: Sequence[str]) -> None:
    if not projects:
        raise ConstructError(
            scope, construct_id, "notebook_roles is empty", "Give the notebook role of each project that may be chosen."
        )
    if twice := sorted({project for project in projects if projects.count(project) > 1}):
        raise ConstructError(
            scope, construct_id, f"project {twice[0]!r} has more than one notebook role", "Give one role each."
        )


def _check_sizes(scope: Construct, construct_id: str, sizes: Mapping[str, str], allowed: Sequence[str]) -> None:
    unknown = [f"{name}: {instance_type}" for name, instance_type in sizes.items() if instance_type not in allowed]
    if unknown or not sizes:
        raise ConstructError(
            scope,
            construct_id,
            f"sizes holds {unknown[0]!r}, which is no allowed instance type" if unknown else "sizes is empty",
            f"Use instance types among {', '.join(allowed)}, or extend allowed_instance_types.",
        )
    if misnamed := [name for name in sizes if not re.fullmatch(r"[A-Za-z0-9.-]{1,255}", name)]:
        raise ConstructError(
            scope,
            construct_id,
            f"sizes holds the name {misnamed[0]!r}",
            "Name sizes with letters, digits, '.' and '-'.",
        )


def _check_limits(
    scope: Construct,
    construct_id: str,
    *,
    limits: Mapping[str, Sequence[str]],
    projects: Sequence[str],
    sizes: Sequence[str],
) -> None:
    for project, allowed in limits.items():
        if project not in projects or not allowed or not set(allowed) <= set(sizes):
            raise ConstructError(
                scope,
                construct_id,
                f"project_sizes gives project {project!r} the sizes {list(allowed)!r}",
                f"Use projects among {', '.join(projects)} and sizes among {', '.join(sizes)}.",
            )
