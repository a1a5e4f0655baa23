"""``mlgov local demo``: an environment deployed by the real CDK command line, used by a data scientist, read back."""
