"""How closely the machines of a training job are watched."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mlgov_constructs.argument_types import checked_arguments
from mlgov_constructs.steps.pipeline_step import Problem

INTERVALS = (100, 200, 500, 1000, 5000, 60000)


@checked_arguments
@dataclass(frozen=True, kw_only=True)
class ProfilerConfig:
    """Record the use of processors, memory, disks and network of the machines of a training job.

    The records go to the output of the pipeline, with its key. It is a part of SageMaker Debugger,
    which takes no new customers since 30 July 2026. CloudWatch has such figures for everybody.

    Attributes:
        interval_milliseconds: How often: 100, 200, 500, 1,000, 5,000 or 60,000.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProfilerConfig.html

    Cost:
        The storage of the records.

    Example:
        >>> ProfilerConfig().render("s3://bucket/churn")["ProfilingIntervalInMilliseconds"]
        500
    """

    interval_milliseconds: int = 500

    def render(self, output_uri: str) -> dict[str, Any]:
        """Return the settings as a request has them.

        Args:
            output_uri: Where the jobs of the pipeline write.
        """
        return {
            "DisableProfiler": False,
            "ProfilingIntervalInMilliseconds": self.interval_milliseconds,
            "S3OutputPath": f"{output_uri}/profiles",
        }

    def problems(self, where: str) -> Iterator[Problem]:
        """Yield what is wrong with the settings.

        Args:
            where: The step, for messages.
        """
        if self.interval_milliseconds not in INTERVALS:
            yield Problem(
                f"{where} is profiled every {self.interval_milliseconds} milliseconds",
                f"Use one of {', '.join(map(str, INTERVALS))}.",
            )
