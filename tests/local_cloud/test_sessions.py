"""Sessions of roles that a service assumes, for who plays a machine that does not run here."""

from __future__ import annotations

from typing import Any

import pytest

from mlgov_constructs.local_cloud import LocalCloudError
from tests.local_cloud.catalog_templates import allow, role, trust
from tests.local_cloud.conftest import Cloud

ROLE = "arn:aws:iam::123456789012:role/machine"


@pytest.fixture(scope="module")
def cloud(enforced_cloud: Cloud) -> Cloud:
    rights = allow("sagemaker:ListModels")
    stack = enforced_cloud.stack(
        Machine=role("machine", trust("sagemaker"), rights), Person=role("no-machine", trust(account=True), rights)
    )
    assert stack.describe()["StackStatus"] == "CREATE_COMPLETE", stack.failures()
    return enforced_cloud


def session(cloud: Cloud, role_arn: str, service: str = "sagemaker") -> dict[str, Any]:
    found = cloud.local.session_of(role_arn, service=service)
    return {
        "AccessKeyId": found.access_key,
        "SecretAccessKey": found.secret_key,
        "SessionToken": found.session_token,
    }


def test_it_has_the_rights_of_the_role_and_no_more(cloud: Cloud) -> None:
    credentials = session(cloud, ROLE)
    sagemaker = cloud.client("sagemaker", credentials)
    assert ":assumed-role/machine/sagemaker" in cloud.client("sts", credentials).get_caller_identity()["Arn"]
    assert sagemaker.list_models()["Models"] == []
    with pytest.raises(sagemaker.exceptions.ClientError, match="not authorized"):
        sagemaker.list_endpoints()


@pytest.mark.parametrize(
    ("role_arn", "service"),
    [(ROLE, "lambda"), (ROLE.replace("machine", "no-machine"), "sagemaker"), (ROLE.replace("machine", "no"), "lambda")],
)
def test_a_role_that_does_not_trust_the_service_is_refused(cloud: Cloud, role_arn: str, service: str) -> None:
    with pytest.raises(LocalCloudError, match=rf"{role_arn} is invalid or cannot be assumed by {service}"):
        session(cloud, role_arn, service)
