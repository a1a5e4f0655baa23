"""The data file is read strictly."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.access_matrix.rows import load_matrix

HEAD = '[principals]\nsomebody = "stack/Role"\n[names]\n[[family]]\ntitle = "T"\nwho = ["somebody"]\n'
REQUEST = 'requests = [["s3:GetObject", "*"]]\n'
GUARDRAIL = '[[family.guardrail]]\nkey = "a:b"\nwrong = "x"\nif_wrong = ["identity"]\nif_absent = []\n'


def test_a_guardrail_is_tried_three_ways(tmp_path: Path) -> None:
    (tmp_path / "m.toml").write_text(HEAD + REQUEST + 'context = { "a:b" = "right" }\n' + GUARDRAIL)
    rows = list(load_matrix(tmp_path / "m.toml").rows())
    assert [row.context["a:b"] for row in rows] == ["right", "x", None]
    assert [row.refused_by for row in rows] == [(), ("identity",), ()]


def test_a_group_stands_for_its_members(tmp_path: Path) -> None:
    head = HEAD.replace("[names]", '[groups]\npeople = ["ana", "ben"]\n[names]').replace(
        'somebody"]', 'people", "eva"]'
    )
    (tmp_path / "m.toml").write_text(head + REQUEST)
    assert [row.who for row in load_matrix(tmp_path / "m.toml").rows()] == ["ana", "ben", "eva"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (REQUEST + GUARDRAIL, "the context does not have a:b"),
        (REQUEST + 'refused_by = ["idenity"]\n', "'idenity' is no layer"),
    ],
)
def test_what_would_test_nothing_is_refused(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "m.toml").write_text(HEAD + text)
    with pytest.raises(ValueError, match=message):
        load_matrix(tmp_path / "m.toml")
