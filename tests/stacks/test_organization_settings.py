"""What the file of an organization may say, and every problem at once when it is wrong."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from ruamel.yaml import YAML

from mlgov_constructs.governance import enabled_controls, organization_limits, required_tags
from stacks.environment import EnvironmentFileError, Organization, load_organization, organization
from stacks.environment.schema import schema_text
from tests.environments import ENVIRONMENTS

GOOD = """\
name: guardrails
region: eu-central-1
organization_id: o-exampleorg1
target_ids: [ou-ab12-11111111]
tags:
  owner: team
  cost-center: "42"
  data-classification: internal
allowed_regions: [eu-central-1]
"""
# What stands below the good file, or in the place of a part of it, and what the error must say.
BAD: dict[str, tuple[Any, ...]] = {
    "target that is none": (
        ("[ou-ab12-11111111]", "[ou-1]"),
        "4: target_ids[0]: found 'ou-1'; must be the id of a root ('r-ab12'), of a unit ('ou-ab12-11111111') or of an "
        "account, in quotes",
    ),
    "account with a lost zero": (
        ("[ou-ab12-11111111]", "[ou-ab12-11111111, 12345678901]"),
        "4: target_ids[1]: found 12345678901; must be an AWS account number of 12 digits; quote it, or YAML takes a "
        "leading zero away",
    ),
    "no target": (
        ("[ou-ab12-11111111]", "[]"),
        "4: target_ids: found []; must have at least 1 item, not 0",
    ),
    "target twice": (
        ("[ou-ab12-11111111]", "[ou-ab12-11111111, ou-ab12-22222222, ou-ab12-11111111]"),
        "4: target_ids[2]: found 'ou-ab12-11111111'; is named twice",
    ),
    "no list": (
        ("[ou-ab12-11111111]", "ou-ab12-11111111"),
        "4: target_ids: found 'ou-ab12-11111111'; must be a list",
    ),
    "missing tag": (
        ("  cost-center:", "  cost-centre:"),
        "5: tags: the tag 'cost-center' is missing; did you mean 'cost-centre'?",
    ),
    "no organization": (
        ("organization_id: o-exampleorg1\n", ""),
        "1: organization_id: is missing; the organization, beyond which no data goes and from beyond which nobody "
        "comes.",
    ),
    "no region": (
        ("[eu-central-1]", "[]"),
        "9: allowed_regions: found []; must have at least 1 item, not 0",
    ),
    "region of another partition than the file's": (
        ("[eu-central-1]", "[eu-west-1, us-gov-west-1]"),
        "9: allowed_regions[1]: found 'us-gov-west-1'; must be of the partition of eu-central-1: no organization "
        "reaches beyond one",
    ),
    "region of another partition than the first": (
        ("[eu-central-1]", "[cn-north-1, eu-west-1]"),
        "8: allowed_regions[1]: found 'eu-west-1'; must be of the partition of cn-north-1: no organization reaches "
        "beyond one",
        ("region: eu-central-1\n", ""),
    ),
    "region that is none": (
        ("[eu-central-1]", "[Frankfurt]"),
        "9: allowed_regions[0]: found 'Frankfurt'; must be the code of an AWS region, such as 'eu-central-1'",
    ),
    "region that is a number": (
        ("[eu-central-1]", "[1]"),
        "9: allowed_regions[0]: found 1; must be text; write a number or a date in quotes",
    ),
    "subnet": (
        "allowed_subnets: [vpc-0a1b2c3d]",
        "10: allowed_subnets[0]: found 'vpc-0a1b2c3d'; must be the id of a subnet, such as 'subnet-0a1b2c3d4e5f67890'",
    ),
    "instance type without ml.": (
        "allowed_instance_types: [m5.large]",
        "10: allowed_instance_types[0]: found 'm5.large'; must be a pattern of instance types, such as 'ml.m5.*'",
    ),
    "exemption of every role": (
        'exempt_roles: ["arn:*:iam::*:role/*"]',
        "10: exempt_roles[0]: found 'arn:*:iam::*:role/*'; must be the ARN of certain roles, such as "
        "'arn:*:iam::*:role/BreakGlass'; '*' stands for any characters, and never for the whole name",
    ),
    "deployment by a name": (
        "deployment_roles: [deployer]",
        "10: deployment_roles[0]: found 'deployer'; must be the ARN of certain roles, such as "
        "'arn:*:iam::*:role/BreakGlass'; '*' stands for any characters, and never for the whole name",
    ),
    "required tag of AWS": (
        "required_tags: {aws:owner: []}",
        "10: required_tags.aws:owner: found 'aws:owner'; must be a tag key: up to 128 letters, digits, spaces and "
        "_ . : / = + - @, not beginning with 'aws:'",
    ),
    "required tag with a value that is none": (
        "required_tags: {owner: ['a#b']}",
        "10: required_tags.owner[0]: found 'a#b'; must be a tag value: 1 to 256 letters, digits, spaces and "
        "_ . : / = + - @",
    ),
    "required tag with a value twice": (
        "required_tags: {owner: [ana, ana]}",
        "10: required_tags.owner[1]: found 'ana'; is named twice",
    ),
    "required tag without a list": (
        "required_tags: {owner: ana}",
        "10: required_tags.owner: found 'ana'; must be a list",
    ),
    "required tags as a list": (
        "required_tags: [owner]",
        "10: required_tags: found ['owner']; must be keys with values",
    ),
    "unit that is an account": (
        'control_tower_unit_ids: ["111122223333"]',
        "10: control_tower_unit_ids[0]: found '111122223333'; must be the id of an organizational unit, such as "
        "'ou-ab12-11111111'",
    ),
    "gateways without a reason": (
        "internet_gateways: true",
        "10: internet_gateways: found true; must be text; write a number or a date in quotes",
    ),
    "gateways with a short reason": (
        "internet_gateways: we need it",
        "10: internet_gateways: found 'we need it'; must have at least 15 characters",
    ),
    "a network with blanks for a reason": (
        "outbound_network: '                    '",
        "10: outbound_network: found '                    '; must have at least 15 characters",
    ),
    "prefix": (
        "policy_prefix: ML guardrails",
        "10: policy_prefix: found 'ML guardrails'; must be 2 to 31 lower-case letters, digits and hyphens, starting "
        "with a letter",
    ),
    "unknown key": (
        "exempt_role: []",
        "10: exempt_role: is no known key; did you mean 'exempt_roles'? Known here: "
        f"{', '.join(Organization.model_fields)}",
    ),
    "account": (
        "account: 'one'",
        "10: account: found 'one'; must be an AWS account number of 12 digits, in quotes",
    ),
}


def problems_of(tmp_path: Path, text: str) -> list[str]:
    """The lines of the error that a file gives, without its path."""
    file = tmp_path / "trial.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(EnvironmentFileError) as caught:
        load_organization(file)
    return [line.removeprefix(f"{file}:") for line in str(caught.value).splitlines()]


def test_the_good_file_is_good(tmp_path: Path) -> None:
    (tmp_path / "trial.yaml").write_text(GOOD, encoding="utf-8")
    found = load_organization(tmp_path / "trial.yaml")
    assert (found.name, found.policy_prefix) == ("guardrails", "mlgov")
    assert (found.required_tags, found.exempt_roles, found.control_tower_unit_ids) == ({}, (), ())
    assert (found.internet_gateways, found.outbound_network) == (None, None)


@pytest.mark.parametrize("case", BAD.values(), ids=BAD)
def test_a_bad_value_gives_its_line_its_value_and_what_is_allowed(tmp_path: Path, case: tuple[Any, ...]) -> None:
    change, expected, *also = case
    text = GOOD + f"{change}\n" if isinstance(change, str) else GOOD
    for before, after in ([] if isinstance(change, str) else [change]) + also:
        assert before in text
        text = text.replace(before, after, 1)
    assert problems_of(tmp_path, text) == [expected]


def test_every_problem_is_given_at_once(tmp_path: Path) -> None:
    text = """\
