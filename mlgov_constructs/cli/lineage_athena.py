"""Asks the inventory in an account, with the queries saved in its workgroup."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from mlgov_constructs.cli.lineage_answer import LineageAnswer, LineageError

PAUSE_SECONDS = 0.5
MOST_QUERIES = 50  # that one request tells


def ask_athena(athena: Any, work_group: str, query: str, parameter: str | None, *, timeout: float) -> LineageAnswer:
    """Run a saved query and wait for its rows.

    Args:
        athena: The client of Athena.
        work_group: The workgroup that the query is saved in.
        query: The name of the query.
        parameter: The value of its parameter.
        timeout: How many seconds to wait.

    Raises:
        LineageError: There is no such workgroup or query, Athena refuses or fails, or it takes too long.
    """
    try:
        saved = _saved(athena, work_group, query)
        started = athena.start_query_execution(
            QueryString=saved["QueryString"],
            QueryExecutionContext={"Database": saved["Database"]},
            WorkGroup=work_group,
            **({} if parameter is None else {"ExecutionParameters": [_literal(parameter)]}),
        )
        execution = started["QueryExecutionId"]
        _wait(athena, execution, timeout)
        columns, *rows = _rows(athena, execution)
    except ClientError as error:
        told = error.response["Error"]
        msg = f"Athena refused ({told['Code']}): {told['Message']}"
        raise LineageError(msg) from error
    except BotoCoreError as error:
        msg = f"Athena cannot be reached: {error}"
        raise LineageError(msg) from error
    return LineageAnswer(query, parameter, tuple(str(column) for column in columns), tuple(rows))


def _saved(athena: Any, work_group: str, query: str) -> dict[str, Any]:
    pages = athena.get_paginator("list_named_queries").paginate(WorkGroup=work_group)
    ids = [query_id for page in pages for query_id in page["NamedQueryIds"]]
    names = []
    for start in range(0, len(ids), MOST_QUERIES):
        for each in athena.batch_get_named_query(NamedQueryIds=ids[start : start + MOST_QUERIES])["NamedQueries"]:
            if each["Name"] == query:
                saved: dict[str, Any] = each
                return saved
            names.append(each["Name"])
    msg = (
        f"Workgroup {work_group} has no saved query {query!r}; it has {', '.join(sorted(names)) or 'none'}. "
        "Name that of the inventory with --work-group."
    )
    raise LineageError(msg)


def _wait(athena: Any, execution: str, timeout: float) -> None:
    deadline = time.monotonic() + timeout
    while True:
        status = athena.get_query_execution(QueryExecutionId=execution)["QueryExecution"]["Status"]
        if status["State"] == "SUCCEEDED":
            return
        if status["State"] in ("FAILED", "CANCELLED"):
            msg = f"The query {status['State'].lower()}: {status.get('StateChangeReason', 'Athena gives no reason')}"
            raise LineageError(msg)
        if time.monotonic() > deadline:
            athena.stop_query_execution(QueryExecutionId=execution)
            msg = f"Athena took more than {timeout:g} seconds. Wait longer with --timeout."
            raise LineageError(msg)
        time.sleep(PAUSE_SECONDS)


def _rows(athena: Any, execution: str) -> Iterator[tuple[str | None, ...]]:
    """Yield the rows; the first one holds the names of the columns."""
    for page in athena.get_paginator("get_query_results").paginate(QueryExecutionId=execution):
        for row in page["ResultSet"]["Rows"]:
            yield tuple(cell.get("VarCharValue") for cell in row["Data"])


def _literal(text: str) -> str:
    """Return a text as SQL writes it: Athena takes the value of a parameter as an expression."""
    return "'" + text.replace("'", "''") + "'"
