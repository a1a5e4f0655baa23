from __future__ import annotations

import json
import re
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from mlgov_constructs.cli.main import main
from mlgov_constructs.cli.pricing.charges import RULES
from mlgov_constructs.cli.pricing.estimate import _types
from mlgov_constructs.cli.pricing.price_table import INSTANCE, PriceTable
from mlgov_constructs.monitoring import monitoring_resources
from mlgov_constructs.serving import instance_types
from mlgov_constructs.workspace import notebook_properties
from tests.environments import Assembly

PRICES = resources.files("mlgov_constructs.cli.pricing").joinpath("prices.toml")


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["cost", *(str(each) for each in arguments)])


def write(folder: Path, content: dict[str, Any], **more: Any) -> Path:
    path = folder / "stack.template.json"
    path.write_text(json.dumps({"Resources": content, **more}), encoding="utf-8")
    return path


def resource(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": f"AWS::{kind}", "Properties": properties}


def priced(folder: Path, content: dict[str, Any], **more: Any) -> list[tuple[str, float | None, float | None]]:
    result = run(write(folder, content, **more), "--format", "json")
    (stack,) = json.loads(result.stdout)["stacks"]
    return [(item["price"], item["quantity"], item["monthly"]) for item in stack["items"]]


ENDPOINT = resource("EC2::VPCEndpoint", VpcEndpointType="Interface", SubnetIds=[{"Ref": "A"}, {"Ref": "B"}])
CONFIG = resource(
    "SageMaker::EndpointConfig",
    ProductionVariants=[{"InstanceType": "ml.m5.large", "InitialInstanceCount": 2}],
    ShadowProductionVariants=[{"InstanceType": "ml.m5.xlarge", "InitialInstanceCount": "1"}],
)
KNOWN = [
    ({"E": ENDPOINT}, [("interface-endpoint", 1460, 14.6)]),
    ({"E": resource("EC2::VPCEndpoint", RouteTableIds=["r"])}, []),
    ({"N": resource("EC2::NatGateway")}, [("nat-gateway", 730, 32.85)]),
    ({"K": resource("KMS::Key")}, [("kms-key", 1, 1.0)]),
    ({"A": resource("CloudWatch::Alarm", MetricName="x", Period=300)}, [("alarm-metric", 1, 0.1)]),
    (
        {"A": resource("CloudWatch::Alarm", Metrics=[{"Expression": "a"}, {"MetricStat": {}}, {"MetricStat": {}}])},
        [("alarm-metric", 2, 0.2)],
    ),
    ({"A": resource("CloudWatch::CompositeAlarm")}, [("composite-alarm", 1, 0.5)]),
    ({"D": resource("CloudWatch::Dashboard")}, [("dashboard", 1, 3.0)]),
    ({"F": resource("Logs::MetricFilter", MetricTransformations=[{}])}, [("custom-metric", 1, 0.3)]),
    ({"S": resource("SecretsManager::Secret")}, [("secret", 1, 0.4)]),
    ({"B": resource("S3::Bucket")}, [("s3-gib", 10, 0.23)]),
    ({"D": resource("SageMaker::Domain")}, [("efs-gib", 10, 3.0)]),
    (
        {"N": resource("SageMaker::NotebookInstance", InstanceType="ml.t3.medium", VolumeSizeInGB=20)},
        [("instance.ml.t3.medium", 160, 8.0), ("ml-volume-gib", 20, 2.8)],
    ),
    ({"M": resource("SageMaker::MlflowTrackingServer")}, [("mlflow.Small", 730, 468.66)]),
    (
        {"C": CONFIG, "E": resource("SageMaker::Endpoint", EndpointConfigName={"Fn::GetAtt": ["C", "Name"]})},
        [("instance.ml.m5.large", 1460, 167.9), ("instance.ml.m5.xlarge", 730, 167.9)],
    ),
    (
        {
            "C": resource(
                "SageMaker::EndpointConfig", ProductionVariants=[{"ServerlessConfig": {"MemorySizeInMB": 2048}}]
            ),
            "E": resource("SageMaker::Endpoint", EndpointConfigName={"Ref": "C"}),
        },
        [],
    ),
    (
        {"A": resource("SageMaker::App", ResourceSpec={"InstanceType": "ml.m5.xlarge"})},
        [("instance.ml.m5.xlarge", 160, 36.8)],
    ),
    ({"A": resource("SageMaker::App", AppType="JupyterServer")}, []),
    (
        {
            "S": resource(
                "SageMaker::Space",
                SpaceSettings={"SpaceStorageSettings": {"EbsStorageSettings": {"EbsVolumeSizeInGb": 50}}},
            )
        },
        [("ml-volume-gib", 50, 7.0)],
    ),
    ({"P": resource("SSM::Parameter", Type="String")}, []),
    (
        {
            "One": resource("Budgets::BudgetsAction", BudgetName={"Ref": "B"}),
            "Two": resource("Budgets::BudgetsAction", BudgetName={"Ref": "B"}),
            "Other": resource("Budgets::BudgetsAction", BudgetName={"Ref": "C"}),
        },
        [("budget-action", 30.4167, 3.04)] * 2,
    ),
    ({"R": resource("IAM::Role"), "L": resource("Lambda::Function"), "C": {"Type": "Custom::Anything"}}, []),
]


@pytest.mark.parametrize(
    ("content", "expected"), KNOWN, ids=lambda value: "-".join(value) if isinstance(value, dict) else ""
)
def test_what_a_resource_costs(tmp_path: Path, content: dict[str, Any], expected: list[Any]) -> None:
    assert priced(tmp_path, content) == expected
    assert run(tmp_path / "stack.template.json").exit_code == 0


UNKNOWN = [
    ({"N": resource("SageMaker::NotebookInstance", InstanceType="ml.x9.huge")}, "no price of it in us-east-1"),
    ({"M": resource("SageMaker::MlflowTrackingServer", TrackingServerSize="Large")}, "no price of it in us-east-1"),
    ({"X": resource("Redshift::Cluster")}, "nobody has told whether this type costs"),
    ({"E": resource("EC2::VPCEndpoint", VpcEndpointType="GatewayLoadBalancer")}, "no price of it"),
    (
        {"E": resource("EC2::VPCEndpoint", VpcEndpointType="Interface", SubnetIds={"Ref": "Ids"})},
        "Ids is known at deployment",
    ),
    (
        {"N": resource("SageMaker::NotebookInstance", InstanceType={"Fn::If": [1, 2, 3]})},
        "Fn::If is known at deployment",
    ),
    ({"N": resource("SageMaker::NotebookInstance")}, "lack or misuse 'InstanceType'"),
    ({"E": resource("SageMaker::Endpoint", EndpointConfigName="elsewhere")}, "elsewhere is known at deployment"),
    ({"A": resource("CloudWatch::Alarm", Period=10)}, "no price of it"),
    ({"P": resource("SSM::Parameter", Tier="Advanced")}, "no price of it"),
    (
        {
            "C": resource(
                "SageMaker::EndpointConfig",
                ProductionVariants=[{"ServerlessConfig": {"MemorySizeInMB": 2048, "ProvisionedConcurrency": 1}}],
            ),
            "E": resource("SageMaker::Endpoint", EndpointConfigName={"Ref": "C"}),
        },
        "memory and hours of provisioned concurrency",
    ),
]


@pytest.mark.parametrize(("content", "reason"), UNKNOWN, ids=lambda value: value if isinstance(value, str) else "")
def test_what_is_unknown_is_said_and_never_nothing(tmp_path: Path, content: dict[str, Any], reason: str) -> None:
    path = write(tmp_path, {**content, "K": resource("KMS::Key")})
    result = run(path)
    assert result.exit_code == 1
    assert reason in result.stdout
    assert re.search(r"at least 1\.[07]0 USD a month.* 1 item unknown and not in the sum", result.stdout)
    (stack,) = json.loads(run(path, "--format", "json").stdout)["stacks"]
    assert [item["monthly"] for item in stack["items"] if item["reason"]] == [None]


def test_defaults_of_parameters_and_mappings_are_read(tmp_path: Path) -> None:
    notebook = resource(
        "SageMaker::NotebookInstance",
        InstanceType={"Fn::FindInMap": ["Sizes", {"Ref": "Size"}, "Type"]},
        VolumeSizeInGB={"Ref": "Gib"},
    )
    parameters = {"Size": {"Type": "String", "Default": "small"}, "Gib": {"Type": "Number", "Default": 50}}
    mappings = {"Sizes": {"small": {"Type": "ml.t3.medium"}}}
    assert priced(tmp_path, {"N": notebook}, Parameters=parameters, Mappings=mappings) == [
        ("instance.ml.t3.medium", 160, 8.0),
        ("ml-volume-gib", 50, 7.0),
    ]


def test_a_parameter_of_the_store_is_known_at_deployment(tmp_path: Path) -> None:
    parameters = {"Size": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/mlgov/size"}}
    notebook = resource("SageMaker::NotebookInstance", InstanceType={"Ref": "Size"})
    result = run(write(tmp_path, {"N": notebook}, Parameters=parameters))
    assert result.exit_code == 1
    assert "Size is known at deployment" in result.stdout


def test_prices_are_those_of_the_region(tmp_path: Path) -> None:
    path = write(tmp_path, {"E": ENDPOINT})
    assert "14.60 USD a month; prices of us-east-1" in run(path).stdout
    assert "17.52 USD a month; prices of eu-central-1" in run(path, "--region", "eu-central-1").stdout
    assert run(path, "--region", "mars-north-1").exit_code == 1


def test_another_table_takes_the_place_of_the_first(tmp_path: Path) -> None:
    table = tmp_path / "mine.toml"
    table.write_text(PRICES.read_text(encoding="utf-8").replace("usd = 0.01\n", "usd = 0.02\n"), encoding="utf-8")
    assert "29.20 USD a month" in run(write(tmp_path, {"E": ENDPOINT}), "--prices", table).stdout


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("schema = 1", "schema = 2", "schema is 2, and this version reads 1"),
        ('currency = "USD"', 'currency = "EUR"', "currency is 'EUR'"),
        ("usd = 0.045", 'usd = "much"', "'much', which is no quantity"),
        ("usd = 0.045", "usd = -1", "-1, which is no quantity"),
        ("usd = 0.045", "usd = nan", "nan, which is no quantity"),
        ('group = "virginia"', 'group = "nowhere"', "lacks or misuses 'nowhere'"),
        ("bucket_gib =", "other =", "lacks or misuses 'bucket_gib'"),
        ('id = "nat-gateway"', 'id = "kms-key"', "states kms-key twice"),
        ("schema = 1", "schema = ", "is no TOML"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused(tmp_path: Path, old: str, new: str, found: str) -> None:
    table = tmp_path / "mine.toml"
    text = PRICES.read_text(encoding="utf-8")
    assert old in text
    table.write_text(text.replace(old, new), encoding="utf-8")
    result = run(write(tmp_path, {"K": resource("KMS::Key")}), "--prices", table)
    assert result.exit_code == 2
    assert found in result.stderr


def test_products_in_a_folder_stand_in_no_bill(tmp_path: Path) -> None:
    write(tmp_path, {"K": resource("KMS::Key")})
    product = tmp_path / "notebook.product.template.json"
    text = json.dumps({"Resources": {"N": resource("SageMaker::NotebookInstance", InstanceType="ml.t3.medium")}})
    product.write_text(text, encoding="utf-8")
    (tmp_path / "asset.0a.json").write_text(text.replace("medium", "large"), encoding="utf-8")
    assert "1 stack: 1.00 USD" in run(tmp_path).stdout
    assert "1 stack: 8.70 USD" in run(product).stdout


def test_a_folder_of_products_alone_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.product.template.json").write_text(json.dumps({"Resources": {}}), encoding="utf-8")
    result = run(tmp_path)
    assert result.exit_code == 2
    assert "holds products only" in result.stderr


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("stack.yaml", "Resources:\n  K:\n    Type: AWS::KMS::Key\n", "is YAML"),
        ("stack.json", "{", "is no CloudFormation template"),
    ],
)
def test_a_template_that_cannot_be_read_is_an_error(tmp_path: Path, name: str, text: str, found: str) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    result = run(path, write(tmp_path, {"K": resource("KMS::Key")}))
    assert result.exit_code == 2
    assert found in result.stderr
    assert "1 stack: 1.00 USD a month" in result.stdout


def test_an_environment_is_priced_by_stack_and_construct(assembly: Assembly) -> None:
    result = run(assembly("sandbox", "aws"), "--format", "json")
    document = json.loads(result.stdout)
    assert result.exit_code == 0, result.stdout
    stacks = {stack["stack"]: stack for stack in document["stacks"]}
    assert {"sandbox/foundation", "sandbox/governance"} <= set(stacks)
    endpoints = [item for item in stacks["sandbox/foundation"]["items"] if item["price"] == "interface-endpoint"]
    assert {item["quantity"] for item in endpoints} == {1460.0}
    assert all(item["construct"].startswith("Vpc/") and item["source"].startswith("https://") for item in endpoints)
    assert document["monthly"] == pytest.approx(sum(stack["monthly"] for stack in document["stacks"]), abs=0.05)
    text = run(assembly("sandbox", "aws")).stdout
    assert "interface endpoint, by zone" in text
    assert "CloudTrail::Trail" in text


@pytest.mark.parametrize("name", ["sandbox", "production"])
def test_of_every_type_it_is_known_whether_it_costs(assembly: Assembly, name: str) -> None:
    result = run(assembly(name, "aws"), *assembly(name, "aws").glob("*.product.template.json"), "--format", "json")
    reasons = {
        item["reason"] for stack in json.loads(result.stdout)["stacks"] for item in stack["items"] if item["reason"]
    }
    assert not [reason for reason in reasons if "nobody has told" in reason]


def test_no_type_is_in_two_lists() -> None:
    free, usage = _types()["free"], _types()["usage"]
    assert free & usage == set()
    assert (free | usage) & RULES.keys() == set()


def test_every_price_names_its_page_and_its_day() -> None:
    for price in PriceTable.default().prices:
        assert re.fullmatch(r"https://aws\.amazon\.com/[\w/-]+pricing/", price.source), price
        assert price.checked <= PriceTable.default().date


@pytest.mark.parametrize("module", [notebook_properties, instance_types, monitoring_resources])
def test_constructs_state_the_same_prices(module: Any) -> None:
    table = PriceTable.default()
    for kind, usd in module.HOURLY_USD.items():
        price = table.price(f"{INSTANCE}{kind}", "us-east-1")
        assert price is not None, kind
        assert price.usd == usd
