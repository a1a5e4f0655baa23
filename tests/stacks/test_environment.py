"""Environment files: what they say when they are right, and every problem at once when not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, get_args

import jsonschema
import pytest
from botocore.session import Session
from pydantic import ValidationError
from ruamel.yaml import YAML

from stacks.environment import Capability, Environment, EnvironmentFileError, load_environment
from stacks.environment.instance_types import NOTEBOOK_INSTANCE_TYPES
from stacks.environment.network import EndpointServiceName, ServiceResourceName
from stacks.environment.regions import AVAILABILITY_ZONES
from stacks.environment.schema import SCHEMA_FILES, schema_text

ENVIRONMENTS = Path(__file__).parents[2] / "environments"
GOOD = """\
name: trial
region: eu-central-1
project: churn
tags:
  owner: team
  cost-center: "42"
  data-classification: internal
network:
  cidr: 10.0.0.0/20
catalog:
  provider: Team
  support_email: team@example.com
cost:
  monthly_budget_usd: 10
  notify: [team@example.com]
governance:
  alarm_emails: [team@example.com]
"""


def problems_of(tmp_path: Path, text: str) -> list[str]:
    """The lines of the error that a file gives, without its path."""
    file = tmp_path / "trial.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(EnvironmentFileError) as caught:
        load_environment(file)
    lines = str(caught.value).splitlines()
    assert all(line.startswith(f"{file}:") for line in lines)
    return [line.removeprefix(f"{file}:") for line in lines]


def test_the_good_file_is_good(tmp_path: Path) -> None:
    (tmp_path / "trial.yaml").write_text(GOOD, encoding="utf-8")
    environment = load_environment(tmp_path / "trial.yaml")
    assert environment.network.availability_zones == 2
    assert environment.workspace.default_size == "small"
    assert environment.protection.allow_data_removal is False
    assert environment.resource_tags == {
        "owner": "team",
        "cost-center": "42",
        "data-classification": "internal",
        "mlgov:project": "churn",
        "mlgov:environment": "trial",
    }


@pytest.mark.parametrize(("file", "zones", "locked"), [("sandbox", 2, False), ("production", 3, True)])
def test_shipped_environments_load(file: str, zones: int, locked: bool) -> None:
    environment = load_environment(ENVIRONMENTS / f"{file}.yaml")
    assert environment.name == file
    assert environment.network.availability_zones == zones
    assert (environment.protection.object_lock is not None) is locked
    assert environment.protection.allow_data_removal is False


# What is replaced in the good file, by what, and the line that the error must give.
BAD = {
    "unknown instance type": (
        "project: churn",
        "project: churn\nworkspace: {sizes: {small: ml.t3.medum}}",
        "4: workspace.sizes.small: found 'ml.t3.medum'; must be an instance type that SageMaker notebooks run on, "
        "such as 'ml.t3.medium'; did you mean 'ml.t3.medium'?",
    ),
    "unknown size": (
        "project: churn",
        "project: churn\nworkspace: {default_size: smal}",
        "4: workspace.default_size: found 'smal'; must be one of the sizes: small, medium, large; "
        "did you mean 'small'?",
    ),
    "size name": (
        "project: churn",
        "project: churn\nworkspace: {sizes: {small: ml.t3.medium, XL: ml.m5.xlarge}}",
        "4: workspace.sizes.XL: found 'XL'; must be up to 20 lower-case letters, digits and hyphens, such as 'small'",
    ),
    "unknown authentication": (
        "project: churn",
        "project: churn\nworkspace: {studio: {authentication: saml}}",
        "4: workspace.studio.authentication: found 'saml'; must be 'iam' or 'identity-center'",
    ),
    "Studio without a section": (
        "project: churn",
        "project: churn\nworkspace: {studio: false}",
        "4: workspace.studio: found false; must be keys with values; leave out a section that has none",
    ),
    "unknown key of Studio": (
        "project: churn",
        "project: churn\nworkspace: {studio: {idle_minute: 60}}",
        "4: workspace.studio.idle_minute: is no known key; did you mean 'idle_minutes'? "
        "Known here: authentication, idle_minutes, default_volume_gib, replace_domain",
    ),
    "idle time that Studio does not know": (
        "project: churn",
        "project: churn\nworkspace: {studio: {idle_minutes: 30}}",
        "4: workspace.studio.idle_minutes: found 30; must be greater than or equal to 60",
    ),
    "volume of a space": (
        "project: churn",
        "project: churn\nworkspace: {studio: {default_volume_gib: 4}}",
        "4: workspace.studio.default_volume_gib: found 4; must be greater than or equal to 5",
    ),
    "volume over the largest": (
        "project: churn",
        "project: churn\nworkspace:\n  max_volume_gib: 50\n  studio: {default_volume_gib: 60}",
        "6: workspace.studio.default_volume_gib: found 60; must be at most 'max_volume_gib', 50",
    ),
    "replacement without a reason": (
        "project: churn",
        "project: churn\nworkspace: {studio: {replace_domain: true}}",
        "4: workspace.studio.replace_domain: found true; must be text; write a number or a date in quotes",
    ),
    "replacement with a short reason": (
        "project: churn",
        "project: churn\nworkspace: {studio: {replace_domain: new}}",
        "4: workspace.studio.replace_domain: found 'new'; must have at least 15 characters",
    ),
    "replacement with blanks for a reason": (
        "project: churn",
        "project: churn\nworkspace: {studio: {replace_domain: '                '}}",
        "4: workspace.studio.replace_domain: found '                '; must have at least 15 characters",
    ),
    "size of MLflow": (
        "project: churn",
        "project: churn\nworkspace: {mlflow: xlarge}",
        "4: workspace.mlflow: found 'xlarge'; must be 'none', 'app', 'small', 'medium' or 'large'",
    ),
    "region without MLflow": (
        "region: eu-central-1",
        "region: us-gov-west-1\nworkspace:\n  mlflow: app",
        "4: workspace.mlflow: found 'app'; cannot be: us-gov-west-1 has no AWS::SageMaker::MlflowTrackingServer",
    ),
    "region without CodeArtifact": (
        "region: eu-central-1",
        "region: cn-north-1\nworkspace:\n  mlflow: none\n  packages: [numpy]",
        "5: workspace.packages: found ['numpy']; cannot be: cn-north-1 has no AWS::CodeArtifact::Repository",
    ),
    "region without CodeArtifact for own packages": (
        "region: eu-central-1",
        "region: cn-north-1\nworkspace:\n  own_packages: [churn~]",
        "4: workspace.own_packages: found ['churn~']; cannot be: cn-north-1 has no AWS::CodeArtifact::Repository",
    ),
    "package": (
        "project: churn",
        "project: churn\nworkspace:\n  packages:\n    - numpy\n    - Scikit_Learn",
        "7: workspace.packages[1]: found 'Scikit_Learn'; must be a package with its normalised name, such as 'numpy', "
        "or a beginning, as in 'types~'",
    ),
    "every package": (
        "project: churn",
        "project: churn\nworkspace: {packages: ['*']}",
        "4: workspace.packages[0]: found '*'; must be a package with its normalised name, such as 'numpy', "
        "or a beginning, as in 'types~'",
    ),
    "own package that is public": (
        "project: churn",
        "project: churn\nworkspace: {packages: [numpy], own_packages: [churn~, numpy]}",
        "4: workspace.own_packages[1]: found 'numpy'; must not be among 'packages' too: "
        "the public index could replace it",
    ),
    "code repository": (
        "project: churn",
        "project: churn\nworkspace: {code_repositories: [team/churn]}",
        "4: workspace.code_repositories[0]: found 'team/churn'; must be up to 100 letters, digits, '.', '_' and '-', "
        "such as 'churn'",
    ),
    "code repository twice": (
        "project: churn",
        "project: churn\nworkspace: {code_repositories: [churn, fraud, churn]}",
        "4: workspace.code_repositories[2]: found 'churn'; is named twice",
    ),
    "version": (
        "provider: Team",
        "provider: Team\n  versions: {studio: '2'}",
        "12: catalog.versions.studio: found '2'; must be a version, such as 'v2'",
    ),
    "version of no product": (
        "provider: Team",
        "provider: Team\n  versions: {notebok: v2}",
        "12: catalog.versions.notebok: is no known key; did you mean 'notebook'? "
        "Known here: notebook, studio, training_pipeline, model_endpoint, feature_group, project",
    ),
    "one version for all": (
        "provider: Team",
        "provider: Team\n  versions: v2",
        "12: catalog.versions: found 'v2'; must be keys with values; leave out a section that has none",
    ),
    "CIDR too small": (
        "10.0.0.0/20",
        "10.0.0.0/28",
        "9: network.cidr: found '10.0.0.0/28'; must be a /16 to a /24; it is a /28",
    ),
    "CIDR too large": (
        "10.0.0.0/20",
        "10.0.0.0/8",
        "9: network.cidr: found '10.0.0.0/8'; must be a /16 to a /24; it is a /8",
    ),
    "CIDR too small for its zones": (
        "region: eu-central-1\n",
        "region: us-east-1\n",
        "9: network.cidr: found '10.0.0.0/24'; must give each of 6 availability zones a subnet of at least a /26: "
        "take a /23 or larger, or fewer zones",
        ("cidr: 10.0.0.0/20", "{cidr: 10.0.0.0/24, availability_zones: 6}"),
    ),
    "CIDR overlapping": (
        "cidr: 10.0.0.0/20",
        "cidr: 10.0.0.0/20\n  connected_cidrs: [10.9.0.0/16, 10.0.8.0/24]",
        "9: network.cidr: found '10.0.0.0/20'; must not overlap the connected range 10.0.8.0/24",
    ),
    "public CIDR": (
        "10.0.0.0/20",
        "8.8.0.0/20",
        "9: network.cidr: found '8.8.0.0/20'; must be a private range, inside 10.0.0.0/8, 172.16.0.0/12, "
        "192.168.0.0/16, 100.64.0.0/10",
    ),
    "host bits": (
        "10.0.0.0/20",
        "10.0.0.1/20",
        "9: network.cidr: found '10.0.0.1/20'; must be an IPv4 range in CIDR notation, such as '10.20.0.0/20' "
        "(10.0.0.1/20 has host bits set)",
    ),
    "more zones than the region": (
        "cidr: 10.0.0.0/20",
        "cidr: 10.0.0.0/20\n  availability_zones: 4",
        "10: network.availability_zones: found 4; must be at most 3: eu-central-1 has 3 availability zones",
    ),
    "more zones than anywhere": (
        "cidr: 10.0.0.0/20",
        "availability_zones: 7\n  cidr: 10.0.0.0/20",
        "9: network.availability_zones: found 7; must be less than or equal to 6",
        ("region: eu-central-1\n", "region: xx-new-1\n"),
    ),
    "missing project": (
        "project: churn\n",
        "",
        "1: project: is missing; the project that the resources belong to: the value of their tag `mlgov:project`, "
        "by which cost and access go.",
    ),
    "project too long": (
        "project: churn",
        "project: a-project-of-thirty-two-letters-x",
        "3: project: found 'a-project-of-thirty-two-letters-x'; must be 2 to 31 lower-case letters, digits and "
        "hyphens, starting with a letter",
    ),
    "project tag by hand": (
        "  owner: team",
        "  owner: team\n  mlgov:project: churn",
        "6: tags.mlgov:project: found 'mlgov:project'; must be a tag key: up to 128 letters, digits, spaces and "
        "_ . : / = + - @, not beginning with 'aws:' or 'mlgov:' (the project is named by 'project')",
    ),
    "missing tag": (
        "  cost-center:",
        "  cost-centre:",
        "4: tags: the tag 'cost-center' is missing; did you mean 'cost-centre'?",
    ),
    "tag that is a number": (
        '"42"',
        "42",
        "6: tags.cost-center: found 42; must be text; write a number or a date in quotes",
    ),
    "budget of 0": (
        "monthly_budget_usd: 10",
        "monthly_budget_usd: 0",
        "14: cost.monthly_budget_usd: found 0; must be greater than 0",
    ),
    "budget without end": (
        "monthly_budget_usd: 10",
        "monthly_budget_usd: .inf",
        "14: cost.monthly_budget_usd: found inf; must be less than or equal to 1000000000",
    ),
    "e-mail": (
        "notify: [team@example.com]",
        "notify:\n    - team@example.com\n    - team.example.com",
        "17: cost.notify[1]: found 'team.example.com'; must be an e-mail address, such as 'ml-team@example.com'",
    ),
    "the only e-mail": (
        "notify: [team@example.com]",
        "notify: [team.example.com]",
        "15: cost.notify[0]: found 'team.example.com'; must be an e-mail address, such as 'ml-team@example.com'",
    ),
    "no e-mail": (
        "alarm_emails: [team@example.com]",
        "alarm_emails: []",
        "17: governance.alarm_emails: found []; must have at least 1 item, not 0",
    ),
    "no list": (
        "alarm_emails: [team@example.com]",
        "alarm_emails: team@example.com",
        "17: governance.alarm_emails: found 'team@example.com'; must be a list",
    ),
    "unknown key": (
        "provider: Team",
        "provider: Team\n  suport_email: team@example.com",
        "12: catalog.suport_email: is no known key; did you mean 'support_email'? "
        "Known here: provider, support_email, data_scientists, versions, share_with",
    ),
    "unknown key of a list": (
        "project: churn",
        "project: churn\n2: x",
        "4: 2: is no known key Known here: name, account, region, organization_id, project, tags, network, protection, "
        "workspace, mlops, catalog, cost, governance",
    ),
    "duplicate key": (
        "provider: Team",
        "provider: Team\n  provider: Other",
        "12: catalog.provider: is given twice, first in line 11; keep one",
    ),
    "account with a lost zero": (
        "project: churn",
        "project: churn\naccount: 012345678901",
        "4: account: found 12345678901; must be an AWS account number of 12 digits; "
        "quote it, or YAML takes a leading zero away",
    ),
    "account too short": (
        "project: churn",
        "project: churn\naccount: '123'",
        "4: account: found '123'; must be an AWS account number of 12 digits, in quotes",
    ),
    "number as text": (
        "project: churn",
        "project: churn\nworkspace: {idle_minutes: '60'}",
        "4: workspace.idle_minutes: found '60'; must be a whole number",
    ),
    "truth as text": (
        "cidr: 10.0.0.0/20",
        "cidr: 10.0.0.0/20\n  network_acl: 'yes'",
        "10: network.network_acl: found 'yes'; must be true or false",
    ),
    "section left empty": (
        "project: churn",
        "project: churn\nprotection:",
        "4: protection: found nothing; must be keys with values; leave out a section that has none",
    ),
    "no addresses": (
        "  cidr: 10.0.0.0/20",
        "  network_acl: true",
        "8: network: exactly one of cidr, ipam, existing is needed; none is given",
    ),
    "two sources of addresses": (
        "cidr: 10.0.0.0/20",
        "cidr: 10.0.0.0/20\n  ipam: {pool_id: ipam-pool-0a1b2c3d, netmask: 20}",
        "8: network: exactly one of cidr, ipam, existing is needed; cidr and ipam are given",
    ),
    "IPAM range too small for its zones": (
        "cidr: 10.0.0.0/20",
        "ipam: {pool_id: ipam-pool-0a1b2c3d, netmask: 24}\n  availability_zones: 6",
        "9: network.ipam: must give each of 6 availability zones a subnet of at least a /26: "
        "take a /23 or larger, or fewer zones",
        ("region: eu-central-1", "region: us-east-1"),
    ),
    "retention that CloudWatch does not know": (
        "cidr: 10.0.0.0/20",
        "cidr: 10.0.0.0/20\n  flow_log_retention_days: 31",
        "10: network.flow_log_retention_days: found 31; must be 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, "
        "545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653",
    ),
    "removal of what nobody can remove": (
        "project: churn",
        "project: churn\nprotection: {object_lock: {mode: compliance, days: 30}, allow_data_removal: true}",
        "4: protection.allow_data_removal: found true; must be false with an object lock in compliance mode: "
        "nobody can remove such objects",
    ),
    "sharing without an organization": (
        "provider: Team",
        "provider: Team\n  share_with: {organization_nodes: [ou-ab12-11111111]}",
        "12: catalog.share_with.organization_nodes: found ['ou-ab12-11111111']; needs 'organization_id': "
        "only an organization has nodes to share with",
    ),
    "sharing with oneself": (
        "provider: Team",
        "provider: Team\n  share_with: {accounts: ['111122223333', '123456789012']}",
        "13: catalog.share_with.accounts[1]: found '123456789012'; must be another account: "
        "this one owns the portfolio",
        ("project: churn", "project: churn\naccount: '123456789012'"),
    ),
    "organization": (
        "project: churn",
        "project: churn\norganization_id: exampleorg1",
        "4: organization_id: found 'exampleorg1'; must be the id of an AWS organization, such as 'o-exampleorg1'",
    ),
    "key window": (
        "project: churn",
        "project: churn\nprotection: {key_deletion_days: 3}",
        "4: protection.key_deletion_days: found 3; must be greater than or equal to 7",
    ),
}


@pytest.mark.parametrize("case", BAD.values(), ids=BAD)
def test_a_bad_value_gives_its_line_its_value_and_what_is_allowed(tmp_path: Path, case: tuple[Any, ...]) -> None:
    old, new, expected, *also = case
    text = GOOD
    for before, after in ((old, new), *also):
        assert before in text
        text = text.replace(before, after, 1)
    assert problems_of(tmp_path, text) == [expected]


def test_every_problem_is_given_at_once(tmp_path: Path) -> None:
    text = """\
