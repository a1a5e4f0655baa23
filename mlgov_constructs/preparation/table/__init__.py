"""A table of numbers, made fit for training."""
