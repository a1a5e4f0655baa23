"""The analysis configuration of Clarify."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Token
from aws_cdk import aws_s3 as s3
from constructs import Construct

from mlgov_constructs.errors import ConstructError
from mlgov_constructs.monitoring.baseline import Baseline


def analysis_config_uri(scope: Construct, construct_id: str, baseline: Baseline | None, key: str) -> str | None:
    """Return where the analysis configuration lies; ``None`` without a baseline, which is refused elsewhere.

    Args:
        scope: The parent of the monitor.
        construct_id: Its id.
        baseline: The baseline, whose bucket holds it.
        key: Its key.

    Raises:
        ConstructError: The key is no key of a JSON file.
    """
    if not Token.is_unresolved(key) and (key.startswith(("/", "s3:")) or not key.endswith(".json")):
        raise ConstructError(
            scope,
            construct_id,
            f"analysis_config {key!r} is no key of a JSON file",
            "Write it as in churn/baseline/analysis_config.json.",
        )
    return None if baseline is None else f"s3://{baseline.bucket.bucket_name}/{key}"


def analysis_config_reads(baseline: Baseline | None, key: str) -> Sequence[tuple[s3.IBucket, str]]:
    """Return what the role must read for it.

    Args:
        baseline: The baseline, whose bucket holds it.
        key: Its key.
    """
    return () if baseline is None else ((baseline.bucket, key),)
