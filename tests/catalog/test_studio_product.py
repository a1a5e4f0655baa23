from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest

from mlgov_constructs.catalog import StudioProduct
from mlgov_constructs.controls import CATALOGUE, RuleEngine
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.identity import JobType
from mlgov_constructs.workspace import ParameterNames, StudioAuth, StudioDomain
from tests.access import ACCOUNT, REGION, decision
from tests.templates import Template, of_type
from tests.workspace.studio.conftest import REGIONS, Ground, ground

NAMES = ParameterNames("/mlgov/test/workspace")
SSM = "/mlgov/test/workspace"
LITERAL = re.compile(r"arn:aws(-cn|-us-gov)?:(?!aws:)")


def product(base: Ground, domain: StudioDomain, construct_id: str = "Product", **arguments: Any) -> StudioProduct:
    common: dict[str, Any] = {
        "names": NAMES,
        "domain": domain,
        "studio_roles": [base.role],
        "permissions_boundary": base.boundary,
        "owner": "ML platform",
    }
    return StudioProduct(base.stack, construct_id, **{**common, **arguments})


def _build(app: cdk.App) -> None:
    # As an app does: the tags of the environment must not reach what is published.
    cdk.Tags.of(app).add("mlgov:project", "environment")
    cdk.Tags.of(app).add("mlgov:user", "nobody")
    base = ground(app)
    domain = base.domain(
        longest_idle=cdk.Duration.hours(8),
        default_volume_size=cdk.Size.gibibytes(10),
        maximum_volume_size=cdk.Size.gibibytes(200),
    )
    roles = [base.role, base.job_role("Fraud", JobType.STUDIO, "fraud")]
    product(base, domain, studio_roles=roles, project_sizes={"fraud": ["small", "medium"]})
    strict = base.domain("Strict", auth=StudioAuth.IDENTITY_CENTER)
    product(base, strict, "Strict2", product_id="strict")


@pytest.fixture(scope="module")
def templates(synthesize: Callable[..., dict[str, Template]]) -> dict[str, Template]:
    return synthesize(_build)


@pytest.fixture(scope="module")
def stack(templates: dict[str, Template]) -> Template:
    return templates["studio"]


def _named(templates: dict[str, Template], product_id: str) -> Template:
    (found,) = (t for t in templates.values() if t.get("Metadata", {}).get("mlgov", {}).get("product") == product_id)
    return found


@pytest.fixture(scope="module")
def workspace(templates: dict[str, Template]) -> Template:
    return _named(templates, "studio")


@pytest.fixture(scope="module")
def strict(templates: dict[str, Template]) -> Template:
    return _named(templates, "strict")


@pytest.fixture
def profile(workspace: Template) -> dict[str, Any]:
    found: dict[str, Any] = workspace["Resources"]["Profile"]
    return found


@pytest.fixture
def space(workspace: Template) -> dict[str, Any]:
    found: dict[str, Any] = workspace["Resources"]["Space"]
    return found


@pytest.fixture(scope="module")
def launch_role(stack: Template) -> str:
    (role,) = (role for role in of_type(stack, "AWS::IAM::Role") if role.startswith("ProductLaunchRole"))
    return role


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DomainId", f"{{{{resolve:ssm:{SSM}/studio-domain-id}}}}"),
        (
            "UserSettings",
            {"ExecutionRole": {"Fn::Sub": f"{{{{resolve:ssm:{SSM}/projects/${{Project}}/studio-role-arn}}}}"}},
        ),
        (
            "Tags",
            [
                {"Key": "mlgov:user", "Value": {"Ref": "UserName"}},
                {"Key": "mlgov:project", "Value": {"Ref": "Project"}},
            ],
        ),
    ],
)
def test_the_profile_is_of_one_person_in_one_project(profile: dict[str, Any], name: str, value: Any) -> None:
    assert profile["Properties"][name] == value
    assert set(profile["Properties"]) == {"DomainId", "UserProfileName", "UserSettings", "Tags"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SpaceSharingSettings", {"SharingType": "Private"}),
        ("DomainId", f"{{{{resolve:ssm:{SSM}/studio-domain-id}}}}"),
        (
            "Tags",
            [
                {"Key": "mlgov:user", "Value": {"Ref": "UserName"}},
                {"Key": "mlgov:project", "Value": {"Ref": "Project"}},
            ],
        ),
    ],
)
def test_the_space_is_private(space: dict[str, Any], name: str, value: Any) -> None:
    assert space["Properties"][name] == value


