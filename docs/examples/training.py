"""A script of yours, tuned and trained in an image of yours, and trained again on several machines.

Run it with `cdk synth -a "python docs/examples/training.py"`. The script is in `training_script/`.
"""

from aws_cdk import App, Duration, Stack, Validations
from aws_cdk import aws_iam as iam

from mlgov_constructs.controls import ControlRules
from mlgov_constructs.identity import JobEnvironment, JobRole, JobType, PermissionsBoundary
from mlgov_constructs.mlops import ModelPipeline, ModelRegistry, RegisterModelStep
from mlgov_constructs.network import ClusterSecurityGroup, EndpointCompleteness, IsolatedVpc
from mlgov_constructs.protection import DataKey, GovernedBucket, LogArchive
from mlgov_constructs.steps import ConditionStep, JobImage, Joined, PipelineParameter
from mlgov_constructs.training import (
    Channel,
    ContinuousRange,
    Distribution,
    InputMode,
    IntegerRange,
    RangeScaling,
    TrainingImage,
    TrainingScript,
    TrainingStep,
    TuningStep,
)

app = App()
Validations.of(app).add_plugins(ControlRules(), EndpointCompleteness())
stack = Stack(app, "Training")

# The ground: in an environment of many stacks it lies in the stacks below.
boundary = PermissionsBoundary(stack, "Boundary")
iam.PermissionsBoundary.of(stack).apply(boundary)
key = DataKey(stack, "Key", alias="mlgov/churn")
vpc = IsolatedVpc(stack, "Vpc")
cluster = ClusterSecurityGroup(stack, "Cluster", vpc=vpc, efa=True)
environment = JobEnvironment(vpc=vpc, encryption_key=key, cluster_security_group=cluster)
logs = LogArchive(stack, "Logs", encryption_key=key)
data = GovernedBucket(stack, "Data", encryption_key=key, access_log_bucket=logs.access_log_bucket)
training = JobRole(
    stack,
    "TrainingRole",
    job=JobType.TRAINING,
    project="churn",
    environment=environment,
    permissions_boundary=boundary,
)
training.grant_project_data(data)
role = JobRole(stack, "PipelineRole", job=JobType.PIPELINE, project="churn", permissions_boundary=boundary)
registry = ModelRegistry(stack, "Registry", project="churn")

# An image of yours: pushed with a tag that never moves, and named by its digest.
images = TrainingImage(stack, "Images", encryption_key=key, organization_id="o-exampleorg1")
own = images.image(digest="sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae")

# The script comes from S3 with the commit in its address, so each run records which code it ran.
commit = PipelineParameter("CodeCommit")
script = TrainingScript(
    entry_point="train.py",
    source=Joined((f"s3://{data.bucket_name}/churn/code", commit), on="/"),
    metrics={"validation:accuracy": r"validation:accuracy=([0-9.]+)"},
    resumes=True,
)
table = f"s3://{data.bucket_name}/churn/table"
tune = TuningStep(
    "Tune",
    image=own,
    script=script,
    inputs={"train": f"{table}/train", "validation": f"{table}/validation"},
    objective="validation:accuracy",
    ranges={
        "learning-rate": ContinuousRange(0.001, 0.5, RangeScaling.LOGARITHMIC),
        "epochs": IntegerRange(5, 50),
    },
    max_jobs=12,
    max_parallel_jobs=3,
    max_runtime=Duration.minutes(30),
    seed=7,
)
register = RegisterModelStep("Register", training=tune, model_package_group_name=registry.model_package_group_name)
good = ConditionStep("GoodEnough", conditions=[tune.metric().at_least(0.8)], if_steps=[register])

# The same script on several machines with GPUs, in PyTorch of AWS.
torch = JobImage.deep_learning(
    stack,
    repository="pytorch-training",
    digest="sha256:fcde2b2edba56bf408601fb721fe9b5c338d10ee429ea04fae5511b68fbf8fb9",
)
large = TrainingStep(
    "TrainLarge",
    image=torch,
    script=script,
    inputs={"train": Channel(source=f"{table}/images", input_mode=InputMode.FAST_FILE, sharded=True)},
    instance_type="ml.g5.12xlarge",
    instance_count=2,
    distribution=Distribution.torchrun(efa=True),
    max_runtime=Duration.hours(12),
)
for name, steps in (("Tuning", [tune, good]), ("Large", [large])):
    ModelPipeline(
        stack,
        name,
        role=role,
        environment=environment,
        training_role=training,
        output_bucket=data,
        registry=registry,
        steps=steps,
        parameters={"CodeCommit": "main"} | ({"DataVersion": "v1"} if name == "Tuning" else {}),
    )

app.synth()
