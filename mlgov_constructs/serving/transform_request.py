"""The one place where a batch transform is hardened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mlgov_constructs.serving.split_type import SplitType
from mlgov_constructs.serving.transform_options import TransformOptions


def transform_request(
    *,
    model_name: Any,
    source_uri: Any,
    output_uri: Any,
    key_arn: str,
    machines: Mapping[str, Any],
    options: TransformOptions,
    tags: Sequence[Mapping[str, str]],
    capture_uri: Any = None,
    capture_key_arn: str | None = None,
) -> dict[str, Any]:
    """Return the request of a batch transform, but its name.

    ``BatchTransformStep`` and ``BatchTransformJob`` both use it, so a transform of a pipeline is
    hardened as a scheduled one. Network and isolation are those of the model: SageMaker takes
    none here. Values may be tokens and values of a run.

    Args:
        model_name: The model.
        source_uri: The prefix of the files.
        output_uri: Where the answers go.
        key_arn: The key of the answers.
        machines: How many machines of which type, with the key of their volumes.
        options: How it cuts, asks and joins.
        tags: The tags.
        capture_uri: Where the records are kept that were asked with; nowhere when omitted.
        capture_key_arn: The key of those; that of the answers when omitted.
    """
    source: dict[str, Any] = {
        "ContentType": options.content_type,
        "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": source_uri}},
        "SplitType": options.split.value,
        **({"CompressionType": "Gzip"} if options.compressed else {}),
    }
    output = {
        "KmsKeyId": key_arn,
        "Accept": options.accept or options.content_type,
        "AssembleWith": "None" if options.split is SplitType.NONE else "Line",
        "S3OutputPath": output_uri,
    }
    kept = {"KmsKeyId": capture_key_arn or key_arn, "DestinationS3Uri": capture_uri, "GenerateInferenceId": True}
    return {
        **options.render(),
        **({} if capture_uri is None else {"DataCaptureConfig": kept}),
        "ModelName": model_name,
        "Tags": list(tags),
        "TransformInput": source,
        "TransformOutput": output,
        "TransformResources": dict(machines),
    }
