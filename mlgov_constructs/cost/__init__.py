"""Package cost."""
