#pragma version 0.4.3
"""
@title BabyBear words and the challenge field
@license Apache-2.0
@notice
    Elements lie in [0, P). A word is eight elements of 4 bytes, big-endian, element 0 first.
    An element of F_P[X] / (X**4 - 11) is kept *packed*: four lanes of 64 bits, the coefficient of
    X**0 in the highest. Then one 256-bit multiplication scales four coefficients at once.
@dev
    Why no lane overflows: P < 2**30.91. A step adds four products of reduced numbers and one raw
    32-bit number to a lane: 4 * (P - 1)**2 + 2**32 < 1.6213e19 + 4.3e9 < 1.8446e19 < 2**64.
"""

P: constant(uint256) = 2013265921

LANE: constant(uint256) = 2**64 - 1
# Lanes that hold 1 at bit 0, times 2**32 - P: added to a 32-bit number, bit 32 says "not below P".
EXCESS: constant(uint256) = (2**192 + 2**128 + 2**64 + 1) * (2**32 - 2013265921)
EXCESS_BITS: constant(uint256) = (2**192 + 2**128 + 2**64 + 1) * 2**32

SPREAD_64: constant(uint256) = (2**128 + 1) * (2**64 - 1)
SPREAD_32: constant(uint256) = (2**192 + 2**128 + 2**64 + 1) * (2**32 - 1)


@internal
@pure
def spread(half: uint256) -> uint256:
    """
    @notice Four 4-byte numbers (the low 128 bits of `half`, higher bits zero) in four lanes.
    """
    lanes: uint256 = (half | (half << 64)) & SPREAD_64
    return (lanes | (lanes << 32)) & SPREAD_32


@internal
@pure
def is_word(word: bytes32) -> bool:
    """
    @notice Whether each of the eight 4-byte numbers is below P.
    """
    bits: uint256 = convert(word, uint256)
    high: uint256 = unsafe_add(self.spread(bits >> 128), EXCESS)
    low: uint256 = unsafe_add(self.spread(bits & (2**128 - 1)), EXCESS)
    return (high | low) & EXCESS_BITS == 0


@internal
@pure
def reduced(lanes: uint256) -> uint256:
    """
    @notice Each lane modulo P.
    """
    return (
        (((lanes >> 192) % P) << 192)
        | ((((lanes >> 128) & LANE) % P) << 128)
        | ((((lanes >> 64) & LANE) % P) << 64)
        | ((lanes & LANE) % P)
    )


@internal
@pure
def challenge(data_hash: bytes32, commitment: bytes32) -> uint256:
    """
    @notice z (formats.md, section 6), packed: coefficient i is the i-th 64 bits, from the lowest, of
            keccak256(data_hash || commitment), modulo P.
    """
    h: uint256 = convert(keccak256(concat(data_hash, commitment)), uint256)
    # The lowest 64 bits are coefficient 0, which packing keeps in the highest lane.
    return self.reduced(
        ((h & LANE) << 192) | (((h >> 64) & LANE) << 128) | (((h >> 128) & LANE) << 64) | (h >> 192)
    )


@internal
@pure
def times_x(a: uint256) -> uint256:
    """
    @notice `a` times X, for reduced `a`: coefficients move up, 11 times the last becomes the first.
    """
    return (a >> 64) | ((unsafe_mul(a & LANE, 11) % P) << 192)


@internal
@pure
def flat(lanes: uint256) -> bytes16:
    """
    @notice The four reduced coefficients as 4 bytes each, coefficient 0 first.
    """
    bits: uint256 = (
        ((lanes >> 192) << 96)
        | (((lanes >> 128) & LANE) << 64)
        | (((lanes >> 64) & LANE) << 32)
        | (lanes & LANE)
    )
    return convert(convert(bits, uint128), bytes16)
