"""What an option is written on."""

from enum import IntEnum


class Underlying(IntEnum):
    """A currency with an index price; the number is its id in the state and in reports."""

    BTC = 1
    ETH = 2
    SOL = 3
    XRP = 4
    AVAX = 5
    TRX = 6
