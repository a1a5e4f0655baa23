"""What a template may become, and that the rules judge that."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mlgov_constructs.controls import CATALOGUE, RuleEngine, TemplateError
from mlgov_constructs.controls.possible_templates import possible_templates
from mlgov_constructs.controls.template_reader import read_template
from tests.controls.engines import engine

NOTHING = {"Ref": "AWS::NoValue"}
PARAMETERS = {
    "Off": {"Type": "String", "Default": "false"},
    "Given": {"Type": "String"},
    "Ports": {"Type": "CommaDelimitedList", "Default": "80, 443"},
    "Stored": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/a/name"},
    "Stage": {"Type": "String", "AllowedValues": ["test", "live"]},
    "KeyArn": {"Type": "String", "Default": ""},
}
CONDITIONS = {
    "IsLive": {"Fn::Equals": [{"Ref": "Stage"}, "live"]},
    "IsTest": {"Fn::Equals": [{"Ref": "Stage"}, "test"]},
    "HasKey": {"Fn::Not": [{"Fn::Equals": [{"Ref": "KeyArn"}, ""]}]},
    "Both": {"Fn::And": [{"Condition": "IsLive"}, {"Condition": "HasKey"}]},
    "Never": {"Fn::Equals": ["a", "b"]},
    "Unclear": {"Fn::Equals": [{"Fn::Select": [0, {"Ref": "Ports"}]}, "80"]},
}


def become(value: Any, **resource: Any) -> list[Any]:
    """The values that a property may have: ``None`` for none, ``[]`` where the resource itself is not there."""
    template = {
        "Parameters": PARAMETERS,
        "Conditions": CONDITIONS,
        "Mappings": {"Table": {"false": {"Value": "found"}}},
        "Resources": {"One": {"Type": "AWS::KMS::Key", "Properties": {"It": value}, **resource}},
    }
    found = [each["Resources"] for each in possible_templates(template)]
    return [resources["One"]["Properties"].get("It") if "One" in resources else [] for resources in found]


@pytest.mark.parametrize(
    ("value", "values"),
    [
        (True, [True]),
        (NOTHING, [None]),
        ([1, NOTHING, 2], [[1, 2]]),
        ({"Ref": "Off"}, ["false"]),
        ({"Ref": "Given"}, [{"Ref": "Given"}]),
        ({"Ref": "Stored"}, [{"Ref": "Stored"}]),
        ({"Ref": "Ports"}, [["80", "443"]]),
        ({"Ref": "One"}, [{"Ref": "One"}]),
        ({"Fn::GetAtt": ["One", "Arn"]}, [{"Fn::GetAtt": ["One", "Arn"]}]),
        ({"Fn::Sub": "is ${Off}"}, ["is false"]),
        ({"Fn::Sub": "${!literal}"}, ["${literal}"]),
        ({"Fn::Sub": "${Off} ${AWS::Region}"}, [{"Fn::Sub": "false ${AWS::Region}"}]),
        ({"Fn::Sub": ["${a} ${b}", {"a": {"Ref": "Off"}, "b": "c"}]}, ["false c"]),
        ({"Fn::Join": ["-", ["a", {"Ref": "Off"}]]}, ["a-false"]),
        ({"Fn::Join": ["", ["a", {"Ref": "Given"}]]}, [{"Fn::Join": ["", ["a", {"Ref": "Given"}]]}]),
        ({"Fn::FindInMap": ["Table", {"Ref": "Off"}, "Value"]}, ["found"]),
        ({"Fn::FindInMap": ["Table", "other", "Value"]}, [{"Fn::FindInMap": ["Table", "other", "Value"]}]),
        ({"Fn::If": ["IsLive", 1, 2]}, [2, 1]),
        ({"Fn::If": ["IsLive", 1, NOTHING]}, [None, 1]),
        ({"Fn::If": ["Never", 1, 2]}, [2]),
        ({"Fn::If": ["Unclear", 1, 2]}, [2, 1]),
        # Of conditions that exclude each other both come to be, and never neither.
        ([{"Fn::If": ["IsLive", 1, NOTHING]}, {"Fn::If": ["IsTest", 2, NOTHING]}], [[2], [1]]),
        # What the condition knows of a parameter, the value knows too.
        ({"Fn::If": ["HasKey", {"Ref": "KeyArn"}, NOTHING]}, [None, {"Ref": "KeyArn"}]),
        ({"Fn::If": ["IsLive", {"Ref": "Stage"}, NOTHING]}, [None, "live"]),
        # A branch in a branch.
        ({"Fn::If": ["IsLive", {"Fn::If": ["HasKey", 1, 2]}, 3]}, [3, 1, 2]),
        ({"Fn::If": ["Both", 1, 2]}, [2, 1]),
    ],
    ids=json.dumps,
)
def test_a_value_is_what_it_may_become(value: Any, values: list[Any]) -> None:
    assert sorted(map(json.dumps, become(value))) == sorted(map(json.dumps, values))


def test_a_resource_with_a_condition_is_there_and_is_not() -> None:
    assert become(1, Condition="IsLive") == [[], 1]


def test_many_conditions_need_few_templates() -> None:
    names = [f"C{number}" for number in range(60)]
    template = {
        "Parameters": {name: {"Type": "String", "AllowedValues": ["a", "b"]} for name in names},
        "Conditions": {name: {"Fn::Equals": [{"Ref": name}, "a"]} for name in names},
        "Resources": {
            "One": {"Type": "AWS::KMS::Key", "Properties": {name: {"Fn::If": [name, 1, 2]} for name in names}}
        },
    }
    assert len(possible_templates(template)) == 2


def test_a_template_in_which_nothing_is_to_be_decided_is_itself() -> None:
    template = {"Resources": {"One": {"Type": "AWS::KMS::Key", "Properties": {"It": {"Fn::GetAtt": ["A", "Arn"]}}}}}
    assert possible_templates(template) == [template]


ROTATED = "MLG-PRT-01"


def accused(properties: dict[str, Any], **template: Any) -> list[tuple[str, int]]:
    resources = {"One": {"Type": "AWS::KMS::Key", "Properties": properties}}
    text = json.dumps({"Resources": resources, **template}, indent=1)
    return [(finding.logical_id, finding.line) for finding in engine(ROTATED).check_text(text)]


@pytest.mark.parametrize(
    ("value", "is_wrong"),
    [
        (NOTHING, True),
        ({"Ref": "Off"}, True),
        ({"Fn::Sub": "true"}, False),
        ({"Fn::If": ["IsLive", True, NOTHING]}, True),
        ({"Fn::If": ["IsLive", True, "true"]}, False),
        ({"Ref": "Given"}, True),
    ],
    ids=json.dumps,
)
def test_a_rule_judges_what_may_become(value: Any, is_wrong: bool) -> None:
    found = accused({"EnableKeyRotation": value}, Parameters=PARAMETERS, Conditions=CONDITIONS)
    assert found == ([("One", 6)] if is_wrong else [])


def test_what_only_a_possible_template_lacks_stands_at_its_resource() -> None:
    group = {"Type": "AWS::Logs::LogGroup", "Properties": {"KmsKeyId": NOTHING, "RetentionInDays": 7}}
    text = json.dumps({"Resources": {"One": group}}, indent=1)
    assert [(each.logical_id, each.line) for each in engine("MLG-PRT-15").check_text(text)] == [("One", 3)]


YAML = """
Parameters:
  Rotate: {Type: String, Default: "false"}
