"""AWS Config: recorders, channels, rules, conformance packs and aggregators with their settings. Nothing is recorded.

A conformance pack's template is read: its rules and remediations exist under the names that AWS gives them.
"""

import datetime
import json
import re
import uuid
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from mlgov_constructs.local_cloud import enforcement
from mlgov_constructs.local_cloud.errors import ServiceError
from mlgov_constructs.local_cloud.services.json_service import JsonService, Operation, Request

_NAME = "config"
_RULE, _REMEDY = "AWS::Config::ConfigRule", "AWS::Config::RemediationConfiguration"
_GUARD = "guard-2.x.x"
_MOST_RULES, _LONGEST_BODY = 130, 51_200
_PACK_NAME = re.compile(r"[a-zA-Z][-a-zA-Z0-9]*")
_Record = dict[str, Any]
_Key = tuple[tuple[str, str], str]
"""Account and region, and name."""

_recorders: dict[_Key, _Record] = {}
_recording: dict[_Key, _Record] = {}
"""The status of each recorder."""
_channels: dict[_Key, _Record] = {}
_rules: dict[_Key, _Record] = {}
_remedies: dict[_Key, _Record] = {}
"""By the name of the rule."""
_packs: dict[_Key, _Record] = {}
_aggregators: dict[_Key, _Record] = {}
_tags: dict[str, dict[str, str]] = {}
"""By ARN."""


def reset() -> None:
    """Forgets everything."""
    for state in (_recorders, _recording, _channels, _rules, _remedies, _packs, _aggregators, _tags):
        state.clear()


def _arn(request: Request, resource: str) -> str:
    return f"arn:{enforcement.partition()}:{_NAME}:{request.caller.region}:{request.caller.account}:{resource}"


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


def _of(state: dict[_Key, _Record], request: Request, names: list[str] | None = None) -> list[_Record]:
    return [
        record
        for (scope, name), record in sorted(state.items())
        if scope == request.scope and (not names or name in names)
    ]


def _named(state: dict[_Key, _Record], request: Request, names: list[str] | None, error: str) -> list[_Record]:
    for name in names or []:
        if (request.scope, name) not in state:
            raise ServiceError(error, f"Cannot find {name}")
    return _of(state, request, names)


# Recorder and channel


def _put_recorder(request: Request) -> dict[str, Any]:
    given = request["ConfigurationRecorder"]
    name = given.get("name", "default")
    if others := [each["name"] for each in _of(_recorders, request) if each["name"] != name]:
        message = f"Failed to put configuration recorder {name}: the maximum number, 1, is reached by {others[0]}"
        raise ServiceError("MaxNumberOfConfigurationRecordersExceededException", message)
    group = given.get("recordingGroup") or {"allSupported": True, "includeGlobalResourceTypes": False}
    if group.get("allSupported") and group.get("resourceTypes"):
        raise ServiceError("InvalidRecordingGroupException", "A group of all types names no types")
    if not group.get("allSupported") and not group.get("resourceTypes") and not group.get("recordingStrategy"):
        raise ServiceError("InvalidRecordingGroupException", "A group names the types to record")
    arn = _arn(request, f"configuration-recorder/{name}/{uuid.uuid4().hex[:16]}")
    key = (request.scope, name)
    _recorders[key] = {
        "arn": _recorders.get(key, {}).get("arn", arn),
        "name": name,
        "roleARN": given["roleARN"],
        "recordingGroup": group,
        "recordingMode": given.get("recordingMode") or {"recordingFrequency": "CONTINUOUS"},
    }
    _recording.setdefault(key, {"name": name, "recording": False})
    return {}


def _recorder(request: Request) -> _Key:
    key = (request.scope, request["ConfigurationRecorderName"])
    if key not in _recorders:
        raise ServiceError("NoSuchConfigurationRecorderException", f"Cannot find configuration recorder {key[1]}")
    return key


def _start(request: Request) -> dict[str, Any]:
    key = _recorder(request)
    if not _of(_channels, request):
        raise ServiceError(
            "NoAvailableDeliveryChannelException", "Delivery channel is not available to start recording"
        )
    _recording[key].update({"recording": True, "lastStatus": "SUCCESS", "lastStartTime": _now()})
    return {}


