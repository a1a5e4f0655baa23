"""A rule of SageMaker Debugger that watches a training job."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from constructs import Construct

from mlgov_constructs.argument_types import checked_arguments
from mlgov_constructs.aws_tokens import aws_tokens
from mlgov_constructs.controls import Relaxation
from mlgov_constructs.identity.activities import Statement
from mlgov_constructs.identity.activities.activity import allow
from mlgov_constructs.identity.activities.conditions import of_project
from mlgov_constructs.steps.image_registries import ImageRegistries
from mlgov_constructs.steps.job_image import JobImage
from mlgov_constructs.steps.pipeline_value import EXECUTION_ID, Joined

REPOSITORY = "sagemaker-debugger-rules"
MOST_RULES = 20
# SageMaker shortens the name of a step in the name of its job; so much of it is always there.
KEPT_OF_NAME = 20


@checked_arguments
@dataclass(frozen=True, kw_only=True)
class DebuggerRule:
    """A built-in rule of SageMaker Debugger, which watches the tensors of a training job and may stop it.

    It is for those who use Debugger already: AWS takes no new customers since 30 July 2026. For
    everybody else ``max_runtime``, the early stopping of ``TuningStep``, or the script itself end
    a job that leads nowhere.

    Attributes:
        rule: The name of the rule, as in ``LossNotDecreasing``.
        image: The image of the rules; :meth:`built_in` knows it.
        not_isolated: Why the rule may run: it does in a job of SageMaker's own, whose isolation
            nobody chooses. The pipeline records it as a deviation from ``MLG-MLO-05``.
        stops_training: Whether the training job is stopped when the rule finds its fault.
        parameters: Parameters of the rule.
        collections: The collections of tensors that the training saves for it.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/debugger-built-in-rules.html

    Cost:
        None for a built-in rule; the storage of the tensors.

    Example:
        >>> from aws_cdk import App, Stack
        >>> reason = Relaxation("Debugger watches this job only, approved in RISK-7")
        >>> rule = DebuggerRule.built_in(Stack(App(), "Stack"), "LossNotDecreasing", not_isolated=reason)
    """

    rule: str
    image: JobImage
    not_isolated: Relaxation
    stops_training: bool = False
    parameters: Mapping[str, str] = field(default_factory=dict)
    collections: Sequence[str] = ("losses",)

    @classmethod
    def built_in(
        cls,
        scope: Construct,
        rule: str,
        *,
        not_isolated: Relaxation,
        stops_training: bool = False,
        parameters: Mapping[str, str] | None = None,
        collections: Sequence[str] = ("losses",),
        any_region: bool = False,
    ) -> DebuggerRule:
        """Return a rule with the image of the region.

        Args:
            scope: The stack, or a construct in it, that the pipeline is in.
            rule: The name of the rule.
            not_isolated: Why the rule may run in a job whose isolation nobody chooses.
            stops_training: Whether the training job is stopped when the rule finds its fault.
            parameters: Parameters of the rule.
            collections: The collections of tensors that the training saves for it.
            any_region: Whether the template is for any region, whatever the region of the stack.

        Raises:
            ConstructError: AWS publishes no rules in the region.
        """
        tokens = aws_tokens()
        account = ImageRegistries.DEBUGGER.account(scope, what="SageMaker Debugger", any_region=any_region)
        image = JobImage(
            f"{account}.dkr.ecr.{tokens.region}.{tokens.url_suffix}/{REPOSITORY}:latest",
            is_built_in=True,
            repository_arn=tokens.arn("ecr", f"repository/{REPOSITORY}", account=account),
        )
        return cls(
            rule=rule,
            image=image,
            not_isolated=not_isolated,
            stops_training=stops_training,
            parameters=parameters or {},
            collections=collections,
        )

    def render(self, step: str, output_uri: str) -> dict[str, Any]:
        """Return the rule as a request has it.

        Args:
            step: The name of the step.
            output_uri: Where the jobs of the pipeline write.
        """
        # The quotes are escaped once more, as the container of the rules wants them.
        stop = Joined(
            (
                r"{\"name\": \"stoptraining\", \"training_job_prefix\": \"pipelines-",
                EXECUTION_ID,
                rf"-{step[:KEPT_OF_NAME]}\"}}",
            )
        )
        return {
            "RuleConfigurationName": self.rule,
            "RuleEvaluatorImage": self.image.uri,
            "RuleParameters": {
                "rule_to_invoke": self.rule,
                **self.parameters,
                **({"action_json": stop} if self.stops_training else {}),
            },
            "S3OutputPath": f"{output_uri}/rules",
        }

    def rights(self, project: str) -> list[Statement]:
        """Return what the role of the job needs so that the rule may stop the training.

        Args:
            project: The project of the pipeline.
        """
        jobs = aws_tokens().arn("sagemaker", "training-job/*")
        return [
            # SageMaker knows no resource for it.
            allow("FindTrainingToStop", "sagemaker:ListTrainingJobs", "*"),
            allow("StopTraining", "sagemaker:StopTrainingJob", jobs, of_project(project)),
        ]
