"""Package local_cloud."""
