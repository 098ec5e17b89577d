"""Tables are never narrower than their figures, and JSON is always JSON."""

import pytest

from novate.cli.desk.figures import figures_table, show, show_json


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


@pytest.mark.parametrize("nothing", [float("nan"), float("inf")])
def test_no_machine_is_told_a_number_that_is_none(
    nothing: float, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ValueError, match="JSON"):
        show_json({"figure": nothing})
    assert not capsys.readouterr().out
    show_json({"figure": 0.5})
    assert capsys.readouterr().out == '{\n  "figure": 0.5\n}\n'
