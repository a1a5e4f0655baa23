from __future__ import annotations

import aws_cdk as cdk
import pytest

from mlgov_constructs.errors import ConstructError
from mlgov_constructs.identity import JobEnvironment, JobRole, JobType, PermissionsBoundary
from mlgov_constructs.network import IsolatedVpc
from mlgov_constructs.protection import DataKey
from tests.access import decision
from tests.templates import Template, of_type

LOGS = "arn:aws:logs:eu-west-1:111122223333:log-group"
STARTED_IN_STUDIO = ("Studio", "Training", "Processing", "Pipeline", "Hosting", "Monitoring")
KINDS = [job.name.title().replace("_", "") for job in JobType]


@pytest.mark.parametrize("kind", KINDS)
def test_the_service_is_trusted_for_this_account_alone(identity: Template, roles: dict[str, str], kind: str) -> None:
    statements = identity["Resources"][roles[kind]]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    service = kind.lower() if kind in ("Glue", "Lambda") else "sagemaker"
    for trust in statements:
        assert trust["Principal"] == {"Service": f"{service}.amazonaws.com"}
        assert trust["Condition"]["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
        assert ("ArnLike" in trust["Condition"]) is (
            kind not in ("Notebook", "FeatureStore", "Tracking", "Glue", "Lambda")
        )


@pytest.mark.parametrize("kind", KINDS)
def test_the_person_in_studio_is_named_where_studio_starts_work(
    identity: Template, roles: dict[str, str], kind: str
) -> None:
    statements = identity["Resources"][roles[kind]]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    expected = {"sts:AssumeRole", "sts:SetSourceIdentity"} if kind in STARTED_IN_STUDIO else {"sts:AssumeRole"}
    assert {statement["Action"] for statement in statements} == expected


@pytest.mark.parametrize("kind", KINDS)
def test_the_role_has_the_boundary_and_claims_it(identity: Template, roles: dict[str, str], kind: str) -> None:
    role = identity["Resources"][roles[kind]]
    assert role["Properties"]["PermissionsBoundary"]["Ref"].startswith("Boundary")
    assert role["Metadata"]["mlgov"]["controls"] == ["MLG-IDN-01", "MLG-IDN-03"]


def test_every_grant_goes_to_a_managed_policy(identity: Template, roles: dict[str, str]) -> None:
    in_use = {ref["Ref"] for p in of_type(identity, "AWS::IAM::Policy").values() for ref in p["Properties"]["Roles"]}
    assert in_use.isdisjoint(roles.values())
    for role in roles.values():
        assert "Policies" not in identity["Resources"][role]["Properties"]
    assert decision(identity, roles["Processing"], "s3:GetObject", _bucket(identity) + "/any") == "Allow"
    assert decision(identity, roles["Processing"], "s3:PutObject", _bucket(identity) + "/any") == "ImplicitDeny"


@pytest.mark.parametrize(
    ("kind", "group"),
    [("Notebook", "NotebookInstances"), ("Training", "TrainingJobs"), ("Processing", "ProcessingJobs")],
)
def test_logs_and_metrics_go_where_they_belong(
    identity: Template, roles: dict[str, str], kind: str, group: str
) -> None:
    role = roles[kind]
    stream = f"{LOGS}:/aws/sagemaker/{group}:log-stream:one"
    assert decision(identity, role, "logs:PutLogEvents", stream) == "Allow"
    assert decision(identity, role, "logs:PutLogEvents", f"{LOGS}:/other:log-stream:one") == "ImplicitDeny"
    own, other = f"/aws/sagemaker/{group}", "AWS/EC2"
    assert decision(identity, role, "cloudwatch:PutMetricData", cloudwatch__namespace=own) == "Allow"
    assert decision(identity, role, "cloudwatch:PutMetricData", cloudwatch__namespace=other) == "ImplicitDeny"


@pytest.mark.parametrize("kind", ["Notebook", "Training", "Processing"])
def test_interfaces_are_attached_in_these_subnets_only(identity: Template, roles: dict[str, str], kind: str) -> None:
    ec2 = "arn:aws:ec2:eu-west-1:111122223333"
    subnets = [f"{ec2}:subnet/{logical_id}" for logical_id in of_type(identity, "AWS::EC2::Subnet")]
    role = roles[kind]
    for subnet in subnets:
        assert decision(identity, role, "ec2:CreateNetworkInterface", subnet) == "Allow"
        attach = "ec2:CreateNetworkInterfacePermission"
        assert decision(identity, role, attach, f"{ec2}:network-interface/1", ec2__Subnet=subnet) == "Allow"
    assert decision(identity, role, "ec2:CreateNetworkInterface", f"{ec2}:subnet/other") == "ImplicitDeny"
    elsewhere = f"{ec2}:subnet/other"
    attached = decision(
        identity, role, "ec2:DeleteNetworkInterface", f"{ec2}:network-interface/1", ec2__Subnet=elsewhere
    )
    assert attached == "ImplicitDeny"


def test_a_pipeline_attaches_nothing(identity: Template, roles: dict[str, str]) -> None:
    interface = "arn:aws:ec2:eu-west-1:111122223333:network-interface/1"
    assert decision(identity, roles["Pipeline"], "ec2:CreateNetworkInterface", interface) == "ImplicitDeny"


def test_the_key_is_used_through_sagemaker_only(identity: Template, roles: dict[str, str]) -> None:
    (key,) = (k for k in of_type(identity, "AWS::KMS::Key") if k.startswith("Key"))
    arn = f"arn:aws:any:eu-west-1:111122223333:{key}"
    via = {"kms__ViaService": "sagemaker.eu-west-1.amazonaws.com", "kms__GrantIsForAWSResource": "true"}
    role = roles["Notebook"]
    assert decision(identity, role, "kms:CreateGrant", arn, **via) == "Allow"
    assert decision(identity, role, "kms:CreateGrant", arn) == "ImplicitDeny"
    assert decision(identity, role, "kms:Decrypt", arn) == "ImplicitDeny"


def test_a_notebook_stops_notebooks_of_its_project_only(identity: Template, roles: dict[str, str]) -> None:
    stop, notebook = "sagemaker:StopNotebookInstance", "arn:aws:sagemaker:eu-west-1:111122223333:notebook-instance/n"
    own, other = {"aws__ResourceTag/mlgov:project": "churn"}, {"aws__ResourceTag/mlgov:project": "fraud"}
    assert decision(identity, roles["Notebook"], stop, notebook, **own) == "Allow"
    assert decision(identity, roles["Notebook"], stop, notebook, **other) == "ImplicitDeny"
    assert decision(identity, roles["Training"], stop, notebook, **own) == "ImplicitDeny"


def test_project_data_is_the_prefix_of_the_project(identity: Template, roles: dict[str, str]) -> None:
    bucket, role = _bucket(identity), roles["Training"]
    assert decision(identity, role, "s3:PutObject", f"{bucket}/churn/model.tar.gz") == "Allow"
    assert decision(identity, role, "s3:GetObject", f"{bucket}/churn2/data.csv") == "ImplicitDeny"
    assert decision(identity, role, "s3:ListBucket", bucket, s3__prefix="churn/") == "Allow"
    assert decision(identity, role, "s3:ListBucket", bucket, s3__prefix="churn") == "ImplicitDeny"
    assert decision(identity, role, "s3:ListBucket", bucket) == "ImplicitDeny"


@pytest.mark.parametrize("who", ["Training", "Scientist"])
def test_folders_that_are_kept_are_read_and_never_written(identity: Template, roles: dict[str, str], who: str) -> None:
    role, model = roles[who], f"{_bucket(identity)}/churn/pipelines/weekly/model.tar.gz"
    assert decision(identity, role, "s3:GetObject", model) == "Allow"
    for action in ("PutObject", "DeleteObject", "DeleteObjectVersion", "AbortMultipartUpload", "PutObjectTagging"):
        assert decision(identity, role, f"s3:{action}", model) == "Deny", action
    assert decision(identity, role, "s3:PutObject", model.replace("weekly", "weekly-mine")) == "Allow"


def test_a_pipeline_passes_the_job_roles_of_its_project_only(identity: Template, roles: dict[str, str]) -> None:
    to = {"iam__PassedToService": "sagemaker.amazonaws.com"}
    arn = "arn:aws:any:eu-west-1:111122223333:{}".format
    assert decision(identity, roles["Pipeline"], "iam:PassRole", arn(roles["Processing"]), **to) == "ImplicitDeny"
    # The boundary admits roles only, and the made-up ARN of the test is none.
    (rights,) = (p for n, p in of_type(identity, "AWS::IAM::ManagedPolicy").items() if n.startswith("PipelineRights"))
    (passing,) = (s for s in rights["Properties"]["PolicyDocument"]["Statement"] if s.get("Sid") == "PassJobRoles")
    assert passing["Resource"] == {"Fn::GetAtt": [roles["Training"], "Arn"]}
    assert passing["Condition"] == {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}


def test_no_right_is_a_wildcard(identity: Template) -> None:
    for name, policy in of_type(identity, "AWS::IAM::ManagedPolicy").items():
        if "ManagedPolicyName" in policy["Properties"] or name.startswith("Processing"):
            continue
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]:
            actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
            assert not [action for action in actions if "*" in action], name


def test_bad_arguments_are_refused() -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    boundary = PermissionsBoundary(stack, "Boundary")
    with pytest.raises(ConstructError, match=r"^\[Stack/Role\] project 'Churn!' is no project name"):
        JobRole(stack, "Role", job=JobType.PIPELINE, project="Churn!", permissions_boundary=boundary)
    with pytest.raises(ConstructError, match="a role for training has no environment"):
        JobRole(stack, "Role", job=JobType.TRAINING, project="churn", permissions_boundary=boundary)
    environment = JobEnvironment(vpc=IsolatedVpc(stack, "Vpc"), encryption_key=DataKey(stack, "Key"))
    role = JobRole(
        stack, "Role", job=JobType.TRAINING, project="churn", permissions_boundary=boundary, environment=environment
    )
    with pytest.raises(ConstructError, match="a role for training cannot start other jobs"):
        role.grant_run_jobs(environment, [])


def _bucket(identity: Template) -> str:
    (bucket,) = of_type(identity, "AWS::S3::Bucket")
    return f"arn:aws:any:eu-west-1:111122223333:{bucket}"
