"""The inventory: what every model was made of, who approved it, and where it serves."""

from __future__ import annotations

from mlgov_constructs.mlops.lineage.lineage import Lineage
from mlgov_constructs.mlops.lineage.lineage_query import LineageQuery, lineage_queries

__all__ = ["Lineage", "LineageQuery", "lineage_queries"]
