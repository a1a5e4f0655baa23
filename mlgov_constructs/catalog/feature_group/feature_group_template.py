"""The template of a feature group that a data scientist launches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aws_cdk import CfnCondition, CfnMapping, CfnRule, CfnRuleAssertion, Fn, RemovalPolicy
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from mlgov_constructs.catalog.feature_group.feature_slots import LIST_PATTERN, NAME, NO_VALUE, SLOTS, feature_slots
from mlgov_constructs.catalog.product_parameter import WORK, ProductParameter
from mlgov_constructs.catalog.product_template import ProductTemplate
from mlgov_constructs.controls import Relaxation
from mlgov_constructs.identity import JobType
from mlgov_constructs.preparation import FeatureType, OnlineStorage, feature_group_properties
from mlgov_constructs.preparation.feature_group_properties import CONTROLS, online_store_properties
from mlgov_constructs.protection import DataClass
from mlgov_constructs.workspace import ParameterNames

COLUMNS, SERVING = "Your features", "Serving"
FIELDS = {
    "TextFeatures": FeatureType.STRING,
    "NumberFeatures": FeatureType.FRACTIONAL,
    "WholeNumberFeatures": FeatureType.INTEGRAL,
}
LONGEST_NAME = 31  # with the project before it, a feature group has up to 64 characters
LONGEST_DAYS = 3_650
TERMINATED = Relaxation("Who terminates the product means its online store; the history stays in the bucket")


class FeatureGroupTemplate(ProductTemplate):
    """A template with one hardened feature group.

    Controls: ``MLG-PRE-01`` to ``MLG-PRE-04``, by the same code as ``FeatureGroup``. It deviates
    from ``MLG-PRE-05``: who terminates the product means it. The history stays.

    Args:
        scope: The stack of the product.
        construct_id: The id in that scope.
        product_id: What the version files call the product.
        version: The version, for example ``v1``.
        names: Where the workspace is written down.
        databases: The name of the feature database of each project that may be chosen.

    Example:
        ``FeatureGroupProduct`` creates it.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        product_id: str,
        version: str,
        names: ParameterNames,
        databases: Mapping[str, str],
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            product_id=product_id,
            version=version,
            description="A feature group with its history in the curated data of the project",
            names=names,
            parameters=_parameters(list(databases)),
        )
        identifier, event_time, table = (self.text(name) for name in ("Identifier", "EventTime", "Name"))
        # Not from the workspace: CloudFormation resolves no reference in outputs, which name the table.
        mapping = CfnMapping(self, "Databases", mapping={name: {"Name": found} for name, found in databases.items()})
        database = mapping.find_in_map(self.project, "Name")
        key = self.reference(names.key_arn)
        group = sagemaker.CfnFeatureGroup(
            self,
            "FeatureGroup",
            **feature_group_properties(
                project=self.project,
                feature_group_name=f"{self.project}-{table}",
                record_identifier=identifier,
                event_time=event_time,
                features=[],
                role_arn=self.reference(names.job_role_arn("${Project}", JobType.FEATURE_STORE)),
                bucket_name=self.reference(names.bucket_name(DataClass.CURATED)),
                bucket_key_arn=key,
                database=database,
                table=table,
                online_store=self._online_store(key),
            ),
        )
        # The class refuses a definition behind a condition, so all of them are written here.
        fixed = [{"FeatureName": name, "FeatureType": FeatureType.STRING.value} for name in (identifier, event_time)]
        group.add_property_override("FeatureDefinitions", [*fixed, *feature_slots(self, FIELDS)])
        group.apply_removal_policy(RemovalPolicy.DESTROY)
        self.govern(group, CONTROLS, deviations={"MLG-PRE-05": TERMINATED})
        self.output("FeatureGroupName", group.ref, "The name of your feature group, as the SDK asks for it")
        self.output("Table", f"{database}.{table}", "The table of its history, for Athena")
        self.output(
            "Query",
            f'SELECT * FROM "{database}"."{table}" LIMIT 10',  # noqa: S608 - shown, never run
            "A first query, when records have arrived (up to 15 minutes after they were written)",
        )
        self.output("QueryUrl", self.console_url("athena", "#/query-editor"), "Query the history here")

    def _online_store(self, key: str) -> object:
        online = CfnCondition(self, "Online", expression=Fn.condition_equals(self.text("OnlineStore"), "yes"))
        expires = CfnCondition(
            self, "Expires", expression=Fn.condition_not(Fn.condition_equals(self.number("DaysToLive"), 0))
        )
        CfnRule(
            self,
            "DaysNeedAnOnlineStore",
            rule_condition=Fn.condition_equals(self.text("OnlineStore"), "no"),
            assertions=[
                CfnRuleAssertion(
                    assert_=Fn.condition_equals(self.number("DaysToLive"), 0),
                    assert_description="Records expire in the online store only: leave the days at 0, or choose yes",
                )
            ],
        )
        days = {"Fn::If": [expires.logical_id, {"Unit": "Days", "Value": self.number("DaysToLive")}, NO_VALUE]}
        store = online_store_properties(key, storage=OnlineStorage.STANDARD.value, ttl=days)
        return {"Fn::If": [online.logical_id, store, NO_VALUE]}


def _parameters(projects: Sequence[str]) -> tuple[ProductParameter, ...]:
    column = "lower-case letters, digits and single underscores, a letter first"
    lists = f"Up to {SLOTS} names with commas and no spaces between: {column}"
    return (
        ProductParameter.project(projects),
        ProductParameter(
            "Name",
            "Name",
            WORK,
            f"What the features are of, for example customers: {column}",
            allowed_pattern=f"^{NAME}$",
            constraint_description=f"Use {column}",
            max_length=LONGEST_NAME,
        ),
        ProductParameter(
            "Identifier",
            "Identifier",
            COLUMNS,
            "The column that names a record, a text, for example customer_id",
            allowed_pattern=f"^{NAME}$",
            constraint_description=f"Use {column}",
            max_length=64,
        ),
        ProductParameter(
            "EventTime",
            "Event time",
            COLUMNS,
            "The column that says when a record was true, as text: 2026-01-31T12:00:00Z",
            default="event_time",
            allowed_pattern=f"^{NAME}$",
            constraint_description=f"Use {column}",
            max_length=64,
        ),
        *(
            ProductParameter(
                name,
                label,
                COLUMNS,
                f"{lists}. More can be added later, at the end; none can be removed",
                default="",
                allowed_pattern=LIST_PATTERN,
                constraint_description=lists,
            )
            for name, label in (
                ("NumberFeatures", "Numbers"),
                ("WholeNumberFeatures", "Whole numbers"),
                ("TextFeatures", "Texts"),
            )
        ),
        ProductParameter(
            "OnlineStore",
            "Online store",
            SERVING,
            "Whether endpoints read the latest values within milliseconds; it cannot change later",
            allowed_values=["no", "yes"],
            default="no",
        ),
        ProductParameter(
            "DaysToLive",
            "Days to live",
            SERVING,
            "After how many days a value leaves the online store; 0 for never",
            type="Number",
            min_value=0,
            max_value=LONGEST_DAYS,
            default=0,
        ),
    )
