"""A batch of many fills: resting orders of market makers, met by orders of takers."""

from novate.instruments import parse_option
from novate.keys import Domain, public_key
from novate.ledger import (
    Batch,
    ChainDeposit,
    ChainRegisterKey,
    Configuration,
    Head,
    OpenBatch,
    Order,
    Party,
    Side,
    Signed,
    Transaction,
    UserTrade,
    Window,
    genesis_state,
    sign,
)
from novate.units import Instant, Multiplier, Price, Qty, Rate, Usd

DOMAIN = Domain(1, bytes(range(20)))
EXPIRY = Instant(1_766_736_000)
WINDOW = Window(Instant(EXPIRY.s - 7_200), Instant(EXPIRY.s - 3_600))
PUT = 1
FILLS_PER_RESTING_ORDER = 10
ORDERS_PER_TRADER = 25


def secret(account: int) -> bytes:
    """The session key of an account of the benchmark."""
    return account.to_bytes(32, "big")


def opened(traders: int) -> Head:
    """A venue in which accounts 1 to `traders` have deposited and registered a key."""
    configuration = Configuration(
        maker_fee_rate=Rate(300),
        taker_fee_rate=Rate(500),
        quorum=1,
        heartbeat_s=600,
        publishers=(public_key(secret(1 << 30)).commitment,),
    )
    option = parse_option("BTC_USDC-26DEC25-85000-P", Multiplier(10))
    genesis = genesis_state(configuration=configuration, domain=DOMAIN, listing={PUT: option})
    batch = OpenBatch(Head.genesis(genesis), WINDOW)
    for account in range(1, traders + 1):
        owner = account.to_bytes(20, "big")
        position = 2 * (account - 1)
        key = public_key(secret(account))
        _take(batch, ChainDeposit(position, account, 0, owner, Usd(10**12)))
        _take(batch, ChainRegisterKey(position + 1, account, 1, owner, key))
    return batch.close().after


def fills(count: int) -> Batch:
    """A closed batch of `count` fills: one resting order for every ten, one order of a taker
    each."""
    makers = -(-count // (FILLS_PER_RESTING_ORDER * ORDERS_PER_TRADER))
    takers = -(-count // ORDERS_PER_TRADER)
    batch = OpenBatch(opened(makers + takers), WINDOW)
    resting: dict[int, Signed[Order]] = {}
    for i in range(count):
        index = i // FILLS_PER_RESTING_ORDER
        if index not in resting:
            maker = 1 + index % makers
            resting[index] = _signed(maker, Side.BUY, Qty(1_000 * FILLS_PER_RESTING_ORDER), index)
        taker = _signed(makers + 1 + i % takers, Side.SELL, Qty(1_000), i // takers)
        parties = Party(resting[index], 1, 0), Party(taker, 1, 0)
        _take(batch, UserTrade(*parties, Price(15_000), Qty(1_000)))
    return batch.close()


def order(account: int, side: Side, size: Qty, index: int) -> Order:
    """The order of an account with this index: slots are used again with a higher nonce."""
    return Order(
        account=account,
        instrument=PUT,
        side=side,
        limit=Price(15_000),
        size=size,
        fee_cap=Rate(1_000),
        expiry=EXPIRY,
        order_slot=index % 128,
        nonce=1 + index // 128,
    )


def _signed(account: int, side: Side, size: Qty, index: int) -> Signed[Order]:
    return sign(DOMAIN, order(account, side, size, index), secret(account))


def _take(batch: OpenBatch, transaction: Transaction) -> None:
    result = batch.apply(transaction)
    assert hasattr(result, "changes"), result
