"""The image that a job runs."""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from typing import Any

from aws_cdk import CfnMapping, Fn, Stack, Token
from aws_cdk import aws_ecr as ecr
from constructs import Construct

from mlgov_constructs.aws_tokens import aws_tokens
from mlgov_constructs.errors import ConstructError

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
XGBOOST = "sagemaker-xgboost"
MAPPING = "AlgorithmRegistries"


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

    @classmethod
    def from_repository(
        cls,
        repository: ecr.IRepository,
        *,
        digest: str,
        metrics: Mapping[str, str | None] | None = None,
        resumes: bool = False,
    ) -> JobImage:
        """Return an image of a repository.

        Args:
            repository: The repository.
            digest: ``sha256:`` and 64 characters, as the registry gives it after a push.
            metrics: The metrics that training with it emits, with their regular expressions.
            resumes: Whether training goes on from ``/opt/ml/checkpoints``.
        """
        uri = f"{repository.repository_uri}@{digest}"
        return cls(uri, metrics or {}, resumes, repository_arn=repository.repository_arn)

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
        tokens = aws_tokens()
        account = _registry(scope, any_region=any_region)
        repository = tokens.arn("ecr", f"repository/{XGBOOST}", account=account)
        uri = f"{account}.dkr.ecr.{tokens.region}.{tokens.url_suffix}/{XGBOOST}:{version}"
        metrics = dict.fromkeys(XGBOOST_METRICS)
        return cls(uri, metrics, resumes=True, is_built_in=True, repository_arn=repository)

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


@functools.cache
def algorithm_registries() -> dict[str, str]:
    """Return the account of AWS's images by region, of all partitions."""
    text = resources.files(__package__).joinpath("algorithm_registries.toml").read_text(encoding="utf-8")
    return {region: account for accounts in tomllib.loads(text).values() for region, account in accounts.items()}


def _registry(scope: Construct, *, any_region: bool) -> str:
    stack = Stack.of(scope)
    if not any_region and not Token.is_unresolved(stack.region):
        account = algorithm_registries().get(stack.region)
        if account is None:
            raise ConstructError(
                scope,
                None,
                f"AWS publishes no image of XGBoost in region {stack.region!r}",
                "Use an image of your own by its digest, or extend algorithm_registries.toml.",
            )
        return account
    if stack.node.try_find_child(MAPPING) is None:
        accounts = {region: {"Account": account} for region, account in algorithm_registries().items()}
        CfnMapping(stack, MAPPING, mapping=accounts)
    return Fn.find_in_map(MAPPING, aws_tokens().region, "Account")
