"""Definitions in S3: packed, filled in, refused, written as a version, and pinned by the pipeline."""

from __future__ import annotations

import base64
import copy
import gzip
import json
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest

from mlgov_constructs.controls import CATALOGUE, Relaxation, RuleEngine
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.mlops import ModelPipeline
from mlgov_constructs.mlops.stored_definition import handler
from mlgov_constructs.mlops.stored_definition.packed_definition import PackedDefinition
from mlgov_constructs.protection import GovernedBucket
from mlgov_constructs.steps import JobImage, ProcessingStep
from mlgov_constructs.training import DebuggerRule, TrainingStep
from tests.access import REGION, decision, resolved
from tests.local_cloud.test_mlops_types import DEFINITION
from tests.mlops.pipelines import IMAGE, PIPELINE, flat, ground, step
from tests.templates import Template, of_type

WRITER = "Custom::PipelineDefinition"
LONG = [ProcessingStep(f"Step{number}", image=IMAGE, script="x" * 19_000) for number in range(6)]
TOKENS: dict[str, Any] = {
    "Role": "${Token[TOKEN.1]}",
    "Output": "s3://${Token[TOKEN.2]}/churn",
    "Again": "${Token[TOKEN.1]}",
    "Subnets": ["#{Token[TOKEN.3]}"],
    "Seconds": -1.8881545897087e289,
    "Plain": ["text", 1, True, None, "{{text}}"],
}


def unpacked(packed: PackedDefinition) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(gzip.decompress(base64.b64decode(packed.document)))
    return document


# Packing and filling in.


def test_tokens_lie_beside_the_packed_definition_once_each() -> None:
    packed = PackedDefinition.of(TOKENS)
    assert unpacked(packed) == {
        "Role": "{{text:0}}",
        "Output": "{{text:1}}",
        "Again": "{{text:0}}",
        "Subnets": "{{list:2}}",
        "Seconds": "{{number:3}}",
        "Plain": TOKENS["Plain"],
    }
    assert list(packed.values.values()) == [TOKENS["Role"], TOKENS["Output"], TOKENS["Subnets"], TOKENS["Seconds"]]
    assert PackedDefinition.of(TOKENS).document == packed.document, "equal definitions change nothing"


def test_values_are_put_where_they_belong() -> None:
    values = {"0": "arn", "1": "s3://data/churn", "2": ["subnet-1", "subnet-2"], "3": "7200"}
    filled = handler.filled(unpacked(PackedDefinition.of(TOKENS)), values)
    assert (filled["Role"], filled["Again"], filled["Output"]) == ("arn", "arn", "s3://data/churn")
    assert filled["Subnets"] == ["subnet-1", "subnet-2"]
    assert filled["Seconds"] == 7200
    assert filled["Plain"] == TOKENS["Plain"]


# What the function does.


class Bucket:
    """An S3 that remembers what is put."""

    def __init__(self, version: str | None = "v1") -> None:
        self.version, self.put = version, list[dict[str, Any]]()

    def put_object(self, **request: Any) -> dict[str, Any]:
        self.put.append(request)
        return {"VersionId": self.version} if self.version else {}


def event(kind: str = "Create", definition: dict[str, Any] = DEFINITION, **properties: Any) -> dict[str, Any]:
    return {
        "RequestType": kind,
        "PhysicalResourceId": "s3://data/churn/definition.json",
        "ResourceProperties": {
            "Bucket": "data",
            "Key": "churn/definition.json",
            "Definition": PackedDefinition.of(definition).document,
            **properties,
        },
    }


def without_isolation(name: str) -> dict[str, Any]:
    spoilt = copy.deepcopy(DEFINITION)
    arguments = step(spoilt, name)["Arguments"]
    arguments.get("NetworkConfig", arguments)["EnableNetworkIsolation"] = False
    return spoilt


