"""Package network."""
