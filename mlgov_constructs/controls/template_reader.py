"""Reads a template, whether it is JSON or YAML with the short forms of the intrinsic functions."""

from __future__ import annotations

import json

from mlgov_constructs.controls.template_parameters import Document


def read_template(text: str) -> Document:
    """Return a template as plain values, short forms written out.

    Args:
        text: The template, JSON or YAML.

    Raises:
        ValueError: The text is no template whose resources could be read.

    Example:
        >>> read_template("Resources: {Key: {Type: AWS::KMS::Key, Properties: {KeyPolicy: !Ref Policy}}}")
        {'Resources': {'Key': {'Type': 'AWS::KMS::Key', 'Properties': {'KeyPolicy': {'Ref': 'Policy'}}}}}
    """
    try:
        document = json.loads(text)
    except json.JSONDecodeError:
        from mlgov_constructs.controls.template_yaml import read_yaml  # noqa: PLC0415 - most templates are JSON

        document = read_yaml(text)
    resources = document.get("Resources", {}) if isinstance(document, dict) else None
    if not isinstance(resources, dict) or not all(isinstance(each, dict) for each in resources.values()):
        # The engine would find nothing in it, which must not look like a template without faults.
        msg = "it has no Resources that could be read"
        raise ValueError(msg)
    return {**document, "Resources": resources}
