"""Who opens Studio and works in it, in the enforced mode: policies of the library, evaluated with their variables."""

from __future__ import annotations

from functools import partial
from typing import Any

import aws_cdk as cdk
import pytest
from botocore.exceptions import ClientError

from mlgov_constructs.identity.activities import OpenStudio, RunStudioApps
from tests.local_cloud.catalog_templates import role, trust
from tests.local_cloud.conftest import Cloud
from tests.local_cloud.studio import Studio, eventually

EXECUTION = "arn:aws:iam::123456789012:role/studio-execution"
PEOPLE = ("ana", "ben")


@pytest.fixture(scope="module")
def studio(enforced_cloud: Cloud) -> Studio:
    resolve = cdk.Stack(cdk.App(), "Stack").resolve
    stack = enforced_cloud.stack(
        Scientist=role("studio-scientist", trust(account=True), *resolve(OpenStudio("churn").statements())),
        Execution=role("studio-execution", trust("sagemaker"), *resolve(RunStudioApps("churn").statements())),
    )
    assert stack.describe()["StackStatus"] == "CREATE_COMPLETE", stack.failures()
    studio = Studio(enforced_cloud)
    for person in PEOPLE:
        studio.sagemaker.create_user_profile(
            DomainId=studio.id,
            UserProfileName=person,
            UserSettings={"ExecutionRole": EXECUTION},
            Tags=[{"Key": "mlgov:project", "Value": "churn"}, {"Key": "mlgov:user", "Value": person}],
        )
    for person in PEOPLE:
        eventually(partial(status, studio, person), "InService")
        studio.add_space(f"{person}s-space", person)
    return studio


def status(studio: Studio, profile: str) -> str:
    return str(studio.sagemaker.describe_user_profile(DomainId=studio.id, UserProfileName=profile)["Status"])


def session(studio: Studio, role_name: str, name: str, **person: str) -> Any:
    arn = f"arn:aws:iam::123456789012:role/{role_name}"
    found = studio.cloud.client("sts").assume_role(RoleArn=arn, RoleSessionName=name, **person)
    return studio.cloud.client("sagemaker", found["Credentials"])


def test_a_person_opens_her_own_profile_only(studio: Studio) -> None:
    ana = session(studio, "studio-scientist", "ana")
    opened = ana.create_presigned_domain_url(DomainId=studio.id, UserProfileName="ana")
    assert opened["AuthorizedUrl"].startswith("https://")
    with pytest.raises(ClientError, match="AccessDenied"):
        ana.create_presigned_domain_url(DomainId=studio.id, UserProfileName="ben")


def test_in_studio_she_runs_apps_in_her_own_spaces_only(studio: Studio) -> None:
    ana = session(studio, "studio-execution", "SageMaker", SourceIdentity="ana")
    app = {"DomainId": studio.id, "AppType": "JupyterLab", "AppName": "default"}
    assert ana.create_app(**app, SpaceName="anas-space")["AppArn"]
    with pytest.raises(ClientError, match="AccessDenied"):
        ana.create_app(**app, SpaceName="bens-space")
    assert ana.describe_domain(DomainId=studio.id)["DomainId"] == studio.id


def test_in_studio_she_makes_spaces_for_nobody_else(studio: Studio) -> None:
    ana = session(studio, "studio-execution", "SageMaker", SourceIdentity="ana")
    private = {"SpaceSharingSettings": {"SharingType": "Private"}, "SpaceSettings": {"AppType": "JupyterLab"}}
    made = ana.create_space(
        DomainId=studio.id, SpaceName="more", OwnershipSettings={"OwnerUserProfileName": "ana"}, **private
    )
    assert made["SpaceArn"]
    with pytest.raises(ClientError, match="AccessDenied"):
        ana.create_space(
            DomainId=studio.id, SpaceName="his", OwnershipSettings={"OwnerUserProfileName": "ben"}, **private
        )


@pytest.mark.parametrize("person", [{}, {"SourceIdentity": "nobody"}])
def test_outside_studio_the_execution_role_does_nothing_there(studio: Studio, person: dict[str, str]) -> None:
    stranger = session(studio, "studio-execution", "anything", **person)
    with pytest.raises(ClientError, match="AccessDenied"):
        stranger.create_app(DomainId=studio.id, SpaceName="bens-space", AppType="JupyterLab", AppName="default")
    with pytest.raises(ClientError, match="AccessDenied"):
        stranger.describe_domain(DomainId=studio.id)
