"""The enforced mode: TLS, and IAM evaluated for the services that are ours as for the others."""

from __future__ import annotations

import copy
import functools
import json
import ssl
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local_cloud import catalog_templates as templates
from tests.local_cloud.catalog_templates import allow, role, trust
from tests.local_cloud.conftest import Cloud, Stack

KEY = "arn:aws:kms:us-east-1:123456789012:key/right"
EXECUTION = "arn:aws:iam::123456789012:role/execution"
OWN = "*:${aws:ResourceTag/mlgov:user}"


def deny(*actions: str, **condition: Any) -> dict[str, Any]:
    return {"Effect": "Deny", "Action": list(actions), "Resource": "*", "Condition": condition}


RESOURCES: dict[str, Any] = {
    "Execution": role("execution", trust("sagemaker")),
    "Boundary": {
        "Type": "AWS::IAM::ManagedPolicy",
        "Properties": {
            "ManagedPolicyName": "no-models",
            "PolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [allow("*"), deny("sagemaker:CreateModel", Null={"aws:PrincipalArn": "false"})],
            },
        },
    },
    "Guarded": role(
        "guarded",
        trust(account=True),
        allow("sagemaker:*"),
        allow("iam:PassRole", resource=EXECUTION),
        deny("sagemaker:CreateNotebookInstance", "sagemaker:CreateTrainingJob", Null={"sagemaker:VpcSubnets": "true"}),
        deny("sagemaker:CreateNotebookInstance", StringNotEquals={"sagemaker:RootAccess": "Disabled"}),
        deny("sagemaker:CreateNotebookInstance", StringNotEquals={"sagemaker:DirectInternetAccess": "Disabled"}),
        deny("sagemaker:CreateNotebookInstance", ArnNotEquals={"sagemaker:VolumeKmsKeyArn": KEY}),
        deny("sagemaker:CreateNotebookInstance", StringNotEquals={"aws:RequestTag/project": "alpha"}),
        deny(
            "sagemaker:CreateNotebookInstance",
            **{"ForAnyValue:StringNotLike": {"sagemaker:InstanceTypes": "ml.t3.*"}},
        ),
        deny("sagemaker:DeleteNotebookInstance", StringNotEquals={"aws:ResourceTag/project": "beta"}),
        deny("sagemaker:CreateTrainingJob", BoolIfExists={"sagemaker:NetworkIsolation": "false"}),
        deny("sagemaker:CreateTrainingJob", NumericGreaterThan={"sagemaker:MaxRuntimeInSeconds": "3600"}),
        deny("sagemaker:CreateTrainingJob", Null={"sagemaker:OutputKmsKey": "true"}),
    ),
    "Bounded": {
        "Type": "AWS::IAM::Role",
        "Properties": {
            **role("bounded", trust(account=True), allow("*"))["Properties"],
            "PermissionsBoundary": {"Ref": "Boundary"},
        },
    },
    "NoPass": role("no-pass", trust(account=True), allow("sagemaker:*", "cloudformation:*", "lambda:*")),
}
NOTEBOOK = {
    "InstanceType": "ml.t3.medium",
    "RoleArn": EXECUTION,
    "SubnetId": "subnet-12345678",
    "RootAccess": "Disabled",
    "DirectInternetAccess": "Disabled",
    "KmsKeyId": KEY,
    "Tags": [{"Key": "project", "Value": "alpha"}],
}
TRAINING = {
    "RoleArn": EXECUTION,
    "AlgorithmSpecification": {"TrainingInputMode": "File", "TrainingImage": "image"},
    "OutputDataConfig": {"S3OutputPath": "s3://b/o", "KmsKeyId": KEY},
    "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 5, "VolumeKmsKeyId": KEY},
    "StoppingCondition": {"MaxRuntimeInSeconds": 600},
    "VpcConfig": {"Subnets": ["subnet-12345678"], "SecurityGroupIds": ["sg-12345678"]},
    "EnableNetworkIsolation": True,
}


@pytest.fixture(scope="module")
def enforced(enforced_cloud: Cloud) -> Cloud:
    stack = enforced_cloud.stack(**RESOURCES)
    assert stack.describe()["StackStatus"] == "CREATE_COMPLETE", stack.failures()
    return enforced_cloud


def sagemaker(cloud: Cloud, name: str) -> Any:
    return cloud.client("sagemaker", cloud.as_role(name))


