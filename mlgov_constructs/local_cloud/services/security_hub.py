"""Security Hub: hub, standards, automation rules and central configuration with their settings. Nothing is checked."""

import datetime
import json
import uuid
from collections.abc import Mapping
from typing import Any

from mlgov_constructs.local_cloud import enforcement, moto_bridge
from mlgov_constructs.local_cloud.errors import ServiceError
from mlgov_constructs.local_cloud.services import rest_routes
from mlgov_constructs.local_cloud.services.json_service import JsonService, Operation, Request

_NAME = "securityhub"
_Record = dict[str, Any]
_Scope = tuple[str, str]
_STANDARDS = (
    "ai-security-best-practices/v/1.0.0",
    "aws-foundational-security-best-practices/v/1.0.0",
    "aws-resource-tagging-standard/v/1.0.0",
    "nist-800-53/v/5.0.0",
    "pci-dss/v/4.0.1",
)
_NO_CENTRAL = {"ConfigurationType": "LOCAL", "Status": "ENABLED"}

_hubs: dict[_Scope, _Record] = {}
_standards: dict[tuple[_Scope, str], _Record] = {}
"""By scope and the ARN of the subscription; the same holds for what follows."""
_rules: dict[tuple[_Scope, str], _Record] = {}
_aggregators: dict[tuple[_Scope, str], _Record] = {}
_policies: dict[tuple[_Scope, str], _Record] = {}
_associations: dict[tuple[_Scope, str], _Record] = {}
"""By scope and target."""
_organizations: dict[_Scope, _Record] = {}
_tags: dict[str, dict[str, str]] = {}
"""By ARN."""


def reset() -> None:
    """Forgets everything."""
    for state in (_hubs, _standards, _rules, _aggregators, _policies, _associations, _organizations, _tags):
        state.clear()


async def handle_request(
    method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, Any]
) -> moto_bridge.Answer:
    """Answers a request of the REST protocol, as one that names its operation."""
    found = rest_routes.parse(_NAME, method, path, body, query)
    if found is None:
        return moto_bridge.error("UnsupportedOperation", f"The local cloud does not model {method} {path}.", 501)
    operation, parameters = found
    named = {**headers, "x-amz-target": f"{_NAME}.{operation}"}
    return await _SERVICE.handle_request(method, path, named, json.dumps(parameters).encode(), query)


def _arn(request: Request, resource: str) -> str:
    return f"arn:{enforcement.partition()}:{_NAME}:{request.caller.region}:{request.caller.account}:{resource}"


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat()


def _missing(what: str) -> ServiceError:
    return ServiceError("ResourceNotFoundException", f"{what} was not found", 404)


def _hub(request: Request) -> _Record:
    if request.scope not in _hubs:
        message = f"Account {request.caller.account} is not subscribed to AWS Security Hub"
        raise ServiceError("InvalidAccessException", message, 401)
    return _hubs[request.scope]


def _of(state: Mapping[tuple[_Scope, str], _Record], request: Request) -> list[_Record]:
    return [record for (scope, _), record in sorted(state.items()) if scope == request.scope]


# The hub and its standards


def _enable(request: Request) -> dict[str, Any]:
    if request.scope in _hubs:
        raise ServiceError("ResourceConflictException", "Account is already subscribed to Security Hub", 409)
    arn = _arn(request, "hub/default")
    _hubs[request.scope] = {
        "HubArn": arn,
        "SubscribedAt": _now(),
        "AutoEnableControls": True,
        "ControlFindingGenerator": request.get("ControlFindingGenerator", "SECURITY_CONTROL"),
    }
    _tags[arn] = dict(request.get("Tags") or {})
    if request.get("EnableDefaultStandards", True):
        _subscribe(request, _standard_arn(request, _STANDARDS[1]))
    return {}


def _update_hub(request: Request) -> dict[str, Any]:
    names = ("AutoEnableControls", "ControlFindingGenerator")
    _hub(request).update({name: request[name] for name in names if request.get(name) is not None})
    return {}


