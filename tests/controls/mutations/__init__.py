"""Faults for real templates: for each control what is broken, on which resources, and who must be accused."""

from tests.controls.mutations.catalog import CATALOG
from tests.controls.mutations.compliance import COMPLIANCE
from tests.controls.mutations.cost import COST
from tests.controls.mutations.faults import Mutation
from tests.controls.mutations.governance import GOVERNANCE
from tests.controls.mutations.identity import IDENTITY
from tests.controls.mutations.lineage import LINEAGE
from tests.controls.mutations.mlops import MLOPS
from tests.controls.mutations.monitoring import MONITORING
from tests.controls.mutations.network import NETWORK
from tests.controls.mutations.organization import ORGANIZATION
from tests.controls.mutations.pipelines import PIPELINES
from tests.controls.mutations.preparation import PREPARATION
from tests.controls.mutations.protection import PROTECTION
from tests.controls.mutations.serving import SERVING
from tests.controls.mutations.studio import STUDIO
from tests.controls.mutations.teardown import TEARDOWN
from tests.controls.mutations.tracking_and_packages import TRACKING_AND_PACKAGES
from tests.controls.mutations.training import TRAINING
from tests.controls.mutations.workspace import WORKSPACE
from tests.controls.mutations.written import ON_WRITTEN

MUTATIONS = (
    *NETWORK,
    *PROTECTION,
    *IDENTITY,
    *WORKSPACE,
    *STUDIO,
    *TEARDOWN,
    *CATALOG,
    *GOVERNANCE,
    *COMPLIANCE,
    *ORGANIZATION,
    *COST,
    *MLOPS,
    *PIPELINES,
    *LINEAGE,
    *PREPARATION,
    *TRAINING,
    *SERVING,
    *MONITORING,
    *TRACKING_AND_PACKAGES,
    *ON_WRITTEN,
)

__all__ = ["MUTATIONS", "Mutation"]