def test_the_space_is_made_after_its_owner_and_has_her_name(profile: dict[str, Any], space: dict[str, Any]) -> None:
    name = profile["Properties"]["UserProfileName"]
    assert space["Properties"]["OwnershipSettings"] == {"OwnerUserProfileName": name}
    assert space["Properties"]["SpaceName"] == name
    assert space["DependsOn"] == ["Profile"]


@pytest.mark.parametrize("tool", ["JupyterLab", "CodeEditor"])
def test_the_space_has_the_settings_of_the_chosen_tool(workspace: Template, space: dict[str, Any], tool: str) -> None:
    assert workspace["Conditions"][f"Is{tool}"] == {"Fn::Equals": [{"Ref": "Tool"}, tool]}
    settings = space["Properties"]["SpaceSettings"]
    assert (settings["AppType"], settings["RemoteAccess"]) == ({"Ref": "Tool"}, "DISABLED")
    assert settings["SpaceStorageSettings"] == {
        "EbsStorageSettings": {"EbsVolumeSizeInGb": {"Ref": "VolumeInGB"}},
    }
    condition, chosen, otherwise = settings[f"{tool}AppSettings"]["Fn::If"]
    assert (condition, otherwise) == (f"Is{tool}", {"Ref": "AWS::NoValue"})
    assert chosen == {
        "DefaultResourceSpec": {"InstanceType": {"Fn::FindInMap": ["Sizes", {"Ref": "Size"}, "InstanceType"]}},
        "AppLifecycleManagement": {"IdleSettings": {"IdleTimeoutInMinutes": {"Ref": "IdleMinutes"}}},
    }


@pytest.mark.parametrize("logical_id", ["Profile", "Space"])
def test_what_an_update_replaces_is_kept(workspace: Template, logical_id: str) -> None:
    resource = workspace["Resources"][logical_id]
    assert resource["UpdateReplacePolicy"] == "Retain"
    assert resource["DeletionPolicy"] == "Delete"  # terminating deletes what the product made


def test_a_profiles_name_has_the_characters_that_sagemaker_takes(profile: dict[str, Any]) -> None:
    parts = profile["Properties"]["UserProfileName"]["Fn::Join"][1]
    assert parts[:2] == [{"Ref": "Project"}, "-"]
    removed, inner = [], parts[2]
    while "Fn::Join" in inner:
        separator, split = inner["Fn::Join"]
        letter, inner = split["Fn::Split"]
        assert separator == "-"
        removed.append(letter)
    assert (sorted(removed), inner) == (sorted("+=,.@_"), {"Ref": "UserName"})


def test_the_parameters_are_understood_and_limited(workspace: Template) -> None:
    parameters = workspace["Parameters"]
    assert list(parameters) == ["Project", "UserName", "Tool", "Size", "VolumeInGB", "IdleMinutes"]
    assert parameters["Project"]["AllowedValues"] == ["churn", "fraud"]
    assert parameters["Tool"]["AllowedValues"] == ["JupyterLab", "CodeEditor"]
    assert parameters["Size"]["AllowedValues"] == ["small", "medium", "large"]
    volume, idle = parameters["VolumeInGB"], parameters["IdleMinutes"]
    assert (volume["MinValue"], volume["Default"], volume["MaxValue"]) == (5, 10, 200)
    assert (idle["MinValue"], idle["Default"], idle["MaxValue"]) == (60, 60, 480)
    # Project, hyphen and user fit into a profile's name.
    assert parameters["UserName"]["MaxLength"] == 63 - len("churn-")


