"""The CloudFormation template with which a data scientist gets a training pipeline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aws_cdk import CfnCondition, CfnMapping, Duration, Fn, Stack, Token
from aws_cdk import aws_events as events
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from mlgov_constructs.aws_tokens import aws_tokens
from mlgov_constructs.catalog.product_parameter import MACHINE, WORK, ProductParameter
from mlgov_constructs.catalog.product_template import ProductTemplate
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.identity import JobType
from mlgov_constructs.mlops import PipelineDefinition, RegisterModelStep, pipeline_properties
from mlgov_constructs.mlops.pipeline_properties import CONTROLS
from mlgov_constructs.preparation import prepare_table_step
from mlgov_constructs.protection import DataClass
from mlgov_constructs.steps import (
    Condition,
    ConditionStep,
    FailStep,
    JobImage,
    JobSettings,
    Joined,
    PipelineParameter,
    ProcessingStep,
)
from mlgov_constructs.training import TrainingStep
from mlgov_constructs.workspace import ParameterNames

# What is predicted, in the user's words, and what follows for XGBoost and for the decision.
GOALS = {
    "yes-or-no": {
        "Objective": "binary:logistic",
        "EvalMetric": "auc",
        "Metric": "validation:auc",
        "Operator": "GreaterThanOrEqualTo",
    },
    "number": {
        "Objective": "reg:squarederror",
        "EvalMetric": "rmse",
        "Metric": "validation:rmse",
        "Operator": "LessThanOrEqualTo",
    },
}
HOURS = ("1", "2", "4", "8", "12", "24")
NEVER = "never"
SCHEDULES = {
    # A map must know every key that it may be asked for; the rule does not exist then.
    NEVER: "rate(365 days)",
    "daily": "cron(0 3 * * ? *)",
    "weekly": "cron(0 3 ? * MON *)",
    "monthly": "cron(0 3 1 * ? *)",
}
ZONES = 2
LONGEST_NAME = 31
MODELS = "Your model"


class TrainingPipelineTemplate(ProductTemplate):
    """A template with one pipeline that checks a table, trains on it, and registers what is good enough.

    Controls: ``MLG-MLO-05`` to ``MLG-MLO-07``, by the same code as ``ModelPipeline``.

    Args:
        scope: The stack of the product.
        construct_id: The id in that scope.
        product_id: What the version files call the product.
        version: The version, for example ``v1``.
        names: Where the workspace is written down.
        projects: The projects that may be chosen.
        sizes: The sizes that may be chosen, with their instance types; the first is the default.
        xgboost_version: The version of SageMaker's XGBoost.

    Raises:
        ConstructError: A step cannot be used.

    Example:
        ``TrainingPipelineProduct`` creates it.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        product_id: str,
        version: str,
        names: ParameterNames,
        projects: Sequence[str],
        sizes: Mapping[str, str],
        xgboost_version: str,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            product_id=product_id,
            version=version,
            description="A pipeline that trains in the isolated network and registers models for approval",
            names=names,
            parameters=_parameters(projects, sizes),
        )
        self._goals = CfnMapping(self, "Goals", mapping=GOALS)
        self._machine = self.instance_type(sizes)
        self._limits = CfnMapping(
            self,
            "Limits",
            mapping={hours: {"Seconds": int(hours) * 3600, "Wait": int(hours) * 7200} for hours in HOURS},
        )
        self._image = JobImage.xgboost(self, version=xgboost_version, any_region=True)
        self._code = f"{product_id} {version}"
        name = f"{self.project}-{self.text('Name')}"
        pipeline = sagemaker.CfnPipeline(
            self,
            "Pipeline",
            **pipeline_properties(
                project=self.project,
                pipeline_name=name,
                role_arn=self.reference(names.job_role_arn("${Project}", JobType.PIPELINE)),
                definition_body=self._body(name),
                description="Checks a table, trains on it, and registers what is good enough",
            ),
        )
        self.govern(pipeline, CONTROLS)
        self._start(name, pipeline)
        self.output("PipelineName", name, "The name of your pipeline")
        self.output(
            "StartCommand",
            f"aws sagemaker start-pipeline-execution --pipeline-name {name}",
            "Start a run with this command in your notebook",
        )
        self.output("JobsUrl", self.console_url("sagemaker", "#/jobs"), "Watch the jobs of a run here")

    def _body(self, name: str) -> str:
        """Return the definition, with Spot machines or without, as the user says."""
        uses_spot = CfnCondition(self, "UsesSpot", expression=Fn.condition_equals(self.text("SpareMachines"), "yes"))
        return Token.as_string(
            Fn.condition_if(uses_spot.logical_id, self._definition(name, spot=True), self._definition(name, spot=False))
        )

    def _definition(self, name: str, *, spot: bool) -> str:
        definition = PipelineDefinition(self._steps(spot=spot), self._settings(name))
        for problem, fix in definition.problems():
            raise ConstructError(self, None, problem, fix)
        return Stack.of(self).to_json_string(definition.render())

    def _settings(self, name: str) -> JobSettings:
        names = self.names
        return JobSettings(
            project=self.project,
            subnet_ids=[self.reference(subnet) for subnet in names.subnet_ids(ZONES)],
            security_group_ids=[self.reference(names.security_group_id)],
            key_arn=self.reference(names.key_arn),
            training_role_arn=self.reference(names.job_role_arn("${Project}", JobType.TRAINING)),
            processing_role_arn=self.reference(names.job_role_arn("${Project}", JobType.PROCESSING)),
            output_uri=f"s3://{self._bucket(DataClass.ARTIFACTS)}/{self.project}/pipelines/{name}",
        )

    def _steps(self, *, spot: bool) -> list[ProcessingStep | TrainingStep | ConditionStep]:
        data = f"s3://{self._bucket(DataClass.CURATED)}/{self.project}/{self.text('TrainingData')}"
        prepare = prepare_table_step(
            "PrepareTable",
            image=self._image,
            data=PipelineParameter("TrainingData", data, "Where the table lies"),
            target=self.text("TargetColumn"),
            goal=self.text("Goal"),
        )
        train = TrainingStep(
            "Train",
            image=self._image,
            inputs={"train": prepare.output("train"), "validation": prepare.output("validation")},
            hyperparameters={
                "objective": self._of_goal("Objective"),
                "eval_metric": self._of_goal("EvalMetric"),
                "num_round": PipelineParameter("Rounds", "100", "How many trees"),
                "max_depth": PipelineParameter("Depth", "6", "How deep a tree is"),
            },
            instance_type=self._machine,
            max_runtime=Duration.seconds(self._seconds("Seconds")),
            max_wait=Duration.seconds(self._seconds("Wait")) if spot else None,
            spot=spot,
        )
        threshold = PipelineParameter("Threshold", self.number("Threshold"), "What a model must reach")
        register = RegisterModelStep(
            "Register",
            training=train,
            model_package_group_name=self.reference(self.names.model_package_group_name("${Project}")),
            data_version=PipelineParameter("DataVersion", self.text("TrainingData"), "The version of the table"),
            code_commit=self._code,
            quality_report=Joined((prepare.output("checks"), "checks.json"), on="/"),
            metadata={"mlgov:algorithm": self.text("Algorithm"), "mlgov:target": self.text("TargetColumn")},
        )
        decide = ConditionStep(
            "GoodEnough",
            conditions=[Condition(self._of_goal("Operator"), train.metric(self._of_goal("Metric")), threshold)],
            if_steps=[register],
            else_steps=[
                FailStep("TooWeak", message=Joined(("The model does not reach the threshold", threshold), on=" "))
            ],
        )
        return [prepare, train, decide]

    def _start(self, name: str, pipeline: sagemaker.CfnPipeline) -> None:
        """Start the pipeline at the chosen times, or never."""
        schedules = CfnMapping(
            self, "Schedules", mapping={each: {"Expression": expression} for each, expression in SCHEDULES.items()}
        )
        runs_by_itself = CfnCondition(
            self,
            "RunsByItself",
            expression=Fn.condition_not(Fn.condition_equals(self.text("Schedule"), NEVER)),
        )
        rule = events.CfnRule(
            self,
            "Start",
            description="Starts a training pipeline",
            schedule_expression=schedules.find_in_map(self.text("Schedule"), "Expression"),
            targets=[
                events.CfnRule.TargetProperty(
                    id="Pipeline",
                    arn=aws_tokens().arn("sagemaker", f"pipeline/{name}"),
                    role_arn=self.reference(self.names.pipeline_start_role_arn("${Project}")),
                )
            ],
        )
        rule.cfn_options.condition = runs_by_itself
        rule.node.add_dependency(pipeline)
        self.govern(rule, ())

    def _bucket(self, data_class: DataClass) -> str:
        return self.reference(self.names.bucket_name(data_class))

    def _of_goal(self, key: str) -> str:
        return self._goals.find_in_map(self.text("Goal"), key)

    def _seconds(self, key: str) -> float:
        return Token.as_number(self._limits.find_in_map(self.text("Hours"), key))