Conditions:
  Never: !Equals [a, b]
Resources:
  One:
    Type: AWS::KMS::Key
    Properties:
      EnableKeyRotation: !Ref Rotate
      Description: !If [Never, !Sub "${Rotate}", !GetAtt Two.Arn]
      KeyPolicy: {Version: 2012-10-17}
"""


def test_short_forms_are_written_out() -> None:
    properties = read_template(YAML)["Resources"]["One"]["Properties"]
    assert properties == {
        "EnableKeyRotation": {"Ref": "Rotate"},
        "Description": {"Fn::If": ["Never", {"Fn::Sub": "${Rotate}"}, {"Fn::GetAtt": ["Two", "Arn"]}]},
        "KeyPolicy": {"Version": "2012-10-17"},
    }
    assert read_template(YAML)["Conditions"] == {"Never": {"Fn::Equals": ["a", "b"]}}


def test_yaml_is_judged_like_json() -> None:
    (found,) = engine(ROTATED).check_text(YAML)
    assert (found.logical_id, found.line) == ("One", 10)
    assert engine(ROTATED).check_text(YAML.replace('"false"', '"true"')) == []


def test_yaml_that_is_none_is_refused() -> None:
    with pytest.raises(TemplateError, match="is no CloudFormation template"):
        RuleEngine([CATALOGUE[ROTATED]]).check_text("Resources: [}")


@pytest.mark.parametrize(
    "odd",
    [
        {"Condition": {"Ref": "Stage"}},
        {"Condition": ["IsLive"]},
        {"Properties": {"EnableKeyRotation": {"Fn::If": [{"Ref": "Stage"}, True, False]}}},
        {"Properties": {"EnableKeyRotation": {"Fn::If": [["IsLive"], True, False]}}},
    ],
)
def test_what_names_no_condition_is_judged_as_it_stands(odd: dict[str, Any]) -> None:
    internet = {"Type": "AWS::EC2::InternetGateway"}
    template = {
        "Parameters": PARAMETERS,
        "Conditions": {**CONDITIONS, "Odd": {"Condition": {"Ref": "Stage"}}},
        "Resources": {"Key": {"Type": "AWS::KMS::Key", **odd}, "Internet": internet},
    }
    found = RuleEngine([CATALOGUE["MLG-NET-01"]]).check_text(json.dumps(template))
    assert [finding.logical_id for finding in found] == ["Internet"]
