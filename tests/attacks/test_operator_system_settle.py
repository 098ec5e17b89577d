"""Settlements at a price that nobody reported, or paid otherwise: an operator has no proof."""

from dataclasses import replace
from typing import Any

import pytest
from tests.ledger.scene import (
    AFTER,
    ALICE,
    BOB,
    CAROL,
    DOMAIN,
    EXPIRY,
    PUT,
    SECRETS,
    USD,
    accepted,
    expired,
    fill,
    order,
    report,
    settle,
    sign,
    traded,
)

from novate.circuits.batch import Rows
from novate.circuits.transactions import settled_holder, settlement_report
from novate.circuits.transactions import system_settle as table
from novate.ledger import (
    FUND_ADDRESS,
    Batch,
    Collateral,
    Holder,
    Position,
    Settled,
    Side,
    State,
    SystemSettle,
    Window,
    collateral_address,
    position_address,
    settlement_address,
)
from novate.ledger.transactions import system_settle
from novate.ledger.words import ZERO, u64
from novate.units import IndexPrice, Instant

from .scene import RANGES, DishonestBatch, Edit, Operator, both, edited, unchecked

SETTLE = table.SystemSettle.name
REPORT = settlement_report.SettlementReport.name
HOLDER = settled_holder.SettledHolder.name
OTHER, MIDDLE, LOWER_MIDDLE = range(3)
PRICE = 84_000_000
ROUND_E3 = 84_999_999
"""A price at which 1.001 contracts are worth 10.01 micro-USDC."""


def dishonest(
    shown: SystemSettle,
    applied: SystemSettle | None = None,
    *,
    state: State | None = None,
    window: Window = AFTER,
    **how: Any,
) -> Batch:
    """One settlement shown, after another was carried out; the plain one if not said otherwise."""
    cheat = DishonestBatch.on(state or traded(), window=window)
    cheat.as_if(shown, applied or settle(), **how)
    return cheat.close()


def at(*prices_e3: int) -> tuple[Any, ...]:
    """Reports of as many publishers."""
    return tuple(report(i, price) for i, price in enumerate(prices_e3))


def each(name: str, **changes: Any) -> Edit:
    """Every row of a table with these columns."""

    def edit(rows: Rows) -> None:
        for row in rows[name]:
            row |= changes

    return edit


def second(name: str, **changes: Any) -> Edit:
    """The second row of a table with these columns."""

    def edit(rows: Rows) -> None:
        rows[name][1] |= changes

    return edit


def column(name: str, *values: int) -> Edit:
    """A computed column of the holders, Alice first."""

    def edit(rows: Rows) -> None:
        for row, value in zip(rows[HOLDER], values, strict=True):
            row[name] = value

    return edit


def collateral(state: State, account: int, *, by_e6: int = 0, locked_e6: int = 0) -> dict[Any, Any]:
    """The word of an account's collateral, moved by these amounts, whether they fit or not."""
    before = state.collateral(account)
    limbs = (*u64(before.balance_e6 + by_e6), *u64(before.locked_e6 + locked_e6))
    return {collateral_address(account): limbs}


def three_holders() -> State:
    """Alice bought one put from Bob and one from Carol, in two slots."""
    from_carol = fill(
        maker=order(ALICE, Side.BUY, nonce=2), taker=order(CAROL, Side.SELL), slots=(1, 0)
    )
    return accepted(traded(), from_carol).state


REST = SystemSettle(PUT, (), (Holder(CAROL, 0), Holder(ALICE, 1)))
"""Who is left once Alice and Bob are settled."""


def test_honest_settlements_have_a_proof(operator: Operator) -> None:
    cheat = DishonestBatch.on(three_holders(), window=AFTER)
    cheat.honest(settle(reports=at(90_000_000, PRICE, 1)))
    cheat.honest(REST)
    operator.proves(cheat.close())


TIMES = {
    "from before expiry": (EXPIRY.s - 1, 60, {"a report is from after expiry"}),
    "from after the window": (
        EXPIRY.s + 61,
        60,
        {"a report is not from after the window", "a report is no older than the heartbeat"},
    ),
    "older than the heartbeat": (EXPIRY.s, 601, {"a report is no older than the heartbeat"}),
}


