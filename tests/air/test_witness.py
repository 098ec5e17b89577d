"""From input columns to traces: what follows, what is refused, and what padding holds."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from novate.air import (
    InputRefused,
    InverseOf,
    Program,
    Row,
    Statement,
    Table,
    Trace,
    below,
    bit,
    check,
    choice,
    element,
    equal,
    lookup,
    lookup_bus,
    provide,
    signed,
    trace,
    unsigned,
    vector,
)
from novate.air.witness import HEIGHT_MIN, column_values
from novate.field import P

FACT = lookup_bus("fact", "a number that was said", number=unsigned(8))


class Sample(Table):
    """Every kind of column, given and derived."""

    small, wide, huge = unsigned(8), unsigned(62), unsigned(256)
    low, lowest = signed(20), signed(64)
    few = below(1000)
    flag = bit()
    side = choice("BUY", "SELL", "HOLD")
    pair = vector(unsigned(20), 2)
    e = element()
    twice = unsigned(9, given=lambda row: 2 * row.small)
    product = signed(84, given=lambda row: row.low * row.lowest)
    inverse = element(given=lambda row: InverseOf(row.e - 1))
    from_kernel = unsigned(10)

    @classmethod
    def constrain(cls, row: Row) -> Iterator[Statement]:
        for name in ("wide", "huge", "few", "flag"):
            yield equal(f"{name} is itself", getattr(row, name) - 1, getattr(row, name) - 1)
        yield equal("the pair is itself", row.pair[0] + row.pair[1], row.pair[1] + row.pair[0])
        yield equal("twice is twice", row.twice, 2 * row.small)
        yield equal("product is the product", row.product, row.low * row.lowest)
        yield equal(
            "bought", row.side.BUY * row.e * row.inverse, row.side.BUY * row.e * row.inverse
        )
        yield equal("the kernel adds", row.from_kernel, row.small + row.twice)
        yield provide(FACT, number=row.small)

    @classmethod
    def kernel(cls, columns: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        return {"from_kernel": 3 * columns["small"]}


class Asker(Table):
    """Uses of the facts."""

    number = unsigned(8)

    @classmethod
    def constrain(cls, row: Row) -> Iterator[Statement]:
        yield lookup(FACT, number=row.number)


PROGRAM = Program([Sample, Asker])
GOOD: dict[str, list[Any]] = {
    "small": [0, 255, 7],
    "wide": [0, 2**62 - 1, 12345678901],
    "huge": [0, 2**256 - 1, 3**150],
    "low": [-(2**19), 2**19 - 1, -1],
    "lowest": [-(2**63), 2**63 - 1, -1],
    "few": [0, 999, 1],
    "flag": [0, 1, 1],
    "side": [0, 1, 2],
    "pair": [[0, 2**20 - 1], [1, 2], [3, 4]],
    "e": [0, P - 1, 1],
}


def filled(**changes: Any) -> Trace:
    """The trace of these inputs, changed as named."""
    columns = {name: value for name, value in (GOOD | changes).items() if value is not None}
    return trace(PROGRAM, {"sample": columns, "asker": {"number": [7, 7, 255]}})


def test_every_cell_follows_from_the_inputs() -> None:
    made = filled()
    assert check(PROGRAM, made) == []
    assert made.rows["sample"] == 3
    found = column_values(PROGRAM["sample"], made["sample"][:3])
    for name, value in GOOD.items():
        assert found[name].tolist() == value, name
    assert found["twice"].tolist() == [0, 510, 14]
    assert found["product"].tolist() == [
        a * b for a, b in zip(GOOD["low"], GOOD["lowest"], strict=True)
    ]
    assert found["from_kernel"].tolist() == [0, 765, 21]
    assert [e * i % P for e, i in zip([-1, -2, 0], found["inverse"].tolist(), strict=True)] == [
        1,
        1,
        0,
    ]
    assert found["inverse"].tolist()[2] == 0, "the inverse of zero is zero"


def test_uses_are_counted_by_the_language() -> None:
    made = filled()
    uses = made["sample"][:, PROGRAM["sample"].cells.index("uses of fact")]
    assert uses[:4].tolist() == [0, 1, 2, 0]


def test_padding_is_zero_up_to_a_power_of_two() -> None:
    made = filled()
    assert len(made["sample"]) == HEIGHT_MIN == 16
    assert not made["sample"][3:].any()
    longer = trace(PROGRAM, {"asker": {"number": [7] * 17}})
    assert len(longer["asker"]) == 32
    assert longer["asker"][:, PROGRAM["asker"].real].tolist() == [1] * 17 + [0] * 15


def test_a_table_that_is_not_named_has_no_rows() -> None:
    made = trace(PROGRAM, {})
    assert made.rows["sample"] == 0
    assert not made["sample"].any()
    assert check(PROGRAM, made) == []
    assert made.total_cells == sum(cells.size for cells in made.cells)
    with pytest.raises(KeyError):
        made["nothing"]


def test_a_wide_integer_may_come_as_bytes() -> None:
    rows = [list(value.to_bytes(32, "little")) for value in GOOD["huge"]]
    as_bytes = filled(huge=np.array(rows, dtype=np.uint8))
    assert (as_bytes["sample"] == filled()["sample"]).all()
    short = filled(huge=np.array([row[:2] for row in rows], dtype=np.uint8))
    found = column_values(PROGRAM["sample"], short["sample"][:3])["huge"]
    assert found.tolist() == [value % 2**16 for value in GOOD["huge"]]


@pytest.mark.parametrize("bound", [10**19, 2**64 - 1, 2**255 - 19])
def test_a_wide_bound_is_shown_however_the_integer_comes(bound: int) -> None:
    class Bounded(Table):
        x = below(bound)

        @classmethod
        def constrain(cls, row: Row) -> Iterator[Statement]:
            yield equal("x is itself", row.x - 1, row.x - 1)

    program = Program([Bounded])
    for values in ([0], [1, 2**62], [bound - 1], [bound - 1, 0]):
        rows = [list(value.to_bytes(32, "little")) for value in values]
        for given_ in (values, np.array(rows, np.uint8)):
            made = trace(program, {"bounded": {"x": given_}})
            assert check(program, made) == []
            found = column_values(program["bounded"], made["bounded"][: len(values)])["x"]
            assert found.tolist() == values
    for given_ in ([bound], np.array([list(bound.to_bytes(32, "little"))], np.uint8)):
        with pytest.raises(InputRefused, match="column x"):
            trace(program, {"bounded": {"x": given_}})


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"small": [0, 256, 7]}, r"column small holds \[0, 256\], expected unsigned\(8\)"),
        ({"small": [0, -1, 7]}, r"column small holds \[-1, 7\], expected unsigned\(8\)"),
        ({"wide": [0, 2**62, 1]}, r"column wide holds"),
        ({"huge": [0, 2**256, 1]}, r"column huge holds"),
        ({"low": [0, 2**19, 1]}, r"column low holds .*, expected signed\(20\)"),
        ({"low": [0, -(2**19) - 1, 1]}, r"column low holds"),
        ({"few": [0, 1000, 1]}, r"column few holds .*, expected below\(1000\)"),
        ({"flag": [0, 2, 1]}, r"column flag holds .*, expected bit"),
        ({"side": [0, 3, 1]}, r"column side holds 3, expected an index below 3"),
        ({"side": [0, -1, 1]}, r"column side holds"),
        ({"pair": [[1], [2], [3]]}, r"column pair has shape \(3, 1\), expected \(rows, 2\)"),
        ({"pair": [[1, 2, 3]] * 3}, r"column pair has shape \(3, 3\)"),
        ({"flag": [0, 1]}, r"columns of different lengths"),
        ({"flag": None}, r"table sample: no input for column flag"),
        ({"loud": [1, 2, 3]}, r"table sample has no column loud"),
        ({"twice": [1, 255, 600]}, r"column twice holds \[1, 600\]"),
        ({"lowest": np.zeros((3, 8), np.uint8), "product": [0, 0, 0]}, r"column lowest: a wide"),
        ({"huge": np.zeros((3, 32), np.int64)}, r"column huge: a wide integer takes uint8 rows"),
        ({"huge": np.ones((3, 33), np.uint8)}, r"column huge holds more than 256 bits"),
    ],
)
def test_what_does_not_fit_its_column_is_refused_by_name(
    changes: dict[str, Any], words: str
) -> None:
    with pytest.raises(InputRefused, match=words):
        filled(**changes)


def test_tables_and_public_values_are_named_too() -> None:
    with pytest.raises(InputRefused, match="no table walk; the program has asker"):
        trace(PROGRAM, {"walk": {}})
    with pytest.raises(InputRefused, match="table asker: 1 public values, expected 0"):
        trace(PROGRAM, {}, {"asker": [1]})


@settings(max_examples=25)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 2**256 - 1), st.integers(-(2**63), 2**63 - 1), st.integers(0, 999)
        ),
        min_size=1,
        max_size=5,
    )
)
def test_columns_read_back_from_their_cells(rows: list[tuple[int, int, int]]) -> None:
    count = len(rows)
    huge, lowest, few = (list(column) for column in zip(*rows, strict=True))
    inputs = {name: [values[0]] * count for name, values in GOOD.items()}
    made = trace(PROGRAM, {"sample": inputs | {"huge": huge, "lowest": lowest, "few": few}})
    found = column_values(PROGRAM["sample"], made["sample"][:count])
    assert (found["huge"].tolist(), found["lowest"].tolist()) == (huge, lowest)
    assert found["few"].tolist() == few
    assert check(PROGRAM, made) == []


def test_no_step_of_an_expression_wraps() -> None:
    """A product of 28 and 50 bits on the way to a quotient that fits int64."""
    seen: list[Any] = []

    class Tick(Table):
        size, move = signed(28), signed(50)
        payment = signed(
            63, given=lambda row: seen.append(row) or -(-row.size * row.move // 10**10)
        )
        dust = below(10**10, given=lambda row: row.payment * 10**10 - row.size * row.move)
        shifted = unsigned(90, given=lambda row: ((row.size * row.size) << 33) + row.dust)

        @classmethod
        def constrain(cls, row: Row) -> Iterator[Statement]:
            law = row.payment * 10**10 - row.size * row.move - row.dust
            yield equal("payment is size times move, rounded up", law, 0)
            yield equal("shifted", row.shifted, row.size * row.size * 2**33 + row.dust)

    program = Program([Tick])
    columns = {"size": [2**27 - 1, -(2**27), 3], "move": [2**49 - 1, 2**49 - 1, -(2**49)]}
    made = trace(program, {"tick": columns})
    assert check(program, made) == []
    found = column_values(program["tick"], made["tick"][:3])
    for i, (size, move) in enumerate(zip(*columns.values(), strict=True)):
        assert found["payment"][i] == -(-size * move // 10**10)
    small = seen[0].size + seen[0].move
    assert small.dtype == np.int64, "what fits stays fast"
    assert (seen[0].size * seen[0].move).dtype == object


def test_a_lie_about_a_derived_column_is_filled_and_then_refused() -> None:
    """An input may stand where an expression would: the sentences decide."""
    assert "twice is twice" in str(check(PROGRAM, filled(twice=[1, 510, 14]))[0])


def test_a_counted_table_is_filled_by_its_kernel_alone() -> None:
    class Counted(Table):
        counted = 16
        index = element()

        @classmethod
        def constrain(cls, row: Row) -> Iterator[Statement]:
            yield equal("index is itself", row.index, row.index + 0 * row.index)
            yield equal("and again", row.index * row.index, row.index * row.index)

        @classmethod
        def kernel(cls, columns: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
            return {"index": np.arange(16)}

    program = Program([Counted])
    assert trace(program, {})["counted"][:, 0].tolist() == list(range(16))