def _disable(request: Request) -> dict[str, Any]:
    _tags.pop(_hub(request)["HubArn"], None)
    del _hubs[request.scope]
    for state in (_standards, _rules):
        for key in [key for key in state if key[0] == request.scope]:
            del state[key]
    return {}


def _standard_arn(request: Request, name: str) -> str:
    return f"arn:{enforcement.partition()}:{_NAME}:{request.caller.region}::standards/{name}"


def _subscribe(request: Request, standard: str, controls: str = "READY_FOR_UPDATES") -> _Record:
    if standard not in {_standard_arn(request, name) for name in _STANDARDS}:
        raise ServiceError("InvalidInputException", f"{standard} is no standard")
    arn = _arn(request, f"subscription/{standard.partition(':standards/')[2]}")
    record = {
        "StandardsSubscriptionArn": arn,
        "StandardsArn": standard,
        "StandardsInput": {},
        "StandardsStatus": "READY",
        "StandardsControlsUpdatable": controls,
    }
    _standards[request.scope, arn] = record
    return record


def _enable_standards(request: Request) -> dict[str, Any]:
    _hub(request)
    wanted = [each["StandardsArn"] for each in request["StandardsSubscriptionRequests"]]
    return {"StandardsSubscriptions": [_subscribe(request, standard) for standard in wanted]}


def _disable_standards(request: Request) -> dict[str, Any]:
    _hub(request)
    gone = []
    for arn in request["StandardsSubscriptionArns"]:
        if (request.scope, arn) not in _standards:
            raise _missing(arn)
        gone.append({**_standards.pop((request.scope, arn)), "StandardsStatus": "DELETING"})
    return {"StandardsSubscriptions": gone}


def _enabled_standards(request: Request) -> dict[str, Any]:
    _hub(request)
    wanted = request.get("StandardsSubscriptionArns")
    found = _of(_standards, request)
    return {
        "StandardsSubscriptions": [each for each in found if not wanted or each["StandardsSubscriptionArn"] in wanted]
    }


# Automation rules


def _create_rule(request: Request) -> dict[str, Any]:
    _hub(request)
    arn, now = _arn(request, f"automation-rule/{uuid.uuid4()}"), _now()
    _tags[arn] = dict(request.get("Tags") or {})
    settings = {name: value for name, value in request.parameters.items() if name != "Tags"}
    _rules[request.scope, arn] = {
        "RuleStatus": "ENABLED",
        "IsTerminal": False,
        **settings,
        "RuleArn": arn,
        "CreatedAt": now,
        "UpdatedAt": now,
    }
    return {"RuleArn": arn}


def _update_rules(request: Request) -> dict[str, Any]:
    done = []
    for item in request["UpdateAutomationRulesRequestItems"]:
        record = _rules.get((request.scope, item["RuleArn"]))
        if record is None:
            raise _missing(item["RuleArn"])
        record.update({**item, "UpdatedAt": _now()})
        done.append(item["RuleArn"])
    return {"ProcessedAutomationRules": done, "UnprocessedAutomationRules": []}


def _get_rules(request: Request) -> dict[str, Any]:
    keys = [(request.scope, arn) for arn in request["AutomationRulesArns"]]
    return {
        "Rules": [_rules[key] for key in keys if key in _rules],
        "UnprocessedAutomationRules": [{"RuleArn": arn} for scope, arn in keys if (scope, arn) not in _rules],
    }


def _list_rules(request: Request) -> dict[str, Any]:
    shown = ("RuleArn", "RuleStatus", "RuleOrder", "RuleName", "Description", "IsTerminal", "CreatedAt", "UpdatedAt")
    found = _of(_rules, request)
    return {"AutomationRulesMetadata": [{name: rule[name] for name in shown} for rule in found]}


