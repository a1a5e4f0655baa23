"""Multi-factor authentication: virtual devices with real codes, and what STS tells policies about them.

Source: IAM user guide, "Secure API access with MFA": AssumeRole shows the factor to the role's trust policy only,
GetSessionToken to every policy.
"""

import base64
import secrets
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any

from ministack import app
from ministack.core import iam_evaluator
from ministack.services import iam, sts

from mlgov_constructs.local_cloud import enforcement, moto_bridge
from mlgov_constructs.local_cloud.one_time_code import one_time_code

_KEY = "aws:multifactorauthpresent"
_DRIFT = (-1, 0, 1)
"""Steps by which a device's clock may differ."""

_verified: ContextVar[bool] = ContextVar("verified", default=False)


def install() -> None:
    """Completes IAM and STS; to be called once."""
    create, enable = iam._IAM_HANDLERS["CreateVirtualMFADevice"], iam._IAM_HANDLERS["EnableMFADevice"]
    iam._IAM_HANDLERS["CreateVirtualMFADevice"] = lambda params: _with_seed(create(params))
    iam._IAM_HANDLERS["EnableMFADevice"] = lambda params: _enabling_problem(params) or enable(params)
    app.SERVICE_HANDLERS["sts"] = _verifying(app.SERVICE_HANDLERS["sts"])
    keys, register = iam_evaluator._principal_keys, sts.register_session

    def principal_keys(credential: Any) -> dict[str, Any]:
        present = _verified.get() or sts._sessions.get(credential.access_key_id, {}).get("Mfa")
        found: dict[str, Any] = keys(credential)
        return {**found, _KEY: "true"} if present else found

    def register_session(access_key: str, session: dict[str, Any]) -> None:
        if _verified.get() and session["PrincipalType"] != "AssumedRole":
            session["Mfa"] = True
        register(access_key, session)

    iam_evaluator._principal_keys = sts._principal_keys = principal_keys
    sts.register_session = register_session


def _with_seed(answer: moto_bridge.Answer) -> moto_bridge.Answer:
    """Gives a new device a seed in base32: the emulator's has other letters, so no app could use it."""
    status, headers, body = answer
    for device in iam._mfa_devices.values():
        old = base64.b64encode(device["Base32StringSeed"].encode())
        if status == 200 and old in body:
            device["Base32StringSeed"] = base64.b32encode(secrets.token_bytes(20)).decode()
            body = body.replace(old, base64.b64encode(device["Base32StringSeed"].encode()))
    return status, headers, body


def _enabling_problem(params: Mapping[str, Any]) -> moto_bridge.Answer | None:
    device = iam._mfa_devices.get(iam._p(params, "SerialNumber"))
    if device is None:
        return None  # the emulator says so
    seed, first, second = (
        device["Base32StringSeed"],
        iam._p(params, "AuthenticationCode1"),
        iam._p(params, "AuthenticationCode2"),
    )
    if any((first, second) == (one_time_code(seed, steps=n), one_time_code(seed, steps=n + 1)) for n in (-2, -1, 0)):
        return None
    return moto_bridge.query_error("InvalidAuthenticationCode", "Authentication code for device is not valid.")


def _verifying(handler: moto_bridge.Handler) -> moto_bridge.Handler:
    """Returns STS's handler that first verifies the code which a request brings."""

    async def handle(
        method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, Any]
    ) -> moto_bridge.Answer:
        form = moto_bridge.form(body)
        verified = False
        if enforcement.is_enforced() and form.get("SerialNumber"):
            problem = _problem(enforcement.caller_of(headers, query), form)
            if problem:
                return moto_bridge.query_error("AccessDenied", f"MultiFactorAuthentication failed{problem}")
            verified = True
        token = _verified.set(verified)
        try:
            answer: moto_bridge.Answer = await handler(method, path, headers, body, query)
        finally:
            _verified.reset(token)
        return answer

    return handle


def _problem(caller: enforcement.Caller, form: Mapping[str, str]) -> str | None:
    device = iam._mfa_devices.get(form["SerialNumber"])
    if device is None or not device["User"] or not caller.arn.endswith(f"/{device['User']}"):
        return ", unable to validate MFA code. Please verify your MFA serial number is valid and associated with you."
    if form.get("TokenCode") not in {one_time_code(device["Base32StringSeed"], steps=n) for n in _DRIFT}:
        return " with invalid MFA one time pass code."
    return None
