"""What risk costs: the table of a tick beside QuantLib, accounts, implied volatilities, smiles; and
how far prices and Greeks are from fifty digits."""

import time
from collections.abc import Callable
from dataclasses import fields, replace
from functools import partial
from typing import Any

import numpy as np
import QuantLib
from tests.pricing.exact import call, errors, greeks
from tests.pricing.points import drawn, edges
from tests.pricing.test_greeks import with_time_value
from tests.shared_data import DATA

from novate.nodes.chain_file import read_option_chains
from novate.nodes.chain_market import chain_listing, chain_market
from novate.nodes.option_chain import OptionChain
from novate.nodes.surface_fitter import fit_surface
from novate.pricing import (
    call_e3,
    call_greeks,
    call_implied_vols,
    price_error_e3,
    put_implied_vols,
)
from novate.risk import (
    BTC,
    ETH,
    Listing,
    Market,
    Positions,
    RiskTable,
    account_requirement,
    margins,
    requirement,
    risk_table,
)
from novate.risk.stressed import stressed
from novate.units import Integers, bounds

CHAIN = DATA / "deribit" / "deribit_options_snapshot_20260115T092130Z.csv"
"""1,400 options on 700 strikes of BTC and ETH."""

ROUNDS = 15
ACCOUNT_POSITIONS = 64
ACCOUNTS, POSITIONS = 10_000, 20
SEED = 20260115
OF_EACH_KIND = 2_000


def run() -> dict[str, Any]:
    """All figures; the fastest of several rounds, as other work on the machine only adds."""
    chains = read_option_chains(CHAIN)
    listings = [chain_listing(chain) for chain in chains]
    markets = [chain_market(chain, one) for chain, one in zip(chains, listings, strict=True)]
    tables = [
        risk_table(listing, market, parameters)
        for listing, market, parameters in zip(listings, markets, (BTC, ETH), strict=True)
    ]
    return {
        **table_figures(listings, markets, tables),
        **account_figures(tables[0]),
        **implied_figures(chains),
        "svi_fit_chain_ms": round(
            max(fastest_ms(partial(fit_surface, one), 5) for one in chains), 1
        ),
        **error_figures(),
    }


def table_figures(
    listings: list[Listing], markets: list[Market], tables: list[RiskTable]
) -> dict[str, Any]:
    """The table of both underlyings anew, of one expiry that ticked, and QuantLib beside."""
    ours_ms = 0.0
    one_expiry_ms = 0.0
    for listing, market, table in zip(listings, markets, tables, strict=True):
        ours_ms += fastest_ms(partial(risk_table, listing, market, table.shocks.parameters))
        ticked = moved(market)
        one_expiry_ms += fastest_ms(
            partial(risk_table, listing, ticked, table.shocks.parameters, previous=table)
        )
    work = [
        quantlib_work(listing, market, table)
        for listing, market, table in zip(listings, markets, tables, strict=True)
    ]
    quantlib_ms = fastest_ms(partial(quantlib, work), rounds=3)
    return {
        "risk_table_ms": round(ours_ms, 3),
        "risk_table_options": sum(int(listing.is_curved.sum()) for listing in listings),
        "risk_table_strikes": sum(len(listing.node_group) for listing in listings),
        "risk_table_columns": tables[0].entry_e3.shape[1],
        "risk_table_one_expiry_ms": round(one_expiry_ms, 3),
        "quantlib_same_values_ms": round(quantlib_ms, 1),
        "risk_table_over_quantlib": round(ours_ms / quantlib_ms, 4),
    }


def moved(market: Market) -> Market:
    """The market after a tick of its second expiry."""
    forward_e3 = market.forward_e3.copy()
    forward_e3[2] += 1000
    arrays = {one.name: getattr(market, one.name) for one in fields(market)}
    return Market(**arrays | {"forward_e3": forward_e3, "shocked_e3": forward_e3})


def quantlib_work(
    listing: Listing, market: Market, table: RiskTable
) -> list[tuple[float, float, float]]:
    """Strike, forward and total volatility of every strike in every column."""
    world = stressed(listing, market, table.shocks)
    root = np.sqrt(world.tenor_s[listing.node_group] / 31_536_000)
    total = world.vol_e6 / 1e6 * root
    strike = np.broadcast_to(listing.node_strike_e3[:, None] / 1e3, total.shape)
    forward = world.forward_e3[listing.node_group] / 1e3
    return list(zip(strike.ravel(), forward.ravel(), total.ravel(), strict=True))


def quantlib(work: list[list[tuple[float, float, float]]]) -> float:
    """QuantLib's value of a call for each piece of work: puts and instruments follow from them."""
    black = QuantLib.blackFormula
    call = QuantLib.Option.Call
    return sum(
        black(call, strike, forward, total) for one in work for strike, forward, total in one
    )


