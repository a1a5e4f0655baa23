"""``mlgov explain``: whether a role may do something, and which statement decides it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import click

from mlgov_constructs.cli.access.assembly import Assembly, Resource
from mlgov_constructs.cli.access.decision import Decision
from mlgov_constructs.cli.access.layers import Layers, Request
from mlgov_constructs.cli.access.simulator import SimulationError, Simulator, SimulatorMissingError

Value = str | list[str]


@click.command()
@click.argument("role")
@click.argument("action")
@click.argument("resource", default="*")
@click.option(
    "--context",
    "keys",
    metavar="KEY=VALUE",
    multiple=True,
    help="A condition key of the request; repeat it for another key, or for another value of the same.",
)
@click.option(
    "--assembly",
    "assemblies",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    multiple=True,
    default=["cdk.out"],
    show_default=True,
    help="A folder that 'cdk synth' wrote; repeat it to add the stack of the organization.",
)
@click.option("--organization-id", metavar="ID", help="The organization that the account is in.")
@click.option(
    "--format",
    "report_format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How the answer is written.",
)
@click.pass_context
def explain(
    context: click.Context,
    *,
    role: str,
    action: str,
    resource: str,
    keys: tuple[str, ...],
    assemblies: tuple[Path, ...],
    organization_id: str | None,
    report_format: str,
) -> None:
    """Say whether ROLE may do ACTION on RESOURCE in a synthesized environment, and what decides.

    ROLE is a name or a logical id. RESOURCE is an ARN, or a logical id that may be followed by
    a path, such as Raw/churn/a.csv; a context value may be a logical id too. Nothing is sent
    anywhere. The exit code is 0 for allowed, 1 for refused, 2 when there is no answer.
    """
    try:
        cloud = Assembly(assemblies)
        found = _find_role(cloud, role)
        request = Request(found, action, _arn(cloud, resource), _context(cloud, keys))
        layers = Layers(cloud, organization_id)
        with Simulator.running(Path.cwd()) as simulator:
            decision = simulator.decide(layers.simulation(request))
    except (SimulatorMissingError, SimulationError, ValueError) as error:
        raise click.UsageError(str(error)) from error
    unknown = layers.unknown_policies(found)
    write = _json if report_format == "json" else _text
    click.echo(write(request, found, decision, unknown))
    context.exit(0 if decision.allowed else 1)


def _find_role(cloud: Assembly, name: str) -> Resource:
    roles = cloud.of_type("AWS::IAM::Role")
    for role in roles:
        if name in (role.ref, role.arn, role.logical_id, role.short_id):
            return role
    msg = f"{name!r} is no role of {_folders(cloud)}. There are: {', '.join(sorted(role.short_id for role in roles))}"
    raise ValueError(msg)


def _arn(cloud: Assembly, resource: str) -> str:
    if resource == "*" or resource.startswith("arn:"):
        return resource
    name, slash, path = resource.partition("/")
    for each in cloud.resources:
        if name in (each.logical_id, each.short_id, each.ref):
            return f"{each.arn}{slash}{path}"
    msg = f"{name!r} is no ARN and no resource of {_folders(cloud)}. Give an ARN, or a logical id."
    raise ValueError(msg)


def _context(cloud: Assembly, keys: Iterable[str]) -> dict[str, Value]:
    found: dict[str, Value] = {}
    refs = {each.short_id: each.ref for each in cloud.resources}
    for each in keys:
        # Tag keys hold colons and values hold equals signs; a key holds none.
        key, equals, text = each.partition("=")
        if not equals or ":" not in key:
            msg = f"--context {each!r} is no KEY=VALUE, such as aws:SourceVpce=vpce-1"
            raise ValueError(msg)
        value = refs.get(text, text)
        known = found.get(key)
        found[key] = value if known is None else [*([known] if isinstance(known, str) else known), value]
    return found


def _folders(cloud: Assembly) -> str:
    return ", ".join(map(str, cloud.folders))


def _text(request: Request, role: Resource, decision: Decision, unknown: list[str]) -> str:
    verdict = click.style("allowed", fg="green") if decision.allowed else click.style("refused", fg="red")
    lines = [f"{verdict}  {role.ref}  {request.action}  {request.resource}"]
    for layer in decision.refused_by:
        if layer not in decision.explicit:
            lines.append(f"  {layer:<16}  no statement allows it")
    for each in decision.statements:
        where = f" of {each.policy}" if each.policy else ""
        lines.append(f"  {each.layer:<16}  {each.effect.lower()}: statement {each.sid}{where}")
    if decision.ignored_keys:
        lines.append(f"  not tested by this action: {', '.join(decision.ignored_keys)}")
    lines += [f"  not known here: {arn}" for arn in unknown]
    return "\n".join(lines)


def _json(request: Request, role: Resource, decision: Decision, unknown: list[str]) -> str:
    document = {
        "schemaVersion": 1,
        "role": role.arn,
        "action": request.action,
        "resource": request.resource,
        "allowed": decision.allowed,
        "refusedBy": decision.refused_by,
        "explicitly": decision.explicit,
        "statements": [each._asdict() for each in decision.statements],
        "ignoredContextKeys": decision.ignored_keys,
        "unknownPolicies": unknown,
    }
    return json.dumps(document, indent=2)
