"""Definitions of pipelines that lie in S3."""

from __future__ import annotations

from mlgov_constructs.mlops.stored_definition.stored_definition import StoredDefinition

__all__ = ["StoredDefinition"]
