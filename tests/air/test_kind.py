"""Kinds: what a column may hold, and how it is named."""

import pytest

from novate.air import below, bit, choice, element, signed, unsigned, vector
from novate.air.kind import fits_field, is_wide, message_elements
from novate.field import P


@pytest.mark.parametrize(
    ("column", "low", "high", "text"),
    [
        (bit(), 0, 1, "bit"),
        (below(2), 0, 1, "unsigned(1)"),
        (below(10), 0, 9, "below(10)"),
        (unsigned(8), 0, 255, "unsigned(8)"),
        (below(1 << 256), 0, (1 << 256) - 1, "unsigned(256)"),
        (signed(1), -1, 0, "signed(1)"),
        (signed(8), -128, 127, "signed(8)"),
        (signed(256), -(1 << 255), (1 << 255) - 1, "signed(256)"),
    ],
)
def test_a_kind_has_its_bounds_and_its_name(column: object, low: int, high: int, text: str) -> None:
    kind = column.kind  # type: ignore[attr-defined]
    assert (kind.low, kind.high, str(kind)) == (low, high, text)


@pytest.mark.parametrize(("bound", "bits"), [(2, 1), (3, 2), (4, 2), (5, 3), (1 << 40, 40)])
def test_the_bits_of_a_bound_are_those_of_its_largest_value(bound: int, bits: int) -> None:
    assert below(bound).kind.bits == bits


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: below(1), r"below\(1\): a column that can only be 0 is no column"),
        (lambda: below(0), r"below\(0\)"),
        (lambda: below(-5), r"below\(-5\)"),
        (lambda: unsigned(0), r"below\(1\)"),
        (lambda: signed(0), r"signed\(0\): at least one bit"),
        (lambda: choice("BUY"), "at least two names, each once"),
        (lambda: choice("BUY", "BUY"), "at least two names, each once"),
    ],
)
def test_a_kind_without_values_is_refused(make: object, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        make()  # type: ignore[operator]


@pytest.mark.parametrize("inner", [choice("A", "B"), vector(bit(), 2)])
def test_a_vector_holds_scalars(inner: object) -> None:
    assert str(vector(unsigned(8), 3).kind) == "unsigned(8)[3]"
    with pytest.raises(TypeError, match="a vector holds scalars"):
        vector(inner, 3)


@pytest.mark.parametrize(
    ("column", "elements"),
    [
        (bit(), 1),
        (element(), 1),
        (unsigned(30), 1),  # the widest that is one element
        (unsigned(31), 2),
        (unsigned(32), 2),
        (unsigned(33), 3),
        (signed(30), 1),
        (signed(31), 2),
        (below((1 << 30) + 1), 2),
        (unsigned(256), 16),
        (choice("A", "B", "C"), 3),
        (vector(unsigned(64), 2), 8),
        (vector(element(), 7), 7),
    ],
)
def test_a_value_travels_in_as_many_elements_as_its_width_needs(
    column: object, elements: int
) -> None:
    kind = column.kind  # type: ignore[attr-defined]
    assert message_elements(kind) == elements
    if not isinstance(kind, type(vector(bit(), 1).kind) | type(choice("A", "B").kind)):
        assert is_wide(kind) is (elements > 1)


@pytest.mark.parametrize(
    ("low", "high", "fits"),
    [
        (0, P - 1, True),
        (0, P, False),
        (1 - P, P - 1, True),
        (-P, 0, False),
        (0, 0, True),
    ],
)
def test_an_integer_fits_the_field_when_zero_modulo_p_means_zero(
    low: int, high: int, fits: bool
) -> None:
    assert fits_field(low, high) is fits
