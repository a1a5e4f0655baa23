"""A SageMaker with two versions of a model and three endpoints, whose requests and answers fit the API's model."""

from __future__ import annotations

import datetime
import functools
import json
from collections.abc import Callable, Iterator
from typing import Any

import boto3
from botocore.exceptions import ClientError
from botocore.validate import ParamValidator

Document = dict[str, Any]

ARN = "arn:aws:sagemaker:eu-west-1:111122223333"
GROUP = f"{ARN}:model-package-group/churn"
FIRST, SECOND = (f"{ARN}:model-package/churn/{number}" for number in (1, 2))
RUN = f"{ARN}:pipeline/churn/execution/abc"
IMAGE = f"111122223333.dkr.ecr.eu-west-1.example/train@sha256:{'a' * 64}"
SESSION = "arn:aws:sts::111122223333:assumed-role"
TIME = datetime.datetime(2026, 11, 20, 8, 30, tzinfo=datetime.UTC)
CARD = {"model_overview": {"model_id": "x"}, "model_package_details": {"model_package_arn": FIRST}}


def version(arn: str, *, status: str, **more: Any) -> Document:
    """A version as ``RegisterModelStep`` registers it."""
    return {
        "ModelPackageName": arn,
        "ModelPackageArn": arn,
        "ModelPackageGroupName": "churn",
        "ModelPackageVersion": int(arn[-1]),
        "ModelPackageStatus": "Completed",
        "ModelPackageStatusDetails": {"ValidationStatuses": []},
        "ModelApprovalStatus": status,
        "CreationTime": TIME,
        "LastModifiedTime": TIME + datetime.timedelta(hours=1),
        "CreatedBy": {"IamIdentity": {"Arn": f"{SESSION}/pipelines/run", "PrincipalId": "A:run"}},
        "LastModifiedBy": {"IamIdentity": {"Arn": f"{SESSION}/approvers/ana", "PrincipalId": "B:ana"}},
        "CustomerMetadataProperties": {
            "mlgov:code-commit": "c0ffee",
            "mlgov:data-version": "2026-11",
            "mlgov:image": IMAGE,
            "mlgov:pipeline-execution": RUN,
            "mlgov:project": "churn",
        },
        "InferenceSpecification": {"Containers": [{"Image": IMAGE}]},
        **more,
    }


def config(*variants: Document, shadow: Document | None = None) -> Document:
    """An endpoint configuration."""
    return {
        "EndpointConfigName": "c",
        "EndpointConfigArn": f"{ARN}:endpoint-config/c",
        "CreationTime": TIME,
        "ProductionVariants": list(variants),
        **({"ShadowProductionVariants": [shadow]} if shadow else {}),
    }


def schedule(kind: str, status: str) -> Document:
    """A monitor."""
    name = f"live-{kind}"
    return {
        "MonitoringScheduleName": name,
        "MonitoringScheduleArn": f"{ARN}:monitoring-schedule/{name}",
        "CreationTime": TIME,
        "LastModifiedTime": TIME,
        "MonitoringScheduleStatus": status,
        "MonitoringType": kind,
        "EndpointName": "live",
    }


class Inventory:
    """What there is; a test may change it."""

    def __init__(self) -> None:
        self.versions = {
            FIRST: version(FIRST, status="Approved", ModelLifeCycle={"Stage": "Production", "StageStatus": "Ready"}),
            SECOND: version(SECOND, status="PendingManualApproval"),
        }
        self.configs = {
            "live": config(
                {"VariantName": "main", "ModelName": "churn-1"}, shadow={"VariantName": "next", "ModelName": "churn-2"}
            ),
            "rogue": config({"VariantName": "all", "ModelName": "own"}),
            "shared": config({"VariantName": "all"}),
        }
        self.models: dict[str, Document] = {
            "churn-1": {"PrimaryContainer": {"ModelPackageName": FIRST}},
            "churn-2": {"Containers": [{"ModelPackageName": SECOND}]},
            "own": {"PrimaryContainer": {"Image": "own:latest"}},
        }
        self.components = {"churn-component": "churn-1"}
        self.schedules = {"live": [schedule("DataQuality", "Scheduled"), schedule("ModelBias", "Stopped")]}
        self.cards: dict[str, Document] = {"churn-card": CARD}
        self.tags = {GROUP: {"mlgov:project": "churn"}, f"{ARN}:endpoint/live": {"mlgov:project": "churn"}}
        self.data_sets = {FIRST: ["s3://data/churn/2026-11"]}


