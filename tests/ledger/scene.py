"""A small venue for tests: three traders, three publishers, two puts and a call on BTC."""

from dataclasses import dataclass, replace
from typing import Final

from novate.instruments import Option, parse_option
from novate.keys import Domain, public_key
from novate.ledger import (
    VENUE_ADDRESS,
    Applied,
    ChainDeposit,
    ChainRegisterKey,
    Configuration,
    Holder,
    Order,
    Party,
    Rejected,
    Report,
    Side,
    Signed,
    State,
    SystemSettle,
    Transaction,
    UserTrade,
    UserWithdraw,
    Window,
    WithdrawRequest,
    apply,
    genesis_state,
    sign,
)
from novate.units import IndexPrice, Instant, Multiplier, Price, Qty, Rate, Usd

USD: Final = 10**6
"""One US dollar in micro-USDC."""

PUT, CALL, OTHER_PUT, UNLISTED = 1, 2, 3, 4
EXPIRY: Final = Instant(1_766_736_000)
BEFORE: Final = Window(Instant(EXPIRY.s - 86_460), Instant(EXPIRY.s - 86_400))
AFTER: Final = Window(EXPIRY, Instant(EXPIRY.s + 60))
HEARTBEAT_S: Final = 600
DOMAIN: Final = Domain(31_337, bytes(range(20)))

ALICE, BOB, CAROL = 1, 2, 3
SECRETS: Final = {account: bytes([account]) * 32 for account in (ALICE, BOB, CAROL)}
OWNERS: Final = {account: bytes([0xA0 + account]) * 20 for account in (ALICE, BOB, CAROL)}
PUBLISHERS: Final = tuple(bytes([0x50 + i]) * 32 for i in range(3))

CONFIGURATION: Final = Configuration(
    maker_fee_rate=Rate(300),
    taker_fee_rate=Rate(500),
    quorum=2,
    heartbeat_s=HEARTBEAT_S,
    publishers=tuple(public_key(secret).commitment for secret in PUBLISHERS),
)
LISTING: Final[dict[int, Option]] = {
    PUT: parse_option("BTC_USDC-26DEC25-85000-P", Multiplier(10)),
    CALL: parse_option("BTC_USDC-26DEC25-85000-C", Multiplier(10)),
    OTHER_PUT: parse_option("BTC_USDC-26DEC25-80000-P", Multiplier(10)),
}


def genesis() -> State:
    """The venue before anyone came."""
    return genesis_state(configuration=CONFIGURATION, domain=DOMAIN, listing=LISTING)


def deposit(position: int, account: int, amount_e6: int, **changes: object) -> ChainDeposit:
    """A deposit of USDC by the account's owner."""
    plain = ChainDeposit(position, account, 0, OWNERS[account], Usd(amount_e6))
    return replace(plain, **changes)  # type: ignore[arg-type]


def register(position: int, account: int, **changes: object) -> ChainRegisterKey:
    """The account's key, into slot 1."""
    key = public_key(SECRETS[account])
    plain = ChainRegisterKey(position, account, 1, OWNERS[account], key)
    return replace(plain, **changes)  # type: ignore[arg-type]


def opened(*, deposits_e6: int = 10_000 * USD, window: Window = BEFORE) -> State:
    """The venue with three traders, each with the same deposit and a key in slot 1."""
    state = genesis()
    for account in (ALICE, BOB, CAROL):
        cursor = state.venue.cursor
        state = accepted(state, deposit(cursor, account, deposits_e6)).state
        state = accepted(state, register(cursor + 1, account)).state
    return replace(state, window=window)


def order(account: int, side: Side, **changes: object) -> Signed[Order]:
    """A signed order for two of the put at 15 USD, changed as named."""
    plain = Order(
        account=account,
        instrument=PUT,
        side=side,
        limit=Price(15_000),
        size=Qty(2_000),
        fee_cap=Rate(1_000),
        expiry=EXPIRY,
        order_slot=0,
        nonce=1,
    )
    return sign(DOMAIN, replace(plain, **changes), SECRETS[account])  # type: ignore[arg-type]


@dataclass(frozen=True)
class Fill:
    """A trade in the making: each party's order, and where it keeps its position."""

    maker: Signed[Order]
    taker: Signed[Order]
    price_e3: int = 15_000
    size_e3: int = 1_000
    slots: tuple[int, int] = (0, 0)

    @property
    def trade(self) -> UserTrade:
        """The transaction."""
        maker, taker = self.slots
        return UserTrade(
            Party(self.maker, 1, maker),
            Party(self.taker, 1, taker),
            Price(self.price_e3),
            Qty(self.size_e3),
        )


def fill(**changes: object) -> UserTrade:
    """Alice, who waited, buys one put from Bob at 15 USD; changed as named."""
    plain = Fill(order(ALICE, Side.BUY), order(BOB, Side.SELL))
    return replace(plain, **changes).trade  # type: ignore[arg-type]


def report(publisher: int, index_e3: int = 84_000_000, **changes: object) -> Signed[Report]:
    """A publisher's report on BTC at expiry, changed as named."""
    plain = Report(1, EXPIRY, IndexPrice(index_e3), Instant(EXPIRY.s + 30))
    return sign(DOMAIN, replace(plain, **changes), PUBLISHERS[publisher])  # type: ignore[arg-type]


def settle(**changes: object) -> SystemSettle:
    """The put, settled between Alice and Bob by two reports of 84,000 USD."""
    reports = (report(0), report(1))
    plain = SystemSettle(PUT, reports, (Holder(ALICE, 0), Holder(BOB, 0)))
    return replace(plain, **changes)  # type: ignore[arg-type]


def withdraw(account: int, amount_e6: int, **changes: object) -> UserWithdraw:
    """A signed withdrawal, changed as named."""
    plain = WithdrawRequest(account, 0, Usd(amount_e6), EXPIRY, order_slot=9, nonce=1)
    signed = sign(DOMAIN, replace(plain, **changes), SECRETS[account])  # type: ignore[arg-type]
    return UserWithdraw(signed, 1)


def traded(**changes: object) -> State:
    """The venue after Alice bought one put from Bob at 15 USD."""
    return accepted(opened(), fill(**changes)).state


def venue_at(cursor: int) -> State:
    """The open venue, once it has consumed so many entries."""
    state = opened()
    venue = replace(state.venue, cursor=cursor)
    return replace(state, words=state.words.set(VENUE_ADDRESS, venue.encode()))


def expired(state: State) -> State:
    """The same venue in a batch after expiry."""
    return replace(state, window=AFTER)


def accepted(state: State, transaction: Transaction) -> Applied:
    """What an allowed transaction did."""
    result = apply(state, transaction)
    assert isinstance(result, Applied), result.rejection
    return result


def refusal(state: State, transaction: Transaction) -> str:
    """The code with which a transaction is refused."""
    result = apply(state, transaction)
    assert isinstance(result, Rejected)
    return result.code
