"""Writes the JSON schema of environment files, for editors: ``python -m stacks.environment.schema``."""

from __future__ import annotations

import json
from pathlib import Path

from stacks.environment.environment import Environment

SCHEMA_FILE = Path(__file__).parents[2] / "environments" / "schema.json"


def schema_text() -> str:
    """Return the JSON schema of :class:`Environment` as it stands in ``environments/schema.json``.

    Example:
        >>> import json
        >>> json.loads(schema_text())["title"]
        'Environment'
    """
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **Environment.model_json_schema()}
    # Editors show it as the description of the file: the example in the docstring is for Python.
    schema["description"] = "One environment of mlgov-constructs; docs/environment-file.md explains it."
    return json.dumps(schema, indent=2) + "\n"


if __name__ == "__main__":
    SCHEMA_FILE.write_text(schema_text(), encoding="utf-8")
