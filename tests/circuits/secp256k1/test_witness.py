"""From signatures to columns: what is valid has a witness that every table accepts, and nothing
else has one; the ledger refuses the same signatures."""

import json
from dataclasses import replace
from functools import lru_cache
from itertools import count
from pathlib import Path
from typing import Any

import coincurve
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.circuits import secp256k1_reference as reference
from tests.ledger.scene import DOMAIN, report

from novate.air import Machine, ProofRefused, Security
from novate.circuits.secp256k1 import claim_rows, signature_rows
from novate.circuits.secp256k1.curve import G, N, P
from novate.circuits.secp256k1.ladder import FIXED_MULTIPLE
from novate.circuits.secp256k1.messages import ROWS
from novate.circuits.sponge import States
from novate.field import P as NATIVE
from novate.keys import PublicKey, is_valid
from novate.keys import Signature as Pair
from novate.ledger import message_digest

from .scene import (
    JOINTS,
    LADDERS,
    SIGNATURES,
    SIXTH_ROOTS,
    STEP,
    Claim,
    Findings,
    Rows,
    completed,
    curve_key,
    filled,
    findings,
    from_multipliers,
    honest,
    integer,
    is_word,
    merged,
    opposite,
    point,
    refusals,
    sample,
    signed,
    square_root,
    sum_of,
    whole,
    with_a_word,
    witness,
    word,
)

VECTORS = json.loads(
    (Path(__file__).parents[1] / "vectors" / "wycheproof_ecdsa_secp256k1.json").read_text()
)
KEYS = [(int(x, 16), int(y, 16)) for x, y in VECTORS["keys"]]


def _case(row: list) -> dict:
    case = dict(zip(VECTORS["columns"], row, strict=True))
    return case | {name: int(case[name], 16) for name in ("digest", "r", "s")}


CASES = {f"{case['file']}-{case['tcId']}": case for case in map(_case, VECTORS["tests"])}
MALLEABLE = "malleability"
VALID = [
    name
    for name, case in CASES.items()
    if case["result"] == "valid" or MALLEABLE in case["comment"]
]
"""Those with a high s too: there is one with a low s beside each, and the bus says no more."""

INVALID = [name for name in CASES if name not in VALID]


def key_of(case: dict) -> PublicKey:
    return PublicKey(*KEYS[case["key"]])


def claim_of(case: dict) -> Claim:
    """The vector as a claim: R is what its numbers lead to."""
    z, s, key = case["digest"], case["s"], KEYS[case["key"]]
    inverse = pow(s, -1, N)
    return Claim(z, key, sum_of((z * inverse, G), (case["r"] * inverse, key)), s)


def adapted(case: dict) -> Claim:
    """A valid signature of a canonical digest under the same key, with the same ratio of r and s.

    With the ratio the short scalars are those of the vector.
    """
    z, key = case["digest"], KEYS[case["key"]]
    u1, u2 = (value * pow(case["s"], -1, N) % N for value in (z, case["r"]))
    nonce, step, over = curve_key(claim_of(case).nonce), curve_key(point(1 << 128)), pow(u2, -1, N)
    for i in count(1):
        nonce = coincurve.PublicKey.combine_keys([nonce, step])
        x, y = nonce.point()
        s = x * over % N
        if is_word(z := (u1 + (i << 128)) * s % N):
            return Claim(z, key, (x, y), s)
    raise AssertionError


def refused_elements(z: int) -> set[str]:
    """What `signature` says of 32 bytes that are no eight elements."""
    said = set()
    for j, element in enumerate(word(z)):
        if element >> 24 > 0x78:
            said.add(f"first byte of element {j} is at most 0x78")
        elif element > 0x78000000:
            said.add(f"element {j} is canonical")
    return said


# Wycheproof.


def found_among(claims: list[Claim]) -> Findings:
    """What is wrong with the kernel's rows of many claims, whose digests may be no words."""
    rows = honest(*claims)
    rows |= {SIGNATURES: [completed(row) for row in rows[SIGNATURES]]}
    return findings(whole(), filled(whole(), rows))


@lru_cache(maxsize=1)
def original() -> Findings:
    """Every valid vector as it stands, whatever its digest."""
    return found_among([claim_of(CASES[name]) for name in VALID])


@pytest.mark.parametrize("index", range(len(VALID)), ids=VALID)
def test_a_valid_vector_breaks_nothing_but_that_its_digest_is_eight_elements(index: int) -> None:
    found, case = original(), CASES[VALID[index]]
    assert set(found.of(SIGNATURES, range(index, index + 1))) == refused_elements(case["digest"])
    assert found.of(LADDERS, range(ROWS * index, ROWS * index + ROWS)) == []
    assert found.of(JOINTS, range(6 * index, 6 * index + 6)) == []
    assert found.buses == set()


