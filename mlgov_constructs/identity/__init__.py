"""Package identity."""
