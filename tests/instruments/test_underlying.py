"""What an option is written on."""

from novate.instruments import Underlying


def test_the_id_of_an_underlying_never_changes() -> None:
    assert {u.name: u.value for u in Underlying} == {
        "BTC": 1,
        "ETH": 2,
        "SOL": 3,
        "XRP": 4,
        "AVAX": 5,
        "TRX": 6,
    }
