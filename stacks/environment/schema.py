"""Writes the JSON schemas of the files in ``environments/``, for editors: ``python -m stacks.environment.schema``."""

from __future__ import annotations

import json
from pathlib import Path

from stacks.environment.environment import Environment
from stacks.environment.organization import Organization
from stacks.environment.settings import Settings

ENVIRONMENTS = Path(__file__).parents[2] / "environments"
SCHEMA_FILES: dict[Path, type[Settings]] = {
    ENVIRONMENTS / "schema.json": Environment,
    ENVIRONMENTS / "organization.schema.json": Organization,
}
# Editors show them as the descriptions of the files: the examples in the docstrings are for Python.
DESCRIPTIONS: dict[type[Settings], str] = {
    Environment: "One environment of mlgov-constructs; docs/environment-file.md explains it.",
    Organization: "What an organization holds its machine learning accounts to; docs/organization.md explains it.",
}


def schema_text(model: type[Settings]) -> str:
    """Return the JSON schema of a file as it stands in ``environments/``.

    Args:
        model: What the file says.

    Example:
        >>> import json
        >>> json.loads(schema_text(Environment))["title"]
        'Environment'
    """
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **model.model_json_schema()}
    schema["description"] = DESCRIPTIONS[model]
    return json.dumps(schema, indent=2) + "\n"


if __name__ == "__main__":
    for file, described in SCHEMA_FILES.items():
        file.write_text(schema_text(described), encoding="utf-8")
