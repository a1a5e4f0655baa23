"""Hooks of CloudFormation: they are activated and configured, and not invoked. The rest is the emulator's."""

import json
import re
from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape

from ministack.services import cloudformation

from mlgov_constructs.local_cloud import enforcement, moto_bridge

_ALIAS = re.compile(r"(?!AWS::)[A-Za-z0-9]{2,64}(::[A-Za-z0-9]{2,64}){2}")
_RULES = re.compile(r"s3://[^/]+/.+\.(guard|zip|tar\.gz)")
_NAMESPACE = "http://cloudformation.amazonaws.com/doc/2010-05-15/"
_Scope = tuple[str, str]

_hooks: dict[tuple[_Scope, str], dict[str, str]] = {}
"""By account and region, and alias."""


def reset() -> None:
    """Forgets everything."""
    _hooks.clear()


async def handle_request(
    method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, Any]
) -> moto_bridge.Answer:
    """Answers a request about the type of a hook, and leaves others to the emulator."""
    form = moto_bridge.form(body)
    act = _ACTIONS.get(form.get("Action", ""))
    if act is None or form.get("Type", form.get("TypeConfigurationIdentifiers.member.1.Type", "HOOK")) != "HOOK":
        answer: moto_bridge.Answer = await cloudformation.handle_request(method, path, headers, body, query)
        return answer
    try:
        result = act(form, enforcement.caller_of(headers, query))
    except KeyError as error:
        return moto_bridge.query_error("TypeNotFoundException", f"The type {error} cannot be found", 404)
    except ValueError as error:
        return moto_bridge.query_error("CFNRegistryException", str(error), 400)
    name = form["Action"]
    text = f'<{name}Response xmlns="{_NAMESPACE}"><{name}Result>{result}</{name}Result></{name}Response>'
    return 200, {"Content-Type": "text/xml"}, text.encode()


def _arn(caller: enforcement.Caller, alias: str, kind: str = "type/hook") -> str:
    name = alias.replace("::", "-")
    return f"arn:{enforcement.partition()}:cloudformation:{caller.region}:{caller.account}:{kind}/{name}"


def _key(form: Mapping[str, str], caller: enforcement.Caller, name: str = "TypeName") -> tuple[_Scope, str]:
    return (caller.account, caller.region), form[name]


def _activate(form: Mapping[str, str], caller: enforcement.Caller) -> str:
    alias = form["TypeNameAlias"]
    if not _ALIAS.fullmatch(alias):
        raise ValueError(f"{alias} is no alias of three parts")
    key = ((caller.account, caller.region), alias)
    if key in _hooks and "ExecutionRoleArn" not in form:
        raise ValueError(f"{alias} is activated already")
    _hooks[key] = {
        "Arn": _arn(caller, alias),
        "TypeName": alias,
        "PublicTypeArn": form["PublicTypeArn"],
        "ExecutionRoleArn": form.get("ExecutionRoleArn", ""),
        "Configuration": _hooks.get(key, {}).get("Configuration", "{}"),
    }
    return _member("Arn", _hooks[key]["Arn"])


def _deactivate(form: Mapping[str, str], caller: enforcement.Caller) -> str:
    del _hooks[_key(form, caller)]
    return ""


def _configure(form: Mapping[str, str], caller: enforcement.Caller) -> str:
    hook = _hooks[_key(form, caller)]
    configuration = json.loads(form["Configuration"])["CloudFormationConfiguration"]["HookConfiguration"]
    if not _RULES.fullmatch(configuration["Properties"]["ruleLocation"]["uri"]):
        raise ValueError("The rules of a Guard hook lie in an object that ends in .guard, .zip or .tar.gz")
    hook["Configuration"] = form["Configuration"]
    return _member("ConfigurationArn", _arn(caller, form["TypeName"], "type-configuration/hook") + "/default")


def _describe(form: Mapping[str, str], caller: enforcement.Caller) -> str:
    hook = _hooks[_key(form, caller)]
    shown = {name: hook[name] for name in ("Arn", "TypeName", "ExecutionRoleArn", "PublicTypeArn")}
    return "".join(
        _member(name, value)
        for name, value in {"Type": "HOOK", "IsActivated": "true", "Visibility": "PRIVATE", **shown}.items()
    )


def _list(form: Mapping[str, str], caller: enforcement.Caller) -> str:
    own = [hook for (scope, _), hook in _hooks.items() if scope == (caller.account, caller.region)]
    summaries = [
        "".join(
            _member(name, value)
            for name, value in {
                "Type": "HOOK",
                "TypeName": hook["TypeName"],
                "TypeArn": hook["Arn"],
                "IsActivated": "true",
            }.items()
        )
        for hook in own
    ]
    return f"<TypeSummaries>{''.join(f'<member>{text}</member>' for text in summaries)}</TypeSummaries>"


def _configuration(form: Mapping[str, str], caller: enforcement.Caller) -> str:
    hook = _hooks[_key(form, caller, "TypeConfigurationIdentifiers.member.1.TypeName")]
    alias = hook["TypeName"]
    members = {
        "Arn": _arn(caller, alias, "type-configuration/hook") + "/default",
        "Alias": "default",
        "Configuration": hook["Configuration"],
        "TypeArn": hook["Arn"],
        "TypeName": alias,
    }
    text = "".join(_member(name, value) for name, value in members.items())
    return f"<TypeConfigurations><member>{text}</member></TypeConfigurations>"


def _member(name: str, value: str) -> str:
    return f"<{name}>{escape(value)}</{name}>"


_ACTIONS = {
    "ActivateType": _activate,
    "BatchDescribeTypeConfigurations": _configuration,
    "DeactivateType": _deactivate,
    "DescribeType": _describe,
    "ListTypes": _list,
    "SetTypeConfiguration": _configure,
}
