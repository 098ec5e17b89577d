"""`novate risk var`: the losses of a perpetual are those of its price, counted by hand."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from .scene import risk, risk_json, rows_of, write_portfolio

FIRST_DAY = datetime(2025, 1, 1, tzinfo=UTC)


def write_prices(folder: Path, name: str, closes: list[float], **step: int) -> Path:
    """Bars that open where the one before closed; a day each, or as told."""
    lines = ["datetime,open,high,low,close"]
    before = closes[0]
    for place, close in enumerate(closes):
        at = FIRST_DAY + (timedelta(**step) if step else timedelta(days=1)) * place
        high, low = max(before, close), min(before, close)
        lines.append(f"{at:%Y-%m-%d %H:%M:%S},{before},{high},{low},{close}")
        before = close
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def sawtooth(base: float, moves: list[int], count: int = 200) -> list[float]:
    """A price that moves by so many percent, in turn and back again."""
    closes = [base]
    for place in range(count):
        move = moves[place // 2 % len(moves)] / 100
        closes.append(closes[-1] * (1 + move) if place % 2 == 0 else base)
    return closes


def history(folder: Path, symbol: str = "BTC", base: float = 50_000) -> str:
    """An option that names a history of falls of 1 to 10 percent, each made good the day after."""
    path = write_prices(folder, f"{symbol}.csv", sawtooth(base, [-m for m in range(1, 11)]))
    return f"{symbol}={path}"


def one_perpetual(folder: Path) -> Path:
    """Long one BTC at 95,000."""
    return write_portfolio(folder, [("BTC_USDC-PERPETUAL", "1", "95000")])


def test_losses_are_those_of_the_windows(tmp_path: Path) -> None:
    found = risk_json("var", tmp_path, "--history", history(tmp_path), "--level", "50,75,95",
                      portfolio=one_perpetual(tmp_path))  # fmt: skip
    assert found["windows"] == found["independent"] == 200
    half, three_quarters, most = found["levels"]["BTC"]
    # half of all windows are falls by 1 to 10 %, in equal numbers; the other half gain
    assert half["value_at_risk"]["e6"] <= 0
    assert three_quarters["value_at_risk"]["e6"] == pytest.approx(95_000e6 * 0.05, rel=1e-6)
    assert most["value_at_risk"]["e6"] == pytest.approx(95_000e6 * 0.09, rel=1e-6)
    assert most["expected_shortfall"]["e6"] == pytest.approx(95_000e6 * 0.10, rel=1e-6)


def test_every_estimate_lies_in_its_interval_and_grows_with_the_level(tmp_path: Path) -> None:
    found = risk_json("var", tmp_path, "--history", history(tmp_path), "--level", "80,90",
                      portfolio=one_perpetual(tmp_path))  # fmt: skip
    lower, higher = found["levels"]["BTC"]
    for level in (lower, higher):
        for which in ("value_at_risk", "expected_shortfall"):
            bounded = level[which]
            assert bounded["low_e6"] <= bounded["e6"] <= bounded["high_e6"]
        assert level["expected_shortfall"]["e6"] >= level["value_at_risk"]["e6"]
    assert higher["value_at_risk"]["e6"] > lower["value_at_risk"]["e6"]


def test_a_level_that_so_few_windows_cannot_bound_says_so(tmp_path: Path) -> None:
    options = ("--history", history(tmp_path), "--level", "99.9")
    found = risk_json("var", tmp_path, *options, portfolio=one_perpetual(tmp_path))
    assert found["levels"]["BTC"][0]["is_bounded"] is False
    shown = risk("var", tmp_path, *options, portfolio=one_perpetual(tmp_path))
    assert rows_of(shown)["BTC value at risk 99.9 %"][2].endswith(" and more")


def test_underlyings_lose_together_in_the_same_windows(tmp_path: Path) -> None:
    found = risk_json(
        "var", tmp_path, "--history", history(tmp_path),
        "--history", history(tmp_path, "ETH", 2_000), "--level", "95",
    )  # fmt: skip
    assert list(found["levels"]) == ["BTC", "ETH", "together"]
    assert {"BTC", "ETH"} == set(found["worst"][0]["spot_e6"])
    each = [found["levels"][name][0]["value_at_risk"]["e6"] for name in ("BTC", "ETH")]
    assert found["levels"]["together"][0]["value_at_risk"]["e6"] <= sum(max(0, e) for e in each)


def test_longer_windows_overlap_and_are_counted_apart(tmp_path: Path) -> None:
    found = risk_json("var", tmp_path, "--history", history(tmp_path), "--horizon", "240",
                      portfolio=one_perpetual(tmp_path))  # fmt: skip
    assert found["windows"] == 191
    assert found["independent"] == 19


def test_the_worst_windows_do_not_overlap_and_name_their_moves(tmp_path: Path) -> None:
    shown = risk("var", tmp_path, "--history", history(tmp_path), "--worst", "2",
                 portfolio=one_perpetual(tmp_path))  # fmt: skip
    assert shown.status == 0, shown.err
    assert "200 windows of 24 h, 200 of them apart, from 2025-01-02 00:00:00 UTC" in shown.out
    worst = {label: row for label, row in rows_of(shown).items() if label.endswith("UTC")}
    assert [row[0] for row in worst.values()] == ["9,500.00", "9,500.00"]
    assert {row[1] for row in worst.values()} == {"BTC -10 %"}
    assert "no history of volatility, so it stands still in every window" in shown.err


def test_a_history_of_volatility_moves_options(tmp_path: Path) -> None:
    vols = write_prices(tmp_path, "vol.csv", sawtooth(50, [-30]))
    portfolio = write_portfolio(tmp_path, [("BTC_USDC-27MAR26-95000-C", "-1", "")])
    options = ("--history", history(tmp_path), "--level", "95")
    still = risk_json("var", tmp_path, *options, portfolio=portfolio)
    moved = risk_json("var", tmp_path, *options, "--vol-history", f"BTC={vols}",
                      portfolio=portfolio)  # fmt: skip
    losses = [one["levels"]["BTC"][0]["value_at_risk"]["e6"] for one in (still, moved)]
    assert losses[1] > losses[0]
    assert moved["worst"][0]["vol_e6"]["BTC"] == 428_571


def test_histories_of_different_periods_meet_on_the_longer(tmp_path: Path) -> None:
    hours = write_prices(tmp_path, "hours.csv", sawtooth(50_000, [-1], 480), hours=1)
    days = write_prices(tmp_path, "days.csv", sawtooth(50, [10], 19))
    found = risk_json("var", tmp_path, "--history", f"BTC={hours}", "--vol-history", f"BTC={days}",
                      portfolio=one_perpetual(tmp_path))  # fmt: skip
    assert found["windows"] == 19


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ([], "no price history of BTC; next: name one with --history BTC=FILE"),
        (["--history", "BTC"], "'BTC' is not a symbol and a file, like BTC=prices.csv"),
        (["--history", "BTC=nowhere.csv"], "'nowhere.csv' is no file"),
        (["--level", "100"], "a level of 100 % is not in [50, 100)"),
        (["--level", "49"], "a level of 49 % is not in [50, 100)"),
        (["--level", "x"], "'x' is not a number of percent"),
        (["--confidence", "100"], "a confidence of 100 % is not between 0 and 100"),
        (["--horizon", "0"], "--horizon"),
    ],
)
def test_an_option_that_makes_no_sense_is_wrong_usage(
    tmp_path: Path, options: list[str], words: str
) -> None:
    shown = risk("var", tmp_path, *options, portfolio=one_perpetual(tmp_path))
    assert shown.status == 2
    assert words in " ".join(shown.err.split())
    assert not shown.out


def test_a_history_shorter_than_a_window_is_refused(tmp_path: Path) -> None:
    prices = write_prices(tmp_path, "few.csv", [100.0, 101.0, 102.0])
    options = ("--history", f"BTC={prices}", "--horizon", "96")
    shown = risk("var", tmp_path, *options, portfolio=one_perpetual(tmp_path))
    assert shown.status == 2
    told = " ".join(shown.err.split())
    assert "the history has 3 instants, no two of them 345600 s apart; next: choose a" in told


def test_a_bad_cell_of_a_history_is_told_with_its_line(tmp_path: Path) -> None:
    prices = write_prices(tmp_path, "bad.csv", [100.0, 101.0, 102.0])
    prices.write_text(prices.read_text().replace("102.0\n", "none\n"))
    options = ("--history", f"BTC={prices}")
    shown = risk("var", tmp_path, *options, portfolio=one_perpetual(tmp_path))
    assert shown.status == 3
    assert "bad.csv, line 4, field close: 'none' is not a number" in shown.err


def test_the_shape_of_the_answer_for_machines_is_fixed(tmp_path: Path) -> None:
    found = risk_json("var", tmp_path, "--history", history(tmp_path),
                      portfolio=one_perpetual(tmp_path))  # fmt: skip
    assert list(found) == [
        "horizon_s", "period_s", "windows", "independent", "from", "to", "confidence_e6", "levels",
        "worst", "notices",
    ]  # fmt: skip
    assert list(found["levels"]["BTC"][0]) == [
        "level_e6", "is_bounded", "value_at_risk", "expected_shortfall",
    ]  # fmt: skip
    assert list(found["worst"][0]) == ["began_at", "loss_e6", "spot_e6", "vol_e6"]
