"""What people and jobs do, one file an activity; each carries its own conditions."""

from __future__ import annotations

from mlgov_constructs.identity.activities.activity import Activity, Statement
from mlgov_constructs.identity.activities.administer_keys import AdministerKeys
from mlgov_constructs.identity.activities.administer_platform import AdministerPlatform
from mlgov_constructs.identity.activities.approve_models import ApproveModels
from mlgov_constructs.identity.activities.attach_to_network import AttachToNetwork
from mlgov_constructs.identity.activities.audit import Audit
from mlgov_constructs.identity.activities.create_endpoints import CreateEndpoints
from mlgov_constructs.identity.activities.duty import Duty
from mlgov_constructs.identity.activities.invoke_endpoints import InvokeEndpoints
from mlgov_constructs.identity.activities.launch_products import LaunchProducts
from mlgov_constructs.identity.activities.list_work import ListWork
from mlgov_constructs.identity.activities.manage_labelling import ManageLabelling
from mlgov_constructs.identity.activities.monitor_models import MonitorModels
from mlgov_constructs.identity.activities.open_studio import OpenStudio
from mlgov_constructs.identity.activities.pass_roles import PassRoles
from mlgov_constructs.identity.activities.read_features import ReadFeatures
from mlgov_constructs.identity.activities.register_models import RegisterModels
from mlgov_constructs.identity.activities.run_jobs import RunJobs
from mlgov_constructs.identity.activities.run_pipelines import RunPipelines
from mlgov_constructs.identity.activities.run_studio_apps import RunStudioApps
from mlgov_constructs.identity.activities.start_pipelines import StartPipelines
from mlgov_constructs.identity.activities.track_experiments import TrackExperiments
from mlgov_constructs.identity.activities.use_notebooks import UseNotebooks
from mlgov_constructs.identity.activities.use_project_data import UseProjectData
from mlgov_constructs.identity.activities.use_tracking import UseTracking
from mlgov_constructs.identity.activities.view_cost import ViewCost
from mlgov_constructs.identity.activities.write_features import WriteFeatures

__all__ = [
    "Activity",
    "AdministerKeys",
    "AdministerPlatform",
    "ApproveModels",
    "AttachToNetwork",
    "Audit",
    "CreateEndpoints",
    "Duty",
    "InvokeEndpoints",
    "LaunchProducts",
    "ListWork",
    "ManageLabelling",
    "MonitorModels",
    "OpenStudio",
    "PassRoles",
    "ReadFeatures",
    "RegisterModels",
    "RunJobs",
    "RunPipelines",
    "RunStudioApps",
    "StartPipelines",
    "Statement",
    "TrackExperiments",
    "UseNotebooks",
    "UseProjectData",
    "UseTracking",
    "ViewCost",
    "WriteFeatures",
]
