"""Every way the protocol says no.

A rejection is the protocol working: it has a stable code, carries the numbers that decided, and
says what the person can do next. `docs/reference/rejections.md` lists them all.
"""

from typing import ClassVar

from novate.units import IndexPrice, Instant, NamedError, Price, Qty, Rate, Usd


class Rejection(NamedError):
    """A transaction that the rules do not allow."""

    code: ClassVar[str]
    """The same in every language and version."""

    next_step: ClassVar[str]
    """What the sender can do, in one sentence."""


# The inbox and deposits.


class InboxOutOfOrder(Rejection):
    """The entry is not the next one of the base layer's inbox."""

    code = "inbox_out_of_order"
    next_step = "apply the inbox entry at the cursor first"

    def __init__(self, *, position: int, cursor: int) -> None:
        super().__init__(f"inbox entry {position} was offered, entry {cursor} is next")
        self.position, self.cursor = position, cursor


class UnknownAsset(Rejection):
    """The asset is not collateral here."""

    code = "unknown_asset"
    next_step = "use asset 0, USDC"

    def __init__(self, *, asset: int) -> None:
        super().__init__(f"asset {asset} is not known")
        self.asset = asset


class ZeroAmount(Rejection):
    """An amount of nothing."""

    code = "zero_amount"
    next_step = "name an amount above zero"

    def __init__(self) -> None:
        super().__init__("the amount is zero")


class WrongOwner(Rejection):
    """The account belongs to someone else, or to no one yet."""

    code = "wrong_owner"
    next_step = "use the account that the inbox assigned to this owner, after its first deposit"

    def __init__(self, *, account: int, owner: bytes) -> None:
        super().__init__(f"account {account} does not belong to 0x{owner.hex()}")
        self.account, self.owner = account, owner


class BalanceOverflow(Rejection):
    """The balance or the supply would reach 2**63 micro-USDC."""

    code = "balance_overflow"
    next_step = "deposit a smaller amount"

    def __init__(self, *, balance: Usd, supply: Usd, amount: Usd) -> None:
        super().__init__(
            f"{amount} on a balance of {balance} and a supply of {supply} passes the bound"
        )
        self.balance, self.supply, self.amount = balance, supply, amount


class UnknownKeySlot(Rejection):
    """An account has key slots 1 to 4."""

    code = "unknown_key_slot"
    next_step = "register the key in slot 1, 2, 3 or 4"

    def __init__(self, *, key_slot: int) -> None:
        super().__init__(f"key slot {key_slot} does not exist")
        self.key_slot = key_slot


# Signatures.


class BadSignature(Rejection):
    """The message is not signed by the key that it claims."""

    code = "bad_signature"
    next_step = (
        "sign this message, for this chain and contract, with the key registered in the named slot"
    )

    def __init__(self, *, signer: str) -> None:
        super().__init__(f"the signature of {signer} is not valid under the registered key")
        self.signer = signer


# Orders.


class SameSide(Rejection):
    """A fill needs a buyer and a seller."""

    code = "same_side"
    next_step = "match a BUY with a SELL"

    def __init__(self, *, side: str) -> None:
        super().__init__(f"both orders are {side}")
        self.side = side


class SelfTrade(Rejection):
    """Both orders are of the same account."""

    code = "self_trade"
    next_step = "match orders of two accounts"

    def __init__(self, *, account: int) -> None:
        super().__init__(f"account {account} is on both sides")
        self.account = account


class InstrumentMismatch(Rejection):
    """The orders are for different instruments."""

    code = "instrument_mismatch"
    next_step = "match orders for one instrument"

    def __init__(self, *, maker: int, taker: int) -> None:
        super().__init__(f"the maker's instrument is {maker}, the taker's {taker}")
        self.maker, self.taker = maker, taker


class UnknownInstrument(Rejection):
    """The instrument is not listed."""

    code = "unknown_instrument"
    next_step = "choose a listed instrument"

    def __init__(self, *, instrument: int) -> None:
        super().__init__(f"instrument {instrument} is not listed")
        self.instrument = instrument