@pytest.mark.parametrize("kind", ["Create", "Update"])
def test_a_definition_is_written_as_a_version(kind: str) -> None:
    bucket = Bucket()
    assert handler.on_event(event(kind), bucket) == ("s3://data/churn/definition.json", {"VersionId": "v1"})
    (put,) = bucket.put
    assert (put["Bucket"], put["Key"]) == ("data", "churn/definition.json")
    assert json.loads(put["Body"]) == DEFINITION


def test_versions_stay_when_the_stack_goes() -> None:
    bucket = Bucket()
    assert handler.on_event(event("Delete"), bucket) == ("s3://data/churn/definition.json", {})
    assert bucket.put == []


@pytest.mark.parametrize("name", ["Prepare", "Train"])
def test_a_job_that_is_not_isolated_is_refused(name: str) -> None:
    bucket = Bucket()
    with pytest.raises(ValueError, match=f"steps {name} are not isolated: see control MLG-MLO-05"):
        handler.on_event(event(definition=without_isolation(name)), bucket)
    assert bucket.put == []
    handler.on_event(event(definition=without_isolation(name), Relaxed=[name]), bucket)
    assert len(bucket.put) == 1


@pytest.mark.parametrize("version", [None, "null"])
def test_a_bucket_without_versions_is_refused(version: str | None) -> None:
    with pytest.raises(ValueError, match="bucket data keeps no versions"):
        handler.on_event(event(), Bucket(version))


def test_jobs_are_isolated_in_every_type_of_steps() -> None:
    isolated = {
        "EnableNetworkIsolation": True,
        "EnableInterContainerTrafficEncryption": True,
        "VpcConfig": {"Subnets": ["subnet-1"]},
    }
    opened = {**isolated, "EnableInterContainerTrafficEncryption": {"Get": "Parameters.Encrypt"}}
    in_no_subnet = {**isolated, "VpcConfig": {"Subnets": []}}

    def steps(job: dict[str, Any]) -> list[dict[str, Any]]:
        return [
            {"Name": "Training", "Type": "Training", "Arguments": job},
            {"Name": "Tuning", "Type": "Tuning", "Arguments": {"TrainingJobDefinition": job}},
            {"Name": "Tunings", "Type": "Tuning", "Arguments": {"TrainingJobDefinitions": [isolated, job]}},
            *(
                {"Name": kind, "Type": kind, "Arguments": {"NetworkConfig": job}}
                for kind in ("ClarifyCheck", "Processing", "QualityCheck")
            ),
        ]

    inner = {"Name": "If", "Type": "Condition", "Arguments": {"IfSteps": steps(isolated)}}
    assert handler.open_steps({"Steps": [*steps(isolated), inner, {"Name": "End", "Type": "Fail"}]}) == []
    for job in (opened, in_no_subnet, {}):
        names = ["Training", "Tuning", "Tunings", "ClarifyCheck", "Processing", "QualityCheck"]
        assert handler.open_steps({"Steps": steps(job)}) == names
        branch = {"Name": "If", "Type": "Condition", "Arguments": {"ElseSteps": steps(job)}}
        assert handler.open_steps({"Steps": [branch]}) == names


# What the pipeline creates.


@pytest.fixture(scope="module")
def long(synthesize: Callable[..., dict[str, Template]]) -> Template:
    def build(app: cdk.App) -> None:
        ground(app, "long").pipeline("Long", steps=LONG)

    return synthesize(build)["long"]


def test_a_long_definition_lies_in_s3_and_the_pipeline_names_its_version(long: Template) -> None:
    ((name, writer),) = of_type(long, WRITER).items()
    (pipeline,) = of_type(long, PIPELINE).values()
    place = pipeline["Properties"]["PipelineDefinition"]["PipelineDefinitionS3Location"]
    assert place["Version"] == {"Fn::GetAtt": [name, "VersionId"]}
    assert place["Key"] == writer["Properties"]["Key"] == "churn/pipelines/churn-long/definition.json"
    assert place["Bucket"] == writer["Properties"]["Bucket"] == {"Ref": next(iter(of_named(long, "Data")))}


