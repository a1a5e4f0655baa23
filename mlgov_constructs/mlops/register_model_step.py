"""A step that registers a trained model for approval."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from mlgov_constructs.argument_types import checked_step
from mlgov_constructs.mlops.approval_status import ApprovalStatus
from mlgov_constructs.mlops.drift_check_baselines import DriftCheckBaselines
from mlgov_constructs.mlops.model_metrics import ModelMetrics
from mlgov_constructs.steps.existing_model import ExistingModel
from mlgov_constructs.steps.job_image import JobImage
from mlgov_constructs.steps.job_settings import JobSettings
from mlgov_constructs.steps.pipeline_parameter import PipelineParameter
from mlgov_constructs.steps.pipeline_step import PipelineStep, Problem
from mlgov_constructs.steps.pipeline_value import EXECUTION_ARN, PipelineValue
from mlgov_constructs.steps.step_output import StepOutput
from mlgov_constructs.steps.trained_model import TrainedModel

DATA_VERSION, CODE_COMMIT = "DataVersion", "CodeCommit"
SERVING_TYPES = ("ml.m5.large", "ml.m5.xlarge", "ml.c5.large", "ml.c5.xlarge", "ml.t2.medium")
BATCH_TYPES = ("ml.m5.xlarge", "ml.m5.2xlarge", "ml.c5.xlarge")
ARTIFACT = re.compile(r"s3://|\$\{Token\[")
# Later ones are for who decides.
STAGES = ("Proposal", "Development")
LONGEST_CARD = 100_000


@checked_step
@dataclass(frozen=True, kw_only=True)
class RegisterModelStep(PipelineStep):
    """Register a model, with where it comes from, for somebody else to approve.

    The version is always ``PendingManualApproval``. Its metadata names the version of the data,
    the commit of the code, the image and the run, each of them a parameter or a value of the run,
    and the images of all other steps where they differ (``mlgov:image.<step>``).

    Attributes:
        training: The step that trains the model, or an
            :class:`~mlgov_constructs.steps.ExistingModel`; its image serves it too.
        model_package_group_name: The group, ``registry.model_package_group_name``.
        data_version: The parameter with the version of the data, or a text.
        code_commit: The parameter with the commit of the code, or a text.
        serving_image: The image that serves, where another one trains, by its digest.
        quality_report: A JSON file with metrics, shown beside the version; short for
            ``model_metrics=ModelMetrics(quality=...)``.
        model_metrics: What was measured: quality, data, bias, explainability.
        baselines: What monitors and the checks of later runs compare with.
        card: What the model card of the version says, by the schema of a version's card, as
            ``ModelCardContent.version_document()`` returns it; it begins as a draft.
        stage: Where the version stands in its life, ``Proposal`` or ``Development``; later stages
            are for who decides.
        stage_status: How far it has come there.
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
    serving_image: JobImage | str | PipelineValue | None = None
    quality_report: StepOutput | PipelineValue | None = None
    model_metrics: ModelMetrics | None = None
    baselines: DriftCheckBaselines | None = None
    card: Mapping[str, Any] | None = None
    stage: str | None = None
    stage_status: str = "PendingApproval"
    content_types: Sequence[str] = ("text/csv",)
    response_types: Sequence[str] = ("text/csv",)
    serving_instance_types: Sequence[str] = SERVING_TYPES
    batch_instance_types: Sequence[str] = BATCH_TYPES
    metadata: Mapping[str, str | PipelineValue] = field(default_factory=dict)

    def problems(self) -> Iterator[Problem]:
        """Yield what is wrong with the step itself."""
        yield from super().problems()
        brought = self.training if isinstance(self.training, ExistingModel) else None
        if brought is not None and brought.default is not None and not ARTIFACT.match(brought.default):
            yield Problem(
                f"step {self.name!r} registers the artifact {brought.default!r}",
                "Write it as in s3://bucket/model.tar.gz.",
            )
        for image in (brought.image if brought else None, self._serving_image()):
            if isinstance(image, JobImage) and not image.is_fixed:
                yield Problem(
                    f"step {self.name!r} registers the image {image.uri!r} by its tag", "Name it by its digest."
                )
        if self.quality_report is not None and self.model_metrics is not None:
            yield Problem(
                f"step {self.name!r} has a quality_report and model_metrics",
                "Give the report as ModelMetrics(quality=...).",
            )
        if self.stage not in (None, *STAGES):
            yield Problem(
                f"step {self.name!r} registers in stage {self.stage!r}, which is for who decides",
                f"Use {' or '.join(STAGES)}, and let the registry's promotion set later ones.",
            )
        if len(self._card()) > LONGEST_CARD:
            yield Problem(
                f"step {self.name!r} has a model card of {len(self._card())} characters",
                f"Keep it within {LONGEST_CARD}.",
            )

    def arguments(self, settings: JobSettings) -> dict[str, Any]:
        """Return the request of the step, with values that are known only when it runs.

        Args:
            settings: Where and as whom jobs run.
        """
        image, serving = self.training.image_parameter, self._serving_image()
        uri = serving.uri if isinstance(serving, JobImage) else serving
        metrics = self.model_metrics or ModelMetrics(quality=self.quality_report)
        optional: dict[str, Any] = {
            "DriftCheckBaselines": self.baselines.render() if self.baselines else None,
            "ModelCard": {"ModelCardContent": self._card(), "ModelCardStatus": "Draft"} if self.card else None,
            "ModelLifeCycle": {"Stage": self.stage, "StageStatus": self.stage_status} if self.stage else None,
            "ModelMetrics": metrics.render(),
        }
        return {
            "CustomerMetadataProperties": {
                **self.metadata,
                "mlgov:code-commit": self.code_commit,
                "mlgov:data-version": self.data_version,
                "mlgov:image": image,
                "mlgov:pipeline-execution": EXECUTION_ARN,
                "mlgov:project": settings.project,
                **({"mlgov:serving-image": uri} if uri is not None else {}),
            },
            "InferenceSpecification": {
                "Containers": [{"Image": uri or image, "ModelDataUrl": self.training.model}],
                "SupportedContentTypes": list(self.content_types),
                "SupportedRealtimeInferenceInstanceTypes": list(self.serving_instance_types),
                "SupportedResponseMIMETypes": list(self.response_types),
                "SupportedTransformInstanceTypes": list(self.batch_instance_types),
            },
            "ModelApprovalStatus": ApprovalStatus.PENDING.value,
            "ModelPackageGroupName": self.model_package_group_name,
            **{name: value for name, value in optional.items() if value},
        }

    def _serving_image(self) -> JobImage | PipelineValue | None:
        return JobImage(self.serving_image) if isinstance(self.serving_image, str) else self.serving_image

    def _card(self) -> str:
        return json.dumps(self.card, sort_keys=True) if self.card else ""
