"""A settlement as a table: the price of an expired instrument, and what its holders get."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from novate.air import (
    Row,
    Statement,
    Table,
    bit,
    choice,
    element,
    equal,
    limbs16,
    lookup,
    send,
    unsigned,
    when,
    zero,
)
from novate.circuits.buses import TIME_BITS
from novate.circuits.clock import Clock
from novate.circuits.memory import access
from novate.circuits.transactions.listed_instrument import instrument_inputs, listed_instrument
from novate.circuits.transactions.settled_holder import (
    HOLDERS_BITS,
    PAYOUT,
    ROUNDED_BITS,
    SettledHolder,
    holder_rows,
)
from novate.circuits.transactions.settlement_report import (
    INDEX_PRICE,
    SettlementReport,
    report_rows,
)
from novate.instruments import intrinsic_value_e6, moneyness_law
from novate.ledger import (
    FUND_ADDRESS,
    Collateral,
    Settled,
    Step,
    Unsettled,
    balance_law,
    decode_settlement,
    settlement_address,
)
from novate.ledger import SystemSettle as Settle
from novate.units import bounds, one_part_law


class SystemSettle(Table):
    """One settlement a row: its reports and its holders have tables of their own.

    Soundness. The instrument is an id of 22 bits and its terms name a right, so they are the terms
    of a listed instrument; it was expired when the window began. Either its settlement word was
    absent, then the price is what a quorum reported on its underlying at its expiry (bus
    `index_price`) and is written for good; or the word is read and stays. The intrinsic value
    follows from price and terms. Every settlement goes through the word of the fund, so it has its
    instant to itself, and the holders who were paid at that instant (bus `payout`) are this row's.
    What rounding left of payoffs that cancel out goes to the fund, so the sum of balances stays.
    Determined: all words put back and what the holders are told, by `time`, `instrument`, the words
    taken, the price where it is looked up, and `rounded`, which the holders determine. At the money
    both values of `is_out` are true, and nothing depends on it.
    """

    time = unsigned(TIME_BITS)
    terms_gap, settlement_gap = unsigned(TIME_BITS), unsigned(TIME_BITS)
    fund_gap = unsigned(TIME_BITS)

    instrument = unsigned(bounds.INSTRUMENT_BITS)
    underlying = element()
    right = choice("CALL", "PUT")
    strike = unsigned(bounds.STRIKE_BITS)
    expiry = unsigned(bounds.EXPIRY_BITS)
    multiplier = unsigned(bounds.MULTIPLIER_BITS)
    window_start, window_end = unsigned(bounds.TIME_BITS), unsigned(bounds.TIME_BITS)
    past = unsigned(bounds.TIME_BITS, given=lambda row: row.window_start - row.expiry)

    was_settled = bit()
    index = unsigned(bounds.INDEX_BITS)
    intrinsic = unsigned(bounds.MONEYNESS_BITS, given=lambda row: np.maximum(0, _moneyness(row)))
    shortfall = unsigned(bounds.MONEYNESS_BITS, given=lambda row: np.maximum(0, -_moneyness(row)))
    is_out = bit(given=lambda row: (row.shortfall > 0).astype(np.int64))

    rounded = unsigned(ROUNDED_BITS)
    dust = unsigned(HOLDERS_BITS, given=lambda row: row.rounded // bounds.PAYOFF_SCALE)
    fund_before = unsigned(bounds.USD_BITS)
    fund = unsigned(bounds.USD_BITS, given=lambda row: row.fund_before + row.dust)

    @classmethod
    def constrain(cls, row: Row) -> Iterator[Statement]:
        """The rules of a settlement, in protocol order."""
        yield from cls._instrument(row)
        yield from cls._price(row)
        sign = row.right.PUT - row.right.CALL
        moneyness = (row.strike, row.index, row.multiplier, row.intrinsic, row.shortfall)
        yield zero(
            "intrinsic value less shortfall is how far it is in the money",
            moneyness_law(sign, *moneyness),
        )
        yield zero(
            "there is intrinsic value or a shortfall",
            one_part_law(row.is_out, row.intrinsic, row.shortfall),
        )
        yield send(
            PAYOUT,
            time=row.time,
            instrument=row.instrument,
            strike=row.strike,
            intrinsic=row.intrinsic,
            rounded=row.rounded,
        )
        yield from cls._fund(row)

    @classmethod
    def _instrument(cls, row: Row) -> Iterator[Statement]:
        yield from listed_instrument(row)
        yield equal(
            "the instrument has expired when the window starts",
            row.window_start,
            row.expiry + row.past,
        )

    @classmethod
    def _price(cls, row: Row) -> Iterator[Statement]:
        yield from when(
            1 - row.was_settled,
            lookup(INDEX_PRICE, underlying=row.underlying, expiry=row.expiry, index=row.index),
        )
        settled = (1, *limbs16(row.index, 3), 0, 0, 0, 0)
        yield from access(
            **settlement_address(row.instrument)._asdict(),
            old=tuple(row.was_settled * part for part in settled),
            new=settled,
            time=row.time,
            gap=row.settlement_gap,
        )

    @classmethod
    def _fund(cls, row: Row) -> Iterator[Statement]:
        yield equal(
            "what rounding left is whole micro-USDC", row.rounded, row.dust * bounds.PAYOFF_SCALE
        )
        yield zero(
            "the fund keeps what rounding left",
            balance_law(row.fund_before, row.dust, 0, row.fund),
        )
        yield from access(
            **FUND_ADDRESS._asdict(),
            old=(*limbs16(row.fund_before, 4), 0, 0, 0, 0),
            new=(*limbs16(row.fund, 4), 0, 0, 0, 0),
            time=row.time,
            gap=row.fund_gap,
        )


TABLES: tuple[type[Table], ...] = (SystemSettle, SettlementReport, SettledHolder)
"""The settlement, its reports, its holders."""


def _moneyness(row: Any) -> Any:
    sign = 2 * row.right - 1
    return sign * (row.strike * bounds.PAYOFF_SCALE - row.index * row.multiplier)


def rows(step: Step, clock: Clock) -> dict[str, list[dict[str, Any]]]:
    """The rows of a settlement that the ledger applied: its own, its reports', its holders'."""
    settle, applied = step.transaction, step.applied
    assert isinstance(settle, Settle)
    state, instrument = applied.state, settle.instrument
    option, time = state.option(instrument), clock.tick()
    match decode_settlement(applied.word_before(settlement_address(instrument))):
        case Unsettled():
            was_settled = 0
        case Settled():
            was_settled = 1
    settlement = state.settlement(instrument)
    assert isinstance(settlement, Settled)
    intrinsic = intrinsic_value_e6(option, settlement.index)
    holders = holder_rows(step, clock, time=time, intrinsic=intrinsic)
    row = {
        "time": time,
        **instrument_inputs(state, instrument, clock, time),
        "settlement_gap": clock.gap(settlement_address(instrument), time),
        "fund_gap": clock.gap(FUND_ADDRESS, time),
        "was_settled": was_settled,
        "index": settlement.index.e3,
        "rounded": sum(
            intrinsic * (holder["long"] - holder["short"]) % bounds.PAYOFF_SCALE
            for holder in holders
        ),
        "fund_before": Collateral.decode(applied.word_before(FUND_ADDRESS)).balance_e6,
    }
    return {
        SystemSettle.name: [row],
        SettlementReport.name: report_rows(settle, state),
        SettledHolder.name: holders,
    }