name: Trial_1
region: us-west-2
tags:
  owner: team
network:
  cidr: 10.0.0.0/28
  availability_zones: 5
  existing: {vpc_id: vpc-1}
workspace:
  sizes: {small: ml.huge}
  sizes: {}
catalog:
  provider: Team
  support_email: nobody
cost:
  monthly_budget_usd: 0
  notify: [a@example.com, b]
"""
    found = {line.split(": ")[1]: line.split(":")[0] for line in problems_of(tmp_path, text)}
    assert found == {
        "name": "1",
        "project": "1",
        "governance": "1",
        "tags": "3",
        "network": "5",
        "network.cidr": "6",
        "network.availability_zones": "7",
        "network.existing.vpc_id": "8",
        "network.existing.subnets": "8",
        "network.existing.security_group_id": "8",
        "network.existing.endpoints": "8",
        "workspace.sizes.small": "10",
        "workspace.sizes": "11",
        "catalog.support_email": "14",
        "cost.monthly_budget_usd": "16",
        "cost.notify[1]": "17",
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "1: is empty; start from environments/sandbox.yaml"),
        ("name: [a\nb: c\n", "2: is no YAML: while parsing a flow sequence expected ',' or ']', but got ':'"),
        (
            "name: a\n---\nname: b\n",
            "2: is no YAML: expected a single document in the stream but found another document",
        ),
        ("just text\n", "1: found 'just text'; must be keys with values; leave out a section that has none"),
        ("name: *missing\n", "1: is no YAML: found undefined alias 'missing'"),
        ("name: \x07\n", "1: is no YAML: the character '\\x07' is not allowed"),
        ("name: !secret x\n", "1: is no YAML: could not determine a constructor for the tag '!secret'"),
    ],
)
def test_a_file_that_is_no_document(tmp_path: Path, text: str, expected: str) -> None:
    assert problems_of(tmp_path, text)[0] == expected


def test_a_date_that_is_none_is_named(tmp_path: Path) -> None:
    lines = problems_of(tmp_path, GOOD.replace("owner: team", "owner: 2026-13-45"))
    assert "5: tags.owner: found '2026-13-45': month must be in 1..12" in lines


def test_an_alias_of_itself_ends(tmp_path: Path) -> None:
    lines = problems_of(tmp_path, GOOD + "protection: &self\n  object_lock: *self\n")
    assert "19: protection.object_lock: contains itself through an alias" in lines


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    for path, reason in ((tmp_path / "none.yaml", "No such file or directory"), (tmp_path, "Is a directory")):
        with pytest.raises(EnvironmentFileError) as caught:
            load_environment(path)
        assert str(caught.value) == f"{path}:1: cannot be read: {reason}"
    (tmp_path / "latin.yaml").write_bytes(b"name: caf\xe9\n")
    with pytest.raises(EnvironmentFileError, match="it is not UTF-8 text"):
        load_environment(tmp_path / "latin.yaml")


def test_aliases_are_read(tmp_path: Path) -> None:
    text = GOOD.replace("notify: [team@example.com]", "notify: &team [team@example.com]")
    (tmp_path / "trial.yaml").write_text(text.replace("alarm_emails: [team@example.com]", "alarm_emails: *team"))
    assert load_environment(tmp_path / "trial.yaml").governance.alarm_emails == ("team@example.com",)


def test_an_environment_cannot_be_changed() -> None:
    environment = load_environment(ENVIRONMENTS / "sandbox.yaml")
    with pytest.raises(ValidationError):
        environment.name = "other"  # type: ignore[misc]


def test_studio_may_be_left_out(tmp_path: Path) -> None:
    (tmp_path / "trial.yaml").write_text(GOOD + "workspace: {studio: null}\n", encoding="utf-8")
    assert load_environment(tmp_path / "trial.yaml").workspace.studio is None


@pytest.mark.parametrize(
    ("name", "prefix"),
    [
        ("sandbox", "mlp-sandbox"),
        ("exactly-14-big", "mlp-exactly-14-big"),
        ("credit-risk-europe", "mlp-credit-ri-9c0a"),
        ("credit-risk-asia", "mlp-credit-ri-7d29"),
        ("customer--x-europe", "mlp-customer-42a1"),
    ],
)
def test_names_of_provisioned_projects_begin_with_a_prefix_that_is_short_and_its_own(name: str, prefix: str) -> None:
    environment = load_environment(ENVIRONMENTS / "sandbox.yaml").model_copy(update={"name": name})
    assert environment.project_prefix == prefix
    # With the longest project and the longest kind of work it is still the name of a role.
    assert len(f"{prefix}-{'p' * 31}-feature-store") <= 64


# What each region lacks.
LACKING = {
    None: set(),
    "eu-central-1": set(),
    "xx-new-1": set(),
    "us-gov-west-1": {
        "BUDGETS",
        "EXPERIMENT_TRACKING",
        "FEATURE_STORE",
        "GUARD_HOOKS",
        "PACKAGE_REPOSITORY",
        "STUDIO_SPACES",
    },
    "us-gov-east-1": set(Capability.__members__),
    "cn-north-1": {"EXPERIMENT_TRACKING", "GUARD_HOOKS", "MODEL_REGISTRY", "PACKAGE_REPOSITORY", "STUDIO_SPACES"},
}


@pytest.mark.parametrize(("region", "lacking"), LACKING.items())
def test_what_a_region_does_not_offer(region: str | None, lacking: set[str]) -> None:
    environment = load_environment(ENVIRONMENTS / "sandbox.yaml").model_copy(update={"region": region})
    assert {each.name for each in Capability if not environment.offers(each)} == lacking
    assert environment.tracks_experiments is ("EXPERIMENT_TRACKING" not in lacking)


@pytest.mark.parametrize(
    ("region", "partition"),
    [(None, "aws"), ("eu-central-1", "aws"), ("us-gov-west-1", "aws-us-gov"), ("cn-north-1", "aws-cn")],
)
def test_partition(region: str | None, partition: str) -> None:
    environment = load_environment(ENVIRONMENTS / "sandbox.yaml").model_copy(update={"region": region})
    assert environment.partition == partition


@pytest.mark.parametrize("file", SCHEMA_FILES, ids=lambda file: file.name)
def test_the_schema_in_the_repository_is_fresh(file: Path) -> None:
    fresh = schema_text(SCHEMA_FILES[file])
    assert file.read_text(encoding="utf-8") == fresh, "run: python -m stacks.environment.schema"


@pytest.mark.parametrize(
    ("file", "shipped"),
    [("schema.json", ("sandbox", "production")), ("organization.schema.json", ("organization",))],
)
def test_the_schema_accepts_the_shipped_files_and_describes_every_field(file: str, shipped: tuple[str, ...]) -> None:
    schema = json.loads((ENVIRONMENTS / file).read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    for name in shipped:
        text = (ENVIRONMENTS / f"{name}.yaml").read_text(encoding="utf-8")
        assert text.startswith(f"# yaml-language-server: $schema={file}\n")
        jsonschema.validate(YAML(typ="safe", pure=True).load(text), schema)
    definitions = schema.get("$defs", {})
    undescribed = [
        f"{section['title']}.{name}"
        for section in (schema, *definitions.values())
        for name, field in section["properties"].items()
        if not (field.get("description") or definitions[field["$ref"].split("/")[-1]]["description"])
    ]
    assert undescribed == []


def test_the_schema_refuses_what_the_loader_refuses() -> None:
    wrong = YAML(typ="safe", pure=True).load(GOOD)
    wrong |= {"name": "No", "unknown": 1, "cost": {"monthly_budget_usd": 0, "notify": []}}
    errors = jsonschema.Draft202012Validator(json.loads(schema_text(Environment))).iter_errors(wrong)
    assert {"/".join(map(str, error.path)) for error in errors} == {
        "name",
        "",
        "cost/monthly_budget_usd",
        "cost/notify",
    }


def test_instance_types_exist() -> None:
    shape = Session().get_service_model("sagemaker").shape_for("InstanceType")
    assert set(NOTEBOOK_INSTANCE_TYPES) <= set(shape.enum)


def test_regions_exist() -> None:
    session = Session()
    partitions = ("aws", "aws-cn", "aws-us-gov")
    known = {region for name in partitions for region in session.get_available_regions("ec2", name)}
    assert known == set(AVAILABILITY_ZONES)


def test_names_are_those_of_the_network() -> None:
    from mlgov_constructs.network import EndpointService, ServiceResource  # noqa: PLC0415

    assert set(get_args(EndpointServiceName)) == {service.value for service in EndpointService}
    assert set(get_args(ServiceResourceName)) == {resource.value for resource in ServiceResource}


def test_loading_needs_no_cdk() -> None:
    program = (
        "import sys; from stacks.environment import load_environment; load_environment('environments/sandbox.yaml'); "
        "sys.exit('aws_cdk' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=ENVIRONMENTS.parent)


def test_the_app_ends_with_the_problems_and_synthesizes_nothing(tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text(GOOD.replace("monthly_budget_usd: 10", "monthly_budget_usd: 0"), encoding="utf-8")
    run = subprocess.run(
        [sys.executable, "app.py"],
        cwd=ENVIRONMENTS.parent,
        env={
            **os.environ,
            "CDK_CONTEXT_JSON": json.dumps({"environment": str(bad)}),
            "CDK_OUTDIR": str(tmp_path / "cdk.out"),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1
    assert run.stderr == f"{bad}:14: cost.monthly_budget_usd: found 0; must be greater than 0\n"
    assert not list((tmp_path / "cdk.out").rglob("*.json"))
