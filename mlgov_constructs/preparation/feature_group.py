"""Features of a project, with their history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from aws_cdk import Names, RemovalPolicy, Resource
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from mlgov_constructs.argument_types import checked_arguments
from mlgov_constructs.aws_tokens import aws_tokens
from mlgov_constructs.controls import claim
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.identity import PROJECT_TAG
from mlgov_constructs.identity.grants import give, rights_of
from mlgov_constructs.network import IIsolatedVpc
from mlgov_constructs.preparation.feature import Feature
from mlgov_constructs.preparation.feature_checks import (
    check_bucket_key,
    check_description,
    check_features,
    check_name,
    check_role,
)
from mlgov_constructs.preparation.feature_database import FeatureDatabase
from mlgov_constructs.preparation.feature_group_properties import (
    CONTROLS,
    TableFormat,
    feature_group_properties,
    offline_prefix,
    online_store_properties,
)
from mlgov_constructs.preparation.feature_services import require_feature_services
from mlgov_constructs.preparation.offline_store_rights import offline_store_statements
from mlgov_constructs.preparation.online_store import OnlineStore
from mlgov_constructs.protection.data_removal import effective_removal_policy, removal_relaxation

NAMESPACE = "AWS/SageMaker/FeatureStore"


@checked_arguments
class FeatureGroup(Resource):
    """A SageMaker feature group of one project, encrypted, with its history in the governed bucket.

    It creates a ``AWS::SageMaker::FeatureGroup``. Every record goes to the offline store: an
    Iceberg table under the project's prefix, with the key of the bucket and an entry in the
    project's Glue database. With ``online_store`` the latest record of each identifier also
    answers an endpoint within milliseconds. The VPC gets the endpoints that the work with
    features calls.

    Identifier, event time, stores, role, description and tags cannot change: CloudFormation
    would replace the group, and refuses, because it has a name. Features can be added. Tags of
    the app stay out for that reason; give ``tags`` what must be there from the first day.

    Controls: ``MLG-PRE-01`` to ``MLG-PRE-05``, which cover Security Hub SageMaker.17 and .18.

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        features: The features, identifier and event time included: 1 to 2,500.
        record_identifier: The name of the feature that names a record.
        event_time: The name of the feature that says when a record was true: a text (ISO 8601) or
            a number (seconds since 1970).
        database: The Glue database of the project's features; it gives the project.
        bucket: The bucket of the offline store, with a customer managed key; its policy must
            except ``role`` from the VPC endpoints, see ``docs/preparation.md``.
        role: The role that writes the offline store, a ``JobRole`` of type ``FEATURE_STORE`` for
            example. It is granted what it needs.
        vpc: The VPC in which features are written and read.
        encryption_key: The key of the online store.
        online_store: The online store; none when omitted.
        table_format: ``ICEBERG``, or ``GLUE`` for Parquet files by the hour.
        feature_group_name: A name; made from the path of the construct when omitted.
        description: What the features are, up to 128 characters.
        tags: More tags, which cannot change later.
        removal_policy: ``DESTROY`` is honoured only with the context flag
            ``mlgov:allowDataRemoval``; the group is retained otherwise. The offline store stays
            in the bucket either way.

    Raises:
        ConstructError: An argument cannot be used; the message says what to change.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/feature-store.html

    Cost:
        The offline store costs what S3 costs. The standard online store takes 0.45 USD a GB and
        month, 1.25 USD a million write units and 0.25 USD a million read units.

    Example:
        ``docs/examples/preparation.py`` is a complete app.
    """

    CONTROLS: ClassVar[tuple[str, ...]] = CONTROLS

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        features: Sequence[Feature],
        record_identifier: str,
        event_time: str,
        database: FeatureDatabase,
        bucket: s3.IBucket,
        role: iam.IRole,
        vpc: IIsolatedVpc,
        encryption_key: kms.IKey,
        online_store: OnlineStore | None = None,
        table_format: TableFormat = TableFormat.ICEBERG,
        feature_group_name: str | None = None,
        description: str | None = None,
        tags: Mapping[str, str] | None = None,
        removal_policy: RemovalPolicy = RemovalPolicy.RETAIN,
    ) -> None:
        project = database.project
        check_name(scope, construct_id, feature_group_name)
        check_features(
            scope, construct_id, features=features, record_identifier=record_identifier, event_time=event_time
        )
        check_description(scope, construct_id, description)
        check_role(scope, construct_id, role, project)
        bucket_key = check_bucket_key(scope, construct_id, bucket)
        effective = effective_removal_policy(scope, construct_id, removal_policy)
        super().__init__(scope, construct_id)
        require_feature_services(vpc, by=self)
        name = feature_group_name or Names.unique_resource_name(self, max_length=64, separator="-").lower()
        table = name.lower().replace("-", "_")
        self.project, self.role = project, role
        self.table_name = table
        self._bucket, self._bucket_key_arn, self._database = bucket, bucket_key.key_arn, database
        self._online_key_arn = encryption_key.key_arn if online_store else None
        self._let_role_store()
        properties = feature_group_properties(
            project=project,
            feature_group_name=name,
            record_identifier=record_identifier,
            event_time=event_time,
            features=[{"featureName": each.name, "featureType": each.type.value} for each in features],
            role_arn=role.role_arn,
            bucket_name=bucket.bucket_name,
            bucket_key_arn=self._bucket_key_arn,
            database=database.database_name,
            table=table,
            table_format=table_format,
            online_store=online_store_properties(
                encryption_key.key_arn, storage=online_store.storage.value, ttl=online_store.ttl
            )
            if online_store
            else None,
            description=description,
            tags=tags,
        )
        resource = sagemaker.CfnFeatureGroup(self, "Resource", **properties)
        # A tag that an app changes would replace the group.
        resource.add_property_override("Tags", _tags(project, tags))
        resource.apply_removal_policy(effective)
        claim(resource, self.CONTROLS, {"MLG-PRE-05": removal_relaxation(effective)})
        resource.node.add_dependency(database.resource, rights_of(role))
        self._name = name

    @property
    def feature_group_name(self) -> str:
        """The name of the feature group."""
        return self._name

    @property
    def feature_group_arn(self) -> str:
        """The ARN of the feature group; SageMaker has the name in it in lower case."""
        return aws_tokens().arn("sagemaker", f"feature-group/{self._name.lower()}")

    def grant_ingest(self, grantee: iam.IGrantable) -> None:
        """Let a principal write and delete records.

        Args:
            grantee: The principal.
        """
        self._grant(grantee, ["sagemaker:DeleteRecord", "sagemaker:PutRecord"])

    def grant_read_online(self, grantee: iam.IGrantable) -> None:
        """Let a principal read the latest records.

        Args:
            grantee: The principal.

        Raises:
            ConstructError: The group has no online store.
        """
        if self._online_key_arn is None:
            raise ConstructError(
                self, None, "the feature group has no online store to read", "Give it online_store=OnlineStore()."
            )
        self._grant(grantee, ["sagemaker:BatchGetRecord", "sagemaker:DescribeFeatureGroup", "sagemaker:GetRecord"])

    def grant_read_offline(self, grantee: iam.IGrantable) -> None:
        """Let a principal read the history: the files, their key and the entry of the table.

        To query it with Athena a principal also needs a workgroup.

        Args:
            grantee: The principal.
        """
        tokens = aws_tokens()
        bucket_arn, prefix = self._bucket.bucket_arn, offline_prefix(self.project)
        self._allow(
            grantee,
            {"Action": "sagemaker:DescribeFeatureGroup", "Resource": self.feature_group_arn},
            {"Action": ["s3:GetObject", "s3:GetObjectVersion"], "Resource": f"{bucket_arn}/{prefix}/*"},
            {
                "Action": "s3:ListBucket",
                "Resource": bucket_arn,
                "Condition": {"StringLike": {"s3:prefix": f"{prefix}/*"}},
            },
            {"Action": "s3:GetBucketLocation", "Resource": bucket_arn},
            {
                "Action": ["kms:Decrypt", "kms:DescribeKey"],
                "Resource": self._bucket_key_arn,
                "Condition": {"StringEquals": {"kms:ViaService": f"s3.{tokens.region}.{tokens.url_suffix}"}},
            },
            {
                "Action": ["glue:GetDatabase", "glue:GetPartitions", "glue:GetTable"],
                "Resource": self._database.table_arns(self.table_name),
            },
        )

    def metric(self, metric_name: str, *, operation: str, statistic: str = "Sum") -> cloudwatch.Metric:
        """Return a metric of the online store.

        Args:
            metric_name: The name, for example ``Latency``.
            operation: What was called: ``PutRecord``, ``GetRecord``, ``BatchGetRecord``, ``DeleteRecord``.
            statistic: The statistic; the sum by default.

        Source: https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html
        """
        dimensions = {"FeatureGroupName": self._name, "OperationName": operation}
        return cloudwatch.Metric(
            namespace=NAMESPACE, metric_name=metric_name, dimensions_map=dimensions, statistic=statistic
        )

    def metric_invocations(self, operation: str = "GetRecord") -> cloudwatch.Metric:
        """Return how often an operation was called."""
        return self.metric("Invocations", operation=operation)

    def metric_latency(self, operation: str = "GetRecord") -> cloudwatch.Metric:
        """Return how long 99 of 100 calls of an operation took at most, in milliseconds."""
        return self.metric("Latency", operation=operation, statistic="p99")

    def metric_throttled_requests(self, operation: str = "PutRecord") -> cloudwatch.Metric:
        """Return how often an operation was refused for its rate."""
        return self.metric("ThrottledRequests", operation=operation)

    def _grant(self, grantee: iam.IGrantable, actions: list[str]) -> None:
        statements: list[dict[str, Any]] = [{"Action": actions, "Resource": self.feature_group_arn}]
        if self._online_key_arn is not None:
            tokens = aws_tokens()
            via = {"StringEquals": {"kms:ViaService": f"sagemaker.{tokens.region}.{tokens.url_suffix}"}}
            statements.append({"Action": "kms:Decrypt", "Resource": self._online_key_arn, "Condition": via})
        self._allow(grantee, *statements)

    def _allow(self, grantee: iam.IGrantable, *statements: Mapping[str, Any]) -> None:
        give(grantee, [{"Effect": "Allow", **statement} for statement in statements])

    def _let_role_store(self) -> None:
        statements = offline_store_statements(
            project=self.project,
            bucket_arn=self._bucket.bucket_arn,
            bucket_key_arn=self._bucket_key_arn,
            database=self._database.database_name,
            table=self.table_name,
        )
        give(self.role, statements)


def _tags(project: str, tags: Mapping[str, str] | None) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in {**(tags or {}), PROJECT_TAG: project}.items()]
