"""The notebook that a data scientist provisioned."""

from mlgov_constructs.local_cloud.demo.readback.deployed import Deployed
from mlgov_constructs.local_cloud.demo.readback.section import Row, Section, unmet

PROJECT_TAG = "mlgov:project"


def read_notebook(deployed: Deployed, name: str) -> Section:
    """Reads back a notebook instance.

    Args:
        deployed: The environment that it must lie in.
        name: The notebook instance.
    """
    sagemaker = deployed.client("sagemaker")
    notebook = sagemaker.describe_notebook_instance(NotebookInstanceName=name)
    tags = {
        tag["Key"]: tag["Value"] for tag in sagemaker.list_tags(ResourceArn=notebook["NotebookInstanceArn"])["Tags"]
    }
    key = deployed.key_names.get(notebook.get("KmsKeyId", ""), "")
    subnets = set(deployed.ids("AWS::EC2::Subnet"))
    groups, own_groups = set(notebook.get("SecurityGroups", [])), set(deployed.ids("AWS::EC2::SecurityGroup"))
    lifecycle = notebook.get("NotebookInstanceLifecycleConfigName", "")
    imds = notebook.get("InstanceMetadataServiceConfiguration", {}).get("MinimumInstanceMetadataServiceVersion", "1")
    role = notebook["RoleArn"].rsplit("/", 1)[-1]
    demands = {
        ("Internet access", notebook["DirectInternetAccess"]): (
            "disabled",
            notebook["DirectInternetAccess"] == "Disabled",
        ),
        ("Root access", notebook["RootAccess"]): ("disabled", notebook["RootAccess"] == "Disabled"),
        ("Volume", f"{notebook['VolumeSizeInGB']} GB, {key or 'no key of the environment'}"): (
            "encrypted with a key of the environment",
            bool(key),
        ),
        ("Subnet", notebook.get("SubnetId", "none")): (
            "a subnet of the environment",
            # Without subnets of its own the environment uses an existing VPC.
            notebook.get("SubnetId") in subnets if subnets else "SubnetId" in notebook,
        ),
        ("Security groups", ", ".join(sorted(groups)) or "none"): (
            "groups of the environment",
            bool(groups) and (groups <= own_groups or not own_groups),
        ),
        ("Metadata service", f"version {imds} or newer"): ("version 2", imds == "2"),
        ("Lifecycle", lifecycle or "none"): (
            "the idle stop of the environment",
            lifecycle in deployed.ids("AWS::SageMaker::NotebookInstanceLifecycleConfig"),
        ),
        ("Platform", notebook["PlatformIdentifier"]): (
            "Amazon Linux 2023",
            notebook["PlatformIdentifier"].startswith("notebook-al2023"),
        ),
        ("Role", role): ("a role of the environment", role in deployed.ids("AWS::IAM::Role")),
        ("Tags", ", ".join(f"{key}={value}" for key, value in tags.items())): ("of a project", PROJECT_TAG in tags),
    }
    rows = [Row(("Notebook", f"{name}, {notebook['InstanceType']}, {notebook['NotebookInstanceStatus']}"))]
    rows += [Row(cells, unmet({f"must be {text}": holds})) for cells, (text, holds) in demands.items()]
    return Section("Provisioned notebook", ("What", "Read back"), tuple(rows), {})
