"""Bad input of the steps of training: the message names the step, what was found, and what to do."""

from __future__ import annotations

import re
from typing import Any

import aws_cdk as cdk
import pytest

from mlgov_constructs.errors import ConstructError
from mlgov_constructs.identity import JobEnvironment
from mlgov_constructs.steps import ConditionStep, FailStep, JobImage, PipelineParameter
from mlgov_constructs.training import (
    CategoricalRange,
    Channel,
    ContinuousRange,
    DebuggerRule,
    Distribution,
    InputMode,
    InstanceGroup,
    IntegerRange,
    ProfilerConfig,
    RangeScaling,
    TrainingScript,
    TrainingStep,
    TuningStep,
    TuningStrategy,
)
from tests.mlops.pipelines import IMAGE, ground
from tests.training.conftest import DATA, REASON, SCRIPT

BEGINS_ANEW = JobImage(f"registry/x@sha256:{'a' * 64}", {"auc": "auc=(.*)"})
GPU = JobImage(f"registry/x@sha256:{'a' * 64}", accelerator="gpu")
BUILT_IN = JobImage("registry/xgboost:1.7-1", is_built_in=True)
RULE = DebuggerRule(rule="Overfit", image=BUILT_IN, not_isolated=REASON)
ETA = {"eta": ContinuousRange(0.1, 0.3)}


def train(**arguments: Any) -> TrainingStep:
    return TrainingStep("Train", **{"image": IMAGE, "inputs": DATA, "spot": False, **arguments})


def tune(**arguments: Any) -> TuningStep:
    return TuningStep("Tune", **{"image": IMAGE, "inputs": DATA, "objective": "auc", "ranges": ETA, **arguments})


