#pragma version 0.4.3
#pragma evm-version cancun
#pragma nonreentrancy on
"""
@title Settlement: the chain of state roots
@license Apache-2.0
@notice
    Holds the root of the ledger's state and moves it forward by proven batches. It rebuilds each
    batch's statement (formats.md, section 7) from its own storage, the inbox, block time and the
    posted data, and asks `verifier` whether exactly that was proven by the program `program_hash`.
    How much a user must trust is therefore what the verifier says about itself: read it first.
    The posted data is emitted whole, so that the state can be rebuilt from this chain alone.
    Nobody owns this contract: there is no pause, no upgrade; anyone may settle a proven batch.
"""

from interfaces import IInbox
from interfaces import IVault
from interfaces import IVerifier
import field
import record
import refusal
import statement

struct Batch:
    number: uint256
    new_root: bytes32
    inbox_to: uint256
    withdrawals: uint256
    window_start: uint256
    window_end: uint256
    supply_after: uint256
    commitment: bytes32

event BatchSettled:
    number: indexed(uint256)
    old_root: bytes32
    new_root: bytes32
    inbox_from: uint256
    inbox_to: uint256
    withdrawals: uint256
    chunks: uint256
    window_start: uint256
    window_end: uint256
    supply_after: uint256
    commitment: bytes32
    statement_hash: bytes32

# The topic of the log whose data is the posted data section, byte for byte (no ABI encoding).
BATCH_DATA: constant(bytes32) = keccak256("BatchData(uint256)")

# Bytes of data in one batch: 3,072 words. With the proof below a transaction's usual 128 KiB.
MAX_DATA: constant(uint256) = 98304
MAX_RECORDS: constant(uint256) = MAX_DATA // 64
INBOX_RECORD: constant(uint256) = 128
RECORD: constant(uint256) = 64

# Inbox records after which a batch has served enough: only one that consumes fewer must leave no
# overdue record behind. Were there no such number, more overdue records than one batch can hold
# would end the chain of batches. So many always fit. A record takes 128 bytes and changes at most
# two words of 64 bytes each (a first deposit: header and collateral; a later one or a key: one),
# and all together change the venue's word: 256 * (128 + 2 * 64) + 64 = 65,600 of 98,304 bytes.
FORCED_RECORDS: public(constant(uint256)) = 256

# Seconds by which a window may end after the block's time (five slots of the base layer).
TOLERANCE: public(constant(uint256)) = 60
# Seconds by which a window may start before the block's time.
WINDOW_AGE: public(constant(uint256)) = 7 * 86400
# Seconds by which a window may end before the block's time. Orders expire and reports age by the
# window's end, so this is how much hindsight whoever settles can have.
WINDOW_LAG: public(constant(uint256)) = 3600

inbox: public(immutable(address))
vault: public(immutable(address))
# Whose word, or whose check, a batch is taken on: see IVerifier.
verifier: public(immutable(address))
program_hash: public(immutable(bytes32))
configuration_hash: public(immutable(bytes32))

state_root: public(bytes32)
# Number of the last batch; 0 is the genesis, the first batch is 1.
batch_number: public(uint256)
# Inbox records below this position have been consumed.
inbox_position: public(uint256)
# Sum of all balances inside, in millionths of the asset's unit.
supply: public(uint256)
# Unix seconds.
window_start: public(uint256)
window_end: public(uint256)


@deploy
def __init__(
    inbox_: address,
    vault_: address,
    verifier_: address,
    program_hash_: bytes32,
    configuration_hash_: bytes32,
    genesis_root: bytes32,
):
    """
    @param inbox_ Deployed before, as are the vault and the verifier; the vault must point here.
    @param program_hash_ The program whose proofs count.
    @param configuration_hash_ formats.md, section 5; a word.
    @param genesis_root The root of the state with no balances; a word.
    """
    assert staticcall IVault(vault_).settlement() == self, "vault belongs to another settlement"
    assert staticcall IVault(vault_).inbox() == inbox_, "vault uses another inbox"
    assert staticcall IInbox(inbox_).vault() == vault_, "inbox belongs to another vault"
    assert verifier_.is_contract, "verifier is not a contract"
    assert field.is_word(configuration_hash_), "configuration hash is not a word"
    assert field.is_word(genesis_root), "genesis root is not a word"
    inbox = inbox_
    vault = vault_
    verifier = verifier_
    program_hash = program_hash_
    configuration_hash = configuration_hash_
    self.state_root = genesis_root


