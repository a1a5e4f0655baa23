from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

from mlgov_constructs.catalog import ProductHistory, ProductHistoryError, publish
from mlgov_constructs.catalog.template_document import canonical, first_difference, normalized
from tests.catalog.conftest import ground
from tests.templates import Template, of_type


@pytest.fixture
def published(assembly: Path, tmp_path: Path) -> Path:
    """A folder of histories in which v1 of the notebook is published."""
    history = tmp_path / "histories"
    publish(assembly, history)
    return history


def synth(history: Path, outdir: Path, **arguments: Any) -> Template:
    """An app whose product has a history; the template of its catalogue."""
    app = cdk.App(outdir=str(outdir), analytics_reporting=False)
    base = ground(app)
    base.portfolio().add_product(
        base.product(
            history=ProductHistory.from_directory(history / "notebook"),
            **{"project_sizes": {"fraud": ["small", "medium"]}, **arguments},
        )
    )
    app.synth()
    template: Template = json.loads((outdir / "catalog.template.json").read_text(encoding="utf-8"))
    return template


def versions(template: Template) -> dict[str, str]:
    (product,) = of_type(template, "AWS::ServiceCatalog::CloudFormationProduct").values()
    artifacts = product["Properties"]["ProvisioningArtifactParameters"]
    return {artifact["Name"]: json.dumps(artifact["Info"]) for artifact in artifacts}


def descriptions(template: Template) -> list[str | None]:
    (product,) = of_type(template, "AWS::ServiceCatalog::CloudFormationProduct").values()
    return [artifact.get("Description") for artifact in product["Properties"]["ProvisioningArtifactParameters"]]


def test_a_version_is_published_once(assembly: Path, tmp_path: Path) -> None:
    first, second = publish(assembly, tmp_path), publish(assembly, tmp_path)
    assert [(p.product, p.version, p.path, p.is_new) for p in first] == [
        ("notebook", "v1", tmp_path / "notebook" / "v1.json", True)
    ]
    assert [publication.is_new for publication in second] == [False]
    assert sorted(file.name for file in (tmp_path / "notebook").iterdir()) == ["SHA256SUMS", "v1.json"]


def test_the_same_version_synthesizes_from_its_published_file(published: Path, tmp_path: Path) -> None:
    template = synth(published, tmp_path / "out")
    assert list(versions(template)) == ["v1"]
    # The deployed asset is the published file itself, so its address never changes again.
    assets = [path.read_bytes() for path in (tmp_path / "out").glob("asset.*")]
    assert (published / "notebook" / "v1.json").read_bytes() in assets


def test_a_published_version_cannot_change(published: Path, tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="Version v1 was changed after it was published"):
        synth(published, tmp_path / "out", largest_volume=cdk.Size.gibibytes(900))
    report = json.loads((tmp_path / "out" / "validation-report.json").read_text(encoding="utf-8"))
    (violation,) = (
        violation
        for plugin in report["pluginReports"]
        for violation in plugin.get("violations", ())
        if violation["ruleName"] == "PRODUCT-VERSION-CHANGED"
    )
    assert "Version v1 was changed after it was published in" in violation["description"]
    assert "VolumeInGB" in violation["description"]
    assert "version='v2'" in violation["suggestedFix"]


def test_a_new_version_keeps_the_old_one(published: Path, tmp_path: Path) -> None:
    template = synth(published, tmp_path / "out", version="v2", largest_volume=cdk.Size.gibibytes(900))
    assert list(versions(template)) == ["v1", "v2"]
    assert descriptions(template) == [None, None], "a draft supersedes nothing"
    before = versions(synth(published, tmp_path / "before"))
    assert versions(template)["v1"] == before["v1"]
    (publication,) = publish(tmp_path / "out", published)
    assert (publication.version, publication.is_new) == ("v2", True)
    after = synth(published, tmp_path / "after", version="v2", largest_volume=cdk.Size.gibibytes(900))
    assert list(versions(after)) == ["v1", "v2"]
    assert versions(after)["v1"] == before["v1"]
    assert descriptions(after) == ["Superseded by v2", None]


