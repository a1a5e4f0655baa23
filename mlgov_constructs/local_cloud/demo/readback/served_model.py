"""The endpoint of an environment's own model, and what watches it: alarms, dashboard, monitor."""

import json
from collections.abc import Iterator
from typing import Any

from mlgov_constructs.local_cloud.demo.readback.deployed import Deployed
from mlgov_constructs.local_cloud.demo.readback.model_endpoint import endpoint_rows
from mlgov_constructs.local_cloud.demo.readback.rows import in_network, key_name, role_row
from mlgov_constructs.local_cloud.demo.readback.section import Row, Section, unmet

_ENDPOINT, _SCHEDULE = "AWS::SageMaker::Endpoint", "AWS::SageMaker::MonitoringSchedule"


def read_served_model(deployed: Deployed) -> Section:
    """Reads back the endpoint of an environment with its alarms, its dashboard and its monitor.

    Args:
        deployed: The environment.
    """
    names = deployed.names(_ENDPOINT)
    stack = Deployed(deployed.clients, [deployed.stack_of(_ENDPOINT)] if names else [])
    rows = [row for name in names for row in endpoint_rows(deployed, name)]
    if names:
        rows += [_alarms(stack), *_dashboards(stack, names), *_monitors(deployed)]
    return Section(
        "Endpoint of the environment", ("What", "Read back"), tuple(rows), {"there must be one": bool(names)}
    )


def _alarms(stack: Deployed) -> Row:
    names = stack.ids("AWS::CloudWatch::Alarm")
    found = stack.client("cloudwatch").describe_alarms(AlarmNames=names)["MetricAlarms"] if names else []
    told = {action.rsplit(":", 1)[-1] for alarm in found for action in alarm["AlarmActions"]}
    demands = {"must be there": bool(found), "must each tell somebody": all(alarm["AlarmActions"] for alarm in found)}
    return Row(("Alarms", f"{len(found)}, telling {', '.join(sorted(told)) or 'nobody'}"), unmet(demands))


def _dashboards(stack: Deployed, endpoints: list[str]) -> Iterator[Row]:
    for name in stack.ids("AWS::CloudWatch::Dashboard"):
        body = stack.client("cloudwatch").get_dashboard(DashboardName=name)["DashboardBody"]
        widgets = json.loads(body)["widgets"]
        demands = {"must show the endpoint": any(endpoint in body for endpoint in endpoints)}
        yield Row(("Dashboard", f"{name}, {len(widgets)} widgets"), unmet(demands))


def _monitors(deployed: Deployed) -> Iterator[Row]:
    sagemaker = deployed.client("sagemaker")
    for name in deployed.names(_SCHEDULE):
        schedule = sagemaker.describe_monitoring_schedule(MonitoringScheduleName=name)
        config = schedule["MonitoringScheduleConfig"]
        job = sagemaker.describe_data_quality_job_definition(JobDefinitionName=config["MonitoringJobDefinitionName"])
        when, status = config["ScheduleConfig"]["ScheduleExpression"], schedule["MonitoringScheduleStatus"]
        yield Row(
            ("Drift", f"{schedule['EndpointName']}, {when}, {status}"),
            unmet({"must be scheduled": status == "Scheduled"}),
        )
        yield _baseline(job)
        yield _job(deployed, job)
        yield role_row(deployed, job["RoleArn"])


def _baseline(job: dict[str, Any]) -> Row:
    uri = job.get("DataQualityBaselineConfig", {}).get("ConstraintsResource", {}).get("S3Uri", "")
    return Row(("Baseline", uri or "none"), unmet({"must be there": bool(uri)}))


def _job(deployed: Deployed, job: dict[str, Any]) -> Row:
    network, machine = job["NetworkConfig"], job["JobResources"]["ClusterConfig"]
    vpc = network.get("VpcConfig", {})
    isolated, key = bool(network.get("EnableNetworkIsolation")), key_name(deployed, machine.get("VolumeKmsKeyId"))
    demands = {
        "must run in the network of the environment": all(
            in_network(deployed, vpc.get("Subnets", []), vpc.get("SecurityGroupIds", []))
        ),
        "must run without network access": isolated,
        "must encrypt what its machines tell each other": bool(network.get("EnableInterContainerTrafficEncryption")),
        "must encrypt its volume with a key of the environment": bool(key),
    }
    text = f"{machine['InstanceType']}, {'no network' if isolated else 'network'}, {key or 'no key'}"
    return Row(("Monitoring job", text), unmet(demands))
