"""The audit trail and its alarms."""

from typing import Any

from mlgov_constructs.local_cloud.demo.readback.deployed import Deployed
from mlgov_constructs.local_cloud.demo.readback.section import Row, Section, unmet


def read_trail(deployed: Deployed) -> Section:
    """Reads back every trail of an environment.

    Args:
        deployed: The environment.
    """
    names = deployed.ids("AWS::CloudTrail::Trail")
    rows = tuple(row for name in names for row in _rows(deployed, name))
    return Section("Audit trail", ("What", "Read back"), rows, {"there must be a trail": bool(rows)})


def _rows(deployed: Deployed, name: str) -> list[Row]:
    cloudtrail = deployed.client("cloudtrail")
    trail = cloudtrail.describe_trails(trailNameList=[name])["trailList"][0]
    logging = cloudtrail.get_trail_status(Name=name)["IsLogging"]
    selectors = cloudtrail.get_event_selectors(TrailName=name).get("AdvancedEventSelectors", [])
    key = deployed.key_names.get(trail.get("KmsKeyId", ""), "")
    validated = trail["LogFileValidationEnabled"]
    group = trail.get("CloudWatchLogsLogGroupArn", "").split(":log-group:")[-1].removesuffix(":*")
    return [
        Row(
            (name, f"{'logging' if logging else 'stopped'}, {_regions(trail)}"),
            unmet({"it must be logging": logging}),
        ),
        Row(
            ("Log files", f"{trail['S3BucketName']}, {key or 'no key of the environment'}"),
            unmet(
                {
                    "must be encrypted with a key of the environment": bool(key),
                    "must go to a bucket of the environment": trail["S3BucketName"] in deployed.ids("AWS::S3::Bucket"),
                }
            ),
        ),
        Row(("Validation", "on" if validated else "off"), unmet({"must be on": validated})),
        _events(deployed, selectors),
        _alarms(deployed, group),
    ]


def _regions(trail: dict[str, Any]) -> str:
    return "every region" if trail["IsMultiRegionTrail"] else f"region {trail['HomeRegion']}"


def _events(deployed: Deployed, selectors: list[dict[str, Any]]) -> Row:
    fields = [{item["Field"]: item for item in selector["FieldSelectors"]} for selector in selectors]
    management = any("Management" in item["eventCategory"]["Equals"] for item in fields)
    prefixes = {prefix for item in fields for prefix in item.get("resources.ARN", {}).get("StartsWith", [])}
    every_bucket = any(
        "AWS::S3::Object" in item.get("resources.type", {}).get("Equals", []) and "resources.ARN" not in item
        for item in fields
    )
    watched = {prefix.split(":::")[-1].rstrip("/") for prefix in prefixes}
    names = ", ".join(sorted(watched & {*deployed.ids("AWS::S3::Bucket")}))
    text = f"{'management' if management else 'no management'} events; objects of {names or 'every bucket'}"
    return Row(
        ("Events", text),
        unmet({"must be of management": management, "must be of objects too": every_bucket or bool(names)}),
    )


def _alarms(deployed: Deployed, log_group: str) -> Row:
    filters = (
        deployed.client("logs").describe_metric_filters(logGroupName=log_group)["metricFilters"] if log_group else []
    )
    metrics = {item["metricTransformations"][0]["metricName"] for item in filters}
    names = deployed.ids("AWS::CloudWatch::Alarm")
    cloudwatch = deployed.client("cloudwatch")
    alarms = cloudwatch.describe_alarms(AlarmNames=names)["MetricAlarms"] if names else []
    acting = [item for item in alarms if item["ActionsEnabled"] and item["AlarmActions"]]
    demands = {
        "must be raised for every filter": bool(metrics) and metrics <= {item["MetricName"] for item in acting},
        "must all notify someone": len(acting) == len(alarms),
    }
    return Row(("Alarms", f"{len(alarms)} on {len(metrics)} metric filters"), unmet(demands))