def of_named(template: Template, begin: str) -> dict[str, Any]:
    return {name: each for name, each in of_type(template, "AWS::S3::Bucket").items() if name.startswith(begin)}


def arns(template: Template) -> tuple[str, str]:
    """The bucket and the definition in it."""
    (bucket,) = of_named(template, "Data")
    arn = resolved({"Fn::GetAtt": [bucket, "Arn"]})
    return arn, f"{arn}/churn/pipelines/churn-long/definition.json"


def test_the_template_holds_it_packed(long: Template) -> None:
    (writer,) = of_type(long, WRITER).values()
    properties = writer["Properties"]
    assert len(properties["Definition"]) < 10_000
    values = {number: flat(value) for number, value in properties["Values"].items()}
    definition = handler.filled(json.loads(gzip.decompress(base64.b64decode(properties["Definition"]))), values)
    assert len(json.dumps(definition)) > 100_000
    assert [each["Name"] for each in definition["Steps"]] == [each.name for each in LONG]
    job = step(definition, "Step0")["Arguments"]
    assert "Longprocessing" in job["RoleArn"]
    assert job["NetworkConfig"]["VpcConfig"]["Subnets"][0].startswith("<Vpc")


def test_the_writer_may_write_the_definition_and_nothing_else(long: Template) -> None:
    (role,) = (name for name in of_type(long, "AWS::IAM::Role") if name.startswith("LongDefinitionRole"))
    assert long["Resources"][role]["Properties"]["PermissionsBoundary"]
    bucket, definition = arns(long)
    assert decision(long, role, "s3:PutObject", definition) == "Allow"
    for action, resource in (
        ("s3:PutObject", f"{bucket}/churn/pipelines/churn-other/definition.json"),
        ("s3:GetObject", definition),
        ("s3:DeleteObject", definition),
        ("sagemaker:UpdatePipeline", "*"),
    ):
        assert decision(long, role, action, resource) != "Allow", action


def test_the_log_of_the_writer_is_encrypted_and_kept(long: Template) -> None:
    (log,) = (each for i, each in of_type(long, "AWS::Logs::LogGroup").items() if i.startswith("LongDefinition"))
    assert log["Properties"]["RetentionInDays"] == 365
    key = log["Properties"]["KmsKeyId"]["Fn::GetAtt"][0]
    statements = long["Resources"][key]["Properties"]["KeyPolicy"]["Statement"]
    assert "CloudWatchLogs" in {each["Sid"] for each in statements}
    assert log["Metadata"]["mlgov"] == {"controls": ["MLG-PRT-15"]}
    (writer,) = of_type(long, WRITER).values()
    (function,) = (each for i, each in of_type(long, "AWS::Lambda::Function").items() if i.startswith("LongDefinition"))
    assert int(writer["Properties"]["ServiceTimeout"]) == function["Properties"]["Timeout"] + 60


