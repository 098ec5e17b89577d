"""A take: one slice of a flagged account, all of it, from the risk tables to the insurance fund.

The only function here that believes nobody: margins before and after, what the slice is worth and
what it relieves are computed from positions and cash. An account may have positions in several
underlyings of its compartment. It is judged by all of them together, as their requirements add up,
and a slice is the same part of every position in each.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from novate.risk.compartment import OtherCompartment
from novate.risk.health import Margin, margins
from novate.risk.liquidation.account_slice import (
    SliceCash,
    SliceRefused,
    check_taker,
    slice_cash,
)
from novate.risk.liquidation.insurance_fund import InsuranceFund, Shortfall
from novate.risk.liquidation.portfolio import Portfolio
from novate.risk.liquidation.rules import ONE, LiquidationRules, taker_premium_e6
from novate.risk.margin import Requirement, requirement
from novate.risk.positions import BadPositions, Positions
from novate.risk.table import RiskTable
from novate.units import Instant


@dataclass(frozen=True, slots=True, eq=False)
class Taken:
    """Everybody after a take."""

    account: Portfolio
    taker: Portfolio
    fund: InsuranceFund
    cash: SliceCash
    account_margin: Margin
    taker_margin: Margin


def take(
    tables: Sequence[RiskTable],
    account: Portfolio,
    taker: Portfolio,
    fund: InsuranceFund,
    *,
    part: int,
    flagged: Instant,
    now: Instant,
    rules: LiquidationRules,
    stable_e6: int = ONE,
) -> Taken:
    """The part of a flagged account goes to a taker, in 2**-30, some time after the flag.

    The taker pays what the slice is worth at the mark less its premium, the account its charge, and
    the fund gets the fee or pays what lacks. Positions move with their part of what is still to be
    paid for them; cash, contracts and costs of all three add up to what they were.

    Law:     `slice_cut_law`, `slice_cost_law` with 90 bits, the two of the charge.
    Witness: theirs; the margin of the account before and after and of the taker after, as of any
             other transition.
    Raises:  SliceRefused, also where the fund cannot pay: then come deleveraging and haircut;
             OtherCompartment, BadPositions, GrossTooLarge, OutOfRange.
    """
    _check_parties(tables, account, taker, fund, rules)
    before = _margin(tables, account, stable_e6)
    moved = account.part(tables, part)
    needs_left = _requirements(tables, account.less(moved, 0).positions, stable_e6)
    worth = _requirements(tables, moved, stable_e6)
    cash = slice_cash(
        equity_e6=before.equity.e6,
        maintenance_e6=before.maintenance.e6,
        maintenance_after_e6=sum(int(one.maintenance_e6[0]) for one in needs_left),
        value_e6=sum(int(one.position_value_e6[0]) for one in worth),
        part=part,
        premium_e6=taker_premium_e6(now.s - flagged.s, rules),
        rules=rules,
    )
    account_after = account.less(moved, cash.account_e6)
    taker_after = taker.plus(moved, cash.taker_e6)
    taker_margin = _margin(tables, taker_after, stable_e6)
    check_taker(equity_after_e6=taker_margin.equity.e6, initial_after_e6=taker_margin.initial.e6)
    return Taken(
        account=account_after,
        taker=taker_after,
        fund=_settled(fund, cash.fund_e6),
        cash=cash,
        account_margin=_margin(tables, account_after, stable_e6),
        taker_margin=taker_margin,
    )


def _check_parties(
    tables: Sequence[RiskTable],
    account: Portfolio,
    taker: Portfolio,
    fund: InsuranceFund,
    rules: LiquidationRules,
) -> None:
    if compartments := {table.compartment for table in tables} - {fund.compartment}:
        raise OtherCompartment(
            f"tables of compartments {sorted(compartments)} with the fund of {fund.compartment}"
        )
    for one in (account, taker):
        if len(one.positions) != len(tables) or any(each.accounts != 1 for each in one.positions):
            raise BadPositions(
                f"account {one.account} has positions {len(one.positions)} times for "
                f"{len(tables)} tables; next: give those of one account in each"
            )
    if account.account == taker.account:
        raise SliceRefused(f"account {account.account} would take itself; next: close instead")
    if any(table.shocks.dials != rules.dials for table in tables):
        raise SliceRefused("tables and rules are of different dials; next: give those of one state")


def _requirements(
    tables: Sequence[RiskTable], positions: Sequence[Positions], stable_e6: int
) -> list[Requirement]:
    return [
        requirement(table, held, stable_e6=stable_e6)
        for table, held in zip(tables, positions, strict=True)
    ]


def _margin(tables: Sequence[RiskTable], one: Portfolio, stable_e6: int) -> Margin:
    needs = _requirements(tables, one.positions, stable_e6)
    return margins(np.array([one.cash_e6]), needs).of(0)


def _settled(fund: InsuranceFund, received_e6: int) -> InsuranceFund:
    if received_e6 >= 0:
        return fund.receive(received_e6)
    after, left = fund.cover(Shortfall(fund.compartment, -received_e6))
    if left.e6:
        raise SliceRefused(
            f"the take asks {-received_e6} micro-USDC of the insurance fund, which has "
            f"{fund.balance_e6}; next: deleveraging"
        )
    return after
