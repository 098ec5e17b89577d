"""An error crosses from one process to another as it is, whatever its constructor takes."""

import copy
import pickle

import pytest

from novate.units import NamedError


class ByKeyword(NamedError, ValueError):
    """Takes figures by keyword, and says them."""

    def __init__(self, *, size: int, limit: int = 8) -> None:
        super().__init__(f"{size} is not below {limit}")
        self.size, self.limit = size, limit
        self.over = size - limit


class OfNothing(NamedError, ImportError):
    """Takes nothing, and says something."""

    def __init__(self) -> None:
        super().__init__("not installed")


class Bare(ValueError):
    """The same as the first, without its base."""

    def __init__(self, *, size: int) -> None:
        super().__init__(f"{size} is too large")


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("error", [ByKeyword(size=11), OfNothing(), NamedError("as it is")])
def test_an_error_comes_back_with_its_type_text_and_fields(
    error: NamedError, protocol: int
) -> None:
    again = pickle.loads(pickle.dumps(error, protocol))
    assert type(again) is type(error)
    assert str(again) == str(error)
    assert (again.args, vars(again)) == (error.args, vars(error))


def test_fields_that_were_set_later_come_along() -> None:
    error = ByKeyword(size=11)
    error.limit = 9
    error.add_note("seen at noon")
    for again in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert (again.size, again.limit, again.over) == (11, 9, 3)
        assert again.__notes__ == ["seen at noon"]


def test_without_this_base_it_does_not_come_back() -> None:
    sent = pickle.dumps(Bare(size=11))
    with pytest.raises(TypeError):
        pickle.loads(sent)
