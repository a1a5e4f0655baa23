"""Files about a model, as the API names them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlgov_constructs.steps import PipelineValue

FileSource = str | PipelineValue
JSON = "application/json"


def sources(files: Mapping[str, Mapping[str, FileSource | None]]) -> dict[str, Any]:
    """Return the files that are given, each as a JSON file.

    Args:
        files: The parts of a structure of the API, with the files of each.
    """
    found = {
        part: {name: {"ContentType": JSON, "S3Uri": uri} for name, uri in named.items() if uri is not None}
        for part, named in files.items()
    }
    return {part: named for part, named in found.items() if named}
