"""A trade as a table: one fill of two signed orders a row."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from novate.air import (
    InverseOf,
    Row,
    Statement,
    Table,
    bit,
    choice,
    element,
    equal,
    limbs16,
    lookup,
    unsigned,
    vector,
    zero,
)
from novate.circuits.buses import PARAMETERS, TIME_BITS
from novate.circuits.clock import Clock
from novate.circuits.memory import access
from novate.circuits.transactions.leg import (
    MAKER,
    TAKER,
    Leg,
    leg_columns,
    leg_inputs,
    leg_rules,
)
from novate.circuits.transactions.listed_instrument import instrument_inputs, listed_instrument
from novate.ledger import (
    FEES_ADDRESS,
    Collateral,
    Side,
    Step,
    balance_law,
    premium_law,
)
from novate.ledger import UserTrade as Trade
from novate.units import bounds


class UserTrade(Table):
    """One fill a row: what both orders allow, and the words it changes.

    Soundness. Both orders were signed for this venue (bus `signed`) under the key whose word stands
    in a key slot, 1 to 4, of the account that the order names; nobody can show a key for any other
    kind of word, so the account is a trader's and the words at its order, position and collateral
    slots, whose ranges are checked here, are of those kinds. The instrument is an id of 22 bits and
    its terms name a right, so they are the terms of a listed instrument and it is not 0. One order
    buys and the other sells because there is one bit for both. Every integer is range-checked in
    this row, also where the word it came from was checked when it was written, but for the
    accounts, which only name places: two that differ in the field differ. The row leaves every
    balance covered, every lock at strike times short size as it found it, and the sum of the
    three balances as it was: the premium changes hands and both fees arrive.
    Determined: all words put back, by `time`, the two orders, price, size, slots and the words
    taken. Fee and dust are the one quotient and remainder; long and short are the two parts of one
    number; a closed position is the absent word.
    """

    time = unsigned(TIME_BITS)
    terms_gap, fees_gap = unsigned(TIME_BITS), unsigned(TIME_BITS)

    instrument = unsigned(bounds.INSTRUMENT_BITS)
    underlying = element()
    right = choice("CALL", "PUT")
    strike = unsigned(bounds.STRIKE_BITS)
    expiry = unsigned(bounds.EXPIRY_BITS)
    multiplier = element()
    window_start, window_end = unsigned(bounds.TIME_BITS), unsigned(bounds.TIME_BITS)
    life = unsigned(bounds.TIME_BITS, given=lambda row: row.expiry - row.window_end)

    maker_fee_rate, taker_fee_rate = unsigned(bounds.RATE_BITS), unsigned(bounds.RATE_BITS)
    quorum, publishers, heartbeat = element(), element(), vector(element(), 2)

    maker_buys = bit()
    price, size = unsigned(bounds.PRICE_BITS), unsigned(bounds.QTY_BITS)
    price_inverse = element(given=lambda row: InverseOf(_sum(limbs16(row.price, 3))))
    size_inverse = element(given=lambda row: InverseOf(row.size))
    premium = unsigned(bounds.NOTIONAL_BITS, given=lambda row: row.price * row.size)

    vars().update(leg_columns(MAKER) | leg_columns(TAKER))
    accounts_inverse = element(given=lambda row: InverseOf(row.maker_account - row.taker_account))

    fees_before = unsigned(bounds.USD_BITS)
    fees = unsigned(
        bounds.USD_BITS, given=lambda row: row.fees_before + row.maker_fee + row.taker_fee
    )

    @classmethod
    def constrain(cls, row: Row) -> Iterator[Statement]:
        """The rules of a fill: what concerns both sides, then each of them."""
        apart = row.maker_account - row.taker_account
        yield equal("nobody trades with himself", apart * row.accounts_inverse, 1)
        yield from cls._instrument(row)
        yield equal("the price is not zero", _sum(limbs16(row.price, 3)) * row.price_inverse, 1)
        yield equal("the size is not zero", row.size * row.size_inverse, 1)
        yield lookup(
            PARAMETERS,
            maker_fee_rate=row.maker_fee_rate,
            taker_fee_rate=row.taker_fee_rate,
            quorum=row.quorum,
            publishers=row.publishers,
            heartbeat=row.heartbeat,
        )
        yield zero("the premium is price times size", premium_law(row.price, row.size, row.premium))
        for role in (MAKER, TAKER):
            yield from leg_rules(Leg(row, role))
        yield from cls._fees(row)

    @classmethod
    def _instrument(cls, row: Row) -> Iterator[Statement]:
        yield from listed_instrument(row)
        yield equal(
            "the instrument has not expired when the window ends",
            row.expiry,
            row.window_end + row.life,
        )

    @classmethod
    def _fees(cls, row: Row) -> Iterator[Statement]:
        yield zero(
            "the venue collects both fees",
            balance_law(row.fees_before, row.maker_fee + row.taker_fee, 0, row.fees),
        )
        yield from access(
            **FEES_ADDRESS._asdict(),
            old=(*limbs16(row.fees_before, 4), 0, 0, 0, 0),
            new=(*limbs16(row.fees, 4), 0, 0, 0, 0),
            time=row.time,
            gap=row.fees_gap,
        )


def _sum(limbs: tuple[Any, ...]) -> Any:
    """Zero when every limb is: three limbs of 16 bits cannot wrap the field."""
    return limbs[0] + limbs[1] + limbs[2]


def rows(step: Step, clock: Clock) -> dict[str, list[dict[str, Any]]]:
    """The row of a fill that the ledger applied."""
    trade, applied = step.transaction, step.applied
    assert isinstance(trade, Trade)
    state, instrument = applied.state, trade.maker.order.message.instrument
    configuration = state.configuration
    fees = Collateral.decode(applied.word_before(FEES_ADDRESS))
    parameters, time = configuration.words[0], clock.tick()
    row = {
        "time": time,
        **instrument_inputs(state, instrument, clock, time),
        "fees_gap": clock.gap(FEES_ADDRESS, time),
        "maker_fee_rate": configuration.maker_fee_rate.e6,
        "taker_fee_rate": configuration.taker_fee_rate.e6,
        "quorum": configuration.quorum,
        "publishers": len(configuration.publishers),
        "heartbeat": parameters[5:7],
        "maker_buys": int(trade.maker.order.message.side is Side.BUY),
        "price": trade.price.e3,
        "size": trade.size.e3,
        "fees_before": fees.balance_e6,
    }
    for role, party in zip((MAKER, TAKER), trade.parties, strict=True):
        row |= leg_inputs(role, party, step, clock, time)
    return {UserTrade.name: [row]}
