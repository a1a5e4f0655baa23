"""The instance types that SageMaker notebooks of the current generations run on.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateNotebookInstance.html
(the generations t2, m4, c4 and p2 are left out: newer ones cost less for the same work).
"""

from __future__ import annotations

_GENERAL = "large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge"
_FAMILIES = {
    "t3": "medium large xlarge 2xlarge",
    "m5": "xlarge 2xlarge 4xlarge 12xlarge 24xlarge",
    "m5d": _GENERAL,
    "m6i": f"{_GENERAL} 32xlarge",
    "m6id": f"{_GENERAL} 32xlarge",
    "m7i": f"{_GENERAL} 48xlarge",
    "c5": "xlarge 2xlarge 4xlarge 9xlarge 18xlarge",
    "c5d": "xlarge 2xlarge 4xlarge 9xlarge 18xlarge",
    "c6i": f"{_GENERAL} 32xlarge",
    "c6id": f"{_GENERAL} 32xlarge",
    "c7i": f"{_GENERAL} 48xlarge",
    "r5": _GENERAL,
    "r6i": f"{_GENERAL} 32xlarge",
    "r6id": f"{_GENERAL} 32xlarge",
    "r7i": f"{_GENERAL} 48xlarge",
    "g4dn": "xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge",
    "g5": "xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 48xlarge",
    "g6": "xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 48xlarge",
    "g6e": "xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 48xlarge",
    "p3": "2xlarge 8xlarge 16xlarge",
    "p3dn": "24xlarge",
    "p4d": "24xlarge",
    "p4de": "24xlarge",
    "p5": "4xlarge 48xlarge",
    "p5en": "48xlarge",
    "p6-b200": "48xlarge",
    "inf1": "xlarge 2xlarge 6xlarge 24xlarge",
    "inf2": "xlarge 8xlarge 24xlarge 48xlarge",
    "trn1": "2xlarge 32xlarge",
    "trn1n": "32xlarge",
}

NOTEBOOK_INSTANCE_TYPES = tuple(f"ml.{family}.{size}" for family, sizes in _FAMILIES.items() for size in sizes.split())
