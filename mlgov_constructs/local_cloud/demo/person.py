"""A person of the demonstration: an IAM user with a second factor, who takes on the role of a persona."""

import json
from dataclasses import dataclass

from mlgov_constructs.local_cloud.clients import Clients, Credentials
from mlgov_constructs.local_cloud.demo.readback import Deployed
from mlgov_constructs.local_cloud.errors import LocalCloudError
from mlgov_constructs.local_cloud.one_time_code import one_time_code


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who works in an environment.

    Args:
        persona: Whose role it is, for example ``data-scientist``.
        user: The name of the IAM user, and of the session.
        clients: Clients that call as the role.
    """

    persona: str
    user: str
    clients: Clients

    @property
    def arn(self) -> str:
        """The session, as the services see it."""
        return str(self.clients.client("sts").get_caller_identity()["Arn"])


def role_of(deployed: Deployed, persona: str) -> str:
    """Returns the ARN of the role of a persona.

    Args:
        deployed: The environment.
        persona: The persona; the name of its role ends with it.

    Raises:
        LocalCloudError: There is none.
    """
    for name in deployed.ids("AWS::IAM::Role"):
        if name.endswith(f"-{persona}"):
            return str(deployed.client("iam").get_role(RoleName=name)["Role"]["Arn"])
    raise LocalCloudError(f"The environment has no role for the persona {persona}.")


def act_as(deployed: Deployed, persona: str, *, user: str = "") -> Person:
    """Makes a user with a virtual MFA device who takes on the role of a persona.

    All of it is done as on AWS: the device is enabled with two of its codes, the user may do nothing but
    assume the role, and assumes it with an access key and a code.

    Args:
        deployed: The environment; an administrator of it makes the user.
        persona: The persona.
        user: The name of the user; ``demo-`` and the persona when omitted.

    Raises:
        LocalCloudError: The environment has no such persona.
    """
    administrator, role_arn, user = deployed.clients, role_of(deployed, persona), user or f"demo-{persona}"
    iam = administrator.client("iam")
    iam.create_user(UserName=user)
    device = iam.create_virtual_mfa_device(VirtualMFADeviceName=user)["VirtualMFADevice"]
    serial, seed = device["SerialNumber"], device["Base32StringSeed"].decode()
    iam.enable_mfa_device(
        UserName=user,
        SerialNumber=serial,
        AuthenticationCode1=one_time_code(seed, steps=-1),
        AuthenticationCode2=one_time_code(seed),
    )
    work = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": role_arn}
    document = json.dumps({"Version": "2012-10-17", "Statement": [work]})
    iam.put_user_policy(UserName=user, PolicyName="work", PolicyDocument=document)
    key = iam.create_access_key(UserName=user)["AccessKey"]
    person = _with(administrator, Credentials(key["AccessKeyId"], key["SecretAccessKey"]))
    session = person.client("sts").assume_role(
        RoleArn=role_arn, RoleSessionName=user, SerialNumber=serial, TokenCode=one_time_code(seed, steps=1)
    )["Credentials"]
    credentials = Credentials(session["AccessKeyId"], session["SecretAccessKey"], session["SessionToken"])
    return Person(persona, user, _with(administrator, credentials))


def dismiss(administrator: Clients, person: Person) -> None:
    """Deletes the user of a person with all that belongs to it.

    Args:
        administrator: Who deletes it.
        person: The person.
    """
    iam, user = administrator.client("iam"), person.user
    for key in iam.list_access_keys(UserName=user)["AccessKeyMetadata"]:
        iam.delete_access_key(UserName=user, AccessKeyId=key["AccessKeyId"])
    for device in iam.list_mfa_devices(UserName=user)["MFADevices"]:
        iam.deactivate_mfa_device(UserName=user, SerialNumber=device["SerialNumber"])
        iam.delete_virtual_mfa_device(SerialNumber=device["SerialNumber"])
    iam.delete_user_policy(UserName=user, PolicyName="work")
    iam.delete_user(UserName=user)


def _with(clients: Clients, credentials: Credentials) -> Clients:
    return Clients(clients.endpoint, clients.region, credentials, clients.certificate)