def test_every_valid_vector_is_accepted_with_a_canonical_digest() -> None:
    claims = [adapted(CASES[name]) for name in VALID]
    assert refusals(honest(*claims)) == set()
    for claim in claims:
        assert ledger_accepts(claim)


@pytest.mark.parametrize("name", INVALID)
def test_an_invalid_vector_has_no_witness(name: str) -> None:
    case = CASES[name]
    digest, pair = word(case["digest"]), Pair(case["r"], case["s"])
    with pytest.raises(ValueError, match=r"signature 0 cannot be proven: (Invalid|OutOfRange)"):
        claim_rows([(digest, key_of(case), pair)], {})
    assert not is_valid(case["digest"].to_bytes(32, "big"), key_of(case), pair)


@lru_cache(maxsize=1)
def lifted() -> dict[str, Claim]:
    """The invalid vectors in range whose r is the x of a point: a prover's best try."""
    claims = {}
    for name in INVALID:
        case = CASES[name]
        r, s, key = case["r"], case["s"], KEYS[case["key"]]
        y = square_root(r**3 + 7)
        in_range = 0 < r < N and 0 < s < N
        if in_range and y is not None and key[0] != r:
            claims[name] = Claim(
                integer(tuple(e % NATIVE for e in word(case["digest"]))), key, (r, y), s
            )
    return claims


@pytest.mark.parametrize("flips", [False, True])
def test_an_invalid_vector_with_a_point_for_its_r_ends_elsewhere(flips: bool) -> None:
    """For either sign of R: all that a prover could fill in by the laws, and the end is not END."""
    assert len(lifted()) == 24
    claims = [
        replace(claim, nonce=opposite(claim.nonce)) if flips else claim
        for claim in lifted().values()
    ]
    rows = merged(*(witness(claim, index=i) for i, claim in enumerate(claims)))
    found = findings(whole(), filled(whole(), rows))
    assert found.names == {"x ends at END", "y ends at END"}
    ends = {row for _, row, _ in found.broken}
    assert ends == {ROWS * i + ROWS - 1 for i in range(len(claims))}


# The ledger.


def ledger_accepts(claim: Claim) -> bool:
    """With the low s of the two."""
    return is_valid(claim.z.to_bytes(32, "big"), PublicKey(*claim.key), claim.pair)


def refusal(claim: Claim) -> str | None:
    """Why the kernel has no witness, or None."""
    try:
        claim_rows([claim.given], {})
    except ValueError as error:
        return str(error).rpartition(": ")[2]
    return None


FIXED_SCALARS = [(2 * half + 1) << (62 * stream) for stream in range(4) for half in (0, 1, 64, 127)]
END_SCALAR = -FIXED_MULTIPLE % N
SPECIAL = [
    *range(1, 9),
    *(N - i for i in range(1, 9)),
    *(root * i % N for root in SIXTH_ROOTS for i in (1, 2, 3)),
    *FIXED_SCALARS,
    *(N - scalar for scalar in FIXED_SCALARS),
    END_SCALAR,
    N - END_SCALAR,
    END_SCALAR * pow(2, -1, N) % N,
    (N + 1) // 2,
    (N - 1) // 2,
    2**66,
    2**128,
    FIXED_MULTIPLE % N,
    *(255 * 2**i for i in (64, 66)),
]
"""Private keys, and nonces, whose points the tables meet: starts, fixed multiples, END, their
doubles and halves, their products with omega."""

DIGESTS = [0, 1, integer((0x78000000,) * 8), sample(1).z]


def specials() -> list[Claim]:
    """Every special key with every tenth special nonce, for a digest each."""
    claims = []
    for i, key in enumerate(SPECIAL):
        for nonce in SPECIAL[i % 10 :: 10]:
            z = DIGESTS[(i + nonce) % len(DIGESTS)]
            claim = signed(key=key, nonce=nonce, z=z)
            if claim.s:
                claims.append(claim)
    return claims


def test_the_ledger_and_the_kernel_agree_on_special_keys_and_nonces() -> None:
    accepted = refused = 0
    for claim in specials():
        reason = refusal(claim)
        same = pow(claim.key[1], 2, P) == pow(claim.nonce[1], 2, P)
        assert reason == ("NonceIsKey" if same else None)
        assert ledger_accepts(claim) == (reason is None)
        accepted, refused = accepted + (not same), refused + same
    assert accepted == 494
    assert refused == 86


def test_special_keys_and_nonces_are_proven() -> None:
    claims = [claim for claim in specials() if refusal(claim) is None]
    assert refusals(honest(*claims[::5])) == set()


