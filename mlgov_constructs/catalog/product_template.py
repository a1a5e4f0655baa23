"""The base of the templates that data scientists launch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import jsii
from aws_cdk import Aspects, CfnMapping, CfnOutput, CfnResource, CfnRule, CfnRuleAssertion, Fn, IAspect, TagManager
from aws_cdk import aws_servicecatalog as sc
from constructs import Construct, IConstruct

from mlgov_constructs.aws_tokens import aws_tokens
from mlgov_constructs.catalog.product_parameter import PROJECT, SIZE, ProductParameter, form_of
from mlgov_constructs.catalog.template_document import METADATA_KEY
from mlgov_constructs.controls import Relaxation, claim
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.identity import PROJECT_TAG
from mlgov_constructs.workspace import ParameterNames

CONSOLES = {
    "aws": {"Domain": "console.aws.amazon.com"},
    "aws-cn": {"Domain": "console.amazonaws.cn"},
    "aws-us-gov": {"Domain": "console.amazonaws-us-gov.com"},
}
# Above any that an app gives its tags: they are 100 by default.
HIGHEST_PRIORITY = 1_000_000


class ProductTemplate(sc.ProductStack):
    """A ``ProductStack`` that depends on nothing but its parameters and the workspace's.

    It refers to no other stack: where its resources land is read from SSM parameters when the
    product is launched, with the rights of the launch role. It has no asset (the CDK refuses
    one), so an account that a portfolio is shared with needs no access to a bootstrap bucket:
    Service Catalog keeps its own copy of the template. It says in its metadata which version of
    which product it is, and how the form of its parameters looks.

    A subclass creates the resources, and hands each one to :meth:`govern`.

    Args:
        scope: The stack of the product.
        construct_id: The id in that scope.
        product_id: What the version files call the product.
        version: The version, for example ``v1``.
        description: What is created, in one line.
        names: Where the workspace is written down.
        parameters: The fields of the form, in the order in which they are shown; one of them is
            ``Project``, as ``ProductParameter.project`` makes it.

    Raises:
        ConstructError: No parameter is the project, or two have one name.

    Source: https://docs.aws.amazon.com/servicecatalog/latest/adminguide/catalogs_products.html

    Example:
        ``NotebookTemplate`` is one.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        product_id: str,
        version: str,
        description: str,
        names: ParameterNames,
        parameters: Sequence[ProductParameter],
    ) -> None:
        found = [parameter.name for parameter in parameters]
        if PROJECT not in found or len(set(found)) < len(found):
            raise ConstructError(
                scope,
                construct_id,
                f"the parameters {', '.join(found)} lack {PROJECT}, or name one twice",
                f"Give each a name of its own, and begin with ProductParameter.{PROJECT.lower()}(...).",
            )
        super().__init__(scope, construct_id, analytics_reporting=False, description=description)
        self.names = names
        self._parameters = {parameter.name: parameter.declare(self) for parameter in parameters}
        self._consoles: CfnMapping | None = None
        self.project = self.text(PROJECT)
        self.template_options.metadata = {
            METADATA_KEY: {"product": product_id, "version": version},
            "AWS::CloudFormation::Interface": form_of(parameters),
        }

    def text(self, parameter: str) -> str:
        """Return the token of a parameter that is a text.

        Args:
            parameter: Its name.
        """
        return self._parameters[parameter].value_as_string

    def number(self, parameter: str) -> float:
        """Return the token of a parameter that is a number.

        Args:
            parameter: Its name.
        """
        return self._parameters[parameter].value_as_number

    def texts(self, parameter: str) -> list[str]:
        """Return the token of a parameter that is a list.

        Args:
            parameter: Its name.
        """
        return self._parameters[parameter].value_as_list

    def reference(self, name: str) -> str:
        """Return the reference to a parameter of the workspace, which CloudFormation replaces at launch.

        Args:
            name: Its name, from ``names``. The chosen project stands in it as ``${Project}``, as
                in ``names.job_role_arn("${Project}", JobType.TRAINING)``.
        """
        reference = ParameterNames.reference(name)
        return Fn.sub(reference) if "${" in name else reference

    def govern(
        self,
        resource: CfnResource,
        controls: Sequence[str],
        *,
        tags: Mapping[str, str] | None = None,
        tag_form: Literal["list", "map"] | None = "list",
        deviations: Mapping[str, Relaxation | None] | None = None,
    ) -> None:
        """Give a resource its project's tag and no tag of the app, and claim its controls.

        Tags of the app stay out: they would change what is published, and outrank the project.

        Args:
            resource: The resource.
            controls: The controls that it keeps.
            tags: More tags.
            tag_form: How its type takes tags: a list of keys and values, a map, or not at all.
            deviations: Control id to the relaxation that was given, or ``None``.
        """
        own = {**(tags or {}), PROJECT_TAG: self.project}
        if tag_form is not None:
            resource.add_property_override(
                "Tags", own if tag_form == "map" else [{"Key": key, "Value": value} for key, value in own.items()]
            )
            if tag_form == "map" and TagManager.of(resource):
                # A list replaces the tags of the app; a map would be merged into them.
                Aspects.of(resource).add(_NoTagsOfTheApp(), priority=HIGHEST_PRIORITY)
        claim(resource, controls, deviations)

    def limit_project(self, project: str, parameter: str, allowed: Sequence[str]) -> None:
        """Let a project choose only some values of a parameter, by a rule of the template.

        Args:
            project: The project.
            parameter: The parameter.
            allowed: The values that the project may choose.
        """
        CfnRule(
            self,
            f"{parameter}s{''.join(part.title() for part in project.split('-'))}",
            rule_condition=Fn.condition_equals(self.project, project),
            assertions=[
                CfnRuleAssertion(
                    assert_=Fn.condition_contains(list(allowed), self.text(parameter)),
                    assert_description=f"Project {project} may use: {', '.join(allowed)}",
                )
            ],
        )

    def instance_type(self, sizes: Mapping[str, str], project_sizes: Mapping[str, Sequence[str]] | None = None) -> str:
        """Return the token of the instance type of the size that is chosen.

        Args:
            sizes: Size to instance type, as ``ProductParameter.size`` offers them.
            project_sizes: The sizes that a project may choose, where it may not choose all.
        """
        for project, allowed in (project_sizes or {}).items():
            self.limit_project(project, SIZE, allowed)
        types = CfnMapping(self, "Sizes", mapping={name: {"InstanceType": it} for name, it in sizes.items()})
        return types.find_in_map(self.text(SIZE), "InstanceType")

    def output(self, name: str, value: str, description: str) -> None:
        """Show the user what comes next.

        Args:
            name: The name of the output.
            value: Its value.
            description: What the user does with it.
        """
        CfnOutput(self, name, value=value, description=description)

    def console_url(self, service: str, place: str) -> str:
        """Return the address of a place in the AWS console, in any partition.

        Args:
            service: The service, as it stands in the address: ``sagemaker``.
            place: What follows the region, for example ``#/notebook-instances/name``.
        """
        if self._consoles is None:
            self._consoles = CfnMapping(self, "Consoles", mapping=CONSOLES)
        tokens = aws_tokens()
        domain = self._consoles.find_in_map(tokens.partition, "Domain")
        return f"https://{tokens.region}.{domain}/{service}/home?region={tokens.region}{place}"


@jsii.implements(IAspect)
class _NoTagsOfTheApp:
    """Takes back the tags that the app has given a resource, after it gave them."""

    def visit(self, node: IConstruct) -> None:
        """Take them back."""
        if manager := TagManager.of(node):
            for key in manager.tag_values():
                manager.remove_tag(key, HIGHEST_PRIORITY)
