"""Features of one project: their history in a governed bucket, and the latest values online.

Run it with `cdk synth -a "python docs/examples/preparation.py"`.
"""

from aws_cdk import App, Duration, Stack, Validations
from aws_cdk import aws_iam as iam

from mlgov_constructs.controls import ControlRules
from mlgov_constructs.identity import JobEnvironment, JobRole, JobType, PermissionsBoundary
from mlgov_constructs.network import EndpointCompleteness, EndpointService, IsolatedVpc
from mlgov_constructs.preparation import Feature, FeatureDatabase, FeatureGroup, OnlineStore
from mlgov_constructs.protection import DataKey, GovernedBucket, LogArchive

app = App()
Validations.of(app).add_plugins(ControlRules(), EndpointCompleteness())
stack = Stack(app, "Preparation")

boundary = PermissionsBoundary(stack, "Boundary")
iam.PermissionsBoundary.of(stack).apply(boundary)
key = DataKey(stack, "Key", alias="mlgov/churn")
vpc = IsolatedVpc(stack, "Vpc", cidr="10.20.0.0/20")
environment = JobEnvironment(vpc=vpc, encryption_key=key)
logs = LogArchive(stack, "Logs", encryption_key=key)

store = JobRole(stack, "StoreRole", job=JobType.FEATURE_STORE, project="churn", permissions_boundary=boundary)
curated = GovernedBucket(
    stack,
    "Curated",
    encryption_key=key,
    access_log_bucket=logs.access_log_bucket,
    vpc_endpoints=[vpc.require(EndpointService.S3, by=stack)],
    # Feature Store writes from its own network, under this role.
    administrators=[store],
)
database = FeatureDatabase(stack, "Database", project="churn", bucket=curated)

customers = FeatureGroup(
    stack,
    "Customers",
    features=[
        Feature.string("customer_id"),
        Feature.string("event_time"),
        Feature.integral("orders"),
        Feature.fractional("amount"),
    ],
    record_identifier="customer_id",
    event_time="event_time",
    database=database,
    bucket=curated,
    role=store,
    vpc=vpc,
    encryption_key=key,
    online_store=OnlineStore(time_to_live=Duration.days(30)),
    description="Orders of a customer in the last 30 days",
)

processing, training, hosting = (
    JobRole(
        stack,
        f"{job.value.capitalize()}Role",
        job=job,
        project="churn",
        environment=environment,
        permissions_boundary=boundary,
    )
    for job in (JobType.PROCESSING, JobType.TRAINING, JobType.HOSTING)
)
customers.grant_ingest(processing)
customers.grant_read_offline(training)
customers.grant_read_online(hosting)

app.synth()
