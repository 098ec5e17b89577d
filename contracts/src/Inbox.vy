#pragma version 0.4.3
#pragma evm-version cancun
#pragma nonreentrancy on
"""
@title Inbox: what the base layer asks of the ledger, in order
@license Apache-2.0
@notice
    A hash chain of records (formats.md, section 8): deposits, which only the vault may enter, and
    session keys, which only an owner's signature may register. A batch consumes records in this
    order, without gaps. Each has a deadline; Settlement refuses any batch that leaves a record past
    its deadline unconsumed. Nobody can delete or change a record, and nobody owns this contract.
"""

from interfaces import IInbox
import record
import refusal

implements: IInbox

struct Entry:
    hash: bytes32
    deadline: uint256

event Enqueued:
    position: indexed(uint256)
    owner: indexed(address)
    account: uint256
    words: bytes32[4]
    hash: bytes32
    deadline: uint256

# Seconds until a batch that leaves a record out is refused.
DEADLINE: public(constant(uint256)) = 7 * 86400
# Traders' accounts are 1 .. 2**23 - 1 (formats.md, section 3).
ACCOUNTS: constant(uint256) = 2**23 - 1
# Records an inbox ever holds: the ledger's cursor has 30 bits (formats.md, section 8), so a record
# beyond these could never be consumed.
RECORDS: constant(uint256) = 2**30 - 1
KEY_SLOTS: constant(uint256) = 4

# Half the order of secp256k1: of the two forms of a signature only the lower is taken.
HALF_ORDER: constant(uint256) = (
    57896044618658097711785492504343953926418782139537452191302581570759080747168
)
DOMAIN_TYPE: constant(bytes32) = keccak256(
    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
)
REGISTER_TYPE: constant(bytes32) = keccak256(
    "RegisterKey(address owner,uint256 slot,bytes32 x,bytes32 y,uint256 nonce,uint256 deadline)"
)

# The only contract that may enter deposits.
vault: public(immutable(address))
# Number of records ever entered; the next takes this position.
size: public(uint256)
# Number of accounts ever given; accounts are 1, 2, 3, ...
accounts: public(uint256)
# Account of an owner; 0 before the first deposit.
account_of: public(HashMap[address, uint256])
# Nonce that an owner's next key registration must carry.
nonces: public(HashMap[address, uint256])
# Entry i: the chain's hash after record i, and record i's deadline.
entries: HashMap[uint256, Entry]


@deploy
def __init__(vault_: address):
    """
    @param vault_ The vault; it may be deployed after this contract, at an address known before.
    """
    vault = vault_


@view
@external
def hash_at(position: uint256) -> bytes32:
    """
    @notice The chain's hash before the record at `position`: zero at 0. Anyone may call.
    """
    assert position <= self.size, refusal.because("inbox position", position, self.size)
    if position == 0:
        return empty(bytes32)
    return self.entries[unsafe_sub(position, 1)].hash


@view
@external
def deadline_at(position: uint256) -> uint256:
    """
    @notice Unix seconds until which a batch may leave the record at `position` out. Anyone may call.
    """
    assert position < self.size, refusal.because("inbox position", position, self.size)
    return self.entries[position].deadline


@external
def enqueue_deposit(owner: address, amount: uint64) -> uint256:
    """
    @notice Enter a deposit for `owner`, giving an account with the first. Only the vault may call.
    @param amount Millionths of the asset's unit, already received by the vault; not zero.
    @return The record's position.
    """
    assert msg.sender == vault, "only the vault may enter deposits"
    assert owner != empty(address), "owner is the zero address"
    assert amount != 0, "amount is zero"
    account: uint256 = self.account_of[owner]
    if account == 0:
        account = self.accounts + 1
        assert account <= ACCOUNTS, refusal.because("account number", account, ACCOUNTS)
        self.accounts = account
        self.account_of[owner] = account
    return self._enqueue(owner, account, record.deposit(account, owner, amount))


@external
def register_key(
    owner: address,
    slot: uint256,
    x: bytes32,
    y: bytes32,
    nonce: uint256,
    deadline: uint256,
    v: uint8,
    r: bytes32,
    s: bytes32,
) -> uint256:
    """
    @notice Enter a session key for `owner`'s account. Anyone may send it: the owner's EIP-712
            signature (domain "novate Inbox", version "1") over RegisterKey is what counts.
    @dev The key replaces what the slot held. A key that is not on the curve can never sign.
    @param slot 1 to 4.
    @param x The point's coordinates on secp256k1.
    @param nonce Must equal nonces(owner).
    @param deadline Unix seconds; the signature is good up to and including it.
    @return The record's position.
    """
    account: uint256 = self.account_of[owner]
    assert account != 0, "owner has no account: deposit first"
    assert 1 <= slot and slot <= KEY_SLOTS, refusal.because("key slot", slot, KEY_SLOTS)
    assert nonce == self.nonces[owner], refusal.because("nonce", nonce, self.nonces[owner])
    assert block.timestamp <= deadline, refusal.because("block time", block.timestamp, deadline)
    message: bytes32 = keccak256(
        abi_encode(REGISTER_TYPE, owner, slot, x, y, nonce, deadline)
    )
    assert self._signer(message, v, r, s) == owner, "signature is not the owner's"
    self.nonces[owner] = nonce + 1
    words: bytes32[4] = record.key(
        account, slot, owner, convert(x, uint256), convert(y, uint256)
    )
    return self._enqueue(owner, account, words)


@view
@external
def domain_separator() -> bytes32:
    """
    @notice The EIP-712 domain of RegisterKey, on this chain and for this contract.
    """
    return self._domain()


@view
@internal
def _domain() -> bytes32:
    return keccak256(
        abi_encode(DOMAIN_TYPE, keccak256("novate Inbox"), keccak256("1"), chain.id, self)
    )


@view
@internal
def _signer(message: bytes32, v: uint8, r: bytes32, s: bytes32) -> address:
    """
    @dev ecrecover gives the zero address for a bad signature, which never owns an account.
    """
    assert convert(s, uint256) <= HALF_ORDER, "signature s is not the lower one"
    assert v == 27 or v == 28, refusal.because("signature v", convert(v, uint256), 28)
    return ecrecover(keccak256(concat(x"1901", self._domain(), message)), v, r, s)


@internal
def _enqueue(owner: address, account: uint256, words: bytes32[4]) -> uint256:
    position: uint256 = self.size
    assert position < RECORDS, refusal.because("inbox records", position + 1, RECORDS)
    previous: bytes32 = empty(bytes32)
    if position != 0:
        previous = self.entries[unsafe_sub(position, 1)].hash
    hash: bytes32 = record.next_hash(previous, position, words)
    deadline: uint256 = block.timestamp + DEADLINE
    self.entries[position] = Entry(hash=hash, deadline=deadline)
    self.size = unsafe_add(position, 1)
    log Enqueued(
        position=position,
        owner=owner,
        account=account,
        words=words,
        hash=hash,
        deadline=deadline,
    )
    return position
