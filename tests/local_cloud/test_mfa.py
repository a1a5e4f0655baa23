"""Virtual MFA devices: real codes, and conditions that ask for the second factor."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

from mlgov_constructs.local_cloud.one_time_code import one_time_code
from tests.local_cloud.catalog_templates import ACCOUNT, allow, role, trust
from tests.local_cloud.conftest import Cloud

ROLE = f"arn:aws:iam::{ACCOUNT}:role/with-mfa"
WITH_MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}


@pytest.mark.parametrize(("at", "code"), [(59, "287082"), (1111111109, "081804"), (20000000000, "353130")])
def test_codes_are_those_of_rfc_6238(at: int, code: str) -> None:
    assert one_time_code("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", at=at) == code


class Device:
    """A user with a device."""

    def __init__(self, cloud: Cloud, name: str) -> None:
        self.iam, self.user = cloud.client("iam"), name
        self.iam.create_user(UserName=name)
        created = self.iam.create_virtual_mfa_device(VirtualMFADeviceName=name)["VirtualMFADevice"]
        self.serial, self.seed = created["SerialNumber"], created["Base32StringSeed"].decode()
        self.key = self.iam.create_access_key(UserName=name)["AccessKey"]
        statements = [allow("sts:AssumeRole"), {**allow("s3:ListAllMyBuckets"), "Condition": WITH_MFA}]
        policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
        self.iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=policy)

    def code(self, steps: int = 0) -> str:
        return one_time_code(self.seed, steps=steps)

    def enable(self, first: str, second: str) -> None:
        self.iam.enable_mfa_device(
            UserName=self.user, SerialNumber=self.serial, AuthenticationCode1=first, AuthenticationCode2=second
        )


@pytest.fixture(scope="module")
def device(enforced_cloud: Cloud) -> Device:
    document = trust(account=True)
    document["Statement"][0]["Condition"] = WITH_MFA
    enforced_cloud.stack(Role=role("with-mfa", document, allow("s3:ListAllMyBuckets")))
    device = Device(enforced_cloud, "with-device")
    device.enable(device.code(-1), device.code())
    return device


def test_a_device_is_enabled_by_two_codes_in_a_row(enforced_cloud: Cloud) -> None:
    device = Device(enforced_cloud, "enabling")
    for first, second in ((device.code(), device.code()), (device.code(), device.code(-1)), ("000000", "111111")):
        with pytest.raises(ClientError, match="InvalidAuthenticationCode"):
            device.enable(first, second)


def test_a_role_that_asks_for_mfa_is_assumed_with_a_code_only(enforced_cloud: Cloud, device: Device) -> None:
    sts = enforced_cloud.client("sts", device.key)
    session = {"RoleArn": ROLE, "RoleSessionName": "session"}
    with pytest.raises(ClientError, match="not authorized to perform: sts:AssumeRole"):
        sts.assume_role(**session)
    with pytest.raises(ClientError, match="invalid MFA one time pass code"):
        sts.assume_role(**session, SerialNumber=device.serial, TokenCode="000000")
    answer = sts.assume_role(**session, SerialNumber=device.serial, TokenCode=device.code())
    assert enforced_cloud.client("s3", answer["Credentials"]).list_buckets()["ResponseMetadata"]


def test_the_device_of_another_user_is_refused(enforced_cloud: Cloud, device: Device) -> None:
    other = Device(enforced_cloud, "other")
    sts = enforced_cloud.client("sts", other.key)
    with pytest.raises(ClientError, match="serial number is valid and associated"):
        sts.assume_role(RoleArn=ROLE, RoleSessionName="session", SerialNumber=device.serial, TokenCode=device.code())


def test_a_session_token_carries_the_factor_to_policies(enforced_cloud: Cloud, device: Device) -> None:
    sts = enforced_cloud.client("sts", device.key)
    without = sts.get_session_token()["Credentials"]
    with_code = sts.get_session_token(SerialNumber=device.serial, TokenCode=device.code())["Credentials"]
    with pytest.raises(ClientError, match="AccessDenied"):
        enforced_cloud.client("s3", without).list_buckets()
    assert enforced_cloud.client("s3", with_code).list_buckets()["ResponseMetadata"]