@pytest.mark.parametrize(
    ("name", "accepted"),
    [
        ("ana", True),
        ("ana@example.com", True),
        ("a.b_c+d-1", True),
        ("-ana", False),
        ("ana.", False),
        ("ana/ben", False),
        ("*", False),
        ("", False),
    ],
)
def test_a_user_name_is_one_that_a_session_can_have(workspace: Template, name: str, accepted: bool) -> None:
    assert bool(re.match(workspace["Parameters"]["UserName"]["AllowedPattern"], name)) is accepted


def test_a_project_may_be_held_to_some_sizes(workspace: Template) -> None:
    rule = workspace["Rules"]["SizesFraud"]
    assert rule["RuleCondition"] == {"Fn::Equals": [{"Ref": "Project"}, "fraud"]}
    assert rule["Assertions"][0]["Assert"] == {"Fn::Contains": [["small", "medium"], {"Ref": "Size"}]}


def test_a_domain_that_leaves_no_choice_is_not_asked_for_one(strict: Template) -> None:
    assert "IdleMinutes" not in strict["Parameters"]
    assert "AppLifecycleManagement" not in json.dumps(strict)
    assert strict["Parameters"]["VolumeInGB"]["MaxValue"] == 100


def test_a_domain_of_identity_center_knows_the_person_by_the_user_name(strict: Template) -> None:
    properties = strict["Resources"]["Profile"]["Properties"]
    assert properties["SingleSignOnUserIdentifier"] == "UserName"
    assert properties["SingleSignOnUserValue"] == {"Ref": "UserName"}
    assert "access portal" in strict["Outputs"]["OpenStudio"]["Value"]


def test_the_outputs_lead_to_studio(workspace: Template) -> None:
    assert set(workspace["Outputs"]) == {"UserProfileName", "SpaceName", "OpenStudio"}
    parts = workspace["Outputs"]["OpenStudio"]["Value"]["Fn::Join"][1]
    assert parts[0] == "aws sagemaker create-presigned-domain-url --region "
    arn = {"Fn::GetAtt": ["Profile", "UserProfileArn"]}
    assert {"Fn::Select": [1, {"Fn::Split": ["/", arn]}]} in parts
    assert "resolve:ssm" not in json.dumps(workspace["Outputs"])
    assert "before you terminate" in workspace["Outputs"]["SpaceName"]["Description"]


def test_the_template_needs_no_other_stack_and_no_asset(workspace: Template) -> None:
    text = json.dumps(workspace)
    assert "Fn::ImportValue" not in text
    assert "cdk-hnb659fds" not in text


def test_every_rule_passes_on_the_product(workspace: Template, strict: Template) -> None:
    assert workspace["Resources"]["Profile"]["Metadata"]["mlgov"]["controls"] == ["MLG-STU-09"]
    assert workspace["Resources"]["Space"]["Metadata"]["mlgov"]["controls"] == ["MLG-STU-10"]
    for template in (workspace, strict):
        assert RuleEngine().check_text(json.dumps(template)) == []


def test_the_rules_of_the_catalogue_pass(stack: Template) -> None:
    controls = [CATALOGUE[control] for control in CATALOGUE if control.startswith(("MLG-CAT-", "MLG-IDN-0"))]
    findings = RuleEngine(controls).check_text(json.dumps(stack))
    assert [f for f in findings if f.logical_id.startswith("Product")] == []


def test_users_read_the_cost_and_how_it_ends(stack: Template) -> None:
    (found,) = (
        p for n, p in of_type(stack, "AWS::ServiceCatalog::CloudFormationProduct").items() if n.startswith("Product")
    )
    description = found["Properties"]["Description"]
    assert "stop the app in Studio first; the files of the space go with it. Cost: small about 0.05 USD" in description


