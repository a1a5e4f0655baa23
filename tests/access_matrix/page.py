"""Writes ``docs/access-matrix.md`` out of the data file: ``python -m tests.access_matrix.page``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.access_matrix.rows import Family, Matrix, Value, load_matrix

PAGE = Path(__file__).parents[2] / "docs" / "access-matrix.md"
HEAD = """\
# Access matrix: who may do what

Written from `tests/access_matrix/matrix.toml`; do not edit it here. Every row is evaluated by a test on
the synthesized templates of the sandbox, whose model has an endpoint, with all layers that AWS
evaluates: the role's policies (`identity`), the permissions boundary (`boundary`), the bucket, key or
trust policy (`resource`), the policy of the VPC endpoint (`endpoint`), service control policies
(`organization`) and resource control policies (`resource-control`).

"Refused by" names **all** layers that refuse, so one can see what still holds when another layer has a
fault. A guardrail is a condition key of the request; it is tried right, wrong and left out.
"""


def render(matrix: Matrix) -> str:
    """Return the page."""
    rows = list(matrix.rows())
    allowed = sum(row.refused_by == () for row in rows)
    summary = f"\n{len(rows)} rows: {allowed} allowed, {len(rows) - allowed} refused.\n"
    return HEAD + summary + "".join(_section(family) for family in matrix.families)


def _section(family: Family) -> str:
    lines = [
        "",
        f"## {family.title}",
        "",
        f"* who: {', '.join(family.who)}",
        *(f"* `{action}` on `{resource}`" for action, resource in family.requests),
        f"* **{_verdict(family.refused_by)}**",
    ]
    if family.resource_account:
        lines.append(f"* the resource belongs to account {family.resource_account}")
    return "\n".join([*lines, *_keys(family)]) + "\n"


def _keys(family: Family) -> Iterator[str]:
    if not family.context:
        return
    guardrails = {each.key: each for each in family.guardrails}
    yield ""
    yield "| key of the request | right | wrong | then | left out |"
    yield "|---|---|---|---|---|"
    for key, value in family.context.items():
        guardrail = guardrails.get(key)
        tried = (
            [f"`{_text(guardrail.wrong)}`", _verdict(guardrail.if_wrong), _verdict(guardrail.if_absent)]
            if guardrail
            else ["", "", ""]
        )
        yield f"| `{key}` | `{_text(value)}` | {' | '.join(tried)} |"


def _verdict(refused_by: Iterable[str]) -> str:
    layers = ", ".join(refused_by)
    return f"refused by {layers}" if layers else "allowed"


def _text(value: Value) -> str:
    return value if isinstance(value, str) else ", ".join(value)


if __name__ == "__main__":
    PAGE.write_text(render(load_matrix()), encoding="utf-8")
