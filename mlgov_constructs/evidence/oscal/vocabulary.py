"""The words, names and identifiers that our OSCAL documents have in common."""

from __future__ import annotations

import re
from uuid import NAMESPACE_URL, uuid5

from trestle.common.const import RULE_DESCRIPTION, RULE_ID, TRESTLE_GENERIC_NS
from trestle.oscal import OSCAL_VERSION
from trestle.oscal import common as oscal

from mlgov_constructs.controls import Control
from mlgov_constructs.evidence.evidence import Evidence

# What our own properties mean is ours to say: https://pages.nist.gov/OSCAL/learn/tutorials/extensions/
NAMESPACE = "urn:mlgov-constructs:oscal"
TOOL = "mlgov check"
CATALOG, COMPONENTS = "catalog.json", "component-definition.json"
PLAN, RESULTS = "assessment-plan.json", "assessment-results.json"
NIST, NIST_FRAMEWORK = "SP 800-53 Revision 5", "nist-800-53-r5"
NIST_SOURCE = (
    "https://raw.githubusercontent.com/usnistgov/oscal-content/main/nist.gov/SP800-53/rev5/json/"
    "NIST_SP-800-53_rev5_catalog.json"
)
NIST_CONTROL = re.compile(r"([A-Z]{2})-0*(\d+)(?:\s*\(0*(\d+)\))?")
_ROOT = uuid5(NAMESPACE_URL, NAMESPACE)


def uuid_of(kind: str, *names: str) -> str:
    """Return the identifier of a thing: the same for the same names, in every document and on every machine.

    Args:
        kind: What it is.
        names: What tells it from others of its kind.
    """
    return str(uuid5(_ROOT, "\n".join((kind, *names))))


def document_uuid(file: str, evidence: Evidence) -> str:
    """Return the identifier of a document, which other templates or another report change and another time does not.

    Args:
        file: The name of the file.
        evidence: What the document says.
    """
    said = repr((evidence.packs, evidence.acknowledgments))
    return uuid_of(file, evidence.environment, evidence.version, *(each.sha256 for each in evidence.templates), said)


def metadata(title: str, evidence: Evidence) -> oscal.Metadata:
    """Return what every document says of itself.

    Args:
        title: The title.
        evidence: Where time and version come from.
    """
    return oscal.Metadata(
        title=title,
        last_modified=evidence.timestamp,
        version=evidence.version,
        oscal_version=oscal.OscalVersion(OSCAL_VERSION),
    )


def prop(name: str, value: str, *, class_: str | None = None, remarks: str | None = None) -> oscal.Property:
    """Return a property of ours.

    Args:
        name: Its name.
        value: Its value; line breaks become spaces.
        class_: Its kind.
        remarks: What it belongs to.
    """
    return oscal.Property(name=name, ns=NAMESPACE, value=one_line(value), class_=class_, remarks=remarks)


def rule_props(control: Control, rule_set: str) -> list[oscal.Property]:
    """Return the properties by which trestle's tools know a rule.

    Args:
        control: The control that the rule proves.
        rule_set: What the properties of one rule have in common.
    """
    return [
        trestle_prop(RULE_ID, control.rule_name, rule_set),
        trestle_prop(RULE_DESCRIPTION, control.statement, rule_set),
    ]


def trestle_prop(name: str, value: str, rule_set: str | None = None) -> oscal.Property:
    """Return a property whose meaning trestle defines.

    Args:
        name: Its name.
        value: Its value.
        rule_set: The rule that it belongs to.
    """
    return oscal.Property(name=name, ns=TRESTLE_GENERIC_NS, value=one_line(value), remarks=rule_set)


def one_line(text: str) -> str:
    """Return a text without line breaks, as titles and values must be.

    Args:
        text: The text.
    """
    return " ".join(text.split())


def nist_id(identifier: str) -> str:
    """Return the id that a control has in NIST's own OSCAL catalogue.

    Args:
        identifier: The id as people write it.

    Raises:
        ValueError: It is no id of NIST SP 800-53.

    Example:
        >>> nist_id("SC-7(4)")
        'sc-7.4'
    """
    match = NIST_CONTROL.fullmatch(identifier)
    if match is None:
        msg = f"{identifier!r} is no control of NIST SP 800-53. Write it as in 'SC-7(4)'."
        raise ValueError(msg)
    family, number, enhancement = match.groups()
    return f"{family.lower()}-{number}" + (f".{enhancement}" if enhancement else "")


def objective(control: Control) -> str:
    """Return the id of the objective that the rule of a control tests.

    Args:
        control: The control.
    """
    return f"{control.id}_obj"


def service_of(resource_type: str) -> str:
    """Return the service of a CloudFormation type; what is deployed of one service is one component.

    Args:
        resource_type: The type.

    Example:
        >>> service_of("AWS::SageMaker::Model")
        'AWS::SageMaker'
    """
    return "::".join(resource_type.split("::")[:2]) if resource_type.count("::") > 1 else resource_type


def component_uuid(evidence: Evidence, service: str) -> str:
    """Return the identifier of a component.

    Args:
        evidence: The environment that it belongs to.
        service: The service.
    """
    return uuid_of("component", evidence.environment, service)


def tool_uuid(evidence: Evidence) -> str:
    """Return the identifier of the component that judges.

    Args:
        evidence: The environment that it judges.
    """
    return uuid_of("component", evidence.environment, TOOL)


def item_uuid(evidence: Evidence, template: str, logical_id: str) -> str:
    """Return the identifier of a resource.

    Args:
        evidence: The environment.
        template: The name of its template.
        logical_id: Its id there.
    """
    return uuid_of("resource", evidence.environment, template, logical_id)


def template_uuid(evidence: Evidence, template: str) -> str:
    """Return the identifier of a template.

    Args:
        evidence: The environment.
        template: Its name.
    """
    return uuid_of("template", evidence.environment, template)
