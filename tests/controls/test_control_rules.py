"""The plugin in a synthesis: what fails it, and what an error of its own does."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_servicecatalog as servicecatalog

from mlgov_constructs.controls import CATALOGUE, Control, ControlRules, Relaxation, claim

REPORT_ONLY = {"@aws-cdk/core:failSynthOnValidationErrors": False}


def report(tmp_path: Path, build: Any, *controls: Control) -> dict[str, Any]:
    app = cdk.App(outdir=str(tmp_path), context=REPORT_ONLY)
    cdk.Validations.of(app).add_plugins(ControlRules(controls or [CATALOGUE["MLG-NET-01"]]))
    build(cdk.Stack(cdk.Stage(app, "Stage"), "Stack"))
    app.synth()
    path = tmp_path / "validation-report.json"
    if not path.exists():
        return {}
    plugins: dict[str, dict[str, Any]] = {
        p["pluginName"]: p for p in json.loads(path.read_text(encoding="utf-8"))["pluginReports"]
    }
    return plugins.get("mlgov", {})


def test_a_violation_names_the_construct_and_the_fix(tmp_path: Path) -> None:
    found = report(tmp_path, lambda stack: ec2.CfnInternetGateway(stack, "Gateway"))
    (violation,) = found["violations"]
    assert violation["ruleName"] == "MLG-NET-01"
    assert violation["violatingConstructs"][0]["constructPath"] == "Stage/Stack/Gateway"
    assert "VPC endpoints" in violation["suggestedFix"]


def test_a_violation_fails_the_synthesis() -> None:
    app = cdk.App()
    cdk.Validations.of(app).add_plugins(ControlRules([CATALOGUE["MLG-NET-01"]]))
    ec2.CfnInternetGateway(cdk.Stack(app, "Stack"), "Gateway")
    with pytest.raises(RuntimeError, match=r"Stack/Gateway \(Gateway\)"):
        app.synth()


def test_a_finding_on_the_template_as_a_whole_fails_the_synthesis() -> None:
    app = cdk.App()
    cdk.Validations.of(app).add_plugins(ControlRules([CATALOGUE["MLG-NET-03"]]))
    ec2.CfnVPC(cdk.Stack(app, "Stack"), "Vpc", cidr_block="10.0.0.0/16")
    with pytest.raises(RuntimeError, match="Every VPC logs all of its traffic"):
        app.synth()


def test_nothing_is_found_in_a_clean_app(tmp_path: Path) -> None:
    found = report(tmp_path, lambda stack: ec2.CfnVPC(stack, "Vpc", cidr_block="10.0.0.0/16"))
    assert found.get("violations", []) == []


def test_templates_of_products_are_checked_too(tmp_path: Path) -> None:
    class Product(servicecatalog.ProductStack):
        def __init__(self, scope: cdk.Stack) -> None:
            super().__init__(scope, "Template")
            ec2.CfnInternetGateway(self, "Gateway")

    def build(stack: cdk.Stack) -> None:
        servicecatalog.CloudFormationProduct(
            stack,
            "Product",
            product_name="product",
            owner="owner",
            product_versions=[
                servicecatalog.CloudFormationProductVersion(
                    cloud_formation_template=servicecatalog.CloudFormationTemplate.from_product_stack(Product(stack))
                )
            ],
        )

    (violation,) = report(tmp_path, build)["violations"]
    template = violation["violatingConstructs"][0]["cloudFormationResource"]["templatePath"]
    assert template.endswith(".product.template.json")


def test_a_reasoned_relaxation_is_not_a_violation(tmp_path: Path) -> None:
    def build(stack: cdk.Stack) -> None:
        gateway = ec2.CfnInternetGateway(stack, "Gateway")
        claim(gateway, [], {"MLG-NET-01": Relaxation("Public demonstration network, RISK-7")})

    assert report(tmp_path, build).get("violations", []) == []


def test_a_check_that_crashes_fails_the_synthesis(monkeypatch: pytest.MonkeyPatch) -> None:
    app = cdk.App()
    broken = dataclasses.replace(CATALOGUE["MLG-NET-01"])
    monkeypatch.setattr(Control, "guard_rule", property(lambda _: "rule of { nonsense"))
    cdk.Validations.of(app).add_plugins(ControlRules([broken]))
    cdk.Stack(app, "Stack")
    with pytest.raises(RuntimeError, match=r"could not check the templates.*cannot be compiled"):
        app.synth()


def test_plugin_declares_its_rules() -> None:
    plugin = ControlRules()
    assert plugin.rule_ids == list(CATALOGUE)
    assert plugin.name == "mlgov"
