#pragma version 0.4.3
"""
@title Records of the data section
@license Apache-2.0
@notice The words of formats.md, section 6: built here for the inbox, read here for settlement.
@dev Element i of a word sits at bit 224 - 32 * i.
"""

BITS_16: constant(uint256) = 2**16 - 1
BITS_24: constant(uint256) = 2**24 - 1

DEPOSIT: constant(uint256) = 1
REGISTER_KEY: constant(uint256) = 2

# Bits that a withdrawal record may use: seven address elements (24 bits, the last 16) and the only
# asset, zero; an amount in four 16-bit elements, an account of 24 bits, zeros.
OWNER_BITS: constant(uint256) = (
    BITS_24 * (2**224 + 2**192 + 2**160 + 2**128 + 2**96 + 2**64) + BITS_16 * 2**32
)
AMOUNT_BITS: constant(uint256) = (
    BITS_16 * (2**224 + 2**192 + 2**160 + 2**128) + BITS_24 * 2**96
)


struct Withdrawal:
    owner: address
    amount: uint64


@internal
@pure
def head(kind: uint256, account: uint256, detail: uint256, owner: address) -> (uint256, uint256):
    """
    @notice The first word of an inbox record, and the second with only the owner's rest in it.
    @param detail The asset of a deposit, the slot of a key.
    """
    a: uint256 = convert(owner, uint256)
    first: uint256 = (
        (kind << 224)
        | (account << 192)
        | (detail << 160)
        | ((a >> 136) << 128)
        | (((a >> 112) & BITS_24) << 96)
        | (((a >> 88) & BITS_24) << 64)
        | (((a >> 64) & BITS_24) << 32)
        | ((a >> 40) & BITS_24)
    )
    return first, (((a >> 16) & BITS_24) << 224) | ((a & BITS_16) << 192)


@internal
@pure
def deposit(account: uint256, owner: address, amount: uint64) -> bytes32[4]:
    """
    @notice The record of a deposit of asset 0; `amount` in millionths of the asset's unit.
    """
    first: uint256 = 0
    second: uint256 = 0
    first, second = self.head(DEPOSIT, account, 0, owner)
    a: uint256 = convert(amount, uint256)
    second |= (
        ((a & BITS_16) << 160)
        | (((a >> 16) & BITS_16) << 128)
        | (((a >> 32) & BITS_16) << 96)
        | ((a >> 48) << 64)
    )
    return [convert(first, bytes32), convert(second, bytes32), empty(bytes32), empty(bytes32)]


@internal
@pure
def limb(coordinate: uint256, i: uint256) -> uint256:
    """
    @notice The i-th 24 bits of a coordinate, from the lowest; the eleventh holds 16 bits.
    """
    return (coordinate >> unsafe_mul(24, i)) & BITS_24


@internal
@pure
def limbs(coordinate: uint256, start: uint256, count: uint256) -> uint256:
    """
    @notice `count` (at most 8) limbs from `start` on, one per element, the first in the highest place.
    """
    packed: uint256 = 0
    for i: uint256 in range(count, bound=8):
        packed = (packed << 32) | self.limb(coordinate, unsafe_add(start, i))
    return packed


@internal
@pure
def key(account: uint256, slot: uint256, owner: address, x: uint256, y: uint256) -> bytes32[4]:
    """
    @notice The record of a session key: x then y, 11 limbs of 24 bits each, least significant first.
    """
    first: uint256 = 0
    second: uint256 = 0
    first, second = self.head(REGISTER_KEY, account, slot, owner)
    return [
        convert(first, bytes32),
        convert(second | self.limbs(x, 0, 6), bytes32),
        convert((self.limbs(x, 6, 5) << 96) | self.limbs(y, 0, 3), bytes32),
        convert(self.limbs(y, 3, 8), bytes32),
    ]


@internal
@pure
def next_hash(previous: bytes32, position: uint256, words: bytes32[4]) -> bytes32:
    """
    @notice The inbox's hash after the record at `position` (formats.md, section 8).
    """
    return keccak256(
        concat(
            previous, convert(position, bytes32), words[0], words[1], words[2], words[3]
        )
    )


@internal
@pure
def deposited(first: bytes32, second: bytes32) -> uint256:
    """
    @notice The amount of an inbox record that the inbox itself built: zero unless it is a deposit.
    """
    if convert(first, uint256) >> 224 != DEPOSIT:
        return 0
    # The four limbs sit in elements 2 to 5.
    return self.amount(convert(second, uint256) >> 64)


@internal
@pure
def amount(bits: uint256) -> uint256:
    """
    @notice Four limbs of 16 bits, least significant first, in the low 128 bits of `bits`.
    """
    return (
        ((bits >> 96) & BITS_16)
        | (((bits >> 64) & BITS_16) << 16)
        | (((bits >> 32) & BITS_16) << 32)
        | ((bits & BITS_16) << 48)
    )


@internal
@pure
def withdrawal(first: bytes32, second: bytes32) -> Withdrawal:
    """
    @notice The receiver and the amount of a withdrawal record, or a refusal of one that is malformed.
    """
    a: uint256 = convert(first, uint256)
    b: uint256 = convert(second, uint256)
    assert a & ~OWNER_BITS == 0 and b & ~AMOUNT_BITS == 0, "withdrawal record is malformed"
    owner: uint256 = (
        ((a >> 224) << 136)
        | (((a >> 192) & BITS_24) << 112)
        | (((a >> 160) & BITS_24) << 88)
        | (((a >> 128) & BITS_24) << 64)
        | (((a >> 96) & BITS_24) << 40)
        | (((a >> 64) & BITS_24) << 16)
        | ((a >> 32) & BITS_16)
    )
    return Withdrawal(
        owner=convert(convert(owner, uint160), address),
        amount=convert(self.amount(b >> 128), uint64),
    )
