"""The portfolio of a team's products."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Protocol, runtime_checkable

from aws_cdk import Annotations, Stack, Token
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_servicecatalog as sc
from constructs import Construct

from mlgov_constructs.catalog.email_address import check_email
from mlgov_constructs.catalog.organization_share import OrganizationShare
from mlgov_constructs.catalog.principal_pattern import associate_pattern, check_pattern
from mlgov_constructs.catalog.stack_set_deployment import ACCOUNT, StackSetDeployment
from mlgov_constructs.controls import claim
from mlgov_constructs.errors import ConstructError

MOST_TAG_OPTIONS = 10
LAUNCH_WARNING = "mlgov:LaunchRoleNotShared"


@runtime_checkable
class LaunchableProduct(Protocol):
    """A product that brings the role it is launched with."""

    @property
    def launch_role(self) -> iam.IRole:
        """The role."""

    @property
    def launch_role_name(self) -> str | None:
        """The name of the role, when it has the same one in every account."""


class MlPortfolio(sc.Portfolio):
    """A Service Catalog portfolio whose products are launched by launch roles only.

    It is a ``sc.Portfolio``, opened to named principals, with tag options and with sharing. A
    product is added together with its launch constraint; without one it is refused.

    Controls: ``MLG-CAT-01`` (launch roles), ``MLG-CAT-03`` (named principals), ``MLG-CAT-04``
    (shared with tag options), ``MLG-CAT-05`` (of a product that
    is deployed by StackSets).

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        display_name: What users see.
        provider_name: Who provides the products.
        support_email: Whom users ask; it is shown in the description.
        description: What users read.
        roles: Roles that may launch the products.
        principal_patterns: Principals by pattern, as ``role/DataScientist-*``: they need not
            exist, and the pattern is valid in each account that the portfolio is shared with.
        tag_options: Tags that every provisioned product gets, with the values to choose from.
        share_with_accounts: Accounts that the portfolio is shared with; each must accept it. For an
            organization see :meth:`share_with_organization`. A product whose launch role has no
            name of its own cannot be launched there: the warning ``mlgov:LaunchRoleNotShared``.

    Raises:
        ConstructError: A pattern, an account, an address or a tag option cannot be used.

    Source: https://docs.aws.amazon.com/servicecatalog/latest/adminguide/catalogs_portfolios.html

    Cost: none.

    Example:
        >>> from aws_cdk import App
        >>> portfolio = MlPortfolio(
        ...     Stack(App(), "Catalog"),
        ...     "Portfolio",
        ...     display_name="Machine learning",
        ...     provider_name="ML platform",
        ...     principal_patterns=["role/DataScientist-*"],
        ... )
    """

    CONTROLS: ClassVar[tuple[str, ...]] = ("MLG-CAT-01", "MLG-CAT-03", "MLG-CAT-04")

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        display_name: str,
        provider_name: str,
        support_email: str | None = None,
        description: str = "Governed machine learning products",
        roles: Sequence[iam.IRole] = (),
        principal_patterns: Sequence[str] = (),
        tag_options: Mapping[str, Sequence[str]] | None = None,
        share_with_accounts: Sequence[str] = (),
    ) -> None:
        check_email(scope, construct_id, "support_email", support_email)
        for pattern in principal_patterns:
            check_pattern(scope, construct_id, pattern)
        for account in share_with_accounts:
            _check_account(scope, construct_id, account)
        _check_tag_options(scope, construct_id, tag_options or {})
        super().__init__(
            scope,
            construct_id,
            display_name=display_name,
            provider_name=provider_name,
            description=f"{description}. Support: {support_email}" if support_email else description,
        )
        resource = self.node.default_child
        assert isinstance(resource, sc.CfnPortfolio)  # noqa: S101 - sc.Portfolio always has it
        claim(resource, self.CONTROLS)
        if tag_options:
            allowed = {key: list(values) for key, values in tag_options.items()}
            self.associate_tag_options(sc.TagOptions(self, "TagOptions", allowed_values_for_tags=allowed))
        for role in roles:
            self.give_access_to_role(role)
        for pattern in principal_patterns:
            self.give_access_to_pattern(pattern)
        self._is_shared = bool(share_with_accounts)
        self._launched_here_only: list[str] = []
        for account in share_with_accounts:
            self.share_with_account(account, share_tag_options=True)

    def give_access_to_pattern(self, pattern: str) -> None:
        """Let principals whose name fits a pattern launch the products.

        Args:
            pattern: As in ``role/DataScientist-*``; a name must stand before the last star.

        Raises:
            ConstructError: The pattern fits everyone, or is none.
        """
        check_pattern(self, None, pattern)
        associate_pattern(self, self.portfolio_id, pattern)

    def share_with_organization(
        self,
        organization_nodes: Sequence[str],
        *,
        encryption_key: kms.IKey,
        permissions_boundary: iam.IManagedPolicy,
    ) -> OrganizationShare:
        """Share the portfolio, with its tag options, with an organization or some of its units.

        Args:
            organization_nodes: Ids of organizations (``o-...``) and organizational units (``ou-...``).
            encryption_key: The key of the log of the function that shares.
            permissions_boundary: The ceiling of the function's role.

        Returns:
            The share.

        Raises:
            ConstructError: A node has another form, or is named twice.
        """
        self._is_shared = True
        self._warn_of_launch_roles()
        return OrganizationShare(
            self,
            "OrganizationShare",
            portfolio=self,
            organization_nodes=organization_nodes,
            encryption_key=encryption_key,
            permissions_boundary=permissions_boundary,
        )

    def add_product(
        self,
        product: sc.IProduct,
        *,
        launch_role: iam.IRole | None = None,
        rules: Sequence[sc.TemplateRule] = (),
        stack_sets: StackSetDeployment | None = None,
        tag_updates: bool = False,
    ) -> None:
        """Add a product with its launch constraint, or with its StackSet constraint.

        Args:
            product: The product.
            launch_role: The role it is launched with; its own (``NotebookProduct`` brings one)
                when omitted.
            rules: Rules that the parameters must keep in this portfolio.
            stack_sets: Deploy the product to other accounts and regions, under the roles of
                StackSets; such a product has no launch role here.
            tag_updates: Let users choose other values of the tag options when they update what
                they provisioned.

        Raises:
            ConstructError: The product has no launch role, has both a launch role and StackSets,
                or StackSets have no place to deploy to.
        """
        own = product if isinstance(product, LaunchableProduct) else None
        role = launch_role or (own.launch_role if own else None)
        if stack_sets is not None:
            self._check_stack_sets(product, launch_role, stack_sets)
        elif role is None:
            raise ConstructError(
                self,
                None,
                f"product {product.node.path} has no launch role, so its users would need its rights themselves",
                "Give add_product a launch_role that holds only what the product creates.",
            )
        super().add_product(product)
        if stack_sets is not None:
            self._deploy_by(product, stack_sets)
        elif own is not None and launch_role is None and own.launch_role_name is not None:
            self.set_local_launch_role(product, own.launch_role)
        elif role is not None:
            self.set_launch_role(product, role)
            self._launched_here_only.append(product.node.path)
            self._warn_of_launch_roles()
        for rule in rules:
            self.constrain_cloud_formation_parameters(product, rule=rule)
        if tag_updates:
            self.constrain_tag_updates(product)

    def _warn_of_launch_roles(self) -> None:
        if not self._is_shared:
            return
        for path in self._launched_here_only:
            Annotations.of(self).add_warning_v2(
                f"{LAUNCH_WARNING}:{path}",
                f"The portfolio is shared, and {path} is launched by a role of this account, which no other account "
                "can use. Give the product a launch_role_name, and each account a launch role of that name.",
            )
        self._launched_here_only.clear()

    def _deploy_by(self, product: sc.IProduct, stack_sets: StackSetDeployment) -> None:
        self.deploy_with_stack_sets(
            product,
            accounts=list(stack_sets.accounts),
            regions=list(stack_sets.regions),
            admin_role=stack_sets.administration_role,
            execution_role_name=stack_sets.execution_role_name,
            allow_stack_set_instance_operations=stack_sets.instance_operations is not None,
        )
        # The L2 keeps its constraint to itself; it is the newest child.
        *_, constraint = (child for child in self.node.children if isinstance(child, sc.CfnStackSetConstraint))
        claim(constraint, ["MLG-CAT-05"], {"MLG-CAT-05": stack_sets.instance_operations})

    def _check_stack_sets(
        self, product: sc.IProduct, launch_role: iam.IRole | None, stack_sets: StackSetDeployment
    ) -> None:
        if launch_role is not None:
            raise ConstructError(
                self,
                None,
                f"product {product.node.path} would have a launch constraint and a StackSet constraint",
                "Service Catalog takes one of them: leave launch_role or stack_sets away.",
            )
        stack_sets.check(self, None)


def _check_account(scope: Construct, construct_id: str, account: str) -> None:
    own = Stack.of(scope).account
    if not Token.is_unresolved(account) and not ACCOUNT.fullmatch(account):
        raise ConstructError(scope, construct_id, f"account {account!r} is no account id", "Use its twelve digits.")
    if account == own:
        raise ConstructError(
            scope,
            construct_id,
            f"the portfolio would be shared with {account}, its own account",
            "Name other accounts; in this one, name roles or principal_patterns.",
        )


def _check_tag_options(scope: Construct, construct_id: str, tag_options: Mapping[str, Sequence[str]]) -> None:
    empty = [key for key, values in tag_options.items() if not values]
    if empty or sum(len(values) for values in tag_options.values()) > MOST_TAG_OPTIONS * 10:
        raise ConstructError(
            scope,
            construct_id,
            f"tag option {empty[0]!r} has no value" if empty else "tag_options holds more than 100 values",
            "Give each tag the values to choose from.",
        )
