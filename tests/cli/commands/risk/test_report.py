"""`novate risk report`: one file that asks for nothing, and shows every figure that it must."""

import json
import re
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from .scene import risk, risk_json, write_chain, write_portfolio

VOID = {"meta", "br"}


class Reader(HTMLParser):
    """Checks that every element is closed, and keeps what a reader sees and what it asks for."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text: list[str] = []
        self.asked: list[str] = []
        self.ids: list[str] = []
        self.figures = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element begins."""
        if tag not in VOID:
            self.open.append(tag)
        self.figures += tag == "svg"
        for name, value in attrs:
            if name in ("src", "href", "xlink:href", "action", "data"):
                self.asked.append(value or "")
            if name == "id":
                self.ids.append(value or "")

    def handle_endtag(self, tag: str) -> None:
        """An element ends, and it is the last that began."""
        assert self.open.pop() == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element without content."""
        self.handle_starttag(tag, attrs)
        self.open.pop()

    def handle_data(self, data: str) -> None:
        """Words."""
        if self.open and self.open[-1] != "style":
            self.text.append(data.strip())


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """One report for all tests, and the folder of what it was made from."""
    folder = tmp_path_factory.mktemp("report")
    out = folder / "report.html"
    shown = risk("report", folder, "--out", out)
    assert shown.status == 0, shown.err
    assert shown.out == f"{out}: {out.stat().st_size:,} bytes; open it in any browser\n"
    return folder, out


@pytest.fixture(scope="module")
def read(written: tuple[Path, Path]) -> Reader:
    """The page, read."""
    reader = Reader()
    reader.feed(written[1].read_text(encoding="utf-8"))
    return reader


def test_the_page_is_whole_and_asks_for_nothing(written: tuple[Path, Path], read: Reader) -> None:
    assert read.open == []
    assert all(asked.startswith("#") for asked in read.asked)
    text = written[1].read_text(encoding="utf-8")
    assert "<script" not in text
    assert "@import" not in text
    assert all(target.startswith("#") for target in re.findall(r"url\(([^)]*)\)", text))
    # what is left of addresses names vocabularies, which no browser fetches
    assert set(re.findall(r"https?://[^\"' ]+", text)) <= {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
    }


def test_every_reference_inside_leads_to_one_place(read: Reader) -> None:
    assert len(set(read.ids)) == len(read.ids)
    assert {asked.removeprefix("#") for asked in read.asked} <= set(read.ids)


def test_every_chart_and_table_is_there_for_both_underlyings(read: Reader) -> None:
    words = set(read.text)
    for title in ("Positions", "Payoff", "Stress", "Margin", "Scenarios", "Surface"):
        assert read.text.count(title) == 2, title
    assert words >= {"BTC", "ETH", "All underlyings together", "Days of the past"}
    assert read.figures == 1 + 2 * 6  # together, then six for each underlying
    assert words >= {"30JAN26", "27MAR26", "perpetual", "BTC_USDC-30JAN26-100000-C"}
    assert "2026-01-15 09:21:30 UTC" in " ".join(read.text)


def test_the_figures_are_those_of_the_other_commands(
    written: tuple[Path, Path], read: Reader
) -> None:
    found = risk_json("margin", written[0])
    for amount in ("equity_e6", "initial_e6", "maintenance_e6", "available_e6", "gross_e6"):
        cents = (found[amount] + 5_000) // 10_000
        assert f"{cents // 100:,}.{cents % 100:02d}" in read.text
    told = risk_json("explain", written[0])["underlyings"]
    for one in told.values():
        assert any(one["binding"] in text for text in read.text)
        is_both = one["binding"] == one["maintenance_binding"]
        assert f"decides{'' if is_both else ' initial'}:  {one['binding']}" in read.text
        which = "" if is_both else " maintenance"
        assert f"decides{which}:  {one['maintenance_binding']}" in read.text


def test_charts_follow_the_colours_of_the_page(written: tuple[Path, Path]) -> None:
    text = written[1].read_text(encoding="utf-8")
    charts = "".join(re.findall(r"<svg.*?</svg>", text, re.DOTALL))
    assert not re.findall(r"#[0-9a-f]{6}", charts), "a colour that is neither light nor dark"
    used = set(re.findall(r"var\(--(\w+)\)", charts))
    defined = set(re.findall(r"--(\w+):", text))
    assert used <= defined
    assert {"ink", "muted", "gain", "loss", "first", "second"} <= used
    assert "prefers-color-scheme: dark" in text
    assert "@page { size: A4" in text


def test_the_same_market_makes_the_same_page(written: tuple[Path, Path], tmp_path: Path) -> None:
    again = tmp_path / "again.html"
    assert risk("report", tmp_path, "--out", again).status == 0
    assert again.read_bytes() == written[1].read_bytes()


def test_a_report_is_written_over_and_nothing_else_is(tmp_path: Path) -> None:
    portfolio = write_portfolio(tmp_path, [("ETH_USDC-PERPETUAL", "1", "")])
    out = tmp_path / "r.html"
    for _ in range(2):
        shown = risk("report", tmp_path, "--out", out, "--json", portfolio=portfolio)
        assert shown.status == 0, shown.err
        found = json.loads(shown.out)
    assert list(found) == [
        "report", "bytes", "initial_e6", "maintenance_e6", "health", "notices",
    ]  # fmt: skip
    assert found["bytes"] == out.stat().st_size
    other = tmp_path / "other.html"
    other.write_text("<!doctype html><p>mine</p>")
    refused = risk("report", tmp_path, "--out", other)
    assert refused.status == 2
    assert "exists and is no risk report" in " ".join(refused.err.split())
    assert other.read_text() == "<!doctype html><p>mine</p>"


def test_a_folder_that_is_not_there_is_wrong_usage(tmp_path: Path) -> None:
    shown = risk("report", tmp_path, "--out", tmp_path / "nowhere" / "r.html")
    assert shown.status == 2
    assert "there is no folder" in shown.err


def test_what_the_files_say_is_text_and_never_markup(tmp_path: Path) -> None:
    portfolio = write_portfolio(tmp_path, [("ETH_USDC-PERPETUAL", "1", "")], "<b onclick=x>&.csv")
    out = tmp_path / "r.html"
    assert risk("report", tmp_path, "--out", out, portfolio=portfolio).status == 0
    text = out.read_text(encoding="utf-8")
    assert "<b onclick" not in text
    assert "Risk of &lt;b onclick=x&gt;&amp;.csv" in text


def test_without_the_library_that_draws_the_next_step_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    shown = risk("report", tmp_path, "--out", tmp_path / "r.html")
    assert shown.status == 2
    assert "charts need matplotlib, which is not installed" in shown.err
    assert "next: pip install 'novate[report]'" in shown.err
    assert not (tmp_path / "r.html").exists()


def test_a_surface_that_cannot_be_fitted_does_not_stop_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from novate.nodes import NothingToFit

    def refuse(chain: object) -> None:
        raise NothingToFit("nothing here")

    monkeypatch.setattr("novate.cli.report.risk_report.fit_surface", refuse)
    portfolio = write_portfolio(tmp_path, [("ETH_USDC-PERPETUAL", "1", "")])
    out = tmp_path / "r.html"
    assert risk("report", tmp_path, "--out", out, portfolio=portfolio).status == 0
    assert "No surface: nothing here." in out.read_text(encoding="utf-8")


def test_the_drawing_library_is_not_loaded_for_anything_else() -> None:
    import subprocess

    code = "import sys; import novate.cli.main; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_chain_of_one_underlying_has_no_page_of_all(tmp_path: Path) -> None:
    portfolio = write_portfolio(tmp_path, [("BTC_USDC-27MAR26-95000-C", "-1", "")])
    out = tmp_path / "r.html"
    chain = write_chain(tmp_path, days=["27MAR26"])
    assert risk("report", tmp_path, "--out", out, portfolio=portfolio, chain=chain).status == 0
    assert "All underlyings together" not in out.read_text(encoding="utf-8")
