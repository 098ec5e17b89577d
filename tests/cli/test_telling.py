"""The story of the walk, in a trader's words: every number can be checked by hand."""

import re

import pytest

from novate.cli.telling import bundle_name
from novate.nodes import FILLS, INDEX_PRICES, Walk, market_sample

from .scene import Demo

MARK_E3 = 22_752
"""Of the put, per contract of 0.01 BTC."""


def facts(demo: Demo) -> list[str]:
    """What was said, one fact a line."""
    return [line.strip() for line in demo.shown.err.splitlines()]


def said(demo: Demo, words: str) -> bool:
    """Whether a line says it."""
    return any(words in line for line in facts(demo))


def test_the_option_is_described_as_a_desk_would(demo: Demo) -> None:
    assert said(demo, "BTC_USDC-26DEC25-88000-P: strike 88,000 USD, expiry 2025-12-26 08:00:00 UTC")
    assert said(demo, "forward 92,726.47 USD")
    assert said(demo, "0.01 BTC, so its strike is 880.000 USD; paid and settled in USDC")
    assert said(demo, "22.752 USD a contract, bid 22.254 USD, ask 23.182 USD, implied volatility")


@pytest.mark.parametrize(
    ("size_e3", "premium", "taker_fee", "maker_fee"),
    [
        # fees: 0.05 % and 0.03 % of the premium, rounded up to a millionth
        (8_000, "182.016000", "0.091008", "0.054605"),
        (9_345, "212.617440", "0.106309", "0.063786"),
    ],
)
def test_each_fill_tells_who_pays_whom(
    demo: Demo, size_e3: int, premium: str, taker_fee: str, maker_fee: str
) -> None:
    assert size_e3 in [size.e3 for size in FILLS]
    premium_e6 = MARK_E3 * size_e3
    assert premium == f"{premium_e6 // 10**6}.{premium_e6 % 10**6:06d}"
    assert int(taker_fee.replace(".", "")) == -(-premium_e6 * 500 // 10**6)
    assert int(maker_fee.replace(".", "")) == -(-premium_e6 * 300 // 10**6)
    buyer = f"Alice pays the premium of {premium} USDC and the venue a fee of {taker_fee} USDC"
    seller = f"Bob receives the premium of {premium} USDC and pays the venue a fee of {maker_fee}"
    assert said(demo, buyer)
    assert said(demo, seller)


def test_the_lock_is_strike_times_size(demo: Demo) -> None:
    assert said(demo, f"of which {880 * 8:,}.00 USDC is locked: strike times size")
    assert said(demo, "of which 15,263.60 USDC is locked: strike times size")  # 880 x 17.345
    assert said(demo, "Alice long 17.345 puts, Bob short 17.345")


def test_what_is_refused_is_told_with_the_next_step(demo: Demo) -> None:
    lines = facts(demo)
    for code in ("overfill", "insufficient_collateral"):
        (at,) = (i for i, line in enumerate(lines) if line.startswith("refused") and code in line)
        assert lines[at - 1].startswith("attempt")
        assert lines[at + 1].startswith("next: ")


def test_the_payout_is_the_median_against_the_strike(demo: Demo) -> None:
    median_e3 = sorted(index.e3 for index in INDEX_PRICES)[1]
    assert said(demo, f"at {median_e3 // 1000:,}.{median_e3 % 1000} USD, the median")
    each_e6 = (88_000_000 - median_e3) * 10  # 0.01 BTC, in micro-USDC
    assert said(demo, f"{each_e6 // 10**6}.{each_e6 % 10**6:06d} USDC a contract")
    exact_e9 = each_e6 * 17_345
    assert said(demo, f"Alice receives {exact_e9 // 10**9}.{exact_e9 // 1000 % 10**6:06d} USDC")
    assert exact_e9 % 1000, "the demo shows a rounding"
    paid_e6 = -(-exact_e9 // 1000)
    assert said(demo, f"Bob pays {paid_e6 // 10**6}.{paid_e6 % 10**6:06d} USDC; his lock of")
    assert said(demo, "rounding leaves 0.000001 USDC to the dust fund")
    assert said(demo, "these prices are the demo's assumption")


def test_both_batches_are_proven_attested_and_settled(demo: Demo) -> None:
    text = demo.shown.err
    for words, times in (("proven ", 2), ("attested ", 4), ("settled ", 3)):
        assert len(re.findall(rf"^  {words}", text, re.MULTILINE)) == times, words
    assert text.index("Batch 1") < text.index("Expiry") < text.index("Batch 2")
    assert said(demo, f"bundle in {demo.folder / bundle_name(1)}")


def test_the_sample_has_the_put_of_the_walk() -> None:
    assert Walk.quote.__doc__ == "The put that is traded."
    (quote,) = (q for q in market_sample() if q.instrument_name == "BTC_USDC-26DEC25-88000-P")
    assert quote.mark.e3 == MARK_E3
