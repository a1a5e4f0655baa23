from __future__ import annotations

import json
from typing import Any

import pytest

from mlgov_constructs.controls import CATALOGUE
from tests.controls.engines import engine


def resource(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": f"AWS::ServiceCatalog::{kind}", "Properties": properties}


def product(**artifact: Any) -> dict[str, Any]:
    return resource("CloudFormationProduct", Name="n", ProvisioningArtifactParameters=[{"Name": "v0"}, artifact])


def principal(arn: Any) -> dict[str, Any]:
    return resource("PortfolioPrincipalAssociation", PrincipalARN=arn, PrincipalType="IAM_PATTERN")


def joined(end: str) -> dict[str, Any]:
    return {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":iam::", {"Ref": "AWS::AccountId"}, end]]}


def described(description: Any) -> dict[str, Any]:
    return resource("CloudFormationProduct", Name="n", Description=description)


def stack_sets(**changes: Any) -> dict[str, Any]:
    properties = {
        "AdminRole": {"Fn::GetAtt": ["Role", "Arn"]},
        "ExecutionRole": "StackSetExecution",
        "AccountList": ["111122223333"],
        "RegionList": ["eu-west-1"],
        "StackInstanceControl": "NOT_ALLOWED",
    }
    return resource("StackSetConstraint", **{k: v for k, v in {**properties, **changes}.items() if v is not None})


ASSOCIATION = resource("PortfolioProductAssociation", PortfolioId={"Ref": "P"}, ProductId={"Ref": "Q"})
PASSING = [
    ("MLG-CAT-01", [ASSOCIATION, resource("LaunchRoleConstraint", RoleArn={"Fn::GetAtt": ["Role", "Arn"]})]),
    ("MLG-CAT-01", [ASSOCIATION, resource("LaunchRoleConstraint", LocalRoleName="launch")]),
    ("MLG-CAT-02", [product(Name="v1")]),
    ("MLG-CAT-02", [product(Name="v1", DisableTemplateValidation=False)]),
    ("MLG-CAT-03", [principal({"Fn::GetAtt": ["Role", "Arn"]})]),
    ("MLG-CAT-03", [principal(joined(":role/DataScientist-*"))]),
    ("MLG-CAT-03", [principal("arn:aws:iam:::role/*DataScientist*")]),
    ("MLG-CAT-03", [principal({"Fn::Sub": "arn:${AWS::Partition}:iam:::role/Scientist-*"})]),
    ("MLG-CAT-01", [ASSOCIATION, stack_sets()]),
    ("MLG-CAT-04", [resource("PortfolioShare", AccountId="111122223333", ShareTagOptions=True)]),
    ("MLG-CAT-05", [stack_sets()]),
    ("MLG-CAT-06", [described("A notebook. Cost: about 0.05 USD an hour.")]),
    ("MLG-CAT-06", [described("A notebook; it costs nothing")]),
    ("MLG-CAT-06", [described({"Fn::Sub": "${Text}"})]),
]
FAILING = [
    ("MLG-CAT-01", [ASSOCIATION]),
    ("MLG-CAT-01", [ASSOCIATION, resource("LaunchRoleConstraint", Description="none")]),
    ("MLG-CAT-01", [ASSOCIATION, ASSOCIATION, resource("LaunchRoleConstraint", LocalRoleName="launch")]),
    ("MLG-CAT-02", [product()]),
    ("MLG-CAT-02", [product(Name="v1", DisableTemplateValidation=True)]),
    ("MLG-CAT-03", [principal("arn:aws:iam:::role/*")]),
    ("MLG-CAT-03", [principal("arn:aws:iam:::*")]),
    ("MLG-CAT-03", [principal(joined(":role/*"))]),
    ("MLG-CAT-03", [principal({"Fn::Sub": "arn:${AWS::Partition}:iam:::role/*"})]),
    ("MLG-CAT-03", [resource("PortfolioPrincipalAssociation", PrincipalType="IAM")]),
    ("MLG-CAT-04", [resource("PortfolioShare", AccountId="111122223333")]),
    ("MLG-CAT-04", [resource("PortfolioShare", AccountId="111122223333", ShareTagOptions=False)]),
    ("MLG-CAT-01", [ASSOCIATION, stack_sets(AdminRole=None)]),
    ("MLG-CAT-05", [stack_sets(AdminRole=None)]),
    ("MLG-CAT-05", [stack_sets(ExecutionRole=None)]),
    ("MLG-CAT-05", [stack_sets(AccountList=[])]),
    ("MLG-CAT-05", [stack_sets(RegionList=[])]),
    ("MLG-CAT-05", [stack_sets(StackInstanceControl="ALLOWED")]),
    ("MLG-CAT-05", [stack_sets(StackInstanceControl=None)]),
    ("MLG-CAT-06", [described("A notebook")]),
    ("MLG-CAT-06", [resource("CloudFormationProduct", Name="n")]),
]


def findings(control: str, resources: list[dict[str, Any]]) -> int:
    template = {"Resources": {f"R{number}": entry for number, entry in enumerate(resources)}}
    return len(engine(control).check_text(json.dumps(template)))


@pytest.mark.parametrize(("control", "resources"), PASSING)
def test_rule_admits(control: str, resources: list[dict[str, Any]]) -> None:
    assert findings(control, resources) == 0


@pytest.mark.parametrize(("control", "resources"), FAILING)
def test_rule_refuses(control: str, resources: list[dict[str, Any]]) -> None:
    assert findings(control, resources) == 1


def test_every_catalog_control_is_tried_both_ways() -> None:
    declared = {control for control in CATALOGUE if control.startswith("MLG-CAT-")}
    assert declared == {control for control, _ in PASSING} == {control for control, _ in FAILING}
