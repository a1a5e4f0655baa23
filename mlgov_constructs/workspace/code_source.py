"""Where the code of a project lies."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass

from aws_cdk import Fn, Token
from aws_cdk import aws_codecommit as codecommit
from aws_cdk import aws_kms as kms

from mlgov_constructs.aws_tokens import aws_tokens
from mlgov_constructs.identity.activities import Statement
from mlgov_constructs.identity.grants import statement
from mlgov_constructs.network import EndpointService

PULL = ("codecommit:BatchGetRepositories", "codecommit:GetRepository", "codecommit:GitPull")
PUSH = "codecommit:GitPush"
CONNECTION_ARN = re.compile(
    r"arn:[a-z-]+:(codeconnections|codestar-connections):[a-z0-9-]+:\d{12}:connection/[0-9a-f-]+"
)
FULL_NAME = re.compile(r"[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)+")


class CodeSource(ABC):
    """A Git repository that an isolated network reaches: in CodeCommit, or through CodeConnections.

    Example:
        >>> CodeSource.connection(
        ...     "arn:aws:codeconnections:eu-west-1:111122223333:connection/0c0f", "team/churn"
        ... ).services
        (<EndpointService.CODECONNECTIONS: 'codeconnections.api'>,)
    """

    @staticmethod
    def code_commit(repository: codecommit.IRepository, encryption_key: kms.IKey | None = None) -> CodeSource:
        """A repository of CodeCommit.

        Args:
            repository: The repository, a :class:`CodeCommitRepository` for example.
            encryption_key: Its key, where that is not the key which AWS manages.
        """
        return _CodeCommit(repository, encryption_key)

    @staticmethod
    def connection(connection_arn: str, full_repository_name: str) -> CodeSource:
        """A repository of GitHub, GitLab or Bitbucket, fetched by AWS through a connection.

        Args:
            connection_arn: The connection, which a person has completed in the console.
            full_repository_name: Owner and name, as in ``team/churn``.

        Raises:
            ValueError: The ARN is none of a connection, or the name lacks its owner.
        """
        if not Token.is_unresolved(connection_arn) and not CONNECTION_ARN.fullmatch(connection_arn):
            msg = f"connection_arn {connection_arn!r} is none of CodeConnections. Copy it from Settings, Connections."
            raise ValueError(msg)
        if not FULL_NAME.fullmatch(full_repository_name):
            msg = f"Repository {full_repository_name!r} has no owner. Write it as in 'team/churn'."
            raise ValueError(msg)
        return _Connection(connection_arn, full_repository_name)

    @property
    @abstractmethod
    def services(self) -> tuple[EndpointService, ...]:
        """The endpoints that Git needs."""

    @property
    @abstractmethod
    def clone_url(self) -> str:
        """The URL to clone."""

    @abstractmethod
    def statements(self, *, push: bool) -> list[Statement]:
        """Return the rights to pull, and to push when asked."""


@dataclass(frozen=True)
class _CodeCommit(CodeSource):
    repository: codecommit.IRepository
    encryption_key: kms.IKey | None

    @property
    def services(self) -> tuple[EndpointService, ...]:
        return (EndpointService.GIT_CODECOMMIT, EndpointService.CODECOMMIT)

    @property
    def clone_url(self) -> str:
        return self.repository.repository_clone_url_http

    def statements(self, *, push: bool) -> list[Statement]:
        tokens = aws_tokens()
        git = statement([*PULL, PUSH] if push else PULL, self.repository.repository_arn)
        if self.encryption_key is None:
            return [git]
        use = ("kms:Decrypt", "kms:DescribeKey", *(("kms:Encrypt", "kms:GenerateDataKey") if push else ()))
        via = {"StringEquals": {"kms:ViaService": f"codecommit.{tokens.region}.{tokens.url_suffix}"}}
        return [git, statement(use, self.encryption_key.key_arn, via)]


@dataclass(frozen=True)
class _Connection(CodeSource):
    connection_arn: str
    full_repository_name: str

    @property
    def services(self) -> tuple[EndpointService, ...]:
        return (EndpointService.CODECONNECTIONS,)

    @property
    def clone_url(self) -> str:
        parts = [Fn.select(index, Fn.split(":", self.connection_arn)) for index in (3, 4)]
        region, account = parts
        name = Fn.select(1, Fn.split("/", self.connection_arn))
        host = f"codeconnections.{region}.{aws_tokens().url_suffix}"
        return f"https://{host}/git-http/{account}/{region}/{name}/{self.full_repository_name}.git"

    def statements(self, *, push: bool) -> list[Statement]:
        permissions = ["read_only", "read_write"] if push else ["read_only"]
        condition = {
            "StringEquals": {
                "codeconnections:FullRepositoryId": self.full_repository_name,
                "codeconnections:ProviderPermissionsRequired": permissions,
            }
        }
        return [
            statement(["codeconnections:GetConnection"], self.connection_arn),
            statement(["codeconnections:UseConnection"], self.connection_arn, condition),
        ]
