import pytest

from novate.field import P, word


def test_a_word_is_filled_with_zeros() -> None:
    assert word(1, 2) == (1, 2, 0, 0, 0, 0, 0, 0)


@pytest.mark.parametrize(("element", "fits"), [(P - 1, True), (P, False), (-1, False)])
def test_an_element_lies_below_the_order(element: int, fits: bool) -> None:
    if fits:
        assert word(element)[0] == element
    else:
        with pytest.raises(ValueError, match="is not an element"):
            word(element)


def test_a_word_holds_eight_elements() -> None:
    with pytest.raises(ValueError, match="8 elements, got 9"):
        word(*range(9))
