"""Figures small enough for a cell, and colours that are variables."""

import pytest

from novate.cli.report.charts import compact
from novate.cli.report.page import html_table, page, tiles
from novate.cli.report.theme import INK, LOSS, figure, svg, thousands


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (-0.4, "0"),
        (0.6, "1"),
        (999.4, "999"),
        (999.6, "1.00k"),
        (-1_234, "-1.23k"),
        (12_345, "12.3k"),
        (-123_456, "-123k"),
        (999_949, "1,000k"),
        (999_960, "1.00m"),
        (12_345_678, "12.3m"),
        (9_876_543_210, "9,877m"),
    ],
)
def test_a_figure_in_a_cell_has_three_digits(value: float, text: str) -> None:
    assert compact(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (0.25, "0.25"),
        (9.5, "9.50"),
        (12.4, "12"),
        (-1500, "-1,500"),
        (2_500_000, "2.5m"),
        (-10_000_000, "-10m"),
    ],
)
def test_ticks_are_short(value: float, text: str) -> None:
    assert thousands(value) == text


def drawn(name: str) -> str:
    """Two lines and a word."""
    with figure(3, 2) as one:
        axes = one.subplots()
        axes.plot([0, 1], [1, 2], color=LOSS)
        axes.fill_between([0, 1], [0, 0], [1, 1], color=INK, alpha=0.5)
        axes.set_title("loss & gain")
        return svg(one, name, 'what "it" shows')


def test_a_chart_is_text_and_variables_without_ids_of_another(tmp_path: object) -> None:
    first, second = drawn("a"), drawn("b")
    assert first.startswith("<svg viewBox=")
    assert 'aria-label="what &quot;it&quot; shows"' in first
    assert "var(--loss)" in first
    assert "loss &amp; gain" in first
    assert "font-family" not in first
    assert "<metadata" not in first
    ids = [set(text.split('id="')[1:]) for text in (first, second)]
    assert ids[0]
    assert not ids[0] & ids[1]


def test_the_same_chart_is_the_same_text() -> None:
    assert drawn("a") == drawn("a")


def test_tables_and_tiles_escape_what_they_show() -> None:
    table = html_table(("a", "b"), [("<x>", "1")], total=("sum", "2"), marked=0, words=(1,))
    assert "&lt;x&gt;" in table
    assert '<tr class="marked"><td>&lt;x&gt;</td><td class=words>1</td></tr>' in table
    assert '<tr class="total">' in table
    assert "<th class=words>b</th>" in table
    assert "&amp;" in tiles([("a&b", "1", "USDC", "")])
    assert "<title>&lt;t&gt;</title>" in page("<t>", [])
