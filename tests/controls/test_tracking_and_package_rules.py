from __future__ import annotations

import json
from typing import Any

import pytest

from mlgov_constructs.controls import CATALOGUE
from tests.controls.engines import engine

GET_ATT = {"Fn::GetAtt": ["Other", "Arn"]}
KEPT = {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
SERVER, APP = "AWS::SageMaker::MlflowTrackingServer", "AWS::SageMaker::MlflowApp"
DOMAIN, REPOSITORY = "AWS::CodeArtifact::Domain", "AWS::CodeArtifact::Repository"
GROUP, CODE = "AWS::CodeArtifact::PackageGroup", "AWS::CodeCommit::Repository"
TAGS = [{"Key": "mlgov:project", "Value": "churn"}]
STORE = {"Fn::Join": ["", ["s3://", {"Ref": "Bucket"}, "/churn/mlflow"]]}
ROOT = {"AWS": {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":iam::", {"Ref": "AWS::AccountId"}, ":root"]]}}
POLICY = {"Statement": [{"Effect": "Allow", "Principal": ROOT, "Action": ["codeartifact:ReadFromRepository"]}]}


def group(pattern: str, **modes: str) -> dict[str, Any]:
    ways = {"ExternalUpstream": "BLOCK", "InternalUpstream": "BLOCK", "Publish": "BLOCK", **modes}
    restrictions = {way: {"RestrictionMode": mode} for way, mode in ways.items()}
    return {
        "Type": GROUP,
        **KEPT,
        "Properties": {"Pattern": pattern, "OriginConfiguration": {"Restrictions": restrictions}},
    }


TEMPLATE: dict[str, dict[str, Any]] = {
    "Topic": {"Type": "AWS::SNS::Topic"},
    "Server": {
        "Type": SERVER,
        **KEPT,
        "Properties": {
            "ArtifactStoreUri": STORE,
            "AutomaticModelRegistration": False,
            "RoleArn": GET_ATT,
            "Tags": TAGS,
        },
    },
    "App": {
        "Type": APP,
        **KEPT,
        "Properties": {
            "ArtifactStoreUri": "s3://bucket/churn/mlflow",
            "ModelRegistrationMode": "AutoModelRegistrationDisabled",
            "RoleArn": GET_ATT,
            "Tags": TAGS,
        },
    },
    "Domain": {
        "Type": DOMAIN,
        **KEPT,
        "Properties": {"EncryptionKey": GET_ATT, "PermissionsPolicyDocument": POLICY},
    },
    "Repository": {
        "Type": REPOSITORY,
        **KEPT,
        "Properties": {"ExternalConnections": ["public:pypi"], "PermissionsPolicyDocument": POLICY},
    },
    "Everything": group("/pypi/*"),
    "Listed": group("/pypi//numpy$", ExternalUpstream="ALLOW_SPECIFIC_REPOSITORIES", InternalUpstream="ALLOW"),
    "Own": group("/pypi//own~", Publish="ALLOW_SPECIFIC_REPOSITORIES"),
    "Code": {"Type": CODE, **KEPT, "Properties": {"KmsKeyId": GET_ATT}},
}
CONTROLS = [f"MLG-WSP-{number:02}" for number in range(9, 19)]
GONE = object()
RESTRICTIONS = "Properties/OriginConfiguration/Restrictions"
WRONG: list[tuple[str, str, str, Any]] = [
    *(
        wrong
        for name in ("Server", "App")
        for wrong in (
            ("MLG-WSP-09", name, "Properties/ArtifactStoreUri", GONE),
            ("MLG-WSP-09", name, "Properties/RoleArn", GONE),
            ("MLG-WSP-09", name, "Properties/ArtifactStoreUri", "s3://bucket"),
            ("MLG-WSP-09", name, "Properties/ArtifactStoreUri", "https://example.com/a/b"),
            ("MLG-WSP-09", name, "Properties/ArtifactStoreUri", {"Fn::Join": ["", ["s3://", {"Ref": "Bucket"}]]}),
            ("MLG-WSP-09", name, "Properties/ArtifactStoreUri", {"Fn::Join": ["", ["https://", GET_ATT, "/a/b"]]}),
        )
    ),
    ("MLG-WSP-10", "Server", "Properties/AutomaticModelRegistration", True),
    ("MLG-WSP-10", "Server", "Properties/AutomaticModelRegistration", {"Fn::If": ["A", True, False]}),
    ("MLG-WSP-10", "App", "Properties/ModelRegistrationMode", "AutoModelRegistrationEnabled"),
    *(
        wrong
        for name in ("Server", "App")
        for wrong in (
            ("MLG-WSP-11", name, "DeletionPolicy", GONE),
            ("MLG-WSP-11", name, "UpdateReplacePolicy", "Delete"),
        )
    ),
    *(
        wrong
        for name in ("Server", "App")
        for wrong in (
            ("MLG-WSP-12", name, "Properties/Tags", GONE),
            ("MLG-WSP-12", name, "Properties/Tags", [{"Key": "project", "Value": "churn"}]),
        )
    ),
    ("MLG-WSP-13", "Domain", "Properties/EncryptionKey", GONE),
    ("MLG-WSP-13", "Domain", "Properties/EncryptionKey", "alias/aws/codeartifact"),
    *(
        ("MLG-WSP-14", name, "Properties/PermissionsPolicyDocument/Statement", [statement])
        for name in ("Domain", "Repository")
        for statement in (
            {"Effect": "Allow", "Principal": "*", "Action": ["codeartifact:ReadFromRepository"]},
            {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "codeartifact:ReadFromRepository"},
            {"Effect": "Allow", "Principal": {"AWS": ["*"]}, "Action": "codeartifact:ReadFromRepository"},
            {"Effect": "Allow", "Principal": ROOT, "Action": "codeartifact:*"},
            {"Effect": "Allow", "Principal": ROOT, "Action": ["codeartifact:ListPackages", "*"]},
            {"Effect": "Allow", "Principal": ROOT, "NotAction": ["codeartifact:ListPackages"]},
            {"Effect": "Allow", "NotPrincipal": ROOT, "Action": ["codeartifact:ListPackages"]},
        )
    ),
    ("MLG-WSP-15", "Listed", f"{RESTRICTIONS}/ExternalUpstream/RestrictionMode", "ALLOW"),
    ("MLG-WSP-15", "Listed", f"{RESTRICTIONS}/ExternalUpstream", GONE),
    ("MLG-WSP-15", "Listed", f"{RESTRICTIONS}/Publish/RestrictionMode", "ALLOW_SPECIFIC_REPOSITORIES"),
    ("MLG-WSP-15", "Own", f"{RESTRICTIONS}/Publish/RestrictionMode", "ALLOW"),
    ("MLG-WSP-15", "Own", "Properties/OriginConfiguration", GONE),
    ("MLG-WSP-16", "Repository", "Properties/ExternalConnections", ["public:npmjs"]),
    ("MLG-WSP-17", "Code", "Properties/KmsKeyId", GONE),
    ("MLG-WSP-17", "Code", "Properties/KmsKeyId", "alias/aws/codecommit"),
    *(
        ("MLG-WSP-18", name, policy, value)
        for name in ("Domain", "Repository", "Everything", "Code")
        for policy, value in (("DeletionPolicy", GONE), ("UpdateReplacePolicy", "Delete"))
    ),
]
RIGHT: list[tuple[str, str, str, Any]] = [
    ("MLG-WSP-09", "Server", "Properties/ArtifactStoreUri", {"Fn::GetAtt": ["Somewhere", "Uri"]}),
    ("MLG-WSP-10", "Server", "Properties/AutomaticModelRegistration", GONE),
    ("MLG-WSP-10", "App", "Properties/ModelRegistrationMode", GONE),
    ("MLG-WSP-11", "Server", "DeletionPolicy", "RetainExceptOnCreate"),
    ("MLG-WSP-13", "Domain", "Properties/EncryptionKey", "{{resolve:ssm:/mlgov/sandbox/workspace/key-arn}}"),
    (
        "MLG-WSP-14",
        "Repository",
        "Properties/PermissionsPolicyDocument/Statement",
        [
            {
                "Effect": "Allow",
                "Principal": "*",
                "Action": "codeartifact:ListPackages",
                "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-exampleorg1"}},
            },
            {"Effect": "Deny", "Principal": "*", "Action": "*"},
        ],
    ),
    ("MLG-WSP-14", "Domain", "Properties/PermissionsPolicyDocument", GONE),
    ("MLG-WSP-15", "Everything", "Properties/Pattern", "/*"),
    ("MLG-WSP-16", "Repository", "Properties/ExternalConnections", GONE),
]


