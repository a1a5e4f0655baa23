from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests import access
from tests.access import ACCOUNT, REGION
from tests.quality.iam_names import check_iam_names
from tests.templates import Template, of_type

SAGEMAKER = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}"
ANA, BEN = f"{SAGEMAKER}:user-profile/d-1/ana", f"{SAGEMAKER}:user-profile/d-1/ben"
IN_STUDIO = {"sagemaker__DomainId": "d-1", "sagemaker__UserProfileName": "ana"}
OWN = {"sagemaker__OwnerUserProfileArn": ANA, "sagemaker__SpaceSharingType": "Private"}
SPACE, APP = f"{SAGEMAKER}:space/d-1/ana-lab", f"{SAGEMAKER}:app/d-1/ana-lab/JupyterLab/default"
MAKES = [
    ("sagemaker:CreateSpace", SPACE),
    ("sagemaker:UpdateSpace", SPACE),
    ("sagemaker:DeleteSpace", SPACE),
    ("sagemaker:CreateApp", APP),
    ("sagemaker:DeleteApp", APP),
]
VARIABLE = re.compile(r"\$\{([\w-]+:[^}]+)\}")


def decision(template: Template, role: str, action: str, resource: str, **context: Any) -> str:
    """The decision with policy variables filled in from the request; one without a value matches nothing."""
    values = {key.replace("__", ":"): value for key, value in context.items()}
    text = VARIABLE.sub(lambda match: values.get(match[1], "\\u0000"), json.dumps(template))
    return access.decision(json.loads(text), role, action, resource, **context)


@pytest.mark.parametrize(("action", "resource"), MAKES)
def test_one_works_in_ones_own_private_spaces(
    identity: Template, roles: dict[str, str], action: str, resource: str
) -> None:
    assert decision(identity, roles["Studio"], action, resource, **IN_STUDIO, **OWN) == "Allow"


@pytest.mark.parametrize(("action", "resource"), MAKES)
@pytest.mark.parametrize(
    "context",
    [
        {**IN_STUDIO, **OWN, "sagemaker__OwnerUserProfileArn": BEN},
        {**IN_STUDIO, **OWN, "sagemaker__SpaceSharingType": "Shared"},
        {**IN_STUDIO, "sagemaker__SpaceSharingType": "Private"},
        {**OWN, "sagemaker__DomainId": "d-1"},
        {**OWN, **IN_STUDIO, "sagemaker__DomainId": "d-2"},
        OWN,
    ],
    ids=["of another person", "shared", "without an owner", "without a person", "of another domain", "outside Studio"],
)
def test_and_nowhere_else(
    identity: Template, roles: dict[str, str], action: str, resource: str, context: dict[str, str]
) -> None:
    assert decision(identity, roles["Studio"], action, resource, **context) == "ImplicitDeny"


@pytest.mark.parametrize(
    ("profile", "project", "expected"),
    [(ANA, "churn", "Allow"), (BEN, "churn", "ImplicitDeny"), (ANA, "fraud", "ImplicitDeny")],
)
def test_studio_opens_ones_own_profile(
    identity: Template, roles: dict[str, str], profile: str, project: str, expected: str
) -> None:
    tag = {"aws__ResourceTag/mlgov__project": project}
    open_ = "sagemaker:CreatePresignedDomainUrl"
    assert decision(identity, roles["Studio"], open_, profile, **IN_STUDIO, **tag) == expected


@pytest.mark.parametrize(
    ("session", "user", "project", "expected"),
    [
        ("ana", "ana", "churn", "Allow"),
        ("ben", "ana", "churn", "ImplicitDeny"),
        ("diana", "ana", "churn", "ImplicitDeny"),
        ("ana", "ana", "fraud", "ImplicitDeny"),
        ("ana", None, "churn", "ImplicitDeny"),
        ("ana@example.com", "ana@example.com", "churn", "Allow"),
    ],
)
def test_a_person_opens_the_profile_with_the_name_of_the_session(
    identity: Template, roles: dict[str, str], session: str, user: str | None, project: str, expected: str
) -> None:
    tags = {"aws__ResourceTag/mlgov__project": project} | ({"aws__ResourceTag/mlgov__user": user} if user else {})
    action = "sagemaker:CreatePresignedDomainUrl"
    context = {"aws__userid": f"AROAEXAMPLE:{session}", **tags}
    assert decision(identity, roles["Scientist"], action, ANA, **context) == expected


@pytest.mark.parametrize(("action", "resource"), MAKES)
def test_a_person_makes_nothing_beside_studio(
    identity: Template, roles: dict[str, str], action: str, resource: str
) -> None:
    assert decision(identity, roles["Scientist"], action, resource, **OWN) == "ImplicitDeny"


def test_studio_starts_jobs_and_every_name_exists(identity: Template, roles: dict[str, str]) -> None:
    rights = [
        policy
        for policy in of_type(identity, "AWS::IAM::ManagedPolicy").values()
        if {"Ref": roles["Studio"]} in policy["Properties"].get("Roles", [])
    ]
    assert "${sagemaker:UserProfileName}" in json.dumps(rights)
    assert check_iam_names({"Resources": {f"Rights{number}": each for number, each in enumerate(rights)}}) == []