@external
def settle(batch: Batch, data: Bytes[MAX_DATA], proof: Bytes[8192]):
    """
    @notice Move the state root over one proven batch and credit its withdrawals. Anyone may call.
    @param batch What the contract cannot know by itself; each field is checked or proven:
           number (must be the next), new_root (proven), inbox_to (the records below it are consumed;
           their words are checked against the inbox), withdrawals (count, proven), window_start and
           window_end (Unix seconds, against block time and the last batch), supply_after (millionths
           of the asset's unit, recomputed from the data), commitment (C of the data, proven).
    @param data The data section (formats.md, section 6): inbox records, withdrawals, changed chunks.
    @param proof What the verifier asks for.
    """
    assert batch.number == self.batch_number + 1, refusal.because(
        "batch number", batch.number, self.batch_number + 1
    )
    self._check_window(batch.window_start, batch.window_end)
    assert field.is_word(batch.new_root), "new root is not a word"
    assert field.is_word(batch.commitment), "commitment is not a word"
    new: statement.Statement = self._prepared(batch)
    records: uint256 = unsafe_sub(new.inbox_to, new.inbox_from)
    assert records <= MAX_RECORDS and batch.withdrawals <= MAX_RECORDS, "too many records"
    head: uint256 = records * INBOX_RECORD + batch.withdrawals * RECORD
    assert head <= len(data), refusal.because("bytes of records", head, len(data))
    assert (len(data) - head) % RECORD == 0, "data ends inside a record"
    new.chunks = (len(data) - head) // RECORD

    # Inbox records: exactly the inbox's own, in its order. Their deposits enter the supply.
    hash: bytes32 = new.inbox_hash_from
    supply: uint256 = new.supply_before
    at: uint256 = 0
    for i: uint256 in range(records, bound=MAX_RECORDS):
        words: bytes32[4] = [
            extract32(data, at),
            extract32(data, at + 32),
            extract32(data, at + 64),
            extract32(data, at + 96),
        ]
        hash = record.next_hash(hash, new.inbox_from + i, words)
        supply += record.deposited(words[0], words[1])
        at += INBOX_RECORD
    assert hash == new.inbox_hash_to, "inbox records differ from the inbox"

    # Withdrawals: they leave the supply here and are credited at the very end.
    for i: uint256 in range(batch.withdrawals, bound=MAX_RECORDS):
        leaving: record.Withdrawal = record.withdrawal(
            extract32(data, at), extract32(data, at + 32)
        )
        amount: uint256 = convert(leaving.amount, uint256)
        assert amount <= supply, refusal.because("withdrawal", amount, supply)
        supply -= amount
        at += RECORD
    assert batch.supply_after == supply, refusal.because(
        "supply after", batch.supply_after, supply
    )

    # The data's value at z, two steps a word; see field.vy for the packing and its bound. Elements
    # at or above P set a bit of `excess`, looked at once after the loop.
    new.challenge = field.challenge(keccak256(data), batch.commitment)
    z0: uint256 = new.challenge
    z1: uint256 = field.times_x(z0)
    z2: uint256 = field.times_x(z1)
    z3: uint256 = field.times_x(z2)
    value: uint256 = 0
    excess: uint256 = 0
    for i: uint256 in range(len(data) // 32, bound=MAX_DATA // 32):
        word: uint256 = convert(extract32(data, unsafe_mul(i, 32)), uint256)
        lanes: uint256 = word >> 128
        lanes = (lanes | (lanes << 64)) & field.SPREAD_64
        lanes = (lanes | (lanes << 32)) & field.SPREAD_32
        excess |= unsafe_add(lanes, field.EXCESS)
        value = unsafe_add(
            unsafe_add(
                unsafe_mul((value >> 192) % field.P, z0),
                unsafe_mul(((value >> 128) & field.LANE) % field.P, z1),
            ),
            unsafe_add(
                unsafe_mul(((value >> 64) & field.LANE) % field.P, z2),
                unsafe_add(unsafe_mul((value & field.LANE) % field.P, z3), lanes),
            ),
        )
        lanes = word & (2**128 - 1)
        lanes = (lanes | (lanes << 64)) & field.SPREAD_64
        lanes = (lanes | (lanes << 32)) & field.SPREAD_32
        excess |= unsafe_add(lanes, field.EXCESS)
        value = unsafe_add(
            unsafe_add(
                unsafe_mul((value >> 192) % field.P, z0),
                unsafe_mul(((value >> 128) & field.LANE) % field.P, z1),
            ),
            unsafe_add(
                unsafe_mul(((value >> 64) & field.LANE) % field.P, z2),
                unsafe_add(unsafe_mul((value & field.LANE) % field.P, z3), lanes),
            ),
        )
    assert excess & field.EXCESS_BITS == 0, "data has an element that is not below p"
    new.value = field.reduced(value)

    statement_hash: bytes32 = statement.hash(new)
    assert staticcall IVerifier(verifier).verify(
        program_hash, statement_hash, proof
    ), "verifier refused the proof"

    self._advance(new, statement_hash)
    raw_log([BATCH_DATA, convert(new.number, bytes32)], data)
    at = records * INBOX_RECORD
    for i: uint256 in range(batch.withdrawals, bound=MAX_RECORDS):
        leaving: record.Withdrawal = record.withdrawal(
            extract32(data, at), extract32(data, at + 32)
        )
        extcall IVault(vault).credit(leaving.owner, leaving.amount)
        at += RECORD


@view
@internal
def _check_window(start: uint256, end: uint256):
    """
    @dev Windows never go back, start at most a week ago and end now: at most an hour ago, at most
         a minute ahead.
    """
    assert start <= end, refusal.because("window start", start, end)
    assert end <= block.timestamp + TOLERANCE, refusal.because(
        "window end", end, block.timestamp + TOLERANCE
    )
    assert start + WINDOW_AGE >= block.timestamp, refusal.because(
        "window start before the oldest", start, block.timestamp - WINDOW_AGE
    )
    assert end + WINDOW_LAG >= block.timestamp, refusal.because(
        "window end before the oldest", end, block.timestamp - WINDOW_LAG
    )
    assert start >= self.window_start, refusal.because(
        "window start before the last", start, self.window_start
    )
    assert end >= self.window_end, refusal.because(
        "window end before the last", end, self.window_end
    )


@view
@internal
def _prepared(batch: Batch) -> statement.Statement:
    """
    @dev The statement before the data is read. A record past its deadline must be consumed, unless
         FORCED_RECORDS before it are. The inbox itself refuses to tell the hash of a position
         beyond its end.
    """
    position: uint256 = self.inbox_position
    size: uint256 = staticcall IInbox(inbox).size()
    assert position <= batch.inbox_to, refusal.because(
        "inbox position", batch.inbox_to, position
    )
    if batch.inbox_to < size and batch.inbox_to - position < FORCED_RECORDS:
        deadline: uint256 = staticcall IInbox(inbox).deadline_at(batch.inbox_to)
        assert block.timestamp <= deadline, refusal.because(
            "overdue inbox record left", block.timestamp, deadline
        )
    return statement.Statement(
        number=batch.number,
        old_root=self.state_root,
        new_root=batch.new_root,
        inbox_from=position,
        inbox_to=batch.inbox_to,
        inbox_hash_from=staticcall IInbox(inbox).hash_at(position),
        inbox_hash_to=staticcall IInbox(inbox).hash_at(batch.inbox_to),
        configuration=configuration_hash,
        window_start=batch.window_start,
        window_end=batch.window_end,
        withdrawals=batch.withdrawals,
        chunks=0,
        supply_before=self.supply,
        supply_after=batch.supply_after,
        commitment=batch.commitment,
        challenge=0,
        value=0,
    )


@internal
def _advance(new: statement.Statement, statement_hash: bytes32):
    self.batch_number = new.number
    self.state_root = new.new_root
    self.inbox_position = new.inbox_to
    self.supply = new.supply_after
    self.window_start = new.window_start
    self.window_end = new.window_end
    log BatchSettled(
        number=new.number,
        old_root=new.old_root,
        new_root=new.new_root,
        inbox_from=new.inbox_from,
        inbox_to=new.inbox_to,
        withdrawals=new.withdrawals,
        chunks=new.chunks,
        window_start=new.window_start,
        window_end=new.window_end,
        supply_after=new.supply_after,
        commitment=new.commitment,
        statement_hash=statement_hash,
    )
