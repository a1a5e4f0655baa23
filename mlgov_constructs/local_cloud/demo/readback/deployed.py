"""What is deployed, as CloudFormation lists it; every property comes from the services themselves."""

import functools
from collections.abc import Iterator, Sequence
from typing import Any

from mlgov_constructs.local_cloud.clients import Clients


class Deployed:
    """The stacks of an environment.

    Args:
        clients: Who reads.
        stack_names: The stacks.
    """

    def __init__(self, clients: Clients, stack_names: Sequence[str]) -> None:
        self.clients = clients
        self.stack_names = tuple(stack_names)

    def client(self, service: str) -> Any:
        """Returns the boto3 client of a service."""
        return self.clients.client(service)

    def ids(self, type_name: str) -> list[str]:
        """Returns the physical ids of every resource of a type, in the order of the stacks.

        Args:
            type_name: The type, for example ``AWS::S3::Bucket``.
        """
        return [identifier for kind, identifier in self._resources if kind == type_name]

    def names(self, type_name: str) -> list[str]:
        """Returns the names of every resource of a type whose physical ids are ARNs.

        Args:
            type_name: The type.
        """
        return [identifier.rsplit("/", 1)[-1] for identifier in self.ids(type_name)]

    @property
    def types(self) -> list[str]:
        """The types of all resources."""
        return sorted({kind for kind, _ in self._resources})

    def stack_of(self, type_name: str) -> str:
        """Returns the first stack that holds a resource of a type, or nothing when none does.

        Args:
            type_name: The type.
        """
        return next((stack for stack, kind, _ in self._list() if kind == type_name), "")

    @functools.cached_property
    def key_names(self) -> dict[str, str]:
        """The alias of each key of the environment, by the key's ARN."""
        kms = self.client("kms")
        ids = set(self.ids("AWS::KMS::Key"))
        aliases = (item for page in kms.get_paginator("list_aliases").paginate() for item in page["Aliases"])
        names = {item["TargetKeyId"]: item["AliasName"] for item in aliases if item.get("TargetKeyId") in ids}
        return {kms.describe_key(KeyId=key)["KeyMetadata"]["Arn"]: names.get(key, key) for key in sorted(ids)}

    @functools.cached_property
    def _resources(self) -> list[tuple[str, str]]:
        return [(kind, identifier) for _, kind, identifier in self._list()]

    def _list(self) -> Iterator[tuple[str, str, str]]:
        paginator = self.client("cloudformation").get_paginator("list_stack_resources")
        for name in self.stack_names:
            for page in paginator.paginate(StackName=name):
                for item in page["StackResourceSummaries"]:
                    yield name, item["ResourceType"], item.get("PhysicalResourceId", "")