TPU = JobImage(f"registry/x@sha256:{'a' * 64}", accelerator="tpu")
BAD: list[tuple[TrainingStep | TuningStep, str]] = [
    (
        train(image=TPU),
        "step 'Train' runs an image for machines with 'tpu'. Use one of gpu, neuron, or leave accelerator out.",
    ),
    # Channels.
    (
        train(inputs={"a b": "s3://a/b"}),
        "channel 'a b' of step 'Train' has no name of a channel. Use up to 64 letters",
    ),
    (
        train(inputs={"train": Channel(source="s3://a/b", gzip=True)}),
        "channel 'train' of step 'Train' has gzip in mode File. SageMaker does so in mode Pipe only.",
    ),
    (
        train(inputs={"train": Channel(source="s3://a/b", record_io=True)}, input_mode=InputMode.FAST_FILE),
        "channel 'train' of step 'Train' has record_io in mode FastFile.",
    ),
    (
        train(inputs={"train": Channel(source="s3://a/b", sharded=True)}),
        "channel 'train' of step 'Train' is sharded over one machine. Leave sharded out, or use more machines.",
    ),
    (train(inputs={f"c{i}": "s3://a/b" for i in range(21)}), "step 'Train' has 21 channels. SageMaker allows 20."),
    (
        train(hyperparameters={f"h{i}": i for i in range(101)}),
        "step 'Train' has 101 hyperparameters. SageMaker allows 100.",
    ),
    # Scripts.
    (
        train(script=TrainingScript(entry_point="../train.py", source="s3://a/b")),
        "step 'Train' has the entry point '../train.py'. Name a .py or .sh file by its path in the source.",
    ),
    (
        train(script=TrainingScript(entry_point="train.py", source="s3://a/b", archive="code.zip")),
        "step 'Train' has the archive 'code.zip'. Name a .tar.gz file in the folder of the source.",
    ),
    (
        train(script=SCRIPT, inputs={"code": "s3://a/b"}),
        "step 'Train' has a script and a channel named 'code'. Name the channel otherwise.",
    ),
    (
        train(script=SCRIPT, spot=True),
        "step 'Train' uses Spot machines with an image that begins anew when one is taken back.",
    ),
    # Machines.
    (train(instance_type="m5.xlarge"), "step 'Train' has the instance type 'm5.xlarge'. Write it with ml."),
    (
        train(instance_type=PipelineParameter("Type", "xlarge")),
        "step 'Train' has the instance type 'xlarge'. Write it with ml.",
    ),
    (
        train(instance_type="ml.inf2.xlarge"),
        "step 'Train' has the instance type 'ml.inf2.xlarge', which SageMaker offers for serving only.",
    ),
    (
        train(instance_type="ml.p6-b200.48xlarge"),
        "step 'Train' has the instance type 'ml.p6-b200.48xlarge', whose disk takes no key: the guardrails of roles",
    ),
    (
        train(image=GPU),
        "step 'Train' runs an image for machines with GPUs of NVIDIA on ml.m5.xlarge. Use a type that has them",
    ),
    (
        train(spot=True, instance_type="ml.p6e-gb200.36xlarge"),
        "step 'Train' has the instance type 'ml.p6e-gb200.36xlarge'",
    ),
    (
        train(instance_type="ml.g5.xlarge", distribution=Distribution.torchrun(efa=True)),
        "step 'Train' uses Elastic Fabric Adapters, which ml.g5.xlarge has not. Use ml.g5.8xlarge or ml.g5.12xlarge",
    ),
    (
        train(distribution=Distribution.mpi(efa=True)),
        "step 'Train' uses Elastic Fabric Adapters, which ml.m5.xlarge has not. Use a type that has them",
    ),
    (
        train(instance_type="ml.p5.48xlarge", distribution=Distribution.data_parallel()),
        "step 'Train' uses SageMaker's data parallel library, which does not run on ml.p5.48xlarge.",
    ),
    (
        train(distribution=Distribution.model_parallel({})),
        "step 'Train' uses SageMaker's model parallel library, and ml.m5.xlarge has no GPU of NVIDIA.",
    ),
    # Kept machines.
    (
        train(keep_alive=cdk.Duration.hours(2)),
        "step 'Train' keeps its machines for 7200 seconds. Keep them up to one hour.",
    ),
    (
        train(keep_alive=cdk.Duration.minutes(5), spot=True),
        "step 'Train' keeps Spot machines. SageMaker keeps none: leave spot or keep_alive out.",
    ),
    (
        train(keep_alive=cdk.Duration.minutes(5), instance_groups=[InstanceGroup("a", "ml.m5.xlarge")]),
        "step 'Train' keeps machines of several groups. SageMaker keeps none",
    ),
    # Groups.
    (
        train(inputs={"train": Channel(source="s3://a/b", instance_groups=["gpu"])}),
        "step 'Train' names the instance group 'gpu', which it has not.",
    ),
    (
        train(instance_groups=[InstanceGroup("a", "ml.m5.xlarge")] * 2),
        "step 'Train' has the instance groups ['a', 'a']. Use up to 5 with names of their own.",
    ),
    (
        train(instance_groups=[InstanceGroup("a", "ml.m5.xlarge", 0)]),
        "step 'Train' has an instance group without machines. Give each one or more.",
    ),
    (
        train(image=BUILT_IN, instance_groups=[InstanceGroup("a", "ml.m5.xlarge")]),
        "step 'Train' runs an algorithm of AWS on several groups of machines.",
    ),
    (
        train(instance_groups=[InstanceGroup("a", "ml.m5.xlarge"), InstanceGroup("b", "ml.g5.xlarge")]),
        "step 'Train' mixes machines with disks of their host, which take no key, and machines with volumes.",
    ),
    (
        train(instance_groups=[InstanceGroup("a", "ml.m5.xlarge")], distribution=Distribution.mpi()),
        "step 'Train' is distributed over several groups of machines. Name one: distribution.on('...').",
    ),
    # Watching.
    (
        train(profiler=ProfilerConfig(interval_milliseconds=300)),
        "step 'Train' is profiled every 300 milliseconds. Use one of 100, 200, 500, 1000, 5000, 60000.",
    ),
    (train(debugger_rules=[RULE] * 21), "step 'Train' has 21 rules. SageMaker allows 20."),
    # Tuning.
    (tune(objective="rmse"), "step 'Tune' looks for the best 'rmse', which its jobs do not emit. Use one of 'auc'"),
    (tune(ranges={}), "step 'Tune' tries nothing. Give it ranges"),
    (
        tune(ranges={f"r{i}": IntegerRange(1, 2) for i in range(31)}),
        "step 'Tune' has 31 IntegerParameterRanges. SageMaker allows 30.",
    ),
    (
        tune(ranges={"eta": ContinuousRange(0.3, 0.1)}),
        "the range of 'eta' in step 'Tune' goes from 0.3 to 0.1. Make the minimum smaller than the maximum.",
    ),
    (
        tune(ranges={"eta": ContinuousRange(0, 0.1, RangeScaling.LOGARITHMIC)}),
        "the range of 'eta' in step 'Tune' is logarithmic from 0. Begin above 0, or use another scale.",
    ),
    (
        tune(ranges={"n": IntegerRange(0, 9, RangeScaling.REVERSE_LOGARITHMIC)}),
        "the range of 'n' in step 'Tune' is reverse logarithmic from 0 to 9. Stay from 0 to below 1, or use another",
    ),
    (
        tune(ranges={"kind": CategoricalRange(["a", "a"])}),
        "the range of 'kind' in step 'Tune' has the values ['a', 'a']. Give 1 to 30, none twice.",
    ),
    (tune(hyperparameters={"eta": 0.1}), "step 'Tune' both fixes and tries 'eta'. Leave it out of one of them."),
    (
        tune(strategy=TuningStrategy.hyperband(min_resource=9, max_resource=1)),
        "step 'Tune' gives its jobs 9 to 1 epochs. Give at least one, and more at most than at least.",
    ),
    (
        tune(strategy=TuningStrategy.hyperband(min_resource=1, max_resource=9), early_stopping=True),
        "step 'Tune' stops jobs early beside Hyperband, which does so itself. Leave early_stopping out.",
    ),
    (tune(strategy=TuningStrategy.grid()), "step 'Tune' tries a grid of ranges. Use CategoricalRange for all"),
    (
        tune(strategy=TuningStrategy.grid(), ranges={"a": CategoricalRange([1, 2])}, max_jobs=3),
        "step 'Tune' has 2 combinations and max_jobs 3. Leave max_jobs out.",
    ),
    (
        tune(max_jobs=2, max_parallel_jobs=3),
        "step 'Tune' runs 3 jobs at a time of 2. Use one or more, and no more than max_jobs.",
    ),
    (tune(max_jobs=0), "step 'Tune' runs 2 jobs at a time of 0."),
    (
        tune(max_tuning_runtime=cdk.Duration.minutes(1)),
        "step 'Tune' may tune for 60 seconds. Use two minutes to half a year.",
    ),
    (
        train(spot=True, max_runtime=cdk.Duration.seconds(cdk.Token.as_number({"Ref": "Seconds"}))),
        "step 'Train' has a max_runtime that is a token. Give max_wait as well.",
    ),
    (tune(max_wait=cdk.Duration.hours(2)), "step 'Tune' waits without Spot machines. Leave max_wait out."),
]