def test_synthesis_writes_nothing_into_the_history(published: Path, tmp_path: Path) -> None:
    folder = published / "notebook"
    before = {file.name: file.stat().st_mtime_ns for file in folder.iterdir()}
    folder.chmod(0o555)
    synth(published, tmp_path / "out", version="v2", largest_volume=cdk.Size.gibibytes(900))
    folder.chmod(0o755)
    assert {file.name: file.stat().st_mtime_ns for file in folder.iterdir()} == before


@pytest.mark.parametrize("version", ["v3", "v9"])
def test_a_version_is_not_left_out(published: Path, tmp_path: Path, version: str) -> None:
    with pytest.raises(ValueError, match=rf"version {version} does not follow v1, the last one in"):
        synth(published, tmp_path / "out", version=version)


def test_an_old_version_does_not_become_current_again(published: Path, tmp_path: Path) -> None:
    synth(published, tmp_path / "out", version="v2", largest_volume=cdk.Size.gibibytes(900))
    publish(tmp_path / "out", published)
    with pytest.raises(ValueError, match="Use v2 to keep it, or v3 for a new version"):
        synth(published, tmp_path / "again", version="v1")


def test_publishing_a_changed_version_is_refused_and_writes_nothing(published: Path, tmp_path: Path) -> None:
    changed = tmp_path / "changed"
    synth(tmp_path / "none", changed, largest_volume=cdk.Size.gibibytes(900))
    before = (published / "notebook" / "v1.json").read_bytes()
    with pytest.raises(ProductHistoryError, match=r"v1 is published and cannot change \(Parameters\.VolumeInGB"):
        publish(changed, published)
    assert (published / "notebook" / "v1.json").read_bytes() == before


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda folder: (folder / "v1.json").write_text("{}"), "is not what SHA256SUMS says was published"),
        (lambda folder: (folder / "v1.json").unlink(), "v1.json was published and is missing"),
        (lambda folder: (folder / "v1.json").rename(folder / "v2.json"), "v1.json is missing, though v2.json exists"),
        (lambda folder: (folder / "notes.json").write_text("{}"), "is named after no version"),
        (lambda folder: (folder / "SHA256SUMS").unlink(), "is not what SHA256SUMS says was published"),
    ],
)
def test_a_damaged_history_is_noticed(published: Path, damage: Callable[[Path], object], message: str) -> None:
    damage(published / "notebook")
    with pytest.raises(ProductHistoryError, match=message):
        ProductHistory.from_directory(published / "notebook")


def test_an_assembly_without_a_product_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ProductHistoryError, match=r"holds no product\. Run cdk synth first"):
        publish(tmp_path, tmp_path / "history")


def test_two_different_products_of_one_name_are_refused(assembly: Path, tmp_path: Path, product: Template) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(assembly, copy)
    other = {**product, "Description": "Another"}
    (copy / "Other.product.template.json").write_text(json.dumps(other), encoding="utf-8")
    with pytest.raises(ProductHistoryError, match="two products are named 'notebook'"):
        publish(copy, tmp_path / "history")
    assert not (tmp_path / "history").exists()


def test_what_the_cdk_writes_for_itself_is_no_change(product: Template) -> None:
    marked = json.loads(json.dumps(product))
    marked["Resources"]["Notebook"]["Metadata"]["aws:cdk:path"] = "Some/Path"
    marked["Resources"]["CDKMetadata"] = {"Type": "AWS::CDK::Metadata"}
    marked["Conditions"]["CDKMetadataAvailable"] = {"Fn::Equals": ["a", "a"]}
    assert first_difference(normalized(product), normalized(marked)) is None
    assert canonical(product) == canonical(marked)


@pytest.mark.parametrize(
    ("published", "current", "difference"),
    [
        ({"a": 1}, {"a": 1}, None),
        ({"a": {"b": 1}}, {"a": {"b": 2}}, "a.b: published 1, now 2"),
        ({"a": 1}, {}, "a: published 1, now nothing"),
        ({}, {"a": [1]}, "a: published nothing, now [1]"),
    ],
)
def test_the_first_difference_is_named(published: Any, current: Any, difference: str | None) -> None:
    assert first_difference(published, current) == difference