@pytest.mark.parametrize("spilled", [False, True])
@pytest.mark.parametrize("what", TIMES)
def test_a_report_is_fresh(operator: Operator, what: str, spilled: bool) -> None:
    published_s, length_s, sentences = TIMES[what]
    window = Window(EXPIRY, Instant(EXPIRY.s + length_s))
    stale = report(0, published_at=Instant(published_s))
    fresh = tuple(report(i, published_at=window.end) for i in (1, 2))
    shown = settle(reports=(stale, fresh[0]))
    batch = dishonest(shown, settle(reports=fresh), window=window)
    found = operator.refused_by(batch, spilled=spilled)
    assert found <= RANGES if spilled else found == sentences
    assert found


@pytest.mark.parametrize("published_s", [EXPIRY.s, EXPIRY.s + 600])
def test_a_report_may_be_as_old_as_the_heartbeat(operator: Operator, published_s: int) -> None:
    cheat = DishonestBatch.on(traded(), window=Window(EXPIRY, Instant(EXPIRY.s + 600)))
    reports = tuple(report(i, published_at=Instant(published_s)) for i in (0, 1))
    cheat.honest(settle(reports=reports))
    operator.proves(cheat.close())


@pytest.mark.parametrize("spilled", [False, True])
def test_nothing_is_settled_before_it_expired(operator: Operator, spilled: bool) -> None:
    cheat = DishonestBatch.on(traded(), window=Window(Instant(EXPIRY.s - 1), AFTER.end))
    with unchecked(system_settle, "check_instrument"):
        cheat.as_if(settle())
    found = operator.refused_by(cheat.close(), spilled=spilled)
    rule = "the instrument has expired when the window starts"
    assert found <= RANGES if spilled else found == {rule}
    assert found


REPEATED = settle(reports=(report(0, PRICE), report(0, PRICE + 1)))
NOBODY = (0,) * 16


@pytest.mark.parametrize(
    ("edits", "refusal"),
    [
        ([], "a publisher counts once"),
        ([second(REPORT, came_before=NOBODY)], "who came is remembered"),
        ([second(REPORT, publisher=1)], "bus publisher"),
    ],
)
def test_a_publisher_counts_once(operator: Operator, edits: list[Edit], refusal: str) -> None:
    assert operator.refused_by(dishonest(REPEATED), *edits) == {refusal}


def test_a_publisher_is_registered(operator: Operator) -> None:
    stranger = sign(DOMAIN, report(1).message, SECRETS[CAROL])
    batch = dishonest(settle(reports=(report(0), report(1))))
    key = stranger.key.commitment

    def renamed(rows: Rows) -> None:
        rows[REPORT][1]["key"] = key

    found = operator.refused_by(batch, renamed)
    assert found == {"bus publisher", "bus signed"}


ALONE = settle(reports=(report(0),))


@pytest.mark.parametrize("spilled", [False, True])
def test_one_report_is_no_quorum_of_two(operator: Operator, spilled: bool) -> None:
    found = operator.refused_by(dishonest(ALONE), spilled=spilled)
    assert found <= RANGES if spilled else found == {"the count is a quorum"}
    assert found


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"count": 2, "surplus": 0, "place": LOWER_MIDDLE}, "all ranks are counted"),
        ({"count": 2, "rank": 1, "surplus": 0, "place": OTHER}, "ranks count from zero"),
        ({"quorum": 1, "surplus": 0}, "bus parameters"),
    ],
)
def test_reports_are_counted(operator: Operator, changes: dict[str, Any], refusal: str) -> None:
    found = operator.refused_by(dishonest(ALONE), edited(REPORT, **changes))
    assert refusal in found and found <= {refusal, "bus index_price"}


