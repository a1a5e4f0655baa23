"""Python packages without the internet: a private repository with a list of what may come in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar

from aws_cdk import RemovalPolicy, Resource, Token
from aws_cdk import aws_codeartifact as codeartifact
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from mlgov_constructs.aws_tokens import aws_tokens
from mlgov_constructs.controls import claim
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.identity.activities import Statement
from mlgov_constructs.identity.grants import give, statement
from mlgov_constructs.network import EndpointService, IIsolatedVpc
from mlgov_constructs.perimeter import Perimeter
from mlgov_constructs.protection import DataKey
from mlgov_constructs.protection.data_removal import effective_removal_policy, removal_relaxation
from mlgov_constructs.workspace import package_rights
from mlgov_constructs.workspace.package_pattern import FORMAT, PackagePattern

DOMAIN_NAME = re.compile(r"[a-z][a-z0-9-]{0,48}[a-z0-9]")
REPOSITORY_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,99}")
CONNECTION = "public:pypi"
EVERYTHING = f"/{FORMAT}/*"
MOST_PACKAGES = 200  # each is a resource, and a stack has room for 500
SERVICES = (EndpointService.CODEARTIFACT_API, EndpointService.CODEARTIFACT_REPOSITORIES, EndpointService.STS)


class PackageRepository(Resource):
    """A repository of Python packages that holds what is on a list, and nothing else.

    It creates a CodeArtifact domain under a customer managed key with two repositories: the
    *store*, which alone is connected to the public index, through the connection that AWS
    manages, and the *team's*, which pip and uv are led to and which takes from the store. Package
    groups decide what may enter: a listed package comes from the public index and can be
    published by nobody; an own package is published to the team's repository and never comes
    from outside, so nobody can slip in a package of its name; everything else is blocked. The
    store is connected only once that block is there.

    The VPC gets the endpoints, so pip needs no way to the internet. Python packages come through
    the endpoint of the repository alone, without a bucket of AWS.

    Controls: ``MLG-WSP-13`` (customer managed key), ``MLG-WSP-14`` (not for everyone),
    ``MLG-WSP-15`` (nothing unlisted enters), ``MLG-WSP-16`` (one public index), ``MLG-WSP-18``
    (outlives its stack).

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        vpc: The VPC whose notebooks and jobs install packages.
        encryption_key: The key of the domain. A ``DataKey`` is opened to CodeArtifact; another
            key must let its users use it and create grants through CodeArtifact.
        domain_name: The name of the domain, unique in the account and region.
        allowed_packages: What may come from the public index: normalised names, and beginnings
            with ``~`` as in ``types~``. What a package depends on must be listed too.
        own_packages: What the team publishes itself, written likewise.
        repository_name: The name of the team's repository, ``python`` by default; the store's is
            the same with ``-store``.
        organization_id: The organisation whose accounts may read too; the account alone when
            omitted.
        removal_policy: ``DESTROY`` is honoured only with the context flag
            ``mlgov:allowDataRemoval``; everything is retained otherwise.

    Raises:
        ConstructError: A name or package cannot be used, a package is on both lists, or the
            partition has no CodeArtifact; the message says what to change.

    Sources:
        https://docs.aws.amazon.com/codeartifact/latest/ug/package-group-origin-controls.html
        https://docs.aws.amazon.com/codeartifact/latest/ug/vpc-endpoints.html

    Cost:
        0.05 USD a GB and month and 0.05 USD per 10,000 requests after a free tier; the two
        interface endpoints cost about 7.30 USD a month and zone each.

    Example:
        ``docs/examples/packages.py`` is a complete app.
    """

    CONTROLS: ClassVar[tuple[str, ...]] = ("MLG-WSP-13", "MLG-WSP-14", "MLG-WSP-15", "MLG-WSP-16", "MLG-WSP-18")

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        vpc: IIsolatedVpc,
        encryption_key: kms.IKey,
        domain_name: str,
        allowed_packages: Sequence[str],
        own_packages: Sequence[str] = (),
        repository_name: str = "python",
        organization_id: str | None = None,
        removal_policy: RemovalPolicy = RemovalPolicy.RETAIN,
    ) -> None:
        _check_names(scope, construct_id, domain_name, repository_name)
        allowed, own = _checked_patterns(scope, construct_id, allowed_packages, own_packages)
        perimeter = _perimeter(scope, construct_id, organization_id)
        self._removal_policy = effective_removal_policy(scope, construct_id, removal_policy)
        super().__init__(scope, construct_id)
        for service in SERVICES:
            vpc.require(service, by=self)
        if isinstance(encryption_key, DataKey):
            encryption_key.allow_use_through("codeartifact")
        domain = codeartifact.CfnDomain(
            self,
            "Domain",
            domain_name=domain_name,
            encryption_key=encryption_key.key_arn,
            permissions_policy_document=package_rights.resource_policy(package_rights.LOG_IN, perimeter),
        )
        self._claim(domain, "MLG-WSP-13", "MLG-WSP-14")
        # CodeArtifact asks KMS for a grant under the policy of the key.
        domain.node.add_dependency(encryption_key)
        self._domain = domain.attr_name
        block = self._group("Everything", EVERYTHING, {})
        store = self._repository("Store", f"{repository_name}-store", perimeter, external_connections=[CONNECTION])
        # Nothing may come in before the block stands.
        store.add_resource_dependency(block)
        team = self._repository("Team", repository_name, perimeter, upstreams=[store.attr_name])
        for pattern in allowed:
            come_in = {"external_upstream": [store.attr_name], "internal_upstream": []}
            self._group(f"Allowed {pattern.text}", pattern.group, come_in)
        for pattern in own:
            self._group(f"Own {pattern.text}", pattern.group, {"publish": [team.attr_name]})
        self.domain_name = domain_name
        self.repository_name = repository_name
        self._own = own
        self._domain_arn = domain.attr_arn
        self._repository_arn = team.attr_arn

    @property
    def domain_arn(self) -> str:
        """The ARN of the domain."""
        return self._domain_arn

    @property
    def repository_arn(self) -> str:
        """The ARN of the team's repository."""
        return self._repository_arn

    def grant_read(self, grantee: iam.IGrantable) -> None:
        """Let a principal install packages.

        Args:
            grantee: The principal: the role of a notebook, of Studio, of a job.
        """
        give(grantee, self._read())

    def grant_publish(self, grantee: iam.IGrantable) -> None:
        """Let a principal publish the own packages, and no others.

        Args:
            grantee: The principal, the role of a build for example.

        Raises:
            ConstructError: The repository has no own packages.
        """
        if not self._own:
            raise ConstructError(
                self, None, "there are no own packages to publish", "Name them in own_packages, as in ['mycompany~']."
            )
        tokens = aws_tokens()
        place = f"package/{self.domain_name}/{self.repository_name}/{FORMAT}//"
        packages = [tokens.arn("codeartifact", place + pattern.text.replace("~", "*")) for pattern in self._own]
        give(grantee, [*self._read(), statement(package_rights.PUBLISH, packages)])

    def _read(self) -> list[Statement]:
        read = statement(package_rights.READ, self._repository_arn)
        return [*package_rights.log_in(self._domain_arn), read]

    def _repository(
        self,
        construct_id: str,
        name: str,
        perimeter: Perimeter,
        *,
        external_connections: list[str] | None = None,
        upstreams: list[str] | None = None,
    ) -> codeartifact.CfnRepository:
        repository = codeartifact.CfnRepository(
            self,
            construct_id,
            domain_name=self._domain,
            repository_name=name,
            external_connections=external_connections,
            upstreams=upstreams,
            permissions_policy_document=package_rights.resource_policy(package_rights.READ, perimeter),
        )
        self._claim(repository, "MLG-WSP-14", "MLG-WSP-16")
        return repository

    def _group(self, construct_id: str, pattern: str, open_ways: dict[str, list[str]]) -> codeartifact.CfnPackageGroup:
        """Create a package group that blocks every way in but these, each into the named repositories or into all."""
        ways = {way: _restriction(open_ways.get(way)) for way in ("publish", "external_upstream", "internal_upstream")}
        group = codeartifact.CfnPackageGroup(
            self,
            construct_id,
            domain_name=self._domain,
            pattern=pattern,
            origin_configuration=codeartifact.CfnPackageGroup.OriginConfigurationProperty(
                restrictions=codeartifact.CfnPackageGroup.RestrictionsProperty(**ways)
            ),
        )
        self._claim(group, "MLG-WSP-15")
        return group

    def _claim(
        self,
        resource: codeartifact.CfnDomain | codeartifact.CfnRepository | codeartifact.CfnPackageGroup,
        *controls: str,
    ) -> None:
        resource.apply_removal_policy(self._removal_policy)
        claim(resource, (*controls, "MLG-WSP-18"), {"MLG-WSP-18": removal_relaxation(self._removal_policy)})


