"""Derive's auctions against those that its authors published."""

from typing import Any

import pytest
from benchmarks.peers.derive_auction import Account, Auction, Parameters

from .published import published

UNIT = 1e18
FILE = "derive/liquidation_cases.json"
VALID = [f"Test{number}" for number in range(1, 7)]


def auction_of(file: dict[str, Any]) -> Auction:
    p = file["_params"]
    return Auction(
        Parameters(
            start=p["startingMtM"],
            fast_end=p["fastCutoff"],
            fast_s=p["fastSeconds"],
            slow_s=p["slowSeconds"],
            insolvent_s=p["insolventSeconds"],
            fee_rate=p["liquidatorFeeRate"],
            buffer=p["bufferMargin"],
        )
    )


@pytest.mark.parametrize("name", VALID)
def test_every_bid_of_a_published_auction_is_reproduced(name: str) -> None:
    file = published(FILE)
    auction, case = auction_of(file), file["cases"][name]
    reserved = 0.0
    for action in case["Actions"]:
        r = {key: value / UNIT for key, value in action["Results"].items()}
        elapsed_s = action["Time"] - case["StartTime"]
        account = Account(r["PreMtM"], r["PreMM"], reserved)
        most = auction.largest_part(account, auction.discount(elapsed_s))
        assert auction.buffered(account) == pytest.approx(r["PreBM"], rel=1e-12)
        assert most == pytest.approx(r["PreFMax"], rel=1e-12)
        part = min(most, action["Liquidator"]["PercentWant"] / UNIT)
        paid = part * auction.ask(account, elapsed_s)
        assert paid == pytest.approx(r["ExpectedBidPrice"], rel=1e-12)
        after = account.after(part, paid)
        assert after.worth == pytest.approx(r["PostMtM"], rel=1e-12)
        assert after.margin == pytest.approx(r["PostMM"], rel=1e-12)
        assert auction.buffered(after) == pytest.approx(r["PostBM"], rel=1e-12, abs=1e-11)
        reserved = after.reserved


@pytest.mark.parametrize("name", VALID)
def test_the_fee_is_that_of_the_account_before_it(name: str) -> None:
    file = published(FILE)
    auction, case = auction_of(file), file["cases"][name]
    first = case["Actions"][0]
    paid_in = case["InitialPortfolio"]["Cash"] - first["PortfolioAndFeeds"]["Cash"]
    assert paid_in / UNIT == pytest.approx(case["LiquidationFee"], rel=1e-12)
    if first["Time"] == case["StartTime"]:  # later figures are those of a market that moved
        worth, margin = first["Results"]["PreMtM"], first["Results"]["PreMM"]
        before = Account((worth + paid_in) / UNIT, (margin + paid_in) / UNIT)
        assert auction.fee(before) == pytest.approx(case["LiquidationFee"], rel=1e-12)


def test_the_unit_vectors_are_reproduced() -> None:
    vectors = published("derive/math_and_auction_vectors.json")["auction_unit"]
    p = vectors["params"]
    schedule = {"fast_s": p["fastSeconds"], "slow_s": p["slowSeconds"], "buffer": p["bufferMargin"]}
    (insolvent,) = vectors["insolvent"]
    auction = Auction(
        Parameters(
            start=p["startingMtM"],
            fast_end=p["fastCutoff"],
            insolvent_s=insolvent["insolventSeconds"],
            **schedule,
        )
    )
    for each in vectors["solvent"]:
        account = Account(each["mtm"], each["mm"])
        assert auction.ask(account, each["t"]) == pytest.approx(each["bid"])
        if "maxProportion_floor_1e3" in each:
            most = auction.largest_part(account, auction.discount(each["t"]))
            assert int(1e3 * most) == each["maxProportion_floor_1e3"]
        if "cash_if_max_floor" in each:
            assert int(most * auction.ask(account, each["t"])) == each["cash_if_max_floor"]
    account = Account(insolvent["mtm"], insolvent["mm"])
    assert -auction.payment(account, insolvent["t"]) == pytest.approx(insolvent["bid"])


def test_the_payment_for_debt_grows_from_the_debt_to_the_margin() -> None:
    auction, account = Auction(), Account(worth=-100.0, margin=-300.0)
    assert auction.payment(account, 0) == 100
    assert auction.payment(account, 1_800) == 200
    assert auction.payment(account, 3_600) == 300
    assert auction.payment(account, 3_601) == 300


@pytest.mark.parametrize(
    ("elapsed_s", "discount"),
    [(0, 0.95), (900, 0.70), (22_500, 0.35), (44_100, 0.0), (44_101, 0.0)],
)
def test_the_discount_falls_fast_then_slowly_to_nothing(elapsed_s: int, discount: float) -> None:
    assert Auction().discount(elapsed_s) == pytest.approx(discount, abs=1e-12)


def test_the_largest_part_brings_an_account_exactly_to_the_buffer() -> None:
    auction, account = Auction(), Account(worth=300.0, margin=-100.0)
    part = auction.largest_part(account, auction.discount(300))
    after = account.after(part, part * auction.ask(account, 300))
    assert auction.buffered(after) == pytest.approx(0.0, abs=1e-9)
    less = account.after(part / 2, part / 2 * auction.ask(account, 300))
    assert auction.buffered(less) < -1.0
