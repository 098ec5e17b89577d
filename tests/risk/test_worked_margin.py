"""The worked example of docs/concepts/margin.md: every figure on the page, computed anew."""

import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from benchmarks.peers import PEERS, Books, Kind
from benchmarks.peers import Scene as PeerScene

from novate.instruments import Instrument, Option, Right, Underlying, perpetual
from novate.risk import (
    BTC,
    Dials,
    Explanation,
    Listing,
    Market,
    Positions,
    RiskTable,
    Trades,
    explain,
    no_positions,
    risk_table,
    spot_range_e6,
    what_if,
)
from novate.risk.scenario import COLUMNS, GRID, MAINTENANCE_COLUMNS, VolShock
from novate.units import Instant, Multiplier, Price, bounds

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "concepts" / "margin.md").read_text()
DAY_S = 86_400
NOW_S = 1_764_896_400
INDEX_E3 = 100_000_000
VOL_E6 = 500_000
COIN = Multiplier(1000)
TENORS = (30, 90)


def option(right: Right, days: int, strike: int) -> Instrument:
    expiry = Instant(NOW_S + days * DAY_S)
    return Option(Underlying.BTC, right, Price(strike * 1000), expiry, COIN).instrument


PERP = perpetual(Underlying.BTC, COIN)
CALL, PUT = (
    {(days, k): option(right, days, k) for days in TENORS for k in range(80_000, 130_000, 10_000)}
    for right in (Right.CALL, Right.PUT)
)
LISTING = Listing.of([PERP, *CALL.values(), *PUT.values()])
BOOKS: dict[str, list[tuple[Instrument, int]]] = {
    "perpetual": [(PERP, -1)],
    "straddle": [(CALL[30, 100_000], -1), (PUT[30, 100_000], -1)],
    "condor": [
        (PUT[30, 80_000], 1),
        (PUT[30, 90_000], -1),
        (CALL[30, 110_000], -1),
        (CALL[30, 120_000], 1),
    ],
    "calendar": [(CALL[30, 100_000], -1), (CALL[90, 100_000], 1)],
}


@cache
def table() -> RiskTable:
    """Every volatility 50 %, every forward the index."""
    forwards = np.full(len(TENORS) + 1, INDEX_E3)
    return risk_table(
        LISTING,
        Market(
            index_e3=INDEX_E3,
            tenor_s=np.array([0, *TENORS]) * DAY_S,
            forward_e3=forwards,
            shocked_e3=forwards,
            confidence_e6=np.full_like(forwards, bounds.RATE_SCALE),
            vol_e6=np.full(len(LISTING.node_group), VOL_E6),
            fortnight_vol_e6=VOL_E6,
        ),
        BTC,
    )


@cache
def explained(name: str) -> Explanation:
    """A book of the page; its perpetual was entered at the index."""
    row, size_e3 = rows_and_sizes(name)
    entry_e3 = np.where(row == LISTING.rows([PERP])[0], INDEX_E3, 0)
    return explain(table(), Positions.of(row, size_e3, size_e3 * entry_e3))


def rows_and_sizes(name: str) -> tuple[np.ndarray, np.ndarray]:
    instruments, sizes = zip(*BOOKS[name], strict=True)
    return LISTING.rows(list(instruments)), 1000 * np.array(sizes)


def cells(label: str) -> list[str]:
    """The cells of the only row of the page with a label."""
    (row,) = re.findall(rf"^\| {re.escape(label)} \|(.*)\|$", PAGE, re.MULTILINE)
    return [cell.strip() for cell in row.split("|")]


def of_books(label: str) -> dict[str, str]:
    """The last cells of a row, by book."""
    return dict(zip(BOOKS, cells(label)[-len(BOOKS) :], strict=True))


def number(cell: str) -> float:
    return float(cell.strip("* %").replace(",", "") or 0)


WAYS = [*map(str, range(COLUMNS)), "least"]


@pytest.mark.parametrize("way", range(len(WAYS)))
def test_every_loss_on_the_page_is_that_of_its_column(way: int) -> None:
    """As maintenance margin counts it, where it does; its largest are bold."""
    is_initial_alone = MAINTENANCE_COLUMNS <= way < COLUMNS
    for name, cell in of_books(WAYS[way]).items():
        found = explained(name)
        losses_e6 = found.loss_e6 if is_initial_alone else found.maintenance_loss_e6
        assert abs(number(cell) - losses_e6[way] / 1e6) <= 0.5
        assert cell.startswith("**") == (way == found.maintenance_binding)


