"""Data made fit for models: feature groups with their history, and the database of their tables."""

from __future__ import annotations

from mlgov_constructs.preparation.feature import Feature, FeatureType
from mlgov_constructs.preparation.feature_database import FeatureDatabase
from mlgov_constructs.preparation.feature_group import FeatureGroup
from mlgov_constructs.preparation.feature_group_properties import TableFormat, feature_group_properties
from mlgov_constructs.preparation.feature_services import FEATURE_SERVICES, require_feature_services
from mlgov_constructs.preparation.online_store import OnlineStorage, OnlineStore
from mlgov_constructs.preparation.table.prepare_table_step import prepare_table_step

__all__ = [
    "FEATURE_SERVICES",
    "Feature",
    "FeatureDatabase",
    "FeatureGroup",
    "FeatureType",
    "OnlineStorage",
    "OnlineStore",
    "TableFormat",
    "feature_group_properties",
    "prepare_table_step",
    "require_feature_services",
]
