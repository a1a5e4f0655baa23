"""Package workspace."""
