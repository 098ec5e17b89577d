"""Option values and Greeks, integers in and integers out."""

from novate.pricing.black76 import (
    call_e3,
    call_given_q28,
    price_error_e3,
    put_e3,
    time_value_q28,
    total_vol_q28,
)
from novate.pricing.logarithm import ln_q28, ln_ratio_q28
from novate.pricing.normal import normal_cdf_q28, normal_pdf_q28
from novate.pricing.square_root import sqrt_floor, sqrt_law, sqrt_years_q28
from novate.pricing.surface import Svi, SviRefused

__all__ = [
    "Svi",
    "SviRefused",
    "call_e3",
    "call_given_q28",
    "ln_q28",
    "ln_ratio_q28",
    "normal_cdf_q28",
    "normal_pdf_q28",
    "price_error_e3",
    "put_e3",
    "sqrt_floor",
    "sqrt_law",
    "sqrt_years_q28",
    "time_value_q28",
    "total_vol_q28",
]
