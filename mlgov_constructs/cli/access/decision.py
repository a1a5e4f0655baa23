"""What the simulator decided, and which statement of which layer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

# The layers in the order in which AWS evaluates them, as the simulator calls their analyses.
ANALYSES = {
    "organization": "scpAnalysis",
    "resource-control": "rcpAnalysis",
    "endpoint": "endpointAnalysis",
    "resource": "resourceAnalysis",
    "boundary": "permissionBoundaryAnalysis",
    "identity": "identityAnalysis",
}
REFUSALS = ("ExplicitlyDenied", "ImplicitlyDenied", "DeniedForAccount")


class DecidingStatement(NamedTuple):
    """A statement that applies to a request.

    Attributes:
        layer: The layer of its policy.
        effect: ``Allow`` or ``Deny``.
        policy: The name of its policy; empty for a resource's own.
        sid: Its id, or its number in the policy.
    """

    layer: str
    effect: str
    policy: str
    sid: str


@dataclass(frozen=True)
class Decision:
    """The decision about one request.

    Attributes:
        allowed: Whether it is allowed.
        refused_by: The layers that refuse it; empty when it is allowed.
        explicit: Those of them that refuse it by a ``Deny``, not by silence.
        statements: The statements that apply to it: denies when there are any, else allows.
        ignored_keys: Context keys that do not apply to the action, so nothing was tested with them.

    Example:
        >>> Decision(True, (), (), (), ()).allowed
        True
    """

    allowed: bool
    refused_by: tuple[str, ...]
    explicit: tuple[str, ...]
    statements: tuple[DecidingStatement, ...]
    ignored_keys: tuple[str, ...]

    @classmethod
    def from_result(cls, result: dict[str, Any], *, by_service: bool = False) -> Decision:
        """Read the answer of the simulator.

        Args:
            result: The answer.
            by_service: Whether a service asked, which has no policies of its own.
        """
        runs = [result["result"]] if result["resultType"] == "single" else result["results"]
        allowed = result["overallResult"] == "Allowed"
        # With a wildcard resource there are several; the first that is decided as the whole is explains it.
        run = next((each for each in runs if (each["analysis"]["result"] == "Allowed") is allowed), None)
        if run is None:
            return cls(allowed, () if allowed else ("resource" if by_service else "identity",), (), (), ())
        found = {layer: run["analysis"].get(key) or {} for layer, key in ANALYSES.items()}
        if by_service:
            found["identity"] = {"result": "Allowed"}
        refusing = [] if allowed else [layer for layer, each in found.items() if _refuses(layer, each, by_service)]
        # What no other layer refuses lacks the consent of the resource: of a key, a role, another account.
        if not allowed and not refusing:
            refusing = ["resource"]
        explicit = [layer for layer in refusing if found[layer]["result"] == "ExplicitlyDenied"]
        statements = [each for layer, analysis in found.items() for each in _statements(layer, analysis)]
        effect = "Deny" if explicit else "Allow"
        return cls(
            allowed=allowed,
            refused_by=tuple(refusing),
            explicit=tuple(explicit),
            statements=tuple(each for each in statements if each.effect == effect),
            ignored_keys=tuple(run.get("ignoredContextKeys") or ()),
        )


def _refuses(layer: str, analysis: dict[str, Any], by_service: bool) -> bool:
    result = analysis.get("result")
    # Within an account the role's own policy is enough; a service has none, so the resource must speak.
    silence_is_consent = layer == "resource" and not by_service
    return result in (("ExplicitlyDenied",) if silence_is_consent else REFUSALS)


def _statements(layer: str, analysis: dict[str, Any]) -> list[DecidingStatement]:
    parts = [analysis, *analysis.get("ouAnalysis", [])]
    return [
        DecidingStatement(layer, each["statement"]["Effect"], each.get("policyId", ""), each["explain"]["identifier"])
        for part in parts
        for kind in ("denyStatements", "allowStatements")
        for each in part.get(kind, [])
    ]
