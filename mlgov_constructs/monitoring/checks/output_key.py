"""Where a step of a pipeline has written."""

from __future__ import annotations

from mlgov_constructs.steps import JobStep


def output_key(step: JobStep, prefix: str, file: str, *, run: str | None) -> str:
    """Return the key of a file that a step has written.

    Args:
        step: The step.
        prefix: The prefix of the pipeline, ``<project>/pipelines/<name>``.
        file: What follows the name of the step.
        run: The id of the run, where the step has no ``cache``.

    Raises:
        ValueError: A run was given to a step with a cache, or none to one without.
    """
    if (run is None) != (step.cache is not None):
        if run is None:
            msg = f"Step {step.name!r} writes to a folder of each run. Give run=..., its id, or the step a cache."
        else:
            msg = f"Step {step.name!r} has a cache, and writes to the same place in every run. Leave run out."
        raise ValueError(msg)
    return "/".join([prefix.strip("/"), *([] if run is None else [run]), step.name, file])
