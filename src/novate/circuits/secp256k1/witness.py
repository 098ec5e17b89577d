"""From signed messages to the columns of the tables: the curve kernel's integers, by name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from novate import _stark
from novate.circuits.secp256k1.messages import ROWS
from novate.circuits.sponge import States, absorb
from novate.field import Tag, Word
from novate.keys import Domain, PublicKey, Signature
from novate.ledger import Signed, message_digest

Columns = dict[str, dict[str, np.ndarray]]
"""Per table its input columns.

Shape: rows first; a wide column is (rows, 32) bytes, least significant first.
"""

Claim = tuple[Word, PublicKey, Signature]
"""A digest, and the key and signature that vouch for it."""

JOINTS = 6
SIGNATURE_WIDE = (
    "z", "qx", "qy", "rx", "ry", "s", "qx2", "rx2", "qx_beta", "qx_beta2", "rx_beta", "rx_beta2",
    "a", "b",
)  # fmt: skip
JOINT_WIDE = ("qx", "qy", "ux", "uy", "slope", "x", "y", "x_beta", "x_beta2")
LADDER_WIDE = (
    "x", "y", "first_x", "first_y", "second_x", "second_y", "fixed_x", "fixed_y",
    "slope_a", "x_a", "slope_b", "x_b", "slope_c", "x_c", "slope_d", "x_d",
    "slope_e", "x_out", "y_out",
)  # fmt: skip
WEIGHTS = (("unequal", 11), ("unopposite", 11), ("unzero", 11), ("b_weights", 6))


def signature_rows(domain: Domain, messages: Sequence[Signed[Any]], states: States) -> Columns:
    """The columns of every table for these messages, each digest and key once.

    The permutations of the keys' commitments are added to `states`.

    Raises: ValueError, with the index of the signature, when one is not valid.
    """
    claims = {}
    for signed in messages:
        digest = message_digest(domain, signed.message)
        claims[digest, signed.key] = (digest, signed.key, signed.signature)
    return claim_rows(list(claims.values()), states)


def claim_rows(claims: Sequence[Claim], states: States) -> Columns:
    """The columns of every table for these claims; no rows for none."""
    if not claims:
        return {}
    witness = _stark.secp256k1_witness(
        _rows(
            b"".join(element.to_bytes(4, "little") for element in reversed(digest))
            for digest, _, _ in claims
        ),
        _integers(signature.r for _, _, signature in claims),
        _integers(signature.s for _, _, signature in claims),
        _integers(key.x for _, key, _ in claims),
        _integers(key.y for _, key, _ in claims),
    )
    return {
        "signature": _signature(claims, witness, states),
        "joint": _joint(len(claims), witness),
        "ladder": _ladder(len(claims), witness),
    }


def _signature(
    claims: Sequence[Claim], witness: dict[str, np.ndarray], states: States
) -> dict[str, np.ndarray]:
    columns = _wide(SIGNATURE_WIDE, witness["signature_wide"])
    small = witness["signature_small"].astype(np.int64)
    rows = small[:, 1:].reshape(len(claims), ROWS, 5)
    for i, name in enumerate(("alpha", "alpha_omega", "rho", "rho_omega", "fixed_byte")):
        columns[name] = rows[:, :, i]
    place = 0
    for name, width in WEIGHTS:
        weights = witness["signature_weights"][:, place : place + width]
        columns[name], place = weights.astype(np.int64), place + width
    outs = np.array([absorb(Tag.KEY, key.elements, states) for _, key, _ in claims], dtype=np.int64)
    return columns | {
        "signature": np.arange(len(claims), dtype=np.int64),
        "digest": np.array([digest for digest, _, _ in claims], dtype=np.int64),
        "key": outs[:, 2, :8],
        "start_half": small[:, 0] - 128,
        "first_out": outs[:, 0],
        "second_out": outs[:, 1],
        "capacity_out": outs[:, 2, 8:],
    }


def _joint(count: int, witness: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    index = np.arange(JOINTS * count, dtype=np.int64)
    return _wide(JOINT_WIDE, witness["joint_wide"]) | {
        "signature": index // JOINTS,
        "power": index % JOINTS // 2,
        "minus": index % 2,
    }


def _ladder(count: int, witness: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    index = np.arange(ROWS * count, dtype=np.int64)
    row = index % ROWS
    stream = (ROWS - 1 - row) % 4
    small = witness["ladder_small"].astype(np.int64)
    starts = (row == 0).astype(np.int64)
    start = np.repeat(witness["signature_small"][:, 0].astype(np.int64) - 128, ROWS)
    columns = _wide(LADDER_WIDE, witness["ladder_wide"])
    for name, place in (("first", 0), ("second", 5)):
        columns[f"{name}_label"] = small[:, place : place + 4] @ np.array([1, 8, 64, 512])
        columns[f"{name}_minus"] = (small[:, place + 4] < 0).astype(np.int64)
    return columns | {
        "signature": index // ROWS,
        "row": row,
        "starts": starts,
        "ends": (row == ROWS - 1).astype(np.int64),
        "stream": stream,
        "returns": (stream == 0).astype(np.int64),
        "start_half": starts * start,
        "fixed_half": small[:, 10],
        "fixed_minus": (small[:, 11] < 0).astype(np.int64),
    }


def _wide(names: Sequence[str], values: np.ndarray) -> dict[str, np.ndarray]:
    return {name: values[:, 32 * i : 32 * i + 32] for i, name in enumerate(names)}


def _integers(values: Any) -> np.ndarray:
    return _rows(value.to_bytes(32, "little") for value in values)


def _rows(values: Any) -> np.ndarray:
    return np.frombuffer(b"".join(values), dtype=np.uint8).reshape(-1, 32)