def test_only_the_low_s_is_the_ledgers() -> None:
    """For the circuit both are one claim: that a signature with low s exists."""
    claim = sample(1)
    high = Claim(claim.z, claim.key, opposite(claim.nonce), N - claim.s)
    digest, key = claim.z.to_bytes(32, "big"), PublicKey(*claim.key)
    accepted = {s: is_valid(digest, key, Pair(claim.r, s)) for s in (claim.s, high.s)}
    assert accepted == {s: s <= N // 2 for s in (claim.s, high.s)}
    assert refusal(claim) is None
    assert refusal(high) is None


@pytest.mark.parametrize("r_of_x", [0, N])
def test_r_is_the_x_of_r_modulo_the_order(r_of_x: int) -> None:
    """An x from the order on is another r, and both candidates are tried."""
    x = next(x for x in range(r_of_x + 1, r_of_x + 99) if square_root(x**3 + 7) is not None)
    nonce, z, s = (x, square_root(x**3 + 7)), sample(1).z, 31337
    key = sum_of((s * pow(x, -1, N), nonce), (-z * pow(x, -1, N), G))
    claim = Claim(z, key, nonce, s)
    assert claim.r < 99
    assert ledger_accepts(claim)
    assert refusal(claim) is None
    assert refusals(honest(claim)) == set()


HOSTILE = [
    ({"key": (5, 6)}, "KeyNotOnCurve"),
    ({"key": (0, 0)}, "KeyNotOnCurve"),
    ({"key": (0, P)}, "KeyNotOnCurve"),
    ({"key": (P, P)}, "KeyNotOnCurve"),
    ({"key": (1 + P, square_root(8))}, "KeyNotOnCurve"),
    ({"key": (2**256 - 1, 2**256 - 1)}, "KeyNotOnCurve"),
    ({"key": point(99)}, "Invalid"),
    ({"r": 0}, "OutOfRange"),
    ({"r": N}, "OutOfRange"),
    ({"r": N + 1}, "OutOfRange"),
    ({"r": P}, "OutOfRange"),
    ({"r": 2**256 - 1}, "OutOfRange"),
    ({"r": 1}, "Invalid"),
    ({"s": 0}, "OutOfRange"),
    ({"s": N}, "OutOfRange"),
    ({"s": 2**256 - 1}, "OutOfRange"),
    ({"s": 1}, "Invalid"),
    ({"r": 0, "s": 0}, "OutOfRange"),
    ({"z": 0}, "Invalid"),
    ({"z": 1}, "Invalid"),
]


@pytest.mark.parametrize(("changes", "reason"), HOSTILE)
def test_a_hostile_claim_is_refused_by_kernel_and_ledger(
    changes: dict[str, Any], reason: str
) -> None:
    claim = sample(1)
    given = {"z": claim.z, "key": claim.key, "r": claim.r, "s": claim.pair.s} | changes
    key, pair = PublicKey(*given["key"]), Pair(given["r"], given["s"])
    with pytest.raises(ValueError, match=f"signature 1 cannot be proven: {reason}"):
        claim_rows([sample(2).given, (word(given["z"]), key, pair)], {})
    assert not is_valid(given["z"].to_bytes(32, "big"), key, pair)


def test_a_key_with_a_second_representative_signs_under_the_first_only() -> None:
    key = (1, square_root(8))
    claim = with_a_word(lambda i: from_multipliers(key, 2 * i + 1, 3 * i + 1))
    assert ledger_accepts(claim)
    assert refusals(honest(claim)) == set()
    other = Claim(claim.z, (1 + P, key[1]), claim.nonce, claim.s)
    assert not ledger_accepts(other)
    assert refusal(other) == "KeyNotOnCurve"


@settings(max_examples=150)
@given(st.integers(1, N - 1), st.integers(1, N - 1), st.integers(0, 3), st.integers(0, 2**256 - 1))
def test_kernel_and_ledger_agree_on_changed_signatures(
    secret: int, nonce: int, which: int, flip: int
) -> None:
    """A signature in which one of digest, key, r and s was changed, or nothing."""
    claim = signed(key=secret, nonce=nonce, z=sample(nonce % 50).z)
    parts = [claim.z, secret, claim.r, claim.pair.s]
    parts[which] = (parts[which] + flip % 3) % N
    z, secret, r, s = parts
    if not secret or not is_word(z):
        return
    key = PublicKey(*point(secret))
    try:
        claim_rows([(word(z), key, Pair(r, s))], {})
        proven = True
    except ValueError:
        proven = False
    assert proven == is_valid(z.to_bytes(32, "big"), key, Pair(r, min(s, N - s) if s else 0))


def test_signatures_of_coincurve_are_proven() -> None:
    claims = []
    for i in range(1, 9):
        secret = coincurve.PrivateKey.from_int(pow(3, i, N))
        z = sample(i).z
        found = secret.sign_recoverable(z.to_bytes(32, "big"), hasher=None)
        r, s = (int.from_bytes(found[part], "big") for part in (slice(0, 32), slice(32, 64)))
        inverse, key = pow(s, -1, N), secret.public_key.point()
        claims.append(Claim(z, key, sum_of((z * inverse, G), (r * inverse, key)), s))
    assert refusals(honest(*claims)) == set()


# The kernel.


def differences(one: Rows, other: Rows) -> set[str]:
    """Columns of the first that the second tells otherwise."""
    return {
        f"{table}.{column}"
        for table in (SIGNATURES, JOINTS, LADDERS)
        for left, right in zip(one[table], other[table], strict=True)
        for column in left
        if left[column] != right[column]
    }


@pytest.mark.parametrize("seed", range(4))
def test_the_kernel_tells_what_the_laws_determine(seed: int) -> None:
    claim = sample(seed)
    assert differences(honest(claim), witness(claim)) == set()
    assert differences(honest(claim), witness(claim, start=100, spare=200)) == STARTED_ELSEWHERE


STARTED_ELSEWHERE = {f"{SIGNATURES}.start_half", f"{SIGNATURES}.fixed_byte"} | {
    f"{LADDERS}.{column}"
    for column in ("start_half", "fixed_half", "fixed_minus", "fixed_x", "fixed_y", "x", "y", *STEP)
}


@pytest.mark.parametrize("seed", range(2))
def test_the_kernel_tells_what_the_reference_does(seed: int) -> None:
    claim = sample(seed)
    rows = honest(claim)
    exact = reference.witness(claim.z, claim.r, claim.s, claim.key)
    (row,) = rows[SIGNATURES]
    for name in ("qx", "qy", "rx", "ry", "s", "qx2", "rx2", "a", "b", "rx_beta", "rx_beta2"):
        assert row[name] == getattr(exact.signature, name)
    assert list(zip(row["alpha"], row["alpha_omega"], strict=True)) == list(exact.signature.alpha)
    assert list(zip(row["rho"], row["rho_omega"], strict=True)) == list(exact.signature.rho)
    assert row["fixed_byte"] == exact.signature.fixed_byte
    assert 128 + row["start_half"] == exact.signature.start_byte
    for found, step in zip(rows[LADDERS], exact.steps, strict=True):
        for name in ("x", "y", *STEP, "fixed_x", "fixed_y", "fixed_half"):
            assert found[name] == getattr(step, name)
        for name in ("first", "second"):
            addend = getattr(step, name)
            told = (found[f"{name}_x"], found[f"{name}_y"], 1 - 2 * found[f"{name}_minus"])
            assert told == (addend.x, addend.y, addend.sign)
    for found, joint in zip(rows[JOINTS], exact.joints, strict=True):
        for name in ("qx", "qy", "ux", "uy", "slope", "x", "y", "x_beta", "x_beta2", "power"):
            assert found[name] == getattr(joint, name)


def test_each_digest_and_key_is_proven_once() -> None:
    one, other = report(0), report(0, 85_000_000)
    states: States = {}
    columns = signature_rows(DOMAIN, [one, other, one], states)
    assert len(columns[SIGNATURES]["z"]) == 2
    assert len(columns[JOINTS]["x"]) == 12
    assert len(columns[LADDERS]["x"]) == 2 * ROWS
    assert len(states) == 3
    for digest, told in zip(columns[SIGNATURES]["digest"], (one, other), strict=True):
        assert tuple(digest) == message_digest(DOMAIN, told.message)


def test_a_message_that_was_not_signed_is_named() -> None:
    one, other = report(0), report(0, 85_000_000)
    with pytest.raises(ValueError, match="signature 1 cannot be proven: Invalid"):
        signature_rows(DOMAIN, [one, replace(other, message=report(0, 1).message)], {})


def test_without_messages_there_are_no_rows() -> None:
    assert signature_rows(DOMAIN, [], {}) == {}
    assert refusals({}) == set()


# A proof.


def test_a_valid_signature_has_a_proof_and_a_forged_one_has_none() -> None:
    machine = Machine(whole(), security=Security.DEVELOPMENT)
    machine.verify(machine.prove(filled(whole(), honest(sample(1)))), {})
    claim = sample(1)
    forged = witness(Claim(sample(2).z, claim.key, claim.nonce, claim.s))
    with pytest.raises(ProofRefused):
        machine.verify(machine.prove(filled(whole(), forged)), {})