@pytest.mark.parametrize("change", [{"underlying": 2}, {"expiry": Instant(EXPIRY.s - 1)}])
def test_reports_are_on_this_instrument(operator: Operator, change: dict[str, Any]) -> None:
    others = tuple(report(i, **change) for i in (0, 1))
    assert operator.refused_by(dishonest(settle(reports=others))) == {"bus index_price"}


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"underlying": 2}, "all reports are on one underlying"),
        ({"expiry": Instant(EXPIRY.s - 1)}, "all reports are for one expiry"),
    ],
)
def test_all_reports_are_on_one_thing(
    operator: Operator, change: dict[str, Any], refusal: str
) -> None:
    shown = settle(reports=(report(0), report(1, PRICE + 1, **change)))
    assert operator.refused_by(dishonest(shown)) == {refusal}


PRICES = (80_000_000, PRICE, 90_000_000)


@pytest.mark.parametrize("rank", [0, 2])
def test_the_price_is_the_median(operator: Operator, rank: int) -> None:
    shown, applied = settle(reports=at(*PRICES)), settle(reports=at(*[PRICES[rank]] * 2))
    batch = dishonest(shown, applied)
    assert operator.refused_by(batch) == {"bus index_price"}

    def preferred(rows: Rows) -> None:
        for i, row in enumerate(rows[REPORT]):
            row["place"] = MIDDLE if i == rank else OTHER

    assert operator.refused_by(batch, preferred) == {"the price is the lower median"}


def test_of_two_middle_prices_it_is_the_lower(operator: Operator) -> None:
    shown, applied = settle(reports=at(*PRICES[:2])), settle(reports=at(PRICE, PRICE))
    lower = settle(reports=at(*PRICES[:2]))
    upper = both(edited(REPORT, place=OTHER), second(REPORT, place=LOWER_MIDDLE))
    assert operator.refused_by(dishonest(shown, applied), upper) == {
        "the price is the lower median"
    }
    cheat = DishonestBatch.on(traded(), window=AFTER)
    cheat.honest(lower)
    operator.proves(cheat.close())


@pytest.mark.parametrize("spilled", [False, True])
def test_reports_stand_by_rising_price(operator: Operator, spilled: bool) -> None:
    """The highest in the middle, if they could stand in another order."""
    shown, applied = settle(reports=at(*PRICES)), settle(reports=at(PRICES[2], PRICES[2]))

    def reordered(rows: Rows) -> None:
        kept = ("publisher", "key", "index")
        low, middle, high = ({name: row[name] for name in kept} for row in rows[REPORT])
        came = list(NOBODY)
        for row, says in zip(rows[REPORT], (low, high, middle), strict=True):
            row |= says | {"came_before": tuple(came)}
            came[says["publisher"]] = 1

    found = operator.refused_by(dishonest(shown, applied), reordered, spilled=spilled)
    assert found <= RANGES if spilled else found == {"prices do not fall"}
    assert found


@pytest.mark.parametrize("spilled", [False, True])
def test_a_price_is_not_zero(operator: Operator, spilled: bool) -> None:
    cheat = DishonestBatch.on(traded(), window=AFTER)
    with unchecked(system_settle, "check_prices"):
        cheat.as_if(settle(reports=at(0, 0)))
    found = operator.refused_by(cheat.close(), spilled=spilled)
    assert found <= RANGES if spilled else found == {"the lowest price is not zero"}
    assert found


def test_a_price_without_reports_is_none(operator: Operator) -> None:
    assert operator.refused_by(dishonest(settle(reports=()))) == {"bus index_price"}
    # a settlement that was never written is not one to go on from
    settled = edited(SETTLE, was_settled=1)
    assert operator.refused_by(dishonest(settle(reports=())), settled) == {"bus memory"}


def test_the_price_stands(operator: Operator) -> None:
    state = accepted(expired(three_holders()), settle()).state
    again = replace(REST, reports=at(80_000_000, 80_000_000))
    cheat = DishonestBatch.on(state, window=AFTER)
    cheat.as_if(again, meanwhile={settlement_address(PUT): ZERO})
    batch = cheat.close()
    assert operator.refused_by(batch) == {"bus memory"}
    assert operator.refused_by(batch, edited(SETTLE, was_settled=0)) == {"bus memory"}
    cheat = DishonestBatch.on(state, window=AFTER)
    cheat.honest(REST)
    operator.proves(cheat.close())