def _stop(request: Request) -> dict[str, Any]:
    _recording[_recorder(request)].update({"recording": False, "lastStopTime": _now()})
    return {}


def _delete_recorder(request: Request) -> dict[str, Any]:
    key = _recorder(request)
    del _recorders[key], _recording[key]
    return {}


def _put_channel(request: Request) -> dict[str, Any]:
    if not _of(_recorders, request):
        message = "Configuration recorder is not available to put delivery channel"
        raise ServiceError("NoAvailableConfigurationRecorderException", message)
    given = request["DeliveryChannel"]
    name = given.get("name", "default")
    if any(each["name"] != name for each in _of(_channels, request)):
        message = f"Failed to put delivery channel {name}: the maximum number, 1, is reached"
        raise ServiceError("MaxNumberOfDeliveryChannelsExceededException", message)
    _channels[request.scope, name] = {**given, "name": name}
    return {}


def _delete_channel(request: Request) -> dict[str, Any]:
    name = request["DeliveryChannelName"]
    if any(_recording[request.scope, each["name"]]["recording"] for each in _of(_recorders, request)):
        message = f"Failed to delete last specified delivery channel {name}: there is a running configuration recorder"
        raise ServiceError("LastDeliveryChannelDeleteFailedException", message)
    _named(_channels, request, [name], "NoSuchDeliveryChannelException")
    del _channels[request.scope, name]
    return {}


# Rules


def _put_rule(request: Request) -> dict[str, Any]:
    _store_rule(request, request["ConfigRule"], request["ConfigRule"].get("ConfigRuleName", ""), "")
    return {}


def _store_rule(request: Request, given: _Record, name: str, creator: str) -> None:
    if not _of(_recorders, request):
        message = "Configuration recorder is not available to put config rule"
        raise ServiceError("NoAvailableConfigurationRecorderException", message)
    _check_source(given["Source"])
    before = _rules.get((request.scope, name), {})
    identifier = before.get("ConfigRuleId", f"config-rule-{uuid.uuid4().hex[:6]}")
    record = {
        **given,
        "ConfigRuleName": name,
        "ConfigRuleId": identifier,
        "ConfigRuleArn": _arn(request, f"config-rule/{identifier}"),
        "ConfigRuleState": "ACTIVE",
    }
    if isinstance(parameters := given.get("InputParameters"), dict):
        record["InputParameters"] = json.dumps(parameters)
    if creator:
        record["CreatedBy"] = creator
    _rules[request.scope, name] = record


def _check_source(source: _Record) -> None:
    details = source.get("CustomPolicyDetails") or {}
    wrong = {
        "AWS": not source.get("SourceIdentifier"),
        "CUSTOM_LAMBDA": not str(source.get("SourceIdentifier")).startswith("arn:"),
        "CUSTOM_POLICY": details.get("PolicyRuntime") != _GUARD or "rule " not in details.get("PolicyText", ""),
    }
    if wrong.get(source["Owner"], True):
        raise ServiceError("InvalidParameterValueException", f"The source of the rule is invalid: {source['Owner']}")


def _delete_rule(request: Request) -> dict[str, Any]:
    name = request["ConfigRuleName"]
    _named(_rules, request, [name], "NoSuchConfigRuleException")
    del _rules[request.scope, name]
    return {}


# Conformance packs


def _put_pack(request: Request) -> dict[str, Any]:
    name, body = request["ConformancePackName"], request.get("TemplateBody")
    if not _PACK_NAME.fullmatch(name) or not body or len(body) > _LONGEST_BODY:
        message = "A pack has a name of letters, digits and '-', and a TemplateBody of 51,200 bytes at most"
        raise ServiceError("InvalidParameterValueException", message)
    key = (request.scope, name)
    given = {
        each["ParameterName"]: each["ParameterValue"] for each in request.get("ConformancePackInputParameters") or []
    }
    resources = _resources(body, given)
    identifier = _packs.get(key, {}).get("ConformancePackId", f"conformance-pack-{uuid.uuid4().hex[:9]}")
    _forget_rules(request, identifier)
    for rule in (each["Properties"] for each in resources if each["Type"] == _RULE):
        _store_rule(request, rule, f"{rule['ConfigRuleName']}-{identifier}", "config-conforms.amazonaws.com")
    for remedy in (each["Properties"] for each in resources if each["Type"] == _REMEDY):
        rule_name = f"{remedy['ConfigRuleName']}-{identifier}"
        if (request.scope, rule_name) not in _rules:
            raise _invalid(f"the remediation of {remedy['ConfigRuleName']} has no rule")
        _remedies[request.scope, rule_name] = {**remedy, "ConfigRuleName": rule_name}
    arn = _arn(request, f"conformance-pack/{name}/{identifier}")
    if name not in {each["ConformancePackName"] for each in _of(_packs, request)}:
        _tags[arn] = {tag["Key"]: tag["Value"] for tag in request.get("Tags") or []}
    _packs[key] = {
        "ConformancePackName": name,
        "ConformancePackArn": arn,
        "ConformancePackId": identifier,
        "ConformancePackInputParameters": request.get("ConformancePackInputParameters") or [],
        "LastUpdateRequestedTime": _now(),
    }
    return {"ConformancePackArn": arn}


