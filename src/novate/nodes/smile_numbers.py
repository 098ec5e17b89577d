"""A smile as its five numbers: in whole steps, in floats, as the literature writes it."""

from collections.abc import Sequence

import numpy as np

from novate.nodes.csv_file import Floats
from novate.nodes.smile_fit import Parameters, to_free
from novate.pricing import Svi
from novate.units import bounds


def in_floats(smile: Svi) -> Parameters:
    """The five numbers of a smile, without their unit."""
    whole = (smile.a_e6, smile.b_e6, smile.rho_e6, smile.m_e6, smile.s_e6)
    return Parameters(*(np.asarray(value / 1e6) for value in whole))


def raw_svi(smile: Svi, tenor_s: int) -> Parameters:
    """The same smile as the literature writes it: total variance over log-moneyness."""
    years = tenor_s / bounds.YEAR_S
    free, root = in_floats(smile), np.sqrt(years)
    return Parameters(free.a * years, free.b * root, free.rho, free.m * root, free.s * root)


def from_raw_svi(raw: Parameters, tenor_s: int) -> Svi:
    """The smile of a tenor that total variance over log-moneyness describes, to 1e-6.

    Raises: OutOfRange, SviRefused.
    """
    years = tenor_s / bounds.YEAR_S
    root = np.sqrt(years)
    free_of_tenor = (raw.a / years, raw.b / root, raw.rho, raw.m / root, raw.s / root)
    return Svi(*(round(float(value) * 1e6) for value in free_of_tenor))


def rounded(parameters: Parameters) -> list[Svi]:
    """Smiles in steps of 1e-6."""
    columns = (parameters.a, parameters.b, parameters.rho, parameters.m, parameters.s)
    table = np.rint(np.stack(columns, axis=-1) * 1e6).astype(np.int64).tolist()
    return [Svi(*row) for row in table]


def free_numbers(smiles: Sequence[Svi], tenor: Floats) -> Floats:
    """What the search would begin with to find these smiles."""
    whole = [(one.a_e6, one.b_e6, one.rho_e6, one.m_e6, one.s_e6) for one in smiles]
    a, b, rho, m, s = (np.array(whole) / 1e6).T
    return to_free(Parameters(a, b, rho, m, s), tenor)
