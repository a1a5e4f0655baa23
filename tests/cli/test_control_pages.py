"""The pages of the controls: fresh, complete, and true to the constructs."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from mlgov_constructs.cli.catalogue.implementation import Implementation, implementations
from mlgov_constructs.cli.catalogue.pages import MATRIX, render_pages, write_pages
from mlgov_constructs.controls import CATALOGUE, Control, not_covered

Run = Callable[..., Result]
FOLDER = Path(__file__).parents[2] / "docs" / "controls"
LINK = re.compile(r"\]\(([^)]+)\)")
# No construct makes users, and none makes clusters or processing jobs. A tag on what costs by the hour is of many.
WITHOUT_A_CONSTRUCT = {"MLG-CST-06", "MLG-IDN-06", "MLG-TRN-10", "MLG-TRN-11", "MLG-TRN-12", "MLG-TRN-13"}


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    """Every page."""
    return render_pages()


@pytest.fixture(scope="module")
def constructs() -> dict[str, Implementation]:
    """What each public construct implements."""
    return {each.name: each for each in implementations()}


def test_the_pages_are_fresh(pages: dict[str, str]) -> None:
    written = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.iterdir()}
    stale = sorted(name for name in pages.keys() | written.keys() if pages.get(name) != written.get(name))
    assert stale == [], "run: mlgov controls --docs docs/controls"


def test_there_is_a_page_for_each_control_and_one_for_all(pages: dict[str, str]) -> None:
    assert set(pages) == {MATRIX, *(f"{control}.md" for control in CATALOGUE)}


def test_every_link_of_the_matrix_leads_to_a_page(pages: dict[str, str]) -> None:
    links = set(LINK.findall(pages[MATRIX]))
    assert links == set(pages) - {MATRIX}


@pytest.mark.parametrize("control", CATALOGUE.values(), ids=lambda control: control.id)
def test_a_page_says_what_is_demanded_and_proves_it(pages: dict[str, str], control: Control) -> None:
    page = pages[f"{control.id}.md"]
    assert page.startswith(f"# {control.id}: {control.title}\n\n{control.statement}\n")
    assert f"| Why | {control.why} |" in page
    assert control.guard_rule.rstrip() in page
    assert all(mapping.id in page for mapping in control.mappings)
    assert all(means.partition(":")[2] in page for means in control.preventive)


def test_a_page_tells_what_a_publisher_states_from_our_reading(pages: dict[str, str]) -> None:
    page = pages["MLG-WSP-06.md"]
    assert "| Checkov | CKV_AWS_371 |  |" in page
    assert "| NIST SP 800-53 Rev. 5 |  | AC-3, AC-6 |" in page


def test_a_page_says_how_the_control_is_relaxed(pages: dict[str, str]) -> None:
    assert "`workspace.NotebookInstance(root_access=Relaxation(...))`" in pages["MLG-WSP-03.md"]
    assert "`protection.DataKey(removal_policy=RemovalPolicy.DESTROY)`, with the context" in pages["MLG-PRT-04.md"]
    assert "No construct has an argument for it." in pages["MLG-PRT-01.md"]


def test_the_matrix_shows_the_holes(pages: dict[str, str]) -> None:
    lines = pages[MATRIX].splitlines()
    assert "| [MLG-IDN-06](MLG-IDN-06.md) No users and no access keys | high | R | 1 | - | b | - |" in lines, (
        "a policy of AWS Config and the boundary, and nothing of Security Hub"
    )
    assert f"| a rule on templates, and a hook on stacks | {len(CATALOGUE)} |" in lines


def test_the_matrix_has_all_of_security_hub_on_sagemaker(pages: dict[str, str]) -> None:
    rows = [line.split(" | ")[0].removeprefix("| ") for line in pages[MATRIX].splitlines()]
    assert [row for row in rows if row.startswith("SageMaker.")] == [f"SageMaker.{n}" for n in range(1, 26)]


def test_the_matrix_says_what_is_left_out_and_why(pages: dict[str, str]) -> None:
    assert all(f"`{each.id}` | {each.reason} |" in pages[MATRIX] for each in not_covered())


def test_only_these_controls_have_no_construct(constructs: dict[str, Implementation]) -> None:
    assert set(CATALOGUE) - set().union(*(each.controls for each in constructs.values())) == WITHOUT_A_CONSTRUCT


@pytest.mark.parametrize(
    ("name", "control"),
    [
        ("workspace.NotebookInstance", "MLG-WSP-01"),
        ("serving.ServerlessEndpoint", "MLG-SRV-14"),
        # By its base class.
        ("monitoring.BiasMonitor", "MLG-MON-06"),
        # By a constant of its module.
        ("network.VpcEndpoints", "MLG-NET-02"),
        # By a module that it imports.
        ("protection.GovernedBucket", "MLG-PRT-09"),
    ],
)
def test_a_construct_implements_what_it_claims(constructs: dict[str, Implementation], name: str, control: str) -> None:
    assert control in constructs[name].controls


def test_a_construct_implements_nothing_that_its_neighbour_claims(constructs: dict[str, Implementation]) -> None:
    assert not constructs["serving.ServerlessEndpoint"].controls & {"MLG-SRV-05", "MLG-SRV-06"}


def test_pages_of_controls_that_are_no_more_are_removed(tmp_path: Path) -> None:
    (tmp_path / "MLG-OLD-01.md").write_text("old", encoding="utf-8")
    (tmp_path / "notes.md").write_text("kept", encoding="utf-8")
    assert write_pages(tmp_path) == len(CATALOGUE) + 1
    assert {path.name for path in tmp_path.glob("*.md")} - {f"{control}.md" for control in CATALOGUE} == {
        MATRIX,
        "notes.md",
    }


def test_the_pages_are_of_all_controls(mlgov: Run, tmp_path: Path) -> None:
    result = mlgov("controls", "MLG-NET-01", "--docs", str(tmp_path))
    assert result.exit_code == 2
    assert "leave the ID out" in result.output
