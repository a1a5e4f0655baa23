"""The AWS services that ML work calls through VPC endpoints."""

from __future__ import annotations

import functools
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from importlib import resources

PARTITIONS = ("aws", "aws-us-gov", "aws-cn")


@dataclass(frozen=True, slots=True)
class _Facts:
    """One table of ``endpoint_services.toml``; the file says what each field means."""

    actions: tuple[str, ...]
    unowned: tuple[str, ...] = ()
    gateway: bool = False
    fips: str | None = None
    prefix: str | None = None
    partitions: tuple[str, ...] = PARTITIONS


class EndpointService(StrEnum):
    """A service that an isolated VPC can reach, by the name its endpoint carries.

    The catalogue (actions, partitions, FIPS variants) lies in ``endpoint_services.toml``.
    The full service name follows the region's partition when the endpoint is created.

    Source: https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html

    Example:
        >>> EndpointService.SAGEMAKER_API.is_gateway, EndpointService.KMS.fips_name
        (False, 'kms-fips')
    """

    S3 = "s3"
    DYNAMODB = "dynamodb"
    SAGEMAKER_API = "sagemaker.api"
    SAGEMAKER_RUNTIME = "sagemaker.runtime"
    SAGEMAKER_FEATURE_STORE_RUNTIME = "sagemaker.featurestore-runtime"
    SAGEMAKER_METRICS = "sagemaker.metrics"
    SAGEMAKER_NOTEBOOK = "notebook"
    SAGEMAKER_STUDIO = "studio"
    SAGEMAKER_EXPERIMENTS = "experiments"
    STS = "sts"
    KMS = "kms"
    LOGS = "logs"
    MONITORING = "monitoring"
    ECR_API = "ecr.api"
    ECR_DKR = "ecr.dkr"
    SSM = "ssm"
    SECRETS_MANAGER = "secretsmanager"
    SERVICE_CATALOG = "servicecatalog"
    GLUE = "glue"
    ATHENA = "athena"
    KINESIS_STREAMS = "kinesis-streams"
    KINESIS_FIREHOSE = "kinesis-firehose"
    LAMBDA = "lambda"
    STEP_FUNCTIONS = "states"
    EVENTBRIDGE = "events"
    SNS = "sns"
    SQS = "sqs"
    CODEARTIFACT_API = "codeartifact.api"
    CODEARTIFACT_REPOSITORIES = "codeartifact.repositories"
    GIT_CODECOMMIT = "git-codecommit"
    CODECOMMIT = "codecommit"
    CODECONNECTIONS = "codeconnections.api"
    ELASTIC_FILESYSTEM = "elasticfilesystem"
    BEDROCK_RUNTIME = "bedrock-runtime"
    LAKE_FORMATION = "lakeformation"
    API_GATEWAY = "execute-api"

    @property
    def is_gateway(self) -> bool:
        """Whether the endpoint is a gateway endpoint, which costs nothing."""
        return _facts()[self.value].gateway

    @property
    def actions(self) -> tuple[str, ...]:
        """The actions that the endpoint policy allows on resources of the account or organisation."""
        return _facts()[self.value].actions

    @property
    def unowned_actions(self) -> tuple[str, ...]:
        """The actions that touch no resource of the account, such as ``sts:GetCallerIdentity``."""
        return _facts()[self.value].unowned

    @property
    def fips_name(self) -> str | None:
        """The name of the FIPS variant, where the service has one."""
        return _facts()[self.value].fips

    @property
    def name_prefix(self) -> str | None:
        """What stands in the service name in place of the region's default prefix."""
        return _facts()[self.value].prefix

    @property
    def partitions(self) -> tuple[str, ...]:
        """The partitions that offer the endpoint."""
        return _facts()[self.value].partitions


@functools.cache
def _facts() -> dict[str, _Facts]:
    text = resources.files(__package__).joinpath("endpoint_services.toml").read_text(encoding="utf-8")
    return {
        name: _Facts(
            actions=tuple(table["actions"]),
            unowned=tuple(table.get("unowned", ())),
            gateway=table.get("gateway", False),
            fips=table.get("fips"),
            prefix=table.get("prefix"),
            partitions=tuple(table.get("partitions", PARTITIONS)),
        )
        for name, table in tomllib.loads(text).items()
    }
