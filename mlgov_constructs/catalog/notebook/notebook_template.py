"""The CloudFormation template that a data scientist launches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aws_cdk import CfnCondition, Fn, Token
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from mlgov_constructs.catalog.product_parameter import MACHINE, WORK, ProductParameter
from mlgov_constructs.catalog.product_template import ProductTemplate
from mlgov_constructs.workspace import ParameterNames
from mlgov_constructs.workspace.notebook_properties import CONTROLS, SMALLEST_GIB, notebook_properties

DEFAULT_GIB = 20
REPOSITORY_PATTERN = r"^$|^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$|^https://git-codecommit[.-].*$"


class NotebookTemplate(ProductTemplate):
    """A template with one hardened notebook instance.

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
            scope,
            construct_id,
            product_id=product_id,
            version=version,
            description="A notebook instance in the isolated network",
            names=names,
            parameters=_parameters(projects, sizes, largest_volume_gib),
        )
        repository = self.text("CodeRepository")
        has_repository = CfnCondition(
            self, "HasRepository", expression=Fn.condition_not(Fn.condition_equals(repository, ""))
        )
        notebook = sagemaker.CfnNotebookInstance(
            self,
            "Notebook",
            **notebook_properties(
                project=self.project,
                role_arn=self.reference(names.notebook_role_arn("${Project}")),
                kms_key_id=self.reference(names.key_arn),
                subnet_id=self.reference(names.subnet_id),
                security_group_ids=[self.reference(names.security_group_id)],
                lifecycle_config_name=self.reference(names.lifecycle_config_name),
                instance_type=self.instance_type(sizes, project_sizes),
                volume_gib=self.number("VolumeInGB"),
                default_code_repository=Token.as_string(
                    Fn.condition_if(has_repository.logical_id, repository, Fn.ref("AWS::NoValue"))
                ),
            ),
        )
        self.govern(notebook, CONTROLS)
        name = notebook.attr_notebook_instance_name
        self.output("NotebookName", name, "The name of your notebook")
        self.output(
            "NotebookUrl", self.console_url("sagemaker", f"#/notebook-instances/{name}"), "Open your notebook here"
        )


def _parameters(
    projects: Sequence[str], sizes: Mapping[str, str], largest_volume_gib: int
) -> tuple[ProductParameter, ...]:
    return (
        ProductParameter.project(projects),
        ProductParameter(
            "CodeRepository",
            "Git repository",
            WORK,
            "Optional: a CodeCommit URL, or the name of a SageMaker code repository",
            default="",
            allowed_pattern=REPOSITORY_PATTERN,
            constraint_description="Give a CodeCommit URL or the name of a SageMaker code repository, or nothing",
        ),
        ProductParameter.size(sizes),
        ProductParameter(
            "VolumeInGB",
            "Volume in GB",
            MACHINE,
            f"Space for your files, {SMALLEST_GIB} to {largest_volume_gib} GB; it never shrinks",
            type="Number",
            min_value=SMALLEST_GIB,
            max_value=largest_volume_gib,
            default=min(DEFAULT_GIB, largest_volume_gib),
        ),
    )
