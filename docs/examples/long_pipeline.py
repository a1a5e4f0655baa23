"""A pipeline that trains a model for each of sixteen markets: its definition is too long for a template.

Run it with `cdk synth -a "python docs/examples/long_pipeline.py"`.
"""

from aws_cdk import App, Stack, Validations
from aws_cdk import aws_iam as iam

from mlgov_constructs.controls import ControlRules
from mlgov_constructs.identity import JobEnvironment, PermissionsBoundary
from mlgov_constructs.mlops import ModelPipeline, ModelRegistry, RegisterModelStep
from mlgov_constructs.network import EndpointCompleteness, IsolatedVpc
from mlgov_constructs.protection import DataKey, GovernedBucket, LogArchive
from mlgov_constructs.steps import JobImage, PipelineParameter, ProcessingStep
from mlgov_constructs.training import TrainingStep

MARKETS = ("AT", "BE", "CH", "CZ", "DE", "DK", "ES", "FI", "FR", "IE", "IT", "NL", "NO", "PL", "PT", "SE")
OF_MARKET = """
import glob, os
import pandas as pd

market = os.environ['MARKET']
files = sorted(glob.glob('/opt/ml/processing/input/data/*.csv'))
data = pd.concat(pd.read_csv(file) for file in files)
data = data[data['market'] == market].drop(columns='market').drop_duplicates().sample(frac=1, random_state=1)
if len(data) < 1000:
    raise SystemExit(f'Market {market} has {len(data)} rows, too few to train on.')
empty = data.columns[data.isna().any()].tolist()
if empty:
    raise SystemExit(f'Market {market} has columns with empty cells: {empty}. Fill them before training.')
label = data.columns[0]
share = data[label].mean()
if not 0.01 <= share <= 0.99:
    raise SystemExit(f'Market {market} has {share:.1%} of label {label}: too few of one kind to learn from.')
constant = [name for name in data.columns if data[name].nunique() == 1]
print(f'Market {market}: {len(data)} rows, {share:.1%} of label {label}, constant columns: {constant}')
data = data.drop(columns=constant)
cut = int(len(data) * 0.8)
for name, part in (('train', data[:cut]), ('validation', data[cut:])):
    os.makedirs(f'/opt/ml/processing/output/{name}', exist_ok=True)
    part.to_csv(f'/opt/ml/processing/output/{name}/part.csv', header=False, index=False)
"""

app = App()
Validations.of(app).add_plugins(ControlRules(), EndpointCompleteness())
stack = Stack(app, "Markets")
boundary = PermissionsBoundary(stack, "Boundary")
iam.PermissionsBoundary.of(stack).apply(boundary)
key = DataKey(stack, "Key", alias="mlgov/churn")
logs = LogArchive(stack, "Logs", encryption_key=key)
data = GovernedBucket(stack, "Data", encryption_key=key, access_log_bucket=logs.access_log_bucket)
registry = ModelRegistry(stack, "Registry", project="churn")
image = JobImage.xgboost(stack)


def steps_of(market: str) -> list[ProcessingStep | TrainingStep | RegisterModelStep]:
    """The steps of one market."""
    prepare = ProcessingStep(
        f"Prepare{market}",
        image=image,
        script=OF_MARKET,
        inputs={"data": f"s3://{data.bucket_name}/churn/labelled"},
        environment={"MARKET": market},
        output_names=["train", "validation"],
    )
    train = TrainingStep(
        f"Train{market}",
        image=image,
        inputs={"train": prepare.output("train"), "validation": prepare.output("validation")},
        hyperparameters={"objective": "binary:logistic", "eval_metric": "auc", "num_round": "100"},
    )
    register = RegisterModelStep(
        f"Register{market}",
        training=train,
        model_package_group_name=registry.model_package_group_name,
        data_version=PipelineParameter("DataVersion", "latest"),
        code_commit=PipelineParameter("CodeCommit", "main"),
        metadata={"market": market},
    )
    return [prepare, train, register]


pipeline = ModelPipeline(
    stack,
    "Markets",
    project="churn",
    permissions_boundary=boundary,
    environment=JobEnvironment(vpc=IsolatedVpc(stack, "Vpc"), encryption_key=key),
    output_bucket=data,
    registry=registry,
    steps=[step for market in MARKETS for step in steps_of(market)],
    max_parallel_steps=8,
)
pipeline.start_on_new_data("OnData", bucket=data, prefix="churn/labelled/", suffix="/_SUCCESS")

app.synth()
