"""The page is what the data file says."""

from __future__ import annotations

from tests.access_matrix.page import PAGE, render
from tests.access_matrix.rows import Matrix


def test_the_page_is_fresh(matrix: Matrix) -> None:
    assert PAGE.read_text(encoding="utf-8") == render(matrix), "run: python -m tests.access_matrix.page"
