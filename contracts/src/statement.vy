#pragma version 0.4.3
"""
@title The statement of a batch
@license Apache-2.0
@notice The 106 elements of formats.md, section 7, as 424 bytes, and their hash.
"""

import field

BITS_16: constant(uint256) = 2**16 - 1
BITS_24: constant(uint256) = 2**24 - 1

VERSION: constant(bytes4) = 0x00000001

LIMBS: constant(uint256) = (
    BITS_16 * (2**224 + 2**192 + 2**160 + 2**128 + 2**96 + 2**64 + 2**32 + 1)
)


struct Statement:
    number: uint256
    old_root: bytes32
    new_root: bytes32
    inbox_from: uint256
    inbox_to: uint256
    inbox_hash_from: bytes32
    inbox_hash_to: bytes32
    configuration: bytes32
    window_start: uint256
    window_end: uint256
    withdrawals: uint256
    chunks: uint256
    supply_before: uint256
    supply_after: uint256
    commitment: bytes32
    challenge: uint256
    value: uint256


@internal
@pure
def halves(n: uint256) -> uint256:
    """
    @notice A 32-bit number as two 16-bit elements, least significant first.
    """
    return ((n & BITS_16) << 32) | (n >> 16)


@internal
@pure
def u32(n: uint256) -> bytes8:
    """
    @notice Two elements of 16 bits, least significant first. Refuses 2**32 and above.
    """
    assert n < 2**32, "number exceeds 32 bits"
    return convert(convert(self.halves(n), uint64), bytes8)


@internal
@pure
def u64(n: uint256) -> bytes16:
    """
    @notice Four elements of 16 bits, least significant first. Refuses 2**64 and above.
    """
    assert n < 2**64, "number exceeds 64 bits"
    bits: uint256 = (self.halves(n & (2**32 - 1)) << 64) | self.halves(n >> 32)
    return convert(convert(bits, uint128), bytes16)


@internal
@pure
def account(a: address) -> bytes28:
    """
    @notice An address in seven elements: six of 3 bytes, then one of 2, in address order.
    """
    n: uint256 = convert(a, uint256)
    bits: uint256 = (
        ((n >> 136) << 192)
        | (((n >> 112) & BITS_24) << 160)
        | (((n >> 88) & BITS_24) << 128)
        | (((n >> 64) & BITS_24) << 96)
        | (((n >> 40) & BITS_24) << 64)
        | (((n >> 16) & BITS_24) << 32)
        | (n & BITS_16)
    )
    return convert(convert(bits, uint224), bytes28)


@internal
@pure
def limbs(half: uint256) -> bytes32:
    """
    @notice Eight 16-bit limbs (the low 128 bits of `half`) as eight elements, order kept.
    """
    x: uint256 = (half | (half << 64)) & ((2**128 + 1) * (2**64 - 1))
    x = (x | (x << 32)) & ((2**192 + 2**128 + 2**64 + 1) * (2**32 - 1))
    x = (x | (x << 16)) & LIMBS
    return convert(x, bytes32)


@internal
@pure
def keccak_limbs(h: bytes32) -> Bytes[64]:
    """
    @notice A keccak hash in sixteen 16-bit elements, most significant first.
    """
    n: uint256 = convert(h, uint256)
    return concat(self.limbs(n >> 128), self.limbs(n & (2**128 - 1)))


@internal
@view
def hash(s: Statement) -> bytes32:
    """
    @notice keccak256 of the statement's 424 bytes, for this chain and this contract.
    """
    return keccak256(
        concat(
            VERSION,
            self.u32(s.number),
            self.u64(chain.id),
            self.account(self),
            s.old_root,
            s.new_root,
            self.u32(s.inbox_from),
            self.u32(s.inbox_to),
            self.keccak_limbs(s.inbox_hash_from),
            self.keccak_limbs(s.inbox_hash_to),
            s.configuration,
            self.u32(s.window_start),
            self.u32(s.window_end),
            self.u32(s.withdrawals),
            self.u32(s.chunks),
            self.u64(s.supply_before),
            self.u64(s.supply_after),
            s.commitment,
            field.flat(s.challenge),
            field.flat(s.value),
        )
    )