class FakeSageMaker:
    """A client of SageMaker on an inventory."""

    def __init__(self, inventory: Inventory) -> None:
        self.inventory = inventory
        self.meta = _meta()

    def get_paginator(self, operation: str) -> Any:
        return _Paginator(getattr(self, operation))

    def __getattr__(self, operation: str) -> Callable[..., Document]:
        def call(**parameters: Any) -> Document:
            model = self.meta.service_model.operation_model(self.meta.method_to_api_mapping[operation])
            _validate(parameters, model.input_shape)
            answer: Document = getattr(_Operations(self.inventory), operation)(**parameters)
            _validate(answer, model.output_shape, required=False)
            return answer

        return call


@functools.cache
def _meta() -> Any:
    keys = {"aws_access_key_id": "x", "aws_secret_access_key": "x"}
    return boto3.client("sagemaker", region_name="eu-west-1", **keys).meta


class _Paginator:
    def __init__(self, call: Callable[..., Document]) -> None:
        self.call = call

    def paginate(self, **parameters: Any) -> Iterator[Document]:
        yield self.call(**parameters)


class _Operations:
    def __init__(self, inventory: Inventory) -> None:
        self.has = inventory

    def list_model_package_groups(self) -> Document:
        group = {
            "ModelPackageGroupName": "churn",
            "ModelPackageGroupArn": GROUP,
            "CreationTime": TIME,
            "ModelPackageGroupStatus": "Completed",
        }
        return {"ModelPackageGroupSummaryList": [group]}

    def list_model_packages(self, ModelPackageGroupName: str) -> Document:  # noqa: N803
        assert ModelPackageGroupName == "churn"
        return {
            "ModelPackageSummaryList": [
                {"ModelPackageArn": arn, "CreationTime": TIME, "ModelPackageStatus": "Completed"}
                for arn in [*self.has.versions, f"{ARN}:model-package/churn/9"]  # gone since it was listed
            ]
        }

    def describe_model_package(self, ModelPackageName: str, IncludedData: str) -> Document:  # noqa: N803
        assert IncludedData == "MetadataOnly"
        return _found(self.has.versions, ModelPackageName, "ValidationException", "ModelPackage {} does not exist.")

    def list_artifacts(self, SourceUri: str, MaxResults: int) -> Document:  # noqa: N803
        found = [{"ArtifactArn": f"{ARN}:artifact/{SourceUri[-1]}"}] if SourceUri in self.has.data_sets else []
        return {"ArtifactSummaries": found[:MaxResults]}

    def query_lineage(self, NextToken: str = "", **query: Any) -> Document:  # noqa: N803
        assert query["Direction"] == "Ascendants"
        vertex = {"Arn": f"{ARN}:artifact/{'last' if NextToken else 'data'}", "Type": "DataSet"}
        return {"Vertices": [vertex], **({} if NextToken else {"NextToken": "more"})}

    def describe_artifact(self, ArtifactArn: str) -> Document:  # noqa: N803
        source = {f"{ARN}:artifact/data": {"Source": {"SourceUri": self.has.data_sets[FIRST][0]}}}
        return _found(source, ArtifactArn, "ResourceNotFound", "Artifact {} is gone.")

    def describe_pipeline_execution(self, PipelineExecutionArn: str) -> Document:  # noqa: N803
        return {"PipelineExecutionArn": PipelineExecutionArn, "PipelineExecutionStatus": "Succeeded"}

    def list_pipeline_execution_steps(self, PipelineExecutionArn: str) -> Document:  # noqa: N803
        assert PipelineExecutionArn == RUN
        registered = {"StepName": "Register", "Metadata": {"RegisterModel": {"Arn": SECOND}}}
        return {"PipelineExecutionSteps": [{"StepName": "Train", "Metadata": {}}, registered]}

    def list_model_cards(self, SortBy: str, SortOrder: str) -> Document:  # noqa: N803
        assert (SortBy, SortOrder) == ("CreationTime", "Descending")
        return {
            "ModelCardSummaries": [
                {
                    "ModelCardName": name,
                    "ModelCardArn": f"{ARN}:model-card/{name}",
                    "ModelCardStatus": "Draft",
                    "CreationTime": TIME,
                }
                for name in self.has.cards
            ]
        }

    def describe_model_card(self, ModelCardName: str, IncludedData: str) -> Document:  # noqa: N803
        assert IncludedData == "MetadataOnly"
        content = _found(self.has.cards, ModelCardName, "ResourceNotFound", "{}")
        return {"ModelCardName": ModelCardName, "ModelCardStatus": "Approved", "Content": json.dumps(content)}

    def list_endpoints(self) -> Document:
        times = {"CreationTime": TIME, "LastModifiedTime": TIME}
        return {
            "Endpoints": [
                {"EndpointName": name, "EndpointArn": f"{ARN}:endpoint/{name}", "EndpointStatus": "InService", **times}
                for name in self.has.configs
            ]
        }

    def describe_endpoint(self, EndpointName: str) -> Document:  # noqa: N803
        _found(self.has.configs, EndpointName, "ValidationException", 'Could not find endpoint "{}".')
        capture = {
            "EnableCapture": True,
            "CaptureStatus": "Started",
            "CurrentSamplingPercentage": 100,
            "DestinationS3Uri": "s3://b",
            "KmsKeyId": "k",
        }
        return {
            "EndpointName": EndpointName,
            "EndpointArn": f"{ARN}:endpoint/{EndpointName}",
            "EndpointConfigName": EndpointName,
            "EndpointStatus": "InService",
            **({"DataCaptureConfig": capture} if EndpointName == "live" else {}),
        }

    def describe_endpoint_config(self, EndpointConfigName: str) -> Document:  # noqa: N803
        return self.has.configs[EndpointConfigName]

    def describe_model(self, ModelName: str) -> Document:  # noqa: N803
        return _found(self.has.models, ModelName, "ValidationException", 'Could not find model "{}".')

    def list_inference_components(self, EndpointNameEquals: str) -> Document:  # noqa: N803
        assert EndpointNameEquals == "shared"
        return {
            "InferenceComponents": [
                {
                    "InferenceComponentName": name,
                    "InferenceComponentArn": f"{ARN}:inference-component/{name}",
                    "CreationTime": TIME,
                    "LastModifiedTime": TIME,
                    "EndpointName": "shared",
                    "EndpointArn": f"{ARN}:endpoint/shared",
                    "VariantName": "all",
                }
                for name in self.has.components
            ]
        }

    def describe_inference_component(self, InferenceComponentName: str) -> Document:  # noqa: N803
        return {"Specification": {"ModelName": self.has.components[InferenceComponentName]}}

    def list_monitoring_schedules(self, EndpointName: str) -> Document:  # noqa: N803
        return {"MonitoringScheduleSummaries": self.has.schedules.get(EndpointName, [])}

    def list_tags(self, ResourceArn: str) -> Document:  # noqa: N803
        tags = self.has.tags.get(ResourceArn, {})
        return {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}


def _found(known: dict[str, Document], name: str, code: str, message: str) -> Document:
    if name not in known:
        raise ClientError({"Error": {"Code": code, "Message": message.format(name)}}, "Describe")
    return known[name]


def _validate(document: Document, shape: Any, *, required: bool = True) -> None:
    report = ParamValidator().validate(document, shape).generate_report().splitlines()
    assert [line for line in report if required or not line.startswith("Missing required")] == []
