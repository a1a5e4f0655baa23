from __future__ import annotations

import json
import re
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3

from mlgov_constructs.controls import CATALOGUE, Relaxation, RuleEngine, Status
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.identity import JobRole, JobType
from mlgov_constructs.monitoring import (
    MONITORING_SERVICES,
    Baseline,
    BatchTransformInput,
    DataQualityMonitor,
    DatasetFormat,
    EndpointInput,
    MonitoringResources,
    MonitorSchedule,
    ProblemType,
)
from mlgov_constructs.monitoring.i_captured_data import ICapturedData
from mlgov_constructs.monitoring.monitor_rights import BucketAccess, bucket_statements
from mlgov_constructs.protection import DataKey
from tests.monitoring.conftest import Captured, Ground, ground
from tests.templates import Template, of_type

KINDS = {
    "DataQuality": "DataQuality",
    "ModelQuality": "ModelQuality",
    "Bias": "ModelBias",
    "Explainability": "ModelExplainability",
}
ALL = [control for control in CATALOGUE if control.startswith("MLG-MON-")]
ISOLATION = ["MLG-MON-03", "MLG-MON-04", "MLG-MON-08", "MLG-MON-10"]


def definition(template: Template, name: str) -> dict[str, Any]:
    (found,) = (
        resource
        for logical_id, resource in template["Resources"].items()
        if re.fullmatch(rf"{name}JobDefinition[0-9A-F]{{8}}", logical_id)
    )
    resource: dict[str, Any] = found
    return resource


def properties(template: Template, name: str) -> dict[str, Any]:
    values: dict[str, Any] = definition(template, name)["Properties"]
    return values


def schedules(template: Template) -> dict[str, dict[str, Any]]:
    return {
        logical_id[:-8]: resource["Properties"]
        for logical_id, resource in of_type(template, "AWS::SageMaker::MonitoringSchedule").items()
    }


def text(value: Any) -> str:
    """A string of the template without its intrinsic functions."""
    if isinstance(value, str):
        return value
    if "Fn::Join" in value:
        return "".join(text(part) for part in value["Fn::Join"][1])
    return re.sub(r"[0-9A-F]{8}$", "", next(iter(value.values())) if "Ref" in value else value["Fn::GetAtt"][0])


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("NetworkConfig/EnableNetworkIsolation", True),
        ("NetworkConfig/EnableInterContainerTrafficEncryption", True),
        ("JobResources/ClusterConfig/InstanceCount", 1),
        ("JobResources/ClusterConfig/InstanceType", "ml.m5.xlarge"),
        ("JobResources/ClusterConfig/VolumeSizeInGB", 20),
        ("StoppingCondition/MaxRuntimeInSeconds", 3600),
        ("Tags", [{"Key": "mlgov:deployed-by", "Value": "stack"}, {"Key": "mlgov:project", "Value": "churn"}]),
    ],
)
def test_it_is_hardened_without_an_argument(monitoring: Template, name: str, path: str, value: Any) -> None:
    found: Any = properties(monitoring, name)
    for key in path.split("/"):
        found = found[key]
    assert found == value


@pytest.mark.parametrize(("name", "kind"), KINDS.items())
def test_it_uses_keys_subnets_group_and_role_of_the_environment(monitoring: Template, name: str, kind: str) -> None:
    plain = properties(monitoring, name)
    assert text(plain["JobResources"]["ClusterConfig"]["VolumeKmsKeyId"]) == "Key"
    assert text(plain[f"{kind}JobOutputConfig"]["KmsKeyId"]) == "Key"
    network = plain["NetworkConfig"]["VpcConfig"]
    assert [text(subnet) for subnet in network["Subnets"]] == ["VpcIsolatedSubnet1Subnet", "VpcIsolatedSubnet2Subnet"]
    assert [text(group) for group in network["SecurityGroupIds"]] == ["VpcAccessWorkloads"]
    assert text(plain["RoleArn"]) == "Role"


