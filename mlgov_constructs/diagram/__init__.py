"""Pictures of an environment, drawn from its templates alone: its network and its flow of data.

It stands beside the house, as the command line does: it reads templates, and imports no construct.
"""

from mlgov_constructs.diagram.data_flow_picture import data_flow_picture
from mlgov_constructs.diagram.network_picture import network_picture
from mlgov_constructs.diagram.part import DiagramError

__all__ = ["DiagramError", "data_flow_picture", "network_picture"]