def test_the_price_that_is_written_is_the_one_that_is_paid(operator: Operator) -> None:
    other = {settlement_address(PUT): Settled(IndexPrice(PRICE + 1)).encode()}
    batch = dishonest(settle(), rewrite=other)
    paid = both(edited(SETTLE, index=PRICE), each(HOLDER, intrinsic=10 * USD))
    assert operator.refused_by(batch, paid) == {"bus memory"}


@pytest.mark.parametrize("spilled", [False, True])
def test_a_holder_is_paid_once(operator: Operator, spilled: bool) -> None:
    named = (Holder(ALICE, 0), Holder(ALICE, 1), Holder(BOB, 0), Holder(CAROL, 0))
    twice = (Holder(ALICE, 0), Holder(ALICE, 0), Holder(BOB, 0), Holder(CAROL, 0))
    kept = {position_address(ALICE, 1): Position(PUT, 1_000).encode()}
    shown, applied = settle(holders=twice), settle(holders=named)
    batch = dishonest(shown, applied, state=three_holders(), rewrite=kept)
    found = operator.refused_by(batch, spilled=spilled)
    assert "bus memory" in found and found <= RANGES | {"bus memory"}


def test_a_holder_is_paid_once_for_all(operator: Operator) -> None:
    state = accepted(expired(traded()), settle()).state
    meanwhile = {
        at: traded().word(at)
        for account in (ALICE, BOB)
        for at in (position_address(account, 0), collateral_address(account))
    }
    again = replace(settle(), reports=())
    cheat = DishonestBatch.on(state, window=AFTER)
    cheat.as_if(again, meanwhile=meanwhile)
    assert "bus memory" in operator.refused_by(cheat.close())


def left_out() -> Batch:
    """Alice is paid and Bob does not pay."""
    state = traded()
    untouched = {
        address: state.word(address)
        for address in (position_address(BOB, 0), collateral_address(BOB))
    }
    return dishonest(settle(holders=(Holder(ALICE, 0),)), rewrite=untouched)


def test_holders_cancel_out(operator: Operator) -> None:
    assert operator.refused_by(left_out()) == {"longs and shorts cancel out"}
    assert operator.refused_by(left_out(), edited(HOLDER, net=0)) == {"sizes are added from zero"}


def test_a_settlement_has_holders(operator: Operator) -> None:
    cheat = DishonestBatch.on(traded(), window=AFTER)
    with unchecked(system_settle, "check_holders"):
        cheat.as_if(settle(holders=()))
    assert operator.refused_by(cheat.close()) == {"bus payout"}


def rounded(*, alice_e6: int = 10, bob_e6: int = -11, fund_e6: int = 1) -> Batch:
    """1.001 contracts at 10.01 micro-USDC, paid like this."""
    state = traded(size_e3=1_001)
    released_e6 = -state.collateral(BOB).locked_e6
    rewrite = {
        **collateral(state, ALICE, by_e6=alice_e6),
        **collateral(state, BOB, by_e6=bob_e6, locked_e6=released_e6),
        FUND_ADDRESS: Collateral(fund_e6).encode(),
    }
    shown = settle(reports=at(ROUND_E3, ROUND_E3))
    return dishonest(shown, shown, state=state, rewrite=rewrite)


def test_the_rounded_settlement_has_a_proof(operator: Operator) -> None:
    operator.proves(rounded())


ROUNDINGS = {
    "up for the buyer": ({"alice_e6": 11, "fund_e6": 0}, (11, -11), (-990, 990), (-990, 0)),
    "up for the writer": ({"bob_e6": -10, "fund_e6": 0}, (10, -10), (10, -10), (10, 0)),
    "down twice for the buyer": (
        {"alice_e6": 9, "fund_e6": 2},
        (9, -11),
        (1_010, 990),
        (1_010, 2_000),
    ),
}
"""What is paid; payoff, dust, and dust so far, of Alice and of Bob."""


