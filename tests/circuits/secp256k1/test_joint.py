"""The sums of key and nonce point: each sentence is broken by a cheat that breaks nothing else."""

from functools import lru_cache

import pytest
from tests.circuits.transactions.surroundings import sentences_of

from novate.circuits.secp256k1 import Joint
from novate.circuits.secp256k1.curve import LAMBDA, N, P
from novate.circuits.secp256k1.messages import UNITS, packed

from .scene import (
    JOINTS,
    LADDERS,
    OMEGAS,
    SIGNATURES,
    Row,
    Rows,
    changed,
    honest,
    multiples,
    point,
    refusals,
    sample,
    sentences,
    signed,
    sum_of,
    summed,
    witness,
)

CHEATS = [
    ("slope", "sum: slope"),
    ("x", "sum: x"),
    ("y", "sum: y"),
    ("x_beta", "sum: beta x"),
    ("x_beta2", "sum: beta squared x"),
]


@lru_cache(maxsize=1)
def told() -> tuple[Row, ...]:
    """The six sums of a valid signature."""
    return tuple(honest(sample(1))[JOINTS])


@pytest.mark.parametrize("at", range(6))
@pytest.mark.parametrize(("column", "sentence"), CHEATS)
def test_every_column_of_a_sum_follows_by_its_law(column: str, sentence: str, at: int) -> None:
    row = told()[at]
    lie = summed(row, **{column: (row[column] + 1) % P})
    assert sentences(Joint, *told()) == set()
    assert sentences(Joint, *told()[:at], lie, *told()[at + 1 :]) == {sentence}


def test_every_sentence_has_its_cheat() -> None:
    assert {sentence for _, sentence in CHEATS} == sentences_of(Joint)


def test_the_other_cube_root_of_one_is_not_omega() -> None:
    """Were the products with omega and omega**2 swapped, labels would mean other points."""
    row = told()[2]
    swapped = summed(row, x_beta=row["x_beta2"])
    assert swapped["x_beta2"] == row["x_beta"]
    assert sentences(Joint, swapped) == {"sum: beta x"}


def test_labels_are_the_multiples_they_say() -> None:
    key, nonce = 1234567, 7654321
    rows = witness(signed(key=key, nonce=nonce, z=99))
    offered = multiples(rows[SIGNATURES][0], rows[JOINTS])
    assert len(offered) == 24
    for i, of_key in enumerate(OMEGAS):
        assert offered[packed(UNITS[i], (0, 0))] == point(of_key * key)
        assert offered[packed((0, 0), UNITS[i])] == point(of_key * nonce)
        for j, of_nonce in enumerate(OMEGAS):
            for sign in (1, -1):
                unit = (sign * UNITS[j][0], sign * UNITS[j][1])
                sum_at = point(of_key * key + sign * of_nonce * nonce)
                assert offered[packed(UNITS[i], unit)] == sum_at


@pytest.mark.parametrize("free", [0, 1, 2**255])
def test_a_key_added_to_itself_would_have_any_slope(free: int) -> None:
    """Each law holds: this is why `signature` shows that R is no unit times the key."""
    row = told()[0]
    itself = summed(row | {"ux": row["qx"], "uy": row["qy"]}, slope=free)
    assert sentences(Joint, itself) == set()
    assert (itself["x"], itself["y"]) != sum_of((2, (row["qx"], row["qy"])))


def test_a_key_added_to_its_opposite_has_no_slope() -> None:
    row = told()[1]
    for free in (0, 1, 2**255):
        nothing = summed(row | {"ux": row["qx"], "uy": row["qy"]}, slope=free)
        assert sentences(Joint, nothing) == {"sum: slope"}


def test_representatives_do_not_matter() -> None:
    """A column may hold a residue with P on top, where it fits: laws and labels are of residues."""
    key, nonce = (1, pow(8, (P + 1) // 4, P)), point(5)
    row = told()[0] | {"ux": nonce[0], "uy": nonce[1], "qy": key[1]}
    assert sentences(Joint, summed(row | {"qx": key[0]})) == set()
    assert sentences(Joint, summed(row | {"qx": key[0] + P})) == set()
    assert sentences(Joint, summed(row | {"qx": key[0] + P}) | {"qx": key[0] + P + 1}) != set()


# Among the other tables.


def test_order_and_number_of_sums_do_not_matter() -> None:
    rows = honest(sample(1), sample(2))
    shuffled = [*rows[JOINTS][::-1], rows[JOINTS][3]]
    assert refusals(rows | {JOINTS: shuffled}) == set()


def used(rows: Rows) -> set[int]:
    """Which of the six sums the ladder takes, by their place."""
    (row,), joints = rows[SIGNATURES], rows[JOINTS]
    labels = {row[f"{name}_label"] for row in rows[LADDERS] for name in ("first", "second")}
    return {i for i in range(6) if labels - set(multiples(row, joints[:i] + joints[i + 1 :]))}


@pytest.mark.parametrize("missing", range(6))
def test_a_sum_that_a_ladder_takes_is_not_left_out(missing: int) -> None:
    rows = honest(sample(1))
    assert used(rows) == {0, 2, 3, 4, 5}
    fewer = [row for i, row in enumerate(rows[JOINTS]) if i != missing]
    refused = refusals(rows | {JOINTS: fewer})
    assert refused == ({"bus multiple"} if missing in used(rows) else set())


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({"signature": 1}, "bus multiple"),
        ({"signature": 2}, "bus multiple"),
        ({"signature": -1}, "bus multiple"),
        ({"power": 1}, "bus multiple"),
        ({"power": 2}, "bus multiple"),
        ({"minus": 1}, "sum: slope"),
    ],
)
def test_a_sum_is_of_one_signature_and_one_unit(changes: Row, refused: str) -> None:
    """A second row tells Q + R of signature 0; there are two signatures."""
    rows = honest(sample(1), sample(2))
    extra = rows | {JOINTS: [*rows[JOINTS], rows[JOINTS][0]]}
    assert refusals(extra) == set()
    assert refusals(changed(extra, JOINTS, 12, **changes)) == {refused}


def test_omega_acts_as_lambda() -> None:
    assert pow(LAMBDA, 3, N) == 1
    assert told()[2]["ux"] == sum_of((LAMBDA, (told()[0]["ux"], told()[0]["uy"])))[0]
