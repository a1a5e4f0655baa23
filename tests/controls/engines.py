"""The rules of single controls, compiled when the control that is tried changes."""

from __future__ import annotations

import functools

from mlgov_constructs.controls import CATALOGUE, RuleEngine


# An engine takes 190 MB, so only the last one is kept: tests stand in the order of the controls.
@functools.lru_cache(maxsize=1)
def engine(control: str) -> RuleEngine:
    """The rule of one control."""
    return RuleEngine([CATALOGUE[control]])
