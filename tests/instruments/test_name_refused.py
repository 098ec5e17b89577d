"""What is said of a bad name."""

from novate.instruments import Nameless, NameRefused


def test_a_refusal_says_what_was_expected() -> None:
    refused = NameRefused("BTC", expected="an expiry like 26DEC25")
    assert str(refused) == "'BTC' is not an expiry like 26DEC25"
    assert (refused.text, refused.expected) == ("BTC", "an expiry like 26DEC25")


def test_both_errors_are_of_values() -> None:
    assert issubclass(NameRefused, ValueError)
    assert issubclass(Nameless, ValueError)