def test_the_writer_uses_the_key_through_s3_alone(long: Template) -> None:
    (role,) = (name for name in of_type(long, "AWS::IAM::Role") if name.startswith("LongDefinitionRole"))
    (bucket,) = of_named(long, "Data")
    place = of_named(long, "Data")[bucket]["Properties"]["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    key = resolved(place[0]["ServerSideEncryptionByDefault"]["KMSMasterKeyID"])
    through = {"kms__ViaService": resolved({"Fn::Join": ["", ["s3.", REGION, ".", {"Ref": "AWS::URLSuffix"}]]})}
    assert decision(long, role, "kms:GenerateDataKey", key, **through) == "Allow"
    assert decision(long, role, "kms:GenerateDataKey", key) != "Allow"
    assert decision(long, role, "kms:Decrypt", key, **through) != "Allow"


def test_the_pipeline_may_read_its_definition(long: Template) -> None:
    (role,) = (name for name in of_type(long, "AWS::IAM::Role") if name.startswith("Longpipeline"))
    _, definition = arns(long)
    assert decision(long, role, "s3:GetObjectVersion", definition) == "Allow"


def test_it_reads_it_where_it_lies_and_the_writer_knows_what_is_relaxed(
    synthesize: Callable[..., dict[str, Template]],
) -> None:
    def build(app: cdk.App) -> None:
        base = ground(app, "long")
        elsewhere = GovernedBucket(base.stack, "Elsewhere", encryption_key=base.environment.encryption_key)
        watcher = JobImage("registry/xgboost:1.7-1", is_built_in=True)
        rule = DebuggerRule(rule="Overfit", image=watcher, not_isolated=Relaxation("It looks once, RISK-8"))
        opened = TrainingStep("Opened", image=IMAGE, inputs={"train": "s3://a/b"}, debugger_rules=[rule])
        base.pipeline("Long", steps=[*LONG, opened], definition_bucket=elsewhere)

    template = synthesize(build)["long"]
    (role,) = (name for name in of_type(template, "AWS::IAM::Role") if name.startswith("Longpipeline"))
    (bucket,) = of_named(template, "Elsewhere")
    place = f"{resolved({'Fn::GetAtt': [bucket, 'Arn']})}/churn/pipelines/churn-long"
    assert decision(template, role, "s3:GetObjectVersion", f"{place}/definition.json") == "Allow"
    assert decision(template, role, "s3:GetObjectVersion", f"{place}/other.json") != "Allow"
    (writer,) = of_type(template, WRITER).values()
    assert writer["Properties"]["Relaxed"] == ["Opened"]


def test_the_rules_agree_with_the_claims(long: Template) -> None:
    (pipeline,) = of_type(long, PIPELINE).values()
    assert pipeline["Metadata"]["mlgov"] == {"controls": sorted([*ModelPipeline.CONTROLS, "MLG-MLO-25"])}
    engine = RuleEngine([CATALOGUE[control] for control in (*ModelPipeline.CONTROLS, "MLG-MLO-25")])
    assert engine.check_text(json.dumps(long)) == []


# Bad input.


def test_a_bucket_that_admits_endpoints_alone_is_refused_and_another_taken() -> None:
    base = ground(cdk.App(), "Stack")
    key = base.environment.encryption_key
    endpoint = cdk.aws_ec2.GatewayVpcEndpoint.from_gateway_vpc_endpoint_id(base.stack, "Endpoint", "vpce-1")
    closed = GovernedBucket(base.stack, "Closed", encryption_key=key, vpc_endpoints=[endpoint])
    with pytest.raises(ConstructError, match=r"output_bucket Stack/Closed admits VPC endpoints alone"):
        base.pipeline("Refused", steps=LONG, output_bucket=closed)
    assert base.stack.node.try_find_child("Refused") is None
    base.pipeline("Short", output_bucket=closed)
    base.pipeline("Taken", steps=LONG, output_bucket=closed, definition_bucket=base.bucket)


def test_what_no_template_holds_even_packed_is_refused() -> None:
    base = ground(cdk.App(), "Stack")
    noise = [
        ProcessingStep(
            f"Step{number}", image=IMAGE, script="".join(f"{(number * 7919 + i) ** 5:x}" for i in range(850))
        )
        for number in range(24)
    ]
    with pytest.raises(
        ConstructError, match=r"has \d+ characters when it is compressed. Keep it within 180000"
    ) as error:
        base.pipeline("Noise", steps=noise)
    assert str(error.value).startswith("[Stack/Noise] "), "before the construct exists"
    assert base.stack.node.try_find_child("Noise") is None
    long = [ProcessingStep(f"Step{number}", image=IMAGE, script="x" * 19_000) for number in range(45)]
    with pytest.raises(ConstructError, match=r"the definition of the pipeline has \d{7} characters"):
        base.pipeline("Endless", steps=long)
