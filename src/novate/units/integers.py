"""Arrays of integers: what kernels take and give."""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Integers: TypeAlias = npt.NDArray[np.int64]
"""An array of signed 64-bit integers; its unit is in the name of the argument."""
