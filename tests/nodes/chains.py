"""Where the published chains are, and a small chain as a file."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import pytest

DATA: Final = Path(__file__).resolve().parents[3] / "shared" / "data"

FORWARD: Final = 80_000.0
COLUMNS: Final = (
    "timestamp", "instrument_name", "underlying", "option_type", "strike", "expiry_datetime",
    "bid_price", "ask_price", "mark_price", "implied_volatility", "open_interest", "currency",
    "index_price",
)  # fmt: skip


def published(name: str) -> Path:
    """A file of published market data; a test without it is skipped."""
    path = DATA / name
    if not path.exists():
        pytest.skip(f"needs shared/data/{name} beside the repository")
    return path


def snapshot_rows() -> list[dict[str, str]]:
    """Three strikes of one expiry, quoted in BTC, with exact put-call parity at 80,000."""
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
                    "implied_volatility": "0.53",
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
