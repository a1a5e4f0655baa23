"""References between templates are followed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mlgov_constructs.diagram.estate import UNKNOWN, Estate
from mlgov_constructs.diagram.part import DiagramError
from tests.diagram.conftest import Written, att, ref, resource

BUCKET = resource("S3::Bucket")


def user(value: Any) -> dict[str, Any]:
    return {"User": resource("Test::User", Value=value)}


def found(estate: Estate) -> tuple[list[str], str]:
    (part,) = estate.of_type("AWS::Test::User")
    value = part.properties["Value"]
    return [each.name for each in estate.referred(part, value)], estate.text(part, value)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (ref("Store1A2B3C4D"), "Store"),
        (att("Store1A2B3C4D"), "Store"),
        ({"Fn::GetAtt": "Store1A2B3C4D.Arn"}, UNKNOWN),
        ({"Fn::Join": ["", ["s3://", ref("Store1A2B3C4D"), "/a"]]}, "s3://Store/a"),
        ({"Fn::Sub": "s3://${Store1A2B3C4D}/a"}, "s3://Store/a"),
        ({"Fn::Sub": ["s3://${Name}/a", {"Name": ref("Store1A2B3C4D")}]}, UNKNOWN),
        ({"Fn::If": ["Kept", ref("Store1A2B3C4D"), ref("AWS::NoValue")]}, "Store"),
        ({"Deep": [{"Er": ref("Store1A2B3C4D")}]}, UNKNOWN),
    ],
)
def test_references_within_a_template(value: Any, text: str, written: Written) -> None:
    estate = Estate(written({"Store1A2B3C4D": BUCKET} | user(value)))
    assert found(estate) == (["Store"], text)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("plain", "plain"),
        (7, "7"),
        (ref("AWS::Region"), "region"),
        (ref("Size"), "large"),
        (ref("Nothing"), UNKNOWN),
        (att("Nothing"), UNKNOWN),
        ({"Fn::Select": [1, {"Fn::GetAZs": ""}]}, "zone 2"),
        ({"Fn::Base64": "x"}, UNKNOWN),
        (None, UNKNOWN),
        ("{{resolve:ssm:/none}}", UNKNOWN),
        ({"Fn::ImportValue": "none"}, UNKNOWN),
        ({"Fn::GetStackOutput": {"StackName": "none", "OutputName": "none"}}, UNKNOWN),
    ],
)
def test_what_refers_to_nothing_is_read_as_far_as_it_goes(value: Any, text: str, written: Written) -> None:
    parameters = {"Size": {"Type": "String", "Default": "large"}}
    estate = Estate(written(a={"Resources": user(value), "Parameters": parameters}))
    assert found(estate) == ([], text)


def test_an_export_is_followed(written: Written) -> None:
    producer = {"Resources": {"Store": BUCKET}, "Outputs": {"O": {"Value": ref("Store"), "Export": {"Name": "store"}}}}
    estate = Estate(written(a=producer, b={"Resources": user({"Fn::ImportValue": "store"})}))
    assert found(estate) == (["Store"], "Store")


def test_the_output_of_another_stack_is_followed_by_the_name_that_it_is_deployed_under(tmp_path: Path) -> None:
    weak = {"Fn::GetStackOutput": {"StackName": "trial-data", "Region": "eu-west-1", "OutputName": "O"}}
    contents = {
        "data": {"Resources": {"Store": BUCKET}, "Outputs": {"O": {"Value": att("Store")}}},
        "work": {"Resources": user(weak)},
    }
    artifacts = {}
    for name, content in contents.items():
        (tmp_path / f"{name}.template.json").write_text(json.dumps(content))
        artifacts[name] = {
            "type": "aws:cloudformation:stack",
            "environment": "aws://unknown-account/eu-west-1",
            "displayName": f"trial/{name}",
            "properties": {"templateFile": f"{name}.template.json", "stackName": f"trial-{name}"},
            "metadata": {f"/trial/{name}/Zone/Store/Resource": [{"type": "aws:cdk:logicalId", "data": "Store"}]},
        }
    (tmp_path / "manifest.json").write_text(json.dumps({"artifacts": artifacts}))
    estate = Estate(sorted(tmp_path.glob("*.template.json")))
    assert found(estate) == (["Zone/Store"], "Zone/Store")
    assert estate.name == "trial"
    assert estate.region(estate.parts[0]) == "eu-west-1"


@pytest.mark.parametrize(
    "value",
    [
        "{{resolve:ssm:/lab/store}}",
        "{{resolve:ssm:/lab/store:3}}",
        {"Fn::Join": ["/", ["{{resolve:ssm:/lab/store}}"]]},
        {"Fn::Sub": "{{resolve:ssm:/lab/${What}}}"},
    ],
)
def test_a_product_is_followed_through_the_parameters_that_it_reads(value: Any, written: Written) -> None:
    parameter = resource("SSM::Parameter", Name="/lab/store", Value=ref("Store"))
    product = {"Resources": user(value), "Parameters": {"What": {"Type": "String"}}}
    estate = Estate(written({"Store": BUCKET, "Name": parameter}, **{"a.product": product}))
    assert found(estate) == (["Store"], "Store")
    assert [each.launched for each in estate.parts] == [False, False, True]


def test_parameters_that_name_each_other_end(written: Written) -> None:
    circle = {
        "A": resource("SSM::Parameter", Name="a", Value="{{resolve:ssm:b}}"),
        "B": resource("SSM::Parameter", Name="b", Value="{{resolve:ssm:a}}"),
    }
    assert found(Estate(written(circle | user("{{resolve:ssm:a}}")))) == ([], UNKNOWN)


def test_a_staged_copy_is_passed_over(written: Written) -> None:
    estate = Estate(written(a={"Resources": {"Store": BUCKET}}, **{"asset.0a": {"Resources": {"Older": BUCKET}}}))
    assert [each.name for each in estate.parts] == ["Store"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("Resources:\n  A:\n    Type: AWS::EC2::VPC\n", "is no template in JSON"),
        ("[]", "has no Resources"),
        ("{}", "has no Resources"),
        ('{"Resources": {"A": {}}}', "has no Resources with a Type each"),
        ('{"Resources": {"A": {"Type": "X", "Metadata": "x"}}}', "the Metadata of the resource A is no object"),
        pytest.param('{"Resources": ' + "[" * 50_000, "is nested too deeply", id="deep"),
    ],
)
def test_what_is_no_template_is_said(text: str, problem: str, tmp_path: Path) -> None:
    path = tmp_path / "t.json"
    path.write_text(text)
    with pytest.raises(DiagramError, match=f"t.json: .*{problem}"):
        Estate([path])


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(DiagramError, match="cannot be read: No such file"):
        Estate([tmp_path / "none.json"])
