import pytest
from hypothesis import given
from hypothesis import strategies as st

from novate.field import (
    P,
    address_elements,
    from_limbs16,
    from_signed_element,
    limbs16,
    limbs24,
    signed_element,
    word_bytes,
    word_from_bytes,
)


@given(st.integers(0, 2**64 - 1))
def test_limbs_are_read_back(value: int) -> None:
    assert from_limbs16(limbs16(value, 4)) == value


@given(st.integers(0, 2**256 - 1))
def test_a_coordinate_is_the_sum_of_its_limbs(value: int) -> None:
    assert sum(limb << (24 * i) for i, limb in enumerate(limbs24(value))) == value


def test_a_value_beyond_its_limbs_is_refused() -> None:
    with pytest.raises(ValueError, match="does not fit 4 limbs"):
        limbs16(2**64, 4)


def test_an_address_is_cut_in_its_own_order() -> None:
    assert address_elements(bytes(range(20)))[0] == 0x000102
    assert address_elements(bytes(range(20)))[6] == 0x1213


@given(st.lists(st.integers(0, P - 1), min_size=8, max_size=8))
def test_a_word_is_read_back_from_bytes(elements: list[int]) -> None:
    a, b, c, d, e, f, g, h = elements
    assert word_from_bytes(word_bytes((a, b, c, d, e, f, g, h))) == tuple(elements)


def test_bytes_beyond_the_order_are_no_word() -> None:
    with pytest.raises(ValueError, match="is not an element"):
        word_from_bytes(P.to_bytes(4, "big") + bytes(28))


@pytest.mark.parametrize(
    ("value", "element"),
    [(0, 0), (1, 1), (-1, P - 1), (2**29 - 1, 2**29 - 1), (1 - 2**29, P + 1 - 2**29)],
)
def test_a_signed_integer_is_taken_modulo_the_field(value: int, element: int) -> None:
    assert signed_element(value) == element
    assert from_signed_element(element) == value


@pytest.mark.parametrize("value", [2**29, -(2**29)])
def test_a_signed_integer_of_thirty_bits_has_no_element(value: int) -> None:
    with pytest.raises(ValueError, match="29 bits"):
        signed_element(value)


@pytest.mark.parametrize("element", [-1, 2**29, P - 2**29, P])
def test_an_element_in_the_middle_of_the_field_is_no_signed_integer(element: int) -> None:
    with pytest.raises(ValueError, match="29 bits"):
        from_signed_element(element)
