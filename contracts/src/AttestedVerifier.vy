#pragma version 0.4.3
#pragma evm-version cancun
#pragma nonreentrancy on
"""
@title AttestedVerifier: a batch is taken on the word of k of n watchers
@license Apache-2.0
@notice
    What you trust when a settlement names this verifier: that of the watchers listed here, at most
    `threshold - 1` are dishonest or careless. Each watcher verifies the STARK itself and rebuilds
    the state from the posted data before it signs; this contract checks signatures only. With
    `threshold` dishonest watchers a false batch can be settled and the vault emptied.
    A later verifier, which checks the proof on the chain and needs nobody's word, stands behind the
    same interface (IVerifier). The watchers listed here never change: to trust others, deploy anew.
@dev
    The signatures are EIP-712 over Attestation(bytes32 programHash,bytes32 statementHash), in the
    domain ("novate AttestedVerifier", "1", this chain, this contract).
"""

from interfaces import IVerifier
import refusal

implements: IVerifier

MAX_WATCHERS: constant(uint256) = 32
# Bytes of one signature: r (32), s (32), v (1).
SIGNATURE: constant(uint256) = 65

HALF_ORDER: constant(uint256) = (
    57896044618658097711785492504343953926418782139537452191302581570759080747168
)
DOMAIN_TYPE: constant(bytes32) = keccak256(
    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
)
ATTESTATION_TYPE: constant(bytes32) = keccak256(
    "Attestation(bytes32 programHash,bytes32 statementHash)"
)

# Distinct watchers that must sign.
threshold: public(immutable(uint256))
watchers: public(DynArray[address, MAX_WATCHERS])
is_watcher: public(HashMap[address, bool])


@deploy
def __init__(watchers_: DynArray[address, MAX_WATCHERS], threshold_: uint256):
    """
    @param watchers_ At most 32 distinct addresses.
    @param threshold_ 1 to the number of watchers.
    """
    assert 1 <= threshold_ and threshold_ <= len(watchers_), refusal.because(
        "threshold", threshold_, len(watchers_)
    )
    for watcher: address in watchers_:
        assert watcher != empty(address), "watcher is the zero address"
        assert not self.is_watcher[watcher], "watcher is listed twice"
        self.is_watcher[watcher] = True
    self.watchers = watchers_
    threshold = threshold_


@view
@external
def verify(program_hash: bytes32, statement_hash: bytes32, proof: Bytes[8192]) -> bool:
    """
    @notice True when at least `threshold` watchers attest this statement. Anyone may call.
    @param proof Signatures of 65 bytes (r, s, v) in strictly rising order of their signers' addresses.
    """
    assert len(proof) % SIGNATURE == 0, refusal.because(
        "bytes after the last signature", len(proof) % SIGNATURE, 0
    )
    count: uint256 = len(proof) // SIGNATURE
    assert threshold <= count and count <= MAX_WATCHERS, refusal.because(
        "number of signatures", count, threshold
    )
    digest: bytes32 = self._digest(program_hash, statement_hash)
    last: uint256 = 0
    for i: uint256 in range(count, bound=MAX_WATCHERS):
        signer: address = self._signer(digest, slice(proof, SIGNATURE * i, SIGNATURE))
        assert convert(signer, uint256) > last, "signers are not in strictly rising order"
        assert self.is_watcher[signer], "signer is not a watcher"
        last = convert(signer, uint256)
    return True


@view
@external
def attestation_digest(program_hash: bytes32, statement_hash: bytes32) -> bytes32:
    """
    @notice The 32 bytes that a watcher signs, on this chain and for this contract.
    """
    return self._digest(program_hash, statement_hash)


@view
@internal
def _digest(program_hash: bytes32, statement_hash: bytes32) -> bytes32:
    domain: bytes32 = keccak256(
        abi_encode(
            DOMAIN_TYPE, keccak256("novate AttestedVerifier"), keccak256("1"), chain.id, self
        )
    )
    message: bytes32 = keccak256(abi_encode(ATTESTATION_TYPE, program_hash, statement_hash))
    return keccak256(concat(x"1901", domain, message))


@view
@internal
def _signer(digest: bytes32, signature: Bytes[65]) -> address:
    """
    @dev ecrecover gives the zero address for a bad signature, which never rises above the last.
    """
    r: bytes32 = extract32(signature, 0)
    s: bytes32 = extract32(signature, 32)
    v: uint256 = convert(slice(signature, 64, 1), uint256)
    assert convert(s, uint256) <= HALF_ORDER, "signature s is not the lower one"
    assert v == 27 or v == 28, refusal.because("signature v", v, 28)
    return ecrecover(digest, v, r, s)
