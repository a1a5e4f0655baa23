"""The CloudFormation template that a data scientist launches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aws_cdk import CfnCondition, CfnMapping, CfnOutput, CfnParameter, CfnRule, CfnRuleAssertion, Fn, Token
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk import aws_servicecatalog as sc
from constructs import Construct

from mlgov_constructs.aws_tokens import aws_tokens
from mlgov_constructs.catalog.product_template import METADATA_KEY
from mlgov_constructs.controls import claim
from mlgov_constructs.identity import PROJECT_TAG
from mlgov_constructs.workspace import ParameterNames
from mlgov_constructs.workspace.notebook_properties import CONTROLS, SMALLEST_GIB, notebook_properties

CONSOLES = {
    "aws": {"Domain": "console.aws.amazon.com"},
    "aws-cn": {"Domain": "console.amazonaws.cn"},
    "aws-us-gov": {"Domain": "console.amazonaws-us-gov.com"},
}
DEFAULT_GIB = 20
REPOSITORY_PATTERN = r"^$|^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$|^https://git-codecommit[.-].*$"


class NotebookTemplate(sc.ProductStack):
    """A ``ProductStack`` with one hardened notebook instance.

    It refers to no other stack: where the notebook lands is read from SSM parameters when the
    product is launched, with the rights of the launch role. It has no asset, so an account that
    a portfolio is shared with needs no access to a bootstrap bucket: Service Catalog keeps its
    own copy of the template.

    Controls: ``MLG-WSP-01`` to ``MLG-WSP-08``, by the same code as ``NotebookInstance``.

    Args:
        scope: The stack of the product.
        construct_id: The id in that scope.
        product_id: What the version files call the product.
        version: The version, for example ``v1``.
        names: Where the workspace is written down.
        projects: The projects that may be chosen.
        sizes: The sizes that may be chosen, with their instance types; the first is the default.
        largest_volume_gib: The upper limit of the volume.
        project_sizes: The sizes that a project may choose, where it may not choose all.

    Example:
        ``NotebookProduct`` creates it.
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
        largest_volume_gib: int,
        project_sizes: Mapping[str, Sequence[str]],
    ) -> None:
        super().__init__(
            scope, construct_id, analytics_reporting=False, description="A notebook instance in the isolated network"
        )
        project, size, volume, repository = self._parameters(projects, sizes, largest_volume_gib)
        for owner, allowed in project_sizes.items():
            CfnRule(
                self,
                f"Sizes{''.join(part.title() for part in owner.split('-'))}",
                rule_condition=Fn.condition_equals(project, owner),
                assertions=[
                    CfnRuleAssertion(
                        assert_=Fn.condition_contains(list(allowed), size),
                        assert_description=f"Project {owner} may use: {', '.join(allowed)}",
                    )
                ],
            )
        instance_types = CfnMapping(self, "Sizes", mapping={name: {"InstanceType": it} for name, it in sizes.items()})
        consoles = CfnMapping(self, "Consoles", mapping=CONSOLES)
        has_repository = CfnCondition(
            self, "HasRepository", expression=Fn.condition_not(Fn.condition_equals(repository, ""))
        )
        notebook = sagemaker.CfnNotebookInstance(
            self,
            "Notebook",
            **notebook_properties(
                project=project,
                role_arn=Fn.sub(ParameterNames.reference(names.notebook_role_arn("${Project}"))),
                kms_key_id=ParameterNames.reference(names.key_arn),
                subnet_id=ParameterNames.reference(names.subnet_id),
                security_group_ids=[ParameterNames.reference(names.security_group_id)],
                lifecycle_config_name=ParameterNames.reference(names.lifecycle_config_name),
                instance_type=instance_types.find_in_map(size, "InstanceType"),
                volume_gib=volume,
                default_code_repository=Token.as_string(
                    Fn.condition_if(has_repository.logical_id, repository, Fn.ref("AWS::NoValue"))
                ),
            ),
        )
        # Tags of the app stay out: they would change what is published, and outrank the project.
        notebook.add_property_override("Tags", [{"Key": PROJECT_TAG, "Value": project}])
        claim(notebook, CONTROLS)
        tokens = aws_tokens()
        name = notebook.attr_notebook_instance_name
        domain = consoles.find_in_map(tokens.partition, "Domain")
        CfnOutput(self, "NotebookName", value=name, description="The name of your notebook")
        CfnOutput(
            self,
            "NotebookUrl",
            value=f"https://{tokens.region}.{domain}/sagemaker/home?region={tokens.region}#/notebook-instances/{name}",
            description="Open your notebook here",
        )
        self.template_options.metadata = {
            METADATA_KEY: {"product": product_id, "version": version},
            "AWS::CloudFormation::Interface": _FORM,
        }

    def _parameters(
        self, projects: Sequence[str], sizes: Mapping[str, str], largest_volume_gib: int
    ) -> tuple[str, str, float, str]:
        project = CfnParameter(
            self,
            "Project",
            description="The project that you work for; it pays, and it decides which data you see",
            allowed_values=list(projects),
            default=projects[0] if len(projects) == 1 else None,
        )
        size = CfnParameter(
            self,
            "Size",
            description="; ".join(f"{name}: {instance_type}" for name, instance_type in sizes.items()),
            allowed_values=list(sizes),
            default=next(iter(sizes)),
        )
        volume = CfnParameter(
            self,
            "VolumeInGB",
            type="Number",
            description=f"Space for your files, {SMALLEST_GIB} to {largest_volume_gib} GB; it never shrinks",
            min_value=SMALLEST_GIB,
            max_value=largest_volume_gib,
            default=min(DEFAULT_GIB, largest_volume_gib),
        )
        repository = CfnParameter(
            self,
            "CodeRepository",
            description="Optional: a CodeCommit URL, or the name of a SageMaker code repository",
            default="",
            allowed_pattern=REPOSITORY_PATTERN,
            constraint_description="Give a CodeCommit URL or the name of a SageMaker code repository, or nothing",
        )
        return project.value_as_string, size.value_as_string, volume.value_as_number, repository.value_as_string


_FORM = {
    "ParameterGroups": [
        {"Label": {"default": "Your work"}, "Parameters": ["Project", "CodeRepository"]},
        {"Label": {"default": "Your machine"}, "Parameters": ["Size", "VolumeInGB"]},
    ],
    "ParameterLabels": {
        "Project": {"default": "Project"},
        "CodeRepository": {"default": "Git repository"},
        "Size": {"default": "Size"},
        "VolumeInGB": {"default": "Volume in GB"},
    },
}