def _parameters(projects: Sequence[str], sizes: Mapping[str, str]) -> tuple[ProductParameter, ...]:
    return (
        ProductParameter.project(projects),
        ProductParameter(
            "Name",
            "Name",
            WORK,
            "What you call the pipeline; with the project before it, it must be the only one of that name",
            allowed_pattern="[a-z0-9](-?[a-z0-9])*",
            constraint_description="lower-case letters, digits and single hyphens",
            max_length=LONGEST_NAME,
        ),
        ProductParameter(
            "TrainingData",
            "Training data",
            WORK,
            "The folder of your table in the curated bucket, under your project: CSV files with a header, numbers only",
            allowed_pattern="[A-Za-z0-9][A-Za-z0-9/_=.-]*[A-Za-z0-9_]",
            constraint_description="a folder such as labelled/2026-11, without a slash at the beginning and at the end",
            max_length=256,
        ),
        ProductParameter(
            "TargetColumn",
            "Target column",
            MODELS,
            "The column that the model learns to predict",
            default="target",
            allowed_pattern="[A-Za-z0-9_ .-]+",
            constraint_description="letters, digits, spaces and _.-",
            max_length=128,
        ),
        ProductParameter(
            "Goal",
            "What the target is",
            MODELS,
            "yes-or-no when the target is 0 or 1, number otherwise",
            default="yes-or-no",
            allowed_values=list(GOALS),
        ),
        ProductParameter(
            "Algorithm",
            "Algorithm",
            MODELS,
            "XGBoost, boosted trees for tables",
            default="xgboost",
            allowed_values=["xgboost"],
        ),
        ProductParameter(
            "Threshold",
            "Threshold",
            MODELS,
            "A model is registered only when it reaches it: for yes-or-no the least AUC, for a number the largest RMSE",
            type="Number",
            default=0.8,
            min_value=0,
        ),
        ProductParameter.size(sizes, "How large the machine is"),
        ProductParameter(
            "Hours",
            "Hours",
            MACHINE,
            "After how many hours training is stopped",
            default="2",
            allowed_values=list(HOURS),
        ),
        ProductParameter(
            "SpareMachines",
            "Spare machines",
            MACHINE,
            "yes for up to 90 % less cost: training may wait, and go on later from where it was interrupted",
            default="yes",
            allowed_values=["yes", "no"],
        ),
        ProductParameter(
            "Schedule",
            "Schedule",
            WORK,
            "How often it runs by itself, at 3 o'clock UTC",
            default=NEVER,
            allowed_values=list(SCHEDULES),
        ),
    )
