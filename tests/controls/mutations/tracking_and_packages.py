"""Faults of experiment tracking, packages and code."""

from __future__ import annotations

from tests.controls.mutations.faults import Mutation, Resource, removed, with_value, without

SERVER, APP = "AWS::SageMaker::MlflowTrackingServer", "AWS::SageMaker::MlflowApp"
DOMAIN, REPOSITORY = "AWS::CodeArtifact::Domain", "AWS::CodeArtifact::Repository"
GROUP, CODE = "AWS::CodeArtifact::PackageGroup", "AWS::CodeCommit::Repository"
URI, POLICY = "Properties/ArtifactStoreUri", "Properties/PermissionsPolicyDocument/Statement"
RESTRICTIONS = "Properties/OriginConfiguration/Restrictions"
OUTSIDE, PUBLISHED = f"{RESTRICTIONS}/ExternalUpstream/RestrictionMode", f"{RESTRICTIONS}/Publish/RestrictionMode"
TOP = {"Fn::Join": ["", ["s3://", {"Ref": "Bucket"}]]}
ELSEWHERE = {"Fn::Join": ["", ["https://", {"Ref": "Bucket"}, "/churn/mlflow"]]}
READ = {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "codeartifact:ListPackages", "Resource": "*"}


def is_everything(resource: Resource) -> bool:
    """The package group of what is not listed."""
    return bool(resource["Properties"]["Pattern"] == "/pypi/*")


def comes_from_outside(resource: Resource) -> bool:
    """The package groups of a public index."""
    mode = resource["Properties"]["OriginConfiguration"]["Restrictions"]["ExternalUpstream"]["RestrictionMode"]
    return bool(mode != "BLOCK")


def is_connected(resource: Resource) -> bool:
    """The repositories that are connected to a public index."""
    return "ExternalConnections" in resource["Properties"]


def of_tracking(kind: str) -> tuple[Mutation, ...]:
    """The faults that a server and an app have in common."""
    return (
        Mutation("MLG-WSP-09", "keeps artifacts nowhere", kind, without(URI)),
        Mutation("MLG-WSP-09", "has no role", kind, without("Properties/RoleArn")),
        Mutation("MLG-WSP-09", "keeps artifacts at the top of a bucket", kind, with_value(URI, TOP)),
        Mutation("MLG-WSP-09", "keeps artifacts at the top of a named bucket", kind, with_value(URI, "s3://bucket")),
        Mutation("MLG-WSP-09", "keeps artifacts elsewhere", kind, with_value(URI, ELSEWHERE)),
        Mutation("MLG-WSP-11", "goes with its stack", kind, with_value("DeletionPolicy", "Delete")),
        Mutation("MLG-WSP-11", "goes when replaced", kind, without("UpdateReplacePolicy")),
        Mutation("MLG-WSP-12", "has no tags", kind, without("Properties/Tags")),
        Mutation("MLG-WSP-12", "has another tag", kind, with_value("Properties/Tags/*/Key", "project")),
    )


def of_policies(kind: str) -> tuple[Mutation, ...]:
    """The faults that the policies of domains and repositories have in common."""
    without_action = {key: value for key, value in READ.items() if key != "Action"}
    without_principal = {key: value for key, value in READ.items() if key != "Principal"}
    faults = {
        "lets everyone in": {**READ, "Principal": "*"},
        "lets every account in": {**READ, "Principal": {"AWS": ["*"]}},
        "allows everything": {**READ, "Action": "codeartifact:*"},
        "allows everything in a list": {**READ, "Action": ["codeartifact:ListPackages", "*"]},
        "allows all but one action": {**without_action, "NotAction": "codeartifact:DeleteDomain"},
        "allows all but one account": {**without_principal, "NotPrincipal": {"AWS": "111122223333"}},
    }
    return tuple(Mutation("MLG-WSP-14", fault, kind, with_value(POLICY, [faulty])) for fault, faulty in faults.items())


def of_kept(kind: str) -> tuple[Mutation, ...]:
    """The faults of what must outlive its stack."""
    return (
        Mutation("MLG-WSP-18", "goes with its stack", kind, without("DeletionPolicy")),
        Mutation("MLG-WSP-18", "goes when replaced", kind, with_value("UpdateReplacePolicy", "Delete")),
    )


TRACKING_AND_PACKAGES = (
    *of_tracking(SERVER),
    *of_tracking(APP),
    Mutation("MLG-WSP-10", "registers models", SERVER, with_value("Properties/AutomaticModelRegistration", True)),
    Mutation(
        "MLG-WSP-10",
        "registers models",
        APP,
        with_value("Properties/ModelRegistrationMode", "AutoModelRegistrationEnabled"),
    ),
    Mutation("MLG-WSP-13", "has no key", DOMAIN, without("Properties/EncryptionKey")),
    Mutation(
        "MLG-WSP-13", "takes the key of AWS", DOMAIN, with_value("Properties/EncryptionKey", "alias/aws/codeartifact")
    ),
    *of_policies(DOMAIN),
    *of_policies(REPOSITORY),
    Mutation("MLG-WSP-15", "is not there", GROUP, removed, is_everything),
    Mutation("MLG-WSP-15", "comes from outside anywhere", GROUP, with_value(OUTSIDE, "ALLOW"), comes_from_outside),
    Mutation(
        "MLG-WSP-15",
        "is published and comes from outside",
        GROUP,
        with_value(PUBLISHED, "ALLOW_SPECIFIC_REPOSITORIES"),
        comes_from_outside,
    ),
    Mutation("MLG-WSP-15", "is published anywhere", GROUP, with_value(PUBLISHED, "ALLOW"), comes_from_outside),
    Mutation(
        "MLG-WSP-16",
        "takes from another index",
        REPOSITORY,
        with_value("Properties/ExternalConnections", ["public:npmjs"]),
        is_connected,
    ),
    Mutation("MLG-WSP-17", "has no key", CODE, without("Properties/KmsKeyId")),
    Mutation("MLG-WSP-17", "takes the key of AWS", CODE, with_value("Properties/KmsKeyId", "alias/aws/codecommit")),
    *(mutation for kind in (DOMAIN, REPOSITORY, GROUP, CODE) for mutation in of_kept(kind)),
)
