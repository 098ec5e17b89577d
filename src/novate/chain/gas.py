"""The price of a transaction by Prague's rules, from one by Cancun's."""

from typing import Final

GAS_LIMIT: Final = 2**24
"""No transaction may use more (EIP-7825)."""

_BASE: Final = 21_000
_FLOOR_PER_TOKEN: Final = 10


def prague_gas(*, cancun_gas: int, calldata: bytes) -> int:
    """Gas after the calldata floor of EIP-7623: 10 a token, a zero byte one token, others four.

    The embedded machines run Cancun's rules; nothing else in Prague changes the price of our calls.
    """
    zeros = calldata.count(0)
    tokens = zeros + 4 * (len(calldata) - zeros)
    return max(cancun_gas, _BASE + _FLOOR_PER_TOKEN * tokens)
