"""Package governance."""
