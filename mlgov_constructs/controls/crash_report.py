"""What a policy-validation plugin reports when it cannot do its work."""

from __future__ import annotations

import aws_cdk as cdk

RULE = "MLG-CHECK-CRASHED"


def crash_report(plugin: str, error: Exception) -> cdk.PolicyValidationPluginReport:
    """Return a report that fails the synthesis.

    The CDK notes the exception of a plugin in the report file and lets the synthesis pass
    when no plugin names a violation; a check that did not run must not look like one that
    found nothing.

    Args:
        plugin: The name of the plugin.
        error: What it met.
    """
    return cdk.PolicyValidationPluginReport(
        success=False,
        violations=[
            cdk.PolicyViolation(
                rule_name=RULE,
                description=f"{plugin} could not check the templates: {type(error).__name__}: {error}",
                fix="Nothing was proven. Mend what the message names and synthesize again.",
                severity="fatal",
                # A violation without a resource is dropped as if there were none.
                violating_resources=[cdk.PolicyViolatingResource(locations=[plugin])],
            )
        ],
    )
