"""A step that registers a trained model for approval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from mlgov_constructs.mlops.approval_status import ApprovalStatus
from mlgov_constructs.steps.job_settings import JobSettings
from mlgov_constructs.steps.pipeline_parameter import PipelineParameter
from mlgov_constructs.steps.pipeline_step import PipelineStep
from mlgov_constructs.steps.pipeline_value import EXECUTION_ARN, PipelineValue
from mlgov_constructs.steps.step_output import StepOutput
from mlgov_constructs.steps.trained_model import TrainedModel

DATA_VERSION, CODE_COMMIT = "DataVersion", "CodeCommit"
SERVING_TYPES = ("ml.m5.large", "ml.m5.xlarge", "ml.c5.large", "ml.c5.xlarge", "ml.t2.medium")
BATCH_TYPES = ("ml.m5.xlarge", "ml.m5.2xlarge", "ml.c5.xlarge")


@dataclass(frozen=True, kw_only=True)
class RegisterModelStep(PipelineStep):
    """Register a model, with where it comes from, for somebody else to approve.

    The version is always ``PendingManualApproval``. Its metadata names the version of the data,
    the commit of the code, the image and the run, each of them a parameter or a value of the run.

    Attributes:
        training: The step that trains the model; its image serves it too.
        model_package_group_name: The group, ``registry.model_package_group_name``.
        data_version: The parameter with the version of the data, or a text.
        code_commit: The parameter with the commit of the code, or a text.
        serving_image: The image that serves, where another one trains.
        quality_report: A JSON file with metrics, shown beside the version.
        content_types: What the model reads.
        response_types: What it answers.
        serving_instance_types: The types of machines that may serve it.
        batch_instance_types: The types of machines that may transform batches with it.
        metadata: More metadata.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModelPackage.html

    Cost: none.

    Example:
        ``docs/examples/mlops.py`` is a complete app.
    """

    TYPE: ClassVar[str] = "RegisterModel"

    training: TrainedModel
    model_package_group_name: str
    data_version: str | PipelineValue = field(default_factory=lambda: PipelineParameter(DATA_VERSION))
    code_commit: str | PipelineValue = field(default_factory=lambda: PipelineParameter(CODE_COMMIT))
    serving_image: str | PipelineValue | None = None
    quality_report: StepOutput | PipelineValue | None = None
    content_types: Sequence[str] = ("text/csv",)
    response_types: Sequence[str] = ("text/csv",)
    serving_instance_types: Sequence[str] = SERVING_TYPES
    batch_instance_types: Sequence[str] = BATCH_TYPES
    metadata: Mapping[str, str | PipelineValue] = field(default_factory=dict)

    def arguments(self, settings: JobSettings) -> dict[str, Any]:
        """Return the request of the step, with values that are known only when it runs.

        Args:
            settings: Where and as whom jobs run.
        """
        image = self.training.image_parameter
        container = {"Image": self.serving_image or image, "ModelDataUrl": self.training.model}
        return {
            "CustomerMetadataProperties": {
                **self.metadata,
                "mlgov:code-commit": self.code_commit,
                "mlgov:data-version": self.data_version,
                "mlgov:image": image,
                "mlgov:pipeline-execution": EXECUTION_ARN,
                "mlgov:project": settings.project,
            },
            "InferenceSpecification": {
                "Containers": [container],
                "SupportedContentTypes": list(self.content_types),
                "SupportedRealtimeInferenceInstanceTypes": list(self.serving_instance_types),
                "SupportedResponseMIMETypes": list(self.response_types),
                "SupportedTransformInstanceTypes": list(self.batch_instance_types),
            },
            "ModelApprovalStatus": ApprovalStatus.PENDING.value,
            "ModelPackageGroupName": self.model_package_group_name,
            **({"ModelMetrics": self._metrics()} if self.quality_report is not None else {}),
        }

    def _metrics(self) -> dict[str, Any]:
        return {"ModelQuality": {"Statistics": {"ContentType": "application/json", "S3Uri": self.quality_report}}}
