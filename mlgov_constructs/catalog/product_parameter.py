"""One field of the form that a data scientist fills in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aws_cdk import CfnParameter
from constructs import Construct

PROJECT = "Project"
SIZE = "Size"
WORK = "Your work"
MACHINE = "Your machine"


@dataclass(frozen=True, slots=True)
class ProductParameter:
    """A parameter of a product, with what the form shows.

    Attributes:
        name: The name in the template.
        label: What stands beside the field.
        group: The heading under which it stands; fields of one heading stand in the order given.
        description: What the field is for, in a data scientist's words.
        type: The type of CloudFormation: ``String``, ``Number``, ``CommaDelimitedList``.
        default: What the field holds at first; the user must fill it in when omitted.
        allowed_values: The values to choose from.
        allowed_pattern: The regular expression that a value must match.
        constraint_description: What the user reads when the value does not match.
        min_value: The least number.
        max_value: The greatest number.
        max_length: The most characters.

    Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-cloudformation-interface.html

    Example:
        >>> ProductParameter("Size", "Size", MACHINE, "How large", allowed_values=["small"]).group
        'Your machine'
    """

    name: str
    label: str
    group: str
    description: str
    type: str = "String"
    default: str | float | None = None
    allowed_values: Sequence[str] = ()
    allowed_pattern: str | None = None
    constraint_description: str | None = None
    min_value: float | None = None
    max_value: float | None = None
    max_length: int | None = None

    @classmethod
    def project(cls, projects: Sequence[str]) -> ProductParameter:
        """Return the field in which a project is chosen; a single project is chosen beforehand.

        Args:
            projects: The projects that may be chosen.

        Example:
            >>> ProductParameter.project(["churn"]).default
            'churn'
        """
        return cls(
            PROJECT,
            "Project",
            WORK,
            "The project that you work for; it pays, and it decides which data you see",
            allowed_values=projects,
            default=projects[0] if len(projects) == 1 else None,
        )

    @classmethod
    def size(
        cls, sizes: Mapping[str, str], description: str | None = None, *, note: str | None = None
    ) -> ProductParameter:
        """Return the field in which the size of a machine is chosen; the first is chosen beforehand.

        Args:
            sizes: Size to instance type.
            description: What the field is for; the instance types when omitted.
            note: What stands after it.

        Example:
            >>> ProductParameter.size({"small": "ml.t3.medium"}).description
            'small: ml.t3.medium'
        """
        types = "; ".join(f"{name}: {instance_type}" for name, instance_type in sizes.items())
        told = ". ".join(text for text in (description or types, note) if text)
        return cls(SIZE, "Size", MACHINE, told, allowed_values=list(sizes), default=next(iter(sizes)))

    def declare(self, scope: Construct) -> CfnParameter:
        """Create the parameter in a template.

        Args:
            scope: The template.
        """
        return CfnParameter(
            scope,
            self.name,
            type=self.type,
            description=self.description,
            default=self.default,
            allowed_values=list(self.allowed_values) or None,
            allowed_pattern=self.allowed_pattern,
            constraint_description=self.constraint_description,
            min_value=self.min_value,
            max_value=self.max_value,
            max_length=self.max_length,
        )


def form_of(parameters: Sequence[ProductParameter]) -> dict[str, object]:
    """Return the form of parameters, as ``AWS::CloudFormation::Interface`` takes it.

    Args:
        parameters: The parameters, in the order in which they are shown.
    """
    groups: dict[str, list[str]] = {}
    for parameter in parameters:
        groups.setdefault(parameter.group, []).append(parameter.name)
    return {
        "ParameterGroups": [{"Label": {"default": label}, "Parameters": names} for label, names in groups.items()],
        "ParameterLabels": {parameter.name: {"default": parameter.label} for parameter in parameters},
    }
