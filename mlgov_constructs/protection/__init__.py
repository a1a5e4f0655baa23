"""Package protection."""