@pytest.mark.parametrize(("name", "kind"), KINDS.items())
def test_it_compares_with_the_baseline_and_publishes_metrics(monitoring: Template, name: str, kind: str) -> None:
    plain = properties(monitoring, name)
    baseline = plain[f"{kind}BaselineConfig"]
    assert text(baseline["ConstraintsResource"]["S3Uri"]) == "s3://Bucket/churn/baseline/constraints.json"
    assert ("StatisticsResource" in baseline) == (name == "DataQuality")
    assert plain[f"{kind}AppSpecification"]["Environment"] == {"publish_cloudwatch_metrics": "Enabled"}


def test_data_quality_compares_with_statistics_too(monitoring: Template) -> None:
    baseline = properties(monitoring, "DataQuality")["DataQualityBaselineConfig"]
    assert text(baseline["StatisticsResource"]["S3Uri"]) == "s3://Bucket/churn/baseline/statistics.json"


@pytest.mark.parametrize(
    ("name", "image"),
    [
        ("DataQuality", "156813124566.dkr.ecr.us-east-1.AWS::URLSuffix/sagemaker-model-monitor-analyzer"),
        ("ModelQuality", "156813124566.dkr.ecr.us-east-1.AWS::URLSuffix/sagemaker-model-monitor-analyzer"),
        ("Bias", "205585389593.dkr.ecr.us-east-1.AWS::URLSuffix/sagemaker-clarify-processing:1.0"),
        ("Explainability", "205585389593.dkr.ecr.us-east-1.AWS::URLSuffix/sagemaker-clarify-processing:1.0"),
        ("Full", "123456789012.dkr.ecr.us-east-1.amazonaws.com/analyzer"),
    ],
)
def test_it_runs_the_image_of_the_region(monitoring: Template, name: str, image: str) -> None:
    kind = KINDS.get(name, "DataQuality")
    assert text(properties(monitoring, name)[f"{kind}AppSpecification"]["ImageUri"]) == image


@pytest.mark.parametrize(("name", "kind"), KINDS.items())
def test_it_runs_once_a_day_under_a_name_of_its_own(monitoring: Template, name: str, kind: str) -> None:
    schedule = schedules(monitoring)[name]
    config = schedule["MonitoringScheduleConfig"]
    assert config["ScheduleConfig"] == {"ScheduleExpression": "cron(0 3 ? * * *)"}
    assert config["MonitoringType"] == kind
    (number, split) = config["MonitoringJobDefinitionName"]["Fn::Select"]
    assert (number, split["Fn::Split"][0]) == (1, "/")
    assert split["Fn::Split"][1]["Ref"].startswith(f"{name}JobDefinition")
    assert re.fullmatch(rf"monitoring-{name.lower()}-[0-9a-f]{{8}}", schedule["MonitoringScheduleName"])
    assert schedule["Tags"] == [
        {"Key": "mlgov:deployed-by", "Value": "stack"},
        {"Key": "mlgov:project", "Value": "churn"},
    ]
    (output,) = properties(monitoring, name)[f"{kind}JobOutputConfig"]["MonitoringOutputs"]
    reports = f"s3://Bucket/churn/monitoring/{schedule['MonitoringScheduleName']}"
    assert text(output["S3Output"]["S3Uri"]) == reports
    assert (output["S3Output"]["LocalPath"], output["S3Output"]["S3UploadMode"]) == (
        "/opt/ml/processing/output",
        "EndOfJob",
    )
    source = properties(monitoring, name)[f"{kind}JobInput"]["EndpointInput"]
    assert (source["EndpointName"], source["LocalPath"]) == ("churn", "/opt/ml/processing/input/endpoint")


def test_every_option_is_honoured(monitoring: Template) -> None:
    full = properties(monitoring, "Full")
    cluster = full["JobResources"]["ClusterConfig"]
    assert (cluster["InstanceType"], cluster["InstanceCount"], cluster["VolumeSizeInGB"]) == ("ml.m5.2xlarge", 3, 50)
    assert full["StoppingCondition"] == {"MaxRuntimeInSeconds": 1200}
    endpoint = full["DataQualityJobInput"]["EndpointInput"]
    assert endpoint["EndpointName"] == "other"
    assert endpoint["ExcludeFeaturesAttribute"] == "id,name"
    schedule = schedules(monitoring)["Full"]
    assert schedule["MonitoringScheduleName"] == "churn-data"
    assert schedule["MonitoringScheduleConfig"]["ScheduleConfig"] == {"ScheduleExpression": "cron(0 * ? * * *)"}


