"""Packages and code for the notebook of one project, in a network without a way out.

Run it with `cdk synth -a "python docs/examples/packages.py"`.
"""

from aws_cdk import App, Stack, Validations
from aws_cdk import aws_iam as iam

from mlgov_constructs.controls import ControlRules
from mlgov_constructs.identity import JobEnvironment, JobRole, JobType, PermissionsBoundary
from mlgov_constructs.network import EndpointCompleteness, IsolatedVpc
from mlgov_constructs.protection import DataKey
from mlgov_constructs.workspace import (
    CodeCommitRepository,
    CodeRepository,
    CodeSource,
    NotebookInstance,
    NotebookLifecycle,
    PackageRepository,
)

app = App()
Validations.of(app).add_plugins(ControlRules(), EndpointCompleteness())
stack = Stack(app, "Packages")

boundary = PermissionsBoundary(stack, "Boundary")
iam.PermissionsBoundary.of(stack).apply(boundary)
key = DataKey(stack, "Key", alias="mlgov/churn")
vpc = IsolatedVpc(stack, "Vpc", cidr="10.20.0.0/20")

packages = PackageRepository(
    stack,
    "PackageRepository",
    vpc=vpc,
    encryption_key=key,
    domain_name="mlgov-churn",
    allowed_packages=["numpy", "pandas", "python-dateutil", "pytz", "six", "tzdata", "types~"],
    own_packages=["mycompany~"],
)

repository = CodeCommitRepository(stack, "Repository", repository_name="churn", project="churn", encryption_key=key)
code = CodeRepository(stack, "Code", vpc=vpc, project="churn", source=CodeSource.code_commit(repository, key))

role = JobRole(
    stack,
    "NotebookRole",
    job=JobType.NOTEBOOK,
    project="churn",
    environment=JobEnvironment(vpc=vpc, encryption_key=key),
    permissions_boundary=boundary,
)
packages.grant_read(role)
code.grant_pull_push(role)

NotebookInstance(
    stack,
    "Notebook",
    vpc=vpc,
    encryption_key=key,
    role=role,
    lifecycle=NotebookLifecycle(stack, "Lifecycle", package_repository=packages),
    default_code_repository=code,
)

app.synth()
