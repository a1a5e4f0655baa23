"""The customer managed keys."""

from mlgov_constructs.local_cloud.demo.readback.deployed import Deployed
from mlgov_constructs.local_cloud.demo.readback.section import Row, Section, unmet


def read_keys(deployed: Deployed) -> Section:
    """Reads back every key of an environment.

    Args:
        deployed: The environment.
    """
    rows = tuple(_row(deployed, arn, alias) for arn, alias in deployed.key_names.items())
    columns = ("Alias", "Key", "State", "Rotation", "Manager")
    return Section("Keys", columns, rows, {"there must be keys": bool(rows)})


def _row(deployed: Deployed, arn: str, alias: str) -> Row:
    kms = deployed.client("kms")
    key = kms.describe_key(KeyId=arn)["KeyMetadata"]
    rotation = kms.get_key_rotation_status(KeyId=arn)
    enabled = rotation["KeyRotationEnabled"]
    cells = (
        alias,
        key["KeyId"],
        key["KeyState"],
        f"every {rotation['RotationPeriodInDays']} days" if enabled else "off",
        key["KeyManager"].lower(),
    )
    demands = {
        "it must have an alias": alias.startswith("alias/"),
        "it must be enabled": key["KeyState"] == "Enabled",
        "it must rotate": enabled,
        "it must be managed by the customer": key["KeyManager"] == "CUSTOMER",
    }
    return Row(cells, unmet(demands))