def _delete_rules(request: Request) -> dict[str, Any]:
    for arn in request["AutomationRulesArns"]:
        if _rules.pop((request.scope, arn), None) is None:
            raise _missing(arn)
        _tags.pop(arn, None)
    return {"ProcessedAutomationRules": request["AutomationRulesArns"], "UnprocessedAutomationRules": []}


# Aggregation and central configuration


def _create_aggregator(request: Request) -> dict[str, Any]:
    _hub(request)
    if _of(_aggregators, request):
        raise ServiceError("ResourceConflictException", "The account has a finding aggregator already", 409)
    arn = _arn(request, f"finding-aggregator/{uuid.uuid4()}")
    _aggregators[request.scope, arn] = {
        "FindingAggregatorArn": arn,
        "FindingAggregationRegion": request.caller.region,
        "RegionLinkingMode": request["RegionLinkingMode"],
        "Regions": request.get("Regions") or [],
    }
    return _aggregators[request.scope, arn]


def _aggregator(request: Request) -> _Record:
    key = (request.scope, request["FindingAggregatorArn"])
    if key not in _aggregators:
        raise _missing(key[1])
    return _aggregators[key]


def _update_aggregator(request: Request) -> dict[str, Any]:
    record = _aggregator(request)
    record.update({"RegionLinkingMode": request["RegionLinkingMode"], "Regions": request.get("Regions") or []})
    return record


def _delete_aggregator(request: Request) -> dict[str, Any]:
    del _aggregators[request.scope, _aggregator(request)["FindingAggregatorArn"]]
    return {}


def _update_organization(request: Request) -> dict[str, Any]:
    _hub(request)
    central = request.get("OrganizationConfiguration") or _NO_CENTRAL
    if central["ConfigurationType"] == "CENTRAL" and not _of(_aggregators, request):
        raise ServiceError("InvalidInputException", "Central configuration needs a finding aggregator")
    _organizations[request.scope] = {
        "AutoEnable": request["AutoEnable"],
        "AutoEnableStandards": request.get("AutoEnableStandards", "DEFAULT"),
        "MemberAccountLimitReached": False,
        "OrganizationConfiguration": {**central, "Status": "ENABLED"},
    }
    return {}


def _describe_organization(request: Request) -> dict[str, Any]:
    _hub(request)
    unset = {"AutoEnable": False, "AutoEnableStandards": "DEFAULT", "MemberAccountLimitReached": False}
    return _organizations.get(request.scope, {**unset, "OrganizationConfiguration": _NO_CENTRAL})


def _need_central(request: Request) -> None:
    if _describe_organization(request)["OrganizationConfiguration"]["ConfigurationType"] != "CENTRAL":
        raise ServiceError("InvalidAccessException", "Central configuration is off", 401)


def _create_policy(request: Request) -> dict[str, Any]:
    _need_central(request)
    identifier, now = str(uuid.uuid4()), _now()
    arn = _arn(request, f"configuration-policy/{identifier}")
    _tags[arn] = dict(request.get("Tags") or {})
    _policies[request.scope, identifier] = {
        "Arn": arn,
        "Id": identifier,
        "Name": request["Name"],
        "Description": request.get("Description", ""),
        "UpdatedAt": now,
        "CreatedAt": now,
        "ConfigurationPolicy": request["ConfigurationPolicy"],
    }
    return _policies[request.scope, identifier]


def _policy(request: Request) -> _Record:
    key = (request.scope, request["Identifier"].rsplit("/", 1)[-1])
    if key not in _policies:
        raise _missing(key[1])
    return _policies[key]


def _update_policy(request: Request) -> dict[str, Any]:
    record = _policy(request)
    names = ("Name", "Description", "ConfigurationPolicy")
    record.update({name: request[name] for name in names if request.get(name) is not None})
    record["UpdatedAt"] = _now()
    return record


