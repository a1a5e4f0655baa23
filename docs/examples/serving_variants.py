"""The other ways to serve: many models, components that share instances, serverless, and a shadow test.

Run it with `cdk synth -a "python docs/examples/serving_variants.py"`.
"""

import datetime

from aws_cdk import App, Size, Stack, Validations
from aws_cdk import aws_iam as iam

from mlgov_constructs.aws_tokens import aws_tokens
from mlgov_constructs.controls import ControlRules, Relaxation
from mlgov_constructs.identity import JobEnvironment, JobRole, JobType, PermissionsBoundary
from mlgov_constructs.network import EndpointCompleteness, IsolatedVpc
from mlgov_constructs.protection import DataKey, EncryptedTopic, GovernedBucket, LogArchive
from mlgov_constructs.serving import (
    ComponentEndpoint,
    ComponentResources,
    ContainerImage,
    DataCapture,
    EndpointScaling,
    InferenceComponent,
    Model,
    ModelData,
    MultiModelEndpoint,
    ProvisionedConcurrency,
    RealTimeEndpoint,
    ServerlessEndpoint,
    ShadowTest,
)

IMAGE = f"registry.example.org/churn@sha256:{'ab' * 32}"

app = App()
Validations.of(app).add_plugins(ControlRules(), EndpointCompleteness())
stack = Stack(app, "ServingVariants")

boundary = PermissionsBoundary(stack, "Boundary")
iam.PermissionsBoundary.of(stack).apply(boundary)
key = DataKey(stack, "Key", alias="mlgov/churn-variants")
vpc = IsolatedVpc(stack, "Vpc", cidr="10.21.0.0/20")
environment = JobEnvironment(vpc=vpc, encryption_key=key)
logs = LogArchive(stack, "Logs", encryption_key=key)
data = GovernedBucket(stack, "Data", encryption_key=key, access_log_bucket=logs.access_log_bucket)
alarms = EncryptedTopic(stack, "Alarms", encryption_key=key, emails=["churn-team@example.org"])
alarms.allow_publish("cloudwatch")


def job_role(construct_id: str, job: JobType) -> JobRole:
    return JobRole(
        stack,
        construct_id,
        job=job,
        project="churn",
        environment=environment,
        permissions_boundary=boundary,
    )


hosting = job_role("HostingRole", JobType.HOSTING)
caller = job_role("Caller", JobType.LAMBDA)


def version(number: int) -> str:
    return aws_tokens().arn("sagemaker", f"model-package/churn/{number}")


# A model for each city behind one endpoint; the caller of Berlin asks for those of Berlin only.
cities = MultiModelEndpoint(
    stack,
    "Cities",
    model=Model(
        stack,
        "CityModels",
        vpc=vpc,
        role=hosting,
        image=ContainerImage.from_private_registry(IMAGE),
        model_data=ModelData(data, "churn/cities/"),
    ),
    encryption_key=key,
    data_capture=DataCapture(data, percentage=10),
    alarm_topic=alarms,
)
cities.grant_invoke(caller, target_models=["berlin/*"])
cities.grant_add_models(job_role("Deployer", JobType.LAMBDA), target_models=["berlin/*"])

# Two models that share the instances of one endpoint.
shared = ComponentEndpoint(
    stack, "Shared", vpc=vpc, role=hosting, encryption_key=key, data_capture=DataCapture(data), max_instances=6
)
for name, number in (("Leaving", 7), ("Returning", 3)):
    component = InferenceComponent(
        stack,
        name,
        endpoint=shared,
        model=Model(stack, f"{name}Model", vpc=vpc, role=hosting, model_package_arn=version(number)),
        resources=ComponentResources(memory=Size.gibibytes(2), cpu_cores=1),
        scaling=EndpointScaling(max_capacity=6, invocations_per_instance=300),
        alarm_topic=alarms,
    )
    component.grant_invoke(caller)

# A demonstration without customers, for which nobody keeps a machine.
PUBLIC_DATA = Relaxation("Demonstration on published figures, no customer data, approved in RISK-207")
demonstration = ServerlessEndpoint(
    stack,
    "Demonstration",
    model=Model(
        stack,
        "DemonstrationModel",
        vpc=vpc,
        role=hosting,
        model_package_arn=version(7),
        outside_vpc=PUBLIC_DATA,
        outbound_network=PUBLIC_DATA,
    ),
    outside_vpc=PUBLIC_DATA,
    no_data_capture=PUBLIC_DATA,
    provisioned=ProvisionedConcurrency(1, 5),
    alarm_topic=alarms,
)
demonstration.grant_invoke(caller)

# A week in which version 8 sees what version 7 answers.
live = RealTimeEndpoint(
    stack,
    "Live",
    model=Model(stack, "Champion", vpc=vpc, role=hosting, model_package_arn=version(7)),
    encryption_key=key,
    data_capture=DataCapture(data, percentage=20),
    alarm_topic=alarms,
)
ShadowTest(
    stack,
    "Version8",
    endpoint=live,
    challenger=Model(stack, "Challenger", vpc=vpc, role=hosting, model_package_arn=version(8)),
    encryption_key=key,
    permissions_boundary=boundary,
    results=DataCapture(data, prefix="churn/shadow-tests"),
    start=datetime.datetime(2030, 1, 7, 8, tzinfo=datetime.UTC),
    end=datetime.datetime(2030, 1, 14, 8, tzinfo=datetime.UTC),
    percentage=50,
)

app.synth()
