"""The rules of single controls, each compiled once a session."""

from __future__ import annotations

import functools

from mlgov_constructs.controls import CATALOGUE, RuleEngine


@functools.cache
def engine(control: str) -> RuleEngine:
    """The rule of one control."""
    return RuleEngine([CATALOGUE[control]])