@pytest.fixture(scope="module")
def bad_ground() -> Any:
    return ground(cdk.App(), "Stack", env=cdk.Environment(region="eu-west-1"))


@pytest.mark.parametrize(("step", "message"), BAD, ids=[message[:60] for _, message in BAD])
def test_bad_input_names_the_step_and_the_fix(bad_ground: Any, step: TrainingStep, message: str) -> None:
    name = f"Pipeline{next(i for i, each in enumerate(BAD) if each[0] is step)}"
    with pytest.raises(ConstructError, match=re.escape(f"[Stack/{name}] {message}")):
        bad_ground.pipeline(name, steps=[step])
    assert bad_ground.stack.node.try_find_child(name) is None


def test_several_machines_need_a_way_to_each_other(bad_ground: Any) -> None:
    alone = JobEnvironment(vpc=bad_ground.environment.vpc, encryption_key=bad_ground.environment.encryption_key)
    message = (
        "step 'Train' has 2 machines, which do not reach each other. Use one, or give the JobEnvironment a Cluster"
    )
    with pytest.raises(ConstructError, match=re.escape(message)):
        bad_ground.pipeline("Alone", steps=[train(instance_count=2)], environment=alone)


def test_a_tuning_has_one_metric(bad_ground: Any) -> None:
    step = tune()
    weak = FailStep("No", message="no")
    decide = ConditionStep("Decide", conditions=[step.metric("loss").at_most(1)], else_steps=[weak])
    with pytest.raises(
        ConstructError, match=r"reads metric 'loss', which step 'Tune' does not emit\. Use one of 'auc'"
    ):
        bad_ground.pipeline("OneMetric", steps=[step, decide])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda s: JobImage.scikit_learn(s, version="1"), "scikit-learn has no version '1'. Write it as in '1.2-1'."),
        (
            lambda s: JobImage.deep_learning(s, repository="pytorch-training", digest="2.5-gpu"),
            "digest '2.5-gpu' is none. Write sha256: and 64 hexadecimal digits",
        ),
        (
            lambda s: JobImage.scikit_learn(cdk.Stack(s, "Far", env=cdk.Environment(region="mars-1"))),
            "AWS publishes no image of scikit-learn in region 'mars-1'. Use an image of your own by its digest, "
            "or extend algorithms.toml.",
        ),
        (
            lambda s: DebuggerRule.built_in(
                cdk.Stack(s, "Debug", env=cdk.Environment(region="mars-1")), "Overfit", not_isolated=REASON
            ),
            "AWS publishes no image of SageMaker Debugger in region 'mars-1'.",
        ),
    ],
)
def test_an_image_that_aws_has_not_is_refused(bad_ground: Any, make: Any, message: str) -> None:
    with pytest.raises(ConstructError, match=re.escape(message)):
        make(bad_ground.stack)


def test_an_image_without_a_checkpoint_uses_no_spot_machines() -> None:
    assert TrainingStep("Train", image=BEGINS_ANEW, inputs=DATA).uses_spot is False
