"""A SageMaker Studio domain of the local cloud, in a VPC of its own, for tests."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from typing import Any, Self

import pytest
from botocore.exceptions import ClientError

from tests.local_cloud.conftest import Cloud

ROLE = "arn:aws:iam::123456789012:role/studio"
NUMBERS = itertools.count(1)


def refusal(call: Callable[..., Any], **parameters: Any) -> str:
    with pytest.raises(ClientError) as error:
        call(**parameters)
    return str(error.value.response["Error"]["Code"])


def eventually(look: Callable[[], Any], wanted: Any) -> None:
    deadline = time.monotonic() + 5
    while (found := look()) != wanted:
        assert time.monotonic() < deadline, f"{found!r} is not {wanted!r}"
        time.sleep(0.02)


class Studio:
    """A domain in a VPC of its own."""

    def __init__(self, cloud: Cloud) -> None:
        self._connect(cloud)
        self.vpc = self.ec2.create_vpc(CidrBlock="10.8.0.0/16")["Vpc"]["VpcId"]
        self.subnets = [
            self.ec2.create_subnet(
                VpcId=self.vpc, CidrBlock=f"10.8.{number}.0/24", AvailabilityZone=f"us-east-1{zone}"
            )["Subnet"]["SubnetId"]
            for number, zone in enumerate("ab")
        ]
        self.created = self.sagemaker.create_domain(
            DomainName=f"studio-{next(NUMBERS)}",
            AuthMode="IAM",
            AppNetworkAccessType="VpcOnly",
            DefaultUserSettings={"ExecutionRole": ROLE},
            DomainSettings={"DockerSettings": {"EnableDockerAccess": "DISABLED"}},
            SubnetIds=self.subnets,
            VpcId=self.vpc,
            Tags=[{"Key": "mlgov:project", "Value": "churn"}],
        )
        self.id = self.created["DomainId"]
        self.first_status = self.describe()["Status"]
        self.until("InService")

    @classmethod
    def of(cls, cloud: Cloud, domain_id: str) -> Self:
        """A domain that is there already."""
        studio = cls.__new__(cls)
        studio._connect(cloud)
        studio.id = domain_id
        return studio

    def _connect(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.ec2, self.efs, self.sagemaker = (cloud.client(name) for name in ("ec2", "efs", "sagemaker"))

    def describe(self) -> dict[str, Any]:
        found: dict[str, Any] = self.sagemaker.describe_domain(DomainId=self.id)
        return found

    def until(self, status: str) -> None:
        eventually(lambda: self.describe()["Status"], status)

    def groups(self) -> dict[str, dict[str, Any]]:
        found = self.ec2.describe_security_groups(Filters=[{"Name": "vpc-id", "Values": [self.vpc]}])["SecurityGroups"]
        return {group["GroupName"]: group for group in found if group["GroupName"] != "default"}

    def add_profile(self, name: str) -> None:
        self.sagemaker.create_user_profile(DomainId=self.id, UserProfileName=name)
        describe = self.sagemaker.describe_user_profile
        eventually(lambda: describe(DomainId=self.id, UserProfileName=name)["Status"], "InService")

    def add_space(self, name: str, owner: str) -> None:
        self.sagemaker.create_space(
            DomainId=self.id,
            SpaceName=name,
            OwnershipSettings={"OwnerUserProfileName": owner},
            SpaceSharingSettings={"SharingType": "Private"},
            SpaceSettings={"AppType": "JupyterLab"},
        )
        describe = self.sagemaker.describe_space
        eventually(lambda: describe(DomainId=self.id, SpaceName=name)["Status"], "InService")

    def add_app(self, space: str) -> dict[str, str]:
        app = {"DomainId": self.id, "SpaceName": space, "AppType": "JupyterLab", "AppName": "default"}
        self.sagemaker.create_app(**app)
        eventually(lambda: self.sagemaker.describe_app(**app)["Status"], "InService")
        return app

    def is_gone(self) -> bool:
        return self.id not in [each["DomainId"] for each in self.sagemaker.list_domains()["Domains"]]

    def file_system_exists(self, identifier: str) -> bool:
        pages = self.efs.get_paginator("describe_file_systems").paginate()
        return identifier in [each["FileSystemId"] for page in pages for each in page["FileSystems"]]