def findings(control: str, resources: dict[str, Any]) -> list[str]:
    return [finding.logical_id for finding in engine(control).check_text(json.dumps({"Resources": resources}))]


def changed(name: str, path: str, value: Any) -> dict[str, Any]:
    resources: dict[str, Any] = json.loads(json.dumps(TEMPLATE))
    place: Any = resources[name]
    *above, last = path.split("/")
    for key in above:
        place = place[key]
    if value is GONE:
        del place[last]
    else:
        place[last] = value
    return resources


@pytest.mark.parametrize("control", CONTROLS)
def test_governed_resources_pass(control: str) -> None:
    assert findings(control, TEMPLATE) == []


@pytest.mark.parametrize(("control", "name", "path", "value"), WRONG)
def test_a_fault_is_found(control: str, name: str, path: str, value: Any) -> None:
    assert findings(control, changed(name, path, value)) == [name]


@pytest.mark.parametrize(("control", "name", "path", "value"), RIGHT)
def test_other_right_values_pass(control: str, name: str, path: str, value: Any) -> None:
    assert findings(control, changed(name, path, value)) == []


@pytest.mark.parametrize("way", ["ExternalUpstream", "InternalUpstream", "Publish"])
def test_a_domain_without_the_block_is_found_in_the_template(way: str) -> None:
    without = {name: resource for name, resource in TEMPLATE.items() if name != "Everything"}
    assert findings("MLG-WSP-15", without) == [""]
    half = changed("Everything", f"{RESTRICTIONS}/{way}/RestrictionMode", "INHERIT")
    assert "" in findings("MLG-WSP-15", half)


def test_nothing_is_demanded_where_nothing_is() -> None:
    for control in CONTROLS:
        assert findings(control, {"Topic": TEMPLATE["Topic"]}) == []


def test_every_control_is_tried() -> None:
    assert {control for control in CATALOGUE if control.startswith("MLG-WSP-")} >= set(CONTROLS)
    assert {control for control, *_ in WRONG} == set(CONTROLS)
