"""An account that another account shares its portfolio with: it imports the portfolio and launches its products.

Run it with `cdk synth -a "python docs/examples/spoke.py"`. The owner's product has
`launch_role_name="mlgov-launch-notebook"`, reads its workspace under `/mlgov/example/workspace`,
and tells this account the ids of portfolio and product.
"""

from aws_cdk import App, Environment, Stack, Validations
from aws_cdk import aws_iam as iam

from mlgov_constructs.catalog import ImportedPortfolio, MlPortfolio, NotebookLaunchRole
from mlgov_constructs.controls import ControlRules
from mlgov_constructs.identity import DataScientistRole, JobEnvironment, JobRole, JobType, PermissionsBoundary
from mlgov_constructs.network import EndpointCompleteness, IsolatedVpc
from mlgov_constructs.protection import DataKey
from mlgov_constructs.workspace import NotebookLifecycle, ParameterNames, WorkspaceParameters

OWNER, SPOKE = "111122223333", "444455556666"
PORTFOLIO, NOTEBOOK = "port-abcdefghijklm", "prod-abcdefghijklm"

app = App()
Validations.of(app).add_plugins(ControlRules(), EndpointCompleteness())
place = Environment(account=SPOKE, region="eu-west-1")

workspace = Stack(app, "Workspace", env=place)
boundary = PermissionsBoundary(workspace, "Boundary")
key = DataKey(workspace, "Key")
vpc = IsolatedVpc(workspace, "Vpc", cidr="10.40.0.0/20")
environment = JobEnvironment(vpc=vpc, encryption_key=key)
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
# The products read where they land under the prefix that the owner's templates name.
names = ParameterNames("/mlgov/example/workspace")
WorkspaceParameters(
    workspace,
    "Parameters",
    names=names,
    vpc=vpc,
    encryption_key=key,
    lifecycle=NotebookLifecycle(workspace, "Lifecycle"),
    notebook_roles=[notebook_role],
)

catalog = Stack(app, "Catalog", env=place)
# The owner's launch constraint names this role, and finds it in each account.
launch_role = NotebookLaunchRole(
    catalog,
    "NotebookLaunchRole",
    names=names,
    environment=environment,
    notebook_roles=[notebook_role],
    permissions_boundary=boundary,
    role_name="mlgov-launch-notebook",
)
shared = ImportedPortfolio(catalog, "Shared", portfolio_id=PORTFOLIO, owner_account=OWNER, product_ids=[NOTEBOOK])
# Opened as it is: whatever the owner adds arrives by itself.
shared.give_access_to_role(scientist)
# Or product by product, with tag options and principals of this account's own.
local = MlPortfolio(
    catalog,
    "Portfolio",
    display_name="Machine learning of the churn team",
    provider_name="Churn team",
    principal_patterns=["role/Churn-*"],
    tag_options={"cost-center": ["4711"]},
)
shared.add_to(local, NOTEBOOK, launch_role=launch_role)
iam.PermissionsBoundary.of(app).apply(boundary)

app.synth()
