"""The tables of the inventory, as they are declared in ``tables.toml``."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

from mlgov_constructs.aws_tokens import aws_tokens

PARTITION = "day"
COMMON_COLUMNS = {"collected_at": "string", "collected_by": "string"}
# No file is older than this library.
FIRST_DAY = "2026-01-01"


@dataclass(frozen=True, slots=True)
class LineageTable:
    """A table of the inventory.

    Attributes:
        name: Its name, which is that of its folder too.
        description: What a row is.
        columns: Names and types of the columns, without the partition.
    """

    name: str
    description: str
    columns: Mapping[str, str]


@functools.cache
def lineage_tables() -> tuple[LineageTable, ...]:
    """Return the tables in the order of their declaration.

    Example:
        >>> [table.name for table in lineage_tables()]
        ['model_versions', 'served_models', 'decisions', 'sweeps']
    """
    declared = tomllib.loads(resources.files(__package__).joinpath("tables.toml").read_text("utf-8"))
    return tuple(
        LineageTable(name, table["description"], {**table["columns"], **COMMON_COLUMNS})
        for name, table in declared.items()
    )


def table_properties(table: LineageTable, *, database_name: str, location: str) -> dict[str, Any]:
    """Return every property of a table in the Data Catalog, as ``CfnTable`` takes them.

    Athena computes the partitions, a day each, from the table itself, so nothing has to register them.

    Args:
        table: The table.
        database_name: Its database.
        location: Where its days lie, ``s3://bucket/prefix/name``.

    Source: https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html
    """
    return {
        "catalog_id": aws_tokens().account,
        "database_name": database_name,
        "table_input": {
            "name": table.name,
            "description": table.description,
            "tableType": "EXTERNAL_TABLE",
            "partitionKeys": [{"name": PARTITION, "type": "string"}],
            "parameters": {
                "classification": "json",
                "EXTERNAL": "TRUE",
                "projection.enabled": "true",
                f"projection.{PARTITION}.type": "date",
                f"projection.{PARTITION}.format": "yyyy-MM-dd",
                f"projection.{PARTITION}.range": f"{FIRST_DAY},NOW",
                "storage.location.template": f"{location}/{PARTITION}=${{{PARTITION}}}",
            },
            "storageDescriptor": {
                "location": location,
                "columns": [{"name": name, "type": kind} for name, kind in table.columns.items()],
                "inputFormat": "org.apache.hadoop.mapred.TextInputFormat",
                "outputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
                "serdeInfo": {"serializationLibrary": "org.openx.data.jsonserde.JsonSerDe"},
            },
        },
    }
