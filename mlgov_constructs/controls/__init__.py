"""Package controls."""
