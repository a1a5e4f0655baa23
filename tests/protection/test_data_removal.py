from __future__ import annotations

from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Annotations, Match

from mlgov_constructs.protection import DataKey, GovernedBucket, LogArchive
from tests.templates import Template

DATA = ("AWS::KMS::Key", "AWS::S3::Bucket", "AWS::S3::BucketPolicy")


def _build(app: cdk.App) -> None:
    stack = cdk.Stack(app, "Stack")
    destroy = cdk.RemovalPolicy.DESTROY
    key = DataKey(stack, "Key", removal_policy=destroy)
    archive = LogArchive(stack, "Archive", encryption_key=key, removal_policy=destroy)
    GovernedBucket(
        stack,
        "Bucket",
        encryption_key=key,
        access_log_bucket=archive.access_log_bucket,
        removal_policy=destroy,
    )


def _data(template: Template) -> list[dict[str, Any]]:
    return [resource for resource in template["Resources"].values() if resource["Type"] in DATA]


def test_one_key_retains_and_warns() -> None:
    app = cdk.App()
    _build(app)
    stack = app.node.find_child("Stack")
    assert isinstance(stack, cdk.Stack)
    for name in ("Key", "Archive", "Bucket"):
        Annotations.from_stack(stack).has_warning(
            "/Stack", Match.string_like_regexp(rf"{name} is retained.*DataRetained")
        )
    template: Template = app.synth().get_stack_by_name("Stack").template
    assert {resource["DeletionPolicy"] for resource in _data(template)} == {"Retain"}


@pytest.mark.parametrize("flag", [True, "true"])
def test_two_keys_delete_and_record_the_deviation(synthesize: Callable[..., dict[str, Template]], flag: object) -> None:
    template = synthesize(_build, context={"mlgov:allowDataRemoval": flag})["Stack"]
    assert {resource["DeletionPolicy"] for resource in _data(template)} == {"Delete"}
    for resource in _data(template):
        if resource["Type"] != "AWS::S3::BucketPolicy":
            deviating = [deviation["control"] for deviation in resource["Metadata"]["mlgov"]["deviations"]]
            assert {"MLG-PRT-04", "MLG-PRT-11"} & set(deviating)


@pytest.mark.parametrize("flag", [False, "false", "no", 0])
def test_other_values_are_no_key(synthesize: Callable[..., dict[str, Template]], flag: object) -> None:
    template = synthesize(_build, context={"mlgov:allowDataRemoval": flag})["Stack"]
    assert {resource["DeletionPolicy"] for resource in _data(template)} == {"Retain"}