@pytest.mark.parametrize("spilled", [False, True])
@pytest.mark.parametrize("what", ROUNDINGS)
def test_payoffs_are_rounded_down(operator: Operator, what: str, spilled: bool) -> None:
    paid, payoffs, dust, so_far = ROUNDINGS[what]
    fund_e6 = paid["fund_e6"]
    found = operator.refused_by(
        rounded(**paid),
        edited(SETTLE, rounded=1_000 * fund_e6, dust=fund_e6, fund=fund_e6),
        column("payoff", *payoffs),
        column("dust", *dust),
        column("rounded", *so_far),
        spilled=spilled,
    )
    if spilled:
        assert found and found <= RANGES
    else:
        # a remainder of 1000 and more fits its 10 bits, but not its bound
        down = "the payoff is intrinsic value times size, rounded down"
        assert ("dust is below 1000" if max(dust) >= 1_000 else down) in found


@pytest.mark.parametrize(
    ("edits", "refusal"),
    [
        ([edited(SETTLE, fund=0)], "the fund keeps what rounding left"),
        ([edited(SETTLE, fund=0, dust=0)], "what rounding left is whole micro-USDC"),
        ([edited(SETTLE, fund=0, dust=0, rounded=0)], "bus payout"),
        ([edited(SETTLE, fund=0, dust=0, rounded=0), column("rounded", 10, 0)], "dust is added"),
        (
            [edited(SETTLE, fund=0, dust=0, rounded=0), column("rounded", -990, 0)],
            "dust is added from zero",
        ),
    ],
)
def test_dust_is_not_kept(operator: Operator, edits: list[Edit], refusal: str) -> None:
    assert refusal in operator.refused_by(rounded(fund_e6=0), *edits)


def test_intrinsic_value_follows_from_the_price(operator: Operator) -> None:
    lower = settle(reports=at(83_000_000, 83_000_000))
    written = {settlement_address(PUT): Settled(IndexPrice(PRICE)).encode()}
    batch = dishonest(settle(), lower, rewrite=written)
    worth = 20 * USD
    claimed = both(edited(SETTLE, intrinsic=worth), each(HOLDER, intrinsic=worth))
    assert operator.refused_by(batch, claimed) == {
        "intrinsic value less shortfall is how far it is in the money"
    }
    balanced = both(claimed, edited(SETTLE, shortfall=worth - 10 * USD))
    assert operator.refused_by(batch, balanced) == {"there is intrinsic value or a shortfall"}
    held = each(HOLDER, intrinsic=worth)
    assert operator.refused_by(batch, held) == {"bus payout"}


@pytest.mark.parametrize("by_e6", [-1, 1, 10 * USD])
def test_a_balance_moves_by_the_payoff(operator: Operator, by_e6: int) -> None:
    after = accepted(expired(traded()), settle()).state
    batch = dishonest(settle(), rewrite=collateral(after, ALICE, by_e6=by_e6))
    alice_e6, bob_e6 = (after.collateral(account).balance_e6 for account in (ALICE, BOB))
    paid = column("balance", alice_e6 + by_e6, bob_e6)
    assert operator.refused_by(batch, paid) == {"the balance moves by the payoff"}


@pytest.mark.parametrize("kept_e6", [1, 850 * USD])
def test_the_lock_is_released(operator: Operator, kept_e6: int) -> None:
    after = accepted(expired(traded()), settle()).state
    batch = dishonest(settle(), rewrite=collateral(after, BOB, locked_e6=kept_e6))
    locked = column("locked", 0, kept_e6)
    assert operator.refused_by(batch, locked) == {"the lock is released"}


def test_a_position_is_closed(operator: Operator) -> None:
    kept = {position_address(ALICE, 0): Position(PUT, 1_000).encode()}
    assert operator.refused_by(dishonest(settle(), rewrite=kept)) == {"bus memory"}


def test_a_position_pays_its_holder(operator: Operator) -> None:
    found = operator.refused_by(dishonest(settle()), edited(HOLDER, account=CAROL))
    assert "bus memory" in found


@pytest.mark.parametrize("change", [{"strike": 90_000_000}, {"multiplier": 20}, {"right": 0}])
def test_the_terms_are_those_of_the_listing(operator: Operator, change: dict[str, int]) -> None:
    found = operator.refused_by(dishonest(settle()), edited(SETTLE, **change))
    assert "bus memory" in found
