"""Asks downloaded files of the inventory, with the same saved queries, in SQLite."""

from __future__ import annotations

import datetime
import gzip
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mlgov_constructs.cli.lineage_answer import LineageAnswer, LineageError
from mlgov_constructs.mlops.lineage.lineage_query import LineageQuery
from mlgov_constructs.mlops.lineage.lineage_tables import PARTITION, LineageTable, lineage_tables


def ask_files(folder: Path, query: LineageQuery, parameter: str | None) -> LineageAnswer:
    """Answer a query from files.

    Args:
        folder: The folder of the tables, as the bucket has it: ``<table>/day=<day>/*.json.gz``.
        query: The query.
        parameter: The value of its parameter.

    Raises:
        LineageError: The folder holds no inventory, or a file of it cannot be read.
    """
    database = sqlite3.connect(":memory:")
    try:
        newest = _load(database, folder)
        _teach(database, newest)
        cursor = database.execute(query.sql, () if parameter is None else (parameter,))
        columns = tuple(column for column, *_ in cursor.description)
        rows = tuple(tuple(None if value is None else str(value) for value in row) for row in cursor)
    finally:
        database.close()
    return LineageAnswer(query.name, parameter, columns, rows)


def _load(database: sqlite3.Connection, folder: Path) -> str:
    """Read every file; return when the newest row was collected, which stands for now."""
    newest = ""
    for table in lineage_tables():
        columns = (*table.columns, PARTITION)
        database.execute(f"CREATE TABLE {table.name} ({', '.join(columns)})")
        rows = list(_rows(folder, table))
        newest = max([newest, *(row["collected_at"] for row in rows)])
        places = ", ".join("?" * len(columns))
        values = ([_plain(row.get(column)) for column in columns] for row in rows)
        # Names come from our own declaration, never from a file.
        database.executemany(f"INSERT INTO {table.name} VALUES ({places})", values)  # noqa: S608
    if not newest:
        msg = (
            f"{folder} holds no inventory. Download one with "
            f"'aws s3 sync s3://BUCKET/lineage/tables {folder}', or leave the folder out to ask Athena."
        )
        raise LineageError(msg)
    return newest


def _rows(folder: Path, table: LineageTable) -> Iterator[dict[str, Any]]:
    for path in sorted(folder.glob(f"{table.name}/{PARTITION}=*/*.json.gz")):
        day = path.parent.name.partition("=")[2]
        try:
            lines = gzip.decompress(path.read_bytes()).decode().splitlines()
            yield from ({**json.loads(line), PARTITION: day} for line in lines)
        except (OSError, EOFError, ValueError) as error:
            msg = f"{path} cannot be read: {error}. Download it again."
            raise LineageError(msg) from error


def _plain(value: Any) -> Any:
    """Return a value as Athena shows it, a list in JSON."""
    if isinstance(value, bool):
        return str(value).lower()
    return json.dumps(value) if isinstance(value, list) else value


def _teach(database: sqlite3.Connection, now: str) -> None:
    """Give SQLite the functions of Athena that the saved queries use."""
    database.create_function("now", 0, lambda: now)
    database.create_function("date_add", 3, _date_add, deterministic=True)
    database.create_function("date_format", 2, _date_format, deterministic=True)
    database.create_function("array_join", 2, _array_join, deterministic=True)


def _date_add(unit: str, number: int, time: str) -> str:
    return (datetime.datetime.fromisoformat(time) + datetime.timedelta(**{f"{unit}s": number})).isoformat()


def _date_format(time: str, form: str) -> str:
    return datetime.datetime.fromisoformat(time).strftime(form)


def _array_join(value: str | None, separator: str) -> str | None:
    return None if value is None else separator.join(json.loads(value))
