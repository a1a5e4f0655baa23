"""The base of the products: versions, their history, and the role that launches them."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import zip_longest
from pathlib import Path
from typing import ClassVar

from aws_cdk import Annotations, Validations
from aws_cdk import aws_servicecatalog as sc
from constructs import Construct

from mlgov_constructs.catalog.email_address import check_email
from mlgov_constructs.catalog.launch_role import LaunchRole
from mlgov_constructs.catalog.product_history import ProductHistory
from mlgov_constructs.catalog.product_template import ProductTemplate
from mlgov_constructs.catalog.template_document import version_number
from mlgov_constructs.catalog.template_guard import TemplateGuard
from mlgov_constructs.catalog.version_guard import VersionGuard
from mlgov_constructs.controls import claim
from mlgov_constructs.errors import ConstructError

PRODUCT_ID = re.compile(r"[a-z][a-z0-9-]{0,62}")
DRAFT_WARNING = "mlgov:VersionNotPublished"


class GovernedProduct(sc.CloudFormationProduct):
    """A Service Catalog product with all its published versions and the role that launches it.

    It creates a ``AWS::ServiceCatalog::CloudFormationProduct`` with every published version and
    the current one, and the launch role. Published versions are files (:class:`ProductHistory`),
    and stay in the catalogue; one with a published successor tells users of it. A published
    version whose template would change fails the synthesis; a version that is not published yet
    is deployed as a draft, with the warning ``mlgov:VersionNotPublished``. So does a template that
    is too large, or carries a tag of the app.

    Controls: ``MLG-CAT-02`` (validated versions), ``MLG-CAT-06`` (cost); of the launch role ``MLG-IDN-01`` and
    ``MLG-IDN-03``.

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        product_id: What the version files call the product.
        product_name: What users see.
        owner: Who owns the product, as users see it.
        description: What users read: one sentence or more, each with its full stop.
        cost: What it costs while it is there, for example ``about 0.05 USD an hour while it runs``;
            users read it after the description.
        version: The current version: ``v1``, ``v2``, ...
        history: The published versions; none when omitted.
        support_email: Whom users ask.
        template: Creates the template of the current version, in the scope and with the id it is
            given, when everything was found right.
        launch_role: Creates the launch role in the product.

    Raises:
        ConstructError: The product's id, its version or the address cannot be used, or it has no cost.

    Source: https://docs.aws.amazon.com/servicecatalog/latest/adminguide/catalogs_products.html

    Cost: the catalogue is nearly free: 0.0007 USD a call beyond 1,000 a month.

    Example:
        ``NotebookProduct`` is one.
    """

    CONTROLS: ClassVar[tuple[str, ...]] = ("MLG-CAT-02", "MLG-CAT-06")

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        product_id: str,
        product_name: str,
        owner: str,
        description: str,
        cost: str,
        version: str,
        history: ProductHistory | None,
        support_email: str | None,
        template: Callable[[Construct, str], ProductTemplate],
        launch_role: Callable[[Construct], LaunchRole],
    ) -> None:
        past = ProductHistory(Path(product_id)) if history is None else history
        _check_version(scope, construct_id, version, past, product_id)
        check_email(scope, construct_id, "support_email", support_email)
        if not cost.strip():
            raise ConstructError(
                scope, construct_id, "cost is empty", "Say what it costs, as in 'about 0.05 USD an hour while it runs'."
            )
        current = template(scope, f"{construct_id}Template")
        successors = [*past.versions][1:]
        versions = [
            _version(name, sc.CloudFormationTemplate.from_asset(str(published.path)), successor)
            for (name, published), successor in zip_longest(past.versions.items(), successors)
        ]
        if version not in past.versions:
            versions.append(_version(version, sc.CloudFormationTemplate.from_product_stack(current)))
        super().__init__(
            scope,
            construct_id,
            product_name=product_name,
            owner=owner,
            description=f"{description} Cost: {cost}.",
            support_email=support_email,
            product_versions=versions,
        )
        resource = self.node.default_child
        assert isinstance(resource, sc.CfnCloudFormationProduct)  # noqa: S101 - the product always has it
        claim(resource, self.CONTROLS)
        checks = Validations.of(self)
        checks.add_plugins(TemplateGuard(current.template_file))
        if version in past.versions:
            checks.add_plugins(VersionGuard(current.template_file, past.versions[version]))
        else:
            Annotations.of(self).add_warning_v2(
                DRAFT_WARNING,
                f"Version {version} of {product_id} is not published: it may still change under its users. "
                "Run mlgov portfolio publish and commit the file.",
            )
        self._launch_role = launch_role(self)

    @property
    def launch_role(self) -> LaunchRole:
        """The role that a portfolio launches the product with."""
        return self._launch_role

    @property
    def launch_role_name(self) -> str | None:
        """The name of the launch role, when it has the same one in every account."""
        return self._launch_role.fixed_name


def _version(
    name: str, template: sc.CloudFormationTemplate, successor: str | None = None
) -> sc.CloudFormationProductVersion:
    return sc.CloudFormationProductVersion(
        product_version_name=name,
        cloud_formation_template=template,
        validate_template=True,
        description=successor and f"Superseded by {successor}",
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
