"""Whose provisioned products and records a request is about: the levels that IAM conditions of Service Catalog name.

Source: Service Catalog administrator guide, "Example access policies for provisioned product management".
"""

from mlgov_constructs.local_cloud.services.json_service import Request
from mlgov_constructs.local_cloud.services.service_catalog.store import Store, store_of

_LEVELS = ("Account", "Role", "User")
_LISTS = ("ListRecordHistory", "ScanProvisionedProducts", "SearchProvisionedProducts")


def level_keys(request: Request) -> dict[str, str]:
    """Returns the condition keys ``servicecatalog:userLevel`` and so on; ``self`` is their only value.

    What is one's own as a user is also one's own as a role and as an account.

    Args:
        request: The request.
    """
    level = _level(request)
    held = _LEVELS[: _LEVELS.index(level) + 1] if level else ()
    return {f"servicecatalog:{name.lower()}Level": "self" for name in held}


def is_own(request: Request, user_arn: str) -> bool:
    """Tells whether what a user made lies within the access level that a list asks for.

    Args:
        request: The request that lists.
        user_arn: Who made the thing.
    """
    caller = request.caller
    level = listed_level(request)
    if level == "Account" or caller.is_root:
        return True
    if level == "Role":
        return caller.arn.rsplit("/", 1)[0] == user_arn.rsplit("/", 1)[0]
    return caller.arn == user_arn


def listed_level(request: Request) -> str:
    """Returns the access level that a list asks for; ``User`` unless told."""
    return str((request.get("AccessLevelFilter") or {"Key": "User"})["Key"])


def _level(request: Request) -> str | None:
    if request.operation in _LISTS:
        return listed_level(request)
    maker = _maker(store_of(request), request)
    if maker is None:
        return None
    if maker == request.caller.arn:
        return "User"
    return "Role" if maker.rsplit("/", 1)[0] == request.caller.arn.rsplit("/", 1)[0] else "Account"


def _maker(store: Store, request: Request) -> str | None:
    """Returns who made the provisioned product or the record that a request names."""
    names = ("ProvisionedProductId", "ProvisionedProductName", "Id", "Name")
    named = next((request.get(name) for name in names if request.get(name)), None)
    if request.operation == "DescribeRecord":
        record = store.records.get(str(named))
        return record.user_arn if record else None
    if "ProvisionedProduct" not in request.operation:
        return None
    found = (item.user_arn for item in store.provisioned.values() if named in (item.id, item.name))
    return next(found, None)
