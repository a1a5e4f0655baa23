"""Two personas of a project: who registers a model, and who approves it."""

from aws_cdk import App, Stack
from aws_cdk import aws_iam as iam

from mlgov_constructs.identity import JobEnvironment, JobRole, JobType, PermissionsBoundary, Persona, PersonaRole
from mlgov_constructs.network import IsolatedVpc
from mlgov_constructs.protection import DataKey, GovernedBucket

app = App()
stack = Stack(app, "Identity")
boundary = PermissionsBoundary(stack, "Boundary")
key = DataKey(stack, "Key")
# The roles that the network makes come under the boundary, too.
iam.PermissionsBoundary.of(stack).apply(boundary)
environment = JobEnvironment(vpc=IsolatedVpc(stack, "Vpc"), encryption_key=key)

hosting = JobRole(
    stack,
    "HostingRole",
    job=JobType.HOSTING,
    project="churn",
    permissions_boundary=boundary,
    environment=environment,
)
engineer = PersonaRole(
    stack,
    "MlEngineer",
    persona=Persona.ml_engineer("churn", environment, [hosting]),
    permissions_boundary=boundary,
)
PersonaRole(stack, "ModelApprover", persona=Persona.model_approver("churn"), permissions_boundary=boundary)
PersonaRole(stack, "Auditor", persona=Persona.auditor(), permissions_boundary=boundary)

models = GovernedBucket(stack, "Models", encryption_key=key)
hosting.grant_project_data(models)
engineer.grant_project_data(models, "churn")
app.synth()