def test_labels_are_merged_with_the_answers_of_their_time(monitoring: Template) -> None:
    job_input = properties(monitoring, "Dated")["ModelQualityJobInput"]
    assert text(job_input["GroundTruthS3Input"]["S3Uri"]) == "s3://Bucket/churn/ground-truth"
    assert job_input["EndpointInput"] == {
        "EndpointName": "churn",
        "LocalPath": "/opt/ml/processing/input/endpoint",
        "ProbabilityAttribute": "$.score",
        "ProbabilityThresholdAttribute": 0.5,
        "StartTimeOffset": "-P1DT6H",
        "EndTimeOffset": "-PT6H",
    }
    assert properties(monitoring, "Dated")["ModelQualityAppSpecification"]["ProblemType"] == "BinaryClassification"
    plain = properties(monitoring, "ModelQuality")
    assert plain["ModelQualityJobInput"]["EndpointInput"]["InferenceAttribute"] == "0"
    assert plain["ModelQualityAppSpecification"]["ProblemType"] == "MulticlassClassification"


@pytest.mark.parametrize(("name", "file"), [("Bias", "bias.json"), ("Explainability", "shap.json")])
def test_clarify_reads_its_configuration(monitoring: Template, name: str, file: str) -> None:
    kind = KINDS[name]
    application = properties(monitoring, name)[f"{kind}AppSpecification"]
    assert text(application["ConfigUri"]) == f"s3://Bucket/churn/baseline/{file}"


@pytest.mark.parametrize("name", ["ModelQuality", "Bias"])
def test_labels_are_read_where_they_are_written(monitoring: Template, name: str) -> None:
    labels = properties(monitoring, name)[f"{KINDS[name]}JobInput"]["GroundTruthS3Input"]
    assert text(labels["S3Uri"]) == "s3://Bucket/churn/ground-truth"


def test_batch_transform_jobs_are_monitored(monitoring: Template) -> None:
    job_input = properties(monitoring, "Batch")["DataQualityJobInput"]["BatchTransformInput"]
    assert {**job_input, "DataCapturedDestinationS3Uri": text(job_input["DataCapturedDestinationS3Uri"])} == {
        "DataCapturedDestinationS3Uri": "s3://Bucket/churn/batch",
        "DatasetFormat": {"Csv": {"Header": True}},
        "LocalPath": "/opt/ml/processing/input/transform",
    }


def test_a_relaxation_is_recorded_with_its_reason(monitoring: Template) -> None:
    for name, control in zip(KINDS, ("MLG-MON-03", "MLG-MON-10", "MLG-MON-04", "MLG-MON-08"), strict=True):
        relaxed = definition(monitoring, f"Relaxed{name}")
        assert relaxed["Properties"]["NetworkConfig"]["EnableNetworkIsolation"] is False
        claims = relaxed["Metadata"]["mlgov"]
        assert control not in claims["controls"]
        reason = "Reads a lookup table through the endpoint, RISK-7"
        assert claims["deviations"] == [{"control": control, "reason": reason}]


def test_every_control_is_claimed(monitoring: Template) -> None:
    claimed = {
        control
        for resource in monitoring["Resources"].values()
        for control in resource.get("Metadata", {}).get("mlgov", {}).get("controls", ())
        if control in ALL
    }
    assert claimed == set(ALL)


def test_the_rules_agree_with_the_claims(monitoring: Template) -> None:
    findings = RuleEngine([CATALOGUE[control] for control in ALL]).check_text(json.dumps(monitoring))
    assert {finding.status for finding in findings} == {Status.DEVIATION}
    assert sorted(finding.control.id for finding in findings) == ISOLATION


def test_the_vpc_gets_the_endpoints_that_monitors_call(monitoring: Template) -> None:
    names = json.dumps([e["Properties"]["ServiceName"] for e in of_type(monitoring, "AWS::EC2::VPCEndpoint").values()])
    for service in (*MONITORING_SERVICES, "sagemaker.runtime"):
        assert re.search(rf'[."]{re.escape(service)}"', names), service


def test_it_is_made_after_its_role_has_its_rights_and_after_the_endpoint(monitoring: Template) -> None:
    waits = definition(monitoring, "Full")["DependsOn"]
    assert any(each.startswith("RoleRights") for each in waits)
    assert any(each.startswith("Endpoint") for each in waits)