class InstrumentExpired(Rejection):
    """The instrument's expiry is before the end of the batch window."""

    code = "instrument_expired"
    next_step = "trade a later expiry; this one awaits settlement"

    def __init__(self, *, instrument: int, expiry: Instant, window_end: Instant) -> None:
        super().__init__(
            f"instrument {instrument} expired at {expiry}, the batch ends at {window_end}"
        )
        self.instrument, self.expiry, self.window_end = instrument, expiry, window_end


class OrderExpired(Rejection):
    """The order's expiry is before the end of the batch window."""

    code = "order_expired"
    next_step = "sign the order again with a later expiry"

    def __init__(self, *, account: int, expiry: Instant, window_end: Instant) -> None:
        super().__init__(
            f"the order of account {account} expired at {expiry}, the batch ends at {window_end}"
        )
        self.account, self.expiry, self.window_end = account, expiry, window_end


class StaleNonce(Rejection):
    """The order slot has moved on: the message was replaced, cancelled or used."""

    code = "stale_nonce"
    next_step = "sign again with a nonce above the slot's"

    def __init__(self, *, account: int, order_slot: int, nonce: int, slot_nonce: int) -> None:
        super().__init__(
            f"nonce {nonce} of account {account} is behind: order slot {order_slot} is at "
            f"{slot_nonce}"
        )
        self.account, self.order_slot = account, order_slot
        self.nonce, self.slot_nonce = nonce, slot_nonce


class LimitViolated(Rejection):
    """The price is zero, or worse than an order's limit."""

    code = "limit_violated"
    next_step = (
        "fill at a price above zero, at or below the buyer's limit and at or above the seller's"
    )

    def __init__(self, *, account: int, price: Price, limit: Price) -> None:
        super().__init__(f"price {price} is outside the limit of account {account}, {limit}")
        self.account, self.price, self.limit = account, price, limit


class Overfill(Rejection):
    """The fill is of nothing, or of more than an order has left."""

    code = "overfill"
    next_step = "fill more than zero and at most what is left of both orders"

    def __init__(self, *, account: int, size: Qty, left: Qty) -> None:
        super().__init__(f"a fill of {size}, the order of account {account} has {left} left")
        self.account, self.size, self.left = account, size, left


class FeeAboveCap(Rejection):
    """The venue's fee rate is above what the order allows."""

    code = "fee_above_cap"
    next_step = "sign the order again with a fee cap at or above the venue's rate"

    def __init__(self, *, account: int, rate: Rate, cap: Rate) -> None:
        super().__init__(f"the fee rate {rate} is above the cap of account {account}, {cap}")
        self.account, self.rate, self.cap = account, rate, cap


# Positions and collateral.


class WrongPositionSlot(Rejection):
    """The position slot holds another instrument."""

    code = "wrong_position_slot"
    next_step = "name the slot that holds this instrument, or an empty one"

    def __init__(self, *, account: int, position_slot: int, holds: int, instrument: int) -> None:
        super().__init__(
            f"position slot {position_slot} of account {account} holds instrument {holds}, not "
            f"{instrument}"
        )
        self.account, self.position_slot = account, position_slot
        self.holds, self.instrument = holds, instrument


class PositionTooLarge(Rejection):
    """The position would reach 2**27 milli-contracts."""

    code = "position_too_large"
    next_step = "trade a smaller size, or through another account"

    def __init__(self, *, account: int, size_e3: int) -> None:
        super().__init__(
            f"account {account} would hold {size_e3:,} milli-contracts, the bound is 134,217,728"
        )
        self.account, self.size_e3 = account, size_e3


class ShortCall(Rejection):
    """A short call can lose without limit, so no collateral covers it fully."""

    code = "short_call"
    next_step = "sell at most the calls the account holds"

    def __init__(self, *, account: int, instrument: int, size: Qty) -> None:
        super().__init__(f"account {account} would be short {size} of call {instrument}")
        self.account, self.instrument, self.size = account, instrument, size


class InsufficientCollateral(Rejection):
    """The account has less than the transaction needs of it."""

    code = "insufficient_collateral"
    next_step = "deposit the difference, or reduce the size or amount"

    def __init__(self, *, account: int, available_e6: int, required_e6: int) -> None:
        super().__init__(
            f"account {account} is short by {Usd(required_e6 - available_e6)}: "
            f"it has {Usd(available_e6)} and needs {Usd(required_e6)}"
        )
        self.account = account
        self.available_e6, self.required_e6 = available_e6, required_e6


