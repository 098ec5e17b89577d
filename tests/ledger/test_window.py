"""When a batch is valid."""

import pytest

from novate.ledger import Window
from novate.units import Instant, OutOfRange


def test_a_window_does_not_end_before_it_starts() -> None:
    Window(Instant(5), Instant(5))
    Window(Instant(5), Instant(6))
    with pytest.raises(OutOfRange):
        Window(Instant(5), Instant(4))
