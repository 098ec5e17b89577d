"""Tables are never narrower than their figures."""

import pytest

from novate.cli.desk.figures import figures_table, show


@pytest.mark.parametrize("columns", [40, 80, 300])
def test_no_figure_is_cut_on_a_narrow_terminal(
    columns: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    headings = ["", *(f"heading {number}" for number in range(9))]
    show(figures_table("A title", headings, [["a row", *["1,234,567.89"] * 9]]), "[and] words")
    lines = capsys.readouterr().out.splitlines()
    (row,) = [line for line in lines if "a row" in line]
    assert row.count("1,234,567.89") == 9
    assert any("heading 8" in line for line in lines)
    assert lines[-1] == "[and] words"
