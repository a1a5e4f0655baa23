"""What a product template becomes for each choice that its form allows, as CloudFormation resolves it."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.templates import Template

Choice = dict[str, str]

#: What stands for a value that only an account knows.
ABSENT: Any = object()
PSEUDO = {
    "AWS::AccountId": "111122223333",
    "AWS::NoValue": ABSENT,
    "AWS::Partition": "aws",
    "AWS::Region": "eu-central-1",
    "AWS::StackName": "SC-111122223333-pp-abcdefghijklm",
    "AWS::URLSuffix": "amazonaws.com",
}
DYNAMIC = re.compile(r"\{\{resolve:ssm:([^}]+)\}\}")
VARIABLE = re.compile(r"\$\{([^!}]+)\}")
#: The values of the workspace, by the end of the parameter's name.
WORKSPACE = {
    "arn": "arn:aws:iam::111122223333:role/role",
    "key-arn": "arn:aws:kms:eu-central-1:111122223333:key/11111111-2222-3333-4444-555555555555",
    "alarm-topic-arn": "arn:aws:sns:eu-central-1:111122223333:alarms",
    "security-group-id": "sg-0abc1234",
    "studio-domain-id": "d-abcdefghijkl",
    "subnet-id": "subnet-0abc1234",
    "subnet-id-2": "subnet-0abc5678",
}


def choices(template: Template, values: Mapping[str, list[str]]) -> Iterator[Choice]:
    """Every choice that decides something, and every value of the other parameters once; those that rules forbid not.

    Args:
        template: The product template.
        values: The values to try for the parameters that list none.
    """
    parameters = template["Parameters"]
    tried = {name: _values(parameter, values.get(name)) for name, parameter in parameters.items()}
    deciding = _deciding(template)
    joint = {name: found if name in deciding else found[:1] for name, found in tried.items()}
    first = {name: found[0] for name, found in tried.items()}
    alone = ({**first, name: value} for name, found in tried.items() if name not in deciding for value in found[1:])
    together = (dict(zip(joint, chosen, strict=True)) for chosen in itertools.product(*joint.values()))
    for choice in itertools.chain(together, alone):
        if Resolver(template, choice).is_allowed():
            yield choice


@dataclass(frozen=True)
class Resolver:
    """Resolves a template for one choice."""

    template: Template
    choice: Choice

    def is_allowed(self) -> bool:
        """Whether every rule of the template accepts the choice."""
        return all(
            not self.holds(rule.get("RuleCondition", {"Fn::Equals": ["", ""]})) or self.holds(assertion["Assert"])
            for rule in self.template.get("Rules", {}).values()
            for assertion in rule["Assertions"]
        )

    def resources(self) -> dict[str, tuple[str, Any]]:
        """The type and the properties of each resource that exists."""
        return {
            name: (resource["Type"], self.value(resource.get("Properties", {})))
            for name, resource in self.template["Resources"].items()
            if "Condition" not in resource or self.holds({"Condition": resource["Condition"]})
        }

    def holds(self, expression: Any) -> bool:
        """Whether a condition holds."""
        ((function, argument),) = expression.items()
        if function == "Condition":
            return self.holds(self.template["Conditions"][argument])
        if function == "Fn::Not":
            return not self.holds(argument[0])
        if function in ("Fn::And", "Fn::Or"):
            return (all if function == "Fn::And" else any)(self.holds(each) for each in argument)
        if function == "Fn::Contains":
            return self._text(argument[1]) in [self._text(each) for each in argument[0]]
        assert function == "Fn::Equals", function
        return self._text(argument[0]) == self._text(argument[1])

    def value(self, value: Any) -> Any:
        """A value without intrinsic functions."""
        if isinstance(value, list):
            return [found for each in value if (found := self.value(each)) is not ABSENT]
        if isinstance(value, str):
            return DYNAMIC.sub(lambda found: _of_workspace(found[1]), value)
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            ((function, argument),) = value.items()
            if function == "Ref" or function.startswith("Fn::"):
                return self._call(function, argument)
        return {key: found for key, each in value.items() if (found := self.value(each)) is not ABSENT}

    def _call(self, function: str, argument: Any) -> Any:
        if function == "Ref":
            return self._named(argument)
        if function == "Fn::GetAtt":
            return f"arn:aws:any:eu-central-1:111122223333:{argument[0]}" if argument[1] == "Arn" else argument[0]
        if function == "Fn::If":
            return self.value(argument[1 if self.holds({"Condition": argument[0]}) else 2])
        if function == "Fn::FindInMap":
            table, first, second = map(self._text, argument)
            return self.template["Mappings"][table][first][second]
        if function == "Fn::Select":
            return self.value(argument[1])[int(argument[0])]
        if function == "Fn::Split":
            return self._text(argument[1]).split(argument[0])
        if function == "Fn::Join":
            return argument[0].join(self._text(each) for each in self.value(argument[1]))
        assert function == "Fn::Sub", function
        text, own = (argument, {}) if isinstance(argument, str) else (argument[0], self.value(argument[1]))
        return self.value(VARIABLE.sub(lambda found: str(own.get(found[1], self._named(found[1]))), text))

    def _named(self, name: str) -> Any:
        if name in self.choice:
            return self.choice[name]
        return PSEUDO.get(name, name)

    def _text(self, value: Any) -> str:
        found = self.value(value)
        return found if isinstance(found, str) else json.dumps(found)


def _values(parameter: Mapping[str, Any], given: list[str] | None) -> list[str]:
    if given is not None:
        return given
    if "AllowedValues" in parameter:
        return [str(value) for value in parameter["AllowedValues"]]
    if parameter["Type"].startswith("AWS::SSM::"):
        return [_of_workspace(parameter["Default"])]
    default = [str(parameter["Default"])] if "Default" in parameter else []
    limits = [str(parameter[limit]) for limit in ("MinValue", "MaxValue") if limit in parameter]
    return list(dict.fromkeys([*default, *limits]))


def _deciding(template: Template) -> set[str]:
    """The parameters that conditions and rules read."""
    text = json.dumps([template.get("Conditions", {}), template.get("Rules", {})])
    return {name for name in template["Parameters"] if f'{{"Ref": "{name}"}}' in text}


def _of_workspace(name: str) -> str:
    last = name.rsplit("/", 1)[-1]
    return WORKSPACE.get(last) or (WORKSPACE["arn"] if last.endswith("-arn") else last)
