"""``mlgov portfolio``, on the assembly of the reference environment."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from click.testing import CliRunner

from mlgov_constructs.cli.main import main
from tests.environments import Assembly

PUBLISHED = Path("environments/published")
PRODUCTS = ("feature-group", "model-endpoint", "notebook", "project", "studio", "training-pipeline")
SUMS = "SHA256SUMS"


def versions(product: str, environment: str = "sandbox") -> list[str]:
    """The versions of a product that the repository holds, the newest last."""
    found = (file.stem for file in (PUBLISHED / environment / product).glob("v*.json"))
    return sorted(found, key=lambda version: int(version.removeprefix("v")))


NEWEST = {product: versions(product)[-1] for product in PRODUCTS}


def earlier(environment: str, history: Path) -> Path:
    """A folder of histories as they were before the newest version of each product."""
    for product in PRODUCTS:
        *before, _ = versions(product, environment)
        for version in before:
            source, folder = PUBLISHED / environment / product, history / product
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copy(source / f"{version}.json", folder)
            sums = (source / SUMS).read_text(encoding="utf-8").splitlines(keepends=True)
            (folder / SUMS).write_text("".join(sums[: len(before)]), encoding="utf-8")
    return history


def publish(assembly: Path, history: Path) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["portfolio", "publish", str(assembly), "--history", str(history)])
    return result.exit_code, result.output


def test_a_version_is_published_once(assembly: Assembly, tmp_path: Path) -> None:
    file = tmp_path / "notebook" / "v1.json"
    manifest = tmp_path / "portfolio.json"
    files = [tmp_path / product / f"{version}.json" for product, version in NEWEST.items()]
    published = (f"{each.parent.name} {each.stem} published: {each}" for each in files)
    first = [*published, f"portfolios written down: {manifest}"]
    assert publish(assembly("sandbox", "aws"), earlier("sandbox", tmp_path)) == (0, "\n".join([*first, ""]))
    content = file.read_bytes()
    second = [
        *(f"{each.parent.name} {each.stem} was published before: {each}" for each in files),
        f"portfolios as before: {manifest}",
    ]
    assert publish(assembly("sandbox", "aws"), tmp_path) == (0, "\n".join([*second, ""]))
    assert file.read_bytes() == content


def test_what_is_published_is_what_the_repository_holds(assembly: Assembly, tmp_path: Path) -> None:
    for environment in ("sandbox", "production"):
        publish(assembly(environment, "aws"), earlier(environment, tmp_path / environment))
        newest = (f"{product}/{versions(product, environment)[-1]}.json" for product in PRODUCTS)
        for file in [*newest, *(f"{product}/{SUMS}" for product in PRODUCTS), "portfolio.json"]:
            published = PUBLISHED / environment / file
            assert (tmp_path / environment / file).read_bytes() == published.read_bytes()


def test_a_changed_version_is_refused_in_one_line(assembly: Assembly, tmp_path: Path) -> None:
    publish(assembly("sandbox", "aws"), earlier("sandbox", tmp_path))
    code, output = publish(assembly("production", "aws"), tmp_path)
    assert code == 1
    assert output.startswith("Error: ")
    assert "v1" in output
    assert len(output.splitlines()) == 1


def test_a_folder_without_a_product_is_refused(tmp_path: Path) -> None:
    code, output = publish(tmp_path, tmp_path / "history")
    assert code == 1
    assert "holds no product" in output
    assert not (tmp_path / "history").exists()


def diff(assembly: Path, history: Path, *options: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["portfolio", "diff", str(assembly), "--history", str(history), *options])
    return result.exit_code, result.output


def test_a_difference_is_shown_and_a_changed_version_refused(assembly: Assembly, tmp_path: Path) -> None:
    sandbox, production = assembly("sandbox", "aws"), assembly("production", "aws")
    code, output = diff(sandbox, earlier("sandbox", tmp_path))
    assert (code, output.splitlines()[0]) == (0, "feature-group v1: new product")
    assert output.splitlines()[-1] == "portfolios: not written down yet; mlgov portfolio publish does it"
    publish(sandbox, tmp_path)
    code, output = diff(sandbox, tmp_path)
    assert (code, output.splitlines()[:6]) == (0, [f"{product} {NEWEST[product]}: unchanged" for product in PRODUCTS])
    assert "portfolios: unchanged" in output
    code, output = diff(production, tmp_path)
    assert code == 1
    assert "notebook v1: changed without a new version" in output
    assert '  ~ Mappings Sizes.large.InstanceType: "ml.m5.2xlarge" -> "ml.m5.4xlarge"' in output
    assert "  - Machine learning (sandbox): was " in output


def test_a_difference_for_programs(assembly: Assembly, tmp_path: Path) -> None:
    publish(assembly("sandbox", "aws"), earlier("sandbox", tmp_path))
    code, output = diff(assembly("production", "aws"), tmp_path, "--json")
    document = json.loads(output)
    assert (code, document["schemaVersion"], document["refused"]) == (1, 1, True)
    notebook = next(product for product in document["products"] if product["product"] == "notebook")
    assert (notebook["state"], notebook["published"], notebook["current"]) == ("changed", "v1", "v1")
    sizes = next(change for change in notebook["changes"] if change["section"] == "Mappings")
    assert sizes["kind"] == "changed"
    assert {"path", "kind"} <= set(sizes["differences"][0])
    assert document["portfolios"]["recorded"] is True


def test_what_cannot_be_read_has_its_own_exit_code(tmp_path: Path) -> None:
    code, output = diff(tmp_path, tmp_path / "history")
    assert code == 2
    assert "holds no product" in output
