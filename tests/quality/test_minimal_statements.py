"""No statement of the environments allows more than it must; the exceptions have reasons."""

from __future__ import annotations

from typing import Any

import pytest

from mlgov_constructs.cli.access.assembly import Assembly as Cloud
from tests.environments import Assembly
from tests.quality.minimal_statements import excess, supports_resources

COSTS = "The resource is a billing view; the costs of the account are seen whole, or not at all."
EXCEPTIONS = {
    "cloudwatch:PutMetricData on *": "Its resource is a data set; the condition names the namespace.",
    "cloudwatch:GetMetricData on *": "Its resource is a data set; metrics of SageMaker and AWS know none.",
    "cloudwatch:ListMetrics on *": "Its resource is a data set; metrics of SageMaker and AWS know none.",
    "ce:GetCostAndUsage on *": COSTS,
    "ce:GetCostForecast on *": COSTS,
    "ce:GetDimensionValues on *": COSTS,
    "ce:GetTags on *": COSTS,
    "cloudformation:GetTemplateSummary on *": "Service Catalog asks before the stack exists, so there is none to name.",
    "s3:GetObject on *": "The template lies in a bucket of Service Catalog; the condition names its tag.",
}


@pytest.fixture(scope="module", params=["sandbox", "production"])
def faults(request: pytest.FixtureRequest, assembly: Assembly) -> dict[str, set[str]]:
    """Where each excess is found: what is too wide, to the policies it is in."""
    cloud = Cloud((assembly(request.param, "aws"),))
    found: dict[str, set[str]] = {}
    for kind in ("AWS::IAM::ManagedPolicy", "AWS::IAM::Policy"):
        for policy in cloud.of_type(kind):
            # A boundary grants nothing.
            if policy.properties.get("Roles"):
                for fault in excess(policy.properties["PolicyDocument"]):
                    found.setdefault(fault.partition(": ")[2], set()).add(policy.short_id)
    return found


def test_every_statement_is_minimal_or_has_a_reason(faults: dict[str, set[str]]) -> None:
    assert {fault: places for fault, places in faults.items() if fault not in EXCEPTIONS} == {}


def test_no_exception_is_idle(faults: dict[str, set[str]]) -> None:
    assert set(EXCEPTIONS) - set(faults) == set()


def test_objects_of_any_bucket_are_read_by_launch_roles_alone(faults: dict[str, set[str]]) -> None:
    products = ("Notebook", "StudioWorkspace", "FeatureGroup", "TrainingPipeline", "ModelEndpoint", "Project")
    assert faults["s3:GetObject on *"] == {f"{product}LaunchRoleRights" for product in products}


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ({"Action": "s3:Get*", "Resource": "arn:aws:s3:::b/*"}, "1: s3:Get*"),
        ({"Action": ["s3:GetObject"], "Resource": "*"}, "1: s3:GetObject on *"),
        ({"NotAction": "iam:*", "Resource": "arn:aws:s3:::b"}, "1: allows by exclusion"),
    ],
)
def test_what_is_too_wide_is_found(statement: dict[str, Any], fault: str) -> None:
    assert list(excess({"Statement": [{"Effect": "Allow", **statement}]})) == [fault]


def test_what_knows_no_resource_is_no_excess() -> None:
    assert not supports_resources("sagemaker:ListTrainingJobs")
    assert list(excess({"Statement": [{"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}]})) == []
