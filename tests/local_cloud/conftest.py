"""One local cloud a session, and a way to deploy a template to it."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from mlgov_constructs.local_cloud import LocalCloud

_NUMBERS = itertools.count(1)


@dataclass
class Cloud:
    """A running local cloud with clients, and stacks deployed by boto3."""

    local: LocalCloud
    clients: dict[tuple[str, str], Any] = field(default_factory=dict)

    def client(self, service: str, credentials: dict[str, str] | None = None) -> Any:
        """Returns a client, the same one for the same caller: making one is slow."""
        key = (service, (credentials or {}).get("AccessKeyId", ""))
        if key not in self.clients:
            self.clients[key] = self._make_client(service, credentials)
        return self.clients[key]

    def _make_client(self, service: str, credentials: dict[str, str] | None) -> Any:
        keys = credentials or {"AccessKeyId": "test", "SecretAccessKey": "test"}
        return boto3.client(
            service,
            endpoint_url=self.local.endpoint,
            region_name=self.local.region,
            aws_access_key_id=keys["AccessKeyId"],
            aws_secret_access_key=keys["SecretAccessKey"],
            aws_session_token=keys.get("SessionToken"),
            verify=self.local.environment().get("AWS_CA_BUNDLE"),
            config=Config(retries={"total_max_attempts": 1}),
        )

    def as_role(self, name: str) -> dict[str, str]:
        sts = self.client("sts")
        arn = f"arn:aws:iam::{self.local.account}:role/{name}"
        credentials: dict[str, str] = sts.assume_role(RoleArn=arn, RoleSessionName="test")["Credentials"]
        return credentials

    def stack(self, **resources: Any) -> Stack:
        """Creates a stack and waits for it."""
        stack = Stack(self, f"test-{next(_NUMBERS)}", resources)
        stack.create()
        return stack


@dataclass
class Stack:
    """A stack of the local cloud."""

    cloud: Cloud
    name: str
    resources: dict[str, Any]
    outputs_wanted: dict[str, Any] | None = None
    parameters: dict[str, Any] | None = None

    @property
    def template(self) -> str:
        return json.dumps(
            {
                "Resources": self.resources,
                "Outputs": self.outputs_wanted or {},
                "Parameters": self.parameters or {},
            },
            separators=(",", ":"),  # a request takes 51,200 bytes
        )

    def create(self, **options: Any) -> str:
        self._client.create_stack(
            StackName=self.name, TemplateBody=self.template, Capabilities=["CAPABILITY_NAMED_IAM"], **options
        )
        return self.wait()

    def update(self, **resources: Any) -> str:
        self.resources = {**self.resources, **resources}
        self._client.update_stack(
            StackName=self.name, TemplateBody=self.template, Capabilities=["CAPABILITY_NAMED_IAM"]
        )
        return self.wait()

    def delete(self) -> str:
        stack_id = self.describe()["StackId"]
        self._client.delete_stack(StackName=self.name)
        return self.wait(stack_id)

    def wait(self, identifier: str | None = None) -> str:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            status: str = self.describe(identifier)["StackStatus"]
            if not status.endswith("_IN_PROGRESS"):
                return status
            time.sleep(0.02)
        raise AssertionError(f"{self.name} did not come to rest")

    def describe(self, identifier: str | None = None) -> dict[str, Any]:
        stack: dict[str, Any] = self._client.describe_stacks(StackName=identifier or self.name)["Stacks"][0]
        return stack

    def id(self, logical_id: str) -> str:
        resources = self._client.describe_stack_resources(StackName=self.name)["StackResources"]
        found = {item["LogicalResourceId"]: item["PhysicalResourceId"] for item in resources}
        return str(found[logical_id])

    def failures(self) -> str:
        events = self._client.describe_stack_events(StackName=self.describe()["StackId"])["StackEvents"]
        return "\n".join(item.get("ResourceStatusReason", "") for item in events)

    @property
    def _client(self) -> Any:
        return self.cloud.client("cloudformation")


_running: list[LocalCloud] = []


@pytest.fixture(scope="module", autouse=True)
def emptied() -> Iterator[None]:
    """Empty the clouds after each file, so that no test depends on which files ran before its own."""
    yield
    for local in _running:
        local.reset()


def _run(local: LocalCloud) -> Iterator[Cloud]:
    with local:
        _running.append(local)
        yield Cloud(local)
        _running.remove(local)


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    directory: Path = tmp_path_factory.mktemp("local-cloud")
    yield from _run(LocalCloud(port=0, directory=directory, custom_resource_timeout=3))


@pytest.fixture(scope="session")
def enforced_cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    directory: Path = tmp_path_factory.mktemp("enforced-cloud")
    yield from _run(LocalCloud(port=0, directory=directory, enforced=True))
