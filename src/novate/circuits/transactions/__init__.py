"""The transactions of the ledger told again as tables, name for name."""

from __future__ import annotations

from typing import Any, assert_never

from novate.air import Table
from novate.circuits.clock import Clock
from novate.circuits.sponge import States
from novate.circuits.transactions import (
    chain_deposit,
    chain_register_key,
    system_settle,
    user_trade,
    user_withdraw,
)
from novate.ledger import (
    ChainDeposit,
    ChainRegisterKey,
    Signed,
    Step,
    SystemSettle,
    Transaction,
    UserTrade,
    UserWithdraw,
)

TABLES: tuple[type[Table], ...] = (
    chain_deposit.Deposit,
    chain_register_key.RegisterKey,
    user_trade.UserTrade,
    *system_settle.TABLES,
    user_withdraw.Withdraw,
)

Rows = dict[str, list[dict[str, Any]]]
"""Input rows by table."""


def transaction_rows(step: Step, clock: Clock, states: States, *, withdrawals: int) -> Rows:
    """The rows of one applied transaction, after `withdrawals` withdrawals of the batch.

    The permutations it needs are added to `states`.
    """
    match step.transaction:
        case ChainDeposit():
            return chain_deposit.rows(step, clock)
        case ChainRegisterKey():
            return chain_register_key.rows(step, clock, states)
        case UserTrade():
            return user_trade.rows(step, clock)
        case SystemSettle():
            return system_settle.rows(step, clock)
        case UserWithdraw():
            return user_withdraw.rows(step, clock, ordinal=withdrawals)
        case _ as unknown:
            assert_never(unknown)


def relied_on(transaction: Transaction) -> tuple[Signed[Any], ...]:
    """The signed messages a transaction relies on."""
    match transaction:
        case UserTrade(maker, taker):
            return (maker.order, taker.order)
        case SystemSettle(_, reports):
            return reports
        case UserWithdraw(request):
            return (request,)
        case ChainDeposit() | ChainRegisterKey():
            return ()
        case _ as unknown:
            assert_never(unknown)


__all__ = ["TABLES", "relied_on", "transaction_rows"]
