"""European options."""

from novate.instruments import Right


def test_the_codes_of_rights_never_change() -> None:
    assert (Right.CALL, Right.PUT) == (1, 2)


def test_a_put_gains_as_the_index_falls_and_a_call_as_it_rises() -> None:
    assert (Right.PUT.sign, Right.CALL.sign) == (1, -1)
