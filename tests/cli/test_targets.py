"""Which files of a folder are templates."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mlgov_constructs.cli.targets import find_templates, read_template
from mlgov_constructs.controls import TemplateError

TEMPLATE = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}


def write(path: Path, content: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content))


def named(number: int) -> object:
    return {**TEMPLATE, "Description": str(number)}


def test_a_cloud_assembly(tmp_path: Path) -> None:
    write(tmp_path / "manifest.json", {"version": "1", "artifacts": {}})
    write(tmp_path / "tree.json", {"version": "tree-0.1"})
    write(tmp_path / "One.template.json", named(1))
    write(tmp_path / "One.assets.json", {"version": "1"})
    write(tmp_path / "OneNested.nested.template.json", named(2))
    write(tmp_path / "Notebook.product.template.json", named(3))
    write(tmp_path / "assembly-Prod" / "Two.template.json", named(4))
    write(tmp_path / "assembly-Prod" / "assembly-Inner" / "Three.template.json", named(5))
    write(tmp_path / "asset.0123.json", named(6))
    write(tmp_path / "asset.4567.json", {"some": "data", "Resources": []})
    write(tmp_path / "asset.89ab" / "sample.template.json", named(7))
    write(tmp_path / ".cache" / "old.template.json", named(8))
    found = [str(path.relative_to(tmp_path)) for path in find_templates([tmp_path])]
    assert found == [
        "Notebook.product.template.json",
        "One.template.json",
        "OneNested.nested.template.json",
        "asset.0123.json",
        "assembly-Prod/Two.template.json",
        "assembly-Prod/assembly-Inner/Three.template.json",
    ]


def test_the_staged_copy_of_a_template_is_left_out(tmp_path: Path) -> None:
    write(tmp_path / "asset.0123.json", json.dumps(TEMPLATE, indent=2))
    write(tmp_path / "Notebook.product.template.json", TEMPLATE)
    assert [path.name for path in find_templates([tmp_path])] == ["Notebook.product.template.json"]


@pytest.mark.parametrize(
    ("name", "content", "flaw"),
    [
        ("stack.yaml", "Resources: text\n", "none of its Resources has a Type"),
        ("stack.yaml", "a: &a [*a]\nResources:\n  A: *a\n", "none of its Resources has a Type"),
        pytest.param("stack.json", '{"Resources": ' + "[" * 50_000, "it is nested too deeply", id="deep"),
        (
            "stack.json",
            {"Resources": {"A": {"Type": "AWS::SNS::Topic", "Metadata": "x"}}},
            "the Metadata of the resource A is no object",
        ),
    ],
)
def test_what_only_looks_like_a_template_is_refused(tmp_path: Path, name: str, content: object, flaw: str) -> None:
    write(tmp_path / name, content)
    with pytest.raises(TemplateError, match=f"is no CloudFormation template: {flaw}"):
        read_template(tmp_path / name)


def test_a_folder_of_yaml(tmp_path: Path) -> None:
    write(tmp_path / "stack.yaml", "Description: x\nResources:\n  T:\n    Type: AWS::SNS::Topic\n")
    write(tmp_path / "pipeline.yml", "stages:\n  - Resources: 1\n")
    write(tmp_path / "stack.template", TEMPLATE)
    write(tmp_path / "notes.txt", "Resources:\n")
    assert [path.name for path in find_templates([tmp_path])] == ["stack.template", "stack.yaml"]


def test_a_named_template_that_is_broken_is_kept_for_its_error(tmp_path: Path) -> None:
    write(tmp_path / "broken.template.json", "{")
    write(tmp_path / "broken.json", "{")
    (tmp_path / "bytes.template.json").write_bytes(b"\xff")
    assert [path.name for path in find_templates([tmp_path])] == ["broken.template.json", "bytes.template.json"]


def test_a_target_named_twice_counts_once(tmp_path: Path) -> None:
    write(tmp_path / "a.json", TEMPLATE)
    assert find_templates([tmp_path / "a.json", tmp_path, tmp_path / "a.json"]) == [tmp_path / "a.json"]


def test_a_folder_without_templates_is_an_error(tmp_path: Path) -> None:
    write(tmp_path / "data.json", {"a": 1})
    with pytest.raises(ValueError, match="holds no CloudFormation template"):
        find_templates([tmp_path])
