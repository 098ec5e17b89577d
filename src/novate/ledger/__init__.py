"""The only place where state changes, and the commitment to it.

`apply(state, transaction) -> Applied | Rejected` is deterministic and knows no clock, disk or
socket.
"""

from novate.ledger.account import Header
from novate.ledger.address import (
    COLLATERAL_SLOT,
    COMPARTMENT,
    FEES,
    FEES_ADDRESS,
    FUND,
    FUND_ADDRESS,
    INSTRUMENTS,
    ORDER_SLOT,
    POSITION_SLOT,
    USDC,
    VENUE,
    VENUE_ADDRESS,
    Address,
    collateral_address,
    header_address,
    key_address,
    order_address,
    position_address,
    settlement_address,
    terms_address,
)
from novate.ledger.batch import Batch, BatchFull, Head, OpenBatch, Step
from novate.ledger.collateral import (
    Collateral,
    balance_law,
    free_law,
    lock_law,
    trade_balance_law,
)
from novate.ledger.commitment import EMPTY_TREE, Tree, root_from_path, root_of
from novate.ledger.configuration import VERSION, Configuration
from novate.ledger.data_section import DataSection, Extension, data_challenge, data_value
from novate.ledger.inbox import EMPTY_INBOX, InboxKind, InboxRecord, inbox_hash
from novate.ledger.leg import limit_law
from novate.ledger.listing import (
    Settled,
    Settlement,
    Unsettled,
    decode_settlement,
    decode_terms,
    encode_terms,
)
from novate.ledger.message import (
    Message,
    MessageTag,
    Order,
    Report,
    Side,
    WithdrawRequest,
    message_digest,
    message_elements,
)
from novate.ledger.order_slot import OrderSlot, fill_law, nonce_law, resume_law, room_law
from novate.ledger.position import Position, position_law
from novate.ledger.premium import fee_e6, fee_law, premium_e6, premium_law
from novate.ledger.rebuild import DataMismatch, advance, rebuild
from novate.ledger.rejection import Rejection
from novate.ledger.signed import Signed, is_signed, message_hash, sign
from novate.ledger.state import State, genesis_state
from novate.ledger.statement import Statement
from novate.ledger.transactions import (
    ChainDeposit,
    ChainRegisterKey,
    ChainTransaction,
    Holder,
    Party,
    SystemSettle,
    Transaction,
    UserTrade,
    UserWithdraw,
    inbox_transaction,
)
from novate.ledger.transition import Applied, Rejected, apply
from novate.ledger.venue import Venue, cursor_law, supply_law
from novate.ledger.window import Window
from novate.ledger.withdrawal import Withdrawal

if not __debug__:
    raise RuntimeError("the ledger's invariants are assertions: run Python without -O")

__all__ = [
    "COLLATERAL_SLOT",
    "COMPARTMENT",
    "EMPTY_INBOX",
    "EMPTY_TREE",
    "FEES",
    "FEES_ADDRESS",
    "FUND",
    "FUND_ADDRESS",
    "INSTRUMENTS",
    "ORDER_SLOT",
    "POSITION_SLOT",
    "USDC",
    "VENUE",
    "VENUE_ADDRESS",
    "VERSION",
    "Address",
    "Applied",
    "Batch",
    "BatchFull",
    "ChainDeposit",
    "ChainRegisterKey",
    "ChainTransaction",
    "Collateral",
    "Configuration",
    "DataMismatch",
    "DataSection",
    "Extension",
    "Head",
    "Header",
    "Holder",
    "InboxKind",
    "InboxRecord",
    "Message",
    "MessageTag",
    "OpenBatch",
    "Order",
    "OrderSlot",
    "Party",
    "Position",
    "Rejected",
    "Rejection",
    "Report",
    "Settled",
    "Settlement",
    "Side",
    "Signed",
    "State",
    "Statement",
    "Step",
    "SystemSettle",
    "Transaction",
    "Tree",
    "Unsettled",
    "UserTrade",
    "UserWithdraw",
    "Venue",
    "Window",
    "WithdrawRequest",
    "Withdrawal",
    "advance",
    "apply",
    "balance_law",
    "collateral_address",
    "cursor_law",
    "data_challenge",
    "data_value",
    "decode_settlement",
    "decode_terms",
    "encode_terms",
    "fee_e6",
    "fee_law",
    "fill_law",
    "free_law",
    "genesis_state",
    "header_address",
    "inbox_hash",
    "inbox_transaction",
    "is_signed",
    "key_address",
    "limit_law",
    "lock_law",
    "message_digest",
    "message_elements",
    "message_hash",
    "nonce_law",
    "order_address",
    "position_address",
    "position_law",
    "premium_e6",
    "premium_law",
    "rebuild",
    "resume_law",
    "room_law",
    "root_from_path",
    "root_of",
    "settlement_address",
    "sign",
    "supply_law",
    "terms_address",
    "trade_balance_law",
]
