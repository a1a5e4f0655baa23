from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam

from mlgov_constructs.controls import CATALOGUE, RuleEngine
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.workspace import PackagePattern, PackageRepository
from tests.templates import Template, of_type
from tests.workspace.conftest import Ground, ground

DOMAIN, REPOSITORY, GROUP = (f"AWS::CodeArtifact::{kind}" for kind in ("Domain", "Repository", "PackageGroup"))
ORGANIZATION = "o-exampleorg1"


def packages(base: Ground, construct_id: str, **arguments: Any) -> PackageRepository:
    common = {
        "vpc": base.vpc,
        "encryption_key": base.key,
        "domain_name": "mlgov",
        "allowed_packages": ["numpy", "types~"],
    }
    return PackageRepository(base.stack, construct_id, **{**common, **arguments})


def _build(app: cdk.App) -> None:
    base = ground(app, "packages")
    repository = packages(base, "Packages", own_packages=["mycompany~"])
    packages(
        base,
        "Full",
        domain_name="shared",
        repository_name="team.python",
        organization_id=ORGANIZATION,
        removal_policy=cdk.RemovalPolicy.DESTROY,
    )
    repository.grant_read(base.role)
    repository.grant_publish(iam.Role(base.stack, "Build", assumed_by=iam.AccountRootPrincipal()))


@pytest.fixture(scope="session")
def template(synthesize: Callable[..., dict[str, Template]]) -> Template:
    return synthesize(_build, {"mlgov:allowDataRemoval": True})["packages"]


def resource(template: Template, kind: str, name: str) -> tuple[str, dict[str, Any]]:
    (found,) = ((i, r) for i, r in of_type(template, kind).items() if re.match(rf"{name}[0-9A-F]{{8}}$", i))
    return found


def restrictions(template: Template, name: str) -> dict[str, Any]:
    _, group = resource(template, GROUP, name)
    found: dict[str, Any] = group["Properties"]["OriginConfiguration"]["Restrictions"]
    return found


def modes(template: Template, name: str) -> dict[str, str]:
    return {way: setting["RestrictionMode"] for way, setting in restrictions(template, name).items()}


def rights(template: Template, name: str) -> list[dict[str, Any]]:
    policies = of_type(template, "AWS::IAM::ManagedPolicy") | of_type(template, "AWS::IAM::Policy")
    (policy,) = (policy for i, policy in policies.items() if i.startswith(name))
    statements: list[dict[str, Any]] = policy["Properties"]["PolicyDocument"]["Statement"]
    return statements


def test_the_domain_has_the_key_and_the_key_lets_codeartifact_use_it(template: Template) -> None:
    _, domain = resource(template, DOMAIN, "PackagesDomain")
    assert domain["Properties"]["EncryptionKey"]["Fn::GetAtt"][0].startswith("Key")
    assert any(dependency.startswith("Key") for dependency in domain["DependsOn"])
    (key,) = (key for name, key in of_type(template, "AWS::KMS::Key").items() if re.match("Key[0-9A-F]{8}$", name))
    assert "UseThroughServicesCodeartifact" in json.dumps(key)


def test_the_store_alone_is_connected_and_only_once_the_block_stands(template: Template) -> None:
    block, _ = resource(template, GROUP, "PackagesEverything")
    store_id, store = resource(template, REPOSITORY, "PackagesStore")
    _, team = resource(template, REPOSITORY, "PackagesTeam")
    assert store["Properties"]["ExternalConnections"] == ["public:pypi"]
    assert store["DependsOn"] == [block]
    assert "ExternalConnections" not in team["Properties"]
    assert team["Properties"]["Upstreams"] == [{"Fn::GetAtt": [store_id, "Name"]}]
    assert (store["Properties"]["RepositoryName"], team["Properties"]["RepositoryName"]) == ("python-store", "python")


def test_what_is_not_listed_is_blocked(template: Template) -> None:
    _, block = resource(template, GROUP, "PackagesEverything")
    assert block["Properties"]["Pattern"] == "/pypi/*"
    assert set(modes(template, "PackagesEverything").values()) == {"BLOCK"}


def test_a_listed_package_comes_into_the_store_and_is_never_published(template: Template) -> None:
    store_id, _ = resource(template, REPOSITORY, "PackagesStore")
    for name, pattern in (("PackagesAllowednumpy", "/pypi//numpy$"), ("PackagesAllowedtypes", "/pypi//types~")):
        _, group = resource(template, GROUP, name)
        assert group["Properties"]["Pattern"] == pattern
        assert modes(template, name) == {
            "ExternalUpstream": "ALLOW_SPECIFIC_REPOSITORIES",
            "InternalUpstream": "ALLOW",
            "Publish": "BLOCK",
        }
        assert restrictions(template, name)["ExternalUpstream"]["Repositories"] == [{"Fn::GetAtt": [store_id, "Name"]}]


def test_an_own_package_is_published_and_never_comes_from_outside(template: Template) -> None:
    team_id, _ = resource(template, REPOSITORY, "PackagesTeam")
    assert modes(template, "PackagesOwnmycompany") == {
        "ExternalUpstream": "BLOCK",
        "InternalUpstream": "BLOCK",
        "Publish": "ALLOW_SPECIFIC_REPOSITORIES",
    }
    publish = restrictions(template, "PackagesOwnmycompany")["Publish"]
    assert publish["Repositories"] == [{"Fn::GetAtt": [team_id, "Name"]}]


def test_the_account_decides_by_iam(template: Template) -> None:
    for kind, name in ((DOMAIN, "PackagesDomain"), (REPOSITORY, "PackagesStore"), (REPOSITORY, "PackagesTeam")):
        (statement,) = resource(template, kind, name)[1]["Properties"]["PermissionsPolicyDocument"]["Statement"]
        assert statement["Principal"]["AWS"]["Fn::Join"][1][-1] == ":root"
        assert not [action for action in statement["Action"] if "*" in action]


