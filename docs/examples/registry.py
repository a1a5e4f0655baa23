"""A model that was trained elsewhere, with its card: registered, approved by a person, read by production.

Run it with `cdk synth -a "python docs/examples/registry.py"`.
"""

from aws_cdk import App, Stack, Validations
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam

from mlgov_constructs.aws_tokens import aws_tokens
from mlgov_constructs.controls import ControlRules, Relaxation
from mlgov_constructs.identity import JobRole, JobType, PermissionsBoundary, Persona, PersonaRole
from mlgov_constructs.mlops import (
    AdditionalInformation,
    ApprovalStatus,
    EvaluationDetail,
    EvaluationMetric,
    IntendedUses,
    MetricGroup,
    ModelCard,
    ModelCardContent,
    ModelCardStatus,
    ModelOverview,
    ModelRegistry,
    ModelReports,
    ModelStage,
    RegisteredModel,
    RiskRating,
    StageStatus,
)
from mlgov_constructs.network import EndpointService, IsolatedVpc
from mlgov_constructs.protection import DataKey, EncryptedTopic, GovernedBucket, LogArchive
from mlgov_constructs.serving import ContainerImage, ModelData

ORGANIZATION, PRODUCTION = "o-exampleorg1", "111122223333"

app = App()
Validations.of(app).add_plugins(ControlRules())
stack = Stack(app, "Registry")

# The ground: in an environment of many stacks it lies in the stacks below.
boundary = PermissionsBoundary(stack, "Boundary")
iam.PermissionsBoundary.of(stack).apply(boundary)
key = DataKey(stack, "Key", alias="mlgov/churn")
logs = LogArchive(stack, "Logs", encryption_key=key)
vpc = IsolatedVpc(stack, "Vpc", cidr="10.30.0.0/20", organization_id=ORGANIZATION)
# The endpoint through which production reads, from its own VPC.
theirs = ec2.GatewayVpcEndpoint.from_gateway_vpc_endpoint_id(stack, "Theirs", "vpce-0a1b2c3d4e5f60718")
artifacts = GovernedBucket(
    stack,
    "Artifacts",
    encryption_key=key,
    access_log_bucket=logs.access_log_bucket,
    organization_id=ORGANIZATION,
    vpc_endpoints=[vpc.require(EndpointService.S3, by=stack), theirs],
)
images = ecr.Repository(
    stack,
    "Images",
    image_scan_on_push=True,
    image_tag_mutability=ecr.TagMutability.IMMUTABLE,
    encryption=ecr.RepositoryEncryption.KMS,
    encryption_key=key,
)
topic = EncryptedTopic(stack, "Models", encryption_key=key, emails=["models@example.org"])

# The registry. Production sees the versions, and reads artifacts and images.
registry = ModelRegistry(
    stack,
    "Registry",
    project="churn",
    description="Who is about to leave",
    reader_accounts=[PRODUCTION],
    organization_id=ORGANIZATION,
    state_change_topic=topic,
)
registry.share_artifacts(
    bucket=artifacts,
    encryption_key=key,
    prefix="churn/models/",
    repositories=[images],
    reason=Relaxation("Production serves the models that this account trains, PLATFORM-42"),
)
bus = events.EventBus.from_event_bus_arn(
    stack, "Bus", aws_tokens().arn("events", "event-bus/models", account=PRODUCTION)
)
registry.forward("Production", event_bus=bus, permissions_boundary=boundary, approval_status=ApprovalStatus.APPROVED)

# A model that a partner trained, and what is known of it.
content = ModelCardContent(
    intended_uses=IntendedUses(
        purpose_of_model="Find customers who are about to leave, so that somebody calls them",
        intended_uses="Ranking of retail customers once a week; not for prices, and not for credit",
        risk_rating=RiskRating.MEDIUM,
        explanations_for_risk_rating="A wrong score costs a call, and nobody is refused anything",
    ),
    model_overview=ModelOverview(
        model_owner="Customer growth", problem_type="Binary classification", algorithm_type="Gradient boosting"
    ),
    evaluation_details=[
        EvaluationDetail(
            name="holdout",
            evaluation_observation="Stable over all regions",
            metric_groups=[MetricGroup(name="quality", metric_data=[EvaluationMetric(name="AUC", value=0.91)])],
        )
    ],
    additional_information=AdditionalInformation(ethical_considerations="Age is no feature, nor what stands for it"),
)
RegisteredModel(
    stack,
    "Churn",
    registry=registry,
    image=ContainerImage.from_ecr_repository(images, f"sha256:{'ab' * 32}"),
    model_data=ModelData(artifacts, "churn/models/2026-11/model.tar.gz"),
    model_data_version="3sL4kqtJlcpXroDTDmJ",
    encryption_key=key,
    origin="Partner laboratory: contract 17",
    data_version="2026-10",
    code_commit="0f3c9a1",
    card=content,
    reports=ModelReports(quality=f"s3://{artifacts.bucket_name}/churn/models/2026-11/quality.json"),
    description="The autumn model",
)
card = ModelCard(
    stack,
    "Card",
    registry=registry,
    content=content,
    encryption_key=key,
    status=ModelCardStatus.PENDING_REVIEW,
    state_change_topic=topic,
)

# Who registers proposes a version for production; who approves decides, on the version, its stage and its card.
pipeline = JobRole(stack, "PipelineRole", job=JobType.PIPELINE, project="churn", permissions_boundary=boundary)
registry.grant_register(pipeline)
registry.grant_promote(pipeline, ModelStage.PRODUCTION, statuses=[StageStatus.PENDING_APPROVAL])
approver = PersonaRole(stack, "Approver", persona=Persona.model_approver("churn"), permissions_boundary=boundary)
registry.grant_approve(approver)
registry.grant_promote(approver, ModelStage.PRODUCTION, from_stages=[ModelStage.QA, ModelStage.PRE_PRODUCTION])
card.grant_approve(approver)

app.synth()
