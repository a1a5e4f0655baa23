"""The source identity of a session, which STS keeps; in Studio it is the name of the user profile.

Source: IAM user guide, "Monitor and control actions taken with assumed roles".
"""

from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any

from ministack import app
from ministack.core import iam_evaluator
from ministack.services import sts

from mlgov_constructs.local_cloud import moto_bridge

_KEY = "aws:sourceidentity"
_NAME = "SourceIdentity"

_given: ContextVar[str | None] = ContextVar("given", default=None)


def install() -> None:
    """Completes STS; to be called once."""
    app.SERVICE_HANDLERS["sts"] = _reading(app.SERVICE_HANDLERS["sts"])
    keys, register = iam_evaluator._principal_keys, sts.register_session

    def principal_keys(credential: Any) -> dict[str, Any]:
        found: dict[str, Any] = keys(credential)
        person = of(credential.access_key_id)
        return {**found, _KEY: person} if person else found

    def register_session(access_key: str, session: dict[str, Any]) -> None:
        if _given.get():
            session[_NAME] = _given.get()
        register(access_key, session)

    iam_evaluator._principal_keys = sts._principal_keys = principal_keys
    sts.register_session = register_session


def of(access_key: str) -> str | None:
    """Returns the source identity of a session, if it has one.

    Args:
        access_key: The key of the session.
    """
    found: str | None = sts._sessions.get(access_key, {}).get(_NAME)
    return found


def _reading(handler: moto_bridge.Handler) -> moto_bridge.Handler:
    """Returns STS's handler that knows which source identity a request sets."""

    async def handle(
        method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, Any]
    ) -> moto_bridge.Answer:
        token = _given.set(moto_bridge.form(body).get(_NAME))
        try:
            answer: moto_bridge.Answer = await handler(method, path, headers, body, query)
        finally:
            _given.reset(token)
        return answer

    return handle
