"""Who starts pipelines of a project changes none."""

from __future__ import annotations

import pytest

from mlgov_constructs.identity.activities import RunPipelines, StartPipelines


def test_starting_is_bound_to_the_project() -> None:
    (statement,) = StartPipelines("churn").statements()
    assert statement["Condition"] == {"StringEquals": {"aws:ResourceTag/mlgov:project": "churn"}}
    assert statement["Resource"].endswith(":pipeline/*")
    assert "sagemaker:StartPipelineExecution" in statement["Action"]


@pytest.mark.parametrize("action", ["CreatePipeline", "DeletePipeline", "UpdatePipeline"])
def test_who_starts_changes_nothing(action: str) -> None:
    assert all(f"sagemaker:{action}" not in each["Action"] for each in StartPipelines("churn").statements())


def test_who_runs_pipelines_may_start_and_change_them() -> None:
    _, run, change = RunPipelines("churn").statements()
    (start,) = StartPipelines("churn").statements()
    assert run["Action"] == start["Action"]
    assert change["Action"] == "sagemaker:UpdatePipeline"


def test_who_runs_pipelines_changes_none_that_a_stack_keeps() -> None:
    _, _, change = RunPipelines("churn").statements()
    assert change["Condition"] == {
        "StringEquals": {"aws:ResourceTag/mlgov:project": "churn"},
        "Null": {"aws:ResourceTag/mlgov:deployed-by": "true"},
    }