def test_the_organisation_may_read_too(template: Template) -> None:
    for kind, name in ((DOMAIN, "FullDomain"), (REPOSITORY, "FullTeam")):
        _, others = resource(template, kind, name)[1]["Properties"]["PermissionsPolicyDocument"]["Statement"]
        assert others["Condition"] == {
            "StringEquals": {"aws:PrincipalOrgID": ORGANIZATION},
            "StringNotEquals": {"aws:PrincipalAccount": {"Ref": "AWS::AccountId"}},
        }
        assert not [action for action in others["Action"] if "Publish" in action or "*" in action]


def test_everything_is_retained_unless_two_keys_say_otherwise(template: Template) -> None:
    for kind in (DOMAIN, REPOSITORY, GROUP):
        for name, each in of_type(template, kind).items():
            policy = "Delete" if name.startswith("Full") else "Retain"
            assert (each["DeletionPolicy"], each["UpdateReplacePolicy"]) == (policy, policy)


def test_who_reads_logs_in_here_and_nowhere_else(template: Template) -> None:
    statements = rights(template, "RoleRights")
    (bearer,) = (s for s in statements if s["Action"] == "sts:GetServiceBearerToken")
    assert bearer["Condition"] == {"StringEquals": {"sts:AWSServiceName": "codeartifact.amazonaws.com"}}
    (log_in,) = (s for s in statements if s["Action"] == "codeartifact:GetAuthorizationToken")
    assert log_in["Resource"]["Fn::GetAtt"][0].startswith("PackagesDomain")
    (read,) = (s for s in statements if "codeartifact:ReadFromRepository" in s["Action"])
    assert read["Resource"]["Fn::GetAtt"][0].startswith("PackagesTeam")
    assert "Publish" not in json.dumps(statements)


def test_who_publishes_publishes_own_packages_alone(template: Template) -> None:
    (publish,) = (
        s for s in rights(template, "BuildDefaultPolicy") if s["Action"] == "codeartifact:PublishPackageVersion"
    )
    assert publish["Resource"]["Fn::Join"][1][-1].endswith(":package/mlgov/python/pypi//mycompany*")


def test_the_vpc_gets_the_endpoints(template: Template) -> None:
    names = json.dumps([e["Properties"]["ServiceName"] for e in of_type(template, "AWS::EC2::VPCEndpoint").values()])
    for service in ("codeartifact.api", "codeartifact.repositories", "sts"):
        assert re.search(rf'\.{re.escape(service)}"', names), service


def test_the_rules_agree_with_the_claims(template: Template) -> None:
    engine = RuleEngine([CATALOGUE[control] for control in PackageRepository.CONTROLS])
    found = {
        (f.control.id, f.status.value, f.logical_id.startswith("Full")) for f in engine.check_text(json.dumps(template))
    }
    assert found == {("MLG-WSP-18", "deviation", True)}
    claimed = {
        control
        for kind in (DOMAIN, REPOSITORY, GROUP)
        for each in of_type(template, kind).values()
        for control in each["Metadata"]["mlgov"]["controls"]
    }
    assert claimed == set(PackageRepository.CONTROLS)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"domain_name": "MLgov"}, "domain_name 'MLgov' is not allowed"),
        ({"domain_name": "m"}, "domain_name 'm' is not allowed"),
        ({"repository_name": "py thon"}, "repository_name 'py thon' is not allowed"),
        ({"repository_name": "a" * 95}, f"repository_name '{'a' * 95}' is not allowed"),
        (
            {"allowed_packages": ["Scikit_Learn"]},
            "Package 'Scikit_Learn' cannot be matched. CodeArtifact matches the normalised name 'scikit-learn'.",
        ),
        ({"allowed_packages": ["*"]}, "Package '*' cannot be matched. Name one package"),
        ({"own_packages": ["numpy>=2"]}, "Package 'numpy>=2' cannot be matched"),
        ({"own_packages": ["numpy"]}, "numpy is both allowed from the public index and an own package"),
        ({"allowed_packages": [f"p{number}" for number in range(201)]}, "201 packages are listed"),
        ({"organization_id": "example"}, "organization_id 'example' is none"),
    ],
)
def test_a_bad_argument_is_refused_before_anything_exists(arguments: dict[str, Any], message: str) -> None:
    base = ground(cdk.App(), "Stack")
    with pytest.raises(ConstructError, match=re.escape("[Stack/Packages] ")) as error:
        packages(base, "Packages", **arguments)
    assert message in str(error.value)
    assert base.stack.node.try_find_child("Packages") is None


def test_nobody_publishes_where_there_are_no_own_packages() -> None:
    base = ground(cdk.App(), "Stack")
    with pytest.raises(ConstructError, match="there are no own packages to publish"):
        packages(base, "Packages").grant_publish(base.role)


def test_a_partition_without_codeartifact_is_named() -> None:
    base = ground(cdk.App(), "Stack", env=cdk.Environment(region="us-gov-west-1"))
    with pytest.raises(ConstructError, match=r"codeartifact\.api has no VPC endpoint in the partition aws-us-gov"):
        packages(base, "Packages")


@pytest.mark.parametrize(
    ("text", "group"), [("numpy", "/pypi//numpy$"), ("types~", "/pypi//types~"), ("a-1-b", "/pypi//a-1-b$")]
)
def test_a_pattern_is_written_as_codeartifact_takes_it(text: str, group: str) -> None:
    assert PackagePattern(text).group == group