def test_it_serves_tls_only(enforced: Cloud) -> None:
    assert enforced.local.endpoint.startswith("https://")
    with pytest.raises(ssl.SSLError):  # an untrusting client
        raise_reason(f"{enforced.local.endpoint}/_ministack/health")


def raise_reason(url: str) -> None:
    try:
        urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=5).close()
    except OSError as error:
        raise getattr(error, "reason", error) from None


def test_an_unknown_key_is_refused(enforced: Cloud) -> None:
    stranger = enforced.client("sagemaker", {"AccessKeyId": "AKIASTRANGER00000000", "SecretAccessKey": "x"})
    with pytest.raises(stranger.exceptions.ClientError, match=r"(?i)security token|invalid"):
        stranger.list_notebook_instances()


@pytest.mark.parametrize(
    "change",
    [
        {"SubnetId": None},
        {"RootAccess": "Enabled"},
        {"DirectInternetAccess": "Enabled"},
        {"KmsKeyId": None},
        {"KmsKeyId": "arn:aws:kms:us-east-1:123456789012:key/wrong"},
        {"InstanceType": "ml.p3.2xlarge"},
        {"Tags": None},
        {"Tags": [{"Key": "project", "Value": "other"}]},
        {"RoleArn": "arn:aws:iam::123456789012:role/administrator"},
    ],
    ids=lambda change: "-".join(f"{key}={value}" for key, value in change.items())[:40],
)
def test_a_notebook_outside_the_rules_is_refused(enforced: Cloud, change: dict[str, Any]) -> None:
    request = {key: value for key, value in {**NOTEBOOK, **change}.items() if value is not None}
    client = sagemaker(enforced, "guarded")
    with pytest.raises(client.exceptions.ClientError, match="AccessDenied"):
        client.create_notebook_instance(NotebookInstanceName="refused", **request)


def test_a_notebook_within_the_rules_is_made_and_its_tags_protect_it(enforced: Cloud) -> None:
    client = sagemaker(enforced, "guarded")
    client.create_notebook_instance(NotebookInstanceName="within", **NOTEBOOK)
    client.stop_notebook_instance(NotebookInstanceName="within")
    with pytest.raises(client.exceptions.ClientError, match="AccessDenied"):
        client.delete_notebook_instance(NotebookInstanceName="within")


