"""Arguments of a wrong type are refused before anything is made of them."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, get_type_hints

import pytest
from aws_cdk import App, CfnParameter, Duration, Fn, Resource, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from constructs import Construct

from mlgov_constructs.argument_types import checked_arguments, checked_step, is_number_token
from mlgov_constructs.controls import Relaxation
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.network import IIsolatedVpc

PACKAGES = ("cost", "governance", "mlops", "mlops.lineage", "monitoring", "preparation", "serving", "steps", "training")
# What others derive from, and what steps make of themselves, with values of their own.
UNCHECKED = {
    "CheckStep",
    "Condition",
    "EndpointBase",
    "JobSettings",
    "JobStep",
    "LineageQuery",
    "Metric",
    "ParameterRange",
    "PipelineDefinition",
    "PipelineParameter",
    "PipelineStep",
    "PipelineValue",
    "StepOutput",
    "TunedMetric",
}


class Shade(StrEnum):
    LIGHT = "light"


@checked_arguments
class Thing(Resource):
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        key: kms.IKey,
        count: int = 1,
        share: float = 0.5,
        names: Sequence[str] = (),
        tags: Mapping[str, str] | None = None,
        shade: Shade = Shade.LIGHT,
        wait: Duration | None = None,
        topics: Iterable[sns.ITopic] = (),
        stops: bool = False,
        vpc: IIsolatedVpc | None = None,
        pairs: Sequence[tuple[str, int]] = (),
        relaxed: Relaxation | None = None,
        anything: Any = None,
    ) -> None:
        super().__init__(scope, construct_id)


@checked_arguments
@dataclass(frozen=True)
class Setting:
    name: str
    limits: tuple[int, ...] = ()


@checked_step
@dataclass(frozen=True)
class Step:
    wait: Duration


@pytest.fixture
def stack() -> Stack:
    return Stack(App(), "Stack")


@pytest.fixture
def key(stack: Stack) -> kms.IKey:
    return kms.Key.from_key_arn(stack, "Key", "arn:aws:kms:eu-west-1:111122223333:key/12345678")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"key": None}, "key is None. Give an IKey."),
        ({"key": "arn:aws:kms:..."}, "key is 'arn:aws:kms:...'. Give an IKey."),
        ({"count": "2"}, "count is '2'. Give a whole number."),
        ({"count": 2.5}, "count is 2.5. Give a whole number."),
        ({"count": True}, "count is True. Give a whole number."),
        ({"share": "half"}, "share is 'half'. Give a number."),
        ({"names": "churn"}, "names is 'churn'. Give a list of text."),
        ({"names": ["churn", 3]}, "names is ['churn', 3]. Give a list of text."),
        ({"names": {"churn": 1}}, "names is {'churn': 1}. Give a list of text."),
        ({"names": (name for name in "ab")}, "names is a generator. Give a list of text."),
        ({"tags": {"a": 1}}, "tags is {'a': 1}. Give a mapping from text to text, or leave it out."),
        ({"tags": ["a"]}, "tags is ['a']. Give a mapping from text to text, or leave it out."),
        ({"shade": "light"}, "shade is 'light'. Give a Shade."),
        ({"wait": 5}, "wait is 5. Give a Duration, or leave it out."),
        ({"topics": ["arn"]}, "topics is ['arn']. Give a list of ITopic."),
        ({"stops": "yes"}, "stops is 'yes'. Give True or False."),
        ({"relaxed": True}, "relaxed is True. Give a Relaxation, or leave it out."),
        ({"pairs": [("a", "b")]}, "pairs is [('a', 'b')]. Give a list of tuple."),
    ],
)
def test_wrong_type_is_refused(stack: Stack, key: kms.IKey, arguments: dict[str, Any], said: str) -> None:
    with pytest.raises(ConstructError) as error:
        Thing(stack, "Thing", **{"key": key, **arguments})
    assert str(error.value) == f"[Stack/Thing] {said}"
    assert stack.node.try_find_child("Thing") is None


def test_long_value_is_cut(stack: Stack) -> None:
    with pytest.raises(ConstructError, match=r"key is 'x{59}\.\.\.\. Give an IKey\."):
        Thing(stack, "Thing", key="x" * 100)  # type: ignore[arg-type]


def test_construct_of_another_kind_is_named(stack: Stack) -> None:
    group = iam.Group(stack, "Group")
    with pytest.raises(ConstructError, match=r"key is the Group Stack/Group\. Give an IKey\."):
        Thing(stack, "Thing", key=group)  # type: ignore[arg-type]


def test_plain_vpc_is_told_from_an_isolated_one(stack: Stack, key: kms.IKey) -> None:
    vpc = ec2.Vpc.from_vpc_attributes(stack, "Vpc", vpc_id="vpc-1", availability_zones=["a"])
    with pytest.raises(ConstructError, match=r"Give an IIsolatedVpc \(.*IsolatedVpc\.from_vpc.*\), or leave it out\."):
        Thing(stack, "Thing", key=key, vpc=vpc)  # type: ignore[arg-type]


def test_number_token_is_told_from_a_number(stack: Stack, key: kms.IKey) -> None:
    number = CfnParameter(stack, "Number", type="Number").value_as_number
    for arguments in ({"count": number}, {"share": number}, {"wait": Duration.seconds(number)}):
        with pytest.raises(ConstructError, match=f"{next(iter(arguments))} is a token, which only the deployment"):
            Thing(stack, "Thing", key=key, **arguments)
    with pytest.raises(ValueError, match="limits is a token"):
        Setting("a", (1, number))  # type: ignore[arg-type]
    # A product's form may say how long a job runs.
    assert Step(Duration.seconds(number)).wait.is_unresolved()
    assert is_number_token(number)
    assert not any(map(is_number_token, (0, -1e100, True, "3", None)))


def test_right_types_pass(stack: Stack, key: kms.IKey) -> None:
    topic = sns.Topic.from_topic_arn(stack, "Topic", Fn.import_value("topic"))
    made = Thing(
        stack,
        "Thing",
        key=kms.Key(stack, "OwnKey"),
        count=3,
        share=1,
        names=("a", Fn.ref("b")),
        tags={"a": Fn.import_value("tag")},
        wait=Duration.minutes(1),
        topics=(each for each in [topic, sns.Topic(stack, "Own")]),
        pairs=[("a", 1)],
        relaxed=Relaxation("A test of what is taken as it is"),
        anything=object(),
    )
    assert made.node.path == "Stack/Thing"


def test_half_made_construct_is_taken_out_of_the_tree(stack: Stack) -> None:
    @checked_arguments
    class Half(Resource):
        def __init__(self, scope: Construct, construct_id: str, *, fails: bool) -> None:
            super().__init__(scope, construct_id)
            sns.Topic(self, "Topic")
            if fails:
                raise ConstructError(self, None, "it is half", "Make it whole.")

    with pytest.raises(ConstructError, match="it is half"):
        Half(stack, "Half", fails=True)
    assert stack.node.try_find_child("Half") is None
    whole = Half(stack, "Half", fails=False)
    with pytest.raises(RuntimeError, match="already a Construct with name 'Half'"):
        Half(stack, "Half", fails=False)
    assert stack.node.try_find_child("Half") is whole


def test_unknown_and_missing_arguments_are_told_by_python(stack: Stack, key: kms.IKey) -> None:
    with pytest.raises(TypeError, match="unexpected keyword argument 'keys'"):
        Thing(stack, "Thing", key=key, keys=3)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="missing 1 required keyword-only argument: 'key'"):
        Thing(stack, "Thing")  # type: ignore[call-arg]


def test_scope_that_is_none_is_refused(key: kms.IKey) -> None:
    with pytest.raises(ValueError, match=r"^Thing: scope is None\. Give a Construct\.$"):
        Thing(None, "Thing", key=key)  # type: ignore[arg-type]


def test_settings_are_checked_too() -> None:
    with pytest.raises(ValueError, match=r"^Setting: name is 3\. Give a text\.$"):
        Setting(3)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"^Setting: limits is \(1, 'a'\)\. Give a list of whole number\.$"):
        Setting("a", (1, "a"))  # type: ignore[arg-type]
    assert dataclasses.replace(Setting("a"), limits=(1, 2)) == Setting("a", (1, 2))


@pytest.mark.parametrize("package", PACKAGES)
def test_public_classes_check_their_arguments(package: str) -> None:
    module = importlib.import_module(f"mlgov_constructs.{package}")
    classes = [
        each
        for name in module.__all__
        if inspect.isclass(each := getattr(module, name))
        and (issubclass(each, Construct) or dataclasses.is_dataclass(each))
        and name not in UNCHECKED
    ]
    assert classes
    for each in classes:
        assert hasattr(each.__init__, "__wrapped__"), f"{each.__name__} has no @checked_arguments"
        # Each name in its annotations is there when the program runs.
        assert get_type_hints(each if dataclasses.is_dataclass(each) else each.__init__)