def _resources(body: str, given: dict[str, str]) -> list[_Record]:
    """Returns the resources of a pack's template, with its parameters filled in."""
    try:
        template = YAML(typ="safe").load(body)
        parameters = {name: {"Default": None, **each} for name, each in (template.get("Parameters") or {}).items()}
        resources = list(template["Resources"].values())
    except (YAMLError, AttributeError, KeyError, TypeError) as error:
        raise _invalid(f"it cannot be read: {error}") from error
    if unknown := sorted(given.keys() - parameters.keys()):
        raise _invalid(f"it has no parameter {unknown[0]}")
    values = {name: given.get(name, each["Default"]) for name, each in parameters.items()}
    if missing := [name for name, value in values.items() if value is None]:
        raise _invalid(f"the parameter {missing[0]} has no value")
    if other := [each["Type"] for each in resources if each["Type"] not in (_RULE, _REMEDY)]:
        raise _invalid(f"a pack holds no {other[0]}")
    if not 0 < sum(each["Type"] == _RULE for each in resources) <= _MOST_RULES:
        raise _invalid(f"a pack holds 1 to {_MOST_RULES} rules")
    return [_filled(each, values) for each in resources]


def _filled(value: Any, values: dict[str, str]) -> Any:
    if isinstance(value, list):
        return [_filled(each, values) for each in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"Ref"}:
        if value["Ref"] not in values:
            raise _invalid(f"it refers to {value['Ref']}")
        return values[value["Ref"]]
    return {name: _filled(each, values) for name, each in value.items()}


def _invalid(problem: str) -> ServiceError:
    return ServiceError("ConformancePackTemplateValidationException", f"The template is invalid: {problem}")


def _forget_rules(request: Request, identifier: str) -> None:
    for state in (_rules, _remedies):
        for key in [key for key in state if key[0] == request.scope and key[1].endswith(f"-{identifier}")]:
            del state[key]


def _pack_statuses(request: Request) -> dict[str, Any]:
    names = ("ConformancePackName", "ConformancePackId", "ConformancePackArn", "LastUpdateRequestedTime")
    stack = f"arn:{enforcement.partition()}:cloudformation:{request.caller.region}:{request.caller.account}:stack"
    return {
        "ConformancePackStatusDetails": [
            {
                **{name: pack[name] for name in names},
                "ConformancePackState": "CREATE_COMPLETE",
                "StackArn": f"{stack}/awsconfigconforms-{pack['ConformancePackName']}/{pack['ConformancePackId']}",
            }
            for pack in _of(_packs, request, request.get("ConformancePackNames"))
        ]
    }


def _delete_pack(request: Request) -> dict[str, Any]:
    name = request["ConformancePackName"]
    (pack,) = _named(_packs, request, [name], "NoSuchConformancePackException")
    _forget_rules(request, pack["ConformancePackId"])
    _tags.pop(pack["ConformancePackArn"], None)
    del _packs[request.scope, name]
    return {}


# Aggregators and tags


