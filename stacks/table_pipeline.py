"""The steps of the reference pipeline: a table becomes a model that somebody may approve."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from aws_cdk import Duration, Stack, Token
from constructs import Construct

from mlgov_constructs.mlops import RegisterModelStep
from mlgov_constructs.monitoring import (
    AnalysisConfigStep,
    BiasAnalysis,
    BiasCheckStep,
    DatasetFormat,
    Facet,
    MonitoringImage,
    QualityCheckStep,
)
from mlgov_constructs.preparation import prepare_table_step
from mlgov_constructs.steps import (
    ConditionStep,
    FailStep,
    JobImage,
    PipelineParameter,
    PipelineStep,
    PipelineValue,
    ProcessingStep,
)
from mlgov_constructs.training import ContinuousRange, IntegerRange, TrainingStep, TuningStep
from stacks.environment import PipelineSettings

# What is predicted, and what follows for XGBoost and for the decision.
OBJECTIVES = {"yes-or-no": ("binary:logistic", "auc"), "number": ("reg:squarederror", "rmse")}
# How long what a check found stays where the monitors look for it.
BASELINES_KEPT = Duration.days(365)


@dataclass(frozen=True)
class TablePipeline:
    """The steps that check a table, train on it, and register what is good enough.

    Attributes:
        scope: The stack; images of AWS are those of its region.
        settings: What the environment's file says of the pipeline.
        data_uri: Where the table lies.
        model_package_group_name: Where versions are registered.

    Example:
        ``MlopsStack`` uses it.
    """

    scope: Construct
    settings: PipelineSettings
    data_uri: str
    model_package_group_name: str

    @cached_property
    def steps(self) -> list[PipelineStep]:
        """All steps."""
        quality = [self.data_quality] if self.data_quality else []
        return [self._prepare, *quality, *self._bias, self._train, self._decide]

    @cached_property
    def data_quality(self) -> QualityCheckStep | None:
        """The check of the data, whose result the monitor compares with; ``None`` where AWS has no image for it."""
        if not self._has(MonitoringImage.ANALYZER):
            return None
        return QualityCheckStep(
            "DataQuality",
            image=MonitoringImage.ANALYZER.job_image(self.scope),
            # As the endpoint is asked: no header, the same order.
            dataset=self._prepare.output("train"),
            dataset_format=DatasetFormat.csv(header=False),
            cache=BASELINES_KEPT,
        )

    @cached_property
    def _bias(self) -> list[PipelineStep]:
        """Whether the labels favour a group, before anything learns of them."""
        column = self.settings.sensitive_column
        if column is None or not self._has(MonitoringImage.CLARIFY):
            return []
        config = AnalysisConfigStep(
            "DataBiasConfig",
            image=self._image,
            analysis=BiasAnalysis(
                label=self.settings.target,
                positive_values=[1],
                facets=[Facet(column)],
                before_training=["CI", "DPL"],
            ),
            cache=BASELINES_KEPT,
        )
        check = BiasCheckStep(
            "DataBias",
            image=MonitoringImage.CLARIFY.job_image(self.scope),
            dataset=self._data,
            config=config,
            cache=BASELINES_KEPT,
        )
        return [config, check]

    def _has(self, image: MonitoringImage) -> bool:
        """Whether AWS publishes an image in the region; at deployment, where the region is known only then."""
        region = Stack.of(self.scope).region
        return Token.is_unresolved(region) or region in image.registries

    @cached_property
    def _image(self) -> JobImage:
        return JobImage.xgboost(self.scope)

    @cached_property
    def _data(self) -> PipelineParameter:
        return PipelineParameter("TrainingData", self.data_uri, "Where the table lies")

    @cached_property
    def _prepare(self) -> ProcessingStep:
        return prepare_table_step(
            "PrepareTable",
            image=self._image,
            data=self._data,
            target=self.settings.target,
            goal=self.settings.predicts,
        )

    @cached_property
    def _train(self) -> TrainingStep | TuningStep:
        objective, metric = OBJECTIVES[self.settings.predicts]
        inputs = {"train": self._prepare.output("train"), "validation": self._prepare.output("validation")}
        fixed: dict[str, str | float | PipelineValue] = {
            "objective": objective,
            "eval_metric": metric,
            "num_round": PipelineParameter("Rounds", "100"),
        }
        if not self.settings.tuning_jobs:
            return TrainingStep(
                "Train",
                image=self._image,
                inputs=inputs,
                hyperparameters={**fixed, "max_depth": PipelineParameter("Depth", "6")},
                instance_type=self.settings.instance_type,
                max_runtime=Duration.hours(self.settings.max_hours),
            )
        return TuningStep(
            "Tune",
            image=self._image,
            inputs=inputs,
            hyperparameters=fixed,
            ranges={
                "eta": ContinuousRange(0.01, 0.5),
                "max_depth": IntegerRange(3, 10),
                "subsample": ContinuousRange(0.5, 1.0),
            },
            objective=f"validation:{metric}",
            maximize=self.settings.predicts == "yes-or-no",
            max_jobs=self.settings.tuning_jobs,
            max_parallel_jobs=min(2, self.settings.tuning_jobs),
            instance_type=self.settings.instance_type,
            max_runtime=Duration.hours(self.settings.max_hours),
        )

    @cached_property
    def _decide(self) -> ConditionStep:
        _, metric = OBJECTIVES[self.settings.predicts]
        # No parameter: who starts a run gives those, and the file of the environment says what a model must reach.
        threshold = self.settings.threshold
        reached = self._train.metric(f"validation:{metric}")
        good = reached.at_least(threshold) if self.settings.predicts == "yes-or-no" else reached.at_most(threshold)
        register = RegisterModelStep(
            "Register",
            training=self._train,
            model_package_group_name=self.model_package_group_name,
            data_version=PipelineParameter("DataVersion", self.settings.data, "The version of the table"),
            code_commit=PipelineParameter("CodeCommit", "main", "The commit of the environment's code"),
        )
        weak = FailStep("TooWeak", message=f"The model does not reach the threshold {threshold}")
        return ConditionStep("GoodEnough", conditions=[good], if_steps=[register], else_steps=[weak])
