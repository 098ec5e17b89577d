"""The larger and the smaller of two, for integers and for arrays of them.

A circuit needs as witness the side chosen and the difference, which is not negative.
"""

import numpy as np

from novate.units.law import Term


def larger(a: Term, b: Term) -> Term:
    """The larger one, element by element."""
    return max(a, b) if isinstance(a, int) and isinstance(b, int) else np.maximum(a, b)


def smaller(a: Term, b: Term) -> Term:
    """The smaller one, element by element."""
    return min(a, b) if isinstance(a, int) and isinstance(b, int) else np.minimum(a, b)
