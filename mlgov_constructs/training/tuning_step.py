"""A step that looks for the best hyperparameters."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from aws_cdk import Duration, Token

from mlgov_constructs.argument_types import checked_step
from mlgov_constructs.steps.job_settings import JobSettings
from mlgov_constructs.steps.pipeline_step import Problem
from mlgov_constructs.steps.pipeline_value import Joined
from mlgov_constructs.steps.step_output import StepOutput
from mlgov_constructs.training.parameter_range import ParameterRange
from mlgov_constructs.training.training_job_step import TrainingJobStep
from mlgov_constructs.training.tuned_metric import TunedMetric
from mlgov_constructs.training.tuning_strategy import TuningStrategy

MODEL = "model"
DEFAULT_JOBS = 20
MOST_RANGES_OF_A_KIND = 30
SHORTEST_TUNING, LONGEST_TUNING = 120, 15_768_000


@checked_step
@dataclass(frozen=True, kw_only=True)
class TuningStep(TrainingJobStep):
    """A tuning job: it trains with other hyperparameters each time, and its best model goes on.

    Each of its jobs is like that of a ``TrainingStep``: in the isolated subnets, without network,
    encrypted, and with an end. SageMaker keeps the machines from one job to the next by itself.

    Attributes:
        image: What trains: an algorithm of AWS, an image of yours, or one that runs a script.
        inputs: Channel to ``s3://...``, to an output of another step, to a parameter, or to a
            :class:`Channel` where the address alone does not say enough.
        objective: The metric that decides; one that the image or the script emits.
        maximize: Whether more of it is better.
        ranges: Hyperparameter to the range of it that is tried.
        hyperparameters: Those that stay as they are.
        strategy: How the best is looked for.
        max_jobs: How many jobs run in all, 20 by default; every combination with a grid.
        max_parallel_jobs: How many jobs run at a time.
        max_tuning_runtime: The tuning ends after it, with the best model so far; two minutes to
            half a year.
        early_stopping: End jobs that will not become the best. On, except with Hyperband, which
            does so itself.
        target: The tuning ends when the objective reaches it.
        seed: Makes the choice of values repeatable.
        script: The script that the image runs; its own algorithm when omitted.
        distribution: How several processes of one job share the work.
        spot: Use machines that EC2 has to spare. Off by default: a job that is taken back begins
            anew, as the jobs of a tuning keep no checkpoints.
        max_runtime: The end of each job; one hour by default.
        environment: Environment variables.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateHyperParameterTuningJob.html

    Cost:
        The machines of every job: 20 jobs of 10 minutes on an ``ml.m5.xlarge`` cost about 0.77 USD.

    Example:
        ``docs/examples/training.py`` is a complete app.
    """

    TYPE: ClassVar[str] = "Tuning"

    objective: str
    ranges: Mapping[str, ParameterRange]
    maximize: bool = True
    strategy: TuningStrategy = field(default_factory=TuningStrategy.bayesian)
    max_jobs: int | None = None
    max_parallel_jobs: int = 2
    max_tuning_runtime: Duration | None = None
    early_stopping: bool | None = None
    target: float | None = None
    seed: int | None = None

    @property
    def model(self) -> Joined:
        """The model of the best job, for another step to read."""
        folder = StepOutput(self.name, "TrainingJobDefinition.OutputDataConfig.S3OutputPath", MODEL)
        best = StepOutput(self.name, "BestTrainingJob.TrainingJobName", MODEL)
        return Joined((folder, best, "output/model.tar.gz"), on="/")

    def metric(self, name: str | None = None) -> TunedMetric:
        """Return the objective that the best job reached, for a condition to read.

        Args:
            name: The objective; SageMaker keeps no other metric.
        """
        return TunedMetric(self.name, self.objective if name is None else name)

    @property
    def outputs(self) -> tuple[str, ...]:
        """What other steps may read of it."""
        return (MODEL,)

    @property
    def metrics(self) -> tuple[str, ...]:
        """The metrics that conditions may read of it."""
        return (self.objective,)

    @property
    def combinations(self) -> int | None:
        """How many combinations of values there are, if that is known."""
        counts = [each.count for each in self.ranges.values()]
        return None if None in counts else math.prod(count or 1 for count in counts)

    def problems(self) -> Iterator[Problem]:
        """Yield what is wrong with the step itself."""
        yield from super().problems()
        where = f"step {self.name!r}"
        known = tuple(self.emitted_metrics)
        if not Token.is_unresolved(self.objective) and self.objective not in known:
            yield Problem(
                f"{where} looks for the best {self.objective!r}, which its jobs do not emit",
                f"Use one of {', '.join(map(repr, known)) or 'none'}, or declare it with the image or the script.",
            )
        yield from self._range_problems(where)
        yield from self.strategy.problems(where)
        yield from self._job_problems(where)
        if self.early_stopping and self.strategy.stops_by_itself:
            yield Problem(
                f"{where} stops jobs early beside Hyperband, which does so itself", "Leave early_stopping out."
            )
        seconds = None if self.max_tuning_runtime is None else self.max_tuning_runtime.to_seconds()
        if seconds is not None and not SHORTEST_TUNING <= seconds <= LONGEST_TUNING:
            yield Problem(f"{where} may tune for {int(seconds)} seconds", "Use two minutes to half a year.")

    def arguments(self, settings: JobSettings) -> dict[str, Any]:
        """Return the request of the step, with values that are known only when it runs.

        Args:
            settings: Where and as whom jobs run.
        """
        job = self.training_job(settings)
        tags, static = job.pop("Tags"), job.pop("HyperParameters", None)
        if static is not None:
            job["StaticHyperParameters"] = static
        return {"HyperParameterTuningJobConfig": self._search(), "Tags": tags, "TrainingJobDefinition": job}

    def _search(self) -> dict[str, Any]:
        early = not self.strategy.stops_by_itself if self.early_stopping is None else self.early_stopping
        ranges: dict[str, list[dict[str, Any]]] = {}
        for name, each in self.ranges.items():
            ranges.setdefault(each.KIND, []).append(each.render(name))
        limits: dict[str, Any] = {"MaxParallelTrainingJobs": self.max_parallel_jobs}
        if (count := self._job_count()) is not None:
            limits["MaxNumberOfTrainingJobs"] = count
        if self.max_tuning_runtime is not None:
            limits["MaxRuntimeInSeconds"] = int(self.max_tuning_runtime.to_seconds())
        kind = "Maximize" if self.maximize else "Minimize"
        search: dict[str, Any] = {
            **self.strategy.render(),
            "HyperParameterTuningJobObjective": {"MetricName": self.objective, "Type": kind},
            "ParameterRanges": ranges,
            "ResourceLimits": limits,
            "TrainingJobEarlyStoppingType": "Auto" if early else "Off",
        }
        if self.target is not None:
            search["TuningJobCompletionCriteria"] = {"TargetObjectiveMetricValue": self.target}
        if self.seed is not None:
            search["RandomSeed"] = self.seed
        return search

    def _job_count(self) -> int | None:
        if self.max_jobs is not None:
            return self.max_jobs
        return self.combinations if self.strategy.name == "Grid" else DEFAULT_JOBS

    def _range_problems(self, where: str) -> Iterator[Problem]:
        if not self.ranges:
            yield Problem(f"{where} tries nothing", "Give it ranges, for example {'eta': ContinuousRange(0.01, 0.3)}.")
        kinds = [each.KIND for each in self.ranges.values()]
        for kind in sorted(set(kinds)):
            if kinds.count(kind) > MOST_RANGES_OF_A_KIND:
                count = kinds.count(kind)
                yield Problem(f"{where} has {count} {kind}", f"SageMaker allows {MOST_RANGES_OF_A_KIND}.")
        for name, each in self.ranges.items():
            yield from each.problems(f"the range of {name!r} in {where}")
        if fixed := sorted(self.ranges.keys() & self.hyperparameters.keys()):
            yield Problem(f"{where} both fixes and tries {fixed[0]!r}", "Leave it out of one of them.")

    def _job_problems(self, where: str) -> Iterator[Problem]:
        count = self._job_count()
        if self.strategy.name == "Grid":
            if self.combinations is None:
                yield Problem(f"{where} tries a grid of ranges", "Use CategoricalRange for all, or another strategy.")
            elif self.max_jobs not in (None, self.combinations):
                yield Problem(
                    f"{where} has {self.combinations} combinations and max_jobs {self.max_jobs}", "Leave max_jobs out."
                )
        if count is not None and not 1 <= self.max_parallel_jobs <= count:
            yield Problem(
                f"{where} runs {self.max_parallel_jobs} jobs at a time of {count}",
                "Use one or more, and no more than max_jobs.",
            )