def rights(template: Template, role: str) -> list[dict[str, Any]]:
    return [
        statement
        for logical_id, policy in (
            of_type(template, "AWS::IAM::ManagedPolicy") | of_type(template, "AWS::IAM::Policy")
        ).items()
        if logical_id.startswith(role)
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
    ]


def allowed(statements: list[dict[str, Any]], action: str) -> set[str]:
    """The resources that a role may do something to."""
    found = set()
    for statement in statements:
        if action in ([statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"]):
            resource = statement["Resource"]
            found |= {text(each) for each in (resource if isinstance(resource, list) else [resource])}
    return found


def keyed() -> s3.IBucket:
    """A bucket with a key, in a stack of its own."""
    stack = cdk.Stack(cdk.App(), "Stack")
    return s3.Bucket(stack, "Bucket", encryption_key=DataKey(stack, "Key"))


def test_its_role_reads_what_it_compares_and_writes_its_reports_and_nothing_else(monitoring: Template) -> None:
    statements = rights(monitoring, "RoleRights")
    assert allowed(statements, "s3:GetObject") == {
        "Bucket/churn/captured/*",
        "Bucket/churn/batch/*",
        "Bucket/churn/ground-truth/*",
        "Bucket/churn/baseline/constraints.json",
        "Bucket/churn/baseline/statistics.json",
        "Bucket/churn/baseline/bias.json",
        "Bucket/churn/baseline/shap.json",
    }
    written = allowed(statements, "s3:PutObject")
    assert "Bucket/churn/monitoring/churn-data/*" in written
    assert all(place.startswith("Bucket/churn/monitoring/") for place in written)
    lists = [statement for statement in statements if statement["Action"] == "s3:ListBucket"]
    assert all(statement["Condition"]["StringLike"]["s3:prefix"] for statement in lists)


def test_its_role_uses_the_key_of_a_bucket_through_s3_only() -> None:
    statements = bucket_statements([BucketAccess(keyed(), keys=("a.json",), reports="reports")])
    (key,) = (each for each in statements if "kms:Decrypt" in each["Action"])
    assert key["Action"] == ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"]
    assert key["Condition"]["StringEquals"]["kms:ViaService"].startswith("s3.")


def test_who_reads_only_makes_no_key_for_new_data() -> None:
    statements = bucket_statements([BucketAccess(keyed(), prefix="captured")])
    (key,) = (each for each in statements if "kms:Decrypt" in each["Action"])
    assert key["Action"] == ["kms:Decrypt", "kms:DescribeKey"]
    assert all("s3:PutObject" not in each["Action"] for each in statements)


def test_its_role_publishes_metrics_of_monitors_only(monitoring: Template) -> None:
    published = [s for s in rights(monitoring, "RoleRights") if s["Action"] == "cloudwatch:PutMetricData"]
    namespaces = json.dumps([statement["Condition"] for statement in published])
    assert "aws/sagemaker/Endpoints/*-metric*" in namespaces
    assert "aws/sagemaker/ModelMonitoring/*-metric*" in namespaces


def test_only_clarify_asks_a_copy_of_the_model(monitoring: Template) -> None:
    statements = rights(monitoring, "RoleRights")
    made = allowed(statements, "sagemaker:CreateEndpoint")
    assert {place.rsplit(":", 1)[-1] for place in made} == {
        "endpoint/sagemaker-clarify-*",
        "endpoint-config/sagemaker-clarify-*",
    }
    assert {p.rsplit(":", 1)[-1] for p in allowed(statements, "sagemaker:DescribeModel")} == {"model/churn-model"}


def test_a_plain_role_is_granted_the_same() -> None:
    base = ground(cdk.App(), "Stack")
    role = iam.Role(base.stack, "Other", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))
    with pytest.raises(ConstructError, match="the monitor has no project"):
        base.data_quality("Monitor", role=role)
    monitor = base.data_quality("Monitor", role=role, project="churn")
    assert monitor.grant_principal is role
    assert role.node.try_find_child("DefaultPolicy") is not None


def test_it_is_a_grantee_and_has_connections(base: Ground) -> None:
    monitor = base.data_quality("Monitor")
    s3.Bucket(base.stack, "Lookup").grant_read(monitor)
    monitor.connections.allow_to(ec2.SecurityGroup(base.stack, "Group", vpc=base.vpc), ec2.Port.HTTPS)
    (own,) = monitor.connections.security_groups
    assert own.security_group_id == base.vpc.workload_security_group.security_group_id


def test_it_grants_its_control(monitoring: Template) -> None:
    (statement,) = rights(monitoring, "OperatorDefaultPolicy")
    assert "sagemaker:StopMonitoringSchedule" in statement["Action"]
    assert text(statement["Resource"]) == "DataQuality"


def rule(template: Template, name: str) -> dict[str, Any]:
    (found,) = (
        resource["Properties"]
        for logical_id, resource in of_type(template, "AWS::Events::Rule").items()
        if logical_id[:-8] == name
    )
    values: dict[str, Any] = found
    return values


@pytest.mark.parametrize(
    ("name", "ended"),
    [
        (
            "FullViolations",
            {"ProcessingJobStatus": ["Completed"], "ExitMessage": [{"prefix": "CompletedWithViolations"}]},
        ),
        ("FullFailures", {"ProcessingJobStatus": ["Failed", "Stopped"]}),
    ],
)
def test_runs_are_told_apart_by_how_they_end_and_where_they_write(
    monitoring: Template, name: str, ended: dict[str, Any]
) -> None:
    found = rule(monitoring, name)
    pattern = found["EventPattern"]
    assert pattern["source"] == ["aws.sagemaker"]
    assert pattern["detail-type"] == ["SageMaker Processing Job State Change"]
    output = pattern["detail"]["ProcessingOutputConfig"]["Outputs"]["S3Output"]["S3Uri"]
    assert text(output[0]["prefix"]) == "s3://Bucket/churn/monitoring/churn-data/"
    assert text(output[1]) == "s3://Bucket/churn/monitoring/churn-data"
    assert {name: value for name, value in pattern["detail"].items() if name != "ProcessingOutputConfig"} == ended
    (target,) = found["Targets"]
    assert text(target["Arn"]) == "Topic"
    assert "<job>" in text(target["InputTransformer"]["InputTemplate"])
    assert target["InputTransformer"]["InputPathsMap"] == {"job": "$.detail.ProcessingJobName"}


def test_the_topic_admits_events_and_alarms(monitoring: Template) -> None:
    (policy,) = of_type(monitoring, "AWS::SNS::TopicPolicy").values()
    statements = policy["Properties"]["PolicyDocument"]["Statement"]
    assert [s["Sid"] for s in statements if s["Effect"] == "Allow"] == ["AllowEvents", "AllowCloudwatch"]


def alarm(template: Template, name: str) -> dict[str, Any]:
    (found,) = (
        resource["Properties"]
        for logical_id, resource in of_type(template, "AWS::CloudWatch::Alarm").items()
        if logical_id[:-8] == name
    )
    values: dict[str, Any] = found
    return values


@pytest.mark.parametrize(("name", "source"), [("ViolationAlarm", "Violations"), ("FailureAlarm", "Failures")])
@pytest.mark.parametrize(("monitor", "period"), [("DataQuality", 86400), ("Full", 3600)])
def test_an_alarm_lasts_until_the_next_run(
    monitoring: Template, name: str, source: str, monitor: str, period: int
) -> None:
    found = alarm(monitoring, f"{monitor}{name}")
    assert (found["Namespace"], found["MetricName"]) == ("AWS/Events", "TriggeredRules")
    (dimension,) = found["Dimensions"]
    assert (dimension["Name"], text(dimension["Value"])) == ("RuleName", f"{monitor}{source}")
    assert (found["Statistic"], found["ComparisonOperator"]) == ("Sum", "GreaterThanOrEqualToThreshold")
    assert (found["Period"], found["EvaluationPeriods"], found["Threshold"]) == (period, 1, 1)
    assert found["TreatMissingData"] == "notBreaching"
    assert [text(arn) for arn in found["AlarmActions"]] == ["Topic"]
    assert [text(arn) for arn in found["OKActions"]] == ["Topic"]


@pytest.mark.parametrize(
    ("number", "metric", "operator", "threshold"),
    [
        (1, "feature_baseline_drift_age", "GreaterThanThreshold", 0.2),
        (2, "feature_non_null_age", "LessThanThreshold", 0.9),
    ],
)
def test_a_threshold_has_an_alarm(
    monitoring: Template, number: int, metric: str, operator: str, threshold: float
) -> None:
    found = alarm(monitoring, f"FullThreshold{number}")
    assert found["Namespace"] == "aws/sagemaker/Endpoints/data-metrics"
    assert (found["MetricName"], found["ComparisonOperator"], found["Threshold"]) == (metric, operator, threshold)
    assert found["Dimensions"] == [
        {"Name": "Endpoint", "Value": "other"},
        {"Name": "MonitoringSchedule", "Value": "churn-data"},
    ]
    assert (found["Statistic"], found["Period"], found["EvaluationPeriods"]) == ("Average", 3600, 1)
    assert found["TreatMissingData"] == "notBreaching"
    assert [text(arn) for arn in found["AlarmActions"]] == ["Topic"]


def test_what_starts_a_pipeline_is_what_tells_of_violations(monitoring: Template) -> None:
    assert rule(monitoring, "FullRetrain")["EventPattern"] == rule(monitoring, "FullViolations")["EventPattern"]


@pytest.mark.parametrize("name", ["FullRetrain", "FullEarly"])
def test_a_rule_starts_a_pipeline_after_its_role_has_its_rights(monitoring: Template, name: str) -> None:
    (found,) = (r for i, r in of_type(monitoring, "AWS::Events::Rule").items() if i[:-8] == name)
    assert any(other.startswith(f"{name}RoleRights") for other in found["DependsOn"])
    (target,) = found["Properties"]["Targets"]
    assert text(target["RoleArn"]) == f"{name}Role"


def test_violations_start_a_pipeline_with_a_role_that_can_do_nothing_else(monitoring: Template) -> None:
    (target,) = rule(monitoring, "FullRetrain")["Targets"]
    assert text(target["Arn"]).endswith(":pipeline/churn-training")
    assert target["SageMakerPipelineParameters"]["PipelineParameterList"] == [{"Name": "Reason", "Value": "drift"}]
    (statement,) = rights(monitoring, "FullRetrainRole")
    assert statement["Action"] == "sagemaker:StartPipelineExecution"
    assert text(statement["Resource"]) == text(target["Arn"])
    (role,) = (r for i, r in of_type(monitoring, "AWS::IAM::Role").items() if i.startswith("FullRetrainRole"))
    assert role["Properties"]["PermissionsBoundary"]
    (trust,) = role["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "events.amazonaws.com"}
    assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}


def test_a_threshold_that_is_passed_starts_a_pipeline(monitoring: Template) -> None:
    found = rule(monitoring, "FullEarly")
    pattern = found["EventPattern"]
    assert (pattern["source"], pattern["detail-type"]) == (["aws.cloudwatch"], ["CloudWatch Alarm State Change"])
    assert pattern["detail"] == {"state": {"value": ["ALARM"]}}
    assert [text(arn) for arn in pattern["resources"]] == ["FullThreshold1", "FullThreshold2"]
    (target,) = found["Targets"]
    assert text(target["Arn"]).endswith(":pipeline/churn-training")
    (statement,) = rights(monitoring, "FullEarlyRole")
    assert text(statement["Resource"]) == text(target["Arn"])


def test_without_thresholds_no_alarm_starts_a_pipeline(base: Ground) -> None:
    monitor = base.data_quality("Monitor")
    with pytest.raises(ConstructError, match="the monitor has no thresholds, so no alarm goes off"):
        monitor.start_pipeline_on_drift("Early", pipeline_name="p", permissions_boundary=base.boundary)


def test_violations_go_to_any_target(monitoring: Template) -> None:
    found = rule(monitoring, "DataQualityTell")
    assert found["EventPattern"]["source"] == ["aws.sagemaker"]
    assert found["EventPattern"]["detail-type"] == ["SageMaker Processing Job State Change"]
    detail = found["EventPattern"]["detail"]
    assert (detail["ProcessingJobStatus"], detail["ExitMessage"]) == (
        ["Completed"],
        [{"prefix": "CompletedWithViolations"}],
    )
    written = detail["ProcessingOutputConfig"]["Outputs"]["S3Output"]["S3Uri"]
    assert text(written[0]["prefix"]).startswith("s3://Bucket/churn/monitoring/monitoring-dataquality-")
    assert text(found["Targets"][0]["Arn"]) == "Queue"


@pytest.mark.parametrize(
    ("name", "namespace"),
    [
        ("data_quality", "aws/sagemaker/Endpoints/data-metrics"),
        ("model_quality", "aws/sagemaker/Endpoints/model-metrics"),
        ("bias", "aws/sagemaker/Endpoints/bias-metrics"),
        ("explainability", "aws/sagemaker/Endpoints/explainability-metrics"),
    ],
)
def test_its_metrics_are_those_of_its_kind(base: Ground, name: str, namespace: str) -> None:
    metric = getattr(base, name)("Monitor", schedule_name="m").metric("x", dimensions={"Facet": "age"})
    assert metric.namespace == namespace
    assert metric.dimensions == {"Endpoint": "churn", "MonitoringSchedule": "m", "Facet": "age"}


def test_metrics_of_features_and_batches(base: Ground) -> None:
    monitor = base.data_quality("Monitor", schedule_name="m")
    assert monitor.metric_feature_drift("age").metric_name == "feature_baseline_drift_age"
    assert monitor.metric_feature_completeness("age").metric_name == "feature_non_null_age"
    assert monitor.monitoring_schedule_name == "m"
    assert monitor.reports_uri.endswith("/churn/monitoring/m")
    assert monitor.metric_violations().metric_name == "TriggeredRules"
    assert monitor.metric_failures().statistic == "Sum"


def test_metrics_of_batches_have_no_endpoint(base: Ground) -> None:
    monitored = BatchTransformInput(base.bucket, "churn/batch", DatasetFormat.parquet())
    metric = base.data_quality("Monitor", monitored=monitored, schedule_name="m").metric("x")
    assert metric.namespace == "aws/sagemaker/ModelMonitoring/data-metrics"
    assert metric.dimensions == {"MonitoringSchedule": "m"}


@pytest.fixture
def base() -> Ground:
    return ground(cdk.App(), "Stack")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"baseline": None}, "the monitor has no baseline, so it would compare with nothing. Run a baselining job"),
        ({"monitored": EndpointInput("churn", None)}, "endpoint 'churn' captures nothing, so there is nothing"),
        ({"project": "fraud"}, "project 'fraud' differs from 'churn', the project of the role"),
        ({"schedule_name": "Churn_1"}, "schedule_name 'Churn_1' is no name of a schedule. Use up to 63 lower-case"),
        (
            {
                "schedule": MonitorSchedule.hourly(),
                "resources": MonitoringResources(max_runtime=cdk.Duration.minutes(61)),
            },
            "max_runtime of 3660 seconds does not fit the schedule 'cron(0 * ? * * *)'. Use 1 to 3600 seconds",
        ),
        (
            {"schedule": MonitorSchedule.every(2), "resources": MonitoringResources(max_runtime=cdk.Duration.hours(3))},
            "max_runtime of 10800 seconds does not fit the schedule 'cron(0 0/2 ? * * *)'. Use 1 to 7200 seconds",
        ),
    ],
)
def test_a_bad_argument_is_refused_before_anything_exists(
    base: Ground, arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConstructError, match=re.escape(f"[Stack/Monitor] {message}")):
        base.data_quality("Monitor", **arguments)
    assert base.stack.node.try_find_child("Monitor") is None