def _where(stack: Template, kind: str, name: str = "churn-ana", domain: str | None = None) -> str:
    (found,) = (d for d in of_type(stack, "AWS::SageMaker::Domain") if d.startswith("Domain"))
    return f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:{kind}/{domain or found}/{name}"


CREATE = {"aws__RequestTag/mlgov:project": "churn", "aws__RequestTag/mlgov:user": "ana"}


@pytest.mark.parametrize(
    ("change", "allowed"),
    [
        ({}, True),
        ({"aws__RequestTag/mlgov:project": "other"}, False),
        ({"aws__RequestTag/mlgov:project": None}, False),
        ({"aws__RequestTag/mlgov:user": None}, False),
    ],
)
def test_the_launch_role_creates_profiles_of_somebody_in_a_project(
    stack: Template, launch_role: str, change: dict[str, Any], allowed: bool
) -> None:
    where = _where(stack, "user-profile")
    found = decision(stack, launch_role, "sagemaker:CreateUserProfile", where, **{**CREATE, **change})
    assert (found == "Allow") is allowed


@pytest.mark.parametrize(
    ("change", "allowed"),
    [
        ({}, True),
        ({"sagemaker__SpaceSharingType": "Shared"}, False),
        ({"sagemaker__SpaceSharingType": None}, False),
        ({"sagemaker__OwnerUserProfileArn": f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:user-profile/d-other/ana"}, False),
        ({"sagemaker__OwnerUserProfileArn": None}, False),
        ({"aws__RequestTag/mlgov:project": "other"}, False),
        ({"aws__RequestTag/mlgov:user": None}, False),
    ],
)
def test_the_launch_role_creates_private_spaces(
    stack: Template, launch_role: str, change: dict[str, Any], allowed: bool
) -> None:
    request = {
        **CREATE,
        "sagemaker__SpaceSharingType": "Private",
        "sagemaker__OwnerUserProfileArn": _where(stack, "user-profile"),
        **change,
    }
    found = decision(stack, launch_role, "sagemaker:CreateSpace", _where(stack, "space"), **request)
    assert (found == "Allow") is allowed


@pytest.mark.parametrize(("action", "kind"), [("DeleteSpace", "space"), ("UpdateUserProfile", "user-profile")])
def test_the_launch_role_looks_after_what_is_of_its_projects_and_domain(
    stack: Template, launch_role: str, action: str, kind: str
) -> None:
    def ask(where: str, project: str | None) -> bool:
        context = {"aws__ResourceTag/mlgov:project": project}
        return decision(stack, launch_role, f"sagemaker:{action}", where, **context) == "Allow"

    assert ask(_where(stack, kind), "fraud")
    assert not ask(_where(stack, kind), "other")
    assert not ask(_where(stack, kind), None)
    assert not ask(_where(stack, kind, domain="d-other"), "fraud")


@pytest.mark.parametrize(("action", "kind"), [("DescribeSpace", "space"), ("DescribeUserProfile", "user-profile")])
def test_the_launch_role_sees_that_something_is_gone(stack: Template, launch_role: str, action: str, kind: str) -> None:
    def ask(where: str) -> str:
        return decision(stack, launch_role, f"sagemaker:{action}", where)

    assert ask(_where(stack, kind)) == "Allow"
    assert ask(_where(stack, kind, domain="d-other")) != "Allow"


@pytest.mark.parametrize(
    "action", ["CreateApp", "DeleteApp", "CreatePresignedDomainUrl", "CreateDomain", "UpdateDomain", "DeleteDomain"]
)
def test_the_launch_role_starts_and_opens_nothing(stack: Template, launch_role: str, action: str) -> None:
    context = {"aws__ResourceTag/mlgov:project": "churn"}
    for kind in ("app", "space", "user-profile", "domain"):
        assert decision(stack, launch_role, f"sagemaker:{action}", _where(stack, kind), **context) != "Allow"


@pytest.mark.parametrize(
    ("change", "allowed"),
    [({"aws__RequestTag/cost-center": "4711"}, True), ({"aws__RequestTag/mlgov:user": "ben"}, False)],
)
@pytest.mark.parametrize("kind", ["user-profile", "space"])
def test_a_tag_option_may_change_and_the_person_may_not(
    stack: Template, launch_role: str, kind: str, change: dict[str, str], allowed: bool
) -> None:
    own = {"aws__ResourceTag/mlgov:project": "churn", "aws__ResourceTag/mlgov:user": "ana"}
    found = decision(stack, launch_role, "sagemaker:AddTags", _where(stack, kind), **own, **change)
    assert (found == "Allow") is allowed


def test_the_launch_role_passes_the_studio_roles_only(stack: Template) -> None:
    policies = of_type(stack, "AWS::IAM::ManagedPolicy").items()
    statements = [
        statement
        for name, policy in policies
        if name.startswith("ProductLaunchRole")
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
    ]
    (passing,) = (statement for statement in statements if "iam:PassRole" in statement["Action"])
    assert [found["Fn::GetAtt"][0].rstrip("0123456789ABCDEF") for found in passing["Resource"]] == ["Role", "Fraud"]
    assert passing["Condition"] == {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"version": "1.0"}, "version '1.0' is no version. Use v1, v2, v3, ..."),
        ({"studio_roles": []}, "studio_roles is empty. Give the Studio role of each project"),
        ({"sizes": {}}, "sizes is empty"),
        ({"sizes": {"huge": "ml.p5.48xlarge"}}, "sizes holds 'huge: ml.p5.48xlarge', which is no allowed"),
        ({"project_sizes": {"other": ["small"]}}, "project_sizes gives project 'other' the sizes ['small']"),
        ({"support_email": "nobody"}, "support_email 'nobody' is no e-mail address"),
    ],
)
def test_a_bad_argument_is_refused_before_anything_exists(arguments: dict[str, Any], message: str) -> None:
    base = ground(cdk.App(), "Stack")
    domain = base.domain()
    with pytest.raises(ConstructError, match=re.escape(f"[Stack/Product] {message}")):
        product(base, domain, **arguments)
    assert base.stack.node.try_find_child("ProductTemplate") is None


