"""The five transactions of this version, one file each; the prefix says who may send it."""

from typing import assert_never

from novate.ledger.draft import Draft
from novate.ledger.inbox import InboxKind, InboxRecord
from novate.ledger.transactions import (
    chain_deposit,
    chain_register_key,
    system_settle,
    user_trade,
    user_withdraw,
)
from novate.ledger.transactions.chain_deposit import ChainDeposit
from novate.ledger.transactions.chain_register_key import ChainRegisterKey
from novate.ledger.transactions.system_settle import Holder, SystemSettle
from novate.ledger.transactions.user_trade import Party, UserTrade
from novate.ledger.transactions.user_withdraw import UserWithdraw

ChainTransaction = ChainDeposit | ChainRegisterKey
"""What comes through the base layer's inbox."""

Transaction = ChainTransaction | UserTrade | SystemSettle | UserWithdraw
"""Everything that can change the state."""


def enact(transaction: Transaction, draft: Draft) -> None:
    """Let a transaction work on a draft.

    Raises: the first rejection, in protocol order.
    """
    match transaction:
        case ChainDeposit():
            chain_deposit.apply(transaction, draft)
        case ChainRegisterKey():
            chain_register_key.apply(transaction, draft)
        case UserTrade():
            user_trade.apply(transaction, draft)
        case SystemSettle():
            system_settle.apply(transaction, draft)
        case UserWithdraw():
            user_withdraw.apply(transaction, draft)
        case _:
            assert_never(transaction)


def inbox_transaction(position: int, record: InboxRecord) -> ChainTransaction:
    """The transaction that an inbox entry asks for.

    Raises: ValueError for an entry of no known kind or out of its widths.
    """
    match InboxKind(record[0][0]):
        case InboxKind.DEPOSIT:
            return ChainDeposit.from_record(position, record)
        case InboxKind.REGISTER_KEY:
            return ChainRegisterKey.from_record(position, record)


__all__ = [
    "ChainDeposit",
    "ChainRegisterKey",
    "ChainTransaction",
    "Holder",
    "Party",
    "SystemSettle",
    "Transaction",
    "UserTrade",
    "UserWithdraw",
    "enact",
    "inbox_transaction",
]
