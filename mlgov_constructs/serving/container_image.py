"""The image that a model runs in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from aws_cdk import Token
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_lambda as lambda_

from mlgov_constructs.argument_types import checked_arguments

DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
TOKEN_AT_END = re.compile(r"\}$")


class RepositoryAccess(StrEnum):
    """Over which network SageMaker pulls an image.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ImageConfig.html

    Example:
        >>> RepositoryAccess.VPC.value
        'Vpc'
    """

    PLATFORM = "Platform"
    VPC = "Vpc"


@checked_arguments
@dataclass(frozen=True)
class ContainerImage:
    """An image, named by its digest, and the way that SageMaker pulls it.

    Amazon ECR is pulled by the platform of SageMaker (``Platform``), with the rights of the
    model's role. A registry of your own is pulled through the VPC (``Vpc``), which is what
    Security Hub SageMaker.16 and .19 ask for; see ``docs/serving.md``.

    Attributes:
        uri: The image with its digest, ``registry/repository@sha256:...``.
        repository: The repository in ECR, to which a model's role is granted the pull.
        access: Over which network it is pulled.
        credentials: A function that returns the user and password of a private registry.

    Example:
        >>> ContainerImage.from_private_registry(f"registry.example.org/churn@sha256:{'0' * 64}").access.value
        'Vpc'
    """

    uri: str
    repository: ecr.IRepository | None = None
    access: RepositoryAccess = RepositoryAccess.PLATFORM
    credentials: lambda_.IFunction | None = None

    @classmethod
    def from_ecr_repository(cls, repository: ecr.IRepository, digest: str) -> ContainerImage:
        """Return an image of a repository in ECR; a model's role is granted to pull it.

        Args:
            repository: The repository.
            digest: The digest of the image, ``sha256:`` and 64 hexadecimal digits.
        """
        return cls(f"{repository.repository_uri}@{digest}", repository=repository)

    @classmethod
    def from_uri(cls, uri: str) -> ContainerImage:
        """Return an image in ECR by its full name, of a Deep Learning Container for example.

        Args:
            uri: The image with its digest. The right to pull it is granted elsewhere.
        """
        return cls(uri)

    @classmethod
    def from_private_registry(cls, uri: str, credentials: lambda_.IFunction | None = None) -> ContainerImage:
        """Return an image of a Docker registry that the VPC reaches.

        Args:
            uri: The image with its digest.
            credentials: A function that returns ``{"Credentials": {"Username": ..., "Password":
                ...}}``; a registry that asks for none when omitted.
        """
        return cls(uri, access=RepositoryAccess.VPC, credentials=credentials)

    @property
    def is_pinned(self) -> bool:
        """Whether the image is named by a digest, as far as synthesis can tell."""
        _, at, digest = self.uri.rpartition("@")
        if at:
            return bool(DIGEST.fullmatch(digest) or Token.is_unresolved(digest))
        return Token.is_unresolved(self.uri) and bool(TOKEN_AT_END.search(self.uri))
