"""An image of one's own that Studio offers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from aws_cdk import Resource, Token
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from mlgov_constructs.aws_tokens import aws_tokens, service_principal
from mlgov_constructs.controls import claim
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.identity import PROJECT_TAG, GovernedRole
from mlgov_constructs.identity.project import set_own_tags
from mlgov_constructs.workspace.studio.studio_app import StudioApp

NAME = re.compile(r"(?=.{1,63}\Z)[a-zA-Z0-9]([-.]?[a-zA-Z0-9])*")
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


class StudioImage(Resource):
    """A container image of the governed repository, offered in Studio, pinned by its digest.

    It creates a ``AWS::SageMaker::Image`` with one version, the app image configuration that
    says how an app runs it, and a role by which SageMaker pulls from this repository alone.
    Give it to a :class:`StudioDomain`. A new digest makes a new version; spaces take it at the
    next start of their app.

    Controls: ``MLG-STU-12``, which covers Security Hub SageMaker.6 and .7.

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        repository: The repository, an :class:`ImageRepository` for example.
        digest: The image, as ``sha256:...``.
        description: What is in it; people read it when they choose.
        project: Whom it is for; it becomes a tag.
        permissions_boundary: The ceiling of the role.
        image_name: The name that people see, up to 63 letters, digits, dots and hyphens.
        app: The kind of app that runs it, JupyterLab by default.
        environment: Environment variables of the container.

    Raises:
        ConstructError: A name or the digest has another form.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/studio-updated-byoi.html

    Cost: none beside the storage of the repository.

    Example:
        ``docs/examples/studio.py`` is a complete app.
    """

    CONTROLS: ClassVar[tuple[str, ...]] = ("MLG-STU-12",)

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        repository: ecr.IRepository,
        digest: str,
        description: str,
        project: str,
        permissions_boundary: iam.IManagedPolicy,
        image_name: str,
        app: StudioApp = StudioApp.JUPYTER_LAB,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        if not Token.is_unresolved(image_name) and not NAME.fullmatch(image_name):
            raise ConstructError(
                scope,
                construct_id,
                f"image_name {image_name!r} is no name that SageMaker takes",
                "Use up to 63 letters, digits, single dots and single hyphens.",
            )
        if not Token.is_unresolved(digest) and not DIGEST.fullmatch(digest):
            raise ConstructError(
                scope,
                construct_id,
                f"digest {digest!r} does not pin an image",
                "Give what the registry answered to the push, as in sha256:0a1b...; a tag is not enough.",
            )
        super().__init__(scope, construct_id)
        role = GovernedRole(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal(
                service_principal("sagemaker"),
                conditions={"StringEquals": {"aws:SourceAccount": aws_tokens().account}},
            ),
            description=f"SageMaker pulls the Studio image {image_name}",
            permissions_boundary=permissions_boundary,
            statements=_pull(repository.repository_arn),
        )
        image = sagemaker.CfnImage(
            self,
            "Resource",
            image_name=image_name,
            image_description=description,
            image_role_arn=role.role_arn,
        )
        claim(image, self.CONTROLS)
        set_own_tags(image, {PROJECT_TAG: project})
        image.node.add_dependency(role.rights)
        version = sagemaker.CfnImageVersion(
            self,
            "Version",
            image_name=image_name,
            base_image=repository.repository_uri_for_digest(digest),
        )
        version.node.add_dependency(image)
        config_name = image_name.replace(".", "-")
        container: dict[str, Any] = {
            "containerEnvironmentVariables": [
                {"key": key, "value": value} for key, value in sorted((environment or {}).items())
            ]
        }
        kind = "jupyter_lab_app_image_config" if app is StudioApp.JUPYTER_LAB else "code_editor_app_image_config"
        settings: dict[str, Any] = {kind: {"containerConfig": container if environment else {}}}
        config = sagemaker.CfnAppImageConfig(self, "Config", app_image_config_name=config_name, **settings)
        claim(config, self.CONTROLS)
        set_own_tags(config, {PROJECT_TAG: project})
        self.app = app
        self.image_name = image_name
        self.app_image_config_name = config_name
        self.version = version


def _pull(repository_arn: str) -> list[dict[str, Any]]:
    return [
        {
            "Sid": "Pull",
            "Effect": "Allow",
            "Action": ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            "Resource": repository_arn,
        },
        # ECR knows no resource for it.
        {"Sid": "SignIn", "Effect": "Allow", "Action": "ecr:GetAuthorizationToken", "Resource": "*"},
    ]
