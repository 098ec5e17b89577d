"""The normal distribution: its density, its cumulative function and Mills' ratio."""

import numpy as np
import pytest
from mpmath import mpf, ncdf, npdf

from novate.pricing import normal_cdf_q28, normal_pdf_q28
from novate.pricing.normal import density_and_mills_q31, mills_q31

from .exact import ONE_Q28, errors, mills


def arguments() -> np.ndarray:
    """Nodes of the table, the middles between them, and draws; to either side, and beyond."""
    random = np.random.default_rng(4)
    nodes = np.arange(-700, 701) << 22
    middles = nodes + (1 << 21)
    drawn = random.integers(-11 << 28, 11 << 28, 2_000)
    near_zero = np.arange(-50, 51)
    return np.concatenate([nodes, middles, middles - 1, drawn, near_zero])


def inside() -> np.ndarray:
    """The arguments of the table itself: 0 to 10."""
    y = np.unique(np.abs(arguments()))
    return y[y <= 10 << 28]


def of_q28(function):
    return lambda argument: function(mpf(argument) / ONE_Q28)


@pytest.mark.parametrize(
    ("kernel", "exact", "bound"),
    [(normal_pdf_q28, npdf, 2.8e-9), (normal_cdf_q28, ncdf, 3.6e-9)],
)
def test_the_distribution_is_within_its_bound(kernel, exact, bound: float) -> None:
    off = errors(kernel(arguments()), of_q28(exact), arguments(), scale=ONE_Q28)
    assert off.max() <= bound * ONE_Q28


@pytest.mark.parametrize(
    ("kernel", "exact", "bound"),
    [
        (lambda y: density_and_mills_q31(y)[0], npdf, 9e-10),
        (lambda y: density_and_mills_q31(y)[1], mills, 1.3e-9),
        (mills_q31, mills, 1.3e-9),
    ],
)
def test_the_table_between_its_nodes_is_within_its_bound(kernel, exact, bound: float) -> None:
    off = errors(kernel(inside()), of_q28(exact), inside(), scale=1 << 31)
    assert off.max() <= bound * (1 << 31)


def test_both_tails_together_are_one_and_the_middle_a_half() -> None:
    d = arguments()
    assert np.all(normal_cdf_q28(d) + normal_cdf_q28(-d) == ONE_Q28)
    assert np.all(normal_pdf_q28(d) == normal_pdf_q28(-d))
    assert normal_cdf_q28(np.array([0])) * 2 == ONE_Q28


def test_far_out_nothing_is_left() -> None:
    far = np.array([-1 << 40, -11 << 28, 11 << 28, 1 << 40])
    assert normal_cdf_q28(far).tolist() == [0, 0, ONE_Q28, ONE_Q28]
    assert not normal_pdf_q28(far).any()
