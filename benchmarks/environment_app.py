"""What the measured processes run: an empty app, or an environment without or with the rules of the controls.

python -m benchmarks.environment_app empty
python -m benchmarks.environment_app environment environments/sandbox.yaml
python -m benchmarks.environment_app rules environments/sandbox.yaml
"""

from __future__ import annotations

import sys

import aws_cdk as cdk


def main(mode: str, *files: str) -> None:
    """Synthesize the environments of the files, or one empty stack."""
    app = cdk.App()
    if mode == "empty":
        cdk.Stack(app, "Empty")
    if mode == "rules":
        # Imported here and below, so that each mode pays for what it uses.
        from mlgov_constructs.controls import ControlRules  # noqa: PLC0415
        from mlgov_constructs.network import EndpointCompleteness  # noqa: PLC0415

        cdk.Validations.of(app).add_plugins(ControlRules(), EndpointCompleteness())
    for file in files:
        from stacks.environment import load_environment  # noqa: PLC0415
        from stacks.ml_environment import MlEnvironment  # noqa: PLC0415

        environment = load_environment(file)
        MlEnvironment(app, environment.name, environment=environment)
    app.synth()


if __name__ == "__main__":
    main(*sys.argv[1:])