def _put_aggregator(request: Request) -> dict[str, Any]:
    name = request["ConfigurationAggregatorName"]
    accounts, organization = request.get("AccountAggregationSources"), request.get("OrganizationAggregationSource")
    if bool(accounts) is bool(organization):
        raise ServiceError(
            "InvalidParameterValueException", "An aggregator has accounts or an organization as its source"
        )
    before = _aggregators.get((request.scope, name), {})
    arn = before.get(
        "ConfigurationAggregatorArn", _arn(request, f"config-aggregator/config-aggregator-{uuid.uuid4().hex[:8]}")
    )
    if not before:
        _tags[arn] = {tag["Key"]: tag["Value"] for tag in request.get("Tags") or []}
    record = {
        "ConfigurationAggregatorName": name,
        "ConfigurationAggregatorArn": arn,
        "AccountAggregationSources": accounts or [],
        "CreationTime": before.get("CreationTime", _now()),
        "LastUpdatedTime": _now(),
    }
    _aggregators[request.scope, name] = {
        **record,
        **({"OrganizationAggregationSource": organization} if organization else {}),
    }
    return {"ConfigurationAggregator": _aggregators[request.scope, name]}


def _delete_aggregator(request: Request) -> dict[str, Any]:
    name = request["ConfigurationAggregatorName"]
    (record,) = _named(_aggregators, request, [name], "NoSuchConfigurationAggregatorException")
    _tags.pop(record["ConfigurationAggregatorArn"], None)
    del _aggregators[request.scope, name]
    return {}


def _tag(request: Request) -> dict[str, Any]:
    _tags.setdefault(request["ResourceArn"], {}).update({tag["Key"]: tag["Value"] for tag in request["Tags"]})
    return {}


def _untag(request: Request) -> dict[str, Any]:
    for key in request["TagKeys"]:
        _tags.get(request["ResourceArn"], {}).pop(key, None)
    return {}


def _list_tags(request: Request) -> dict[str, Any]:
    return {"Tags": [{"Key": key, "Value": value} for key, value in _tags.get(request["ResourceArn"], {}).items()]}


def _describe(state: dict[_Key, _Record], answer: str, names: str, error: str) -> Operation:
    return lambda request: {answer: _named(state, request, request.get(names), error)}


_OPERATIONS: dict[str, Operation] = {
    "DeleteConfigRule": _delete_rule,
    "DeleteConfigurationAggregator": _delete_aggregator,
    "DeleteConfigurationRecorder": _delete_recorder,
    "DeleteConformancePack": _delete_pack,
    "DeleteDeliveryChannel": _delete_channel,
    "DescribeConfigRules": _describe(_rules, "ConfigRules", "ConfigRuleNames", "NoSuchConfigRuleException"),
    "DescribeConfigurationAggregators": _describe(
        _aggregators,
        "ConfigurationAggregators",
        "ConfigurationAggregatorNames",
        "NoSuchConfigurationAggregatorException",
    ),
    "DescribeConfigurationRecorderStatus": _describe(
        _recording,
        "ConfigurationRecordersStatus",
        "ConfigurationRecorderNames",
        "NoSuchConfigurationRecorderException",
    ),
    "DescribeConfigurationRecorders": _describe(
        _recorders, "ConfigurationRecorders", "ConfigurationRecorderNames", "NoSuchConfigurationRecorderException"
    ),
    "DescribeConformancePackStatus": _pack_statuses,
    "DescribeConformancePacks": _describe(
        _packs, "ConformancePackDetails", "ConformancePackNames", "NoSuchConformancePackException"
    ),
    "DescribeDeliveryChannels": _describe(
        _channels, "DeliveryChannels", "DeliveryChannelNames", "NoSuchDeliveryChannelException"
    ),
    "DescribeRemediationConfigurations": lambda request: {
        "RemediationConfigurations": _of(_remedies, request, request["ConfigRuleNames"])
    },
    "ListTagsForResource": _list_tags,
    "PutConfigRule": _put_rule,
    "PutConfigurationAggregator": _put_aggregator,
    "PutConfigurationRecorder": _put_recorder,
    "PutConformancePack": _put_pack,
    "PutDeliveryChannel": _put_channel,
    "StartConfigurationRecorder": _start,
    "StopConfigurationRecorder": _stop,
    "TagResource": _tag,
    "UntagResource": _untag,
}


def _authorize(request: Request) -> None:
    enforcement.authorize(request.caller, f"{_NAME}:{request.operation}", request.get("ResourceArn", "*"), {})


SERVICE = JsonService(_NAME, _OPERATIONS, _authorize)
