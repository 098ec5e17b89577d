"""Option values and Greeks, integers in and integers out."""

from novate.pricing.black76 import (
    call_e3,
    call_given_q28,
    distance_law,
    price_error_e3,
    put_e3,
    time_value_law,
    time_value_q28,
    total_vol_law,
    total_vol_q28,
)
from novate.pricing.greeks import Greeks, call_delta_q28, call_greeks, put_greeks
from novate.pricing.implied_vol import (
    Implied,
    ImpliedVols,
    call_implied_vols,
    put_implied_vols,
)
from novate.pricing.logarithm import ln_q28, ln_ratio_q28, reduction_law
from novate.pricing.normal import normal_cdf_q28, normal_pdf_q28
from novate.pricing.operand import NotIntegers
from novate.pricing.square_root import sqrt_floor, sqrt_law, sqrt_years_q28
from novate.pricing.surface import (
    Smiles,
    Svi,
    SviRefused,
    implied_vol_e6,
    lean_law,
    moneyness_e7,
    moneyness_law,
    smile_vol_law,
    variance_e13,
)

__all__ = [
    "Greeks",
    "Implied",
    "ImpliedVols",
    "NotIntegers",
    "Smiles",
    "Svi",
    "SviRefused",
    "call_delta_q28",
    "call_e3",
    "call_given_q28",
    "call_greeks",
    "call_implied_vols",
    "distance_law",
    "implied_vol_e6",
    "lean_law",
    "ln_q28",
    "ln_ratio_q28",
    "moneyness_e7",
    "moneyness_law",
    "normal_cdf_q28",
    "normal_pdf_q28",
    "price_error_e3",
    "put_e3",
    "put_greeks",
    "put_implied_vols",
    "reduction_law",
    "smile_vol_law",
    "sqrt_floor",
    "sqrt_law",
    "sqrt_years_q28",
    "time_value_law",
    "time_value_q28",
    "total_vol_law",
    "total_vol_q28",
    "variance_e13",
]
