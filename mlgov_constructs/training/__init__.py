"""Training of models: the jobs, their images and their search for the best."""

from __future__ import annotations

from mlgov_constructs.training.training_step import InputMode, TrainingStep

__all__ = ["InputMode", "TrainingStep"]
