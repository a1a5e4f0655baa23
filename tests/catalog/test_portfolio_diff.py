"""What would change between what is published and the code."""

from __future__ import annotations

import copy
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mlgov_constructs.catalog import ProductHistoryError, ProductState, diff_portfolio, publish, publish_portfolios
from mlgov_constructs.catalog.portfolio_manifest import portfolios_of

Edit = Callable[[dict[str, Any]], None]


@pytest.fixture
def published(assembly: Path, tmp_path: Path) -> Path:
    history = tmp_path / "histories"
    publish(assembly, history)
    publish_portfolios(assembly, history)
    return history


@pytest.fixture
def edited(assembly: Path, tmp_path: Path) -> Callable[[str, Edit], Path]:
    """A copy of the assembly in which templates are edited."""

    def copy_with(pattern: str, edit: Edit) -> Path:
        folder = tmp_path / "edited"
        if not folder.exists():
            shutil.copytree(assembly, folder)
        (file,) = folder.glob(pattern)
        template = json.loads(file.read_text(encoding="utf-8"))
        edit(template)
        file.write_text(json.dumps(template), encoding="utf-8")
        return folder

    return copy_with


def to_version(version: str, **changes: Any) -> Edit:
    def edit(template: dict[str, Any]) -> None:
        template["Metadata"]["mlgov"]["version"] = version
        template["Parameters"]["VolumeInGB"].update(changes)

    return edit


PRODUCT = "*.product.template.json"


def test_nothing_published_is_a_new_product(assembly: Path, tmp_path: Path) -> None:
    found = diff_portfolio(assembly, tmp_path / "none")
    (product,) = found.products
    assert (product.product, product.state, product.published, product.current) == (
        "notebook",
        ProductState.NEW,
        None,
        "v1",
    )
    assert not found.has_manifest
    assert not found.is_refused


def test_what_is_published_is_unchanged(assembly: Path, published: Path) -> None:
    found = diff_portfolio(assembly, published)
    (product,) = found.products
    assert (product.state, product.changes, found.portfolio) == (ProductState.UNCHANGED, (), ())


def test_a_change_without_a_new_version_is_refused(edited: Callable[[str, Edit], Path], published: Path) -> None:
    found = diff_portfolio(edited(PRODUCT, to_version("v1", Default=30)), published)
    (product,) = found.products
    assert (product.state, found.is_refused) == (ProductState.CHANGED, True)
    (change,) = product.changes
    assert (change.section, change.name, change.kind) == ("Parameters", "VolumeInGB", "changed")
    assert str(change.differences[0]) == "Parameters.VolumeInGB.Default: published 20, now 30"


def test_a_new_version_shows_its_parts(edited: Callable[[str, Edit], Path], published: Path) -> None:
    def edit(template: dict[str, Any]) -> None:
        to_version("v2", MaxValue=900)(template)
        template["Parameters"]["Gpu"] = {"Type": "String"}
        del template["Outputs"]["NotebookUrl"]
        del template["Rules"]
        template["Resources"]["Notebook"]["Properties"]["VolumeSizeInGB"] = 7

    found = diff_portfolio(edited(PRODUCT, edit), published)
    (product,) = found.products
    assert (product.state, product.published, product.current) == (ProductState.NEW_VERSION, "v1", "v2")
    assert [(change.section, change.name, change.kind) for change in product.changes] == [
        ("Outputs", "NotebookUrl", "removed"),
        ("Parameters", "Gpu", "added"),
        ("Parameters", "VolumeInGB", "changed"),
        ("Resources", "Notebook", "changed"),
        ("Rules", "SizesFraud", "removed"),
    ]
    assert not found.is_refused


def test_a_version_that_was_left_out_is_refused(edited: Callable[[str, Edit], Path], published: Path) -> None:
    found = diff_portfolio(edited(PRODUCT, to_version("v3")), published)
    assert (found.products[0].state, found.is_refused) == (ProductState.OUT_OF_ORDER, True)


def test_a_product_that_begins_with_v2_is_refused(edited: Callable[[str, Edit], Path], tmp_path: Path) -> None:
    found = diff_portfolio(edited(PRODUCT, to_version("v2")), tmp_path / "none")
    assert found.products[0].state is ProductState.OUT_OF_ORDER


def test_a_product_without_code_is_removed(edited: Callable[[str, Edit], Path], published: Path) -> None:
    def rename(template: dict[str, Any]) -> None:
        template["Metadata"]["mlgov"]["product"] = "other"

    found = diff_portfolio(edited(PRODUCT, rename), published)
    assert [(product.product, product.state) for product in found.products] == [
        ("notebook", ProductState.REMOVED),
        ("other", ProductState.NEW),
    ]