def _delete_policy(request: Request) -> dict[str, Any]:
    record = _policy(request)
    if any(each["ConfigurationPolicyId"] == record["Id"] for each in _of(_associations, request)):
        raise ServiceError("ResourceInUseException", f"{record['Id']} is associated with a target", 409)
    del _policies[request.scope, record["Id"]]
    _tags.pop(record["Arn"], None)
    return {}


def _target(request: Request) -> tuple[str, str]:
    kinds = {"AccountId": "ACCOUNT", "OrganizationalUnitId": "ORGANIZATIONAL_UNIT", "RootId": "ROOT"}
    ((name, identifier),) = request["Target"].items()
    return identifier, kinds[name]


def _associate(request: Request) -> dict[str, Any]:
    identifier, kind = _target(request)
    policy = request["ConfigurationPolicyIdentifier"].rsplit("/", 1)[-1]
    if (request.scope, policy) not in _policies:
        raise _missing(policy)
    _associations[request.scope, identifier] = {
        "ConfigurationPolicyId": policy,
        "TargetId": identifier,
        "TargetType": kind,
        "AssociationType": "APPLIED",
        "UpdatedAt": _now(),
        "AssociationStatus": "SUCCESS",
    }
    return _associations[request.scope, identifier]


def _association(request: Request) -> dict[str, Any]:
    identifier, _ = _target(request)
    if (request.scope, identifier) not in _associations:
        raise _missing(identifier)
    return _associations[request.scope, identifier]


def _disassociate(request: Request) -> dict[str, Any]:
    del _associations[request.scope, _association(request)["TargetId"]]
    return {}


# Tags


def _tag(request: Request) -> dict[str, Any]:
    _tags.setdefault(request["ResourceArn"], {}).update(request["Tags"])
    return {}


def _untag(request: Request) -> dict[str, Any]:
    keys = request["TagKeys"]
    for key in [keys] if isinstance(keys, str) else keys:
        _tags.get(request["ResourceArn"], {}).pop(key, None)
    return {}


_OPERATIONS: dict[str, Operation] = {
    "BatchDisableStandards": _disable_standards,
    "BatchDeleteAutomationRules": _delete_rules,
    "BatchEnableStandards": _enable_standards,
    "BatchGetAutomationRules": _get_rules,
    "BatchUpdateAutomationRules": _update_rules,
    "CreateAutomationRule": _create_rule,
    "CreateConfigurationPolicy": _create_policy,
    "CreateFindingAggregator": _create_aggregator,
    "DeleteConfigurationPolicy": _delete_policy,
    "DeleteFindingAggregator": _delete_aggregator,
    "DescribeHub": _hub,
    "DescribeOrganizationConfiguration": _describe_organization,
    "DisableSecurityHub": _disable,
    "EnableSecurityHub": _enable,
    "GetConfigurationPolicy": _policy,
    "GetConfigurationPolicyAssociation": _association,
    "GetEnabledStandards": _enabled_standards,
    "GetFindingAggregator": _aggregator,
    "ListAutomationRules": _list_rules,
    "ListTagsForResource": lambda request: {"Tags": _tags.get(request["ResourceArn"], {})},
    "StartConfigurationPolicyAssociation": _associate,
    "StartConfigurationPolicyDisassociation": _disassociate,
    "TagResource": _tag,
    "UntagResource": _untag,
    "UpdateConfigurationPolicy": _update_policy,
    "UpdateFindingAggregator": _update_aggregator,
    "UpdateOrganizationConfiguration": _update_organization,
    "UpdateSecurityHubConfiguration": _update_hub,
}


def _authorize(request: Request) -> None:
    resource = request.get("ResourceArn") or request.get("FindingAggregatorArn") or _arn(request, "hub/default")
    context = {f"aws:ResourceTag/{key}": value for key, value in _tags.get(resource, {}).items()}
    enforcement.authorize(request.caller, f"{_NAME}:{request.operation}", resource, context)


_SERVICE = JsonService(_NAME, _OPERATIONS, _authorize)
