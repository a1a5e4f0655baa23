from __future__ import annotations

import json
from typing import Any

import pytest

from tests.controls.engines import engine

WRITER = {"Type": "Custom::PipelineDefinition", "Properties": {"Bucket": "b", "Key": "k"}}
WRITTEN = {"Fn::GetAtt": ["Writer", "VersionId"]}


def pipeline(**definition: Any) -> dict[str, Any]:
    return {"Type": "AWS::SageMaker::Pipeline", "Properties": {"PipelineDefinition": definition}}


def stored(**place: Any) -> dict[str, Any]:
    return pipeline(PipelineDefinitionS3Location={"Bucket": {"Ref": "Bucket"}, "Key": "churn/definition.json", **place})


def accused(subject: dict[str, Any], **others: Any) -> set[str]:
    template = json.dumps({"Resources": {"Fine": {"Type": "AWS::SNS::Topic"}, "Subject": subject, **others}})
    return {finding.logical_id for finding in engine("MLG-MLO-25").check_text(template)}


@pytest.mark.parametrize(
    "subject",
    [
        stored(),
        stored(Version="3sL4kqtJlcpXroDTDmJ"),
        stored(Version={"Ref": "Version"}),
        stored(Version={"Fn::GetAtt": ["Writer", "Bucket"]}),
        stored(Version={"Fn::GetAtt": "Writer.Bucket"}),
    ],
)
def test_what_nobody_checked_fails(subject: dict[str, Any]) -> None:
    assert accused(subject, Writer=WRITER) == {"Subject"}


def test_a_version_of_something_else_fails() -> None:
    assert accused(stored(Version={"Fn::GetAtt": ["Other", "VersionId"]})) == {"Subject"}


@pytest.mark.parametrize("version", [WRITTEN, {"Fn::GetAtt": "Writer.VersionId"}])
def test_what_a_writer_checked_passes(version: dict[str, Any]) -> None:
    assert accused(stored(Version=version), Writer=WRITER) == set()


def test_a_definition_in_the_template_passes() -> None:
    assert accused(pipeline(PipelineDefinitionBody={"Fn::Join": ["", ["{", "}"]]})) == set()
    assert accused({"Type": "AWS::SageMaker::ModelPackageGroup"}) == set()
