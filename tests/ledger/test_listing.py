"""Terms and settlement of an instrument."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from novate.instruments import Option, Right, Underlying
from novate.ledger import Settled, Unsettled, decode_settlement, decode_terms, encode_terms
from novate.units import IndexPrice, Instant, Multiplier, Price

from .scene import EXPIRY, LISTING, PUT

options = st.builds(
    Option,
    st.builds(Underlying, st.integers(1, 2**16 - 1)),
    st.sampled_from(Right),
    st.builds(Price, st.integers(0, 2**34 - 1)),
    st.builds(Instant, st.integers(0, 2**32 - 1)),
    st.builds(Multiplier, st.integers(1, 2**28 - 1)),
)


def test_terms_are_written_as_the_formats_say() -> None:
    low, high = EXPIRY.s & 0xFFFF, EXPIRY.s >> 16
    expected = (1, 2, 850_000 & 0xFFFF, 850_000 >> 16, 0, low, high, 10)
    assert encode_terms(LISTING[PUT]) == expected


@given(options)
def test_terms_survive_the_way_there_and_back(option: Option) -> None:
    assert decode_terms(encode_terms(option)) == option


@pytest.mark.parametrize(
    "settlement", [Unsettled(), Settled(IndexPrice(0)), Settled(IndexPrice(2**34 - 1))]
)
def test_a_settlement_survives_the_way_there_and_back(settlement: Unsettled | Settled) -> None:
    assert decode_settlement(settlement.encode()) == settlement


def test_a_settlement_at_zero_is_not_an_absent_word() -> None:
    assert Settled(IndexPrice(0)).encode() == (1, 0, 0, 0, 0, 0, 0, 0)
    assert Unsettled().encode() == (0,) * 8
