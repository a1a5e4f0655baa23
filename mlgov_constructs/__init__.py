"""AWS CDK constructs for secure, governed machine learning on AWS."""
