"""The page of the evidence, for people."""

from mlgov_constructs.evidence.page.html_page import html_page

__all__ = ["html_page"]