@pytest.mark.parametrize(
    "change",
    [
        {"VpcConfig": None},
        {"EnableNetworkIsolation": False},
        {"StoppingCondition": {"MaxRuntimeInSeconds": 86400}},
        {"OutputDataConfig": {"S3OutputPath": "s3://b/o"}},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_job_outside_the_rules_is_refused(enforced: Cloud, change: dict[str, Any]) -> None:
    request = {key: value for key, value in {**TRAINING, **change}.items() if value is not None}
    client = sagemaker(enforced, "guarded")
    with pytest.raises(client.exceptions.ClientError, match="AccessDenied"):
        client.create_training_job(TrainingJobName="refused", **request)


def test_a_job_within_the_rules_is_made(enforced: Cloud) -> None:
    client = sagemaker(enforced, "guarded")
    assert client.create_training_job(TrainingJobName="within", **TRAINING)["TrainingJobArn"]


def test_the_boundary_limits_a_service_of_motos(enforced: Cloud) -> None:
    client = sagemaker(enforced, "bounded")
    assert client.list_models()["Models"] == []
    with pytest.raises(client.exceptions.ClientError, match="explicit deny"):
        client.create_model(ModelName="m", ExecutionRoleArn=EXECUTION, PrimaryContainer={"Image": "i"})


def test_a_role_is_not_passed_without_permission(enforced: Cloud) -> None:
    credentials = enforced.as_role("no-pass")
    client = enforced.client("sagemaker", credentials)
    with pytest.raises(client.exceptions.ClientError, match="iam:PassRole"):
        client.create_notebook_instance(NotebookInstanceName="n", InstanceType="ml.t3.medium", RoleArn=EXECUTION)
    cloudformation = enforced.client("cloudformation", credentials)
    body = json.dumps({"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}})
    with pytest.raises(cloudformation.exceptions.ClientError, match="iam:PassRole"):
        cloudformation.create_stack(StackName="pass", TemplateBody=body, RoleARN=EXECUTION)
    functions = enforced.client("lambda", credentials)
    with pytest.raises(functions.exceptions.ClientError, match="iam:PassRole"):
        functions.create_function(
            FunctionName="f", Role=EXECUTION, Runtime="python3.12", Handler="i.h", Code={"ZipFile": b"x"}
        )


def test_a_stack_makes_resources_with_its_callers_permissions(enforced: Cloud) -> None:
    cloudformation = enforced.client("cloudformation", enforced.as_role("no-pass"))
    body = json.dumps({"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}})
    cloudformation.create_stack(StackName="as-caller", TemplateBody=body)
    stack = Stack(enforced, "as-caller", {})
    assert stack.wait() == "ROLLBACK_COMPLETE"
    assert "sns:CreateTopic" in stack.failures()


def test_a_stack_makes_resources_with_its_roles_permissions(enforced: Cloud) -> None:
    deployer = {"Deployer": role("deployer", trust("cloudformation"), allow("sns:*"))}
    enforced.stack(**deployer)
    body = json.dumps({"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}, "Queue": {"Type": "AWS::SQS::Queue"}}})
    arn = "arn:aws:iam::123456789012:role/deployer"
    enforced.client("cloudformation").create_stack(StackName="as-role", TemplateBody=body, RoleARN=arn)
    stack = Stack(enforced, "as-role", {})
    assert stack.wait() in ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED")
    assert "sqs" in stack.failures().lower()


@pytest.fixture(scope="module")
def catalog(enforced: Cloud) -> Stack:
    url = templates.upload(enforced, "one.json", templates.product_template())
    stack = enforced.stack(
        **templates.catalog(
            templates.version("v2", url),
            launch_statements=(
                allow("cloudformation:*"),
                allow("sagemaker:*NotebookInstance", "sagemaker:AddTags"),
                allow("iam:PassRole", resource="arn:aws:iam::123456789012:role/notebook-execution"),
            ),
        )
    )
    assert stack.describe()["StackStatus"] == "CREATE_COMPLETE", stack.failures()
    return stack


class TestLaunchRole:
    """A product is made with the permissions of its launch role, whoever launches it."""

    def provision(self, cloud: Cloud, catalog: Stack, name: str) -> dict[str, Any]:
        client = cloud.client("servicecatalog", cloud.as_role("scientist"))
        answer = client.provision_product(
            ProductId=catalog.id("Product"),
            ProvisioningArtifactName="v2",
            ProvisionedProductName=name,
            ProvisioningParameters=[{"Key": "Project", "Value": "alpha"}],
        )
        return templates.ended(cloud, answer)

    def test_the_scientist_may_not_make_a_notebook_but_may_launch_one(self, enforced: Cloud, catalog: Stack) -> None:
        client = sagemaker(enforced, "scientist")
        with pytest.raises(client.exceptions.ClientError, match="AccessDenied"):
            client.create_notebook_instance(NotebookInstanceName="own", **NOTEBOOK)
        record = self.provision(enforced, catalog, "launched")
        assert record["RecordDetail"]["Status"] == "SUCCEEDED", record["RecordDetail"]["RecordErrors"]

    def test_a_launch_role_without_the_permission_fails_the_record(self, enforced: Cloud, catalog: Stack) -> None:
        limited = role("launch", trust("servicecatalog"), allow("cloudformation:*"))
        assert catalog.update(LaunchRole=limited) == "UPDATE_COMPLETE", catalog.failures()
        record = self.provision(enforced, catalog, "limited")
        assert record["RecordDetail"]["Status"] == "FAILED"
        assert "sagemaker:CreateNotebookInstance" in str(record["RecordDetail"]["RecordErrors"])

    def test_a_launch_role_that_does_not_trust_service_catalog_fails_the_record(
        self, enforced: Cloud, catalog: Stack
    ) -> None:
        distrustful = role("launch", trust("lambda"), allow("*"))
        assert catalog.update(LaunchRole=distrustful) == "UPDATE_COMPLETE", catalog.failures()
        record = self.provision(enforced, catalog, "distrustful")
        assert record["RecordDetail"]["Status"] == "FAILED"
        assert "cannot be assumed" in str(record["RecordDetail"]["RecordErrors"])


@pytest.fixture(scope="module")
def record(enforced: Cloud, catalog: Stack) -> dict[str, Any]:
    def level(name: str, key: str) -> dict[str, Any]:
        own = {**allow("servicecatalog:*"), "Condition": {"StringEquals": {f"servicecatalog:{key}": "self"}}}
        return role(name, trust(account=True), allow("servicecatalog:ProvisionProduct"), own)

    stack = enforced.stack(ByUser=level("scientist-user", "userLevel"), ByRole=level("scientist-role", "roleLevel"))
    assert stack.describe()["StackStatus"] == "CREATE_COMPLETE", stack.failures()
    full = role("launch", trust("servicecatalog"), allow("*"))
    assert catalog.update(LaunchRole=full) == "UPDATE_COMPLETE", catalog.failures()
    records = {}
    for name in ("scientist-user", "scientist-role"):
        answer = enforced.client("servicecatalog", enforced.as_role(name)).provision_product(
            ProductId=catalog.id("Product"),
            ProvisioningArtifactName="v2",
            ProvisionedProductName=name,
            ProvisioningParameters=[{"Key": "Project", "Value": "alpha"}],
        )
        templates.ended(enforced, answer)
        records[name] = answer["RecordDetail"]
    return records


class TestAccessLevels:
    """``servicecatalog:userLevel`` and its like: one's own provisioned products, and those of others."""

    def test_ones_own(self, enforced: Cloud, record: dict[str, Any]) -> None:
        client = enforced.client("servicecatalog", enforced.as_role("scientist-user"))
        assert client.describe_record(Id=record["scientist-user"]["RecordId"])["RecordDetail"]["Status"] == "SUCCEEDED"
        found = client.search_provisioned_products()["ProvisionedProducts"]
        assert [item["Name"] for item in found] == ["scientist-user"]
        assert [item["ProvisionedProductName"] for item in client.list_record_history()["RecordDetails"]] == [
            "scientist-user"
        ]

    def test_that_of_others_is_refused(self, enforced: Cloud, record: dict[str, Any]) -> None:
        client = enforced.client("servicecatalog", enforced.as_role("scientist-user"))
        with pytest.raises(client.exceptions.ClientError, match="AccessDenied"):
            client.describe_record(Id=record["scientist-role"]["RecordId"])
        with pytest.raises(client.exceptions.ClientError, match="AccessDenied"):
            client.terminate_provisioned_product(ProvisionedProductName="scientist-role", TerminateToken="token")
        with pytest.raises(client.exceptions.ClientError, match="AccessDenied"):
            client.search_provisioned_products(AccessLevelFilter={"Key": "Role", "Value": "self"})

    def test_that_of_other_sessions_of_the_role(self, enforced: Cloud, record: dict[str, Any]) -> None:
        arn = "arn:aws:iam::123456789012:role/scientist-role"
        session = enforced.client("sts").assume_role(RoleArn=arn, RoleSessionName="second")["Credentials"]
        client = enforced.client("servicecatalog", session)
        assert client.describe_record(Id=record["scientist-role"]["RecordId"])["RecordDetail"]
        listed = client.scan_provisioned_products(AccessLevelFilter={"Key": "Role", "Value": "self"})
        assert [item["Name"] for item in listed["ProvisionedProducts"]] == ["scientist-role"]
        assert client.scan_provisioned_products()["ProvisionedProducts"] == []


@pytest.fixture(scope="module")
def variables(enforced: Cloud) -> Cloud:
    own = {**allow("sagemaker:DescribeNotebookInstance"), "Condition": {"StringLike": {"aws:userid": OWN}}}
    named = {
        **trust(account=True),
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
                "Action": "sts:AssumeRole",
                "Condition": {"StringLike": {"sts:RoleSessionName": "${aws:username}"}},
            }
        ],
    }
    kept = copy.deepcopy(named)
    kept["Statement"][0]["Condition"] = {"StringLike": {"aws:userid": "*:${sts:RoleSessionName}"}}
    parameters = "arn:aws:ssm:us-east-1:123456789012:parameter/of"
    stack = enforced.stack(
        Person=role("person", trust(account=True), own, allow("sts:AssumeRole")),
        Named=role("named", named),
        Kept=role("kept", kept),
        Team=role(
            "team",
            trust(account=True),
            allow("ssm:PutParameter", resource=f"{parameters}/${{aws:PrincipalTag/team, 'nobody'}}/*"),
            allow("ssm:PutParameter", resource=f"{parameters}/${{aws:username}}/*"),
            allow("s3:PutObject", resource="arn:aws:s3:::literal-letters/${*}/*"),
        ),
    )
    assert stack.describe()["StackStatus"] == "CREATE_COMPLETE", stack.failures()
    for person in ("ada", "bob"):
        enforced.client("sagemaker").create_notebook_instance(
            NotebookInstanceName=f"of-{person}",
            InstanceType="ml.t3.medium",
            RoleArn=EXECUTION,
            Tags=[{"Key": "mlgov:user", "Value": person}],
        )
    return enforced


class TestPolicyVariables:
    """``${aws:username}`` and its like stand for what the request brings."""

    def session(self, cloud: Cloud, name: str, session_name: str) -> dict[str, str]:
        arn = f"arn:aws:iam::123456789012:role/{name}"
        return dict(cloud.client("sts").assume_role(RoleArn=arn, RoleSessionName=session_name)["Credentials"])

    def test_a_tag_of_the_resource_names_the_session(self, variables: Cloud) -> None:
        client = variables.client("sagemaker", self.session(variables, "person", "ada"))
        assert client.describe_notebook_instance(NotebookInstanceName="of-ada")
        with pytest.raises(client.exceptions.ClientError, match="AccessDenied"):
            client.describe_notebook_instance(NotebookInstanceName="of-bob")

    def test_a_user_takes_a_role_under_her_own_name(self, variables: Cloud) -> None:
        iam = variables.client("iam")
        iam.create_user(UserName="ada")
        iam.put_user_policy(
            UserName="ada",
            PolicyName="take",
            PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [allow("sts:AssumeRole")]}),
        )
        key = iam.create_access_key(UserName="ada")["AccessKey"]
        sts = variables.client("sts", {"AccessKeyId": key["AccessKeyId"], "SecretAccessKey": key["SecretAccessKey"]})
        arn = "arn:aws:iam::123456789012:role/named"
        assert sts.assume_role(RoleArn=arn, RoleSessionName="ada")["Credentials"]
        with pytest.raises(sts.exceptions.ClientError, match="AccessDenied"):
            sts.assume_role(RoleArn=arn, RoleSessionName="bob")

    def test_a_session_keeps_its_name_in_the_next_role(self, variables: Cloud) -> None:
        sts = variables.client("sts", self.session(variables, "person", "ada"))
        arn = "arn:aws:iam::123456789012:role/kept"
        assert sts.assume_role(RoleArn=arn, RoleSessionName="ada")["Credentials"]
        with pytest.raises(sts.exceptions.ClientError, match="AccessDenied"):
            sts.assume_role(RoleArn=arn, RoleSessionName="bob")

    @pytest.mark.parametrize(
        ("name", "allowed"),
        [
            ("/of/nobody/x", True),  # the default of a variable
            ("/of/somebody/x", False),
            ("/of//x", False),  # an unknown variable is like nothing
            ("/of/${aws:username}/x", False),
        ],
    )
    def test_a_resource_named_by_a_variable(self, variables: Cloud, name: str, allowed: bool) -> None:
        client = variables.client("ssm", self.session(variables, "team", "ada"))
        if allowed:
            assert client.put_parameter(Name=name, Value="v", Type="String")
        else:
            with pytest.raises(client.exceptions.ClientError):
                client.put_parameter(Name=name, Value="v", Type="String")

    def test_a_wildcard_that_is_meant_as_a_letter(self, variables: Cloud) -> None:
        variables.client("s3").create_bucket(Bucket="literal-letters")
        client = variables.client("s3", self.session(variables, "team", "ada"))
        assert client.put_object(Bucket="literal-letters", Key="*/x", Body=b"")
        with pytest.raises(client.exceptions.ClientError, match="AccessDenied"):
            client.put_object(Bucket="literal-letters", Key="any/x", Body=b"")


class TestMakingRoles:
    """A role that may make roles under one boundary only, and attach policies of its own to them."""

    @pytest.fixture(scope="class")
    @classmethod
    def maker(cls, enforced: Cloud) -> Iterator[str]:
        policies = {
            name: {
                "Type": "AWS::IAM::ManagedPolicy",
                "Properties": {
                    "ManagedPolicyName": name,
                    "PolicyDocument": {"Version": "2012-10-17", "Statement": [allow("*")]},
                },
            }
            for name in ("the-boundary", "another", "own-rights")
        }
        bound = {"iam:PermissionsBoundary": "arn:aws:iam::123456789012:policy/the-boundary"}
        own = {"iam:PolicyARN": "arn:aws:iam::123456789012:policy/own-*"}
        statements = (
            {**allow("iam:CreateRole"), "Condition": {"StringEquals": bound}},
            {**allow("iam:AttachRolePolicy"), "Condition": {"StringEquals": bound, "ArnLike": own}},
            allow("iam:CreatePolicy", resource="arn:aws:iam::123456789012:policy/team/own-*"),
        )
        stack = enforced.stack(
            Maker=role("maker", trust(account=True), *statements),
            **{name.replace("-", ""): policy for name, policy in policies.items()},
        )
        yield "maker"
        assert stack.delete() == "DELETE_COMPLETE", stack.failures()

    def test_only_under_the_boundary_and_with_own_policies(self, enforced: Cloud, maker: str) -> None:
        administrator, iam = enforced.client("iam"), enforced.client("iam", enforced.as_role(maker))
        policy = "arn:aws:iam::123456789012:policy/{}".format
        document = json.dumps({"Version": "2012-10-17", "Statement": []})

        def make(**boundary: str) -> bool:
            return is_allowed(lambda: iam.create_role(RoleName="made", AssumeRolePolicyDocument=document, **boundary))

        def attach(name: str) -> bool:
            return is_allowed(lambda: iam.attach_role_policy(RoleName="made", PolicyArn=policy(name)))

        assert not make()
        assert not make(PermissionsBoundary=policy("another"))
        assert make(PermissionsBoundary=policy("the-boundary"))
        assert not attach("another")
        assert attach("own-rights")
        administrator.detach_role_policy(RoleName="made", PolicyArn=policy("own-rights"))
        administrator.delete_role(RoleName="made")

    @pytest.mark.parametrize(("path", "allowed"), [("/team/", True), ("/", False)])
    def test_a_policy_by_its_name_to_be(self, enforced: Cloud, maker: str, path: str, allowed: bool) -> None:
        iam = enforced.client("iam", enforced.as_role(maker))
        document = json.dumps({"Version": "2012-10-17", "Statement": [allow("*")]})
        make = functools.partial(iam.create_policy, PolicyName="own-new", Path=path, PolicyDocument=document)
        assert is_allowed(make) is allowed
        if allowed:
            enforced.client("iam").delete_policy(PolicyArn="arn:aws:iam::123456789012:policy/team/own-new")

    def test_a_policy_that_does_not_exist_is_refused(self, enforced: Cloud, maker: str) -> None:
        iam = enforced.client("iam")
        with pytest.raises(iam.exceptions.NoSuchEntityException, match="nothing does not exist"):
            iam.attach_role_policy(RoleName=maker, PolicyArn="arn:aws:iam::123456789012:policy/nothing")


@pytest.fixture(scope="module")
def launcher(enforced: Cloud) -> Iterator[str]:
    rule, budget = "arn:aws:events:us-east-1:123456789012:rule/SC-1-Start", "arn:aws:budgets::123456789012:budget/own"
    rules = allow("events:PutRule", "events:PutTargets", "events:DescribeRule", resource=rule)
    budgets = allow("budgets:ModifyBudget", "budgets:ViewBudget", resource=budget)
    stack = enforced.stack(Launcher=role("launcher", trust(account=True), rules, budgets))
    yield "launcher"
    assert stack.delete() == "DELETE_COMPLETE", stack.failures()


class TestRulesAndBudgets:
    """Services of the emulators whose requests the emulator alone would judge by another name."""

    @pytest.mark.parametrize(("name", "allowed"), [("SC-1-Start", True), ("other", False)])
    def test_a_rule_of_the_default_bus(self, enforced: Cloud, launcher: str, name: str, allowed: bool) -> None:
        events = enforced.client("events", enforced.as_role(launcher))
        target = [{"Id": "1", "Arn": "arn:aws:sqs:us-east-1:123456789012:queue"}]
        for call in (
            lambda: events.put_rule(Name=name, ScheduleExpression="rate(1 day)"),
            lambda: events.put_targets(Rule=name, Targets=target),
            lambda: events.describe_rule(Name=name),
        ):
            assert is_allowed(call) is allowed

    @pytest.mark.parametrize(("name", "allowed"), [("own", True), ("other", False)])
    def test_a_budget(self, enforced: Cloud, launcher: str, name: str, allowed: bool) -> None:
        budgets = enforced.client("budgets", enforced.as_role(launcher))
        which = {"AccountId": "123456789012"}
        limit = {"Amount": "1", "Unit": "USD"}
        budget = {"BudgetName": name, "BudgetLimit": limit, "TimeUnit": "MONTHLY", "BudgetType": "COST"}
        for call in (
            lambda: budgets.create_budget(**which, Budget=budget),
            lambda: budgets.describe_budget(**which, BudgetName=name),
            lambda: budgets.delete_budget(**which, BudgetName=name),
        ):
            assert is_allowed(call) is allowed


def is_allowed(call: Callable[[], object]) -> bool:
    try:
        call()
    except ClientError as error:
        if "AccessDenied" not in error.response["Error"]["Code"]:
            raise
        return False
    return True
