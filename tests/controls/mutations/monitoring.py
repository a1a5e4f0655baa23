"""Faults of monitors."""

from __future__ import annotations

from tests.controls.mutations.faults import Change, Mutation, with_value, without

SCHEDULE = "AWS::SageMaker::MonitoringSchedule"
KINDS = ("DataQuality", "ModelQuality", "ModelBias", "ModelExplainability")
# Which controls are about one kind of monitor, and what they hold.
ENCRYPTED = {
    "DataQuality": "MLG-MON-01",
    "ModelExplainability": "MLG-MON-02",
    "ModelQuality": "MLG-MON-05",
    "ModelBias": "MLG-MON-07",
}
ISOLATED = {
    "DataQuality": "MLG-MON-03",
    "ModelBias": "MLG-MON-04",
    "ModelExplainability": "MLG-MON-08",
    "ModelQuality": "MLG-MON-10",
}
NETWORK = "Properties/NetworkConfig"
INLINE = "Properties/MonitoringScheduleConfig"
VOLUME = "Properties/JobResources/ClusterConfig/VolumeKmsKeyId"
AWS_KEY = "alias/aws/s3"


def _definition(kind: str) -> tuple[Mutation, ...]:
    of = f"AWS::SageMaker::{kind}JobDefinition"

    def fault(control: str, what: str, change: Change) -> Mutation:
        return Mutation(control, what, of, change)

    encrypted, isolated = f"{NETWORK}/EnableInterContainerTrafficEncryption", f"{NETWORK}/EnableNetworkIsolation"
    output, baseline = f"Properties/{kind}JobOutputConfig/KmsKeyId", f"Properties/{kind}BaselineConfig"
    return (
        fault(ENCRYPTED[kind], "sends in the clear", with_value(encrypted, False)),
        fault(ENCRYPTED[kind], "says nothing of traffic", without(encrypted)),
        fault(ISOLATED[kind], "reaches the network", with_value(isolated, False)),
        fault(ISOLATED[kind], "says nothing of the network", without(NETWORK)),
        fault("MLG-MON-11", "has no subnets", without(f"{NETWORK}/VpcConfig/Subnets")),
        fault("MLG-MON-11", "has an empty list of groups", with_value(f"{NETWORK}/VpcConfig/SecurityGroupIds", [])),
        fault("MLG-MON-11", "has no groups", without(f"{NETWORK}/VpcConfig/SecurityGroupIds")),
        fault("MLG-MON-12", "has no key of its volume", without(VOLUME)),
        fault("MLG-MON-12", "takes the key of AWS", with_value(VOLUME, AWS_KEY)),
        fault("MLG-MON-13", "has no key of its reports", without(output)),
        fault("MLG-MON-13", "takes the key of AWS", with_value(output, AWS_KEY)),
        fault("MLG-MON-14", "has no baseline", without(baseline)),
        fault("MLG-MON-14", "has an empty baseline", without(f"{baseline}/ConstraintsResource")),
        fault("MLG-MON-15", "has no tags", without("Properties/Tags")),
        fault("MLG-MON-15", "has another tag", with_value("Properties/Tags/*/Key", "project")),
        fault("MLG-MON-16", "never ends", without("Properties/StoppingCondition")),
    )


def _inline(**job: object) -> Change:
    """A schedule that defines its job itself."""
    return with_value(INLINE, {"MonitoringJobDefinition": job, "ScheduleConfig": {}})


def _schedule(control: str, what: str, change: Change) -> Mutation:
    return Mutation(control, what, SCHEDULE, change)


MONITORING = (
    *(mutation for kind in KINDS for mutation in _definition(kind)),
    _schedule("MLG-MON-06", "names no job", without(f"{INLINE}/MonitoringJobDefinitionName")),
    _schedule("MLG-MON-06", "runs a job in the network", _inline(NetworkConfig={"EnableNetworkIsolation": False})),
    _schedule("MLG-MON-09", "names no job", without(f"{INLINE}/MonitoringJobDefinitionName")),
    _schedule("MLG-MON-09", "runs a job that sends in the clear", _inline(NetworkConfig={})),
    _schedule("MLG-MON-11", "runs a job outside a VPC", _inline(NetworkConfig={"EnableNetworkIsolation": True})),
    _schedule("MLG-MON-12", "runs a job without a key", _inline(MonitoringResources={"ClusterConfig": {}})),
    _schedule("MLG-MON-13", "runs a job without a key", _inline(MonitoringOutputConfig={"MonitoringOutputs": []})),
    _schedule("MLG-MON-14", "runs a job without a baseline", _inline(BaselineConfig={})),
    _schedule("MLG-MON-15", "has no tags", without("Properties/Tags")),
    _schedule("MLG-MON-15", "has another tag", with_value("Properties/Tags/*/Key", "project")),
    _schedule("MLG-MON-16", "runs a job that never ends", _inline(NetworkConfig={})),
)