def test_data_quality_needs_statistics(base: Ground) -> None:
    constraints = Baseline(base.bucket, "churn/baseline/constraints.json")
    with pytest.raises(ConstructError, match=re.escape("the baseline has no statistics, so no drift")):
        base.data_quality("Monitor", baseline=constraints)
    assert base.bias("Bias", baseline=constraints).project == "churn"


def test_reports_need_a_bucket_with_a_key(base: Ground) -> None:
    with pytest.raises(ConstructError, match=re.escape("the bucket Stack/Open of the reports has no customer managed")):
        base.data_quality("Monitor", bucket=s3.Bucket(base.stack, "Open"))


def test_a_role_for_other_work_is_refused(base: Ground) -> None:
    role = JobRole(base.stack, "Pipeline", job=JobType.PIPELINE, project="churn", permissions_boundary=base.boundary)
    with pytest.raises(ConstructError, match="the role is for pipeline, not for monitoring"):
        base.data_quality("Monitor", role=role)


@pytest.mark.parametrize("kind", ["model_quality", "bias"])
def test_labels_take_half_of_an_hourly_run(base: Ground, kind: str) -> None:
    resources = MonitoringResources(max_runtime=cdk.Duration.minutes(31))
    with pytest.raises(ConstructError, match="Use 1 to 1800 seconds"):
        getattr(base, kind)("Monitor", schedule=MonitorSchedule.hourly(), resources=resources)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"inference_attribute": None}, "the monitor does not know where the answer is in a record"),
        (
            {"problem_type": ProblemType.REGRESSION, "probability_attribute": "1"},
            "probability_attribute '1' does not fit a regression",
        ),
    ],
)
def test_model_quality_must_know_where_answers_are(base: Ground, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ConstructError, match=re.escape(message)):
        base.model_quality("Monitor", **arguments)


