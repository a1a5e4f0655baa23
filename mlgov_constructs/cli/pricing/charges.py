"""What each type of resource is charged for, while nobody uses it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mlgov_constructs.cli.pricing.price_table import INSTANCE, PriceTable
from mlgov_constructs.cli.pricing.template_values import TemplateValues, UnresolvedError

DAYS = 365 / 12
SMALLEST_NOTEBOOK_GIB = 5
CONFIG = "AWS::SageMaker::EndpointConfig"
HIGH_RESOLUTION = 60  # seconds; an alarm that looks more often has another price


@dataclass(frozen=True, slots=True)
class Charge:
    """So many units of something with a price, each month.

    Attributes:
        price_id: What has the price.
        quantity: How many units a month; ``None`` when the template does not tell.
        reason: What the template does not tell.
    """

    price_id: str
    quantity: float | None
    reason: str = ""


Charges = Iterator[Charge]
Properties = Mapping[str, Any]
Rule = Callable[[Properties, TemplateValues, PriceTable], Charges]


def _endpoint_of_vpc(properties: Properties, values: TemplateValues, table: PriceTable) -> Charges:
    kind = values.resolve(properties.get("VpcEndpointType", "Gateway"))
    if kind == "Interface":
        zones = len(values.items(properties.get("SubnetIds", [])))
        yield Charge("interface-endpoint", zones * table.quantity("month_hours"))
    elif kind != "Gateway":
        yield Charge(f"vpc-endpoint.{kind}", 1)


def _nat(_: Properties, __: TemplateValues, table: PriceTable) -> Charges:
    yield Charge("nat-gateway", table.quantity("month_hours"))


def _one(price_id: str) -> Rule:
    def rule(_: Properties, __: TemplateValues, ___: PriceTable) -> Charges:
        yield Charge(price_id, 1)

    return rule


def _alarm(properties: Properties, values: TemplateValues, _: PriceTable) -> Charges:
    metrics = [each for each in properties.get("Metrics", ()) if "MetricStat" in each]
    periods = [each["MetricStat"].get("Period", HIGH_RESOLUTION) for each in metrics]
    slow = all(values.number(each) >= HIGH_RESOLUTION for each in (*periods, properties.get("Period", HIGH_RESOLUTION)))
    yield Charge("alarm-metric" if slow else "alarm-metric.high-resolution", max(1, len(metrics)))


def _filter(properties: Properties, values: TemplateValues, _: PriceTable) -> Charges:
    yield Charge("custom-metric", len(values.items(properties.get("MetricTransformations", []))))


def _bucket(_: Properties, __: TemplateValues, table: PriceTable) -> Charges:
    yield Charge("s3-gib", table.quantity("bucket_gib"))


def _domain(_: Properties, __: TemplateValues, table: PriceTable) -> Charges:
    yield Charge("efs-gib", table.quantity("home_gib"))


def _space(properties: Properties, values: TemplateValues, _: PriceTable) -> Charges:
    storage = properties.get("SpaceSettings", {}).get("SpaceStorageSettings", {}).get("EbsStorageSettings", {})
    yield Charge("ml-volume-gib", values.number(storage.get("EbsVolumeSizeInGb", SMALLEST_NOTEBOOK_GIB)))


def _notebook(properties: Properties, values: TemplateValues, table: PriceTable) -> Charges:
    yield Charge(f"{INSTANCE}{values.resolve(properties['InstanceType'])}", table.quantity("notebook_hours"))
    yield Charge("ml-volume-gib", values.number(properties.get("VolumeSizeInGB", SMALLEST_NOTEBOOK_GIB)))


def _app(properties: Properties, values: TemplateValues, table: PriceTable) -> Charges:
    kind = values.resolve(properties.get("ResourceSpec", {}).get("InstanceType", "system"))
    if kind != "system":
        yield Charge(f"{INSTANCE}{kind}", table.quantity("notebook_hours"))


def _endpoint(properties: Properties, values: TemplateValues, table: PriceTable) -> Charges:
    """The machines of every variant, at the number it begins with; serverless ones have none."""
    config = values.referred(properties["EndpointConfigName"], CONFIG)["Properties"]
    for variant in (*config.get("ProductionVariants", ()), *config.get("ShadowProductionVariants", ())):
        serverless = variant.get("ServerlessConfig")
        if serverless is None:
            count = values.number(variant.get("InitialInstanceCount", 1))
            yield Charge(f"{INSTANCE}{values.resolve(variant['InstanceType'])}", count * table.quantity("month_hours"))
        elif "ProvisionedConcurrency" in serverless:
            yield Charge("serverless.provisioned-concurrency", None, "memory and hours of provisioned concurrency")


def _tracking_server(properties: Properties, values: TemplateValues, table: PriceTable) -> Charges:
    size = values.resolve(properties.get("TrackingServerSize", "Small"))
    yield Charge(f"mlflow.{size}", table.quantity("month_hours"))


def _parameter(properties: Properties, values: TemplateValues, _: PriceTable) -> Charges:
    tier = values.resolve(properties.get("Tier", "Standard"))
    if tier != "Standard":
        yield Charge(f"parameter.{tier}", 1)


def _budget_action(_: Properties, __: TemplateValues, ___: PriceTable) -> Charges:
    yield Charge("budget-action", DAYS)


RULES: dict[str, Rule] = {
    "AWS::Budgets::BudgetsAction": _budget_action,
    "AWS::CloudWatch::Alarm": _alarm,
    "AWS::CloudWatch::CompositeAlarm": _one("composite-alarm"),
    "AWS::CloudWatch::Dashboard": _one("dashboard"),
    "AWS::EC2::NatGateway": _nat,
    "AWS::EC2::VPCEndpoint": _endpoint_of_vpc,
    "AWS::KMS::Key": _one("kms-key"),
    "AWS::Logs::MetricFilter": _filter,
    "AWS::S3::Bucket": _bucket,
    "AWS::SSM::Parameter": _parameter,
    "AWS::SageMaker::App": _app,
    "AWS::SageMaker::Domain": _domain,
    "AWS::SageMaker::Endpoint": _endpoint,
    "AWS::SageMaker::MlflowTrackingServer": _tracking_server,
    "AWS::SageMaker::NotebookInstance": _notebook,
    "AWS::SageMaker::Space": _space,
    "AWS::SecretsManager::Secret": _one("secret"),
}
"""By type of resource."""


def charges(resource: Mapping[str, Any], values: TemplateValues, table: PriceTable) -> list[Charge]:
    """Return what a resource is charged for.

    Args:
        resource: A resource whose type is in :data:`RULES`.
        values: Its template.
        table: The prices, for the quantities that no template tells.
    """
    properties = resource.get("Properties", {})
    try:
        return list(RULES[resource["Type"]](properties, values, table))
    except UnresolvedError as error:
        return [Charge(resource["Type"], None, f"{error} is known at deployment")]
    except (KeyError, TypeError, AttributeError) as error:
        return [Charge(resource["Type"], None, f"its properties lack or misuse {error}")]


def same_budget(resource: Mapping[str, Any]) -> str:
    """Return what two actions of one budget have in common, as the budget is charged and not the action."""
    return json.dumps(resource.get("Properties", {}).get("BudgetName"), sort_keys=True)
