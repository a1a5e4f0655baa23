"""A data scientist of the demonstration: an IAM user with a second factor, who takes on the role of the portfolio."""

import json

from mlgov_constructs.local_cloud.clients import Clients, Credentials
from mlgov_constructs.local_cloud.demo.readback import Deployed
from mlgov_constructs.local_cloud.errors import LocalCloudError
from mlgov_constructs.local_cloud.one_time_code import one_time_code

USER = "demo-data-scientist"


def portfolio_role(deployed: Deployed) -> str:
    """Returns the ARN of the role that the environment's portfolio is open to.

    Args:
        deployed: The environment.

    Raises:
        LocalCloudError: There is none.
    """
    catalog = deployed.client("servicecatalog")
    for portfolio in deployed.ids("AWS::ServiceCatalog::Portfolio"):
        for principal in catalog.list_principals_for_portfolio(PortfolioId=portfolio)["Principals"]:
            if principal["PrincipalType"] == "IAM" and ":role/" in principal["PrincipalARN"]:
                return str(principal["PrincipalARN"])
    raise LocalCloudError("No portfolio of the environment is open to a role, so nobody can provision a product.")


def act_as_data_scientist(administrator: Clients, role_arn: str, *, user: str = USER) -> Clients:
    """Makes a user with a virtual MFA device, and returns clients that call as the role which she takes on.

    All of it is done as on AWS: the device is enabled with two of its codes, the user may do nothing but
    assume the role, and she assumes it with her access key and a code.

    Args:
        administrator: Who makes the user.
        role_arn: The role.
        user: The name of the user, and of her session.
    """
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
    return _with(administrator, credentials)


def _with(clients: Clients, credentials: Credentials) -> Clients:
    return Clients(clients.endpoint, clients.region, credentials, clients.certificate)