@pytest.mark.parametrize("kind", ["model_quality", "bias"])
@pytest.mark.parametrize("threshold", [-0.1, 1.5])
def test_a_threshold_of_probability_is_one(base: Ground, kind: str, threshold: float) -> None:
    with pytest.raises(ConstructError, match=f"probability_threshold {threshold} is no probability"):
        getattr(base, kind)("Monitor", probability_threshold=threshold)


@pytest.mark.parametrize("kind", ["bias", "explainability"])
@pytest.mark.parametrize("key", ["/churn/config.json", "s3://bucket/config.json", "churn/config"])
def test_the_analysis_configuration_is_the_key_of_a_json_file(base: Ground, kind: str, key: str) -> None:
    with pytest.raises(ConstructError, match=re.escape(f"analysis_config {key!r} is no key of a JSON file")):
        getattr(base, kind)("Monitor", analysis_config=key)


class _Endpoint(cdk.Resource):
    endpoint_name = "churn"
    data_capture: ICapturedData | None = None


def test_an_endpoint_of_the_app_is_waited_for(base: Ground) -> None:
    endpoint = _Endpoint(base.stack, "Endpoint")
    endpoint.data_capture = base.traffic.data_capture
    monitored = EndpointInput.of(endpoint)
    assert (monitored.endpoint_name, monitored.endpoint) == ("churn", endpoint)
    assert monitored == EndpointInput.of(endpoint, base.traffic.data_capture)


