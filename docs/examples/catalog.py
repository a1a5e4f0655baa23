"""A portfolio from which data scientists provision hardened notebooks themselves.

Run it with `cdk synth -a "python docs/examples/catalog.py"`, and publish the version it holds
with `mlgov portfolio publish`.
"""

from pathlib import Path

from aws_cdk import App, Stack, Validations
from aws_cdk import aws_iam as iam

from mlgov_constructs.catalog import MlPortfolio, NotebookProduct, ProductHistory
from mlgov_constructs.controls import ControlRules
from mlgov_constructs.identity import DataScientistRole, JobEnvironment, JobRole, JobType, PermissionsBoundary
from mlgov_constructs.network import EndpointCompleteness, IsolatedVpc
from mlgov_constructs.protection import DataKey
from mlgov_constructs.workspace import NotebookLifecycle, ParameterNames, WorkspaceParameters

HISTORY = Path(__file__).parent / "catalog"

app = App()
Validations.of(app).add_plugins(ControlRules(), EndpointCompleteness())

foundation = Stack(app, "Foundation")
boundary = PermissionsBoundary(foundation, "Boundary")
key = DataKey(foundation, "Key")
vpc = IsolatedVpc(foundation, "Vpc", cidr="10.20.0.0/20")
environment = JobEnvironment(vpc=vpc, encryption_key=key)

workspace = Stack(app, "Workspace")
names = ParameterNames("/mlgov/example/workspace")
notebook_role = JobRole(
    workspace,
    "NotebookRole",
    job=JobType.NOTEBOOK,
    project="churn",
    environment=environment,
    permissions_boundary=boundary,
)
scientist = DataScientistRole(
    workspace,
    "DataScientist",
    project="churn",
    environment=environment,
    permissions_boundary=boundary,
    job_roles=[notebook_role],
)
WorkspaceParameters(
    workspace,
    "Parameters",
    names=names,
    vpc=vpc,
    encryption_key=key,
    lifecycle=NotebookLifecycle(workspace, "Lifecycle"),
    notebook_roles=[notebook_role],
)

catalog = Stack(app, "Catalog")
portfolio = MlPortfolio(
    catalog,
    "Portfolio",
    display_name="Machine learning",
    provider_name="ML platform",
    support_email="ml-platform@example.org",
    roles=[scientist],
    tag_options={"cost-center": ["4711", "4712"]},
)
portfolio.add_product(
    NotebookProduct(
        catalog,
        "Notebook",
        names=names,
        environment=environment,
        notebook_roles=[notebook_role],
        permissions_boundary=boundary,
        owner="ML platform",
        version="v1",
        history=ProductHistory.from_directory(HISTORY / "notebook"),
    )
)
iam.PermissionsBoundary.of(app).apply(boundary)

app.synth()
