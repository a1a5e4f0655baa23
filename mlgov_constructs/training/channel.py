"""One input of a training job."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from mlgov_constructs.argument_types import checked_arguments
from mlgov_constructs.steps.pipeline_step import Problem
from mlgov_constructs.steps.pipeline_value import PipelineValue
from mlgov_constructs.training.input_mode import InputMode

NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")


@checked_arguments
@dataclass(frozen=True, kw_only=True)
class Channel:
    """One input of a training job, where its address alone does not say enough.

    Attributes:
        source: ``s3://...``, an output of another step, or a parameter.
        content_type: What it holds; that of the step when omitted.
        input_mode: How it arrives; that of the step when omitted.
        sharded: Each machine gets a share of the objects (``ShardedByS3Key``); all of them otherwise.
        gzip: The objects are compressed, and are unpacked on the way; in mode ``Pipe`` only.
        record_io: Each object is wrapped in a RecordIO record on the way; in mode ``Pipe`` only.
        shuffle_seed: The objects come in an order that follows from the seed.
        instance_groups: The groups of machines that get it; all when empty.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_Channel.html

    Example:
        >>> Channel(source="s3://bucket/churn/train", sharded=True).render("train", "text/csv")["ChannelName"]
        'train'
    """

    source: str | PipelineValue
    content_type: str | None = None
    input_mode: InputMode | None = None
    sharded: bool = False
    gzip: bool = False
    record_io: bool = False
    shuffle_seed: int | None = None
    instance_groups: Sequence[str] = ()

    def render(self, name: str, content_type: str) -> dict[str, Any]:
        """Return the channel as a request has it.

        Args:
            name: The name of the channel.
            content_type: What the channels of the step hold.
        """
        source: dict[str, Any] = {
            "S3DataDistributionType": "ShardedByS3Key" if self.sharded else "FullyReplicated",
            "S3DataType": "S3Prefix",
            "S3Uri": self.source,
        }
        if self.instance_groups:
            source["InstanceGroupNames"] = list(self.instance_groups)
        channel: dict[str, Any] = {
            "ChannelName": name,
            "ContentType": self.content_type or content_type,
            "DataSource": {"S3DataSource": source},
        }
        if self.input_mode is not None:
            channel["InputMode"] = self.input_mode.value
        if self.gzip:
            channel["CompressionType"] = "Gzip"
        if self.record_io:
            channel["RecordWrapperType"] = "RecordIO"
        if self.shuffle_seed is not None:
            channel["ShuffleConfig"] = {"Seed": self.shuffle_seed}
        return channel

    def problems(self, where: str, input_mode: InputMode, machines: int) -> Iterator[Problem]:
        """Yield what is wrong with the channel.

        Args:
            where: The channel and its step, for messages.
            input_mode: How the channels of the step arrive.
            machines: How many machines the job has.
        """
        mode = self.input_mode or input_mode
        for name, used in (("gzip", self.gzip), ("record_io", self.record_io)):
            if used and mode is not InputMode.PIPE:
                yield Problem(
                    f"{where} has {name} in mode {mode.value}",
                    "SageMaker does so in mode Pipe only.",
                )
        if self.sharded and machines == 1:
            yield Problem(f"{where} is sharded over one machine", "Leave sharded out, or use more machines.")
