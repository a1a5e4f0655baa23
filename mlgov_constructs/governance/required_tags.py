"""The tags that everything must carry, declared once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from aws_cdk import Tags
from aws_cdk import aws_config as config
from constructs import Construct

from mlgov_constructs.argument_types import checked_arguments
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.governance.organization_policies import TAGGED, Document, except_roles
from mlgov_constructs.identity.sagemaker_guardrails import deny

KEY = re.compile(r"(?!aws:)[\w.:/=+\-@ ]{1,128}", re.ASCII)
VALUE = re.compile(r"[\w.:/=+\-@ ]{1,256}", re.ASCII)
# CloudFormation replaces a Studio domain when its tags change.
NEVER_TAGGED = ("AWS::SageMaker::Domain",)
TAGS_OF_A_RULE = 6  # that the rule of AWS Config takes


@checked_arguments
class RequiredTags:
    """What tags everything must carry, and which values they may have.

    One declaration gives what each service needs to hold to it:

    * :meth:`apply` tags an app, a stack or a construct, never a Studio domain, and refuses other values;
    * :attr:`tag_options` gives people who launch a product the values to choose from (``MlPortfolio``);
    * :meth:`add_config_rules` finds what carries no tag (AWS Config);
    * :meth:`tag_policy` and :meth:`service_control_policy` hold the accounts of an organization to it;
      ``RequiredTagPolicies`` attaches them.

    Args:
        allowed_values: The key of each tag, with the values that it may have; any, but some, when empty.

    Raises:
        ValueError: There is no tag, or a key or value is none.

    Source: https://docs.aws.amazon.com/whitepapers/latest/tagging-best-practices/tagging-best-practices.html

    Example:
        >>> required = RequiredTags({"owner": [], "cost-center": ["ml-0001", "ml-0002"]})
        >>> required.tag_options
        {'cost-center': ['ml-0001', 'ml-0002']}
    """

    def __init__(self, allowed_values: Mapping[str, Sequence[str]]) -> None:
        if not allowed_values:
            msg = "RequiredTags of no tag require nothing. Name one tag at least."
            raise ValueError(msg)
        for key, values in allowed_values.items():
            _check("key", key, KEY)
            for value in values:
                _check("value", value, VALUE)
        self.allowed_values: dict[str, list[str]] = {key: list(values) for key, values in allowed_values.items()}

    @property
    def tag_options(self) -> dict[str, list[str]]:
        """The tags with values to choose from, as ``MlPortfolio`` takes them."""
        return {key: values for key, values in self.allowed_values.items() if values}

    def apply(self, scope: Construct, values: Mapping[str, str]) -> None:
        """Tag everything below a construct, except Studio domains.

        A tag that a construct gave itself for access, such as its project's, outranks these.

        Args:
            scope: The app, stage, stack or construct.
            values: A value for each required tag.

        Raises:
            ConstructError: A tag is missing, is not declared, or may not have the value.
        """
        for key in self.allowed_values:
            if key not in values:
                raise ConstructError(scope, None, f"the required tag {key!r} has no value", "Give one.")
        for key, value in values.items():
            if key not in self.allowed_values:
                raise ConstructError(
                    scope,
                    None,
                    f"the tag {key!r} is not required",
                    f"Declare it, or use {', '.join(self.allowed_values)}.",
                )
            allowed = self.allowed_values[key]
            if not VALUE.fullmatch(value) or (allowed and value not in allowed):
                raise ConstructError(
                    scope,
                    None,
                    f"the tag {key!r} may not be {value!r}",
                    f"Use {', '.join(allowed)}." if allowed else "Use letters, digits, spaces and _.:/=+-@.",
                )
        tags = Tags.of(scope)
        for key, value in values.items():
            tags.add(key, value, exclude_resource_types=list(NEVER_TAGGED))

    def add_config_rules(
        self, scope: Construct, construct_id: str, *, resource_types: Sequence[str] = ()
    ) -> list[config.CfnConfigRule]:
        """Add the rules of AWS Config that find what lacks a tag or has another value.

        The account must have a configuration recorder. ``required-tags`` knows buckets, load balancers,
        instances and the like, and no resource of SageMaker: those are held by the service control policy
        and by MLG-CST-06.

        Args:
            scope: The stack.
            construct_id: What the ids of the rules begin with.
            resource_types: The only types to look at; all that ``required-tags`` knows when empty.

        Returns:
            One rule for every six tags.
        """
        return [
            config.CfnConfigRule(
                scope,
                f"{construct_id}{number}",
                description=f"Required tags: {', '.join(key for key, _ in tags)}",
                source={"owner": "AWS", "sourceIdentifier": "REQUIRED_TAGS"},
                input_parameters=dict(_parameters(tags)),
                scope={"complianceResourceTypes": list(resource_types)} if resource_types else None,
            )
            for number, tags in enumerate(_groups(list(self.allowed_values.items()), TAGS_OF_A_RULE))
        ]

    def tag_policy(self, *, enforced_for: Sequence[str] = ()) -> Document:
        """Return the tag policy of AWS Organizations: how keys are written, and what values they have.

        Args:
            enforced_for: Resource types whose tags are refused when they have other values, as in
                ``s3:bucket``; elsewhere AWS reports them. Tags that are missing are never refused by a tag policy.
        """
        return {
            "tags": {
                key: {
                    "tag_key": {"@@assign": key},
                    **({"tag_value": {"@@assign": values}} if values else {}),
                    **({"enforced_for": {"@@assign": list(enforced_for)}} if values and enforced_for else {}),
                }
                for key, values in self.allowed_values.items()
            }
        }

    def service_control_policy(self, *, exempt_roles: Sequence[str] = ()) -> Document:
        """Return the policy that refuses models, endpoints, notebooks and jobs without these tags.

        Args:
            exempt_roles: ARN patterns of the roles that it does not hold, for emergencies.
        """
        statements = [
            except_roles(deny(f"OnlyWithTag{number}", TAGGED, _lacking(key, values)), exempt_roles)
            for number, (key, values) in enumerate(self.allowed_values.items())
        ]
        return {"Version": "2012-10-17", "Statement": statements}


def _lacking(key: str, values: Sequence[str]) -> dict[str, Any]:
    """The condition of a request without the tag; a negated comparison holds for what is missing too."""
    request = f"aws:RequestTag/{key}"
    return {"StringNotEquals": {request: list(values)}} if values else {"Null": {request: "true"}}


def _groups(tags: list[tuple[str, list[str]]], size: int) -> list[list[tuple[str, list[str]]]]:
    return [tags[start : start + size] for start in range(0, len(tags), size)]


def _parameters(tags: Sequence[tuple[str, list[str]]]) -> Iterator[tuple[str, str]]:
    for number, (key, values) in enumerate(tags, 1):
        yield f"tag{number}Key", key
        if values:
            yield f"tag{number}Value", ",".join(values)


def _check(noun: str, text: str, pattern: re.Pattern[str]) -> None:
    if not pattern.fullmatch(text):
        msg = f"{text!r} is no {noun} of a tag. Use letters, digits, spaces and _.:/=+-@, and no key of aws:."
        raise ValueError(msg)
