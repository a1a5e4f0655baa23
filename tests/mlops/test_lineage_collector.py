"""What the collector writes down, of a SageMaker whose answers fit the API's model."""

from __future__ import annotations

import gzip
import json
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from mlgov_constructs.mlops.lineage import collector as source
from mlgov_constructs.mlops.lineage.lineage_tables import lineage_tables
from tests.mlops.inventory import ARN, CARD, FIRST, IMAGE, RUN, SECOND, SESSION, FakeSageMaker, Inventory, version

CONTEXT = SimpleNamespace(aws_request_id="request")
Rows = list[dict[str, Any]]


class Bucket:
    """A client of S3 that keeps what is put."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def put_object(self, *, Bucket: str, Key: str, Body: bytes, ContentType: str) -> None:  # noqa: N803
        assert (Bucket, ContentType) == ("inventory", "application/gzip")
        self.objects[Key] = Body

    def rows(self, table: str) -> Rows:
        texts = [gzip.decompress(body).decode() for key, body in self.objects.items() if f"/{table}/day=" in key]
        return [json.loads(line) for text in texts for line in text.splitlines()]


class History:
    """A client of CloudTrail with the calls of the last days."""

    def __init__(self) -> None:
        self.calls: list[dict[str, Any]] = []

    def get_paginator(self, operation: str) -> Any:
        assert operation == "lookup_events"
        return self

    def paginate(self, *, LookupAttributes: list[dict[str, str]], StartTime: Any) -> Any:  # noqa: N803
        assert LookupAttributes == [{"AttributeKey": "EventName", "AttributeValue": "UpdateModelPackage"}]
        assert StartTime.tzinfo
        return [{"Events": [{"CloudTrailEvent": json.dumps(call)}]} for call in self.calls]


@pytest.fixture
def history() -> History:
    return History()


@pytest.fixture
def inventory() -> Inventory:
    return Inventory()


@pytest.fixture
def bucket(inventory: Inventory, history: History, monkeypatch: pytest.MonkeyPatch) -> Bucket:
    kept, sagemaker = Bucket(), FakeSageMaker(inventory)
    clients = {"cloudtrail": history, "s3": kept, "sagemaker": sagemaker}
    monkeypatch.setattr("boto3.client", lambda name, config: clients[name])
    monkeypatch.setenv("BUCKET", "inventory")
    monkeypatch.setenv("PREFIX", "lineage/tables")
    return kept


def event(kind: str, **detail: Any) -> dict[str, Any]:
    return {"id": "e1", "source": "aws.sagemaker", "detail-type": kind, "detail": detail}


def row(rows: Rows, **wanted: Any) -> dict[str, Any]:
    (found,) = [each for each in rows if wanted.items() <= each.items()]
    return found


def test_a_sweep_writes_everything(bucket: Bucket) -> None:
    assert source.handler({"id": "e1"}, CONTEXT) == {
        "model_versions": 3,
        "served_models": 4,
        "decisions": 0,
        "sweeps": 1,
    }
    names = sorted(key.split("/day=")[0] for key in bucket.objects)
    assert names == [f"lineage/tables/{table}" for table in ("model_versions", "served_models", "sweeps")]
    assert all(key.endswith("/sweep-e1.json.gz") for key in bucket.objects)
    (sweep,) = bucket.rows("sweeps")
    assert (sweep["model_versions_found"], sweep["served_models_found"]) == (3, 4)
    assert {each["collected_by"] for each in bucket.rows("model_versions")} == {"sweep"}
    assert {each["collected_at"] for each in bucket.rows("served_models")} == {sweep["collected_at"]}


def test_a_sweep_by_hand_is_named_after_its_request(bucket: Bucket) -> None:
    source.handler({}, CONTEXT)
    assert all(key.endswith("/sweep-request.json.gz") for key in bucket.objects)


def test_a_version_says_where_it_comes_from(bucket: Bucket) -> None:
    source.handler({}, CONTEXT)
    found = row(bucket.rows("model_versions"), model_package_arn=FIRST)
    assert {name: found[name] for name in ("data_version", "code_commit", "image", "run", "project")} == {
        "data_version": "2026-11",
        "code_commit": "c0ffee",
        "image": IMAGE,
        "run": RUN,
        "project": "churn",
    }
    assert (found["run_status"], found["data_sets"]) == ("Succeeded", ["s3://data/churn/2026-11"])
    assert (found["version"], found["stage"], found["approval_status"]) == (1, "Production", "Approved")
    assert (found["registered_by"], found["registered_by_role"]) == (f"{SESSION}/pipelines/run", f"{SESSION}/pipelines")
    assert (found["changed_by_role"], found["changed_at"]) == (f"{SESSION}/approvers", "2026-11-20T09:30:00.000Z")
    assert (found["card"], found["card_status"]) == ("churn-card", "Approved")


def test_a_version_that_somebody_else_registered_is_traced_as_far_as_it_goes(
    inventory: Inventory, bucket: Bucket
) -> None:
    generated = {"CommitId": "beef", "GeneratedBy": RUN}
    person = {"UserProfileArn": f"{ARN}:user-profile/d-1/ana"}
    inventory.versions[FIRST] = version(
        FIRST, status="Approved", CustomerMetadataProperties={}, MetadataProperties=generated, CreatedBy=person
    )
    source.handler({}, CONTEXT)
    found = row(bucket.rows("model_versions"), model_package_arn=FIRST)
    assert (found["data_version"], found["code_commit"], found["run"], found["image"]) == (None, "beef", RUN, IMAGE)
    assert (found["project"], found["registered_by"]) == ("churn", f"{ARN}:user-profile/d-1/ana")


def test_a_version_that_went_since_is_a_deleted_one(bucket: Bucket) -> None:
    source.handler({}, CONTEXT)
    found = row(bucket.rows("model_versions"), package_status="Deleted")
    assert found["model_package_arn"].endswith("churn/9")


@pytest.mark.parametrize(
    ("content", "card"),
    [
        (CARD, ("churn-card", None)),
        ({"model_package_details": {"model_package_group_name": "churn"}}, ("churn-card", "churn-card")),
        (
            {"model_package_details": {"model_package_group_name": "churn", "model_package_arn": SECOND}},
            (None, "churn-card"),
        ),
        ({"model_overview": {"model_id": SECOND}}, (None, "churn-card")),
        ({"model_overview": {"model_name": "churn"}}, (None, None)),
    ],
)
def test_a_card_belongs_to_the_versions_that_it_names(
    inventory: Inventory, bucket: Bucket, content: dict[str, Any], card: tuple[str | None, str | None]
) -> None:
    inventory.cards = {"churn-card": content}
    source.handler({}, CONTEXT)
    rows = bucket.rows("model_versions")
    assert tuple(row(rows, model_package_arn=arn)["card"] for arn in (FIRST, SECOND)) == card


def test_the_card_of_the_version_itself_counts_first(inventory: Inventory, bucket: Bucket) -> None:
    inventory.versions[FIRST]["ModelCard"] = {"ModelCardStatus": "PendingReview", "ModelCardContent": "{}"}
    source.handler({}, CONTEXT)
    found = row(bucket.rows("model_versions"), model_package_arn=FIRST)
    assert (found["card"], found["card_status"]) == ("in the version", "PendingReview")


def test_an_endpoint_says_what_it_serves_and_what_watches_over_it(bucket: Bucket) -> None:
    source.handler({}, CONTEXT)
    rows = bucket.rows("served_models")
    live = row(rows, endpoint_name="live", variant="main")
    assert (live["model_name"], live["model_package_arn"], live["project"]) == ("churn-1", FIRST, "churn")
    assert (live["data_capture"], live["running_monitors"]) == (True, 1)
    assert live["monitors"] == ["live-DataQuality", "live-ModelBias"]
    assert live["monitor_types"] == ["DataQuality", "ModelBias"]
    assert row(rows, endpoint_name="live", variant="next")["model_package_arn"] == SECOND
    rogue = row(rows, endpoint_name="rogue")
    assert (rogue["model_package_arn"], rogue["image"], rogue["project"]) == (None, "own:latest", None)
    assert (rogue["data_capture"], rogue["running_monitors"], rogue["monitors"]) == (False, 0, [])
    shared = row(rows, endpoint_name="shared")
    assert (shared["inference_component"], shared["model_package_arn"]) == ("churn-component", FIRST)


def test_an_endpoint_that_serves_nothing_is_told_of(inventory: Inventory, bucket: Bucket) -> None:
    inventory.components = {}
    source.handler({}, CONTEXT)
    shared = row(bucket.rows("served_models"), endpoint_name="shared")
    assert (shared["variant"], shared["model_name"], shared["image"]) == (None, None, None)


@pytest.mark.parametrize(
    ("happened", "table", "about"),
    [
        (event("SageMaker Model Package State Change", ModelPackageArn=FIRST), "model_versions", {FIRST}),
        (event("SageMaker Model Card State Change", ModelCardName="churn-card"), "model_versions", {FIRST}),
        (
            event("SageMaker Model Building Pipeline Execution Status Change", pipelineExecutionArn=RUN),
            "model_versions",
            {SECOND},
        ),
        (event("SageMaker Endpoint State Change", EndpointName="live"), "served_models", {"live"}),
    ],
)
def test_an_event_writes_what_it_is_about(
    bucket: Bucket, happened: dict[str, Any], table: str, about: set[str]
) -> None:
    source.handler(happened, CONTEXT)
    ((key, _),) = bucket.objects.items()
    assert key.endswith("/event-e1.json.gz")
    assert f"lineage/tables/{table}/day=" in key
    name = "model_package_arn" if table == "model_versions" else "endpoint_name"
    assert {each[name] for each in bucket.rows(table)} == about
    assert {each["collected_by"] for each in bucket.rows(table)} == {"event"}


def test_the_card_of_a_group_is_about_all_its_versions(inventory: Inventory, bucket: Bucket) -> None:
    inventory.cards = {"churn-card": {"model_package_details": {"model_package_group_name": "churn"}}}
    source.handler(event("SageMaker Model Card State Change", ModelCardName="churn-card"), CONTEXT)
    assert {FIRST, SECOND} < {each["model_package_arn"] for each in bucket.rows("model_versions")}


@pytest.mark.parametrize(
    ("happened", "table", "status"),
    [
        (event("SageMaker Endpoint State Change", EndpointName="gone"), "served_models", "endpoint_status"),
        (
            event("SageMaker Model Package State Change", ModelPackageArn=f"{FIRST}0"),
            "model_versions",
            "package_status",
        ),
    ],
)
def test_what_was_deleted_is_told_of(bucket: Bucket, happened: dict[str, Any], table: str, status: str) -> None:
    source.handler(happened, CONTEXT)
    (found,) = bucket.rows(table)
    assert found[status] == "Deleted"


def test_a_card_that_is_about_nothing_here_writes_nothing(inventory: Inventory, bucket: Bucket) -> None:
    inventory.cards = {"churn-card": {"model_overview": {"model_id": "somewhere"}}}
    assert source.handler(event("SageMaker Model Card State Change", ModelCardName="churn-card"), CONTEXT) == {
        "model_versions": 0
    }
    assert bucket.objects == {}


def test_an_event_that_comes_twice_writes_the_same_file(bucket: Bucket) -> None:
    for _ in range(2):
        source.handler(event("SageMaker Model Package State Change", ModelPackageArn=FIRST), CONTEXT)
    assert len(bucket.objects) == 1


def decision(**changes: Any) -> dict[str, Any]:
    call = {
        "eventID": "c1",
        "eventTime": "2026-11-20T09:00:00Z",
        "userIdentity": {"type": "AssumedRole", "arn": f"{SESSION}/approvers/ana"},
        "requestParameters": {
            "modelPackageArn": FIRST,
            "modelApprovalStatus": "Approved",
            "approvalDescription": "AUC 0.9",
        },
    }
    return event("AWS API Call via CloudTrail", **{**call, **changes})


def test_a_decision_says_who_and_when(bucket: Bucket) -> None:
    source.handler(decision(), CONTEXT)
    assert list(bucket.objects) == ["lineage/tables/decisions/day=2026-11-20/decision-c1.json.gz"]
    (found,) = bucket.rows("decisions")
    assert {name: found[name] for name in found if not name.startswith("collected")} == {
        "model_package_arn": FIRST,
        "approval_status": "Approved",
        "approval_description": "AUC 0.9",
        "decided_by": f"{SESSION}/approvers/ana",
        "decided_by_role": f"{SESSION}/approvers",
        "decided_at": "2026-11-20T09:00:00Z",
        "event_id": "c1",
    }


def test_a_decision_whose_event_was_lost_is_found_by_the_sweep_and_written_once(
    bucket: Bucket, history: History
) -> None:
    source.handler(decision(), CONTEXT)
    other = decision(eventID="c2", userIdentity={"arn": "arn:aws:iam::111122223333:user/eve"})
    history.calls = [decision()["detail"], other["detail"]]
    source.handler({}, CONTEXT)
    assert {each["event_id"]: each["decided_by_role"] for each in bucket.rows("decisions")} == {
        "c1": f"{SESSION}/approvers",
        "c2": "arn:aws:iam::111122223333:user/eve",
    }
    assert sum("/decisions/" in key for key in bucket.objects) == 2
    assert bucket.rows("sweeps")[0]["decisions_found"] == 2


@pytest.mark.parametrize(
    "change",
    [{"errorCode": "AccessDenied"}, {"requestParameters": {"modelPackageArn": FIRST}}, {"requestParameters": None}],
)
def test_a_call_that_decided_nothing_is_no_decision(bucket: Bucket, history: History, change: dict[str, Any]) -> None:
    history.calls = [decision(**change)["detail"]]
    source.handler({}, CONTEXT)
    assert bucket.rows("decisions") == []


def test_every_column_is_declared_and_written(bucket: Bucket) -> None:
    source.handler({}, CONTEXT)
    source.handler(decision(), CONTEXT)
    for table in lineage_tables():
        assert {name for each in bucket.rows(table.name) for name in each} == set(table.columns), table.name


def test_the_same_rows_are_the_same_bytes() -> None:
    assert source.packed([{"b": 1, "a": 2}]) == source.packed([{"a": 2, "b": 1}])


def test_a_refusal_is_no_absence(inventory: Inventory, bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    error = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "ListEndpoints")

    def refuse(self: Any) -> None:
        raise error

    monkeypatch.setattr("tests.mlops.inventory._Operations.list_endpoints", refuse)
    with pytest.raises(ClientError):
        source.handler({}, CONTEXT)
    assert bucket.objects == {}


def test_an_older_client_that_knows_no_parts_of_cards_is_asked_without() -> None:
    sagemaker = FakeSageMaker(Inventory())
    asked: dict[str, Any] = {}
    members = {"ModelCardName": None}
    shape = SimpleNamespace(input_shape=SimpleNamespace(members=members))
    old = SimpleNamespace(
        meta=SimpleNamespace(
            service_model=SimpleNamespace(operation_model=lambda _: shape),
            method_to_api_mapping=sagemaker.meta.method_to_api_mapping,
        ),
        describe_model_card=lambda **parameters: asked.update(parameters) or {},
    )
    source.Collector(old).described("describe_model_card", ModelCardName="c")
    assert asked == {"ModelCardName": "c"}
