"""What is not met and what was accepted, as OSCAL risks."""

from __future__ import annotations

import datetime
from collections.abc import Iterable

from trestle.oscal import common as oscal

from mlgov_constructs.controls import Control, Status
from mlgov_constructs.evidence.acceptance import Deviation, GrantedException
from mlgov_constructs.evidence.evidence import ControlEvidence, Evidence
from mlgov_constructs.evidence.oscal.observations import observation_uuid, origin
from mlgov_constructs.evidence.oscal.vocabulary import prop, uuid_of

# Where NIST defines the facet "severity".
OSCAL_NAMESPACE = "http://csrc.nist.gov/ns/oscal"
OPEN, REQUESTED, APPROVED = "open", "deviation-requested", "deviation-approved"


def control_risks(proved: ControlEvidence, evidence: Evidence) -> list[oscal.Risk]:
    """Return the risks of one control: one for what fails, and one for each deviation.

    A relaxation in the code is a deviation that its author asks for with a reason. Whether it is
    approved is not for a template to say, so the risk waits for whoever approves it.

    Args:
        proved: What the templates prove of the control.
        evidence: The evidence that it belongs to.
    """
    failed = [each for each in proved.findings if each.status is Status.FAILED]
    open_risks = [_failure(proved.control, [message for each in failed for message in each.messages], evidence)]
    deviations = {
        uuid_of("deviation", evidence.environment, each.control, each.template, each.logical_id, each.reason): each
        for each in proved.deviations
    }
    return [
        *(open_risks if failed else []),
        *(_deviation(uuid, each, proved.control, evidence) for uuid, each in deviations.items()),
    ]


def exception_risks(evidence: Evidence) -> list[oscal.Risk]:
    """Return a risk for each exception that somebody granted until a day.

    Args:
        evidence: What the templates of an environment prove.
    """
    controls = {each.control.id: each.control for each in evidence.controls}
    granted = {
        uuid_of("exception", evidence.environment, each.control, each.resource, each.template, each.logical_id): each
        for each in evidence.exceptions
    }
    return [_exception(uuid, each, controls.get(each.control), evidence) for uuid, each in granted.items()]


def _failure(control: Control, messages: Iterable[str], evidence: Evidence) -> oscal.Risk:
    return oscal.Risk(
        uuid=uuid_of("failure", evidence.environment, control.id),
        title=f"{control.id} is not met",
        description="\n".join(dict.fromkeys(messages)) or control.title,
        statement=control.statement,
        status=oscal.RiskStatus(OPEN),
        characterizations=_severity(control, evidence),
        remediations=[
            oscal.Response(
                uuid=uuid_of("remedy", evidence.environment, control.id),
                lifecycle="recommendation",
                title=f"Meet {control.id}",
                description=control.fix,
            )
        ],
        related_observations=[_observed(control, evidence)],
    )


def _deviation(uuid: str, deviation: Deviation, control: Control, evidence: Evidence) -> oscal.Risk:
    return oscal.Risk(
        uuid=uuid,
        title=f"{control.id} is deviated from by {deviation.construct_path or deviation.logical_id}",
        description=deviation.reason,
        statement=control.statement,
        props=[
            prop("reason", deviation.reason),
            prop("template", deviation.template),
            prop("logical-id", deviation.logical_id),
            prop("found", "yes" if deviation.found else "no"),
        ],
        status=oscal.RiskStatus(REQUESTED),
        characterizations=_severity(control, evidence),
        related_observations=[_observed(control, evidence)],
    )


def _exception(uuid: str, granted: GrantedException, control: Control | None, evidence: Evidence) -> oscal.Risk:
    # What has ended is approved no longer.
    status = OPEN if granted in evidence.expired else APPROVED
    ends = datetime.datetime.combine(granted.expires, datetime.time(23, 59, 59), datetime.UTC)
    return oscal.Risk(
        uuid=uuid,
        title=f"{granted.control} need not be met until {granted.expires.isoformat()}",
        description=granted.reason,
        statement=f"{granted.resource}: {control.statement if control else granted.control}",
        props=[prop("reason", granted.reason), prop("resource", granted.resource)],
        status=oscal.RiskStatus(status),
        characterizations=_severity(control, evidence) if control else None,
        deadline=ends,
        related_observations=[_observed(control, evidence)] if control else None,
    )


def _severity(control: Control, evidence: Evidence) -> list[oscal.Characterization]:
    return [
        oscal.Characterization(
            origin=origin(evidence),
            facets=[oscal.Facet(name="severity", system=OSCAL_NAMESPACE, value=control.severity.value)],
        )
    ]


def _observed(control: Control, evidence: Evidence) -> oscal.RelatedObservation:
    return oscal.RelatedObservation(observation_uuid=observation_uuid(evidence, control.id))
