"""A pipeline that checks its data, trains, and registers what is good enough for somebody to approve.

Run it with `cdk synth -a "python docs/examples/mlops.py"`.
"""

from aws_cdk import App, Duration, Stack, Validations
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam

from mlgov_constructs.controls import ControlRules
from mlgov_constructs.identity import JobEnvironment, PermissionsBoundary, Persona, PersonaRole
from mlgov_constructs.mlops import ModelPipeline, ModelRegistry, RegisterModelStep
from mlgov_constructs.network import EndpointCompleteness, IsolatedVpc
from mlgov_constructs.protection import DataKey, EncryptedTopic, GovernedBucket, LogArchive
from mlgov_constructs.steps import ConditionStep, FailStep, JobImage, Joined, PipelineParameter, ProcessingStep
from mlgov_constructs.training import TrainingStep

SPLIT = """
import glob, json, os
import pandas as pd

data = pd.concat(pd.read_csv(file, header=None) for file in sorted(glob.glob('/opt/ml/processing/input/data/*.csv')))
if data[0].isna().any():
    raise SystemExit('The first column is the label, and some rows have none.')
data = data.sample(frac=1, random_state=1)
cut = int(len(data) * 0.8)
for name, part in (('train', data[:cut]), ('validation', data[cut:])):
    os.makedirs(f'/opt/ml/processing/output/{name}', exist_ok=True)
    part.to_csv(f'/opt/ml/processing/output/{name}/part.csv', header=False, index=False)
with open('/opt/ml/processing/output/checks/checks.json', 'w') as file:
    json.dump({'rows': len(data)}, file)
"""

app = App()
Validations.of(app).add_plugins(ControlRules(), EndpointCompleteness())
stack = Stack(app, "Mlops")

# The ground: in an environment of many stacks it lies in the stacks below.
boundary = PermissionsBoundary(stack, "Boundary")
iam.PermissionsBoundary.of(stack).apply(boundary)
key = DataKey(stack, "Key", alias="mlgov/churn")
environment = JobEnvironment(vpc=IsolatedVpc(stack, "Vpc"), encryption_key=key)
logs = LogArchive(stack, "Logs", encryption_key=key)
data = GovernedBucket(stack, "Data", encryption_key=key, access_log_bucket=logs.access_log_bucket)
topic = EncryptedTopic(stack, "Models", encryption_key=key, emails=["models@example.org"])

# From here on it is what a team writes.
# The registry, shared with staging and production; another persona approves.
registry = ModelRegistry(
    stack,
    "Registry",
    project="churn",
    reader_accounts=["111122223333", "444455556666"],
    organization_id="o-exampleorg1",
    state_change_topic=topic,
)
approver = PersonaRole(stack, "Approver", persona=Persona.model_approver("churn"), permissions_boundary=boundary)
registry.grant_approve(approver)

# The steps: each says what it does; where it runs, with which key and as whom is not its affair.
image, rounds = JobImage.xgboost(stack), PipelineParameter("Rounds", "100")
source = Joined((f"s3://{data.bucket_name}/churn/labelled", PipelineParameter("DataVersion")), on="/")
split = ProcessingStep(
    "Split",
    image=image,
    script=SPLIT,
    inputs={"data": source},
    output_names=["train", "validation", "checks"],
    metric_files={"checks": ("checks", "checks.json")},
)
train = TrainingStep(
    "Train",
    image=image,
    inputs={"train": split.output("train"), "validation": split.output("validation")},
    hyperparameters={"objective": "binary:logistic", "eval_metric": "auc", "num_round": rounds},
    max_runtime=Duration.hours(2),
)
register = RegisterModelStep(
    "Register",
    training=train,
    model_package_group_name=registry.model_package_group_name,
    quality_report=split.file("checks", "checks.json"),
)
rows, auc = split.metric("checks", "rows"), train.metric("validation:auc")
enough = [rows.at_least(1000), auc.at_least(PipelineParameter("SmallestAuc", 0.8))]
weak = FailStep("TooWeak", message="Too few rows, or the AUC is under the threshold")
decide = ConditionStep("GoodEnough", conditions=enough, if_steps=[register], else_steps=[weak])

# The pipeline makes the roles of its jobs by itself.
ModelPipeline(
    stack,
    "Training",
    permissions_boundary=boundary,
    environment=environment,
    output_bucket=data,
    registry=registry,
    steps=[split, train, decide],
    parameters={"DataVersion": "latest", "CodeCommit": "main"},
    schedule=events.Schedule.cron(week_day="MON", hour="3", minute="0"),
    failure_topic=topic,
)

app.synth()