def test_an_endpoint_of_the_app_that_captures_nothing_is_refused(base: Ground) -> None:
    monitored = EndpointInput.of(_Endpoint(base.stack, "Endpoint"), base.traffic.data_capture)
    with pytest.raises(ConstructError, match="endpoint 'churn' captures nothing, so there is nothing to monitor"):
        base.data_quality("Monitor", monitored=monitored)


def test_an_endpoint_of_the_app_that_captures_elsewhere_is_refused(base: Ground) -> None:
    endpoint = _Endpoint(base.stack, "Endpoint")
    endpoint.data_capture = Captured(s3.Bucket.from_bucket_name(base.stack, "Other", "other"))
    with pytest.raises(ValueError, match="Endpoint Stack/Endpoint captures elsewhere than the data_capture"):
        EndpointInput.of(endpoint, base.traffic.data_capture)


@pytest.mark.parametrize("kind", ["bias", "model_quality"])
def test_a_run_looks_at_some_data(base: Ground, kind: str) -> None:
    with pytest.raises(ConstructError, match="end_offset of 7200 seconds lies before start_offset of 3600"):
        getattr(base, kind)("Monitor", start_offset=cdk.Duration.hours(1), end_offset=cdk.Duration.hours(2))


def test_a_relaxation_is_no_flag(base: Ground) -> None:
    with pytest.raises(ValueError, match="does not explain the deviation"):
        base.data_quality("Monitor", network_isolation=Relaxation("because"))


def test_it_lists_its_controls() -> None:
    assert set(DataQualityMonitor.CONTROLS) < set(ALL)
