"""Studio for one project: a domain, a person with a private space, a shared space, an own image.

Run it with `cdk synth -a "python docs/examples/studio.py"`.
"""

from pathlib import Path

from aws_cdk import App, Duration, Size, Stack, Validations
from aws_cdk import aws_iam as iam

from mlgov_constructs.controls import ControlRules
from mlgov_constructs.identity import DataScientistRole, JobEnvironment, JobRole, JobType, PermissionsBoundary
from mlgov_constructs.network import EndpointCompleteness, IsolatedVpc
from mlgov_constructs.protection import DataKey, GovernedBucket, LogArchive
from mlgov_constructs.workspace import (
    DomainFingerprint,
    ImageRepository,
    StudioApp,
    StudioDomain,
    StudioImage,
    StudioLifecycle,
    StudioSpace,
    StudioTeardown,
    UserProfile,
)

PROJECT = "churn"
FINGERPRINTS = Path(__file__).parent / "studio"
# What the registry answered when the image was pushed.
DIGEST = "sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"

app = App()
Validations.of(app).add_plugins(ControlRules(), EndpointCompleteness())
stack = Stack(app, "Studio")

boundary = PermissionsBoundary(stack, "Boundary", additional_actions=StudioTeardown.BOUNDARY_ACTIONS)
iam.PermissionsBoundary.of(stack).apply(boundary)
key = DataKey(stack, "Key", alias="mlgov/churn-studio")
vpc = IsolatedVpc(stack, "Vpc", cidr="10.30.0.0/20")
environment = JobEnvironment(vpc=vpc, encryption_key=key)
logs = LogArchive(stack, "Logs", encryption_key=key)
data = GovernedBucket(stack, "Data", encryption_key=key, access_log_bucket=logs.access_log_bucket)

training = JobRole(
    stack,
    "TrainingRole",
    job=JobType.TRAINING,
    project=PROJECT,
    environment=environment,
    permissions_boundary=boundary,
)
role = JobRole(
    stack,
    "StudioRole",
    job=JobType.STUDIO,
    project=PROJECT,
    environment=environment,
    permissions_boundary=boundary,
)
role.grant_project_data(data)
role.grant_run_jobs(environment, [training])

image = StudioImage(
    stack,
    "Image",
    repository=ImageRepository(stack, "Images", encryption_key=key),
    digest=DIGEST,
    description="Python 3.12 with the packages of the churn project",
    project=PROJECT,
    permissions_boundary=boundary,
    image_name="churn-python",
)
domain = StudioDomain(
    stack,
    "Domain",
    vpc=vpc,
    encryption_key=key,
    permissions_boundary=boundary,
    domain_name="churn",
    fingerprint=DomainFingerprint.from_directory(FINGERPRINTS, "churn"),
    space_role=role,
    idle_shutdown=Duration.hours(1),
    longest_idle=Duration.hours(8),
    maximum_volume_size=Size.gibibytes(200),
    lifecycles=[
        StudioLifecycle(stack, "Lifecycle", app=StudioApp.JUPYTER_LAB, script="git config --global pull.ff only")
    ],
    images=[image],
)
ana = UserProfile(stack, "Ana", domain=domain, user_profile_name="ana", role=role, user="ana@example.com")
StudioSpace(stack, "AnasSpace", owner=ana, space_name="ana-work", volume_size=Size.gibibytes(50))
StudioSpace(stack, "Together", owner=ana, space_name="churn-together", shared=True).grant_use(role)

# She opens the profile that carries the name of her session, and no other.
DataScientistRole(
    stack,
    "DataScientist",
    project=PROJECT,
    environment=environment,
    permissions_boundary=boundary,
    job_roles=[training, role],
)

app.synth()
