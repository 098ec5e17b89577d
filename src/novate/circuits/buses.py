"""What the tables of a batch tell each other: one meaning per bus, here and nowhere else."""

from novate.air import element, lookup_bus, permutation_bus, unsigned, vector
from novate.units import bounds

TIME_BITS = 24
"""Width of the clock of a batch: 0 is the opening of a word, then one instant per transaction."""

TIME_END = (1 << TIME_BITS) - 1
"""The last instant of a batch: the statement's own reading."""

MEMORY = permutation_bus(
    "memory",
    "the word at this address since this instant of the batch",
    account=element(),
    slot=element(),
    time=element(),
    word=vector(element(), 8),
)

COMPRESSION = lookup_bus(
    "compression",
    "out is the Poseidon2 compression of left and right",
    left=vector(element(), 8),
    right=vector(element(), 8),
    out=vector(element(), 8),
)

PERMUTATION = lookup_bus(
    "permutation",
    "out is the Poseidon2 permutation of state",
    state=vector(element(), 16),
    out=vector(element(), 16),
)

NODE = permutation_bus(
    "node",
    "this node of the state tree had the hash `old` before the batch and has `new` after it",
    level=element(),
    account=element(),
    slot=element(),
    old=vector(element(), 8),
    new=vector(element(), 8),
)

SIGNATURE = lookup_bus(
    "signature",
    "a valid ECDSA signature over this digest exists under the key of this commitment",
    digest=vector(element(), 8),
    key=vector(element(), 8),
)

SIGNED = lookup_bus(
    "signed",
    "the holder of this key signed this message for this venue",
    tag=element(),
    payload=vector(element(), 12),
    key=vector(element(), 8),
)

DATA = permutation_bus(
    "data",
    "the section posted for this batch holds this word of this record",
    kind=element(),
    ordinal=element(),
    part=element(),
    word=vector(element(), 8),
)

WINDOW = lookup_bus(
    "window",
    "the time window of the batch, in seconds",
    start=unsigned(bounds.TIME_BITS),
    end=unsigned(bounds.TIME_BITS),
)

DOMAIN = lookup_bus(
    "domain",
    "the chain id (4 elements) and settlement contract (7) of this venue",
    domain=vector(element(), 11),
)

PARAMETERS = lookup_bus(
    "parameters",
    "the venue's parameters, as hashed into the configuration",
    maker_fee_rate=element(),
    taker_fee_rate=element(),
    quorum=element(),
    publishers=element(),
    heartbeat=vector(element(), 2),
)

PUBLISHER = lookup_bus(
    "publisher",
    "the publisher of this index has the key of this commitment",
    index=element(),
    key=vector(element(), 8),
)

RECORD_INBOX, RECORD_WITHDRAWAL, RECORD_CHUNK = 1, 2, 3
"""Kinds of records in the data section, in the order in which they are posted."""