# Settlement.


class TooEarly(Rejection):
    """The instrument has not expired at the start of the batch window."""

    code = "too_early"
    next_step = "settle in a batch whose window starts at or after expiry"

    def __init__(self, *, instrument: int, expiry: Instant, window_start: Instant) -> None:
        super().__init__(
            f"instrument {instrument} expires at {expiry}, the batch starts at {window_start}"
        )
        self.instrument, self.expiry, self.window_start = instrument, expiry, window_start


class AlreadySettled(Rejection):
    """The settlement price stands and cannot be reported again."""

    code = "already_settled"
    next_step = "settle the remaining holders without reports"

    def __init__(self, *, instrument: int, index: IndexPrice) -> None:
        super().__init__(f"instrument {instrument} is settled at {index}")
        self.instrument, self.index = instrument, index


class UnknownPublisher(Rejection):
    """The report is signed by a key that is not in the configuration."""

    code = "unknown_publisher"
    next_step = "use reports of registered publishers"

    def __init__(self, *, report: int) -> None:
        super().__init__(f"report {report} is not from a registered publisher")
        self.report = report


class RepeatedSigner(Rejection):
    """One publisher counts once."""

    code = "repeated_signer"
    next_step = "use one report of each publisher"

    def __init__(self, *, publisher: int) -> None:
        super().__init__(f"publisher {publisher} has signed more than one of the reports")
        self.publisher = publisher


class WrongReport(Rejection):
    """The report is about another underlying or expiry."""

    code = "wrong_report"
    next_step = "use reports for the underlying and expiry of the instrument"

    def __init__(self, *, report: int, instrument: int) -> None:
        super().__init__(
            f"report {report} is not about the underlying and expiry of instrument {instrument}"
        )
        self.report, self.instrument = report, instrument


class StaleReport(Rejection):
    """The report is from before expiry, from after the batch, or older than the heartbeat."""

    code = "stale_report"
    next_step = (
        "use reports published after expiry, within one heartbeat before the end of the batch"
    )

    def __init__(self, *, report: int, published_at: Instant, window_end: Instant) -> None:
        super().__init__(
            f"report {report} was published at {published_at}, the batch ends at {window_end}"
        )
        self.report, self.published_at, self.window_end = report, published_at, window_end


class ZeroPrice(Rejection):
    """A report of zero is a failure of the feed, not a price."""

    code = "zero_price"
    next_step = "use reports with an index price above zero"

    def __init__(self, *, report: int) -> None:
        super().__init__(f"report {report} names an index price of zero")
        self.report = report


class NoQuorum(Rejection):
    """Too few publishers agree that there is a price."""

    code = "no_quorum"
    next_step = "gather reports of more publishers"

    def __init__(self, *, reports: int, quorum: int) -> None:
        super().__init__(f"{reports} reports were given, the quorum is {quorum}")
        self.reports, self.quorum = reports, quorum


class NoPosition(Rejection):
    """Nobody was named, or a holder has no position in this instrument in the named slot."""

    code = "no_position"
    next_step = "name holders and the slots of their positions, each position once"

    def __init__(self, *, instrument: int, holder: int) -> None:
        super().__init__(
            f"holder {holder} has no position in instrument {instrument} in the named slot"
        )
        self.instrument, self.holder = instrument, holder


class PositionsDoNotNet(Rejection):
    """The longs and shorts that are settled together must cancel out."""

    code = "positions_do_not_net"
    next_step = "settle holders whose sizes sum to zero"

    def __init__(self, *, instrument: int, sum_e3: int) -> None:
        super().__init__(
            f"the sizes of instrument {instrument} sum to {sum_e3} milli-contracts, not to zero"
        )
        self.instrument, self.sum_e3 = instrument, sum_e3


# Withdrawals.


class RequestExpired(Rejection):
    """The request's expiry is before the end of the batch window."""

    code = "request_expired"
    next_step = "sign the request again with a later expiry"

    def __init__(self, *, account: int, expiry: Instant, window_end: Instant) -> None:
        super().__init__(
            f"the request of account {account} expired at {expiry}, the batch ends at {window_end}"
        )
        self.account, self.expiry, self.window_end = account, expiry, window_end
