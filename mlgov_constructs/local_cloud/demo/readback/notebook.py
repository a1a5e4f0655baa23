"""The notebook that a data scientist provisioned."""

import base64
import re
from collections.abc import Mapping
from typing import Any

from mlgov_constructs.local_cloud.demo.readback.deployed import Deployed
from mlgov_constructs.local_cloud.demo.readback.section import Row, Section, unmet

PROJECT_TAG = "mlgov:project"
_IDLE_MINUTES = re.compile(r"^IDLE_MINUTES=(\d+)$", re.MULTILINE)


def read_notebook(deployed: Deployed, name: str) -> Section:
    """Reads back a notebook instance.

    Args:
        deployed: The environment that it must lie in.
        name: The notebook instance.
    """
    sagemaker = deployed.client("sagemaker")
    notebook = sagemaker.describe_notebook_instance(NotebookInstanceName=name)
    tags = sagemaker.list_tags(ResourceArn=notebook["NotebookInstanceArn"])["Tags"]
    rows = (
        Row((name, f"{notebook['InstanceType']}, {notebook['NotebookInstanceStatus']}")),
        _equals("Internet access", notebook["DirectInternetAccess"], "Disabled"),
        _equals("Root access", notebook["RootAccess"], "Disabled"),
        _volume(deployed, notebook),
        *_network(deployed, notebook),
        _metadata_service(notebook),
        _lifecycle(deployed, notebook.get("NotebookInstanceLifecycleConfigName", "")),
        _equals("Platform", notebook["PlatformIdentifier"], "notebook-al2023-v1"),
        _role(deployed, notebook["RoleArn"].rsplit("/", 1)[-1]),
        _tags({tag["Key"]: tag["Value"] for tag in tags}),
    )
    return Section("Provisioned notebook", ("What", "Read back"), rows, {})


def _equals(what: str, found: str, wanted: str) -> Row:
    return Row((what, found), unmet({f"must be {wanted}": found == wanted}))


def _volume(deployed: Deployed, notebook: Mapping[str, Any]) -> Row:
    key = deployed.key_names.get(notebook.get("KmsKeyId", ""), "")
    text = f"{notebook['VolumeSizeInGB']} GB, {key or 'no key of the environment'}"
    return Row(("Volume", text), unmet({"must be encrypted with a key of the environment": bool(key)}))


def _network(deployed: Deployed, notebook: Mapping[str, Any]) -> list[Row]:
    subnet, groups = notebook.get("SubnetId", ""), set(notebook.get("SecurityGroups", []))
    own_subnets, own_groups = deployed.ids("AWS::EC2::Subnet"), set(deployed.ids("AWS::EC2::SecurityGroup"))
    # An environment in an existing VPC has none of its own.
    in_subnet = subnet in own_subnets if own_subnets else bool(subnet)
    in_groups = bool(groups) and (groups <= own_groups or not own_subnets)
    return [
        Row(("Subnet", subnet or "none"), unmet({"must be one of the environment": in_subnet})),
        Row(("Security groups", ", ".join(groups) or "none"), unmet({"must be those of the environment": in_groups})),
    ]


def _metadata_service(notebook: Mapping[str, Any]) -> Row:
    least = notebook.get("InstanceMetadataServiceConfiguration", {}).get("MinimumInstanceMetadataServiceVersion", "1")
    return Row(("Metadata service", f"version {least} or newer"), unmet({"must be version 2": least == "2"}))


def _lifecycle(deployed: Deployed, name: str) -> Row:
    if not name:
        return Row(("Lifecycle", "none"), ("must stop the notebook when it is idle",))
    described = deployed.client("sagemaker").describe_notebook_instance_lifecycle_config(
        NotebookInstanceLifecycleConfigName=name
    )
    scripts = [base64.b64decode(hook["Content"]).decode() for hook in described.get("OnStart", [])]
    minutes = [found[1] for script in scripts if (found := _IDLE_MINUTES.search(script))]
    text = f"{name}: stops after {', '.join(minutes) or '-'} idle minutes"
    return Row(("Lifecycle", text), unmet({"must stop the notebook when it is idle": bool(minutes)}))


def _role(deployed: Deployed, name: str) -> Row:
    return Row(("Role", name), unmet({"must be one of the environment": name in deployed.ids("AWS::IAM::Role")}))


def _tags(tags: Mapping[str, str]) -> Row:
    text = ", ".join(f"{key}={value}" for key, value in tags.items())
    return Row(("Tags", text or "none"), unmet({"must name the project": PROJECT_TAG in tags}))
