"""How the files of a batch are cut into records."""

from __future__ import annotations

from enum import StrEnum


class SplitType(StrEnum):
    """How a batch transform cuts its files into records.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_TransformInput.html

    Example:
        >>> SplitType.LINE.value
        'Line'
    """

    NONE = "None"
    LINE = "Line"
    RECORD_IO = "RecordIO"
    TF_RECORD = "TFRecord"
