"""A small chain, as a file and as it is read."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from novate.nodes import OptionChain
from novate.pricing import Svi, call_e3
from novate.units import bounds

DAY_S: Final = 86_400
TAKEN_AT_S: Final = 1_768_468_890
SMILE: Final = Svi(a_e6=120_000, b_e6=250_000, rho_e6=-300_000, m_e6=50_000, s_e6=400_000)

FORWARD: Final = 80_000.0
COLUMNS: Final = (
    "timestamp", "instrument_name", "underlying", "option_type", "strike", "expiry_datetime",
    "bid_price", "ask_price", "mark_price", "implied_volatility", "open_interest", "currency",
    "index_price",
)  # fmt: skip


def snapshot_rows() -> list[dict[str, str]]:
    """Three strikes of one expiry, quoted in BTC, with exact put-call parity at 80,000, and a
    volatility that is nearly that of each."""
    rows = []
    for strike, put in ((70_000, 0.01), (80_000, 0.04), (90_000, 0.14)):
        for right, letter in (("put", "P"), ("call", "C")):
            mark = put if right == "put" else put + 1 - strike / FORWARD
            rows.append(
                {
                    "timestamp": "2026-01-15T09:21:30.027641+00:00",
                    "instrument_name": f"BTC-27MAR26-{strike}-{letter}",
                    "underlying": "80004.5",
                    "option_type": right,
                    "strike": f"{strike}.0",
                    "expiry_datetime": "2026-03-27T08:00:00+00:00",
                    "bid_price": f"{mark - 0.001:.6f}",
                    "ask_price": f"{mark + 0.001:.6f}",
                    "mark_price": f"{mark:.8f}",
                    "implied_volatility": "0.23",
                    "open_interest": "12.5",
                    "currency": "BTC",
                    "index_price": "79500.25",
                }
            )
    return rows


def write_snapshot(
    folder: Path,
    *,
    change: Callable[[list[dict[str, str]]], object] = lambda rows: None,
    columns: Sequence[str] = COLUMNS,
) -> Path:
    """The small chain as a file, after somebody changed its rows; row n is on line n + 2."""
    rows = snapshot_rows()
    change(rows)
    path = folder / "chain.csv"
    lines = [",".join(columns), *(",".join(row[name] for name in columns) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def made_chain(
    *, days: tuple[float, ...] = (1, 7, 30, 90, 365), strikes: int = 25, forward: float = 90_000.0
) -> OptionChain:
    """A chain on one smile for all expiries, whose marks and quotes are our own prices."""
    expiry_s, strike, is_call = [], [], []
    for day in days:
        reach = 2.5 * 0.5 * np.sqrt(day / 365)
        for at in np.round(forward * np.exp(np.linspace(-reach, reach, strikes)), -1):
            expiry_s += [TAKEN_AT_S + int(day * DAY_S)] * 2
            strike += [at] * 2
            is_call += [False, True]
    columns = (np.array(expiry_s), np.array(strike), np.array(is_call))
    tenor_s = columns[0] - TAKEN_AT_S
    z = np.log(columns[1] / forward) / np.sqrt(tenor_s / bounds.YEAR_S)
    a, b, rho, m, s = (value / 1e6 for value in (120_000, 250_000, -300_000, 50_000, 400_000))
    vol = np.sqrt(a + b * (rho * (z - m) + np.hypot(z - m, s)))
    forward_e3, strike_e3 = round(forward * 1000), np.rint(columns[1] * 1000).astype(np.int64)
    call = call_e3(forward_e3, strike_e3, np.rint(vol * 1e6).astype(np.int64), tenor_s) / 1000
    mark = np.where(columns[2], call, call - forward + columns[1])
    same = np.full(len(vol), forward)
    return OptionChain(
        currency="BTC",
        taken_at_s=float(TAKEN_AT_S),
        is_coin_quoted=False,
        source=Path("made.csv"),
        lines=np.arange(len(vol)) + 2,
        instrument_names=tuple(f"option {row}" for row in range(len(vol))),
        expiry_s=columns[0],
        strike=columns[1],
        is_call=columns[2],
        bid=np.maximum(mark - 2, 0.1),
        ask=mark + 2,
        mark=mark,
        mark_iv=vol,
        open_interest=np.ones(len(vol)),
        published_underlying=same,
        index_price=same,
        forward=same,
    )
