"""A small market of two underlyings as a file, and portfolios beside it."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np

from novate.pricing import call_e3, put_e3

from ...scene import Shown, invoke

TAKEN_AT: Final = datetime(2026, 1, 15, 9, 21, 30, tzinfo=UTC)
INDEX: Final = {"BTC": 95_000.0, "ETH": 3_300.0}
STRIKES: Final = {
    "BTC": (70_000, 80_000, 90_000, 95_000, 100_000, 110_000, 120_000),
    "ETH": (2_400, 2_800, 3_100, 3_300, 3_500, 3_800, 4_200),
}
EXPIRIES: Final = {
    "30JAN26": datetime(2026, 1, 30, 8, tzinfo=UTC),
    "27MAR26": datetime(2026, 3, 27, 8, tzinfo=UTC),
}
Row = dict[str, str]


def chain_rows(
    *, at: datetime = TAKEN_AT, moved: float = 0.0, vol: float = 0.5, days: Sequence[str] = ()
) -> list[Row]:
    """Calls and puts with a smile, quoted in the coin, exact to eight decimals."""
    rows = []
    for symbol, index in INDEX.items():
        for day in days or EXPIRIES:
            expiry = EXPIRIES[day]
            tenor_s = round((expiry - at).total_seconds())
            forward = round(index * (1 + moved) * (1 + 0.05 * tenor_s / 31_536_000), 2)
            for strike in STRIKES[symbol]:
                iv = round(vol + 0.4 * np.log(strike / forward) ** 2, 4)
                for letter, price in (("P", put_e3), ("C", call_e3)):
                    mark = (
                        float(price(*_e3(forward, strike), round(iv * 1e6), tenor_s))
                        / 1000
                        / forward
                    )
                    rows.append(
                        {
                            "timestamp": at.isoformat(),
                            "instrument_name": f"{symbol}-{day}-{strike}-{letter}",
                            "underlying": f"{forward}",
                            "option_type": "call" if letter == "C" else "put",
                            "strike": f"{strike}.0",
                            "expiry_datetime": expiry.isoformat(),
                            "bid_price": f"{mark * 0.99:.8f}",
                            "ask_price": f"{mark * 1.01 + 1e-8:.8f}",
                            "mark_price": f"{mark:.8f}",
                            "implied_volatility": f"{iv}",
                            "open_interest": "10",
                            "currency": symbol,
                            "index_price": f"{index * (1 + moved):.2f}",
                        }
                    )
    return rows


def _e3(forward: float, strike: float) -> tuple[int, int]:
    return round(forward * 1000), strike * 1000


def write_chain(
    folder: Path,
    name: str = "chain.csv",
    *,
    change: Callable[[list[Row]], object] = lambda rows: None,
    **market: Any,
) -> Path:
    """The market as a file, after somebody changed its rows; row n is on line n + 2."""
    rows = chain_rows(**market)
    change(rows)
    lines = [",".join(rows[0]), *(",".join(row.values()) for row in rows)]
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def later(days: float) -> datetime:
    """An instant after that of the chain."""
    return TAKEN_AT + timedelta(days=days)


POSITIONS: Final = (
    ("BTC_USDC-PERPETUAL", "1.5", "94000"),
    ("BTC_USDC-30JAN26-100000-C", "-4", "1500"),
    ("BTC_USDC-30JAN26-80000-P", "-3", "700"),
    ("BTC_USDC-27MAR26-110000-C", "3", ""),
    ("BTC_USDC-27MAR26", "-0.5", "95500"),
    ("ETH_USDC-30JAN26-3300-P", "-10", ""),
    ("ETH_USDC-PERPETUAL", "-5", "3300"),
    ("USDC", "60000", ""),
)


def write_portfolio(
    folder: Path,
    positions: Sequence[tuple[str, str, str]] = POSITIONS,
    name: str = "portfolio.csv",
) -> Path:
    """Positions as a file; the first is on line 2."""
    lines = ["instrument,quantity,average_price", *(",".join(one) for one in positions)]
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def risk(command: str, folder: Path, *options: str | Path, **files: Path) -> Shown:
    """What `novate risk COMMAND` says of a portfolio and a chain in a folder."""
    portfolio = files.get("portfolio") or write_portfolio(folder)
    chain = files.get("chain") or write_chain(folder)
    return invoke("risk", command, "--portfolio", portfolio, "--chain", chain, *options)


def risk_json(command: str, folder: Path, *options: str | Path, **files: Path) -> Any:
    """The same for machines, when it went well."""
    shown = risk(command, folder, *options, "--json", **files)
    assert shown.status == 0, shown.err
    assert not shown.err
    return json.loads(shown.out)


def rows_of(shown: Shown) -> dict[str, list[str]]:
    """The rows of the tables on stdout, by their label."""
    lines = [line for line in shown.out.splitlines() if line.startswith("│")]
    cells = [[cell.strip() for cell in line.strip("│").split("│")] for line in lines]
    return {row[0]: row[1:] for row in cells}
