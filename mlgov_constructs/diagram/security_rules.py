"""What security groups let through."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mlgov_constructs.diagram.estate import Estate
from mlgov_constructs.diagram.part import Part
from mlgov_constructs.diagram.shapes import mappings

EGRESS, INGRESS = "AWS::EC2::SecurityGroupEgress", "AWS::EC2::SecurityGroupIngress"
# A rule to an address that nobody has takes the place of the default one, which lets everything out.
NOWHERE = frozenset({"255.255.255.255/32", "127.0.0.1/32", "::1/128"})
ANYWHERE = frozenset({"0.0.0.0/0", "::/0"})
ALL = "-1"
PROTOCOLS = {"6": "tcp", "17": "udp", "1": "icmp"}


@dataclass(frozen=True, slots=True)
class Rule:
    """Traffic that security groups let through.

    Attributes:
        source: Who opens the connection.
        target: To whom.
        ports: Over which protocol and ports.
        anywhere: Whether one side is any address.
    """

    source: str
    target: str
    ports: str
    anywhere: bool


def rules_of(estate: Estate, groups: Sequence[Part]) -> list[Rule]:
    """Return what the rules of security groups let through, each once though both groups have a rule of it.

    Args:
        estate: The templates.
        groups: The groups.
    """
    return list(dict.fromkeys(rule for group in groups for rule in _rules(estate, group)))


def _rules(estate: Estate, group: Part) -> Iterator[Rule]:
    # Without a rule of its own in the template, a group gets the default one.
    egress = mappings(group.properties.get("SecurityGroupEgress")) or [{"IpProtocol": ALL, "CidrIp": "0.0.0.0/0"}]
    ingress = mappings(group.properties.get("SecurityGroupIngress"))
    out = [(group, each) for each in egress] + _standing(estate, EGRESS, group)
    into = [(group, each) for each in ingress] + _standing(estate, INGRESS, group)
    for part, rule in out:
        peer = _peer(estate, part, rule, "Destination")
        if peer not in NOWHERE:
            yield Rule(group.name, _named(peer), _ports(estate, part, rule), peer in ANYWHERE)
    for part, rule in into:
        peer = _peer(estate, part, rule, "Source")
        yield Rule(_named(peer), group.name, _ports(estate, part, rule), peer in ANYWHERE)


def _standing(estate: Estate, kind: str, group: Part) -> list[tuple[Part, Mapping[str, Any]]]:
    """The rules of a group that are resources of their own."""
    return [
        (each, each.properties)
        for each in estate.of_type(kind)
        if group in estate.referred(each, each.properties.get("GroupId"))
    ]


def _peer(estate: Estate, part: Part, rule: Mapping[str, Any], end: str) -> str:
    for key in ("CidrIp", "CidrIpv6"):
        if key in rule:
            return estate.text(part, rule[key])
    if f"{end}SecurityGroupId" in rule:
        return estate.text(part, rule[f"{end}SecurityGroupId"])
    prefix_list = estate.text(part, rule.get(f"{end}PrefixListId"))
    return f"prefix list {prefix_list.rpartition('.')[2]}"


def _named(peer: str) -> str:
    return f"anywhere ({peer})" if peer in ANYWHERE else peer


def _ports(estate: Estate, part: Part, rule: Mapping[str, Any]) -> str:
    protocol = estate.text(part, rule.get("IpProtocol", ALL))
    if protocol == ALL:
        return "all traffic"
    ends = [estate.text(part, rule[key]) for key in ("FromPort", "ToPort") if key in rule]
    return " ".join([PROTOCOLS.get(protocol, protocol), "-".join(dict.fromkeys(ends))]).strip()
