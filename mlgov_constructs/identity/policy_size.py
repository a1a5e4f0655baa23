"""How long a policy can become, when its values are known."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
LONGEST_POLICY = 6144
TOKEN = re.compile(r"\$\{Token\[([A-Za-z.]*)[^\]]*\]\}")
# The longest that a token can become; an id or ARN of another stack is the longest.
TOKEN_LENGTHS = {"AWS.AccountId": 12, "AWS.Partition": 10, "AWS.Region": 14, "AWS.URLSuffix": 16}
LONGEST_TOKEN = 80


def policy_size(statements: Iterable[Mapping[str, Any]]) -> int:
    """Return the longest that statements can become in a policy, in characters without white space.

    Example:
        >>> policy_size([{"Effect": "Allow"}])
        57
    """
    document = json.dumps({"Version": "2012-10-17", "Statement": list(statements)}, separators=(",", ":"))
    return len(TOKEN.sub(lambda token: "x" * TOKEN_LENGTHS.get(token[1].rstrip("."), LONGEST_TOKEN), document))
