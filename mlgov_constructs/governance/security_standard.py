"""The standards that Security Hub checks an account against."""

from __future__ import annotations

from enum import StrEnum

from mlgov_constructs.aws_tokens import aws_tokens


class SecurityStandard(StrEnum):
    """A standard of Security Hub, by what its ARN ends with.

    Source: https://docs.aws.amazon.com/securityhub/latest/userguide/standards-reference.html

    Example:
        >>> SecurityStandard.AI_SECURITY.value
        'ai-security-best-practices/v/1.0.0'
    """

    AI_SECURITY = "ai-security-best-practices/v/1.0.0"
    FOUNDATIONAL = "aws-foundational-security-best-practices/v/1.0.0"
    NIST_800_53_R5 = "nist-800-53/v/5.0.0"
    RESOURCE_TAGGING = "aws-resource-tagging-standard/v/1.0.0"

    @property
    def arn(self) -> str:
        """The ARN of the standard in the region of the stack; standards have no account."""
        tokens = aws_tokens()
        return f"arn:{tokens.partition}:securityhub:{tokens.region}::standards/{self.value}"
