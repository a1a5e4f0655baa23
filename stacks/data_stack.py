"""The data of an environment: one key, and a bucket for each kind of data."""

from __future__ import annotations

from aws_cdk import Duration, RemovalPolicy
from constructs import Construct

from mlgov_constructs.protection import DataClass, DataKey, GovernedBucket
from stacks.environment import Environment
from stacks.environment_stack import EnvironmentStack
from stacks.foundation_stack import FoundationStack
from stacks.translation import existing_roles


class DataStack(EnvironmentStack):
    """The data key and the governed buckets of one environment.

    Args:
        scope: The environment.
        construct_id: The id in the environment.
        environment: What the environment's file says.
        foundation: The stack below.

    Attributes:
        key: The key of the data, and of the volumes and outputs of jobs.
        raw: The bucket of data as it was received.
        curated: The bucket of data that is fit for use.
        artifacts: The bucket of models and other results.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, environment: Environment, foundation: FoundationStack
    ) -> None:
        super().__init__(scope, construct_id, environment=environment, description="Key and buckets of the data")
        protection = environment.protection
        removal = RemovalPolicy.DESTROY if protection.allow_data_removal else RemovalPolicy.RETAIN
        self.key = DataKey(
            self,
            "Key",
            alias=f"mlgov/{environment.name}/data",
            description=f"Data of {environment.name}",
            administrators=existing_roles(self, protection.key_administrators),
            pending_window=Duration.days(protection.key_deletion_days),
            removal_policy=removal,
        )
        administrators = existing_roles(Construct(self, "DataAdministrators"), protection.data_administrators)
        self.raw, self.curated, self.artifacts = (
            GovernedBucket(
                self,
                data_class.value.capitalize(),
                encryption_key=self.key,
                data_class=data_class,
                access_log_bucket=foundation.log_archive.access_log_bucket,
                vpc_endpoints=foundation.s3_endpoints,
                organization_id=environment.organization_id,
                administrators=administrators,
                removal_policy=removal,
            )
            for data_class in (DataClass.RAW, DataClass.CURATED, DataClass.ARTIFACTS)
        )

    @property
    def buckets(self) -> list[GovernedBucket]:
        """Every bucket of the stack."""
        return [self.raw, self.curated, self.artifacts]