@pytest.mark.parametrize("way", range(COLUMNS))
def test_every_column_on_the_page_moves_as_the_grid_does(way: int) -> None:
    scenario = GRID[way]
    spot, vol, later = cells(WAYS[way])[:3]
    percent = 12 * scenario.move_mille / 1000 * (1.15 if scenario.is_buffered else 1)
    assert spot == (f"{percent:+.4g} %" if percent else "same")
    part = {VolShock.SAME: "same", VolShock.UP: "up", VolShock.DOWN: "down"}[scenario.vol]
    assert vol == part + ", 1.15 times" * scenario.is_buffered
    assert later == "later" * scenario.is_later


@pytest.mark.parametrize(
    ("label", "names", "is_initial"),
    [
        ("worst scenario, MM", ("scan", "basis"), False),
        ("worst scenario, IM", ("scan", "basis"), True),
        ("value charge", ("value",), True),
        ("naked charge", ("short",), True),
    ],
)
def test_every_part_on_the_page_is_what_is_required(
    label: str, names: tuple[str, ...], is_initial: bool
) -> None:
    for name, cell in of_books(label).items():
        parts = [part for part in explained(name).parts if part.name in names]
        amount_e6 = sum(part.initial_e6 if is_initial else part.maintenance_e6 for part in parts)
        assert abs(number(cell) - amount_e6 / 1e6) <= 0.005


def test_both_margins_on_the_page_are_what_is_required() -> None:
    for label, which in (("**MM**", "maintenance_e6"), ("**IM**", "initial_e6")):
        for name, cell in of_books(label).items():
            required_e6 = int(getattr(explained(name).requirement, which)[0])
            assert abs(number(cell) - required_e6 / 1e6) <= 0.005


@pytest.mark.parametrize("venue", ["Deribit PM", "Derive PM2"])
def test_the_other_venues_figures_are_those_of_their_models(venue: str) -> None:
    models = {model.name: model for model in PEERS}
    model = models["deribit_portfolio" if "Deribit" in venue else "derive_pmrm2"]
    for name, cell in of_books(f"{venue}, IM / MM").items():
        row, size_e3 = rows_and_sizes(name)
        asked = model.margin(_peer_scene(row), Books.of(size_e3 / 1000))
        for told, amount in zip(cell.split(" / "), (asked.initial, asked.maintenance), strict=True):
            assert abs(number(told) - amount[0]) <= 0.5


def _peer_scene(row: np.ndarray) -> PeerScene:
    is_option = LISTING.is_curved[row]
    is_call = LISTING.upside[row] == 1
    instruments = [LISTING.instruments[one] for one in row]
    return PeerScene(
        underlying="BTC",
        index_price=INDEX_E3 / 1000,
        forwards=np.full(len(TENORS), INDEX_E3 / 1000),
        tenors=np.array(TENORS) / 365,
        kinds=np.where(is_option, np.where(is_call, Kind.CALL, Kind.PUT), Kind.PERPETUAL),
        expiries=LISTING.group[row] - 1,
        strikes=np.array(
            [one.payoff.kinks[0].strike_e3 / 1000 if one.payoff.kinks else 0 for one in instruments]
        ),
        vols=np.where(is_option, VOL_E6 / 1e6, 0.0),
        marks=table().mark_e3[row] / 1000,
    )


def test_the_ranges_on_the_page_follow_volatility() -> None:
    (vols, margins, buffered) = (
        cells(label) for label in ("s", "R: MM of a perpetual", "IM of a perpetual")
    )
    for vol, maintenance, initial in zip(vols, margins, buffered, strict=True):
        vol_e6 = round(number(vol.split(" ")[0]) * 10_000)
        range_e6 = spot_range_e6(BTC, Dials(), vol_e6)
        assert number(maintenance) * 10_000 == range_e6
        assert number(initial) * 10_000 == pytest.approx(1.15 * range_e6)


def test_selling_the_straddle_adds_no_buying_power() -> None:
    """20,000 of cash, and the premium on top."""
    row, size_e3 = rows_and_sizes("straddle")
    trades = Trades.of(row, size_e3, table().mark_e3[row])
    found = what_if(table(), no_positions(), 20_000 * 10**6, trades)
    assert found.is_accepted
    told = [found.cash_after_e6, found.after.equity.e6, found.after.available.e6]
    amounts = [f"{round(amount / 10**4) / 100:,.2f}" for amount in told]
    assert all(amount in PAGE for amount in amounts), amounts
