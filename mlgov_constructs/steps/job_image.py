"""The image that a job runs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aws_cdk import Token
from aws_cdk import aws_ecr as ecr
from constructs import Construct

from mlgov_constructs.argument_types import checked_arguments
from mlgov_constructs.aws_tokens import aws_tokens
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.steps.image_registries import ImageRegistries

DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
IMAGE_BY_DIGEST = re.compile(rf"\S+@{DIGEST.pattern}")
VERSION = re.compile(r"\d+\.\d+-\d+")
# Source: https://docs.aws.amazon.com/sagemaker/latest/dg/xgboost-tuning.html
XGBOOST_METRICS = tuple(
    f"validation:{name}"
    for name in (
        "accuracy",
        "auc",
        "error",
        "f1",
        "logloss",
        "mae",
        "map",
        "merror",
        "mlogloss",
        "mse",
        "ndcg",
        "rmse",
    )
)
XGBOOST, SCIKIT_LEARN = "sagemaker-xgboost", "sagemaker-scikit-learn"


@checked_arguments
@dataclass(frozen=True)
class JobImage:
    """An image by its digest, or an image of AWS by its version.

    Attributes:
        uri: The address of the image.
        metrics: The metrics that training with it emits, each with the regular expression that
            finds it in the log, or ``None`` where SageMaker knows it.
        resumes: Whether training goes on from a checkpoint, so that Spot machines are safe.
        is_built_in: Whether AWS publishes it; its version then stands for its digest.
        repository_arn: The repository, if it is known; the roles of jobs are granted to pull.
        accelerator: What it cannot do without: ``gpu``, ``neuron``, or nothing.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms.html

    Example:
        >>> JobImage("111122223333.dkr.ecr.eu-west-1.example/train@sha256:" + "0" * 64).is_built_in
        False
    """

    uri: str
    metrics: Mapping[str, str | None] = field(default_factory=dict)
    resumes: bool = False
    is_built_in: bool = False
    repository_arn: str | None = None
    accelerator: str | None = None

    @classmethod
    def from_repository(
        cls,
        repository: ecr.IRepository,
        *,
        digest: str,
        metrics: Mapping[str, str | None] | None = None,
        resumes: bool = False,
        accelerator: str | None = None,
    ) -> JobImage:
        """Return an image of a repository.

        Args:
            repository: The repository.
            digest: ``sha256:`` and 64 characters, as the registry gives it after a push.
            metrics: The metrics that training with it emits, with their regular expressions.
            resumes: Whether training goes on from ``/opt/ml/checkpoints``.
            accelerator: What it cannot do without: ``gpu``, ``neuron``, or nothing.
        """
        uri = f"{repository.repository_uri}@{digest}"
        arn = repository.repository_arn
        return cls(uri, metrics or {}, resumes, repository_arn=arn, accelerator=accelerator)

    @classmethod
    def xgboost(cls, scope: Construct, *, version: str = "1.7-1", any_region: bool = False) -> JobImage:
        """Return SageMaker's own XGBoost, which takes CSV with the label first and no header.

        Where the region is known only when the stack is deployed, the stack gets a mapping of
        regions to registries.

        Args:
            scope: The stack, or a construct in it, that the pipeline is in.
            version: The version, as in ``1.7-1``; never ``latest``.
            any_region: Whether the template is for any region, whatever the region of the stack.

        Raises:
            ConstructError: The version has another form, or AWS publishes no image in the region.
        """
        if not VERSION.fullmatch(version):
            raise ConstructError(scope, None, f"XGBoost has no version {version!r}", "Write it as in '1.7-1'.")
        account = ImageRegistries.ALGORITHMS.account(scope, what="XGBoost", any_region=any_region)
        return cls._of_aws(account, XGBOOST, f":{version}", dict.fromkeys(XGBOOST_METRICS), resumes=True)

    @classmethod
    def scikit_learn(cls, scope: Construct, *, version: str = "1.2-1", any_region: bool = False) -> JobImage:
        """Return SageMaker's scikit-learn, which runs a script of yours.

        Args:
            scope: The stack, or a construct in it, that the pipeline is in.
            version: The version, as in ``1.2-1``; never ``latest``.
            any_region: Whether the template is for any region, whatever the region of the stack.

        Raises:
            ConstructError: The version has another form, or AWS publishes no image in the region.
        """
        if not VERSION.fullmatch(version):
            raise ConstructError(scope, None, f"scikit-learn has no version {version!r}", "Write it as in '1.2-1'.")
        account = ImageRegistries.ALGORITHMS.account(scope, what="scikit-learn", any_region=any_region)
        return cls._of_aws(account, SCIKIT_LEARN, f":{version}-cpu-py3")

    @classmethod
    def deep_learning(
        cls,
        scope: Construct,
        *,
        repository: str,
        digest: str,
        accelerator: str | None = "gpu",
        any_region: bool = False,
    ) -> JobImage:
        """Return one of AWS's Deep Learning Containers, with PyTorch or TensorFlow, which runs a script of yours.

        AWS moves their tags to patched images, so the digest is asked for.

        Args:
            scope: The stack, or a construct in it, that the pipeline is in.
            repository: The repository, ``pytorch-training`` for example.
            digest: ``sha256:`` and 64 characters, as the registry lists it.
            accelerator: What the image cannot do without: ``gpu``, ``neuron``, or nothing.
            any_region: Whether the template is for any region, whatever the region of the stack.

        Raises:
            ConstructError: The digest is none, or AWS publishes no image in the region.
        """
        check_digest(scope, digest)
        account = ImageRegistries.DEEP_LEARNING.account(scope, what="deep learning", any_region=any_region)
        return cls._of_aws(account, repository, f"@{digest}", accelerator=accelerator)

    @classmethod
    def _of_aws(
        cls,
        account: str,
        repository: str,
        version: str,
        metrics: Mapping[str, str | None] | None = None,
        *,
        resumes: bool = False,
        accelerator: str | None = None,
    ) -> JobImage:
        tokens = aws_tokens()
        uri = f"{account}.dkr.ecr.{tokens.region}.{tokens.url_suffix}/{repository}{version}"
        arn = tokens.arn("ecr", f"repository/{repository}", account=account)
        return cls(uri, metrics or {}, resumes, is_built_in=True, repository_arn=arn, accelerator=accelerator)

    @property
    def is_fixed(self) -> bool:
        """Whether the address always means the same image."""
        return self.is_built_in or IMAGE_BY_DIGEST.fullmatch(self.uri) is not None or self._ends_in_digest()

    def pull_statements(self) -> list[dict[str, Any]]:
        """Return what the role of a job needs to pull the image; nothing when its repository is not known."""
        if self.repository_arn is None:
            return []
        pull = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
        return [
            {"Effect": "Allow", "Action": pull, "Resource": self.repository_arn},
            # ECR knows no resource for it.
            {"Effect": "Allow", "Action": "ecr:GetAuthorizationToken", "Resource": "*"},
        ]

    def _ends_in_digest(self) -> bool:
        # The registry is a token in a stack of no fixed region; what follows @ is not.
        return Token.is_unresolved(self.uri) and DIGEST.fullmatch(self.uri.rsplit("@", 1)[-1]) is not None


def check_digest(scope: Construct, digest: str) -> None:
    """Raise when an image is named by anything but its digest.

    Args:
        scope: The construct that was given it.
        digest: The digest.

    Raises:
        ConstructError: It is a tag, or none at all.
    """
    if not Token.is_unresolved(digest) and not DIGEST.fullmatch(digest):
        raise ConstructError(
            scope,
            None,
            f"digest {digest!r} is none",
            "Write sha256: and 64 hexadecimal digits, as the registry gives it after a push; a tag can be moved.",
        )
