"""The payoff of an expired option."""

from dataclasses import replace

import pytest

from novate.keys import Domain
from novate.ledger import (
    Collateral,
    Holder,
    Position,
    Settled,
    Side,
    SystemSettle,
    collateral_address,
    position_address,
    settlement_address,
    sign,
)
from novate.units import IndexPrice, Instant

from ..scene import (
    AFTER,
    ALICE,
    BOB,
    CAROL,
    DOMAIN,
    EXPIRY,
    HEARTBEAT_S,
    OTHER_PUT,
    PUBLISHERS,
    SECRETS,
    UNLISTED,
    USD,
    accepted,
    expired,
    fill,
    order,
    refusal,
    report,
    settle,
    traded,
)


def test_a_put_in_the_money_pays_the_buyer_from_the_writers_lock() -> None:
    before = expired(traded())
    state = accepted(before, settle()).state
    # 1,000 USD below the strike, on 0.01 BTC
    paid = 10 * USD
    alice, bob = before.collateral(ALICE), before.collateral(BOB)
    assert state.collateral(ALICE) == Collateral(alice.balance_e6 + paid)
    assert state.collateral(BOB) == Collateral(bob.balance_e6 - paid)
    assert state.settlement(1) == Settled(IndexPrice(84_000_000))
    assert position_address(ALICE, 0) not in state.words
    assert position_address(BOB, 0) not in state.words


@pytest.mark.parametrize("index_e3", [85_000_000, 85_000_001, 90_000_000])
def test_a_put_out_of_the_money_only_releases_the_lock(index_e3: int) -> None:
    before = expired(traded())
    reports = (report(0, index_e3), report(1, index_e3))
    state = accepted(before, settle(reports=reports)).state
    assert state.collateral(ALICE) == before.collateral(ALICE)
    assert state.collateral(BOB) == Collateral(before.collateral(BOB).balance_e6)


def test_rounding_is_against_both_and_the_fund_keeps_the_dust() -> None:
    before = expired(traded(size_e3=1_001))
    reports = (report(0, 84_999_999), report(1, 84_999_999))
    state = accepted(before, settle(reports=reports)).state
    # 10 micro-USDC a contract on 1.001 contracts: 10.01
    assert state.collateral(ALICE).balance_e6 == before.collateral(ALICE).balance_e6 + 10
    assert state.collateral(BOB).balance_e6 == before.collateral(BOB).balance_e6 - 11
    assert state.fund == Collateral(1)


def test_the_median_of_the_reports_is_what_settles() -> None:
    reports = (report(0, 90_000_000), report(1, 1), report(2, 84_000_000))
    state = accepted(expired(traded()), settle(reports=reports)).state
    assert state.settlement(1) == Settled(IndexPrice(84_000_000))


def test_later_holders_are_settled_at_the_same_price_without_reports() -> None:
    second = fill(
        maker=order(ALICE, Side.BUY, nonce=2), taker=order(CAROL, Side.SELL), slots=(1, 0)
    )
    state = expired(accepted(traded(), second).state)
    state = accepted(state, settle()).state
    rest = SystemSettle(1, (), (Holder(CAROL, 0), Holder(ALICE, 1)))
    assert refusal(state, replace(rest, reports=(report(0), report(1)))) == "already_settled"
    after = accepted(state, rest).state
    assert after.collateral(CAROL).locked_e6 == 0
    assert position_address(ALICE, 1) not in after.words


def test_the_instrument_is_listed() -> None:
    assert refusal(expired(traded()), settle(instrument=UNLISTED)) == "unknown_instrument"


@pytest.mark.parametrize(("after_s", "due"), [(-1, False), (0, True), (1, True)])
def test_settlement_begins_when_the_window_starts_at_expiry(after_s: int, due: bool) -> None:
    window = replace(AFTER, start=Instant(EXPIRY.s + after_s))
    state = replace(traded(), window=window)
    if due:
        accepted(state, settle())
    else:
        assert refusal(state, settle()) == "too_early"


def test_a_report_is_from_a_registered_publisher() -> None:
    stranger = sign(DOMAIN, report(0).message, SECRETS[ALICE])
    assert refusal(expired(traded()), settle(reports=(report(0), stranger))) == "unknown_publisher"


def test_a_publisher_counts_once() -> None:
    again = (report(0), report(0, 83_000_000))
    assert refusal(expired(traded()), settle(reports=again)) == "repeated_signer"


def test_a_report_is_signed_for_this_chain_and_contract() -> None:
    foreign = sign(Domain(1, DOMAIN.contract), report(1).message, PUBLISHERS[1])
    assert refusal(expired(traded()), settle(reports=(report(0), foreign))) == "bad_signature"


@pytest.mark.parametrize(
    "change", [{"underlying": 2}, {"expiry": Instant(EXPIRY.s - 1)}, {"expiry": Instant(0)}]
)
def test_a_report_is_about_this_underlying_and_expiry(change: dict[str, object]) -> None:
    reports = (report(0), report(1, **change))  # type: ignore[arg-type]
    assert refusal(expired(traded()), settle(reports=reports)) == "wrong_report"


@pytest.mark.parametrize(
    ("end_s", "published_s", "fresh"),
    [
        (60, -1, False),  # before expiry
        (60, 0, True),
        (60, 1, True),
        (60, 59, True),
        (60, 60, True),
        (60, 61, False),  # after the batch
        (HEARTBEAT_S + 9, 8, False),  # older than the heartbeat
        (HEARTBEAT_S + 9, 9, True),
        (HEARTBEAT_S + 9, 10, True),
    ],
)
def test_a_report_is_fresh_from_expiry_to_the_end_of_the_batch_within_a_heartbeat(
    end_s: int, published_s: int, fresh: bool
) -> None:
    window = replace(AFTER, end=Instant(EXPIRY.s + end_s))
    good = Instant(EXPIRY.s + end_s - 1)
    reports = (
        report(0, published_at=good),
        report(1, published_at=Instant(EXPIRY.s + published_s)),
    )
    state = replace(traded(), window=window)
    if fresh:
        accepted(state, settle(reports=reports))
    else:
        assert refusal(state, settle(reports=reports)) == "stale_report"


