"""Finds machines that cost and do nothing."""
