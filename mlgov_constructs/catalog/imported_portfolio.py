"""A portfolio of another account, as an account sees that it is shared with."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar

from aws_cdk import Stack, Token
from aws_cdk import aws_iam as iam
from aws_cdk import aws_servicecatalog as sc
from constructs import Construct

from mlgov_constructs.catalog.launch_role import LaunchRole
from mlgov_constructs.catalog.principal_pattern import associate_pattern, check_pattern
from mlgov_constructs.catalog.stack_set_deployment import ACCOUNT
from mlgov_constructs.controls import claim
from mlgov_constructs.errors import ConstructError

PORTFOLIO = re.compile(r"port-[a-z0-9]+")
PRODUCT = re.compile(r"prod-[a-z0-9]+")


class ImportedPortfolio(Construct):
    """Accepts a portfolio that another account shares, and opens it in this one.

    It creates an ``AWS::ServiceCatalog::AcceptedPortfolioShare``. An imported portfolio stays in
    step with its owner's: new versions and products arrive by themselves, and its constraints
    hold here. There are two ways to hand it on:

    * :meth:`give_access_to_role` and :meth:`give_access_to_pattern` open it as it is;
    * :meth:`add_to` puts single products into a portfolio of this account, with tag options and
      principals of its own.

    The owner launches its products by a role **name** (``launch_role_name`` of the product), so
    this account needs a launch role of that name, and a workspace under the same prefix
    (``WorkspaceParameters``): ``docs/examples/spoke.py`` has both.

    Controls: ``MLG-CAT-01`` (launch roles), ``MLG-CAT-03`` (named principals).

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        portfolio_id: The id of the portfolio, which its owner tells.
        owner_account: The account that shares it.
        product_ids: The ids of its products, which its owner tells.
        through_organization: Whether it is shared with the organization or a unit of it; such a
            share is there without being accepted.

    Raises:
        ConstructError: An id has another form, or the portfolio is this account's own.

    Source: https://docs.aws.amazon.com/servicecatalog/latest/adminguide/catalogs_portfolios_sharing.html

    Cost: none.

    Example:
        >>> from aws_cdk import App
        >>> imported = ImportedPortfolio(
        ...     Stack(App(), "Spoke"), "Shared", portfolio_id="port-abc", owner_account="111122223333", product_ids=[]
        ... )
        >>> imported.portfolio_id
        'port-abc'
    """

    CONTROLS: ClassVar[tuple[str, ...]] = ("MLG-CAT-01", "MLG-CAT-03")

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        portfolio_id: str,
        owner_account: str,
        product_ids: Sequence[str],
        through_organization: bool = False,
    ) -> None:
        _check_id(scope, construct_id, "portfolio", PORTFOLIO, portfolio_id)
        for product_id in product_ids:
            _check_id(scope, construct_id, "product", PRODUCT, product_id)
        _check_id(scope, construct_id, "account", ACCOUNT, owner_account)
        if owner_account == Stack.of(scope).account:
            raise ConstructError(
                scope,
                construct_id,
                f"portfolio {portfolio_id} belongs to {owner_account}, this very account",
                "Use the portfolio itself here, and import it in the accounts that it is shared with.",
            )
        super().__init__(scope, construct_id)
        self.portfolio_id = portfolio_id
        self.product_ids = tuple(product_ids)
        self._share = (
            None if through_organization else sc.CfnAcceptedPortfolioShare(self, "Share", portfolio_id=portfolio_id)
        )

    def give_access_to_role(self, role: iam.IRole) -> None:
        """Let a role of this account launch the products.

        Args:
            role: The role.
        """
        association = sc.CfnPortfolioPrincipalAssociation(
            self,
            f"Principal-{role.node.addr}",
            portfolio_id=self.portfolio_id,
            principal_arn=role.role_arn,
            principal_type="IAM",
        )
        self._after_share(association)

    def give_access_to_pattern(self, pattern: str) -> None:
        """Let principals of this account whose name fits a pattern launch the products.

        Args:
            pattern: As in ``role/DataScientist-*``; a name must stand before the last star.

        Raises:
            ConstructError: The pattern fits everyone, or is none.
        """
        check_pattern(self, None, pattern)
        self._after_share(associate_pattern(self, self.portfolio_id, pattern))

    def add_to(self, portfolio: sc.IPortfolio, product_id: str, *, launch_role: LaunchRole) -> None:
        """Put a shared product into a portfolio of this account, launched by a role of this account.

        Args:
            portfolio: The portfolio of this account.
            product_id: The product.
            launch_role: The role, of the name that the owner's launch constraint has.

        Raises:
            ConstructError: The product is not in the share, or the role has no name of its own.
        """
        if product_id not in self.product_ids:
            raise ConstructError(
                self,
                None,
                f"product {product_id} is not in the share of {self.portfolio_id}",
                f"Use one of {', '.join(self.product_ids) or 'its products, and name them in product_ids'}.",
            )
        if launch_role.fixed_name is None:
            raise ConstructError(
                self,
                None,
                f"launch role {launch_role.node.path} has no fixed name, so the share cannot find it",
                "Give it the role_name that the owner's product has as launch_role_name.",
            )
        association = sc.CfnPortfolioProductAssociation(
            self,
            f"Association-{product_id}",
            portfolio_id=portfolio.portfolio_id,
            product_id=product_id,
            source_portfolio_id=self.portfolio_id,
        )
        self._after_share(association)
        claim(association, ["MLG-CAT-01"])
        constraint = sc.CfnLaunchRoleConstraint(
            self,
            f"Launch-{product_id}",
            portfolio_id=portfolio.portfolio_id,
            product_id=product_id,
            local_role_name=launch_role.role_name,
        )
        constraint.node.add_dependency(association)

    def _after_share(
        self, association: sc.CfnPortfolioPrincipalAssociation | sc.CfnPortfolioProductAssociation
    ) -> None:
        if self._share is not None:
            association.node.add_dependency(self._share)


def _check_id(scope: Construct, construct_id: str, what: str, form: re.Pattern[str], value: str) -> None:
    if not Token.is_unresolved(value) and not form.fullmatch(value):
        raise ConstructError(
            scope, construct_id, f"{what} {value!r} is no {what} id", f"Ask the owner of the portfolio for the {what}."
        )