def _restriction(repositories: list[str] | None) -> codeartifact.CfnPackageGroup.RestrictionTypeProperty:
    if repositories is None:
        return codeartifact.CfnPackageGroup.RestrictionTypeProperty(restriction_mode="BLOCK")
    if not repositories:
        return codeartifact.CfnPackageGroup.RestrictionTypeProperty(restriction_mode="ALLOW")
    return codeartifact.CfnPackageGroup.RestrictionTypeProperty(
        restriction_mode="ALLOW_SPECIFIC_REPOSITORIES", repositories=repositories
    )


def _perimeter(scope: Construct, construct_id: str, organization_id: str | None) -> Perimeter:
    try:
        return Perimeter(organization_id)
    except ValueError as error:
        problem, _, fix = str(error).partition(". ")
        raise ConstructError(scope, construct_id, problem, fix) from error


def _check_names(scope: Construct, construct_id: str, domain_name: str, repository_name: str) -> None:
    # The lifecycle scripts carry both names in base64, so neither can be a token.
    if Token.is_unresolved(domain_name) or not DOMAIN_NAME.fullmatch(domain_name):
        raise ConstructError(
            scope,
            construct_id,
            f"domain_name {domain_name!r} is not allowed",
            "Use 2 to 50 lower-case letters, digits and hyphens, beginning with a letter.",
        )
    if Token.is_unresolved(repository_name) or not REPOSITORY_NAME.fullmatch(f"{repository_name}-store"):
        raise ConstructError(
            scope,
            construct_id,
            f"repository_name {repository_name!r} is not allowed",
            "Use up to 94 letters, digits, '.', '_' and '-', beginning with a letter or digit.",
        )


def _checked_patterns(
    scope: Construct, construct_id: str, allowed: Sequence[str], own: Sequence[str]
) -> tuple[list[PackagePattern], list[PackagePattern]]:
    try:
        patterns = [[PackagePattern(text) for text in dict.fromkeys(texts)] for texts in (allowed, own)]
    except ValueError as error:
        problem, _, fix = str(error).partition(". ")
        raise ConstructError(scope, construct_id, problem, fix) from error
    if (count := sum(map(len, patterns))) > MOST_PACKAGES:
        raise ConstructError(
            scope,
            construct_id,
            f"{count} packages are listed, and each becomes a resource of the stack",
            f"List up to {MOST_PACKAGES}; a word with '~' takes a family of packages.",
        )
    if both := sorted({*allowed} & {*own}):
        raise ConstructError(
            scope,
            construct_id,
            f"{', '.join(both)} is both allowed from the public index and an own package",
            "Leave it on one list: who could choose where it comes from could replace it.",
        )
    return patterns[0], patterns[1]