name: Guardrails
organization_id: exampleorg1
target_ids: [ou-1, ou-1]
tags: {owner: team}
allowed_regions: [eu-central-1, cn-north-1, nowhere]
allowed_regions: []
"""
    found = [tuple(line.split(": ")[:2]) for line in problems_of(tmp_path, text)]
    assert found == [
        ("1", "name"),
        ("2", "organization_id"),
        ("3", "target_ids[0]"),
        ("3", "target_ids[1]"),
        ("3", "target_ids[1]"),
        ("4", "tags"),
        ("4", "tags"),
        ("5", "allowed_regions[2]"),
        ("5", "allowed_regions[1]"),
        ("6", "allowed_regions"),
    ]


def test_an_empty_file_is_told_where_to_begin(tmp_path: Path) -> None:
    assert problems_of(tmp_path, "") == ["1: is empty; start from environments/organization.yaml"]


def test_an_account_may_be_a_target_without_quotes(tmp_path: Path) -> None:
    file = tmp_path / "trial.yaml"
    file.write_text(GOOD.replace("[ou-ab12-11111111]", "[r-ab12, 111122223333]"), encoding="utf-8")
    assert load_organization(file).target_ids == ("r-ab12", "111122223333")


def test_names_have_the_forms_that_the_constructs_ask_for() -> None:
    assert enabled_controls.UNIT.pattern == organization.UNIT
    words = ("a", "é", "_", "-", "*", "?", "b c", "d@e", "x" * 129, "x" * 257, "aws:a", "mlgov:a", "r-ab12", "ml.m5.*")
    arns = [
        f"arn:{partition}:iam::{account}:role/{word}"
        for partition in ("aws", "*", "é")
        for account in ("1" * 12, "*")
        for word in (*words, "abc", "*ab*", "*abc*", "path/abc")
    ]
    for ours, theirs in (
        (organization.TARGET, organization_limits.TARGET.pattern),
        (organization.INSTANCE_TYPE, organization_limits.INSTANCE_TYPE.pattern),
        (organization.ROLE, organization_limits.ROLE.pattern),
        (organization.TAG_KEY, required_tags.KEY),
        (organization.TAG_VALUE, required_tags.VALUE),
    ):
        for word in (*words, *arns):
            assert bool(re.fullmatch(ours, word)) is bool(theirs.fullmatch(word)), (ours, word)


def test_the_schema_refuses_what_the_loader_refuses() -> None:
    wrong = YAML(typ="safe", pure=True).load((ENVIRONMENTS / "organization.yaml").read_text(encoding="utf-8"))
    wrong |= {"unknown": 1, "target_ids": [], "exempt_roles": ["arn:*:iam::*:role/*"], "internet_gateways": "short"}
    errors = jsonschema.Draft202012Validator(json.loads(schema_text(Organization))).iter_errors(wrong)
    assert {"/".join(map(str, error.path)) for error in errors} == {
        "",
        "target_ids",
        "exempt_roles/0",
        "internet_gateways",
    }


def test_the_page_explains_every_key() -> None:
    page = (ENVIRONMENTS.parent / "docs" / "organization.md").read_text(encoding="utf-8")
    explained = re.findall(r"^\| `(\w+)`\*? \|", page.partition("## The file")[2].partition("\n## ")[0], re.MULTILINE)
    assert explained == list(Organization.model_fields)
