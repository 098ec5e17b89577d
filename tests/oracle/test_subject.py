"""What a feed is about."""

from novate.instruments import Underlying
from novate.oracle import Subject
from novate.units import Multiplier

from .scene import BTC, ETH


def test_a_subject_is_its_underlying_and_its_multiplier() -> None:
    assert Subject(Underlying(1), Multiplier(1_000)) == BTC
    assert Subject(Underlying(1), Multiplier(999)) < BTC < ETH
    assert str(ETH) == "underlying 2, 10.000 per contract"
