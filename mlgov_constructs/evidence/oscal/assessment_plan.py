"""How the templates are assessed, as an OSCAL assessment plan: what the results must be read with."""

from __future__ import annotations

from trestle.oscal import assessment_plan as model
from trestle.oscal import common as oscal

from mlgov_constructs.evidence.evidence import Evidence
from mlgov_constructs.evidence.oscal.reviewed_controls import catalog_resource, reviewed_controls
from mlgov_constructs.evidence.oscal.vocabulary import (
    PLAN,
    TOOL,
    document_uuid,
    metadata,
    prop,
    tool_uuid,
    uuid_of,
)

ITEM = "inventory-item"


def assessment_plan(evidence: Evidence) -> model.AssessmentPlan:
    """Return the plan by which the templates of an environment are assessed.

    A plan imports the security plan of the system, which nobody can write from templates: the import
    leads to a resource that says so, and that whoever has the security plan replaces.

    Args:
        evidence: What the templates of an environment prove.
    """
    security_plan = uuid_of(PLAN, evidence.environment, "security plan")
    catalog = catalog_resource(PLAN, evidence)
    activity = oscal.Activity(
        uuid=uuid_of(PLAN, evidence.environment, "activity"),
        title="Evaluate the rules on the templates",
        description=(
            "AWS's engine evaluates the Guard rule of each control on each template as it is deployed. "
            "The rules know nothing of what constructs claim."
        ),
        props=[oscal.Property(name="method", value="TEST")],
    )
    everything = oscal.AssessmentSubjectAll(type=ITEM, include_all=oscal.IncludeAll())
    return model.AssessmentPlan(
        uuid=document_uuid(PLAN, evidence),
        metadata=metadata(f"Assessment plan of {evidence.environment}", evidence),
        import_ssp=oscal.ImportSsp(href=f"#{security_plan}"),
        local_definitions=model.LocalDefinitions(activities=[activity]),
        reviewed_controls=reviewed_controls(
            evidence, description="Every control, each by the rule that proves it.", catalog=catalog.uuid
        ),
        assessment_subjects=[everything],
        assessment_assets=assessment_assets(evidence),
        tasks=[
            oscal.Task(
                uuid=uuid_of(PLAN, evidence.environment, "task"),
                type="action",
                title="Assess the synthesized environment",
                associated_activities=[
                    oscal.AssociatedActivity(
                        activity_uuid=activity.uuid, subjects=[oscal.AssessmentSubject(everything)]
                    )
                ],
            )
        ],
        back_matter=oscal.BackMatter(
            resources=[
                catalog,
                oscal.Resource(
                    uuid=security_plan,
                    title="System security plan",
                    description=(
                        "The plan of the system that the environment is part of. It is no part of this "
                        "evidence: its owner adds the link to it here."
                    ),
                ),
            ]
        ),
    )


def assessment_assets(evidence: Evidence) -> oscal.AssessmentAssets:
    """Return what the assessment is made with.

    Args:
        evidence: What the templates of an environment prove.
    """
    return oscal.AssessmentAssets(
        components=[
            oscal.SystemComponent(
                uuid=tool_uuid(evidence),
                type="validation",
                title=TOOL,
                description="Evaluates the Guard rule of every control on the synthesized templates, offline.",
                props=[prop("version", evidence.version)],
                status=oscal.Status(state="operational"),
            )
        ],
        assessment_platforms=[
            oscal.AssessmentPlatform(
                uuid=uuid_of("platform", evidence.environment),
                title="The machine that synthesizes the app",
                uses_components=[oscal.UsesComponent(component_uuid=tool_uuid(evidence))],
            )
        ],
    )
