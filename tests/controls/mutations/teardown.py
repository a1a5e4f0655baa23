"""Faults of the state machine that takes a Studio domain down."""

from __future__ import annotations

from tests.controls.mutations.faults import Mutation, with_value, without

MACHINE = "AWS::StepFunctions::StateMachine"

TEARDOWN = (
    Mutation("MLG-STU-20", "has no encryption of its own", MACHINE, without("Properties/EncryptionConfiguration")),
    Mutation(
        "MLG-STU-20",
        "has the key of AWS",
        MACHINE,
        with_value("Properties/EncryptionConfiguration/Type", "AWS_OWNED_KEY"),
    ),
    Mutation("MLG-STU-20", "names no key", MACHINE, without("Properties/EncryptionConfiguration/KmsKeyId")),
    Mutation("MLG-STU-21", "is not logged", MACHINE, without("Properties/LoggingConfiguration")),
    Mutation("MLG-STU-21", "logs errors only", MACHINE, with_value("Properties/LoggingConfiguration/Level", "ERROR")),
    Mutation("MLG-STU-21", "logs to nothing", MACHINE, with_value("Properties/LoggingConfiguration/Destinations", [])),
    Mutation("MLG-STU-22", "is not traced", MACHINE, without("Properties/TracingConfiguration")),
    Mutation("MLG-STU-22", "is traced no more", MACHINE, with_value("Properties/TracingConfiguration/Enabled", False)),
)