def test_the_portfolio_is_written_down_as_people_read_it(assembly: Path) -> None:
    portfolio = portfolios_of(assembly)["ML"]
    assert portfolio["provider"] == "ML platform"
    scientist, pattern = sorted(portfolio["principals"], key=len)
    assert pattern == "arn:${AWS::Partition}:iam:::role/DataScientist-*"
    assert scientist.startswith("${Scientist")
    assert portfolio["shares"] == {
        node: {"tagOptions": True} for node in ("444455556666", "o-exampleorg1", "ou-ab12-11111111")
    }
    assert portfolio["tagOptions"] == {"cost-center": ["4711", "4712"]}
    assert set(portfolio["products"]) == {"Notebook"}
    assert portfolio["products"]["Notebook"]["launchRole"].startswith("${ProductLaunchRole")
    assert set(portfolio["products"]["Notebook"]["rules"]) == {"SmallOnly"}


def test_a_change_of_the_portfolio_is_shown(edited: Callable[[str, Edit], Path], published: Path) -> None:
    def share(template: dict[str, Any]) -> None:
        (found,) = (r for r in template["Resources"].values() if r["Type"] == "AWS::ServiceCatalog::PortfolioShare")
        found["Properties"] = {**found["Properties"], "AccountId": "777788889999"}

    found = diff_portfolio(edited("catalog.template.json", share), published)
    assert [(difference.path, difference.kind) for difference in found.portfolio] == [
        (("ML", "shares", "444455556666"), "removed"),
        (("ML", "shares", "777788889999"), "added"),
    ]
    assert not found.is_refused


def test_stack_sets_and_tag_updates_are_written_down(tmp_path: Path) -> None:
    both = {"PortfolioId": {"Ref": "P"}, "ProductId": "prod-1"}
    kind = "AWS::ServiceCatalog::"
    resources = {
        "P": {"Type": f"{kind}Portfolio", "Properties": {"DisplayName": "ML", "ProviderName": "us"}},
        "A": {"Type": f"{kind}PortfolioProductAssociation", "Properties": both},
        "S": {
            "Type": f"{kind}StackSetConstraint",
            "Properties": {
                **both,
                "AccountList": ["111122223333"],
                "RegionList": ["eu-west-1"],
                "AdminRole": {"Fn::GetAtt": ["Role", "Arn"]},
                "ExecutionRole": "Execution",
                "StackInstanceControl": "NOT_ALLOWED",
            },
        },
        "U": {
            "Type": f"{kind}ResourceUpdateConstraint",
            "Properties": {**both, "TagUpdateOnProvisionedProduct": "ALLOWED"},
        },
    }
    file = tmp_path / "one.template.json"
    file.write_text(json.dumps({"Resources": resources}), encoding="utf-8")
    assert portfolios_of(tmp_path)["ML"]["products"]["prod-1"] == {
        "stackSets": {
            "accounts": ["111122223333"],
            "regions": ["eu-west-1"],
            "administrationRole": "${Role.Arn}",
            "executionRole": "Execution",
            "instanceOperations": False,
        },
        "tagUpdates": True,
    }
    second = copy.deepcopy(resources)
    (tmp_path / "two.template.json").write_text(json.dumps({"Resources": second}), encoding="utf-8")
    with pytest.raises(ProductHistoryError, match="two portfolios are named 'ML'"):
        portfolios_of(tmp_path)


def test_a_damaged_manifest_is_named(assembly: Path, published: Path) -> None:
    (published / "portfolio.json").write_text("{", encoding="utf-8")
    with pytest.raises(ProductHistoryError, match=r"portfolio\.json: is no JSON document"):
        diff_portfolio(assembly, published)


def test_the_manifest_is_written_when_it_says_something_new(assembly: Path, tmp_path: Path) -> None:
    path, written = publish_portfolios(assembly, tmp_path)
    assert (path.name, written) == ("portfolio.json", True)
    assert publish_portfolios(assembly, tmp_path) == (path, False)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("arn:aws:iam:::role/a", "arn:aws:iam:::role/a"),
        ({"Ref": "Role"}, "${Role}"),
        ({"Fn::ImportValue": "Stack:Role"}, "${Stack:Role}"),
        ({"Fn::GetAtt": ["Role", "Arn"]}, "${Role.Arn}"),
        (
            {"Fn::GetStackOutput": {"StackName": "workspace", "OutputName": "Role", "Region": "eu-west-1"}},
            "${workspace.Role}",
        ),
        (
            {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":iam:::role/a"]]},
            "arn:${AWS::Partition}:iam:::role/a",
        ),
        ({"Fn::Sub": "role/${Name}"}, '{"Fn::Sub": "role/${Name}"}'),
    ],
)
def test_what_is_known_at_deployment_only_stands_in_braces(tmp_path: Path, value: Any, shown: str) -> None:
    kind = "AWS::ServiceCatalog::"
    association = {"PortfolioId": {"Ref": "P"}, "PrincipalARN": value, "PrincipalType": "IAM"}
    resources = {
        "P": {"Type": f"{kind}Portfolio", "Properties": {"DisplayName": "ML", "ProviderName": "us"}},
        "A": {"Type": f"{kind}PortfolioPrincipalAssociation", "Properties": association},
    }
    (tmp_path / "one.template.json").write_text(json.dumps({"Resources": resources}), encoding="utf-8")
    assert portfolios_of(tmp_path)["ML"]["principals"] == [shown]
