"""What the local cloud cannot show, so that nobody takes a deployment here for more than it is."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limit:
    """One thing that the local cloud cannot show.

    Args:
        subject: What it is about, in a word or two.
        text: What is missing, and what to do about it.
    """

    subject: str
    text: str


LIMITS: tuple[Limit, ...] = (
    Limit(
        "Network isolation",
        "no packet is routed or blocked. In the enforced mode endpoint policies and conditions on the network hold "
        "for a client that says through which endpoint it comes; nothing compels it to.",
    ),
    Limit(
        "SageMaker",
        "notebooks, jobs and endpoints have the settings and the state they were given; no machine starts, no code "
        "runs and no model answers.",
    ),
    Limit("Athena", "workgroups, saved queries and tables are kept; no query is run."),
    Limit("Encryption", "keys, key policies and settings are recorded; data at rest is not encrypted."),
    Limit("Quotas", "no quota of an account or a region is applied."),
    Limit(
        "Timing",
        "resources are ready at once, those of Studio in a moment, and state machines wait a hundredth of their "
        "time; nothing is said about how long AWS takes.",
    ),
    Limit(
        "Deletion",
        "a resource whose deletion failed does not keep what it depends on, as CloudFormation lets it: deploy again "
        "before you delete again.",
    ),
    Limit(
        "Compliance",
        "AWS Config records nothing and evaluates no rule, Security Hub checks nothing, and hooks are set up but not "
        "invoked.",
    ),
    Limit(
        "Delivery",
        "e-mails, alarms, budgets, trails, flow logs and inventories are set up but deliver nothing. Nothing costs "
        "anything: a budget action acts when it is approved by hand, as if its threshold were passed.",
    ),
    Limit(
        "IAM",
        "policies are evaluated only in the enforced mode and without service control policies; a stack that an "
        "IAM user creates is made as the account, and the account's root user is never refused. A pass is a hint, "
        "not a proof.",
    ),
    Limit(
        "Organisations",
        "an access key of twelve digits is an account of its own, and portfolios are shared between accounts; every "
        "account lies in every unit. Stack sets, cross-account roles, policies of the organisation and controls of "
        "Control Tower are recorded, not carried out.",
    ),
    Limit("Partition", "everything is in the standard partition, whatever the region."),
    Limit("Lambda", "functions run as processes of this machine, with its Python and its permissions."),
    Limit("State", "it is in memory and goes when the local cloud stops."),
)
"""What the local cloud cannot show; ``mlgov local up`` prints it."""
