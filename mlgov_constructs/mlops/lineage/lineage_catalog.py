"""The tables of the inventory and the workgroup that asks them."""

from __future__ import annotations

import re
from typing import ClassVar

from aws_cdk import Duration, RemovalPolicy, Size
from aws_cdk import aws_athena as athena
from aws_cdk import aws_glue as glue
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from mlgov_constructs.aws_tokens import aws_tokens
from mlgov_constructs.controls import claim
from mlgov_constructs.mlops.lineage.lineage_query import lineage_queries
from mlgov_constructs.mlops.lineage.lineage_tables import lineage_tables, table_properties
from mlgov_constructs.mlops.lineage.work_group_properties import CONTROLS, work_group_properties
from mlgov_constructs.protection.data_removal import removal_relaxation

RESULTS_KEPT_DAYS = 30


class LineageCatalog(Construct):
    """A database with the tables of the inventory, and a workgroup with its saved queries.

    ``Lineage`` creates it and checks what it is given.

    Controls: ``MLG-MLO-20`` to ``MLG-MLO-24``, ``MLG-PRE-05``.

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        bucket: The bucket of the inventory.
        encryption_key: Its key.
        tables: The prefix of the tables.
        results: The prefix of the results of queries.
        database_name: The Glue database.
        work_group_name: The Athena workgroup.
        scan_limit: How much one query may read.
        removal_policy: That of the database, both keys considered.

    Cost: none below a million objects in the Data Catalog.

    Example:
        ``docs/examples/lineage.py`` is a complete app.
    """

    WORK_GROUP_CONTROLS: ClassVar[tuple[str, ...]] = CONTROLS
    DATABASE_CONTROLS: ClassVar[tuple[str, ...]] = ("MLG-PRE-05",)

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        bucket: s3.IBucket,
        encryption_key: kms.IKey,
        tables: str,
        results: str,
        database_name: str,
        work_group_name: str,
        scan_limit: Size,
        removal_policy: RemovalPolicy,
    ) -> None:
        super().__init__(scope, construct_id)
        self._create_tables(f"s3://{bucket.bucket_name}/{tables}", database_name, removal_policy)
        work_group = athena.CfnWorkGroup(
            self,
            "WorkGroup",
            **work_group_properties(
                name=work_group_name,
                description="Questions about models and endpoints; mlgov lineage asks them",
                bucket_name=bucket.bucket_name,
                key_arn=encryption_key.key_arn,
                results=results,
                scan_limit=scan_limit,
            ),
        )
        claim(work_group, self.WORK_GROUP_CONTROLS)
        self._save_queries(work_group.ref, database_name)
        if isinstance(bucket, s3.Bucket):
            bucket.add_lifecycle_rule(
                id=f"{work_group_name}-results",
                prefix=f"{results}/",
                expiration=Duration.days(RESULTS_KEPT_DAYS),
                noncurrent_version_expiration=Duration.days(1),
            )

    def _create_tables(self, location: str, database_name: str, removal_policy: RemovalPolicy) -> None:
        database = glue.CfnDatabase(
            self,
            "Database",
            catalog_id=aws_tokens().account,
            database_input=glue.CfnDatabase.DatabaseInputProperty(
                name=database_name, description="Inventory of models and endpoints", location_uri=location
            ),
        )
        database.apply_removal_policy(removal_policy)
        claim(database, self.DATABASE_CONTROLS, {"MLG-PRE-05": removal_relaxation(removal_policy)})
        for table in lineage_tables():
            properties = table_properties(table, database_name=database_name, location=f"{location}/{table.name}")
            resource = glue.CfnTable(self, _id(table.name, "Table"), **properties)
            # With the database, so that what was collected can still be asked.
            resource.apply_removal_policy(removal_policy)
            resource.node.add_dependency(database)

    def _save_queries(self, work_group: str, database_name: str) -> None:
        for query in lineage_queries().values():
            parameter = f" (parameter: {query.parameter})" if query.parameter else ""
            athena.CfnNamedQuery(
                self,
                _id(query.name, "Query"),
                name=query.name,
                description=f"{query.description}{parameter}",
                database=database_name,
                query_string=query.sql,
                work_group=work_group,
            )


def _id(name: str, kind: str) -> str:
    return "".join(word.capitalize() for word in re.split("[-_]", name)) + kind
