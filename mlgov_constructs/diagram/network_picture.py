"""Draws the network: what is in each VPC, what leads out of it, and what does not."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mlgov_constructs.diagram.canvas import WIDTH, Box, Canvas, text_width
from mlgov_constructs.diagram.estate import Estate
from mlgov_constructs.diagram.network_map import Endpoint, NetworkMap, Subnet, Vpc, network_map
from mlgov_constructs.diagram.network_words import network_words
from mlgov_constructs.diagram.part import DiagramError
from mlgov_constructs.diagram.security_rules import Rule
from mlgov_constructs.diagram.workloads import Workload

MARGIN, GAP, PAD = 20.0, 12.0, 16.0
INNER = WIDTH - 2 * MARGIN - 2 * PAD
LINE = 18.0
MOST_COLUMNS, PILL_COLUMNS = 3, (4, 3, 2)
GATE_HEIGHT, PILL_HEIGHT, RULE_HEIGHT = 92.0, 26.0, 30.0


def network_picture(templates: Sequence[Path]) -> str:
    """Draw the network that templates describe.

    Args:
        templates: Files in JSON, as ``cdk synth`` writes them; a VPC must be in one of them.

    Returns:
        An SVG document: the same for the same templates.

    Raises:
        DiagramError: A file is no template in JSON, or no template has a VPC.

    Example:
        >>> network_picture([])  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        mlgov_constructs.diagram.part.DiagramError: The templates have no VPC (AWS::EC2::VPC), ...
    """
    estate = Estate(templates)
    network = network_map(estate)
    if not network.vpcs:
        msg = (
            "The templates have no VPC (AWS::EC2::VPC), so there is no network to draw. "
            "Name the folder of the app that has it, or draw '--view data'."
        )
        raise DiagramError(msg)
    title = f"Network of {estate.name}" if estate.name else "Network"
    canvas = Canvas("mlgov-network", title)
    canvas.text(MARGIN, 38, title, "title", width=WIDTH - 2 * MARGIN)
    y = _ways_out(canvas, 56, network)
    for vpc in network.vpcs:
        y = _vpc(canvas, y, vpc) + GAP
        y = _below(canvas, y, vpc) + 2 * GAP
    y = _outside(canvas, y, network.outside)
    return canvas.finish(y + MARGIN - GAP, network_words(network))


def _ways_out(canvas: Canvas, y: float, network: NetworkMap) -> float:
    """The world outside, and each way to it: barred, or open and in the colour of alarm."""
    world = Box(MARGIN, y, WIDTH - 2 * MARGIN, 34)
    canvas.box(world, "region")
    canvas.text(world.middle, y + 22, "The internet and other networks", "body", width=world.width, anchor="middle")
    step = world.width / len(network.ways_out)
    for number, (kind, names) in enumerate(network.ways_out.items()):
        x = MARGIN + step * (number + 0.5)
        top, bottom = world.bottom, world.bottom + GATE_HEIGHT
        if not names:
            canvas.line([(x, top), (x, top + 26)])
            canvas.barred(x, top + 35)
            canvas.text(x, top + 64, f"no {kind}", "small faint", width=step - 8, anchor="middle")
            continue
        label = Box(x - step / 2 + 6, top + 20, step - 12, 44)
        canvas.line([(x, top), (x, label.y)], "open")
        canvas.box(label, "alarmed")
        canvas.text(x, label.y + 18, kind, "small alarm", width=label.width - 8, anchor="middle")
        canvas.text(x, label.y + 35, ", ".join(names), "small alarm", width=label.width - 8, anchor="middle")
        canvas.arrow([(x, label.bottom), (x, bottom)], "open")
    return world.bottom + GATE_HEIGHT


def _vpc(canvas: Canvas, y: float, vpc: Vpc) -> float:
    """A VPC with everything in it. The frame comes first, so its height is found by a trial."""
    height = _contents(Canvas("trial", ""), y, vpc) - y
    canvas.box(Box(MARGIN, y, WIDTH - 2 * MARGIN, height), "frame", radius=10)
    return _contents(canvas, y, vpc)


def _contents(canvas: Canvas, y: float, vpc: Vpc) -> float:
    left = MARGIN + PAD
    canvas.text(left, y + 27, f"VPC {vpc.name}", "head", width=INNER - 180)
    canvas.text(left + INNER, y + 27, vpc.cidr, "body faint", width=170, anchor="end")
    y = _subnets(canvas, y + 40, vpc.subnets, vpc.network_acls)
    own = [each for each in vpc.workloads if not each.launched]
    later = [each for each in vpc.workloads if each.launched]
    y = _section(canvas, y, "Runs in the subnets", own, lines=4)
    y = _section(canvas, y, "Runs there once it is launched from the catalogue", later, lines=4)
    y = _rules(canvas, y, vpc.rules)
    y = _endpoints(canvas, y, [each for each in vpc.endpoints if not each.gateway], "Interface endpoints")
    return _endpoints(canvas, y, [each for each in vpc.endpoints if each.gateway], "Gateway endpoints")


def _subnets(canvas: Canvas, y: float, subnets: Sequence[Subnet], network_acls: int) -> float:
    zones = list(dict.fromkeys(each.zone for each in subnets))
    inside = [[each for each in subnets if each.zone == zone] for zone in zones]
    columns = max(1, min(len(zones), MOST_COLUMNS))
    width = (INNER - GAP * (columns - 1)) / columns
    card = 3 * LINE + 14
    height = 30 + max(map(len, inside), default=0) * (card + 8)
    for number, zone in enumerate(zones):
        frame = Box(
            MARGIN + PAD + (number % columns) * (width + GAP), y + (number // columns) * (height + GAP), width, height
        )
        canvas.box(frame, "region")
        canvas.text(frame.x + 10, frame.y + 20, f"Availability {zone}", "small faint", width=width - 20)
        for row, subnet in enumerate(inside[number]):
            box = Box(frame.x + 8, frame.y + 28 + row * (card + 8), width - 16, card)
            _lines(canvas, box, "alarmed" if subnet.leads_to else "card", _subnet_lines(subnet, network_acls))
    rows = -(-len(zones) // columns)
    return y + rows * (height + GAP) + 4


def _subnet_lines(subnet: Subnet, network_acls: int) -> list[tuple[str, str]]:
    name = subnet.part.name.removesuffix("/Subnet").rpartition("/")[2]
    rules = "own network ACL" if network_acls else "default network ACL"
    way = f"leads to {', '.join(subnet.leads_to)}" if subnet.leads_to else f"no route out · {rules}"
    return [
        (f"{subnet.number}  {name}", "head"),
        (subnet.cidr, "small faint"),
        (way, "small alarm" if subnet.leads_to else "small faint"),
    ]


def _workload(canvas: Canvas, box: Box, workload: Workload) -> None:
    subnets = f"subnet{'s' * (len(workload.subnets) > 1)} {', '.join(map(str, workload.subnets))}"
    groups = f"groups {', '.join(workload.groups) or 'none'}"
    where = [(subnets, "small faint"), (groups, "small faint")] if workload.subnets else []
    what = [workload.kind, workload.note, "" if workload.subnets else workload.origin]
    _lines(
        canvas,
        box,
        "later" if workload.launched else "card",
        [(workload.name, "head"), (" · ".join(filter(None, what)), "small faint"), *where],
    )


def _outside(canvas: Canvas, y: float, outside: Sequence[Workload]) -> float:
    own = [each for each in outside if not each.launched]
    later = [each for each in outside if each.launched]
    y = _section(canvas, y, "Runs outside the VPC, on networks of AWS", own, lines=2)
    return _section(canvas, y, "Runs outside the VPC once it is launched from the catalogue", later, lines=2)


def _rules(canvas: Canvas, y: float, rules: Sequence[Rule]) -> float:
    if not rules:
        return y
    left = MARGIN + PAD
    canvas.text(left, y + 16, "What security groups let through", "head", width=INNER)
    y += 24
    side = (INNER - 190) / 2
    for rule in rules:
        look, ink = ("open", "small alarm") if rule.anywhere else ("line", "small")
        middle = y + 19
        canvas.text(left + side - GAP, middle + 4, rule.source, ink, width=side - GAP, anchor="end")
        canvas.text(left + side + 95, middle - 5, rule.ports, ink, width=180, anchor="middle")
        canvas.arrow([(left + side, middle), (left + side + 190, middle)], look)
        target = "itself" if rule.target == rule.source else rule.target
        canvas.text(left + side + 190 + GAP, middle + 4, target, ink, width=side - GAP)
        y += RULE_HEIGHT
    return y + GAP + 4


def _endpoints(canvas: Canvas, y: float, endpoints: Sequence[Endpoint], title: str) -> float:
    if not endpoints:
        return y
    left = MARGIN + PAD
    bare = sum(not each.policy for each in endpoints)
    policy = f"{bare} with the default policy, which allows everything" if bare else "each with a policy of its own"
    heading = f"{title} ({len(endpoints)})"
    canvas.text(left, y + 16, heading, "head", width=INNER)
    canvas.text(left + INNER, y + 16, policy, "small alarm" if bare else "small faint", width=INNER - 220, anchor="end")
    y += 28
    longest = max(text_width(each.service, "small") for each in endpoints)
    columns = next((each for each in PILL_COLUMNS if longest <= _column(each) - 16), PILL_COLUMNS[-1])
    width = _column(columns)
    for number, endpoint in enumerate(endpoints):
        box = Box(
            left + (number % columns) * (width + GAP), y + (number // columns) * (PILL_HEIGHT + 8), width, PILL_HEIGHT
        )
        canvas.box(box, "pill" if endpoint.policy else "alarmed", radius=13)
        canvas.text(box.middle, box.y + 17.5, endpoint.service, "small", width=width - 12, anchor="middle")
    return y + -(-len(endpoints) // columns) * (PILL_HEIGHT + 8) + GAP


def _below(canvas: Canvas, y: float, vpc: Vpc) -> float:
    """What a VPC reaches through its endpoints, and where the record of its traffic goes."""
    services = Box(MARGIN, y + 24, 500, 52)
    log = Box(MARGIN + 516, y + 24, WIDTH - 2 * MARGIN - 516, 52)
    canvas.arrow([(services.middle, y - GAP), (services.middle, services.y)])
    if not vpc.endpoints:
        canvas.barred(services.middle, y + 4)
    reached = "reached through the endpoints above" if vpc.endpoints else "not reached: the VPC has no endpoint"
    _lines(
        canvas,
        services,
        "pill",
        [(f"AWS services of {vpc.region}" if vpc.region else "AWS services", "head"), (reached, "small")],
    )
    if not vpc.flow_logs:
        canvas.line([(log.middle, y - GAP), (log.middle, log.y)])
        canvas.barred(log.middle, y + 4)
        _lines(canvas, log, "alarmed", [("No flow log", "head alarm"), ("traffic leaves no record", "small alarm")])
        return log.bottom
    first = vpc.flow_logs[0]
    kept = f", kept {first.days} days" if first.days else ""
    canvas.arrow([(log.middle, y - GAP), (log.middle, log.y)])
    more = f" and {len(vpc.flow_logs) - 1} more" if len(vpc.flow_logs) > 1 else ""
    _lines(
        canvas,
        log,
        "store",
        [(f"Flow log: {first.traffic} traffic", "head"), (f"{first.destination}{kept}{more}", "small")],
    )
    return log.bottom


def _section(canvas: Canvas, y: float, title: str, workloads: Sequence[Workload], *, lines: int) -> float:
    """A heading and cards in columns; nothing when there are none."""
    if not workloads:
        return y
    left, columns, height = MARGIN + PAD, MOST_COLUMNS, lines * LINE + 14
    canvas.text(left, y + 16, title, "head", width=INNER)
    width = _column(columns)
    for number, workload in enumerate(workloads):
        x, row = left + (number % columns) * (width + GAP), number // columns
        _workload(canvas, Box(x, y + 26 + row * (height + GAP), width, height), workload)
    return y + 26 + -(-len(workloads) // columns) * (height + GAP) + 6


def _lines(canvas: Canvas, box: Box, look: str, lines: Sequence[tuple[str, str]]) -> None:
    canvas.box(box, look)
    for number, (text, ink) in enumerate(lines):
        canvas.text(box.x + 10, box.y + 21 + number * LINE, text, ink, width=box.width - 20)


def _column(columns: int) -> float:
    return (INNER - GAP * (columns - 1)) / columns
