"""A script that an image runs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from mlgov_constructs.argument_types import checked_arguments
from mlgov_constructs.steps.pipeline_step import Problem
from mlgov_constructs.steps.pipeline_value import PipelineValue
from mlgov_constructs.training.channel import Channel
from mlgov_constructs.training.input_mode import InputMode

CHANNEL = "code"
ENTRY_POINT = re.compile(r"[\w-]+(/[\w-]+)*\.(py|sh)")
ARCHIVE = re.compile(r"[\w.-]+\.tar\.gz")


@checked_arguments
@dataclass(frozen=True, kw_only=True)
class TrainingScript:
    """A script, with the files it needs, that an image with SageMaker's training toolkit runs (script mode).

    The toolkit would fetch the source from S3 itself, and under network isolation it cannot: the
    source comes as a channel named ``code``, as SageMaker copies channels into a job without network.

    Attributes:
        entry_point: The script in the source, for example ``train.py``.
        source: The folder in S3 that holds the archive, under the prefix of the project. Let its
            name end in the commit, ``Joined(("s3://bucket/churn/code", PipelineParameter("CodeCommit")), on="/")``,
            so that each run records which code it ran.
        archive: The name of the archive in the folder.
        metrics: The metrics that the script prints, each with the regular expression that finds it.
        resumes: Whether the script goes on from ``/opt/ml/checkpoints``, so that Spot machines are safe.

    Source: https://github.com/aws/sagemaker-training-toolkit

    Example:
        >>> TrainingScript(entry_point="train.py", source="s3://bucket/churn/code/abc123").hyperparameters()
        {'sagemaker_program': 'train.py', 'sagemaker_submit_directory': '/opt/ml/input/data/code/sourcedir.tar.gz'}
    """

    entry_point: str
    source: str | PipelineValue
    archive: str = "sourcedir.tar.gz"
    metrics: Mapping[str, str] = field(default_factory=dict)
    resumes: bool = False

    def hyperparameters(self) -> dict[str, str]:
        """Return the hyperparameters by which the toolkit finds the script."""
        return {
            "sagemaker_program": self.entry_point,
            "sagemaker_submit_directory": f"/opt/ml/input/data/{CHANNEL}/{self.archive}",
        }

    def channel(self) -> Channel:
        """Return the channel that brings the source."""
        return Channel(source=self.source, content_type="application/x-tar", input_mode=InputMode.FILE)

    def problems(self, where: str) -> Iterator[Problem]:
        """Yield what is wrong with the script.

        Args:
            where: The step, for messages.
        """
        if not ENTRY_POINT.fullmatch(self.entry_point):
            yield Problem(
                f"{where} has the entry point {self.entry_point!r}", "Name a .py or .sh file by its path in the source."
            )
        if not ARCHIVE.fullmatch(self.archive):
            yield Problem(
                f"{where} has the archive {self.archive!r}", "Name a .tar.gz file in the folder of the source."
            )
