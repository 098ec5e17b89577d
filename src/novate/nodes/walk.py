"""One put from deposit to payout: the cast, the amounts and the steps of `novate demo`.

The market is the shipped sample; who trades, how much, and the index price at expiry are this
file's own assumptions. Keys are fixed, so two walks on fresh embedded chains end in the same root.
None of them may ever own money.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_hash.auto import keccak

from novate.air import Machine
from novate.chain import Chain, Claimed, Enqueued, address_of, create_token, deploy
from novate.instruments import Underlying
from novate.keys import public_key
from novate.ledger import (
    Applied,
    Configuration,
    Head,
    Holder,
    Order,
    Rejected,
    Report,
    Side,
    Signed,
    Step,
    SystemSettle,
    UserTrade,
    Window,
)
from novate.nodes.genesis import Genesis, domain_of
from novate.nodes.market_sample import Quote, market_sample
from novate.nodes.operator import Audience, Operator, SettledBatch
from novate.nodes.prover import Prover
from novate.nodes.publisher import Publisher
from novate.nodes.rebuilder import rebuild_from_chain
from novate.nodes.sequencer import Sequencer
from novate.nodes.settler import Settler
from novate.nodes.trader import Trader
from novate.nodes.wallet import Wallet
from novate.nodes.watcher import Watcher
from novate.units import IndexPrice, Instant, NamedError, Qty, Rate, Usd

INSTRUMENT_NAME: Final = "BTC_USDC-26DEC25-88000-P"

INDEX_PRICES: Final = (IndexPrice(84_213_337), IndexPrice(84_212_905), IndexPrice(84_214_061))
"""What each publisher reports at expiry. Assumed: the sample does not reach that far."""

OFFERED: Final = Qty(20_000)
FILLS: Final = (Qty(8_000), Qty(9_345))
"""The writer's one order is filled in part, then further, and keeps a rest."""

ORDER_LIFE_S: Final = 3_600
REPORT_DELAY_S: Final = 20
SETTLEMENT_DELAY_S: Final = 60

KEY_SLOT: Final = 1
POSITION_SLOT: Final = 0
OFFER_SLOT: Final = 0
WITHDRAWAL_SLOT: Final = 9

WATCHERS: Final = 3
THRESHOLD: Final = 2

# The first accounts that every development chain funds: known to everyone.
_DEVELOPMENT_KEYS: Final = (
    "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80",
    "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d",
    "0x5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a",
)


class LateChain(NamedError):
    """The chain's clock has passed the expiry of the sample's options."""

    def __init__(self, *, clock: Instant, expiry: Instant) -> None:
        super().__init__(f"the chain's clock is at {clock}, the options expire at {expiry}")
        self.clock, self.expiry = clock, expiry


class Person:
    """A trader of the walk: an owner's wallet, and a session key for orders."""

    def __init__(self, name: str, wallet: Wallet, *, money: Usd, deposit: Usd) -> None:
        self.name, self.wallet = name, wallet
        self.money, self.deposit = money, deposit
        self.secret = secret(name)
        self._trader: Trader | None = None

    @property
    def trader(self) -> Trader:
        """The session key at work, once the inbox has given the owner an account."""
        assert self._trader is not None, f"{self.name} has no account yet"
        return self._trader

    @trader.setter
    def trader(self, trader: Trader) -> None:
        self._trader = trader


@dataclass(frozen=True, slots=True)
class Arrival:
    """What an owner did to be able to trade."""

    deposit: Enqueued
    registration: Enqueued


def secret(label: str) -> bytes:
    """A private key that everyone can compute."""
    return bytes(keccak(b"novate walk: " + label.encode()))


