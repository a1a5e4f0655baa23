"""The rule packs of cdk-nag that a synthesis may ask for: ``cdk synth -c nag=aws-solutions,nist-800-53-r5``."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import aws_cdk as cdk

CONTEXT_KEY = "nag"
RULE_PACKS = ("aws-solutions", "hipaa-security", "nist-800-53-r5", "pci-dss-321")


class RulePackError(ValueError):
    """The context asks for a rule pack that there is not: which one, and which there are."""


def rule_packs(app: cdk.App) -> list[cdk.IPolicyValidationPlugin]:
    """Return the rule packs that the context of an app asks for, as plugins that check its synthesis.

    None unless asked: another environment may bring findings that the ledger does not know, and must
    not fail for these. Who makes evidence asks for them, so that it has their results.

    Args:
        app: The app; its context names packs of `RULE_PACKS`, with commas between them or as a list.

    Raises:
        RulePackError: A name is of no pack.

    Example:
        >>> app = cdk.App(context={"nag": "aws-solutions"})
        >>> [pack.read_pack_name for pack in rule_packs(app)]
        ['AwsSolutions']
    """
    asked = _names(app.node.try_get_context(CONTEXT_KEY))
    unknown = [name for name in asked if name not in RULE_PACKS]
    if unknown:
        names = ", ".join(RULE_PACKS)
        msg = f"The context {CONTEXT_KEY} asks for {unknown[0]!r}, which is no rule pack. Name some of {names}."
        raise RulePackError(msg)
    if not asked:
        return []
    # Here, because loading it takes half a second, which who does not ask need not wait for.
    import cdk_nag  # noqa: PLC0415

    packs: dict[str, Callable[[cdk.App], cdk.IPolicyValidationPlugin]] = {
        "aws-solutions": cdk_nag.AwsSolutionsChecks,
        "hipaa-security": cdk_nag.HIPAASecurityChecks,
        "nist-800-53-r5": cdk_nag.NIST80053R5Checks,
        "pci-dss-321": cdk_nag.PCIDSS321Checks,
    }
    return [packs[name](app) for name in asked]


def _names(value: object) -> list[str]:
    """The names in a context value, once each: text with commas from the command line, a list from ``cdk.json``."""
    if value is None:
        return []
    parts: Iterable[object] = value if isinstance(value, list) else str(value).split(",")
    return list(dict.fromkeys(name for name in (str(part).strip() for part in parts) if name))
