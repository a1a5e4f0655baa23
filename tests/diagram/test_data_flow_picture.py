"""The picture of the flow of data shows what the templates say, and nothing else."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from mlgov_constructs.diagram import DiagramError, data_flow_picture
from tests.diagram.conftest import Resources, Written, att, ref, resource
from tests.diagram.svg import addresses, boxes, description, overlaps, parse, size, texts, words


def trusted(service: str = "sagemaker.amazonaws.com") -> dict[str, Any]:
    return {"Statement": [{"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}]}


def allow(actions: Any, resources: Any, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": resources} | more


def policy(*statements: dict[str, Any], role: str = "Role") -> dict[str, Any]:
    return resource("IAM::ManagedPolicy", Roles=[ref(role)], PolicyDocument={"Statement": list(statements)})


def inside(bucket: str, path: str = "/*") -> dict[str, Any]:
    return {"Fn::Join": ["", [att(bucket), path]]}


def version(number: str = "1") -> dict[str, Any]:
    arn = ["arn:", ref("AWS::Partition"), ":sagemaker:", ref("AWS::Region"), ":1:model-package/risk/", number]
    return {"Fn::Join": ["", arn]}


TAGS = [{"Key": "project", "Value": "risk"}]
DATA: Resources = {
    "Data": resource(
        "S3::Bucket",
        BucketEncryption={
            "ServerSideEncryptionConfiguration": [
                {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": att("Key")}}
            ]
        },
        VersioningConfiguration={"Status": "Enabled"},
        LifecycleConfiguration={"Rules": [{"Id": "curated"}]},
        LoggingConfiguration={},
        Tags=TAGS,
    ),
    "Key": resource("KMS::Key", EnableKeyRotation=True),
    "Alias": resource("KMS::Alias", AliasName="alias/lab/data", TargetKeyId=ref("Key")),
    "Registry": resource("SageMaker::ModelPackageGroup", ModelPackageGroupName="risk", Tags=TAGS),
    "Role": resource("IAM::Role", AssumeRolePolicyDocument=trusted()),
    "Rights": policy(allow("s3:GetObject", inside("Data"))),
    "Rule": resource(
        "Events::Rule", ScheduleExpression="rate(1 day)", Targets=[{"Arn": "arn:x:sagemaker:r:1:pipeline/train"}]
    ),
    "Pipeline": resource(
        "SageMaker::Pipeline",
        PipelineName="train",
        PipelineDefinition={
            "PipelineDefinitionBody": {
                "Fn::Join": [
                    "",
                    [
                        '{"Steps":[{"Name":"p","Type":"Processing","Arguments":{"ProcessingInputs":[{"S3Input":',
                        '{"S3Uri":"s3://',
                        ref("Data"),
                        '/in"}}]}},{"Name":"r","Type":"RegisterModel","Arguments":',
                        '{"ModelPackageGroupName":"risk"}}]}',
                    ],
                ]
            }
        },
    ),
    "Model": resource(
        "SageMaker::Model", PrimaryContainer={"ModelPackageName": version()}, EnableNetworkIsolation=True
    ),
    "Config": resource(
        "SageMaker::EndpointConfig",
        ProductionVariants=[{"ModelName": att("Model", "ModelName")}],
        DataCaptureConfig={
            "EnableCapture": True,
            "DestinationS3Uri": {"Fn::Join": ["", ["s3://", ref("Data"), "/capture"]]},
        },
    ),
    "Endpoint": resource(
        "SageMaker::Endpoint", EndpointName="risk", EndpointConfigName=att("Config", "EndpointConfigName")
    ),
    "Watch": resource(
        "SageMaker::DataQualityJobDefinition",
        DataQualityJobInput={"EndpointInput": {"EndpointName": "risk"}},
        DataQualityJobOutputConfig={"MonitoringOutputs": [{"S3Output": {"S3Uri": "s3://results/watch"}}]},
    ),
}


def drawn(
    written: Written, changes: Resources | None = None, *, without: str = "", product: Resources | None = None
) -> str:
    more = {"a.product": {"Resources": product}} if product else {}
    kept = {name: each for name, each in DATA.items() if name != without}
    return data_flow_picture(written(deepcopy(kept) | (changes or {}), **more))


def said(picture: str) -> list[str]:
    return [f"{sentence}." for sentence in description(picture).removesuffix(".").split(". ")]


def changed(name: str, **properties: Any) -> Resources:
    return {name: DATA[name] | {"Properties": DATA[name]["Properties"] | properties}}


def test_the_way_of_a_model_is_drawn_from_start_to_monitor(written: Written) -> None:
    assert [each for each in said(drawn(written)) if "leads to" in each] == [
        "Rule leads to Pipeline.",
        "Pipeline leads to Registry.",
        "Registry leads to Model.",
        "Model leads to Endpoint.",
        "Endpoint leads to Watch.",
    ]


@pytest.mark.parametrize(
    ("change", "lost"),
    [
        (changed("Rule", Targets=[]), "Rule leads to Pipeline."),
        (changed("Registry", ModelPackageGroupName="other"), "Pipeline leads to Registry."),
        (changed("Model", PrimaryContainer={"ModelDataUrl": "s3://m"}), "Registry leads to Model."),
        (changed("Config", ProductionVariants=[]), "Model leads to Endpoint."),
        (changed("Endpoint", EndpointName="another"), "Endpoint leads to Watch."),
    ],
)
def test_a_step_that_the_templates_lack_is_not_drawn(change: Resources, lost: str, written: Written) -> None:
    assert lost in said(drawn(written))
    assert lost not in said(drawn(written, change))


def test_a_rule_that_hears_a_monitor_leads_back(written: Written) -> None:
    pattern = {"detail": {"S3Uri": [{"prefix": "s3://results/watch/"}]}}
    again = resource("Events::Rule", EventPattern=pattern, Targets=[{"Arn": "arn:x:sagemaker:r:1:pipeline/train"}])
    picture = drawn(written, {"Again": again})
    assert "Watch leads to Again." in said(picture)
    assert "on an event" in texts(picture)
    assert not overlaps(picture)


def test_a_product_is_not_started_by_the_rule_of_another(written: Written) -> None:
    product = {"Later": DATA["Pipeline"]}
    picture = drawn(written, product=product)
    assert "Rule leads to Later." not in said(picture)
    assert boxes(picture, "later")


@pytest.mark.parametrize(
    ("actions", "resources", "ways"),
    [
        ("s3:GetObject", inside("Data"), "reads Data"),
        (["s3:PutObject"], [inside("Data", "/in/*")], "writes Data"),
        ("s3:*", inside("Data"), "reads Data and writes Data"),
        ("*", "*", "reads Data, Registry and writes Data, Registry"),
        ("S3:Get*", "*", "reads Data"),
        ("sagemaker:DescribeModelPackage", version("*"), "reads Registry"),
        ("sagemaker:CreateModelPackage", "arn:x:sagemaker:r:1:model-package/*", "writes Registry"),
        ("s3:ListBucket", att("Data"), ""),
        ("s3:Get*", att("Data"), ""),
        ("sagemaker:CreateModelPackage", "arn:x:sagemaker:r:1:model-package/other/*", ""),
    ],
)
def test_grants_of_a_role(actions: Any, resources: Any, ways: str, written: Written) -> None:
    found = said(drawn(written, {"Rights": policy(allow(actions, resources))}))
    assert [each for each in found if each.startswith("Role (")] == (
        [f"Role (stack0.template.json) {ways}."] if ways else []
    )


def test_what_is_not_excepted_is_granted(written: Written) -> None:
    rights = policy({"Effect": "Allow", "NotAction": ["s3:Put*", "sagemaker:*"], "Resource": "*"})
    assert "Role (stack0.template.json) reads Data." in said(drawn(written, {"Rights": rights}))


def test_a_denial_grants_nothing(written: Written) -> None:
    rights = policy(allow("s3:*", inside("Data"), Effect="Deny"))
    assert "Role" not in texts(drawn(written, {"Rights": rights}))


@pytest.mark.parametrize(("project", "drawn_there"), [("risk", True), ("other", False)])
def test_a_grant_by_the_tag_of_a_resource(project: str, drawn_there: bool, written: Written) -> None:
    condition = {"StringEquals": {"aws:ResourceTag/project": project}}
    statement = allow("sagemaker:DescribeModelPackage", "arn:x:sagemaker:r:1:model-package/*", Condition=condition)
    assert ("Role" in texts(drawn(written, {"Rights": policy(statement)}))) is drawn_there


def test_a_grant_on_everything_under_a_condition_is_named_and_not_drawn(written: Written) -> None:
    rights = policy(allow("s3:GetObject", "*", Condition={"StringEquals": {"s3:ExistingObjectTag/a": "b"}}))
    found = texts(drawn(written, {"Rights": rights}))
    assert "Not drawn, a grant on every bucket under a condition: Role" in found
    assert "Role" not in found


@pytest.mark.parametrize(
    "rights",
    [
        {"Rights": policy(allow("s3:GetObject", inside("Data")))},
        changed("Role", Policies=[{"PolicyDocument": {"Statement": allow("s3:GetObject", inside("Data"))}}]),
        changed("Role", ManagedPolicyArns=[ref("Apart")])
        | {"Apart": resource("IAM::ManagedPolicy", PolicyDocument={"Statement": [allow("s3:Get*", inside("Data"))]})},
        {
            "Own": resource(
                "IAM::RolePolicy", RoleName=ref("Role"), PolicyDocument={"Statement": [allow("s3:Get*", "*")]}
            )
        },
    ],
)
def test_policies_of_every_form_count(rights: Resources, written: Written) -> None:
    assert "Role" in texts(drawn(written, {"Rights": resource("SNS::Topic")} | rights))


@pytest.mark.parametrize(
    ("trust", "group"),
    [
        (trusted(), "Roles of jobs, by their policies"),
        (trusted("lambda.amazonaws.com"), "Roles of services, by their policies"),
        ({"Statement": {"Principal": {"AWS": "arn:x:iam::1:root"}}}, "Roles of people, by their policies"),
        ({"Statement": [{"Principal": {"Federated": "idp"}}]}, "Roles of people, by their policies"),
    ],
)
def test_roles_are_grouped_by_who_assumes_them(trust: dict[str, Any], group: str, written: Written) -> None:
    found = texts(drawn(written, changed("Role", AssumeRolePolicyDocument=trust)))
    assert found.index(group) + 1 == found.index("Role")


def test_people_without_data_are_named(written: Written) -> None:
    auditor = resource("IAM::Role", AssumeRolePolicyDocument={"Statement": [{"Principal": {"AWS": "x"}}]})
    picture = drawn(written, {"Auditor": auditor})
    assert "People without data: Auditor" in texts(picture)
    assert "People without data: Auditor." in said(picture)


def test_settings_of_workloads_are_drawn(written: Written) -> None:
    found = said(drawn(written))
    assert "Pipeline (pipeline) reads Data and writes Registry." in found
    assert "Endpoint (endpoint) writes Data." in found


def test_an_endpoint_that_captures_nothing_writes_nothing(written: Written) -> None:
    found = drawn(written, changed("Config", DataCaptureConfig=None))
    assert "Endpoint (endpoint) writes Data." not in said(found)
    assert "captures data" not in texts(found)


def test_a_store_of_artifacts_is_read_and_written(written: Written) -> None:
    store = {"Fn::Join": ["", ["s3://", ref("Data"), "/mlflow"]]}
    tracking = resource("SageMaker::MlflowTrackingServer", ArtifactStoreUri=store)
    assert "Tracking (MLflow server) reads Data and writes Data." in said(drawn(written, {"Tracking": tracking}))


def test_a_trail_writes_to_its_bucket_and_its_log_group(written: Written) -> None:
    logs: Resources = {
        "Archive": resource("S3::Bucket", LifecycleConfiguration={"Rules": [{"Id": "logs"}]}),
        "Group": resource("Logs::LogGroup", RetentionInDays=30),
        "Other": resource("Logs::LogGroup"),
        "Trail": resource("CloudTrail::Trail", S3BucketName=ref("Archive"), CloudWatchLogsLogGroupArn=att("Group")),
    }
    picture = drawn(written, logs)
    assert "Trail (trail) writes Archive, Group." in said(picture)
    assert {"logs bucket · no versions · no access log", "log group · kept 30 days"} <= set(texts(picture))
    assert "Other" not in texts(picture)


def test_a_store_says_its_class_its_key_and_its_protection(written: Written) -> None:
    found = texts(drawn(written))
    first = found.index("Where data rests") + 1
    assert found[first : first + 3] == ["Data", "curated bucket · versions", "key lab/data"]


@pytest.mark.parametrize(
    ("properties", "text"),
    [
        ({"VersioningConfiguration": {}}, "curated bucket · no versions"),
        ({"LifecycleConfiguration": {}}, "bucket · versions"),
        (
            {"ObjectLockConfiguration": {"Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 365}}}},
            "curated bucket · versions · lock 365 days",
        ),
        ({"BucketEncryption": {}}, "key of the service"),
        ({"BucketEncryption": {"x": [{"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "arn"}]}}, "key from elsewhere"),
    ],
)
def test_a_store_that_changes_is_drawn_changed(properties: dict[str, Any], text: str, written: Written) -> None:
    assert text in texts(drawn(written, changed("Data", **properties)))


@pytest.mark.parametrize(("rotates", "text"), [(True, "rotates every year"), (False, "does not rotate")])
def test_keys_say_whether_they_rotate_and_what_they_encrypt(rotates: bool, text: str, written: Written) -> None:
    picture = drawn(written, changed("Key", EnableKeyRotation=rotates))
    assert {"lab/data", text, "encrypts 1: Data"} <= set(texts(picture))
    assert bool(boxes(picture, "alarmed")) is not rotates


def test_nothing_is_let_out_by_default(written: Written) -> None:
    assert "Nothing: no policy names another account or an organization." in texts(drawn(written))


ORGANIZATION = {"StringEquals": {"aws:PrincipalOrgID": "o-lab"}}


@pytest.mark.parametrize(
    ("statement", "receiver"),
    [
        ({"Principal": "*", "Condition": ORGANIZATION}, "organization o-lab"),
        ({"Principal": {"AWS": "*"}, "Condition": ORGANIZATION}, "organization o-lab"),
        ({"Principal": {"AWS": "arn:x:iam::123456789012:root"}}, "account 123456789012"),
        ({"Principal": "*"}, "everybody"),
    ],
)
def test_what_a_policy_lets_out_is_drawn(statement: dict[str, Any], receiver: str, written: Written) -> None:
    document = {"Statement": [{"Effect": "Allow"} | statement]}
    assert f"Registry is let out to {receiver}." in said(
        drawn(written, changed("Registry", ModelPackageGroupPolicy=document))
    )


@pytest.mark.parametrize(
    "properties",
    [
        {"KeyPolicy": {"Statement": [{"Effect": "Deny", "Principal": "*"}]}},
        {"KeyPolicy": {"Statement": [{"Effect": "Allow", "Principal": {"AWS": {"Ref": "AWS::AccountId"}}}]}},
        {"KeyPolicy": {"Statement": [{"Effect": "Allow", "Principal": {"Service": "logs"}}]}},
    ],
)
def test_a_policy_of_the_account_itself_lets_nothing_out(properties: dict[str, Any], written: Written) -> None:
    assert "No policy lets anything out of the account." in said(drawn(written, changed("Key", **properties)))


def test_a_policy_of_its_own_speaks_for_its_bucket(written: Written) -> None:
    document = {"Statement": [{"Effect": "Allow", "Principal": {"AWS": "123456789012"}}]}
    apart = resource("S3::BucketPolicy", Bucket=ref("Data"), PolicyDocument=document)
    assert "Data is let out to account 123456789012." in said(drawn(written, {"Apart": apart}))


def test_a_portfolio_that_is_shared_is_drawn(written: Written) -> None:
    portfolio = {
        "Portfolio": resource("ServiceCatalog::Portfolio"),
        "Share": resource("ServiceCatalog::PortfolioShare", PortfolioId=ref("Portfolio"), AccountId="123456789012"),
    }
    assert "Portfolio is let out to 123456789012." in said(drawn(written, portfolio))


@pytest.mark.parametrize("count", [1, 8, 20])
def test_the_picture_grows_with_its_stores_and_roles(count: int, written: Written) -> None:
    more: Resources = {f"Store{number}": resource("S3::Bucket") for number in range(count)}
    for number in range(count):
        more[f"Role{number}"] = resource("IAM::Role", AssumeRolePolicyDocument=trusted())
        more[f"Rights{number}"] = policy(allow("s3:*", inside(f"Store{number}")), role=f"Role{number}")
    picture = drawn(written, more)
    width, height = size(picture)
    assert {f"Role{number}" for number in range(count)} <= set(texts(picture))
    assert not overlaps(picture)
    assert all(line.left >= 0 and line.right <= width and line.y < height for line in words(picture))


def test_the_same_templates_give_the_same_picture(written: Written) -> None:
    assert drawn(written) == drawn(written)


def test_the_picture_can_be_read_out_and_fetches_nothing(written: Written) -> None:
    picture = drawn(written)
    assert parse(picture).attrib["aria-labelledby"] == "mlgov-data-title mlgov-data-description"
    assert "Data is a bucket, encrypted with the key lab/data." in said(picture)
    assert addresses(picture) == {"http://www.w3.org/2000/svg"}


def test_templates_without_a_store_have_no_flow_of_data(written: Written) -> None:
    with pytest.raises(DiagramError, match=r"have no bucket, .* draw '--view network'"):
        data_flow_picture(written({"Topic": resource("SNS::Topic")}))
