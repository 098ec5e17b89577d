"""`apply`, and what stays true after every transaction whatever comes."""

from dataclasses import replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from novate.ledger import (
    COLLATERAL_SLOT,
    FUND,
    INSTRUMENTS,
    Address,
    Applied,
    Collateral,
    Head,
    Holder,
    OpenBatch,
    Rejected,
    Side,
    State,
    Transaction,
    apply,
    rebuild,
    root_of,
)
from novate.ledger.transition import balances_moved_e6, supply_moved_e6
from novate.units import Instant, Price, Qty, Rate

from .scene import (
    ALICE,
    BEFORE,
    BOB,
    CALL,
    CAROL,
    EXPIRY,
    OTHER_PUT,
    PUT,
    UNLISTED,
    USD,
    Fill,
    accepted,
    deposit,
    fill,
    genesis,
    opened,
    order,
    refusal,
    register,
    report,
    settle,
    withdraw,
)


def balances_e6(state: State) -> int:
    """The sum of every balance."""
    return sum(
        Collateral.decode(word).balance_e6
        for address, word in state.words.items()
        if address.slot == COLLATERAL_SLOT and address.account < INSTRUMENTS
    )


def test_a_transaction_says_what_it_changed() -> None:
    state = opened()
    applied = accepted(state, fill())
    after = dict(state.words) | {address: new for address, (_, new) in applied.changes.items()}
    assert after == dict(applied.state.words)
    assert all(state.word(address) == old for address, (old, _) in applied.changes.items())
    assert list(applied.changes) == sorted(applied.changes)
    assert set(applied.changes) <= set(applied.touched)
    assert all(applied.word_before(address) == state.word(address) for address in applied.touched)


def test_a_rejection_carries_its_code_and_leaves_the_state() -> None:
    state = opened()
    result = apply(state, withdraw(ALICE, 0))
    assert isinstance(result, Rejected)
    assert result.code == result.rejection.code == "zero_amount"
    assert state == opened()


def test_the_same_transactions_give_the_same_root() -> None:
    sequence = (fill(), fill(taker=order(CAROL, Side.SELL)), withdraw(ALICE, 5), withdraw(BOB, 0))

    def outcome() -> tuple[list[object], object]:
        state, results = opened(), []
        for transaction in sequence:
            result = apply(state, transaction)
            match result:
                case Applied():
                    state = result.state
                    results.append(result.changes)
                case Rejected():
                    results.append(str(result.rejection))
        return results, root_of(state.words)

    assert outcome() == outcome()
    assert outcome()[1] != root_of(opened().words)


def test_money_that_appears_is_noticed() -> None:
    made = {Address(ALICE, 8): (Collateral(1).encode(), Collateral(2).encode())}
    assert balances_moved_e6(made) == 1 != supply_moved_e6(made)
    word = (1, 0, 0, 0, 0, 0, 0, 0)
    assert balances_moved_e6({Address(INSTRUMENTS + 1, 8): ((0,) * 8, word)}) == 0  # type: ignore[dict-item]


accounts = st.sampled_from([ALICE, BOB, CAROL])
slots = st.integers(0, 2)
nonces = st.integers(1, 6)
PUT_SLOTS = {PUT: 0, OTHER_PUT: 1}


