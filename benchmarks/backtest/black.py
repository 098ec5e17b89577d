"""Black-76 without discounting, on arrays of floats: what a book is worth at later marks."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from benchmarks.peers.interface import Floats

TINY = 1e-12


def value(
    forwards: Floats, strikes: Floats, vols: Floats, tenors: Floats, is_call: NDArray[np.bool_]
) -> Floats:
    """Of one option each; at no time or no volatility, what it pays."""
    spread = np.maximum(vols * np.sqrt(np.maximum(tenors, 0.0)), TINY)
    d1 = np.log(forwards / strikes) / spread + spread / 2
    call = forwards * ndtr(d1) - strikes * ndtr(d1 - spread)
    return np.where(is_call, call, call - forwards + strikes)


def call_delta(forwards: Floats, strikes: Floats, vols: Floats, tenors: Floats) -> Floats:
    """Of a call, towards its forward."""
    spread = np.maximum(vols * np.sqrt(np.maximum(tenors, 0.0)), TINY)
    return np.asarray(ndtr(np.log(forwards / strikes) / spread + spread / 2))
