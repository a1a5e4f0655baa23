"""SageMaker Studio: domains, the people in them, their spaces, images and start scripts."""
