"""What synthesis costs: seconds, round trips to jsii, sizes of templates. Run it with ``python -m benchmarks``."""