@pytest.mark.parametrize(("index_e3", "fits"), [(0, False), (1, True), (2, True)])
def test_a_report_of_zero_is_not_a_price(index_e3: int, fits: bool) -> None:
    reports = (report(0), report(1, index_e3))
    if fits:
        accepted(expired(traded()), settle(reports=reports))
    else:
        assert refusal(expired(traded()), settle(reports=reports)) == "zero_price"


@pytest.mark.parametrize(("count", "enough"), [(0, False), (1, False), (2, True), (3, True)])
def test_a_quorum_of_publishers_is_needed(count: int, enough: bool) -> None:
    reports = tuple(report(i) for i in range(count))
    if enough:
        accepted(expired(traded()), settle(reports=reports))
    else:
        assert refusal(expired(traded()), settle(reports=reports)) == "no_quorum"


@pytest.mark.parametrize(
    "holders",
    [
        (),
        (Holder(ALICE, 0), Holder(CAROL, 0)),
        (Holder(ALICE, 1), Holder(BOB, 0)),
        (Holder(ALICE, 0), Holder(BOB, 0), Holder(ALICE, 0)),
    ],
    ids=["nobody", "no position", "another slot", "named twice"],
)
def test_every_holder_has_a_position_and_is_named_once(holders: tuple[Holder, ...]) -> None:
    assert refusal(expired(traded()), settle(holders=holders)) == "no_position"


def test_a_position_in_another_instrument_is_not_settled() -> None:
    state = expired(traded())
    other = Position(OTHER_PUT, -1_000).encode()
    state = replace(state, words=state.words.set(position_address(BOB, 0), other))
    assert refusal(state, settle()) == "no_position"


def test_holders_net_to_zero() -> None:
    second = fill(maker=order(ALICE, Side.BUY, nonce=2), taker=order(CAROL, Side.SELL), size_e3=1)
    state = expired(accepted(traded(), second).state)
    assert refusal(state, settle()) == "positions_do_not_net"
    all_three = (Holder(ALICE, 0), Holder(BOB, 0), Holder(CAROL, 0))
    accepted(state, settle(holders=all_three))


@pytest.mark.parametrize(("balance_e6", "enough"), [(-1, False), (0, True), (1, True)])
def test_a_writer_who_cannot_pay_stops_the_settlement(balance_e6: int, enough: bool) -> None:
    """No transaction leads to such a state: the lock covers the payoff."""
    state = expired(traded())
    owed, lock = 10 * USD, 850 * USD
    has = Collateral(owed + balance_e6)
    first = state.words.set(collateral_address(BOB), has.encode())
    broken = replace(state, words=first)
    if enough:
        full = Collateral(lock + balance_e6, lock)
        sound = replace(state, words=state.words.set(collateral_address(BOB), full.encode()))
        accepted(sound, settle())
    else:
        assert refusal(broken, settle()) == "insufficient_collateral"


CODES = (
    "unknown_instrument",
    "too_early",
    "unknown_publisher",
    "repeated_signer",
    "bad_signature",
    "wrong_report",
    "stale_report",
    "zero_price",
    "no_quorum",
    "no_position",
    "positions_do_not_net",
)


@pytest.mark.parametrize("first", range(len(CODES)))
def test_the_first_broken_rule_in_protocol_order_is_the_reason(first: int) -> None:
    flaws = CODES[first:]
    state = replace(traded(), window=AFTER)
    if "too_early" in flaws:
        state = replace(state, window=replace(AFTER, start=Instant(EXPIRY.s - 1)))
    if "positions_do_not_net" in flaws:
        uneven = Position(1, -999).encode()
        state = replace(state, words=state.words.set(position_address(BOB, 0), uneven))

    changes: dict[str, object] = {}
    if "wrong_report" in flaws:
        changes["underlying"] = 2
    if "stale_report" in flaws:
        changes["published_at"] = Instant(EXPIRY.s - 1)
    index_e3 = 0 if "zero_price" in flaws else 84_000_000
    domain = Domain(1, DOMAIN.contract) if "bad_signature" in flaws else DOMAIN
    reports = [sign(domain, report(0, index_e3, **changes).message, PUBLISHERS[0])]  # type: ignore[arg-type]
    if "no_quorum" not in flaws:
        reports.append(report(1))
    if "repeated_signer" in flaws:
        reports.append(report(0))
    if "unknown_publisher" in flaws:
        reports.append(sign(DOMAIN, report(0).message, SECRETS[ALICE]))

    holders = [Holder(ALICE, 0), Holder(BOB, 0)]
    if "no_position" in flaws:
        holders.append(Holder(CAROL, 0))
    instrument = UNLISTED if "unknown_instrument" in flaws else 1
    assert refusal(state, SystemSettle(instrument, tuple(reports), tuple(holders))) == CODES[first]


def test_a_settled_instrument_is_refused_for_its_reports_before_anything_is_said_of_them() -> None:
    state = expired(traded())
    settled = Settled(IndexPrice(1)).encode()
    state = replace(state, words=state.words.set(settlement_address(1), settled))
    stranger = sign(DOMAIN, report(0).message, SECRETS[ALICE])
    assert refusal(state, settle(reports=(stranger,), holders=())) == "already_settled"