def account_figures(table: RiskTable) -> dict[str, Any]:
    """One account with 64 positions, and 10,000 with 20 each."""
    random = np.random.default_rng(SEED)
    instruments = len(table.mark_e3)

    def drawn(accounts: int, positions: int) -> Positions:
        row = np.concatenate(
            [random.choice(instruments, positions, replace=False) for _ in range(accounts)]
        )
        quantity_e3 = random.integers(-5_000, 5_001, accounts * positions)
        return Positions.many(np.repeat(np.arange(accounts), positions), row, quantity_e3)

    def bounded(positions: Positions) -> Positions:
        """Of the same rows and sizes, all options, bought: a least that they pay is looked for."""
        is_option = table.listing.is_curved[positions.row]
        size_e3 = np.abs(positions.quantity_e3) * is_option
        return replace(positions, quantity_e3=size_e3)

    def account_us(positions: Positions) -> list[float]:
        """Sorted; of ten checks each, so short that many rounds meet no other work."""
        check = partial(account_requirement, table, positions)
        return sorted(100 * fastest_ms(lambda: [check() for _ in range(10)], 1) for _ in range(900))

    def remargin_s(positions: Positions) -> float:
        return fastest_ms(lambda: margins(cash_e6, [requirement(table, positions)])) / 1e3

    one, many = drawn(1, ACCOUNT_POSITIONS), drawn(ACCOUNTS, POSITIONS)
    cash_e6 = np.zeros(ACCOUNTS, dtype=np.int64)
    usual_us, bounded_us = account_us(one), account_us(bounded(one))
    return {
        "account_check_us": round(usual_us[0], 1),
        "account_check_us_median": round(usual_us[len(usual_us) // 2], 1),
        "account_check_bounded_us": round(bounded_us[0], 1),
        "account_positions": ACCOUNT_POSITIONS,
        "remargin_10k_s": round(remargin_s(many), 4),
        "remargin_10k_bounded_s": round(remargin_s(bounded(many)), 4),
    }


def implied_figures(chains: tuple[OptionChain, ...]) -> dict[str, Any]:
    """Volatilities that every mark of both chains implies."""

    def of(chain: OptionChain) -> None:
        price_e3, forward_e3, strike_e3 = (
            np.rint(1e3 * values).astype(np.int64)
            for values in (chain.mark, chain.forward, chain.strike)
        )
        tenor_s = np.rint(chain.tenor_s).astype(np.int64)
        for kind, implied in ((True, call_implied_vols), (False, put_implied_vols)):
            rows = chain.is_call == kind
            implied(price_e3[rows], forward_e3[rows], strike_e3[rows], tenor_s[rows])

    each_ms = [fastest_ms(partial(of, chain)) for chain in chains]
    return {
        "implied_vol_chain_ms": round(max(each_ms), 2),
        "implied_vol_chain_options": [len(chain.strike) for chain in chains],
    }


def error_figures() -> dict[str, Any]:
    """How far values and Greeks are from fifty digits: over every edge and draws of five kinds.

    `price_error_ulp_max` is in milli-USD, the last unit of a price, at forwards up to 17 million
    USD; `make fuzz` does the same at a million points. A Greek's error is told as a part of
    its largest over all strikes.
    """
    points = tuple(
        np.concatenate(columns)
        for columns in zip(edges(), drawn(OF_EACH_KIND, seed=SEED), strict=True)
    )
    off = errors(call_e3(*points), call, *points)
    timed = with_time_value(drawn(OF_EACH_KIND // 2, seed=SEED + 1), 1 / 100)
    ours = call_greeks(*timed)
    exact = [greeks(*point) for point in zip(*(one.tolist() for one in timed), strict=True)]
    relative = {}
    for column, largest in largest_greeks(*timed).items():
        wanted = np.array([float(one[column]) for one in exact])
        off_by = np.abs(getattr(ours, column) - wanted)
        # Half a step of the unit is the rounding of the result, and not an error of it.
        over = np.maximum(off_by - 0.5, 0) / largest
        relative[column.rsplit("_", 1)[0]] = float(f"{over.max():.2g}")
    return {
        "price_error_points": len(off),
        "price_error_ulp_max": round(float(off.max()), 2),
        "price_error_over_bound_max": round(float((off / price_error_e3(points[0])).max()), 4),
        "greeks_error_points": len(exact),
        "greeks_error_max": relative,
    }


def largest_greeks(
    forward_e3: Integers, strike_e3: Integers, vol_e6: Integers, tenor_s: Integers
) -> dict[str, Any]:
    """The largest Greek over all strikes, in the units of `Greeks`."""
    usd, vol, years = forward_e3 / 1e3, vol_e6 / 1e6, tenor_s / bounds.YEAR_S
    peak, root = 1 / np.sqrt(2 * np.pi), np.sqrt(years)
    return {
        "delta_q28": 2.0**28,
        "gamma_e9": 1e9 * peak / (usd * vol * root),
        "vega_e6": 1e6 * usd * peak * root / 100,
        "theta_e6": 1e6 * usd * peak * vol / (2 * root) / 365,
        "rho_e6": 1e6 * np.maximum(forward_e3, strike_e3) / 1e3 * years / 100,
    }


def fastest_ms(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Milliseconds of the fastest round."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return 1e3 * min(times)
