"""Git without the internet, for the notebooks of a project."""

from __future__ import annotations

from aws_cdk import Resource
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from mlgov_constructs.identity import PROJECT_TAG
from mlgov_constructs.identity.grants import give
from mlgov_constructs.identity.project import check_project, set_own_tags
from mlgov_constructs.network import IIsolatedVpc
from mlgov_constructs.workspace.code_source import CodeSource


class CodeRepository(Resource):
    """A Git repository that notebooks open, reached through VPC endpoints.

    It creates a ``AWS::SageMaker::CodeRepository``, the name under which SageMaker knows the
    code, and requires the endpoints that Git needs. The role of the notebook is the credential;
    no password or token is stored.

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        vpc: The VPC whose notebooks use the code.
        project: The project.
        source: Where the code lies: ``CodeSource.code_commit(...)`` or ``CodeSource.connection(...)``.
        branch: The branch that SageMaker checks out, ``main`` by default.

    Raises:
        ConstructError: ``project`` is no project name, or the partition has no endpoint for the
            source.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/nbi-git-repo.html

    Cost:
        None of its own; an interface endpoint costs about 7.30 USD a month and zone: two of them
        for CodeCommit, one for CodeConnections.

    Example:
        ``docs/examples/packages.py`` is a complete app.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        vpc: IIsolatedVpc,
        project: str,
        source: CodeSource,
        branch: str = "main",
    ) -> None:
        check_project(scope, construct_id, project)
        super().__init__(scope, construct_id)
        for service in source.services:
            vpc.require(service, by=self)
        self.project = project
        self.source = source
        self.clone_url = source.clone_url
        resource = sagemaker.CfnCodeRepository(
            self,
            "Resource",
            git_config=sagemaker.CfnCodeRepository.GitConfigProperty(repository_url=self.clone_url, branch=branch),
        )
        set_own_tags(resource, {PROJECT_TAG: project})
        self._name = resource.attr_code_repository_name

    @property
    def code_repository_name(self) -> str:
        """The name that a notebook instance refers to."""
        return self._name

    def grant_pull(self, grantee: iam.IGrantable) -> None:
        """Let a principal clone and fetch.

        Args:
            grantee: The principal.
        """
        give(grantee, self.source.statements(push=False))

    def grant_pull_push(self, grantee: iam.IGrantable) -> None:
        """Let a principal clone, fetch and push.

        Args:
            grantee: The principal.
        """
        give(grantee, self.source.statements(push=True))
