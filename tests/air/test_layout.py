"""How integers become cells, and what bounds the cells."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from novate.air import below, bit, element, signed
from novate.air.layout import NARROW_BITS_MAX, RangeCheck, place, range_checks, widths

LIMB_BITS = st.sampled_from([8, 16])


@pytest.mark.parametrize(
    ("bits", "limb_bits", "expected"),
    [
        (1, 16, [1]),
        (14, 16, [14]),  # the widest of the narrow table
        (14, 8, [14]),
        (15, 16, [15]),
        (15, 8, [8, 7]),
        (16, 16, [16]),
        (16, 8, [16]),
        (17, 16, [16, 1]),
        (17, 8, [8, 8, 1]),
        (63, 16, [16, 16, 16, 15]),
        (64, 16, [16, 16, 16, 16]),
        (34, 8, [8, 8, 8, 8, 2]),
        (256, 16, [16] * 16),
        (256, 8, [8] * 32),
    ],
)
def test_an_integer_is_cut_into_limbs(bits: int, limb_bits: int, expected: list[int]) -> None:
    assert widths(bits, limb_bits) == expected


@given(st.integers(1, 600), LIMB_BITS)
def test_limbs_hold_exactly_the_bits_of_the_integer(bits: int, limb_bits: int) -> None:
    found = widths(bits, limb_bits)
    assert sum(found) == bits
    assert all(1 <= width <= 16 for width in found)


@given(st.integers(2, 1 << 300), LIMB_BITS, st.integers(0, 50))
def test_limbs_lie_side_by_side_from_the_lowest(bound: int, limb_bits: int, start: int) -> None:
    placed = place(below(bound).kind, start, limb_bits)
    at = 0
    for i, limb in enumerate(placed.limbs):
        assert (limb.cell, limb.position) == (start + i, at)
        at += limb.bits
    assert at == (bound - 1).bit_length()
    assert placed.offset == 0


@pytest.mark.parametrize("bits", [1, 8, 16, 17, 64, 256])
def test_a_signed_integer_is_stored_above_its_lowest_value(bits: int) -> None:
    placed, kind = place(signed(bits).kind, 0, 16), signed(bits).kind
    assert placed.offset == -kind.low
    assert sum(limb.bits for limb in placed.limbs) == bits


@pytest.mark.parametrize("column", [bit(), element()])
def test_a_bit_and_an_element_are_one_cell(column: object) -> None:
    (limb,) = place(column.kind, 7, 8).limbs  # type: ignore[attr-defined]
    assert (limb.cell, limb.position) == (7, 0)


@pytest.mark.parametrize(
    ("cells", "checks"),
    [
        ([], []),
        ([(3, 8)], [RangeCheck((3,), 8)]),
        ([(3, 8), (4, 8)], [RangeCheck((3, 4), 8)]),
        # bytes meet across what lies between them
        ([(3, 8), (4, 16), (5, 8), (6, 8)], [((4,), 16), ((3, 5), 8), ((6,), 8)]),
        ([(1, 1), (2, NARROW_BITS_MAX)], [((1,), 1), ((2,), NARROW_BITS_MAX)]),
        ([(9, 15)], [RangeCheck((9,), 16), RangeCheck((9,), 16, factor=2)]),
    ],
)
def test_every_cell_is_looked_up_once_for_its_width(
    cells: list[tuple[int, int]], checks: list[object]
) -> None:
    expected = [c if isinstance(c, RangeCheck) else RangeCheck(*c) for c in checks]  # type: ignore[misc]
    assert range_checks(cells) == expected


@given(st.lists(st.sampled_from([*range(1, NARROW_BITS_MAX + 1), 15, 16]), max_size=40))
def test_no_cell_is_left_without_a_range(bits: list[int]) -> None:
    checks = range_checks(list(enumerate(bits)))
    for cell, width in enumerate(bits):
        own = [check for check in checks if cell in check.cells]
        if width == 15:
            assert {(check.bits, check.factor) for check in own} == {(16, 1), (16, 2)}
        else:
            assert [(check.bits, check.factor) for check in own] == [(width, 1)]


def test_two_lookups_bound_a_cell_of_fifteen_bits() -> None:
    """x and 2x both below 2**16, in the field: x is below 2**15, for no x wraps to a small 2x."""
    p = 2**31 - 2**27 + 1
    assert all(2 * x % p >= 1 << 16 for x in range(1 << 15, 1 << 16))
    assert all(2 * x % p < 1 << 16 for x in range(1 << 15))


@pytest.mark.parametrize("bits", [17, 24, 30])
def test_a_width_without_a_table_is_refused(bits: int) -> None:
    with pytest.raises(ValueError, match=f"no range check for a cell of {bits} bits"):
        range_checks([(0, bits)])
