"""The data of an environment: one key, a bucket for each kind of data, and the place of the features."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from constructs import Construct

from mlgov_constructs.identity import JobRole, JobType
from mlgov_constructs.preparation import FeatureDatabase
from mlgov_constructs.preparation.offline_store_rights import offline_store_statements
from mlgov_constructs.protection import DataClass, DataKey, GovernedBucket
from stacks.environment import Capability, Environment
from stacks.environment_stack import EnvironmentStack
from stacks.foundation_stack import FoundationStack
from stacks.translation import data_removal, existing_roles


class DataStack(EnvironmentStack):
    """The data key, the governed buckets and the feature store's database of one environment.

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
        feature_store_role: The role under which Feature Store writes history; ``None`` where the region has no
            Feature Store.
        tracking_role: The role under which MLflow keeps artifacts; ``None`` where experiments are not tracked.
        feature_database: The database of the features' history.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, environment: Environment, foundation: FoundationStack
    ) -> None:
        super().__init__(scope, construct_id, environment=environment, description="Key and buckets of the data")
        protection = environment.protection
        removal = data_removal(environment)
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
        self.feature_store_role = (
            JobRole(
                self,
                "FeatureStoreRole",
                job=JobType.FEATURE_STORE,
                project=environment.project,
                permissions_boundary=foundation.permissions_boundary,
            )
            if environment.offers(Capability.FEATURE_STORE)
            else None
        )
        self.tracking_role = (
            JobRole(
                self,
                "TrackingRole",
                job=JobType.TRACKING,
                project=environment.project,
                permissions_boundary=foundation.permissions_boundary,
            )
            if environment.tracks_experiments
            else None
        )
        # Feature Store and MLflow write from their own network, so their roles are let past the rule of ours;
        # those of projects that are provisioned later have a name of this form.
        provisioned = existing_roles(
            Construct(self, "FeatureStores"), [f"{environment.project_prefix}-*-feature-store"]
        )
        exceptions: dict[DataClass, list[iam.IRole]] = {
            DataClass.CURATED: [self.feature_store_role, *provisioned] if self.feature_store_role else [],
            DataClass.ARTIFACTS: [self.tracking_role] if self.tracking_role else [],
        }
        self.raw, self.curated, self.artifacts = (
            GovernedBucket(
                self,
                data_class.value.capitalize(),
                encryption_key=self.key,
                data_class=data_class,
                access_log_bucket=foundation.log_archive.access_log_bucket,
                vpc_endpoints=foundation.s3_endpoints,
                organization_id=environment.organization_id,
                administrators=[*administrators, *exceptions.get(data_class, [])],
                removal_policy=removal,
            )
            for data_class in (DataClass.RAW, DataClass.CURATED, DataClass.ARTIFACTS)
        )
        self.feature_database = FeatureDatabase(
            self, "Features", project=environment.project, bucket=self.curated, removal_policy=removal
        )
        if self.feature_store_role:
            self.feature_store_role.allow(
                offline_store_statements(
                    project=environment.project,
                    bucket_arn=self.curated.bucket_arn,
                    bucket_key_arn=self.key.key_arn,
                    database=self.feature_database.database_name,
                )
            )

    @property
    def buckets(self) -> list[GovernedBucket]:
        """Every bucket of the stack."""
        return [self.raw, self.curated, self.artifacts]