class Walk:
    """The steps, in the order in which they are written down here."""

    def __init__(self, chain: Chain, machine: Machine, *, checked: bool = False) -> None:
        self.quotes = market_sample()
        names = [quote.instrument_name for quote in self.quotes]
        self.instrument = 1 + names.index(INSTRUMENT_NAME)
        clock = Instant(chain.block().timestamp)
        if clock >= self.quote.option.expiry:
            raise LateChain(clock=clock, expiry=self.quote.option.expiry)
        self.genesis = Genesis(
            Configuration(
                maker_fee_rate=Rate(300),
                taker_fee_rate=Rate(500),
                quorum=2,
                heartbeat_s=600,
                publishers=tuple(public_key(s).commitment for s in _publisher_secrets()),
            ),
            {id_: quote.option for id_, quote in enumerate(self.quotes, start=1)},
        )
        operator, alice, bob = (Account.from_key(key) for key in _DEVELOPMENT_KEYS)
        watchers = [Account.from_key(secret(f"watcher {i}")) for i in range(WATCHERS)]
        token = create_token(chain, operator)
        self.deployment = deploy(
            chain,
            operator,
            token=token.address,
            program_hash=machine.program.hash,
            configuration_hash=self.genesis.configuration.hash,
            genesis_root=self.genesis.root,
            watchers=[address_of(watcher) for watcher in watchers],
            threshold=THRESHOLD,
        )
        self.buyer = self._person("Alice", alice, money=Usd(2_500 * 10**6), deposit=2_000)
        self.writer = self._person("Bob", bob, money=Usd(21_000 * 10**6), deposit=20_000)
        for person in self.people:
            token.send("mint", person.wallet.address, person.money.e6, sender=operator)
        self.operator = Operator(
            Sequencer(self.deployment, self.genesis.head(domain_of(self.deployment))),
            Prover(machine, checked=checked),
            Settler(self.deployment, operator),
            # The third watcher is asleep: two of three are enough.
            [
                Watcher(self.deployment, self.genesis, machine=machine, key=watcher)
                for watcher in watchers[:THRESHOLD]
            ],
        )

    def _person(self, name: str, key: LocalAccount, *, money: Usd, deposit: int) -> Person:
        return Person(name, Wallet(self.deployment, key), money=money, deposit=Usd(deposit * 10**6))

    @property
    def quote(self) -> Quote:
        """The put that is traded."""
        return self.quotes[self.instrument - 1]

    @property
    def people(self) -> tuple[Person, Person]:
        """Buyer and writer."""
        return (self.buyer, self.writer)

    @property
    def now(self) -> Instant:
        """By the chain's clock."""
        return Instant(self.deployment.chain.block().timestamp)

    @property
    def sequencer(self) -> Sequencer:
        """The operator's."""
        return self.operator.sequencer

    def enter(self, person: Person) -> Arrival:
        """Deposit, and register a session key."""
        deposited = person.wallet.deposit(person.deposit)
        trader = Trader(
            domain=domain_of(self.deployment),
            account=deposited.account,
            key_slot=KEY_SLOT,
            secret=person.secret,
        )
        registered = person.wallet.register(
            trader.key, key_slot=KEY_SLOT, deadline_s=self.now.s + ORDER_LIFE_S
        )
        person.trader = trader
        return Arrival(deposited, registered)

    def open_batch(self) -> tuple[Window, tuple[Step, ...]]:
        """Begin a batch with all that waits in the inbox."""
        return self.sequencer.open(), self.sequencer.take_inbox()

    def offer(self) -> Signed[Order]:
        """The writer's order: all that he would sell, at the mark."""
        return self._order(self.writer, Side.SELL, OFFERED, OFFER_SLOT)

    def bid(self, size: Qty, *, order_slot: int) -> Signed[Order]:
        """An order of the buyer at the mark."""
        return self._order(self.buyer, Side.BUY, size, order_slot)

    def _order(self, person: Person, side: Side, size: Qty, order_slot: int) -> Signed[Order]:
        return person.trader.order(
            instrument=self.instrument,
            side=side,
            limit=self.quote.mark,
            size=size,
            fee_cap=Rate(1_000),
            expiry=Instant(self.now.s + ORDER_LIFE_S),
            order_slot=order_slot,
        )

    def fill(self, offer: Signed[Order], bid: Signed[Order], size: Qty) -> Applied | Rejected:
        """Match the waiting offer with a bid, at the mark."""
        return self.sequencer.submit(
            UserTrade(
                maker=self.writer.trader.party(offer, position_slot=POSITION_SLOT),
                taker=self.buyer.trader.party(bid, position_slot=POSITION_SLOT),
                price=self.quote.mark,
                size=size,
            )
        )

    def withdraw(self, person: Person, amount: Usd) -> Applied | Rejected:
        """Ask for USDC to leave the venue."""
        expiry = Instant(self.now.s + ORDER_LIFE_S)
        request = person.trader.withdrawal(amount, expiry=expiry, order_slot=WITHDRAWAL_SLOT)
        return self.sequencer.submit(request)

    def free(self, person: Person) -> Usd:
        """What the person could withdraw now."""
        collateral = self.sequencer.batch.state.collateral(person.trader.account)
        return Usd(collateral.free_e6)

    def settle_batch(self, audience: Audience) -> SettledBatch:
        """Close, prove, attest and settle the open batch."""
        return self.operator.close_and_settle(audience)

    def expire(self) -> Instant:
        """Let time pass to a moment after the expiry."""
        self.deployment.chain.set_time(self.quote.option.expiry.s + SETTLEMENT_DELAY_S)
        return self.now

    def reports(self) -> tuple[Signed[Report], ...]:
        """Each publisher's signed word on the index at expiry."""
        expiry, domain = self.quote.option.expiry, domain_of(self.deployment)
        publishers = (Publisher(domain=domain, secret=s) for s in _publisher_secrets())
        return tuple(
            publisher.report(
                underlying=Underlying.BTC,
                expiry=expiry,
                index=index,
                published_at=Instant(expiry.s + REPORT_DELAY_S),
            )
            for publisher, index in zip(publishers, INDEX_PRICES, strict=True)
        )

    def pay_out(self, reports: tuple[Signed[Report], ...]) -> Applied | Rejected:
        """Settle the put for buyer and writer."""
        holders = tuple(Holder(person.trader.account, POSITION_SLOT) for person in self.people)
        return self.sequencer.submit(SystemSettle(self.instrument, reports, holders))

    def claim(self, person: Person) -> Claimed:
        """Take what was withdrawn out of the vault, into the person's wallet."""
        return person.wallet.claim()

    def rebuilt(self) -> Head:
        """The state as anyone can rebuild it from the chain."""
        return rebuild_from_chain(self.deployment, self.genesis)


def _publisher_secrets() -> Iterator[bytes]:
    return (secret(f"publisher {i}") for i in range(len(INDEX_PRICES)))
