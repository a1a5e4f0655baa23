"""Says a network in sentences, for those who do not see its picture."""

from __future__ import annotations

from collections.abc import Iterator

from mlgov_constructs.diagram.network_map import NetworkMap, Vpc


def network_words(network: NetworkMap) -> str:
    """Return what the picture of a network shows, as sentences.

    Args:
        network: The network.
    """
    return " ".join(_sentences(network))


def _sentences(network: NetworkMap) -> Iterator[str]:
    closed = [kind for kind, names in network.ways_out.items() if not names]
    if closed:
        yield f"Ways out that do not exist: {', '.join(closed)}."
    for kind, names in network.ways_out.items():
        if names:
            yield f"Open way out, {kind}: {', '.join(names)}."
    for vpc in network.vpcs:
        yield from _vpc(vpc)
    if network.outside:
        yield f"Outside the VPC run: {', '.join(f'{each.kind} {each.name}' for each in network.outside)}."


def _vpc(vpc: Vpc) -> Iterator[str]:
    yield f"VPC {vpc.name} has the addresses {vpc.cidr} and {len(vpc.subnets)} subnets."
    for subnet in vpc.subnets:
        way = f"leads to {', '.join(subnet.leads_to)}" if subnet.leads_to else "has no route out"
        yield f"Subnet {subnet.number} in {subnet.zone}, {subnet.cidr}, {way}."
    for workload in vpc.workloads:
        launched = " once it is launched from the catalogue" if workload.launched else ""
        yield f"{workload.kind} {workload.name} runs in subnets {', '.join(map(str, workload.subnets))}{launched}."
    for rule in vpc.rules:
        yield f"Security groups let {rule.source} reach {rule.target} over {rule.ports}."
    for gateway, kind in ((False, "Interface"), (True, "Gateway")):
        services = [each.service for each in vpc.endpoints if each.gateway is gateway]
        if services:
            yield f"{kind} endpoints: {', '.join(services)}."
    if not vpc.flow_logs:
        yield "The VPC has no flow log."
    for log in vpc.flow_logs:
        yield f"A flow log of {log.traffic} traffic goes to {log.destination}."
