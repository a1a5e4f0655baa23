"""The Glue database in which the tables of a project's features lie."""

from __future__ import annotations

import re
from typing import ClassVar

from aws_cdk import RemovalPolicy, Resource, Token
from aws_cdk import aws_glue as glue
from aws_cdk import aws_s3 as s3
from constructs import Construct

from mlgov_constructs.argument_types import checked_arguments
from mlgov_constructs.aws_tokens import aws_tokens
from mlgov_constructs.controls import claim
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.identity.project import check_project
from mlgov_constructs.preparation.feature_group_properties import offline_prefix
from mlgov_constructs.protection.data_removal import effective_removal_policy, removal_relaxation

DATABASE_NAME = re.compile(r"[a-z0-9_]{1,255}")


@checked_arguments
class FeatureDatabase(Resource):
    """A database of the AWS Glue Data Catalog for the offline stores of one project.

    Feature Store would put every table of the account into one database, where no grant tells
    projects apart. This one lies at the project's prefix, so a Lake Formation administrator can
    register the location and govern the database as a whole. It is retained: an Iceberg table
    without its entry here is a heap of files.

    Controls: ``MLG-PRE-05`` (outlives its stack).

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        project: The project.
        bucket: The bucket of the offline stores.
        database_name: A name in lower-case letters, digits and underscores, which Athena takes
            without quotes; ``features_`` and the project by default.
        removal_policy: ``DESTROY`` is honoured only with the context flag
            ``mlgov:allowDataRemoval``; the database is retained otherwise.

    Raises:
        ConstructError: The project or the name has another form.

    Source: https://docs.aws.amazon.com/glue/latest/dg/define-database.html

    Cost: none below a million objects in the Data Catalog.

    Example:
        ``docs/examples/preparation.py`` is a complete app.
    """

    CONTROLS: ClassVar[tuple[str, ...]] = ("MLG-PRE-05",)

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        project: str,
        bucket: s3.IBucket,
        database_name: str | None = None,
        removal_policy: RemovalPolicy = RemovalPolicy.RETAIN,
    ) -> None:
        check_project(scope, construct_id, project)
        name = database_name or f"features_{project.replace('-', '_')}"
        if not Token.is_unresolved(name) and not DATABASE_NAME.fullmatch(name):
            raise ConstructError(
                scope,
                construct_id,
                f"database_name {name!r} is none that Athena takes without quotes",
                "Use lower-case letters, digits and underscores.",
            )
        effective = effective_removal_policy(scope, construct_id, removal_policy)
        super().__init__(scope, construct_id)
        resource = glue.CfnDatabase(
            self,
            "Resource",
            catalog_id=aws_tokens().account,
            database_input=glue.CfnDatabase.DatabaseInputProperty(
                name=name,
                description=f"Features of project {project}",
                location_uri=f"s3://{bucket.bucket_name}/{offline_prefix(project)}",
            ),
        )
        resource.apply_removal_policy(effective)
        claim(resource, self.CONTROLS, {"MLG-PRE-05": removal_relaxation(effective)})
        self.project = project
        self.database_name = name
        self.resource = resource

    def table_arns(self, table: str) -> list[str]:
        """Return the ARNs that Glue asks a right on, to use a table.

        Args:
            table: The name of the table, or a pattern with ``*``.
        """
        return table_arns(self.database_name, table)


def table_arns(database: str, table: str) -> list[str]:
    """Return the ARNs that Glue asks a right on, to use a table: catalogue, database and table.

    Args:
        database: The name of the database.
        table: The name of the table, or a pattern with ``*``.
    """
    tokens = aws_tokens()
    resources = ("catalog", f"database/{database}", f"table/{database}/{table}")
    return [tokens.arn("glue", resource) for resource in resources]
