"""Portfolios from CSV, JSON and Deribit's answer; what is refused, and where."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from novate.nodes import FileRefused, Portfolio, read_portfolio
from novate.units import Multiplier

PUT = "BTC_USDC-26DEC25-85000-P"
PERPETUAL = "BTC_USDC-PERPETUAL"


def from_csv(folder: Path, *rows: str, header: str = "instrument,quantity,average_price",
             **options: Any) -> Portfolio:  # fmt: skip
    path = folder / "book.csv"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return read_portfolio(path, **options)


def from_json(folder: Path, content: Any, **options: Any) -> Portfolio:
    path = folder / "book.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content, indent=1))
    return read_portfolio(path, **options)


def told(portfolio: Portfolio) -> list[tuple[str, str, str]]:
    return [(p.instrument_name, str(p.quantity), str(p.average_price)) for p in portfolio.positions]


def deribit(name: str, size: float, direction: str, **more: Any) -> dict[str, Any]:
    """An entry of `get_positions`, with fields that nobody reads beside those that count."""
    return {
        "instrument_name": name,
        "direction": direction,
        "size": size,
        "average_price": 1210.5,
        "mark_price": 1100.25,
        "kind": "option",
        "initial_margin": 0.1,
        "leverage": 50,
        **more,
    }


def test_a_csv_tells_positions_and_cash(tmp_path: Path) -> None:
    book = from_csv(tmp_path, f"{PUT},-2.5,1210.5", f"{PERPETUAL},0.4,", "USDC,25000.5,")
    assert told(book) == [(PUT, "-2.5", "1210.5"), (PERPETUAL, "0.4", "None")]
    assert [position.line for position in book.positions] == [2, 3]
    assert book.cash == Decimal("25000.5")
    assert book.notices == ()


def test_a_csv_may_use_the_words_of_deribit(tmp_path: Path) -> None:
    header = "Instrument_Name,Direction,Amount,Price"
    book = from_csv(tmp_path, f"{PUT},sell,2.5,1210.5", header=header)
    assert told(book) == [(PUT, "-2.5", "1210.5")]
    assert book.notices == ("no cash is told: taken as 0 USDC",)


def test_columns_that_nobody_reads_are_noticed(tmp_path: Path) -> None:
    book = from_csv(tmp_path, f"{PUT},1,delta", header="instrument,quantity,trader")
    assert book.notices[0] == "not read: the columns trader"


def test_json_tells_the_same_as_csv(tmp_path: Path) -> None:
    positions = [
        {"instrument": PUT, "quantity": -2.5, "average_price": 1210.5},
        {"instrument": PERPETUAL, "quantity": "0.4"},
    ]
    book = from_json(tmp_path, {"cash": 25_000.5, "positions": positions})
    as_csv = from_csv(tmp_path, f"{PUT},-2.5,1210.5", f"{PERPETUAL},0.4,", "USDC,25000.5,")
    assert told(book) == told(as_csv)
    assert book.cash == as_csv.cash
    bare = from_json(tmp_path, positions)
    assert told(bare) == told(as_csv)
    assert bare.cash == 0


def test_the_answer_of_get_positions_is_a_portfolio(tmp_path: Path) -> None:
    reply = {
        "jsonrpc": "2.0",
        "id": 2236,
        "result": [
            deribit(PUT, -2.5, "sell"),
            deribit("BTC_USDC-26DEC25-90000-C", 1, "sell"),  # a size without its sign
            deribit(PERPETUAL, 0.4, "buy", kind="future", size_currency=0.4),
            deribit("ETH_USDC-PERPETUAL", 0, "zero", kind="future"),
        ],
    }
    book = from_json(tmp_path, reply)
    assert told(book) == [
        (PUT, "-2.5", "1210.5"),
        ("BTC_USDC-26DEC25-90000-C", "-1", "1210.5"),
        (PERPETUAL, "0.4", "1210.5"),
    ]
    assert "no position in ETH_USDC-PERPETUAL" in book.notices[0]


def test_coin_settled_instruments_are_refused_until_their_twins_are_asked_for(
    tmp_path: Path,
) -> None:
    option = deribit("BTC-26DEC25-85000-P", 2, "buy", average_price=0.0131, average_price_usd=1190)
    future = deribit("BTC-26DEC25", -18_000, "sell", size_currency=-0.1987654321)
    perpetual = deribit("BTC-PERPETUAL", 9_000, "buy", size_currency=0.1, average_price=90_000.5)
    with pytest.raises(FileRefused, match="its linear twin BTC_USDC-26DEC25-85000-P"):
        from_json(tmp_path, [option])
    book = from_json(tmp_path, [option, future, perpetual], inverse_as_linear=True)
    assert told(book) == [
        (PUT, "2", "1190"),
        ("BTC_USDC-26DEC25", "-0.198765", "1210.5"),
        (PERPETUAL, "0.100000", "90000.5"),
    ]
    assert [notice.split(",")[0] for notice in book.notices[:3]] == [
        "line 2: BTC-26DEC25-85000-P",
        "line 13: BTC-26DEC25",
        "line 24: BTC-PERPETUAL",
    ]


def test_the_price_of_a_coin_settled_option_is_not_taken_for_usd(tmp_path: Path) -> None:
    option = deribit("BTC-26DEC25-85000-P", 2, "buy", average_price=0.0131)
    assert told(from_json(tmp_path, [option], inverse_as_linear=True)) == [(PUT, "2", "None")]


def test_the_size_in_usd_of_a_coin_settled_future_is_not_taken_for_coins(tmp_path: Path) -> None:
    future = deribit("BTC-PERPETUAL", 9_000, "buy")
    with pytest.raises(FileRefused, match="line 2, field size_currency: is missing"):
        from_json(tmp_path, [future], inverse_as_linear=True)


def test_lots_of_one_instrument_are_one_position(tmp_path: Path) -> None:
    book = from_csv(
        tmp_path, f"{PUT},1,100", f"{PERPETUAL},1,5", f"{PUT},3,200", f"{PERPETUAL},-1,6"
    )
    assert told(book) == [(PUT, "4", "175")]
    assert f"line 4: {PUT} is added to line 2" in book.notices
    opposed = from_csv(tmp_path, f"{PUT},1,100", f"{PUT},-3,200")
    assert told(opposed) == [(PUT, "-2", "None")]


def test_lots_are_added_exactly_whatever_their_sizes(tmp_path: Path) -> None:
    book = from_csv(tmp_path, f"{PUT},99999999999,5", f"{PUT},1e-30,5", f"{PUT},-99999999999,5")
    (position,) = book.positions
    assert position.quantity == Decimal("1e-30")
    with pytest.raises(FileRefused, match="no whole milli-contract"):
        book.contracts(position, Multiplier(1000))


def test_cash_that_is_owed_is_not_taken_for_cash_that_is_held(tmp_path: Path) -> None:
    for row, cash in (("USDC,-5,", -5), ("USDC,5,sell", -5), ("USDC,5,buy", 5), ("USDC,5,", 5)):
        path = tmp_path / "book.csv"
        path.write_text(f"instrument,quantity,direction\n{row}\n", encoding="utf-8")
        assert read_portfolio(path).cash == cash


def test_a_coin_settled_future_of_nothing_is_nothing(tmp_path: Path) -> None:
    nothing = deribit("BTC-PERPETUAL", 0, "zero", size_currency=0.0)
    assert told(from_json(tmp_path, [nothing], inverse_as_linear=True)) == []
    with pytest.raises(FileRefused, match=r"size_currency: '0\.5' contradicts a size of 0"):
        from_json(tmp_path, [nothing | {"size_currency": 0.5}], inverse_as_linear=True)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (f"{PUT},two,1", "line 2, field quantity: 'two' is not a number"),
        (f"{PUT},nan,1", "line 2, field quantity: 'nan' is not a number"),
        (f"{PUT},inf,1", "line 2, field quantity: 'inf' is not a number"),
        (f"{PUT},1_000,1", "line 2, field quantity: '1_000' is not a number"),
        (f"{PUT},1e12,1", "line 2, field quantity: '1e12' is not below 1,000,000,000,000 in size"),
        (f"{PUT},1e99,1", "field quantity: '1e99' is not below"),
        (f"{PUT},,1", "line 2, field quantity: is missing"),
        (f"{PUT},1,-5", "line 2, field average_price: '-5' is below 0"),
        (f"{PUT},1,x", "line 2, field average_price: 'x' is not a number"),
        (",1,1", "line 2, field instrument: is missing"),
        ("BTC_USDC-31FEB26-85000-P,1,1", "field instrument: 'BTC_USDC-31FEB26-85000-P' is no inst"),
        ("BTC_USDC-26DEC25-085000-P,1,1", "is no instrument"),
        ("BTC_USDC-26DEC25-85000,1,1", "is no instrument"),
        ("XYZ_USDC-PERPETUAL,1,1", "is no instrument: 'XYZ' is not a registered underlying"),
        ("XYZ-PERPETUAL,1,1", "is no instrument"),
        ("BTC_USDT-PERPETUAL,1,1", "is no instrument"),
        ("BTC-26DEC25-85000-P,1,1", "settled in the coin"),
        ("USDC,,1", "line 2, field quantity: is missing"),
        (f"{PUT},0.{30 * '0'}1,1", "has more than 30 decimals"),
        (f"{PUT},1e-31,1", "field quantity: '1e-31' has more than 30 decimals"),
    ],
)
def test_a_row_that_says_nothing_usable_refuses_the_file(
    tmp_path: Path, row: str, said: str
) -> None:
    with pytest.raises(FileRefused) as refused:
        from_csv(tmp_path, row)
    assert said in str(refused.value)
    assert refused.value.line == 2


@pytest.mark.parametrize("header", ["name,quantity", "instrument;quantity", "instrument,qty"])
def test_a_file_without_its_columns_is_refused_by_their_names(tmp_path: Path, header: str) -> None:
    path = tmp_path / "book.csv"
    path.write_text(f"{header}\n{PUT},1\n" if "," in header else f"{header}\n{PUT};1\n")
    missing = "quantity" if header.startswith("instrument,") else "instrument"
    told = ", ".join(header.split(","))
    with pytest.raises(FileRefused, match=f"book.csv: has no column {missing}; it has {told}"):
        read_portfolio(path)


def test_lots_stay_apart_where_that_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text(f"instrument,quantity,price\n{PUT},2,90\n{PUT},-2,95\n", encoding="utf-8")
    assert told(read_portfolio(path)) == []
    apart = told(read_portfolio(path, is_netted=False))
    assert apart == [(PUT, "2", "90"), (PUT, "-2", "95")]


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (deribit(PUT, 2, "long"), "field direction: 'long' is not one of buy, sell, zero"),
        (deribit(PUT, -2, "buy"), "field size: '-2' contradicts the direction buy"),
        (deribit(PUT, 2, "zero"), "field size: '2' contradicts the direction zero"),
        (deribit(PUT, 2, "buy", quantity=2), "field size: '2' says again what quantity says"),
        ({"instrument": PUT, "quantity": True}, "field quantity: 'True' is not a number"),
        ({"instrument": PUT, "quantity": [1]}, "field quantity: '[1]' is not a number"),
        ({"instrument": 5, "quantity": 1}, "field instrument: '5' is not the name"),
        ({"instrument": PUT}, "field quantity: is missing"),
        ({"instrument": "USDC", "amount": -1, "side": "buy"}, "contradicts the side buy"),
    ],
)
def test_an_object_that_says_nothing_usable_refuses_the_file(
    tmp_path: Path, entry: dict[str, Any], said: str
) -> None:
    with pytest.raises(FileRefused) as refused:
        from_json(tmp_path, [entry])
    assert str(refused.value).startswith("book.json, line 2, ")
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"positions": 5}, "is no list of positions"),
        ({"cash": 5}, "is no list of positions"),
        ("5", "is no list of positions"),
        ([5], "entry 1 is 5, not an object"),
        ({"error": {"code": 13009, "message": "unauthorized"}}, "is an error reply: .*13009"),
        ({"cash": "much", "positions": []}, "line 1, field cash: 'much' is not a number"),
        ({"cash": 1, "positions": [{"instrument": "USDC", "quantity": 1}]}, "'USDC' is told twice"),
    ],
)
def test_json_of_another_shape_is_refused(tmp_path: Path, content: Any, said: str) -> None:
    with pytest.raises(FileRefused, match=said):
        from_json(tmp_path, content)


def test_a_portfolio_names_listed_instruments_only(tmp_path: Path) -> None:
    book = from_csv(tmp_path, f"{PUT},1,1", f"{PERPETUAL},1,1")
    book.require_listed({PUT, PERPETUAL})
    with pytest.raises(FileRefused, match=f"line 3, field instrument: '{PERPETUAL}' is not among"):
        book.require_listed({PUT})


@pytest.mark.parametrize(
    ("quantity", "multiplier_e3", "contracts_e3"),
    [
        ("2.5", 1000, 2_500),
        ("-2.5", 10, -250_000),
        ("0.00001", 10, 1),
        ("0.000011", 10, None),
        (f"0.{29 * '9'}", 10, None),  # no whole one, however near
        (f"1.{29 * '0'}1", 1000, None),
        (f"1.{30 * '0'}", 1000, 1_000),
        ("134.217727", 1, 2**27 - 1),
        ("134.217728", 1, None),
    ],
)
def test_a_position_is_a_whole_number_of_milli_contracts(
    tmp_path: Path, quantity: str, multiplier_e3: int, contracts_e3: int | None
) -> None:
    book = from_csv(tmp_path, f"{PUT},{quantity},1")
    (position,) = book.positions
    if contracts_e3 is None:
        with pytest.raises(FileRefused, match="line 2, field quantity"):
            book.contracts(position, Multiplier(multiplier_e3))
    else:
        assert book.contracts(position, Multiplier(multiplier_e3)).e3 == contracts_e3
