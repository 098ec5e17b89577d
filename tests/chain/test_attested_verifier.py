"""AttestedVerifier: k distinct watchers, each signature in one form only."""

import pytest
from eth_account import Account

from novate.chain import (
    Attestation,
    Contract,
    EmbeddedChain,
    address_of,
    artifact,
    attest,
    attested_proof,
    create,
)

from .scene import DEPLOYER, NOW, STRANGER, A, refused

ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
WATCHERS = [Account.from_key(bytes([i]) * 32) for i in range(21, 26)]
PROGRAM, STATEMENT = bytes([7]) * 32, bytes([8]) * 32


@pytest.fixture(scope="module")
def verifier() -> Contract:
    """Three of five."""
    chain = EmbeddedChain(timestamp=NOW)
    watchers = [address_of(watcher) for watcher in WATCHERS]
    return create(chain, artifact("AttestedVerifier"), watchers, 3, creator=DEPLOYER)


def words(verifier: Contract, count: int) -> list[Attestation]:
    """Honest words of the first watchers by address."""
    settings = {
        "chain_id": verifier.chain.chain_id,
        "verifier": verifier.address,
        "program_hash": PROGRAM,
        "statement_hash": STATEMENT,
    }
    by_address = sorted(WATCHERS, key=address_of)
    return [attest(watcher, **settings) for watcher in by_address[:count]]


@pytest.mark.parametrize(
    ("count", "accepted"), [(0, False), (2, False), (3, True), (4, True), (5, True)]
)
def test_the_threshold_is_inclusive(verifier: Contract, count: int, accepted: bool) -> None:
    proof = attested_proof(words(verifier, count))
    if accepted:
        assert verifier.call("verify", PROGRAM, STATEMENT, proof) is True
    else:
        with refused(f"number of signatures: got {count}, allowed 3"):
            verifier.call("verify", PROGRAM, STATEMENT, proof)


def test_a_watcher_counts_once(verifier: Contract) -> None:
    a, b, _ = (word.signature for word in words(verifier, 3))
    with refused("signers are not in strictly rising order"):
        verifier.call("verify", PROGRAM, STATEMENT, a + b + b)


def test_the_order_of_signers_is_fixed(verifier: Contract) -> None:
    a, b, c = (word.signature for word in words(verifier, 3))
    with refused("signers are not in strictly rising order"):
        verifier.call("verify", PROGRAM, STATEMENT, a + c + b)


def test_a_stranger_does_not_count(verifier: Contract) -> None:
    stranger = attest(
        STRANGER,
        chain_id=verifier.chain.chain_id,
        verifier=verifier.address,
        program_hash=PROGRAM,
        statement_hash=STATEMENT,
    )
    with refused("signer is not a watcher"):
        verifier.call("verify", PROGRAM, STATEMENT, attested_proof([*words(verifier, 3), stranger]))


def test_only_one_form_of_a_signature_is_taken(verifier: Contract) -> None:
    a, b, c = (word.signature for word in words(verifier, 3))
    s, v = int.from_bytes(b[32:64], "big"), b[64]
    high = b[:32] + (ORDER - s).to_bytes(32, "big") + bytes([55 - v])
    with refused("signature s is not the lower one"):
        verifier.call("verify", PROGRAM, STATEMENT, a + high + c)
    for other in (v - 27, v + 4, 255):
        with refused(f"signature v: got {other}, allowed 28"):
            verifier.call("verify", PROGRAM, STATEMENT, a + b[:64] + bytes([other]) + c)


@pytest.mark.parametrize("change", [(bytes(32), STATEMENT), (PROGRAM, bytes(32))])
def test_words_bind_program_and_statement(verifier: Contract, change: tuple[bytes, bytes]) -> None:
    with refused("signer"):
        verifier.call("verify", *change, attested_proof(words(verifier, 3)))


def test_bytes_that_are_no_signatures_are_refused(verifier: Contract) -> None:
    proof = attested_proof(words(verifier, 3))
    with refused("bytes after the last signature: got 64, allowed 0"):
        verifier.call("verify", PROGRAM, STATEMENT, proof[:-1])
    with refused("bytes after the last signature: got 1, allowed 0"):
        verifier.call("verify", PROGRAM, STATEMENT, proof + b"\0")
    # A signature that recovers no address.
    nobody = bytes(32) + (1).to_bytes(32, "big") + bytes([27])
    with refused("signers are not in strictly rising order"):
        verifier.call("verify", PROGRAM, STATEMENT, 3 * nobody)
    with refused("number of signatures: got 33, allowed 3"):
        verifier.call("verify", PROGRAM, STATEMENT, 33 * proof[:65])


def test_the_digest_is_the_one_wallets_sign(verifier: Contract) -> None:
    word = words(verifier, 1)[0]
    digest = verifier.call("attestation_digest", PROGRAM, STATEMENT)
    signer = Account._recover_hash(digest, signature=word.signature)
    assert bytes.fromhex(signer[2:]) == word.watcher


def test_an_attestation_given_twice_is_packed_once(verifier: Contract) -> None:
    given = words(verifier, 3)
    assert attested_proof([*given[::-1], given[1]]) == attested_proof(given)


def test_the_constructor_refuses_lists_that_mislead() -> None:
    chain, code = EmbeddedChain(timestamp=NOW), artifact("AttestedVerifier")
    first, second = (address_of(watcher) for watcher in WATCHERS[:2])
    for watchers, threshold, reason in (
        ([first, second], 3, "threshold: got 3, allowed 2"),
        ([first, second], 0, "threshold: got 0, allowed 2"),
        ([], 0, "threshold: got 0, allowed 0"),
        ([first, first], 1, "watcher is listed twice"),
        ([first, bytes(20)], 1, "watcher is the zero address"),
    ):
        with refused(reason):
            create(chain, code, watchers, threshold, creator=DEPLOYER)
    made = create(chain, code, [first, second], 2, creator=DEPLOYER)
    assert (made.call("threshold"), made.call("watchers", 1)) == (2, second)
    assert made.call("is_watcher", A) == (first == A or second == A)


@pytest.mark.parametrize(("count", "accepted"), [(32, True), (33, False)])
def test_a_list_holds_up_to_thirty_two(count: int, accepted: bool) -> None:
    chain, code = EmbeddedChain(timestamp=NOW), artifact("AttestedVerifier")
    many = [Account.from_key(bytes([i]) * 32) for i in range(1, count + 1)]
    if not accepted:
        with refused("no reason given"):
            create(chain, code, [address_of(watcher) for watcher in many], 1, creator=DEPLOYER)
        return
    made = create(chain, code, [address_of(watcher) for watcher in many], 32, creator=DEPLOYER)
    settings = {"chain_id": chain.chain_id, "verifier": made.address}
    hashes = {"program_hash": PROGRAM, "statement_hash": STATEMENT}
    proof = attested_proof(attest(watcher, **settings, **hashes) for watcher in many)
    assert made.call("verify", PROGRAM, STATEMENT, proof) is True
