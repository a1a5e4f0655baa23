"""Tags of the jobs that a pipeline makes."""

from __future__ import annotations

from collections.abc import Callable

import aws_cdk as cdk
import pytest

from mlgov_constructs.errors import ConstructError
from tests.mlops.pipelines import PREPARE, TRAIN, definition, ground, step
from tests.templates import Template

TAGS = {"cost-center": "ml-1000", "Verantwortlich": "Jörg Weiß"}
REFUSED = {
    "a tag that decides about access": (
        {"mlgov:deployed-by": "me"},
        r"the tag 'mlgov:deployed-by' decides about access",
    ),
    "the project's": ({"mlgov:project": "fraud"}, r"the tag 'mlgov:project' decides about access\. Leave it out"),
    "a key of AWS": ({"aws:owner": "me"}, r"'aws:owner' is no key of a tag"),
    "a long value": ({"owner": "x" * 257}, r"is no value of a tag\. Use letters"),
    "too many": ({f"tag{number}": "x" for number in range(50)}, r"50 tags are too many\. Give 49 at most"),
}


@pytest.fixture(scope="session")
def tagged(synthesize: Callable[..., dict[str, Template]]) -> Template:
    def build(app: cdk.App) -> None:
        cdk.Tags.of(app).add("owner", "the app")
        ground(app).pipeline("Tagged", steps=[PREPARE, TRAIN], job_tags=TAGS)

    return synthesize(build)["pipelines"]


def test_every_job_has_them_and_the_project_s(tagged: Template) -> None:
    expected = {**TAGS, "mlgov:project": "churn"}
    for name in ("Prepare", "Train"):
        tags = step(definition(tagged, "Tagged"), name)["Arguments"]["Tags"]
        assert {tag["Key"]: tag["Value"] for tag in tags} == expected


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_a_tag_of_a_job_is_refused(case: str) -> None:
    tags, message = REFUSED[case]
    made = ground(cdk.App())
    with pytest.raises(ConstructError, match=message):
        made.pipeline("Tagged", steps=[PREPARE, TRAIN], job_tags=tags)
    assert made.stack.node.try_find_child("Tagged") is None