class Venue(RuleBasedStateMachine):
    """Whatever people send, in whatever order, over several batches."""

    def __init__(self) -> None:
        super().__init__()
        self.genesis = self.head = Head.genesis(genesis())
        self.batch = OpenBatch(self.head, BEFORE)
        self.posted: list[tuple[object, bytes]] = []
        for account in (ALICE, BOB, CAROL):
            self.send(deposit(self.cursor, account, 3_000 * USD))
            self.send(register(self.cursor, account))

    @property
    def cursor(self) -> int:
        return self.batch.state.venue.cursor

    def send(self, transaction: Transaction) -> None:
        before = self.batch.state
        result = self.batch.apply(transaction)
        assert apply(before, transaction).__class__ is result.__class__
        match result:
            case Applied():
                assert apply(before, transaction) == result
            case Rejected():
                assert refusal(before, transaction) == result.code
                assert self.batch.state is before

    @rule(account=accounts, amount_e6=st.sampled_from([0, 1, 500 * USD, 2**62]))
    def deposits(self, account: int, amount_e6: int) -> None:
        self.send(deposit(self.cursor, account, amount_e6))

    @precondition(lambda self: self.batch.state.window.end <= EXPIRY)
    @rule(
        pair=st.sampled_from([(ALICE, BOB), (BOB, ALICE), (BOB, CAROL), (CAROL, ALICE)]),
        side=st.sampled_from(Side),
        instrument=st.sampled_from([PUT, OTHER_PUT]),
        price_e3=st.sampled_from([1, 15_000, 333_333]),
        size_e3=st.sampled_from([1, 333, 1_000]),
        raised_by=st.sampled_from([0, 1, 1, 7]),
    )
    def trade_soundly(
        self,
        pair: tuple[int, int],
        side: Side,
        instrument: int,
        price_e3: int,
        size_e3: int,
        raised_by: int,
    ) -> None:
        other = Side.SELL if side is Side.BUY else Side.BUY
        maker, taker = (
            order(
                account,
                chosen,
                instrument=instrument,
                limit=Price(price_e3),
                nonce=max(1, self.batch.state.order_slot(account, 0).nonce + raised_by),
            )
            for account, chosen in zip(pair, (side, other), strict=True)
        )
        slot = PUT_SLOTS[instrument]
        self.send(Fill(maker, taker, price_e3, size_e3, (slot, slot)).trade)

    @rule(
        maker=accounts,
        taker=accounts,
        side=st.sampled_from(Side),
        other=st.sampled_from(Side),
        instrument=st.sampled_from([PUT, PUT, PUT, OTHER_PUT, CALL, UNLISTED]),
        price_e3=st.sampled_from([0, 1, 15_000, 15_001, 849_999]),
        size_e3=st.sampled_from([0, 1, 333, 1_000, 2_001]),
        slots=st.tuples(slots, slots),
        nonces=st.tuples(nonces, nonces),
    )
    def trade(
        self,
        maker: int,
        taker: int,
        side: Side,
        other: Side,
        instrument: int,
        price_e3: int,
        size_e3: int,
        slots: tuple[int, int],
        nonces: tuple[int, int],
    ) -> None:
        def signed(account: int, side: Side, nonce: int) -> object:
            wide = Price(850_000 if side is Side.BUY else 0)
            return order(
                account, side, instrument=instrument, limit=wide, nonce=nonce, fee_cap=Rate(500)
            )

        attempt = Fill(
            signed(maker, side, nonces[0]),  # type: ignore[arg-type]
            signed(taker, other, nonces[1]),  # type: ignore[arg-type]
            price_e3,
            size_e3,
            slots,
        )
        self.send(attempt.trade)

    @rule(
        account=accounts,
        amount_e6=st.sampled_from([0, 1, 100 * USD, 2_990 * USD]),
        nonce=nonces,
        order_slot=st.integers(0, 1),
    )
    def withdraws(self, account: int, amount_e6: int, nonce: int, order_slot: int) -> None:
        self.send(withdraw(account, amount_e6, nonce=nonce, order_slot=order_slot))

    @precondition(lambda self: self.batch.state.window.start >= EXPIRY)
    @rule(
        instrument=st.sampled_from([PUT, OTHER_PUT]),
        index_e3=st.sampled_from([1, 79_999_999, 84_999_999, 90_000_000]),
        with_reports=st.sampled_from([True, True, False]),
    )
    def settles_everyone(self, instrument: int, index_e3: int, with_reports: bool) -> None:
        state = self.batch.state
        now = state.window.end
        holders = tuple(
            Holder(account, slot)
            for account in (ALICE, BOB, CAROL)
            for slot in range(3)
            if state.position(account, slot).instrument == instrument
        )
        reports = tuple(report(i, index_e3, published_at=now) for i in range(2))
        self.send(
            settle(instrument=instrument, reports=reports if with_reports else (), holders=holders)
        )

    @rule(hours=st.sampled_from([0, 1, 2, 24]))
    def closes_the_batch(self, hours: int) -> None:
        closed = self.batch.close()
        self.posted.append((closed.statement, closed.section.data))
        self.head = closed.after
        start = Instant(closed.window.end.s + hours * 3_600)
        self.batch = OpenBatch(self.head, replace(BEFORE, start=start, end=Instant(start.s + 60)))

    def teardown(self) -> None:
        self.closes_the_batch(0)
        rebuilt = rebuild(self.genesis, self.posted)  # type: ignore[arg-type]
        assert rebuilt == self.head
        assert rebuilt.root == root_of(self.head.state.words)


class Conserving(Venue):
    """The sum of every balance, after every step."""

    @invariant()
    def nothing_is_made_or_lost(self) -> None:
        assert balances_e6(self.batch.state) == self.batch.state.venue.supply_e6


class Covered(Venue):
    """Balances, locks and positions, after every step."""

    @invariant()
    def locks_are_covered_and_follow_the_positions(self) -> None:
        state = self.batch.state
        for account in (ALICE, BOB, CAROL):
            collateral = state.collateral(account)
            obligations = 0
            for slot in range(3):
                position = state.position(account, slot)
                if position.short_e3:
                    strike = state.option(position.instrument).strike
                    obligations += strike.times(Qty(position.short_e3)).e6
            assert 0 <= collateral.locked_e6 <= collateral.balance_e6
            assert collateral.locked_e6 == obligations
        assert state.word(Address(FUND, COLLATERAL_SLOT))[4:] == (0, 0, 0, 0)

    @invariant()
    def longs_and_shorts_cancel(self) -> None:
        net: dict[int, int] = {}
        for account in (ALICE, BOB, CAROL):
            for slot in range(3):
                position = self.batch.state.position(account, slot)
                net[position.instrument] = net.get(position.instrument, 0) + position.size_e3
        assert not any(net.values())


STEPS = settings(max_examples=25, stateful_step_count=40, deadline=None, derandomize=True)


def test_every_transaction_conserves_each_asset() -> None:
    run_state_machine_as_test(Conserving, settings=STEPS)


def test_locked_is_at_most_the_balance() -> None:
    run_state_machine_as_test(Covered, settings=STEPS)