def test_a_role_of_other_work_and_two_roles_of_a_project_are_refused() -> None:
    base = ground(cdk.App(), "Stack")
    domain = base.domain()
    with pytest.raises(ConstructError, match="studio_roles holds a role for notebook"):
        product(base, domain, studio_roles=[base.job_role("Notebook", JobType.NOTEBOOK)])
    with pytest.raises(ConstructError, match="project 'churn' has more than one Studio role"):
        product(base, domain, studio_roles=[base.role, base.role])


def test_a_product_has_room_for_ten_projects(synthesize: Callable[..., dict[str, Template]]) -> None:
    def build(app: cdk.App) -> None:
        base = ground(app, "many")
        roles = [base.job_role(f"Role{n}", JobType.STUDIO, f"project-{n}") for n in range(10)]
        product(base, base.domain(), studio_roles=roles)

    roles = of_type(synthesize(build)["many"], "AWS::IAM::ManagedPolicy")
    assert len([name for name in roles if name.startswith("ProductLaunchRole")]) > 1


def test_it_is_the_same_in_every_partition(synthesize: Callable[..., dict[str, Template]]) -> None:
    def build(app: cdk.App) -> None:
        for partition, region in REGIONS.items():
            base = ground(app, partition, env=cdk.Environment(region=region))
            product(base, base.domain())

    found = synthesize(build)
    products = {json.dumps(template) for template in found.values() if "mlgov" in template.get("Metadata", {})}
    assert len(products) == 1
    for template in found.values():
        assert LITERAL.findall(json.dumps(template)) == []
